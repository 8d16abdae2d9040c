//! Findings as people and programs read them.
//!
//! Owns both shapes: the drawn report with the source line, and the JSON whose
//! form is promised to programs. Texts from files are shown only after everything
//! in them that steers a terminal, and every secret, was replaced. Deterministic:
//! the same findings give the same bytes.

mod excerpt;

use std::collections::{BTreeSet, HashMap};
use std::fmt::{self, Write};
use std::sync::Arc;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, Severity, SourceCode,
    SourceSpan, ThemeCharacters, ThemeStyles,
};
use serde_json::{Value, json};

use crate::diag::{Finding, Level, Related, Source, Span, one_line};
use crate::ui::Style;

use excerpt::Excerpt;

/// Findings for people, one after the other, without the summary.
#[must_use]
pub fn human(findings: &[Finding], style: Style) -> String {
    let mut excerpts: HashMap<*const Source, Excerpt> = HashMap::new();
    let mut all = Vec::new();
    for finding in findings {
        let related = finding.related.iter().map(|related| &related.source);
        for source in std::iter::once(&finding.source).chain(related) {
            excerpts
                .entry(Arc::as_ptr(source))
                .or_insert_with(|| Excerpt::new(source));
        }
        all.push(drawn(finding, &excerpts, style));
    }
    all.join("\n")
}

/// Findings for programs; `version` rises when the shape changes.
#[must_use]
pub fn json(findings: &[Finding]) -> Value {
    let related = |related: &Related| {
        let start = related.source.position(related.span.start);
        json!({
            "message": related.message,
            "file": related.source.name(),
            "line": start.line,
            "column": start.column,
        })
    };
    let finding = |finding: &Finding| {
        let (start, end) = (finding.start(), finding.end());
        json!({
            "code": finding.code.id(),
            "name": finding.code.name(),
            "level": finding.level.as_str(),
            "message": finding.message,
            "help": advice(finding),
            "file": finding.source.name(),
            "line": start.line,
            "column": start.column,
            "end_line": end.line,
            "end_column": end.column,
            "related": finding.related.iter().map(related).collect::<Vec<_>>(),
        })
    };
    json!({
        "version": 1,
        "findings": findings.iter().map(finding).collect::<Vec<_>>(),
    })
}

/// How many of each level in how many files; `files` is the number of files that were read.
#[must_use]
pub fn summary(findings: &[Finding], files: usize) -> String {
    let counted = |count: usize, word: &str| match count {
        1 => format!("1 {word}"),
        _ => format!("{count} {word}s"),
    };
    if findings.is_empty() {
        return format!("{}, no findings", counted(files, "file"));
    }
    let levels = [
        (Level::Error, "error"),
        (Level::Warning, "warning"),
        (Level::Info, "note"),
    ];
    let parts: Vec<String> = levels
        .into_iter()
        .map(|(level, word)| (findings.iter().filter(|f| f.level == level).count(), word))
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| counted(count, word))
        .collect();
    let names: BTreeSet<&str> = findings.iter().map(|f| f.source.name()).collect();
    format!("{} in {}", parts.join(", "), counted(names.len(), "file"))
}

/// What stands beside the place and below it, as one text.
fn advice(finding: &Finding) -> Option<String> {
    let label = Some(finding.label.clone()).filter(|label| !label.is_empty());
    match (label, finding.help.clone()) {
        (Some(label), Some(help)) => Some(format!("{label}; {help}")),
        (label, help) => label.or(help),
    }
}

