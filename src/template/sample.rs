//! Made-up contexts: the least and the most that a template can meet.
//!
//! Owns what both look like for a template of each kind, so that `lint` and
//! `render` try a template before an incident does. Real incidents lie between
//! the two. Pure: the same arguments give the same context, at a time of its own.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::{
    Context, CurrentTask, EventContext, IncidentContext, KeyedTitle, PlaybookContext,
    PostmortemContext, Scene, SeverityContext, TaskContext, TasksContext, Template, TemplateKind,
    UpdateContext, UpdatesContext,
};
use crate::model::{
    Attribute, AttributeKind, AttributeSource, Duration, Playbook, Settings, Task, TextFormat,
};

/// How much a made-up incident has to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sample {
    /// What no incident is without: nobody known, nothing done, everything that may be empty is.
    Small,
    /// Every value present, as long as it can be, and full of what breaks Markdown.
    Large,
}

impl Sample {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Small, Self::Large];
}

/// The longest name that a run takes.
const LONGEST_NAME: usize = 1024;
/// The longest name of a channel.
const LONGEST_CHANNEL: usize = 64;
/// The longest text of an attribute.
const LONGEST_VALUE: usize = 255;
/// As much as somebody types into an input.
const LONGEST_INPUT: usize = 1000;
/// As much as somebody writes at the start, or in an update.
const LONGEST_TEXT: usize = 2000;

/// A username of 64 characters, with those that Markdown takes for its own.
const SOMEBODY: &str = "maximiliana.von_der_langen-strasse__second.account.for_exercises";

/// One line that breaks tables, code, mentions and HTML.
const LINE: &str =
    "Checkout | `fails` for **everybody** @all in _eu-1_ <b>since noon</b> [x](y) ~town-square #1 ";
/// The same with line breaks, and lines that begin like something else.
const LINES: &str = "Checkout | `fails` for **everybody** @all.\n\n# since noon\n- <b>eu-1</b> @channel\n```\n| --- |\n> ~town-square\n";

/// A context for a template of that kind, as an incident of the playbook could give it.
#[must_use]
pub fn sample(
    kind: TemplateKind,
    size: Sample,
    settings: &Settings,
    playbook: &Playbook,
    template: &Template,
) -> Context {
    match size {
        Sample::Small => small(kind, settings, playbook, template),
        Sample::Large => large(kind, settings, playbook, template),
    }
}

fn start() -> Timestamp {
    Timestamp::constant(1_795_262_400, 0)
}

fn later(minutes: i64) -> Timestamp {
    start() + SignedDuration::from_mins(minutes)
}

fn small(
    kind: TemplateKind,
    settings: &Settings,
    playbook: &Playbook,
    template: &Template,
) -> Context {
    let scene = match kind {
        // The first update can be the last: then no other follows.
        TemplateKind::Update => Scene::Update {
            tasks: TasksContext::default(),
            update: UpdateContext {
                number: 1,
                by: Some("x".to_owned()),
                is_final: true,
                next_at: None,
            },
            previous: None,
            inputs: inputs(template, |input| {
                (input.required && input.default.is_none()).then(|| "x".to_owned())
            }),
        },
        TemplateKind::Overview => Scene::Overview {
            tasks: TasksContext::default(),
            updates: UpdatesContext::default(),
        },
        TemplateKind::Announcement => Scene::Announcement {
            event: event("started", "has started", "x"),
        },
        TemplateKind::Welcome => Scene::Welcome,
        TemplateKind::Retrospective => Scene::Retrospective,
        TemplateKind::Postmortem => Scene::Postmortem(Box::new(parts("", ""))),
    };
    // Without `--severity` an incident has the least; an export knows only what was written down.
    let is_export = kind == TemplateKind::Postmortem;
    let severity = settings.severities.last().filter(|_| !is_export);
    let status = settings.statuses.first().filter(|_| !is_export);
    let nobody = |names: Vec<String>| names.into_iter().map(|name| (name, None)).collect();
    let roles = settings.roles.keys().filter(|_| !is_export);
    let attributes = playbook.attributes.iter().filter(|_| !is_export);
    let incident = IncidentContext {
        name: "x".to_owned(),
        number: None,
        description: String::new(),
        url: "https://a.example/playbooks/runs/x".to_owned(),
        channel: String::new(),
        severity: severity.map(severity_of).unwrap_or_default(),
        status: status.map(status_of).unwrap_or_default(),
        commander: None,
        creator: None,
        roles: nobody(roles.map(ToString::to_string).collect()),
        attributes: nobody(attributes.map(|a| a.key.to_string()).collect()),
        started_at: start(),
        ended_at: None,
        drill: false,
        playbook: PlaybookContext {
            key: playbook.key.to_string(),
            title: playbook.title.clone(),
            commit: None,
            url: None,
        },
    };
    Context {
        incident,
        now: start(),
        scene,
    }
}

