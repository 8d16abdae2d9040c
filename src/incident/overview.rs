//! The text that stakeholders read of an incident, with its standing at the end.
//!
//! Owns what shares the 4096 characters: the body, the `$name=value` lines that
//! slash commands of tasks use, and the line of the [`Standing`]. The body gives
//! way, visibly; the rest never does. Renders no template.

use super::Standing;
use crate::template::Fences;

/// The most characters that the server keeps.
pub const LIMIT: usize = 4096;

/// Of those, what a body never takes.
pub const RESERVED: usize = 700;

/// More variables than these would leave no room for anything else.
const MOST_VARIABLES: usize = 64;

const SHORTENED: &str = "*… shortened*";

/// An overview taken apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overview {
    /// What people read.
    pub body: String,
    /// Lines such as `$service=checkout`, which slash commands of tasks use.
    pub variables: Vec<String>,
    /// What warroom keeps.
    pub standing: Option<Standing>,
}

impl Overview {
    /// Takes the summary of an incident apart; of several standings the last one counts.
    #[must_use]
    pub fn parse(summary: &str) -> Self {
        let mut overview = Self::default();
        let mut body = Vec::new();
        for line in summary.lines() {
            if Standing::is_line(line) {
                overview.standing = Standing::from_line(line).or(overview.standing);
            } else if is_variable(line) {
                overview.variables.push(line.trim_end().to_owned());
            } else {
                body.push(line);
            }
        }
        body.join("\n")
            .trim_matches('\n')
            .clone_into(&mut overview.body);
        overview
    }

    /// Takes the values that the body gives to variables without one: from lines that stand in
    /// the text it was rendered from.
    ///
    /// What people wrote into an incident may hold such lines too, and gives none.
    #[must_use]
    pub fn with_variables_of(mut self, text: &str) -> Self {
        let named = text
            .lines()
            .filter_map(|line| Some((variable(line)?, line.trim_end())));
        for (name, written) in named.take(MOST_VARIABLES) {
            if self
                .variables
                .iter()
                .any(|known| variable(known) == Some(name))
            {
                continue;
            }
            let mut lines = self.body.lines().map(str::trim_end).rev();
            let line = if written.contains("{{") {
                lines.find(|line| variable(line) == Some(name))
            } else {
                lines.find(|line| *line == written)
            };
            self.variables.extend(line.map(str::to_owned));
        }
        self
    }

    /// Puts the summary together, within [`LIMIT`].
    ///
    /// # Errors
    /// When variables and standing alone exceed it.
    pub fn compose(&self) -> Result<String, TooLong> {
        let mut tail = self.variables.clone();
        tail.extend(self.standing.as_ref().map(Standing::to_line));
        let tail = tail.join("\n");
        let taken = tail.chars().count().max(RESERVED - 2);
        // Two line breaks stand between body and tail.
        let room = LIMIT.checked_sub(taken + 2).ok_or(TooLong)?;
        let ours = |line: &&str| !Standing::is_line(line) && !is_variable(line);
        let body: Vec<&str> = self.body.lines().filter(ours).collect();
        let body = shorten(body.join("\n").trim_matches('\n'), room);
        Ok(match (body.is_empty(), tail.is_empty()) {
            (true, _) => tail,
            (_, true) => body,
            _ => format!("{body}\n\n{tail}"),
        })
    }
}

/// The part that cannot be shortened is longer than the server keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the `$name=value` lines of the overview leave no room for the state of the incident; the limit is {LIMIT} characters"
)]
pub struct TooLong;

/// Whether a line gives a variable to slash commands, as Playbooks reads them.
fn is_variable(line: &str) -> bool {
    variable(line).is_some()
}

/// The variable that a line gives a value to.
fn variable(line: &str) -> Option<&str> {
    let (name, _) = line.strip_prefix('$')?.split_once('=')?;
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    is_name.then_some(name)
}

