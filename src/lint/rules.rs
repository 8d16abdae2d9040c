//! The registry: every rule there is, in the order of the ids within each family.

mod attributes;
mod lifecycle;
mod people;
mod placeholders;
mod privacy;
mod reading;
mod scalars;
mod structure;
mod tasks;
mod templates;
mod words;

use super::rule::Rule;
use crate::diag::Code;

/// Every rule.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    [
        reading::RULES,
        structure::RULES,
        people::RULES,
        tasks::RULES,
        lifecycle::RULES,
        attributes::RULES,
        templates::RULES,
        privacy::RULES,
    ]
    .into_iter()
    .flatten()
}

/// The rule of a code.
///
/// # Panics
/// Never: a test asks for the rule of every code.
#[must_use]
pub fn of_code(code: Code) -> &'static Rule {
    all()
        .find(|rule| rule.code == code)
        .expect("a test asks for the rule of every code")
}
