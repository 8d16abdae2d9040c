//! `warroom render`.

mod names;

use std::io::Read;

use crate::cli::{OutputFormat, Render, SampleSize};
use crate::commands::{Context, workspace};
use crate::diag::one_line;
use crate::exit::{ExitStatus, Failure};
use crate::mattermost::limits::MESSAGE;
use crate::model::TemplatePath;
use crate::render::{self, MessageError, Scenery, Unclear};
use crate::schema;
use crate::template::{Sample, TemplateKind};
use crate::ui::{Ui, playbook as shown};
use crate::workspace::{LoadedPlaybook, Workspace};
use names::Names;

/// The most bytes of a file with an incident: a run with every task that Mattermost takes is far smaller.
const LONGEST_INCIDENT: u64 = 8 << 20;

/// Runs `warroom render`.
pub(crate) fn run(
    arguments: &Render,
    context: &Context,
    ui: &mut Ui,
) -> Result<ExitStatus, Failure> {
    let here = context.environment.directory();
    let (root, loaded) = workspace::load(context)?;
    let Some(workspace) = &loaded.workspace else {
        Names::despite_mistakes(&root, here)?.check(arguments)?;
        return Err(workspace::refused(&loaded.findings, ui));
    };
    let names = Names::of(workspace, &root, here);
    let what = arguments.what.as_str();
    let template = names.template(what);
    // What one playbook alone names needs no `--for`.
    let only = template.and_then(|path| render::only_playbook_with(workspace, path));
    let loaded = match (&arguments.playbook, only) {
        (Some(given), _) => find(workspace, &names, given, what)?,
        (None, Some(only)) => only,
        (None, None) => {
            playbook(find(workspace, &names, what, what)?, workspace, context, ui)?;
            return Ok(ExitStatus::Done);
        }
    };
    let name = template.map_or(what, TemplatePath::as_str);
    message(workspace, loaded, name, arguments, context, ui)?;
    Ok(ExitStatus::Done)
}

/// The playbook of that name.
fn find<'a>(
    workspace: &'a Workspace,
    names: &Names,
    given: &str,
    asked: &str,
) -> Result<&'a LoadedPlaybook, Failure> {
    let key = names.playbook(given);
    let found = key.and_then(|key| workspace.playbook(key));
    found.ok_or_else(|| names.no_playbook(given, asked))
}

fn playbook(
    loaded: &LoadedPlaybook,
    workspace: &Workspace,
    context: &Context,
    ui: &mut Ui,
) -> Result<(), Failure> {
    let effective = render::effective(workspace, loaded);
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
    name: &str,
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
    let message = render::message(workspace, loaded, name, &scenery)?;
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

impl From<MessageError> for Failure {
    fn from(error: MessageError) -> Self {
        // Both may quote a template, or the name of its file.
        match error {
            MessageError::Unclear(unclear) => unclear.into(),
            MessageError::Template(error) => Self::new(format!(
                "could not render it: {}",
                one_line(&error.to_string())
            )),
        }
    }
}

impl From<Unclear> for Failure {
    fn from(unclear: Unclear) -> Self {
        Self::usage(one_line(&unclear.message)).help(one_line(&unclear.help))
    }
}
