//! Texts that are sent as they are: what in them looks as if somebody replaced it.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use super::super::placeholders::{RESERVED, folded, tokens};
use super::super::words::at_range;
use crate::diag::{Finding, Span};
use crate::lint::scope::{PlaybookScope, Scope, TemplateScope};
use crate::mattermost::limits::{MESSAGE, RETROSPECTIVE, RUN_SUMMARY};
use crate::model::TextSource;
use crate::schema::MOST_ERRORS;
use crate::template::{Fences, TemplateKind, is_variable};
use crate::workspace::Placed;

/// The words that begin a tag of a template.
const TAGS: [&str; 11] = [
    "if", "elif", "else", "endif", "for", "endfor", "set", "with", "endwith", "raw", "endraw",
];

/// The most bytes between the braces of a tag.
const LONGEST: usize = 500;

/// Whether a text is Markdown, where code may show what it likes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Markdown,
    Plain,
}

/// T-06.
pub(super) fn template_raw(scope: &mut PlaybookScope<'_>) {
    let playbook = scope.playbook;
    let mut found: Vec<(String, &str, Range<usize>)> = Vec::new();
    let mut look = |text, form: Form, pointer: &dyn Fn() -> String| {
        if let Some(range) = jinja(text, form) {
            found.push((pointer(), text, range));
        }
    };
    look(&playbook.title, Form::Plain, &|| "/title".to_owned());
    look(&playbook.description, Form::Markdown, &|| {
        "/description".to_owned()
    });
    for (index, checklist) in playbook.checklists.iter().enumerate() {
        look(&checklist.title, Form::Plain, &|| {
            format!("/checklists/{index}/title")
        });
    }
    for (list, index, task) in playbook.tasks() {
        let at = |key: &str| format!("/checklists/{list}/tasks/{index}/{key}");
        look(&task.title, Form::Plain, &|| at("title"));
        look(&task.description, Form::Markdown, &|| at("description"));
        let command = task.command.as_deref().unwrap_or_default();
        look(command, Form::Plain, &|| at("command"));
    }
    for (pointer, text) in playbook.texts() {
        if let TextSource::Inline(text) = text {
            look(text, Form::Markdown, &|| pointer.to_owned());
        }
    }
    for (pointer, text, range) in found {
        let message = "this text is not a template, so this is sent as it is";
        let finding = at_range(scope, &pointer, text, range, message);
        let (label, help) = remedy(&pointer);
        scope.report(finding.label(label).help(help));
    }
}

/// Where that text can be filled in, if anywhere: label and help.
fn remedy(pointer: &str) -> (&'static str, String) {
    if let Some(kind) = TemplateKind::of_pointer(pointer) {
        let name = kind.name().replace('-', "");
        let help = format!(
            "write the path of a file that ends in `.j2`, such as `templates/{name}.md.j2`, and put the text there"
        );
        return ("move the text into a template", help);
    }
    let help = if pointer == "/title" {
        "the title is the same in every incident; the names of channels take `{SEQ}` and attributes in `start.channel.name`"
    } else if pointer.ends_with("/command") {
        "a command takes `$name` instead, from a line `$name=value` of `start.overview`"
    } else {
        "titles and descriptions are the same in every incident; what differs belongs into a template, such as the one of `start.overview`"
    };
    ("say it in words", help.to_owned())
}

/// The first place that reads like a template of ours.
fn jinja(text: &str, form: Form) -> Option<Range<usize>> {
    let mut from = 0;
    let mut in_code = InCode::default();
    while let Some(at) = text[from..].find('{').map(|at| from + at) {
        from = at + 1;
        let Some(sign) = text[from..]
            .chars()
            .next()
            .filter(|c| matches!(c, '{' | '%'))
        else {
            continue;
        };
        from += 1;
        let near = &text[from..text.floor_char_boundary(from + LONGEST)];
        let inside = near.trim_start_matches('-').trim_start();
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let name = &inside[..inside.find(|c| !word(c)).unwrap_or(inside.len())];
        let close = if sign == '{' { "}}" } else { "%}" };
        // No tag holds another: that also keeps a text of braces from being read again and again.
        let Some(end) = near.find([close.as_bytes()[0] as char, '\n', '{']) else {
            continue;
        };
        let end = from + end;
        if !text[end..].starts_with(close) || text[..at].ends_with('$') {
            continue;
        }
        let code = form == Form::Markdown && in_code.holds(text, at);
        let ours = match sign {
            '{' if is_variable(name) => true,
            // Other tools have braces as well, and show them in code and commands.
            '{' => {
                let small = name.starts_with(|c: char| c.is_ascii_lowercase());
                form == Form::Markdown && !code && small
            }
            _ => !code && TAGS.contains(&name),
        };
        if ours {
            return Some(at..end + close.len());
        }
    }
    None
}

/// Whether places lie in a code span or a fence; they are asked for from the first to the last.
#[derive(Default)]
struct InCode<'t> {
    /// Where the line of the last place begins, and which fence it lies in.
    line: usize,
    fences: Fences<'t>,
    /// As far the line was read, and whether a code span is open there.
    read: usize,
    open: bool,
}

impl<'t> InCode<'t> {
    fn holds(&mut self, text: &'t str, at: usize) -> bool {
        let mut rest = &text[self.read..at];
        while let Some(end) = rest.find('\n') {
            let next = at - rest.len() + end + 1;
            self.fences.holds(&text[self.line..next]);
            self.open = false;
            self.line = next;
            rest = &rest[end + 1..];
        }
        self.open ^= rest.matches('`').count() % 2 == 1;
        self.read = at;
        self.fences.open().is_some() || self.open
    }
}

