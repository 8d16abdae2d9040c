//! What the parser calls a mistake, in words that say what to do.

use std::sync::Arc;

use granit_parser::{ErrorKind, Marker, ScanError};

use super::MOST_DEPTH;
use crate::diag::{Code, Finding, Source, Span};

/// Where the reader was when the parser stopped.
pub(super) struct Syntax<'s> {
    pub(super) source: &'s Arc<Source>,
    /// Where the last event ended: the mistake lies behind it.
    pub(super) reached: usize,
    /// Where the innermost list or mapping in brackets begins, if one is open.
    pub(super) bracket: Option<usize>,
}

impl Syntax<'_> {
    /// The finding for an error of the parser.
    pub(super) fn finding(&self, error: &ScanError) -> Finding {
        let at = self.byte(error.marker());
        let next = self.text()[at..].chars().next().map_or(0, char::len_utf8);
        let here = self.source.first_line(Span::new(at, at + next));
        match error.kind() {
            ErrorKind::TabNotAllowed
            | ErrorKind::TabInBlockIndentation
            | ErrorKind::TabAtBlockScalarStart
            | ErrorKind::TabInIndentation
            | ErrorKind::TabInPlainScalar => self
                .at(
                    Code::YamlHazard,
                    self.tab_near(at).unwrap_or(here),
                    "a tab cannot indent YAML",
                )
                .label("use spaces"),
            ErrorKind::UnexpectedCharacter { character: '@' } => self
                .at(
                    Code::YamlHazard,
                    here,
                    "text cannot begin with `@` unless it is in quotes",
                )
                .label("write the name without `@`")
                .help("write a person as `carol`, and a group as `group:NAME`"),
            ErrorKind::UnexpectedCharacter { character } => self
                .at(
                    Code::InvalidYaml,
                    here,
                    format!("text cannot begin with `{}` unless it is in quotes", character.escape_default()),
                )
                .label("put the text in quotes"),
            ErrorKind::RecursionLimitExceeded => too_deep(self.source, here),
            ErrorKind::UnclosedQuotedScalar
            | ErrorKind::InvalidQuotedScalarIndent
            | ErrorKind::DocumentIndicatorInQuotedScalar => self
                .at(
                    Code::InvalidYaml,
                    self.open_quote(at).unwrap_or(here),
                    "this quote is never closed",
                )
                .label("it opens here; add the closing quote"),
            ErrorKind::InvalidColonPlacement
            | ErrorKind::MappingValueNotAllowed
            | ErrorKind::ExpectedFlowMappingSeparator
            | ErrorKind::ExpectedFlowSequenceSeparator
                if self.open_bracket(at).is_some() =>
            {
                let bracket = self.open_bracket(at).unwrap_or(here);
                self.unclosed(bracket, &self.text()[bracket.range()])
            }
            ErrorKind::MappingValueNotAllowed | ErrorKind::InvalidColonPlacement => self
                .at(Code::InvalidYaml, here, "this `:` is in the middle of a value")
                .label("if the colon belongs to the text, put the whole text in quotes")
                .help("otherwise write `key: value` on a line of its own; all keys of a mapping begin in the same column"),
            ErrorKind::UnclosedFlowCollection { open } => self.unclosed(here, &open.to_string()),
            ErrorKind::DirectiveDisallowed => self
                .at(
                    Code::InvalidYaml,
                    here,
                    "directives such as `%YAML` have no meaning here",
                )
                .label("remove the line"),
            kind => self.at(Code::InvalidYaml, here, format!("this is not YAML: {kind}")),
        }
    }

    fn unclosed(&self, bracket: Span, open: &str) -> Finding {
        let close = if open == "[" { "]" } else { "}" };
        self.at(
            Code::InvalidYaml,
            bracket,
            format!("this `{open}` is never closed"),
        )
        .label(format!("it opens here; add the closing `{close}`"))
    }

    /// The first tab among the blanks that begin a line, from the line of `at` on.
    fn tab_near(&self, at: usize) -> Option<Span> {
        let line = self.source.line_of(u32::try_from(at).ok()?);
        let starts = self.source.line_starts();
        starts[line..].iter().find_map(|start| {
            let start = *start as usize;
            let text = &self.text()[start..];
            let blanks = text.len() - text.trim_start_matches([' ', '\t']).len();
            let tab = text[..blanks].find('\t')?;
            Some(Span::new(start + tab, start + blanks))
        })
    }

    /// The bracket of the innermost flow collection, if it opens in a line before that of `at`.
    fn open_bracket(&self, at: usize) -> Option<Span> {
        let start = self.bracket?;
        let text = self.text().get(start..at)?;
        let opens = text.starts_with(['[', '{']) && text.contains(['\n', '\r']);
        opens.then(|| Span::new(start, start + 1))
    }

    /// The quote before `at` that opens a text and has no partner.
    fn open_quote(&self, at: usize) -> Option<Span> {
        let mut from = self.reached.min(at);
        loop {
            let open = from + self.text()[from..at].find(['"', '\''])?;
            let before = self.text()[..open].chars().next_back();
            let opens = before.is_none_or(|c| c.is_whitespace() || "[{,:-?".contains(c));
            let quote = &self.text()[open..=open];
            let rest = &self.text()[open + 1..at];
            from = if opens {
                match closing(rest, quote) {
                    Some(length) => open + 1 + length,
                    None => return Some(Span::new(open, open + 1)),
                }
            } else {
                open + 1
            };
        }
    }

    /// The byte of a marker, always inside the text and between two characters.
    fn byte(&self, marker: &Marker) -> usize {
        let at = marker.byte_offset().unwrap_or_else(|| {
            let mut places = self.text().char_indices().map(|(at, _)| at);
            places.nth(marker.index()).unwrap_or(self.text().len())
        });
        self.text().floor_char_boundary(at)
    }

    fn text(&self) -> &str {
        self.source.text()
    }

    fn at(&self, code: Code, span: Span, message: impl Into<String>) -> Finding {
        Finding::new(code, self.source, span, message)
    }
}

/// The finding for nesting without end.
pub(super) fn too_deep(source: &Arc<Source>, span: Span) -> Finding {
    let message = format!("lists and mappings are nested more than {MOST_DEPTH} levels deep");
    Finding::new(Code::TooDeep, source, source.first_line(span), message).label("use fewer levels")
}

/// How many bytes up to and with the quote that closes a text.
fn closing(text: &str, quote: &str) -> Option<usize> {
    let mut at = 0;
    loop {
        let rest = &text[at..];
        let found = at + rest.find(|c| quote.starts_with(c) || c == '\\')?;
        let after = &text[found + 1..];
        at = if text[found..].starts_with('\\') {
            // Only double quotes know escapes.
            let escaped = after.chars().next().map_or(0, char::len_utf8);
            found + 1 + if quote == "\"" { escaped } else { 0 }
        } else if quote == "'" && after.starts_with('\'') {
            found + 2
        } else {
            return Some(found + 1);
        };
    }
}
