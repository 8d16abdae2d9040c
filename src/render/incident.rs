//! An incident from a file: what `warroom run show --format json` printed.

use serde::Deserialize;

use crate::incident::Incident;

/// Why a file is no incident.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct UnreadableIncident {
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: &'static str,
}

/// What `run show --format json` prints; figures that follow from it are worked out anew.
#[derive(Deserialize)]
struct Shown {
    version: u64,
    incident: Incident,
}

/// What an export writes beside it begins with this.
#[derive(Deserialize)]
struct Exported {
    #[serde(rename = "schema")]
    _schema: String,
}

/// Reads the JSON of an incident.
///
/// # Errors
/// When it is not what `run show --format json` prints.
pub fn read_incident(text: &str) -> Result<Incident, UnreadableIncident> {
    const HELP: &str = "`warroom run show --format json > incident.json` writes one";
    let wrong = |message: String| UnreadableIncident {
        message,
        help: HELP,
    };
    if serde_json::from_str::<Exported>(text).is_ok() {
        return Err(wrong(
            "it is the record of an export, which says less of the tasks than a template sees"
                .to_owned(),
        ));
    }
    let mut json = serde_json::Deserializer::from_str(text);
    let shown: Shown = serde_path_to_error::deserialize(&mut json)
        .map_err(|error| wrong(crate::diag::one_line(&error.to_string())))?;
    match shown.version {
        1 => Ok(shown.incident),
        other => Err(wrong(format!(
            "it has version {other}, and this warroom knows 1"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_run_show_prints_is_read_back_unchanged() {
        let incident = crate::incident::state::samples::incident();
        let text = serde_json::json!({ "version": 1, "incident": incident, "tally": {} });
        assert_eq!(read_incident(&text.to_string()), Ok(incident));
    }

    #[test]
    fn what_is_something_else_says_where_it_differs() {
        let incident = crate::incident::state::samples::incident();
        let mut text = serde_json::json!({ "version": 1, "incident": incident });
        text["incident"]["checklists"][0]["tasks"][0]["state"] = "half".into();
        let error = read_incident(&text.to_string()).unwrap_err();
        assert!(
            error
                .message
                .starts_with("incident.checklists[0].tasks[0].state: unknown variant"),
            "{error}"
        );
        let newer = text
            .to_string()
            .replace("half", "done")
            .replacen('1', "2", 1);
        assert!(read_incident(&newer).is_err());
        assert!(read_incident("{").is_err());
        let exported = read_incident(r#"{"schema": "warroom/incident/1"}"#).unwrap_err();
        assert!(exported.message.contains("export"), "{exported}");
    }
}
