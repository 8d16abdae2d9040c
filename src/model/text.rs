//! Texts that may stand in a file of their own, and secrets that must not stand in YAML at all.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A path of a template, relative to the workspace root, with `/` as separator.
///
/// Never absolute and never with `..`: a workspace may come from a stranger.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TemplatePath(String);

/// A text written in place, or the path of a template that holds it.
///
/// One line that ends in `.j2` is a path; everything else is the text itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextSource {
    /// The template file to read.
    File(TemplatePath),
    /// The text itself; sent as it is, never rendered.
    Inline(String),
}

/// A secret by the name of an environment variable; only `sync` looks it up.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SecretRef {
    /// The environment variable that holds the secret; its name begins with `WARROOM_SECRET_`.
    #[cfg_attr(
        test,
        schemars(regex(pattern = "^WARROOM_SECRET_[A-Z0-9_]+$"), length(max = 115))
    )]
    #[cfg_attr(test, schemars(example = &"WARROOM_SECRET_PAGER"))]
    pub env: String,
}

impl TemplatePath {
    /// The path as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TemplatePath {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let inside = !text.starts_with('/')
            && !text.contains(['\\', ':', '\0'])
            && text
                .split('/')
                .all(|part| !part.is_empty() && part != "." && part != "..");
        if inside {
            Ok(Self(text.to_owned()))
        } else {
            Err(format!(
                "`{text}` is not a path inside the workspace; write it relative to the folder of `warroom.yaml`, with `/` and without `..`"
            ))
        }
    }
}

impl fmt::Display for TemplatePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TextSource {
    /// The template's path, where the text stands in a file of its own.
    #[must_use]
    pub fn path(&self) -> Option<&TemplatePath> {
        match self {
            Self::File(path) => Some(path),
            Self::Inline(_) => None,
        }
    }
}

impl FromStr for TextSource {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let line = text.strip_suffix('\n').unwrap_or(text);
        let extension = line.rsplit_once('.').map(|(_, extension)| extension);
        if extension == Some("j2") && !line.contains('\n') {
            line.parse().map(Self::File)
        } else {
            Ok(Self::Inline(text.to_owned()))
        }
    }
}

impl<'de> Deserialize<'de> for TextSource {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl Serialize for TextSource {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::File(path) => serializer.serialize_str(path.as_str()),
            Self::Inline(text) => serializer.serialize_str(text),
        }
    }
}

#[cfg(test)]
impl schemars::JsonSchema for TextSource {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "TextSource".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "format": "warroom-text",
            "examples": ["templates/update.md.j2"],
            "description": "A text, or the path of a template: one line that ends in `.j2`, relative to the workspace root.",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_that_ends_in_j2_is_a_path() {
        let file: TextSource = "templates/update.md.j2".parse().unwrap();
        assert_eq!(file.path().unwrap().as_str(), "templates/update.md.j2");
        let inline: TextSource = "see\ntemplates/update.md.j2".parse().unwrap();
        assert!(inline.path().is_none());
    }

    #[test]
    fn a_path_never_leaves_the_workspace() {
        for path in [
            "/etc/x.j2",
            "../x.j2",
            "a/../../x.j2",
            "C:x.j2",
            "a\\..\\x.j2",
            "a//x.j2",
            "./x.j2",
        ] {
            assert!(path.parse::<TextSource>().is_err(), "{path}");
        }
    }
}
