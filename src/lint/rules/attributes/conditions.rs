//! Conditions one by one: what Mattermost cannot hold, and what never or always holds.

use super::solve::{Given, Solver, Verdict};
use crate::diag::{Finding, one_line};
use crate::lint::scope::{PlaybookScope, Scope};
use crate::mattermost::limits::CONDITIONS;
use crate::model::{Attribute, AttributeKind, Formula, Variable, When, variables};
use crate::yaml::{Kind, Node};

/// C-02.
pub(super) fn bad_condition(scope: &mut PlaybookScope<'_>) {
    let playbook = scope.playbook;
    if !playbook.tasks().any(|(.., task)| task.when.is_some()) {
        return;
    }
    let variables = variables(playbook, scope.around.settings);
    let mut count = 0;
    for (checklist, index, task) in playbook.tasks() {
        let Some(when) = &task.when else { continue };
        count += 1;
        let pointer = format!("/checklists/{checklist}/tasks/{index}/when");
        if count == CONDITIONS + 1 {
            let message =
                format!("Mattermost keeps {CONDITIONS} conditions in one playbook at most");
            let finding = scope.at_key(&pointer, message);
            scope.report(finding.label("this is one more; split the playbook"));
        }
        let before = scope.findings.len();
        shape(scope, &pointer, when);
        if scope.findings.len() > before {
            continue;
        }
        let Some(formula) = Formula::of(when, &variables) else {
            continue;
        };
        let simple = formula.simple(&variables);
        if !simple.is_one_level() {
            let message = "Mattermost cannot store this condition: it mixes AND and OR";
            let finding = scope.at_key(&pointer, message);
            let finding = finding
                .label("use only AND, or only OR")
                .help(format!(
                    "in Mattermost a condition is one list of comparisons, all joined by AND or all by OR; this one says: {}. \
                     Write the task once for each branch, or compare one attribute with several values",
                    said(&simple, &variables)
                ));
            scope.report(finding);
        }
    }
}

/// Attributes that cannot be compared, and parts that say nothing.
fn shape(scope: &mut PlaybookScope<'_>, pointer: &str, when: &When) {
    if when.attributes.is_empty() && when.any.is_empty() && when.not.is_none() {
        let empty_any = node(scope.file.root(), pointer).is_some_and(|n| n.get("any").is_some());
        let (pointer, message) = if empty_any {
            (format!("{pointer}/any"), "this `any` has no condition")
        } else {
            (pointer.to_owned(), "this condition says nothing")
        };
        let finding = scope.at_key(&pointer, message);
        scope.report(finding.label("write `{ ATTRIBUTE: [VALUE] }`, or remove it"));
        return;
    }
    if when.any.is_empty()
        && let Some(node) = node(scope.file.root(), pointer)
        && node.get("any").is_some()
    {
        let finding = scope.at_key(&format!("{pointer}/any"), "this `any` has no condition");
        scope.report(finding.label("write `[{ ATTRIBUTE: [VALUE] }]`, or remove it"));
    }
    for (index, inner) in when.any.iter().enumerate() {
        shape(scope, &format!("{pointer}/any/{index}"), inner);
    }
    if let Some(inner) = &when.not {
        shape(scope, &format!("{pointer}/not"), inner);
    }
    for (key, values) in &when.attributes {
        let pointer = format!("{pointer}/{key}");
        if values.is_empty() {
            let message = format!("`{key}` is compared with no value");
            let finding = scope.at_value(&pointer, message);
            scope.report(finding.label("name the values, such as `[ONE, TWO]`"));
        }
        let mut attributes = scope.playbook.attributes.iter();
        if let Some(what) = attributes.find(|a| a.key == *key).and_then(incomparable) {
            let message = format!("`{key}` is {what}, which Mattermost cannot compare");
            let finding = scope.at_key(&pointer, message);
            let finding = finding
                .label("use an attribute of type `select`, `multiselect` or `text`")
                .help(
                    "to give a task to the person in an attribute, write `assign: attribute:KEY`",
                );
            scope.report(finding);
        }
    }
}

fn incomparable(attribute: &Attribute) -> Option<&'static str> {
    match attribute.kind? {
        AttributeKind::Date => Some("a date"),
        AttributeKind::User => Some("a person"),
        AttributeKind::Multiuser => Some("people"),
        AttributeKind::Text | AttributeKind::Select | AttributeKind::Multiselect => None,
    }
}

/// The value that a pointer leads to; keys of conditions need no escapes.
fn node<'n>(root: &'n Node<'n>, pointer: &str) -> Option<&'n Node<'n>> {
    let mut parts = pointer.split('/').skip(1);
    parts.try_fold(root, |node, part| match &node.kind {
        Kind::Seq(elements) => elements.get(part.parse::<usize>().ok()?),
        _ => node.get(part),
    })
}

