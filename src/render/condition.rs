//! Conditions in words: `only when vendor is Acme or Beta`.

use crate::model::When;

/// The condition as the rest of a sentence about a task.
///
/// A condition that asks for nothing says so: the task is always there.
#[must_use]
pub fn in_words(when: &When) -> String {
    match parts(when).as_slice() {
        [] => "always".to_owned(),
        parts => format!("only when {}", parts.join(", and ")),
    }
}

/// What all has to hold.
fn parts(when: &When) -> Vec<String> {
    let attributes = when.attributes.iter();
    let mut parts: Vec<String> = attributes
        .map(|(key, values)| is(key.as_str(), values))
        .collect();
    match when.any.as_slice() {
        [] => {}
        [only] => parts.extend(self::parts(only)),
        several => {
            let several: Vec<String> = several.iter().map(grouped).collect();
            parts.push(format!("either {}", several.join(" or ")));
        }
    }
    parts.extend(when.not.as_deref().and_then(is_not));
    parts
}

fn is(key: &str, values: &[String]) -> String {
    format!("{key} is {}", choices(values, "or"))
}

/// The opposite. Of one attribute it reads as a sentence, of more as a bracket.
fn is_not(when: &When) -> Option<String> {
    let mut attributes = when.attributes.iter();
    match (attributes.next(), attributes.next()) {
        (Some((key, values)), None) if when.any.is_empty() && when.not.is_none() => {
            Some(match values.as_slice() {
                [_, _, ..] => format!("{key} is neither {}", choices(values, "nor")),
                values => format!("{key} is not {}", choices(values, "nor")),
            })
        }
        _ => match parts(when).as_slice() {
            [] => None,
            parts => Some(format!("not ({})", parts.join(", and "))),
        },
    }
}

fn grouped(when: &When) -> String {
    match parts(when).as_slice() {
        [] => "always".to_owned(),
        [one] => one.clone(),
        several => format!("({})", several.join(", and ")),
    }
}

fn choices(values: &[String], word: &str) -> String {
    match values {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [all @ .., last] => format!("{} {word} {last}", all.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(when: serde_json::Value) -> String {
        in_words(&serde_json::from_value(when).unwrap())
    }

    #[test]
    fn a_condition_reads_as_a_sentence() {
        use serde_json::json;
        for (when, words) in [
            (json!({}), "always"),
            (json!({ "vendor": ["Acme"] }), "only when vendor is Acme"),
            (
                json!({ "vendor": ["Acme", "Beta"], "not": { "severity": ["sev3"] } }),
                "only when vendor is Acme or Beta, and severity is not sev3",
            ),
            (
                json!({ "not": { "severity": ["sev2", "sev3", "sev4"] } }),
                "only when severity is neither sev2, sev3 nor sev4",
            ),
            (
                json!({ "any": [{ "a": ["1"], "b": ["2"] }, { "c": ["3"] }] }),
                "only when either (a is 1, and b is 2) or c is 3",
            ),
            (
                json!({ "any": [{ "a": ["1"] }], "not": { "b": ["2"], "c": ["3"] } }),
                "only when a is 1, and not (b is 2, and c is 3)",
            ),
            (
                json!({ "not": { "not": { "a": ["1"] } } }),
                "only when not (a is not 1)",
            ),
        ] {
            assert_eq!(said(when), words);
        }
    }
}
