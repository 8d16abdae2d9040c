//! The text of a YAML file, and places in it.

use std::cell::OnceCell;
use std::sync::{Arc, OnceLock};

use crate::diag::{Code, Finding, Source, Span};
use crate::yaml::{self, Node, Part, Places};

/// A YAML file in which a JSON pointer leads to a place.
pub trait Placed {
    /// Its text.
    fn source(&self) -> &Arc<Source>;

    /// The place of a JSON pointer, or of its nearest ancestor that exists.
    ///
    /// Of a value over several lines only the first is marked.
    fn place(&self, pointer: &str, part: Part) -> Span;

    /// The whole place of a JSON pointer's value, over however many lines.
    fn whole(&self, pointer: &str) -> Span;

    /// A finding at a value.
    fn at_value(&self, code: Code, pointer: &str, message: impl Into<String>) -> Finding {
        let span = self.place(pointer, Part::Value);
        Finding::new(code, self.source(), span, message)
    }

    /// A finding at a key.
    fn at_key(&self, code: Code, pointer: &str, message: impl Into<String>) -> Finding {
        let span = self.place(pointer, Part::Key);
        Finding::new(code, self.source(), span, message)
    }
}

/// A YAML file that was read and put away.
///
/// Keeps only the text: places are needed for findings, and most files have none.
#[derive(Debug, Clone)]
pub struct Document {
    source: Arc<Source>,
    places: OnceLock<Arc<Places>>,
}

impl Document {
    /// The document of that text.
    #[must_use]
    pub fn new(source: Arc<Source>) -> Self {
        Self {
            source,
            places: OnceLock::new(),
        }
    }

    fn places(&self) -> &Places {
        self.places.get_or_init(|| {
            let root = yaml::read(&self.source).root;
            Arc::new(root.map(|root| Places::of(&root)).unwrap_or_default())
        })
    }
}

impl Placed for Document {
    fn source(&self) -> &Arc<Source> {
        &self.source
    }

    fn place(&self, pointer: &str, part: Part) -> Span {
        self.source.first_line(self.places().at(pointer, part))
    }

    fn whole(&self, pointer: &str) -> Span {
        self.places().at(pointer, Part::Value)
    }
}

/// A YAML file whose tree is at hand.
#[derive(Debug)]
pub struct Tree<'a> {
    source: &'a Arc<Source>,
    root: &'a Node<'a>,
    places: OnceCell<Places>,
}

impl<'a> Tree<'a> {
    /// The tree of that text.
    #[must_use]
    pub fn new(source: &'a Arc<Source>, root: &'a Node<'a>) -> Self {
        Self {
            source,
            root,
            places: OnceCell::new(),
        }
    }

    fn places(&self) -> &Places {
        self.places.get_or_init(|| Places::of(self.root))
    }

    /// What stands at the top.
    #[must_use]
    pub fn root(&self) -> &'a Node<'a> {
        self.root
    }
}

impl Placed for Tree<'_> {
    fn source(&self) -> &Arc<Source> {
        self.source
    }

    fn place(&self, pointer: &str, part: Part) -> Span {
        self.source.first_line(self.places().at(pointer, part))
    }

    fn whole(&self, pointer: &str) -> Span {
        self.places().at(pointer, Part::Value)
    }
}
