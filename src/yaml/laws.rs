//! What holds for every text: it is read to the end, every place lies in it, and whoever
//! else can read it sees the same values.

use std::fmt::Write;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

use super::*;
use crate::diag::Source;

/// Fragments that make up most of YAML, so that random texts get somewhere.
const FRAGMENTS: &[&str] = &[
    "a",
    "b",
    ": ",
    ":",
    "- ",
    "\n",
    "\n  ",
    "\n    ",
    "\r\n",
    "\r",
    "{",
    "}",
    "[",
    "]",
    ", ",
    "'",
    "\"",
    "|",
    ">",
    "|-\n",
    ">+2\n",
    "&x ",
    "*x",
    "&",
    "*",
    "!t ",
    "!!str ",
    "<<",
    "? ",
    "#",
    " # c",
    "---\n",
    "...\n",
    "--- ",
    "%YAML 1.2\n",
    "\t",
    "0",
    "1.5",
    "true",
    "~",
    "ä",
    "😀",
    "\u{feff}",
    "\\",
    "\\x",
    "\\\n",
    "@",
    "`",
    "\u{0}",
    "\u{85}",
    "\u{2028}",
    " ",
];

/// Values as people write them, in every style.
const SCALARS: &[&str] = &[
    "a",
    "plain text",
    "it's",
    "x#y",
    "a:b",
    "-x",
    "http://x/y?z=1",
    "ä😀",
    "~",
    "null",
    "true",
    "False",
    "yes",
    "0",
    "-17",
    "+5",
    "017",
    "0o17",
    "0x1F",
    "1_000",
    "1.5",
    "-1e3",
    ".5",
    "5.",
    "1:30",
    "2027-03-31",
    "'it''s'",
    "''",
    "' a '",
    "\"\"",
    "\"a\\n\\t\\\"b\\u00e4\\x41\"",
    "\"a: b\"",
    "'#'",
    "<<",
    "&x a",
    "&x [a, {b: c}]",
    "*x",
    "&y *x",
    "!t a",
    "!!str 5",
    ".inf",
    ".nan",
    "99999999999999999999",
    "9223372036854775807",
    "-9223372036854775809",
    "=",
    "?",
    "a b\tc",
];

/// Values over several lines; each line after the first is indented by the writer.
const BLOCKS: &[&str] = &[
    "|\nfirst\n  second\n\nthird",
    ">\nfolded\nline\n\n  kept\nend",
    "|-\nx\n",
    ">+\nx\n\n",
    "|2-\n  x",
    "\"double\n  quoted\\\n  text\"",
    "'single\n\n  quoted'",
    "plain\nover lines",
];

