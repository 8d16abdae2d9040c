//! A plan as a comment on a pull request.
//!
//! The summary comes first, details are folded away, and the whole stays below what a
//! comment holds. Whatever a value says stands in a block of code, which it cannot end:
//! it calls nobody, links to nothing and draws no table.

use std::fmt::Write as _;

use super::{note_words, summary, words_of, write_step};
use crate::sync::plan::{Action, Plan, Step};
use crate::template::backticks;

/// Characters of a comment; GitHub takes 65,536, and whoever posts may add some.
const MOST: usize = 60_000;
/// Characters left for the words about what is not shown.
const REST: usize = 300;
/// Rows of the table.
const ROWS: usize = 200;

/// The plan as Markdown, of at most 60,000 characters.
#[must_use]
pub fn markdown(plan: &Plan) -> String {
    let mut text = format!("### warroom plan: {}\n", summary(plan));
    let steps: Vec<&Step> = plan.steps.iter().filter(|s| is_news(s)).collect();
    if !steps.is_empty() {
        text.push_str("\n| | playbook | team | |\n|---|---|---|---|\n");
        for step in steps.iter().take(ROWS) {
            let (name, symbol, ..) = words_of(step.action.name());
            let what = match &step.action {
                Action::Refused(refusal) => format!("**refused**: {}", refusal.reason.words()),
                _ => name.to_owned(),
            };
            let address = &step.address;
            let _ = writeln!(
                text,
                "| `{symbol}` | `{}` | `{}` | {what} |",
                address.key, address.team
            );
        }
        if steps.len() > ROWS {
            let _ = writeln!(text, "\n… and {} more.", steps.len() - ROWS);
        }
        text.push('\n');
    }
    let mut room = (MOST - REST).saturating_sub(text.chars().count());
    let mut hidden = 0;
    let details = steps.iter().map(|step| detail(step)).chain(notes(plan));
    for detail in details {
        let length = detail.chars().count();
        if hidden == 0 && length <= room {
            room -= length;
            text.push_str(&detail);
        } else {
            hidden += 1;
        }
    }
    if hidden > 0 {
        let _ = writeln!(
            text,
            "Details of {hidden} more are too long for a comment: `warroom plan` prints them."
        );
    }
    text.trim_end().to_owned()
}

fn is_news(step: &Step) -> bool {
    step.action != Action::Unchanged
}

/// One step, folded.
fn detail(step: &Step) -> String {
    let mut lines = String::new();
    write_step(step, &|_, text| text.to_owned(), &mut lines);
    folded(&format!("<code>{}</code>", step.address.key), &lines)
}

/// All notes, folded.
fn notes(plan: &Plan) -> Option<String> {
    let lines: Vec<_> = plan.notes.iter().map(note_words).collect();
    (!lines.is_empty()).then(|| folded("notes", &(lines.join("\n") + "\n")))
}

fn folded(name: &str, lines: &str) -> String {
    let fence = backticks(lines, 3);
    format!("<details><summary>{name}</summary>\n\n{fence}text\n{lines}{fence}\n\n</details>\n\n")
}
