//! The block between two lines of `---` at the top of a template: its inputs.
//!
//! Owns where the body begins and what `inputs:` may say. Names of inputs become
//! variables, so they must be identifiers and must not hide what warroom provides.

use std::ops::Range;

use serde::Deserialize;

use super::problem::{ProblemKind, TemplateProblem};
use super::vocabulary;

/// The longest front matter, in bytes: a guard for the YAML reader.
const LONGEST: usize = 8_192;

/// A value that a template asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// Its name as a variable and in `--set`.
    pub key: String,
    /// The question put to people.
    pub ask: String,
    /// Whether there is no update without it.
    pub required: bool,
    /// The value when none is given.
    pub default: Option<String>,
}

/// What stands before the body.
#[derive(Debug)]
pub(super) struct FrontMatter {
    /// The byte at which the body begins.
    pub(super) body: usize,
    pub(super) inputs: Vec<Input>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "`inputs:`")]
struct Written {
    #[serde(default)]
    inputs: serde_yaml::Mapping,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "`{ ask: … }`")]
struct WrittenInput {
    ask: String,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    default: Option<String>,
}

/// Reads the front matter of a file.
pub(super) fn read(text: &str) -> Result<FrontMatter, TemplateProblem> {
    let without_mark = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mark = text.len() - without_mark.len();
    let Some(yaml) = block(text, mark)? else {
        return Ok(FrontMatter {
            body: mark,
            inputs: Vec::new(),
        });
    };
    let inside = &text[yaml.inside.clone()];
    let whole = yaml.inside.clone();
    let wrong = |message: String, range: Range<usize>| {
        TemplateProblem::new(ProblemKind::FrontMatter, message, range)
            .help("write `inputs:` with a line `KEY: { ask: …, required: true }` for each input")
    };
    if inside.len() > LONGEST {
        let message = format!(
            "the front matter has {} bytes, the limit is {LONGEST}",
            inside.len()
        );
        return Err(wrong(message, mark..mark + 3));
    }
    let written: Option<Written> = serde_yaml::from_str(inside).map_err(|error| {
        let at = error
            .location()
            .map_or(whole.start, |l| whole.start + l.index());
        wrong(
            format!("the front matter cannot be read: {}", reason(&error)),
            line_at(text, at.min(whole.end)),
        )
    })?;
    let mut inputs = Vec::new();
    for (key, value) in written.map(|w| w.inputs).unwrap_or_default() {
        let Some(key) = key.as_str().map(str::to_owned) else {
            return Err(wrong("the name of an input is not text".to_owned(), whole));
        };
        let place = key_place(text, &whole, &key);
        if !is_identifier(&key) {
            return Err(wrong(
                format!(
                    "`{key}` cannot be the name of an input; use lower-case letters, digits and `_`"
                ),
                place,
            ));
        }
        if vocabulary::is_reserved(&key) {
            return Err(wrong(
                format!(
                    "`{key}` cannot be the name of an input: warroom provides a value of that name"
                ),
                place,
            ));
        }
        let input: WrittenInput = serde_yaml::from_value(value).map_err(|error| {
            wrong(
                format!("the input `{key}` cannot be read: {}", reason(&error)),
                place,
            )
        })?;
        inputs.push(Input {
            key,
            ask: input.ask,
            required: input.required,
            default: input.default,
        });
    }
    Ok(FrontMatter {
        body: yaml.end,
        inputs,
    })
}

/// What the reader says, in the words of the other messages and without its count of lines:
/// that begins behind the `---`, and the problem has a place of its own.
fn reason(error: &serde_yaml::Error) -> String {
    let mut words = error.to_string();
    while let Some(start) = words.find(" at line ") {
        let rest = &words[start + " at line ".len()..];
        let place = |c: char| c.is_ascii_digit();
        let rest = rest.trim_start_matches(place);
        let rest = rest.strip_prefix(" column ").unwrap_or(rest);
        let rest = rest.trim_start_matches(place).to_owned();
        words.truncate(start);
        words.push_str(&rest);
    }
    for (theirs, ours) in [
        ("invalid type: ", "found "),
        ("found string ", "found "),
        ("found sequence", "found a list"),
        ("found map", "found a mapping"),
        ("expected a boolean", "expected `true` or `false`"),
        ("expected a string", "expected text"),
        ("expected a YAML mapping", "expected a mapping"),
    ] {
        words = words.replacen(theirs, ours, 1);
    }
    words
}

struct Block {
    inside: Range<usize>,
    end: usize,
}

