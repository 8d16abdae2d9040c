//! What the server's licence allows.
//!
//! Owns the reading of `SkuShortName` and of developer mode, in which plugins
//! behave as if everything were licensed.

use std::collections::BTreeMap;
use std::fmt;

/// The edition of a server, from the least to the most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edition {
    /// No licence: Team Edition.
    Team,
    /// Professional.
    Professional,
    /// Enterprise, Enterprise Advanced or Entry; the server's word for it.
    Enterprise(String),
    /// No licence, but developer mode: as Enterprise.
    Developer,
    /// A licence this version of warroom does not know.
    Other(String),
}

impl Edition {
    /// The edition that licence and settings of a server show.
    #[must_use]
    pub fn of(license: &BTreeMap<String, String>, config: &BTreeMap<String, String>) -> Self {
        let is = |map: &BTreeMap<String, String>, key| map.get(key).is_some_and(|v| v == "true");
        if is(license, "IsLicensed") {
            let sku = license.get("SkuShortName").map_or("", String::as_str);
            return match sku {
                "professional" | "E10" => Self::Professional,
                "enterprise" | "advanced" | "entry" | "E20" => Self::Enterprise(sku.to_owned()),
                other => Self::Other(other.to_owned()),
            };
        }
        if is(config, "EnableDeveloper") && is(config, "EnableTesting") {
            return Self::Developer;
        }
        Self::Team
    }
}

impl fmt::Display for Edition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Team => f.write_str("no licence (Team Edition)"),
            Self::Professional => f.write_str("Professional"),
            Self::Enterprise(sku) => f.write_str(match sku.as_str() {
                "advanced" => "Enterprise Advanced",
                "entry" => "Entry",
                _ => "Enterprise",
            }),
            Self::Developer => f.write_str("developer mode (as Enterprise)"),
            Self::Other(sku) => write!(f, "unknown licence `{sku}`"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
        pairs.iter().map(owned).collect()
    }

    #[test]
    fn editions_are_read_from_licence_and_settings() {
        let developer = map(&[("EnableDeveloper", "true"), ("EnableTesting", "true")]);
        let none = map(&[("IsLicensed", "false")]);
        let sku = |sku| map(&[("IsLicensed", "true"), ("SkuShortName", sku)]);
        assert_eq!(Edition::of(&none, &map(&[])), Edition::Team);
        assert_eq!(Edition::of(&none, &developer), Edition::Developer);
        let half = map(&[("EnableDeveloper", "true")]);
        assert_eq!(Edition::of(&none, &half), Edition::Team);
        let professional = Edition::of(&sku("professional"), &developer);
        assert_eq!(professional, Edition::Professional);
        assert_eq!(Edition::of(&sku("entry"), &none).to_string(), "Entry");
        assert_eq!(
            Edition::of(&sku("gold"), &none).to_string(),
            "unknown licence `gold`"
        );
    }
}
