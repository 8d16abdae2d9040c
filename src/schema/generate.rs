//! The schemas as the typed model has them, in the shape in which they read well.
//!
//! Test code: users never build it. `WARROOM_BLESS=1 cargo test schema` writes the
//! files; without it, a test says that they are stale.

use std::fmt::Write;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::Kind;
use crate::model::{Key, Permissions, Playbook, Settings};

#[test]
fn the_committed_schemas_are_what_the_model_says() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/schema");
    for kind in Kind::ALL {
        let path = format!("{folder}/{}", kind.file_name());
        let fresh = generated(kind);
        if std::env::var_os("WARROOM_BLESS").is_some() {
            fs_err::write(&path, &fresh).unwrap();
        }
        let committed = fs_err::read_to_string(&path).unwrap();
        assert!(
            committed == fresh,
            "`schema/{}` is stale: run `WARROOM_BLESS=1 cargo test schema`",
            kind.file_name()
        );
    }
}

#[test]
fn no_schema_leaves_a_mistake_without_a_name() {
    // "not valid under any of the schemas" says nothing; `null` would hide a forgotten value.
    for kind in Kind::ALL {
        let text = generated(kind);
        for keyword in [
            "\"anyOf\"",
            "\"oneOf\"",
            "\"null\"",
            "\"patternProperties\"",
        ] {
            assert!(!text.contains(keyword), "{kind:?} has {keyword}");
        }
    }
}

fn generated(kind: Kind) -> String {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let (mut schema, title, description) = match kind {
        Kind::Playbook => (
            root::<Playbook>(generator),
            "warroom playbook",
            "A file of `playbooks/`: how one kind of incident is handled.",
        ),
        Kind::Permissions => (
            root::<Permissions>(generator),
            "warroom permissions",
            "`permissions.yaml`: who may do what.",
        ),
        Kind::Workspace => (
            root::<Settings>(generator),
            "warroom workspace",
            "`warroom.yaml`: what is true for every playbook of a workspace.",
        ),
    };
    schema["title"] = title.into();
    schema["description"] = description.into();
    tidy(&mut schema);
    let mut text = String::new();
    writeln!(text, "{schema:#}").unwrap();
    text
}

fn root<T: JsonSchema>(mut generator: SchemaGenerator) -> Value {
    // The names of mappings are keys, also where nothing else is one.
    generator.subschema_for::<Key>();
    generator.into_root_schema_for::<T>().to_value()
}

/// Reshapes a schema and all schemas in it.
fn tidy(schema: &mut Value) {
    let Value::Object(object) = schema else {
        return;
    };
    without_null(object);
    choice(object);
    keyed(object);
    described(object);
    if object.get("default").is_some_and(is_noise) {
        object.shift_remove("default");
    }
    marked_up(object);
    tidy_inner(object);
    order(object);
}

/// What people read comes first.
fn order(object: &mut Map<String, Value>) {
    const FIRST: [&str; 14] = [
        "$schema",
        "title",
        "description",
        "markdownDescription",
        "$ref",
        "type",
        "enum",
        "markdownEnumDescriptions",
        "const",
        "pattern",
        "format",
        "required",
        "default",
        "examples",
    ];
    const LAST: [&str; 5] = [
        "items",
        "propertyNames",
        "properties",
        "additionalProperties",
        "$defs",
    ];
    let rank = |keyword: &String| {
        let first = FIRST.iter().position(|name| name == keyword);
        let last = LAST.iter().position(|name| name == keyword);
        first.or(last.map(|n| 100 + n)).unwrap_or(50)
    };
    let mut entries: Vec<_> = std::mem::take(object).into_iter().collect();
    entries.sort_by_key(|(keyword, _)| rank(keyword));
    object.extend(entries);
}

/// Reshapes the schemas inside of a schema. Names of properties may equal keywords, so no blind walk.
fn tidy_inner(object: &mut Map<String, Value>) {
    for (keyword, inner) in object.iter_mut() {
        match (keyword.as_str(), inner) {
            ("$defs", Value::Object(schemas)) => {
                for (name, schema) in schemas {
                    schema["title"] = words(name).into();
                    tidy(schema);
                }
            }
            ("properties", Value::Object(schemas)) => {
                schemas.iter_mut().for_each(|(_, schema)| tidy(schema));
            }
            ("items" | "additionalProperties" | "propertyNames", schema) => tidy(schema),
            _ => {}
        }
    }
}

/// A key without a value is a mistake, so that nothing takes `null`.
fn without_null(object: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            object["type"] = only.clone();
        }
    }
    let alternatives = object.get("anyOf").and_then(Value::as_array);
    let Some([Value::Object(some), null]) = alternatives.map(Vec::as_slice) else {
        return;
    };
    if *null == json!({ "type": "null" }) {
        let some = some.clone();
        object.shift_remove("anyOf");
        object.extend(some);
    }
}

/// Constants to choose from are an enumeration; what each means is shown by editors.
fn choice(object: &mut Map<String, Value>) {
    let Some(Value::Array(choices)) = object.get("oneOf") else {
        return;
    };
    let all = |name: &str| -> Option<Vec<Value>> {
        choices
            .iter()
            .map(|choice| choice.get(name).cloned())
            .collect()
    };
    if let (Some(values), Some(meanings)) = (all("const"), all("description")) {
        object.shift_remove("oneOf");
        object.insert("type".to_owned(), "string".into());
        object.insert("enum".to_owned(), values.into());
        object.insert("markdownEnumDescriptions".to_owned(), meanings.into());
    }
}

/// A mapping from keys of our own: a bad name is a bad key, not an unknown one.
fn keyed(object: &mut Map<String, Value>) {
    let Some(Value::Object(patterns)) = object.get("patternProperties") else {
        return;
    };
    if let Some(values) = patterns.get(Key::PATTERN).cloned() {
        object.shift_remove("patternProperties");
        object.insert("propertyNames".to_owned(), json!({ "$ref": "#/$defs/Key" }));
        object.insert("additionalProperties".to_owned(), values);
    }
}

/// "Must be a key: …" becomes "A key: …", as every other description begins.
fn described(object: &mut Map<String, Value>) {
    if let Some(Value::String(text)) = object.get_mut("description")
        && let Some(rest) = text.strip_prefix("Must be a")
    {
        *text = format!("A{rest}");
    }
}

/// On hover yaml-language-server shows the marks of a plain description, and no default.
fn marked_up(object: &mut Map<String, Value>) {
    let Some(Value::String(text)) = object.get("description") else {
        return;
    };
    let default = match object.get("default") {
        Some(Value::String(default)) => format!("\n\nDefault: `{default}`."),
        Some(default @ (Value::Bool(_) | Value::Number(_))) => {
            format!("\n\nDefault: `{default}`.")
        }
        _ => String::new(),
    };
    if text.contains('`') || !default.is_empty() {
        let text = format!("{text}{default}");
        object.insert("markdownDescription".to_owned(), text.into());
    }
}

/// The name of a type as people write it: `RunChannel` is a `Run channel`.
fn words(name: &str) -> String {
    let mut words = String::new();
    for (n, letter) in name.chars().enumerate() {
        if n > 0 && letter.is_uppercase() {
            words.push(' ');
            words.extend(letter.to_lowercase());
        } else {
            words.push(letter);
        }
    }
    words
}

/// Defaults that say nothing: none, and mappings whose keys have their own.
fn is_noise(default: &Value) -> bool {
    default.is_null() || default.is_object() || *default == json!("")
}
