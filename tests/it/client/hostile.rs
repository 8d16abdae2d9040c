//! Login pages, proxies, cut connections, wrong values: each its own clear error.

use std::time::Duration;

use insta::assert_snapshot;
use warroom::mattermost::core::NewPost;
use warroom::mattermost::playbooks::{Archived, ItemAt, ItemState, NewRun, Playbook, RunFilter};
use warroom::mattermost::{
    ApiError, ChannelId, Credentials, Options, Reader, RetryPolicy, RunId, Site, TeamId, UserId,
    Writer,
};

use super::fake::{Fake, Naps, Reply, TOKEN, reader, wait};

/// What somebody sees of the error; ports differ from run to run.
fn shown(error: &ApiError, server: &Fake) -> String {
    let text = format!("{error}\nhelp: {}", error.help());
    let all = format!("{text} {error:?}");
    assert!(!all.contains(TOKEN), "the token is shown: {all}");
    text.replace(&server.url(), "[SERVER]")
}

/// The error of `GET /users/me`.
fn of_me(reply: Reply) -> String {
    let server = Fake::new([reply]);
    let error = wait(server.reader().me()).unwrap_err();
    shown(&error, &server)
}

/// The error of `GET /playbooks/{id}`.
fn of_playbook(reply: Reply) -> String {
    let server = Fake::new([reply]);
    let error = wait(server.reader().playbook(&"abc".into())).unwrap_err();
    shown(&error, &server)
}

