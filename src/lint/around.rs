//! What every rule may see beside the file it looks at.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use jiff::civil::Date;

use crate::model::{Members, Permissions, Person, Settings, TemplatePath, Username};
use crate::template::Template;
use crate::workspace::{Document, Surroundings, TemplateText};

use super::owners::{self, Owners};

/// The workspace around a file.
#[derive(Debug)]
pub(super) struct Around<'a> {
    /// `warroom.yaml`.
    pub(super) settings: &'a Settings,
    /// `permissions.yaml`; empty where there is none.
    pub(super) permissions: &'a Permissions,
    /// The day of the check.
    pub(super) today: Date,
    surroundings: &'a Surroundings<'a>,
    cache: &'a Cache,
}

/// What was parsed before: templates, by their paths, and `CODEOWNERS`.
#[derive(Debug, Default)]
pub(super) struct Cache {
    templates: Mutex<HashMap<TemplatePath, Option<Arc<Template>>>>,
    owners: OnceLock<Owners>,
}

impl<'a> Around<'a> {
    /// What surrounds the files; none while `warroom.yaml` or `permissions.yaml` has mistakes.
    pub(super) fn new(
        surroundings: &'a Surroundings<'a>,
        cache: &'a Cache,
        today: Date,
    ) -> Option<Self> {
        Some(Self {
            settings: surroundings.settings.as_ref()?,
            permissions: surroundings.permissions.as_ref()?,
            today,
            surroundings,
            cache,
        })
    }

    /// A template without mistakes of syntax.
    #[must_use]
    pub(super) fn template(&self, path: &TemplatePath) -> Option<Arc<Template>> {
        let lock = || {
            let templates = self.cache.templates.lock();
            templates.unwrap_or_else(PoisonError::into_inner)
        };
        if let Some(known) = lock().get(path) {
            return known.clone();
        }
        let template = match self.surroundings.template(path) {
            TemplateText::Read(source) => Template::parse(path.as_str(), source.text()).ok(),
            _ => None,
        };
        let template = template.map(Arc::new);
        lock().insert(path.clone(), template.clone());
        template
    }

    /// Whether the workspace has a file of that path, of whatever kind.
    #[must_use]
    pub(super) fn has_file(&self, path: &str) -> bool {
        self.surroundings.has_file(path)
    }

    /// Whether `CODEOWNERS` of the workspace names somebody for that file.
    #[must_use]
    pub(super) fn has_owner(&self, path: &str) -> bool {
        let owners = self.cache.owners.get_or_init(|| {
            let mut texts = owners::PLACES
                .into_iter()
                .filter_map(|place| self.surroundings.text(place));
            texts
                .next()
                .map(|text| Owners::parse(&text))
                .unwrap_or_default()
        });
        owners.own(path)
    }

    /// Whether some template holds a word.
    #[must_use]
    pub(super) fn templates_mention(&self, word: &str) -> bool {
        let sources = self.surroundings.template_sources();
        sources.values().any(|source| source.text().contains(word))
    }

    /// A YAML file, to find places in.
    #[must_use]
    pub(super) fn document(&self, path: &str) -> Document {
        self.surroundings.document(path)
    }

    /// Everybody in a list of people; none when a group of it is kept in Mattermost.
    #[must_use]
    pub(super) fn everybody<'p>(
        &'p self,
        people: impl IntoIterator<Item = &'p Person>,
    ) -> Option<BTreeSet<&'p Username>> {
        let mut names = BTreeSet::new();
        for person in people {
            match self.permissions.members(person) {
                Members::People(people) => names.extend(people),
                Members::Mattermost(_) | Members::Undeclared => return None,
            }
        }
        Some(names)
    }
}
