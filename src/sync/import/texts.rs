//! Texts from Mattermost: in place, or in a template of their own when they are long.
//!
//! A text is moved into a template only if the template says exactly that text: what looks
//! like Jinja, or what a template would tidy, stays where it is never rendered.

use std::collections::BTreeSet;

use crate::model::{Key, TemplatePath, TextSource};
use crate::template::{StaticWords, Template, TemplateKind};
use crate::workspace::TEMPLATES;
use crate::yaml::Value;

/// A text with more lines is easier to read in a file of its own.
const LINES: usize = 5;
/// A text with more characters too.
const CHARACTERS: usize = 400;

/// The texts of a playbook.
#[derive(Debug)]
pub(super) struct Texts<'a> {
    key: &'a Key,
    words: StaticWords,
    taken: &'a BTreeSet<String>,
    /// New templates.
    pub(super) files: Vec<(TemplatePath, String)>,
}

impl<'a> Texts<'a> {
    /// None yet; `taken` are the files that are there.
    pub(super) fn new(key: &'a Key, title: &str, taken: &'a BTreeSet<String>) -> Self {
        Self {
            key,
            words: StaticWords {
                playbook_key: key.to_string(),
                playbook_title: title.to_owned(),
            },
            taken,
            files: Vec::new(),
        }
    }

    /// What the file says for a text; none when it cannot say it.
    pub(super) fn value(&mut self, kind: TemplateKind, text: &str) -> Option<Value> {
        let long = text.lines().count() > LINES || text.chars().count() > CHARACTERS;
        let in_place = matches!(text.parse(), Ok(TextSource::Inline(same)) if same == text);
        if in_place && !(long && self.says(kind, text)) {
            return Some(Value::text(text));
        }
        self.says(kind, text).then(|| self.file(kind, text))
    }

    /// Whether a template with these bytes says this text.
    fn says(&self, kind: TemplateKind, text: &str) -> bool {
        // Constants and comments of Jinja could say the same, and would not read so.
        let jinja = ["{{", "{%", "{#"].iter().any(|mark| text.contains(mark));
        let parsed = Template::parse("x.j2", text).ok();
        let written = parsed.and_then(|t| t.static_text(kind, &self.words).ok());
        !jinja && written.as_deref() == Some(text)
    }

    fn file(&mut self, kind: TemplateKind, text: &str) -> Value {
        let name = kind.name();
        let mut path = format!("{TEMPLATES}/{}-{name}.md.j2", self.key);
        let mut number = 2;
        let path = loop {
            let new = self.files.iter().all(|(known, _)| known.as_str() != path);
            if new
                && !self.taken.contains(&path)
                && let Ok(free) = path.parse::<TemplatePath>()
            {
                break free;
            }
            path = format!("{TEMPLATES}/{}-{name}-{number}.md.j2", self.key);
            number += 1;
        };
        let value = Value::text(path.as_str());
        self.files.push((path, format!("{text}\n")));
        value
    }
}
