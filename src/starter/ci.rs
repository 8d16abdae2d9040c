//! The CI configuration that `init --ci` writes.
//!
//! Owns where each service looks for it, and the texts, which stand in `ci/` and
//! are shown in `docs/ci.md`. What changes in them: the version of warroom to
//! install, and the Rust that builds it. Pure, as the rest of the starter.

const GITHUB: &str = include_str!("ci/github.yml");
const GITLAB: &str = include_str!("ci/gitlab.yml");

/// A service that runs `warroom lint` on every change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ci {
    /// GitHub Actions.
    GitHub,
    /// GitLab CI.
    GitLab,
}

impl Ci {
    /// Every service.
    pub const ALL: [Self; 2] = [Self::GitHub, Self::GitLab];

    /// The name by which people know it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::GitHub => "GitHub",
            Self::GitLab => "GitLab",
        }
    }

    /// What it calls a change that waits for review.
    #[must_use]
    pub fn change(self) -> &'static str {
        match self {
            Self::GitHub => "pull request",
            Self::GitLab => "merge request",
        }
    }

    /// Where it looks for its file, from the root of the repository.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::GitHub => ".github/workflows/warroom.yml",
            Self::GitLab => ".gitlab-ci.yml",
        }
    }

    /// The text of that file, which installs this version of warroom.
    #[must_use]
    pub fn text(self) -> String {
        let text = match self {
            Self::GitHub => GITHUB,
            Self::GitLab => GITLAB,
        };
        text.replace(
            "WARROOM_VERSION: VERSION",
            concat!("WARROOM_VERSION: ", env!("CARGO_PKG_VERSION")),
        )
        .replace(
            "image: rust:RUST",
            concat!("image: rust:", env!("CARGO_PKG_RUST_VERSION")),
        )
    }
}
