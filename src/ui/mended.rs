//! What `lint --fix` did to files, or would do.

use std::fmt::Write;

use similar::TextDiff;

use crate::diag::one_line;
use crate::lint::MendedFile;

/// What was done to a file, line by line.
#[must_use]
pub fn list(file: &MendedFile) -> String {
    let mut text = format!("fixed {}", one_line(&file.path));
    for fix in &file.fixes {
        let title = one_line(&fix.title);
        let _ = write!(text, "\n  line {}: {title} ({})", fix.line, fix.code.id());
    }
    text
}

/// The change of a file as a unified diff, with every secret starred out.
#[must_use]
pub fn diff(file: &MendedFile) -> String {
    let path = one_line(&file.path);
    let [before, after] = &file.shown;
    TextDiff::from_lines(before, after)
        .unified_diff()
        .header(&format!("a/{path}"), &format!("b/{path}"))
        .to_string()
}

/// How many fixes there are, and in how many files.
#[must_use]
pub fn summary<'a>(mended: impl IntoIterator<Item = &'a MendedFile>) -> String {
    let (mut files, mut done) = (0, 0);
    for file in mended {
        files += 1;
        done += file.fixes.len();
    }
    let many = |count: usize, one: &str, more: &str| match count {
        1 => format!("1 {one}"),
        count => format!("{count} {more}"),
    };
    match done {
        0 => "nothing to fix".to_owned(),
        _ => format!(
            "{} in {}",
            many(done, "fix", "fixes"),
            many(files, "file", "files")
        ),
    }
}
