//! What an unquoted text means: the core schema of YAML 1.2.

use std::borrow::Cow;

use super::Kind;

/// The value of a plain scalar.
///
/// # Errors
/// A number that a program cannot hold as it is written.
pub(super) fn resolve(text: Cow<'_, str>) -> Result<Kind<'_>, &'static str> {
    match text.as_ref() {
        "" | "~" | "null" | "Null" | "NULL" => return Ok(Kind::Null),
        "true" | "True" | "TRUE" => return Ok(Kind::Bool(true)),
        "false" | "False" | "FALSE" => return Ok(Kind::Bool(false)),
        ".nan" | ".NaN" | ".NAN" => return Err("is not a number"),
        _ => {}
    }
    let first = text.as_bytes()[0];
    if !first.is_ascii_digit() && !matches!(first, b'-' | b'+' | b'.') {
        return Ok(Kind::Str(text));
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(&text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") {
        return Err("is infinite");
    }
    if let Some((digits, radix)) = integer(&text, unsigned) {
        return i64::from_str_radix(digits, radix)
            .map(Kind::Int)
            .map_err(|_| "has more digits than a whole number can have here");
    }
    if is_float(unsigned) {
        return match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Kind::Float(number)),
            _ => Err("is infinite"),
        };
    }
    Ok(Kind::Str(text))
}

/// The digits and the base of a whole number, if the text is one.
fn integer<'t>(text: &'t str, unsigned: &str) -> Option<(&'t str, u32)> {
    let all = |digits: &str, radix| !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
    // Octal and hexadecimal numbers have no sign.
    for (prefix, radix) in [("0o", 8), ("0x", 16)] {
        if let Some(digits) = text.strip_prefix(prefix) {
            return all(digits, radix).then_some((digits, radix));
        }
    }
    all(unsigned, 10).then_some((text, 10))
}

/// `[0-9]+(\.[0-9]*)?` or `\.[0-9]+`, each with an optional exponent.
fn is_float(unsigned: &str) -> bool {
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let some_digits = !whole.is_empty() || !fraction.is_empty();
    let exponent = exponent.is_none_or(|exponent| {
        let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !exponent.is_empty() && digits(exponent)
    });
    some_digits && digits(whole) && digits(fraction) && exponent
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(text: &str) -> Kind<'_> {
        resolve(Cow::Borrowed(text)).unwrap()
    }

    #[test]
    fn the_core_schema_decides() {
        for text in ["", "~", "null", "Null", "NULL"] {
            assert_eq!(resolved(text), Kind::Null, "{text}");
        }
        assert_eq!(resolved("True"), Kind::Bool(true));
        for (text, number) in [
            ("0", 0),
            ("017", 17),
            ("0o17", 15),
            ("0x1F", 31),
            ("-5", -5),
            ("+5", 5),
            ("9223372036854775807", i64::MAX),
            ("-9223372036854775808", i64::MIN),
        ] {
            assert_eq!(resolved(text), Kind::Int(number), "{text}");
        }
        for (text, number) in [("1.5", 1.5), ("1e3", 1_000.0), (".5", 0.5), ("5.", 5.0)] {
            assert_eq!(resolved(text), Kind::Float(number), "{text}");
        }
    }

    #[test]
    fn what_only_yaml_1_1_reads_otherwise_is_text() {
        for text in [
            "yes",
            "no",
            "on",
            "off",
            "y",
            "1:30",
            "1_000",
            "2027-03-31",
            "0b1",
            "-0o7",
            "0o8",
            "0x",
            "-",
            ".",
            "+",
            "1e",
            "e5",
            "1.2.3",
            "--1",
            "nan",
            "inf",
            "tRUE",
            "-.",
            "1.5m",
        ] {
            assert_eq!(resolved(text), Kind::Str(Cow::Borrowed(text)), "{text}");
        }
    }

    #[test]
    fn numbers_that_no_program_holds_are_refused() {
        for text in [
            ".inf",
            "-.INF",
            ".nan",
            "1e999",
            "9223372036854775808",
            "0xFFFFFFFFFFFFFFFFF",
        ] {
            assert!(resolve(Cow::Borrowed(text)).is_err(), "{text}");
        }
    }
}
