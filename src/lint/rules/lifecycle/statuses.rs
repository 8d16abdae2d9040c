//! The lists of statuses and severities.

use crate::diag::{Code, Level};
use crate::lint::rule::{Check, Rule};
use crate::lint::scope::{Scope, SettingsScope};
use crate::model::Severity;
use crate::workspace::Placed;
use crate::yaml::Part;

pub(super) const STATUS_GRAPH: Rule = Rule {
    code: Code::StatusGraph,
    what: "An incident starts with the first of `statuses` and is over with one that `ends` it. An error: the first one \
           ends it, or none does. A warning: a status behind one that ends the incident goes on. \
           Several that end it are fine: `run end` takes the first of them unless the incident has another.",
    why: "`run end` has to write down how the incident ended, and people read the list as the way through it.",
    bad: &[(
        "warroom.yaml",
        "\
statuses:
  - { key: reported, title: Reported }
  - { key: active, title: Active }
  - { key: resolved, title: Resolved }
",
    )],
    good: &[(
        "warroom.yaml",
        "\
statuses:
  - { key: reported, title: Reported }
  - { key: active, title: Active }
  - { key: resolved, title: Resolved, ends: true }
",
    )],
    checks: &[
        Check::Settings(status_graph),
        Check::Deferred("statuses have no key for what may follow what"),
    ],
};

pub(super) const UNDECLARED_SEVERITY: Rule = Rule {
    code: Code::SeverityUndeclared,
    what: "An error: an attribute takes its values `from: severities`, and `warroom.yaml` declares none; or a condition \
           names one that is not declared. A warning: the list is upside down. The most severe comes first, so numbers \
           in the keys or titles should not fall (`sev3`, `sev2`, `sev1`), nor should `update_every` of all of them.",
    why: "An incident for which nobody names a severity gets the last of the list. Upside down, every small matter \
          starts as the worst case, and after a week nobody believes it.",
    bad: &[(
        "warroom.yaml",
        "\
severities:
  - { key: sev3, title: SEV-3 }
  - { key: sev2, title: SEV-2 }
  - { key: sev1, title: SEV-1 }
",
    )],
    good: &[(
        "warroom.yaml",
        "\
severities:
  - { key: sev1, title: SEV-1 }
  - { key: sev2, title: SEV-2 }
  - { key: sev3, title: SEV-3 }
",
    )],
    checks: &[
        Check::Structure,
        Check::Settings(unordered_severities),
        Check::Deferred("there is no key for a default severity"),
    ],
};

fn status_graph(scope: &mut SettingsScope<'_>) {
    let statuses = &scope.around.settings.statuses;
    if let Some(first) = statuses.first().filter(|status| status.ends) {
        let message = format!(
            "an incident starts with `{}`, and with it is over at once",
            first.key
        );
        let finding = scope
            .at_value("/statuses/0/ends", message)
            .label("let one of the later statuses end it")
            .help("the first status is the one in which incidents start");
        scope.report(finding);
    }
    let Some(end) = statuses.iter().position(|status| status.ends) else {
        let finding = scope
            .at_key("/statuses", "no status ends an incident")
            .label("add `ends: true` to the last one");
        scope.report(finding);
        return;
    };
    if end == 0 {
        return;
    }
    let behind = statuses.iter().enumerate().skip(end);
    if let Some((n, status)) = behind.into_iter().find(|(_, status)| !status.ends) {
        let ending = scope
            .file()
            .place(&format!("/statuses/{end}/key"), Part::Value);
        let message = format!(
            "`{}` comes after `{}`, which ends the incident",
            status.key, statuses[end].key
        );
        let finding = scope
            .at_value(&format!("/statuses/{n}/key"), message)
            .level(Level::Warning)
            .label("move it up, or add `ends: true`")
            .related(scope.file().source(), ending, "the incident is over here");
        scope.report(finding);
    }
}

fn unordered_severities(scope: &mut SettingsScope<'_>) {
    let severities = &scope.around.settings.severities;
    if !upside_down(severities) {
        return;
    }
    let last = severities.len() - 1;
    let message = format!(
        "the severities are in the wrong order: `{}` is the worst, but it comes last",
        severities[last].key
    );
    let finding = scope
        .at_key("/severities", message)
        .level(Level::Warning)
        .label("put the most severe first")
        .help("an incident for which nobody names a severity gets the last one");
    scope.report(finding);
}

