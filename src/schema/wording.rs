//! The words for what the schema asks for, and for what stands there instead.

use std::borrow::Cow;
use std::sync::LazyLock;

use jsonschema::JsonType;
use jsonschema::error::ValidationErrorKind as Error;
use regex::Regex;
use serde_json::Value;

use crate::diag::listed;
use crate::model::{
    Assign, Budget, ChannelName, Duration, Key, Person, TeamName, TextSource, Username, site_url,
    web_url,
};

static IS_DAY: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("^[0-9]{4}-[0-9]{2}-[0-9]{2}$").expect("a test uses it"));

/// A name that means the same inside the brackets of a list.
static IS_WORD: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("^[a-z~][a-z0-9:_.-]{0,40}$").expect("a test uses it"));

/// The texts of a finding.
pub(super) struct Wording {
    pub(super) message: String,
    pub(super) label: String,
    pub(super) help: Option<String>,
}

/// What people call a thing of the model, for things that stand in lists and under names of their own.
pub(super) fn thing(definition: &str) -> Option<&'static str> {
    Some(match definition {
        "Attribute" => "an attribute",
        "Checklist" => "a checklist",
        "Group" => "a group of Mattermost",
        "Metric" => "a metric",
        "Profile" => "a profile",
        "Role" => "a role",
        "SecretRef" => "a reference to a secret",
        "Severity" => "a severity",
        "Status" => "a status",
        "Task" => "a task",
        _ => return None,
    })
}

/// The last key of a pointer; an element is one of its list.
pub(super) fn short_name(pointer: &str) -> String {
    let unescaped = |segment: &str| segment.replace("~1", "/").replace("~0", "~");
    let mut segments = pointer.rsplit('/').filter(|segment| !segment.is_empty());
    let Some(name) = segments.next() else {
        return "the file".to_owned();
    };
    if name.bytes().all(|b| b.is_ascii_digit()) {
        match segments.find(|segment| !segment.bytes().all(|b| b.is_ascii_digit())) {
            Some(parent) => format!("an element of `{}`", shortened(&unescaped(parent))),
            None => "an element".to_owned(),
        }
    } else {
        format!("`{}`", shortened(&unescaped(name)))
    }
}

/// What a schema asks for.
pub(super) fn expected(types: &[JsonType], schema: Option<&Value>) -> String {
    let strings = |keyword: &str| -> Vec<&str> {
        let list = schema.and_then(|schema| schema.get(keyword)?.as_array());
        list.into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect()
    };
    let options = strings("enum");
    if !options.is_empty() {
        return format!("one of {}", listed(options));
    }
    let example = strings("examples").into_iter().next();
    let word = |kind: &JsonType| match (kind, example) {
        (JsonType::String, Some(example)) => format!("text such as `{example}`"),
        (JsonType::String, None) => "text".to_owned(),
        (JsonType::Array, _) => "a list".to_owned(),
        (JsonType::Object, _) => "a mapping".to_owned(),
        (JsonType::Boolean, _) => "`true` or `false`".to_owned(),
        (JsonType::Integer, _) => "a whole number".to_owned(),
        (JsonType::Number, _) => "a number".to_owned(),
        (JsonType::Null, _) => "nothing".to_owned(),
    };
    let words: Vec<String> = types.iter().map(word).collect();
    words.join(" or ")
}

/// What to write where something of another type stands.
pub(super) fn instead(types: &[JsonType], found: &Value, expected: &str) -> String {
    match (types, found) {
        ([JsonType::Array], Value::String(text)) if IS_WORD.is_match(text) => {
            format!("a list: `[{text}]`")
        }
        ([JsonType::Array], _) => "a list such as `[ONE, TWO]`".to_owned(),
        ([JsonType::String], _) => expected.replacen("text such as", "a value such as", 1),
        _ => expected.to_owned(),
    }
}

/// What stands there.
pub(super) fn found(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "`true` or `false`",
        Value::Number(number) if number.is_f64() => "a number with a fraction",
        Value::Number(_) => "a whole number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a mapping",
    }
}

