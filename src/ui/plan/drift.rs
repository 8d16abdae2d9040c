//! Drift, as people read it and as a comment.

use std::fmt::Write as _;

use super::fields::{describe, one_line, quoted};
use super::markdown::Comment;
use super::{note_words, who};
use crate::sync::plan::{Drift, DriftKind, Drifted, Moved};

/// What to do about drift.
const HELP: &str =
    "bring the edits into the YAML, or write over them with `warroom sync --on-drift overwrite`";

/// Drift as text; `paint` draws a text in an ANSI style.
#[must_use]
pub fn drift(drift: &Drift, paint: impl Fn(&str, &str) -> String) -> String {
    let mut out = String::new();
    for drifted in &drift.playbooks {
        write_drifted(drifted, &paint, &mut out);
    }
    for line in notes(drift) {
        let _ = writeln!(out, "{line}");
    }
    if !drift.playbooks.is_empty() {
        let _ = writeln!(out, "help: {HELP}");
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out.push_str(&summary(drift));
    out
}

/// Drift as Markdown, of at most 60,000 characters.
#[must_use]
pub fn drift_markdown(drift: &Drift) -> String {
    let title = format!("warroom drift: {}", summary(drift));
    let mut comment = Comment::new(&title, "warroom drift");
    let rows = drift.playbooks.iter().map(|drifted| {
        let address = &drifted.address;
        format!(
            "| `!` | `{}` | `{}` | {} |",
            address.key,
            address.team,
            words(drifted.kind).trim_end_matches(':')
        )
    });
    comment.table(&rows.collect::<Vec<_>>());
    if !drift.playbooks.is_empty() {
        comment.line(HELP);
    }
    for drifted in &drift.playbooks {
        let mut lines = String::new();
        write_drifted(drifted, &|_, text| text.to_owned(), &mut lines);
        comment.folded(&format!("<code>{}</code>", drifted.address.key), &lines);
    }
    let notes = notes(drift);
    if !notes.is_empty() {
        comment.folded("notes", &(notes.join("\n") + "\n"));
    }
    comment.text()
}

fn write_drifted(drifted: &Drifted, paint: &impl Fn(&str, &str) -> String, out: &mut String) {
    let head = paint("33", &format!("! {}", drifted.address));
    let title = quoted(&drifted.title);
    let _ = writeln!(out, "{head}  {} {title}", words(drifted.kind));
    if drifted.kind != DriftKind::Edited || drifted.fields.is_empty() {
        for problem in &drifted.problems {
            let _ = writeln!(out, "    {}", one_line(problem));
        }
    }
    if !drifted.fields.is_empty() {
        let _ = writeln!(out, "    what Mattermost has → what git says:");
    }
    for change in &drifted.fields {
        // That Mattermost moved goes without saying here.
        let who = match change.moved {
            Moved::Mattermost => "",
            moved => who(moved),
        };
        describe(change, who, out);
    }
}

fn words(kind: DriftKind) -> &'static str {
    match kind {
        DriftKind::Edited => "edited in Mattermost:",
        DriftKind::Archived => "archived in Mattermost:",
        DriftKind::OutOfSight => "managed, but out of sight:",
    }
}

fn notes(drift: &Drift) -> Vec<String> {
    let blind = drift.not_compared.iter();
    let blind = blind.map(|(address, why)| format!("not compared: {address}: {}", one_line(why)));
    let notes = drift.notes.iter();
    let notes = notes.map(|note| format!("note: {}", note_words(note)));
    blind.chain(notes).collect()
}

fn summary(drift: &Drift) -> String {
    let mut words = vec![match drift.playbooks.len() {
        0 => "nothing moved in Mattermost".to_owned(),
        moved => format!("{moved} moved in Mattermost"),
    }];
    words.push(format!("{} compared", drift.compared));
    match drift.not_compared.len() {
        0 => {}
        blind => words.push(format!("{blind} not compared")),
    }
    words.join(", ")
}
