//! Findings as a picture: the lines of the file, with the place marked.

use std::fmt::{self, Write};
use std::sync::Arc;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, Severity, SourceCode,
    SourceSpan, ThemeCharacters, ThemeStyles,
};

use super::advice;
use super::excerpt::{Excerpt, Excerpts};
use crate::diag::{Finding, Level, Related, Source, Span, one_line};
use crate::ui::Style;

/// Findings one after the other.
pub(super) fn drawn(findings: &[Finding], style: Style) -> String {
    let excerpts = Excerpts::of(findings);
    let all: Vec<String> = findings
        .iter()
        .map(|finding| picture_of(finding, &excerpts, style))
        .collect();
    all.join("\n")
}

fn picture_of(finding: &Finding, excerpts: &Excerpts, style: Style) -> String {
    let handler = handler(finding, style);
    let mut picture = Picture {
        message: format!("{}: {}", finding.code.name(), one_line(&finding.message)),
        severity: finding.level,
        help: finding.help.as_deref().map(help_text),
        labels: Vec::new(),
        excerpt: None,
    };
    let (here, elsewhere): (Vec<&Related>, Vec<&Related>) = finding
        .related
        .iter()
        .partition(|related| Arc::ptr_eq(&related.source, &finding.source));
    let main = excerpts.showing(&finding.source, finding.span);
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
        without_excerpt(finding, &handler, picture)
    };
    for (index, related) in elsewhere.iter().enumerate() {
        let Some(other) = excerpts.showing(&related.source, related.span) else {
            let place = framed(&place(&related.source, related.span));
            let _ = writeln!(text, "{place} {}", one_line(&related.message));
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
) -> String {
    picture.help = None;
    let message = rendered(handler, &picture);
    picture.help = advice(finding).as_deref().map(help_text);
    let text = rendered(handler, &picture);
    let rest = text.strip_prefix(&message).unwrap_or_default();
    let message = message.trim_end_matches('\n');
    let place = framed(&place(&finding.source, finding.span));
    format!("{message}\n{place}\n{rest}")
}

/// Help is the only text that is wrapped onto lines with nothing of ours in front:
/// none of them may begin with what begins a command of GitHub Actions.
fn help_text(help: &str) -> String {
    one_line(help).replace("::", ": :")
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

fn framed(place: &str) -> String {
    format!("   ╰─[{place}]")
}

fn rendered(handler: &GraphicalReportHandler, picture: &Picture<'_>) -> String {
    let mut text = String::new();
    // Writing into a string never fails, and places were checked before.
    let _ = handler.render_report(&mut text, picture);
    // miette indents the first line, which the shape of ours does not.
    text.strip_prefix("  ").map(str::to_owned).unwrap_or(text)
}

fn handler(finding: &Finding, style: Style) -> GraphicalReportHandler {
    let mut characters = ThemeCharacters::unicode();
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
