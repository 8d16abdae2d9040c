//! Edits of a text by byte span.
//!
//! Everything outside of the spans stays as it is: comments, layout, line breaks.
//! Pure; knows nothing of files or findings.

use crate::diag::{Edit, Span};

/// Says why edits were not made; none of them was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// Two edits want the same bytes, or the same place between two bytes.
    #[error("two edits want the same bytes {}..{}", .0.start, .0.end)]
    Overlapping(Span),
    /// A span ends behind the text, or cuts a character in two.
    #[error("the bytes {}..{} are no part of the text", .0.start, .0.end)]
    Outside(Span),
}

/// The text with all edits made, in whatever order they come; equal ones are made once.
///
/// # Errors
/// When two edits overlap, or one lies outside of the text.
pub fn apply<'e>(
    text: &str,
    edits: impl IntoIterator<Item = &'e Edit>,
) -> Result<String, EditError> {
    let mut edits: Vec<&Edit> = edits.into_iter().collect();
    edits.sort_unstable();
    edits.dedup();
    let mut edited = String::with_capacity(text.len());
    let mut last: Option<Span> = None;
    for edit in edits {
        let span = edit.span;
        let from = last.map_or(0, |last| last.end as usize);
        let overlaps =
            last.is_some_and(|last| span.start < last.end || (span.is_empty() && span == last));
        if overlaps {
            return Err(EditError::Overlapping(span));
        }
        if text.get(span.range()).is_none() {
            return Err(EditError::Outside(span));
        }
        edited.push_str(&text[from..span.start as usize]);
        edited.push_str(&edit.text);
        last = Some(span);
    }
    edited.push_str(&text[last.map_or(0, |last| last.end as usize)..]);
    Ok(edited)
}

/// A text of one line as a YAML scalar in double quotes.
#[must_use]
pub fn in_double_quotes(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{escaped}\"")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::diag::Source;

    fn edit(start: usize, end: usize, text: &str) -> Edit {
        Edit {
            span: Span::new(start, end),
            text: text.to_owned(),
        }
    }

    #[test]
    fn edits_replace_insert_and_remove() {
        let edits = [edit(9, 10, ""), edit(0, 5, "title"), edit(7, 7, "\"")];
        assert_eq!(apply("titel: a b", &edits).unwrap(), "title: \"a ");
        assert_eq!(apply("same", &[]).unwrap(), "same");
    }

    #[test]
    fn equal_edits_are_made_once() {
        let edits = [
            edit(0, 1, "b"),
            edit(0, 1, "b"),
            edit(2, 2, "c"),
            edit(2, 2, "c"),
        ];
        assert_eq!(apply("a ", &edits).unwrap(), "b c");
    }

    #[test]
    fn edits_that_want_the_same_bytes_are_refused() {
        for [a, b] in [
            [edit(0, 3, "x"), edit(2, 4, "y")],
            [edit(0, 3, "x"), edit(0, 3, "y")],
            [edit(0, 3, "x"), edit(1, 1, "y")],
            [edit(1, 1, "x"), edit(1, 1, "y")],
        ] {
            let refused = apply("abcd", &[a, b]);
            assert!(
                matches!(refused, Err(EditError::Overlapping(_))),
                "{refused:?}"
            );
        }
        let beside = [edit(0, 2, "x"), edit(2, 2, "y"), edit(2, 4, "z")];
        assert_eq!(apply("abcd", &beside).unwrap(), "xyz");
    }

    #[test]
    fn edits_outside_of_the_text_are_refused() {
        for [start, end] in [[0, 9], [9, 9], [1, 2], [0, 1]] {
            let outside = apply("ä", &[edit(start, end, "x")]);
            assert!(
                matches!(outside, Err(EditError::Outside(_))),
                "{start}..{end}"
            );
        }
    }

    #[test]
    fn what_is_put_in_quotes_is_read_as_the_same_text() {
        for text in ["on", "1:30", "a\\b", "say \"no\"", "ä # b", ""] {
            let source = Arc::new(Source::new("x.yaml", in_double_quotes(text)));
            let root = crate::yaml::read(&source).root.unwrap();
            assert_eq!(root.as_str(), Some(text));
        }
    }

    /// Pieces of a text, each with what takes its place, if anything does.
    fn pieces() -> impl Strategy<Value = Vec<(String, Option<String>)>> {
        let piece = "[a-zä€#: \"\r\n]{1,6}";
        prop::collection::vec((piece, prop::option::of("[a-zö ]{0,6}")), 0..12)
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn only_the_spans_change_in_whatever_order_edits_come(
            pieces in pieces(),
            shuffled in any::<prop::sample::Index>(),
        ) {
            let (mut text, mut expected, mut edits) = (String::new(), String::new(), Vec::new());
            for (piece, new) in &pieces {
                let start = text.len();
                text.push_str(piece);
                expected.push_str(new.as_ref().unwrap_or(piece));
                if let Some(new) = new {
                    edits.push(edit(start, text.len(), new));
                }
            }
            prop_assert_eq!(apply(&text, &edits), Ok(expected.clone()));
            edits.reverse();
            prop_assert_eq!(apply(&text, &edits), Ok(expected.clone()));
            if !edits.is_empty() {
                let at = shuffled.index(edits.len());
                edits.rotate_left(at);
                prop_assert_eq!(apply(&text, &edits), Ok(expected.clone()));
            }
        }

        #[test]
        fn no_edits_make_it_panic(
            text in "[aä\r\n]{0,8}",
            edits in prop::collection::vec((0..12_usize, 0..12_usize, "[b€]{0,2}"), 0..5),
        ) {
            let edits: Vec<Edit> = edits.iter().map(|(a, b, text)| edit(*a, *b, text)).collect();
            if let Ok(edited) = apply(&text, &edits) {
                let breaks = |text: &str| text.matches(['\r', '\n']).count();
                prop_assert!(breaks(&edited) <= breaks(&text));
            }
        }
    }
}
