//! One post for each sync that changed something.

use super::apply::Applied;
use super::site::{Account, Writing};
use crate::mattermost::ApiError;
use crate::model::{ChannelName, Key};

/// Why the post could not be written.
#[derive(Debug, thiserror::Error)]
pub enum AnnounceError {
    /// The channel is not there, or hidden.
    #[error("the channel is not known to the server")]
    NoChannel,
    /// The server refused or failed.
    #[error("{0}")]
    Api(#[from] ApiError),
}

/// What the post says. Holds keys only, which hold nothing that Markdown would read.
#[must_use]
pub fn words(
    workspace: &Key,
    account: &Account,
    applied: &Applied,
    commit: Option<&str>,
) -> String {
    let from = match commit {
        Some(commit) => format!("commit `{commit}`"),
        None => "uncommitted files".to_owned(),
    };
    let mut lines = vec![format!(
        "`{}` synced the playbooks of **{workspace}** from {from}:",
        account.username
    )];
    for outcome in applied.told() {
        let (key, team) = (&outcome.address.key, &outcome.address.team);
        lines.push(match &outcome.result {
            Ok(()) => format!("- {} `{key}` ({team})", outcome.action),
            Err(_) => format!("- {} `{key}` ({team}) **failed**", outcome.action),
        });
    }
    lines.join("\n")
}

/// Posts it into the channel of that team.
///
/// # Errors
/// When there is no such channel, or the account may not post there.
pub async fn announce(
    site: &impl Writing,
    team: Option<&String>,
    channel: &ChannelName,
    message: &str,
) -> Result<(), AnnounceError> {
    let team = team.ok_or(AnnounceError::NoChannel)?;
    let id = site.channel_named(team, channel.bare()).await?;
    let id = id.ok_or(AnnounceError::NoChannel)?;
    Ok(site.post(&id, message).await?)
}
