//! Reading calls of the Playbooks API.

use std::collections::HashSet;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::action::ChannelAction;
use super::playbook::{Playbook, PlaybookEntry};
use super::run::{Run, RunFilter, RunStatus, StatusUpdate};
use crate::mattermost::client::Reader;
use crate::mattermost::error::ApiError;
use crate::mattermost::ids::{ChannelId, PlaybookId, RunId, TeamId};
use crate::mattermost::transport::{Api, Call};
use crate::mattermost::wire::nullable;

/// Playbooks on one page; an entry takes the server about 2 ms.
const PLAYBOOKS_PER_PAGE: usize = 200;
/// Runs on one page; they come in full.
const RUNS_PER_PAGE: usize = 100;

/// Whether archived playbooks are listed, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Archived {
    /// Only live ones.
    Without,
    /// Both.
    With,
}

#[derive(Debug, Deserialize)]
struct Page<T> {
    #[serde(default)]
    total_count: usize,
    #[serde(default)]
    has_more: bool,
    // `null` is an empty list; without this key it is no list at all.
    #[serde(
        deserialize_with = "nullable",
        bound(deserialize = "T: DeserializeOwned")
    )]
    items: Vec<T>,
}

/// Puts the pages of a list together, and notices when they do not hold what they promise.
///
/// A list that wrongly looks empty would make sync create everything again.
struct Pages<T> {
    found: Vec<T>,
    seen: HashSet<String>,
}

impl<T> Pages<T> {
    fn new() -> Self {
        let (found, seen) = (Vec::new(), HashSet::new());
        Self { found, seen }
    }

    /// Takes a page in; answers whether there are more.
    fn take(&mut self, page: Page<T>, id: impl Fn(&T) -> String) -> Result<bool, String> {
        let empty = page.items.is_empty();
        // Pages are cut anew each time: an entry may come twice.
        for item in page.items {
            if self.seen.insert(id(&item)) {
                self.found.push(item);
            }
        }
        if page.has_more && !empty {
            return Ok(true);
        }
        let (found, promised) = (self.found.len(), page.total_count);
        if page.has_more {
            return Err("there is more, and the page is empty".to_owned());
        }
        if found < promised {
            return Err(format!("there are {promised}, and the pages hold {found}"));
        }
        Ok(false)
    }
}

fn read(what: &'static str, path: &[&str]) -> Call {
    Call::read(Api::Playbooks, what, path)
}

impl Reader {
    /// Asks whether a Playbooks plugin is there.
    ///
    /// Playbooks API: `GET /playbooks`, one entry of it.
    ///
    /// # Errors
    /// [`ApiError::PluginAbsent`] when it is not.
    pub async fn playbooks_answer(&self) -> Result<(), ApiError> {
        let call = read("reach the Playbooks plugin", &["playbooks"]).query("per_page", 1);
        let _: Page<PlaybookEntry> = self.transport().value(call).await?;
        Ok(())
    }

    /// Lists the playbooks of a team, or of all teams of the account, oldest first.
    ///
    /// Foreign private playbooks are missing, even for a system administrator.
    ///
    /// Playbooks API: `GET /playbooks`, page by page.
    ///
    /// # Errors
    /// [`ApiError::Forbidden`] for a team that the account is not on.
    pub async fn playbooks(
        &self,
        team: Option<&TeamId>,
        archived: Archived,
    ) -> Result<Vec<PlaybookEntry>, ApiError> {
        let call = || {
            read("list the playbooks", &["playbooks"])
                .query_if("team_id", team)
                .query("with_archived", archived == Archived::With)
        };
        let id = |entry: &PlaybookEntry| entry.id.to_string();
        let mut found = self.pages(PLAYBOOKS_PER_PAGE, call, id).await?;
        found.sort_by(|a, b| (a.create_at, &a.id).cmp(&(b.create_at, &b.id)));
        Ok(found)
    }

