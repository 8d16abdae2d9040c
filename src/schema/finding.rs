//! From an error of the validator to a finding that says what to write instead.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jsonschema::error::{TypeKind, ValidationErrorKind as Error};
use jsonschema::{JsonType, ValidationError};
use serde_json::Value;

use super::rename::{self, Meant};
use super::{Kind, Schema, ruled, secret, wording};
use crate::diag::{Code, Finding, Source, Span, did_you_mean, listed};
use crate::yaml::{Node, Part, Places};

/// After so many mistakes the rest of a file is not worth telling.
pub const MOST_ERRORS: usize = 1_000;

/// Turns everything the validator finds into findings.
pub(super) fn of_errors(
    kind: Kind,
    schema: &Schema,
    root: &Node<'_>,
    source: &Arc<Source>,
) -> Vec<Finding> {
    let mut findings = secret::literals(kind, root, source);
    let secrets = !findings.is_empty();
    let report = Report {
        kind,
        schema: &schema.value,
        source,
        root,
        places: Places::of(root),
    };
    // A value that fails its pattern often fails its format too: once is enough.
    let mut told = BTreeSet::new();
    let errors: Vec<_> = schema
        .validator
        .iter_errors(root)
        .take(MOST_ERRORS)
        .collect();
    let slips = report.slips(&errors);
    for error in &errors {
        let pointer = error.instance_path().as_str();
        // A misspelt key is also a missing one: only the slip is worth telling.
        if let Error::Required { property } = error.kind()
            && let Some(key) = property.as_str()
            && slips.contains(&(pointer, key))
        {
            continue;
        }
        if secrets && secret::covers(kind, pointer) {
            continue;
        }
        let is_about_value = !matches!(
            error.kind(),
            Error::Required { .. }
                | Error::AdditionalProperties { .. }
                | Error::PropertyNames { .. }
        );
        if is_about_value && !told.insert(pointer.to_owned()) {
            continue;
        }
        let before = findings.len();
        report.add(error, &mut findings);
        if let [finding] = &mut findings[before..] {
            ruled::name(kind, error, finding);
        }
    }
    findings
}

struct Report<'a> {
    kind: Kind,
    schema: &'a Value,
    source: &'a Arc<Source>,
    root: &'a Node<'a>,
    places: Places,
}

