//! The text of a file, shared by its findings, and places in it.
//!
//! Places are byte ranges; lines and columns are made only for showing. Columns
//! count characters, and `\n`, `\r\n` and `\r` each end a line.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::ops::Range;
use std::sync::{Mutex, OnceLock, PoisonError};

/// A range of bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The first byte.
    pub start: u32,
    /// One after the last byte.
    pub end: u32,
}

impl Span {
    /// The range from `start` to before `end`; a reversed one is empty.
    #[must_use]
    pub fn new(start: usize, end: usize) -> Self {
        let start = u32::try_from(start).unwrap_or(u32::MAX);
        let end = u32::try_from(end).unwrap_or(u32::MAX);
        Self {
            start,
            end: end.max(start),
        }
    }

    /// The same as a range of `usize`.
    #[must_use]
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The number of bytes.
    #[must_use]
    pub fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// Whether all of `other` lies in it.
    #[must_use]
    pub fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Whether it holds no byte.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }
}

impl From<Range<usize>> for Span {
    fn from(range: Range<usize>) -> Self {
        Self::new(range.start, range.end)
    }
}

/// A place as people count: both from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

/// The text of a file, without a byte order mark.
#[derive(Debug)]
pub struct Source {
    name: String,
    text: String,
    lines: OnceLock<Vec<u32>>,
    hidden: Mutex<BTreeSet<Span>>,
}

impl Source {
    /// The text of the file of that name, relative to the workspace.
    #[must_use]
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        let mut text = text.into();
        if text.starts_with('\u{feff}') {
            text.drain(.."\u{feff}".len());
        }
        Self {
            name: name.into(),
            text,
            lines: OnceLock::new(),
            hidden: Mutex::default(),
        }
    }

    /// The path of the file relative to the workspace.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The first byte of each line.
    #[must_use]
    pub fn line_starts(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let bytes = self.text.as_bytes();
            let after = |at: usize| u32::try_from(at + 1).unwrap_or(u32::MAX);
            let ends = bytes.iter().enumerate().filter_map(|(at, byte)| {
                let ends = match byte {
                    b'\n' => true,
                    b'\r' => bytes.get(at + 1) != Some(&b'\n'),
                    _ => false,
                };
                ends.then(|| after(at))
            });
            std::iter::once(0).chain(ends).collect()
        })
    }

    /// The index of the line that holds this byte.
    #[must_use]
    pub fn line_of(&self, byte: u32) -> usize {
        let starts = self.line_starts();
        starts.partition_point(|start| *start <= byte).max(1) - 1
    }

    /// Where a byte is, as people count.
    #[must_use]
    pub fn position(&self, byte: u32) -> Position {
        let line = self.line_of(byte);
        let start = self.line_starts()[line] as usize;
        let end = self.text.floor_char_boundary(byte as usize).max(start);
        Position {
            line: line + 1,
            column: self.text[start..end].chars().count() + 1,
        }
    }

    /// The part of a span that lies in its first line, without the line break.
    #[must_use]
    pub fn first_line(&self, span: Span) -> Span {
        let text = self.text.get(span.range()).unwrap_or_default();
        let line = text.split(['\n', '\r']).next().unwrap_or_default();
        Span::new(span.start as usize, span.start as usize + line.len())
    }

    /// Keeps a text from ever being shown: it is a secret.
    pub fn hide(&self, span: Span) {
        let mut hidden = self.hidden.lock().unwrap_or_else(PoisonError::into_inner);
        hidden.insert(span);
    }

    /// The text for showing: hidden parts are stars, and characters that steer a
    /// terminal, reverse the direction of text or begin a command of a CI system are
    /// replaced. Spans stay valid.
    #[must_use]
    pub fn shown(&self) -> String {
        let mut shown = String::with_capacity(self.text.len());
        let mut rest = self.text.chars().peekable();
        while let Some(c) = rest.next() {
            // A lone one ends a line, too, and would let a terminal write over it.
            let alone = c == '\r' && rest.peek() != Some(&'\n');
            shown.push(if alone { '\n' } else { harmless(c) });
        }
        let mut shown = without_commands(&shown);
        let hidden = self.hidden.lock().unwrap_or_else(PoisonError::into_inner);
        for span in hidden.iter() {
            let Some(secret) = shown.get(span.range()) else {
                continue;
            };
            let star = |byte: u8| match byte {
                b'\n' | b'\r' => char::from(byte),
                _ => '*',
            };
            let stars: String = secret.bytes().map(star).collect();
            shown.replace_range(span.range(), &stars);
        }
        shown
    }
}

