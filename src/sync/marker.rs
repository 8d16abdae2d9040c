//! The marker at the end of a playbook's description: what makes it ours.
//!
//! Owns reading and writing of the marker's lines, and the limit of a description
//! that carries them. A marker is a Markdown link definition, which Mattermost
//! stores byte for byte and shows as nothing. Descriptions come from anybody who
//! may edit in Mattermost: reading never fails, it finds a marker or none.

use std::fmt::{self, Write as _};
use std::str::FromStr;

use crate::model::Key;

/// The most characters that the server takes for a description, marker included.
pub const DESCRIPTION_LIMIT: usize = crate::mattermost::limits::PLAYBOOK_DESCRIPTION;

/// What every marker line begins with.
const LINE: &str = "[//]: warroom:";

/// What the line for people begins with.
const SOURCE_LINE: &str = "Managed as code: [";

/// What a managed playbook says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marker {
    /// The workspace that manages it.
    pub workspace: Key,
    /// Its key there.
    pub key: Key,
    /// The id of the playbook that the marker was written for; absent until the write after the creation.
    pub id: Option<String>,
    /// The commit it was last written from; absent for a dirty work tree.
    pub commit: Option<String>,
    /// What it looked like after that write.
    pub digest: Option<Digest>,
    /// Whether it must not be archived or released, also when its file is gone.
    pub protected: bool,
}

/// A short fingerprint of a playbook's managed fields.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Digest {
    /// The first 16 hexadecimal digits of the SHA-256 of the canonical form.
    V1(String),
    /// The same without the attributes, which were being written when the marker was.
    Unfinished(String),
    /// Of a version that this warroom does not know; kept as it stands.
    Other(String),
}

/// The link back to the file, shown to people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceLink {
    /// The file's path in the workspace.
    pub path: String,
    /// Where people read it.
    pub url: String,
}

/// A description taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// What people wrote, without white space at its end.
    pub text: String,
    /// The line for people, as it stands.
    pub source_line: Option<String>,
    /// The marker.
    pub marker: Option<Marker>,
}

/// A description and its marker are too long together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`description` has {length} characters with the marker that sync adds, and the server takes {DESCRIPTION_LIMIT}"
)]
pub struct TooLong {
    /// The characters of both.
    pub length: usize,
}

impl Described {
    /// Takes a description apart.
    ///
    /// The last marker line counts: one that stands earlier is text that somebody
    /// wrote, and text after it was added in Mattermost.
    #[must_use]
    pub fn read(description: &str) -> Self {
        let lines: Vec<&str> = description.split('\n').collect();
        let found = lines
            .iter()
            .enumerate()
            .rev()
            .find_map(|(at, line)| Some((at, Marker::from_line(line)?)));
        let Some((at, marker)) = found else {
            return Self {
                text: description.trim_end().to_owned(),
                source_line: None,
                marker: None,
            };
        };
        // Only the line right above: what stands before the blank line is text,
        // even if it looks the same.
        let source = at
            .checked_sub(1)
            .map(|above| lines[above])
            .filter(|line| is_source_line(line));
        let before = lines[..at - usize::from(source.is_some())].join("\n");
        let after = lines[at + 1..].join("\n");
        let (before, after) = (before.trim_end(), after.trim_matches(['\n', '\r', ' ']));
        let text = match (before, after) {
            (text, "") | ("", text) => text.to_owned(),
            (before, after) => format!("{before}\n\n{after}"),
        };
        Self {
            text,
            source_line: source.map(|line| line.trim_end().to_owned()),
            marker: Some(marker),
        }
    }
}

impl Marker {
    /// The description that carries this marker after the text.
    ///
    /// # Errors
    /// When both together are longer than the server takes.
    pub fn describe(&self, text: &str, source: Option<&SourceLink>) -> Result<String, TooLong> {
        let mut description = text.trim_end().to_owned();
        if !description.is_empty() {
            // The blank line ends a paragraph, and tells our lines from the text.
            description.push_str("\n\n");
        }
        if let Some(source) = source {
            description.push_str(&source.line());
            description.push('\n');
        }
        description.push_str(&self.line());
        let length = description.chars().count();
        if length > DESCRIPTION_LIMIT {
            return Err(TooLong { length });
        }
        Ok(description)
    }

    /// Whether it was written for this object of this workspace.
    #[must_use]
    pub fn belongs_to(&self, workspace: &Key, id: &str) -> bool {
        self.workspace == *workspace && self.id.as_deref().is_none_or(|own| own == id)
    }

