//! YAML as a tree of values, each with its place in the text.
//!
//! One parse serves everything: the schema validates this tree in place, a JSON
//! pointer walks it to a span, and serde makes the typed model from it. Owns the
//! limits and refusals: what YAML allows but nobody should put into a workspace
//! (duplicate keys, tags, merge keys, several documents, aliases that explode)
//! is a finding here. No input makes it panic. The only room that knows the parser.

mod de;
mod edit;
mod emit;
mod merge;
mod places;
mod read;
mod scalar;
mod syntax;

use std::borrow::Cow;

use crate::diag::{Finding, Span};

pub use de::{DeError, from_node};
pub use edit::{EditError, apply, in_double_quotes};
pub use emit::{Value, document};
pub use merge::{MergeError, edit_value, merge};
pub use places::{Part, Places};
pub use read::read;

/// The most bytes that a file of a workspace may have.
pub const MOST_BYTES: usize = 1 << 20;
/// The most values that a file may hold, what aliases stand for included.
pub const MOST_VALUES: usize = 100_000;
/// The most bytes that a key may have.
pub const MOST_KEY_BYTES: usize = 1_024;
/// How deep lists and mappings may be nested.
pub const MOST_DEPTH: usize = 64;
/// How many values all aliases of a file together may stand for.
pub const MOST_EXPANDED: usize = 10_000;

/// A value and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node<'s> {
    /// Where it stands; an alias has the place of what it stands for.
    pub span: Span,
    /// What it is.
    pub kind: Kind<'s>,
}

/// What a value is, by the core schema of YAML 1.2.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind<'s> {
    /// Nothing: no value, `~` or `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A finite number with a fraction or an exponent.
    Float(f64),
    /// A text, borrowed where the file holds it as it is.
    Str(Cow<'s, str>),
    /// A list.
    Seq(Vec<Node<'s>>),
    /// A mapping in the order of the file; no key occurs twice.
    Map(Vec<(Key<'s>, Node<'s>)>),
}

/// A key and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Key<'s> {
    /// Where it stands.
    pub span: Span,
    /// Its text.
    pub name: Cow<'s, str>,
}

/// What a file holds, as far as it can be understood.
#[derive(Debug)]
pub struct Document<'s> {
    /// The tree; none when the text is not YAML.
    pub root: Option<Node<'s>>,
    /// What is wrong with it as YAML.
    pub findings: Vec<Finding>,
}

impl<'s> Node<'s> {
    /// The value of a key, in a mapping that has it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Node<'s>> {
        self.entry(name).map(|(_, value)| value)
    }

    /// A key with its value, in a mapping that has it.
    #[must_use]
    pub fn entry(&self, name: &str) -> Option<(&Key<'s>, &Node<'s>)> {
        let Kind::Map(entries) = &self.kind else {
            return None;
        };
        let (key, value) = entries.iter().find(|(key, _)| key.name == name)?;
        Some((key, value))
    }

    /// The value at a JSON pointer, where there is one.
    #[must_use]
    pub fn at(&self, pointer: &str) -> Option<&Node<'s>> {
        pointer.split('/').skip(1).try_fold(self, |node, segment| {
            let name = segment.replace("~1", "/").replace("~0", "~");
            match &node.kind {
                Kind::Seq(elements) => elements.get(name.parse::<usize>().ok()?),
                _ => node.get(&name),
            }
        })
    }

    /// The entries of a mapping; of anything else, none.
    #[must_use]
    pub fn entries(&self) -> &[(Key<'s>, Node<'s>)] {
        match &self.kind {
            Kind::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The elements of a list; of anything else, none.
    #[must_use]
    pub fn elements(&self) -> &[Node<'s>] {
        match &self.kind {
            Kind::Seq(elements) => elements,
            _ => &[],
        }
    }

    /// The text, where it is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::Str(text) => Some(text),
            _ => None,
        }
    }

    /// What kind of value it is, for people.
    #[must_use]
    pub fn kind_name(&self) -> &'static str {
        match &self.kind {
            Kind::Null => "nothing",
            Kind::Bool(_) => "true or false",
            Kind::Int(_) => "a whole number",
            Kind::Float(_) => "a number",
            Kind::Str(_) => "a text",
            Kind::Seq(_) => "a list",
            Kind::Map(_) => "a mapping",
        }
    }
}

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;
