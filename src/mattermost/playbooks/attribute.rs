//! Attributes of playbooks and runs: "property fields" to the server.
//!
//! Owns their wire types and calls. An update replaces `attrs` as a whole, so
//! that it starts from the field last read; hence `rest` at every level. The
//! playbook object does not contain its fields.

use serde::{Deserialize, Serialize, Serializer};

use crate::mattermost::client::{Reader, Writer};
use crate::mattermost::error::ApiError;
use crate::mattermost::ids::{FieldId, OptionId, PlaybookId};
use crate::mattermost::limits::{self, check};
use crate::mattermost::transport::{Api, Call};
use crate::mattermost::wire::{Millis, Rest, nullable};

/// An attribute.
///
/// Playbooks API: `GET /playbooks/{id}/property_fields`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct PropertyField {
    /// Its id; a run has a copy with another one.
    pub id: FieldId,
    /// Its name; unique in the playbook, upper and lower case differ.
    #[serde(deserialize_with = "nullable")]
    pub name: String,
    /// What kind of value it takes.
    #[serde(rename = "type")]
    pub kind: FieldKind,
    /// How it looks and what it takes.
    #[serde(deserialize_with = "nullable")]
    pub attrs: FieldAttrs,
    /// When it was created.
    pub create_at: Millis,
    /// When it last changed.
    pub update_at: Millis,
    /// When it was deleted.
    pub delete_at: Millis,
    /// Everything else.
    #[serde(flatten)]
    pub rest: Rest,
}

/// What kind of value an attribute takes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FieldKind {
    /// Any text.
    #[default]
    Text,
    /// One of its options.
    Select,
    /// Any of its options.
    Multiselect,
    /// A day or moment.
    Date,
    /// A person.
    User,
    /// Several people.
    Multiuser,
    /// A kind this version of warroom does not know.
    #[serde(untagged)]
    Other(String),
}

/// How an attribute looks and what it takes.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct FieldAttrs {
    /// When it is shown.
    pub visibility: Visibility,
    /// Its place; two fields may say the same.
    pub sort_order: i64,
    /// The values to choose from; at least one where the kind has them.
    #[serde(deserialize_with = "nullable", serialize_with = "null_for_none")]
    pub options: Vec<FieldOption>,
    /// In a run, the field of the playbook that this is a copy of.
    pub parent_id: FieldId,
    /// How a text is shown: `url` or empty; the server empties what it does not know.
    #[serde(deserialize_with = "nullable")]
    pub value_type: String,
    /// Everything else.
    #[serde(flatten)]
    pub rest: Rest,
}

impl FieldAttrs {
    /// The `value_type` of a text that is shown as a link.
    pub const URL: &'static str = "url";
}

/// When an attribute is shown.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Never.
    Hidden,
    /// Once it has a value.
    #[default]
    WhenSet,
    /// Always.
    Always,
    /// A word this version of warroom does not know.
    #[serde(untagged)]
    Other(String),
}

/// A value to choose.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct FieldOption {
    /// Its id; the client may choose one of the server's shape, else the server does.
    #[serde(skip_serializing_if = "OptionId::is_empty")]
    pub id: OptionId,
    /// Its name; unique in the field.
    #[serde(deserialize_with = "nullable")]
    pub name: String,
    /// Everything else, such as `color`.
    #[serde(flatten)]
    pub rest: Rest,
}

/// The server says `null` for the options of a kind that has none.
fn null_for_none<S: Serializer>(options: &[FieldOption], to: S) -> Result<S::Ok, S::Error> {
    let some = (!options.is_empty()).then_some(options);
    some.serialize(to)
}

impl Reader {
    /// Lists the attributes of a playbook in their order.
    ///
    /// Playbooks API: `GET /playbooks/{id}/property_fields`.
    ///
    /// # Errors
    /// [`ApiError::Forbidden`] also when there is no such playbook, or the licence lacks attributes.
    pub async fn property_fields(
        &self,
        playbook: &PlaybookId,
    ) -> Result<Vec<PropertyField>, ApiError> {
        let path = ["playbooks", playbook.as_str(), "property_fields"];
        let call = Call::read(Api::Playbooks, "read the attributes", &path);
        self.list(call).await.map(in_order)
    }
}

