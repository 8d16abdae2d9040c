//! Figures that follow from a record, each with its definition.
//!
//! A number without a definition is quoted until nobody knows what it means, so every
//! one carries what it counts and where that comes from. What cannot be computed is
//! unknown, never zero. Pure; the clock plays no part.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Serialize;

use super::record::{Held, Message, Record, TaskRef};
use crate::incident::TaskState;

/// So many tasks completed within [`BULK_SECONDS`] were ticked off together.
const BULK_TASKS: usize = 3;
/// See [`BULK_TASKS`].
const BULK_SECONDS: i64 = 60;
/// Silence is longer than this.
const SILENCE_SECONDS: i64 = 30 * 60;
/// How many of the largest gaps are told.
const LARGEST_GAPS: usize = 5;

/// A figure with its definition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// The id of its definition, so that figures of several versions are not mixed up.
    pub rule: &'static str,
    /// What is measured.
    pub name: String,
    /// The value.
    #[serde(flatten)]
    pub value: Measure,
    /// What exactly is measured.
    pub definition: &'static str,
}

/// A measured value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "unit", content = "value", rename_all = "snake_case")]
pub enum Measure {
    /// A moment.
    Time(Timestamp),
    /// A span of time.
    Seconds(i64),
    /// A number of things.
    Count(usize),
    /// Names.
    Text(String),
    /// Not known.
    Unknown,
}

/// The time between two completed tasks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// The task before; absent for the first one, which is counted from the declaration.
    pub after: Option<String>,
    /// The task that ended the gap.
    pub task: String,
    /// When it was completed.
    pub at: Timestamp,
    /// How long the gap was.
    pub seconds: i64,
    /// Human messages inside it; absent where the channel could not be read.
    pub messages: Option<usize>,
    /// Who wrote them, sorted.
    pub people: Vec<String>,
    /// Several tasks were ticked off together: the gap says nothing about the work.
    pub bulk: bool,
}

/// A task that was late.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Late {
    /// Its number and title.
    pub task: String,
    /// When it was due.
    pub due_at: Timestamp,
    /// When it was done; absent when it never was.
    pub done_at: Option<Timestamp>,
}

/// A silence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Silence {
    /// Its beginning.
    pub from: Timestamp,
    /// Its end.
    pub to: Timestamp,
}

/// Everything that follows from a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Facts {
    /// The figures, in the order in which they are told.
    pub list: Vec<Fact>,
    /// The largest gaps between completed tasks, the largest first.
    pub gaps: Vec<Gap>,
    /// Late tasks, in order.
    pub late: Vec<Late>,
    /// Skipped tasks, by number and title.
    pub skipped: Vec<String>,
    /// Tasks that were never done, by number and title.
    pub never_done: Vec<String>,
    /// Tasks that the playbook does not have, by number and title.
    pub ad_hoc: Vec<String>,
    /// Spans without any human message.
    pub silences: Vec<Silence>,
}

impl Facts {
    /// Computes them.
    #[must_use]
    pub fn of(record: &Record) -> Self {
        let labels = |keep: &dyn Fn(&TaskRef<'_>) -> bool| -> Vec<String> {
            record.tasks().filter(keep).map(|t| t.label()).collect()
        };
        let mut facts = Self {
            list: Vec::new(),
            gaps: gaps(record),
            late: late(record),
            skipped: labels(&|t| t.task.state == TaskState::Skipped),
            never_done: labels(&|t| record.ended_at.is_some() && t.task.state.is_open()),
            ad_hoc: if record.playbook.is_some() {
                labels(&|t| t.task.key.is_none())
            } else {
                Vec::new()
            },
            silences: silences(record),
        };
        facts.list = list(record, &facts);
        facts
            .gaps
            .sort_by(|a, b| b.seconds.cmp(&a.seconds).then(a.at.cmp(&b.at)));
        facts.gaps.truncate(LARGEST_GAPS);
        facts
    }

