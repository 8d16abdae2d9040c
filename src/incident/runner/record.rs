//! Writing a change down: the event in the channel, then the overview.
//!
//! The event comes first, since it is the truth and the overview its projection:
//! whatever is interrupted in between is made good from the events, since the
//! overview says up to which of them it is current.

use std::sync::atomic::{AtomicU64, Ordering};

use super::look::standing_with;
use super::open::beginning;
use super::{Active, Runner, RunnerError, scene, words};
use crate::incident::event::Beginning;
use crate::incident::overview::{self, Overview};
use crate::incident::{Change, Event, IncidentId};
use crate::mattermost::core::{NewPost, Post};
use crate::mattermost::{ApiError, ChannelId, PostId, Rest, limits};

// The pure core knows no server; here both meet.
const _: () = assert!(overview::LIMIT == limits::RUN_SUMMARY);

/// How often the overview is written until what was written is what stands there.
const TRIES: usize = 3;

impl Runner<'_> {
    /// Adopts an incident of the web app, if that has to be.
    pub(super) async fn settle(&self, active: &mut Active) -> Result<(), RunnerError> {
        if !active.adopting {
            return Ok(());
        }
        // Whatever stood in the summary is the description from now on.
        let summary = Overview::parse(&active.run.summary).body;
        active.description = summary;
        let standing = &active.standing;
        let adopted = Beginning {
            stage: standing.stage.clone(),
            ..beginning(
                &active.definition,
                standing.commit.clone(),
                &active.description,
            )
        };
        self.begin(active, Change::Adopted(adopted)).await?;
        active.adopting = false;
        active
            .did
            .push("adopted the incident, which was started in Mattermost".to_owned());
        Ok(())
    }

    /// Records a change, and applies it to what is known.
    pub(super) async fn record(
        &self,
        active: &mut Active,
        change: Change,
    ) -> Result<(), RunnerError> {
        self.settle(active).await?;
        self.event(active, change.clone()).await?;
        active.standing.apply(&change);
        Ok(())
    }

    /// Records a beginning.
    pub(super) async fn begin(
        &self,
        active: &mut Active,
        beginning: Change,
    ) -> Result<(), RunnerError> {
        let post = self.event(active, beginning).await?;
        active.standing.start = Some(post.to_string());
        Ok(())
    }

    /// Posts the event of a change into the incident's channel; its post.
    pub(super) async fn event(
        &self,
        active: &mut Active,
        change: Change,
    ) -> Result<PostId, RunnerError> {
        let message = words::sentence(&change, &active.definition.settings);
        let props = change.to_props(&IncidentId(active.run.id.to_string()));
        let channel = active.run.channel_id.clone();
        let post = self.post(active, channel, message, props).await?;
        let event = Event {
            at: post.create_at.timestamp().unwrap_or_else(|| self.now()),
            by: active.me.username.clone(),
            change,
        };
        active.events.push((post.id.clone(), event));
        Ok(post.id)
    }

    /// Writes a post, once, even if the first answer is lost.
    pub(super) async fn post(
        &self,
        active: &Active,
        channel_id: ChannelId,
        message: String,
        props: Rest,
    ) -> Result<Post, ApiError> {
        let post = NewPost {
            channel_id,
            message,
            props,
            pending_post_id: format!("{}:{}", active.me.id, self.nonce()),
            ..NewPost::default()
        };
        match self.writer.create_post(&post).await {
            // The server answers a repeated `pending_post_id` with the first post.
            Err(error) if error.may_have_happened() => self.writer.create_post(&post).await,
            answer => answer,
        }
    }

    /// A number that no other post of this person has: time, process, and a count in it.
    fn nonce(&self) -> String {
        static SENT: AtomicU64 = AtomicU64::new(0);
        let sent = SENT.fetch_add(1, Ordering::Relaxed);
        let (now, process) = (self.now().as_nanosecond(), std::process::id());
        format!("{now}{process}{sent}")
    }

    /// Renders the overview anew and writes it, if it says anything else than before.
    ///
    /// Reads the run first: others may have changed it meanwhile.
    pub(super) async fn refresh(&self, active: &mut Active) -> Result<(), RunnerError> {
        active.run = self.reader().run(&active.run.id).await?;
        self.write_overview(active, Ending::None).await
    }

    /// Writes the overview of the run as it was last read.
    pub(super) async fn write_overview(
        &self,
        active: &mut Active,
        ending: Ending,
    ) -> Result<(), RunnerError> {
        self.settle(active).await?;
        for _ in 0..TRIES {
            let before = Overview::parse(&active.run.summary);
            let run = active.run.clone();
            let events = &active.events;
            let standing = standing_with(self.reader(), &run, &mut active.people, events).await?;
            if let Some(mut standing) = standing {
                standing.start = standing.start.or_else(|| active.standing.start.clone());
                active.standing = standing;
            }
            active.people.learn_of(self.reader(), &[run]).await?;
            let mut incident = self.observe(active);
            if ending != Ending::None {
                incident.ended_at = incident.ended_at.or(Some(self.now()));
            }
            if ending == Ending::WithUpdate {
                incident.updates.count += 1;
                incident.updates.last_at = Some(self.now());
            }
            let context = scene::overview(&incident, &active.definition, self.now());
            let body = match &active.definition.playbook.start.overview {
                Some(text) => active.definition.render(text, &context)?,
                None => before.body,
            };
            let overview = Overview {
                body,
                variables: before.variables,
                standing: Some(active.standing.clone()),
            };
            let text = active.definition.overview_text();
            let summary = overview.with_variables_of(text).compose()?;
            if summary == active.run.summary {
                return Ok(());
            }
            let run = self
                .writer
                .patch_run(&active.run.id, None, Some(&summary))
                .await;
            active.run = match run {
                Ok(run) => run,
                Err(error) if error.may_have_happened() => {
                    self.reader().run(&active.run.id).await?
                }
                Err(error) => return Err(error.into()),
            };
            if active.run.summary.trim() == summary.trim() {
                return Ok(());
            }
        }
        active.warnings.push(
            "the overview was changed by somebody else at the same time; the next verb writes it again"
                .to_owned(),
        );
        Ok(())
    }
}

/// Whether the overview is the last one, written while the server still takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    None,
    Plain,
    WithUpdate,
}
