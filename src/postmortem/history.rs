//! What the timeline of a run tells: who commanded, when it was active, what happened.
//!
//! Owns the reading of the plugin's events, whose words differ between versions: a
//! change of owner names both in its summary, and only there in all of them.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::Value;

use super::record::{Happening, Held, Interval, Source};
use crate::incident::runner::People;
use crate::mattermost::Site;
use crate::mattermost::playbooks::{EventType, Run, TimelineEvent};

/// The timeline of a run, in the order of time.
pub(super) struct History<'a> {
    events: Vec<(Timestamp, &'a TimelineEvent)>,
    people: &'a People,
    site: &'a Site,
}

impl<'a> History<'a> {
    pub(super) fn of(run: &'a Run, people: &'a People, site: &'a Site) -> Self {
        let live = run
            .timeline_events
            .iter()
            .filter(|e| e.delete_at.is_never());
        let mut events: Vec<_> = live
            .filter_map(|event| {
                let at = event.event_at.timestamp().or(event.create_at.timestamp())?;
                Some((at, event))
            })
            .collect();
        events.sort_by(|(a, x), (b, y)| (a, &x.id).cmp(&(b, &y.id)));
        Self {
            events,
            people,
            site,
        }
    }

    /// Who commanded since when; `last` commands now.
    pub(super) fn commanders(&self, start: Timestamp, last: &str) -> Vec<Held> {
        let held = |from: Timestamp, name: &str| Held {
            from,
            key: name.to_owned(),
            title: name.to_owned(),
        };
        let mut all: Vec<Held> = Vec::new();
        for (at, event) in self.of_type(&EventType::OwnerChanged) {
            let Some((from, to)) = event.summary.split_once(" to ") else {
                continue;
            };
            let name = |text: &str| text.trim().trim_start_matches('@').to_owned();
            if all.is_empty() {
                all.push(held(start, &name(from)));
            }
            all.push(held(at, &name(to)));
        }
        if all.last().is_none_or(|held| held.key != last) {
            // The events do not tell when: a deleted one, or a server that wrote none.
            let from = all.last().map_or(start, |held| held.from);
            all.push(held(from, last));
        }
        all
    }

    /// When it was active.
    pub(super) fn active(&self, start: Timestamp, end: Option<Timestamp>) -> Vec<Interval> {
        let mut all = Vec::new();
        let mut open = Some(start);
        for (at, event) in &self.events {
            match (&event.event_type, open) {
                (EventType::RunFinished, Some(from)) => {
                    all.push(Interval {
                        from,
                        to: Some(*at),
                    });
                    open = None;
                }
                (EventType::RunRestored, None) => open = Some(*at),
                _ => {}
            }
        }
        if let Some(from) = open {
            all.push(Interval { from, to: end });
        }
        // The run's own word on its end counts; the event is written a moment later.
        if let (Some(last), Some(end)) = (all.last_mut(), end)
            && end >= last.from
        {
            last.to = Some(end);
        }
        all
    }

    /// Everybody who ever joined, by username.
    pub(super) fn joined(&self) -> impl Iterator<Item = String> {
        let events = self.events.iter().filter(|(_, event)| {
            matches!(
                event.event_type,
                EventType::ParticipantsChanged | EventType::UserJoinedLeft
            )
        });
        let names: BTreeSet<String> = events
            .flat_map(|(_, event)| {
                let details: Value = serde_json::from_str(&event.details).unwrap_or_default();
                let users = details["users"].as_array().cloned().unwrap_or_default();
                users
                    .into_iter()
                    .filter_map(|user| user.as_str().map(str::to_owned))
            })
            .collect();
        names.into_iter()
    }

    /// What happened, in words without markup.
    pub(super) fn happenings(&self) -> Vec<Happening> {
        let all = self.events.iter().filter_map(|(at, event)| {
            let (kind, text) = words(event)?;
            let who = event
                .creator_user_id
                .given()
                .or(event.subject_user_id.given());
            let post = event.post_id.given();
            Some(Happening {
                at: *at,
                kind: kind.to_owned(),
                by: who.map(|id| self.people.name(id)),
                source: Source::Plugin,
                text,
                link: post.map(|post| format!("{}/_redirect/pl/{post}", self.site)),
            })
        });
        all.collect()
    }

    fn of_type(&self, kind: &EventType) -> impl Iterator<Item = (Timestamp, &TimelineEvent)> {
        let events = self.events.iter().map(|(at, event)| (*at, *event));
        events.filter(move |(_, event)| event.event_type == *kind)
    }
}

