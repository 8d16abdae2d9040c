//! What the posts say that record a change.
//!
//! Owns the sentences. Titles and texts of people are made harmless; only a person
//! who is given a task to do is mentioned.

use std::fmt::Write as _;

use crate::incident::Change;
use crate::incident::event::Beginning;
use crate::model::{Key, Settings};
use crate::template::markdown::{inline, lines, mention};

/// The sentences of the post that records a change.
#[must_use]
pub(super) fn sentence(change: &Change, settings: &Settings) -> String {
    match change {
        Change::Started(beginning) => {
            let mut text = format!(
                "Incident started from the playbook {}.",
                standing(beginning, settings)
            );
            if !beginning.description.trim().is_empty() {
                text.push_str("\n\n");
                text.push_str(&lines(&beginning.description));
            }
            text
        }
        Change::Adopted(beginning) => format!(
            "From now on warroom keeps the state of this incident of the playbook {}.",
            standing(beginning, settings)
        ),
        Change::Status { from, to } => {
            let was = was(from.as_ref(), |key| status(key, settings));
            format!("Status: **{}**{was}.", status(to, settings))
        }
        Change::Severity { from, to } => {
            let was = was(from.as_ref(), |key| severity(key, settings));
            let means = settings.severity(to.as_str()).map(|s| inline(&s.means));
            let means = means.filter(|means| !means.is_empty());
            let means = means.map(|means| format!(" {means}.")).unwrap_or_default();
            format!("Severity: **{}**{was}.{means}", severity(to, settings))
        }
        Change::Role { role, to, .. } => {
            let known = settings.roles.get(role);
            let title = known.map_or_else(|| role.to_string(), |role| inline(&role.title));
            let duty = known.map(|role| inline(&role.duty)).unwrap_or_default();
            let duty = if duty.is_empty() {
                duty
            } else {
                format!(" {duty}.")
            };
            format!("{title}: {}.{duty}", mention(to))
        }
        Change::Stage { from, to } => {
            let was = was(from.as_ref(), |key| format!("`{key}`"));
            format!("Stage: `{to}`{was}.")
        }
        Change::Announcement { channels } => {
            let channels: Vec<String> = channels.iter().map(|name| format!("~{name}")).collect();
            format!("Told {}.", channels.join(", "))
        }
    }
}

fn standing(beginning: &Beginning, settings: &Settings) -> String {
    let mut text = format!("`{}`", beginning.playbook);
    if let Some(key) = &beginning.status {
        let _ = write!(text, ", status **{}**", status(key, settings));
    }
    if let Some(key) = &beginning.severity {
        let _ = write!(text, ", severity **{}**", severity(key, settings));
    }
    text
}

fn was(from: Option<&Key>, title: impl Fn(&Key) -> String) -> String {
    from.map(|key| format!(" (was {})", title(key)))
        .unwrap_or_default()
}

pub(super) fn status(key: &Key, settings: &Settings) -> String {
    let known = settings.status(key.as_str());
    known.map_or_else(|| key.to_string(), |status| inline(&status.title))
}

pub(super) fn severity(key: &Key, settings: &Settings) -> String {
    let known = settings.severity(key.as_str());
    known.map_or_else(|| key.to_string(), |severity| inline(&severity.title))
}

/// Keeps the server from replacing `{SEQ}` and the like in a status update.
///
/// Playbooks puts values in place of the names of attributes and of its own words, also where
/// somebody quotes code. An invisible character behind the brace stops it.
#[must_use]
pub(super) fn keep_braces<'a>(text: &str, attributes: impl IntoIterator<Item = &'a str>) -> String {
    let mut names: Vec<String> = ["seq", "owner", "creator", "property_user"]
        .map(str::to_owned)
        .to_vec();
    names.extend(
        attributes
            .into_iter()
            .map(|name| name.trim().to_lowercase()),
    );
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        let (before, after) = rest.split_at(at + 1);
        out.push_str(before);
        let inside = after
            .find(['{', '}'])
            .filter(|end| after[*end..].starts_with('}'));
        let name = inside.map(|end| after[..end].trim().to_lowercase());
        if name.is_some_and(|name| names.contains(&name)) {
            out.push('\u{2060}');
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_server_would_replace_is_kept_from_it() {
        let text = "{SEQ} { owner } {Service} {other} {{SEQ}} {\"a\": {1}} {";
        let kept = keep_braces(text, ["service"]);
        assert_eq!(
            kept.replace('\u{2060}', "^"),
            "{^SEQ} {^ owner } {^Service} {other} {{^SEQ}} {\"a\": {1}} {"
        );
    }
}
