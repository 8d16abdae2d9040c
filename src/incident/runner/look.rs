//! Looking at incidents: for anybody who may see them, without changing anything.
//!
//! Owns where the standing of a run is found: in its overview, else in its events,
//! else it follows from the playbook, as for a run that was started in the web app.

use super::open::beginning;
use super::{Definition, People, RunnerError, history, observe};
use crate::incident::overview::Overview;
use crate::incident::{Change, Incident, IncidentId, Standing, rules};
use crate::mattermost::playbooks::{Run, RunFilter, RunStatus};
use crate::mattermost::{ApiError, PostId, Reader, RunId};
use crate::sync::marker::Described;
use crate::workspace::Workspace;

/// What warroom knows of a run: from its overview, else from its events; none for one of the web app.
///
/// # Errors
/// When the channel has to be read and cannot be.
pub async fn standing(
    reader: &Reader,
    run: &Run,
    people: &mut People,
) -> Result<Option<Standing>, ApiError> {
    if let Some(standing) = Overview::parse(&run.summary).standing {
        return Ok(Some(standing));
    }
    // Somebody edited it away, or it never had one: the events tell.
    let events = match history::read(reader, run, people).await {
        Ok(events) => events,
        // A stakeholder outside the channel sees the run, and no events.
        Err(error) if error.is_missing_or_hidden() => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut standing = Standing::from_changes(events.iter().map(|(_, event)| &event.change));
    if let Some(standing) = &mut standing {
        let begins = |change: &Change| matches!(change, Change::Started(_) | Change::Adopted(_));
        let start = events.iter().rfind(|(_, event)| begins(&event.change));
        standing.start = start.map(|(post, _)| post.to_string());
    }
    Ok(standing)
}

/// The standing that follows from a run of the web app: as if it had just been started.
pub(super) async fn derived(
    reader: &Reader,
    run: &Run,
    workspace: &Workspace,
    people: &People,
) -> Result<Option<Standing>, ApiError> {
    if run.playbook_id.is_empty() {
        return Ok(None);
    }
    let playbook = match reader.playbook(&run.playbook_id).await {
        Ok(playbook) => playbook,
        Err(error) if error.is_missing_or_hidden() => return Ok(None),
        Err(error) => return Err(error),
    };
    let marker = Described::read(&playbook.description).marker;
    let ours = &workspace.settings.workspace;
    let Some(marker) = marker.filter(|marker| {
        marker.workspace == *ours && marker.id.as_deref() == Some(playbook.id.as_str())
    }) else {
        return Ok(None);
    };
    let Some(definition) = Definition::of(workspace, &marker.key) else {
        return Ok(None);
    };
    let mut standing = Standing::begin(&beginning(&definition, marker.commit, ""), true);
    let beside = observe::Beside {
        standing: Some(&standing),
        definition: Some(&definition),
        people,
        site: reader.site(),
        channel: None,
        description: "",
    };
    let incident = observe::incident(run, &beside);
    standing.stage = rules::stage_after(&incident);
    Ok(Some(standing))
}

/// What the starter wrote; empty where the post that holds it is gone or hidden.
///
/// # Errors
/// When the server does not answer: an overview written without it would lose it.
pub async fn description(
    reader: &Reader,
    run: &Run,
    standing: &Standing,
) -> Result<String, ApiError> {
    let Some(start) = &standing.start else {
        return Ok(String::new());
    };
    let post = match reader.post(&PostId::new(start.as_str())).await {
        Ok(post) => post,
        Err(error) if error.is_missing_or_hidden() => return Ok(String::new()),
        Err(error) => return Err(error),
    };
    let change = Change::from_props(&post.props, &IncidentId(run.id.to_string()));
    Ok(match change {
        Some(Change::Started(beginning) | Change::Adopted(beginning))
            if post.edit_at.is_never() =>
        {
            beginning.description
        }
        _ => String::new(),
    })
}

/// The URL name of the channel; none for somebody who may not see it.
pub(super) async fn channel_name(reader: &Reader, run: &Run) -> Result<Option<String>, ApiError> {
    match reader.channel(&run.channel_id).await {
        Ok(channel) => Ok(Some(channel.name)),
        Err(error) if error.is_missing_or_hidden() => Ok(None),
        Err(error) => Err(error),
    }
}

/// Reads an incident as it stands, for anybody who may see it.
///
/// # Errors
/// When it cannot be read.
pub async fn show(
    reader: &Reader,
    workspace: Option<&Workspace>,
    id: &RunId,
) -> Result<Incident, RunnerError> {
    let run = reader.run(id).await?;
    let mut people = People::default();
    people.learn_of(reader, std::slice::from_ref(&run)).await?;
    let mut standing = standing(reader, &run, &mut people).await?;
    if let (None, Some(workspace)) = (&standing, workspace) {
        standing = derived(reader, &run, workspace, &people).await?;
    }
    let definition = known(standing.as_ref(), workspace);
    let description = match &standing {
        Some(standing) => description(reader, &run, standing).await?,
        None => String::new(),
    };
    let channel = channel_name(reader, &run).await?;
    let beside = observe::Beside {
        standing: standing.as_ref(),
        definition: definition.as_ref(),
        people: &people,
        site: reader.site(),
        channel: channel.as_deref(),
        description: &description,
    };
    Ok(observe::incident(&run, &beside))
}

/// Lists incidents that the caller may see, the newest first.
///
/// What warroom keeps is taken from the overviews alone, so that a long list stays cheap.
///
/// # Errors
/// When they cannot be listed.
pub async fn list(
    reader: &Reader,
    workspace: Option<&Workspace>,
    ended_too: bool,
) -> Result<Vec<Incident>, RunnerError> {
    let filter = RunFilter {
        status: (!ended_too).then_some(RunStatus::InProgress),
        ..RunFilter::default()
    };
    let mut runs = reader.runs(&filter).await?;
    // A channel's own checklist is no incident.
    runs.retain(|run| !run.playbook_id.is_empty());
    let mut people = People::default();
    let named = runs
        .iter()
        .flat_map(|run| [&run.owner_user_id, &run.reporter_user_id]);
    people.learn(reader, named).await?;
    let incidents = runs.iter().map(|run| {
        let standing = Overview::parse(&run.summary).standing;
        let definition = known(standing.as_ref(), workspace);
        let beside = observe::Beside {
            standing: standing.as_ref(),
            definition: definition.as_ref(),
            people: &people,
            site: reader.site(),
            channel: None,
            description: "",
        };
        observe::incident(run, &beside)
    });
    Ok(incidents.collect())
}

/// The playbook of an incident, where it is one of this workspace.
fn known(standing: Option<&Standing>, workspace: Option<&Workspace>) -> Option<Definition> {
    let (standing, workspace) = standing.zip(workspace)?;
    let ours = standing.workspace == workspace.settings.workspace;
    Definition::of(workspace, &standing.playbook).filter(|_| ours)
}