/// What an event is called, and says; none for what is told elsewhere.
fn words(event: &TimelineEvent) -> Option<(&'static str, String)> {
    let details: Value = serde_json::from_str(&event.details).unwrap_or_default();
    let detail = |name: &str| details[name].as_str().unwrap_or_default().to_owned();
    let summary = || event.summary.replace("**", "").replace('@', "");
    let words = match &event.event_type {
        EventType::IncidentCreated => ("started", "started the incident".to_owned()),
        EventType::RunFinished => ("ended", "ended the incident".to_owned()),
        EventType::RunRestored => ("restarted", "restarted the incident".to_owned()),
        EventType::TaskStateModified => {
            let task = detail("task");
            match detail("action").as_str() {
                "check" => ("task_done", format!("done: {task}")),
                "uncheck" => ("task_reopened", format!("reopened: {task}")),
                "skip" => ("task_skipped", format!("skipped: {task}")),
                "restore" => ("task_restored", format!("restored: {task}")),
                _ => ("task", summary()),
            }
        }
        EventType::OwnerChanged => {
            let (from, to) = event.summary.split_once(" to ")?;
            let name = |text: &str| text.trim().trim_start_matches('@').to_owned();
            (
                "commander",
                format!("commander: {} → {}", name(from), name(to)),
            )
        }
        EventType::ParticipantsChanged | EventType::UserJoinedLeft => {
            let users = details["users"].as_array().cloned().unwrap_or_default();
            let users: Vec<&str> = users.iter().filter_map(Value::as_str).collect();
            if users.is_empty() {
                ("participants", summary())
            } else {
                (
                    "participants",
                    format!("{}: {}", detail("action"), users.join(", ")),
                )
            }
        }
        EventType::AssigneeChanged => ("assignee", summary()),
        EventType::RanSlashCommand => ("command", summary()),
        // Setting the timer counts as a snooze.
        EventType::StatusUpdateSnoozed if event.summary.is_empty() => return None,
        EventType::StatusUpdateSnoozed => ("update_snoozed", summary()),
        EventType::StatusUpdateRequested => ("update_requested", summary()),
        EventType::EventFromPost => ("note", event.summary.clone()),
        EventType::PropertyChanged => ("attribute", summary()),
        EventType::PublishedRetrospective => {
            ("retrospective", "published the retrospective".to_owned())
        }
        EventType::CanceledRetrospective => {
            ("retrospective", "cancelled the retrospective".to_owned())
        }
        // The updates themselves are told.
        EventType::StatusUpdated => return None,
        _ => ("other", summary()),
    };
    Some(words)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_795_262_400 + minute * 60).unwrap()
    }

    fn run(events: &[(i64, &str, &str)]) -> Run {
        let events: Vec<Value> = events
            .iter()
            .enumerate()
            .map(|(n, (minute, kind, summary))| {
                json!({
                    "id": format!("e{n}"), "event_type": kind, "summary": summary,
                    "event_at": at(*minute).as_millisecond(),
                })
            })
            .collect();
        serde_json::from_value(json!({ "id": "r", "timeline_events": events })).unwrap()
    }

    fn site() -> Site {
        Site::parse("https://chat.example.com").unwrap()
    }

    #[test]
    fn a_chain_of_commanders_begins_with_whoever_handed_over_first() {
        let run = run(&[
            (30, "owner_changed", "@bob to @carol"),
            (10, "owner_changed", "@alice to @bob"),
        ]);
        let (people, site) = (People::default(), site());
        let history = History::of(&run, &people, &site);
        let chain = |last: &str| -> Vec<(Timestamp, String)> {
            let held = history.commanders(at(0), last);
            held.into_iter().map(|held| (held.from, held.key)).collect()
        };
        let told = [
            (at(0), "alice".to_owned()),
            (at(10), "bob".to_owned()),
            (at(30), "carol".to_owned()),
        ];
        assert_eq!(chain("carol"), told);
        assert_eq!(chain("dave").last().unwrap(), &(at(30), "dave".to_owned()));
    }

    #[test]
    fn a_restart_begins_another_active_span() {
        let run = run(&[
            (50, "run_finished", ""),
            (60, "run_restored", ""),
            (90, "run_finished", ""),
        ]);
        let (people, site) = (People::default(), site());
        let history = History::of(&run, &people, &site);
        let span = |from, to| Interval {
            from: at(from),
            to: Some(at(to)),
        };
        assert_eq!(
            history.active(at(0), Some(at(91))),
            [span(0, 50), span(60, 91)]
        );
        assert_eq!(
            History::of(&Run::default(), &people, &site).active(at(0), None),
            [Interval {
                from: at(0),
                to: None
            }]
        );
    }

    #[test]
    fn events_are_told_in_words_and_deleted_ones_are_not() {
        let mut run = run(&[
            (1, "incident_created", ""),
            (2, "status_updated", ""),
            (3, "ran_slash_command", "ran the command **/page @bob**"),
            (4, "something_new", "who knows"),
            (5, "run_finished", ""),
        ]);
        run.timeline_events[4].delete_at = crate::mattermost::Millis(1);
        let (people, site) = (People::default(), site());
        let happenings = History::of(&run, &people, &site).happenings();
        let told: Vec<&str> = happenings.iter().map(|h| h.text.as_str()).collect();
        assert_eq!(
            told,
            [
                "started the incident",
                "ran the command /page bob",
                "who knows"
            ]
        );
    }
}