/// What to say of a value that does not have the form it should.
pub(super) fn of_value(
    name: &str,
    value: &str,
    error: &Error,
    definition: Option<&str>,
    schema: Option<&Value>,
) -> Wording {
    let wording = |message: String, label: String| Wording {
        message,
        label,
        help: None,
    };
    match error {
        Error::MinLength { .. } if value.is_empty() => {
            wording(format!("{name} is empty"), "write something".to_owned())
        }
        Error::MaxLength { limit } => {
            let length = value.chars().count();
            wording(
                format!("{name} has {length} characters, and at most {limit} are allowed"),
                "shorten it".to_owned(),
            )
        }
        Error::MinItems { limit } => wording(
            format!("{name} has too few elements: at least {limit} is needed"),
            "add one".to_owned(),
        ),
        Error::MaxItems { limit } => wording(
            format!("{name} has more than {limit} elements"),
            "remove some".to_owned(),
        ),
        Error::Minimum { limit } => wording(
            format!("{name} is less than {limit}"),
            format!("write {limit} or more"),
        ),
        Error::Maximum { limit } => wording(
            format!("{name} is more than {limit}"),
            format!("write {limit} or less"),
        ),
        // The pattern holds, and something else does not: an example of the form says nothing.
        Error::Format { .. } if definition.is_some() => Wording {
            label: String::new(),
            ..of_form(name, value, definition, schema)
        },
        _ => of_form(name, value, definition, schema),
    }
}

/// Why a text that has no type of its own is refused, and what to write.
fn of_format(format: &str, value: &str) -> Option<(String, &'static str)> {
    let shown = shortened(value);
    Some(match format {
        "date" => {
            let why = match value.parse::<jiff::civil::Date>() {
                Err(_) if IS_DAY.is_match(value) => "not a day of the calendar",
                _ => "not a day",
            };
            (
                format!("`{shown}` is {why}"),
                "write a day such as `2027-05-31`",
            )
        }
        "warroom-folder" => (
            format!("`{shown}` is not a folder that warroom may write to"),
            "write a path such as `incidents`, without hidden folders",
        ),
        "warroom-site" => (
            site_url(value).err().map_or_else(
                || format!("`{shown}` is not an `https://` or `http://` address"),
                |error| error.to_string(),
            ),
            "write it as `https://chat.example.com`",
        ),
        "warroom-url" => (
            web_url(value).err().map_or_else(
                || format!("`{shown}` is not an `https://` or `http://` address"),
                |error| error.to_string(),
            ),
            "write it as `https://git.example.com/acme/playbooks/blob/main/{path}`",
        ),
        _ => return None,
    })
}

/// What to say of a text that does not have the form it should.
fn of_form(name: &str, value: &str, definition: Option<&str>, schema: Option<&Value>) -> Wording {
    let description = schema.and_then(|schema| schema["description"].as_str());
    let example = schema.and_then(|schema| schema["examples"].get(0)?.as_str());
    let format = schema.and_then(|schema| schema["format"].as_str());
    let of_format = format.and_then(|format| of_format(format, value));
    if let (None, Some((message, label))) = (definition, of_format) {
        return Wording {
            message,
            label: label.to_owned(),
            help: None,
        };
    }
    let message = definition
        .and_then(|definition| refusal(definition, &shortened(value)))
        .unwrap_or_else(|| format!("`{}` is not a value that {name} takes", shortened(value)));
    let label = match (definition.and_then(|d| repaired(d, value)), example) {
        (Some(repaired), _) => format!("write `{repaired}`"),
        (None, Some(example)) => format!("for example `{example}`"),
        (None, None) => String::new(),
    };
    let help = match definition {
        Some(_) => None,
        None => description.map(|description| of_field(name.trim_matches('`'), description)),
    };
    Wording {
        message,
        label,
        help,
    }
}

/// Why the model refuses a text: its own words are the best ones.
fn refusal(definition: &str, text: &str) -> Option<String> {
    fn why<T: std::str::FromStr<Err: std::fmt::Display>>(text: &str) -> Option<String> {
        text.parse::<T>().err().map(|error| error.to_string())
    }
    match definition {
        "Assign" => why::<Assign>(text),
        "Budget" => why::<Budget>(text),
        "ChannelName" => why::<ChannelName>(text),
        "Duration" | "MetricTarget" => why::<Duration>(text),
        "Key" => why::<Key>(text),
        "Person" => why::<Person>(text),
        "TeamName" => why::<TeamName>(text),
        "TextSource" => why::<TextSource>(text),
        "Username" => why::<Username>(text),
        _ => None,
    }
}