/// Finds the block between two lines of three dashes.
fn block(text: &str, start: usize) -> Result<Option<Block>, TemplateProblem> {
    let rest = &text[start..];
    let mut lines = rest.split_inclusive('\n');
    let Some(first) = lines.next().filter(|line| line.trim_end() == "---") else {
        return Ok(None);
    };
    let inside = start + first.len();
    let mut at = inside;
    for line in lines {
        let next = at + line.len();
        if line.trim_end() == "---" {
            return Ok(Some(Block {
                inside: inside..at,
                end: next,
            }));
        }
        at = next;
    }
    let problem = TemplateProblem::new(
        ProblemKind::FrontMatter,
        "the front matter has no end".to_owned(),
        start..start + 3,
    );
    Err(problem.help("close it with a line `---`"))
}

/// The line around a byte, without its break.
fn line_at(text: &str, at: usize) -> Range<usize> {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let start = text[..at].rfind('\n').map_or(0, |n| n + 1);
    let end = text[at..].find('\n').map_or(text.len(), |n| at + n);
    start..end
}

/// Where a key stands: the first line that begins with it, else the whole block.
fn key_place(text: &str, whole: &Range<usize>, key: &str) -> Range<usize> {
    let mut at = whole.start;
    for line in text[whole.clone()].split_inclusive('\n') {
        let indent = line.len() - line.trim_start().len();
        if let Some(rest) = line[indent..].strip_prefix(key)
            && rest.trim_start().starts_with(':')
        {
            return at + indent..at + indent + key.len();
        }
        at += line.len();
    }
    whole.clone()
}

fn is_identifier(key: &str) -> bool {
    key.len() <= 64
        && key.starts_with(|c: char| c.is_ascii_lowercase())
        && key
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    #[test]
    fn inputs_keep_their_order_and_the_body_its_place() {
        let text = "---\n# why\ninputs:\n  impact: { ask: What is down?, required: true }\n  next: { ask: Next?, default: we look }\n---\nBody";
        let front = read(text).unwrap();
        assert_eq!(&text[front.body..], "Body");
        let keys: Vec<_> = front.inputs.iter().map(|i| i.key.as_str()).collect();
        assert_eq!(keys, ["impact", "next"]);
        assert!(front.inputs[0].required);
        assert_eq!(front.inputs[1].default.as_deref(), Some("we look"));
    }

    #[test]
    fn a_rule_of_dashes_further_down_is_no_front_matter() {
        let front = read("Body\n---\nmore").unwrap();
        assert_eq!(front.body, 0);
        assert!(front.inputs.is_empty());
    }

    #[test]
    fn mistakes_in_the_front_matter_have_a_place() {
        for (text, place) in [
            ("---\ninputs:\n", "---"),
            (
                "---\ninputs: { incident: { ask: x } }\n---\n",
                "inputs: { incident: { ask: x } }\n",
            ),
            ("---\ninputs:\n  Impact: { ask: x }\n---\n", "Impact"),
            ("---\ninputs:\n  now: { ask: x }\n---\n", "now"),
            ("---\ninputs:\n  impact: { aks: x }\n---\n", "impact"),
            ("---\ninputs: [\n---\n", "---"),
        ] {
            let problem = read(text).unwrap_err();
            assert_eq!(problem.what, ProblemKind::FrontMatter, "{text}");
            assert!(
                !text[problem.range.clone()].is_empty() || text.contains('['),
                "{text}"
            );
            if !text.contains('[') {
                assert_eq!(&text[problem.range], place, "{text}");
            }
        }
    }

    #[test]
    fn messages_speak_of_yaml_and_of_one_place() {
        let messages = [
            "---\n[1]\n---\n",
            "---\nx\n---\n",
            "---\ninputs: [a]\n---\n",
            "---\ninputs: { a: ask }\n---\n",
            "---\ninputs: { a: { ask: [1] } }\n---\n",
            "---\ninputs: {\n---\n",
            "---\ninput: {}\n---\n",
        ]
        .map(|text| read(text).unwrap_err().message)
        .join("\n");
        for word in ["struct", "Written", " at line ", "column"] {
            assert!(!messages.contains(word), "{messages}");
        }
        insta::assert_snapshot!(messages, @r#"
        the front matter cannot be read: found a list, expected `inputs:`
        the front matter cannot be read: found "x", expected `inputs:`
        the front matter cannot be read: inputs: found a list, expected a mapping
        the input `a` cannot be read: found "ask", expected `{ ask: … }`
        the input `a` cannot be read: found a list, expected text
        the front matter cannot be read: did not find expected node content, while parsing a flow node
        the front matter cannot be read: unknown field `input`, expected `inputs`
        "#);
    }

    #[test]
    fn an_alias_bomb_does_not_explode() {
        let mut text = "---\na0: &a0 [x,x,x,x,x,x,x,x,x]\n".to_owned();
        for n in 1..9 {
            let aliases = vec![format!("*a{}", n - 1); 9].join(",");
            let _ = writeln!(text, "a{n}: &a{n} [{aliases}]");
        }
        text.push_str("---\n");
        assert!(read(&text).is_err());
    }
}
