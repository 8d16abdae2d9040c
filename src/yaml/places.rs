//! From a JSON pointer to a place in the text.
//!
//! Rules speak of `/checklists/0/tasks/2/when`; only here that becomes bytes.

use std::collections::HashMap;

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
    places: HashMap<String, Place>,
}

#[derive(Debug, Clone, Copy)]
struct Place {
    key: Option<Span>,
    value: Span,
}

impl Places {
    /// The places of a tree.
    #[must_use]
    pub fn of(root: &Node<'_>) -> Self {
        let mut places = HashMap::new();
        collect(root, None, &mut String::new(), &mut places);
        Self { places }
    }

    /// The place of a pointer, or of its nearest ancestor that exists.
    #[must_use]
    pub fn at(&self, pointer: &str, part: Part) -> Span {
        let mut pointer = pointer;
        let mut part = part;
        loop {
            if let Some(place) = self.places.get(pointer) {
                return place.of(part);
            }
            let Some((parent, _)) = pointer.rsplit_once('/') else {
                return Span::default();
            };
            // What misses something is better marked at its key than as a whole.
            pointer = parent;
            part = Part::Key;
        }
    }

    /// Every pointer.
    pub fn pointers(&self) -> impl Iterator<Item = &str> {
        self.places.keys().map(String::as_str)
    }
}

impl Place {
    fn of(self, part: Part) -> Span {
        match (part, self.key) {
            (Part::Key, Some(key)) => key,
            (Part::Value, Some(key)) if self.value.is_empty() => key,
            _ => self.value,
        }
    }
}

fn collect(
    node: &Node<'_>,
    key: Option<Span>,
    pointer: &mut String,
    places: &mut HashMap<String, Place>,
) {
    let value = node.span;
    places.insert(pointer.clone(), Place { key, value });
    let length = pointer.len();
    match &node.kind {
        Kind::Seq(elements) => {
            for (index, element) in elements.iter().enumerate() {
                pointer.push('/');
                pointer.push_str(&index.to_string());
                collect(element, None, pointer, places);
                pointer.truncate(length);
            }
        }
        Kind::Map(entries) => {
            for (key, value) in entries {
                push_segment(pointer, &key.name);
                collect(value, Some(key.span), pointer, places);
                pointer.truncate(length);
            }
        }
        _ => {}
    }
}

/// Appends a key to a pointer, escaped as RFC 6901 asks.
fn push_segment(pointer: &mut String, name: &str) {
    pointer.push('/');
    for c in name.chars() {
        match c {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            c => pointer.push(c),
        }
    }
}