/// Whether a list of severities surely begins with the least severe.
pub(super) fn upside_down(severities: &[Severity]) -> bool {
    let every: Option<Vec<_>> = severities
        .iter()
        .map(|severity| severity.update_every)
        .collect();
    let numbers = numbers(severities, |severity| severity.key.as_str());
    let numbers = numbers.or_else(|| self::numbers(severities, |severity| &severity.title));
    let every = every.unwrap_or_default();
    match numbers {
        // In some houses the highest number is the worst: then its updates come first.
        Some(numbers) => falls(&numbers) && !rises(&every),
        None => falls(&every),
    }
}

fn falls<T: PartialOrd>(all: &[T]) -> bool {
    all.len() >= 2 && all.windows(2).all(|pair| pair[0] > pair[1])
}

fn rises<T: PartialOrd>(all: &[T]) -> bool {
    all.len() >= 2 && all.windows(2).all(|pair| pair[0] < pair[1])
}

/// The number in the name of each severity, where all have one.
fn numbers(severities: &[Severity], name: impl Fn(&Severity) -> &str) -> Option<Vec<u32>> {
    let number = |severity: &Severity| {
        let name = name(severity);
        let start = name.find(|c: char| c.is_ascii_digit())?;
        let digits = name[start..].split(|c: char| !c.is_ascii_digit()).next()?;
        digits.parse().ok()
    };
    severities.iter().map(number).collect()
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use crate::diag::Code;
    use crate::lint::tests::{lint, messages};

    #[test]
    fn statuses_lead_from_one_beginning_to_an_end() {
        let found = |ends: &[bool]| {
            let mut text = "statuses:\n".to_owned();
            for (n, ends) in ends.iter().enumerate() {
                let _ = writeln!(text, "  - {{ key: s{n}, title: S{n}, ends: {ends} }}");
            }
            messages(Code::StatusGraph, &[("warroom.yaml", &text)])
        };
        assert!(found(&[false, true]).is_empty());
        assert!(found(&[false, false, true, true]).is_empty());
        assert_eq!(
            found(&[true, true]),
            ["10: an incident starts with `s0`, and with it is over at once"]
        );
        assert_eq!(found(&[true]).len(), 1);
        assert_eq!(found(&[false]), ["9: no status ends an incident"]);
        assert_eq!(
            found(&[false, true, false]),
            ["12: `s2` comes after `s1`, which ends the incident"]
        );
    }

    #[test]
    fn only_lists_that_are_surely_upside_down_are_told() {
        let found = |all: &[(&str, &str)]| {
            let mut text = "severities:\n".to_owned();
            for (key, every) in all {
                let _ = writeln!(text, "  - {{ key: {key}, title: T{every} }}");
            }
            let codes = lint(&[("warroom.yaml", &text)]);
            let ours = [Code::SeverityUndeclared, Code::ReminderImplausible];
            codes
                .iter()
                .map(|f| f.code)
                .filter(|code| ours.contains(code))
                .collect::<Vec<_>>()
        };
        let upside_down = [Code::SeverityUndeclared];
        for ordered in [
            &[("p1", ""), ("p2", "")][..],
            &[("p1", "")],
            &[("critical", ""), ("minor", "")],
            &[
                ("level5", ", update_every: 15m"),
                ("level4", ", update_every: 1h"),
            ],
            &[("p1", ", update_every: 1h"), ("p2", ", update_every: 1h")],
            &[("p1", ""), ("p3", ""), ("p2", "")],
        ] {
            assert_eq!(found(ordered), [], "{ordered:?}");
        }
        for reversed in [
            &[("p2", ""), ("p1", "")][..],
            &[
                ("low", ", update_every: 4h"),
                ("high", ", update_every: 30m"),
            ],
            &[
                ("sev2", ", update_every: 4h"),
                ("sev1", ", update_every: 30m"),
            ],
        ] {
            assert_eq!(found(reversed), upside_down, "{reversed:?}");
        }
    }

    #[test]
    fn severities_in_use_are_declared() {
        let files = [
            ("warroom.yaml", "severities: []\n"),
            (
                "playbooks/outage.yaml",
                "attributes: [{ key: severity, name: Severity, from: severities }]\n",
            ),
        ];
        assert_eq!(messages(Code::SeverityUndeclared, &files).len(), 1);
    }
}
