//! The text of a YAML file that was read, and places in it.

use std::sync::{Arc, OnceLock};

use crate::diag::{Source, Span};
use crate::yaml::{self, Part, Places};

/// A YAML file of a workspace.
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

    /// Its text.
    #[must_use]
    pub fn source(&self) -> &Arc<Source> {
        &self.source
    }

    /// The place of a JSON pointer, or of its nearest ancestor that exists.
    ///
    /// Of a value over several lines only the first is marked.
    #[must_use]
    pub fn place(&self, pointer: &str, part: Part) -> Span {
        let places = self.places.get_or_init(|| {
            let root = yaml::read(&self.source).root;
            Arc::new(root.map(|root| Places::of(&root)).unwrap_or_default())
        });
        self.source.first_line(places.at(pointer, part))
    }
}