    fn line(&self) -> String {
        let mut line = format!("{LINE}{}/{}", self.workspace, self.key);
        let commit = self.commit.as_deref().unwrap_or("none");
        let digest = self.digest.as_ref().map(ToString::to_string);
        let words = [
            ("id", self.id.as_deref()),
            ("commit", Some(commit)),
            ("digest", digest.as_deref()),
            ("protected", self.protected.then_some("true")),
        ];
        let given = words
            .iter()
            .filter_map(|(name, value)| Some((name, (*value)?)));
        for (n, (name, value)) in given.enumerate() {
            let mark = if n == 0 { '?' } else { '&' };
            let _ = write!(line, "{mark}{name}={value}");
        }
        line
    }

    /// Words that this version does not know are passed over: a later one may add some.
    fn from_line(line: &str) -> Option<Self> {
        let line = line.trim_end();
        // Four blanks would make it a code block, which is shown.
        let unindented = line.trim_start_matches(' ');
        if line.len() - unindented.len() > 3 {
            return None;
        }
        let rest = unindented.strip_prefix(LINE)?;
        let (address, words) = rest.split_once('?').unwrap_or((rest, ""));
        let (workspace, key) = address.split_once('/')?;
        let word = |name: &str| {
            let mut pairs = words.split('&').filter_map(|pair| pair.split_once('='));
            pairs.find_map(|(known, value)| (known == name).then_some(value))
        };
        let is_id = |id: &&str| !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric());
        let is_commit = |commit: &&str| {
            (7..=64).contains(&commit.len()) && commit.bytes().all(|b| b.is_ascii_hexdigit())
        };
        Some(Self {
            workspace: workspace.parse().ok()?,
            key: key.parse().ok()?,
            // A damaged id must not read as "no id yet": that would claim the object.
            id: match word("id") {
                Some(id) => Some(Some(id).filter(is_id)?.to_owned()),
                None => None,
            },
            commit: word("commit").filter(is_commit).map(str::to_owned),
            digest: word("digest").and_then(|digest| digest.parse().ok()),
            protected: word("protected").is_some(),
        })
    }
}

impl SourceLink {
    /// Brackets and parentheses would end the link early.
    fn line(&self) -> String {
        let path = self.path.replace(['[', ']', '\n', '\r'], "");
        let url: String = self
            .url
            .chars()
            .map(|c| match c {
                '(' => "%28".to_owned(),
                ')' => "%29".to_owned(),
                c if c.is_whitespace() || c.is_control() => "%20".to_owned(),
                c => c.to_string(),
            })
            .collect();
        format!("{SOURCE_LINE}{path}]({url})")
    }
}

impl fmt::Display for SourceLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.line())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::V1(digits) => write!(f, "v1:{digits}"),
            Self::Unfinished(digits) => write!(f, "u1:{digits}"),
            Self::Other(text) => f.write_str(text),
        }
    }
}

impl FromStr for Digest {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let is_word = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric());
        match text.split_once(':') {
            Some(("v1", digits))
                if digits.len() == 16 && digits.bytes().all(|b| b.is_ascii_hexdigit()) =>
            {
                Ok(Self::V1(digits.to_owned()))
            }
            Some(("u1", digits))
                if digits.len() == 16 && digits.bytes().all(|b| b.is_ascii_hexdigit()) =>
            {
                Ok(Self::Unfinished(digits.to_owned()))
            }
            // A damaged `v1` is no digest at all: nothing is known of the last write.
            Some((version, digits))
                if !matches!(version, "v1" | "u1") && is_word(version) && is_word(digits) =>
            {
                Ok(Self::Other(text.to_owned()))
            }
            _ => Err(()),
        }
    }
}

