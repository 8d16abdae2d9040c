//! P-11: texts that other readers of YAML take for something else.
//!
//! warroom reads YAML 1.2, where all of these are texts or plain numbers; editors,
//! older libraries and templating tools still read YAML 1.1.

use crate::diag::{Finding, Fix, Level};
use crate::lint::scope::{FileScope, Scope};
use crate::workspace::Placed;
use crate::yaml::in_double_quotes;

use super::super::scalars::{self, Scalar};

/// More of one file are not worth telling.
const MOST: usize = 20;
/// No word or number that is read in two ways is longer.
const LONGEST: usize = 20;

/// P-11: what is not in quotes and should be.
pub(super) fn read_in_two_ways(scope: &mut FileScope<'_>) {
    let mut found: Vec<(Scalar<'_>, String)> = Vec::new();
    let text = scope.file.source().text();
    scalars::written(scope.file.root(), &mut |scalar: Scalar<'_>| {
        if scalar.span.len() > LONGEST || found.len() >= MOST {
            return;
        }
        let plain = text.get(scalar.span.range()).unwrap_or_default();
        // A text in quotes stands there with them.
        if scalar.text.is_some_and(|text| text != plain) {
            return;
        }
        if let Some(otherwise) = in_yaml_1_1(plain) {
            found.push((scalar, otherwise));
        }
    });
    for (scalar, otherwise) in found {
        let plain = &text[scalar.span.range()];
        let quoted = in_double_quotes(plain);
        let message = format!("YAML 1.1 reads `{plain}` as {otherwise}");
        let finding = Finding::new(scope.code(), scope.file.source(), scalar.span, message)
            .level(Level::Warning)
            .label(format!("put it in quotes: `{quoted}`"))
            .help("warroom reads it as text, but editors and older programs may not");
        // A number in quotes would be another value.
        scope.report(match scalar.text {
            Some(_) => finding.fix(Fix::replace(
                format!("put `{plain}` in quotes"),
                scalar.span,
                quoted,
            )),
            None => finding,
        });
    }
}

/// What YAML 1.1 takes a plain text for, where 1.2 takes it for something else.
fn in_yaml_1_1(plain: &str) -> Option<String> {
    match plain {
        "yes" | "Yes" | "YES" | "on" | "On" | "ON" | "y" | "Y" => return Some("`true`".to_owned()),
        "no" | "No" | "NO" | "off" | "Off" | "OFF" | "n" | "N" => {
            return Some("`false`".to_owned());
        }
        _ => {}
    }
    let unsigned = plain.strip_prefix(['-', '+']).unwrap_or(plain);
    if !unsigned.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let digits =
        |text: &str, radix| !text.is_empty() && text.chars().all(|c| c.is_digit(radix) || c == '_');
    if unsigned.contains(':') {
        return sexagesimal(unsigned).map(|number| format!("the number {number}"));
    }
    if let Some(octal) = unsigned.strip_prefix('0')
        && digits(octal, 8)
        && octal.chars().any(|c| c != '0' && c != '_')
    {
        let octal = i64::from_str_radix(&octal.replace('_', ""), 8).ok()?;
        return Some(format!("the number {octal}"));
    }
    if unsigned
        .strip_prefix("0b")
        .is_some_and(|rest| digits(rest, 2))
    {
        return Some("a binary number".to_owned());
    }
    (unsigned.contains('_') && digits(unsigned, 10))
        .then(|| format!("the number {}", unsigned.replace('_', "")))
}

/// The number that `1:30` is there: each colon counts in sixties.
fn sexagesimal(text: &str) -> Option<u64> {
    let mut parts = text.split(':');
    let first = parts.next()?;
    let mut number: u64 = first.parse().ok()?;
    // In YAML 1.1 none begins with 0.
    if first.starts_with('0') {
        return None;
    }
    for part in parts {
        let digit = part
            .parse()
            .ok()
            .filter(|digit| *digit < 60 && part.len() <= 2)?;
        number = number.checked_mul(60)?.checked_add(digit)?;
    }
    Some(number)
}

#[cfg(test)]
mod tests {
    use crate::diag::Code;
    use crate::lint::tests::messages;

    use super::*;

    #[test]
    fn yaml_1_1_reads_some_texts_as_something_else() {
        for (plain, otherwise) in [
            ("yes", "`true`"),
            ("off", "`false`"),
            ("N", "`false`"),
            ("1:30", "the number 90"),
            ("1:30:05", "the number 5405"),
            ("017", "the number 15"),
            ("-017", "the number 15"),
            ("1_000", "the number 1000"),
            ("0b101", "a binary number"),
        ] {
            assert_eq!(in_yaml_1_1(plain).as_deref(), Some(otherwise), "{plain}");
        }
        for plain in [
            "yesterday",
            "nO",
            "true",
            "30m",
            "1h30m",
            "10",
            "0",
            "00",
            "08",
            "0.5",
            "09:30",
            "1:75",
            "1:2:x",
            "2027-03-31",
            "~off",
            "sev1",
            "12:",
            ":30",
            "1:",
            "_",
            "1.000_000",
            "99999999999999999999:59",
        ] {
            assert_eq!(in_yaml_1_1(plain), None, "{plain}");
        }
    }

    #[test]
    fn what_is_in_quotes_is_meant() {
        let found = |value: &str| {
            let text = format!("start:\n  channel: {{ category: {value} }}\n");
            messages(Code::YamlHazard, &[("playbooks/outage.yaml", &text)])
        };
        assert_eq!(found("On"), ["6: YAML 1.1 reads `On` as `true`"]);
        for quoted in ["\"On\"", "'On'", "On call"] {
            assert_eq!(found(quoted), Vec::<String>::new(), "{quoted}");
        }
    }

    #[test]
    fn keys_are_read_in_two_ways_as_well() {
        let text = "groups:\n  sre: [alice, bob, carol]\n  on: [carol]\n";
        let found = messages(Code::YamlHazard, &[("permissions.yaml", text)]);
        assert_eq!(found, ["3: YAML 1.1 reads `on` as `true`"]);
    }
}
