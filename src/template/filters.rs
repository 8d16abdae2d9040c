//! The filters of templates, beside a few that minijinja brings.
//!
//! | filter | gives |
//! |---|---|
//! | `md` | text that somebody typed, safe within a line of Markdown |
//! | `paragraphs` | the same with its lines kept |
//! | `code` | a code span |
//! | `mention` | `@name`; `nobody` when there is none |
//! | `datetime` | `2026-11-21 12:00 UTC`; `not set` when there is none |
//! | `duration` | seconds as `1h 5m` |
//! | `until(other)` | the seconds from one time to another |
//! | `yesno` | `yes` or `no`, or the two words given |
//! | `table('title', …)` | a table of these fields of a list |
//!
//! `md`, `paragraphs`, `code`, `mention` and `table` mark what they return, so that
//! escaping it twice changes nothing.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use jiff::Timestamp;
use minijinja::value::{Rest, Value};
use minijinja::{Environment, Error, ErrorKind, filters, tests};

use super::markdown;

/// How many bytes a text may have that a filter makes of others: each could be used again.
const LONGEST: usize = 64 * 1024;

/// How many bytes the cells of a table may have.
const LONGEST_TABLE: usize = 512 * 1024;

/// Every filter that templates may use.
pub(super) const FILTERS: [&str; 24] = [
    "capitalize",
    "code",
    "datetime",
    "default",
    "duration",
    "first",
    "int",
    "join",
    "last",
    "length",
    "lower",
    "md",
    "mention",
    "paragraphs",
    "rejectattr",
    "replace",
    "round",
    "selectattr",
    "table",
    "title",
    "trim",
    "until",
    "upper",
    "yesno",
];

/// Every test that templates may use.
pub(super) const TESTS: [&str; 12] = [
    "defined",
    "divisibleby",
    "endingwith",
    "eq",
    "even",
    "in",
    "ne",
    "none",
    "number",
    "odd",
    "startingwith",
    "undefined",
];

/// Adds all of them.
pub(super) fn add_to(environment: &mut Environment<'_>) {
    environment.add_filter("capitalize", capitalize);
    environment.add_filter("code", |v: &Value| safe(v, markdown::code));
    environment.add_filter("datetime", datetime);
    environment.add_filter("default", default);
    environment.add_filter("duration", duration);
    environment.add_filter("first", filters::first);
    environment.add_filter("int", filters::int);
    environment.add_filter("join", join);
    environment.add_filter("last", filters::last);
    environment.add_filter("length", filters::length);
    environment.add_filter("lower", |v: &Value| Ok::<_, Error>(text(v)?.to_lowercase()));
    environment.add_filter("md", |v: &Value| safe(v, markdown::inline));
    environment.add_filter("mention", mention);
    environment.add_filter("paragraphs", |v: &Value| safe(v, markdown::lines));
    environment.add_filter("rejectattr", filters::rejectattr);
    environment.add_filter("replace", replace);
    environment.add_filter("round", filters::round);
    environment.add_filter("selectattr", filters::selectattr);
    environment.add_filter("table", table);
    environment.add_filter("title", |v: &Value| {
        Ok::<_, Error>(filters::title(text(v)?))
    });
    environment.add_filter("trim", trim);
    environment.add_filter("until", until);
    environment.add_filter("upper", |v: &Value| Ok::<_, Error>(text(v)?.to_uppercase()));
    environment.add_filter("yesno", yesno);

    environment.add_test("defined", tests::is_defined);
    environment.add_test("divisibleby", tests::is_divisibleby);
    environment.add_test("endingwith", tests::is_endingwith);
    environment.add_test("eq", tests::is_eq);
    environment.add_test("even", tests::is_even);
    environment.add_test("in", tests::is_in);
    environment.add_test("ne", tests::is_ne);
    environment.add_test("none", tests::is_none);
    environment.add_test("number", tests::is_number);
    environment.add_test("odd", tests::is_odd);
    environment.add_test("startingwith", tests::is_startingwith);
    environment.add_test("undefined", tests::is_undefined);
}

