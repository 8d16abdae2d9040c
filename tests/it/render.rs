//! `warroom render`: what one wrote, as it takes effect.

use insta::assert_snapshot;
use warroom::exit::ExitStatus;

use crate::incidents::scene::Scene;
use crate::support::{Ran, Warroom};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures");

fn example() -> Warroom {
    Warroom::new().copy(format!("{FIXTURES}/example"))
}

fn small() -> Warroom {
    Warroom::new().copy(format!("{FIXTURES}/workspace"))
}

fn playbook(more: &str) -> Ran {
    let text = format!("key: outage\ntitle: Outage\naccess: incident-response\n{more}");
    small()
        .file("playbooks/outage.yaml", text)
        .run(&["render", "outage"])
}

#[test]
fn a_playbook_is_shown_with_everything_filled_in() {
    assert_snapshot!(example().run(&["render", "service-outage"]).transcript(), @r"
    exit: 0
    --- stdout
    Service outage (service-outage)
    playbooks/service-outage.yaml

      A customer-facing service is down or badly degraded.

      team              ops
      review            carol looks at it until 2027-03-31

    access, by the profile `incident-response`
      playbook          private: only those named here see it
      starts incidents  group:sre (@alice, @bob)
                        @dave
      edits             group:incident-leads (@carol)
                        nobody else can edit it
      incident channel  public: anybody of the team may join
      ends, hands over  anybody who takes part
      export to git     allowed

    start
      commander         @carol
      invited           group:sre (@alice, @bob)
                        group:incident-leads (@carol)
      channel           a new one, in the category Incidents
      number            OUT-00001 and on
      told              ~exec-briefing
                        ~incidents
                        ~support
      called            $WARROOM_SECRET_PAGER_WEBHOOK

    attributes
      service           Service: one of checkout, search, login; always shown
      severity          Severity: one of sev1, sev2, sev3; shown once it has a value
      vendor            Vendor contact: a person; shown once it has a value
      ticket            Ticket: a link; shown once it has a value

    checklists, as stages one after the other
    1 Triage (triage)
      1.1 Confirm the outage from outside the network (confirm)
          the commander · within 10m · required
      1.2 Page the vendor (page-vendor)
          whoever stands in Vendor contact (attribute vendor) · only when service is checkout, and severity is sev1 or sev2 · offers /page vendor
      1.3 Publish on the status page (status-page)
          Communications (role comms) · within 20m · closes itself when @statusbot posts status page published
    2 Recover (recover)
      2.1 Roll back the last change (rollback)
          the commander · required
      2.2 Verify with real traffic (verify)
          @bob · required
      2.3 Complete the timeline (timeline)
          Scribe (role scribe)

    status updates
      every             30m
        sev1            15m
        sev2            30m
        sev3            4h
      broadcast         ~incidents
                        ~support

    retrospective
      reminder          asked for every 1d
      metrics           Downtime
                        Refunds
                        Customers affected

    messages
      update            templates/update.md.j2
      overview          templates/overview.md.j2
      announcement      templates/announcement.md.j2
      welcome           templates/welcome.md.j2
      retrospective     templates/retrospective.md.j2
      post-mortem       templates/postmortem.md.j2
    --- stderr
    ");
}

#[test]
fn a_playbook_that_says_little_shows_what_that_means() {
    assert_snapshot!(playbook("checklists: []\n").out, @r"
    Outage (outage)
    playbooks/outage.yaml

      team              ops
      review            nobody is asked

    access, by the profile `incident-response`
      playbook          private: only those named here see it
      starts incidents  group:sre (@alice, @bob)
                        @dave
      edits             group:leads (@carol)
      incident channel  private: by invitation only
      ends, hands over  anybody who takes part
      export to git     refused

    start
      commander         whoever starts it
      invited           nobody
      channel           a new one
      told              no channel

    checklists, in any order

    status updates
      every             off

    retrospective
      reminder          off

    messages
      update            built in
      overview          none
      announcement      built in
      welcome           none
      retrospective     none
      post-mortem       built in
    ");
}

#[test]
fn conditions_are_told_in_words() {
    let more = "\
attributes:
  - { key: vendor, name: Vendor, type: select, options: [Acme, Beta] }
  - { key: severity, name: Severity, from: severities }
checklists:
  - key: a
    title: A
    tasks:
      - { key: one, title: One, when: { vendor: [Acme, Beta], not: { severity: [sev2] } } }
";
    let out = playbook(more).out;
    assert!(
        out.contains("1.1 One (one)\n      anybody · only when vendor is Acme or Beta, and severity is not sev2\n"),
        "{out}"
    );
}

#[test]
fn programs_get_the_same_as_one_object_with_a_version() {
    let ran = small().run(&["render", "outage", "--format", "json"]);
    assert_eq!(ran.status, ExitStatus::Done, "{}", ran.err);
    assert_snapshot!("playbook-json", ran.out);
}

#[test]
fn a_message_is_rendered_for_the_least_and_the_most() {
    let example = example();
    let ran = example.run(&["render", "update", "--for", "service-outage"]);
    assert_snapshot!(ran.transcript(), @r"
    exit: 0
    --- stdout
    #### SEV-3 · x · Reported
    **Impact:** x
    **Progress:** 0 of 0 tasks
    **Next:** x
    --- stderr
    update from templates/update.md.j2
    ");
    let large = |format: &str| {
        let line = [
            "render",
            "templates/update.md.j2",
            "--for",
            "service-outage",
        ];
        let more = ["--sample", "large", "--format", format];
        let ran = example.run(&[line.as_slice(), &more].concat());
        assert_eq!(ran.status, ExitStatus::Done, "{}", ran.err);
        ran.out
    };
    let text = large("human");
    assert!(text.len() > 2000, "{text}");
    assert!(!text.contains("@all") && !text.contains("<b>"), "{text}");
    let object: serde_json::Value = serde_json::from_str(&large("json")).unwrap();
    assert_eq!(object["version"], 1);
    assert_eq!(object["kind"], "update");
    assert_eq!(object["template"], "templates/update.md.j2");
    assert_eq!(object["text"].as_str().unwrap(), text.trim_end());
}

#[test]
fn every_kind_has_a_message() {
    let example = example();
    for kind in [
        "update",
        "overview",
        "announcement",
        "welcome",
        "retrospective",
        "postmortem",
        "post-mortem",
    ] {
        for sample in ["small", "large"] {
            let ran = example.run(&[
                "render",
                kind,
                "--for",
                "service-outage",
                "--sample",
                sample,
            ]);
            assert_eq!(ran.status, ExitStatus::Done, "{kind}: {}", ran.err);
            assert!(!ran.out.trim().is_empty(), "{kind}");
        }
    }
}

#[test]
fn a_playbook_that_names_no_template_gets_the_built_in_one() {
    let ran = small().run(&["render", "announcement", "--for", "outage"]);
    assert_snapshot!(ran.transcript(), @r"
    exit: 0
    --- stdout
    **x** (SEV-2) has started. Commander: nobody. Join in ~.
    --- stderr
    announcement from built-in announcement; `outage` names no template of its own
    ");
    let ran = small().run(&["render", "welcome", "--for", "outage"]);
    assert_snapshot!(ran.transcript(), @r"
    exit: 0
    --- stdout
    Welcome. Read the overview at the top of the channel first, then ask nobody where you are needed.
    --- stderr
    welcome from built-in welcome; `outage` names no welcome, so its incidents have none: this is a text to begin with
    ");
}

#[test]
fn the_text_of_the_web_ui_is_what_sync_writes() {
    let ran = small().run(&["render", "update", "--for", "outage", "--static"]);
    assert_snapshot!(ran.transcript(), @r"
    exit: 0
    --- stdout
    #### (incident)
    **Impact:** (What can customers not do?)
    --- stderr
    update from templates/update.md.j2
    ");
}

#[test]
fn what_run_show_printed_gives_the_message_that_people_read() {
    let scene = Scene::running();
    scene.done("alice", &["run", "check", "1.1"]);
    let shown = scene.run("alice", &["run", "show", "--format", "json"]);
    let warroom = &scene.warroom;
    warroom.write("incident.json", shown.out);
    let render = |what: &str| {
        let line = [
            "render",
            what,
            "--for",
            "outage",
            "--incident",
            "incident.json",
        ];
        let ran = warroom.run(&line);
        assert_eq!(ran.status, ExitStatus::Done, "{}", ran.err);
        ran.out
    };
    assert_eq!(render("overview").trim(), scene.overview());
    assert_eq!(
        render("update").trim(),
        "**Reported** · What can customers not do? · What happens next? · Anything else? · next by 2026-11-21 16:00 UTC"
    );
    for kind in ["welcome", "announcement", "retrospective", "postmortem"] {
        assert!(render(kind).trim().len() > 5, "{kind}");
    }
}

#[test]
fn a_file_that_is_no_incident_says_what_is_wrong_and_how_to_get_one() {
    let warroom = small()
        .file("a.json", "{ \"version\": 1, \"incident\": { \"id\": 7 } }")
        .file("b.json", "{ \"schema\": \"warroom/incident/1\" }")
        .file("c.json", "x".repeat((8 << 20) + 1))
        .file("d.json", "[".repeat(100_000));
    let told = ["a", "b", "c", "d", "no"].map(|name| {
        let file = format!("{name}.json");
        let line = ["render", "update", "--for", "outage", "--incident", &file];
        let ran = warroom.run(&line);
        assert_eq!(ran.status, ExitStatus::Failed, "{}", ran.out);
        ran.err
    });
    assert_snapshot!(told.concat(), @r"
    error: could not read the incident in `a.json`: incident.id: invalid type: integer `7`, expected a string at line 1 column 37
    help: `warroom run show --format json > incident.json` writes one
    error: could not read the incident in `b.json`: it is the record of an export, which says less of the tasks than a template sees
    help: `warroom run show --format json > incident.json` writes one
    error: could not read the incident in `c.json`: it is larger than 8 MiB
    error: could not read the incident in `d.json`: [0]: invalid type: sequence, expected u64 at line 1 column 1
    help: `warroom run show --format json > incident.json` writes one
    error: could not read the incident in `no.json`: there is no such file
    ");
}

#[test]
fn names_that_lead_nowhere_say_what_was_meant() {
    let small = small()
        .file("templates/lost.md.j2", "x\n")
        .file("templates/update.md.j2", "{{ incident.name | md }}\n")
        .file(
            "playbooks/both.yaml",
            "key: both\ntitle: Both\naccess: incident-response\nstart: { welcome: templates/update.md.j2 }\nupdates: { every: 1h, template: templates/update.md.j2 }\nchecklists: []\n",
        );
    let told = [
        &["render", "outge"][..],
        &["render", "update"],
        &["render", "update", "--for", "outge"],
        &["render", "updat", "--for", "outage"],
        &["render", "templates/updates.md.j2", "--for", "outage"],
        &["render", "../../etc/passwd", "--for", "outage"],
        &["render", "templates/lost.md.j2", "--for", "outage"],
        &["render", "templates/update.md.j2", "--for", "both"],
        &["render", "outage", "--sample", "large"],
    ]
    .map(|line| {
        let ran = small.run(line);
        assert_eq!(ran.status, ExitStatus::Usage, "{line:?}: {}", ran.out);
        format!("$ warroom {}\n{}", line.join(" "), ran.err)
    });
    assert_snapshot!(told.concat(), @r"
    $ warroom render outge
    error: there is no playbook `outge`
    help: did you mean `outage`?
    $ warroom render update
    error: there is no playbook `update`
    help: a message belongs to a playbook: add `--for both`
    $ warroom render update --for outge
    error: there is no playbook `outge`
    help: did you mean `outage`?
    $ warroom render updat --for outage
    error: there is no template `updat`
    help: did you mean `update`?
    $ warroom render templates/updates.md.j2 --for outage
    error: there is no template `templates/updates.md.j2`
    help: did you mean `templates/update.md.j2`?
    $ warroom render ../../etc/passwd --for outage
    error: there is no template `../../etc/passwd`
    help: write the path of a template in the workspace, or one of `update`, `overview`, `announcement`, `welcome`, `retrospective`, `post-mortem`
    $ warroom render templates/lost.md.j2 --for outage
    error: no playbook names `templates/lost.md.j2`, so nobody knows what it sees
    help: name it in a playbook or in `templates` of `warroom.yaml`
    $ warroom render templates/update.md.j2 --for both
    error: `templates/update.md.j2` is the template of several kinds: `update`, `welcome`
    help: write the kind instead of the path
    $ warroom render outage --sample large
    error: the following required arguments were not provided:
      --for <PLAYBOOK>

    Usage: warroom render --for <PLAYBOOK> --sample <small|large> <PLAYBOOK|TEMPLATE>

    For more information, try '--help'.
    ");
}

#[test]
fn a_path_of_a_file_means_what_the_file_holds() {
    let small = small().file("templates/update.md.j2", "{{ incident.name | md }}\n");
    let page = small.run(&["render", "outage"]);
    assert_eq!(page.status, ExitStatus::Done, "{}", page.err);
    let root = small.root().as_str();
    for line in [
        &["render", "playbooks/outage.yaml"][..],
        &["render", "./playbooks/../playbooks/outage.yaml"],
        &["render", &format!("{root}/playbooks/outage.yaml")],
        &["-C", "playbooks", "render", "outage.yaml"],
        &["-C", "templates", "render", "../playbooks/outage.yaml"],
    ] {
        assert_eq!(small.run(line).transcript(), page.transcript(), "{line:?}");
    }
    let message = small.run(&["render", "update", "--for", "outage"]);
    assert_eq!(message.status, ExitStatus::Done, "{}", message.err);
    for line in [
        &["render", "templates/update.md.j2"][..],
        &["-C", "templates", "render", "./update.md.j2"],
        &["render", "update", "--for", "playbooks/outage.yaml"],
        &["render", "./templates/update.md.j2", "--for", "outage"],
        &[
            "-C",
            "playbooks",
            "render",
            "../templates/update.md.j2",
            "--for",
            "outage.yaml",
        ],
    ] {
        assert_eq!(
            small.run(line).transcript(),
            message.transcript(),
            "{line:?}"
        );
    }
}

#[test]
fn a_name_that_leads_nowhere_is_told_before_mistakes_in_files() {
    let broken = |text: &str| {
        small()
            .file("playbooks/other.yaml", text)
            .file("templates/broken.md.j2", [0xff])
    };
    let misspelt = broken("key: other\ntitle: Other\nacces: incident-response\nchecklists: []\n");
    let told = [
        &["render", "outge"][..],
        &["render", "playbooks/outge.yaml"],
        &["render", "othr"],
        &["render", "update"],
        &["render", "update", "--for", "outge"],
        &["render", "updat", "--for", "other"],
        &["render", "templates/updat.md.j2", "--for", "outage"],
    ]
    .map(|line| {
        let ran = misspelt.run(line);
        assert_eq!(ran.status, ExitStatus::Usage, "{line:?}: {}", ran.err);
        format!("$ warroom {}\n{}", line.join(" "), ran.err)
    });
    assert_snapshot!(told.concat(), @r"
    $ warroom render outge
    error: there is no playbook `outge`
    help: did you mean `outage`?
    $ warroom render playbooks/outge.yaml
    error: there is no playbook `playbooks/outge.yaml`
    help: did you mean `playbooks/outage.yaml`?
    $ warroom render othr
    error: there is no playbook `othr`
    help: did you mean `other`?
    $ warroom render update
    error: there is no playbook `update`
    help: a message belongs to a playbook: add `--for other`
    $ warroom render update --for outge
    error: there is no playbook `outge`
    help: did you mean `outage`?
    $ warroom render updat --for other
    error: there is no template `updat`
    help: did you mean `update`?
    $ warroom render templates/updat.md.j2 --for outage
    error: there is no template `templates/updat.md.j2`
    help: did you mean `templates/update.md.j2`?
    ");
    // What may be meant is not called unknown: then the mistakes are what stands in the way.
    let unreadable = broken("[");
    for (warroom, line) in [
        (&misspelt, &["render", "other"][..]),
        (&misspelt, &["render", "playbooks/other.yaml"]),
        (
            &misspelt,
            &["render", "templates/broken.md.j2", "--for", "outage"],
        ),
        (&unreadable, &["render", "outge"]),
        (&unreadable, &["render", "playbooks/other.yaml"]),
    ] {
        let ran = warroom.run(line);
        assert_eq!(ran.status, ExitStatus::Findings, "{line:?}: {}", ran.err);
        assert!(
            ran.err.contains("the workspace has mistakes"),
            "{}",
            ran.err
        );
    }
}

#[test]
fn a_strangers_workspace_steers_no_terminal_and_gets_no_variable() {
    const CANARY: &str = "canary-51f0";
    let text = "\
key: outage
title: Outage
description: \"x\\e]0;y\\u0007\\n\\u2028z\\r1\"
access: incident-response
start: { webhooks: [{ env: WARROOM_SECRET_X }], channel: { name: \"a\\e[2J\\u202eb\" } }
attributes:
  - { key: a, name: A, type: select, options: [\"\\e[31mred\", \"\\u202eb\"] }
updates: { every: 1h, template: templates/update.md.j2 }
checklists: []
";
    let warroom = small()
        .file("playbooks/outage.yaml", text)
        .file(
            "templates/update.md.j2",
            "\u{1b}[2J{{ incident.playbook.title }}\u{202e}\rx\n",
        )
        .variable("WARROOM_SECRET_X", CANARY);
    let lost = "templates/\u{1b}[2Jlost.md.j2";
    warroom.write(lost, "x\n");
    for (line, status) in [
        (&["render", "outage"][..], ExitStatus::Done),
        (&["render", "update", "--for", "outage"], ExitStatus::Done),
        (
            &["render", "update", "--for", "outage", "--static"],
            ExitStatus::Done,
        ),
        (&["render", lost, "--for", "outage"], ExitStatus::Usage),
        (
            &["render", "templates/lost.md.j2", "--for", "outage"],
            ExitStatus::Usage,
        ),
    ] {
        let ran = warroom.run(line);
        assert_eq!(ran.status, status, "{}", ran.transcript());
        let steers = |c: char| (c.is_control() && c != '\n') || "\u{202e}\u{2028}".contains(c);
        assert!(!ran.transcript().contains(steers), "{:?}", ran.transcript());
        assert!(!ran.transcript().contains(CANARY));
    }
}

#[test]
fn no_secret_is_rendered() {
    let warroom = small()
        .file(
            "playbooks/outage.yaml",
            "\
key: outage
title: Outage
description: \"log in with password hunter2hunter2\"
access: incident-response
updates: { every: 1h, template: templates/update.md.j2 }
checklists:
  - key: first
    title: First
    tasks: [{ key: a, title: A, command: /jenkins --token k3jw8s9f7nq2x }]
",
        )
        .file(
            "templates/update.md.j2",
            "token: {{ \"k3jw8s9\" }}f7nq2x of {{ incident.playbook.title }}\n",
        );
    for line in [
        &["render", "outage"][..],
        &["render", "outage", "--format", "json"],
        &["render", "update", "--for", "outage"],
        &["render", "update", "--for", "outage", "--format", "json"],
    ] {
        let ran = warroom.run(line);
        assert_eq!(ran.status, ExitStatus::Done, "{}", ran.transcript());
        for secret in ["hunter2", "k3jw8s9", "f7nq2x"] {
            assert!(!ran.transcript().contains(secret), "{}", ran.transcript());
        }
        assert!(ran.transcript().contains("***"), "{}", ran.transcript());
    }
}
