//! Looking at incidents: for anybody who may see them, without changing anything.
//!
//! Owns where the standing of a run is found: in its overview and the events that
//! are newer, else it follows from the playbook, as for a run that was started in
//! the web app.

use std::collections::BTreeMap;

use super::open::beginning;
use super::{Definition, People, RunnerError, history, observe};
use crate::incident::overview::Overview;
use crate::incident::{Change, Event, Incident, IncidentId, Standing, rules};
use crate::mattermost::playbooks::{Run, RunFilter, RunStatus};
use crate::mattermost::{ApiError, PlaybookId, PostId, Reader, RunId, Site};
use crate::sync::marker::Described;
use crate::workspace::Workspace;

/// What warroom knows of a run: from its overview, and from the events that are newer; none for one
/// of the web app.
///
/// # Errors
/// When the channel has to be read and cannot be.
pub async fn standing(
    reader: &Reader,
    run: &Run,
    people: &mut People,
) -> Result<Option<Standing>, ApiError> {
    standing_with(reader, run, people, &[]).await
}

/// The same with events that were just recorded, in case that the server does not list them yet.
pub(super) async fn standing_with(
    reader: &Reader,
    run: &Run,
    people: &mut People,
    recorded: &[(PostId, Event)],
) -> Result<Option<Standing>, ApiError> {
    // Absent where it never had one, or somebody edited it away: the events tell.
    let known = Overview::parse(&run.summary).standing;
    let seen = known.as_ref().and_then(|known| known.seen);
    let (mut events, readable) = match history::read_since(reader, run, people, seen).await {
        Ok(events) => (events, true),
        // A stakeholder outside the channel sees the run, and no events.
        Err(error) if error.is_missing_or_hidden() => (Vec::new(), false),
        Err(error) => return Err(error),
    };
    for (post, event) in recorded {
        if !events.iter().any(|(listed, _)| listed == post) {
            events.push((post.clone(), event.clone()));
        }
    }
    history::sort(&mut events);
    let mut standing = Standing::after(known, &events);
    if let (Some(standing), false) = (&mut standing, readable) {
        standing.seen = seen;
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
    let origin = Origin::of(reader, &run.playbook_id, workspace).await?;
    Ok(origin.map(|origin| origin.standing(run, reader.site(), people)))
}

/// The playbook that a run was started from, where it is one of this workspace.
struct Origin {
    definition: Definition,
    commit: Option<String>,
}

impl Origin {
    async fn of(
        reader: &Reader,
        playbook: &PlaybookId,
        workspace: &Workspace,
    ) -> Result<Option<Self>, ApiError> {
        if playbook.is_empty() {
            return Ok(None);
        }
        let playbook = match reader.playbook(playbook).await {
            Ok(playbook) => playbook,
            Err(error) if error.is_missing_or_hidden() => return Ok(None),
            Err(error) => return Err(error),
        };
        let marker = Described::read(&playbook.description).marker;
        let ours = &workspace.settings.workspace;
        let marker = marker.filter(|marker| {
            marker.workspace == *ours && marker.id.as_deref() == Some(playbook.id.as_str())
        });
        Ok(marker.and_then(|marker| {
            Some(Self {
                definition: Definition::of(workspace, &marker.key)?,
                commit: marker.commit,
            })
        }))
    }

    fn standing(&self, run: &Run, site: &Site, people: &People) -> Standing {
        let definition = &self.definition;
        let mut standing = Standing::begin(&beginning(definition, self.commit.clone(), ""), true);
        let beside = observe::Beside {
            standing: Some(&standing),
            definition: Some(definition),
            people,
            site,
            channel: None,
            description: "",
        };
        let incident = observe::incident(run, &beside);
        standing.stage = rules::stage_after(&incident);
        standing
    }
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
    let definition = definition(standing.as_ref(), workspace);
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
/// Each says what [`show`] says of it. Of those that go on, the events after the overview are read;
/// an ended one takes no more changes, so that a long list of them stays cheap.
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
    let mut origins = BTreeMap::new();
    let mut incidents = Vec::new();
    for run in &runs {
        let mut known = Overview::parse(&run.summary).standing;
        let origin = match workspace {
            Some(workspace) if known.is_none() => {
                if !origins.contains_key(&run.playbook_id) {
                    let origin = Origin::of(reader, &run.playbook_id, workspace).await?;
                    origins.insert(run.playbook_id.clone(), origin);
                }
                origins.get(&run.playbook_id).and_then(Option::as_ref)
            }
            _ => None,
        };
        let may_differ = known.is_some() && !run.is_finished();
        if may_differ || origin.is_some() {
            known = standing(reader, run, &mut people).await?;
        }
        if let (None, Some(origin)) = (&known, origin) {
            known = Some(origin.standing(run, reader.site(), &people));
        }
        let definition = definition(known.as_ref(), workspace);
        let beside = observe::Beside {
            standing: known.as_ref(),
            definition: definition.as_ref(),
            people: &people,
            site: reader.site(),
            channel: None,
            description: "",
        };
        incidents.push(observe::incident(run, &beside));
    }
    Ok(incidents)
}

/// The playbook of an incident, where it is one of this workspace.
fn definition(standing: Option<&Standing>, workspace: Option<&Workspace>) -> Option<Definition> {
    let (standing, workspace) = standing.zip(workspace)?;
    let ours = standing.workspace == workspace.settings.workspace;
    Definition::of(workspace, &standing.playbook).filter(|_| ours)
}
