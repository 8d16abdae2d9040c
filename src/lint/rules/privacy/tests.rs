//! Further cases of these rules, and what must not be found.

use crate::diag::Code;
use crate::lint::tests::{lint, messages};
use crate::ui::{Style, report};

fn playbook(code: Code, text: &str) -> Vec<String> {
    let found = messages(code, &[("playbooks/outage.yaml", text)]);
    let message = |line: String| line.split_once(": ").unwrap().1.to_owned();
    found.into_iter().map(message).collect()
}

#[test]
fn no_secret_is_shown_by_any_report_or_message() {
    let secret = "ghp_abcdefghijklmnopqrst0123";
    let text = format!(
        "title: \"Outage {secret} {{{{ incident.name }}}}\"\ndescription: \"token: CANARY1canary2\"\nstart: {{ invite: [group:sre], number_prefix: OUT, welcome: \"{secret}\" }}\n"
    );
    let other = format!(
        "key: other\ntitle: \"Other {secret}\"\naccess: everybody\nstart: {{ number_prefix: out }}\nchecklists: []\n"
    );
    let findings = lint(&[
        ("playbooks/outage.yaml", &text),
        ("playbooks/other.yaml", &other),
    ]);
    assert!(findings.iter().filter(|f| f.code == Code::Secret).count() >= 4);
    for shown in [
        report::human(&findings, Style::PLAIN),
        format!(
            "{:?}",
            findings.iter().map(|f| &f.message).collect::<Vec<_>>()
        ),
    ] {
        assert!(
            !shown.contains("ghp_abc") && !shown.contains("CANARY"),
            "{shown}"
        );
    }
}

#[test]
fn secrets_are_found_in_every_file() {
    let token = "x # glpat-abcdefghijklmnop1234";
    let files = [
        (
            "playbooks/outage.yaml",
            "start: { invite: [group:sre], welcome: templates/w.md.j2 }\n",
        ),
        ("templates/w.md.j2", "Use glpat-abcdefghijklmnop1234.\n"),
        ("warroom.yaml", &format!("source_url: https://{token}\n")),
        (
            "permissions.yaml",
            "# password: hunter2hunter2\nserver: { roles: {} }\n",
        ),
    ];
    assert_eq!(messages(Code::Secret, &files).len(), 3);
}

#[test]
fn a_transcript_is_not_yet_written_and_never_of_private_incidents() {
    let files = |private: bool, export: bool, channel: &str, transcript: &str| {
        let settings =
            format!("export: {{ transcript: {transcript}, private_incidents: {private} }}\n");
        let permissions = format!(
            "profiles:\n  everybody:\n    playbook: {{ visibility: public, use: [group:sre], edit: [carol] }}\n    incident: {{ channel: {channel}, export: {export} }}\n"
        );
        messages(
            Code::TranscriptPolicy,
            &[
                ("warroom.yaml", &settings),
                ("permissions.yaml", &permissions),
            ],
        )
    };
    assert_eq!(
        files(true, true, "private", "highlights"),
        ["9: `transcript: highlights` also exports the conversations of private incidents to git"]
    );
    assert!(files(true, true, "private", "none").is_empty());
    for (private, export, channel) in [
        (false, true, "private"),
        (true, false, "private"),
        (true, true, "public"),
    ] {
        assert_eq!(
            files(private, export, channel, "full"),
            ["9: `transcript: full` is not yet supported by `run export`"]
        );
    }
}

#[test]
fn pseudonyms_are_told_before_an_export_refuses_them() {
    let settings = "export: { people: pseudonyms }\n";
    assert_eq!(
        messages(Code::TranscriptPolicy, &[("warroom.yaml", settings)]),
        ["9: `people: pseudonyms` is not yet supported by `run export`"]
    );
}

