//! From values to YAML text, as a person would have written it.
//!
//! Owns when a text needs quotes, when it becomes a block, and when a list or mapping fits
//! on one line. Whatever the text is, what comes out is read as the same text, by parsers
//! of YAML 1.1 too. Pure.

use std::fmt::Write;

use super::{Kind, Node};

/// The columns that what stands on one line may take.
const WIDTH: usize = 100;
/// The columns that a level is indented by.
const STEP: usize = 2;

/// Words that are something else to a parser of YAML 1.1 or 1.2, in whatever case.
const WORDS: [&str; 11] = [
    "y", "n", "yes", "no", "on", "off", "true", "false", "null", "~", "nan",
];

/// A value to be written.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Float(f64),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Value>),
    /// A mapping in the order in which it is written.
    Map(Vec<(String, Value)>),
    /// A mapping that is written on one line where it fits.
    Short(Vec<(String, Value)>),
}

impl Value {
    /// A text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// What a tree holds.
    #[must_use]
    pub fn of(node: &Node<'_>) -> Self {
        match &node.kind {
            Kind::Null => Self::Null,
            Kind::Bool(given) => Self::Bool(*given),
            Kind::Int(number) => Self::Int(*number),
            Kind::Float(number) => Self::Float(*number),
            Kind::Str(text) => Self::text(text.as_ref()),
            Kind::Seq(elements) => Self::List(elements.iter().map(Self::of).collect()),
            Kind::Map(entries) => {
                let entries = entries.iter();
                let entries = entries.map(|(key, value)| (key.name.to_string(), Self::of(value)));
                Self::Map(entries.collect())
            }
        }
    }

    /// The entries of a mapping.
    #[must_use]
    pub fn entries(&self) -> Option<&[(String, Self)]> {
        match self {
            Self::Map(entries) | Self::Short(entries) => Some(entries),
            _ => None,
        }
    }

    /// Whether both say the same; the order of mappings does not count.
    #[must_use]
    pub fn says(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::List(a), Self::List(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.says(b))
            }
            _ => match (self.entries(), other.entries()) {
                (Some(a), Some(b)) => {
                    let same = |(key, value): &(String, Self)| {
                        let there = b.iter().find(|(other, _)| other == key);
                        there.is_some_and(|(_, other)| value.says(other))
                    };
                    a.len() == b.len() && a.iter().all(same)
                }
                (None, None) => self == other,
                _ => false,
            },
        }
    }
}

/// A file: a first line of comment, and a mapping whose larger parts are set apart.
#[must_use]
pub fn document(comment: &str, entries: &[(String, Value)]) -> String {
    let mut out = format!("# {comment}\n");
    for (key, value) in entries {
        let text = entry(key, value, 0);
        let large = !matches!(value, Value::Text(_)) && text.trim_end().contains('\n');
        if large {
            out.push('\n');
        }
        out.push_str(&text);
    }
    out
}

/// A key and its value as lines of a block mapping, each indented by that much.
#[must_use]
pub(super) fn entry(key: &str, value: &Value, indent: usize) -> String {
    let head = format!("{}{}:", spaces(indent), scalar(key, false));
    format!("{head}{}", behind_key(value, indent, head.chars().count()))
}

/// What follows the colon of a key at that indentation, with its line break.
#[must_use]
pub(super) fn behind_key(value: &Value, indent: usize, column: usize) -> String {
    if let Value::Text(text) = value
        && let Some(block) = block_text(text, indent + STEP)
    {
        return format!(" {block}");
    }
    match value {
        Value::List(items) if !fits(value, column) => {
            let items = items.iter().map(|item| element(item, indent + STEP));
            format!("\n{}", items.collect::<String>())
        }
        Value::Map(entries) if !entries.is_empty() => below(entries, indent),
        Value::Short(entries) if !fits(value, column) => below(entries, indent),
        _ => format!(" {}\n", on_one_line(value, false)),
    }
}

