//! Secrets in files, and what an import left to be done.

use std::sync::Arc;

use crate::diag::{Finding, Span};
use crate::lint::scope::{FileScope, Scope, TemplateScope};
use crate::schema::{MOST_ERRORS, hide_secrets};
use crate::workspace::Placed;

/// What an import writes where it could not know.
const PLACEHOLDER: &str = "TODO-import";

/// As many are enough to say that a text is full of them.
const MOST: usize = 200;

/// V-02 in YAML.
pub(super) fn secret(scope: &mut FileScope<'_>) {
    let source = &Arc::clone(scope.file().source());
    for leak in hide_secrets(source).into_iter().take(MOST) {
        let span = source.first_line(leak.range.into());
        let finding = Finding::new(scope.code(), source, span, message(leak.what));
        scope.report(advice(finding));
    }
}

/// V-02 in a template.
pub(super) fn secret_in_template(scope: &mut TemplateScope<'_>) {
    for leak in hide_secrets(scope.source).into_iter().take(MOST) {
        let span = scope.source.first_line(leak.range.into());
        let finding = scope.at(span, message(leak.what));
        scope.report(advice(finding));
    }
}

fn message(what: &str) -> String {
    format!("{what} stands here as it is")
}

fn advice(finding: Finding) -> Finding {
    finding
        .label("say where it is kept instead")
        .help("whoever reads the repository, now or in years, can use it; it has been in a file: replace it where it was made")
}

/// V-14 in YAML.
pub(super) fn placeholder(scope: &mut FileScope<'_>) {
    let source = &Arc::clone(scope.file().source());
    let places = source.text().match_indices(PLACEHOLDER);
    for (at, word) in places.take(MOST_ERRORS) {
        let span = Span::new(at, at + word.len());
        let message = "an import left this for somebody to fill in";
        let finding = Finding::new(scope.code(), source, span, message);
        scope.report(finding.label("write what belongs here"));
    }
}

/// V-14 in a template.
pub(super) fn placeholder_in_template(scope: &mut TemplateScope<'_>) {
    let places = scope.source.text().match_indices(PLACEHOLDER);
    for (at, word) in places.take(MOST_ERRORS) {
        let span = Span::new(at, at + word.len());
        let finding = scope.at(span, "an import left this for somebody to fill in");
        scope.report(finding.label("write what belongs here"));
    }
}
