//! What may leave Mattermost for git, and the folder that it goes to.

use serde::{Deserialize, Serialize};

/// How many bytes `export.path` may have: the folders of incidents stand below it.
const LONGEST_PATH: usize = 200;
/// How many bytes each folder of it may have.
const LONGEST_PART: usize = 100;
/// Folders that warroom itself reads.
const OURS: [&str; 2] = ["playbooks", "templates"];

/// What `run export` writes into git, and where.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ExportSettings {
    /// The folder of the workspace that receives one folder for each incident.
    #[serde(default = "default_export_path")]
    #[cfg_attr(test, schemars(extend("format" = "warroom-folder")))]
    #[cfg_attr(test, schemars(example = &"docs/incidents"))]
    pub path: String,
    /// The branch that receives the commit; default: the one that is checked out.
    #[serde(default)]
    #[cfg_attr(test, schemars(example = &"incidents"))]
    pub branch: Option<String>,
    /// How much of the conversation leaves Mattermost.
    #[serde(default)]
    pub transcript: Transcript,
    /// How people are named.
    #[serde(default)]
    pub people: PeoplePolicy,
    /// Private incidents may be exported, where their profile allows it too.
    #[serde(default)]
    pub private_incidents: bool,
}

impl Default for ExportSettings {
    fn default() -> Self {
        Self {
            path: default_export_path(),
            branch: None,
            transcript: Transcript::default(),
            people: PeoplePolicy::default(),
            private_incidents: false,
        }
    }
}

/// How much of the conversation is exported.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Transcript {
    /// Nothing of it.
    #[default]
    None,
    /// Posts that somebody marked.
    Highlights,
    /// The status updates as posted.
    Updates,
    /// Every post of the channel.
    Full,
}

/// How people are named in an export.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PeoplePolicy {
    /// By their usernames.
    #[default]
    Usernames,
    /// By made-up names that differ from incident to incident.
    Pseudonyms,
}

fn default_export_path() -> String {
    "incidents".to_owned()
}

/// Why a folder cannot be one for exports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FolderProblem {
    /// Files in it would be taken for something else.
    #[error("incidents would be written into `{0}/`, which warroom reads")]
    Ours(&'static str),
    /// With the folder and the files of an incident it would be too long for some systems.
    #[error(
        "the folder of the export has at most {LONGEST_PATH} bytes, and each folder on the way {LONGEST_PART}"
    )]
    TooLong,
    /// Windows and git have names in which these characters mean something else.
    #[error("the folder of the export has a character that not every system can have in a name")]
    Character,
    /// Some systems leave out blanks and dots there; `.` and `..` lead elsewhere.
    #[error("the folder of the export begins or ends with a blank, or ends with a dot")]
    Edge,
    /// A folder without a name.
    #[error("the folder of the export has a part without a name")]
    Empty,
    /// What git takes for its own, hooks among it.
    #[error("the folder of the export has a part that begins with `.git`, which git reads")]
    Git,
}

impl ExportSettings {
    /// Settings that ask for what is not built yet, and with which nothing is exported.
    pub fn not_yet_supported(&self) -> impl Iterator<Item = &'static str> {
        let transcript = (self.transcript != Transcript::None).then_some("transcript");
        let people = (self.people == PeoplePolicy::Pseudonyms).then_some("people");
        transcript.into_iter().chain(people)
    }

    /// Whether incidents can be written into the folder, on every system that may check it out.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn folder(&self) -> Result<&str, FolderProblem> {
        let path = self.path.trim_end_matches('/');
        let parts = || path.split('/');
        let first = parts().next().unwrap_or_default();
        if let Some(ours) = OURS.iter().find(|ours| first.eq_ignore_ascii_case(ours)) {
            return Err(FolderProblem::Ours(ours));
        }
        if path.len() > LONGEST_PATH || parts().any(|part| part.len() > LONGEST_PART) {
            return Err(FolderProblem::TooLong);
        }
        let refused = |c: char| c.is_control() || "\\:~*?\"<>|".contains(c);
        if path.contains(refused) {
            return Err(FolderProblem::Character);
        }
        if parts().any(|part| part.ends_with(['.', ' ']) || part.starts_with(' ')) {
            return Err(FolderProblem::Edge);
        }
        if parts().any(str::is_empty) {
            return Err(FolderProblem::Empty);
        }
        if parts().any(|part| part.to_ascii_lowercase().starts_with(".git")) {
            return Err(FolderProblem::Git);
        }
        Ok(path)
    }
}

impl Transcript {
    /// The word for it in `warroom.yaml`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Highlights => "highlights",
            Self::Updates => "updates",
            Self::Full => "full",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_for_exports_is_one_on_every_system() {
        let folder = |path: &str| {
            let settings = ExportSettings {
                path: path.to_owned(),
                ..ExportSettings::default()
            };
            settings.folder().map(str::to_owned)
        };
        assert_eq!(folder("docs/incidents/"), Ok("docs/incidents".to_owned()));
        for good in ["incidents", "docs/playbooks", "playbooks-archive"] {
            assert_eq!(folder(good), Ok(good.to_owned()));
        }
        for (bad, problem) in [
            ("Templates/x", FolderProblem::Ours("templates")),
            (&"x".repeat(101), FolderProblem::TooLong),
            (&"abc/".repeat(60), FolderProblem::TooLong),
            ("git~1", FolderProblem::Character),
            ("a\nb", FolderProblem::Character),
            ("../elsewhere", FolderProblem::Edge),
            ("in. /x", FolderProblem::Edge),
            ("", FolderProblem::Empty),
            ("/x", FolderProblem::Empty),
            ("a/.GITmodules", FolderProblem::Git),
        ] {
            assert_eq!(folder(bad), Err(problem), "{bad:?}");
        }
    }

    #[test]
    fn the_words_of_transcripts_are_those_of_the_files() {
        use Transcript::{Full, Highlights, None, Updates};
        for transcript in [None, Highlights, Updates, Full] {
            let written = serde_json::to_value(transcript).unwrap();
            assert_eq!(written, transcript.as_str());
        }
    }
}
