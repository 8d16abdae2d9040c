//! Links in tasks and in the texts beside them.

use std::borrow::Cow;
use std::ops::Range;

use super::super::words::{at_range, prose, shortened};
use super::task_key;
use crate::diag::{Code, Level};
use crate::lint::rule::{Check, Rule};
use crate::lint::scope::{PlaybookScope, Scope};
use crate::model::{SiteError, TextSource, web_url};
use crate::workspace::Placed;

pub(super) const DEAD_LINK: Rule = Rule {
    code: Code::DeadLink,
    what: "A link to a file that the workspace does not have is an error: looked for from the folder of `warroom.yaml` and \
           from the folder of the playbook, and never outside the workspace. Only names that end as files do (`.md`, `.pdf`, `.yaml` and 19 others) are \
           looked for: any other may be a host. A web address that is none, one that begins with `file:`, and a link \
           without an address, are warnings. Read are descriptions and texts written in place, without their code; \
           of reference links the line `[name]: address`. \
           Anchors, mail addresses, channels and links within Mattermost are left alone. \
           Mattermost itself knows no files: give people the whole address of a runbook where you can.",
    why: "A runbook is opened when it burns. A link that leads nowhere costs the minutes that the runbook was to save.",
    bad: &[(
        "playbooks/outage.yaml",
        "\
checklists:
  - key: first
    title: First minutes
    tasks:
      - key: fail-over
        title: Fail over the database
        description: Follow the [runbook](runbooks/db-main.md), and look at [the graphs](https//graphs.example.com).
",
    )],
    good: &[(
        "playbooks/outage.yaml",
        "\
checklists:
  - key: first
    title: First minutes
    tasks:
      - key: fail-over
        title: Fail over the database
        description: Follow the [runbook](runbooks/database.md), and look at [the graphs](https://graphs.example.com).
",
    ), (
        "runbooks/database.md",
        "\
# Fail over the database
",
    )],
    checks: &[Check::Playbook(dead_links), Check::Online("whether web addresses answer")],
};

/// The most links of one text that are looked at.
const MOST_LINKS: usize = 500;

/// The most bytes of an address.
const LONGEST: usize = 2_000;

/// What files end in; other relative links may be names of hosts, for all that is known here.
const FILES: [&str; 22] = [
    "adoc", "csv", "doc", "docx", "htm", "html", "j2", "jpeg", "jpg", "json", "markdown", "md",
    "mdx", "pdf", "png", "ps1", "rst", "svg", "toml", "txt", "yaml", "yml",
];

/// What is wrong with a link.
#[derive(Debug, PartialEq, Eq)]
enum Fault {
    /// None of these files exists.
    NoFile(Vec<String>),
    /// It is no address on the web.
    Malformed(String),
    /// There is nothing where the address should stand.
    Empty,
}

fn dead_links(scope: &mut PlaybookScope<'_>) {
    let playbook = scope.playbook;
    in_text(scope, "/description", &playbook.description);
    for (checklist, index, task) in playbook.tasks() {
        if has_links(&task.description) {
            in_text(
                scope,
                &task_key(checklist, index, "description"),
                &task.description,
            );
        }
    }
    for (pointer, text) in playbook.texts() {
        if let TextSource::Inline(text) = text {
            in_text(scope, pointer, text);
        }
    }
}

fn has_links(text: &str) -> bool {
    text.contains("](") || text.contains("]:")
}

fn in_text(scope: &mut PlaybookScope<'_>, pointer: &str, text: &str) {
    if !has_links(text) {
        return;
    }
    let folder = scope
        .file()
        .source()
        .name()
        .rsplit_once('/')
        .map_or("", |(folder, _)| folder)
        .to_owned();
    let around = scope.around;
    let words = prose(text);
    for place in targets(&words).chain(references(&words)).take(MOST_LINKS) {
        let target = &words[place.clone()];
        let Some(fault) = fault(target, &folder, |path| around.has_file(path)) else {
            continue;
        };
        // An empty one is marked with the brackets around it.
        let marked = if place.is_empty() {
            place.start - 2..place.end + 1
        } else {
            place.clone()
        };
        let shown = shortened(target);
        let finding = match fault {
            Fault::NoFile(tried) => {
                let tried: Vec<String> = tried
                    .iter()
                    .map(|path| format!("`{}`", shortened(path)))
                    .collect();
                at_range(
                    scope,
                    pointer,
                    text,
                    marked,
                    format!("the workspace has no file `{shown}`"),
                )
                .label("name a file that exists, or write a whole URL")
                .help(format!("looked for {}", tried.join(" and ")))
            }
            Fault::Malformed(why) => at_range(scope, pointer, text, marked, why)
                .level(Level::Warning)
                .label("write a whole URL, such as `https://wiki.example.com/runbook`"),
            Fault::Empty => at_range(scope, pointer, text, marked, "this link has no URL")
                .level(Level::Warning)
                .label("write its URL, or remove the link"),
        };
        scope.report(finding);
    }
}

/// Where the addresses of a text's links stand: `[words](address "title")`.
fn targets(text: &str) -> impl Iterator<Item = Range<usize>> {
    text.match_indices("](").filter_map(move |(at, _)| {
        let start = at + 2;
        let rest = &text[start..];
        if let Some(inside) = rest.strip_prefix('<') {
            let length = inside
                .bytes()
                .take(LONGEST)
                .position(|b| matches!(b, b'<' | b'>' | b'\n'))?;
            return inside[length..]
                .starts_with('>')
                .then_some(start + 1..start + 1 + length);
        }
        let mut depth = 0_u32;
        for (n, byte) in rest.bytes().enumerate().take(LONGEST) {
            match byte {
                b'(' => depth += 1,
                b')' if depth > 0 => depth -= 1,
                b')' => return Some(start..start + n),
                // A title may follow; where nothing stands before it there is no address.
                b' ' | b'\t' | b'\n' => return (n > 0).then_some(start..start + n),
                b'[' | b']' => return None,
                _ => {}
            }
        }
        None
    })
}

/// Where the addresses of reference links stand: `[words]: address "title"`, alone in a line.
fn references(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut next = 0;
    text.split_inclusive('\n').filter_map(move |line| {
        let start = next;
        next += line.len();
        let label = line.trim_start_matches(' ');
        if line.len() - label.len() > 3 {
            return None;
        }
        let (name, rest) = label.strip_prefix('[')?.split_once("]:")?;
        // Footnotes begin with `^`.
        if name.trim().is_empty() || name.starts_with('^') || name.contains(['[', ']']) {
            return None;
        }
        let rest = rest.trim_start();
        let (target, title) = if let Some(inside) = rest.strip_prefix('<') {
            inside.split_once('>')?
        } else {
            rest.split_at(rest.find(char::is_whitespace).unwrap_or(rest.len()))
        };
        let title = title.trim();
        let is_title = title.is_empty() || title.starts_with(['"', '\'', '(']);
        let from = start + line.len() - rest.len() + usize::from(rest.starts_with('<'));
        let is_target = (1..=LONGEST).contains(&target.len());
        (is_target && is_title).then_some(from..from + target.len())
    })
}

/// What is wrong with an address; `has_file` tells whether the workspace has a file.
fn fault(target: &str, folder: &str, has_file: impl Fn(&str) -> bool) -> Option<Fault> {
    if target.is_empty() {
        return Some(Fault::Empty);
    }
    // Within the page, within Mattermost, or with something that is filled in later.
    if target.starts_with(['#', '/', '~', '@', '?']) || target.contains(['{', '$']) {
        return None;
    }
    let lower: Cow<'_, str> = target.to_ascii_lowercase().into();
    if lower.starts_with("https://") || lower.starts_with("http://") {
        return match web_url(target) {
            // A password in it is a matter of V-02.
            Ok(_) | Err(SiteError::Userinfo) => None,
            Err(problem) => Some(Fault::Malformed(problem.to_string())),
        };
    }
    let web = lower
        .strip_prefix("https")
        .or_else(|| lower.strip_prefix("http"));
    if web.is_some_and(|rest| rest.starts_with([':', '/', ';'])) {
        let why = format!("`{}` does not begin with `https://`", shortened(target));
        return Some(Fault::Malformed(why));
    }
    if lower.starts_with("file:") {
        let why = format!("`{}` leads to a file of one computer", shortened(target));
        return Some(Fault::Malformed(why));
    }
    let path = target.split(['#', '?']).next().unwrap_or_default();
    let first = path.split('/').next().unwrap_or_default();
    let has_scheme = first.contains(':');
    let is_host = path.contains('/') && first.trim_start_matches('.').contains('.');
    if has_scheme || is_host || !is_file(path) {
        return None;
    }
    let path = path.replace("%20", " ");
    let mut tried: Vec<String> = Vec::new();
    for base in ["", folder] {
        let Some(path) = resolved(base, &path) else {
            continue;
        };
        if has_file(&path) {
            return None;
        }
        if !tried.contains(&path) {
            tried.push(path);
        }
    }
    // What lies outside the workspace may be there.
    (!tried.is_empty()).then_some(Fault::NoFile(tried))
}

fn is_file(path: &str) -> bool {
    let end = path
        .rsplit_once('.')
        .map(|(_, end)| end.to_ascii_lowercase());
    end.is_some_and(|end| FILES.contains(&end.as_str()))
}

/// A path seen from a folder of the workspace; none when it leads outside.
fn resolved(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::tests::messages;

    #[test]
    fn addresses_are_found() {
        let text = "[a](b) [c](<d e>) [f](g(h)i \"j\") ![k](l) [m] (n) [o]() [p](q [r](";
        let found: Vec<&str> = targets(text).map(|place| &text[place]).collect();
        assert_eq!(found, ["b", "d e", "g(h)i", "l", "", "q"]);
        for hostile in [
            "](".repeat(100_000),
            "](<".repeat(100_000),
            "](a(".repeat(100_000),
        ] {
            assert_eq!(targets(&hostile).count(), 0);
        }
    }

    #[test]
    fn addresses_of_reference_links_are_found() {
        let text = "[a][x], [b]\n\n[x]: c.md\n   [y z]: <d e> \"title\"\n[b]:f.md (title)\n";
        let found: Vec<&str> = references(text).map(|place| &text[place]).collect();
        assert_eq!(found, ["c.md", "d e", "f.md"]);
        for text in [
            "[^1]: gone.md",
            "[ ]: gone.md",
            "[note]: see gone.md",
            "    [code]: gone.md",
            "a [b]: gone.md",
            "[a[b]: gone.md",
            "[a]:",
            "[a]: <gone.md",
            "[a]: <>",
        ] {
            assert_eq!(references(text).count(), 0, "{text}");
        }
    }

    #[test]
    fn reference_links_and_files_of_one_computer_are_looked_at() {
        let text = "description: |\n  Read [the runbook][db] and [the plan](file:///home/alice/plan.md)\n\n  [db]: runbooks/gone.md\n  [wiki]: <https//wiki.example.com>\n  [share]: FILE://nas/plan.md\nchecklists:\n  - key: a\n    title: A\n    tasks:\n      - key: b\n        title: Call\n        description: \"[a][b]\\n\\n[b]: gone.md\"\n";
        let found = messages(Code::DeadLink, &[("playbooks/outage.yaml", text)]);
        let found: Vec<&str> = found
            .iter()
            .map(|line| line.split_once(": ").unwrap().1)
            .collect();
        assert_eq!(
            found,
            [
                "the workspace has no file `gone.md`",
                "`file:///home/alice/plan.md` leads to a file of one computer",
                "the workspace has no file `runbooks/gone.md`",
                "`https//wiki.example.com` does not begin with `https://`",
                "`FILE://nas/plan.md` leads to a file of one computer",
            ]
        );
    }

    #[test]
    fn what_leads_somewhere_is_left_alone() {
        let has = |path: &str| ["runbooks/db.md", "playbooks/x/notes.md", "a b.md"].contains(&path);
        for target in [
            "#top",
            "runbooks/db.md#fail-over",
            "../../runbooks/db.md",
            "notes.md",
            "./notes.md",
            "a%20b.md",
            "https://x.example/y?z#a",
            "HTTP://x.example",
            "mailto:ops@x.example",
            "tel:112",
            "~incidents",
            "/ops/pl/abc",
            "mattermost://x",
            "status.example.com",
            "www.example.com/a.html",
            "runbooks/",
            "../../../outside.md",
            "{{ x }}.md",
            "https://u:p@x.example",
            "//x.example",
        ] {
            assert_eq!(fault(target, "playbooks/x", has), None, "{target}");
        }
        let tried = ["gone.md".to_owned(), "playbooks/x/gone.md".to_owned()];
        assert_eq!(
            fault("gone.md?a#b", "playbooks/x", has),
            Some(Fault::NoFile(tried.into()))
        );
        let tried = ["playbooks/gone.md".to_owned()];
        assert_eq!(
            fault("../gone.md", "playbooks/x", has),
            Some(Fault::NoFile(tried.into()))
        );
        for target in [
            "http:/x.example",
            "https//x",
            "https://",
            "http://a..b:99999/",
        ] {
            assert!(
                matches!(fault(target, "", has), Some(Fault::Malformed(_))),
                "{target}"
            );
        }
    }

    #[test]
    fn descriptions_and_texts_in_place_are_read_without_their_code() {
        let text = "description: See [x](gone.md)\nstart: { invite: [group:sre], welcome: 'Read [y]() and `[z](gone.md)`' }\n";
        let found = messages(Code::DeadLink, &[("playbooks/outage.yaml", text)]);
        assert_eq!(
            found,
            [
                "5: this link has no URL",
                "22: the workspace has no file `gone.md`"
            ]
        );
    }
}
