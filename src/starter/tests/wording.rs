//! The starter templates as people read them: in an incident, and in the web UI before one.

use std::collections::BTreeMap;

use insta::assert_snapshot;

use super::super::TEMPLATES;
use crate::template::{
    Context, CurrentTask, EventContext, IncidentContext, KeyedTitle, PlaybookContext,
    PostmortemContext, Scene, SeverityContext, StaticWords, TasksContext, Template, TemplateKind,
    UpdateContext, UpdatesContext,
};

fn template(path: &str) -> Template {
    let (_, text) = TEMPLATES.iter().find(|(p, _)| *p == path).unwrap();
    Template::parse(path, text).unwrap()
}

fn kind_of(path: &str) -> TemplateKind {
    let file = path.rsplit('/').next().unwrap();
    let kind = TemplateKind::ALL
        .into_iter()
        .find(|kind| file == format!("{}.md.j2", kind.name().replace('-', "")));
    kind.unwrap()
}

/// An incident of which nothing is known that can be unknown.
fn bare() -> IncidentContext {
    IncidentContext {
        name: "Checkout fails".to_owned(),
        number: None,
        description: String::new(),
        url: "https://chat.example.com/ops/channels/checkout-fails".to_owned(),
        channel: "checkout-fails".to_owned(),
        severity: SeverityContext {
            key: "sev1".to_owned(),
            title: "SEV-1".to_owned(),
            means: "Customers cannot use a core service".to_owned(),
        },
        status: KeyedTitle {
            key: "active".to_owned(),
            title: "Active".to_owned(),
        },
        commander: None,
        creator: None,
        roles: BTreeMap::from([("comms".to_owned(), None)]),
        attributes: BTreeMap::new(),
        started_at: "2026-11-21T02:41:00Z".parse().unwrap(),
        ended_at: None,
        drill: false,
        playbook: PlaybookContext::default(),
    }
}

fn full() -> IncidentContext {
    IncidentContext {
        number: Some("OUT-00007".to_owned()),
        description: "Payments fail\nsince the deploy".to_owned(),
        commander: Some("carol".to_owned()),
        roles: BTreeMap::from([
            ("comms".to_owned(), Some("bob".to_owned())),
            ("scribe".to_owned(), None),
        ]),
        ..bare()
    }
}

fn tasks(current: Option<&str>) -> TasksContext {
    TasksContext {
        done: 4,
        total: 23,
        late: usize::from(current.is_some()),
        current: current.map(|title| CurrentTask {
            title: title.to_owned(),
        }),
        ..TasksContext::default()
    }
}

/// What a template of that kind sees, with as little or as much as there can be.
fn context(kind: TemplateKind, template: &Template, much: bool) -> Context {
    let at = |time: &str| much.then(|| time.parse().unwrap());
    let tasks = tasks(much.then_some("Narrow down what is broken"));
    let inputs = template
        .inputs()
        .iter()
        .filter(|input| much || input.required)
        .map(|input| (input.key.clone(), format!("<{}>", input.key)))
        .collect();
    let event = EventContext {
        kind: "started".to_owned(),
        words: "has started".to_owned(),
        by: None,
    };
    let part = |name: &str| format!("[{name}]");
    Context {
        incident: if much { full() } else { bare() },
        now: "2026-11-21T03:00:00Z".parse().unwrap(),
        scene: match kind {
            TemplateKind::Update => Scene::Update {
                tasks,
                update: UpdateContext {
                    number: 1,
                    is_final: !much,
                    next_at: at("2026-11-21T03:30:00Z"),
                    by: None,
                },
                previous: None,
                inputs,
            },
            TemplateKind::Overview => Scene::Overview {
                tasks,
                updates: UpdatesContext {
                    count: 1,
                    last_at: at("2026-11-21T03:00:00Z"),
                    next_at: at("2026-11-21T03:30:00Z"),
                },
            },
            TemplateKind::Announcement => Scene::Announcement { event },
            TemplateKind::Welcome => Scene::Welcome,
            TemplateKind::Retrospective => Scene::Retrospective,
            TemplateKind::Postmortem => Scene::Postmortem(Box::new(PostmortemContext {
                facts: part("facts"),
                timeline: part("timeline"),
                gantt: part("gantt"),
                gaps: part("gaps"),
                tasks: part("tasks"),
                updates: part("updates"),
            })),
        },
    }
}

fn rendered(path: &str, much: bool) -> String {
    let template = template(path);
    let context = context(kind_of(path), &template, much);
    template.render(&context).unwrap()
}

fn before_any_incident(path: &str) -> String {
    let words = StaticWords {
        playbook_key: "service-outage".to_owned(),
        playbook_title: "Service outage".to_owned(),
    };
    template(path).static_text(kind_of(path), &words).unwrap()
}

#[test]
fn every_template_is_sound_for_its_kind() {
    for (path, _) in TEMPLATES {
        assert_eq!(template(path).check(kind_of(path)), [], "{path}");
    }
}