/// C-03.
pub(super) fn unsatisfiable(scope: &mut PlaybookScope<'_>) {
    let playbook = scope.playbook;
    // Without one of these, a condition asks different attributes for some of their values.
    let is_simple = |when: &When| when.any.is_empty() && when.not.is_none();
    let whens = playbook.tasks().filter_map(|(.., task)| task.when.as_ref());
    if whens.into_iter().all(is_simple) {
        return;
    }
    let variables = variables(playbook, scope.around.settings);
    let mut solver = Solver::new(&variables);
    for (checklist, index, task) in playbook.tasks() {
        let Some(when) = task.when.as_ref().filter(|when| !is_empty(when)) else {
            continue;
        };
        let (Some(formula), Some(opposite)) = (
            Formula::of(when, &variables),
            Formula::not_of(when, &variables),
        ) else {
            continue;
        };
        let pointer = format!("/checklists/{checklist}/tasks/{index}/when");
        if solver.solve(&formula, Given::Perhaps) == Verdict::Never {
            let finding = scope.at_key(&pointer, "this condition is never true");
            let help = reason(&mut solver, &formula, &variables);
            let finding = finding
                .label("change or remove it: nobody will ever see this task")
                .help(help);
            scope.report(finding);
        } else if solver.solve(&opposite, Given::Perhaps) == Verdict::Never {
            let finding = scope.at_key(&pointer, "this condition is always true");
            let help = format!(
                "it says: {}; that is true with every value, and with none",
                said(&formula.simple(&variables), &variables)
            );
            let finding = finding.label("remove `when`: the task is always shown");
            scope.report(finding.help(help));
        } else {
            let found = branches(scope, &mut solver, &pointer, when, &variables);
            scope.findings.extend(found);
        }
    }
}

/// Whether some part says nothing: that is for C-02.
fn is_empty(when: &When) -> bool {
    let nothing = when.attributes.is_empty() && when.any.is_empty() && when.not.is_none();
    nothing
        || when.attributes.values().any(Vec::is_empty)
        || when.any.iter().any(is_empty)
        || when.not.as_deref().is_some_and(is_empty)
}

/// Why a condition never holds: the attribute that contradicts itself, or all of it.
fn reason<'p>(
    solver: &mut Solver<'_, 'p>,
    formula: &Formula<'p>,
    variables: &[Variable<'p>],
) -> String {
    let simple = formula.clone().simple(variables);
    if let Formula::All(parts) = &simple {
        for index in 0..variables.len() {
            let own = parts.iter().filter(|part| mentions_only(part, index));
            let own = Formula::All(own.cloned().collect());
            if solver.solve(&own, Given::Perhaps) == Verdict::Never {
                let words = said(&own, variables);
                return format!("it requires that {words}, which is impossible");
            }
        }
    }
    format!("it requires that {}", said(&simple, variables))
}

fn mentions_only(formula: &Formula<'_>, index: usize) -> bool {
    match formula {
        Formula::Is { variable, .. } => *variable == index,
        Formula::All(parts) | Formula::Any(parts) => {
            parts.iter().all(|part| mentions_only(part, index))
        }
    }
}

/// Branches of `any` that cannot hold beside the rest of the condition.
fn branches<'p>(
    scope: &PlaybookScope<'_>,
    solver: &mut Solver<'_, 'p>,
    pointer: &str,
    when: &'p When,
    variables: &[Variable<'p>],
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut rest = Vec::new();
    for (key, values) in &when.attributes {
        let position = variables.iter().position(|v| v.key == key);
        rest.extend(position.map(|variable| Formula::Is {
            variable,
            values: values.iter().map(String::as_str).collect(),
            negated: false,
        }));
    }
    rest.extend(
        when.not
            .as_deref()
            .and_then(|w| Formula::not_of(w, variables)),
    );
    for (index, branch) in when.any.iter().enumerate() {
        if solver.is_spent() {
            break;
        }
        let Some(branch) = Formula::of(branch, variables) else {
            continue;
        };
        let whole = Formula::All(rest.iter().cloned().chain([branch]).collect());
        if solver.solve(&whole, Given::Perhaps) == Verdict::Never {
            let pointer = format!("{pointer}/any/{index}");
            let finding = scope.at_value(&pointer, "this branch of `any` is never true");
            let help = reason(solver, &whole, variables);
            findings.push(finding.label("remove it, or correct it").help(help));
        }
    }
    findings
}

/// What people say for a formula, in one harmless line.
fn said(formula: &Formula<'_>, variables: &[Variable<'_>]) -> String {
    one_line(&formula.words(variables))
}