/// A document before it is written.
#[derive(Debug, Clone)]
enum Tree {
    Scalar(&'static str),
    Block(&'static str),
    Seq(Vec<Tree>),
    Map(Vec<(&'static str, Tree)>),
    FlowSeq(Vec<Tree>),
    FlowMap(Vec<(&'static str, Tree)>),
    Commented(&'static str, Box<Tree>),
}

fn tree() -> impl Strategy<Value = Tree> {
    let keys = || {
        select(vec![
            "a", "b", "c", "long key", "\"q k\"", "'s'", "k1", "1", "? x", "true", "ä", "a",
        ])
    };
    let leaf = prop_oneof![
        6 => select(SCALARS).prop_map(Tree::Scalar),
        1 => select(BLOCKS).prop_map(Tree::Block),
    ];
    leaf.prop_recursive(5, 40, 5, move |inner| {
        let list = || prop::collection::vec(inner.clone(), 0..5);
        let entries = || prop::collection::vec((keys(), inner.clone()), 0..5);
        prop_oneof![
            3 => list().prop_map(Tree::Seq),
            5 => entries().prop_map(Tree::Map),
            1 => list().prop_map(Tree::FlowSeq),
            1 => entries().prop_map(Tree::FlowMap),
            1 => (select(vec![" # c", "\n# c: [", " &z", "  "]), inner.clone())
                .prop_map(|(comment, tree)| Tree::Commented(comment, Box::new(tree))),
        ]
    })
}

impl Tree {
    /// Writes it behind a key or a dash.
    fn write(&self, indent: usize, out: &mut String) {
        let blanks = " ".repeat(indent);
        match self {
            Self::Scalar(text) => {
                let _ = write!(out, " {text}");
            }
            Self::Block(text) => {
                let _ = write!(out, " {}", text.replace('\n', &format!("\n{blanks} ")));
            }
            Self::Commented(comment, tree) => {
                out.push_str(comment);
                tree.write(indent, out);
            }
            Self::Seq(elements) => {
                for element in elements {
                    let _ = write!(out, "\n{blanks}-");
                    element.write(indent + 2, out);
                }
            }
            Self::Map(entries) => {
                for (key, value) in entries {
                    let _ = write!(out, "\n{blanks}{key}:");
                    value.write(indent + 2, out);
                }
            }
            Self::FlowSeq(elements) => {
                out.push_str(" [");
                for element in elements {
                    element.write(indent + 2, out);
                    out.push(',');
                }
                out.push_str(" ]");
            }
            Self::FlowMap(entries) => {
                out.push_str(" {");
                for (key, value) in entries {
                    let _ = write!(out, " {key}:");
                    value.write(indent + 2, out);
                    out.push_str(", ");
                }
                out.push('}');
            }
        }
    }
}

/// A text that could be the file of a careless person: whole, or with something odd in it.
fn written() -> impl Strategy<Value = String> {
    let slips = prop::collection::vec((any::<Index>(), select(FRAGMENTS)), 0..3);
    let dress = select(vec![
        "",
        "",
        "",
        "\u{feff}",
        "crlf",
        "\u{feff}---\n",
        "# c\n",
    ]);
    (tree(), slips, dress).prop_map(|(tree, slips, dress)| {
        let mut text = String::new();
        tree.write(0, &mut text);
        let mut text = text.trim_start_matches(['\n', ' ']).to_owned() + "\n";
        for (at, fragment) in slips {
            let at = text.floor_char_boundary(at.index(text.len()));
            text.insert_str(at, fragment);
        }
        match dress {
            "crlf" => text.replace('\n', "\r\n"),
            dress => format!("{dress}{text}"),
        }
    })
}

fn any_text() -> impl Strategy<Value = String> {
    let fragments = prop::collection::vec(select(FRAGMENTS), 0..60);
    let bytes = prop::collection::vec(any::<u8>(), 0..120);
    prop_oneof![
        4 => written(),
        2 => fragments.prop_map(|parts| parts.concat()),
        1 => bytes.prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
        1 => ".{0,80}",
    ]
}

/// A value that every reader understands alike.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1.0e6..1.0e6).prop_map(|number: f64| Value::from(number)),
        "[ -~äß😀\n]{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 5, |inner| {
        let list = prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from);
        let map = prop::collection::vec(("[a-z~/ ä]{1,6}", inner), 0..5)
            .prop_map(|entries| Value::Object(entries.into_iter().collect()));
        prop_oneof![list, map]
    })
}

fn source(text: &str) -> Arc<Source> {
    Arc::new(Source::new("x.yaml", text))
}

/// Every part of a tree lies in its parent, behind what stands before it.
fn parts_are_in_order(node: &Node<'_>, text: &str) -> Result<(), TestCaseError> {
    let mut parts = Vec::new();
    for element in node.elements() {
        parts.push(element.span);
        parts_are_in_order(element, text)?;
    }
    for (key, value) in node.entries() {
        parts.extend([key.span, value.span]);
        parts_are_in_order(value, text)?;
    }
    let mut reached = node.span.start;
    for part in parts {
        prop_assert!(text.get(part.range()).is_some(), "{part:?}");
        // What an alias stands for stands elsewhere.
        if !text.contains('*') {
            prop_assert!(part.start >= reached, "{part:?} begins before {reached}");
            prop_assert!(
                part.end <= node.span.end,
                "{part:?} is not in {:?}",
                node.span
            );
            reached = part.end;
        }
    }
    Ok(())
}

fn pointers_lead_there(
    node: &Node<'_>,
    key: Option<Span>,
    pointer: &str,
    places: &Places,
) -> Result<(), TestCaseError> {
    let value = Some(node.span).filter(|span| !span.is_empty());
    let at = |part| places.at(pointer, part);
    prop_assert_eq!(at(Part::Value), value.or(key).unwrap_or(node.span));
    prop_assert_eq!(at(Part::Key), key.unwrap_or(node.span));
    for (index, element) in node.elements().iter().enumerate() {
        pointers_lead_there(element, None, &format!("{pointer}/{index}"), places)?;
    }
    for (key, value) in node.entries() {
        let name = key.name.replace('~', "~0").replace('/', "~1");
        pointers_lead_there(value, Some(key.span), &format!("{pointer}/{name}"), places)?;
    }
    Ok(())
}

/// What ours and the other one read, where neither finds anything wrong.
fn both(text: &str) -> Option<(Value, Value)> {
    let source = source(text);
    let document = read(&source);
    let root = document.root.filter(|_| document.findings.is_empty())?;
    let ours = from_node(&root).unwrap();
    // With a byte order mark theirs sees another document.
    let theirs = serde_yaml::from_str(source.text()).ok()?;
    Some((ours, theirs))
}

/// Where the two may differ; ours goes by YAML 1.2.
///
/// Theirs takes whole numbers that begin with a zero for texts, and ends lines at U+0085,
/// U+2028 and U+2029, as YAML 1.1 did; within brackets it takes any `?` for the sign of a
/// key. A file that is nothing but one text in a block may stand without indentation; theirs
/// wants one.
fn agree(text: &str, ours: &Value, theirs: &Value) -> bool {
    let has_old_breaks = text.contains(['\u{85}', '\u{2028}', '\u{2029}']);
    let is_one_block = ours.is_string() && text.contains(['|', '>']);
    let has_old_keys = text.contains('?') && text.contains(['{', '[']);
    has_old_breaks || has_old_keys || is_one_block || same(ours, theirs)
}

fn same(ours: &Value, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Value::Number(number), Value::String(text)) => {
            let digits = text.trim_start_matches(['-', '+']);
            digits.len() > 1
                && digits.starts_with('0')
                && text.parse() == Ok(number.as_i64().unwrap_or(-1))
        }
        (Value::Array(ours), Value::Array(theirs)) => {
            ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(a, b)| same(a, b))
        }
        (Value::Object(ours), Value::Object(theirs)) => {
            let mut pairs = ours.iter().zip(theirs);
            ours.len() == theirs.len() && pairs.all(|((a, x), (b, y))| a == b && same(x, y))
        }
        _ => ours == theirs,
    }
}