#[test]
fn a_login_page_is_named_as_one() {
    let page = "<!DOCTYPE html>\n<html><head><title>Acme Single Sign-On</title></head></html>";
    assert_snapshot!(of_me(Reply::text(200, "text/html", page)), @r"
    could not read the account of the token: `GET /api/v4/users/me` was answered with 200 and a web page (“Acme Single Sign-On”), not by Mattermost
    help: check the address `[SERVER]`, with its sub-path if it has one; a login page in front of the server has to let `/api/v4` and `/plugins/playbooks` through
    ");
}

#[test]
fn a_write_answered_by_a_login_page_has_not_succeeded() {
    let server = Fake::new([Reply::text(200, "text/html", "<html>Sign in</html>")]);
    let writer = Writer::new(server.reader());
    let error = wait(writer.archive_playbook(&"abc".into())).unwrap_err();
    assert!(matches!(error, ApiError::NotMattermost { .. }));
}

#[test]
fn a_proxy_that_cannot_reach_the_server_is_asked_again_for_reads_only() {
    let page = Reply::text(
        502,
        "text/html",
        "<html><title>502 Bad Gateway</title></html>",
    );
    let server = Fake::new([page]);
    let (reader, naps) = server.patient_reader();
    let error = wait(reader.me()).unwrap_err();
    assert_snapshot!(shown(&error, &server), @r"
    could not read the account of the token: `GET /api/v4/users/me` was answered with 502
    help: the server is restarting or overloaded, or a proxy cannot reach it; try again in a minute
    ");
    assert_eq!(naps.seconds().len(), 3);
    assert_eq!(reader.requests(), 4);
    let writer = Writer::new(reader);
    let error = wait(writer.finish_run(&"abc".into())).unwrap_err();
    assert!(error.may_have_happened());
    assert_eq!(writer.requests(), 5);
}

#[test]
fn a_server_that_comes_back_is_not_an_error() {
    let server = Fake::new([
        Reply::text(503, "text/plain", "starting"),
        Reply::Raw(Vec::new()),
        Reply::text(
            500,
            "text/plain; charset=utf-8",
            "500 internal server error\n",
        ),
        Reply::json(200, r#"{"id":"abc","title":"Back"}"#),
    ]);
    let (reader, naps) = server.patient_reader();
    assert_eq!(wait(reader.playbook(&"abc".into())).unwrap().title, "Back");
    assert_eq!(naps.seconds().len(), 3);
}

#[test]
fn an_empty_body_is_not_an_object() {
    assert_snapshot!(of_me(Reply::json(200, "")), @r"
    could not read the account of the token: `GET /api/v4/users/me` was answered with 200 and nothing else
    help: a proxy may have cut the answer off; try again, then look at the server's log
    ");
}

#[test]
fn a_connection_cut_in_the_middle_is_told_from_an_answer() {
    let half = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"id\":\"a";
    let server = Fake::new([Reply::Raw(half.to_vec())]);
    let error = wait(server.reader().me()).unwrap_err();
    assert!(matches!(error, ApiError::Interrupted { .. }));
    assert!(!error.may_have_happened());
    let (reader, _) = server.patient_reader();
    let writer = Writer::new(reader);
    let error = wait(writer.create_playbook(&Playbook::default())).unwrap_err();
    assert!(error.may_have_happened());
    assert!(
        error
            .to_string()
            .ends_with("; it may have been carried out all the same")
    );
    assert_eq!(writer.requests(), 1, "a write is not repeated");
}

#[test]
fn a_server_that_says_nothing_is_given_up() {
    let server = Fake::new([Reply::Silence]);
    let options = Options {
        timeout: Duration::from_millis(50),
        retry: RetryPolicy::NEVER,
        ..Options::default()
    };
    let credentials = Credentials::new(Site::parse(&server.url()).unwrap(), TOKEN);
    let reader = Reader::with_options(credentials, options).unwrap();
    let error = wait(reader.me()).unwrap_err();
    assert!(matches!(error, ApiError::TimedOut { .. }), "{error:?}");
}

#[test]
fn nobody_listening_is_unreachable() {
    let naps = Naps::default();
    // A port that needs privileges, and that no service has used for decades.
    let url = "http://127.0.0.1:1";
    let writer = Writer::new(reader(url, RetryPolicy::default(), &naps));
    let error = wait(writer.finish_run(&"abc".into())).unwrap_err();
    assert!(matches!(error, ApiError::Unreachable { .. }), "{error:?}");
    assert!(!error.may_have_happened(), "the server has heard nothing");
    assert_eq!(naps.seconds().len(), 3, "so even a write is tried again");
}

#[test]
fn wrong_json_names_the_place() {
    let odd = r#"{"id":"abc","checklists":[{"title":"A","items":[{"title":7}]}]}"#;
    assert_snapshot!(of_playbook(Reply::json(200, odd)), @r"
    could not read the playbook: `GET /plugins/playbooks/api/v0/playbooks/abc` was answered with something that this version of warroom cannot read: at `checklists[0].items[0].title`: invalid type: integer `7`, expected a string at line 1 column 58
    help: check that the address is the one of your Mattermost server, and that `warroom` is up to date
    ");
    assert_snapshot!(of_playbook(Reply::json(200, r#"{"id":"abc"}{"id":"def"}"#)), @r"
    could not read the playbook: `GET /plugins/playbooks/api/v0/playbooks/abc` was answered with something that this version of warroom cannot read: at `.`: trailing characters at line 1 column 13
    help: check that the address is the one of your Mattermost server, and that `warroom` is up to date
    ");
}

#[test]
fn of_two_glued_refusals_the_first_is_shown() {
    let glued = r#"{"error":"Not authorized"}{"error":"not authorized to get status updates"}"#;
    assert_snapshot!(of_playbook(Reply::json(403, glued)), @r"
    could not read the playbook: `GET /plugins/playbooks/api/v0/playbooks/abc` was answered with 403: Not authorized
    help: check that it exists and that the account of your token may do this; `warroom doctor` shows who you are
    ");
}

#[test]
fn a_server_without_playbooks_says_so() {
    let absent = Reply::text(404, "text/plain; charset=utf-8", "404 page not found\n");
    assert_snapshot!(of_playbook(absent), @r"
    could not read the playbook: `GET /plugins/playbooks/api/v0/playbooks/abc` was answered with 404: 404 page not found
    help: install and enable the Playbooks plugin, or update it; `warroom doctor` shows which version answers
    ");
}

#[test]
fn the_rate_limit_is_kept_for_writes_too() {
    let limited = || Reply::text(429, "text/plain; charset=utf-8", "limit exceeded\n");
    let server = Fake::new([
        limited().header("Retry-After", "7"),
        limited().header("Retry-After", "Sat, 21 Nov 2026 12:00:20 GMT"),
        limited().header("X-RateLimit-Reset", "11, 11"),
        Reply::text(200, "text/plain", r#"{"status":"OK"}"#),
    ]);
    let (reader, naps) = server.patient_reader();
    wait(Writer::new(reader).finish_run(&"abc".into())).unwrap();
    assert_eq!(naps.seconds(), [7, 20, 11]);
}

#[test]
fn a_server_that_wants_to_be_left_alone_for_an_hour_is() {
    let limited = Reply::text(429, "text/plain", "limit exceeded\n").header("Retry-After", "3600");
    let server = Fake::new([limited]);
    let (reader, naps) = server.patient_reader();
    let error = wait(reader.me()).unwrap_err();
    assert_eq!(error.help(), "wait 3600 seconds and try again");
    assert_eq!(naps.seconds(), [0; 0]);
}

#[test]
fn the_token_does_not_follow_a_redirect() {
    let thief = Fake::new([Reply::json(200, "{}")]);
    let moved = Reply::text(302, "text/html", "<html>moved</html>");
    let server = Fake::new([moved.header("Location", &format!("{}/api/v4/users/me", thief.url()))]);
    let error = wait(server.reader().me()).unwrap_err();
    let text = shown(&error, &server).replace(&thief.url(), "[ELSEWHERE]");
    assert_snapshot!(text, @r"
    could not read the account of the token: `GET /api/v4/users/me` was answered with 302, a redirect to `[ELSEWHERE]/api/v4/users/me`
    help: the token is not sent to another address; if the new one is right, use it as the server's address
    ");
    assert_eq!(thief.requests().len(), 0);
}

#[test]
fn an_echoed_token_is_taken_out_of_every_answer() {
    let echo = format!("Bearer {TOKEN}");
    let page = format!("<html><title>{echo}</title>");
    let wrong = format!(r#"{{"id":"a","title":{{"{echo}":1}}}}"#);
    let kind = format!(r#"{{"id":"a","public":"{echo}"}}"#);
    let core = format!(r#"{{"id":"{echo}","message":"{echo}","request_id":"{echo}"}}"#);
    for reply in [
        Reply::text(200, "text/html", &page),
        Reply::json(200, &wrong),
        Reply::json(200, &kind),
        Reply::json(400, &core),
        Reply::text(418, "text/plain", &echo),
        Reply::json(302, "").header("Location", &format!("/?{TOKEN}")),
        Reply::json(403, "").header("X-Request-Id", TOKEN),
    ] {
        // `shown` looks at every form of the error.
        of_playbook(reply);
    }
    let server = Fake::new([Reply::json(
        200,
        &format!(r#"{{"errors":[{{"message":"{echo}"}}]}}"#),
    )]);
    let writer = Writer::new(server.reader());
    let error = wait(writer.add_participants(&"r".into(), &["u".into()])).unwrap_err();
    shown(&error, &server);
    assert!(!format!("{writer:?} {writer:#?}").contains(TOKEN));
}

#[test]
fn an_endless_answer_is_not_read_to_the_end() {
    let endless = "x".repeat(3 << 20);
    let server = Fake::new([Reply::json(200, &endless)]);
    let error = wait(server.reader().me()).unwrap_err();
    assert!(matches!(error, ApiError::Oversized { limit, .. } if limit == 1 << 20));
}

#[test]
fn a_request_carries_token_and_program_below_the_site_s_path() {
    let server = Fake::new([Reply::json(200, r#"{"id":"a","username":"alice"}"#)]);
    let url = format!("{}/chat/", server.url());
    let reader = reader(&url, RetryPolicy::NEVER, &Naps::default());
    wait(reader.user(&"a/../b?c#d".into())).unwrap();
    let requests = server.requests();
    assert_eq!(
        requests[0].line,
        "GET /chat/api/v4/users/a%2F..%2Fb%3Fc%23d"
    );
    let expected = format!("Bearer {TOKEN}");
    assert_eq!(requests[0].header("authorization"), Some(expected.as_str()));
    let agent = requests[0].header("user-agent").unwrap();
    assert_eq!(agent, concat!("warroom/", env!("CARGO_PKG_VERSION")));
}

#[test]
fn a_path_is_never_built_from_nothing() {
    let server = Fake::new([Reply::json(200, "{}")]);
    for odd in ["", ".", ".."] {
        let error = wait(server.reader().user(&odd.into())).unwrap_err();
        assert!(matches!(error, ApiError::Unsendable { .. }), "{odd}");
    }
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn people_are_looked_up_a_hundred_at_a_time_and_nobody_not_at_all() {
    let server = Fake::new([Reply::json(200, r#"[{"id":"u","username":"alice"}]"#)]);
    let reader = server.reader();
    let nobody: [&str; 0] = [];
    assert_eq!(wait(reader.users_by_name(&nobody)).unwrap(), []);
    assert_eq!(wait(reader.users_by_id([&UserId::default()])).unwrap(), []);
    assert_eq!(reader.requests(), 0);
    let names: Vec<String> = (0..250).map(|n| format!("Name{n}")).collect();
    wait(reader.users_by_name(&names)).unwrap();
    assert_eq!(reader.requests(), 3);
    assert!(
        server.requests()[0]
            .body
            .starts_with(r#"["name0","name1","name10""#)
    );
}

#[test]
fn all_pages_of_a_list_are_read_and_entries_that_move_come_once() {
    let page = |ids: [u32; 2], more| {
        let items = ids.map(|id| format!(r#"{{"id":"p{id}","create_at":{id}}}"#));
        let items = items.join(",");
        Reply::json(200, &format!(r#"{{"has_more":{more},"items":[{items}]}}"#))
    };
    let server = Fake::new([page([3, 2], true), page([2, 1], false)]);
    let team = TeamId::from("ops");
    let found = wait(server.reader().playbooks(Some(&team), Archived::With)).unwrap();
    let ids: Vec<&str> = found.iter().map(|entry| entry.id.as_str()).collect();
    assert_eq!(ids, ["p1", "p2", "p3"]);
    assert_eq!(
        server.lines(),
        [0, 1].map(|page| format!(
            "GET /plugins/playbooks/api/v0/playbooks?team_id=ops&with_archived=true&page={page}&per_page=200"
        ))
    );
}

#[test]
fn a_list_that_does_not_hold_what_it_promises_is_an_error() {
    for body in [
        "{}",
        r#"{"total_count":500,"page_count":3,"has_more":true,"items":[]}"#,
        r#"{"total_count":500,"page_count":3,"has_more":false,"items":[]}"#,
        r#"{"total_count":2,"has_more":false,"items":[{"id":"p1"}]}"#,
    ] {
        let server = Fake::answering(move |_| Reply::json(200, body));
        let error = wait(server.reader().playbooks(None, Archived::With)).unwrap_err();
        assert!(
            matches!(error, ApiError::Undecodable { .. }),
            "{body}: {error}"
        );
        let error = wait(server.reader().runs(&RunFilter::default())).unwrap_err();
        assert!(
            matches!(error, ApiError::Undecodable { .. }),
            "{body}: {error}"
        );
    }
}

#[test]
fn null_lists_are_empty() {
    let server = Fake::answering(|request| {
        let page = request.line.contains("/playbooks?") || request.line.contains("/runs?");
        Reply::json(200, if page { r#"{"items":null}"# } else { "null" })
    });
    let reader = server.reader();
    assert_eq!(wait(reader.playbooks(None, Archived::Without)).unwrap(), []);
    assert_eq!(wait(reader.runs(&RunFilter::default())).unwrap(), []);
    assert_eq!(wait(reader.status_updates(&"r".into())).unwrap(), []);
    assert_eq!(wait(reader.my_teams()).unwrap(), []);
}

#[test]
fn texts_over_a_limit_are_never_sent() {
    let server = Fake::new([Reply::json(200, "{}")]);
    let writer = Writer::new(server.reader());
    let run = RunId::from("r");
    let playbook = |change: fn(&mut Playbook)| {
        let mut playbook = Playbook {
            id: "p".into(),
            ..Playbook::default()
        };
        change(&mut playbook);
        playbook
    };
    let over = [
        wait(writer.replace_playbook(&playbook(|p| p.title = "x".repeat(1025)))),
        wait(writer.replace_playbook(&playbook(|p| p.description = "x".repeat(4097)))),
        wait(writer.replace_playbook(&playbook(|p| p.message_on_join = "x".repeat(65_536)))),
        wait(writer.save_retrospective(&run, &"x".repeat(65_536))),
        wait(writer.patch_run(&run, Some(&"x".repeat(1025)), None)).map(drop),
        wait(writer.patch_run(&run, None, Some(&"x".repeat(4097)))).map(drop),
        wait(writer.create_post(&NewPost {
            channel_id: ChannelId::from("c"),
            message: "x".repeat(16_384),
            ..NewPost::default()
        }))
        .map(drop),
    ];
    for outcome in over {
        assert!(
            matches!(outcome, Err(ApiError::TooLong { .. })),
            "{outcome:?}"
        );
    }
    assert_eq!(writer.requests(), 0);
    wait(writer.save_retrospective(&run, &"ü".repeat(65_535))).unwrap();
    assert_eq!(writer.requests(), 1);
}

#[test]
fn an_error_of_graphql_in_a_success_is_an_error() {
    let refused = r#"{"errors":[{"message":"Error while executing your request"}],"data":null}"#;
    let server = Fake::new([
        Reply::json(200, refused),
        Reply::json(200, ""),
        Reply::json(200, r#"{"data":{"addRunParticipants":""}}"#),
    ]);
    let writer = Writer::new(server.reader());
    let add = || wait(writer.add_participants(&"r".into(), &["u".into()]));
    assert_snapshot!(shown(&add().unwrap_err(), &server), @r"
    could not add participants to the incident: `POST /plugins/playbooks/api/v0/query` was answered with 200: Error while executing your request
    help: the server explains above what it does not accept; correct that and try again
    ");
    assert!(matches!(add(), Err(ApiError::EmptyBody { .. })));
    add().unwrap();
}

#[test]
fn writes_have_the_form_that_the_server_expects() {
    let server = Fake::answering(|request| {
        let made = request.line.starts_with("POST");
        Reply::json(if made { 201 } else { 200 }, r#"{"id":"new"}"#)
    });
    let writer = Writer::new(server.reader());
    let (run, user) = (RunId::from("r"), UserId::from("u"));
    let at = ItemAt {
        run: &run,
        checklist: 1,
        item: 2,
    };
    let read = Playbook {
        id: "old".into(),
        delete_at: warroom::mattermost::Millis(5),
        ..Playbook::default()
    };
    assert_eq!(wait(writer.create_playbook(&read)).unwrap().as_str(), "new");
    wait(writer.set_item_state(&at, &ItemState::Closed)).unwrap();
    wait(writer.skip_item(&at)).unwrap();
    wait(writer.assign_item(&at, None)).unwrap();
    wait(writer.set_owner(&run, &user)).unwrap();
    wait(writer.set_preferences(&user, &[("n".to_owned(), "v".to_owned())])).unwrap();
    let new = NewRun {
        name: "API down".to_owned(),
        owner_user_id: user,
        team_id: "t".into(),
        playbook_id: "p".into(),
        ..NewRun::default()
    };
    wait(writer.start_run(&new)).unwrap();
    let requests = server.requests();
    let created: serde_json::Value = serde_json::from_str(&requests[0].body).unwrap();
    assert_eq!(created["id"], "");
    assert_eq!(created["delete_at"], 0, "a POST would store it");
    let sent: Vec<String> = requests[1..]
        .iter()
        .map(|request| format!("{} {}", request.line, request.body))
        .collect();
    assert_snapshot!(sent.join("\n"), @r#"
    PUT /plugins/playbooks/api/v0/runs/r/checklists/1/item/2/state {"new_state":"closed"}
    PUT /plugins/playbooks/api/v0/runs/r/checklists/1/item/2/skip 
    PUT /plugins/playbooks/api/v0/runs/r/checklists/1/item/2/assignee {"assignee_id":""}
    POST /plugins/playbooks/api/v0/runs/r/owner {"owner_id":"u"}
    PUT /api/v4/users/me/preferences [{"user_id":"u","category":"warroom","name":"n","value":"v"}]
    POST /plugins/playbooks/api/v0/runs {"name":"API down","owner_user_id":"u","team_id":"t","playbook_id":"p"}
    "#);
}
