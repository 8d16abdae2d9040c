//! The template of channel names: `start.channel.name`.

use std::ops::Range;

use super::super::placeholders::folded;
use super::super::words::at_range;
use crate::diag::Level;
use crate::lint::scope::{PlaybookScope, Scope};
use crate::mattermost::limits::CHANNEL_NAME;
use crate::model::{Attribute, AttributeKind};

const POINTER: &str = "/start/channel/name";

/// T-08.
pub(super) fn channel_name(scope: &mut PlaybookScope<'_>) {
    let playbook = scope.playbook;
    let Some(name) = playbook.start.channel.name.as_deref() else {
        return;
    };
    if name.trim().is_empty() {
        let finding = scope.at_value(POINTER, "the name of channels is blank");
        scope.report(finding.label("write a name, or remove the key"));
        return;
    }
    let mut shortest = name
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .count();
    let (mut is_unique, mut is_sound) = (false, true);
    for place in placeholders(name) {
        let inside = &name[place.clone()];
        let token = folded(inside);
        let attribute = playbook
            .attributes
            .iter()
            .find(|a| folded(&a.name) == token);
        let length = match (token.as_str(), attribute) {
            ("seq", _) => {
                is_unique = true;
                let prefix = playbook.start.number_prefix.as_deref();
                5 + prefix.map_or(0, |prefix| prefix.len() + 1)
            }
            ("owner" | "creator", _) => 1,
            ("property_user", _) | (_, None) => {
                is_sound = false;
                unknown(scope, name, place, token == "property_user");
                continue;
            }
            (_, Some(attribute)) => {
                is_unique |= tells_apart(attribute);
                let options = attribute.options.iter().map(|o| o.chars().count());
                options.min().unwrap_or(1)
            }
        };
        shortest = (shortest + length).saturating_sub(inside.chars().count() + 2);
    }
    if !is_sound {
        return;
    }
    if shortest > CHANNEL_NAME {
        let message = format!(
            "this name has at least {shortest} characters, and a channel shows {CHANNEL_NAME} of them"
        );
        let finding = scope.at_value(POINTER, message).level(Level::Warning);
        scope.report(finding.label("shorten it, and put what tells incidents apart first"));
    }
    if !is_unique {
        let message = "all incidents get the same name from this";
        let finding = scope.at_value(POINTER, message).level(Level::Warning);
        let finding = finding
            .label("add `{SEQ}`")
            .help("it replaces the name that people give, so that nothing else tells two incidents apart; `{SEQ}` is the number of the incident");
        scope.report(finding);
    }
}

fn unknown(scope: &mut PlaybookScope<'_>, name: &str, place: Range<usize>, is_property_user: bool) {
    let inside = &name[place.clone()];
    let whole = format!("{{{inside}}}");
    let (message, label) = if is_property_user {
        (
            "with `{PROPERTY_USER}` no incident can start".to_owned(),
            "name an attribute",
        )
    } else if inside.starts_with('{') {
        (
            format!("`{whole}}}` has one brace too many on each side"),
            "write single braces",
        )
    } else {
        (
            format!("`{whole}` is not an attribute of this playbook"),
            "write one of the names below",
        )
    };
    let playbook = scope.playbook;
    let names = ["SEQ", "OWNER", "CREATOR"].into_iter();
    let names = names.chain(playbook.attributes.iter().map(|a| a.name.as_str()));
    let near = crate::diag::nearest(inside.trim(), names.clone());
    let near = near.map(|near| format!("did you mean `{{{near}}}`?"));
    let braces = place.start - 1..place.end + 1;
    let finding = at_range(scope, POINTER, name, braces, message);
    let finding = finding
        .label(near.unwrap_or_else(|| label.to_owned()))
        .help(format!(
            "the braces can hold {}: the name of an attribute, not its key",
            crate::diag::listed(names)
        ));
    scope.report(finding);
}

/// Whether people give each incident a value of its own.
fn tells_apart(attribute: &Attribute) -> bool {
    matches!(
        attribute.kind,
        Some(AttributeKind::Text | AttributeKind::Date)
    )
}

/// Where something stands between braces, as the server reads it.
fn placeholders(template: &str) -> impl Iterator<Item = Range<usize>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let start = from + template[from..].find('{')? + 1;
        let end = start + template[start..].find('}')?;
        from = end + 1;
        Some(start..end)
    })
}
