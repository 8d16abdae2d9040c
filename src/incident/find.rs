//! What people call an incident: its id, number, `~channel`, or the beginning of its name.
//!
//! Owns the choice among incidents that were listed. Reads no server; two that
//! fit are a question, not a choice.

use super::state::one_line;

/// What an incident can be called by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its id.
    pub id: String,
    /// Its number, such as `OUT-00007`.
    pub number: Option<String>,
    /// Its name.
    pub name: String,
    /// The URL name of its channel, where it is known.
    pub channel: Option<String>,
}

/// Says why a text names no incident.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FindError {
    /// None fits.
    #[error("no incident is called `{0}`")]
    Unknown(String),
    /// Several fit.
    #[error("`{text}` fits several incidents: {}", .candidates.join(", "))]
    Ambiguous {
        /// What was asked for.
        text: String,
        /// All that fit, as `NUMBER Name (id)`.
        candidates: Vec<String>,
    },
}

/// Whether a text has the form of an id on the server.
#[must_use]
pub fn is_id(text: &str) -> bool {
    text.len() == 26
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

/// The position of the incident that a text names.
///
/// The order is: id, channel, number (also without prefix and zeros), whole name, beginning of the name;
/// the first of these that fits decides.
///
/// # Errors
/// When none fits, or several.
pub fn find(candidates: &[Candidate], text: &str) -> Result<usize, FindError> {
    let text = text.trim();
    let wanted = text.to_lowercase();
    let name = |c: &Candidate| one_line(&c.name).to_lowercase();
    let by_id = |c: &Candidate| c.id == text;
    let by_channel = |c: &Candidate| {
        let channel = text.strip_prefix('~');
        channel.is_some() && c.channel.as_deref() == channel
    };
    let by_number = |c: &Candidate| {
        let number = c.number.as_deref().filter(|number| !number.is_empty());
        number.is_some_and(|number| number.to_lowercase() == wanted)
    };
    let by_count = |c: &Candidate| {
        let digits = c.number.as_deref().and_then(|n| n.rsplit('-').next());
        let count = |digits: &str| digits.parse::<u64>().ok();
        count(&wanted).is_some() && digits.and_then(count) == count(&wanted)
    };
    let by_name = |c: &Candidate| name(c) == wanted;
    let by_beginning = |c: &Candidate| !wanted.is_empty() && name(c).starts_with(&wanted);
    let ways: [&dyn Fn(&Candidate) -> bool; 6] = [
        &by_id,
        &by_channel,
        &by_number,
        &by_count,
        &by_name,
        &by_beginning,
    ];
    for fits in ways {
        let found: Vec<usize> = (0..candidates.len())
            .filter(|at| fits(&candidates[*at]))
            .collect();
        match found.as_slice() {
            [] => {}
            [at] => return Ok(*at),
            several => {
                return Err(FindError::Ambiguous {
                    text: text.to_owned(),
                    candidates: several.iter().map(|at| label(&candidates[*at])).collect(),
                });
            }
        }
    }
    Err(FindError::Unknown(text.to_owned()))
}

fn label(candidate: &Candidate) -> String {
    let number = candidate.number.as_deref().unwrap_or_default();
    let label = format!("{number} {} ({})", one_line(&candidate.name), candidate.id);
    label.trim_start().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidates() -> Vec<Candidate> {
        let candidate = |id: &str, number: &str, name: &str, channel: &str| Candidate {
            id: id.repeat(26),
            number: Some(number.to_owned()),
            name: name.to_owned(),
            channel: Some(channel.to_owned()),
        };
        vec![
            candidate("a", "OUT-00007", "Checkout 5xx", "checkout-5xx"),
            candidate("b", "OUT-00012", "Checkout slow", "checkout-slow"),
            candidate("c", "SEC-00007", "Lost laptop", "lost-laptop"),
        ]
    }

    #[test]
    fn an_incident_is_found_by_id_number_channel_and_beginning_of_its_name() {
        for text in [
            &"b".repeat(26),
            "OUT-00012",
            "out-00012",
            "12",
            "~checkout-slow",
            "checkout slow",
            "Checkout s",
        ] {
            assert_eq!(find(&candidates(), text), Ok(1), "{text}");
        }
    }

    #[test]
    fn all_that_fit_are_shown() {
        let error = find(&candidates(), "7").unwrap_err().to_string();
        assert_eq!(
            error,
            format!(
                "`7` fits several incidents: OUT-00007 Checkout 5xx ({}), SEC-00007 Lost laptop ({})",
                "a".repeat(26),
                "c".repeat(26)
            )
        );
        assert!(find(&candidates(), "checkout").is_err());
    }

    #[test]
    fn the_middle_of_a_name_and_an_empty_text_name_nothing() {
        for text in ["slow", "", "~", "~checkout"] {
            let error = FindError::Unknown(text.to_owned());
            assert_eq!(find(&candidates(), text), Err(error));
        }
    }
}
