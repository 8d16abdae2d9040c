//! The documents of a made-up outage: 14 tasks, a handover, three updates, a restart.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::*;
use crate::incident::TaskState;
use crate::model::{ExportSettings, IncidentAccess, PeoplePolicy, Transcript};
use crate::template::{Template, TemplateKind, built_in};

/// A moment of the day of the outage.
fn at(time: &str) -> Timestamp {
    let time = if time.len() == 5 {
        format!("{time}:00")
    } else {
        time.to_owned()
    };
    format!("2026-11-21T{time}Z").parse().unwrap()
}

fn held(from: &str, key: &str, title: &str) -> Held {
    Held {
        from: at(from),
        key: key.to_owned(),
        title: title.to_owned(),
    }
}

/// `key title | state changed | who | due`; `!` after the title for required, `+` before the
/// key for one that the playbook does not have.
fn task(line: &str) -> RecordTask {
    let parts: Vec<&str> = line.split('|').map(str::trim).collect();
    let (key, title) = parts[0].split_once(' ').unwrap();
    let mut state = parts[1].split(' ');
    let word = state.next().unwrap();
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    RecordTask {
        key: (!key.starts_with('+')).then(|| key.parse().unwrap()),
        title: title.trim_end_matches('!').to_owned(),
        state: match word {
            "done" => TaskState::Done,
            "skipped" => TaskState::Skipped,
            "progress" => TaskState::InProgress,
            _ => TaskState::Open,
        },
        changed_at: state.next().map(at),
        assignee: some(parts[2]),
        due_at: some(parts[3]).map(|due| at(&due)),
        required: title.ends_with('!'),
        hidden: word == "hidden",
    }
}

fn group(key: &str, title: &str, tasks: &[&str]) -> TaskGroup {
    TaskGroup {
        key: Some(key.parse().unwrap()),
        title: title.to_owned(),
        tasks: tasks.iter().map(|line| task(line)).collect(),
    }
}

fn checklists() -> Vec<TaskGroup> {
    vec![
        group(
            "triage",
            "Triage",
            &[
                "confirm Confirm the outage from outside the network! | done 12:06 | carol | 12:10",
                "severity Set the severity | done 12:08 | carol |",
                "page-vendor Page the vendor | skipped 12:20 | |",
                "status-page Publish on the status page | done 12:31 | bob | 12:20",
                "eyes-only Tell legal | hidden | |",
            ],
        ),
        group(
            "diagnose",
            "Diagnose: what | changed?",
            &[
                "deploys Look at the last deploys | done 12:35 | dave |",
                "graphs Compare error rates; by region | done 12:35:20 | dave |",
                "logs Read the logs of checkout | done 12:35:40 | dave |",
                "+x Ask **@all** for `hints` <!-- end:generated gantt --> | done 12:50 | alice |",
            ],
        ),
        group(
            "recover",
            "Recover",
            &[
                "rollback Roll back the last change! | done 13:20 | carol | 13:00",
                "verify Verify with real traffic! | done 13:30 | bob |",
                "announce Announce the recovery | done 13:34 | bob |",
                "watch Watch the graphs for 30 minutes | done 14:40 | dave |",
            ],
        ),
        group(
            "learn",
            "Learn",
            &[
                "timeline Complete the timeline | progress 14:41 | |",
                "review Invite to the review | open | |  14:00",
            ],
        ),
    ]
}

fn updates() -> Vec<RecordUpdate> {
    let update = |time: &str, by: &str, text: &str| RecordUpdate {
        at: at(time),
        by: by.to_owned(),
        text: text.to_owned(),
        link: Some("https://chat.example.com/ops/pl/w5tgxfmbcbn98jzd7r5ps1k3ha".to_owned()),
    };
    vec![
        update(
            "12:15",
            "bob",
            "#### SEV-1 · Checkout 5xx\n**Impact:** nobody can pay\n```\ncurl -H 'Authorization: Bearer 0123456789abcdef'\n```",
        ),
        update(
            "13:05",
            "bob",
            "Rolling back. Questions to ops@example.com.\n<!-- end:generated updates -->\n# end:generated front-matter",
        ),
        update("13:35", "erin", "Recovered. | All | green |"),
    ]
}

