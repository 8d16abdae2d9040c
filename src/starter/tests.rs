mod wording;

use std::collections::BTreeSet;

use super::*;
use crate::model::{
    Assign, ChannelVisibility, Permissions, Playbook, Settings, TextSource, Visibility,
};

fn options(playbooks: &[&str], tier: Tier) -> Options {
    Options {
        workspace: "acme".parse().unwrap(),
        playbooks: playbooks.iter().map(|key| key.parse().unwrap()).collect(),
        tier,
        review_by: "2027-06-30".parse().unwrap(),
    }
}

/// The files, and what they say.
struct Read {
    files: Vec<(String, String)>,
    settings: Settings,
    permissions: Permissions,
    playbooks: Vec<Playbook>,
}

fn read(playbooks: &[&str], tier: Tier) -> Read {
    let files = files(&options(playbooks, tier)).unwrap();
    let text = |path: &str| &files.iter().find(|(p, _)| p == path).unwrap().1;
    let playbooks = files
        .iter()
        .filter(|(path, _)| path.starts_with("playbooks/"))
        .map(|(_, text)| serde_yaml::from_str(text).unwrap())
        .collect();
    Read {
        settings: serde_yaml::from_str(text("warroom.yaml")).unwrap(),
        permissions: serde_yaml::from_str(text("permissions.yaml")).unwrap(),
        playbooks,
        files,
    }
}

/// Every choice of playbooks that somebody can make.
fn choices() -> Vec<Vec<&'static str>> {
    let all: Vec<&str> = playbooks().collect();
    (1..8)
        .map(|bits| {
            let chosen = |n: &usize| bits & (1 << n) != 0;
            (0..3).filter(chosen).map(|n| all[n]).collect()
        })
        .collect()
}

#[test]
fn every_choice_holds_what_it_names_and_nothing_else() {
    for choice in choices() {
        let read = read(&choice, Tier::Enterprise);
        let mut templates: BTreeSet<&str> = BTreeSet::new();
        let mut roles = BTreeSet::new();
        let mut profiles = BTreeSet::new();
        for playbook in &read.playbooks {
            templates.extend(
                playbook
                    .texts()
                    .filter_map(|(_, text)| text.path().map(crate::model::TemplatePath::as_str)),
            );
            roles.extend(
                playbook
                    .tasks()
                    .filter_map(|(_, _, task)| match &task.assign {
                        Some(Assign::Role(role)) => Some(role.clone()),
                        _ => None,
                    }),
            );
            profiles.insert(playbook.access.clone());
        }
        templates.extend(
            read.settings
                .texts()
                .filter_map(|(_, text)| text.path())
                .map(crate::model::TemplatePath::as_str),
        );
        let written: BTreeSet<&str> = read
            .files
            .iter()
            .map(|(path, _)| path.as_str())
            .filter(|path| path.starts_with("templates/"))
            .collect();
        assert_eq!(written, templates, "{choice:?}");
        assert_eq!(
            read.settings.roles.keys().cloned().collect::<BTreeSet<_>>(),
            roles,
            "{choice:?}"
        );
        assert_eq!(
            read.permissions
                .profiles
                .keys()
                .cloned()
                .collect::<BTreeSet<_>>(),
            profiles,
            "{choice:?}"
        );
        let text: String = read.files.iter().map(|(_, text)| text.as_str()).collect();
        for group in read.permissions.groups.keys() {
            assert!(
                text.contains(&format!("group:{group}")),
                "{group}, {choice:?}"
            );
        }
    }
}

#[test]
fn every_playbook_is_of_a_size_that_people_can_follow() {
    for playbook in read(&[], Tier::Enterprise).playbooks {
        let tasks = playbook.tasks().count();
        assert!(
            (4..=6).contains(&playbook.checklists.len()),
            "{}",
            playbook.key
        );
        assert!(
            (18..=30).contains(&tasks),
            "{} has {tasks} tasks",
            playbook.key
        );
        assert!(playbook.tasks().any(|(_, _, task)| task.required));
    }
}

#[test]
fn every_task_says_what_to_do_how_who_and_until_when() {
    // Words that begin no order: articles, pronouns, auxiliaries, questions.
    let no_order = [
        "The", "A", "An", "Is", "Are", "Who", "What", "When", "Did", "It", "We", "You",
    ];
    for playbook in read(&[], Tier::Enterprise).playbooks {
        let mut keys = BTreeSet::new();
        let mut titles = BTreeSet::new();
        let mut last = None;
        for (n, _, task) in playbook.tasks() {
            let at = format!("{}: {}", playbook.key, task.title);
            assert!(task.title.chars().count() <= 80, "{at}");
            assert!(!task.title.ends_with(['?', '.', '!']), "{at}");
            let first = task.title.split(' ').next().unwrap();
            assert!(first.starts_with(char::is_uppercase), "{at}");
            assert!(
                !no_order.contains(&first) && !first.ends_with("ing"),
                "{at}"
            );
            assert!(task.description.len() > 60, "{at}");
            for token in ["{{", "{%", "@all", "@channel", "@here", "TODO", "<", "|"] {
                assert!(!task.description.contains(token), "{at}: {token}");
            }
            assert!(task.assign.is_some(), "{at}");
            assert!(keys.insert((n, task.key.clone())), "{at}");
            assert!(titles.insert(task.title.clone()), "{at}");
            // Stages follow each other; so do their ends.
            if playbook.progression == crate::model::Progression::Staged {
                assert!(task.due >= last, "{at}: due before the task above it");
                last = task.due;
            }
            assert!(task.due.is_some(), "{at}");
        }
    }
}

