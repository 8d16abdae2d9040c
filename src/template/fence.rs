//! Where code begins and ends in Markdown, and how long a fence has to be.
//!
//! One answer for all who read what a template holds or becomes. Takes one look at each
//! line, whatever a stranger wrote.

/// Fenced code, followed from line to line.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Fences<'t> {
    /// The fence that is open, and what stands behind it.
    open: Option<(&'t str, &'t str)>,
}

impl<'t> Fences<'t> {
    /// Takes the next line, and says whether it belongs to fenced code: a fence does, too.
    pub(crate) fn holds(&mut self, line: &'t str) -> bool {
        let words = line.trim();
        let mark = words.chars().next().filter(|c| matches!(c, '`' | '~'));
        let rest = mark.map_or(words, |mark| words.trim_start_matches(mark));
        let run = &words[..words.len() - rest.len()];
        match self.open {
            Some((fence, _)) => {
                if rest.is_empty() && run.starts_with(fence) {
                    self.open = None;
                }
                true
            }
            // Backticks with another behind them are a code span.
            None if run.len() >= 3 && !(mark == Some('`') && rest.contains('`')) => {
                self.open = Some((run, rest.trim()));
                true
            }
            None => false,
        }
    }

    /// The fence that the next lines stand in, as it was opened.
    pub(crate) fn open(&self) -> Option<&'t str> {
        self.open.map(|(fence, _)| fence)
    }

    /// What stands behind the fence that is open, such as `mermaid`.
    pub(crate) fn info(&self) -> Option<&'t str> {
        self.open.map(|(_, info)| info)
    }
}

/// Backticks that no text closes by accident: at least so many.
pub(crate) fn backticks(around: &str, least: usize) -> String {
    let runs = around.split(|c| c != '`').map(str::len);
    let longest = runs.max().unwrap_or_default();
    "`".repeat(least.max(longest + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines, each behind `|` where it belongs to fenced code.
    fn marked(text: &str) -> Vec<String> {
        let mut fences = Fences::default();
        let lines = text.lines();
        let lines = lines.map(|line| (if fences.holds(line) { "|" } else { "" }, line));
        lines.map(|(mark, line)| format!("{mark}{line}")).collect()
    }

    #[test]
    fn a_fence_is_closed_by_one_of_its_kind_that_is_as_long() {
        let text = "a\n```yaml\nb\n~~~\n```x\n  ````\nc";
        let lines = ["a", "|```yaml", "|b", "|~~~", "|```x", "|  ````", "c"];
        assert_eq!(marked(text), lines);
        assert_eq!(marked("````\n```\na\n```\n````\nb")[4..], ["|````", "b"]);
        assert_eq!(marked("~~~\n```\na\n~~~\nb")[3..], ["|~~~", "b"]);
    }

    #[test]
    fn a_code_span_on_a_line_of_its_own_opens_nothing() {
        assert_eq!(marked("```a```\nb"), ["```a```", "b"]);
        assert_eq!(marked("``\nb"), ["``", "b"]);
        assert_eq!(marked("~~~ `a`\nb"), ["|~~~ `a`", "|b"]);
    }

    #[test]
    fn what_is_open_is_known() {
        let mut fences = Fences::default();
        assert_eq!((fences.open(), fences.info()), (None, None));
        fences.holds("  ````mermaid ");
        assert_eq!(
            (fences.open(), fences.info()),
            (Some("````"), Some("mermaid"))
        );
        fences.holds("````");
        assert_eq!(fences.info(), None);
    }

    #[test]
    fn backticks_are_longer_than_those_inside() {
        assert_eq!(backticks("", 1), "`");
        assert_eq!(backticks("a `b` c", 1), "``");
        assert_eq!(backticks("a `b` c", 3), "```");
        assert_eq!(backticks("```\n", 3), "````");
    }
}