fn is_source_line(line: &str) -> bool {
    let line = line.trim_end();
    line.starts_with(SOURCE_LINE) && line.contains("](") && line.ends_with(')')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn marker() -> Marker {
        Marker {
            workspace: "acme-incidents".parse().unwrap(),
            key: "service-outage".parse().unwrap(),
            id: Some("cj74an9yutbixpyb6kyz3m3dry".to_owned()),
            commit: Some("3f2a91c".to_owned()),
            digest: Some(Digest::V1("d34db33f0c1e2a77".to_owned())),
            protected: false,
        }
    }

    fn source() -> SourceLink {
        SourceLink {
            path: "playbooks/service-outage.yaml".to_owned(),
            url: "https://git.example.com/acme/incidents/blob/main/playbooks/service-outage.yaml"
                .to_owned(),
        }
    }

    #[test]
    fn a_description_ends_with_a_line_for_people_and_one_for_us() {
        insta::assert_snapshot!(marker().describe("A service is down.\n", Some(&source())).unwrap(), @r"
        A service is down.

        Managed as code: [playbooks/service-outage.yaml](https://git.example.com/acme/incidents/blob/main/playbooks/service-outage.yaml)
        [//]: warroom:acme-incidents/service-outage?id=cj74an9yutbixpyb6kyz3m3dry&commit=3f2a91c&digest=v1:d34db33f0c1e2a77
        ");
    }

    #[test]
    fn a_cut_short_creation_has_a_marker_without_id() {
        let marker = Marker {
            id: None,
            commit: None,
            digest: None,
            ..marker()
        };
        let description = marker.describe("", None).unwrap();
        assert_eq!(
            description,
            "[//]: warroom:acme-incidents/service-outage?commit=none"
        );
        assert_eq!(Described::read(&description).marker, Some(marker));
    }

    #[test]
    fn text_added_below_the_marker_is_text() {
        let described = marker().describe("Ours.", Some(&source())).unwrap();
        let read = Described::read(&format!("{described}\n\nAdded in the web app.\n"));
        assert_eq!(read.text, "Ours.\n\nAdded in the web app.");
        assert_eq!(read.marker, Some(marker()));
        assert!(read.source_line.is_some());
    }

    #[test]
    fn lines_that_only_resemble_a_marker_are_text() {
        for text in [
            "[//]: # (warroom:acme/x)",
            "[//]: warroom:acme",
            "[//]: warroom:ACME/x",
            "    [//]: warroom:acme/x?commit=none",
            "> [//]: warroom:acme/x",
            "[//]: warroom:acme/x?id=",
            "[//]: warroom:acme/x?id=a b",
            "[//]: warroom:acme/x/y",
        ] {
            assert_eq!(Described::read(text).marker, None, "{text}");
        }
    }

    #[test]
    fn an_unknown_digest_version_is_kept_and_a_damaged_one_is_none() {
        let read = |digest: &str| {
            let line = format!("[//]: warroom:a/b?id=x&digest={digest}&later=1");
            Described::read(&line).marker.unwrap().digest
        };
        assert_eq!(read("v2:abc"), Some(Digest::Other("v2:abc".to_owned())));
        assert_eq!(read("v1:abc"), None);
        let unfinished = Digest::Unfinished("d34db33f0c1e2a77".to_owned());
        assert_eq!(read(&unfinished.to_string()), Some(unfinished));
        assert_eq!(read("u1:abc"), None);
        assert_eq!(read(""), None);
    }

    #[test]
    fn a_description_over_the_limit_is_refused_naming_it() {
        let room = DESCRIPTION_LIMIT - marker().describe("x", None).unwrap().chars().count() + 1;
        assert!(marker().describe(&"ü".repeat(room), None).is_ok());
        let error = marker()
            .describe(&"ü".repeat(room + 1), None)
            .unwrap_err()
            .to_string();
        assert!(error.contains("4097") && error.contains("4096"), "{error}");
    }

    #[test]
    fn a_hostile_link_stays_one_line_and_one_link() {
        let line = SourceLink {
            path: "a](http://evil)\n[//]: warroom:a/b".to_owned(),
            url: "https://x/(y)\n\n".to_owned(),
        }
        .to_string();
        assert_eq!(line.lines().count(), 1);
        assert_eq!(line.matches("](").count(), 1);
    }

    prop_compose! {
        /// Texts made of what could be mistaken for our own lines.
        fn hostile()(parts in prop::collection::vec(
            prop_oneof![
                Just("\n".to_owned()),
                Just("\r\n".to_owned()),
                Just("   ".to_owned()),
                Just(marker().line()),
                Just(source().line()),
                Just("[//]: warroom:".to_owned()),
                Just("```\n".to_owned()),
                "\\PC{0,20}",
            ],
            0..12,
        )) -> String {
            parts.concat()
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(text in hostile(), linked: bool, complete: bool) {
            let link = linked.then(source);
            let marker = if complete { Marker { protected: linked, ..marker() } } else { Marker { id: None, digest: None, ..marker() } };
            prop_assume!(text.chars().count() < 3000);
            let description = marker.describe(&text, link.as_ref()).unwrap();
            let read = Described::read(&description);
            prop_assert_eq!(read.marker, Some(marker));
            prop_assert_eq!(read.text, text.trim_end());
            prop_assert_eq!(read.source_line, link.map(|l| l.to_string()));
        }

        #[test]
        fn reading_is_total(text in "\\PC*|(\\[//\\]: warroom:[a-z/?=&:0-9]{0,40}\n?){0,4}") {
            let _ = Described::read(&text);
        }
    }
}