/// What was probably meant, if that is a value of its kind.
fn repaired(definition: &str, text: &str) -> Option<String> {
    fn valid<T: std::str::FromStr>(text: String) -> Option<String> {
        text.parse::<T>().is_ok().then_some(text)
    }
    let text = text.trim();
    if text.len() > 64 {
        return None;
    }
    let lower = text.to_lowercase();
    let hyphens = lower.replace([' ', '_', '.'], "-");
    let bare = lower.trim_start_matches(['@', '#', '~']);
    match definition {
        "ChannelName" => valid::<ChannelName>(format!("~{}", bare.replace(' ', "-"))),
        "Duration" | "MetricTarget" => valid::<Duration>(spelled_out(&lower)),
        "Key" => valid::<Key>(hyphens),
        "Person" => valid::<Person>(bare.to_owned()),
        "TeamName" => valid::<TeamName>(hyphens),
        "Username" => valid::<Username>(bare.to_owned()),
        "Assign" => valid::<Assign>(format!("user:{bare}")),
        _ => None,
    }
}

/// `1 hour 30 min` as `1h30m`.
fn spelled_out(text: &str) -> String {
    const UNITS: [(&str, &[&str]); 4] = [
        ("d", &["days", "day"]),
        ("h", &["hours", "hour", "hrs", "hr"]),
        ("m", &["minutes", "minute", "mins", "min"]),
        ("s", &["seconds", "second", "secs", "sec"]),
    ];
    let mut text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    for (short, long) in UNITS {
        for word in long {
            text = text.replace(word, short);
        }
    }
    text
}

/// A field's description, as advice.
pub(super) fn of_field(name: &str, description: &str) -> String {
    let description = description.trim_end_matches('.');
    format!("`{name}`: {}", lower_first(description))
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => String::new(),
    }
}

/// A text that is short enough for a message, in one line.
pub(super) fn shortened(text: &str) -> Cow<'_, str> {
    const MOST: usize = 60;
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(MOST) {
        Some((end, _)) => Cow::Owned(format!("{}…", &line[..end])),
        None if line.len() < text.trim_end().len() => Cow::Owned(format!("{line}…")),
        None => Cow::Borrowed(line),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_meant_is_offered_only_if_it_is_valid() {
        for (definition, text, expected) in [
            ("Duration", "30 min", Some("30m")),
            ("Duration", "1 hour 30 minutes", Some("1h30m")),
            ("Duration", "soon", None),
            ("Key", "Service Outage", Some("service-outage")),
            ("Key", "ä", None),
            ("ChannelName", "#incidents", Some("~incidents")),
            ("ChannelName", "incidents", Some("~incidents")),
            ("Username", "@carol", Some("carol")),
            ("Assign", "carol", Some("user:carol")),
            ("TextSource", "/etc/passwd.j2", None),
        ] {
            assert_eq!(repaired(definition, text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn one_word_becomes_a_list_of_one() {
        let list = |found: &str| instead(&[JsonType::Array], &Value::from(found), "a list");
        assert_eq!(list("group:sre"), "a list: `[group:sre]`");
        assert_eq!(list("~incidents"), "a list: `[~incidents]`");
        assert_eq!(list("a, b"), "a list such as `[ONE, TWO]`");
    }

    #[test]
    fn the_wanted_form_is_told() {
        let (message, label) = of_format("date", "2026-02-30").unwrap();
        assert_eq!(message, "`2026-02-30` is not a day of the calendar");
        assert_eq!(label, "write a day such as `2027-05-31`");
        let (message, _) = of_format("date", "soon").unwrap();
        assert_eq!(message, "`soon` is not a day");
        let (message, _) = of_format("warroom-site", "https://[::1").unwrap();
        assert_eq!(message, "`https://[::1` is not a URL: invalid IPv6 address");
    }

    #[test]
    fn names_are_the_last_key() {
        assert_eq!(short_name(""), "the file");
        assert_eq!(short_name("/updates/every"), "`every`");
        assert_eq!(short_name("/start/invite/0"), "an element of `invite`");
        assert_eq!(short_name("/a~1b"), "`a/b`");
    }
}
