//! The CI configuration that `init --ci` writes.
//!
//! Owns where each service looks for it, and the texts, which stand in `ci/` and
//! are shown in `docs/ci.md` and `docs/gitops.md`. What changes in them: the version of warroom to
//! install, and the Rust that builds it. Pure, as the rest of the starter.

const GITHUB: &str = include_str!("ci/github.yml");
const GITHUB_SYNC: &str = include_str!("ci/github-sync.yml");
const GITLAB: &str = include_str!("ci/gitlab.yml");

/// A service that checks every change, and brings merged ones into Mattermost.
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

    /// What it reads: a path from the root of the repository, and the text, which installs this
    /// version of warroom. What runs on strangers' changes comes first.
    #[must_use]
    pub fn files(self) -> Vec<(&'static str, String)> {
        let files: &[(&str, &str)] = match self {
            Self::GitHub => &[
                (".github/workflows/warroom.yml", GITHUB),
                (".github/workflows/warroom-sync.yml", GITHUB_SYNC),
            ],
            Self::GitLab => &[(".gitlab-ci.yml", GITLAB)],
        };
        let files = files.iter();
        files
            .map(|(path, text)| (*path, of_this_version(text)))
            .collect()
    }
}

fn of_this_version(text: &str) -> String {
    text.replace(
        "WARROOM_VERSION: VERSION",
        concat!("WARROOM_VERSION: ", env!("CARGO_PKG_VERSION")),
    )
    .replace(
        "image: rust:RUST",
        concat!("image: rust:", env!("CARGO_PKG_RUST_VERSION")),
    )
}
