//! Automatic actions of a channel: welcome message, category, keywords.

use serde::{Deserialize, Serialize};

use crate::mattermost::ids::{ActionId, ChannelId};
use crate::mattermost::wire::{Millis, Rest, nullable};

/// Something a channel does by itself. Cannot be deleted, only disabled.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct ChannelAction {
    /// Its id; empty in one that is to be created.
    #[serde(skip_serializing_if = "ActionId::is_empty")]
    pub id: ActionId,
    /// The channel.
    pub channel_id: ChannelId,
    /// Whether it happens.
    pub enabled: bool,
    /// When it was deleted.
    #[serde(skip_serializing_if = "is_never")]
    pub delete_at: Millis,
    /// What it does.
    pub action_type: ActionType,
    /// When.
    pub trigger_type: TriggerType,
    /// Its settings: `message`, `category_name`, or `keywords` and `playbook_id`.
    #[serde(deserialize_with = "nullable")]
    pub payload: Rest,
    /// Everything else.
    #[serde(flatten)]
    pub rest: Rest,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_never(moment: &Millis) -> bool {
    moment.is_never()
}

/// What a channel does.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ActionType {
    /// Tells somebody who joins the `message`.
    #[default]
    SendWelcomeMessage,
    /// Puts the channel into the sidebar category `category_name`.
    CategorizeChannel,
    /// Offers a playbook when a keyword is written.
    PromptRunPlaybook,
    /// An action this version of warroom does not know.
    #[serde(untagged)]
    Other(String),
}

/// When a channel does it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TriggerType {
    /// Somebody joins.
    #[default]
    NewMemberJoins,
    /// A keyword is written.
    Keywords,
    /// A trigger this version of warroom does not know.
    #[serde(untagged)]
    Other(String),
}
