//! What counts as the same answer.
//!
//! Owns placeholders and the rules of `tests/contract/README.md`, "Comparing".

use std::collections::BTreeMap;

use regex::Regex;
use serde_json::Value;

/// How answers of one step are compared.
pub(super) struct Rules<'r> {
    /// Keys whose values differ from run to run.
    pub(super) volatile: &'r [String],
    /// Keys of arrays without an order.
    pub(super) unordered: &'r [String],
    /// The path of the request.
    pub(super) path: &'r str,
}

/// Ends of paths whose answer is a list without an order.
const UNORDERED_PATHS: [&str; 5] = [
    "/members",
    "/property_fields",
    "/property_values",
    "/users/usernames",
    "/roles/names",
];

impl Rules<'_> {
    fn is_unordered(&self, at: &str, key: &str) -> bool {
        let path = self.path.split('?').next().unwrap_or_default();
        self.unordered.iter().any(|known| known == key)
            || at.is_empty()
                && (UNORDERED_PATHS.iter().any(|end| path.ends_with(end))
                    || path.contains("/actions/channels/"))
            || at == "/items" && path.ends_with("/conditions")
    }
}

/// What placeholders stand for.
#[derive(Clone)]
pub(super) struct Bindings {
    known: BTreeMap<String, String>,
    placeholder: Regex,
}

impl Bindings {
    pub(super) fn new(known: BTreeMap<String, String>) -> Self {
        let placeholder = Regex::new(r"\{\{([a-z0-9_]+)\}\}").unwrap();
        Self { known, placeholder }
    }

    /// A text with its placeholders filled in.
    pub(super) fn filled(&self, text: &str) -> Result<String, String> {
        let filled = self
            .placeholder
            .replace_all(text, |found: &regex::Captures<'_>| {
                let whole = found[0].to_owned();
                self.known.get(&found[1]).cloned().unwrap_or(whole)
            });
        match self.placeholder.find(&filled) {
            Some(unknown) if !self.known.contains_key(unknown.as_str()) => {
                Err(format!("`{}` never appeared", unknown.as_str()))
            }
            _ => Ok(filled.into_owned()),
        }
    }

    /// Learns what placeholders stand for, wherever two values have the same shape.
    pub(super) fn learn(&mut self, expected: &Value, actual: &Value) {
        match (expected, actual) {
            (Value::String(expected), Value::String(actual)) => {
                let _ = self.matches(expected, actual);
            }
            (Value::Array(expected), Value::Array(actual)) => {
                for (expected, actual) in expected.iter().zip(actual) {
                    self.learn(expected, actual);
                }
            }
            (Value::Object(expected), Value::Object(actual)) => {
                for (key, expected) in expected {
                    if let Some(actual) = actual.get(key) {
                        self.learn(expected, actual);
                    }
                }
            }
            _ => {}
        }
    }

    /// Compares a text that may hold placeholders, and learns what they stand for.
    pub(super) fn matches(&mut self, expected: &str, actual: &str) -> Result<(), String> {
        if expected == actual {
            return Ok(());
        }
        let mut pattern = "(?s)^".to_owned();
        let mut names: Vec<String> = Vec::new();
        let mut end = 0;
        for found in self.placeholder.captures_iter(expected) {
            let whole = found.get(0).unwrap();
            pattern.push_str(&regex::escape(&expected[end..whole.start()]));
            if let Some(value) = self.known.get(&found[1]) {
                pattern.push_str(&regex::escape(value));
            } else if names.iter().any(|name| *name == found[1]) {
                pattern.push_str("[A-Za-z0-9]+?");
            } else {
                pattern.push_str("([A-Za-z0-9]+?)");
                names.push(found[1].to_owned());
            }
            end = whole.end();
        }
        pattern.push_str(&regex::escape(&expected[end..]));
        pattern.push('$');
        let differs = || {
            let (expected, actual) = (shortened(expected), shortened(actual));
            format!("`{actual}` instead of `{expected}`")
        };
        let pattern = Regex::new(&pattern).map_err(|error| error.to_string())?;
        let found = pattern.captures(actual).ok_or_else(differs)?;
        for (place, name) in names.into_iter().enumerate() {
            self.known.insert(name, found[place + 1].to_owned());
        }
        Ok(())
    }
}

/// Writes `$repeat` and `$list` out.
pub(super) fn expand(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            if let Some([what, times]) = map
                .get("$repeat")
                .and_then(Value::as_array)
                .map(Vec::as_slice)
            {
                let times = usize::try_from(times.as_u64().unwrap()).unwrap();
                return what.as_str().unwrap().repeat(times).into();
            }
            if let Some([what, times]) = map
                .get("$list")
                .and_then(Value::as_array)
                .map(Vec::as_slice)
            {
                let times = usize::try_from(times.as_u64().unwrap()).unwrap();
                return vec![expand(what.clone()); times].into();
            }
            map.into_iter()
                .map(|(key, value)| (key, expand(value)))
                .collect()
        }
        Value::Array(list) => list.into_iter().map(expand).collect(),
        value => value,
    }
}

/// Compares an answer, learns placeholders, and tells every difference.
pub(super) fn same(
    expected: &Value,
    actual: &Value,
    rules: &Rules<'_>,
    bindings: &mut Bindings,
    found: &mut Vec<String>,
) {
    Comparison { rules, found }.value("", "", expected, actual, bindings);
}

struct Comparison<'c> {
    rules: &'c Rules<'c>,
    found: &'c mut Vec<String>,
}