/// A text in one line in which nothing steers a terminal or a CI system.
#[must_use]
pub fn one_line(text: &str) -> String {
    let in_line = |c| match harmless(c) {
        '\n' | '\r' | '\t' => ' ',
        c => c,
    };
    without_commands(&text.chars().map(in_line).collect::<String>())
}

/// JSON of the same value, in which no text steers a terminal, hides, or is a command for
/// a CI system in whose log it stands.
#[must_use]
pub fn escaped_json(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for c in json.replace("##[", "##\\u005b").chars() {
        // What takes no room; the joiner of emoji may stay.
        let hides = matches!(c, '\u{200b}' | '\u{2060}' | '\u{feff}');
        if c.is_ascii() || (harmless(c) == c && !hides) {
            escaped.push(c);
        } else {
            // All of them have four digits.
            let _ = write!(escaped, "\\u{:04x}", u32::from(c));
        }
    }
    escaped
}

/// The text without the beginning of a command that GitHub Actions takes out of the
/// middle of any line of a log; of the same length.
fn without_commands(text: &str) -> String {
    text.replace("##[", "##?")
}

/// The character, or one of the same length in UTF-8 that does nothing.
fn harmless(c: char) -> char {
    match c {
        '\n' | '\r' | '\t' => c,
        '\u{0}'..='\u{1f}' | '\u{7f}' => '?',
        '\u{80}'..='\u{9f}' | '\u{61c}' => '\u{bf}',
        '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            char::REPLACEMENT_CHARACTER
        }
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn position(text: &str, byte: u32) -> (usize, usize) {
        let position = Source::new("x.yaml", text).position(byte);
        (position.line, position.column)
    }

    #[test]
    fn columns_count_characters_from_one() {
        assert_eq!(position("käse: brot", 7), (1, 7));
        assert_eq!(position("a\nb", 2), (2, 1));
        assert_eq!(position("", 0), (1, 1));
        assert_eq!(position("a", 1), (1, 2));
    }

    #[test]
    fn json_holds_the_same_value_and_nothing_that_hides() {
        let text = "a\u{202e}b\u{200b}c ##[group] \u{85} 👩\u{200d}🚒 ä";
        let json = serde_json::json!({ "text": text }).to_string();
        let escaped = escaped_json(&json);
        assert_eq!(
            escaped
                .chars()
                .find(|c| matches!(c, '\u{202e}' | '\u{200b}' | '\u{85}')),
            None
        );
        assert!(!escaped.contains("##["));
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&escaped).unwrap()["text"],
            text
        );
    }

    #[test]
    fn every_line_ending_ends_one_line() {
        assert_eq!(position("a\r\nb", 3), (2, 1));
        assert_eq!(position("a\rb", 2), (2, 1));
        assert_eq!(position("a\r\n\r\nb", 5), (3, 1));
    }

    #[test]
    fn a_byte_order_mark_takes_no_column() {
        assert_eq!(position("\u{feff}key: x", 0), (1, 1));
        assert_eq!(Source::new("x", "\u{feff}key").text(), "key");
    }

    #[test]
    fn places_outside_the_text_are_not_a_panic() {
        assert_eq!(position("ab", 99), (1, 3));
        assert_eq!(position("ä", 1), (1, 1));
    }

    #[test]
    fn nothing_that_steers_a_terminal_is_shown() {
        let text = "a\u{1b}[31m\u{9b}b\u{202e}c\u{0}\n";
        let shown = Source::new("x", text).shown();
        assert_eq!(shown, "a?[31m\u{bf}b\u{fffd}c?\n");
        assert_eq!(shown.len(), text.len());
    }

    #[test]
    fn a_lone_carriage_return_is_shown_as_the_line_break_it_is() {
        let source = Source::new("x", "a: 1\rb: 2\r\r\nc: 3\r\n");
        assert_eq!(source.shown(), "a: 1\nb: 2\n\r\nc: 3\r\n");
        assert_eq!(source.line_starts(), [0, 5, 10, 12, 18]);
    }

    #[test]
    fn no_text_is_a_command_in_a_log() {
        let source = Source::new("x", "a: b # ##[set-output name=x]y\n");
        assert_eq!(source.shown(), "a: b # ##?set-output name=x]y\n");
        assert_eq!(one_line("##\n[error] ##[error]"), "## [error] ##?error]");
    }

    #[test]
    fn hidden_parts_are_stars() {
        let source = Source::new("x", "url: hunter2\n");
        source.hide(Span::new(5, 12));
        source.hide(Span::new(5, 12));
        assert_eq!(source.shown(), "url: *******\n");
    }
}