    /// The figure of that rule.
    #[must_use]
    pub fn get(&self, rule: &str) -> Option<&Measure> {
        let mut list = self.list.iter();
        list.find(|fact| fact.rule == rule).map(|fact| &fact.value)
    }
}

fn seconds(from: Timestamp, to: Timestamp) -> i64 {
    to.as_second() - from.as_second()
}

fn time(value: Option<Timestamp>) -> Measure {
    value.map_or(Measure::Unknown, Measure::Time)
}

/// The span between two moments; a negative one is refused as unknown.
fn span(from: Option<Timestamp>, to: Option<Timestamp>) -> Measure {
    match (from, to) {
        (Some(from), Some(to)) if from <= to => Measure::Seconds(seconds(from, to)),
        _ => Measure::Unknown,
    }
}

fn fact(rule: &'static str, name: &str, value: Measure, definition: &'static str) -> Fact {
    Fact {
        rule,
        name: name.to_owned(),
        value,
        definition,
    }
}

fn list(record: &Record, facts: &Facts) -> Vec<Fact> {
    let mut list = times(record);
    list.extend(people(record, facts));
    list.extend(work(record, facts));
    list.extend(updates(record));
    list
}

fn times(record: &Record) -> Vec<Fact> {
    let declared = Some(record.started_at);
    let acknowledged = acknowledged(record);
    let mitigated = mitigated(record);
    let mut list = vec![
        fact(
            "T-01",
            "declared",
            time(declared),
            "the incident was created in Mattermost",
        ),
        fact(
            "T-02",
            "acknowledged",
            time(acknowledged),
            "first of: a human message by somebody other than the reporter, a task in progress, done or skipped",
        ),
        fact(
            "T-03",
            "first response",
            time(first_response(record)),
            "first human message after the declaration",
        ),
        fact(
            "T-04",
            "mitigated",
            time(mitigated),
            "first time in status `monitoring` or `mitigated`",
        ),
        fact(
            "T-05",
            "resolved",
            time(record.ended_at),
            "last end that no restart followed",
        ),
        fact(
            "D-01",
            "duration",
            span(declared, record.ended_at),
            "resolved − declared",
        ),
        fact(
            "D-02",
            "active duration",
            active(record),
            "sum of the spans in which it was active: without the time between an end and a restart",
        ),
        fact(
            "D-03",
            "time to acknowledge",
            span(declared, acknowledged),
            "acknowledged − declared",
        ),
        fact(
            "D-04",
            "time to mitigate",
            span(declared, mitigated),
            "mitigated − declared",
        ),
    ];
    for (severity, held) in times_in(&record.severities, record.horizon()) {
        list.push(fact(
            "D-05",
            &format!("time in {severity}"),
            Measure::Seconds(held),
            "from one change of severity to the next, until resolved",
        ));
    }
    list
}

fn people(record: &Record, facts: &Facts) -> Vec<Fact> {
    let messages = record.messages.as_ref();
    vec![
        fact(
            "P-01",
            "commanders",
            names(&record.commanders),
            "everybody who commanded, in order",
        ),
        fact(
            "P-02",
            "handovers",
            Measure::Count(record.commanders.len().saturating_sub(1)),
            "changes of commander",
        ),
        fact(
            "P-03",
            "participants",
            Measure::Count(record.participants.len()),
            "everybody who ever took part, without bots",
        ),
        fact(
            "P-04",
            "messages",
            messages.map_or(Measure::Unknown, |m| Measure::Count(m.len())),
            "human messages in the channel; not those of bots and of Mattermost itself",
        ),
        fact(
            "P-05",
            "silences",
            messages.map_or(Measure::Unknown, |_| Measure::Count(facts.silences.len())),
            "spans of more than 30 minutes without a human message, while active",
        ),
    ]
}

