//! A playbook as it takes effect, as people read it.
//!
//! Owns the words for values and the layout of the page. Text of a workspace is
//! shown line by line without anything that steers a terminal.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use crate::diag::one_line;
use crate::model::{AttributeKind, ChannelVisibility, Progression, Show, TextFormat, Visibility};
use crate::render::{
    Access, Effective, EffectiveAttribute, EffectiveTask, EffectiveUpdates, Message, Origin, Start,
    Who,
};

/// The column in which values begin.
const VALUES: usize = 20;

#[derive(Serialize)]
struct PlaybookJson<'a> {
    version: u32,
    playbook: &'a Effective,
}

#[derive(Serialize)]
struct MessageJson<'a> {
    version: u32,
    kind: &'static str,
    template: &'a str,
    text: &'a str,
}

/// The playbook for programs.
#[must_use]
pub fn json(playbook: &Effective) -> impl Serialize + '_ {
    PlaybookJson {
        version: 1,
        playbook,
    }
}

/// A message for programs.
#[must_use]
pub fn message_json(message: &Message) -> impl Serialize + '_ {
    MessageJson {
        version: 1,
        kind: message.kind.name(),
        template: &message.template,
        text: &message.text,
    }
}

/// The same for programs, with every text of it as `starred` gives it.
#[must_use]
pub fn without_secrets(json: &impl Serialize, starred: &impl Fn(&str) -> String) -> Value {
    fn hide(value: &mut Value, starred: &impl Fn(&str) -> String) {
        match value {
            Value::String(text) => *text = starred(text),
            Value::Array(elements) => elements.iter_mut().for_each(|value| hide(value, starred)),
            Value::Object(entries) => entries.values_mut().for_each(|value| hide(value, starred)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    let mut value = serde_json::to_value(json).unwrap_or_default();
    hide(&mut value, starred);
    value
}

/// A text of several lines in which nothing steers a terminal.
#[must_use]
pub fn lines(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(one_line).collect();
    lines.join("\n")
}

/// The page.
#[must_use]
pub fn page(playbook: &Effective) -> String {
    let mut page = Page::default();
    page.line(0, &format!("{} ({})", playbook.title, playbook.key));
    page.line(0, &playbook.file);
    page.text(2, &playbook.description);
    page.blank();
    let teams = playbook.teams.iter().map(ToString::to_string);
    page.list("team", teams, "none: `sync` refuses it");
    let review = playbook.review.as_ref();
    let review = review.map(|review| format!("{} looks at it until {}", review.owner, review.by));
    page.value(
        "review",
        &review.unwrap_or_else(|| "nobody is asked".to_owned()),
    );
    access(&mut page, &playbook.access);
    start(&mut page, &playbook.start);
    if !playbook.attributes.is_empty() {
        page.heading("attributes");
        for attribute in &playbook.attributes {
            page.value(attribute.key.as_str(), &kind_of(attribute));
        }
    }
    page.heading(match playbook.progression {
        Progression::Free => "checklists, in any order",
        Progression::Staged => "checklists, as stages one after the other",
    });
    for checklist in &playbook.checklists {
        page.line(
            0,
            &format!(
                "{} {} ({})",
                checklist.number, checklist.title, checklist.key
            ),
        );
        for task in &checklist.tasks {
            self::task(&mut page, task);
        }
    }
    updates(&mut page, playbook.updates.as_ref());
    page.heading("retrospective");
    let often = playbook
        .remind_every
        .map(|every| format!("asked for every {every}"));
    page.value(
        "reminder",
        match (playbook.retrospective, &often) {
            (false, _) => "off",
            (true, None) => "asked for once, at the end",
            (true, Some(often)) => often,
        },
    );
    if !playbook.metrics.is_empty() {
        page.list("metrics", playbook.metrics.iter().cloned(), "");
    }
    page.heading("messages");
    for used in &playbook.templates {
        let words = match (used.origin, &used.file) {
            (Origin::File, Some(file)) => file.clone(),
            (Origin::File | Origin::Inline, _) => "the text in the playbook".to_owned(),
            (Origin::BuiltIn, _) => "built in".to_owned(),
            (Origin::Nowhere, _) => "none".to_owned(),
        };
        page.value(used.kind, &words);
    }
    if !playbook.unmanaged.is_empty() {
        let words = |part: &crate::model::Unmanaged| match part {
            crate::model::Unmanaged::Webhooks => "webhooks".to_owned(),
            crate::model::Unmanaged::Members => "members".to_owned(),
        };
        page.list(
            "left to Mattermost",
            playbook.unmanaged.iter().map(words),
            "",
        );
    }
    page.text
}

fn access(page: &mut Page, access: &Access) {
    page.heading(&format!("access, by the profile `{}`", access.profile));
    page.value(
        "playbook",
        match access.visibility {
            Visibility::Private => "private: only those named here see it",
            Visibility::Public => "public: the whole team sees it",
        },
    );
    page.list(
        "starts incidents",
        access.users.iter().map(who),
        "nobody is named",
    );
    page.list("edits", access.editors.iter().map(who), "nobody is named");
    if access.only_editors_edit {
        page.value("", "nobody else can edit it");
    }
    page.value(
        "incident channel",
        match access.channel {
            ChannelVisibility::Private => "private: by invitation only",
            ChannelVisibility::Public => "public: anybody of the team may join",
        },
    );
    page.value(
        "ends, hands over",
        if access.commander_decides {
            "only the commander"
        } else {
            "anybody who takes part"
        },
    );
    page.value(
        "export to git",
        if access.export { "allowed" } else { "refused" },
    );
}

fn start(page: &mut Page, start: &Start) {
    page.heading("start");
    let commander = start.commander.as_ref().map(|name| format!("@{name}"));
    let commander = commander.unwrap_or_else(|| "whoever starts it".to_owned());
    page.value("commander", &commander);
    page.list("invited", start.invite.iter().map(who), "nobody");
    let mut channel = match &start.channel.link {
        Some(link) => format!("the existing {link}"),
        None => "a new one".to_owned(),
    };
    if let Some(name) = &start.channel.name {
        let _ = write!(channel, ", named {name}");
    }
    if let Some(category) = &start.channel.category {
        let _ = write!(channel, ", in the category {category}");
    }
    if start.channel.archive_when_ended {
        channel += ", archived at the end";
    }
    page.value("channel", &channel);
    if let Some(prefix) = &start.number_prefix {
        page.value("number", &format!("{prefix}-00001 and on"));
    }
    let told = start.told.iter().map(ToString::to_string);
    page.list("told", told, "no channel");
    if !start.webhooks.is_empty() {
        page.list(
            "called",
            start.webhooks.iter().map(|env| format!("${env}")),
            "",
        );
    }
}

fn task(page: &mut Page, task: &EffectiveTask) {
    page.line(2, &format!("{} {} ({})", task.number, task.title, task.key));
    let due = task.due.map(|due| format!("within {due}"));
    let required = task.required.then(|| "required".to_owned());
    let command = task
        .command
        .as_ref()
        .map(|command| format!("offers {command}"));
    let closes = (!task.keywords.is_empty()).then(|| {
        let from = task.keywords_from.iter().map(|name| format!("@{name}"));
        let from = from.collect::<Vec<_>>().join(" or ");
        let by = if from.is_empty() {
            "somebody".to_owned()
        } else {
            from
        };
        format!(
            "closes itself when {by} posts {}",
            task.keywords.join(" or ")
        )
    });
    let assignee = task
        .assignee
        .clone()
        .unwrap_or_else(|| "anybody".to_owned());
    let facts = [
        Some(assignee),
        due,
        required,
        task.condition.clone(),
        command,
        closes,
    ];
    let facts: Vec<String> = facts.into_iter().flatten().collect();
    page.line(6, &facts.join(" · "));
}

fn updates(page: &mut Page, updates: Option<&EffectiveUpdates>) {
    page.heading("status updates");
    let Some(updates) = updates else {
        page.value("every", "off");
        return;
    };
    page.value("every", &updates.every.to_string());
    for of in &updates.by_severity {
        page.value(&format!("  {}", of.severity), &of.every.to_string());
    }
    let broadcast = updates.broadcast.iter().map(ToString::to_string);
    page.list("broadcast", broadcast, "to no channel");
    if !updates.webhooks.is_empty() {
        page.list(
            "called",
            updates.webhooks.iter().map(|env| format!("${env}")),
            "",
        );
    }
}

fn who(who: &Who) -> String {
    let people: Vec<String> = who.people.iter().map(|name| format!("@{name}")).collect();
    match (&who.mattermost_group, people.as_slice()) {
        (Some(group), _) => format!("{} (in Mattermost: @{group})", who.name),
        (None, [only]) if only[1..] == who.name => only.clone(),
        (None, []) => format!("{} (nobody)", who.name),
        (None, people) => format!("{} ({})", who.name, people.join(", ")),
    }
}

fn kind_of(attribute: &EffectiveAttribute) -> String {
    let options = attribute.options.join(", ");
    let kind = match attribute.kind {
        AttributeKind::Text if attribute.format == Some(TextFormat::Url) => "a link".to_owned(),
        AttributeKind::Text => "a text".to_owned(),
        AttributeKind::Select => format!("one of {options}"),
        AttributeKind::Multiselect => format!("any of {options}"),
        AttributeKind::Date => "a date".to_owned(),
        AttributeKind::User => "a person".to_owned(),
        AttributeKind::Multiuser => "several people".to_owned(),
    };
    let show = match attribute.show {
        Show::Always => "always shown",
        Show::WhenSet => "shown once it has a value",
        Show::Hidden => "hidden",
    };
    format!("{}: {kind}; {show}", attribute.name)
}

#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn line(&mut self, indent: usize, text: &str) {
        let text = one_line(text);
        let line = format!("{}{text}", " ".repeat(indent));
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    fn blank(&mut self) {
        self.text.push('\n');
    }

    /// Several lines, after a blank one.
    fn text(&mut self, indent: usize, text: &str) {
        if text.trim().is_empty() {
            return;
        }
        self.blank();
        for line in text.lines() {
            self.line(indent, line);
        }
    }

    fn heading(&mut self, text: &str) {
        self.blank();
        self.line(0, text);
    }

    fn value(&mut self, name: &str, value: &str) {
        let width = VALUES - 2;
        self.line(2, &format!("{name:<width$}{value}"));
    }

    /// One value a line.
    fn list(&mut self, name: &str, values: impl Iterator<Item = String>, none: &str) {
        let mut name = name;
        let mut is_empty = true;
        for value in values {
            self.value(name, &value);
            (name, is_empty) = ("", false);
        }
        if is_empty {
            self.value(name, none);
        }
    }
}
