//! What may follow what in an incident.
//!
//! Owns where an incident starts, which status ends it, the order of stages, the
//! tasks it should not end without, and how long until the next status update.
//! Pure: answers questions about values, and changes none.

use super::address::Place;
use super::state::{Incident, Task, TaskState};
use crate::model::{Duration, Key, Playbook, Progression, Settings, Severity, Status};

/// The severity of an incident for which nobody named one: the least severe.
#[must_use]
pub fn least_severe(settings: &Settings) -> Option<&Severity> {
    settings.severities.last()
}

/// The status in which an incident starts.
#[must_use]
pub fn first_status(settings: &Settings) -> Option<&Status> {
    settings.statuses.first()
}

/// The status of an incident that ended without anybody naming one: the one it has if that is
/// an end, else the first that is.
#[must_use]
pub fn ending_status<'a>(settings: &'a Settings, now: Option<&Key>) -> Option<&'a Status> {
    let present = now.and_then(|key| settings.status(key.as_str()));
    present
        .filter(|status| status.ends)
        .or_else(|| settings.statuses.iter().find(|status| status.ends))
}

/// The status of an incident that goes on after its end: the last one it had that was no end,
/// else the first there is.
#[must_use]
pub fn resuming_status<'a>(settings: &'a Settings, had: &[Key]) -> Option<&'a Status> {
    let goes_on = |key: &Key| settings.status(key.as_str()).filter(|status| !status.ends);
    had.iter()
        .rev()
        .find_map(goes_on)
        .or_else(|| settings.statuses.iter().find(|status| !status.ends))
}

/// The required tasks that are still to do, each with its place.
#[must_use]
pub fn required_open(incident: &Incident) -> Vec<(Place, &Task)> {
    let tasks = incident.tasks();
    tasks
        .filter(|(_, task)| task.required && task.state.is_open())
        .collect()
}

/// The required tasks of earlier stages that keep a task from being worked on.
///
/// Stages up to the present one are free. Beyond it, required tasks come first; others may be
/// left behind.
#[must_use]
pub fn blocking(incident: &Incident, place: Place) -> Vec<(Place, &Task)> {
    let Some(stage) = stage_position(incident) else {
        return Vec::new();
    };
    if place.checklist <= stage {
        return Vec::new();
    }
    let mut required = required_open(incident);
    required.retain(|(earlier, _)| earlier.checklist < place.checklist);
    required
}

/// The stage in which a new incident of the playbook starts.
#[must_use]
pub fn first_stage(playbook: &Playbook) -> Option<Key> {
    let first = playbook.checklists.first().map(|list| list.key.clone());
    first.filter(|_| playbook.progression == Progression::Staged)
}

/// The stage after tasks changed; the present one when nothing moves it.
///
/// An incident moves on when nothing is left to do in its stage, or when work of a later stage is
/// done. It never moves back.
#[must_use]
pub fn stage_after(incident: &Incident) -> Option<Key> {
    let at = stage_position(incident)?;
    let lists = &incident.checklists;
    let done =
        |task: &Task| !task.hidden && matches!(task.state, TaskState::Done | TaskState::InProgress);
    let worked = (at..lists.len())
        .rev()
        .find(|n| lists[*n].tasks.iter().any(done));
    let from = worked.unwrap_or(at);
    let open = (from..lists.len()).find(|n| lists[*n].open().next().is_some());
    let to = open.unwrap_or(lists.len() - 1);
    lists[to].key.clone().or_else(|| incident.stage.clone())
}

fn stage_position(incident: &Incident) -> Option<usize> {
    let stage = incident.stage.as_ref()?;
    let mut lists = incident.checklists.iter();
    lists.position(|list| list.key.as_ref() == Some(stage))
}

