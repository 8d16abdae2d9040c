//! A plan as a comment on a pull request.
//!
//! The summary comes first, details are folded away, and the whole stays below what a
//! comment holds. Whatever a value says stands in a block of code, which it cannot end:
//! it calls nobody, links to nothing and draws no table.

use std::fmt::Write as _;

use super::{note_words, roles, summary, words_of, write_step};
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
    let mut comment = Comment::new(&format!("warroom plan: {}", summary(plan)), "warroom plan");
    let steps: Vec<&Step> = plan.steps.iter().filter(|s| is_news(s)).collect();
    let rows = steps.iter().map(|step| {
        let (name, symbol, ..) = words_of(step.action.name());
        let what = match &step.action {
            Action::Refused(refusal) => format!("**refused**: {}", refusal.reason.words()),
            _ => name.to_owned(),
        };
        let address = &step.address;
        format!(
            "| `{symbol}` | `{}` | `{}` | {what} |",
            address.key, address.team
        )
    });
    comment.table(&rows.collect::<Vec<_>>());
    for step in steps {
        let mut lines = String::new();
        write_step(step, &|_, text| text.to_owned(), &mut lines);
        comment.folded(&format!("<code>{}</code>", step.address.key), &lines);
    }
    if let Some(plan) = &plan.roles {
        let mut lines = String::new();
        roles::write(plan, &|_, text| text.to_owned(), &mut lines);
        if !lines.is_empty() {
            comment.folded("roles of Mattermost", &lines);
        }
    }
    let notes: Vec<_> = plan.notes.iter().map(note_words).collect();
    if !notes.is_empty() {
        comment.folded("notes", &(notes.join("\n") + "\n"));
    }
    comment.text()
}

fn is_news(step: &Step) -> bool {
    step.action != Action::Unchanged
}

/// A comment that grows as far as there is room.
pub(super) struct Comment {
    text: String,
    /// Its characters.
    length: usize,
    /// Details for which there was no room.
    hidden: usize,
    /// What prints them.
    command: &'static str,
}

impl Comment {
    /// One that begins with this heading; `command` prints what it has no room for.
    pub(super) fn new(heading: &str, command: &'static str) -> Self {
        let text = format!("### {heading}\n");
        Self {
            length: text.chars().count(),
            text,
            hidden: 0,
            command,
        }
    }

    /// A row a playbook.
    pub(super) fn table(&mut self, rows: &[String]) {
        if rows.is_empty() {
            return;
        }
        self.text
            .push_str("\n| | playbook | team | |\n|---|---|---|---|\n");
        for row in rows.iter().take(ROWS) {
            let _ = writeln!(self.text, "{row}");
        }
        if rows.len() > ROWS {
            let _ = writeln!(self.text, "\n… and {} more.", rows.len() - ROWS);
        }
        self.text.push('\n');
        self.length = self.text.chars().count();
    }

    /// A sentence that stands open.
    pub(super) fn line(&mut self, sentence: &str) {
        let _ = writeln!(self.text, "{sentence}\n");
        self.length = self.text.chars().count();
    }

    /// Details, folded; the first that does not fit hides all after it.
    pub(super) fn folded(&mut self, name: &str, lines: &str) {
        let fence = backticks(lines, 3);
        let detail = format!(
            "<details><summary>{name}</summary>\n\n{fence}text\n{lines}{fence}\n\n</details>\n\n"
        );
        let length = self.length + detail.chars().count();
        if self.hidden == 0 && length <= MOST - REST {
            self.text.push_str(&detail);
            self.length = length;
        } else {
            self.hidden += 1;
        }
    }

    /// The whole.
    pub(super) fn text(mut self) -> String {
        if self.hidden > 0 {
            let _ = writeln!(
                self.text,
                "Details of {} more are too long for a comment: `{}` prints them.",
                self.hidden, self.command
            );
        }
        self.text.trim_end().to_owned()
    }
}
