//! The core API v4: who, where, posts, preferences, roles.
//!
//! Reading calls hang on [`Reader`](super::Reader), writing ones on
//! [`Writer`](super::Writer). Decides nothing: absent is `None` only where the
//! server's answer for "absent" is certain.

mod edition;
mod group;
mod read;
mod role;
mod wire;
mod write;

pub use edition::Edition;
pub use group::Group;
pub use role::Role;
pub use wire::{
    Channel, ChannelType, NewPost, PREFERENCE_CATEGORY, PluginStatus, Post, PostPage, Preference,
    Team, TeamMember, User, WebPlugin,
};