/// The text in at most `room` characters; an open code block is closed in any case, since it
/// would swallow what follows.
fn shorten(text: &str, room: usize) -> String {
    let whole = close_fence(text);
    if whole.chars().count() <= room {
        return whole;
    }
    let ending = SHORTENED.chars().count() + 2;
    // A fence to close takes one more line, as long as the fence that was opened.
    let mut keep = room.saturating_sub(ending);
    loop {
        let cut: String = text.chars().take(keep).collect();
        let at = cut.rfind('\n').filter(|at| *at > cut.len() / 2);
        let cut = at.map_or(cut.as_str(), |at| &cut[..at]).trim_end();
        let cut = format!("{}\n\n{SHORTENED}", close_fence(cut));
        let over = cut.chars().count().saturating_sub(room);
        if over == 0 || keep == 0 {
            return cut;
        }
        keep = keep.saturating_sub(over);
    }
}

/// Closes a code block that was left open.
fn close_fence(text: &str) -> String {
    let mut fences = Fences::default();
    for line in text.lines() {
        fences.holds(line);
    }
    match fences.open() {
        Some(fence) => format!("{text}\n{fence}"),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn standing() -> Standing {
        Standing::from_line("[//]: warroom:acme/service-outage?status=active&comms=bob").unwrap()
    }

    fn overview(body: &str) -> Overview {
        Overview {
            body: body.to_owned(),
            variables: vec!["$service=checkout api".to_owned()],
            standing: Some(standing()),
        }
    }

    #[test]
    fn variables_come_from_the_text_and_not_from_what_people_wrote() {
        let body = "$a=evil\n$x=evil\n$a=checkout\n$b=eu-1\n$c=1".to_owned();
        let overview = Overview {
            body,
            variables: vec!["$c=2".to_owned()],
            standing: None,
        };
        let text = "{{ incident.description }}\n$a=checkout\n$b={{ region }}\n$c=1\n$d=not taken\n";
        let given = overview.with_variables_of(text).variables;
        assert_eq!(given, ["$c=2", "$a=checkout", "$b=eu-1"]);
    }

    proptest! {
        #[test]
        fn an_overview_never_exceeds_the_limit_and_never_loses_its_standing(
            body in "([a-z$=`~ é🚒]{0,40}\n){0,200}", repeat in 1_usize..8,
        ) {
            let text = overview(&body.repeat(repeat)).compose().unwrap();
            prop_assert!(text.chars().count() <= LIMIT);
            let read = Overview::parse(&text);
            prop_assert_eq!(read.standing, Some(standing()));
            prop_assert_eq!(&read.variables.last().unwrap()[..], "$service=checkout api");
        }

        #[test]
        fn composing_what_was_parsed_changes_nothing(body in "([a-z$=`~ é]{0,40}\n){0,20}") {
            let text = overview(&body).compose().unwrap();
            prop_assert_eq!(Overview::parse(&text).compose().unwrap(), text);
        }
    }

    #[test]
    fn a_long_body_is_shortened_visibly() {
        let text = overview(&"All checkouts fail.\n".repeat(400))
            .compose()
            .unwrap();
        assert!(text.chars().count() <= LIMIT - RESERVED + 100);
        assert!(text.contains("All checkouts fail.\n\n*… shortened*\n\n$service="));
    }

    #[test]
    fn an_open_code_block_does_not_swallow_the_standing() {
        let text = overview("Log:\n```\nerror").compose().unwrap();
        assert!(
            text.starts_with("Log:\n```\nerror\n```\n\n$service"),
            "{text}"
        );
        // What opens no code block needs no end, which would open one itself.
        let text = overview("Log:\n```error```").compose().unwrap();
        assert!(text.starts_with("Log:\n```error```\n\n$service"), "{text}");
    }

    #[test]
    fn a_standing_that_somebody_typed_does_not_count() {
        let typed = "[//]: warroom:other/playbook?status=resolved";
        let text = overview(&format!("Hello\n{typed}")).compose().unwrap();
        assert!(!text.contains(typed));
        assert_eq!(Overview::parse(&text).standing, Some(standing()));
    }

    #[test]
    fn variables_that_fill_the_overview_are_refused() {
        let mut overview = overview("");
        overview.variables = vec![format!("$a={}", "x".repeat(LIMIT))];
        assert_eq!(overview.compose(), Err(TooLong));
    }
}
