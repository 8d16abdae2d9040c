//! Mistakes of the form that have a rule of their own, and are reported under its id.

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Error;

use super::Kind;
use crate::diag::{Code, Finding, Level};

/// Gives a finding the id and the words of the rule that it belongs to.
pub(super) fn name(kind: Kind, error: &ValidationError<'_>, finding: &mut Finding) {
    if kind != Kind::Playbook {
        return;
    }
    let pointer = error.instance_path().as_str();
    let value = error.instance();
    let text = value.as_str().unwrap_or_default();
    let mut keys = pointer.split('/').skip(1);
    match [(); 5].map(|()| keys.next()) {
        [Some("updates"), None, ..] => {
            if matches!(error.kind(), Error::Required { property } if property == "every") {
                finding.code = Code::ReminderMissing;
            }
        }
        [Some("updates"), Some("every"), None, ..] if text.starts_with('-') => {
            finding.code = Code::ReminderMissing;
        }
        [Some("checklists"), _, Some("tasks"), _, Some(key)] if keys.next().is_none() => {
            match key {
                "command" if matches!(error.kind(), Error::Pattern { .. }) => {
                    finding.code = Code::BadCommand;
                    finding.level = Level::Error;
                    "this is not a slash command: it does not begin with `/`"
                        .clone_into(&mut finding.message);
                    "write `/` and the name of the command".clone_into(&mut finding.label);
                }
                "due" if is_date(text) => {
                    finding.code = Code::AbsoluteDue;
                    finding.message = format!(
                        "`{}` is a point in time, but `due` is counted from the start of the incident",
                        super::wording::shortened(text)
                    );
                    "write how long after the start, such as `30m`".clone_into(&mut finding.label);
                }
                "done_when" if value.is_array() => {
                    finding.code = Code::TaskActionLimit;
                    "`done_when` takes one mapping, but this is a list"
                        .clone_into(&mut finding.message);
                    "write one `{ keywords: [...] }` with all the keywords"
                        .clone_into(&mut finding.label);
                }
                _ => {}
            }
        }
        _ => {}
    }
}

/// Whether a text is a date or a time of day.
fn is_date(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let parts = text.split(['-', ':', '.', '/']).filter(|part| {
        let part = part.trim();
        !part.is_empty() && part.starts_with(|c: char| c.is_ascii_digit())
    });
    !text.starts_with('-') && digits >= 3 && parts.count() >= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_times_are_no_durations() {
        for text in [
            "2026-11-21",
            "2026-11-21T10:00Z",
            "14:30",
            "21.11.2026",
            "21/11",
        ] {
            assert!(is_date(text), "{text}");
        }
        for text in ["10 minutes", "-5m", "1.5h", "30", "", "soon"] {
            assert!(!is_date(text), "{text}");
        }
    }
}