fn below(entries: &[(String, Value)], indent: usize) -> String {
    let entries = entries
        .iter()
        .map(|(key, value)| entry(key, value, indent + STEP));
    format!("\n{}", entries.collect::<String>())
}

/// An element of a block list as lines, each indented by that much.
#[must_use]
pub(super) fn element(value: &Value, indent: usize) -> String {
    let dash = format!("{}- ", spaces(indent));
    match value {
        Value::Map(entries) | Value::Short(entries)
            if !entries.is_empty()
                && (matches!(value, Value::Map(_)) || !fits(value, dash.len())) =>
        {
            let lines = entries
                .iter()
                .map(|(key, value)| entry(key, value, indent + STEP))
                .collect::<String>();
            // The dash takes the place of the indentation of the first line.
            format!("{dash}{}", &lines[indent + STEP..])
        }
        Value::Text(text) => match block_text(text, indent + STEP) {
            Some(block) => format!("{dash}{block}"),
            None => format!("{dash}{}\n", scalar(text, false)),
        },
        _ => format!("{dash}{}\n", on_one_line(value, false)),
    }
}

/// Whether a list or mapping reads well on one line that begins at that column.
fn fits(value: &Value, column: usize) -> bool {
    let small = |value: &Value| match value {
        Value::List(_) => is_flat(value),
        Value::Map(entries) => entries.is_empty(),
        Value::Text(text) => !text.contains('\n'),
        _ => true,
    };
    let all = match value {
        // A list of mappings reads better one below the other.
        Value::List(items) => items.is_empty() || is_flat(value),
        Value::Map(entries) | Value::Short(entries) => entries.iter().all(|(_, v)| small(v)),
        _ => true,
    };
    all && column + 1 + on_one_line(value, false).chars().count() <= WIDTH
}

fn is_flat(value: &Value) -> bool {
    let Value::List(items) = value else {
        return false;
    };
    items.iter().all(|item| match item {
        Value::Text(text) => !text.contains('\n'),
        Value::List(_) | Value::Map(_) | Value::Short(_) => false,
        _ => true,
    })
}

/// The value without a line break; `inside` a list or mapping that is written so.
#[must_use]
pub(super) fn on_one_line(value: &Value, inside: bool) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(given) => given.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) => format!("{number:?}"),
        Value::Text(text) => scalar(text, inside),
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(|item| on_one_line(item, true)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Map(entries) | Value::Short(entries) if entries.is_empty() => "{}".to_owned(),
        Value::Map(entries) | Value::Short(entries) => {
            let entries: Vec<String> = entries.iter().map(|(k, v)| pair(k, v)).collect();
            format!("{{ {} }}", entries.join(", "))
        }
    }
}

/// A key and its value inside a mapping on one line.
#[must_use]
pub(super) fn pair(key: &str, value: &Value) -> String {
    format!("{}: {}", scalar(key, true), on_one_line(value, true))
}

/// A text on one line, in double quotes where it needs them.
#[must_use]
pub(super) fn scalar(text: &str, inside: bool) -> String {
    if is_plain(text, inside) {
        text.to_owned()
    } else {
        quoted(text)
    }
}

/// A text in double quotes.
#[must_use]
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if is_shown(c) => out.push(c),
            c => match u32::from(c) {
                code @ 0..=0xffff => drop(write!(out, "\\u{code:04x}")),
                code => drop(write!(out, "\\U{code:08x}")),
            },
        }
    }
    out.push('"');
    out
}

/// A text of several lines as a literal block: its indicator, and its lines at that indentation.
#[must_use]
pub(super) fn block_text(text: &str, indent: usize) -> Option<String> {
    let body = text.trim_end_matches('\n');
    let breaks = text.len() - body.len();
    if !body.contains('\n') && breaks == 0 {
        return None;
    }
    // What begins or ends with blanks would need more than an indicator to be kept.
    let blank_first = body.is_empty() || body.starts_with([' ', '\t', '\n']);
    let odd = |line: &str| {
        line.starts_with('\t')
            || (!line.is_empty() && line.trim().is_empty())
            || line.contains('\r')
    };
    let shown = |c: char| is_shown(c) || matches!(c, '\n' | '\t');
    if blank_first || body.split('\n').any(odd) || !text.chars().all(shown) {
        return None;
    }
    let mut out = match breaks {
        0 => "|-\n",
        1 => "|\n",
        // Blank lines at the end would belong to it or not, by what is written behind it.
        _ => return None,
    }
    .to_owned();
    for line in body.split('\n') {
        if !line.is_empty() {
            out.push_str(&spaces(indent));
            out.push_str(line);
        }
        out.push('\n');
    }
    Some(out)
}

