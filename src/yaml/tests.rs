//! What the reader accepts and refuses, and that nothing makes it panic.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use insta::assert_snapshot;
use serde_json::Value;

use super::*;
use crate::diag::Source;
use crate::model::Duration;

/// One line a finding: code, place, marked text, message.
fn refusals(text: &str) -> Vec<String> {
    let source = Arc::new(Source::new("x.yaml", text));
    let document = read(&source);
    let shown = |finding: &Finding| {
        let start = finding.start();
        let marked = &source.text()[finding.span.range()];
        format!(
            "{} {}:{} {marked:?} {}",
            finding.code.id(),
            start.line,
            start.column,
            finding.message
        )
    };
    document.findings.iter().map(shown).collect()
}

fn table(texts: &[&str]) -> String {
    let mut table = String::new();
    for text in texts {
        writeln!(table, "{text:?}").unwrap();
        for line in refusals(text) {
            writeln!(table, "    {line}").unwrap();
        }
    }
    table
}

fn value(text: &str) -> Value {
    let source = Arc::new(Source::new("x.yaml", text));
    let document = read(&source);
    assert!(document.findings.is_empty(), "{:?}", document.findings);
    from_node(&document.root.unwrap()).unwrap()
}

#[test]
fn a_key_that_stands_twice_is_found_among_few_and_among_many() {
    for count in [2, 16, 17, 18, 40] {
        let mut text = String::new();
        for n in 0..count {
            writeln!(text, "k{n}: v").unwrap();
        }
        let last = count - 1;
        write!(text, "k0: v\nnew: v\nk{last}: v\nnew: v\n").unwrap();
        let places: Vec<String> = refusals(&text)
            .into_iter()
            .map(|line| line.split(' ').nth(1).unwrap().to_owned())
            .collect();
        let expected = [1, 3, 4].map(|line| format!("{}:1", count + line));
        assert_eq!(places, expected, "{count}");
    }
}

#[test]
fn what_yaml_allows_and_nobody_means_is_refused_where_it_stands() {
    assert_snapshot!(table(&[
        "a: 1\nb: 2\na: 3\n",
        "a: {b: 1, b: 2}\n",
        "käse: 1\nkäse: 2\n",
        "\u{feff}a: 1\r\nb: 2\r\na: 3\r\n",
        "a: 1\n---\nb: 2\n",
        "a: 1\n--- b\n",
        "",
        "# only a comment\n",
        "---\n",
        "? [a, b]\n: c\n",
        "{a: {{ name }} }\n",
        "1: x\n",
        "true: x\n",
        "a: !secret x\n",
        "a: !!str 5\n",
        "!x\n- a\n",
        "x: &a {k: v}\ny:\n  <<: *a\n",
        "a: .inf\n",
        "a: 99999999999999999999\n",
        "%YAML 1.1\n---\na: 1\n",
    ]));
}

#[test]
fn what_is_not_yaml_is_refused_where_it_stands() {
    assert_snapshot!(table(&[
        "\ta: 1\n",
        "a:\n\tb: 1\n",
        "a:\n  - x\n\t- y\n",
        "a: \"open\nb: 1\n",
        "a: \"it's\", b: 'open\nb: 1\n",
        "a: 'it''s open\nb: 1\n",
        "a: *nothing\n",
        "a: **bold**\n",
        "a: @carol\n",
        "a: %x\n",
        "a: b: c\n",
        "a: [1, 2\nb: 3\n",
        "a: {b: 1\n",
        "a: b\n  c: d\n",
        "a\nb: c\n",
        "a: \u{0}\n",
        "a: \u{1b}[31m\n",
        "a: \"\\q\"\n",
        "- a\nb: c\n",
        "a: |\n  x\n y\n",
        "]",
        "a: \"x\" y\n",
    ]));
}

