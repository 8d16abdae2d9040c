//! Values of a run's attributes.
//!
//! Owns their wire type and the call that sets one. A run has copies of its playbook's
//! fields, with ids of their own for fields and options; it comes with both lists, where
//! there are any.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::attribute::PropertyField;
use super::run::Run;
use crate::mattermost::client::Writer;
use crate::mattermost::error::ApiError;
use crate::mattermost::ids::{FieldId, RunId};
use crate::mattermost::transport::{Api, Call};
use crate::mattermost::wire::Rest;

/// The value of an attribute in a run.
///
/// Playbooks API: `GET /runs/{id}/property_values`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct PropertyValue {
    /// The field of the run.
    pub field_id: FieldId,
    /// A text, a moment, an id, or a list of ids; null once it was cleared.
    pub value: Value,
    /// Everything else.
    #[serde(flatten)]
    pub rest: Rest,
}

impl Run {
    /// Its attributes; their `parent_id` is the field of the playbook.
    #[must_use]
    pub fn fields(&self) -> Vec<PropertyField> {
        let mut fields: Vec<PropertyField> = self.listed("property_fields");
        fields.retain(|field| field.delete_at.is_never());
        fields.sort_by_key(|field| field.attrs.sort_order);
        fields
    }

    /// Their values, of those that were ever set.
    #[must_use]
    pub fn values(&self) -> Vec<PropertyValue> {
        self.listed("property_values")
    }

    /// A list that only newer servers send, and only where it is not empty.
    fn listed<T: DeserializeOwned>(&self, key: &str) -> Vec<T> {
        let list = self.rest.get(key).and_then(Value::as_array);
        let items = list.into_iter().flatten();
        items.filter_map(|item| T::deserialize(item).ok()).collect()
    }
}

impl Writer {
    /// Sets the value of an attribute of a run, or clears it with null.
    ///
    /// `field` and options are those of the run. Tasks that are assigned to the attribute
    /// follow it. The server logs each change, also one to the same value.
    ///
    /// Playbooks API: `PUT /runs/{id}/property_fields/{field}/value`.
    ///
    /// # Errors
    /// [`ApiError::ServerFailed`] for a value of the wrong kind, an unknown option, and somebody
    /// who is not on the team; before version 2.11 also for every date and person.
    pub async fn set_run_value(
        &self,
        run: &RunId,
        field: &FieldId,
        value: &Value,
    ) -> Result<PropertyValue, ApiError> {
        let path = [
            "runs",
            run.as_str(),
            "property_fields",
            field.as_str(),
            "value",
        ];
        let body = serde_json::json!({ "value": value });
        let call = Call::put(Api::Playbooks, "set the attribute", &path).body(&body);
        self.transport().value(call).await
    }
}