/// Whether a text means itself without quotes, to parsers of YAML 1.1 and 1.2.
fn is_plain(text: &str, inside: bool) -> bool {
    let Some(first) = text.chars().next() else {
        return false;
    };
    let begins = first.is_alphanumeric() || matches!(first, '/' | '~' | '(' | '.' | '$' | '^');
    let blanks = text.starts_with(' ') || text.ends_with([' ', ':']);
    let special = text.contains(": ") || text.contains(" #");
    let flow = |c: char| matches!(c, ',' | '[' | ']' | '{' | '}' | '"' | '\'' | ':' | '#');
    begins
        && !blanks
        && !special
        && text.chars().all(is_shown)
        && !(inside && text.contains(flow) && !is_reference(text))
        && !looks_otherwise(text)
}

/// `group:sre`, `user:bob`: a colon between words is no separator in any version.
fn is_reference(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':');
    first_is_letter(text) && text.chars().all(plain)
}

fn first_is_letter(text: &str) -> bool {
    text.chars().next().is_some_and(|c| c.is_ascii_alphabetic())
}

/// Whether some parser takes an unquoted text for a number, a date, a boolean or nothing.
fn looks_otherwise(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let number = |c: char| c.is_ascii_digit() || " _.:+-exoabcdftz".contains(c);
    let begins = text.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    // Durations such as `2d` and `30m` are texts to all of them.
    let digits = lower.trim_end_matches('d');
    let duration =
        lower.ends_with('d') && !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit());
    WORDS.contains(&lower.as_str())
        || lower == ".inf"
        || lower == ".nan"
        || (begins && !duration && lower.chars().all(number))
}

/// Whether people see the character where it stands, and parsers keep it.
fn is_shown(c: char) -> bool {
    let hidden = matches!(
        c,
        '\u{85}'
            | '\u{a0}'
            | '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff0}'..='\u{ffff}'
            | '\u{e0000}'..='\u{e0fff}'
    );
    !c.is_control() && !hidden
}

