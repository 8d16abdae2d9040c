//! Names that stand in YAML: keys of our own, and names of people, channels and teams.
//!
//! Each is a type of its own, so that a channel is never looked up as a person.
//! Only the shape is checked here; whether such a person exists, the server knows.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Says why a text is not a name of the kind asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {expected}")]
pub struct NameError {
    text: String,
    expected: &'static str,
}

/// Declares a name: its type, the pattern and the longest of its texts, and what it is called.
///
/// The pattern counts nothing: `{0,62}` makes a regular expression sixty times as large, and
/// to build those was half the start of `validate`.
macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $check:ident, $pattern:literal, $longest:literal, $expected:literal, $example:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The regular expression its text matches.
            pub const PATTERN: &'static str = $pattern;

            /// How many characters its text has at most.
            pub const LONGEST: usize = $longest;

            /// The text as written in YAML.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                if $check(text) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(NameError { text: text.to_owned(), expected: $expected })
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        #[cfg(test)]
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "type": "string",
                    "pattern": $pattern,
                    "maxLength": $longest,
                    "examples": [$example],
                    "description": concat!("Must be ", $expected, "."),
                })
            }
        }
    };
}

name!(
    /// A key of our own: lower-case words joined by hyphens, at most 64 characters.
    Key,
    is_key,
    "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$",
    64,
    "a valid key: use at most 64 lower-case letters, digits and, between them, hyphens",
    "service-outage"
);
name!(
    /// A Mattermost username, without `@`.
    Username,
    is_username,
    "^[a-z0-9][a-z0-9._-]*$",
    64,
    "a Mattermost username: lower-case letters, digits, `.`, `_` and `-`, without `@`",
    "carol"
);
name!(
    /// A channel by its URL name, written `~name`.
    ChannelName,
    is_channel,
    "^~[a-z0-9][a-z0-9_-]*$",
    65,
    "a channel: `~` and its name in the URL, such as `~incidents`",
    "~incidents"
);
name!(
    /// A team by its URL name.
    TeamName,
    is_team,
    "^[a-z0-9][a-z0-9-]*$",
    64,
    "a team: its name in the URL, in lower case, such as `ops`",
    "ops"
);

impl ChannelName {
    /// The name without the leading `~`, as the server knows it.
    #[must_use]
    pub fn bare(&self) -> &str {
        &self.0[1..]
    }
}

/// A person, or a group of people declared in `permissions.yaml`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Person {
    /// One person: `carol`.
    User(Username),
    /// Everybody in a group: `group:sre`.
    Group(Key),
}

impl FromStr for Person {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let refused = || NameError {
            text: text.to_owned(),
            expected: "a person: write a username such as `carol`, or `group:NAME`",
        };
        match text.strip_prefix("group:") {
            Some(group) => group.parse().map(Self::Group).map_err(|_| refused()),
            None => text.parse().map(Self::User).map_err(|_| refused()),
        }
    }
}

impl fmt::Display for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(name) => write!(f, "{name}"),
            Self::Group(group) => write!(f, "group:{group}"),
        }
    }
}

impl<'de> Deserialize<'de> for Person {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl Serialize for Person {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
impl schemars::JsonSchema for Person {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Person".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": "^(group:[a-z0-9]([a-z0-9-]*[a-z0-9])?|[a-z0-9][a-z0-9._-]*)$",
            "format": "warroom-person",
            "examples": ["carol", "group:sre"],
            "description": "A Mattermost username without `@`, or `group:NAME` for a group of `permissions.yaml`.",
        })
    }
}

fn is_key(text: &str) -> bool {
    text.len() <= 64
        && !text.is_empty()
        && !text.starts_with('-')
        && !text.ends_with('-')
        && text
            .bytes()
            .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

fn is_username(text: &str) -> bool {
    is_lower_name(text, |b| matches!(b, b'.' | b'_' | b'-'))
}

fn is_team(text: &str) -> bool {
    is_lower_name(text, |b| b == b'-')
}

fn is_channel(text: &str) -> bool {
    text.strip_prefix('~')
        .is_some_and(|name| is_lower_name(name, |b| matches!(b, b'_' | b'-')))
}

fn is_lower_name(text: &str, also: impl Fn(u8) -> bool) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    text.len() <= 64
        && text.bytes().next().is_some_and(plain)
        && text.bytes().all(|b| plain(b) || also(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_and_the_pattern_agree() {
        let texts = [
            "",
            "a",
            "-a",
            "a-",
            "a-b",
            "A",
            "a_b",
            "~a",
            "~",
            "~A",
            "a.b",
            ".a",
            "ä",
            "a b",
            "0",
            "~a_b",
            "group:x",
            &"a".repeat(64),
            &"a".repeat(65),
            &format!("~{}", "a".repeat(65)),
        ];
        for text in texts {
            let agree = |pattern: &str, longest: usize, parsed: bool| {
                let fits = text.chars().count() <= longest;
                let matches = fits && regex::Regex::new(pattern).unwrap().is_match(text);
                assert_eq!(matches, parsed, "{text:?} against {pattern}");
            };
            agree(Key::PATTERN, Key::LONGEST, text.parse::<Key>().is_ok());
            agree(
                Username::PATTERN,
                Username::LONGEST,
                text.parse::<Username>().is_ok(),
            );
            agree(
                ChannelName::PATTERN,
                ChannelName::LONGEST,
                text.parse::<ChannelName>().is_ok(),
            );
            agree(
                TeamName::PATTERN,
                TeamName::LONGEST,
                text.parse::<TeamName>().is_ok(),
            );
        }
    }

    #[test]
    fn a_person_is_a_username_or_a_group() {
        assert_eq!("carol".parse::<Person>().unwrap().to_string(), "carol");
        assert_eq!(
            "group:sre".parse::<Person>().unwrap().to_string(),
            "group:sre"
        );
        assert!("@carol".parse::<Person>().is_err());
        assert!("group:".parse::<Person>().is_err());
    }
}
