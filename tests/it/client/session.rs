//! Tokens: given, stored, and sent only where they belong; and `doctor`.

use insta::assert_snapshot;
use warroom::mattermost::RetryPolicy;
use warroom::sandbox::{self, Running};

use super::fake::{Fake, Naps, Reply, TOKEN, reader, wait};
use crate::support::{Ran, Warroom};

/// A workspace with nothing in it, for the server at `url`.
fn workspace(url: &str) -> Warroom {
    let settings = format!("format: 1\nworkspace: acme\nserver: {{ url: \"{url}\" }}\nteam: ops\n");
    let here = Warroom::new().file("warroom.yaml", settings);
    git(&here, &["init", "--quiet"]);
    git(&here, &["config", "user.name", "Alice Example"]);
    git(&here, &["config", "user.email", "alice@example.com"]);
    here
}

fn git(here: &Warroom, arguments: &[&str]) {
    let done = std::process::Command::new("git")
        .args(arguments)
        .current_dir(here.root())
        .status();
    assert!(done.unwrap().success());
}

fn sandbox(here: &Warroom) -> Running {
    sandbox::start(sandbox::Options::local(here.clock().clone())).unwrap()
}

/// What the command said; ports differ from run to run.
fn said(ran: &Ran, url: &str) -> String {
    let request = regex::Regex::new("request id `[a-z0-9]{26}`").unwrap();
    let text = ran.transcript().replace(url, "[SERVER]");
    let text = request.replace_all(&text, "request id `[ID]`").into_owned();
    assert!(!text.contains(TOKEN) && !text.contains("-token`"), "{text}");
    text
}