/// So many spaces.
#[must_use]
pub(super) fn spaces(count: usize) -> String {
    " ".repeat(count)
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::diag::Source;

    /// What a text is read as.
    pub(in crate::yaml) fn read(text: &str) -> Value {
        let source = Arc::new(Source::new("x.yaml", text));
        let document = crate::yaml::read(&source);
        let problems: Vec<&str> = document
            .findings
            .iter()
            .map(|f| f.message.as_str())
            .collect();
        assert!(problems.is_empty(), "{problems:?}\n{text}");
        Value::of(&document.root.expect("a tree"))
    }

    /// Texts that are easily read as something else.
    pub(in crate::yaml) fn texts() -> impl Strategy<Value = String> {
        prop_oneof![
            "[a-z]{1,8}( [a-z]{1,8}){0,3}",
            prop::sample::select(vec![
                "",
                "~",
                "no",
                "ON",
                "null",
                "1:30",
                "0x1F",
                "1e3",
                "-1",
                ".5",
                "2027-03-31",
                "- a",
                "a: b",
                "a #b",
                "# a",
                "[a]",
                "{a",
                "*a",
                "&a",
                "!a",
                "|",
                ">",
                "'a'",
                "\"a\"",
                "@a",
                "`a`",
                "%a",
                "a:",
                " a",
                "a ",
                "~ops",
                "30m",
                "2d",
                "group:sre",
                "user:bob",
                "/a b",
                "a\nb",
                "a\nb\n",
                "a\n\n\n",
                "\na",
                "  a\nb",
                "a\n  b\n",
                "a\n \nb",
                "\ta\nb",
                "a\r\nb",
                "a\u{0}b",
                "\u{feff}a",
                "a\u{202e}b",
                "a\u{85}b",
                "<<",
                "=",
                "---",
                "...",
                "a\n---\nb",
                "{{ x }}",
                "{% x %}",
                "\\n",
                "a, b",
                "?",
                "? a",
                "12d",
                "0d",
                "1_000",
                "a\u{2028}b",
            ])
            .prop_map(str::to_owned),
            any::<String>(),
            "[ a#:\\-\n\t\r|>\"'{}\\[\\],&*!%@`\\\\ä€]{0,12}",
        ]
    }

    pub(in crate::yaml) fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            4 => texts().prop_map(Value::Text),
            1 => any::<bool>().prop_map(Value::Bool),
            1 => any::<i64>().prop_map(Value::Int),
            1 => Just(Value::Null),
        ];
        leaf.prop_recursive(4, 24, 5, |inner| {
            let entries = prop::collection::btree_map("[a-z]{1,3}|on|1", inner.clone(), 0..5);
            let entries = entries.prop_map(|map| map.into_iter().collect::<Vec<_>>());
            prop_oneof![
                prop::collection::vec(inner, 0..5).prop_map(Value::List),
                entries.clone().prop_map(Value::Map),
                entries.prop_map(Value::Short),
            ]
        })
    }

    #[test]
    fn a_file_looks_as_a_person_would_write_it() {
        let map = |entries: Vec<(&str, Value)>| -> Vec<(String, Value)> {
            let entries = entries.into_iter();
            entries
                .map(|(key, value)| (key.to_owned(), value))
                .collect()
        };
        let list = |items: &[&str]| Value::List(items.iter().map(|i| Value::text(*i)).collect());
        let task = |title: &str| {
            Value::Map(map(vec![
                ("key", Value::text("on")),
                ("title", Value::text(title)),
            ]))
        };
        let text = document(
            "a comment",
            &map(vec![
                ("key", Value::text("outage")),
                ("description", Value::text("First.\n\n- second: line\n")),
                (
                    "start",
                    Value::Map(map(vec![
                        ("invite", list(&["group:sre", "bob"])),
                        (
                            "channel",
                            Value::Short(map(vec![("category", Value::text("Incidents: all"))])),
                        ),
                        ("welcome", Value::text("a\nb")),
                    ])),
                ),
                (
                    "attributes",
                    Value::List(vec![Value::Short(map(vec![
                        ("key", Value::text("service")),
                        ("options", list(&["a, b", "no", "~x"])),
                    ]))]),
                ),
                (
                    "tasks",
                    Value::List(vec![task("2027-03-31"), task("Do it")]),
                ),
                ("empty", Value::List(Vec::new())),
            ]),
        );
        insta::assert_snapshot!(text, @r#"
        # a comment
        key: outage
        description: |
          First.

          - second: line

        start:
          invite: [group:sre, bob]
          channel: { category: "Incidents: all" }
          welcome: |-
            a
            b

        attributes:
          - { key: service, options: ["a, b", "no", ~x] }

        tasks:
          - key: "on"
            title: "2027-03-31"
          - key: "on"
            title: Do it
        empty: []
        "#);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, cases: 512, ..ProptestConfig::default() })]

        #[test]
        fn emitting_then_reading_gives_the_same_value(value in values()) {
            let text = document("x", &[("a".to_owned(), value.clone())]);
            let read = read(&text);
            prop_assert!(read.says(&Value::Map(vec![("a".to_owned(), value)])), "{text}\n{read:?}");
        }

        #[test]
        fn hidden_characters_are_shown_as_escapes(text in any::<String>()) {
            let text = document("x", &[("a".to_owned(), Value::Text(text))]);
            prop_assert!(text.chars().all(|c| is_shown(c) || matches!(c, '\n' | '\t')));
        }
    }
}
