//! Status updates, reminders and the life of an incident.

mod sections;
mod statuses;
mod updates;

use super::tasks;
use crate::diag::Code;
use crate::lint::rule::{Check, Rule};
use crate::lint::scope::{PlaybookScope, Scope};

pub(super) static RULES: &[Rule] = &[
    updates::REMINDER_MISSING,
    updates::REMINDER_IMPLAUSIBLE,
    sections::UPDATE_SECTIONS,
    statuses::STATUS_GRAPH,
    statuses::UNDECLARED_SEVERITY,
    Rule {
        code: Code::EscalationBroken,
        what: "An escalation without a target, or one that leads back to where it began.",
        why: "Everybody believes that somebody was called, and nobody was.",
        bad: &[],
        good: &[],
        checks: &[Check::Deferred("there is no key for escalations")],
    },
    Rule {
        code: Code::NeverTrue,
        what: "A reminder or an automation whose condition can never hold.",
        why: "It looks like a safety net, and is none.",
        bad: &[],
        good: &[],
        checks: &[Check::Deferred(
            "there is no key for reminders or automations with conditions; conditions of tasks are C-03",
        )],
    },
    NO_RETROSPECTIVE,
    Rule {
        code: Code::ArchiveBeforeExport,
        what: "`start.channel.archive_when_ended` on a server where nobody reads archived channels. \
               `run export` reads the channel of an incident after its end, archived or not; it says what it could not read.",
        why: "A conversation that nobody may read any more is missing in the post-mortem.",
        bad: &[],
        good: &[],
        checks: &[Check::Online(
            "whether the server lets people read archived channels, as it usually does",
        )],
    },
    Rule {
        code: Code::DrillLeak,
        what: "A drill that reaches real channels or webhooks.",
        why: "A false alarm to the whole company is an incident of its own.",
        bad: &[],
        good: &[],
        checks: &[Check::Deferred(
            "there is no key that marks a playbook as a drill",
        )],
    },
    Rule {
        code: Code::BadWindow,
        what: "Quiet or business hours that are malformed, or never open.",
        why: "Messages that wait for an hour that never comes reach nobody.",
        bad: &[],
        good: &[],
        checks: &[Check::Deferred(
            "there is no key for quiet or business hours",
        )],
    },
];

const NO_RETROSPECTIVE: Rule = Rule {
    code: Code::NoRetrospective,
    what: "In a workspace with severities: a playbook without `retrospective` in which no required task names a \
           post-mortem, a retrospective or a review either. And `remind_every: 0s`, which never reminds anybody.",
    why: "The same incident comes back to those who did not look at it together. A week later nobody remembers the details.",
    bad: &[(
        "playbooks/outage.yaml",
        "\
retrospective:
  remind_every: 0s
",
    )],
    good: &[(
        "playbooks/outage.yaml",
        "\
retrospective:
  remind_every: 1d
",
    )],
    checks: &[Check::Playbook(no_retrospective)],
};

fn no_retrospective(scope: &mut PlaybookScope<'_>) {
    let playbook = scope.playbook;
    let finding = if let Some(retrospective) = &playbook.retrospective {
        let every = retrospective.remind_every;
        if every.is_none_or(|every| every.as_seconds() > 0) {
            return;
        }
        scope
            .at_value(
                "/retrospective/remind_every",
                "nobody is ever reminded of an open retrospective",
            )
            .label("write how often, such as `1d`")
    } else {
        let severities = &scope.around.settings.severities;
        if severities.is_empty() || tasks::plans_to_look_back(playbook) {
            return;
        }
        scope
            .at_value(
                "/title",
                "after an incident of this playbook nobody is asked for a retrospective",
            )
            .label("add `retrospective: { remind_every: 1d }`")
            .help("or add a required task that schedules the post-mortem")
    };
    scope.report(finding);
}

#[cfg(test)]
mod tests {
    use crate::diag::Code;
    use crate::lint::tests::messages;

    #[test]
    fn somebody_is_asked_to_look_back() {
        let found = |task: &str, over: &[(&str, &str)]| {
            let text = format!(
                "key: login\ntitle: Login\naccess: everybody\nchecklists:\n  - key: a\n    title: A\n    tasks: [{task}]\n"
            );
            let mut files = vec![("playbooks/login.yaml", text.as_str())];
            files.extend(over);
            messages(Code::NoRetrospective, &files)
        };
        let optional = "{ key: b, title: Schedule the post-mortem }";
        let required =
            "{ key: b, title: Schedule the post-mortem, assign: commander, required: true }";
        assert_eq!(
            found(optional, &[]),
            ["2: after an incident of this playbook nobody is asked for a retrospective"]
        );
        assert!(found(required, &[]).is_empty());
        assert!(found(optional, &[("warroom.yaml", "severities: []\n")]).is_empty());
        assert!(
            messages(
                Code::NoRetrospective,
                &[("playbooks/outage.yaml", "retrospective: {}\n")]
            )
            .is_empty()
        );
    }
}
