//! Words that people read: Markdown without the code in it, and their places in a file.
//!
//! Pure helpers that several families share. Texts may come from a stranger: all of it
//! takes time that grows with the text alone.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use crate::diag::{Finding, Span};
use crate::lint::scope::Scope;
use crate::template::Fences;
use crate::workspace::Placed;
use crate::yaml::Part;

/// The text with blanks in the place of code: fenced blocks and code spans.
///
/// Every other byte stays where it was.
pub(super) fn prose(text: &str) -> Cow<'_, str> {
    if !text.contains('`') && !text.contains("~~~") {
        return Cow::Borrowed(text);
    }
    let mut bytes = text.as_bytes().to_vec();
    let mut fences = Fences::default();
    let mut paragraph = 0;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let next = at + line.len();
        let was_open = fences.open().is_some();
        if fences.holds(line) {
            if !was_open {
                blank_spans(text, &mut bytes, paragraph..at);
            }
            blank(&mut bytes, at..next);
            paragraph = next;
        } else if line.trim().is_empty() {
            blank_spans(text, &mut bytes, paragraph..at);
            paragraph = next;
        }
        at = next;
    }
    blank_spans(text, &mut bytes, paragraph..at);
    String::from_utf8(bytes).map_or(Cow::Borrowed(text), Cow::Owned)
}

/// Blanks the code spans of a paragraph.
fn blank_spans(text: &str, bytes: &mut [u8], paragraph: Range<usize>) {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for (at, _) in text[paragraph.clone()].match_indices('`') {
        let at = paragraph.start + at;
        match runs.last_mut() {
            Some(run) if run.end == at => run.end += 1,
            _ => runs.push(at..at + 1),
        }
    }
    // For each run the next one of the same length, which would close it.
    let mut seen = BTreeMap::new();
    let mut closing: Vec<Option<usize>> = Vec::with_capacity(runs.len());
    for (n, run) in runs.iter().enumerate().rev() {
        closing.push(seen.insert(run.len(), n));
    }
    closing.reverse();
    let mut n = 0;
    while n < runs.len() {
        let escaped = text[..runs[n].start].ends_with('\\');
        match closing[n] {
            Some(end) if !escaped => {
                blank(bytes, runs[n].start..runs[end].end);
                n = end + 1;
            }
            _ => n += 1,
        }
    }
}

/// Puts blanks in the place of everything but line breaks.
fn blank(bytes: &mut [u8], range: Range<usize>) {
    for byte in &mut bytes[range] {
        if *byte != b'\n' {
            *byte = b' ';
        }
    }
}

/// The body of a template with blanks in the place of its front matter, its Jinja and the code.
pub(super) fn prose_of_template(text: &str, body: usize) -> String {
    let mut bytes = text.as_bytes().to_vec();
    blank(&mut bytes, 0..body);
    let mut at = body;
    while let Some(open) = text[at..].find('{') {
        let start = at + open;
        let close = match text[start + 1..].chars().next() {
            Some('{') => "}}",
            Some('%') => "%}",
            Some('#') => "#}",
            _ => {
                at = start + 1;
                continue;
            }
        };
        let end = text[start + 2..].find(close);
        let end = end.map_or(text.len(), |end| start + 2 + end + close.len());
        blank(&mut bytes, start..end);
        at = end;
    }
    let words = String::from_utf8(bytes).unwrap_or_default();
    prose(&words).into_owned()
}

/// Where one of these words stands for itself, written exactly so; the first of them.
pub(super) fn whole_word(text: &str, words: &[&str]) -> Option<Range<usize>> {
    let first = words
        .iter()
        .filter_map(|word| whole_words(text, word).next());
    first.min_by_key(|range| range.start)
}

/// Where a word stands for itself, written exactly so.
pub(super) fn whole_words<'t>(
    text: &'t str,
    word: &'t str,
) -> impl Iterator<Item = Range<usize>> + 't {
    let inner = |c: char| c.is_alphanumeric() || c == '_';
    let places = text
        .match_indices(word)
        .map(move |(at, _)| at..at + word.len());
    places.filter(move |place| {
        let before = text[..place.start].chars().next_back();
        let after = text[place.end..].chars().next();
        !before.is_some_and(inner) && !after.is_some_and(inner)
    })
}

/// A finding at a range of a text of the file; at all of the text where it is written otherwise.
pub(super) fn at_range<S: Scope>(
    scope: &S,
    pointer: &str,
    text: &str,
    range: Range<usize>,
    message: impl Into<String>,
) -> Finding {
    let span = span_of(scope, pointer, text, range);
    Finding::new(scope.code(), scope.file().source(), span, message)
}

/// The place in the file of a range of one of its texts.
pub(super) fn span_of<S: Scope>(scope: &S, pointer: &str, text: &str, range: Range<usize>) -> Span {
    let file = scope.file();
    let word = &text[range.clone()];
    if word.is_empty() {
        return file.place(pointer, Part::Value);
    }
    let earlier = text[..range.start].matches(word).count();
    let whole = file.whole(pointer);
    let written = file.source().text().get(whole.range()).unwrap_or_default();
    match written.match_indices(word).nth(earlier) {
        Some((at, _)) => {
            let start = whole.start as usize + at;
            let span = Span::new(start, start + word.len());
            file.source().first_line(span)
        }
        None => file.place(pointer, Part::Value),
    }
}

/// The first characters of a text, for messages.
pub(super) fn shortened(text: &str) -> String {
    const MOST: usize = 60;
    let mut short: String = text.chars().take(MOST).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    crate::diag::one_line(&short)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_blanked_and_nothing_moves() {
        for (text, words) in [
            ("no code", "no code"),
            ("a `b` c", "a     c"),
            ("a ``b ` c`` d", "a           d"),
            ("a ` b", "a ` b"),
            ("a \\`b` c", "a \\`b` c"),
            ("a `b\n\nc` d", "a `b\n\nc` d"),
            ("a\n```\nb\n```\nc", "a\n   \n \n   \nc"),
            ("a\n~~~ x\nb", "a\n     \n "),
            ("é `é` é", "é      é"),
        ] {
            let found = prose(text);
            assert_eq!(found, words, "{text}");
            assert_eq!(found.len(), text.len());
        }
    }

    #[test]
    fn jinja_and_front_matter_are_blanked() {
        let text = "--\n{{ a }}b{# c #}{% d %}e {f} `g`";
        let words = prose_of_template(text, 3);
        assert_eq!(words.trim_start(), "b              e {f}    ");
        assert_eq!(words.len(), text.len());
        assert_eq!(prose_of_template("a {{ b", 0), "a     ");
    }

    #[test]
    fn words_stand_for_themselves() {
        let found = |text: &str| whole_word(text, &["TODO", "TBD"]);
        assert_eq!(found("a TBD: b TODO"), Some(2..5));
        assert_eq!(found("TODOS, xTODO, TODO_X, todo"), None);
    }

    #[test]
    fn texts_full_of_marks_keep_their_length() {
        for text in [
            "`".repeat(300_000),
            "` `` ".repeat(60_000),
            "{".repeat(300_000),
        ] {
            assert_eq!(prose(&text).len(), text.len());
            assert_eq!(prose_of_template(&text, 0).len(), text.len());
        }
    }
}
