//! What an unknown key was meant to be, and the fix that renames it.
//!
//! Renaming is offered only where there is one answer; whether the file gets better
//! by it is decided by whoever applies the fix, by validating again.

use super::vocabulary::{self, Word};
use crate::diag::{Fix, Source, Span, nearest, only_near};
use crate::yaml::Node;

/// What somebody meant by a key that a mapping does not have.
#[derive(Debug, Clone, Copy)]
pub(super) enum Meant<'k> {
    /// What Mattermost calls so.
    Word(&'static Word),
    /// A key with nearly the same letters.
    Near(&'k str),
}

impl<'k> Meant<'k> {
    /// What is meant by `key` in the mapping of that name, which has these keys.
    pub(super) fn by(within: &str, key: &str, keys: &[&'k str]) -> Option<Self> {
        let word = vocabulary::word(within, key).map(Self::Word);
        word.or_else(|| nearest(key, keys.iter().copied()).map(Self::Near))
    }

    /// The key of the same mapping.
    pub(super) fn key_here(&self) -> Option<&'k str> {
        match self {
            Self::Word(word) => word.key_here(),
            Self::Near(key) => Some(key),
        }
    }

    /// The key of the same mapping, if no other can be meant.
    pub(super) fn for_sure(&self, key: &str, keys: &[&'k str]) -> Option<&'k str> {
        match self {
            Self::Word(word) => word.key_here(),
            Self::Near(_) => only_near(key, keys.iter().copied()),
        }
    }

    /// What to write instead.
    pub(super) fn label(&self) -> String {
        match self {
            Self::Word(word) => word.label(),
            Self::Near(key) => format!("did you mean `{key}`?"),
        }
    }

    /// What else helps, where the keys to choose from help less.
    pub(super) fn help(&self) -> Option<String> {
        match self {
            Self::Word(word) => word.help(),
            Self::Near(_) => None,
        }
    }
}

/// Renames a key of a mapping; none where the new one stands there already, or where
/// the key is not written in one piece in front of its `:`.
pub(super) fn fix(source: &Source, mapping: &Node<'_>, from: &str, to: &str) -> Option<Fix> {
    if mapping.get(to).is_some() {
        return None;
    }
    let (key, _) = mapping.entry(from)?;
    let text = source.text();
    let written = text.get(key.span.range())?;
    // An alias has the place of its anchor, where the same text may be a value.
    let rest = text[key.span.end as usize..].trim_start_matches([' ', '\t']);
    if !rest.starts_with(':') {
        return None;
    }
    let (start, end) = (key.span.start as usize, key.span.end as usize);
    let quoted =
        |quote: char| written.len() > 1 && written.starts_with(quote) && written.ends_with(quote);
    let span = if quoted('"') || quoted('\'') {
        Span::new(start + 1, end - 1)
    } else {
        Span::new(start, end)
    };
    if text.get(span.range()) != Some(from) {
        return None;
    }
    Some(Fix::replace(format!("rename `{from}` to `{to}`"), span, to))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::yaml;

    /// The text after `titel` was renamed in the mapping at a pointer.
    fn renamed(text: &str, pointer: &str) -> Option<String> {
        let source = Arc::new(Source::new("x.yaml", text));
        let root = yaml::read(&source).root.unwrap();
        let fix = fix(&source, root.at(pointer).unwrap(), "titel", "title")?;
        Some(yaml::apply(source.text(), &fix.edits).unwrap())
    }

    #[test]
    fn only_the_letters_of_the_key_change() {
        for (before, after) in [
            ("titel: a\n", "title: a\n"),
            (
                "# titel\r\ntitel :  a # titel\r\n",
                "# titel\r\ntitle :  a # titel\r\n",
            ),
            ("{\"titel\":a}", "{\"title\":a}"),
            ("{ 'titel' : titel }", "{ 'title' : titel }"),
            ("\u{feff}titel: a\n", "title: a\n"),
            ("&k titel: a\n", "&k title: a\n"),
        ] {
            assert_eq!(renamed(before, "").as_deref(), Some(after));
        }
    }

    #[test]
    fn a_key_that_stands_there_already_is_not_written_twice() {
        assert_eq!(renamed("titel: a\ntitle: b\n", ""), None);
    }

    #[test]
    fn a_key_that_is_written_elsewhere_or_otherwise_is_left_alone() {
        for text in [
            "a: &k titel\n*k : b\n",
            "? titel\n: b\n",
            "\"tit\\u0065l\": b\n",
        ] {
            assert_eq!(renamed(text, ""), None, "{text}");
        }
    }

    #[test]
    fn a_mapping_that_an_alias_repeats_is_mended_where_it_stands() {
        let text = "a: &m { titel: x }\nb: *m\n";
        for pointer in ["/a", "/b"] {
            let after = "a: &m { title: x }\nb: *m\n";
            assert_eq!(renamed(text, pointer).as_deref(), Some(after));
        }
    }

    #[test]
    fn the_words_of_mattermost_come_before_what_is_near() {
        let by = |within, key, keys: &[&'static str]| {
            let meant = Meant::by(within, key, keys);
            meant.map(|meant| (meant.label(), meant.for_sure(key, keys)))
        };
        assert_eq!(
            by("Checklist", "items", &["key", "tasks"]),
            Some(("here it is `tasks`".to_owned(), Some("tasks")))
        );
        assert_eq!(
            by("Start", "items", &["item", "tasks"]),
            Some(("did you mean `item`?".to_owned(), Some("item")))
        );
        let two = by("Role", "sev0", &["sev1", "sev2"]);
        assert_eq!(two, Some(("did you mean `sev1`?".to_owned(), None)));
    }
}
