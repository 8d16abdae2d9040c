//! A site whose writes are noted in a journal: before they are sent, and when they are answered.
//!
//! Owns nothing but that. Reads pass through.

use std::collections::BTreeMap;

use super::report::{Journal, RequestKind, created};
use super::site::{Account, Entry, Reading, Writing};
use super::wire::RawPlaybook;
use crate::mattermost::core::Role;
use crate::mattermost::playbooks::{Condition, Expression, PropertyField};
use crate::mattermost::{ApiError, ConditionId, FieldId, RoleId};

/// A site with a journal.
#[derive(Debug)]
pub struct Recorded<'a, S> {
    site: &'a S,
    journal: &'a Journal<'a>,
}

impl<'a, S: Writing> Recorded<'a, S> {
    /// The site, with every write noted.
    #[must_use]
    pub fn new(site: &'a S, journal: &'a Journal<'a>) -> Self {
        Self { site, journal }
    }

    async fn noted<T>(
        &self,
        kind: RequestKind,
        about: &str,
        name: Option<&str>,
        write: impl Future<Output = Result<T, ApiError>>,
    ) -> Result<T, ApiError> {
        let sent = self.journal.sends(kind, about, name);
        let answer = write.await;
        self.journal.answers(&sent, answer)
    }
}

/// Lets the site answer.
macro_rules! read_through {
    ($($name:ident($($argument:ident: $kind:ty),*) -> $answer:ty;)*) => {
        $(async fn $name(&self, $($argument: $kind),*) -> Result<$answer, ApiError> {
            self.site.$name($($argument),*).await
        })*
    };
}

impl<S: Writing> Reading for Recorded<'_, S> {
    fn requests_left(&self) -> Option<u64> {
        self.site.requests_left()
    }

    read_through! {
        account() -> Account;
        teams() -> BTreeMap<String, String>;
        entries() -> Vec<Entry>;
        playbook(id: &str) -> RawPlaybook;
        attributes(playbook: &str) -> Vec<PropertyField>;
        conditions(playbook: &str) -> Vec<Condition>;
        people_named(names: &[String]) -> Vec<Account>;
        people_of(ids: &[String]) -> Vec<Account>;
        channel_named(team: &str, name: &str) -> Option<String>;
        channel_of(id: &str) -> Option<(String, String)>;
        groups() -> BTreeMap<String, String>;
        is_on_team(team: &str, person: &str) -> bool;
        witnesses() -> BTreeMap<String, String>;
        role(name: &str) -> Option<Role>;
    }
}

impl<S: Writing> Writing for Recorded<'_, S> {
    async fn create(&self, playbook: &RawPlaybook) -> Result<String, ApiError> {
        let marker = playbook.described().marker;
        let about = marker.map(|marker| created(&marker.key, playbook.team_id()));
        let about = about.unwrap_or_default();
        let sent = self
            .journal
            .sends(RequestKind::CreatePlaybook, &about, None);
        let answer = self.site.create(playbook).await;
        if let Ok(id) = &answer {
            self.journal.made(&sent, id);
        }
        self.journal.answers(&sent, answer)
    }

    async fn replace(&self, playbook: &RawPlaybook) -> Result<(), ApiError> {
        let write = self.site.replace(playbook);
        self.noted(RequestKind::ReplacePlaybook, playbook.id(), None, write)
            .await
    }

    async fn archive(&self, id: &str) -> Result<(), ApiError> {
        let write = self.site.archive(id);
        self.noted(RequestKind::ArchivePlaybook, id, None, write)
            .await
    }

    async fn restore(&self, id: &str) -> Result<(), ApiError> {
        let write = self.site.restore(id);
        self.noted(RequestKind::RestorePlaybook, id, None, write)
            .await
    }

    async fn create_attribute(
        &self,
        playbook: &str,
        attribute: &PropertyField,
    ) -> Result<PropertyField, ApiError> {
        let write = self.site.create_attribute(playbook, attribute);
        let name = Some(attribute.name.as_str());
        self.noted(RequestKind::CreateAttribute, playbook, name, write)
            .await
    }

    async fn replace_attribute(
        &self,
        playbook: &str,
        attribute: &PropertyField,
    ) -> Result<PropertyField, ApiError> {
        let write = self.site.replace_attribute(playbook, attribute);
        let name = Some(attribute.name.as_str());
        self.noted(RequestKind::ReplaceAttribute, playbook, name, write)
            .await
    }

    async fn move_attribute(
        &self,
        playbook: &str,
        attribute: &FieldId,
        place: usize,
    ) -> Result<Vec<PropertyField>, ApiError> {
        let write = self.site.move_attribute(playbook, attribute, place);
        let name = Some(attribute.as_str());
        self.noted(RequestKind::MoveAttribute, playbook, name, write)
            .await
    }

    async fn delete_attribute(&self, playbook: &str, attribute: &FieldId) -> Result<(), ApiError> {
        let write = self.site.delete_attribute(playbook, attribute);
        let name = Some(attribute.as_str());
        self.noted(RequestKind::DeleteAttribute, playbook, name, write)
            .await
    }

    async fn create_condition(
        &self,
        playbook: &str,
        expression: &Expression,
    ) -> Result<Condition, ApiError> {
        let write = self.site.create_condition(playbook, expression);
        self.noted(RequestKind::CreateCondition, playbook, None, write)
            .await
    }

    async fn replace_condition(
        &self,
        playbook: &str,
        condition: &Condition,
    ) -> Result<Condition, ApiError> {
        let write = self.site.replace_condition(playbook, condition);
        let name = Some(condition.id.as_str());
        self.noted(RequestKind::ReplaceCondition, playbook, name, write)
            .await
    }

    async fn delete_condition(
        &self,
        playbook: &str,
        condition: &ConditionId,
    ) -> Result<(), ApiError> {
        let write = self.site.delete_condition(playbook, condition);
        let name = Some(condition.as_str());
        self.noted(RequestKind::DeleteCondition, playbook, name, write)
            .await
    }

    async fn set_permissions(
        &self,
        role: &RoleId,
        permissions: &[String],
    ) -> Result<Role, ApiError> {
        let write = self.site.set_permissions(role, permissions);
        let name = Some(role.as_str());
        self.noted(RequestKind::SetPermissions, "", name, write)
            .await
    }

    async fn remember(&self, account: &str, name: &str, value: &str) -> Result<(), ApiError> {
        let write = self.site.remember(account, name, value);
        self.noted(RequestKind::NoteId, name, None, write).await
    }

    async fn forget(&self, account: &str, name: &str) -> Result<(), ApiError> {
        let write = self.site.forget(account, name);
        self.noted(RequestKind::DropNote, name, None, write).await
    }

    async fn post(&self, channel: &str, message: &str) -> Result<(), ApiError> {
        let write = self.site.post(channel, message);
        self.noted(RequestKind::Announce, "", Some(channel), write)
            .await
    }
}