#[test]
fn what_only_looks_odd_is_accepted() {
    for (text, json) in [
        ("---\na: 1\n...\n", r#"{"a":1}"#),
        ("\u{feff}a: x\r\nb:\r\n  - y\r\n", r#"{"a":"x","b":["y"]}"#),
        (
            "a: yes\nb: 1:30\nc: \"<<\"\n",
            r#"{"a":"yes","b":"1:30","c":"<<"}"#,
        ),
        ("\"<<\": 1\n\"1\": 2\n", r#"{"<<":1,"1":2}"#),
        ("a: &x [1]\nb: *x\nc: *x\n", r#"{"a":[1],"b":[1],"c":[1]}"#),
        (
            "a: 😀 \"x\"\nb: |\n  two\n  lines\n",
            r#"{"a":"😀 \"x\"","b":"two\nlines\n"}"#,
        ),
        ("a:\nb: ~\nc: ''\n", r#"{"a":null,"b":null,"c":""}"#),
    ] {
        assert_eq!(
            value(text),
            serde_json::from_str::<Value>(json).unwrap(),
            "{text:?}"
        );
    }
}

#[test]
fn nesting_ends_at_sixty_four_levels() {
    for (open, close) in [("[", "]"), ("- ", ""), ("a: {", "}")] {
        let nested = |levels: usize| match open {
            "a: {" => format!("{}{}", "{a: ".repeat(levels), "}".repeat(levels)),
            _ => format!("{}x{}", open.repeat(levels), close.repeat(levels)),
        };
        assert_eq!(refusals(&nested(64)), Vec::<String>::new());
        assert!(refusals(&nested(65))[0].starts_with("Y-04"), "{open}");
        assert!(refusals(&nested(5_000))[0].starts_with("Y-04"), "{open}");
    }
}

#[test]
fn aliases_cannot_nest_deeper_either() {
    let mut text = format!("a0: &a0 {}x{}\n", "[".repeat(40), "]".repeat(40));
    writeln!(text, "a1: {}*a0{}", "[".repeat(40), "]".repeat(40)).unwrap();
    assert!(refusals(&text)[0].starts_with("Y-04 2:"));
}

#[test]
fn laughs_are_not_told_to_the_end() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..30 {
        let again = vec![format!("*a{}", level - 1); 9].join(", ");
        writeln!(text, "a{level}: &a{level} [{again}]").unwrap();
    }
    let refusals = refusals(&text);
    assert_eq!(refusals.len(), 1);
    assert!(refusals[0].starts_with("Y-05 5:"), "{}", refusals[0]);
}

#[test]
fn a_long_text_cannot_be_repeated_without_end() {
    let long = "\\n".repeat(100_000);
    let text = format!("a: &a \"{long}\"\nb: [{}]\n", "*a, ".repeat(10_000));
    assert!(refusals(&text)[0].starts_with("Y-05 2:"));
}

#[test]
fn an_alias_that_contains_itself_is_refused() {
    assert!(refusals("a: &x [*x]\n")[0].starts_with("Y-05 1:8 \"*x\""));
    assert!(refusals("a: &x {b: {c: *x}}\n")[0].starts_with("Y-05 1:15"));
}

#[test]
fn a_file_over_a_mebibyte_is_refused() {
    let fits = format!("# {}\na: 1\n", "x".repeat(MOST_BYTES - 8));
    assert_eq!(fits.len(), MOST_BYTES);
    assert_eq!(refusals(&fits), Vec::<String>::new());
    assert!(refusals(&format!("{fits}\n"))[0].starts_with("Y-03"));
}

#[test]
fn a_file_with_countless_values_is_refused() {
    let list = |elements: usize| format!("[{}]", "a,".repeat(elements));
    assert_eq!(refusals(&list(MOST_VALUES - 1)), Vec::<String>::new());
    assert!(refusals(&list(MOST_VALUES))[0].starts_with("Y-03 1:200000 \"a\""));
}

#[test]
fn a_long_text_is_not_repeated_either_when_the_file_holds_it_as_it_is() {
    let text = format!(
        "a: &a {}\nb: [{}]\n",
        "x".repeat(500_000),
        "*a, ".repeat(100)
    );
    assert!(refusals(&text)[0].starts_with("Y-05 2:"));
}

#[test]
fn a_key_has_an_end() {
    let key = |bytes: usize| format!("? {}\n: b\n", "x".repeat(bytes));
    assert_eq!(refusals(&key(1_024)), Vec::<String>::new());
    assert!(refusals(&key(1_025))[0].starts_with("Y-03 1:3 "));
}

/// Would take hours if every quote were looked at from every other one.
#[test]
fn quotes_without_end_are_read_once() {
    for quote in ["'", "\"\\", "\"\""] {
        let text = format!("# a{}\nb: \"open\n", quote.repeat(500_000 / quote.len()));
        let refusals = refusals(&text);
        assert_eq!(refusals, ["Y-01 2:4 \"\\\"\" this quote is never closed"]);
    }
}

#[test]
fn the_model_refuses_where_the_value_stands() {
    let source = Arc::new(Source::new("x.yaml", "a:\n  - 5m\n  - 5 minutes\n"));
    let root = read(&source).root.unwrap();
    let error = from_node::<BTreeMap<String, Vec<Duration>>>(&root).unwrap_err();
    assert_eq!(&source.text()[error.span.unwrap().range()], "5 minutes");
}

#[test]
fn a_pointer_finds_key_and_value() {
    let text = "a:\n  b/c: {x: 1, y: }\nl: [1, two]\n";
    let source = Arc::new(Source::new("x.yaml", text));
    let places = Places::of(&read(&source).root.unwrap());
    let marked = |pointer, part| &text[places.at(pointer, part).range()];
    assert_eq!(marked("/a/b~1c/x", Part::Key), "x");
    assert_eq!(marked("/a/b~1c/x", Part::Value), "1");
    assert_eq!(marked("/a/b~1c/y", Part::Value), "y", "no value: its key");
    assert_eq!(marked("/l/1", Part::Key), "two");
    assert_eq!(marked("/a/b~1c/nothing/at/all", Part::Value), "b/c");
    assert_eq!(marked("/a", Part::Value), "b/c: {x: 1, y: }");
    assert_eq!(marked("/nothing", Part::Value).trim_end(), text.trim_end());
}