/// How a value reads when it is printed: none is nothing, and booleans are words.
///
/// # Errors
/// When a list has more to show than any text should have.
pub(super) fn shown(value: &Value) -> Result<String, Error> {
    if value.is_none() {
        Ok(String::new())
    } else if let Ok(yes) = bool::try_from(value.clone()) {
        Ok((if yes { "yes" } else { "no" }).to_owned())
    } else {
        text(value).map(Cow::into_owned)
    }
}

/// A value as text.
fn text(value: &Value) -> Result<Cow<'_, str>, Error> {
    if let Some(text) = value.as_str() {
        return Ok(Cow::Borrowed(text));
    }
    let mut short = Short::default();
    write!(short, "{value}").map_err(|_| too_long())?;
    Ok(Cow::Owned(short.0))
}

/// A text that stops to grow at a limit.
#[derive(Default)]
struct Short(String);

impl fmt::Write for Short {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        if self.0.len() + more.len() > LONGEST {
            return Err(fmt::Error);
        }
        self.0.push_str(more);
        Ok(())
    }
}

fn too_long() -> Error {
    wrong(format!("a value would have more than {LONGEST} bytes"))
}

/// Like Jinja's, with a limit.
fn replace(value: &Value, from: &Value, to: &Value) -> Result<String, Error> {
    let (value, from, to) = (text(value)?, text(from)?, text(to)?);
    let found = value.matches(&*from).count();
    let length = found.saturating_mul(to.len()).saturating_add(value.len());
    if found > 0 && length > LONGEST {
        return Err(too_long());
    }
    Ok(value.replace(&*from, &to))
}

/// Like Jinja's, with a limit; what is safe in all its parts stays safe.
fn join(list: &Value, between: Option<&Value>) -> Result<Value, Error> {
    if list.is_none() {
        return Ok(Value::from(""));
    }
    let mut all = Short::default();
    let mut safe = between.is_none_or(|b| b.is_safe() || b.as_str().is_some_and(is_only_separator));
    let between = between.map_or(Ok(Cow::Borrowed("")), text)?;
    for (n, item) in list.try_iter()?.enumerate() {
        safe &= item.is_safe();
        let item = text(&item)?;
        let between = if n == 0 { "" } else { &*between };
        all.write_str(between)
            .and_then(|()| all.write_str(&item))
            .map_err(|_| too_long())?;
    }
    Ok(if safe {
        Value::from_safe_string(all.0)
    } else {
        Value::from(all.0)
    })
}

fn capitalize(value: &Value) -> Result<String, Error> {
    let text = text(value)?;
    let mut chars = text.chars();
    let first = chars.next().into_iter().flat_map(char::to_uppercase);
    Ok(first.chain(chars.flat_map(char::to_lowercase)).collect())
}

fn trim(value: &Value, signs: Option<&str>) -> Result<String, Error> {
    let text = text(value)?;
    let trimmed = match signs {
        Some(signs) => text.trim_matches(|c| signs.contains(c)),
        None => text.trim(),
    };
    Ok(trimmed.to_owned())
}

/// Whether a text between others can do no harm.
fn is_only_separator(text: &str) -> bool {
    text.chars()
        .all(|c| c.is_alphanumeric() || " ,;.·\n".contains(c))
}

fn wrong(message: String) -> Error {
    Error::new(ErrorKind::InvalidOperation, message)
}

fn safe(value: &Value, escape: impl Fn(&str) -> String) -> Result<Value, Error> {
    if value.is_safe() {
        return Ok(value.clone());
    }
    Ok(Value::from_safe_string(escape(&shown(value)?)))
}

fn mention(value: &Value) -> Result<Value, Error> {
    if value.is_safe() {
        return Ok(value.clone());
    }
    let name = shown(value)?;
    let text = if name.trim().is_empty() {
        "nobody".to_owned()
    } else {
        markdown::mention(&name)
    };
    Ok(Value::from_safe_string(text))
}

/// Unlike Jinja's, it also replaces none and empty texts: absent values are these.
fn default(value: &Value, other: Option<Value>) -> Value {
    if value.is_undefined() || value.is_none() || value.as_str().is_some_and(str::is_empty) {
        other.unwrap_or_else(|| Value::from(""))
    } else {
        value.clone()
    }
}

