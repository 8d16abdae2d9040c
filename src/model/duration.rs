//! Spans of time as people write them: `30m`, `1h30m`, `2d`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

const UNITS: [(char, u64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

/// The longest duration a workspace may name: one year.
const LONGEST_SECONDS: u64 = 366 * 86_400;

/// A span of whole seconds, at most a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration {
    seconds: u64,
}

/// Says why a text is not a [`Duration`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DurationError {
    /// Not numbers with units in the order days, hours, minutes, seconds.
    #[error("`{0}` is not a duration; write it as `30m`, `1h30m` or `2d`")]
    Shape(String),
    /// Longer than a year.
    #[error("`{0}` is longer than a year; write at most `366d`")]
    TooLong(String),
}

impl Duration {
    /// A duration of that many seconds.
    #[must_use]
    pub const fn from_seconds(seconds: u64) -> Self {
        Self { seconds }
    }

    /// The whole span in seconds.
    #[must_use]
    pub const fn as_seconds(self) -> u64 {
        self.seconds
    }

    /// The whole span in milliseconds, the unit of the API's due dates.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.seconds * 1_000
    }
}

impl FromStr for Duration {
    type Err = DurationError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let shape = || DurationError::Shape(text.to_owned());
        let too_long = || DurationError::TooLong(text.to_owned());
        let mut seconds = 0_u64;
        let mut rest = text;
        let mut units = UNITS.iter();
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(shape)?;
            if digits == 0 {
                return Err(shape());
            }
            let (number, tail) = rest.split_at(digits);
            let unit = tail.chars().next().ok_or_else(shape)?;
            // Continuing with the same iterator is what enforces the order of the units.
            let (_, size) = units.find(|(name, _)| *name == unit).ok_or_else(shape)?;
            let number: u64 = number.parse().map_err(|_| too_long())?;
            let part = number.checked_mul(*size).ok_or_else(too_long)?;
            seconds = seconds.checked_add(part).ok_or_else(too_long)?;
            rest = &tail[unit.len_utf8()..];
        }
        if text.is_empty() {
            return Err(shape());
        }
        if seconds > LONGEST_SECONDS {
            return Err(too_long());
        }
        Ok(Self { seconds })
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.seconds == 0 {
            return f.write_str("0s");
        }
        let mut rest = self.seconds;
        for (name, size) in UNITS {
            if rest >= size {
                write!(f, "{}{name}", rest / size)?;
                rest %= size;
            }
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl Serialize for Duration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
impl schemars::JsonSchema for Duration {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Duration".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            // Checked by `schema` with the parser above; editors go by the pattern.
            "format": "warroom-duration",
            // No look-behind: the linear-time engine has none. An empty text is
            // excluded by `minLength`.
            "pattern": r"^([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?$",
            "minLength": 2,
            "examples": ["30m", "1h30m", "2d"],
            "description": "A span of time: days, hours, minutes and seconds in this order, such as `30m`, `1h30m` or `2d`.",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_sums_of_their_units() {
        for (text, seconds) in [
            ("30m", 1_800),
            ("1h30m", 5_400),
            ("2d", 172_800),
            ("90s", 90),
            ("1d2h3m4s", 93_784),
            ("0s", 0),
        ] {
            assert_eq!(
                text.parse::<Duration>().unwrap().as_seconds(),
                seconds,
                "{text}"
            );
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "30",
            "m",
            "30 m",
            "30m1h",
            "1h1h",
            "-5m",
            "1.5h",
            "30M",
            "99999999999999999999d",
            "400d",
            "٣m",
        ] {
            assert!(text.parse::<Duration>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_shortest_spelling_is_printed() {
        for (text, printed) in [
            ("90m", "1h30m"),
            ("48h", "2d"),
            ("0s", "0s"),
            ("61s", "1m1s"),
        ] {
            assert_eq!(text.parse::<Duration>().unwrap().to_string(), printed);
        }
    }
}
