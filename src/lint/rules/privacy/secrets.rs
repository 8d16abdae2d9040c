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
    format!("this is {what} in plain text")
}

fn advice(finding: Finding) -> Finding {
    finding
        .label("write where it is kept instead")
        .help("everybody who can read the repository, now or later, can use it: revoke it where it was issued, and create a new one")
}

/// V-14 in YAML.
pub(super) fn placeholder(scope: &mut FileScope<'_>) {
    let source = &Arc::clone(scope.file().source());
    let places = source.text().match_indices(PLACEHOLDER);
    for (at, word) in places.take(MOST_ERRORS) {
        let span = Span::new(at, at + word.len());
        let message = "an import left this for somebody to fill in";
        let finding = Finding::new(scope.code(), source, span, message);
        scope.report(finding.label("write what belongs here, and remove `TODO-import`"));
    }
}

/// V-14 in a template.
pub(super) fn placeholder_in_template(scope: &mut TemplateScope<'_>) {
    let places = scope.source.text().match_indices(PLACEHOLDER);
    for (at, word) in places.take(MOST_ERRORS) {
        let span = Span::new(at, at + word.len());
        let finding = scope.at(span, "an import left this for somebody to fill in");
        scope.report(finding.label("write what belongs here, and remove `TODO-import`"));
    }
}
