//! Conditions: under which values of the attributes an item is shown.
//!
//! Owns their wire types and calls. An expression that this version of warroom
//! does not know survives being read and written.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::mattermost::client::{Reader, Writer};
use crate::mattermost::error::ApiError;
use crate::mattermost::ids::{ConditionId, FieldId, OptionId, PlaybookId, RunId};
use crate::mattermost::transport::{Api, Call};
use crate::mattermost::wire::{Millis, Rest};

/// Conditions on one page: the most the server gives.
const CONDITIONS_PER_PAGE: usize = 200;

/// The only version of expressions that the server takes.
const VERSION: i64 = 1;

/// A condition.
///
/// Items point at it with their `condition_id`, also when it is gone.
///
/// Playbooks API: `GET /playbooks/{id}/conditions`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Condition {
    /// Its id; a run has a copy with another one.
    pub id: ConditionId,
    /// What it asks.
    #[serde(rename = "condition_expr")]
    pub expression: Expression,
    /// The version of the expression.
    pub version: i64,
    /// The playbook.
    pub playbook_id: PlaybookId,
    /// The run; none in a playbook.
    #[serde(skip_serializing_if = "RunId::is_empty")]
    pub run_id: RunId,
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

/// What a condition asks: a comparison, or `and` or `or` of comparisons.
///
/// The server refuses a deeper one.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Expression {
    /// The attribute has the value, or one of the options.
    Is(Comparison),
    /// It has not.
    IsNot(Comparison),
    /// All of them.
    And(Vec<Expression>),
    /// At least one of them.
    Or(Vec<Expression>),
    /// An expression this version of warroom does not know.
    #[serde(untagged)]
    Other(Value),
}

impl Default for Expression {
    fn default() -> Self {
        Self::Other(Value::Null)
    }
}

/// An attribute and a value.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
pub struct Comparison {
    /// The attribute; the server does not check that it exists.
    pub field_id: FieldId,
    /// The value.
    pub value: Compared,
    /// Everything else.
    #[serde(flatten)]
    pub rest: Rest,
}

/// What an attribute is compared with.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(untagged)]
pub enum Compared {
    /// A text; the server trims it.
    Text(String),
    /// Options, any of which will do; at least one.
    Options(Vec<OptionId>),
    /// A value this version of warroom does not know.
    Other(Value),
}

impl Reader {
    /// Lists the conditions of a playbook, oldest first.
    ///
    /// Playbooks API: `GET /playbooks/{id}/conditions`, page by page.
    ///
    /// # Errors
    /// [`ApiError::Forbidden`] also when there is no such playbook, or the licence lacks conditions.
    pub async fn conditions(&self, playbook: &PlaybookId) -> Result<Vec<Condition>, ApiError> {
        let path = ["playbooks", playbook.as_str(), "conditions"];
        let what = "read the conditions";
        let id = |condition: &Condition| condition.id.to_string();
        let call = || Call::read(Api::Playbooks, what, &path);
        let mut found = self.pages(CONDITIONS_PER_PAGE, call, id).await?;
        // The server promises no order.
        found.sort_by(|a, b| (a.create_at, &a.id).cmp(&(b.create_at, &b.id)));
        Ok(found)
    }
}

impl Writer {
    /// Creates a condition; answers with what the server made of it.
    ///
    /// Leaves the `update_at` of the playbook as it was.
    ///
    /// Playbooks API: `POST /playbooks/{id}/conditions`.
    ///
    /// # Errors
    /// [`ApiError::Refused`] for an expression that is too deep, an unknown option, or an attribute
    /// that is neither a text nor has options.
    pub async fn create_condition(
        &self,
        playbook: &PlaybookId,
        expression: &Expression,
    ) -> Result<Condition, ApiError> {
        let path = ["playbooks", playbook.as_str(), "conditions"];
        let body = serde_json::json!({"version": VERSION, "condition_expr": expression});
        let call = Call::post(Api::Playbooks, "create the condition", &path).body(&body);
        self.transport().value(call).await
    }

    /// Replaces the expression of a condition; answers with what the server made of it.
    ///
    /// Playbooks API: `PUT /playbooks/{id}/conditions/{condition}`.
    ///
    /// # Errors
    /// As [`Writer::create_condition`]; [`ApiError::ServerFailed`] when there is none.
    pub async fn replace_condition(
        &self,
        playbook: &PlaybookId,
        condition: &Condition,
    ) -> Result<Condition, ApiError> {
        let path = one(playbook, &condition.id);
        let call = Call::put(Api::Playbooks, "update the condition", &path).body(condition);
        self.transport().value(call).await
    }

    /// Deletes a condition; items keep its id, and are always shown.
    ///
    /// Playbooks API: `DELETE /playbooks/{id}/conditions/{condition}`.
    ///
    /// # Errors
    /// [`ApiError::ServerFailed`] when there is none, or it is deleted already.
    pub async fn delete_condition(
        &self,
        playbook: &PlaybookId,
        condition: &ConditionId,
    ) -> Result<(), ApiError> {
        let path = one(playbook, condition);
        let call = Call::delete(Api::Playbooks, "delete the condition", &path);
        self.transport().done(call).await
    }
}

fn one<'i>(playbook: &'i PlaybookId, condition: &'i ConditionId) -> [&'i str; 4] {
    [
        "playbooks",
        playbook.as_str(),
        "conditions",
        condition.as_str(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(value: &Value) -> Expression {
        let expression = serde_json::from_value(value.clone()).unwrap();
        assert_eq!(serde_json::to_value(&expression).unwrap(), *value);
        expression
    }

    #[test]
    fn expressions_are_read_and_written_as_they_are() {
        let severity = json!({"is": {"field_id": "f", "value": ["o", "p"]}});
        let comparison = Comparison {
            field_id: "f".into(),
            value: Compared::Options(vec!["o".into(), "p".into()]),
            rest: Rest::new(),
        };
        assert_eq!(read(&severity), Expression::Is(comparison.clone()));
        let either = json!({"or": [severity, {"isNot": {"field_id": "g", "value": ""}}]});
        let Expression::Or(parts) = read(&either) else {
            panic!("{either}");
        };
        assert_eq!(parts[0], Expression::Is(comparison));
        assert!(
            matches!(&parts[1], Expression::IsNot(c) if c.value == Compared::Text(String::new()))
        );
    }

    #[test]
    fn expressions_we_do_not_know_survive() {
        for value in [
            json!({"xor": [1]}),
            json!({"is": {"field_id": "f"}}),
            json!({"is": {"field_id": "f", "value": "a"}, "and": null}),
            json!(null),
        ] {
            assert_eq!(read(&value), Expression::Other(value));
        }
        let newer = json!({"is": {"field_id": "f", "value": 3, "fold_case": true}});
        let Expression::Is(comparison) = read(&newer) else {
            panic!("{newer}");
        };
        assert_eq!(comparison.value, Compared::Other(json!(3)));
        let within = json!({"and": [{"xor": [1]}]});
        assert_eq!(
            read(&within),
            Expression::And(vec![Expression::Other(json!({"xor": [1]}))])
        );
    }
}
