//! A plan and what became of it, as people and as programs read it.
//!
//! Owns symbols, indentation, the shortening of values, and the JSON document.
//! Values come from git and from Mattermost: whatever they hold, each stays in its
//! line and moves no cursor. Decides nothing.

mod fields;
mod markdown;

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::sync::apply::{Applied, ApplyError, Outcome};
use crate::sync::plan::{Action, Moved, Note, Plan, Step};
use crate::sync::refusal::Reason;
use fields::{describe, quoted};

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
        let (_, _, _, _, done) = words_of(outcome.action);
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
    out
}

/// The plan for programs.
#[must_use]
pub fn json(plan: &Plan) -> Value {
    let steps: Vec<Value> = plan.steps.iter().map(step_json).collect();
    let notes = plan.notes.iter().map(|note| {
        json!({
            "kind": note.kind,
            "key": note.address.as_ref().map(|a| &a.key),
            "team": note.address.as_ref().map(|a| &a.team),
            "id": note.id,
            "text": note.text,
        })
    });
    let notes: Vec<Value> = notes.collect();
    let mut summary = serde_json::Map::new();
    for (name, ..) in WORDS {
        summary.insert(name.to_owned(), json!(plan.count(name)));
    }
    json!({
        "version": 1,
        "workspace": plan.workspace,
        "changes": plan.steps.iter().filter(|step| step.writes()).count(),
        "summary": summary,
        "steps": steps,
        "notes": notes,
    })
}

/// The plan with what became of it, for programs.
#[must_use]
pub fn json_with_outcomes(plan: &Plan, applied: &Applied) -> Value {
    let mut value = json(plan);
    let outcomes: Vec<Value> = applied.outcomes.iter().map(outcome_json).collect();
    value["outcomes"] = json!(outcomes);
    value
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
                let who = match change.moved {
                    Moved::Git => "",
                    Moved::Mattermost => "  (changed in Mattermost)",
                    Moved::Both => "  (changed on both sides)",
                    Moved::Unclear => "  (changed on one or both sides)",
                };
                describe(change, who, out);
            }
        }
    }
    if let Action::Refused(refusal) = &step.action
        && let Some(help) = &refusal.help
    {
        let _ = writeln!(out, "    help: {help}");
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
    if plan.is_empty() && plan.refusals().next().is_none() {
        return match unchanged {
            0 => "nothing to change".to_owned(),
            _ => format!("nothing to change: {unchanged} unchanged"),
        };
    }
    let counts = WORDS.iter().filter_map(|(name, _, _, words, _)| {
        let count = plan.count(name);
        (count > 0).then(|| format!("{count} {words}"))
    });
    counts.collect::<Vec<_>>().join(", ")
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

fn step_json(step: &Step) -> Value {
    let fields = step.fields.iter().map(|change| {
        json!({
            "field": change.field,
            "mattermost": change.old,
            "git": change.new,
            "moved": change.moved,
        })
    });
    let fields: Vec<Value> = fields.collect();
    let refused = match &step.action {
        Action::Refused(refusal) => json!({
            "reason": refusal.reason,
            "problems": refusal.problems,
            "help": refusal.help,
        }),
        _ => Value::Null,
    };
    json!({
        "key": step.address.key,
        "team": step.address.team,
        "id": step.id,
        "title": step.title,
        "action": step.action.name(),
        "fields": fields,
        "refused": refused,
    })
}

fn outcome_json(outcome: &Outcome) -> Value {
    json!({
        "key": outcome.address.key,
        "team": outcome.address.team,
        "id": outcome.id,
        "action": outcome.action,
        "wrote": outcome.wrote,
        "done": outcome.result.is_ok(),
        "error": outcome.result.as_ref().err().map(ToString::to_string),
        "help": outcome.result.as_ref().err().map(ApplyError::help),
        "not_kept": match &outcome.result {
            Err(ApplyError::NotKept(fields)) => fields.iter().map(|field| &field.field).collect(),
            _ => Vec::new(),
        },
    })
}

#[cfg(test)]
mod tests;