/// Where a playbook has the text of its updates.
const UPDATE: &str = "/updates/template";

/// T-07 in a playbook: a text of its own, and attributes in its template.
pub(super) fn token_clash(scope: &mut PlaybookScope<'_>) {
    let playbook = scope.playbook;
    let updates = playbook.updates.as_ref();
    let Some(template) = updates.and_then(|updates| updates.template.as_ref()) else {
        return;
    };
    let names = playbook.attributes.iter().map(|a| folded(&a.name));
    let names: HashSet<String> = names.collect();
    match template {
        TextSource::Inline(text) => {
            let is_clash = |(_, token): &(usize, String)| {
                RESERVED.contains(&token.as_str()) || names.contains(token)
            };
            let clashes = |text| tokens(text).filter(is_clash).take(MOST_ERRORS);
            // Found once more as they are written: to look for the place of each would take
            // the length of the text each time.
            let source = Arc::clone(scope.file().source());
            let whole = scope.file().whole(UPDATE);
            let written = source.text().get(whole.range()).unwrap_or_default();
            let same = clashes(written).count() == clashes(text).count();
            let mut places = clashes(written).filter(|_| same);
            for (at, _) in clashes(text) {
                let message = clash(braced(text, at));
                let finding = match places.next() {
                    Some((at, _)) => {
                        let start = whole.start as usize + at;
                        let span = Span::new(start, start + braced(written, at).len());
                        Finding::new(scope.code(), &source, span, message)
                    }
                    None => scope.at_value(UPDATE, message),
                };
                scope.report(advice(finding));
            }
        }
        TextSource::File(path) if !playbook.attributes.is_empty() => {
            let Some(template) = scope.around.template(path) else {
                return;
            };
            let clashes = tokens(template.text()).filter(|(_, token)| names.contains(token));
            for (at, _) in clashes.take(MOST_ERRORS) {
                let word = braced(template.text(), at);
                let message = format!(
                    "`{path}` holds `{word}`, which Mattermost replaces with the attribute of that name"
                );
                let finding = scope.at_value(UPDATE, message);
                scope.report(advice(finding));
            }
        }
        TextSource::File(_) => {}
    }
}

/// T-07 in a template of updates: what Mattermost always replaces.
pub(super) fn token_clash_in_template(scope: &mut TemplateScope<'_>) {
    if !scope.kinds.contains(&TemplateKind::Update) {
        return;
    }
    let text = scope.source.text();
    let clashes = tokens(text).filter(|(_, token)| RESERVED.contains(&token.as_str()));
    for (at, _) in clashes.take(MOST_ERRORS) {
        let word = braced(text, at);
        let finding = scope.at(Span::new(at, at + word.len()), clash(word));
        scope.report(advice(finding));
    }
}

/// A name with its braces.
fn braced(text: &str, at: usize) -> &str {
    let text = &text[at..];
    &text[..=text.find('}').unwrap_or(0)]
}

fn clash(word: &str) -> String {
    format!("Mattermost replaces `{word}` in a status update that is posted there")
}

fn advice(finding: Finding) -> Finding {
    finding
        .label("print the value in a template, such as `{{ incident.number }}`")
        .help("`warroom run update` posts the braces as they are, but Mattermost's own form replaces them: people would read two different updates")
}

/// T-05 in a playbook: texts of its own.
pub(super) fn text_length(scope: &mut PlaybookScope<'_>) {
    for (pointer, text) in scope.playbook.texts() {
        let TextSource::Inline(text) = text else {
            continue;
        };
        let limit = match TemplateKind::of_pointer(pointer) {
            Some(TemplateKind::Overview) => RUN_SUMMARY,
            Some(TemplateKind::Retrospective) => RETROSPECTIVE,
            Some(TemplateKind::Postmortem) | None => continue,
            Some(_) => MESSAGE,
        };
        let length = text.chars().count();
        if length > limit {
            let message =
                format!("this text has {length} characters, and Mattermost takes at most {limit}");
            let finding = scope.at_key(pointer, message);
            scope.report(finding.label("shorten it"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, form: Form) -> Option<&str> {
        jinja(text, form).map(|range| &text[range])
    }

    #[test]
    fn what_reads_like_a_template_of_ours_is_found() {
        for (text, part) in [
            (
                "Tell {{ incident.commander }} now",
                "{{ incident.commander }}",
            ),
            ("`{{ incident.name }}`", "{{ incident.name }}"),
            ("Call {{ person }}", "{{ person }}"),
            (
                "{%- if incident.drill %}x{% endif %}",
                "{%- if incident.drill %}",
            ),
        ] {
            assert_eq!(found(text, Form::Markdown), Some(part), "{text}");
        }
        let command = "/jira create {{ incident.name }}";
        assert_eq!(found(command, Form::Plain), Some("{{ incident.name }}"));
    }

    #[test]
    fn braces_of_other_tools_are_left_alone() {
        for text in [
            "`docker ps --format '{{ .Names }}'`",
            "Run `helm template {{ release }}`",
            "```\n{{ release }}\n{% if x %}\n```",
            "${{ secrets.TOKEN }}",
            "{{SEQ}} {x} { {y} } {{",
            "{% include x %} 100{% of it",
            "{\"a\": {\"b\": 1}}",
        ] {
            assert_eq!(found(text, Form::Markdown), None, "{text}");
        }
        assert_eq!(found("/deploy {{ release }}", Form::Plain), None);
    }
}
