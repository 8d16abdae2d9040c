//! `announce`, and the announcements that other verbs make.
//!
//! Channels that get status updates hear of start and end from Playbooks itself
//! and are not told twice. A channel that cannot be told never stops a verb: it is
//! a warning, since the incident matters more.

use super::open::Expect;
use super::scene::{self, Occasion};
use super::{Active, Outcome, Runner, RunnerError};
use crate::incident::Change;
use crate::mattermost::core::Channel;
use crate::mattermost::{Rest, RunId};
use crate::model::ChannelName;

impl Runner<'_> {
    /// Tells other channels of the incident.
    ///
    /// # Errors
    /// When a channel does not exist or the caller cannot see it; then none is told.
    pub async fn announce(
        &self,
        id: &RunId,
        names: &[ChannelName],
    ) -> Result<Outcome, RunnerError> {
        let mut active = self.open(id, Expect::GoingOn).await?;
        let mut channels: Vec<Channel> = Vec::new();
        for name in names {
            let channel = self.channel(&active, name).await?;
            let channel = channel.ok_or_else(|| {
                RunnerError::unknown(
                    format!("there is no channel `{name}` on the team of the incident"),
                    "a private channel is hidden from those who are not in it; archived ones take no posts",
                )
            })?;
            if channels.iter().all(|known| known.id != channel.id) {
                channels.push(channel);
            }
        }
        let text = self.announcement(&active, Occasion::Announced)?;
        let done = self.tell_all(&mut active, &channels, &text).await;
        self.conclude(active, done)
    }

    async fn tell_all(
        &self,
        active: &mut Active,
        channels: &[Channel],
        text: &str,
    ) -> Result<(), RunnerError> {
        self.settle(active).await?;
        let told = self.tell(active, channels, text).await;
        if told.is_empty() {
            return Err(RunnerError::failed(
                format!("told nobody: {}", active.warnings.join("; ")),
                "join the channels, or ask somebody who is in them; try again if the connection was cut",
            ));
        }
        self.note_told(active, told).await?;
        self.refresh(active).await
    }

    /// Tells the channels of `start.announce` of an occasion; what fails is a warning.
    pub(super) async fn tell_announced(&self, active: &mut Active, occasion: Occasion) {
        let names = active.definition.playbook.start.announce.clone();
        if names.is_empty() {
            return;
        }
        let text = match self.announcement(active, occasion) {
            Ok(text) => text,
            Err(error) => {
                active.warnings.push(format!("told nobody: {error}"));
                return;
            }
        };
        let mut channels: Vec<Channel> = Vec::new();
        for name in names {
            match self.channel(active, &name).await {
                Ok(Some(channel)) if channels.iter().any(|known| known.id == channel.id) => {}
                Ok(Some(channel)) => channels.push(channel),
                Ok(None) => active.warnings.push(format!(
                    "could not tell `{name}`: there is no such channel, or you are not in it"
                )),
                Err(error) => active
                    .warnings
                    .push(format!("could not tell `{name}`: {error}")),
            }
        }
        let told = self.tell(active, &channels, &text).await;
        if told.is_empty() {
            return;
        }
        if let Err(error) = self.note_told(active, told).await {
            active.warnings.push(error.to_string());
        }
    }

    fn announcement(&self, active: &Active, occasion: Occasion) -> Result<String, RunnerError> {
        let incident = self.observe(active);
        let by = &active.me.username;
        let definition = &active.definition;
        let context = scene::announcement(&incident, definition, self.now(), occasion, by);
        definition.render_announcement(&context)
    }

    async fn channel(
        &self,
        active: &Active,
        name: &ChannelName,
    ) -> Result<Option<Channel>, RunnerError> {
        let team = &active.run.team_id;
        let channel = self.reader().channel_by_name(team, name.bare()).await?;
        Ok(channel.filter(|channel| channel.delete_at.is_never()))
    }

    /// Posts the text; the names of the channels that have it.
    async fn tell(&self, active: &mut Active, channels: &[Channel], text: &str) -> Vec<String> {
        let mut told = Vec::new();
        for channel in channels {
            let id = channel.id.clone();
            match self.post(active, id, text.to_owned(), Rest::new()).await {
                Ok(_) => told.push(channel.name.clone()),
                Err(error) => active
                    .warnings
                    .push(format!("could not tell `~{}`: {error}", channel.name)),
            }
        }
        told
    }

    async fn note_told(&self, active: &mut Active, told: Vec<String>) -> Result<(), RunnerError> {
        let names: Vec<String> = told.iter().map(|name| format!("~{name}")).collect();
        active.did.push(format!("told {}", names.join(", ")));
        self.event(active, Change::Announcement { channels: told })
            .await?;
        Ok(())
    }
}
