//! `--format`: the ways in which results can be printed.
//!
//! Owns their names and help texts, as clap types only; `commands` says which result
//! takes which.

use clap::ValueEnum;

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Human,
    /// One object with a `version`
    Json,
    /// A comment on a pull request
    Markdown,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of GitHub Actions
    Github,
    /// Code quality report of GitLab
    Gitlab,
    /// Test report, as most CI systems read it
    Junit,
}

/// How most results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutputFormat {
    /// For people.
    Human,
    /// For programs: one object with a `version`.
    Json,
}
