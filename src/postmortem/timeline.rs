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
    all.sort_by(|a, b| {
        let key = |e: &Entry| {
            (
                e.ts,
                e.source,
                e.kind.clone(),
                e.actor.clone(),
                e.text.clone(),
            )
        };
        key(a).cmp(&key(b))
    });
    all.dedup();
    for (n, entry) in all.iter_mut().enumerate() {
        entry.seq = n + 1;
    }
    all
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
            format!(
                "status update: {}",
                markdown::inline(&shortened(&entry.text))
            )
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
