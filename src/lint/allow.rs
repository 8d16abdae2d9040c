//! `# lint: allow(K-10) reason`: one place is excused from a rule.
//!
//! In YAML as a comment, in a template as `{# lint: allow(T-07) reason #}`; at the end
//! of the line that it excuses, or alone in the line above. A reason is required, and
//! an allowance that excuses nothing is a finding itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diag::{Code, Finding, Source, Span, did_you_mean, one_line};
use crate::yaml::{Kind, Node};

use super::rules;

/// What every allowance begins with; a file without it has none.
const MARK: &str = "lint: allow(";
/// Of a longer comment the rest is not read.
const LONGEST: usize = 2_000;

/// The allowances of one file.
#[derive(Debug, Clone)]
pub(super) struct Allowances {
    source: Arc<Source>,
    all: Vec<Allowance>,
    /// Which of them excuse a rule in a line, from 0: each in its own, and in the next one
    /// that says something; none are left once a finding has used them.
    by_place: BTreeMap<(usize, Code), Vec<usize>>,
    /// What is wrong with them.
    findings: Vec<Finding>,
}

/// One rule that is excused in one line.
#[derive(Debug, Clone)]
struct Allowance {
    code: Code,
    /// Where the id of the rule stands.
    span: Span,
    used: bool,
}

/// The allowances of a YAML file; none in most.
pub(super) fn of_yaml(source: &Arc<Source>, root: &Node<'_>) -> Option<Allowances> {
    if !source.text().contains(MARK) {
        return None;
    }
    let mut texts = Vec::new();
    collect_texts(root, &mut texts);
    texts.sort_unstable();
    let is_comment = |at: usize| {
        let before = texts.partition_point(|text| text.start as usize <= at);
        let text = before.checked_sub(1).map(|last| texts[last].range());
        !text.is_some_and(|text| text.contains(&at))
    };
    Allowances::read(source, "#", "", is_comment)
}

/// The allowances of a template.
pub(super) fn of_template(source: &Arc<Source>) -> Option<Allowances> {
    Allowances::read(source, "{#", "#}", |_| true)
}

/// Where texts stand: a `#` within them begins no comment.
fn collect_texts(node: &Node<'_>, texts: &mut Vec<Span>) {
    match &node.kind {
        Kind::Str(_) => texts.push(node.span),
        Kind::Seq(elements) => elements.iter().for_each(|e| collect_texts(e, texts)),
        Kind::Map(entries) => entries.iter().for_each(|(_, v)| collect_texts(v, texts)),
        _ => {}
    }
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
            findings: Vec::new(),
        };
        let below = next_lines(source, open);
        for (at, _) in text.match_indices(MARK) {
            let before = text[..at].trim_end_matches([' ', '\t', '-']);
            let Some(before) = before.strip_suffix(open) else {
                continue;
            };
            let begins = before.is_empty() || before.ends_with([' ', '\t', '\n', '\r']);
            if (close.is_empty() && !begins) || !is_comment(before.len()) {
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
                "say behind the `)` why this place is right as it is",
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
                let all = rules::all().map(|rule| rule.code.id());
                let label = did_you_mean(id, all);
                let label = label.unwrap_or_else(|| "`warroom lint --list` shows all".to_owned());
                self.refuse(span, message, label);
                continue;
            };
            if rules::of_code(code).is_fixed() {
                let message = format!("{id} `{}` cannot be excused", code.name());
                self.refuse(
                    span,
                    message,
                    "mend what it says: the file is wrong without it",
                );
                continue;
            }
            for line in lines {
                let place = self.by_place.entry((line, code)).or_default();
                place.push(self.all.len());
            }
            self.all.push(Allowance {
                code,
                span,
                used: false,
            });
        }
    }

    fn refuse(&mut self, span: Span, message: impl Into<String>, label: impl Into<String>) {
        let span = self.source.first_line(span);
        let finding = Finding::new(Code::BadAllowance, &self.source, span, message);
        self.findings.push(finding.label(label));
    }

    /// The file that they stand in.
    pub(super) fn file(&self) -> &str {
        self.source.name()
    }

    /// Whether a finding of this file is excused.
    pub(super) fn excuse(&mut self, finding: &Finding) -> bool {
        let line = finding.source.line_of(finding.span.start);
        let Some(place) = self.by_place.get_mut(&(line, finding.code)) else {
            return false;
        };
        for allowance in std::mem::take(place) {
            self.all[allowance].used = true;
        }
        true
    }

    /// What is wrong with them, once every finding was shown to them; `ran` says whether
    /// a rule could have spoken.
    pub(super) fn finish(mut self, ran: impl Fn(Code) -> bool) -> Vec<Finding> {
        for allowance in &self.all {
            if allowance.used || !ran(allowance.code) {
                continue;
            }
            let id = allowance.code.id();
            let message = format!("nothing here is excused by this allowance of {id}");
            let finding =
                Finding::new(Code::UnusedAllowance, &self.source, allowance.span, message);
            self.findings.push(finding.label("remove it").help(
                "an allowance stands at the end of the line that the finding marks, or alone in the line above",
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
        let lines = |n: usize| {
            let places = allowances.by_place.iter();
            let mut lines = places
                .filter(|(_, all)| all.contains(&n))
                .map(|(place, _)| place.0);
            let first = lines.next().unwrap();
            [first, lines.next().unwrap_or(first)]
        };
        let all = allowances.all.iter().enumerate();
        all.map(|(n, allowance)| (allowance.code, lines(n)))
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
        ] {
            let found = read(&format!("a: 1 # lint: {comment}\n"));
            assert_eq!(found.findings.len(), 1, "{comment}");
            assert_eq!(found.findings[0].message, message);
            assert!(found.all.is_empty());
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
