//! The lines of a file that a report shows.
//!
//! Finds lines by a table, so that a thousand findings of a file do not read it a
//! thousand times, and counts columns in characters.

use std::collections::HashMap;
use std::sync::Arc;

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use crate::diag::{Finding, Source, Span, one_line};

/// A longer line is not drawn: it would fill the terminal.
const LONGEST_LINE: usize = 400;

/// The excerpts of every file that findings point into.
#[derive(Debug)]
pub(super) struct Excerpts(HashMap<*const Source, Excerpt>);

impl Excerpts {
    pub(super) fn of(findings: &[Finding]) -> Self {
        let mut excerpts = HashMap::new();
        for finding in findings {
            let related = finding.related.iter().map(|related| &related.source);
            for source in std::iter::once(&finding.source).chain(related) {
                excerpts
                    .entry(Arc::as_ptr(source))
                    .or_insert_with(|| Excerpt::new(source));
            }
        }
        Self(excerpts)
    }

    /// The file, where the lines of this place in it can be shown.
    pub(super) fn showing(&self, source: &Arc<Source>, span: Span) -> Option<&Excerpt> {
        let excerpt = self.0.get(&Arc::as_ptr(source))?;
        Some(excerpt).filter(|excerpt| excerpt.can_show(span))
    }
}

/// The text of a file, made fit for showing.
#[derive(Debug)]
pub(super) struct Excerpt {
    name: String,
    text: String,
    source: Arc<Source>,
}

impl Excerpt {
    fn new(source: &Arc<Source>) -> Self {
        Self {
            name: one_line(source.name()),
            text: source.shown(),
            source: Arc::clone(source),
        }
    }

    /// Whether the lines of a place can be drawn.
    pub(super) fn can_show(&self, span: Span) -> bool {
        let first = self.source.line_of(span.start);
        let last = self.source.line_of(span.end.max(span.start + 1) - 1);
        !self.text.is_empty()
            && span.range().end <= self.text.len()
            && (first..=last).all(|line| self.is_short(line))
    }

    /// The line in which a place begins, without what ends it.
    pub(super) fn line(&self, span: Span) -> &str {
        let line = self.source.line_of(span.start);
        let text = self.text.get(self.start_of(line)..self.end_of(line));
        text.unwrap_or_default().trim_end_matches(['\n', '\r'])
    }

    /// What is marked of that line.
    pub(super) fn marked(&self, span: Span) -> &str {
        let first = self.source.first_line(span);
        self.text.get(first.range()).unwrap_or_default()
    }

    fn is_short(&self, line: usize) -> bool {
        self.end_of(line) - self.start_of(line) <= LONGEST_LINE
    }

    fn start_of(&self, line: usize) -> usize {
        self.source.line_starts()[line] as usize
    }

    fn end_of(&self, line: usize) -> usize {
        let next = self.source.line_starts().get(line + 1);
        next.map_or(self.text.len(), |next| *next as usize)
    }
}

impl SourceCode for Excerpt {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let end = span.offset() + span.len();
        if end > self.text.len() {
            return Err(MietteError::OutOfBounds);
        }
        let place = Span::new(span.offset(), end);
        let lines = self.source.line_starts().len();
        let mut first = self.source.line_of(place.start);
        let mut last = self.source.line_of(place.end.max(place.start + 1) - 1);
        // miette asks without context for the place that it prints above the lines.
        let column = if before == 0 && after == 0 {
            self.source.position(place.start).column - 1
        } else {
            0
        };
        for _ in 0..before {
            if first > 0 && self.is_short(first - 1) {
                first -= 1;
            }
        }
        for _ in 0..after {
            let next = last + 1;
            // The line behind the last line break is none that people see.
            if next < lines && self.start_of(next) < self.text.len() && self.is_short(next) {
                last = next;
            }
        }
        let (start, end) = (self.start_of(first), self.end_of(last));
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            &self.text.as_bytes()[start..end],
            SourceSpan::from((start, end - start)),
            first,
            column,
            last - first + 1,
        )))
    }
}
