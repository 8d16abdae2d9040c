//! The tree as input of serde.
//!
//! Errors carry the place of the innermost value that serde refused. Types that
//! serde buffers (flattened and untagged ones) lose inner places, so their mistakes
//! are better caught by the schema.

use std::fmt;
use std::slice;

use serde::de::{
    DeserializeOwned, DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::{Key, Kind, Node};
use crate::diag::Span;

/// Says what the model refused, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct DeError {
    /// What is wrong.
    pub message: String,
    /// The innermost value that was being read.
    pub span: Option<Span>,
}

/// Makes a typed value from a tree.
///
/// # Errors
/// When the tree does not fit the type.
pub fn from_node<T: DeserializeOwned>(node: &Node<'_>) -> Result<T, DeError> {
    T::deserialize(node)
}

impl serde::de::Error for DeError {
    fn custom<M: fmt::Display>(message: M) -> Self {
        Self {
            message: message.to_string(),
            span: None,
        }
    }
}

impl DeError {
    fn within(mut self, span: Span) -> Self {
        self.span.get_or_insert(span);
        self
    }
}

/// The elements of a list, one after the other.
struct Elements<'de, 's>(slice::Iter<'de, Node<'s>>);

impl<'de> SeqAccess<'de> for Elements<'de, '_> {
    type Error = DeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, DeError> {
        let Some(node) = self.0.next() else {
            return Ok(None);
        };
        let value = seed.deserialize(node);
        value.map(Some).map_err(|error| error.within(node.span))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

/// The entries of a mapping, one after the other.
struct Entries<'de, 's> {
    rest: slice::Iter<'de, (Key<'s>, Node<'s>)>,
    value: Option<&'de Node<'s>>,
}

impl<'de> MapAccess<'de> for Entries<'de, '_> {
    type Error = DeError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, DeError> {
        let Some((key, value)) = self.rest.next() else {
            return Ok(None);
        };
        self.value = Some(value);
        let name = seed.deserialize(key.name.as_ref().into_deserializer());
        name.map(Some)
            .map_err(|error: DeError| error.within(key.span))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, DeError> {
        let Some(node) = self.value.take() else {
            return Err(serde::de::Error::custom(
                "a value was asked for before its key",
            ));
        };
        seed.deserialize(node)
            .map_err(|error| error.within(node.span))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

impl<'de> serde::Deserializer<'de> for &'de Node<'_> {
    type Error = DeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DeError> {
        let result = match &self.kind {
            Kind::Null => visitor.visit_unit(),
            Kind::Bool(value) => visitor.visit_bool(*value),
            Kind::Int(number) => match u64::try_from(*number) {
                Ok(number) => visitor.visit_u64(number),
                Err(_) => visitor.visit_i64(*number),
            },
            Kind::Float(number) => visitor.visit_f64(*number),
            Kind::Str(text) => visitor.visit_borrowed_str(text),
            Kind::Seq(elements) => visitor.visit_seq(Elements(elements.iter())),
            Kind::Map(entries) => visitor.visit_map(Entries {
                rest: entries.iter(),
                value: None,
            }),
        };
        result.map_err(|error| error.within(self.span))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DeError> {
        match &self.kind {
            Kind::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, DeError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DeError> {
        let result = match &self.kind {
            Kind::Str(text) => visitor.visit_enum(text.as_ref().into_deserializer()),
            _ => Err(serde::de::Error::custom(format!(
                "expected a text, found {}",
                self.kind_name()
            ))),
        };
        result.map_err(|error: DeError| error.within(self.span))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}
