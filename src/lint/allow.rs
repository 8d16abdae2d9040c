//! `# lint: allow(K-10) reason`: one place is excused from a rule.
//!
//! In YAML as a comment, in a template as `{# lint: allow(T-07) reason #}`; at the end
//! of the line that it excuses, or alone in the line above. A text of several lines is
//! excused as a whole where it begins; alone above an element of a list it excuses the
//! element's own keys. A reason is required, and an allowance that excuses nothing is a
//! finding itself.

mod comments;
mod cover;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use regex::Regex;

use self::cover::Cover;
use crate::diag::{Code, Finding, Source, Span, did_you_mean, one_line};
use crate::schema::MOST_ERRORS;
use crate::yaml::Node;

use super::rules;

/// What every allowance begins with.
const MARK: &str = "lint: allow(";
/// Of a longer comment the rest is not read.
const LONGEST: usize = 2_000;

/// The same, as people write it who do not look it up; a file without it has none.
static NEARLY: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)lint[ \t]*:[ \t]*allow[ \t]*\(").ok());

/// The allowances of one file.
#[derive(Debug, Clone)]
pub(super) struct Allowances {
    source: Arc<Source>,
    all: Vec<Allowance>,
    /// Which of them excuse a rule in a line, from 0: each in its own, and in the next one
    /// that says something; none are left once a finding has used them.
    by_place: BTreeMap<(usize, Code), Vec<usize>>,
    /// The same of those that stand alone, for the line below.
    by_element: BTreeMap<(usize, Code), Vec<usize>>,
    cover: Cover,
    /// What is wrong with them.
    findings: Vec<Finding>,
}

/// One rule that is excused in one line.
#[derive(Debug, Clone)]
struct Allowance {
    code: Code,
    /// Where the id of the rule stands.
    span: Span,
    /// The comment from its mark on.
    comment: Span,
    used: bool,
}

/// The allowances of a YAML file; none in most.
pub(super) fn of_yaml(source: &Arc<Source>, root: &Node<'_>) -> Option<Allowances> {
    if !has_mark(source) {
        return None;
    }
    let mut texts = Vec::new();
    cover::texts(root, &mut texts);
    texts.sort_unstable_by_key(|text| text.start);
    let is_comment = |at: usize| {
        let behind = texts.partition_point(|text| text.start as usize <= at);
        !texts[..behind]
            .last()
            .is_some_and(|text| text.range().contains(&at))
    };
    let mut found = Allowances::read(source, "#", "", is_comment)?;
    found.cover = Cover::of(source, root);
    Some(found)
}

/// The allowances of a template.
pub(super) fn of_template(source: &Arc<Source>) -> Option<Allowances> {
    if !has_mark(source) {
        return None;
    }
    let comments = comments::of_template(source.text());
    Allowances::read(source, "{#", "#}", |at| comments.binary_search(&at).is_ok())
}

fn has_mark(source: &Source) -> bool {
    NEARLY
        .as_ref()
        .is_some_and(|nearly| nearly.is_match(source.text()))
}

impl Allowances {
    fn read(
        source: &Arc<Source>,
        open: &str,
        close: &str,
        is_comment: impl Fn(usize) -> bool,
    ) -> Option<Self> {
        let text = source.text();
        let mut found = Self {
            source: Arc::clone(source),
            all: Vec::new(),
            by_place: BTreeMap::new(),
            by_element: BTreeMap::new(),
            cover: Cover::default(),
            findings: Vec::new(),
        };
        let below = next_lines(source, open);
        let marks = NEARLY.iter().flat_map(|nearly| nearly.find_iter(text));
        for mark in marks {
            let at = mark.start();
            let before = text[..at].trim_end_matches([' ', '\t', '-']);
            let Some(before) = before.strip_suffix(open) else {
                continue;
            };
            let begins = before.is_empty() || before.ends_with([' ', '\t', '\n', '\r']);
            if (close.is_empty() && !begins) || !is_comment(before.len()) {
                continue;
            }
            if mark.as_str() != MARK {
                let message = format!("`{}…` is not an allowance", one_line(mark.as_str()));
                let label = "write `lint: allow(ID) reason`";
                found.refuse(Span::new(at, mark.end()), message, label);
                continue;
            }
            let start = at + MARK.len();
            let rest = &text[start..text.floor_char_boundary(start + LONGEST)];
            let rest = rest.split(['\n', '\r']).next().unwrap_or_default();
            let rest = match rest.split_once(close) {
                Some((comment, _)) if !close.is_empty() => comment,
                _ => rest,
            };
            let line = source.line_of(Span::new(at, at).start);
            let in_line = &before[source.line_starts()[line] as usize..];
            let alone = in_line.trim_end().is_empty();
            let second = if alone { below[line] } else { line };
            found.one(start, rest, [line, second]);
        }
        let empty = found.all.is_empty() && found.findings.is_empty();
        (!empty).then_some(found)
    }

    /// What stands behind the parenthesis: ids, and a reason.
    fn one(&mut self, start: usize, rest: &str, lines: [usize; 2]) {
        let mark = Span::new(start - MARK.len(), start + rest.len());
        let Some((ids, reason)) = rest.split_once(')') else {
            let message = "this allowance has no `)`";
            self.refuse(mark, message, "write `lint: allow(ID) reason`");
            return;
        };
        if !reason.chars().any(char::is_alphanumeric) {
            let message = "an allowance needs a reason";
            self.refuse(
                mark,
                message,
                "write after the `)` why this place is right as it is",
            );
            return;
        }
        let mut at = start;
        for written in ids.split(',') {
            let id = written.trim();
            let from = at + (written.len() - written.trim_start().len());
            let span = Span::new(from, from + id.len());
            at += written.len() + 1;
            let Some(code) = Code::of_id(id) else {
                let message = format!("there is no rule `{}`", one_line(id));
                let named = Code::ALL.iter().find(|code| code.name() == id);
                let named = named.map(|code| format!("write its id: `{}`", code.id()));
                let meant = || did_you_mean(id, rules::all().map(|rule| rule.code.id()));
                let label = named.or_else(meant);
                let label = label.unwrap_or_else(|| "`warroom lint --list` shows all".to_owned());
                self.refuse(span, message, label);
                continue;
            };
            if rules::of_code(code).is_fixed() {
                let message = format!("{id} `{}` cannot be excused", code.name());
                self.refuse(
                    span,
                    message,
                    "correct what it says instead: the file cannot work as it is",
                );
                continue;
            }
            for line in lines {
                let place = self.by_place.entry((line, code)).or_default();
                place.push(self.all.len());
            }
            // At the end of a line it is about that line, alone about what begins below.
            let [own, below] = lines;
            if own != below {
                let place = self.by_element.entry((below, code)).or_default();
                place.push(self.all.len());
            }
            self.all.push(Allowance {
                code,
                span,
                comment: mark,
                used: false,
            });
        }
    }

    fn refuse(&mut self, span: Span, message: impl Into<String>, label: impl Into<String>) {
        if self.findings.len() >= MOST_ERRORS {
            return;
        }
        let span = self.source.first_line(span);
        let finding = Finding::new(Code::BadAllowance, &self.source, span, message);
        self.findings.push(finding.label(label));
    }

    /// The file that they stand in.
    pub(super) fn file(&self) -> &str {
        self.source.name()
    }

    /// What each says, with its rule.
    pub(super) fn written(&self) -> impl Iterator<Item = (Code, &str)> {
        let text = |span: Span| self.source.text().get(span.range()).unwrap_or_default();
        self.all
            .iter()
            .map(move |allowance| (allowance.code, text(allowance.comment).trim()))
    }

    /// Takes away those that were granted before, for an earlier change: they say nothing
    /// about this one.
    pub(super) fn outlive(&mut self, before: &BTreeSet<(Code, String)>) {
        let known = |(code, text): (Code, &str)| before.contains(&(code, text.to_owned()));
        let old: Vec<bool> = self.written().map(known).collect();
        for places in [&mut self.by_place, &mut self.by_element] {
            places.retain(|_, place| {
                place.retain(|allowance| !old[*allowance]);
                !place.is_empty()
            });
        }
    }

    /// Whether a finding of this file is excused.
    pub(super) fn excuse(&mut self, finding: &Finding) -> bool {
        let line = finding.source.line_of(finding.span.start);
        let mut excused = false;
        let own = std::iter::once(line).chain(self.cover.texts(line));
        for begin in own {
            if let Some(place) = self.by_place.get_mut(&(begin, finding.code)) {
                excused = true;
                for allowance in std::mem::take(place) {
                    self.all[allowance].used = true;
                }
            }
        }
        for begin in self.cover.elements(line) {
            if let Some(place) = self.by_element.get_mut(&(begin, finding.code)) {
                excused = true;
                for allowance in std::mem::take(place) {
                    self.all[allowance].used = true;
                }
            }
        }
        excused
    }

    /// What is wrong with them, once every finding was shown to them; `ran` says whether
    /// a rule could have spoken.
    pub(super) fn finish(mut self, ran: impl Fn(Code) -> bool) -> Vec<Finding> {
        let unused = self.all.iter().filter(|a| !a.used && ran(a.code));
        let rest = MOST_ERRORS.saturating_sub(self.findings.len());
        for allowance in unused.take(rest) {
            let id = allowance.code.id();
            let message = format!("this allowance of {id} excuses nothing");
            let finding =
                Finding::new(Code::UnusedAllowance, &self.source, allowance.span, message);
            self.findings.push(finding.label("remove it").help(
                "write an allowance at the end of the line that the finding marks, or on a line of its own above it; \
                 above a text it covers the whole text, and above an element of a list the element's own keys",
            ));
        }
        self.findings
    }
}

/// For each line the next one that is neither blank nor a comment; itself where there is none.
fn next_lines(source: &Source, open: &str) -> Vec<usize> {
    let starts = source.line_starts();
    let mut next: Vec<usize> = (0..starts.len()).collect();
    let mut below = None;
    let mut end = source.text().len();
    for line in (0..starts.len()).rev() {
        next[line] = below.unwrap_or(line);
        let start = starts[line] as usize;
        let text = source.text()[start..end].trim();
        if !text.is_empty() && !text.starts_with(open) {
            below = Some(line);
        }
        end = start;
    }
    next
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml;

    fn read(text: &str) -> Allowances {
        let source = Arc::new(Source::new("playbooks/x.yaml", text));
        let root = yaml::read(&source).root.unwrap();
        of_yaml(&source, &root).unwrap()
    }

    fn lines(allowances: &Allowances) -> Vec<(Code, [usize; 2])> {
        let all = allowances.all.iter().enumerate();
        all.map(|(index, allowance)| {
            let places = allowances.by_place.iter();
            let places = places.filter(|(_, place)| place.contains(&index));
            let lines: Vec<usize> = places.map(|((line, _), _)| *line).collect();
            (allowance.code, [lines[0], lines[lines.len() - 1]])
        })
        .collect()
    }

    #[test]
    fn a_comment_excuses_its_own_line_or_the_next_one_that_says_something() {
        let found = read(
            "a: 1 # lint: allow(K-10) it is a name\n# lint: allow(K-01, K-10) both\n\n# more\nb: 2\n",
        );
        assert_eq!(
            lines(&found),
            [
                (Code::TaskWording, [0, 0]),
                (Code::UnownedTask, [1, 4]),
                (Code::TaskWording, [1, 4]),
            ]
        );
        assert!(found.findings.is_empty());
    }

    #[test]
    fn what_stands_in_a_text_excuses_nothing() {
        let source = Arc::new(Source::new(
            "x.yaml",
            "a: |\n  # lint: allow(K-10) not a comment\nb: 'x # lint: allow(K-10) neither'\n",
        ));
        let root = yaml::read(&source).root.unwrap();
        assert!(of_yaml(&source, &root).is_none());
    }

    #[test]
    fn a_reason_and_a_rule_that_can_be_excused_are_required() {
        for (comment, message) in [
            ("allow(K-10)", "an allowance needs a reason"),
            ("allow(K-10) -- ", "an allowance needs a reason"),
            ("allow(K-99) because", "there is no rule `K-99`"),
            (
                "allow(P-09) because",
                "P-09 `unknown-key` cannot be excused",
            ),
            ("allow(K-10 because", "this allowance has no `)`"),
            (
                "allow(task-wording) because",
                "there is no rule `task-wording`",
            ),
            ("Allow(K-10) because", "`lint: Allow(…` is not an allowance"),
            (
                "  allow (K-10) because",
                "`lint:   allow (…` is not an allowance",
            ),
        ] {
            let found = read(&format!("a: 1 # lint: {comment}\n"));
            assert_eq!(found.findings.len(), 1, "{comment}");
            assert_eq!(found.findings[0].message, message);
            assert!(found.all.is_empty());
        }
    }

    /// The lines, from 1, of which every one is excused from K-10.
    fn excused(text: &str) -> Vec<usize> {
        let found = read(text);
        let reaches = |line: &usize| {
            let start = found.source.line_starts()[*line - 1];
            let span = Span { start, end: start };
            let finding = Finding::new(Code::TaskWording, &found.source, span, "x");
            found.clone().excuse(&finding)
        };
        (1..=text.lines().count()).filter(reaches).collect()
    }

    #[test]
    fn a_text_of_several_lines_is_excused_as_a_whole() {
        let reason = "# lint: allow(K-10) it is a name";
        for header in ["|", ">-", "|2"] {
            let text = format!("a: {header} {reason}\n\n  b\n\n  c\nd: e\n");
            assert_eq!(excused(&text), [1, 2, 3, 4, 5], "{text}");
            let text = format!("{reason}\na: {header}\n  b\n  c\nd: e\n");
            assert_eq!(excused(&text), [1, 2, 3, 4], "{text}");
            let text = format!("a:\n  - {header} {reason}\n    b\n    c\n  - d\n");
            assert_eq!(excused(&text), [2, 3, 4], "{text}");
        }
        let text = format!("{reason}\na: 'b\n  c'\nd: e\n");
        assert_eq!(excused(&text), [1, 2, 3]);
        let text = format!("{reason}\na: b\n  c\nd: e\n");
        assert_eq!(excused(&text), [1, 2, 3]);
    }

    #[test]
    fn alone_above_an_element_its_own_keys_are_excused() {
        let element = "  - key: b\n    title: |\n      c\n    tasks:\n      - key: d\n        title: e\n    f: g\n";
        let text = format!("a:\n  # lint: allow(K-10) so\n{element}  - key: h\n");
        assert_eq!(excused(&text), [2, 3, 4, 5, 6, 9]);
        let text = "a:\n  - key: b # lint: allow(K-10) so\n    title: c\n";
        assert_eq!(excused(text), [2]);
    }

    #[test]
    fn a_file_full_of_allowances_gives_a_bounded_number_of_findings() {
        let unused = "# lint: allow(K-10) so\n".repeat(40_000) + "a: 1\n";
        assert_eq!(read(&unused).finish(|_| true).len(), MOST_ERRORS);
        let bad = "# lint: allow(K-10)\n".repeat(40_000) + "a: 1\n";
        assert_eq!(read(&bad).finish(|_| true).len(), MOST_ERRORS);
    }

    #[test]
    fn what_was_granted_before_is_not_granted_again() {
        let source = Arc::new(Source::new("x.yaml", "a: 1 # lint: allow(K-10) so\n"));
        let finding = Finding::new(Code::TaskWording, &source, Span::new(0, 1), "x");
        let mut found = read(source.text());
        assert!(found.excuse(&finding));
        let before = found.written().map(|(code, text)| (code, text.to_owned()));
        let before = before.collect();
        found.outlive(&before);
        assert!(!found.excuse(&finding));
    }

    #[test]
    fn only_comments_of_a_template_excuse() {
        let comment = "{# lint: allow(T-13) so #}";
        for text in [
            format!("{{{{ '{comment}' }}}}"),
            format!("{{% raw %}}{comment}{{% endraw %}}"),
        ] {
            let source = Arc::new(Source::new("templates/x.md.j2", text));
            assert!(of_template(&source).is_none(), "{}", source.text());
        }
    }

    #[test]
    fn templates_have_comments_of_their_own() {
        let source = Arc::new(Source::new(
            "templates/x.md.j2",
            "{# lint: allow(T-13) everybody sits in one zone #}\n{{ now }}\n",
        ));
        let found = of_template(&source).unwrap();
        assert_eq!(lines(&found), [(Code::TemplateTimezone, [0, 1])]);
    }
}
