//! Names of people by their ids, looked up once.

use std::collections::{BTreeMap, BTreeSet};

use super::{RunnerError, attributes};
use crate::mattermost::playbooks::Run;
use crate::mattermost::{ApiError, Reader, TeamId, UserId, core::User};
use crate::model::Username;

/// Usernames that were looked up so far.
#[derive(Debug, Clone, Default)]
pub struct People(BTreeMap<UserId, String>);

impl People {
    /// Remembers somebody.
    pub fn add(&mut self, user: &User) {
        self.0.insert(user.id.clone(), user.username.clone());
    }

    /// Looks up those that are not known yet.
    ///
    /// # Errors
    /// When the server does not answer; unknown people are no error.
    pub async fn learn<'a>(
        &mut self,
        reader: &Reader,
        ids: impl IntoIterator<Item = &'a UserId>,
    ) -> Result<(), ApiError> {
        let unknown: BTreeSet<&UserId> = ids
            .into_iter()
            .filter(|id| !id.is_empty() && !self.0.contains_key(*id))
            .collect();
        for user in reader.users_by_id(unknown).await? {
            self.add(&user);
        }
        Ok(())
    }

    /// Looks up everybody whom a run names.
    ///
    /// # Errors
    /// As [`People::learn`].
    pub async fn learn_of(&mut self, reader: &Reader, runs: &[Run]) -> Result<(), ApiError> {
        let named = runs.iter().flat_map(|run| {
            let items = run.checklists.iter().flat_map(|list| &list.items);
            let assignees = items.map(|item| &item.assignee_id);
            assignees.chain([&run.owner_user_id, &run.reporter_user_id])
        });
        let values: Vec<UserId> = runs.iter().flat_map(attributes::people_of).collect();
        self.learn(reader, named.chain(&values)).await
    }

    /// The username; the id of somebody unknown.
    #[must_use]
    pub fn name(&self, id: &UserId) -> String {
        self.0.get(id).map_or_else(|| id.to_string(), Clone::clone)
    }
}

/// The person of that name, who has to be on the team.
///
/// # Errors
/// When there is no such person, they are deactivated, or not on the team.
pub(super) async fn team_mate(
    reader: &Reader,
    team: &TeamId,
    name: &Username,
) -> Result<User, RunnerError> {
    let found = reader.users_by_name(&[name]).await?;
    let user = found.into_iter().find(|user| user.delete_at.is_never());
    let Some(user) = user else {
        return Err(RunnerError::unknown(
            format!("there is no `{name}` on this server"),
            "give the username that stands after `@`",
        ));
    };
    if reader.team_member(team, &user.id).await?.is_none() {
        return Err(RunnerError::refused(
            format!("`{name}` is not on the team of the incident"),
            "add them to the team first, or name somebody who is",
        ));
    }
    Ok(user)
}
