//! `CODEOWNERS`: who has to agree to a change of a file.
//!
//! Only as far as a rule needs it: whether a file has an owner at all. Understands the
//! files of GitHub and GitLab, with sections; where it cannot tell, a file counts as owned.

use regex::{RegexSet, RegexSetBuilder};

/// Where the file may stand, in the order in which GitHub and GitLab look.
pub(super) const PLACES: [&str; 4] = [
    ".github/CODEOWNERS",
    "CODEOWNERS",
    "docs/CODEOWNERS",
    ".gitlab/CODEOWNERS",
];

/// More lines are not looked at.
const MOST_LINES: usize = 1_000;
/// The most bytes of a file; GitHub takes no more than 3 MB, and people write far less.
const MOST_BYTES: usize = 128 << 10;

/// Which files have owners.
#[derive(Debug, Default)]
pub(super) struct Owners {
    patterns: RegexSet,
    lines: Vec<Line>,
    /// Too much was said to understand it: every file counts as owned.
    unknown: bool,
}

#[derive(Debug, Clone, Copy)]
struct Line {
    section: usize,
    owned: bool,
}

impl Owners {
    /// What the file says.
    pub(super) fn parse(text: &str) -> Self {
        let unknown = Self {
            unknown: true,
            ..Self::default()
        };
        if text.len() > MOST_BYTES || text.lines().count() > MOST_LINES {
            return unknown;
        }
        let mut patterns = Vec::new();
        let mut lines = Vec::new();
        let (mut section, mut default) = (0, false);
        for line in text.lines() {
            let line = line.trim();
            if line.is_empty() || line.starts_with(['#', '!']) {
                continue;
            }
            if let Some(owners) = of_section(line) {
                section += 1;
                default = has_owner(owners);
                continue;
            }
            let (pattern, owners) = split(line);
            patterns.push(expression(&pattern));
            lines.push(Line {
                section,
                owned: has_owner(owners) || default,
            });
        }
        match RegexSetBuilder::new(patterns).size_limit(4 << 20).build() {
            Ok(patterns) => Self {
                patterns,
                lines,
                unknown: false,
            },
            Err(_) => unknown,
        }
    }

    /// Whether somebody owns the file: in each section the last line that fits decides.
    pub(super) fn own(&self, path: &str) -> bool {
        let mut sections: Vec<Line> = Vec::new();
        for index in self.patterns.matches(path) {
            let line = self.lines[index];
            match sections.last_mut() {
                Some(last) if last.section == line.section => *last = line,
                _ => sections.push(line),
            }
        }
        self.unknown || sections.iter().any(|line| line.owned)
    }
}

/// What stands behind the head of a section, such as `[Incidents] @ops` or `^[Docs][2]`.
fn of_section(line: &str) -> Option<&str> {
    let head = line.strip_prefix('^').unwrap_or(line).strip_prefix('[')?;
    let (_, rest) = head.split_once(']')?;
    match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((_, owners)) => Some(owners),
        None => Some(rest),
    }
}

fn has_owner(owners: &str) -> bool {
    let mut words = owners.split_whitespace();
    words.next().is_some_and(|word| !word.starts_with('#'))
}

/// The pattern without its escapes, and what stands behind it.
fn split(line: &str) -> (String, &str) {
    let mut pattern = String::new();
    let mut rest = line.char_indices();
    while let Some((at, c)) = rest.next() {
        match c {
            '\\' => pattern.extend(rest.next().map(|(_, c)| c)),
            c if c.is_whitespace() => return (pattern, &line[at..]),
            c => pattern.push(c),
        }
    }
    (pattern, "")
}

/// A pattern as a regular expression over paths.
fn expression(pattern: &str) -> String {
    let mut expression = String::from("^");
    let anchored = pattern.strip_prefix('/');
    if anchored.is_none() {
        expression.push_str("(?:.*/)?");
    }
    let mut rest = anchored.unwrap_or(pattern);
    let ends_in_star = rest.ends_with("/*");
    while let Some(c) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("**/") {
            expression.push_str("(?:.*/)?");
            rest = after;
        } else if let Some(after) = rest.strip_prefix("**") {
            expression.push_str(".*");
            rest = after;
        } else {
            match c {
                '*' => expression.push_str("[^/]*"),
                '?' => expression.push_str("[^/]"),
                c => expression.push_str(&regex::escape(c.encode_utf8(&mut [0; 4]))),
            }
            rest = &rest[c.len_utf8()..];
        }
    }
    if pattern.ends_with('/') {
        expression.push_str(".*");
    } else if !ends_in_star {
        expression.push_str("(?:/.*)?");
    }
    expression.push('$');
    expression
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(text: &str, path: &str) -> bool {
        Owners::parse(text).own(path)
    }

    #[test]
    fn patterns_fit_as_on_github() {
        let path = "playbooks/ops/outage.yaml";
        for (pattern, owned) in [
            ("*", true),
            ("/playbooks/", true),
            ("playbooks", true),
            ("ops/", true),
            ("*.yaml", true),
            ("/playbooks/**/*.yaml", true),
            ("**/outage.yaml", true),
            ("/playbooks/*", false),
            ("/ops/", false),
            ("*.md", false),
            ("/playbooks/ops/outage.yam", false),
            ("/playbooks/???/outage.yaml", true),
        ] {
            assert_eq!(
                own(&format!("{pattern} @acme/ops\n"), path),
                owned,
                "{pattern}"
            );
        }
    }

    #[test]
    fn the_last_line_that_fits_decides_and_may_name_nobody() {
        let text = "* @all\n/playbooks/ # nobody\n/playbooks/a.yaml @carol # hers\n";
        assert!(own(text, "README.md"));
        assert!(!own(text, "playbooks/b.yaml"));
        assert!(own(text, "playbooks/a.yaml"));
    }

    #[test]
    fn a_section_of_gitlab_gives_its_owners_to_lines_without() {
        let text = "* # nobody\n[Incidents][2] @ops\n/playbooks/\n^[Docs]\n/docs/\n";
        assert!(own(text, "playbooks/a.yaml"));
        assert!(!own(text, "docs/a.md"));
        assert!(!own(text, "src/a.rs"));
    }

    #[test]
    fn escaped_blanks_belong_to_the_pattern() {
        assert!(own("/my\\ playbooks/ @ops\n", "my playbooks/a.yaml"));
    }

    #[test]
    fn what_is_too_much_to_understand_owns_everything() {
        assert!(own(&"/x @a\n".repeat(2_000), "playbooks/a.yaml"));
        assert!(!own("", "playbooks/a.yaml"));
    }
}
