//! What people call a task: `2.3`, its key, or an unambiguous part of its title.
//!
//! Owns the look-up and its errors, which list every candidate. Guesses nothing:
//! two tasks that fit are a question, not a choice.

use std::fmt;

use super::state::{Checklist, Task, one_line, places};

/// The place of a task: its checklist and its position there, from 0.
///
/// Shown as people count, from 1: `2.3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The checklist's position.
    pub checklist: usize,
    /// The task's position in it.
    pub task: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.checklist + 1, self.task + 1)
    }
}

/// Says why a text names no task.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// None fits.
    #[error("no task is called `{0}`")]
    Unknown(String),
    /// There is no task at that place.
    #[error("there is no task {0}")]
    NoSuchPlace(String),
    /// Several fit.
    #[error("`{text}` fits several tasks: {}", .candidates.join(", "))]
    Ambiguous {
        /// What was asked for.
        text: String,
        /// All that fit, as `2.3 Title`.
        candidates: Vec<String>,
    },
}

impl AddressError {
    /// What to do next.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match self {
            Self::Unknown(_) | Self::NoSuchPlace(_) => {
                "`warroom run show` lists the tasks with their numbers"
            }
            Self::Ambiguous { .. } => "name one of them by its number",
        }
    }
}

/// Finds the task that a text names.
///
/// The order is: place, key (also `CHECKLIST.TASK`), whole title, part of the title; the
/// first of these that fits decides. Hidden tasks are found by place and key only.
///
/// # Errors
/// When none fits, or several.
pub fn find(checklists: &[Checklist], text: &str) -> Result<Place, AddressError> {
    let text = text.trim();
    if let Some((checklist, task)) = numbers(text) {
        return place(checklists, checklist, task)
            .ok_or_else(|| AddressError::NoSuchPlace(text.to_owned()));
    }
    let wanted = text.to_lowercase();
    let title = |task: &Task| one_line(&task.title).to_lowercase();
    let by_key = |place: Place, task: &Task| {
        let list = checklists[place.checklist].key.as_ref();
        task.key.as_ref().is_some_and(|key| {
            let whole = list.is_some_and(|list| format!("{list}.{key}") == text);
            key.as_str() == text || whole
        })
    };
    let by_title = |_: Place, task: &Task| !task.hidden && title(task) == wanted;
    let by_part =
        |_: Place, task: &Task| !wanted.is_empty() && !task.hidden && title(task).contains(&wanted);
    let ways: [Way<'_>; 3] = [&by_key, &by_title, &by_part];
    for fits in ways {
        let found: Vec<_> = places(checklists)
            .filter(|(place, task)| fits(*place, task))
            .collect();
        match found.as_slice() {
            [] => {}
            [(place, _)] => return Ok(*place),
            several => {
                return Err(AddressError::Ambiguous {
                    text: text.to_owned(),
                    candidates: several
                        .iter()
                        .map(|(place, task)| format!("{place} {}", one_line(&task.title)))
                        .collect(),
                });
            }
        }
    }
    Err(AddressError::Unknown(text.to_owned()))
}

/// Whether a task is meant.
type Way<'a> = &'a dyn Fn(Place, &Task) -> bool;

/// The two numbers of `2.3`.
fn numbers(text: &str) -> Option<(&str, &str)> {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    text.split_once('.')
        .filter(|(checklist, task)| digits(checklist) && digits(task))
}

/// The place that two numbers, counted from 1, name among these checklists.
fn place(checklists: &[Checklist], checklist: &str, task: &str) -> Option<Place> {
    let position = |part: &str| part.parse::<usize>().ok()?.checked_sub(1);
    let (checklist, task) = (position(checklist)?, position(task)?);
    let tasks = &checklists.get(checklist)?.tasks;
    (task < tasks.len()).then_some(Place { checklist, task })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::state::samples::checklists;

    fn place(text: &str) -> Result<String, String> {
        find(&checklists(), text)
            .map(|place| place.to_string())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_task_is_found_by_place_key_and_part_of_its_title() {
        for text in [
            "2.2",
            "verify",
            "recover.verify",
            "real traffic",
            " VERIFY WITH ",
        ] {
            assert_eq!(place(text).as_deref(), Ok("2.2"), "{text}");
        }
    }

    #[test]
    fn all_candidates_of_an_ambiguous_part_are_shown() {
        let all = "`the` fits several tasks: 1.1 Confirm the outage, 1.2 Page the vendor, 1.3 Publish on the status page, 2.1 Roll back the last change, 2.3 Complete the timeline";
        assert_eq!(place("the"), Err(all.to_owned()));
    }

    #[test]
    fn a_key_beats_a_part_of_a_title_and_a_whole_title_beats_a_part() {
        let mut lists = checklists();
        lists[0].tasks[1].title = "verify".to_owned();
        assert_eq!(find(&lists, "verify").unwrap().to_string(), "2.2");
        lists[1].tasks[1].key = None;
        assert_eq!(find(&lists, "verify").unwrap().to_string(), "1.2");
    }

    #[test]
    fn places_outside_are_refused_without_a_guess() {
        for text in ["0.1", "1.0", "3.1", "2.9", "99999999999999999999.1"] {
            assert_eq!(place(text), Err(format!("there is no task {text}")));
        }
        assert_eq!(
            place("nonsense"),
            Err("no task is called `nonsense`".into())
        );
        assert_eq!(place(""), Err("no task is called ``".into()));
    }

    #[test]
    fn a_hidden_task_is_not_found_by_its_title() {
        let mut lists = checklists();
        lists[0].tasks[1].hidden = true;
        assert!(find(&lists, "vendor").is_err());
        assert_eq!(find(&lists, "page-vendor").unwrap().to_string(), "1.2");
    }
}
