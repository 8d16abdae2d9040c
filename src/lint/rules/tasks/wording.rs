//! How tasks are worded.

use std::ops::Range;

use super::super::words::{at_range, prose, whole_words};
use super::{blanks, task_key};
use crate::diag::{Code, Level};
use crate::lint::rule::{Check, Rule};
use crate::lint::scope::{PlaybookScope, Scope};

pub(super) const TASK_WORDING: Rule = Rule {
    code: Code::TaskWording,
    what: "A title that ends in a question mark, has more than 80 characters, or surely is no request (it begins with \
           `The`, `We`, `Is`, `Checking` and the like) is an info. `TODO`, `FIXME` or `TBD` in a title or description, \
           outside code, is a warning; `the TODO list` and `TODO.md` mark nothing. Blanks around the title of a task, a checklist or the playbook are an info. A title over several lines is an error already (`Y-14`).",
    why: "At three in the morning people read the first three words. `Check the error rate` is done in a minute, \
          `The error rate` is a riddle.",
    bad: &[(
        "playbooks/outage.yaml",
        "\
checklists:
  - key: first
    title: First minutes
    tasks:
      - { key: affected, title: Are customers affected?, description: \"TODO: say where to look\" }
      - { key: roll-back, title: Rolling back the last change }
",
    )],
    good: &[(
        "playbooks/outage.yaml",
        "\
checklists:
  - key: first
    title: First minutes
    tasks:
      - { key: affected, title: Find out whether customers are affected, description: Look at the error rate. }
      - { key: roll-back, title: Roll back the last change }
",
    )],
    checks: &[
        Check::Playbook(task_wording),
        Check::Playbook(blanks::around_titles),
    ],
};

pub(super) const MARKDOWN_UNSUPPORTED: Rule = Rule {
    code: Code::MarkdownUnsupported,
    what: "A table, an image or HTML in the description of a task, outside code.",
    why: "The list of tasks is a narrow column, on a phone narrower still: tables fall apart there, images do not fit, \
          and HTML is shown as it is written.",
    bad: &[(
        "playbooks/outage.yaml",
        "\
checklists:
  - key: first
    title: First minutes
    tasks:
      - key: regions
        title: Ask the owner of each region
        description: |
          | region | owner |
          |--------|-------|
          | eu-1   | alice |
",
    )],
    good: &[(
        "playbooks/outage.yaml",
        "\
checklists:
  - key: first
    title: First minutes
    tasks:
      - key: regions
        title: Ask the owner of each region
        description: |
          - **eu-1:** alice
",
    )],
    checks: &[Check::Playbook(markdown_unsupported)],
};

/// The most characters of a title.
const LONGEST_TITLE: usize = 80;

/// What a request does not begin with.
const NO_REQUEST: [&str; 11] = [
    "The",
    "We",
    "You should",
    "You must",
    "Is",
    "Are",
    "Does",
    "Did",
    "Has",
    "There is",
    "There are",
];

/// First words that tell of doing, and ask for nothing.
const DOING: [&str; 26] = [
    "Asking",
    "Assigning",
    "Calling",
    "Checking",
    "Closing",
    "Collecting",
    "Communicating",
    "Confirming",
    "Contacting",
    "Creating",
    "Deploying",
    "Escalating",
    "Freezing",
    "Identifying",
    "Informing",
    "Investigating",
    "Notifying",
    "Opening",
    "Posting",
    "Restarting",
    "Rolling",
    "Scheduling",
    "Sending",
    "Updating",
    "Verifying",
    "Writing",
];

/// Words of those who have not finished writing.
const UNFINISHED: [&str; 3] = ["TODO", "FIXME", "TBD"];

fn task_wording(scope: &mut PlaybookScope<'_>) {
    for (checklist, index, task) in scope.playbook.tasks() {
        if let Some((message, label)) = slip(&task.title) {
            let pointer = task_key(checklist, index, "title");
            let finding = scope.at_value(&pointer, message).label(label);
            scope.report(finding);
        }
        for (key, text) in [("title", &task.title), ("description", &task.description)] {
            let words = prose(text);
            let Some(place) = unfinished(&words) else {
                continue;
            };
            let message = format!(
                "this task is not finished: it says `{}`",
                &text[place.clone()]
            );
            let finding = at_range(
                scope,
                &task_key(checklist, index, key),
                text,
                place,
                message,
            )
            .level(Level::Warning)
            .label("write what is missing, or leave it out");
            scope.report(finding);
        }
    }
}

/// The first of those words that marks something: not `the TODO list`, and no name of a file.
fn unfinished(text: &str) -> Option<Range<usize>> {
    let marks = |place: &Range<usize>| {
        let after = &text[place.end..];
        let next = after.strip_prefix([' ', '-']).unwrap_or(after);
        let is = |word: &str| {
            let start = next.get(..word.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(word))
        };
        let of_a_file = after.strip_prefix('.');
        let of_a_file = of_a_file.is_some_and(|end| end.starts_with(char::is_alphanumeric));
        // What `import` writes is a matter of V-14.
        let is_import = after.starts_with("-import");
        !is("list") && !is_import && !of_a_file && !text[..place.start].ends_with('/')
    };
    let first = UNFINISHED.iter();
    let first = first.filter_map(|word| whole_words(text, word).find(marks));
    first.min_by_key(|place| place.start)
}

/// What is wrong with a title, and what to write.
fn slip(title: &str) -> Option<(String, &'static str)> {
    let title = title.trim();
    if title.ends_with('?') {
        let message = "this title is a question, but a task says what to do".to_owned();
        return Some((message, "write what to do, such as `Find out whether …`"));
    }
    let begins = |with: &&str| {
        let rest = title.strip_prefix(*with);
        rest.is_some_and(|rest| rest.starts_with(' '))
    };
    if let Some(with) = NO_REQUEST.iter().chain(&DOING).find(|with| begins(with)) {
        let message = format!("this title begins with `{with}` and does not say what to do");
        return Some((
            message,
            "begin with what to do: `Check …`, `Call …`, `Decide …`",
        ));
    }
    if title.len() <= LONGEST_TITLE {
        return None;
    }
    let length = title.chars().count();
    (length > LONGEST_TITLE).then(|| {
        let message = format!("this title has {length} characters, and is cut off on a phone");
        (message, "shorten it; the rest belongs in `description`")
    })
}

/// HTML that people use in Markdown; a closing tag tells it from a `<placeholder>`.
const CLOSING: [&str; 20] = [
    "a",
    "b",
    "blockquote",
    "center",
    "code",
    "details",
    "div",
    "em",
    "font",
    "h1",
    "h2",
    "h3",
    "i",
    "kbd",
    "p",
    "pre",
    "span",
    "strong",
    "summary",
    "table",
];
const ALONE: [&str; 5] = ["<br>", "<br/>", "<br />", "<hr>", "<!--"];

fn markdown_unsupported(scope: &mut PlaybookScope<'_>) {
    for (checklist, index, task) in scope.playbook.tasks() {
        let text = &task.description;
        if !text.contains(['<', '|', '!']) {
            continue;
        }
        let words = prose(text);
        let found = table(&words)
            .map(|place| (place, "a table", "write a list with `- ` instead"))
            .or_else(|| {
                image(&words).map(|place| (place, "an image", "write a link: leave out the `!`"))
            })
            .or_else(|| {
                html(&words)
                    .map(|place| (place, "HTML", "write Markdown: `**bold**`, `- ` for lists"))
            });
        if let Some((place, what, label)) = found {
            let pointer = task_key(checklist, index, "description");
            let message = format!("Mattermost does not show {what} in a task as you see it here");
            let finding = at_range(scope, &pointer, text, place, message).label(label);
            scope.report(finding);
        }
    }
}

/// The line below the headings of a table.
fn table(text: &str) -> Option<std::ops::Range<usize>> {
    let mut at = 0;
    let mut above = "";
    for line in text.split_inclusive('\n') {
        let row = line.trim();
        let rule = row.contains('|')
            && row.contains("--")
            && row.chars().all(|c| matches!(c, '|' | '-' | ':' | ' '));
        if rule && above.contains('|') {
            let start = at + line.len() - line.trim_start().len();
            return Some(start..start + row.len());
        }
        above = row;
        at += line.len();
    }
    None
}

/// An image: `![…](`.
fn image(text: &str) -> Option<std::ops::Range<usize>> {
    let open = text.find("![")?;
    let rest = &text[open..];
    let close = rest.find("](")?;
    (!rest[..close].contains('\n')).then_some(open..open + close + 1)
}

fn html(text: &str) -> Option<std::ops::Range<usize>> {
    for (at, _) in text.match_indices('<') {
        let rest = &text.as_bytes()[at..];
        let begins = |tag: &&str| {
            rest.get(..tag.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(tag.as_bytes()))
        };
        if let Some(tag) = ALONE.iter().find(|tag| begins(tag)) {
            return Some(at..at + tag.len());
        }
        if rest.len() >= 5 && rest[..5].eq_ignore_ascii_case(b"<img ") {
            return Some(at..at + 4);
        }
        let Some(name) = text[at..].strip_prefix("</") else {
            continue;
        };
        let length = name
            .find(|c: char| !c.is_ascii_alphanumeric())
            .unwrap_or(name.len());
        let known = CLOSING
            .iter()
            .any(|tag| name[..length].eq_ignore_ascii_case(tag));
        if known && name[length..].starts_with('>') {
            return Some(at..at + length + 3);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::tests::messages;

    #[test]
    fn requests_are_left_alone() {
        for title in [
            "Check the error rate",
            "Thank everybody",
            "When it is back, tell support",
            "Wecker stellen",
            "Isolate the host",
            "Die Kunden informieren",
            "Update the status page",
            "Rolling",
            "Area of effect",
            "Find out whether customers are affected",
            &"ä".repeat(80),
        ] {
            assert_eq!(slip(title), None, "{title}");
        }
        for title in [
            "The error rate",
            "We call the vendor",
            "Checking logs",
            "Is it down",
            "Down? ",
            &"a".repeat(81),
        ] {
            assert!(slip(title).is_some(), "{title}");
        }
    }

    #[test]
    fn unfinished_words_count_outside_code_only() {
        let found = |title: &str, description: &str| {
            let text = format!(
                "checklists:\n  - key: a\n    title: A\n    tasks:\n      - {{ key: b, title: '{title}', description: '{description}' }}\n"
            );
            messages(Code::TaskWording, &[("playbooks/outage.yaml", &text)])
        };
        assert!(found("Write todos", "`TODO` TODO-import Todoist TODOS").is_empty());
        assert_eq!(found("Call TBD", "a FIXME").len(), 2);
        for prose in [
            "Work through the todo list",
            "Add it to the TODO list",
            "the TODO-list, the TODO-Liste",
            "See TODO.md and docs/TODO",
            "tbd",
        ] {
            assert!(found("Call", prose).is_empty(), "{prose}");
        }
        for marker in [
            "TODO: say where",
            "TODO(alice) say where",
            "number TBD",
            "x (TBD)",
            "**TODO**",
            "TODO-import: a, and TODO: b",
            "the TODO list, TODO: more",
        ] {
            assert_eq!(found("Call", marker).len(), 1, "{marker}");
        }
    }

    #[test]
    fn a_title_over_several_lines_is_refused() {
        let text = "checklists:\n  - key: a\n    title: A\n    tasks:\n      - { key: b, title: \"Call\\nthem\" }\n";
        assert_eq!(
            messages(Code::InvalidValue, &[("playbooks/outage.yaml", text)]).len(),
            1
        );
    }

    #[test]
    fn placeholders_links_and_code_are_no_html() {
        for text in [
            "run x <service> <b>",
            "<https://x.example>",
            "a < b",
            "`<br>`",
            "| a",
            "a | b\n---",
            "a\n|--|",
            "- [x] a ! [b](c)",
            "Wow![",
            "</service>",
        ] {
            let words = prose(text);
            assert!(
                table(&words).or(image(&words)).or(html(&words)).is_none(),
                "{text}"
            );
        }
        assert!(
            html("a<BR>b").is_some() && html("<b>x</b>").is_some() && html("<img src=x>").is_some()
        );
        assert!(html("é<").is_none() && html("<é").is_none());
        assert_eq!(image("a ![b](c)"), Some(2..6));
        assert_eq!(table("a|b\n -|--\n"), Some(5..9));
    }
}
