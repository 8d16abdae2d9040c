//! Attributes and conditions.

use crate::diag::Code;
use crate::lint::rule::{Check, Rule};

pub(super) static RULES: &[Rule] = &[
    Rule {
        code: Code::UnknownAttribute,
        what: "",
        why: "",
        bad: &[],
        good: &[],
        checks: &[Check::Structure],
    },
    Rule {
        code: Code::BadCondition,
        what: "",
        why: "",
        bad: &[],
        good: &[],
        checks: &[Check::Deferred("TO BE BUILT")],
    },
    Rule {
        code: Code::Unsatisfiable,
        what: "",
        why: "",
        bad: &[],
        good: &[],
        checks: &[Check::Deferred("TO BE BUILT")],
    },
    Rule {
        code: Code::StageVanishes,
        what: "",
        why: "",
        bad: &[],
        good: &[],
        checks: &[Check::Deferred("TO BE BUILT")],
    },
    Rule {
        code: Code::NobodyLeads,
        what: "",
        why: "",
        bad: &[],
        good: &[],
        checks: &[Check::Deferred("TO BE BUILT")],
    },
    Rule {
        code: Code::AttributeLimit,
        what: "",
        why: "",
        bad: &[],
        good: &[],
        checks: &[Check::Deferred("TO BE BUILT")],
    },
    Rule {
        code: Code::UnusedAttribute,
        what: "",
        why: "",
        bad: &[],
        good: &[],
        checks: &[Check::Deferred("TO BE BUILT")],
    },
    Rule {
        code: Code::HiddenDependency,
        what: "",
        why: "",
        bad: &[],
        good: &[],
        checks: &[Check::Deferred("tasks have no `depends_on` yet")],
    },
];