fn work(record: &Record, facts: &Facts) -> Vec<Fact> {
    let done = record.tasks().filter(|t| t.task.state == TaskState::Done);
    let meant = facts.gaps.iter().filter(|gap| !gap.bulk);
    let longest = meant.map(|gap| gap.seconds).max();
    let ad_hoc = record
        .playbook
        .as_ref()
        .map_or(Measure::Unknown, |_| Measure::Count(facts.ad_hoc.len()));
    vec![
        fact(
            "K-01",
            "tasks",
            Measure::Count(record.tasks().count()),
            "tasks in sight at the end",
        ),
        fact(
            "K-02",
            "tasks done",
            Measure::Count(done.count()),
            "tasks in state done at the end",
        ),
        fact(
            "K-03",
            "tasks skipped",
            Measure::Count(facts.skipped.len()),
            "tasks in state skipped at the end",
        ),
        fact(
            "K-04",
            "tasks late",
            Measure::Count(facts.late.len()),
            "done after their due time, or open at the end with the due time past",
        ),
        fact(
            "K-05",
            "tasks never done",
            Measure::Count(facts.never_done.len()),
            "neither done nor skipped when it was resolved",
        ),
        fact(
            "K-06",
            "tasks ad hoc",
            ad_hoc,
            "in the incident and not in its playbook",
        ),
        fact(
            "K-07",
            "longest gap",
            longest.map_or(Measure::Unknown, Measure::Seconds),
            "between two completed tasks, the first counted from the declaration; tasks ticked off together (three within 60 s) do not count",
        ),
    ]
}

fn updates(record: &Record) -> Vec<Fact> {
    let (mean, overdue) = cadence(record);
    vec![
        fact(
            "U-01",
            "status updates",
            Measure::Count(record.updates.len()),
            "status updates posted and not deleted",
        ),
        fact(
            "U-02",
            "mean interval of updates",
            mean,
            "mean time between two status updates",
        ),
        fact(
            "U-03",
            "updates overdue",
            overdue,
            "sum of the time by which status updates came later than the playbook's timer, while active",
        ),
    ]
}

fn names(held: &[Held]) -> Measure {
    let names: Vec<&str> = held.iter().map(|h| h.key.as_str()).collect();
    if names.is_empty() {
        Measure::Unknown
    } else {
        Measure::Text(names.join(", "))
    }
}

fn acknowledged(record: &Record) -> Option<Timestamp> {
    let task = record
        .tasks()
        .filter(|t| t.task.state != TaskState::Open)
        .filter_map(|t| t.task.changed_at);
    let message = record
        .messages
        .iter()
        .flatten()
        .filter(|m| m.by != record.reporter)
        .map(|m| m.at);
    task.chain(message)
        .filter(|at| *at >= record.started_at)
        .min()
}

fn first_response(record: &Record) -> Option<Timestamp> {
    let messages = record.messages.iter().flatten();
    messages
        .map(|m| m.at)
        .filter(|at| *at > record.started_at)
        .min()
}

fn mitigated(record: &Record) -> Option<Timestamp> {
    let mut statuses = record.statuses.iter();
    let found = statuses.find(|s| matches!(s.key.as_str(), "monitoring" | "mitigated"));
    found.map(|s| s.from)
}

fn active(record: &Record) -> Measure {
    if record.ended_at.is_none() {
        return Measure::Unknown;
    }
    let spans = record.active.iter();
    Measure::Seconds(
        spans
            .map(|s| seconds(s.from, s.to.unwrap_or_else(|| record.horizon())))
            .sum(),
    )
}

/// How long each held, in order of first appearance.
fn times_in(held: &[Held], horizon: Timestamp) -> Vec<(String, i64)> {
    let mut times: Vec<(String, i64)> = Vec::new();
    for (n, this) in held.iter().enumerate() {
        let until = held.get(n + 1).map_or(horizon, |next| next.from);
        let long = seconds(this.from, until).max(0);
        match times.iter_mut().find(|(title, _)| *title == this.title) {
            Some((_, sum)) => *sum += long,
            None => times.push((this.title.clone(), long)),
        }
    }
    times
}

