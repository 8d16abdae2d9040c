//! What editors show of the schemas: every key explains itself.
//!
//! Test code. Holds the schemas against what people read on hover, and against
//! the model where that fills in a value of its own.

use serde_json::{Value, json};

use super::Kind;
use crate::model::{Permissions, Playbook, Settings};

fn schema(kind: Kind) -> Value {
    serde_json::from_str(kind.text()).unwrap()
}

/// The schema that a `$ref` names, or the schema itself.
fn resolved<'s>(root: &'s Value, schema: &'s Value) -> &'s Value {
    match schema["$ref"].as_str() {
        Some(name) => root.pointer(name.trim_start_matches('#')).unwrap(),
        None => schema,
    }
}

/// A keyword beside a `$ref`, or behind it.
fn keyword<'s>(root: &'s Value, schema: &'s Value, name: &str) -> Option<&'s Value> {
    schema
        .get(name)
        .or_else(|| resolved(root, schema).get(name))
}

/// Every property with the thing that has it.
fn properties(root: &Value) -> Vec<(String, &Value)> {
    let definitions = root["$defs"].as_object().into_iter().flatten();
    let things = definitions.map(|(name, thing)| (name.as_str(), thing));
    let things = things.chain([("", root)]);
    let properties = things.flat_map(|(thing, schema)| {
        let all = schema["properties"].as_object().into_iter().flatten();
        all.map(move |(name, property)| (format!("{thing}/{name}"), property))
    });
    properties.collect()
}

fn assert_is_a_sentence(text: &Value, whose: &str) {
    let text = text
        .as_str()
        .unwrap_or_else(|| panic!("{whose} has no description"));
    let begins = text.starts_with(|c: char| c.is_uppercase() || c == '`');
    assert!(
        begins && text.ends_with('.') && text.len() > 4,
        "{whose}: {text}"
    );
}

#[test]
fn every_key_and_every_thing_says_what_it_is() {
    for kind in Kind::ALL {
        let root = schema(kind);
        assert_is_a_sentence(&root["description"], kind.file_name());
        assert!(root["title"].is_string(), "{kind:?}");
        for (name, definition) in root["$defs"].as_object().unwrap() {
            assert_is_a_sentence(&definition["description"], name);
            assert!(definition["title"].is_string(), "{name} has no title");
        }
        let properties = properties(&root);
        assert!(properties.len() > 8, "{kind:?} lost its properties");
        for (name, property) in properties {
            // Not the one behind a `$ref`: that says what any such value is.
            assert_is_a_sentence(&property["description"], &name);
        }
    }
}