#[test]
fn the_known_differences_are_as_told() {
    for (text, expected_of_us, expected_of_them) in [
        ("017\n", json!(17), json!("017")),
        ("a\u{85}b", json!("a\u{85}b"), json!("a b")),
        ("a\u{2028}\n", json!("a\u{2028}"), json!("a")),
        (
            "{ ?---\n x: 1, }\n",
            json!({"?--- x": 1}),
            json!({"--- x": 1}),
        ),
        ("|-\n#\n", json!("#"), json!("")),
    ] {
        let (ours, theirs) = both(text).unwrap_or_else(|| panic!("{text:?}"));
        assert_eq!(
            (&ours, &theirs),
            (&expected_of_us, &expected_of_them),
            "{text:?}"
        );
        assert!(agree(text, &ours, &theirs), "{text:?}");
    }
}

#[test]
fn every_file_of_the_repository_has_the_values_that_serde_yaml_sees() {
    let mut files = 0;
    for entry in ignore::Walk::new(env!("CARGO_MANIFEST_DIR")) {
        let entry = entry.unwrap();
        let extension = entry.path().extension().and_then(|e| e.to_str());
        if !matches!(extension, Some("yaml" | "yml")) {
            continue;
        }
        let text = fs_err::read_to_string(entry.path()).unwrap_or_default();
        if let Some((ours, theirs)) = both(&text) {
            files += 1;
            assert!(agree(&text, &ours, &theirs), "{}", entry.path().display());
        }
    }
    assert!(files > 50, "{files}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_the_reader_panic(text in any_text()) {
        let source = source(&text);
        let document = read(&source);
        for finding in &document.findings {
            prop_assert!(source.text().get(finding.span.range()).is_some(), "{finding:?}");
            for related in &finding.related {
                prop_assert!(source.text().get(related.span.range()).is_some(), "{related:?}");
            }
        }
        prop_assert!(document.root.is_some() || !document.findings.is_empty());
    }

    #[test]
    fn every_value_lies_in_what_holds_it(text in any_text()) {
        let source = source(&text);
        if let Some(root) = read(&source).root {
            prop_assert!(source.text().get(root.span.range()).is_some(), "{:?}", root.span);
            parts_are_in_order(&root, source.text())?;
        }
    }

    #[test]
    fn every_pointer_leads_to_its_place(text in any_text()) {
        let source = source(&text);
        if let Some(root) = read(&source).root {
            pointers_lead_there(&root, None, "", &Places::of(&root))?;
        }
    }

    #[test]
    fn every_text_that_both_read_has_the_same_values(text in any_text()) {
        if let Some((ours, theirs)) = both(&text) {
            prop_assert!(agree(&text, &ours, &theirs), "{text}\n{ours}\n{theirs}");
        }
    }

    #[test]
    fn our_reader_and_serde_yaml_see_the_same_values(expected in value()) {
        let text = serde_yaml::to_string(&expected).unwrap();
        let theirs: Value = serde_yaml::from_str(&text).unwrap();
        // A file that holds nothing but `null` counts as one all the same.
        let source = source(&text);
        let document = read(&source);
        prop_assert!(document.findings.is_empty(), "{text}\n{:?}", document.findings);
        let ours: Value = from_node(&document.root.unwrap()).unwrap();
        prop_assert_eq!(&ours, &theirs, "{}", text);
        prop_assert_eq!(&ours, &expected, "{}", text);
    }
}
