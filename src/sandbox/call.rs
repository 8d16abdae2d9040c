//! A request as handlers see it.
//!
//! Owns reading of path, query and body the way Go reads them: unknown keys are
//! ignored, `null` leaves the zero value, only the first JSON value counts.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::ids::Id;

/// A request with its caller.
#[derive(Debug, Default)]
pub(crate) struct Call {
    /// `GET`, `POST` …
    pub(crate) method: String,
    /// The path without the query.
    pub(crate) path: String,
    /// The query, decoded, in order.
    pub(crate) query: Vec<(String, String)>,
    /// The body.
    pub(crate) body: Vec<u8>,
    /// The content type, lower case.
    pub(crate) content_type: String,
    /// The token that was sent.
    pub(crate) token: Option<String>,
    /// Who calls; empty on open routes without a session.
    pub(crate) user: Id,
    /// The variable parts of the path.
    pub(crate) params: Vec<(&'static str, String)>,
}

impl Call {
    /// A variable part of the path; empty when the route has no such part.
    pub(crate) fn param(&self, name: &str) -> &str {
        self.params
            .iter()
            .find(|(known, _)| *known == name)
            .map_or("", |(_, value)| value)
    }

    /// A number in the path, such as the index of a checklist.
    pub(crate) fn index(&self, name: &str) -> Option<usize> {
        self.param(name).parse().ok()
    }

    /// The first value of a query parameter.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// All values of a query parameter.
    pub(crate) fn queries(&self, name: &str) -> Vec<&str> {
        self.query
            .iter()
            .filter(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
            .collect()
    }

    /// Whether a query parameter is `true`.
    pub(crate) fn is_set(&self, name: &str) -> bool {
        self.query(name) == Some("true")
    }

    /// The body as JSON, as it was sent.
    pub(crate) fn value(&self) -> Option<Value> {
        first_value(&self.body)
    }

    /// The body, decoded as Go decodes into a struct.
    pub(crate) fn decode<T: DeserializeOwned>(&self) -> Option<T> {
        decode(self.value()?)
    }
}

/// The first JSON value of some bytes; what follows is ignored.
pub(crate) fn first_value(bytes: &[u8]) -> Option<Value> {
    let mut values = serde_json::Deserializer::from_slice(bytes).into_iter::<Value>();
    values.next()?.ok()
}

/// Decodes a value as Go decodes into a struct: `null` means left out.
///
/// Lists are refused: serde would take one for the fields in order.
pub(crate) fn decode<T: DeserializeOwned>(value: Value) -> Option<T> {
    let value = match without_nulls(value) {
        Value::Null => Value::Object(serde_json::Map::new()),
        Value::Array(_) => return None,
        value => value,
    };
    serde_json::from_value(value).ok()
}

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(map) => map
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key, without_nulls(value)))
            .collect(),
        Value::Array(list) => list.into_iter().map(without_nulls).collect(),
        value => value,
    }
}
