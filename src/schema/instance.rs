//! The YAML tree as what the validator validates: no copy, no second tree.

use std::borrow::Cow;
use std::slice;

use jsonschema::JsonType;
use jsonschema::json;
use serde_json::{Map, Number, Value};

use crate::diag::Span;
use crate::yaml::{Key, Kind, Node};

/// YAML as a representation of JSON values.
#[derive(Debug)]
pub(super) struct Yaml;

/// Holds the name of a property while `propertyNames` looks at it.
#[derive(Default)]
pub(super) struct Name(Option<Node<'static>>);

impl json::Json for Yaml {
    type Node<'a> = &'a Node<'a>;
    type PreparedKey = String;
    type StringBuffer = Name;

    // Keys are searched one after the other: a pass over the members is cheaper than two searches.
    const KEYS_PER_LOOKUP: usize = 4;

    fn prepare_key(key: &str) -> String {
        key.to_owned()
    }

    fn with_string_node<T>(
        buffer: &mut Name,
        string: &str,
        f: impl for<'n> FnOnce(&'n Node<'n>) -> T,
    ) -> T {
        let node = buffer.0.insert(Node {
            span: Span::default(),
            kind: Kind::Str(Cow::Owned(string.to_owned())),
        });
        f(node)
    }
}

impl<'a> json::Node<'a, Yaml> for &'a Node<'a> {
    type Object = &'a [(Key<'a>, Node<'a>)];
    type Array = &'a [Node<'a>];
    type Number = Number;

    fn as_object(&self) -> Option<Self::Object> {
        match &self.kind {
            Kind::Map(entries) => Some(entries),
            _ => None,
        }
    }

    fn as_array(&self) -> Option<Self::Array> {
        match &self.kind {
            Kind::Seq(elements) => Some(elements),
            _ => None,
        }
    }

    fn as_string(&self) -> Option<Cow<'a, str>> {
        match &self.kind {
            Kind::Str(text) => Some(Cow::Borrowed(text)),
            _ => None,
        }
    }

    fn as_number(&self) -> Option<Number> {
        match self.kind {
            Kind::Int(number) => Some(number.into()),
            Kind::Float(number) => Number::from_f64(number),
            _ => None,
        }
    }

    fn as_boolean(&self) -> Option<bool> {
        match self.kind {
            Kind::Bool(value) => Some(value),
            _ => None,
        }
    }

    fn is_null(&self) -> bool {
        matches!(self.kind, Kind::Null)
    }

    fn json_type(&self) -> JsonType {
        match self.kind {
            Kind::Null => JsonType::Null,
            Kind::Bool(_) => JsonType::Boolean,
            Kind::Int(_) | Kind::Float(_) => JsonType::Number,
            Kind::Str(_) => JsonType::String,
            Kind::Seq(_) => JsonType::Array,
            Kind::Map(_) => JsonType::Object,
        }
    }

    /// What an error shows of a value: its kind, and what it is if it holds no other. A
    /// mapping with a thousand wrong keys would otherwise be copied a thousand times. None of
    /// our schemas compares lists or mappings, which would need them whole.
    fn to_value(&self) -> Cow<'a, Value> {
        Cow::Owned(match &self.kind {
            Kind::Null => Value::Null,
            Kind::Bool(value) => Value::Bool(*value),
            Kind::Int(number) => Value::Number((*number).into()),
            Kind::Float(number) => Number::from_f64(*number).map_or(Value::Null, Value::Number),
            Kind::Str(text) => Value::String(text.clone().into_owned()),
            Kind::Seq(_) => Value::Array(Vec::new()),
            Kind::Map(_) => Value::Object(Map::new()),
        })
    }

    /// Without a copy of the text: every choice from a list of words comes here.
    fn equals_value(&self, expected: &Value) -> bool {
        match &self.kind {
            Kind::Str(text) => expected.as_str() == Some(text),
            _ => json::cmp::equal(&json::Node::to_value(self), expected),
        }
    }

    fn identity(&self) -> Option<json::NodeIdentity> {
        Some(json::NodeIdentity::new(
            std::ptr::from_ref::<Node<'_>>(self) as usize,
        ))
    }
}

/// The entries of a mapping.
pub(super) struct Members<'a>(slice::Iter<'a, (Key<'a>, Node<'a>)>);

impl<'a> Iterator for Members<'a> {
    type Item = (&'a str, &'a Node<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(key, value)| (key.name.as_ref(), value))
    }
}

impl<'a> json::Object<'a, Yaml> for &'a [(Key<'a>, Node<'a>)] {
    type Node = &'a Node<'a>;
    type MemberName = &'a str;
    type MembersIter = Members<'a>;

    fn len(&self) -> usize {
        <[_]>::len(self)
    }

    fn get(&self, key: &String) -> Option<&'a Node<'a>> {
        let entry = self.iter().find(|(name, _)| name.name == key.as_str());
        entry.map(|(_, value)| value)
    }

    fn members(&self) -> Members<'a> {
        Members(self.iter())
    }
}

impl<'a> json::Array<'a, Yaml> for &'a [Node<'a>] {
    type Node = &'a Node<'a>;
    type ElementsIter = slice::Iter<'a, Node<'a>>;

    fn len(&self) -> usize {
        <[_]>::len(self)
    }

    fn elements(&self) -> slice::Iter<'a, Node<'a>> {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::super::Kind;

    /// Whether a part of a schema asks to compare lists or mappings.
    fn compares(schema: &Value) -> bool {
        let deep = |value: &Value| value.is_array() || value.is_object();
        match schema {
            Value::Object(keys) => keys.iter().any(|(key, value)| match (key.as_str(), value) {
                ("uniqueItems", _) => true,
                ("const", value) => deep(value),
                ("enum", Value::Array(values)) => values.iter().any(deep),
                ("default" | "examples", _) => false,
                _ => compares(value),
            }),
            Value::Array(parts) => parts.iter().any(compares),
            _ => false,
        }
    }

    #[test]
    fn no_schema_compares_what_errors_do_not_hold() {
        for kind in Kind::ALL {
            assert!(!compares(&kind.schema().value), "{kind:?}");
        }
    }
}
