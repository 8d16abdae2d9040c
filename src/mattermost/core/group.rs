//! Groups of people that Mattermost keeps, such as those of a directory.
//!
//! Owns their wire type and call. Needs a licence that has them.

use serde::{Deserialize, Serialize};

use crate::mattermost::client::Reader;
use crate::mattermost::error::ApiError;
use crate::mattermost::ids::GroupId;
use crate::mattermost::transport::{Api, Call};
use crate::mattermost::wire::{Rest, nullable};

/// Groups on one page: the most the server gives.
const GROUPS_PER_PAGE: usize = 200;

/// A group.
///
/// Core API: `GET /groups`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Group {
    /// Its id.
    pub id: GroupId,
    /// Its name without `@`; empty when it cannot be mentioned.
    #[serde(deserialize_with = "nullable")]
    pub name: String,
    /// Everything else.
    #[serde(flatten)]
    pub rest: Rest,
}

impl Reader {
    /// Lists the groups that may be mentioned and invited.
    ///
    /// Core API: `GET /groups?filter_allow_reference=true`, page by page.
    ///
    /// # Errors
    /// [`ApiError::NotSupported`] without a licence that has groups.
    pub async fn groups(&self) -> Result<Vec<Group>, ApiError> {
        let mut all: Vec<Group> = Vec::new();
        for page in 0.. {
            let call = Call::read(Api::Core, "list the groups", &["groups"])
                .query("filter_allow_reference", true)
                .query("page", page)
                .query("per_page", GROUPS_PER_PAGE);
            let some: Vec<Group> = self.list(call).await?;
            let last = some.len() < GROUPS_PER_PAGE;
            // A server that ignores the page would never end.
            let new = some
                .into_iter()
                .filter(|group| all.iter().all(|known| known.id != group.id));
            let new: Vec<Group> = new.collect();
            let ends = last || new.is_empty();
            all.extend(new);
            if ends {
                break;
            }
        }
        Ok(all)
    }
}
