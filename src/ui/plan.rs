//! A plan and what became of it, as people and as programs read it.
//!
//! Owns symbols, indentation and the shortening of values; the JSON is a document of `sync`.
//! Values come from git and from Mattermost: whatever they hold, each stays in its
//! line and moves no cursor. Decides nothing.

mod drift;
mod fields;
mod markdown;
mod roles;

use std::fmt::Write as _;

use crate::sync::apply::{Applied, ApplyError};
use crate::sync::plan::{Action, Moved, Note, Plan, Step};
use crate::sync::refusal::Reason;
use fields::{describe, quoted};

pub use drift::{drift, drift_markdown};
pub use markdown::markdown;

/// What each action is called, with its symbol and the style of its line.
const WORDS: [(&str, &str, &str, &str, &str); 10] = [
    ("create", "+", "32", "to create", "created"),
    ("complete", "+", "32", "to finish", "finished"),
    ("update", "~", "33", "to update", "updated"),
    ("adopt", ">", "33", "to adopt", "adopted"),
    ("release", "<", "33", "to release", "released"),
    ("archive", "-", "31", "to archive", "archived"),
    ("restore", "^", "32", "to restore", "restored"),
    ("remember", "*", "2", "to remember", "remembered"),
    ("refused", "!", "31;1", "refused", "refused"),
    ("unchanged", "=", "2", "unchanged", "unchanged"),
];

/// The plan as text; `paint` draws a text in an ANSI style.
#[must_use]
pub fn human(plan: &Plan, paint: impl Fn(&str, &str) -> String) -> String {
    let mut out = String::new();
    for step in &plan.steps {
        if step.action != Action::Unchanged {
            write_step(step, &paint, &mut out);
        }
    }
    if let Some(plan) = &plan.roles {
        roles::write(plan, &paint, &mut out);
    }
    for note in &plan.notes {
        let _ = writeln!(out, "note: {}", note_words(note));
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out.push_str(&summary(plan));
    out
}

/// What was carried out, as text.
#[must_use]
pub fn outcomes(applied: &Applied, paint: impl Fn(&str, &str) -> String) -> String {
    let mut out = String::new();
    for outcome in &applied.outcomes {
        let (_, _, _, _, done) = words_of(outcome.action.name());
        match &outcome.result {
            Ok(()) => {
                let _ = writeln!(out, "{done} {}", outcome.address);
            }
            Err(error) => {
                let label = paint("31;1", "failed");
                let _ = writeln!(out, "{label} {}: {error}", outcome.address);
                if let ApplyError::NotKept(fields) = error {
                    for field in fields {
                        let written = fields::shortened(&field.written);
                        let kept = fields::shortened(&field.kept);
                        let name = &field.field;
                        let _ = writeln!(out, "    {name}: wrote {written}, and it has {kept}");
                    }
                }
                let _ = writeln!(out, "    help: {}", error.help());
            }
        }
    }
    roles::outcomes(&applied.roles, &paint, &mut out);
    out
}

fn write_step(step: &Step, paint: &impl Fn(&str, &str) -> String, out: &mut String) {
    let (name, symbol, style, _, _) = words_of(step.action.name());
    let title = match step.title.as_str() {
        "" => String::new(),
        title => format!(" {}", quoted(title)),
    };
    let what = match &step.action {
        Action::Refused(refusal) => format!("refused{title}: {}", refusal.reason.words()),
        Action::Complete => format!("finish{title}, whose creation was cut short"),
        Action::Remember => {
            format!("remember{title}: only a note of whoever syncs, which was lost")
        }
        Action::Update if step.fields.is_empty() => {
            format!("update{title}: only its marker, both sides changed alike")
        }
        _ => format!("{name}{title}"),
    };
    let head = paint(style, &format!("{symbol} {}", step.address));
    let _ = writeln!(out, "{head}  {what}");
    if let Action::Refused(refusal) = &step.action {
        for problem in &refusal.problems {
            let _ = writeln!(out, "    {}", fields::one_line(problem));
        }
        if refusal.reason == Reason::Drift {
            let _ = writeln!(out, "    what Mattermost has → what git says:");
        }
    }
    match step.action {
        Action::Create => {
            let _ = writeln!(out, "    {}", fields::size(&step.fields));
        }
        // Of a playbook that is not to be created yet nothing changes.
        Action::Refused(_) if step.id.is_none() => {}
        _ => {
            for change in &step.fields {
                describe(change, who(change.moved), out);
            }
        }
    }
    if let Action::Refused(refusal) = &step.action
        && let Some(help) = &refusal.help
    {
        let _ = writeln!(out, "    help: {help}");
    }
}

/// Who moved, where it was not git.
fn who(moved: Moved) -> &'static str {
    match moved {
        Moved::Git => "",
        Moved::Mattermost => "  (changed in Mattermost)",
        Moved::Both => "  (changed on both sides)",
        Moved::Unclear => "  (changed on one or both sides)",
    }
}

fn note_words(note: &Note) -> String {
    match &note.address {
        Some(address) => format!("{address}: {}", fields::one_line(&note.text)),
        None => fields::one_line(&note.text),
    }
}

fn summary(plan: &Plan) -> String {
    let unchanged = plan.count("unchanged");
    if plan.is_empty() && !plan.refuses() {
        return match unchanged {
            0 => "nothing to change".to_owned(),
            _ => format!("nothing to change: {unchanged} unchanged"),
        };
    }
    let counts = WORDS.iter().filter_map(|(name, _, _, words, _)| {
        let count = plan.count(name);
        (count > 0).then(|| format!("{count} {words}"))
    });
    let roles = plan.roles.iter().flat_map(roles::counts);
    counts.chain(roles).collect::<Vec<_>>().join(", ")
}

fn words_of(
    name: &str,
) -> (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
) {
    let known = WORDS.iter().find(|(known, ..)| *known == name);
    *known.unwrap_or(&WORDS[WORDS.len() - 1])
}

#[cfg(test)]
mod tests;