#[test]
fn metrics_have_targets_that_can_be_measured() {
    let metric = |more: &str| {
        playbook(
            Code::BadMetric,
            &format!(
                "retrospective: {{ remind_every: 1d, metrics: [{{ key: a, title: A, {more} }}, {{ key: b, title: B, type: integer }}] }}\n"
            ),
        )
    };
    for good in [
        "type: duration, target: 30m",
        "type: duration, target: 0",
        "type: currency, target: 100",
        "type: integer",
    ] {
        assert!(metric(good).is_empty(), "{good}");
    }
    for bad in [
        "type: duration, target: 30",
        "type: currency, target: 30m",
        "type: integer, target: 1h",
        "type: integer, target: -1",
    ] {
        assert_eq!(metric(bad).len(), 1, "{bad}");
    }
    let text = "retrospective: { remind_every: 1d, metrics: [{ key: a, title: A, type: integer }, { key: b, title: a, type: integer }] }\n";
    assert!(playbook(Code::BadMetric, text).is_empty());
}

#[test]
fn folders_of_the_export_are_its_own() {
    let path = |path: &str| {
        messages(
            Code::ExportPath,
            &[("warroom.yaml", &format!("export: {{ path: \"{path}\" }}\n"))],
        )
        .len()
    };
    let long = "abc/".repeat(62) + "x";
    for bad in ["playbooks", "Templates/x", "a*b", "in. /x", &long] {
        assert_eq!(path(bad), 1, "{bad}");
    }
    for good in ["incidents", "docs/playbooks", "playbooks-archive"] {
        assert_eq!(path(good), 0, "{good}");
    }
}

#[test]
fn prefixes_may_repeat_in_another_team() {
    let ours = "start: { invite: [group:sre], number_prefix: OUT }\n";
    let other = |team: &str| {
        let text = format!(
            "key: other\ntitle: Other\naccess: everybody\nteam: {team}\nstart: {{ number_prefix: out }}\nchecklists: []\n"
        );
        messages(
            Code::BadPrefix,
            &[
                ("playbooks/outage.yaml", ours),
                ("playbooks/other.yaml", &text),
            ],
        )
    };
    assert_eq!(
        other("ops"),
        ["5: another playbook of the team `ops` already numbers its incidents with `OUT`"]
    );
    assert!(other("web").is_empty());
}

#[test]
fn a_file_full_of_placeholders_gives_a_bounded_number_of_findings() {
    let many = "TODO-import ".repeat(4_500);
    let comment =
        format!("# {many}\nstart: {{ invite: [group:sre], welcome: templates/w.md.j2 }}\n");
    let files = [
        ("playbooks/outage.yaml", comment.as_str()),
        ("templates/w.md.j2", &many),
    ];
    let more = messages(Code::MoreFindings, &files);
    assert_eq!(more.len(), 2, "{more:?}");
    for more in more {
        assert!(more.contains("there are at least 90"), "{more}");
    }
}

#[test]
fn sections_of_a_post_mortem_have_several_names() {
    let template = |text: &str| {
        let playbook = "templates: { postmortem: templates/p.md.j2 }\n";
        messages(
            Code::PostmortemSections,
            &[
                ("playbooks/outage.yaml", playbook),
                ("templates/p.md.j2", text),
            ],
        )
    };
    assert!(template("## Owner\n## Causes\n## Follow-up\n").is_empty());
    assert!(template("Verantwortlich: Ada\n## Beitragende Faktoren\n## Maßnahmen\n").is_empty());
    assert!(template("Zuständig: Ada\n## Ursachen\n## Nächste Schritte\n").is_empty());
    assert_eq!(
        template("## Eigentümer\n## Hauptursache\n## Massnahmen\n"),
        ["2: this asks for a single root cause only"]
    );
    assert_eq!(
        template("## Owner\n## Root cause\n## Action items\n"),
        ["2: this asks for a single root cause only"]
    );
    assert_eq!(template("## Story\n").len(), 1);
}

#[test]
fn one_reference_may_serve_two_events() {
    let text = "start: { invite: [group:sre], webhooks: [{ env: WARROOM_SECRET_A }] }\nupdates: { every: 30m, webhooks: [{ env: WARROOM_SECRET_A }], broadcast: [~incidents] }\n";
    assert!(playbook(Code::WebhookTarget, text).is_empty());
}
