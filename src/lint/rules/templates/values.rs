//! What a template prints: where, and through which filters.

use crate::diag::Span;
use crate::lint::scope::{PlaybookScope, Scope, TemplateScope};
use crate::model::{ChannelVisibility, TextSource};
use crate::template::{Fences, Printed, Template, TemplateKind};
use crate::workspace::Placed;

/// Filters after which a text stays within its line.
const ONE_LINE: [&str; 11] = [
    "code", "datetime", "duration", "int", "length", "md", "mention", "round", "table", "until",
    "yesno",
];
/// Values that are times.
const TIMES: [&str; 7] = [
    "incident.ended_at",
    "incident.started_at",
    "now",
    "tasks.list[].due_at",
    "update.next_at",
    "updates.last_at",
    "updates.next_at",
];

/// A place where the words of people can do harm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Row,
    Link,
    Diagram,
}

/// T-09.
pub(super) fn template_unescaped(scope: &mut TemplateScope<'_>) {
    let text = scope.source.text();
    if !(text.contains('|') || text.contains("](") || text.contains("mermaid")) {
        return;
    }
    for printed in scope.template.contents().printed {
        let Some(place) = place_of(text, printed.range.start) else {
            continue;
        };
        let people = match place {
            Place::Link => is_free_text(&printed, scope.template) && !is_attribute(&printed),
            Place::Row | Place::Diagram => is_free_text(&printed, scope.template),
        };
        let safe = place != Place::Diagram && printed.went_through(&ONE_LINE);
        if !people || safe {
            continue;
        }
        let (where_, label) = match place {
            Place::Row if printed.went_through(&["paragraphs"]) => {
                ("a row of a table", "a row is one line: use `| md`")
            }
            Place::Row => ("a row of a table", "add `| md`"),
            Place::Link => (
                "the target of a link",
                "print the words beside the link, with `| md`",
            ),
            Place::Diagram => (
                "a diagram",
                "print the words below the diagram, with `| md`",
            ),
        };
        let message = format!(
            "`{}` is text that people typed, printed as it is in {where_}",
            printed.path
        );
        let finding = scope.at(Span::from(printed.range.clone()), message);
        let finding = finding
            .label(label)
            .help("a `|`, a bracket or a line break in that text would break what is around it");
        scope.report(finding);
    }
}

fn is_free_text(printed: &Printed, template: &Template) -> bool {
    let path = printed.path.as_str();
    matches!(
        path,
        "incident.name" | "incident.description" | "previous" | "tasks.list[].title"
    ) || is_attribute(printed)
        || template.inputs().iter().any(|input| input.key == path)
}

fn is_attribute(printed: &Printed) -> bool {
    printed.path.starts_with("incident.attributes.") || printed.path == "incident.attributes[]"
}

fn place_of(text: &str, at: usize) -> Option<Place> {
    let line = text[..at].rfind('\n').map_or(0, |n| n + 1);
    let mut fences = Fences::default();
    for above in text[..line].lines() {
        fences.holds(above);
    }
    if let Some(info) = fences.info() {
        return (info == "mermaid").then_some(Place::Diagram);
    }
    let mut before = text[line..at].trim_start();
    // Tags print nothing.
    while let Some(rest) = before.strip_prefix("{%") {
        before = rest
            .split_once("%}")
            .map_or("", |(_, rest)| rest)
            .trim_start();
    }
    if before.starts_with('|') {
        return Some(Place::Row);
    }
    let open = before.rfind("](")?;
    (!before[open..].contains(')')).then_some(Place::Link)
}

/// T-11.
pub(super) fn template_private(scope: &mut PlaybookScope<'_>) {
    let playbook = scope.playbook;
    if playbook.start.announce.is_empty() {
        return;
    }
    let profiles = &scope.around.permissions.profiles;
    let profile = profiles.get(&playbook.access);
    if profile.is_none_or(|p| p.incident.channel != ChannelVisibility::Private) {
        return;
    }
    let own = playbook.templates.announcement.as_ref();
    let text = TemplateKind::Announcement.text_of(playbook, scope.around.settings);
    let Some(TextSource::File(path)) = text else {
        return;
    };
    let Some(template) = scope.around.template(path) else {
        return;
    };
    if !["description", "attributes"]
        .iter()
        .any(|w| template.text().contains(w))
    {
        return;
    }
    let printed = template.contents().printed.into_iter();
    let mut private = printed.filter(|p| p.path == "incident.description" || is_attribute(p));
    let Some(printed) = private.next() else {
        return;
    };
    let (pointer, label) = match own {
        Some(_) => (
            "/templates/announcement",
            "leave out what only people in the incident's channel may know",
        ),
        None => (
            "/start/announce",
            "give the playbook an announcement of its own that says less",
        ),
    };
    let message = format!(
        "incidents of this playbook are private, but the announcement shows `{}` in other channels",
        printed.path
    );
    let file = scope.around.document(path.as_str());
    let span = file.source().first_line(Span::from(printed.range));
    let finding = scope
        .at_value(pointer, message)
        .related(file.source(), span, "printed here")
        .label(label)
        .help("`templates: { announcement: PATH }` in a playbook takes the place of the one in `warroom.yaml`");
    scope.report(finding);
}

/// T-12.
pub(super) fn template_impure(scope: &mut TemplateScope<'_>) {
    if !scope.kinds.contains(&TemplateKind::Postmortem) {
        return;
    }
    for (name, range) in scope.template.contents().names {
        if name == "now" {
            let message = "a post-mortem that prints `now` differs each time it is exported";
            let finding = scope.at(Span::from(range), message);
            let finding = finding
                .label("use `incident.ended_at`")
                .help("the same incident has to give the same file, so that a new export shows only what really changed");
            scope.report(finding);
        }
    }
}

/// T-13.
pub(super) fn template_timezone(scope: &mut TemplateScope<'_>) {
    for printed in scope.template.contents().printed {
        let no_zone = |text: &String| text.trim() == "Z" || text.contains("UTC");
        let replaced =
            printed.went_through(&["replace", "trim"]) && printed.arguments.iter().any(no_zone);
        let is_time = TIMES.contains(&printed.path.as_str());
        if !is_time || printed.went_through(&["until"]) || !(printed.is_cut || replaced) {
            continue;
        }
        let message = format!("the time `{}` is shown without its zone", printed.path);
        let finding = scope.at(Span::from(printed.range.clone()), message);
        let finding = finding
            .label("use `| datetime` alone")
            .help("it shows `2026-11-21 12:00 UTC`; the reader may be in another country");
        scope.report(finding);
    }
}
