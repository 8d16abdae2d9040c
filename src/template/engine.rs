//! The minijinja environment: strict, without anything to reach, and with limits.
//!
//! Owns every limit of a rendering and the translation of the engine's errors. The
//! environment starts empty: what is not added here does not exist. Values that no
//! filter made safe mention nobody and hold no HTML, whatever the template's author
//! forgot.

use std::io::{self, Write};

use minijinja::{Environment, ErrorKind, UndefinedBehavior, Value};

use super::problem::{ProblemKind, TemplateError, TemplateProblem};
use super::{Fences, Template, filters, markdown};

/// How many steps a rendering may take.
const FUEL: u64 = 50_000;

/// How many bytes a rendering may write. Mattermost takes far less; a post-mortem needs more.
const LONGEST_OUTPUT: usize = 4 * 1024 * 1024;

/// How deep values and calls may nest.
const RECURSION: usize = 50;

fn environment() -> Environment<'static> {
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(RECURSION);
    // Spans of errors need it.
    environment.set_debug(true);
    environment.set_formatter(|out, _, value| {
        if value.is_undefined() {
            return Err(ErrorKind::UndefinedError.into());
        }
        let text = filters::shown(value)?;
        if value.is_safe() {
            out.write_str(&text)?;
        } else {
            out.write_str(&markdown::harmless(&text))?;
        }
        Ok(())
    });
    filters::add_to(&mut environment);
    environment
}

/// Renders a template with a complete context.
pub(super) fn render(template: &Template, context: Value) -> Result<String, TemplateError> {
    let environment = environment();
    let compiled = environment
        .template_from_named_str(template.name(), template.body())
        .map_err(|error| error_of(template, &error, false))?;
    let mut output = Limited::default();
    let rendered = compiled.render_captured_to(context, &mut output).map(drop);
    rendered.map_err(|error| error_of(template, &error, output.exceeded))?;
    let text = String::from_utf8(output.bytes).map_err(|_| TemplateError::Failed {
        template: template.name().to_owned(),
        line: 1,
        reason: "the output is not UTF-8".to_owned(),
    })?;
    Ok(tidy(&text))
}

/// Drops blank lines at the ends and makes one of several, outside fenced code.
pub(super) fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut blank = false;
    let mut fences = Fences::default();
    for line in text.lines() {
        fences.holds(line);
        let in_code = fences.open().is_some();
        let line = if in_code { line } else { line.trim_end() };
        if line.is_empty() && !in_code {
            blank = true;
            continue;
        }
        if !out.is_empty() {
            out.push_str(if blank { "\n\n" } else { "\n" });
        }
        blank = false;
        out.push_str(line);
    }
    out
}

fn error_of(template: &Template, error: &minijinja::Error, too_long: bool) -> TemplateError {
    let name = template.name().to_owned();
    if too_long {
        return TemplateError::TooLong {
            template: name,
            limit: LONGEST_OUTPUT,
        };
    }
    if error.kind() == ErrorKind::OutOfFuel {
        return TemplateError::TooMuchWork {
            template: name,
            limit: FUEL,
        };
    }
    let line_of_body = error.line().unwrap_or(1);
    let line = template.text[..template.body].matches('\n').count() + line_of_body;
    let reason = reason(error);
    if error.kind() == ErrorKind::UndefinedError
        && let Some(range) = error.range()
    {
        let range = range.start + template.body..range.end + template.body;
        let text = template.text.get(range.clone()).unwrap_or_default();
        let message = format!("`{text}` in line {line} is not defined");
        return TemplateError::Problem {
            template: name,
            problem: TemplateProblem::new(ProblemKind::Undefined, message, range),
        };
    }
    TemplateError::Failed {
        template: name,
        line,
        reason,
    }
}

/// The engine's words for an error, without place and debugging.
pub(super) fn reason(error: &minijinja::Error) -> String {
    let detail = error.detail().map(str::to_owned);
    detail.unwrap_or_else(|| error.kind().to_string())
}

/// A text that grows to a limit.
#[derive(Default)]
struct Limited {
    bytes: Vec<u8>,
    exceeded: bool,
}

impl Write for Limited {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > LONGEST_OUTPUT {
            self.exceeded = true;
            return Err(io::Error::other("the output is too long"));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
