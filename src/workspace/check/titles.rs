//! Titles: one line that people can read.

use super::{File, Placed};
use crate::diag::Code;

/// Y-14: a title that shows nothing, breaks its line, or turns the text around it.
pub(super) fn titles_can_be_read(file: &mut File<'_>) {
    let playbook = file.playbook;
    let mut found = vec![problem(&playbook.title).map(|problem| ("/title".to_owned(), problem))];
    for (list, checklist) in playbook.checklists.iter().enumerate() {
        let problem = problem(&checklist.title);
        found.push(problem.map(|problem| (format!("/checklists/{list}/title"), problem)));
    }
    for (list, at, task) in playbook.tasks() {
        let problem = problem(&task.title);
        found.push(problem.map(|p| (format!("/checklists/{list}/tasks/{at}/title"), p)));
    }
    for (pointer, problem) in found.into_iter().flatten() {
        let finding = file
            .at_value(Code::InvalidValue, &pointer, format!("the title {problem}"))
            .label("write one line that people can read");
        file.push(finding);
    }
}

fn problem(title: &str) -> Option<&'static str> {
    let invisible = |c: char| {
        c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
    };
    // Most are of this kind. An empty one is a matter of the schema.
    let is_plain = title.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    if title.is_empty() || is_plain && title.bytes().any(|byte| byte != b' ') {
        return None;
    }
    if title.chars().all(invisible) {
        return Some("is blank");
    }
    if title.contains(['\n', '\r', '\u{2028}', '\u{2029}']) {
        return Some("contains a line break");
    }
    if title.chars().any(char::is_control) {
        return Some("contains a control character");
    }
    let turns = |c| matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    title
        .contains(turns)
        .then_some("contains a character that changes the direction of the text")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_one_line_that_people_can_read() {
        for good in ["Outage", "Störung 🙂", "a  b", "<b>@all</b>", "خطأ"] {
            assert_eq!(problem(good), None, "{good:?}");
        }
        for bad in [
            " ",
            "\u{200b}\u{a0}",
            "a\nb",
            "a\n",
            "a\u{1b}[31m",
            "a\tb",
            "\u{202e}a",
        ] {
            assert!(problem(bad).is_some(), "{bad:?}");
        }
    }
}