impl Report<'_> {
    fn add(&self, error: &ValidationError<'_>, findings: &mut Vec<Finding>) {
        let pointer = error.instance_path().as_str();
        match error.kind() {
            Error::AdditionalProperties { unexpected } => {
                let rest = MOST_ERRORS.saturating_sub(findings.len());
                findings.extend(self.unknown_keys(error, unexpected, rest));
            }
            Error::Required { property } => findings.push(self.missing(error, property)),
            Error::PropertyNames { error: inner } => {
                let name = inner.instance().as_str().unwrap_or_default();
                let place = self.place(&join(pointer, name), Part::Key);
                findings.push(self.invalid(place, name, inner, "this key"));
            }
            Error::Type { kind } => findings.push(self.wrong_type(error, kind)),
            Error::Enum { options } => findings.push(self.unknown_value(error, options)),
            Error::Constant { expected_value } => {
                let name = wording::short_name(pointer);
                let written = wording::shortened(&error.instance().to_string()).into_owned();
                let message = format!(
                    "this version of warroom does not know {name} {written}, only {expected_value}"
                );
                let finding = self.finding(Code::InvalidValue, self.value(pointer), message);
                findings.push(finding.label(format!("write `{expected_value}`")));
            }
            _ => {
                let place = self.value(pointer);
                let value = error.instance().as_str().unwrap_or_default();
                let name = wording::short_name(pointer);
                findings.push(self.invalid(place, value, error, &name));
            }
        }
    }

    /// The keys that unknown ones were probably meant to be, each with the pointer of its mapping.
    fn slips<'e>(&'e self, errors: &'e [ValidationError<'_>]) -> BTreeSet<(&'e str, &'e str)> {
        let of_error = |error: &'e ValidationError<'_>| {
            let unexpected: &[String] = match error.kind() {
                Error::AdditionalProperties { unexpected } => unexpected,
                _ => &[],
            };
            let keys = self.keys(error);
            let within = self.mapping(error);
            let pointer = error.instance_path().as_str();
            unexpected.iter().take(MOST_ERRORS).filter_map(move |key| {
                let meant = Meant::by(within, key, &keys)?;
                Some((pointer, meant.key_here()?))
            })
        };
        errors.iter().flat_map(of_error).collect()
    }

    /// The unknown keys of one mapping, at most so many.
    fn unknown_keys(
        &self,
        error: &ValidationError<'_>,
        unexpected: &[String],
        most: usize,
    ) -> Vec<Finding> {
        let pointer = error.instance_path().as_str();
        let what = self.what(error);
        let keys = self.keys(error);
        let within = self.mapping(error);
        let mapping = self.root.at(pointer);
        let unknown = unexpected.iter().take(MOST_ERRORS);
        let meant = unknown.map(|key| (key, Meant::by(within, key, &keys)));
        let meant: Vec<(&String, Option<Meant<'_>>)> = meant.collect();
        let mut times: BTreeMap<&str, usize> = BTreeMap::new();
        for key in meant
            .iter()
            .filter_map(|(_, meant)| meant.as_ref()?.key_here())
        {
            *times.entry(key).or_default() += 1;
        }
        let finding = |(key, meant): &(&String, Option<Meant<'_>>)| {
            let place = self.place(&join(pointer, key), Part::Key);
            let message = format!("{what} has no key `{}`", wording::shortened(key));
            let label = meant.as_ref().map(Meant::label);
            let help = meant.as_ref().and_then(Meant::help);
            let choice = || format!("the keys of {what} are {}", listed(keys.iter().copied()));
            let mut finding = self
                .finding(Code::UnknownKey, place, message)
                .label(label.unwrap_or_else(|| "remove it".to_owned()))
                .help(help.unwrap_or_else(choice));
            let sure = meant.as_ref().and_then(|meant| meant.for_sure(key, &keys));
            // Of two keys that mean the same, nobody knows which one is right.
            if let (Some(sure), Some(mapping)) = (sure.filter(|sure| times[sure] == 1), mapping)
                && let Some(fix) = rename::fix(self.source, mapping, key, sure)
            {
                finding = finding.fix(fix);
            }
            finding
        };
        meant.iter().take(most).map(finding).collect()
    }

    fn missing(&self, error: &ValidationError<'_>, property: &Value) -> Finding {
        let pointer = error.instance_path().as_str();
        let key = property.as_str().unwrap_or_default();
        let what = self.what(error);
        // Here one thing lacks a key; elsewhere all things of its kind do not know one.
        let this = what.strip_prefix("a ").or(what.strip_prefix("an "));
        let what = this.map_or(what.to_string(), |name| format!("this {name}"));
        let message = format!("{what} has no `{key}`");
        let finding = self
            .finding(Code::MissingKey, self.place(pointer, Part::Key), message)
            .label(format!("add `{key}`"));
        let keyword = error.schema_path().as_str();
        let properties = keyword.strip_suffix("/required").unwrap_or(keyword);
        let schema = self
            .schema
            .pointer(&join(&format!("{properties}/properties"), key));
        match schema.and_then(|schema| schema["description"].as_str()) {
            Some(description) => finding.help(wording::of_field(key, description)),
            None => finding,
        }
    }

    fn wrong_type(&self, error: &ValidationError<'_>, kind: &TypeKind) -> Finding {
        let pointer = error.instance_path().as_str();
        let name = wording::short_name(pointer);
        let types: Vec<JsonType> = match kind {
            TypeKind::Single(only) => vec![*only],
            TypeKind::Multiple(several) => several.iter().collect(),
        };
        let expected = wording::expected(&types, self.parent(error));
        let instead = wording::instead(&types, error.instance(), &expected);
        let place = self.value(pointer);
        if error.instance().is_null() {
            return self
                .finding(Code::WrongType, place, format!("{name} has no value"))
                .label(format!("write {instead}, or remove the key"));
        }
        let found = wording::found(error.instance());
        let message = format!("{name} takes {expected}, but this is {found}");
        self.finding(Code::WrongType, place, message)
            .label(format!("write {instead}"))
    }

    fn unknown_value(&self, error: &ValidationError<'_>, options: &Value) -> Finding {
        let pointer = error.instance_path().as_str();
        let name = wording::short_name(pointer);
        let value = error.instance().as_str().unwrap_or_default();
        let options: Vec<&str> = options
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let message = format!("`{}` is not a value of {name}", wording::shortened(value));
        let label = did_you_mean(value, options.iter().copied());
        let listed = listed(options);
        self.finding(Code::UnknownValue, self.value(pointer), message)
            .label(label.unwrap_or_else(|| format!("write one of {listed}")))
            .help(format!("{name} is one of {listed}"))
    }

    /// A value, or the name of an entry, that does not have the form it should.
    fn invalid(
        &self,
        place: Span,
        value: &str,
        error: &ValidationError<'_>,
        name: &str,
    ) -> Finding {
        let parent = self.parent(error);
        let wording = wording::of_value(name, value, error.kind(), Self::definition(error), parent);
        let finding = self
            .finding(Code::InvalidValue, place, wording.message)
            .label(wording.label);
        match wording.help {
            Some(help) => finding.help(help),
            None => finding,
        }
    }

    /// What is wrong, as people call it: `a task`, or the key it stands under.
    fn what(&self, error: &ValidationError<'_>) -> Cow<'static, str> {
        let pointer = error.instance_path().as_str();
        if let Some(what) = Self::definition(error).and_then(wording::thing) {
            return what.into();
        }
        match (pointer, self.kind) {
            ("", Kind::Playbook) => "a playbook".into(),
            ("", Kind::Permissions) => "`permissions.yaml`".into(),
            ("", Kind::Workspace) => "`warroom.yaml`".into(),
            _ => wording::short_name(pointer).into(),
        }
    }

    /// The name of the mapping in which an error is; empty where it has none.
    fn mapping<'e>(&self, error: &'e ValidationError<'_>) -> &'e str {
        match Self::definition(error) {
            Some(definition) => definition,
            None if self.kind == Kind::Playbook && error.instance_path().is_empty() => "Playbook",
            None => "",
        }
    }

    /// The keys that the schema knows where an error is.
    fn keys(&self, error: &ValidationError<'_>) -> Vec<&str> {
        let parent = self
            .parent(error)
            .and_then(|parent| parent.get("properties"));
        let properties = parent.and_then(Value::as_object);
        properties
            .into_iter()
            .flatten()
            .map(|(key, _)| key.as_str())
            .collect()
    }

    /// The schema that holds the keyword which refused something.
    fn parent(&self, error: &ValidationError<'_>) -> Option<&Value> {
        let (parent, _) = error.schema_path().as_str().rsplit_once('/')?;
        self.schema.pointer(parent)
    }

    /// The name of that schema, where it has one.
    fn definition<'e>(error: &'e ValidationError<'_>) -> Option<&'e str> {
        let path = error.schema_path().as_str().strip_prefix("/$defs/")?;
        let (name, keyword) = path.split_once('/')?;
        (!keyword.contains('/')).then_some(name)
    }

    fn value(&self, pointer: &str) -> Span {
        self.place(pointer, Part::Value)
    }

    fn place(&self, pointer: &str, part: Part) -> Span {
        self.source.first_line(self.places.at(pointer, part))
    }

    fn finding(&self, code: Code, span: Span, message: String) -> Finding {
        Finding::new(code, self.source, span, message)
    }
}

fn join(pointer: &str, key: &str) -> String {
    format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))
}