#[test]
fn no_template_leaves_a_hole_whatever_is_known() {
    for (path, _) in TEMPLATES {
        for text in [
            rendered(path, false),
            rendered(path, true),
            before_any_incident(path),
        ] {
            for wrong in [
                "none,",
                "undefined",
                "{{",
                "{%",
                "()",
                "  ",
                "** \n",
                "\n\n\n",
            ] {
                assert!(!text.contains(wrong), "{path} has {wrong:?}:\n{text}");
            }
            let label = text.lines().find(|line| line.ends_with(":**"));
            assert_eq!(label, None, "{path}:\n{text}");
        }
    }
}

#[test]
fn a_status_update_says_what_impact_next_and_when() {
    assert_snapshot!(rendered("templates/update.md.j2", true), @"
    #### SEV-1 · Checkout fails · Active
    **What:** &lt;what&gt;
    **Impact:** &lt;impact&gt;
    **Progress:** 4 of 23 tasks, now in *Narrow down what is broken*
    **Next:** &lt;next&gt;
    **Next update:** 2026-11-21 03:30 UTC
    ");
    assert_snapshot!(rendered("templates/update.md.j2", false), @"
    #### SEV-1 · Checkout fails · Active
    **Impact:** &lt;impact&gt;
    **Progress:** 4 of 23 tasks
    **Next:** &lt;next&gt;
    **Next update:** none planned; this was the last one
    ");
    assert_snapshot!(before_any_incident("templates/update.md.j2"), @"
    #### (severity) · (incident) · (status)
    **What:** (What is going on, in one sentence?)
    **Impact:** (What can customers not do?)
    **Progress:** (done) of (all) tasks
    **Next:** (What happens next?)
    **Next update:** (next update)
    ");
    assert_snapshot!(rendered("templates/cybersecurity/update.md.j2", true), @"
    #### NEED TO KNOW · SEV-1 · Checkout fails · Active
    *For members of this channel only. Do not forward or quote; ask @carol before you tell anybody.*
    **Confirmed impact:** &lt;impact&gt;
    **Suspected or unknown:** &lt;suspected&gt;
    **Progress:** 4 of 23 tasks, now in *Narrow down what is broken*
    **Next:** &lt;next&gt;
    **Next update:** 2026-11-21 03:30 UTC
    ");
    assert_snapshot!(rendered("templates/customer/update.md.j2", true), @"
    #### SEV-1 · Checkout fails · Active
    **Impact on the customer:** &lt;impact&gt;
    **Promised:** &lt;promised&gt;
    **Progress:** 4 of 23 tasks
    **Next:** &lt;next&gt;
    **Next update:** 2026-11-21 03:30 UTC
    *Internal. Only the customer liaison talks to the customer; questions go to @carol.*
    ");
}

#[test]
fn an_overview_is_readable_with_much_and_with_little() {
    assert_snapshot!(rendered("templates/overview.md.j2", true), @"
    **Active** · SEV-1 · commander @carol · comms @bob · started 2026-11-21 02:41 UTC
    Payments fail
    since the deploy
    **Tasks:** 4 of 23 done, 1 late, now in *Narrow down what is broken*
    **Last update:** 2026-11-21 03:00 UTC
    **Next update:** by 2026-11-21 03:30 UTC
    ");
    assert_snapshot!(rendered("templates/overview.md.j2", false), @"
    **Active** · SEV-1 · commander nobody · started 2026-11-21 02:41 UTC
    **Tasks:** 4 of 23 done
    ");
    assert_snapshot!(before_any_incident("templates/overview.md.j2"), @"
    **(status)** · (severity) · commander (commander) · started (start)
    **Tasks:** (done) of (all) done
    ");
}

#[test]
fn an_announcement_of_a_restricted_incident_gives_nothing_away() {
    let text = rendered("templates/cybersecurity/announcement.md.j2", true);
    assert_snapshot!(text, @"A restricted matter has started. If you were asked to help, or know something about it, write to @carol directly. Please do not discuss it here.");
    assert!(!text.contains("Checkout") && !text.contains("checkout"));
}

#[test]
fn every_generated_part_of_a_post_mortem_has_its_place() {
    for path in [
        "templates/postmortem.md.j2",
        "templates/cybersecurity/postmortem.md.j2",
    ] {
        let text = rendered(path, true);
        for part in ["facts", "timeline", "gantt", "gaps", "tasks", "updates"] {
            assert_eq!(
                text.matches(&format!("[{part}]")).count(),
                1,
                "{path}: {part}"
            );
        }
        for section in [
            "Owner of this document",
            "## Contributing factors",
            "| Action | Owner | Due | Type",
        ] {
            assert!(text.contains(section), "{path}: {section}");
        }
        assert!(!text.to_lowercase().contains("root cause"), "{path}");
    }
}