fn large(
    kind: TemplateKind,
    settings: &Settings,
    playbook: &Playbook,
    template: &Template,
) -> Context {
    let now = later(20 * 60);
    let next_at = Some(now + SignedDuration::from_mins(30));
    let scene = match kind {
        TemplateKind::Update => Scene::Update {
            tasks: tasks(playbook, now),
            update: UpdateContext {
                number: 100,
                by: Some(SOMEBODY.to_owned()),
                is_final: false,
                next_at,
            },
            previous: Some(filled(LINES, LONGEST_TEXT)),
            inputs: inputs(template, |_| Some(filled(LINES, LONGEST_INPUT))),
        },
        TemplateKind::Overview => Scene::Overview {
            tasks: tasks(playbook, now),
            updates: UpdatesContext {
                count: 99,
                last_at: Some(later(19 * 60)),
                next_at,
            },
        },
        TemplateKind::Announcement => Scene::Announcement {
            event: event("handed_over", "has a new commander", SOMEBODY),
        },
        TemplateKind::Welcome => Scene::Welcome,
        TemplateKind::Retrospective => Scene::Retrospective,
        TemplateKind::Postmortem => Scene::Postmortem(Box::new(parts(
            "| fact | value |\n| --- | --- |\n| declared | 2026-11-21 12:00 UTC |\n",
            "```mermaid\ngantt\n    section 1. Triage\n    1.1 Confirm it :done, 2026-11-21T12:00:00, 5m\n```\n",
        ))),
    };
    let severity = settings
        .severities
        .iter()
        .max_by_key(|s| s.title.len() + s.means.len());
    let status = settings.statuses.iter().max_by_key(|s| s.title.len());
    let somebody = || Some(SOMEBODY.to_owned());
    let roles = settings.roles.keys();
    let attributes = playbook.attributes.iter();
    let is_over = matches!(kind, TemplateKind::Retrospective | TemplateKind::Postmortem);
    let incident = IncidentContext {
        name: filled(LINE, LONGEST_NAME),
        number: Some(format!(
            "{}-99999",
            playbook.start.number_prefix.as_deref().unwrap_or("OUT")
        )),
        description: filled(LINES, LONGEST_TEXT),
        url: "https://chat.a-long-name.example.com/sub/playbooks/runs/w5tgxfmbcbn98jzd7r5ps1k3ha"
            .to_owned(),
        channel: filled("checkout-fails-", LONGEST_CHANNEL),
        severity: severity.map(severity_of).unwrap_or_default(),
        status: status.map(status_of).unwrap_or_default(),
        commander: somebody(),
        creator: somebody(),
        roles: roles.map(|role| (role.to_string(), somebody())).collect(),
        attributes: attributes
            .map(|a| (a.key.to_string(), Some(value(a, settings))))
            .collect(),
        started_at: start(),
        ended_at: is_over.then_some(now),
        drill: true,
        playbook: PlaybookContext {
            key: playbook.key.to_string(),
            title: playbook.title.clone(),
            commit: Some("3f2a91c0d8e7b6a5948372615049382716f5e4d3".to_owned()),
            url: settings.source_of(&format!("playbooks/{}.yaml", playbook.key)),
        },
    };
    Context {
        incident,
        now,
        scene,
    }
}

fn inputs(
    template: &Template,
    value: impl Fn(&super::Input) -> Option<String>,
) -> BTreeMap<String, String> {
    let inputs = template.inputs().iter();
    inputs
        .filter_map(|input| Some((input.key.clone(), value(input)?)))
        .collect()
}

