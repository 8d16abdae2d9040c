//! The tasks of an incident as a Mermaid diagram.
//!
//! Nobody records when work on a task begins, so a bar reaches from the completion
//! before it, whichever task that was, to its own: what is wide took long. Mermaid
//! has no escapes, so titles keep only characters without a meaning to it.

use std::fmt::Write as _;

use jiff::Timestamp;

use super::facts::completed;
use super::record::Record;

/// How long a title may be.
const LONGEST_TITLE: usize = 60;

/// The diagram, or a sentence where there is nothing to draw.
pub(super) fn gantt(record: &Record) -> String {
    let done = completed(record);
    if done.is_empty() {
        return "No task was completed.\n".to_owned();
    }
    let stamp = |at: Timestamp| at.strftime("%Y-%m-%dT%H:%M:%S").to_string();
    let mut out =
        "```mermaid\ngantt\n    dateFormat YYYY-MM-DDTHH:mm:ss\n    axisFormat %H:%M\n".to_owned();
    for (list, group) in record.checklists.iter().enumerate() {
        let mut section = false;
        for (n, (at, task)) in done.iter().enumerate() {
            if task.list != list + 1 {
                continue;
            }
            if !section {
                section = true;
                let _ = writeln!(out, "    section {}. {}", list + 1, plain(&group.title));
            }
            let before = n.checked_sub(1).map_or(record.started_at, |n| done[n].0);
            let before = before.min(*at);
            let late = task.task.due_at.is_some_and(|due| due < *at);
            let look = if late { "crit, done" } else { "done" };
            let look = if before == *at {
                format!("{look}, milestone")
            } else {
                look.to_owned()
            };
            let _ = writeln!(
                out,
                "    {} {} :{look}, t{}_{}, {}, {}",
                task.place(),
                plain(&task.task.title),
                task.list,
                task.number,
                stamp(before),
                stamp(*at)
            );
        }
    }
    out.push_str("```\n\nA bar reaches from the completion before it to its own; late tasks are marked. Times in UTC.\n");
    out
}

/// A title without anything that Mermaid, or a fence, gives a meaning.
fn plain(title: &str) -> String {
    let kept: String = title
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || "._+/()'".contains(c) {
                c
            } else {
                ' '
            }
        })
        .collect();
    let line = kept.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.is_empty() {
        return "…".to_owned();
    }
    if line.chars().count() <= LONGEST_TITLE {
        return line;
    }
    let cut: String = line.chars().take(LONGEST_TITLE - 1).collect();
    format!("{}…", cut.trim_end())
}
