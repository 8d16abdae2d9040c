//! Names of the recordings, and what they are called on this server.
//!
//! Replaces whole words only: `alice` and `@alice`, not `user_alice`, `ops-changes`
//! or the `alice-example` that a server made of a full name. Full names and titles
//! need not be unique, and stay as they were recorded.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hasher, RandomState};

use regex::{Captures, Regex};
use serde_json::Value;

/// What recorded names stand for.
pub(super) struct Names {
    known: BTreeMap<String, String>,
    word: Regex,
}

/// The administrator is nobody of ours: the address does not follow from the name.
pub(super) const ADMIN_EMAIL: &str = "admin@example.com";

impl Names {
    pub(super) fn new(mut known: BTreeMap<String, String>) -> Self {
        // Some recordings look whether capitals matter.
        let capitals =
            |(recorded, name): (&String, &String)| (recorded.to_uppercase(), name.to_uppercase());
        known.extend(known.iter().map(capitals).collect::<Vec<_>>());
        let word = format!("{}|[A-Za-z0-9_-]+", regex::escape(ADMIN_EMAIL));
        Self {
            known,
            word: Regex::new(&word).unwrap(),
        }
    }

    /// The text with the names of this server.
    pub(super) fn put(&self, text: &str) -> String {
        let name = |word: &Captures<'_>| {
            let recorded = &word[0];
            let name = self.known.get(recorded).map_or(recorded, String::as_str);
            name.to_owned()
        };
        self.word.replace_all(text, name).into_owned()
    }

    /// Puts the names of this server into every text, but not into keys.
    pub(super) fn put_all(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.put(text),
            Value::Array(list) => list.iter_mut().for_each(|value| self.put_all(value)),
            Value::Object(map) => map.values_mut().for_each(|value| self.put_all(value)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

/// A word of random lower-case letters.
pub(super) fn random_word(letters: usize) -> String {
    let letter = |_| {
        let random = RandomState::new().build_hasher().finish();
        char::from(b'a' + u8::try_from(random % 26).unwrap())
    };
    (0..letters).map(letter).collect()
}

#[test]
fn only_whole_words_are_names() {
    let names = [
        ("alice", "alicexy"),
        ("ops", "opsxy"),
        (ADMIN_EMAIL, "root@acme.test"),
    ]
    .map(|(recorded, name)| (recorded.to_owned(), name.to_owned()));
    let names = Names::new(names.into());
    for (recorded, expected) in [
        (
            "@alice, alice's and (alice)",
            "@alicexy, alicexy's and (alicexy)",
        ),
        ("alice@example.com", "alicexy@example.com"),
        ("/users/username/ALICE", "/users/username/ALICEXY"),
        (ADMIN_EMAIL, "root@acme.test"),
        ("/teams/name/ops?x=ops", "/teams/name/opsxy?x=opsxy"),
        (
            "{{user_alice}} ~ops-changes bob-alice Alice",
            "{{user_alice}} ~ops-changes bob-alice Alice",
        ),
    ] {
        assert_eq!(names.put(recorded), expected);
    }
}
