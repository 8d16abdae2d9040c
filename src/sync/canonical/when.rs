//! When a task is shown, by the names of attributes and options.
//!
//! Owns what makes two conditions the same: they ask the same, in whatever order and
//! with however many comparisons. The server knows a condition by an id, which says
//! nothing; here it is known by what it asks.

use std::collections::BTreeSet;

use serde::{Serialize, Serializer};
use serde_json::Value;

/// What a condition asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WhenState {
    /// All of these hold; a single comparison, too.
    All(BTreeSet<ComparisonState>),
    /// At least one of these holds.
    Any(BTreeSet<ComparisonState>),
    /// What sync never writes, as the server shows it.
    #[serde(untagged)]
    Other(Value),
}

/// An attribute compared with values.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ComparisonState {
    /// The name of the attribute.
    pub attribute: String,
    /// Whether it must have none of the values.
    #[serde(rename = "not", skip_serializing_if = "std::ops::Not::not")]
    pub negated: bool,
    /// The values.
    pub values: ValuesState,
}

/// What an attribute is compared with.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum ValuesState {
    /// A text.
    Text(String),
    /// The names of options, any of which will do.
    Options(BTreeSet<String>),
}

impl Serialize for ValuesState {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.collect_seq([text]),
            Self::Options(names) => serializer.collect_seq(names),
        }
    }
}

impl WhenState {
    /// Comparisons that must all hold, or any of them.
    ///
    /// Those that say in one what they say in several become one: `is a` or `is b`.
    #[must_use]
    pub fn joined(comparisons: impl IntoIterator<Item = ComparisonState>, all: bool) -> Self {
        let mut joined: Vec<ComparisonState> = Vec::new();
        for comparison in comparisons {
            if comparison.negated == all
                && let ValuesState::Options(more) = &comparison.values
                && let Some(known) = joined
                    .iter_mut()
                    .find_map(|known| known.options_of(&comparison))
            {
                known.extend(more.iter().cloned());
                continue;
            }
            joined.push(comparison);
        }
        let joined: BTreeSet<ComparisonState> = joined.into_iter().collect();
        if all || joined.len() == 1 {
            Self::All(joined)
        } else {
            Self::Any(joined)
        }
    }
}

impl ComparisonState {
    /// The options, where it compares the same attribute in the same way.
    fn options_of(&mut self, other: &Self) -> Option<&mut BTreeSet<String>> {
        let same = self.attribute == other.attribute && self.negated == other.negated;
        match &mut self.values {
            ValuesState::Options(names) if same => Some(names),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(attribute: &str, options: &[&str]) -> ComparisonState {
        ComparisonState {
            attribute: attribute.to_owned(),
            negated: false,
            values: ValuesState::Options(options.iter().map(|o| (*o).to_owned()).collect()),
        }
    }

    fn text(attribute: &str, text: &str) -> ComparisonState {
        ComparisonState {
            attribute: attribute.to_owned(),
            negated: true,
            values: ValuesState::Text(text.to_owned()),
        }
    }

    #[test]
    fn what_asks_the_same_is_the_same() {
        let both = |all| WhenState::joined([is("S", &["a"]), is("T", &["x"])], all);
        let swapped = WhenState::joined([is("T", &["x"]), is("S", &["a"])], true);
        assert_eq!(both(true), swapped);
        assert_ne!(both(true), both(false));
        let one = |all| WhenState::joined([is("S", &["a", "b"])], all);
        assert_eq!(one(true), one(false));
        assert_eq!(
            WhenState::joined([is("S", &["b"]), is("S", &["a"])], false),
            one(true)
        );
        // Both at once is something else than either.
        assert_ne!(
            WhenState::joined([is("S", &["b"]), is("S", &["a"])], true),
            one(true)
        );
        let texts = [text("N", "x"), text("N", "y")];
        assert!(matches!(WhenState::joined(texts, true), WhenState::All(all) if all.len() == 2));
    }

    #[test]
    fn it_reads_as_people_would_write_it() {
        let when = WhenState::joined([text("Note", ""), is("Service", &["b", "a"])], false);
        let json = serde_json::to_string(&when).unwrap();
        insta::assert_snapshot!(json, @r#"{"any":[{"attribute":"Note","not":true,"values":[""]},{"attribute":"Service","values":["a","b"]}]}"#);
    }
}
