//! Finding the incident that somebody means on the server. Reads only.

use super::RunnerError;
use crate::incident::find::{self, Candidate, FindError};
use crate::mattermost::playbooks::{Run, RunFilter, RunStatus};
use crate::mattermost::{ChannelId, Reader, RunId, is_server_id};

/// Finds an incident by id, number, `~channel` or the beginning of its name.
///
/// Incidents that go on come before ones that ended.
///
/// # Errors
/// When none or several fit.
pub async fn locate(reader: &Reader, text: &str) -> Result<RunId, RunnerError> {
    let text = text.trim();
    if is_server_id(text) {
        return Ok(RunId::new(text));
    }
    let channels = match text.strip_prefix('~') {
        Some(name) => channels(reader, name).await?,
        None => Vec::new(),
    };
    let mut last = FindError::Unknown(text.to_owned());
    for status in [RunStatus::InProgress, RunStatus::Finished] {
        let filter = RunFilter {
            status: Some(status),
            ..RunFilter::default()
        };
        let runs = reader.runs(&filter).await?;
        let candidates: Vec<Candidate> = runs
            .iter()
            .map(|run| candidate(run, text, &channels))
            .collect();
        match find::find(&candidates, text) {
            Ok(at) => return Ok(runs[at].id.clone()),
            Err(FindError::Unknown(_)) => {}
            Err(error @ FindError::Ambiguous { .. }) => last = error,
        }
        if matches!(last, FindError::Ambiguous { .. }) {
            break;
        }
    }
    Err(last.into())
}

fn candidate(run: &Run, text: &str, channels: &[ChannelId]) -> Candidate {
    let in_it = channels.contains(&run.channel_id);
    Candidate {
        id: run.id.to_string(),
        number: run.sequential_id.clone().filter(|id| !id.is_empty()),
        name: run.name.clone(),
        channel: in_it.then(|| text.trim_start_matches('~').to_owned()),
    }
}

/// The channels of that name in all teams of the caller.
async fn channels(reader: &Reader, name: &str) -> Result<Vec<ChannelId>, RunnerError> {
    let mut found = Vec::new();
    if name.is_empty() {
        return Ok(found);
    }
    for team in reader.my_teams().await? {
        let channel = reader.channel_by_name(&team.id, name).await?;
        found.extend(channel.map(|channel| channel.id));
    }
    Ok(found)
}
