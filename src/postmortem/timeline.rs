//! What happened, in order: `timeline.jsonl` and the table in the post-mortem.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde::Serialize;

use super::record::{Record, Source};
use super::redact;
use super::tables::{clock, link};
use crate::template::markdown;

/// How much of a text the table shows; the line in `timeline.jsonl` has all of it.
const LONGEST_CELL: usize = 240;

/// One line of `timeline.jsonl`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Entry {
    ts: Timestamp,
    seq: usize,
    kind: String,
    actor: Option<String>,
    source: Source,
    #[serde(rename = "ref")]
    reference: Option<String>,
    text: String,
    redacted: bool,
}

/// Everything that happened, by the time of the event and not of its arrival.
pub(super) fn entries(record: &Record) -> Vec<Entry> {
    let mut all = Vec::new();
    let mut add =
        |ts, kind: &str, actor: Option<&str>, source, reference: Option<&str>, text: &str| {
            let text = markdown::visible(text).trim().to_owned();
            all.push(Entry {
                ts,
                seq: 0,
                kind: kind.to_owned(),
                actor: actor.map(str::to_owned),
                source,
                reference: reference.map(str::to_owned),
                redacted: redact::is_redacted(&text),
                text,
            });
        };
    for h in &record.happenings {
        add(
            h.at,
            &h.kind,
            h.by.as_deref(),
            h.source,
            h.link.as_deref(),
            &h.text,
        );
    }
    for update in &record.updates {
        add(
            update.at,
            "status_update",
            Some(&update.by),
            Source::Post,
            update.link.as_deref(),
            &update.text,
        );
    }
    for told in &record.announcements {
        let channels: Vec<String> = told.channels.iter().map(|c| format!("~{c}")).collect();
        let text = format!("announced in {}", channels.join(", "));
        add(
            told.at,
            "announcement",
            Some(&told.by),
            Source::Runner,
            None,
            &text,
        );
    }
    // Of the same moment, what leads to the rest comes first; else as they came.
    all.sort_by_key(|entry| (entry.ts, rank(&entry.kind)));
    all.dedup();
    for (n, entry) in all.iter_mut().enumerate() {
        entry.seq = n + 1;
    }
    all
}

/// The place of a kind among events of the same moment.
fn rank(kind: &str) -> usize {
    const ORDER: [&str; 12] = [
        "started",
        "restarted",
        "adopted",
        "participants",
        "commander",
        "role",
        "severity",
        "task",
        "stage",
        "status_update",
        "status",
        "announcement",
    ];
    let kind = if kind.starts_with("task") {
        "task"
    } else {
        kind
    };
    let last = if kind == "ended" {
        ORDER.len() + 1
    } else {
        ORDER.len()
    };
    ORDER.iter().position(|k| *k == kind).unwrap_or(last)
}

/// `timeline.jsonl`.
pub(super) fn json_lines(entries: &[Entry]) -> String {
    let mut out = String::new();
    for entry in entries {
        // Strings, numbers and times always serialize.
        if let Ok(line) = serde_json::to_string(entry) {
            let _ = writeln!(out, "{line}");
        }
    }
    out
}

/// The table in the post-mortem.
pub(super) fn table(entries: &[Entry]) -> String {
    let mut out = "| time (UTC) | what | who |\n| --- | --- | --- |\n".to_owned();
    for entry in entries {
        let words = entry.kind.replace('_', " ");
        let text = if entry.text.is_empty() {
            markdown::inline(&words)
        } else if entry.kind == "status_update" {
            let text = shortened(&plain(&entry.text));
            format!("status update: {}", markdown::inline(&text))
        } else {
            markdown::inline(&shortened(&entry.text))
        };
        let text = match &entry.reference {
            Some(url) => format!("{text} {}", link("post", url)),
            None => text,
        };
        let who = entry.actor.as_deref().map(markdown::inline);
        let _ = writeln!(
            out,
            "| {} | {} | {} |",
            clock(entry.ts),
            text.trim_end(),
            who.unwrap_or_default()
        );
    }
    out
}

/// What a text in Markdown says, without its markup.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        let line = line.trim_start().trim_start_matches('#');
        let mut chars = line.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '\\' if chars.peek().is_some_and(char::is_ascii_punctuation) => {
                    out.extend(chars.next());
                }
                '*' | '`' | '\u{200b}' => {}
                c => out.push(c),
            }
        }
        out.push('\n');
    }
    out.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

/// The beginning of a text, in whole words where possible.
fn shortened(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= LONGEST_CELL {
        return line;
    }
    let cut: String = line.chars().take(LONGEST_CELL).collect();
    let cut = cut.rsplit_once(' ').map_or(cut.as_str(), |(head, _)| head);
    format!("{cut} …")
}
