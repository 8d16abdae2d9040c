//! How often stakeholders hear something.

use super::statuses::upside_down;
use crate::diag::Code;
use crate::lint::rule::{Check, Rule};
use crate::lint::scope::{PlaybookScope, Scope, SettingsScope};
use crate::model::Duration;
use crate::workspace::Placed;
use crate::yaml::Part;

pub(super) const REMINDER_MISSING: Rule = Rule {
    code: Code::ReminderMissing,
    what: "`updates` without `every`, a negative one, and `0s` for `updates.every` or for `update_every` of a severity.",
    why: "Without a timer nobody is reminded. Stakeholders hear one update, and then nothing.",
    bad: &[(
        "playbooks/outage.yaml",
        "\
updates:
  broadcast: [~incidents]
",
    )],
    good: &[(
        "playbooks/outage.yaml",
        "\
updates:
  every: 30m
  broadcast: [~incidents]
",
    )],
    checks: &[
        Check::Structure,
        Check::Playbook(no_timer),
        Check::Settings(no_timer_of_severities),
    ],
};

pub(super) const REMINDER_IMPLAUSIBLE: Rule = Rule {
    code: Code::ReminderImplausible,
    what: "Status updates more often than every 5 minutes; less often than once a day, in `updates.every` or for the two \
           most severe severities; and a severity whose updates come less often than those of a less severe one.",
    why: "Who writes every three minutes repairs nothing. And who hears nothing for a day asks in the incident's channel.",
    bad: &[(
        "warroom.yaml",
        "\
severities:
  - { key: sev1, title: SEV-1, means: Customers cannot pay, update_every: 2h }
  - { key: sev2, title: SEV-2, means: Customers wait, update_every: 1h }
",
    )],
    good: &[(
        "warroom.yaml",
        "\
severities:
  - { key: sev1, title: SEV-1, means: Customers cannot pay, update_every: 30m }
  - { key: sev2, title: SEV-2, means: Customers wait, update_every: 1h }
",
    )],
    checks: &[
        Check::Playbook(implausible),
        Check::Settings(implausible_of_severities),
    ],
};

const SHORTEST: Duration = Duration::from_seconds(5 * 60);
const LONGEST: Duration = Duration::from_seconds(24 * 3_600);

/// How many severities must not wait longer than a day.
const SEVERE: usize = 2;

fn is_never(every: Duration) -> bool {
    every.as_seconds() == 0
}

fn no_timer(scope: &mut PlaybookScope<'_>) {
    if scope
        .playbook
        .updates
        .as_ref()
        .is_some_and(|updates| is_never(updates.every))
    {
        never(scope, "/updates/every");
    }
}

fn no_timer_of_severities(scope: &mut SettingsScope<'_>) {
    for (n, severity) in scope.around.settings.severities.iter().enumerate() {
        if severity.update_every.is_some_and(is_never) {
            never(scope, &pointer(n));
        }
    }
}

fn never<S: Scope>(scope: &mut S, pointer: &str) {
    let finding = scope
        .at_value(pointer, "nobody is ever reminded of a status update")
        .label("write how often, such as `30m`");
    scope.report(finding);
}

fn pointer(severity: usize) -> String {
    format!("/severities/{severity}/update_every")
}

fn implausible(scope: &mut PlaybookScope<'_>) {
    if let Some(updates) = &scope.playbook.updates {
        one(scope, "/updates/every", updates.every, true);
    }
}

fn implausible_of_severities(scope: &mut SettingsScope<'_>) {
    let severities = &scope.around.settings.severities;
    for (n, severity) in severities.iter().enumerate() {
        if let Some(every) = severity.update_every {
            one(scope, &pointer(n), every, n < SEVERE);
        }
    }
    // Then the order is what is wrong, and S-05 says so.
    if upside_down(severities) {
        return;
    }
    let given = severities.iter().enumerate();
    let given: Vec<_> = given
        .filter_map(|(n, severity)| Some((n, severity.update_every?)))
        .collect();
    for pair in given.windows(2) {
        let [(severe, slow), (mild, fast)] = *pair else {
            continue;
        };
        if slow <= fast || is_never(fast) {
            continue;
        }
        let (worse, better) = (&severities[severe].key, &severities[mild].key);
        let other = scope.file().place(&pointer(mild), Part::Value);
        let message = format!(
            "`{worse}` is worse than `{better}`, but its updates come less often: every {slow}"
        );
        let finding = scope
            .at_value(&pointer(severe), message)
            .label(format!("write `{fast}` or less"))
            .related(scope.file().source(), other, format!("every {fast}"));
        scope.report(finding);
    }
}

/// An interval alone; `severe` says whether a day is too long.
fn one<S: Scope>(scope: &mut S, pointer: &str, every: Duration, severe: bool) {
    let finding = if every < SHORTEST && !is_never(every) {
        scope
            .at_value(
                pointer,
                format!("a status update every {every} leaves no time to repair anything"),
            )
            .label("write 5 minutes or more, such as `15m`")
    } else if every > LONGEST && severe {
        scope
            .at_value(pointer, format!("stakeholders hear nothing for {every}"))
            .label("write a day or less, such as `4h`")
    } else {
        return;
    };
    scope.report(finding);
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use crate::diag::{Code, Level};
    use crate::lint::tests::{lint, messages};

    fn severities(every: &[&str]) -> String {
        let mut text = "severities:\n".to_owned();
        for (n, every) in every.iter().enumerate() {
            let _ = writeln!(
                text,
                "  - {{ key: sev{}, title: S, update_every: {every} }}",
                n + 1
            );
        }
        text
    }

    #[test]
    fn updates_need_a_timer() {
        for updates in ["{ broadcast: [~x] }", "{ every: -5m }", "{ every: 0s }"] {
            let findings = lint(&[("playbooks/outage.yaml", &format!("updates: {updates}\n"))]);
            let codes: Vec<_> = findings.iter().map(|f| (f.code, f.level)).collect();
            assert_eq!(codes, [(Code::ReminderMissing, Level::Error)], "{updates}");
        }
        let found = messages(
            Code::ReminderMissing,
            &[("warroom.yaml", &severities(&["0s", "1h"]))],
        );
        assert_eq!(found, ["5: nobody is ever reminded of a status update"]);
        let slip = lint(&[("playbooks/outage.yaml", "updates: { evry: 30m }\n")]);
        assert_eq!(
            slip.iter().map(|f| f.code).collect::<Vec<_>>(),
            [Code::UnknownKey]
        );
    }

    #[test]
    fn intervals_are_weighed_alone() {
        let found = |every: &str| {
            let text = format!("updates: {{ every: {every} }}\n");
            messages(
                Code::ReminderImplausible,
                &[("playbooks/outage.yaml", &text)],
            )
        };
        assert_eq!(
            found("4m59s"),
            ["18: a status update every 4m59s leaves no time to repair anything"]
        );
        assert_eq!(found("25h"), ["18: stakeholders hear nothing for 1d1h"]);
        assert!(found("5m").is_empty() && found("24h").is_empty());
    }

    #[test]
    fn the_worse_the_more_often() {
        let found = |every: &[&str]| {
            messages(
                Code::ReminderImplausible,
                &[("warroom.yaml", &severities(every))],
            )
        };
        assert!(found(&["30m", "1h", "1h", "7d"]).is_empty());
        assert_eq!(found(&["30m", "2d", "3d"]).len(), 1);
        let slower = found(&["30m", "4h", "1h"]);
        assert_eq!(
            slower,
            ["6: `sev2` is worse than `sev3`, but its updates come less often: every 4h"]
        );
    }
}