impl Writer {
    /// Creates an attribute from name, kind and `attrs`; answers with what the server made of it.
    ///
    /// Playbooks API: `POST /playbooks/{id}/property_fields`.
    ///
    /// # Errors
    /// [`ApiError::TooLong`]; [`ApiError::ServerFailed`] for a name that is taken, wrong options,
    /// and one attribute too many; [`ApiError::Refused`] for a reserved name or an archived playbook.
    pub async fn create_property_field(
        &self,
        playbook: &PlaybookId,
        field: &PropertyField,
    ) -> Result<PropertyField, ApiError> {
        #[derive(Serialize)]
        struct New<'f> {
            name: &'f str,
            #[serde(rename = "type")]
            kind: &'f FieldKind,
            attrs: &'f FieldAttrs,
        }
        let what = "create the attribute";
        check_texts(what, field)?;
        let new = New {
            name: &field.name,
            kind: &field.kind,
            attrs: &field.attrs,
        };
        let path = ["playbooks", playbook.as_str(), "property_fields"];
        let call = Call::post(Api::Playbooks, what, &path).body(&new);
        self.transport().value(call).await
    }

    /// Replaces an attribute as a whole; answers with what the server made of it.
    ///
    /// `field` starts from the one last read: an option left out is removed, and with another id it
    /// is another option. A new name is also written into the playbook's template of names.
    ///
    /// Playbooks API: `PUT /playbooks/{id}/property_fields/{field}`.
    ///
    /// # Errors
    /// As [`Writer::create_property_field`]; [`ApiError::Conflict`] when a condition needs the former
    /// kind or a removed option.
    pub async fn replace_property_field(
        &self,
        playbook: &PlaybookId,
        field: &PropertyField,
    ) -> Result<PropertyField, ApiError> {
        let what = "update the attribute";
        check_texts(what, field)?;
        let path = one(playbook, &field.id);
        let call = Call::put(Api::Playbooks, what, &path).body(field);
        self.transport().value(call).await
    }

    /// Deletes an attribute; one that is deleted already stays so.
    ///
    /// Items that it assigns keep its id.
    ///
    /// Playbooks API: `DELETE /playbooks/{id}/property_fields/{field}`.
    ///
    /// # Errors
    /// [`ApiError::Conflict`] when a condition needs it; [`ApiError::Refused`] when the playbook's
    /// template of names does; [`ApiError::ServerFailed`] when there was none.
    pub async fn delete_property_field(
        &self,
        playbook: &PlaybookId,
        field: &FieldId,
    ) -> Result<(), ApiError> {
        let path = one(playbook, field);
        let call = Call::delete(Api::Playbooks, "delete the attribute", &path);
        self.transport().done(call).await
    }

    /// Moves an attribute to a place, counted from 0; answers with all in their new order.
    ///
    /// Playbooks API: `POST /playbooks/{id}/property_fields/reorder`.
    ///
    /// # Errors
    /// [`ApiError::ServerFailed`] when there is no such attribute or place.
    pub async fn move_property_field(
        &self,
        playbook: &PlaybookId,
        field: &FieldId,
        place: usize,
    ) -> Result<Vec<PropertyField>, ApiError> {
        let path = ["playbooks", playbook.as_str(), "property_fields", "reorder"];
        let body = serde_json::json!({"field_id": field, "target_position": place});
        let call = Call::post(Api::Playbooks, "move the attribute", &path).body(&body);
        self.list(call).await.map(in_order)
    }
}

fn one<'i>(playbook: &'i PlaybookId, field: &'i FieldId) -> [&'i str; 4] {
    [
        "playbooks",
        playbook.as_str(),
        "property_fields",
        field.as_str(),
    ]
}

/// Among those that say the same place the server promises no order: the oldest comes first.
fn in_order(mut fields: Vec<PropertyField>) -> Vec<PropertyField> {
    fields.sort_by_key(|field| (field.attrs.sort_order, field.create_at));
    fields
}

fn check_texts(what: &'static str, field: &PropertyField) -> Result<(), ApiError> {
    check(what, "the name", &field.name, limits::ATTRIBUTE_NAME)?;
    for option in &field.attrs.options {
        check(what, "an option", &option.name, limits::ATTRIBUTE_OPTION)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_we_do_not_know_survives_at_every_level() {
        let sent = json!({
            "id": "f", "name": "Severity", "type": "colour", "protected": true,
            "create_at": 1, "update_at": 2, "delete_at": 0,
            "attrs": {
                "visibility": "on_mondays", "sort_order": 3, "parent_id": "", "value_type": "",
                "options": [{"id": "o", "name": "high", "color": "red"}], "news": [1],
            },
        });
        let field: PropertyField = serde_json::from_value(sent.clone()).unwrap();
        assert_eq!(serde_json::to_value(&field).unwrap(), sent);
    }

    #[test]
    fn no_options_are_null_and_an_option_without_id_gets_one_from_the_server() {
        let text = serde_json::to_value(FieldAttrs::default()).unwrap();
        assert_eq!(text["options"], json!(null));
        let option = FieldOption {
            name: "high".to_owned(),
            ..FieldOption::default()
        };
        assert_eq!(
            serde_json::to_value(option).unwrap(),
            json!({"name": "high"})
        );
    }

    #[test]
    fn fields_of_the_same_place_stand_as_they_were_created() {
        let field = |id: &str, place: i64, created: i64| PropertyField {
            id: id.into(),
            create_at: Millis(created),
            attrs: FieldAttrs {
                sort_order: place,
                ..FieldAttrs::default()
            },
            ..PropertyField::default()
        };
        let fields = in_order(vec![field("c", 1, 5), field("b", 0, 9), field("a", 1, 4)]);
        let ids: Vec<&str> = fields.iter().map(|field| field.id.as_str()).collect();
        assert_eq!(ids, ["b", "a", "c"]);
    }
}