#[test]
fn a_token_is_tried_then_stored_and_doctor_finds_everything_in_place() {
    let here = Warroom::new();
    let server = sandbox(&here);
    let url = server.url();
    let here = workspace(&url).typing("admin-token\n");
    assert_snapshot!(said(&here.run(&["login", &url, "--token-stdin"]), &url), @r"
    exit: 0
    --- stdout
    Stored the token of `@admin` for `[SERVER]` in `[ROOT]/.config/credentials.json`.
    --- stderr
    ");
    assert_snapshot!(said(&here.run(&["doctor"]), &url), @r"
    exit: 0
    --- stdout
    ok       workspace  `acme` in `[ROOT]`: 1 files, 0 of them playbooks
    ok       token      stored by `warroom login`; sent to `[SERVER]` and nowhere else
    ok       server     Mattermost 11.6.0 at `[SERVER]`
    ok       account    `@admin` (user, system administrator); teams: ops
    ok       playbooks  version 2.11.0, enabled
    ok       licence    developer mode (as Enterprise)
    ok       git        commits as Alice Example <alice@example.com>
    --- stderr
    ");
    assert!(server.log().iter().all(|exchange| exchange.method == "GET"));
}

#[test]
fn a_client_outlives_the_runtime_it_began_in() {
    let here = Warroom::new();
    let server = sandbox(&here);
    let reader = reader(&server.url(), RetryPolicy::NEVER, &Naps::default());
    for _ in 0..3 {
        wait(reader.ping()).unwrap();
    }
}

#[test]
fn a_token_that_the_server_does_not_know_is_not_stored() {
    let here = Warroom::new().typing("nobody-s-token\n");
    let server = sandbox(&here);
    let url = server.url();
    assert_snapshot!(said(&here.run(&["login", &url]), &url), @r"
    exit: 6
    --- stdout
    --- stderr
    Make a token in Mattermost under Profile → Security → Personal Access Tokens ([SERVER]).
    Token: error: could not read the account of the token: `GET /api/v4/users/me` was answered with 401: Invalid or expired session, please login again. (request id `[ID]`)
    help: the token is missing, expired or revoked: store a new one with `warroom login [SERVER]`, or set `WARROOM_TOKEN`
    ");
    assert!(!here.root().join(".config/credentials.json").exists());
}

#[test]
fn a_token_goes_unencrypted_to_another_machine_only_when_somebody_says_so() {
    let here = Warroom::new();
    let ran = here.run(&["login", "http://chat.example.com", "--token-stdin"]);
    assert_snapshot!(ran.transcript(), @r"
    exit: 3
    --- stdout
    --- stderr
    warning: `http://chat.example.com` is not encrypted: anybody on the way can read the token
    error: nobody can be asked: Send and store the token all the same? [y/N]
    help: there is no terminal; answer beforehand with `--plain-http`
    ");
    let here = here.typing("n\n");
    let ran = here.run(&["login", "http://chat.example.com"]);
    assert_snapshot!(ran.transcript(), @r"
    exit: 3
    --- stdout
    --- stderr
    warning: `http://chat.example.com` is not encrypted: anybody on the way can read the token
    Send and store the token all the same? [y/N] error: no token was sent or stored
    help: use the `https://` address of the server
    ");
}

#[test]
fn a_workspace_that_names_another_server_gets_no_token() {
    let home = Fake::new([Reply::json(200, r#"{"id":"u","username":"alice"}"#)]);
    let thief = Fake::new([Reply::json(200, "{}")]);
    let here = workspace(&thief.url()).typing(&format!("{TOKEN}\n"));
    here.run(&["login", &home.url(), "--token-stdin"]);
    let ran = here.run(&["doctor"]);
    let text = ran.transcript().replace(&thief.url(), "[THIEF]");
    assert!(text.contains("there is no token for `[THIEF]`"), "{text}");
    assert!(text.contains("warroom login [THIEF]"), "{text}");
    assert_eq!(thief.requests().len(), 0);
}

#[test]
fn a_token_in_the_environment_needs_its_server_beside_it() {
    let thief = Fake::new([Reply::json(200, "{}")]);
    let here = workspace(&thief.url()).variable("WARROOM_TOKEN", TOKEN);
    let text = said(&here.run(&["doctor"]), &thief.url());
    assert_snapshot!(text, @r"
    exit: 1
    --- stdout
    ok       workspace  `acme` in `[ROOT]`: 1 files, 0 of them playbooks
    problem  token      `WARROOM_TOKEN` is set, but not which server it belongs to
                        help: set `WARROOM_SERVER` too, or unset `WARROOM_TOKEN` and store a token with `warroom login URL`
    skipped  server     not looked at
    skipped  account    not looked at
    skipped  playbooks  not looked at
    skipped  licence    not looked at
    ok       git        commits as Alice Example <alice@example.com>
    --- stderr
    ");
    assert_eq!(thief.requests().len(), 0);
}

#[test]
fn the_server_of_the_environment_beats_the_workspace_s_and_says_so() {
    let thief = Fake::new([Reply::json(200, "{}")]);
    let here = workspace(&thief.url());
    let server = sandbox(&here);
    let here = here
        .variable("WARROOM_SERVER", &server.url())
        .variable("WARROOM_TOKEN", "alice-token");
    let ran = here.run(&["doctor", "--format", "json"]);
    let url = server.url();
    let err = ran
        .err
        .replace(&url, "[SERVER]")
        .replace(&thief.url(), "[OTHER]");
    assert_snapshot!(err, @"note: using `WARROOM_SERVER` ([SERVER]), not the workspace's `server.url` ([OTHER])");
    let found: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(found["ok"], true, "{found:#}");
    assert_eq!(found["checks"][0]["name"], "workspace");
    assert_eq!(thief.requests().len(), 0);
}

#[test]
fn doctor_says_what_is_wrong_with_a_server_that_is_none() {
    let proxy = Fake::new([Reply::text(200, "text/html", "<title>Sign in</title>")]);
    let here = Warroom::new()
        .variable("WARROOM_SERVER", &proxy.url())
        .variable("WARROOM_TOKEN", TOKEN);
    assert_snapshot!(said(&here.run(&["doctor"]), &proxy.url()), @r"
    exit: 1
    --- stdout
    problem  workspace  found no `warroom.yaml` in `[ROOT]` or a folder above it
                        help: go to the folder of a workspace, or write one with `warroom init`
    ok       token      `WARROOM_TOKEN`; sent to `[SERVER]` and nowhere else
    problem  server     could not reach the server: `GET /api/v4/system/ping` was answered with 200 and a web page (“Sign in”), not by Mattermost
                        help: check the address `[SERVER]`, with its sub-path if it has one; a login page in front of the server has to let `/api/v4` and `/plugins/playbooks` through
    skipped  account    not looked at
    skipped  playbooks  not looked at
    skipped  licence    not looked at
    problem  git        `[ROOT]` is not in a git repository
                        help: run `git init`; warroom works without, but cannot tell which side changed, nor commit post-mortems
    --- stderr
    ");
}

#[test]
fn doctor_sees_a_licence_that_is_less_than_the_workspace_counts_on() {
    let server = Fake::answering(|request| {
        let path = request.line.split(['?', ' ']).nth(1).unwrap_or_default();
        Reply::json(
            200,
            match path {
                "/api/v4/system/ping" => r#"{"status":"OK"}"#,
                "/api/v4/config/client" => r#"{"Version":"11.6.0"}"#,
                "/api/v4/users/me" => r#"{"id":"u","username":"carol","roles":"system_user"}"#,
                "/api/v4/users/me/teams" => r#"[{"id":"t","name":"ops"}]"#,
                "/api/v4/plugins/webapp" => r#"[{"id":"playbooks","version":"2.8.1"}]"#,
                "/api/v4/license/client" => {
                    r#"{"IsLicensed":"true","SkuShortName":"professional"}"#
                }
                _ => return Reply::text(404, "text/plain", "404 page not found\n"),
            },
        )
    });
    let url = server.url();
    let here = workspace(&url)
        .variable("WARROOM_SERVER", &url)
        .variable("WARROOM_TOKEN", TOKEN);
    assert_snapshot!(said(&here.run(&["doctor"]), &url), @r"
    exit: 1
    --- stdout
    ok       workspace  `acme` in `[ROOT]`: 1 files, 0 of them playbooks
    ok       token      `WARROOM_TOKEN`; sent to `[SERVER]` and nowhere else
    ok       server     Mattermost 11.6.0 at `[SERVER]`
    ok       account    `@carol` (user); teams: ops
    problem  playbooks  version 2.8.1 is older than what warroom knows
                        help: update Playbooks to 2.9.0 or later
    problem  licence    Professional; the workspace counts on `enterprise`
                        help: set `server.tier: professional` in `warroom.yaml`; `warroom validate` then says what has to change
    ok       git        commits as Alice Example <alice@example.com>
    --- stderr
    ");
}

#[test]
fn a_token_of_two_lines_is_refused_without_showing_it() {
    let here = workspace("http://127.0.0.1:9");
    let variables = [
        ("WARROOM_SERVER", "http://127.0.0.1:9"),
        ("WARROOM_TOKEN", "CANARY\nb"),
    ];
    assert_snapshot!(here.run_with(&variables, &["plan"]).transcript(), @r"
    exit: 1
    --- stdout
    --- stderr
    error: `WARROOM_TOKEN` holds characters that no token has, such as blanks or line breaks
    help: copy the token again: it is one word of letters and digits
    ");
}

#[test]
fn an_address_that_is_none_is_wrong_usage() {
    for url in ["", "javascript:x", "http://u:CANARY@x"] {
        let ran = Warroom::new().run(&["login", url]);
        assert_eq!(ran.status.code(), 64, "{url}: {}", ran.err);
        assert!(!ran.err.contains("CANARY"), "{}", ran.err);
    }
}
