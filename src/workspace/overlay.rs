//! The files of a workspace with some of them as they would be.

use std::collections::BTreeMap;

use super::{Files, Listing, WorkspaceError};

/// Other files, in which some have new contents.
#[derive(Debug, Clone)]
pub struct Overlay<'f> {
    files: &'f dyn Files,
    contents: BTreeMap<String, Vec<u8>>,
}

impl<'f> Overlay<'f> {
    /// Those files as they are.
    #[must_use]
    pub fn new(files: &'f dyn Files) -> Self {
        Self {
            files,
            contents: BTreeMap::new(),
        }
    }

    /// Gives a file new contents; one that is not there is new.
    pub fn put(&mut self, path: &str, contents: Vec<u8>) {
        self.contents.insert(path.to_owned(), contents);
    }

    /// The files that have new contents, with these.
    #[must_use]
    pub fn contents(self) -> BTreeMap<String, Vec<u8>> {
        self.contents
    }
}

impl Files for Overlay<'_> {
    fn list(&self) -> Result<Listing, WorkspaceError> {
        let mut listing = self.files.list()?;
        let new = self.contents.keys();
        let new = new.filter(|path| !listing.files.contains(path));
        listing.files.extend(new.cloned().collect::<Vec<_>>());
        Ok(listing)
    }

    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, WorkspaceError> {
        match self.contents.get(path) {
            Some(contents) => Ok(Some(contents.clone())),
            None => self.files.read(path),
        }
    }
}