#[test]
fn code_and_defaults_are_shown_as_such() {
    let mut shown = 0;
    for kind in Kind::ALL {
        let root = schema(kind);
        let definitions = root["$defs"].as_object().unwrap();
        let all = definitions
            .iter()
            .map(|(name, schema)| (name.clone(), schema));
        for (name, schema) in all.chain(properties(&root)) {
            let plain = schema["description"].as_str().unwrap();
            let marked = schema["markdownDescription"].as_str();
            if plain.contains('`') {
                assert!(marked.is_some_and(|text| text.starts_with(plain)), "{name}");
            }
            let default = match &schema["default"] {
                Value::Null | Value::Array(_) => continue,
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            let ending = format!("Default: `{default}`.");
            assert!(marked.is_some_and(|text| text.ends_with(&ending)), "{name}");
            shown += 1;
        }
    }
    assert!(shown > 10, "only {shown} defaults are shown");
}

#[test]
fn every_choice_says_what_each_value_means() {
    let mut choices = 0;
    for kind in Kind::ALL {
        let root = schema(kind);
        let definitions = root["$defs"].as_object().unwrap();
        let inner = properties(&root).into_iter();
        let all = definitions
            .iter()
            .map(|(name, schema)| (name.clone(), schema));
        for (name, schema) in all.chain(inner) {
            let Some(values) = schema["enum"].as_array() else {
                continue;
            };
            // The name that VS Code and yaml-language-server look for first.
            let meanings = schema["markdownEnumDescriptions"].as_array();
            let meanings = meanings.unwrap_or_else(|| panic!("{name} explains no value"));
            assert_eq!(values.len(), meanings.len(), "{name}");
            for meaning in meanings {
                assert_is_a_sentence(meaning, &name);
            }
            choices += 1;
        }
    }
    assert!(choices > 10, "the schemas lost their choices");
}

#[test]
fn every_text_that_is_not_chosen_has_an_example() {
    for kind in Kind::ALL {
        let root = schema(kind);
        for (name, property) in properties(&root) {
            let is_text = |schema: &Value| {
                let types = keyword(&root, schema, "type");
                types.is_some_and(|types| types.to_string().contains("string"))
                    && keyword(&root, schema, "enum").is_none()
            };
            let own = property.get("items").unwrap_or(property);
            let has = keyword(&root, property, "examples").or(keyword(&root, own, "examples"));
            assert!(
                !is_text(own) || has.is_some(),
                "{kind:?} {name} has no example"
            );
        }
    }
}

#[test]
fn examples_and_defaults_are_values_that_the_schema_takes() {
    let mut tried = 0;
    for kind in Kind::ALL {
        let root = schema(kind);
        let definitions = root["$defs"].as_object().unwrap();
        let all = definitions
            .iter()
            .map(|(name, schema)| (name.clone(), schema));
        for (name, schema) in all.chain(properties(&root)) {
            let mut alone = schema.clone();
            alone["$defs"] = root["$defs"].clone();
            let validator = jsonschema::validator_for(&alone).unwrap();
            let examples = schema["examples"].as_array().into_iter().flatten();
            for value in examples.chain(schema.get("default")) {
                assert!(validator.is_valid(value), "{kind:?} {name}: {value}");
                tried += 1;
            }
        }
    }
    assert!(tried > 50, "the schemas lost their examples");
}

#[test]
fn what_the_model_fills_in_is_the_default_of_the_schema() {
    let playbook = json!({
        "key": "k", "title": "T", "access": "a",
        "review": { "owner": "o", "by": "2027-03-31" },
        "start": { "channel": {} },
        "attributes": [{ "key": "k", "name": "N" }],
        "checklists": [{ "key": "k", "title": "T", "tasks": [
            { "key": "k", "title": "T", "done_when": { "keywords": ["w"] } },
        ] }],
        "updates": { "every": "1h" },
        "retrospective": { "metrics": [{ "key": "k", "title": "T", "type": "integer" }] },
        "templates": {},
    });
    let settings = json!({
        "format": 1, "workspace": "w", "server": {}, "templates": {},
        "severities": [{ "key": "k", "title": "T" }],
        "statuses": [{ "key": "k", "title": "T" }],
        "roles": { "r": { "title": "T" } },
        "sync": { "prune": {} }, "export": {}, "lint": {},
    });
    let permissions = json!({
        "profiles": { "p": { "playbook": {}, "incident": {} } }, "server": {},
    });
    let filled = |kind: Kind, given: &Value| {
        let given = given.clone();
        let value = match kind {
            Kind::Playbook => serde_json::from_value::<Playbook>(given).map(serde_json::to_value),
            Kind::Permissions => {
                serde_json::from_value::<Permissions>(given).map(serde_json::to_value)
            }
            Kind::Workspace => serde_json::from_value::<Settings>(given).map(serde_json::to_value),
        };
        value.unwrap().unwrap()
    };
    let mut compared = 0;
    for (kind, given) in [
        (Kind::Playbook, playbook),
        (Kind::Permissions, permissions),
        (Kind::Workspace, settings),
        // What is true of lists only shows where they are left out.
        (
            Kind::Playbook,
            json!({ "key": "k", "title": "T", "access": "a", "checklists": [] }),
        ),
        (Kind::Workspace, json!({ "format": 1, "workspace": "w" })),
    ] {
        let root = schema(kind);
        let model = filled(kind, &given);
        compare(&root, &root, &given, &model, "", &mut compared);
    }
    assert!(compared > 25, "only {compared} defaults were looked at");
}

/// Holds what the model filled in against the schema, all the way down.
fn compare(
    root: &Value,
    schema: &Value,
    given: &Value,
    model: &Value,
    place: &str,
    compared: &mut usize,
) {
    let schema = resolved(root, schema);
    match model {
        Value::Object(entries) => {
            for (name, value) in entries {
                let known = schema["properties"].get(name);
                let inner = known.or(schema.get("additionalProperties"));
                let inner = inner.unwrap_or_else(|| panic!("{place}/{name} is not in the schema"));
                let place = format!("{place}/{name}");
                match given.get(name) {
                    Some(given) => compare(root, inner, given, value, &place, compared),
                    None if value.is_object() => {
                        compare(root, inner, &json!({}), value, &place, compared);
                    }
                    // Nothing is what people expect of a key that is not there.
                    None if value.is_null() || value == "" => {}
                    None => {
                        assert_eq!(keyword(root, inner, "default"), Some(value), "{place}");
                        *compared += 1;
                    }
                }
            }
        }
        Value::Array(elements) => {
            for (n, element) in elements.iter().enumerate() {
                let place = format!("{place}/{n}");
                compare(root, &schema["items"], &given[n], element, &place, compared);
            }
        }
        _ => {}
    }
}
