//! The generated parts of a post-mortem that are tables and lists.

use std::fmt::Write as _;

use jiff::Timestamp;

use super::facts::{Facts, Measure};
use super::record::{Record, TaskRef};
use crate::template::{backticks, markdown, span};

/// A moment in a table whose heading names the zone.
pub(super) fn clock(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M").to_string()
}

/// A link, if the address is one of the web; else nothing.
pub(super) fn link(text: &str, url: &str) -> String {
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    let plain = |c: char| c.is_ascii_graphic() && !"()<>[]\\\"'`|*".contains(c);
    if is_web && url.chars().all(plain) {
        format!("[{}]({url})", markdown::inline(text))
    } else {
        String::new()
    }
}

fn measure(value: &Measure) -> String {
    match value {
        Measure::Time(time) => format!("{} UTC", clock(*time)),
        Measure::Seconds(seconds) => span(*seconds),
        Measure::Count(count) => count.to_string(),
        Measure::Text(text) => text.clone(),
        Measure::Unknown => "unknown".to_owned(),
    }
}

/// Every figure with its definition.
pub(super) fn facts(facts: &Facts) -> String {
    let rows: Vec<Vec<String>> = facts
        .list
        .iter()
        .map(|fact| {
            // Definitions are ours, and Markdown; names hold titles of severities.
            let definition = format!("{} ({})", fact.definition, fact.rule);
            let value = markdown::inline(&measure(&fact.value));
            vec![markdown::inline(&fact.name), value, definition]
        })
        .collect();
    markdown::ready_table(&["fact", "value", "definition"], &rows)
}

/// Gaps, late and skipped tasks.
pub(super) fn gaps(facts: &Facts) -> String {
    let mut out = String::new();
    if facts.gaps.is_empty() {
        out.push_str("No task was completed.\n");
    } else {
        let rows: Vec<Vec<String>> = facts
            .gaps
            .iter()
            .map(|gap| {
                let long = if gap.bulk {
                    format!(
                        "{} (ticked off together, not meaningful)",
                        span(gap.seconds)
                    )
                } else {
                    span(gap.seconds)
                };
                let after = gap.after.as_deref().map(markdown::inline);
                let messages = gap.messages.map(|n| n.to_string());
                vec![
                    long,
                    after.unwrap_or_else(|| "declared".to_owned()),
                    markdown::inline(&gap.task),
                    messages.unwrap_or_else(|| "unknown".to_owned()),
                    markdown::inline(&gap.people.join(", ")),
                ]
            })
            .collect();
        out.push_str(&markdown::ready_table(
            &["gap", "from", "to", "messages in it", "who wrote"],
            &rows,
        ));
    }
    if !facts.late.is_empty() {
        let rows: Vec<Vec<String>> = facts
            .late
            .iter()
            .map(|late| {
                let (done, by) = match late.done_at {
                    Some(done) => {
                        let by = done.as_second() - late.due_at.as_second();
                        (clock(done), span(by))
                    }
                    None => ("never".to_owned(), String::new()),
                };
                vec![markdown::inline(&late.task), clock(late.due_at), done, by]
            })
            .collect();
        out.push('\n');
        out.push_str(&markdown::ready_table(
            &["late task", "due (UTC)", "done (UTC)", "late by"],
            &rows,
        ));
    }
    for (title, tasks) in [
        ("Skipped", &facts.skipped),
        ("Never done", &facts.never_done),
        ("Added during the incident", &facts.ad_hoc),
    ] {
        if !tasks.is_empty() {
            let _ = writeln!(out, "\n{title}:\n");
            for task in tasks {
                let _ = writeln!(out, "- {}", markdown::inline(task));
            }
        }
    }
    if !facts.silences.is_empty() {
        out.push_str("\nSilences of more than 30 minutes:\n\n");
        for silence in &facts.silences {
            let long = silence.to.as_second() - silence.from.as_second();
            let _ = writeln!(out, "- {} UTC, {}", clock(silence.from), span(long));
        }
    }
    out
}

/// Every task.
pub(super) fn tasks(record: &Record) -> String {
    let row = |t: TaskRef<'_>| {
        let time = |at: Option<Timestamp>| at.map(clock).unwrap_or_default();
        let mut title = markdown::inline(&t.task.title);
        if t.task.required {
            title.push_str(" *(required)*");
        }
        vec![
            t.place(),
            title,
            t.task.state.word().to_owned(),
            markdown::inline(t.task.assignee.as_deref().unwrap_or_default()),
            time(t.task.due_at),
            time(t.task.changed_at),
        ]
    };
    let rows: Vec<Vec<String>> = record.tasks().map(row).collect();
    if rows.is_empty() {
        return "There were no tasks.\n".to_owned();
    }
    let headings = ["", "task", "state", "who", "due (UTC)", "changed (UTC)"];
    markdown::ready_table(&headings, &rows)
}

/// Every status update as it was posted.
pub(super) fn updates(record: &Record) -> String {
    if record.updates.is_empty() {
        return "There were no status updates.\n".to_owned();
    }
    let mut out = String::new();
    for (n, update) in record.updates.iter().enumerate() {
        if n > 0 {
            out.push('\n');
        }
        let who = markdown::inline(&update.by);
        let at = clock(update.at);
        let link = update.link.as_ref().map(|url| link("post", url));
        let head = format!(
            "**{}** · {at} UTC · {who} {}",
            n + 1,
            link.unwrap_or_default()
        );
        let _ = writeln!(out, "{}\n\n{}", head.trim_end(), fenced(&update.text));
    }
    out
}

/// A text as it was typed, in a fence that it cannot close.
fn fenced(text: &str) -> String {
    let text = markdown::visible(text);
    let fence = backticks(&text, 3);
    // Inside a fence everything is text to Markdown, but our own markers count anywhere.
    let text = text.replace("<!--", "<\u{200b}!--");
    let lines: Vec<&str> = text.trim_matches('\n').lines().map(unmarked).collect();
    format!("{fence}text\n{}\n{fence}", lines.join("\n"))
}

/// A line that our markers of front matter cannot stand in.
fn unmarked(line: &str) -> &str {
    let rest = line.trim_start();
    let inside = rest.trim_start_matches('#').trim_start();
    if rest.starts_with('#')
        && (inside.starts_with("begin:generated") || inside.starts_with("end:generated"))
    {
        inside
    } else {
        line
    }
}