/// How often stakeholders of an incident of that severity hear an update, by the files.
#[must_use]
pub fn usual_interval(
    settings: &Settings,
    playbook: &Playbook,
    severity: Option<&Key>,
) -> Option<Duration> {
    let updates = playbook.updates.as_ref()?;
    let severity = severity.and_then(|key| settings.severity(key.as_str()));
    severity
        .and_then(|severity| severity.update_every)
        .or(Some(updates.every))
        .filter(|every| every.as_seconds() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::state::samples::incident;

    fn settings() -> Settings {
        serde_json::from_value(serde_json::json!({
            "format": 1,
            "workspace": "acme",
            "severities": [
                { "key": "sev1", "title": "SEV-1", "update_every": "15m" },
                { "key": "sev3", "title": "SEV-3" },
            ],
            "statuses": [
                { "key": "reported", "title": "Reported" },
                { "key": "active", "title": "Active" },
                { "key": "resolved", "title": "Resolved", "ends": true },
                { "key": "closed", "title": "Closed", "ends": true },
            ],
        }))
        .unwrap()
    }

    fn key(text: &str) -> Key {
        text.parse().unwrap()
    }

    fn done(incident: &mut Incident, list: usize, task: usize) {
        incident.checklists[list].tasks[task].state = TaskState::Done;
    }

    #[test]
    fn an_incident_ends_in_the_first_status_that_ends_unless_it_has_one() {
        let settings = settings();
        let ending = |now: &str| {
            ending_status(&settings, Some(&key(now)))
                .unwrap()
                .key
                .clone()
        };
        assert_eq!(ending("active"), key("resolved"));
        assert_eq!(ending("closed"), key("closed"));
    }

    #[test]
    fn a_restarted_incident_resumes_the_last_status_that_is_no_end() {
        let settings = settings();
        let resumed = |had: &[&str]| {
            let had: Vec<Key> = had.iter().map(|k| key(k)).collect();
            resuming_status(&settings, &had).unwrap().key.clone()
        };
        assert_eq!(resumed(&["reported", "active", "resolved"]), key("active"));
        assert_eq!(resumed(&[]), key("reported"));
    }

    #[test]
    fn required_tasks_of_the_stage_come_before_the_next_stage() {
        let mut incident = incident();
        let verify = Place {
            checklist: 1,
            task: 1,
        };
        let blocked: Vec<String> = blocking(&incident, verify)
            .iter()
            .map(|(place, _)| place.to_string())
            .collect();
        assert_eq!(blocked, ["1.1"]);
        done(&mut incident, 0, 0);
        assert!(blocking(&incident, verify).is_empty());
    }

    #[test]
    fn without_stages_nothing_blocks() {
        let mut incident = incident();
        incident.stage = None;
        let last = Place {
            checklist: 1,
            task: 2,
        };
        assert!(blocking(&incident, last).is_empty());
        assert_eq!(stage_after(&incident), None);
    }

    #[test]
    fn a_stage_with_nothing_left_to_do_gives_way_to_the_next() {
        let mut incident = incident();
        done(&mut incident, 0, 0);
        assert_eq!(stage_after(&incident), Some(key("triage")));
        done(&mut incident, 0, 1);
        incident.checklists[0].tasks[2].state = TaskState::Skipped;
        assert_eq!(stage_after(&incident), Some(key("recover")));
    }

    #[test]
    fn work_of_a_later_stage_moves_the_incident_there_and_never_back() {
        let mut incident = incident();
        done(&mut incident, 1, 2);
        assert_eq!(stage_after(&incident), Some(key("recover")));
        incident.stage = Some(key("recover"));
        incident.checklists[1].tasks[2].state = TaskState::Open;
        assert_eq!(stage_after(&incident), Some(key("recover")));
    }

    #[test]
    fn the_last_stage_is_where_a_finished_incident_stays() {
        let mut incident = incident();
        for list in &mut incident.checklists {
            for task in &mut list.tasks {
                task.state = TaskState::Done;
            }
        }
        assert_eq!(stage_after(&incident), Some(key("recover")));
    }

    #[test]
    fn the_severity_decides_how_often_an_update_is_due() {
        let playbook: Playbook = serde_json::from_value(serde_json::json!({
            "key": "p", "title": "P", "access": "a", "checklists": [],
            "updates": { "every": "30m" },
        }))
        .unwrap();
        let every = |severity: &str| {
            let every = usual_interval(&settings(), &playbook, Some(&key(severity)));
            every.unwrap().to_string()
        };
        assert_eq!(every("sev1"), "15m");
        assert_eq!(every("sev3"), "30m");
    }
}
