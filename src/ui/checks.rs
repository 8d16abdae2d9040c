//! How a list of checks is drawn: one line each, and what to do below it.

use serde::Serialize;

use super::Ui;
use crate::diag::one_line;

/// How a check went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// As it should be.
    Ok,
    /// In the way.
    Problem,
    /// Not looked at, since an earlier check failed.
    Skipped,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was looked at, in a word.
    pub name: &'static str,
    /// How it went.
    pub verdict: Verdict,
    /// What was seen.
    pub message: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

impl Check {
    /// As it should be.
    pub fn ok(name: &'static str, message: impl Into<String>) -> Self {
        Self {
            name,
            verdict: Verdict::Ok,
            message: message.into(),
            help: None,
        }
    }

    /// In the way; `help` says what to do.
    pub fn problem(
        name: &'static str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self {
            name,
            verdict: Verdict::Problem,
            message: message.into(),
            help: Some(help.into()),
        }
    }

    /// Not looked at.
    #[must_use]
    pub fn skipped(name: &'static str) -> Self {
        Self {
            name,
            verdict: Verdict::Skipped,
            message: "not looked at".to_owned(),
            help: None,
        }
    }
}

/// The checks as text.
#[must_use]
pub fn human(checks: &[Check], ui: &Ui) -> String {
    let width = checks.iter().map(|check| check.name.len()).max();
    let width = width.unwrap_or_default();
    let mut lines = Vec::new();
    for check in checks {
        let (style, word) = match check.verdict {
            Verdict::Ok => ("32", "ok     "),
            Verdict::Problem => ("31;1", "problem"),
            Verdict::Skipped => ("2", "skipped"),
        };
        let word = ui.paint(style, word);
        lines.push(format!(
            "{word}  {:width$}  {}",
            check.name,
            one_line(&check.message)
        ));
        if let Some(help) = &check.help {
            let label = ui.paint("36;1", "help");
            lines.push(format!(
                "{:9}{:width$}  {label}: {}",
                "",
                "",
                one_line(help)
            ));
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::Style;

    #[test]
    fn a_server_cannot_draw_on_the_terminal() {
        let (ui, _) = Ui::captured(Style::PLAIN, "");
        let odd = [Check::problem("server", "\u{1b}[2J\u{202e}", "\r\n")];
        let text = human(&odd, &ui);
        assert_eq!(text.lines().count(), 2);
        assert!(!text.contains(['\u{1b}', '\r', '\u{202e}']));
    }
}