    /// Reads a playbook, archived ones too.
    ///
    /// Playbooks API: `GET /playbooks/{id}`.
    ///
    /// # Errors
    /// [`ApiError::Forbidden`] also when there is none.
    pub async fn playbook(&self, id: &PlaybookId) -> Result<Playbook, ApiError> {
        self.transport()
            .value(read("read the playbook", &["playbooks", id.as_str()]))
            .await
    }

    /// Lists runs in full, newest first.
    ///
    /// Playbooks API: `GET /runs`, page by page.
    ///
    /// # Errors
    /// Any; runs that the account may not see are left out.
    pub async fn runs(&self, filter: &RunFilter) -> Result<Vec<Run>, ApiError> {
        let call = || {
            filter
                .apply(read("list the incidents", &["runs"]))
                .query("sort", "create_at")
                .query("direction", "desc")
        };
        let id = |run: &Run| run.id.to_string();
        self.pages(RUNS_PER_PAGE, call, id).await
    }

    /// Reads a list page by page.
    pub(super) async fn pages<T: DeserializeOwned>(
        &self,
        per_page: usize,
        call: impl Fn() -> Call,
        id: impl Fn(&T) -> String,
    ) -> Result<Vec<T>, ApiError> {
        let mut pages = Pages::new();
        for number in 0.. {
            let call = call().query("page", number).query("per_page", per_page);
            let answer = self.transport().send(call).await?;
            let page: Page<T> = self.transport().decode(&answer)?;
            match pages.take(page, &id) {
                Ok(true) => {}
                Ok(false) => break,
                // The list does not hold what it promises.
                Err(problem) => {
                    return Err(ApiError::Undecodable {
                        attempt: Box::new(answer.attempt),
                        at: "items".to_owned(),
                        problem,
                    });
                }
            }
        }
        Ok(pages.found)
    }

    /// Reads a run.
    ///
    /// Playbooks API: `GET /runs/{id}`.
    ///
    /// # Errors
    /// [`ApiError::Forbidden`] also when there is none.
    pub async fn run(&self, id: &RunId) -> Result<Run, ApiError> {
        self.transport()
            .value(read("read the incident", &["runs", id.as_str()]))
            .await
    }

    /// Lists the status updates of a run, newest first.
    ///
    /// Playbooks API: `GET /runs/{id}/status-updates`.
    ///
    /// # Errors
    /// As [`Reader::run`].
    pub async fn status_updates(&self, id: &RunId) -> Result<Vec<StatusUpdate>, ApiError> {
        let path = ["runs", id.as_str(), "status-updates"];
        self.list(read("read the status updates", &path)).await
    }

    /// Lists what a channel does by itself.
    ///
    /// Playbooks API: `GET /actions/channels/{id}`.
    ///
    /// # Errors
    /// [`ApiError::Forbidden`] for all but members of the channel.
    pub async fn channel_actions(&self, id: &ChannelId) -> Result<Vec<ChannelAction>, ApiError> {
        let path = ["actions", "channels", id.as_str()];
        self.list(read("read the channel's actions", &path)).await
    }
}

impl RunFilter {
    fn apply(&self, call: Call) -> Call {
        let status = self.status.as_ref().map(|status| match status {
            RunStatus::InProgress => "InProgress",
            RunStatus::Finished => "Finished",
            RunStatus::Other(word) => word,
        });
        call.query_if("team_id", self.team.as_ref())
            .query_if("playbook_id", self.playbook.as_ref())
            .query_if("channel_id", self.channel.as_ref())
            .query_if("owner_user_id", self.owner.as_ref())
            .query_if("participant_id", self.participant.as_ref())
            .query_if("search_term", self.search.as_ref())
            .query_if("started_gte", self.started_from.map(|at| at.0))
            .query_if("started_lt", self.started_before.map(|at| at.0))
            .query_if("statuses", status)
    }
}
