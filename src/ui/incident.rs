//! Incidents as people read them: the table of `run list` and the page of `run show`.
//!
//! Owns columns, widths and the words for spans of time. Text that people typed is
//! brought into one line and cut to its column; nothing is decided here.

use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::incident::state::one_line;
use crate::incident::{Incident, Place, Task};
use crate::model::{Key, Settings};

/// The widest a name gets in the table.
const NAME_WIDTH: usize = 44;

/// The widest a title gets in the page, where few columns stand beside it.
const TITLE_WIDTH: usize = 62;

/// The table of `run list`.
#[must_use]
pub fn table(incidents: &[Incident], settings: Option<&Settings>, now: Timestamp) -> String {
    let header = [
        "NUMBER",
        "NAME",
        "STATUS",
        "SEVERITY",
        "COMMANDER",
        "TASKS",
        "AGE",
        "NEXT UPDATE",
    ];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    for incident in incidents {
        let tally = incident.tally(now);
        rows.push(vec![
            incident.number.clone().unwrap_or_else(dash),
            one_line(&incident.name),
            status(incident, settings),
            severity(incident, settings),
            incident.commander.clone(),
            format!("{}/{}", tally.done, tally.total),
            span(
                incident
                    .ended_at
                    .unwrap_or(now)
                    .duration_since(incident.started_at),
            ),
            next_update(incident, now),
        ]);
    }
    columns(&rows, NAME_WIDTH)
}

/// The page of `run show`.
#[must_use]
pub fn page(incident: &Incident, settings: Option<&Settings>, now: Timestamp) -> String {
    let mut lines = vec![incident.label(), incident.url.clone(), String::new()];
    lines.push(columns(&facts(incident, settings, now), TITLE_WIDTH));
    if !incident.description.is_empty() {
        lines.push(String::new());
        lines.extend(incident.description.lines().map(|line| {
            let line = one_line(line);
            if line.is_empty() {
                line
            } else {
                format!("  {line}")
            }
        }));
    }
    // Columns run through all checklists, so that the eye can follow them.
    let rows: Vec<Vec<String>> = incident
        .tasks()
        .map(|(place, task)| task_row(place, task, now))
        .collect();
    let rows = columns(&rows, TITLE_WIDTH);
    let mut rows = rows.lines().map(str::to_owned);
    for (n, checklist) in incident.checklists.iter().enumerate() {
        let here = checklist.key.is_some() && checklist.key == incident.stage;
        let mark = if here { "  <- stage" } else { "" };
        lines.push(String::new());
        lines.push(format!("{} {}{mark}", n + 1, one_line(&checklist.title)));
        let shown = checklist.tasks.iter().filter(|task| !task.hidden).count();
        lines.extend(rows.by_ref().take(shown));
    }
    lines.join("\n")
}

fn task_row(place: Place, task: &Task, now: Timestamp) -> Vec<String> {
    let assignee = task.assignee.as_ref();
    vec![
        format!("  {place}"),
        task.state.word().to_owned(),
        one_line(&task.title),
        assignee.map_or_else(dash, |name| format!("@{name}")),
        deadline(task, now),
    ]
}

