//! Blanks around titles: nobody sees them, and searching finds another title.

use super::task_key;
use crate::diag::{Edit, Fix, Source, Span};
use crate::lint::scope::{PlaybookScope, Scope};
use crate::workspace::Placed;

/// K-10: titles that begin or end with blanks; possible only in quotes.
pub(super) fn around_titles(scope: &mut PlaybookScope<'_>) {
    let playbook = scope.playbook;
    if has_blanks(&playbook.title) {
        report(scope, "/title", &playbook.title);
    }
    for (index, checklist) in playbook.checklists.iter().enumerate() {
        if has_blanks(&checklist.title) {
            let pointer = format!("/checklists/{index}/title");
            report(scope, &pointer, &checklist.title);
        }
    }
    for (checklist, index, task) in playbook.tasks() {
        if has_blanks(&task.title) {
            let pointer = task_key(checklist, index, "title");
            report(scope, &pointer, &task.title);
        }
    }
}

/// Whether there is something between blanks.
fn has_blanks(title: &str) -> bool {
    let trimmed = title.trim();
    trimmed.len() < title.len() && !trimmed.is_empty()
}

fn report(scope: &mut PlaybookScope<'_>, pointer: &str, title: &str) {
    let finding = scope
        .at_value(pointer, "this title begins or ends with a space")
        .label("remove them");
    let place = scope.file().whole(pointer);
    let fix = fix(scope.file().source(), place, title);
    scope.report(match fix {
        Some(fix) => finding.fix(fix),
        None => finding,
    });
}

/// Removes the blanks, where the title stands between its quotes as it is.
fn fix(source: &Source, place: Span, title: &str) -> Option<Fix> {
    let written = source.text().get(place.range())?;
    let quote = written.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let inner = written.strip_prefix(quote)?.strip_suffix(quote)?;
    if inner != title {
        return None;
    }
    let (start, end) = (place.start as usize + 1, place.end as usize - 1);
    let before = Span::new(start, start + inner.len() - inner.trim_start().len());
    let behind = Span::new(end - (inner.len() - inner.trim_end().len()), end);
    let edits = [before, behind].into_iter().filter(|span| !span.is_empty());
    let text = String::new;
    Some(Fix {
        title: "remove the spaces around this title".to_owned(),
        edits: edits.map(|span| Edit { span, text: text() }).collect(),
    })
}