fn time(value: &Value, filter: &str) -> Result<Option<Timestamp>, Error> {
    if value.is_none() {
        return Ok(None);
    }
    let text = value
        .as_str()
        .ok_or_else(|| wrong(format!("`{filter}` needs a time, not {}", value.kind())))?;
    if text.is_empty() {
        return Ok(None);
    }
    text.parse()
        .map(Some)
        .map_err(|_| wrong(format!("`{filter}` needs a time, and this is a text")))
}

fn datetime(value: &Value) -> Result<String, Error> {
    let time = time(value, "datetime")?;
    Ok(time.map_or_else(|| "not set".to_owned(), minute))
}

/// A time in UTC, to the minute.
fn minute(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

fn until(from: &Value, to: &Value) -> Result<Value, Error> {
    let (Some(from), Some(to)) = (time(from, "until")?, time(to, "until")?) else {
        return Ok(Value::from(()));
    };
    Ok(Value::from(to.as_second() - from.as_second()))
}

fn duration(value: &Value) -> Result<String, Error> {
    if value.is_none() {
        return Ok("not set".to_owned());
    }
    let seconds = i64::try_from(value.clone())
        .map_err(|_| wrong(format!("`duration` needs seconds, not {}", value.kind())))?;
    Ok(span(seconds))
}

/// Seconds as people say them: the two largest units, such as `1h 5m`.
pub(crate) fn span(seconds: i64) -> String {
    const UNITS: [(&str, u64); 4] = [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)];
    let sign = if seconds < 0 { "-" } else { "" };
    let mut rest = seconds.unsigned_abs();
    let first = UNITS.iter().position(|(_, size)| rest >= *size);
    let Some(first) = first else {
        return "0s".to_owned();
    };
    let mut parts = Vec::new();
    for (name, size) in UNITS.iter().skip(first).take(2) {
        if rest >= *size {
            parts.push(format!("{}{name}", rest / size));
        }
        rest %= size;
    }
    format!("{sign}{}", parts.join(" "))
}

fn yesno(value: &Value, yes: Option<String>, no: Option<String>) -> String {
    if value.is_true() {
        yes.unwrap_or_else(|| "yes".to_owned())
    } else {
        no.unwrap_or_else(|| "no".to_owned())
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the engine hands arguments over by value"
)]
fn table(list: &Value, columns: Rest<String>) -> Result<Value, Error> {
    if columns.is_empty() {
        return Err(wrong("`table` needs the names of its columns".to_owned()));
    }
    let mut rows = Vec::new();
    let mut length = 0;
    for item in list.try_iter()? {
        let mut cells = Vec::new();
        for column in columns.iter() {
            let cell = item.get_attr(column)?;
            if cell.is_undefined() {
                return Err(wrong(format!("`table` found no `{column}` in a row")));
            }
            let cell = shown(&cell)?;
            length += cell.len();
            if length > LONGEST_TABLE {
                return Err(too_long());
            }
            cells.push(cell);
        }
        rows.push(cells);
    }
    let headings: Vec<String> = columns.iter().map(|c| heading(c)).collect();
    let headings: Vec<&str> = headings.iter().map(String::as_str).collect();
    let text = markdown::table(&headings, &rows);
    Ok(Value::from_safe_string(text.trim_end().to_owned()))
}

fn heading(column: &str) -> String {
    let words = column.replace('_', " ");
    let mut chars = words.chars();
    chars
        .next()
        .map(|first| first.to_uppercase().collect::<String>() + chars.as_str())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests_of_words {
    use super::*;

    #[test]
    fn spans_show_their_two_largest_units() {
        for (seconds, words) in [
            (0, "0s"),
            (59, "59s"),
            (3_900, "1h 5m"),
            (3_600, "1h"),
            (90_061, "1d 1h"),
            (86_430, "1d"),
            (-90, "-1m 30s"),
            (i64::MIN, "-106751991167300d 15h"),
        ] {
            assert_eq!(span(seconds), words);
        }
    }

    #[test]
    fn the_lists_of_names_are_sorted() {
        assert!(FILTERS.is_sorted());
        assert!(TESTS.is_sorted());
    }
}
