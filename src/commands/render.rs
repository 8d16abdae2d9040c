//! `warroom render`.

use std::io::Read;

use crate::cli::{OutputFormat, Render, SampleSize};
use crate::commands::{Context, workspace};
use crate::diag::{did_you_mean, listed, one_line};
use crate::exit::{ExitStatus, Failure};
use crate::mattermost::limits::MESSAGE;
use crate::render::{self, MessageError, Scenery};
use crate::schema;
use crate::template::{Sample, TemplateKind};
use crate::ui::{Ui, playbook as shown};
use crate::workspace::{LoadedPlaybook, Workspace};

/// The most bytes of a file with an incident: a run with every task that Mattermost takes is far smaller.
const LONGEST_INCIDENT: u64 = 8 << 20;

/// Runs `warroom render`.
pub(crate) fn run(
    arguments: &Render,
    context: &Context,
    ui: &mut Ui,
) -> Result<ExitStatus, Failure> {
    let workspace = workspace::open(context, ui)?.workspace;
    match &arguments.playbook {
        None => playbook(&workspace, &arguments.what, context, ui)?,
        Some(key) => {
            let loaded = find(&workspace, key, &arguments.what)?;
            message(&workspace, loaded, arguments, context, ui)?;
        }
    }
    Ok(ExitStatus::Done)
}

fn playbook(
    workspace: &Workspace,
    key: &str,
    context: &Context,
    ui: &mut Ui,
) -> Result<(), Failure> {
    let effective = render::effective(workspace, find(workspace, key, key)?);
    match context.format {
        OutputFormat::Human => ui.result(&starred(&shown::page(&effective))),
        OutputFormat::Json => ui.json(&shown::without_secrets(&shown::json(&effective), &starred)),
    }
}

/// What is shown may be copied to where strangers read.
fn starred(text: &str) -> String {
    schema::starred(text).into_owned()
}

fn message(
    workspace: &Workspace,
    loaded: &LoadedPlaybook,
    arguments: &Render,
    context: &Context,
    ui: &mut Ui,
) -> Result<(), Failure> {
    let scenery = scenery(arguments, context)?;
    if let Scenery::Incident(incident, _) = &scenery
        && let Some(pin) = &incident.playbook
        && pin.key != loaded.playbook.key
    {
        ui.warning(&format!(
            "the incident follows the playbook `{}`, and not `{}`",
            pin.key, loaded.playbook.key
        ));
    }
    let message = render::message(workspace, loaded, &arguments.what, &scenery)?;
    match context.format {
        OutputFormat::Human => ui.result(&shown::lines(&starred(&message.text)))?,
        OutputFormat::Json => ui.json(&shown::without_secrets(
            &shown::message_json(&message),
            &starred,
        ))?,
    }
    let template = one_line(&message.template);
    ui.note(&match &message.note {
        Some(note) => format!("{} from {template}; {note}", message.kind.name()),
        None => format!("{} from {template}", message.kind.name()),
    });
    let length = message.text.chars().count();
    let is_post = matches!(
        message.kind,
        TemplateKind::Update | TemplateKind::Announcement | TemplateKind::Welcome
    );
    if is_post && length > MESSAGE {
        ui.warning(&format!(
            "it has {length} characters, and a message may have {MESSAGE}"
        ));
    }
    Ok(())
}

fn scenery(arguments: &Render, context: &Context) -> Result<Scenery, Failure> {
    if arguments.static_text {
        return Ok(Scenery::Nothing);
    }
    let Some(file) = &arguments.incident else {
        return Ok(Scenery::Sample(match arguments.sample {
            Some(SampleSize::Large) => Sample::Large,
            Some(SampleSize::Small) | None => Sample::Small,
        }));
    };
    let unread =
        |why: &str| Failure::new(format!("could not read the incident in `{file}`: {why}"));
    let path = context.environment.directory().join(file);
    let opened = fs_err::File::open(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => unread("there is no such file"),
        kind => unread(&kind.to_string()),
    })?;
    let mut text = String::new();
    opened
        .take(LONGEST_INCIDENT + 1)
        .read_to_string(&mut text)
        .map_err(|error| unread(&error.kind().to_string()))?;
    if text.len() as u64 > LONGEST_INCIDENT {
        return Err(unread("it is larger than 8 MiB"));
    }
    let incident =
        render::read_incident(&text).map_err(|error| unread(&error.message).help(error.help))?;
    let now = context.environment.clock().now();
    Ok(Scenery::Incident(Box::new(incident), now))
}

/// The playbook of that key; whoever asks for a message of no playbook is told how.
fn find<'a>(
    workspace: &'a Workspace,
    key: &str,
    asked: &str,
) -> Result<&'a LoadedPlaybook, Failure> {
    if let Some(loaded) = workspace.playbook(key) {
        return Ok(loaded);
    }
    let keys = || {
        workspace
            .playbooks
            .iter()
            .map(|loaded| loaded.playbook.key.as_str())
    };
    let failure = Failure::usage(format!("there is no playbook `{}`", one_line(key)));
    let kinds = TemplateKind::ALL.map(|kind| kind.name().replace('-', ""));
    let is_template = kinds.contains(&asked.replace('-', ""))
        || workspace
            .templates
            .keys()
            .any(|path| path.as_str() == asked);
    if key == asked && is_template {
        let one = keys().next().unwrap_or("PLAYBOOK");
        return Err(failure.help(format!(
            "a message belongs to a playbook: add `--for {one}`"
        )));
    }
    Err(failure.help(
        did_you_mean(key, keys())
            .unwrap_or_else(|| format!("this workspace has {}", listed(keys()))),
    ))
}

impl From<MessageError> for Failure {
    fn from(error: MessageError) -> Self {
        // Both may quote a template, or the name of its file.
        match error {
            MessageError::Unclear(unclear) => {
                Self::usage(one_line(&unclear.message)).help(one_line(&unclear.help))
            }
            MessageError::Template(error) => Self::new(format!(
                "could not render it: {}",
                one_line(&error.to_string())
            )),
        }
    }
}