fn happenings() -> Vec<Happening> {
    use Source::{Plugin, Post, Runner};
    let happening = |time: &str, source, kind: &str, by: &str, text: &str| Happening {
        at: at(time),
        kind: kind.to_owned(),
        by: Some(by.to_owned()),
        source,
        text: text.to_owned(),
        link: None,
    };
    vec![
        happening("13:36", Plugin, "ended", "carol", "ended the incident"),
        happening("12:00", Plugin, "started", "alice", "started the incident"),
        happening(
            "12:08",
            Runner,
            "severity",
            "carol",
            "severity SEV-2 → SEV-1",
        ),
        happening(
            "12:06",
            Plugin,
            "task_done",
            "carol",
            "done: 1.1 Confirm the outage from outside the network",
        ),
        happening(
            "12:40",
            Plugin,
            "commander",
            "carol",
            "commander carol → dave",
        ),
        happening(
            "13:20",
            Runner,
            "status",
            "dave",
            "status Active → Monitoring",
        ),
        happening(
            "13:50",
            Plugin,
            "restarted",
            "dave",
            "restarted the incident",
        ),
        happening("14:45", Plugin, "ended", "dave", "ended the incident"),
        happening(
            "12:45",
            Post,
            "note",
            "alice",
            "found it: password = hunter2hunter2 was rotated\n| --- | \u{202e}gnp.exe",
        ),
    ]
}

fn messages() -> Vec<Message> {
    [
        ("12:01", "alice"),
        ("12:03", "carol"),
        ("12:10", "bob"),
        ("12:30", "dave"),
        ("12:45", "alice"),
        ("13:10", "dave"),
        ("13:21", "dave"),
        ("13:29", "bob"),
        ("13:55", "dave"),
        ("14:40", "dave"),
    ]
    .map(|(time, by)| Message {
        at: at(time),
        by: by.to_owned(),
    })
    .to_vec()
}

/// The outage.
pub(super) fn record() -> Record {
    Record {
        run: Run {
            id: "w5tgxfmbcbn98jzd7r5ps1k3ha".to_owned(),
            number: Some("OUT-00007".to_owned()),
            name: "Checkout 5xx".to_owned(),
            description: "Customers cannot pay.".to_owned(),
            url: "https://chat.example.com/playbooks/runs/w5tgxfmbcbn98jzd7r5ps1k3ha".to_owned(),
            channel: Some("checkout-5xx".to_owned()),
            visibility: Visibility::Public,
            drill: false,
        },
        workspace: "acme-incidents".parse().unwrap(),
        playbook: Some(PlaybookRef {
            key: "service-outage".parse().unwrap(),
            title: "Service outage".to_owned(),
            commit: Some("3f2a91c".to_owned()),
            inferred: false,
            url: None,
        }),
        started_at: at("12:00"),
        ended_at: Some(at("14:45")),
        active: vec![
            Interval {
                from: at("12:00"),
                to: Some(at("13:36")),
            },
            Interval {
                from: at("13:50"),
                to: Some(at("14:45")),
            },
        ],
        reporter: "alice".to_owned(),
        commanders: vec![
            held("12:00", "carol", "carol"),
            held("12:40", "dave", "dave"),
        ],
        roles: BTreeMap::from([("comms".parse().unwrap(), "bob".to_owned())]),
        participants: ["alice", "bob", "carol", "dave", "erin"]
            .map(str::to_owned)
            .to_vec(),
        severities: vec![
            held("12:00", "sev2", "SEV-2"),
            held("12:08", "sev1", "SEV-1"),
        ],
        statuses: vec![
            held("12:00", "reported", "Reported"),
            held("12:04", "active", "Active"),
            held("13:20", "monitoring", "Monitoring"),
            held("14:45", "resolved", "Resolved"),
        ],
        checklists: checklists(),
        update_every: Some("30m".parse().unwrap()),
        updates: updates(),
        announcements: vec![Announcement {
            at: at("12:00"),
            by: "alice".to_owned(),
            channels: vec!["exec-briefing".to_owned()],
        }],
        happenings: happenings(),
        messages: Some(messages()),
        completeness: Completeness {
            playbooks: Some("2.11 or later".to_owned()),
            warnings: vec!["attributes are not exported yet".to_owned()],
        },
    }
}

