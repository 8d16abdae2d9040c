//! Where an incident stands in git: `incidents/YYYY/DATE-SLUG-ID`.
//!
//! The date is that of the start in UTC, the slug the name in characters that every
//! file system takes, the id the first six characters of the run's. A folder that
//! ends in that id is used again, so that a renamed incident keeps its place.

use super::record::Record;
use super::redact;

/// How many characters of the run's id tell incidents apart.
const ID_LENGTH: usize = 6;

/// How long a slug may be.
const SLUG_LENGTH: usize = 48;

/// The folder of an incident below `base`; `existing` are the folders of its year.
#[must_use]
pub fn folder(base: &str, record: &Record, existing: &[String]) -> String {
    let year = year_folder(base, record);
    let again = existing.iter().find(|name| is_folder_of(name, record));
    let name = again.cloned().unwrap_or_else(|| {
        let date = record.started_at.strftime("%Y-%m-%d");
        // A path is as public as a text.
        let (slug, id) = (slug(&redact::name(&record.run.name)), id(record));
        if slug.is_empty() {
            format!("{date}-{id}")
        } else {
            format!("{date}-{slug}-{id}")
        }
    });
    format!("{year}/{name}")
}

/// The folder of all incidents of the same year.
pub(super) fn year_folder(base: &str, record: &Record) -> String {
    format!("{base}/{}", record.started_at.strftime("%Y"))
}

/// Whether a folder of that name belongs to the incident.
#[must_use]
pub fn is_folder_of(name: &str, record: &Record) -> bool {
    let date = name.get(..11).filter(|date| date.ends_with('-'));
    let rest = date.and_then(|date| name.strip_prefix(date));
    rest.is_some_and(|rest| rest == id(record) || rest.ends_with(&format!("-{}", id(record))))
}

fn id(record: &Record) -> String {
    let plain = record.run.id.chars().filter(char::is_ascii_alphanumeric);
    plain
        .take(ID_LENGTH)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

fn slug(name: &str) -> String {
    let mut slug = String::new();
    for c in name.chars().flat_map(char::to_lowercase) {
        let plain = match c {
            'a'..='z' | '0'..='9' => c.to_string(),
            'ä' => "ae".to_owned(),
            'ö' => "oe".to_owned(),
            'ü' => "ue".to_owned(),
            'ß' => "ss".to_owned(),
            'à' | 'á' | 'â' | 'ã' | 'å' => "a".to_owned(),
            'ç' => "c".to_owned(),
            'è' | 'é' | 'ê' | 'ë' => "e".to_owned(),
            'ì' | 'í' | 'î' | 'ï' => "i".to_owned(),
            'ñ' => "n".to_owned(),
            'ò' | 'ó' | 'ô' | 'õ' | 'ø' => "o".to_owned(),
            'ù' | 'ú' | 'û' => "u".to_owned(),
            '\'' | '’' => String::new(),
            _ if slug.ends_with('-') || slug.is_empty() => String::new(),
            _ => "-".to_owned(),
        };
        if slug.len() + plain.len() > SLUG_LENGTH {
            break;
        }
        slug.push_str(&plain);
    }
    slug.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::tests::record;
    use super::*;

    #[test]
    fn a_slug_is_safe_everywhere() {
        for (name, expected) in [
            ("Checkout 5xx", "checkout-5xx"),
            ("../../etc/passwd", "etc-passwd"),
            ("Größe: ÜBER alles!", "groesse-ueber-alles"),
            ("支払い 🔥", ""),
            ("con", "con"),
            ("a'b", "ab"),
            (&"x".repeat(200), &"x".repeat(48)),
        ] {
            assert_eq!(slug(name), expected, "{name}");
        }
    }

    #[test]
    fn a_renamed_incident_keeps_its_folder() {
        let mut record = record();
        let first = folder("incidents", &record, &[]);
        assert_eq!(first, "incidents/2026/2026-11-21-checkout-5xx-w5tgxf");
        record.run.name = "Payments down".to_owned();
        let existing = [
            "2026-11-21-other-aaaaaa".to_owned(),
            "2026-11-21-checkout-5xx-w5tgxf".to_owned(),
        ];
        assert_eq!(folder("incidents", &record, &existing), first);
        record.run.name = "支払い".to_owned();
        assert_eq!(folder("x/y", &record, &[]), "x/y/2026/2026-11-21-w5tgxf");
    }
}
