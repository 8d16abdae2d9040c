//! The client of a Mattermost server: transport, core API, Playbooks API.
//!
//! A [`Reader`] reads, a [`Writer`] also writes; both are made from
//! [`Credentials`], a token bound to the one site it is for. Wire types carry
//! the API's words and keep keys they do not know, so that an object survives
//! being read and written. Every failure is an [`ApiError`], by what the caller
//! can do about it. Must not know YAML, files, plans or terminals.

mod answer;
mod client;
pub mod core;
mod credentials;
mod error;
mod ids;
mod limiter;
pub mod limits;
pub mod playbooks;
mod retry;
mod seal;
mod transport;
mod wire;

pub use client::{Reader, Writer};
pub use credentials::{Credentials, Site, SiteError};
pub use error::{ApiError, Attempt, Refusal};
pub use ids::{
    ActionId, ChannelId, ChecklistId, ConditionId, EventId, FieldId, GroupId, ItemId, MetricId,
    OptionId, PlaybookId, PostId, RoleId, RunId, TeamId, UserId, is_server_id,
};
pub use retry::{RealSleep, RetryPolicy, Sleep};
pub use seal::SealKey;
pub use transport::Options;
pub use wire::{Millis, Rest};