fn facts(incident: &Incident, settings: Option<&Settings>, now: Timestamp) -> Vec<Vec<String>> {
    let tally = incident.tally(now);
    let mut facts: Vec<(String, String)> = Vec::new();
    let mut fact = |name: &str, value: String| facts.push((name.to_owned(), value));
    fact("status", status(incident, settings));
    fact("severity", severity(incident, settings));
    fact("commander", format!("@{}", incident.commander));
    for (role, person) in &incident.roles {
        let title = settings.and_then(|settings| settings.roles.get(role));
        let title = title.map_or_else(|| role.to_string(), |role| role.title.to_lowercase());
        fact(&title, format!("@{person}"));
    }
    for (key, value) in &incident.attributes {
        fact(key.as_str(), one_line(value));
    }
    fact("started by", format!("@{}", incident.creator));
    let age = span(
        incident
            .ended_at
            .unwrap_or(now)
            .duration_since(incident.started_at),
    );
    fact(
        "started",
        format!(
            "{}, {age} {}",
            moment(incident.started_at),
            if incident.has_ended() { "long" } else { "ago" }
        ),
    );
    if let Some(ended) = incident.ended_at {
        fact("ended", moment(ended));
    }
    let mut tasks = format!("{} of {} done", tally.done, tally.total);
    for (count, word) in [(tally.late, "late"), (tally.skipped, "skipped")] {
        if count > 0 {
            let _ = write!(tasks, ", {count} {word}");
        }
    }
    fact("tasks", tasks);
    let count = incident.updates.count;
    let next = next_update(incident, now);
    fact(
        "updates",
        if next == "-" {
            count.to_string()
        } else {
            format!("{count}, next {next}")
        },
    );
    if let Some(channel) = &incident.channel {
        fact("channel", format!("~{channel}"));
    }
    match &incident.playbook {
        Some(pin) => {
            let commit = match (&pin.commit, pin.inferred) {
                (Some(commit), false) => format!(" at {}", short(commit)),
                (Some(commit), true) => format!(" at {} (inferred)", short(commit)),
                (None, _) => String::new(),
            };
            fact("playbook", format!("{}/{}{commit}", pin.workspace, pin.key));
        }
        None => fact("playbook", "not managed by warroom".to_owned()),
    }
    facts
        .into_iter()
        .map(|(name, value)| vec![format!("  {name}"), value])
        .collect()
}

fn short(commit: &str) -> &str {
    commit.get(..7).unwrap_or(commit)
}

fn status(incident: &Incident, settings: Option<&Settings>) -> String {
    let Some(key) = &incident.status else {
        let word = if incident.has_ended() { "ended" } else { "-" };
        return word.to_owned();
    };
    let known = settings.and_then(|settings| settings.status(key.as_str()));
    let title = known.map_or_else(|| key.to_string(), |status| status.title.clone());
    // Somebody ended it in Mattermost, which knows no status.
    if incident.has_ended() && known.is_some_and(|status| !status.ends) {
        return format!("{title} (ended)");
    }
    title
}

fn severity(incident: &Incident, settings: Option<&Settings>) -> String {
    let title = |key: &Key| {
        let severity = settings.and_then(|settings| settings.severity(key.as_str()));
        severity.map_or_else(|| key.to_string(), |severity| severity.title.clone())
    };
    incident.severity.as_ref().map_or_else(dash, title)
}

fn next_update(incident: &Incident, now: Timestamp) -> String {
    match incident.updates.next_at {
        _ if incident.has_ended() || !incident.updates.enabled => dash(),
        Some(due) if due < now => format!("overdue by {}", span(now.duration_since(due))),
        Some(due) => format!("in {}", span(due.duration_since(now))),
        None => dash(),
    }
}

fn deadline(task: &Task, now: Timestamp) -> String {
    let required = if task.required && task.state.is_open() {
        "required"
    } else {
        ""
    };
    let due = match task.due_at {
        Some(due) if task.state.is_open() && due < now => {
            format!("late by {}", span(now.duration_since(due)))
        }
        Some(due) if task.state.is_open() => format!("due in {}", span(due.duration_since(now))),
        _ => String::new(),
    };
    let words: Vec<&str> = [required, &due]
        .into_iter()
        .filter(|w| !w.is_empty())
        .collect();
    words.join(", ")
}

fn moment(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// A span of time in its two largest units.
#[must_use]
pub fn span(duration: SignedDuration) -> String {
    let seconds = duration.as_secs().max(0);
    let parts = [
        (seconds / 86_400, 'd'),
        (seconds / 3_600 % 24, 'h'),
        (seconds / 60 % 60, 'm'),
        (seconds % 60, 's'),
    ];
    let Some(first) = parts.iter().position(|(count, _)| *count > 0) else {
        return "0s".to_owned();
    };
    parts[first..]
        .iter()
        .take(2)
        .filter(|(count, _)| *count > 0)
        .fold(String::new(), |mut text, (count, unit)| {
            let _ = write!(text, "{count}{unit}");
            text
        })
}

fn dash() -> String {
    "-".to_owned()
}

/// Rows with their cells one below the other; none but the last is wider than `widest`.
fn columns(rows: &[Vec<String>], widest: usize) -> String {
    let count = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells
            .map(|cell| cell.width().min(widest))
            .max()
            .unwrap_or_default()
    };
    let widths: Vec<usize> = (0..count).map(width).collect();
    let lines: Vec<String> = rows
        .iter()
        .map(|row| {
            let mut line = String::new();
            for (n, (cell, width)) in row.iter().zip(&widths).enumerate() {
                // The last cell of a row pushes nothing aside, so it may be as long as it is.
                let last = n + 1 == row.len();
                let cell = if last {
                    cell.clone()
                } else {
                    cut(cell, *width)
                };
                line.push_str(&cell);
                line.push_str(&" ".repeat(width.saturating_sub(cell.width()) + 2));
            }
            line.trim_end().to_owned()
        })
        .collect();
    lines.join("\n")
}

fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut short = String::new();
    let mut used = 1;
    for c in text.chars() {
        used += c.width().unwrap_or_default();
        if used > width {
            break;
        }
        short.push(c);
    }
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::state::samples::incident;
    use crate::incident::{Pin, TaskState};

    fn running() -> (Incident, Timestamp) {
        let mut incident = incident();
        let start = incident.started_at;
        let at = |minutes: i64| start + SignedDuration::from_mins(minutes);
        incident.playbook = Some(Pin {
            workspace: "acme-incidents".parse().unwrap(),
            key: "service-outage".parse().unwrap(),
            commit: Some("3f2a91c0ffee".to_owned()),
            inferred: false,
        });
        incident.description = "Half of all checkouts fail.".to_owned();
        incident
            .roles
            .insert("comms".parse().unwrap(), "bob".to_owned());
        incident.checklists[0].tasks[0].state = TaskState::Done;
        incident.checklists[0].tasks[0].assignee = Some("carol".to_owned());
        incident.checklists[0].tasks[2].due_at = Some(at(20));
        incident.checklists[0].tasks[1].state = TaskState::Skipped;
        incident.checklists[1].tasks[0].due_at = Some(at(125));
        incident.updates.next_at = Some(at(30));
        (incident, at(65))
    }

    #[test]
    fn the_page_of_an_incident() {
        let (incident, now) = running();
        insta::assert_snapshot!(page(&incident, None, now), @r"
        OUT-00007 Checkout 5xx
        https://chat.example.com/playbooks/runs/w5tgxfmbcbn98jzd7r5ps1k3ha

          status      reported
          severity    sev3
          commander   @carol
          comms       @bob
          started by  @alice
          started     2026-11-21 12:00 UTC, 1h5m ago
          tasks       1 of 5 done, 1 late, 1 skipped
          updates     0, next overdue by 35m
          channel     ~checkout-5xx
          playbook    acme-incidents/service-outage at 3f2a91c

          Half of all checkouts fail.

        1 Triage  <- stage
          1.1  done     Confirm the outage          @carol
          1.2  skipped  Page the vendor             -
          1.3  open     Publish on the status page  -       late by 45m

        2 Recover
          2.1  open     Roll back the last change   -       required, due in 1h
          2.2  open     Verify with real traffic    -       required
          2.3  open     Complete the timeline       -
        ");
    }

    #[test]
    fn the_table_of_incidents() {
        let (incident, now) = running();
        let mut foreign = incident.clone();
        foreign.number = None;
        foreign.name = "支払いが失敗する ".repeat(6);
        foreign.status = None;
        foreign.severity = None;
        foreign.updates.enabled = false;
        insta::assert_snapshot!(table(&[incident, foreign], None, now), @r"
        NUMBER     NAME                                          STATUS    SEVERITY  COMMANDER  TASKS  AGE   NEXT UPDATE
        OUT-00007  Checkout 5xx                                  reported  sev3      carol      1/5    1h5m  overdue by 35m
        -          支払いが失敗する 支払いが失敗する 支払いが…   -         -         carol      1/5    1h5m  -
        ");
    }

    #[test]
    fn a_span_has_its_two_largest_units() {
        for (seconds, shown) in [
            (-5, "0s"),
            (59, "59s"),
            (3_600, "1h"),
            (93_784, "1d2h"),
            (86_460, "1d"),
        ] {
            assert_eq!(span(SignedDuration::from_secs(seconds)), shown);
        }
    }
}