/// Completed tasks by time; ties in the order of the checklists.
pub(super) fn completed(record: &Record) -> Vec<(Timestamp, TaskRef<'_>)> {
    let mut done: Vec<_> = record
        .tasks()
        .filter(|t| t.task.state == TaskState::Done)
        .filter_map(|t| Some((t.task.changed_at?, t)))
        .collect();
    done.sort_by_key(|(at, _)| *at);
    done
}

fn gaps(record: &Record) -> Vec<Gap> {
    let done = completed(record);
    let mut before = (None, record.started_at);
    let mut gaps = Vec::new();
    for (n, (at, task)) in done.iter().enumerate() {
        // Three around this one: it may be the first, the middle or the last of them.
        let bulk = (0..BULK_TASKS).any(|back| {
            let Some(first) = n.checked_sub(back) else {
                return false;
            };
            let Some((last, _)) = done.get(first + BULK_TASKS - 1) else {
                return false;
            };
            // The first of them ended a real gap.
            back > 0 && seconds(done[first].0, *last) <= BULK_SECONDS
        });
        let inside: Option<Vec<&Message>> = record.messages.as_ref().map(|all| {
            let inside = all.iter().filter(|m| before.1 < m.at && m.at <= *at);
            inside.collect()
        });
        let people: BTreeSet<&str> = inside.iter().flatten().map(|m| m.by.as_str()).collect();
        gaps.push(Gap {
            after: before.0,
            task: task.label(),
            at: *at,
            seconds: seconds(before.1, *at).max(0),
            messages: inside.as_ref().map(Vec::len),
            people: people.into_iter().map(str::to_owned).collect(),
            bulk,
        });
        before = (Some(task.label()), *at);
    }
    gaps
}

fn late(record: &Record) -> Vec<Late> {
    let late = record.tasks().filter_map(|t| {
        let due_at = t.task.due_at?;
        let done_at = match t.task.state {
            TaskState::Done => Some(t.task.changed_at.filter(|at| *at > due_at)?),
            TaskState::Open | TaskState::InProgress if record.ended_at? > due_at => None,
            _ => return None,
        };
        Some(Late {
            task: t.label(),
            due_at,
            done_at,
        })
    });
    late.collect()
}

fn silences(record: &Record) -> Vec<Silence> {
    let Some(messages) = &record.messages else {
        return Vec::new();
    };
    let mut silences = Vec::new();
    for active in &record.active {
        let end = active.to.unwrap_or_else(|| record.horizon());
        let inside = messages.iter().map(|m| m.at);
        let mut times: Vec<Timestamp> =
            inside.filter(|at| active.from < *at && *at < end).collect();
        times.sort_unstable();
        times.push(end);
        let mut from = active.from;
        for to in times {
            if seconds(from, to) > SILENCE_SECONDS {
                silences.push(Silence { from, to });
            }
            from = to;
        }
    }
    silences
}

/// The mean interval of status updates, and by how much they were overdue.
fn cadence(record: &Record) -> (Measure, Measure) {
    let times: Vec<Timestamp> = record.updates.iter().map(|u| u.at).collect();
    let mean = match (times.first(), times.last()) {
        (Some(first), Some(last)) if times.len() > 1 => {
            let spans = i64::try_from(times.len() - 1).unwrap_or(1);
            Measure::Seconds(seconds(*first, *last) / spans)
        }
        _ => Measure::Unknown,
    };
    let Some(every) = record.update_every else {
        return (mean, Measure::Unknown);
    };
    let every = i64::try_from(every.as_seconds()).unwrap_or(i64::MAX);
    let mut overdue = 0;
    for active in &record.active {
        let end = active.to.unwrap_or_else(|| record.horizon());
        let mut from = active.from;
        let inside = times.iter().filter(|at| active.from <= **at && **at <= end);
        for to in inside.chain([&end]) {
            overdue += (seconds(from, *to) - every).max(0);
            from = *to;
        }
    }
    (mean, Measure::Seconds(overdue))
}
