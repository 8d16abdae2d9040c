//! What runs and their channels are called.
//!
//! Owns numbers, templates and the names of channels in addresses.

use super::run::Run;
use crate::sandbox::playbooks::validate::{RESERVED_FIELDS, TITLE_LENGTH, placeholders};
use crate::sandbox::world::World;

/// Characters of a channel's name on the screen.
const DISPLAY_NAME_LENGTH: usize = 64;

/// `PREFIX-00007`, or `00007`.
pub(super) fn sequential_id(prefix: &str, number: i64) -> String {
    if prefix.is_empty() {
        format!("{number:05}")
    } else {
        format!("{prefix}-{number:05}")
    }
}

/// A name, cut where the database would refuse it.
pub(super) fn cut(name: &str) -> String {
    name.chars().take(TITLE_LENGTH).collect()
}

/// A run's name as the name of its channel.
pub(super) fn display_name(name: &str) -> String {
    let words: Vec<&str> = name.split_whitespace().collect();
    let joined = words.join(" ");
    joined
        .chars()
        .take(DISPLAY_NAME_LENGTH)
        .collect::<String>()
        .trim()
        .to_owned()
}

/// A channel's name in addresses; empty when nothing is left of it.
pub(super) fn slug(name: &str) -> String {
    let plain: String = name
        .trim()
        .to_lowercase()
        .replace('-', " ")
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '_' || c.is_ascii_whitespace())
        .map(|c| if c.is_ascii_whitespace() { '-' } else { c })
        .collect();
    let cut: String = plain.chars().take(DISPLAY_NAME_LENGTH).collect();
    cut.trim_matches('-').to_owned()
}

impl World {
    /// Fills placeholders in; whatever is not one stays as it stands.
    ///
    /// Values are not searched for placeholders again.
    pub(super) fn fill_placeholders(
        &self,
        text: &str,
        run: &Run,
        value_of: &dyn Fn(&str) -> Option<String>,
    ) -> String {
        let mut filled = String::new();
        let mut rest = text;
        for name in placeholders(text) {
            let whole = format!("{{{name}}}");
            let Some((before, after)) = rest.split_once(&whole) else {
                continue;
            };
            filled.push_str(before);
            match self.placeholder(name.trim(), run, value_of) {
                Some(value) => filled.push_str(&value),
                None => filled.push_str(&whole),
            }
            rest = after;
        }
        filled.push_str(rest);
        filled
    }

    fn placeholder(
        &self,
        name: &str,
        run: &Run,
        value_of: &dyn Fn(&str) -> Option<String>,
    ) -> Option<String> {
        let full_name = |user: &str| {
            self.users
                .get(user)
                .map(crate::sandbox::world::User::full_name)
        };
        match name.to_lowercase().as_str() {
            "seq" => Some(run.sequential_id.clone()),
            "owner" => full_name(&run.owner_user_id),
            "creator" => full_name(&run.reporter_user_id),
            _ => value_of(name),
        }
    }

    /// A free name for a new channel of a team.
    pub(super) fn free_slug(&mut self, team: &str, name: &str) -> String {
        let slug = slug(name);
        let suffix: String = self.new_id().chars().take(4).collect();
        if slug.is_empty() {
            return self.new_id();
        }
        if self.channel_named(team, &slug).is_none() {
            return slug;
        }
        let base: String = slug.chars().take(DISPLAY_NAME_LENGTH - 5).collect();
        format!("{base}-{suffix}")
    }
}

/// Attributes that a template needs a value for.
pub(super) fn needed_fields(template: &str) -> Vec<String> {
    let names = placeholders(template)
        .into_iter()
        .map(|name| name.trim().to_lowercase());
    names
        .filter(|name| !RESERVED_FIELDS.contains(&name.as_str()) || name == "property_user")
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_becomes_an_address() {
        assert_eq!(slug("  API: latency - EU!  "), "api-latency---eu");
        assert_eq!(slug("…"), "");
    }

    #[test]
    fn numbers_have_five_digits() {
        assert_eq!(sequential_id("OPS", 7), "OPS-00007");
        assert_eq!(sequential_id("", 123_456), "123456");
    }
}
