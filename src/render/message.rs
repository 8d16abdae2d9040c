//! One message: which template it is made from, and what fills it.

use jiff::Timestamp;

use crate::diag::{did_you_mean, listed};
use crate::incident::Incident;
use crate::incident::runner::{Definition, scene};
use crate::model::{Playbook, Settings, TemplatePath, TextSource};
use crate::template::{
    self, Context, Sample, Scene, StaticWords, Template, TemplateError, TemplateKind, UpdateContext,
};
use crate::workspace::{LoadedPlaybook, Workspace};

/// What fills a message.
#[derive(Debug, Clone, PartialEq)]
pub enum Scenery {
    /// A made-up incident.
    Sample(Sample),
    /// An incident as it stood, seen at that time.
    Incident(Box<Incident>, Timestamp),
    /// Nothing: the text that `sync` writes for Mattermost's own web UI.
    Nothing,
}

/// A message, as it would be posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its kind.
    pub kind: TemplateKind,
    /// What it was made from, for people.
    pub template: String,
    /// What it says.
    pub text: String,
    /// What whoever reads it should know.
    pub note: Option<String>,
}

/// Why there is no message.
#[derive(Debug, thiserror::Error)]
pub enum MessageError {
    /// The name does not lead to one template.
    #[error(transparent)]
    Unclear(#[from] Unclear),
    /// The template does not fit.
    #[error(transparent)]
    Template(#[from] TemplateError),
}

/// Why a name does not lead to one template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Unclear {
    /// What is wrong with the name.
    pub message: String,
    /// What to write instead.
    pub help: String,
}

/// What the name of a template leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named<'a> {
    /// The template of that kind, whichever it is.
    Kind(TemplateKind),
    /// A template in the workspace.
    Path(&'a TemplatePath),
}

/// Where the text of a kind comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source<'a> {
    /// A template.
    File(&'a TemplatePath),
    /// The YAML itself; sent as it is.
    Inline(&'a str),
    /// warroom.
    BuiltIn,
    /// Nobody names one, and there is no such message.
    Nowhere,
}

/// Renders the message of a kind, or of a template in the workspace, for a playbook.
///
/// `name` is the path of a template, or the name of a kind: then the template is the
/// one that incidents of the playbook get.
///
/// # Errors
/// When the name leads nowhere or to several kinds, and when the template cannot be rendered.
pub fn message(
    workspace: &Workspace,
    loaded: &LoadedPlaybook,
    name: &str,
    scenery: &Scenery,
) -> Result<Message, MessageError> {
    let (kind, source) = find(workspace, loaded, name)?;
    let template = match source {
        Source::Inline(text) => {
            return Ok(Message {
                kind,
                template: format!("the text in `{}`", loaded.path),
                text: text.to_owned(),
                note: Some("the text stands in the playbook and is sent as it is".to_owned()),
            });
        }
        Source::File(path) => {
            let text = workspace.templates.get(path).map_or("", String::as_str);
            Template::parse(path.as_str(), text).map_err(|problem| TemplateError::Problem {
                template: path.to_string(),
                problem,
            })?
        }
        Source::BuiltIn | Source::Nowhere => template::built_in(kind),
    };
    let key = &loaded.playbook.key;
    let note = match source {
        Source::BuiltIn => Some(format!("`{key}` names no template of its own")),
        Source::Nowhere => Some(format!(
            "`{key}` names no {}, so its incidents have none: this is a text to begin with",
            kind.name()
        )),
        Source::File(_) | Source::Inline(_) => None,
    };
    let text = match scenery {
        Scenery::Nothing => {
            let words = StaticWords {
                playbook_key: key.to_string(),
                playbook_title: loaded.playbook.title.clone(),
            };
            template.static_text(kind, &words)?
        }
        Scenery::Sample(size) => {
            let (settings, playbook) = (&workspace.settings, &loaded.playbook);
            template.render(&template::sample(
                kind, *size, settings, playbook, &template,
            ))?
        }
        Scenery::Incident(incident, now) => {
            let context = of_incident(kind, incident, *now, workspace, loaded, &template);
            template.render(&context)?
        }
    };
    Ok(Message {
        kind,
        template: template.name().to_owned(),
        text,
        note,
    })
}

/// The template that incidents of a playbook get for a kind.
pub(super) fn source<'a>(
    kind: TemplateKind,
    playbook: &'a Playbook,
    settings: &'a Settings,
) -> Source<'a> {
    use TemplateKind::{Announcement, Overview, Postmortem, Retrospective, Update, Welcome};
    let otherwise = match kind {
        Update | Announcement | Postmortem => Source::BuiltIn,
        Overview | Welcome | Retrospective => Source::Nowhere,
    };
    // `run update` and `run export` put something of the incident into what they write.
    let is_filled = matches!(kind, Update | Postmortem);
    match kind.text_of(playbook, settings) {
        Some(TextSource::File(path)) => Source::File(path),
        Some(TextSource::Inline(text)) if !is_filled => Source::Inline(text),
        Some(TextSource::Inline(_)) | None => otherwise,
    }
}

