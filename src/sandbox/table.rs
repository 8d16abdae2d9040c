//! Rows with ids, in the order they were made.
//!
//! Owns look-up by id. Nothing is ever taken out: Mattermost archives, it does
//! not delete.

use std::collections::HashMap;

use super::ids::Id;

/// What can be kept in a [`Table`].
pub(crate) trait Row {
    /// Its id.
    fn id(&self) -> &str;
}

/// Rows in the order they were made.
#[derive(Debug)]
pub(crate) struct Table<T> {
    rows: Vec<T>,
    places: HashMap<Id, usize>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            places: HashMap::new(),
        }
    }
}

impl<T: Row> Table<T> {
    /// Adds a row, or replaces the one with its id.
    pub(crate) fn insert(&mut self, row: T) {
        if let Some(place) = self.places.get(row.id()) {
            self.rows[*place] = row;
        } else {
            self.places.insert(row.id().to_owned(), self.rows.len());
            self.rows.push(row);
        }
    }

    /// The row with that id.
    pub(crate) fn get(&self, id: &str) -> Option<&T> {
        self.places.get(id).map(|place| &self.rows[*place])
    }

    /// The row with that id, to be changed; its id must stay.
    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut T> {
        self.places.get(id).map(|place| &mut self.rows[*place])
    }

    /// All rows, the oldest first.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &T> + Clone {
        self.rows.iter()
    }
}
