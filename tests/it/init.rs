//! `warroom init`: a workspace from nothing, and never over something.

use std::collections::BTreeMap;

use camino::Utf8Path;
use insta::assert_snapshot;
use warroom::exit::ExitStatus;

use crate::support::Warroom;

/// Every file below the folder, with its text.
fn files(root: &Utf8Path) -> BTreeMap<String, String> {
    ignore::WalkBuilder::new(root)
        .standard_filters(false)
        .build()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().unwrap().is_file())
        .map(|entry| {
            let path = Utf8Path::from_path(entry.path()).unwrap();
            let inside = path.strip_prefix(root).unwrap().to_string();
            (inside, std::fs::read_to_string(path).unwrap())
        })
        .collect()
}

#[test]
fn the_whole_starter_set_is_written_and_the_next_steps_told() {
    let warroom = Warroom::new();
    let ran = warroom.run(&["init", "Acme Incidents"]);
    assert_snapshot!(ran.transcript(), @"
    exit: 0
    --- stdout
    wrote Acme Incidents/.gitignore
    wrote Acme Incidents/README.md
    wrote Acme Incidents/permissions.yaml
    wrote Acme Incidents/playbooks/customer-escalation.yaml
    wrote Acme Incidents/playbooks/cybersecurity-incident.yaml
    wrote Acme Incidents/playbooks/service-outage.yaml
    wrote Acme Incidents/schema/permissions.schema.json
    wrote Acme Incidents/schema/playbook.schema.json
    wrote Acme Incidents/schema/workspace.schema.json
    wrote Acme Incidents/templates/announcement.md.j2
    wrote Acme Incidents/templates/customer/retrospective.md.j2
    wrote Acme Incidents/templates/customer/update.md.j2
    wrote Acme Incidents/templates/customer/welcome.md.j2
    wrote Acme Incidents/templates/cybersecurity/announcement.md.j2
    wrote Acme Incidents/templates/cybersecurity/overview.md.j2
    wrote Acme Incidents/templates/cybersecurity/postmortem.md.j2
    wrote Acme Incidents/templates/cybersecurity/retrospective.md.j2
    wrote Acme Incidents/templates/cybersecurity/update.md.j2
    wrote Acme Incidents/templates/cybersecurity/welcome.md.j2
    wrote Acme Incidents/templates/overview.md.j2
    wrote Acme Incidents/templates/postmortem.md.j2
    wrote Acme Incidents/templates/retrospective.md.j2
    wrote Acme Incidents/templates/update.md.j2
    wrote Acme Incidents/templates/welcome.md.j2
    wrote Acme Incidents/warroom.yaml
    --- stderr
    workspace `acme-incidents`
    next:
      1. cd 'Acme Incidents'
      2. put your people into permissions.yaml, your server and team into warroom.yaml
      3. warroom validate
      4. warroom login URL
      5. warroom plan
    ");
    let files = files(&warroom.root().join("Acme Incidents"));
    let told: Vec<&str> = ran
        .out
        .lines()
        .map(|line| line.strip_prefix("wrote Acme Incidents/").unwrap())
        .collect();
    assert_eq!(files.keys().collect::<Vec<_>>(), told);
    assert!(files["warroom.yaml"].contains("workspace: acme-incidents "));
    // Half a year after the day on the clock of the test.
    assert!(files["playbooks/service-outage.yaml"].contains("by: 2027-05-21"));
}

#[test]
fn only_the_chosen_playbooks_come_with_what_they_need() {
    let warroom = Warroom::new();
    let ran = warroom.run(&["init", "--playbook", "customer-escalation"]);
    assert_snapshot!(ran.out, @"
    wrote .gitignore
    wrote README.md
    wrote permissions.yaml
    wrote playbooks/customer-escalation.yaml
    wrote schema/permissions.schema.json
    wrote schema/playbook.schema.json
    wrote schema/workspace.schema.json
    wrote templates/announcement.md.j2
    wrote templates/customer/retrospective.md.j2
    wrote templates/customer/update.md.j2
    wrote templates/customer/welcome.md.j2
    wrote templates/overview.md.j2
    wrote templates/postmortem.md.j2
    wrote warroom.yaml
    ");
    let files = files(warroom.root());
    assert_snapshot!(files["permissions.yaml"], @"
    # yaml-language-server: $schema=schema/permissions.schema.json
    # Who may do what. Reviewed on its own: point CODEOWNERS at this file.

    # Put your own people here: usernames, without @. Named as group:NAME wherever people are named.
    groups:
      incident-leads: [carol]              # answer for the playbooks, and are called into every incident
      responders: [alice, bob]             # engineers who are on call
      support: [dave]                      # who talks to customers every day

    # A playbook names one of these in `access`.
    #   visibility          private: only the people named here see it; needs the Enterprise tier (Entry counts)
    #   use                 may start incidents from it: those who see trouble first
    #   edit                may also edit it in Mattermost, for an emergency; git stays the source
    #   only_editors_edit   nobody else can edit it, not even by accident
    #   commander_decides   false: nothing hangs on one person at three in the morning
    profiles:
      customer-escalation:
        playbook:
          visibility: private
          use: [group:support, group:responders]
          edit: [group:incident-leads]
          only_editors_edit: true
        incident:
          channel: public                  # whoever has met the same trouble may join in
          commander_decides: false
    ");
    assert!(!files["warroom.yaml"].contains("forensics"));
}

#[test]
fn json_names_the_files_and_the_next_steps() {
    let warroom = Warroom::new();
    let ran = warroom.run(&[
        "init",
        "acme",
        "--playbook",
        "service-outage",
        "--format",
        "json",
    ]);
    assert_snapshot!(ran.transcript(), @r#"
    exit: 0
    --- stdout
    {
      "version": 1,
      "workspace": "acme",
      "directory": "[ROOT]/acme",
      "files": [
        ".gitignore",
        "README.md",
        "permissions.yaml",
        "playbooks/service-outage.yaml",
        "schema/permissions.schema.json",
        "schema/playbook.schema.json",
        "schema/workspace.schema.json",
        "templates/announcement.md.j2",
        "templates/overview.md.j2",
        "templates/postmortem.md.j2",
        "templates/retrospective.md.j2",
        "templates/update.md.j2",
        "templates/welcome.md.j2",
        "warroom.yaml"
      ],
      "next": [
        "cd acme",
        "put your people into permissions.yaml, your server and team into warroom.yaml",
        "warroom validate",
        "warroom login URL",
        "warroom plan"
      ]
    }
    --- stderr
    "#);
}

#[test]
fn nothing_is_overwritten_and_nothing_is_written_beside() {
    let warroom = Warroom::new()
        .file("README.md", "mine")
        .file("templates/update.md.j2", "mine too")
        .file("playbooks", "a file where a folder should be");
    let before = files(warroom.root());
    let ran = warroom.run(&["init"]);
    assert_snapshot!(ran.transcript(), @"
    exit: 3
    --- stdout
    --- stderr
    error: could not write the workspace, because these exist already:
      README.md
      playbooks
      templates/update.md.j2
    help: nothing was written, and nothing is ever overwritten; name another folder: `warroom init DIR`
    ");
    assert_eq!(files(warroom.root()), before);
}

#[test]
fn a_second_init_is_refused_whole() {
    let warroom = Warroom::new();
    assert_eq!(warroom.run(&["init", "acme"]).status, ExitStatus::Done);
    let before = files(warroom.root());
    let ran = warroom.run(&["init", "acme", "--playbook", "customer-escalation"]);
    assert_eq!(ran.status, ExitStatus::Refused);
    assert_eq!(files(warroom.root()), before);
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_nowhere_is_in_the_way_too() {
    let warroom = Warroom::new();
    std::os::unix::fs::symlink("/nowhere", warroom.root().join("warroom.yaml")).unwrap();
    let ran = warroom.run(&["init"]);
    assert_eq!(ran.status, ExitStatus::Refused, "{}", ran.err);
    assert!(files(warroom.root()).is_empty());
}

#[cfg(unix)]
#[test]
fn a_link_to_a_folder_elsewhere_is_not_written_through() {
    let elsewhere = Warroom::new();
    let warroom = Warroom::new();
    std::os::unix::fs::symlink(elsewhere.root(), warroom.root().join("templates")).unwrap();
    let ran = warroom.run(&["init"]);
    assert_eq!(ran.status, ExitStatus::Refused, "{}", ran.err);
    assert!(files(elsewhere.root()).is_empty());
}

#[cfg(unix)]
#[test]
fn the_files_may_be_read_by_whoever_the_umask_allows() {
    use std::os::unix::fs::PermissionsExt;
    let warroom = Warroom::new().file("plain", "");
    warroom.run(&["init", "acme"]);
    let mode = |path: &str| {
        let found = std::fs::metadata(warroom.root().join(path)).unwrap();
        found.permissions().mode()
    };
    assert_eq!(mode("acme/warroom.yaml"), mode("plain"));
}

#[test]
fn an_unknown_playbook_is_told_with_the_nearest_one() {
    let warroom = Warroom::new();
    let ran = warroom.run(&["init", "--playbook", "servce-outage"]);
    assert_snapshot!(ran.transcript(), @"
    exit: 64
    --- stdout
    --- stderr
    error: there is no starter playbook `servce-outage`; did you mean `service-outage`?
    help: the starter playbooks are `service-outage`, `cybersecurity-incident`, `customer-escalation`
    ");
    assert!(files(warroom.root()).is_empty());
}

#[test]
fn professional_says_why_its_playbooks_are_public() {
    let warroom = Warroom::new();
    let ran = warroom.run(&["init", "acme", "--tier", "professional"]);
    assert_snapshot!(ran.err, @"
    workspace `acme`
    its playbooks are public: private ones need the Enterprise tier (the free Entry edition counts), and Professional refuses them
    next:
      1. cd acme
      2. put your people into permissions.yaml, your server and team into warroom.yaml
      3. warroom validate
      4. warroom login URL
      5. warroom plan
    ");
    let permissions = &files(&warroom.root().join("acme"))["permissions.yaml"];
    let lines = permissions.lines().map(str::trim);
    let visible: Vec<&str> = lines.filter(|l| l.starts_with("visibility")).collect();
    assert_snapshot!(visible.join("\n"), @"
    visibility: public
    visibility: public
    visibility: public
    ");
}

#[test]
fn core_is_refused_because_playbooks_is_absent_there() {
    let warroom = Warroom::new();
    let ran = warroom.run(&["init", "--tier", "core"]);
    assert_snapshot!(ran.transcript(), @"
    exit: 3
    --- stdout
    --- stderr
    error: could not make a workspace for the core tier: since server 11 Team Edition has no Playbooks
    help: the free Entry edition has all of Playbooks: take `--tier enterprise` for it, or `--tier professional`
    ");
    assert!(files(warroom.root()).is_empty());
}

/// Runs `validate` in a folder, and wants nothing to be said about its files.
fn validates_clean(warroom: &Warroom, folder: &str) {
    let ran = warroom.run(&["-C", folder, "validate"]);
    assert_eq!(
        ran.status,
        ExitStatus::Done,
        "{folder}\n{}{}",
        ran.out,
        ran.err
    );
    assert!(ran.err.contains("no findings"), "{folder}\n{}", ran.err);
}

#[test]
fn the_repository_itself_is_a_valid_workspace() {
    validates_clean(&Warroom::new(), env!("CARGO_MANIFEST_DIR"));
}

#[test]
fn every_choice_of_playbooks_validates_clean_on_every_tier() {
    let names: Vec<&str> = warroom::starter::playbooks().collect();
    let warroom = Warroom::new();
    for tier in ["professional", "enterprise"] {
        for bits in 0..1 << names.len() {
            let folder = format!("{tier}-{bits}");
            let mut line = vec!["init", &folder, "--tier", tier];
            for (n, name) in names.iter().enumerate() {
                if bits & (1 << n) != 0 {
                    line.extend(["--playbook", name]);
                }
            }
            let ran = warroom.run(&line);
            assert_eq!(ran.status, ExitStatus::Done, "{line:?}\n{}", ran.err);
            validates_clean(&warroom, &folder);
        }
    }
}

#[test]
fn a_folder_whose_name_is_a_number_or_a_word_of_yaml_gives_a_valid_workspace() {
    for name in [
        "123",
        "007",
        "0x10",
        "1e3",
        "true",
        "null",
        "yes",
        "2026-01-01",
    ] {
        let warroom = Warroom::new();
        assert_eq!(warroom.run(&["init", name]).status, ExitStatus::Done);
        let ran = warroom.run(&["validate", "-C", name]);
        assert_eq!(ran.status, ExitStatus::Done, "{name}: {}", ran.out);
        let settings = &files(&warroom.root().join(name))["warroom.yaml"];
        assert!(
            settings.contains(&format!("workspace: \"{name}\" ")),
            "{settings}"
        );
    }
}

#[test]
fn a_folder_without_a_name_is_wrong_usage() {
    let warroom = Warroom::new();
    let ran = warroom.run(&["init", ""]);
    assert_snapshot!(ran.transcript(), @r"
    exit: 64
    --- stdout
    --- stderr
    error: the folder to write to has no name
    help: name one, or leave it out to write into this folder: `warroom init`
    ");
    assert!(files(warroom.root()).is_empty());
}

#[test]
fn every_path_that_is_told_exists() {
    for (dir, enter) in [("d3/../d4", "cd d4"), ("-x", "cd ./-x")] {
        let warroom = Warroom::new();
        let ran = warroom.run(&["init", "--", dir]);
        assert!(ran.err.contains(&format!("1. {enter}\n")), "{}", ran.err);
        for line in ran.out.lines() {
            let path = line.strip_prefix("wrote ").unwrap();
            assert!(warroom.root().join(path).is_file(), "{path}");
        }
    }
}
