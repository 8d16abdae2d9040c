//! Mattermost's own roles in a plan, and what became of them.

use std::fmt::Write as _;

use super::fields::one_line;
use crate::sync::roles::{RoleOutcome, RolePlan, RoleStep};

/// The roles that differ, each with what it gains and loses.
pub(super) fn write(plan: &RolePlan, paint: &impl Fn(&str, &str) -> String, out: &mut String) {
    let mut steps = plan.steps.iter().filter(|step| is_news(step)).peekable();
    if !plan.asked && steps.peek().is_some() {
        out.push_str("with `--permissions`, roles of Mattermost would change:\n");
    }
    for step in steps {
        let (symbol, style, what) = match &step.refused {
            Some(refusal) => ("!", "31;1", format!("refused: {}", refusal.reason.words())),
            None => ("~", "33", "change".to_owned()),
        };
        let head = paint(style, &format!("{symbol} role {}", one_line(&step.role)));
        let _ = writeln!(out, "{head}  {what}");
        for problem in step.refused.iter().flat_map(|refusal| &refusal.problems) {
            let _ = writeln!(out, "    {}", one_line(problem));
        }
        for (word, permissions) in [("grant", &step.grant), ("withdraw", &step.withdraw)] {
            if !permissions.is_empty() {
                let _ = writeln!(out, "    {word} {}", one_line(&permissions.join(", ")));
            }
        }
        if let Some(help) = step
            .refused
            .as_ref()
            .and_then(|refusal| refusal.help.as_ref())
        {
            let _ = writeln!(out, "    help: {help}");
        }
    }
}

/// How many roles change and are refused, for the summary of a plan.
pub(super) fn counts(plan: &RolePlan) -> Vec<String> {
    let changes = plan.steps.iter().filter(|step| step.writes()).count();
    let refused = plan.refusals().count();
    let mut counts = Vec::new();
    if plan.asked && changes > 0 {
        counts.push(format!("{changes} roles to change"));
    }
    if refused > 0 {
        counts.push(format!("{refused} roles refused"));
    }
    counts
}

/// What became of the roles.
pub(super) fn outcomes(
    roles: &[RoleOutcome],
    paint: &impl Fn(&str, &str) -> String,
    out: &mut String,
) {
    for outcome in roles {
        let role = &outcome.role;
        match &outcome.result {
            Ok(()) => {
                let _ = writeln!(out, "changed role {role}");
            }
            Err(error) => {
                let label = paint("31;1", "failed");
                let _ = writeln!(out, "{label} role {role}: {error}");
                let _ = writeln!(out, "    help: {}", error.help());
            }
        }
    }
}

fn is_news(step: &RoleStep) -> bool {
    step.refused.is_some() || step.differs()
}
