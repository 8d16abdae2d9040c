//! Conditions between names and ids.
//!
//! Owns what an expression of the server says, and the expression that says it. Pure.

use serde_json::json;

use super::UnknownName;
use crate::mattermost::playbooks::{
    Compared, Comparison, Condition, Expression, FieldOption, PropertyField,
};
use crate::mattermost::{OptionId, Rest};
use crate::sync::canonical::{ComparisonState, ValuesState, WhenState};

/// What an id is shown as that nothing has any more.
const UNNAMED: &str = "id:";

/// What a condition asks, with the names that these attributes have.
#[must_use]
pub fn when_of(condition: &Condition, attributes: &[PropertyField]) -> WhenState {
    let known = |parts: &[Expression], all| {
        let parts: Option<Vec<_>> = parts.iter().map(|p| comparison_of(p, attributes)).collect();
        parts.map(|parts| WhenState::joined(parts, all))
    };
    let known = match &condition.expression {
        Expression::And(parts) => known(parts, true),
        Expression::Or(parts) => known(parts, false),
        one => known(std::slice::from_ref(one), true),
    };
    known.unwrap_or_else(|| WhenState::Other(json!(condition.expression)))
}

fn comparison_of(part: &Expression, attributes: &[PropertyField]) -> Option<ComparisonState> {
    let (comparison, negated) = match part {
        Expression::Is(comparison) => (comparison, false),
        Expression::IsNot(comparison) => (comparison, true),
        _ => return None,
    };
    if !comparison.rest.is_empty() {
        return None;
    }
    let field = attributes.iter().find(|f| f.id == comparison.field_id);
    let options = field.map(|field| field.attrs.options.as_slice());
    let name = |id: &OptionId| {
        let mut options = options.unwrap_or_default().iter();
        let known = options.find(|option| option.id == *id);
        known.map_or_else(|| format!("{UNNAMED}{id}"), |option| option.name.clone())
    };
    Some(ComparisonState {
        attribute: field.map_or_else(
            || format!("{UNNAMED}{}", comparison.field_id),
            |field| field.name.clone(),
        ),
        negated,
        values: match &comparison.value {
            Compared::Text(text) => ValuesState::Text(text.clone()),
            Compared::Options(ids) => ValuesState::Options(ids.iter().map(name).collect()),
            Compared::Other(_) => return None,
        },
    })
}

/// The expression that asks it, with the ids that these attributes have.
///
/// # Errors
/// When there is no such attribute or option.
pub fn expression_of(
    when: &WhenState,
    attributes: &[PropertyField],
) -> Result<Expression, UnknownName> {
    let (comparisons, all) = match when {
        WhenState::All(comparisons) => (comparisons, true),
        WhenState::Any(comparisons) => (comparisons, false),
        WhenState::Other(expression) => return Ok(Expression::Other(expression.clone())),
    };
    let parts = comparisons.iter().map(|c| part_of(c, attributes));
    let mut parts: Vec<Expression> = parts.collect::<Result<_, _>>()?;
    Ok(match parts.pop() {
        Some(only) if parts.is_empty() => only,
        last => {
            parts.extend(last);
            if all {
                Expression::And(parts)
            } else {
                Expression::Or(parts)
            }
        }
    })
}

fn part_of(
    comparison: &ComparisonState,
    attributes: &[PropertyField],
) -> Result<Expression, UnknownName> {
    let mut fields = attributes.iter();
    let field = fields.find(|field| field.name == comparison.attribute);
    let field = field.ok_or_else(|| UnknownName(comparison.attribute.clone()))?;
    let option = |name: &String| {
        let mut options = field.attrs.options.iter();
        let found: Option<&FieldOption> = options.find(|option| option.name == *name);
        found
            .map(|option| option.id.clone())
            .ok_or_else(|| UnknownName(name.clone()))
    };
    let value = match &comparison.values {
        ValuesState::Text(text) => Compared::Text(text.clone()),
        ValuesState::Options(names) => {
            Compared::Options(names.iter().map(option).collect::<Result<_, _>>()?)
        }
    };
    let compared = Comparison {
        field_id: field.id.clone(),
        value,
        rest: Rest::new(),
    };
    Ok(if comparison.negated {
        Expression::IsNot(compared)
    } else {
        Expression::Is(compared)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn fields() -> Vec<PropertyField> {
        let fields = json!([
            {"id": "s", "name": "Service", "type": "select",
             "attrs": {"options": [{"id": "o1", "name": "a"}, {"id": "o2", "name": "b"}]}},
            {"id": "n", "name": "Note", "type": "text"},
        ]);
        serde_json::from_value(fields).unwrap()
    }

    fn asks(expression: &Value) -> WhenState {
        let expression = serde_json::from_value(expression.clone()).unwrap();
        let condition = Condition {
            expression,
            ..Condition::default()
        };
        when_of(&condition, &fields())
    }

    #[test]
    fn names_become_ids_and_ids_names() {
        let one = json!({"is": {"field_id": "s", "value": ["o1", "o2"]}});
        let text = json!({"isNot": {"field_id": "n", "value": "x"}});
        let of_one = json!({"and": [one]});
        for expression in [
            &one,
            &json!({"and": [text, one]}),
            &json!({"or": [text, one]}),
        ] {
            let when = asks(expression);
            assert_eq!(json!(expression_of(&when, &fields()).unwrap()), *expression);
        }
        assert_eq!(asks(&of_one), asks(&one));
        // Two comparisons that say it are the same as one.
        let is = |option: &str| json!({"is": {"field_id": "s", "value": [option]}});
        assert_eq!(asks(&json!({"or": [is("o2"), is("o1")]})), asks(&one));
    }

    #[test]
    fn what_nothing_has_any_more_is_shown_by_its_id_and_never_written() {
        let when = asks(&json!({"is": {"field_id": "s", "value": ["gone"]}}));
        insta::assert_snapshot!(json!(when), @r#"{"all":[{"attribute":"Service","values":["id:gone"]}]}"#);
        let gone = expression_of(&when, &fields()).unwrap_err();
        assert_eq!(gone, UnknownName("id:gone".to_owned()));
        let when = asks(&json!({"is": {"field_id": "x", "value": "y"}}));
        insta::assert_snapshot!(json!(when), @r#"{"all":[{"attribute":"id:x","values":["y"]}]}"#);
    }

    #[test]
    fn what_this_version_does_not_know_is_shown_as_it_stands() {
        for expression in [
            json!({"xor": []}),
            json!({"is": {"field_id": "s", "value": 3}}),
            json!({"and": [{"is": {"field_id": "n", "value": "x", "fold": true}}]}),
        ] {
            assert_eq!(asks(&expression), WhenState::Other(expression));
        }
    }
}