fn drawn(finding: &Finding, excerpts: &HashMap<*const Source, Excerpt>, style: Style) -> String {
    let excerpt = |source| excerpts.get(&Arc::as_ptr(source));
    let handler = handler(finding, style);
    let mut picture = Picture {
        message: format!("{}: {}", finding.code.name(), one_line(&finding.message)),
        severity: finding.level,
        help: finding.help.as_deref().map(one_line),
        labels: Vec::new(),
        excerpt: None,
    };
    let (here, elsewhere): (Vec<&Related>, Vec<&Related>) = finding
        .related
        .iter()
        .partition(|related| Arc::ptr_eq(&related.source, &finding.source));
    let main = excerpt(&finding.source).filter(|main| main.can_show(finding.span));
    let mut help = None;
    let mut text = if let Some(main) = main {
        picture.excerpt = Some(main);
        picture
            .labels
            .push(label(&finding.label, finding.span, true));
        for related in here.into_iter().filter(|r| main.can_show(r.span)) {
            picture
                .labels
                .push(label(&related.message, related.span, false));
        }
        if elsewhere.is_empty() {
            return rendered(&handler, &picture);
        }
        // Places in other files follow as pictures of their own, before the advice.
        help = picture.help.take();
        rendered(&handler, &picture)
    } else {
        without_excerpt(finding, &handler, picture, style)
    };
    for (index, related) in elsewhere.iter().enumerate() {
        let Some(other) = excerpt(&related.source).filter(|e| e.can_show(related.span)) else {
            let place = place(&related.source, related.span);
            let _ = writeln!(
                text,
                "{}",
                framed(&place, style) + " " + &one_line(&related.message)
            );
            continue;
        };
        let picture = Picture {
            message: String::new(),
            severity: finding.level,
            help: help.clone().filter(|_| index + 1 == elsewhere.len()),
            labels: vec![label(&related.message, related.span, true)],
            excerpt: Some(other),
        };
        let drawn = rendered(&handler, &picture);
        let body = drawn.split_once('\n').map_or("", |(_, body)| body);
        text.push_str(body);
    }
    text
}

/// A file without text to show, or with lines that no terminal holds.
fn without_excerpt(
    finding: &Finding,
    handler: &GraphicalReportHandler,
    mut picture: Picture<'_>,
    style: Style,
) -> String {
    picture.help = None;
    let message = rendered(handler, &picture);
    picture.help = advice(finding).as_deref().map(one_line);
    let text = rendered(handler, &picture);
    let rest = text.strip_prefix(&message).unwrap_or_default();
    let message = message.trim_end_matches('\n');
    let place = framed(&place(&finding.source, finding.span), style);
    format!("{message}\n{place}\n{rest}")
}

/// A place in words, for lines that are not drawn.
fn place(source: &Source, span: Span) -> String {
    let name = one_line(source.name());
    if source.text().is_empty() {
        return name;
    }
    let start = source.position(span.start);
    format!("{name}:{}:{}", start.line, start.column)
}

fn framed(place: &str, style: Style) -> String {
    let corner = if style.unicode { "╰─" } else { "`-" };
    format!("   {corner}[{place}]")
}

fn rendered(handler: &GraphicalReportHandler, picture: &Picture<'_>) -> String {
    let mut text = String::new();
    // Writing into a string never fails, and places were checked before.
    let _ = handler.render_report(&mut text, picture);
    // miette indents the first line, which the shape of ours does not.
    text.strip_prefix("  ").map(str::to_owned).unwrap_or(text)
}

fn handler(finding: &Finding, style: Style) -> GraphicalReportHandler {
    let mut characters = if style.unicode {
        ThemeCharacters::unicode()
    } else {
        ThemeCharacters::ascii()
    };
    // Where miette draws a cross or a sign, ours has level and code.
    let sign = format!("{}[{}]", finding.level.as_str(), finding.code.id());
    characters.error.clone_from(&sign);
    characters.warning.clone_from(&sign);
    characters.advice = sign;
    let styles = if style.colour {
        ThemeStyles::ansi()
    } else {
        ThemeStyles::none()
    };
    GraphicalReportHandler::new_themed(GraphicalTheme { characters, styles })
        .with_width(style.width)
        .with_context_lines(1)
        .with_links(false)
        .without_syntax_highlighting()
}

fn label(text: &str, span: Span, primary: bool) -> LabeledSpan {
    let text = Some(one_line(text)).filter(|text| !text.is_empty());
    let place = SourceSpan::from((span.start as usize, span.len()));
    if primary {
        LabeledSpan::new_primary_with_span(text, place)
    } else {
        LabeledSpan::new_with_span(text, place)
    }
}

/// What miette draws.
#[derive(Debug)]
struct Picture<'a> {
    message: String,
    severity: Level,
    help: Option<String>,
    labels: Vec<LabeledSpan>,
    excerpt: Option<&'a Excerpt>,
}

impl fmt::Display for Picture<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Picture<'_> {}

impl Diagnostic for Picture<'_> {
    fn severity(&self) -> Option<Severity> {
        Some(match self.severity {
            Level::Error => Severity::Error,
            Level::Warning => Severity::Warning,
            Level::Info => Severity::Advice,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let help = self.help.as_ref()?;
        Some(Box::new(help))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        let excerpt = self.excerpt?;
        Some(excerpt)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}