#[test]
fn no_task_is_the_same_in_all_playbooks() {
    let playbooks = read(&[], Tier::Enterprise).playbooks;
    let titles = |playbook: &Playbook| -> BTreeSet<String> {
        playbook
            .tasks()
            .map(|(_, _, task)| task.title.clone())
            .collect()
    };
    let mut common = titles(&playbooks[0]);
    for playbook in &playbooks[1..] {
        common = &common & &titles(playbook);
    }
    assert!(common.is_empty(), "{common:?}");
}

#[test]
fn nothing_of_a_cybersecurity_incident_is_heard_elsewhere() {
    for tier in [Tier::Professional, Tier::Enterprise] {
        let read = read(&["cybersecurity-incident"], tier);
        let playbook = &read.playbooks[0];
        assert!(playbook.start.announce.is_empty());
        assert!(playbook.updates.as_ref().unwrap().broadcast.is_empty());
        let access = &read.permissions.profiles[&playbook.access].incident;
        assert_eq!(access.channel, ChannelVisibility::Private);
        assert!(!access.export && !read.settings.export.private_incidents);
    }
}

#[test]
fn professional_gets_public_playbooks_and_nothing_else_changes() {
    let private = read(&[], Tier::Enterprise);
    let public = read(&[], Tier::Professional);
    assert_eq!(public.settings.server.tier, Tier::Professional);
    let profiles = private.permissions.profiles.values();
    for (before, after) in profiles.zip(public.permissions.profiles.values()) {
        assert_eq!(before.playbook.visibility, Visibility::Private);
        assert_eq!(after.playbook.visibility, Visibility::Public);
        assert_eq!(before.playbook.users, after.playbook.users);
        assert_eq!(before.incident, after.incident);
    }
    let paths = |read: &Read| -> Vec<String> { read.files.iter().map(|f| f.0.clone()).collect() };
    assert_eq!(paths(&private), paths(&public));
}

#[test]
fn the_core_tier_is_refused() {
    let refused = files(&options(&[], Tier::Core));
    assert_eq!(refused, Err(StarterError::NoPlaybooks));
}

#[test]
fn name_tier_and_review_date_are_put_in() {
    let read = read(&["service-outage"], Tier::Enterprise);
    assert_eq!(read.settings.workspace.as_str(), "acme");
    let review = read.playbooks[0].review.as_ref().unwrap();
    assert_eq!(review.by.to_string(), "2027-06-30");
    let now = "2026-08-31T23:00:00Z".parse().unwrap();
    assert_eq!(review_date(now).to_string(), "2027-02-28");
}

#[test]
fn a_near_miss_is_suggested() {
    for (asked, similar) in [
        ("servce-outage", Some("service-outage")),
        ("outage", Some("service-outage")),
        ("security-incident", Some("cybersecurity-incident")),
        ("zzz", None),
    ] {
        let error = files(&options(&[asked], Tier::Enterprise)).unwrap_err();
        let asked = asked.parse().unwrap();
        assert_eq!(error, StarterError::UnknownPlaybook { asked, similar });
    }
}

#[test]
fn any_folder_gives_a_name() {
    let long = "x".repeat(63) + "--y";
    for (folder, name) in [
        ("acme-incidents", "acme-incidents"),
        ("Acme Incidents!", "acme-incidents"),
        ("__", "incidents"),
        ("", "incidents"),
        ("Störung", "st-rung"),
        (&long, &long[..63]),
    ] {
        assert_eq!(workspace_name(folder).as_str(), name);
    }
}

#[test]
fn every_inline_text_is_meant_to_be_one() {
    // A template whose path was misspelt would otherwise be sent as text.
    for playbook in read(&[], Tier::Enterprise).playbooks {
        for (at, text) in playbook.texts() {
            assert!(matches!(text, TextSource::File(_)), "{}{at}", playbook.key);
        }
    }
}

#[test]
fn entries_are_kept_with_the_blank_lines_before_them() {
    let text = "a:\n  x: 1\n\n  y:\n    z: 2\n\n# b\nb:\n  x: 3\n";
    let kept = |keep: &str| keep_entries(text, "a", |key| keep.contains(key));
    assert_eq!(kept("xy"), text);
    assert_eq!(kept("x"), "a:\n  x: 1\n\n# b\nb:\n  x: 3\n");
    assert_eq!(kept("y"), "a:\n  y:\n    z: 2\n\n# b\nb:\n  x: 3\n");
}

#[test]
fn the_first_line_of_each_file_points_to_its_schema() {
    let read = read(&[], Tier::Enterprise);
    let yaml = |path: &str| path.rsplit('.').next() == Some("yaml");
    for (path, text) in read.files.iter().filter(|(path, _)| yaml(path)) {
        let line = text.lines().next().unwrap();
        let schema = line
            .strip_prefix("# yaml-language-server: $schema=")
            .unwrap();
        // Relative to the file that names it.
        let from_root = match path.strip_prefix("playbooks/") {
            Some(_) => schema.strip_prefix("../").unwrap(),
            None => schema,
        };
        assert!(
            read.files.iter().any(|(path, _)| path == from_root),
            "{path}: {schema}"
        );
    }
}