impl Comparison<'_> {
    fn differ(&mut self, at: &str, expected: &Value, actual: &Value) {
        let (expected, actual) = (expected.to_string(), actual.to_string());
        let (expected, actual) = (shortened(&expected), shortened(&actual));
        self.found
            .push(format!("{at}: {actual} instead of {expected}"));
    }

    fn value(
        &mut self,
        at: &str,
        key: &str,
        expected: &Value,
        actual: &Value,
        bindings: &mut Bindings,
    ) {
        if self.rules.volatile.iter().any(|volatile| volatile == key) {
            return self.volatile(at, key, expected, actual, bindings);
        }
        match (expected, actual) {
            (Value::Object(expected), Value::Object(actual)) => {
                self.object(at, expected, actual, bindings);
            }
            (Value::Array(wanted), Value::Array(given)) => {
                if wanted.len() != given.len() {
                    return self.differ(at, expected, actual);
                }
                if wanted.iter().all(Value::is_string) || self.rules.is_unordered(at, key) {
                    self.set(at, wanted, given, bindings);
                } else {
                    for (place, (wanted, given)) in wanted.iter().zip(given).enumerate() {
                        self.value(&format!("{at}/{place}"), "", wanted, given, bindings);
                    }
                }
            }
            (Value::String(wanted), Value::String(given)) => {
                if let (Some(wanted), Some(given)) = (json_in(wanted), json_in(given)) {
                    self.value(at, key, &wanted, &given, bindings);
                } else if key == "name" && wanted.contains("}}__{{") {
                    self.direct_name(at, wanted, given, bindings);
                } else if let Err(what) = bindings.matches(wanted, given) {
                    self.found.push(format!("{at}: {what}"));
                }
            }
            (Value::Number(wanted), Value::Number(given)) if wanted.as_f64() == given.as_f64() => {}
            (wanted, given) if wanted == given => {}
            _ => self.differ(at, expected, actual),
        }
    }

    fn volatile(
        &mut self,
        at: &str,
        key: &str,
        expected: &Value,
        actual: &Value,
        bindings: &mut Bindings,
    ) {
        let is_zero = |value: &Value| value.as_f64() == Some(0.0);
        if key.ends_with("_at") && is_zero(expected) != is_zero(actual) {
            self.differ(at, expected, actual);
        }
        // Later steps may use what stands here: a token, for instance.
        if let (Value::String(expected), Value::String(actual)) = (expected, actual)
            && expected.starts_with("{{")
        {
            let _ = bindings.matches(expected, actual);
        }
    }

    fn object(
        &mut self,
        at: &str,
        expected: &serde_json::Map<String, Value>,
        actual: &serde_json::Map<String, Value>,
        bindings: &mut Bindings,
    ) {
        let mut rest: Vec<&String> = actual.keys().collect();
        for (key, wanted) in expected {
            let name = bindings.filled(key).unwrap_or_else(|_| key.clone());
            let place = format!("{at}/{name}");
            // A placeholder that was not seen before can only be learned from what is left.
            let given = actual.get_key_value(&name).or_else(|| {
                let unseen = key.starts_with("{{");
                let left = rest.iter().find(|left| !expected.contains_key(**left));
                left.filter(|_| unseen)
                    .and_then(|left| actual.get_key_value(*left))
            });
            let Some((name, given)) = given else {
                self.found.push(format!("{place}: is missing"));
                continue;
            };
            let _ = bindings.matches(key, name);
            rest.retain(|left| *left != name);
            self.value(&place, key, wanted, given, bindings);
        }
        for key in rest {
            let value = actual[key].to_string();
            self.found.push(format!(
                "{at}/{key}: was not recorded ({})",
                shortened(&value)
            ));
        }
    }

    fn set(&mut self, at: &str, expected: &[Value], actual: &[Value], bindings: &mut Bindings) {
        let mut left: Vec<&Value> = actual.iter().collect();
        // Elements without unknown placeholders first: they leave less to guess.
        let mut wanted: Vec<&Value> = expected.iter().collect();
        wanted.sort_by_key(|value| bindings.filled(&value.to_string()).is_err());
        for value in wanted {
            let fitting = left.iter().position(|candidate| {
                let mut trial = bindings.clone();
                let mut found = Vec::new();
                let mut comparison = Comparison {
                    rules: self.rules,
                    found: &mut found,
                };
                comparison.value(at, "", value, candidate, &mut trial);
                if found.is_empty() {
                    *bindings = trial;
                }
                found.is_empty()
            });
            match fitting {
                Some(place) => {
                    left.remove(place);
                }
                None => self.found.push(format!(
                    "{at}: {} is not among {}",
                    shortened(&value.to_string()),
                    shortened(&serde_json::to_string(&left).unwrap())
                )),
            }
        }
    }

    /// Direct channels are called `<id>__<id>`, the smaller id first.
    fn direct_name(&mut self, at: &str, expected: &str, actual: &str, bindings: &Bindings) {
        let mut parts: Vec<&str> = actual.split("__").collect();
        let filled = bindings.filled(expected).unwrap_or_default();
        let mut wanted: Vec<&str> = filled.split("__").collect();
        wanted.sort_unstable();
        parts.sort_unstable();
        if wanted != parts {
            self.found
                .push(format!("{at}: `{actual}` instead of `{expected}`"));
        }
    }
}

fn json_in(text: &str) -> Option<Value> {
    let json = (text.starts_with('{') && !text.starts_with("{{")) || text.starts_with('[');
    json.then(|| serde_json::from_str(text).ok()).flatten()
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= 160 {
        return text.to_owned();
    }
    let start: String = text.chars().take(160).collect();
    format!("{start}…")
}
