//! Ids of the server's objects, one type each.
//!
//! Owns nothing but the types: swapping a user for a channel is a compile error.
//! The wire says "none" with an empty string, so an id can be empty; the
//! transport refuses to build a path from one.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The id as the server writes it.
            #[must_use]
            pub fn new(id: impl Into<String>) -> Self {
                Self(id.into())
            }

            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Whether it stands for "none".
            #[must_use]
            pub fn is_empty(&self) -> bool {
                self.0.is_empty()
            }

            /// The id, unless it stands for "none".
            #[must_use]
            pub fn given(&self) -> Option<&Self> {
                (!self.is_empty()).then_some(self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(id: &str) -> Self {
                Self(id.to_owned())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                // `null` and `""` both say "none".
                Option::<String>::deserialize(from).map(|id| Self(id.unwrap_or_default()))
            }
        }
    )*};
}

ids! {
    /// A user, also a bot.
    UserId
    /// A team.
    TeamId
    /// A channel.
    ChannelId
    /// A post.
    PostId
    /// A group of users that a directory keeps.
    GroupId
    /// A playbook.
    PlaybookId
    /// A run of a playbook: an incident.
    RunId
    /// A checklist of a playbook or run; chosen by the client, or by the server in a run.
    ChecklistId
    /// An item of a checklist; chosen by the client, or by the server in a run.
    ItemId
    /// A metric of a playbook.
    MetricId
    /// An attribute of a playbook or run.
    FieldId
    /// An option of an attribute; a client may choose it, in the server's shape.
    OptionId
    /// A condition of a playbook or run.
    ConditionId
    /// An event of a run's timeline.
    EventId
    /// An automatic action of a channel.
    ActionId
    /// A role.
    RoleId
}

/// Whether the text has the shape of an id the server makes: 26 characters of its alphabet.
#[must_use]
pub fn is_server_id(text: &str) -> bool {
    text.len() == 26
        && text
            .bytes()
            .all(|byte| b"ybndrfg8ejkmcpqxot1uwisza345h769".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_and_empty_both_mean_none() {
        for text in ["null", "\"\""] {
            let id: UserId = serde_json::from_str(text).unwrap();
            assert_eq!(id.given(), None);
        }
    }

    #[test]
    fn server_ids_are_told_from_names() {
        assert!(is_server_id("cj74an9yutbixpyb6kyz3m3dry"));
        assert!(!is_server_id("service-outage"));
        assert!(!is_server_id("cj74an9yutbixpyb6kyz3m3drv"));
    }
}
