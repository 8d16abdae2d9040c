//! Generated parts of a document, and keeping what people wrote around them.
//!
//! A generated part stands between two marker lines. A second export replaces what
//! stands between them and nothing else; a part that somebody removed stays removed.
//! A document whose markers are damaged is not touched at all.

use std::collections::BTreeMap;

/// Why a document cannot be merged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct Damage {
    /// The line, from 1; 0 for the document as a whole.
    pub line: usize,
    /// What is wrong.
    pub reason: String,
}

/// Puts a generated part between its markers.
pub(super) fn generated(name: &str, content: &str) -> String {
    let content = content.trim_end();
    let space = if content.is_empty() { "" } else { "\n" };
    format!("<!-- begin:generated {name} -->\n{content}{space}<!-- end:generated {name} -->")
}

/// The same for front matter, where only YAML comments may stand.
pub(super) fn generated_yaml(name: &str, content: &str) -> String {
    let content = content.trim_end();
    format!("# begin:generated {name}\n{content}\n# end:generated {name}")
}

/// Takes the generated parts of `fresh` into `existing`, with its line breaks.
pub(super) fn merge(existing: &str, fresh: &str) -> Result<String, Damage> {
    let parts = parts(fresh)?;
    let present = split(existing)?;
    if !present
        .iter()
        .any(|piece| piece.name.as_deref() == Some(super::front_matter::BLOCK))
    {
        return Err(Damage {
            line: 0,
            reason: "the generated part of the front matter is gone".to_owned(),
        });
    }
    let breaks = existing.matches('\n').count();
    let is_crlf = existing.matches("\r\n").count() * 2 > breaks;
    let mut merged = String::with_capacity(existing.len().max(fresh.len()));
    for piece in present {
        let replacement = piece.name.as_ref().and_then(|name| parts.get(name));
        match replacement {
            Some(text) if is_crlf => merged.push_str(&text.replace('\n', "\r\n")),
            Some(text) => merged.push_str(text),
            None => merged.push_str(piece.text),
        }
    }
    Ok(merged)
}

struct Piece<'t> {
    /// Of a generated part.
    name: Option<String>,
    /// Its text, with the markers.
    text: &'t str,
}

fn parts(text: &str) -> Result<BTreeMap<String, String>, Damage> {
    let pieces = split(text)?;
    let parts = pieces
        .into_iter()
        .filter_map(|piece| Some((piece.name?, piece.text.to_owned())));
    Ok(parts.collect())
}

enum Marker<'t> {
    Begin(&'t str),
    End(&'t str),
}

fn marker(line: &str) -> Option<Marker<'_>> {
    let line = line.trim();
    let inside = line
        .strip_prefix("<!--")
        .and_then(|rest| rest.strip_suffix("-->"))
        .or_else(|| line.strip_prefix('#'))?
        .trim();
    if let Some(name) = inside.strip_prefix("begin:generated") {
        return Some(Marker::Begin(name.trim()));
    }
    inside
        .strip_prefix("end:generated")
        .map(|name| Marker::End(name.trim()))
}

/// Takes a document apart into generated parts and what stands between them.
fn split(text: &str) -> Result<Vec<Piece<'_>>, Damage> {
    let mut pieces = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    let mut open: Option<(&str, usize)> = None;
    let (mut start, mut at) = (0, 0);
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let damage = |reason: String| Damage {
            line: number + 1,
            reason,
        };
        match (marker(line), open) {
            (None, _) => {}
            (Some(Marker::Begin(name)), None) => {
                if name.is_empty() || seen.contains(&name) {
                    return Err(damage(format!("the generated part `{name}` begins twice")));
                }
                pieces.push(Piece {
                    name: None,
                    text: &text[start..at],
                });
                seen.push(name);
                open = Some((name, number));
                start = at;
            }
            (Some(Marker::Begin(name)), Some((other, _))) => {
                return Err(damage(format!(
                    "the generated part `{name}` begins inside `{other}`"
                )));
            }
            (Some(Marker::End(name)), Some((other, _))) if name == other => {
                // The line break behind the marker belongs to what follows.
                let end = at + line.trim_end_matches(['\n', '\r']).len();
                pieces.push(Piece {
                    name: Some(name.to_owned()),
                    text: &text[start..end],
                });
                open = None;
                start = end;
            }
            (Some(Marker::End(name)), _) => {
                return Err(damage(format!(
                    "the generated part `{name}` ends without a beginning"
                )));
            }
        }
        at += line.len();
    }
    if let Some((name, number)) = open {
        return Err(Damage {
            line: number + 1,
            reason: format!("the generated part `{name}` has no end"),
        });
    }
    pieces.push(Piece {
        name: None,
        text: &text[start..],
    });
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn document(facts: &str) -> String {
        let front = generated_yaml("front-matter", "id: x");
        format!(
            "---\n{front}\nstatus: draft\n---\n# T\n\n{}\n\n## Mine\n\n{}\n",
            generated("facts", facts),
            generated("gaps", "")
        )
    }

    #[test]
    fn text_between_generated_parts_survives() {
        let edited = document("old")
            .replace("status: draft", "status: reviewed\ntags: [a]")
            .replace("## Mine\n", "## Mine\n\nWe rolled back.\n");
        let merged = merge(&edited, &document("new")).unwrap();
        assert_eq!(merged, edited.replace("old", "new"));
    }

    #[test]
    fn a_document_keeps_its_line_breaks() {
        let crlf = |text: String| text.replace('\n', "\r\n");
        let merged = merge(&crlf(document("old")), &document("new\nlines")).unwrap();
        assert_eq!(merged, crlf(document("new\nlines")));
        assert_eq!(merge(&merged, &document("new\nlines")).unwrap(), merged);
    }

    #[test]
    fn a_removed_part_stays_removed_and_an_unknown_one_stays() {
        let edited = document("old").replace(&generated("gaps", ""), &generated("older", "x"));
        assert_eq!(
            merge(&edited, &document("new")).unwrap(),
            edited.replace("old\n", "new\n")
        );
    }

    #[test]
    fn damaged_markers_are_told_with_their_line() {
        let whole = document("old");
        for (damaged, reason) in [
            (
                whole.replace("<!-- end:generated facts -->", ""),
                "line 15: the generated part `gaps` begins inside `facts`",
            ),
            (
                whole.replace("<!-- begin:generated facts -->\n", ""),
                "line 10: the generated part `facts` ends without a beginning",
            ),
            (
                whole.replace("<!-- end:generated gaps -->", ""),
                "line 15: the generated part `gaps` has no end",
            ),
            (
                whole.replace("generated gaps", "generated facts"),
                "line 15: the generated part `facts` begins twice",
            ),
            (
                "# all mine".to_owned(),
                "line 0: the generated part of the front matter is gone",
            ),
        ] {
            assert_eq!(merge(&damaged, &whole).unwrap_err().to_string(), reason);
        }
    }

    proptest! {
        #[test]
        fn merging_the_same_again_changes_nothing(human in "([a-z #<!-]{0,20}\n){0,5}") {
            let edited = document("old").replace("## Mine\n", &format!("## Mine\n{human}"));
            if let Ok(once) = merge(&edited, &document("new")) {
                prop_assert!(once.contains(&human));
                prop_assert_eq!(merge(&once, &document("new")).unwrap(), once);
            }
        }
    }
}