/// The kind of that name.
fn kind_of(name: &str) -> Option<TemplateKind> {
    let plain = |name: &str| name.replace('-', "");
    let mut all = TemplateKind::ALL.into_iter();
    all.find(|kind| plain(kind.name()) == plain(name))
}

/// What a name means among these templates: the name of a kind, or the path of one of them.
///
/// # Errors
/// When it means neither.
pub fn named<'a>(
    name: &str,
    templates: impl IntoIterator<Item = &'a TemplatePath>,
) -> Result<Named<'a>, Unclear> {
    if let Some(kind) = kind_of(name) {
        return Ok(Named::Kind(kind));
    }
    let templates: Vec<&TemplatePath> = templates.into_iter().collect();
    if let Some(path) = templates.iter().find(|known| known.as_str() == name) {
        return Ok(Named::Path(path));
    }
    let kinds = TemplateKind::ALL.map(TemplateKind::name);
    let paths = templates.into_iter().map(TemplatePath::as_str);
    let all = || {
        let kinds = listed(kinds);
        format!("write the path of a template in the workspace, or one of {kinds}")
    };
    Err(Unclear {
        message: format!("there is no template `{}`", crate::diag::one_line(name)),
        help: did_you_mean(name, kinds.into_iter().chain(paths)).unwrap_or_else(all),
    })
}

/// The playbook that makes messages of a template, where there is one and no other.
#[must_use]
pub fn only_playbook_with<'a>(
    workspace: &'a Workspace,
    path: &TemplatePath,
) -> Option<&'a LoadedPlaybook> {
    let settings = &workspace.settings;
    let mut playbooks = workspace.playbooks.iter().filter(|loaded| {
        let mut kinds = TemplateKind::ALL.into_iter();
        kinds.any(|kind| source(kind, &loaded.playbook, settings) == Source::File(path))
    });
    let only = playbooks.next()?;
    playbooks.next().is_none().then_some(only)
}

fn find<'a>(
    workspace: &'a Workspace,
    loaded: &'a LoadedPlaybook,
    name: &str,
) -> Result<(TemplateKind, Source<'a>), Unclear> {
    let settings = &workspace.settings;
    let path = match named(name, workspace.templates.keys())? {
        Named::Kind(kind) => return Ok((kind, source(kind, &loaded.playbook, settings))),
        Named::Path(path) => path,
    };
    let kinds_for = |playbook: &'a Playbook| {
        let all = TemplateKind::ALL.into_iter();
        all.filter(move |kind| source(*kind, playbook, settings) == Source::File(path))
    };
    let mut kinds: Vec<TemplateKind> = kinds_for(&loaded.playbook).collect();
    if kinds.is_empty() {
        // Somebody else's template can be tried for this playbook, too.
        let others = workspace.playbooks.iter();
        kinds.extend(others.flat_map(|other| kinds_for(&other.playbook)));
        kinds.sort_unstable();
        kinds.dedup();
    }
    match kinds.as_slice() {
        [kind] => Ok((*kind, Source::File(path))),
        [] => Err(Unclear {
            message: format!("no playbook names `{path}`, so nobody knows what it sees"),
            help: "name it in a playbook or in `templates` of `warroom.yaml`".to_owned(),
        }),
        several => {
            let names = listed(several.iter().map(|kind| kind.name()));
            Err(Unclear {
                message: format!("`{path}` is the template of several kinds: {names}"),
                help: "write the kind instead of the path".to_owned(),
            })
        }
    }
}

/// What a template sees of an incident as it stood.
fn of_incident(
    kind: TemplateKind,
    incident: &Incident,
    now: Timestamp,
    workspace: &Workspace,
    loaded: &LoadedPlaybook,
    template: &Template,
) -> Context {
    let (settings, playbook) = (&workspace.settings, &loaded.playbook);
    let definition = Definition {
        settings: settings.clone(),
        playbook: playbook.clone(),
        path: loaded.path.clone(),
        templates: workspace.templates.clone(),
    };
    match kind {
        TemplateKind::Update => {
            let update = UpdateContext {
                number: incident.updates.count + 1,
                by: Some(incident.commander.clone()).filter(|name| !name.is_empty()),
                is_final: incident.has_ended(),
                next_at: incident.updates.next_at.filter(|_| !incident.has_ended()),
            };
            // Nobody was asked: each input is what it asks for.
            let inputs = template.inputs().iter();
            let inputs = inputs.map(|input| (input.key.clone(), input.ask.trim().to_owned()));
            scene::update(incident, &definition, now, update, None, inputs.collect())
        }
        TemplateKind::Overview => scene::overview(incident, &definition, now),
        TemplateKind::Welcome => scene::welcome(incident, &definition, now),
        TemplateKind::Announcement => {
            let occasion = scene::Occasion::Announced;
            scene::announcement(incident, &definition, now, occasion, &incident.commander)
        }
        TemplateKind::Retrospective => Context {
            scene: Scene::Retrospective,
            ..scene::welcome(incident, &definition, now)
        },
        // Its generated parts come from the whole channel, which only an export reads.
        TemplateKind::Postmortem => Context {
            scene: template::sample(kind, Sample::Small, settings, playbook, template).scene,
            ..scene::welcome(incident, &definition, now)
        },
    }
}