fn folder_of(record: &Record) -> Existing {
    Existing {
        folder: folder("incidents", record, &[]),
        document: None,
    }
}

fn plan(record: &Record, existing: &Existing) -> Export {
    let template = built_in(TemplateKind::Postmortem);
    plan_export(
        existing,
        record,
        &template,
        &ExportSettings::default(),
        None,
    )
    .unwrap()
}

fn file<'e>(export: &'e Export, name: &str) -> &'e str {
    let mut files = export.files.iter();
    let file = files.find(|file| file.path.ends_with(&format!("/{name}")));
    &file.unwrap().contents
}

fn version_replaced(text: &str) -> String {
    text.replace(
        &format!("\"{}\"", env!("CARGO_PKG_VERSION")),
        "\"[VERSION]\"",
    )
}

#[test]
fn an_outage_becomes_three_documents() {
    let record = record();
    let export = plan(&record, &folder_of(&record));
    assert_eq!(
        export.folder,
        "incidents/2026/2026-11-21-checkout-5xx-w5tgxf"
    );
    for name in ["incident.json", "timeline.jsonl", "postmortem.md"] {
        insta::assert_snapshot!(name, version_replaced(file(&export, name)));
    }
    insta::assert_snapshot!(export.message, @"
    incident: OUT-00007 Checkout 5xx

    https://chat.example.com/playbooks/runs/w5tgxfmbcbn98jzd7r5ps1k3ha

    Incident-Id: w5tgxfmbcbn98jzd7r5ps1k3ha
    Playbook-Commit: 3f2a91c
    Redaction-Policy: default-v1
    ");
}

#[test]
fn the_same_record_gives_the_same_bytes() {
    let one = record();
    let other = record();
    let first = plan(&one, &folder_of(&one));
    assert_eq!(first, plan(&other, &folder_of(&other)));
    let again = Existing {
        document: Some(file(&first, "postmortem.md").to_owned()),
        ..folder_of(&one)
    };
    assert_eq!(plan(&one, &again), first);
}

#[test]
fn a_secret_in_the_name_reaches_neither_folder_nor_channel_nor_message() {
    let token = ["ghp", "_", "abcdefghijklmnopqrstuvwxyz0123456789"].concat();
    for (name, channel, secret) in [
        (
            "db password: hunter2secret".to_owned(),
            "db-password-hunter2secret".to_owned(),
            "hunter2secret",
        ),
        (
            format!("x {token}"),
            format!("x-{token}"),
            "abcdefghijklmnopqrstuvwxyz",
        ),
    ] {
        let mut record = record();
        record.run.name = name.clone();
        record.run.channel = Some(channel.clone());
        record.updates[0].text = format!("{name}: see ~{channel}");
        let folder = folder("incidents", &record, &[]);
        let existing = Existing {
            folder,
            document: None,
        };
        let export = plan(&record, &existing);
        assert!(!export.message.contains(secret), "{}", export.message);
        for file in &export.files {
            assert!(!file.path.contains(secret), "{}", file.path);
            assert!(!file.contents.contains(secret), "{}", file.contents);
        }
    }
}

#[test]
fn what_people_wrote_survives_a_second_export() {
    let mut record = record();
    let first = plan(&record, &folder_of(&record));
    let edited = file(&first, "postmortem.md")
        .replace("status: draft  ", "status: reviewed")
        .replace("## Summary\n", "## Summary\n\nA rollback took too long.\n")
        .replace("## Where we were lucky\n", "");
    record.run.name = "Checkout 5xx, again".to_owned();
    let existing = Existing {
        document: Some(edited.clone()),
        folder: first.folder.clone(),
    };
    let second = plan(&record, &existing);
    let text = file(&second, "postmortem.md");
    assert!(text.contains("A rollback took too long."));
    assert!(text.contains("status: reviewed"));
    assert!(!text.contains("lucky"));
    assert!(text.contains("title: \"Checkout 5xx, again\""));
    assert_eq!(text.lines().count(), edited.lines().count());
}

#[test]
fn a_damaged_document_is_left_alone() {
    let record = record();
    let first = plan(&record, &folder_of(&record));
    let existing = Existing {
        document: Some(file(&first, "postmortem.md").replace("<!-- end:generated facts -->\n", "")),
        folder: first.folder.clone(),
    };
    let second = plan(&record, &existing);
    assert!(second.damage.is_some());
    assert_eq!(
        file(&second, "postmortem.md.new"),
        file(&first, "postmortem.md")
    );
    assert!(
        second
            .files
            .iter()
            .all(|f| !f.path.ends_with("postmortem.md"))
    );
}

#[test]
fn the_front_matter_is_yaml_whatever_people_typed() {
    let mut record = record();
    record.run.name =
        "a: \"b\"\n---\n# end:generated front-matter\n\u{2028}{x} \\ 'y' #".to_owned();
    record
        .roles
        .insert("scribe".parse().unwrap(), "x\": y".to_owned());
    let export = plan(&record, &folder_of(&record));
    let text = file(&export, "postmortem.md");
    let yaml = text
        .strip_prefix("---\n")
        .unwrap()
        .split("\n---\n")
        .next()
        .unwrap();
    let value: serde_yaml::Value = serde_yaml::from_str(yaml).unwrap();
    let title = value["title"].as_str().unwrap();
    assert_eq!(
        title,
        "a: \"b\" --- # end:generated front-matter {x} \\ 'y' #"
    );
    assert_eq!(value["status"].as_str(), Some("draft"));
    assert_eq!(value["durations"]["duration"].as_i64(), Some(165 * 60));
}

#[test]
fn every_definition_has_an_id_of_its_own() {
    let facts = Facts::of(&record());
    let mut names: BTreeMap<&str, &str> = BTreeMap::new();
    for fact in &facts.list {
        let before = names.insert(fact.rule, fact.definition);
        assert!(
            before.is_none_or(|before| before == fact.definition),
            "{}",
            fact.rule
        );
    }
}

#[test]
fn an_incident_without_anything_has_facts_too() {
    let mut record = record();
    record.ended_at = None;
    record.active = vec![Interval {
        from: record.started_at,
        to: None,
    }];
    record.checklists.clear();
    record.updates.clear();
    record.happenings.clear();
    record.commanders.clear();
    record.severities.clear();
    record.statuses.clear();
    record.messages = None;
    record.playbook = None;
    let facts = Facts::of(&record);
    assert_eq!(facts.get("D-01"), Some(&Measure::Unknown));
    assert_eq!(facts.get("P-04"), Some(&Measure::Unknown));
    assert_eq!(facts.get("K-01"), Some(&Measure::Count(0)));
    let export = plan(&record, &folder_of(&record));
    assert!(file(&export, "postmortem.md").contains("No task was completed."));
}

#[test]
fn a_private_incident_needs_both_consents() {
    let mut record = record();
    record.run.visibility = Visibility::Private;
    let template = built_in(TemplateKind::Postmortem);
    let access = IncidentAccess {
        export: true,
        ..IncidentAccess::default()
    };
    let open = ExportSettings {
        private_incidents: true,
        ..ExportSettings::default()
    };
    let shut = ExportSettings::default();
    for (settings, access, allowed) in [
        (&shut, None, false),
        (&shut, Some(&access), false),
        (&open, None, false),
        (&open, Some(&IncidentAccess::default()), false),
        (&open, Some(&access), true),
    ] {
        let planned = plan_export(&folder_of(&record), &record, &template, settings, access);
        assert_eq!(planned.is_ok(), allowed);
    }
}

fn of_path(path: &str) -> ExportSettings {
    ExportSettings {
        path: path.to_owned(),
        ..ExportSettings::default()
    }
}

#[test]
fn what_is_not_built_is_refused_and_not_ignored() {
    let record = record();
    let template = built_in(TemplateKind::Postmortem);
    for settings in [
        ExportSettings {
            transcript: Transcript::Full,
            ..ExportSettings::default()
        },
        ExportSettings {
            people: PeoplePolicy::Pseudonyms,
            ..ExportSettings::default()
        },
        ExportSettings {
            path: "../elsewhere".to_owned(),
            ..ExportSettings::default()
        },
        ExportSettings {
            path: ".git/hooks".to_owned(),
            ..ExportSettings::default()
        },
        ExportSettings {
            path: String::new(),
            ..ExportSettings::default()
        },
        of_path("git~1"),
        of_path("a\u{1b}b"),
        of_path("a\nb"),
        of_path("playbooks"),
        of_path("Templates/x"),
        of_path(".github"),
        of_path("x."),
        of_path(&"x".repeat(300)),
    ] {
        let planned = plan_export(&folder_of(&record), &record, &template, &settings, None);
        assert!(planned.is_err(), "{settings:?}");
    }
}

#[test]
fn a_template_that_tears_markers_apart_is_refused() {
    let record = record();
    let template = Template::parse("p.md.j2", "Facts: {{ facts }}").unwrap();
    let planned = plan_export(
        &folder_of(&record),
        &record,
        &template,
        &ExportSettings::default(),
        None,
    );
    assert!(
        matches!(planned, Err(ExportError::Layout { .. })),
        "{planned:?}"
    );
}

#[test]
fn a_secret_in_a_template_is_never_committed() {
    let record = record();
    let key = ["-----BEGIN ", "PRIVATE KEY-----\nx"].concat();
    let template = Template::parse("p.md.j2", &key).unwrap();
    let planned = plan_export(
        &folder_of(&record),
        &record,
        &template,
        &ExportSettings::default(),
        None,
    );
    assert!(
        matches!(planned, Err(ExportError::Secret { .. })),
        "{planned:?}"
    );
}

mod in_git {
    //! The same through a repository.

    use camino::Utf8Path;

    use super::*;
    use crate::git::Repository;

    fn repository() -> (tempfile::TempDir, Repository) {
        let folder = tempfile::tempdir().unwrap();
        let git = git2::Repository::init(folder.path()).unwrap();
        let mut config = git.config().unwrap();
        config.set_str("user.name", "Ada").unwrap();
        config.set_str("user.email", "ada@example.com").unwrap();
        let path = Utf8Path::from_path(folder.path()).unwrap();
        let repository = Repository::discover(path).unwrap().unwrap();
        (folder, repository)
    }

    fn export(repository: &Repository, branch: Option<&str>) -> Result<Exported, ExportError> {
        let target = repository.target(branch).unwrap();
        let template = built_in(TemplateKind::Postmortem);
        let settings = ExportSettings::default();
        export_to(
            &target,
            &record(),
            &template,
            &settings,
            None,
            true,
            at("15:00"),
        )
    }

    #[test]
    fn exporting_twice_makes_one_commit() {
        for branch in [None, Some("incidents")] {
            let (_folder, repository) = repository();
            let first = export(&repository, branch).unwrap();
            assert!(first.commit.is_some());
            assert_eq!(
                export(&repository, branch).unwrap(),
                Exported {
                    commit: None,
                    ..first
                }
            );
        }
    }

    #[test]
    fn text_that_is_not_yet_committed_survives() {
        let (folder, repository) = repository();
        let first = export(&repository, None).unwrap();
        let path = folder.path().join(&first.folder).join("postmortem.md");
        let text = fs_err::read_to_string(&path).unwrap();
        fs_err::write(
            &path,
            text.replace("## Impact\n", "## Impact\n\nNobody could pay.\n"),
        )
        .unwrap();
        let second = export(&repository, None).unwrap();
        assert!(second.commit.is_some());
        assert!(
            fs_err::read_to_string(&path)
                .unwrap()
                .contains("Nobody could pay.")
        );
    }

    #[test]
    fn what_people_made_of_the_text_beside_survives() {
        let (folder, repository) = repository();
        let first = export(&repository, None).unwrap();
        let path = folder.path().join(&first.folder).join("postmortem.md");
        fs_err::write(&path, "# mine alone\n").unwrap();
        export(&repository, None).unwrap_err();
        // Nothing happened to it: it may be written again.
        assert!(matches!(
            export(&repository, None).unwrap_err(),
            ExportError::Damaged { .. }
        ));
        let beside = path.with_extension("md.new");
        fs_err::write(&beside, "edited").unwrap();
        let error = export(&repository, None).unwrap_err();
        assert!(matches!(error, ExportError::BesideTaken { .. }), "{error}");
        assert_eq!(fs_err::read_to_string(&beside).unwrap(), "edited");
    }

    #[test]
    fn a_post_mortem_that_is_no_text_is_left_alone() {
        let (folder, repository) = repository();
        let first = export(&repository, None).unwrap();
        let path = folder.path().join(&first.folder).join("postmortem.md");
        let mut bytes = fs_err::read(&path).unwrap();
        bytes.extend(b"caf\xe9\n");
        fs_err::write(&path, &bytes).unwrap();
        let error = export(&repository, None).unwrap_err();
        assert!(
            matches!(&error, ExportError::NotText { file } if file.ends_with("postmortem.md")),
            "{error}"
        );
        assert_eq!(
            crate::exit::Failure::from(error).status,
            crate::exit::ExitStatus::Refused
        );
        assert_eq!(fs_err::read(&path).unwrap(), bytes);
    }

    #[test]
    fn edits_of_generated_files_are_not_discarded() {
        for name in ["incident.json", "timeline.jsonl"] {
            let (folder, repository) = repository();
            let first = export(&repository, None).unwrap();
            let path = folder.path().join(&first.folder).join(name);
            fs_err::write(&path, "edited").unwrap();
            let error = export(&repository, None).unwrap_err();
            assert!(error.to_string().contains(name), "{error}");
            assert_eq!(fs_err::read_to_string(&path).unwrap(), "edited");
        }
    }

    #[test]
    fn exports_at_the_same_time_all_arrive() {
        let (folder, repository) = repository();
        export(&repository, None).unwrap();
        let start = std::sync::Barrier::new(3);
        std::thread::scope(|scope| {
            for n in 0..3 {
                let (start, folder) = (&start, folder.path());
                scope.spawn(move || {
                    let mut record = record();
                    record.run.id = format!("other{n}bcbn98jzd7r5ps1k3ha");
                    let path = Utf8Path::from_path(folder).unwrap();
                    let repository = Repository::discover(path).unwrap().unwrap();
                    let target = repository.target(None).unwrap();
                    let template = built_in(TemplateKind::Postmortem);
                    let settings = ExportSettings::default();
                    start.wait();
                    let exported = export_to(
                        &target,
                        &record,
                        &template,
                        &settings,
                        None,
                        true,
                        at("15:00"),
                    );
                    assert!(exported.unwrap().commit.is_some());
                });
            }
        });
        let git = git2::Repository::open(folder.path()).unwrap();
        assert!(git.statuses(None).unwrap().is_empty());
        let mut walk = git.revwalk().unwrap();
        walk.push_head().unwrap();
        assert_eq!(walk.count(), 4);
    }

    #[test]
    fn an_export_that_was_overtaken_begins_again() {
        for branch in [None, Some("incidents")] {
            let (_folder, repository) = repository();
            let slow = repository.target(branch).unwrap();
            let first = export(&repository, branch).unwrap();
            assert!(first.commit.is_some());
            let template = built_in(TemplateKind::Postmortem);
            let settings = ExportSettings::default();
            let second = export_to(
                &slow,
                &record(),
                &template,
                &settings,
                None,
                true,
                at("15:00"),
            );
            assert_eq!(second.unwrap().commit, None);
        }
    }

    #[test]
    fn damage_writes_beside_and_commits_nothing() {
        let (folder, repository) = repository();
        let first = export(&repository, None).unwrap();
        let path = folder.path().join(&first.folder).join("postmortem.md");
        fs_err::write(&path, "# mine alone\n").unwrap();
        let head = repository.head_commit().unwrap();
        let error = export(&repository, None).unwrap_err();
        assert!(
            matches!(&error, ExportError::Damaged { beside: Some(beside), .. } if beside.ends_with("postmortem.md.new"))
        );
        assert_eq!(
            crate::exit::Failure::from(error).status,
            crate::exit::ExitStatus::Refused
        );
        assert_eq!(fs_err::read_to_string(&path).unwrap(), "# mine alone\n");
        assert!(path.with_extension("md.new").exists());
        assert_eq!(repository.head_commit().unwrap(), head);
    }
}
