//! Status updates, reminders and the life of an incident.

use crate::diag::Code;
use crate::lint::rule::{Check, Rule};

pub(super) static RULES: &[Rule] = &[
    Rule {
        code: Code::ReminderMissing,
        what: "",
        why: "",
        bad: &[],
        good: &[],
        checks: &[Check::Deferred("TO BE BUILT")],
    },
    Rule {
        code: Code::ReminderImplausible,
        what: "",
        why: "",
        bad: &[],
        good: &[],
        checks: &[Check::Deferred("TO BE BUILT")],
    },
    Rule {
        code: Code::UpdateSections,
        what: "",
        why: "",
        bad: &[],
        good: &[],
        checks: &[Check::Deferred("TO BE BUILT")],
    },
    Rule {
        code: Code::StatusGraph,
        what: "",
        why: "",
        bad: &[],
        good: &[],
        checks: &[Check::Deferred("TO BE BUILT")],
    },
    Rule {
        code: Code::UndeclaredSeverity,
        what: "",
        why: "",
        bad: &[],
        good: &[],
        checks: &[Check::Deferred("TO BE BUILT")],
    },
    Rule {
        code: Code::EscalationBroken,
        what: "",
        why: "",
        bad: &[],
        good: &[],
        checks: &[Check::Deferred("there is no escalation yet")],
    },
    Rule {
        code: Code::NeverTrue,
        what: "",
        why: "",
        bad: &[],
        good: &[],
        checks: &[Check::Deferred(
            "there are no reminders or automations with conditions yet",
        )],
    },
    Rule {
        code: Code::NoRetrospective,
        what: "",
        why: "",
        bad: &[],
        good: &[],
        checks: &[Check::Deferred("TO BE BUILT")],
    },
    Rule {
        code: Code::ArchiveBeforeExport,
        what: "",
        why: "",
        bad: &[],
        good: &[],
        checks: &[Check::Deferred("TO BE BUILT")],
    },
    Rule {
        code: Code::DrillLeak,
        what: "",
        why: "",
        bad: &[],
        good: &[],
        checks: &[Check::Deferred("playbooks cannot be marked as drills yet")],
    },
    Rule {
        code: Code::BadWindow,
        what: "",
        why: "",
        bad: &[],
        good: &[],
        checks: &[Check::Deferred("there are no quiet or business hours yet")],
    },
];
