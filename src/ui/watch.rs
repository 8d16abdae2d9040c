//! What one reads who stays and watches: a round after each change.
//!
//! A round is one piece of the result, so that whoever reads it in a file or through a
//! pipe has all of it, and nothing on a screen is wiped away.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::{Ui, report};
use crate::diag::{Finding, one_line};
use crate::ui::report::{Format, NotChecked, Report};
use crate::workspace::{Change, ChangeKind};

/// What one look at the files came to.
#[derive(Debug, Clone, Copy)]
pub struct Round<'a> {
    /// When it was.
    pub at: Timestamp,
    /// What changed since the round before; nothing in the first.
    pub changes: &'a [Change],
    /// Everything that is wrong.
    pub findings: &'a [Finding],
    /// What was not looked for; none where rules were not asked for.
    pub not_checked: Option<&'a [NotChecked]>,
    /// How many files were read.
    pub files: usize,
}

/// For people: the time, what changed, the findings, and how many.
///
/// `before` is what the findings of the round before were as text; none in the first.
#[must_use]
pub fn human(round: Round<'_>, before: Option<&str>, ui: &Ui) -> (String, String) {
    let findings = report::render(round.findings, Format::Human, "", ui.style());
    let summary = report::summary(round.findings, round.files);
    let text = match before {
        None => format!("{findings}{summary}"),
        Some(before) => {
            let time = round.at.to_zoned(TimeZone::UTC).strftime("%H:%M:%S UTC");
            let heading = ui.paint("1", &format!("{time} {}", told(round.changes)));
            if before == findings {
                format!("{heading}: as before, {summary}")
            } else if findings.is_empty() {
                format!("{heading}: {summary}")
            } else {
                format!("\n{heading}\n{findings}{summary}")
            }
        }
    };
    (text, findings)
}

/// For programs: the object of `--format json` in one line, with time and changes.
#[must_use]
pub fn json(round: Round<'_>) -> String {
    let mut object = report::object(Report {
        findings: round.findings,
        not_checked: round.not_checked,
    });
    let changes: Vec<Value> = round
        .changes
        .iter()
        .map(|change| json!({ "file": change.path, "change": word(change.kind) }))
        .collect();
    object["at"] = json!(round.at.to_string());
    object["changes"] = json!(changes);
    report::line(&object)
}

/// The first changes by name, and how many more there are.
fn told(changes: &[Change]) -> String {
    const MOST: usize = 3;
    let named = changes.iter().take(MOST).map(|change| {
        let path = one_line(&change.path);
        match change.kind {
            ChangeKind::New => format!("{path} is new"),
            ChangeKind::Changed => format!("{path} changed"),
            ChangeKind::Gone => format!("{path} is gone"),
        }
    });
    let mut all: Vec<String> = named.collect();
    match changes.len().saturating_sub(MOST) {
        0 => {}
        1 => all.push("and 1 more file".to_owned()),
        more => all.push(format!("and {more} more files")),
    }
    all.join(", ")
}

fn word(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::New => "new",
        ChangeKind::Changed => "changed",
        ChangeKind::Gone => "gone",
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::diag::{Code, Source, Span};
    use crate::ui::Style;

    fn change(path: &str, kind: ChangeKind) -> Change {
        let path = path.to_owned();
        Change { path, kind }
    }

    fn finding() -> Finding {
        let source = Arc::new(Source::new("playbooks/outage.yaml", "key: outage\n"));
        Finding::new(Code::InvalidValue, &source, Span::new(5, 11), "it is wrong")
    }

    fn round<'a>(changes: &'a [Change], findings: &'a [Finding]) -> Round<'a> {
        Round {
            at: "2026-11-21T12:00:07Z".parse().unwrap(),
            changes,
            not_checked: None,
            findings,
            files: 4,
        }
    }

    #[test]
    fn rounds_read_as_a_story() {
        let (ui, _) = Ui::captured(Style::PLAIN, "");
        let changed = [change("playbooks/outage.yaml", ChangeKind::Changed)];
        let several = [
            change("playbooks/\u{1b}[2J.yaml", ChangeKind::New),
            change("templates/update.md.j2", ChangeKind::Gone),
            change("warroom.yaml", ChangeKind::Changed),
            change("x", ChangeKind::New),
            change("y", ChangeKind::New),
        ];
        let wrong = [finding()];
        let mut story = String::new();
        let mut before: Option<String> = None;
        for (changes, findings) in [
            (&[][..], &[][..]),
            (&changed, &wrong),
            (&changed, &wrong),
            (&several[..4], &[]),
            (&several, &[]),
        ] {
            let (text, findings) = human(round(changes, findings), before.as_deref(), &ui);
            story.push_str(text.trim_end_matches('\n'));
            story.push('\n');
            before = Some(findings);
        }
        insta::assert_snapshot!(story, @r"
        4 files, no findings

        12:00:07 UTC playbooks/outage.yaml changed
        error[Y-14] invalid-value: it is wrong
           ╭─[playbooks/outage.yaml:1:6]
         1 │ key: outage
           ·      ──────
           ╰────
        1 error in 1 file
        12:00:07 UTC playbooks/outage.yaml changed: as before, 1 error in 1 file
        12:00:07 UTC playbooks/?[2J.yaml is new, templates/update.md.j2 is gone, warroom.yaml changed, and 1 more file: 4 files, no findings
        12:00:07 UTC playbooks/?[2J.yaml is new, templates/update.md.j2 is gone, warroom.yaml changed, and 2 more files: as before, 4 files, no findings
        ");
    }

    #[test]
    fn programs_get_a_line_for_each_round() {
        let changed = [change("playbooks/outage.yaml", ChangeKind::Changed)];
        insta::assert_snapshot!(
            json(round(&changed, &[])),
            @r#"{"version":1,"findings":[],"at":"2026-11-21T12:00:07Z","changes":[{"file":"playbooks/outage.yaml","change":"changed"}]}"#
        );
        assert!(!json(round(&changed, &[finding()])).contains('\n'));
    }
}