fn event(kind: &str, words: &str, by: &str) -> EventContext {
    EventContext {
        kind: kind.to_owned(),
        words: words.to_owned(),
        by: Some(by.to_owned()),
    }
}

fn severity_of(severity: &crate::model::Severity) -> SeverityContext {
    SeverityContext {
        key: severity.key.to_string(),
        title: severity.title.clone(),
        means: severity.means.clone(),
    }
}

fn status_of(status: &crate::model::Status) -> KeyedTitle {
    KeyedTitle {
        key: status.key.to_string(),
        title: status.title.clone(),
    }
}

/// The tasks of the playbook, those with a condition too, in every state.
fn tasks(playbook: &Playbook, now: Timestamp) -> TasksContext {
    const STATES: [&str; 4] = ["open", "in progress", "done", "skipped"];
    let mut all = TasksContext::default();
    for (n, (list, place, task)) in playbook.tasks().enumerate() {
        let state = STATES[n % STATES.len()];
        let checklist = &playbook.checklists[list].title;
        let made = made_up(task, checklist, state, now);
        match state {
            "done" => all.done += 1,
            "skipped" => all.skipped += 1,
            _ => all.open += 1,
        }
        all.late += usize::from(made.late);
        if all.current.is_none() {
            all.current = Some(CurrentTask {
                title: checklist.clone(),
            });
        }
        all.list.push(TaskContext {
            number: format!("{}.{}", list + 1, place + 1),
            ..made
        });
    }
    all.total = all.done + all.open;
    all
}

fn made_up(task: &Task, checklist: &str, state: &str, now: Timestamp) -> TaskContext {
    let due = task.due.map_or(3600, Duration::as_seconds);
    let due = SignedDuration::from_secs(i64::try_from(due).unwrap_or(i64::MAX));
    let due_at = start().checked_add(due).ok();
    let is_open = matches!(state, "open" | "in progress");
    TaskContext {
        number: String::new(),
        title: task.title.clone(),
        checklist: checklist.to_owned(),
        state: state.to_owned(),
        assignee: Some(SOMEBODY.to_owned()),
        due_at,
        late: is_open && due_at.is_some_and(|due| due < now),
        required: task.required,
    }
}

/// A value that the attribute can have, the longest where it is chosen from a list.
fn value(attribute: &Attribute, settings: &Settings) -> String {
    if let Some(AttributeSource::Severities) = attribute.from {
        let titles = settings.severities.iter().map(|s| s.title.as_str());
        return titles
            .max_by_key(|title| title.len())
            .unwrap_or_default()
            .to_owned();
    }
    let options = attribute.options.iter().map(String::as_str);
    match attribute.kind {
        Some(AttributeKind::Select) => options
            .max_by_key(|option| option.len())
            .unwrap_or_default()
            .to_owned(),
        Some(AttributeKind::Multiselect) => options.collect::<Vec<_>>().join(", "),
        Some(AttributeKind::Date) => "2026-11-21".to_owned(),
        Some(AttributeKind::User) => SOMEBODY.to_owned(),
        Some(AttributeKind::Multiuser) => [SOMEBODY; 3].join(", "),
        Some(AttributeKind::Text) | None if attribute.format == Some(TextFormat::Url) => {
            let path = filled("a-long-path/", LONGEST_VALUE - 28);
            format!("https://tickets.example.com/{path}")
        }
        Some(AttributeKind::Text) | None => filled(LINE, LONGEST_VALUE),
    }
}

/// The generated parts of a post-mortem, between their markers.
fn parts(table: &str, diagram: &str) -> PostmortemContext {
    let part = |name: &str, content: &str| {
        format!("<!-- begin:generated {name} -->\n{content}<!-- end:generated {name} -->")
    };
    PostmortemContext {
        facts: part("facts", table),
        timeline: part("timeline", table),
        gantt: part("gantt", diagram),
        gaps: part("gaps", table),
        tasks: part("tasks", table),
        updates: part("updates", table),
    }
}

/// The words over and over, in exactly that many characters.
fn filled(words: &str, length: usize) -> String {
    let mut text: String = words.chars().cycle().take(length).collect();
    // The server trims what it keeps.
    if text.ends_with(char::is_whitespace) {
        text.pop();
        text.push('x');
    }
    text
}

#[cfg(test)]
mod tests;
