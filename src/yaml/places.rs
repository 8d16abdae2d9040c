//! From a JSON pointer to a place in the text.
//!
//! Rules speak of `/checklists/0/tasks/2/when`; only here that becomes bytes. Holds the
//! tree's keys and places and no pointer: all of them together may be far longer than
//! the text.

use super::{Kind, Node};
use crate::diag::Span;

/// Which part of an entry is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The key; of a list's element, the element.
    Key,
    /// The value; where there is none, the key.
    Value,
}

/// Every place of a document by its pointer.
#[derive(Debug, Clone, Default)]
pub struct Places {
    root: Place,
}

#[derive(Debug, Clone, Default)]
struct Place {
    key: Option<Span>,
    value: Span,
    below: Below,
}

/// The places of what a value holds.
#[derive(Debug, Clone, Default)]
enum Below {
    #[default]
    Nothing,
    /// In the order of the list.
    Elements(Box<[Place]>),
    /// Ordered by key.
    Entries(Box<[(Box<str>, Place)]>),
}

impl Places {
    /// The places of a tree.
    #[must_use]
    pub fn of(root: &Node<'_>) -> Self {
        Self {
            root: Place::of(root, None),
        }
    }

    /// The place of a pointer, or of its nearest ancestor that exists.
    #[must_use]
    pub fn at(&self, pointer: &str, part: Part) -> Span {
        let mut place = &self.root;
        for segment in pointer.split('/').skip(1) {
            match place.child(segment) {
                Some(child) => place = child,
                // What misses something is better marked at its key than as a whole.
                None => return place.span(Part::Key),
            }
        }
        place.span(part)
    }
}

impl Place {
    fn of(node: &Node<'_>, key: Option<Span>) -> Self {
        let below = match &node.kind {
            Kind::Seq(elements) => {
                let places = elements.iter().map(|element| Self::of(element, None));
                Below::Elements(places.collect())
            }
            Kind::Map(entries) => {
                let places = entries.iter().map(|(key, value)| {
                    (key.name.as_ref().into(), Self::of(value, Some(key.span)))
                });
                let mut places: Box<[(Box<str>, Self)]> = places.collect();
                places.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
                Below::Entries(places)
            }
            _ => Below::Nothing,
        };
        Self {
            key,
            value: node.span,
            below,
        }
    }

    /// What a segment of a pointer, escaped as RFC 6901 asks, leads to.
    fn child(&self, segment: &str) -> Option<&Self> {
        match &self.below {
            Below::Nothing => None,
            Below::Elements(places) => places.get(segment.parse::<usize>().ok()?),
            Below::Entries(places) => {
                let name = segment.replace("~1", "/").replace("~0", "~");
                let found = places.binary_search_by(|(key, _)| (**key).cmp(name.as_str()));
                places.get(found.ok()?).map(|(_, place)| place)
            }
        }
    }

    fn span(&self, part: Part) -> Span {
        match (part, self.key) {
            (Part::Key, Some(key)) => key,
            (Part::Value, Some(key)) if self.value.is_empty() => key,
            _ => self.value,
        }
    }
}
