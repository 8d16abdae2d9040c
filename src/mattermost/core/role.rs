//! Roles: what everybody of a kind may do on the server.
//!
//! Owns their wire type and calls. Changing one needs a system administrator, no
//! licence, and takes effect at once, also in the Playbooks plugin.

use serde::{Deserialize, Serialize};

use super::read::absent_is_none;
use crate::mattermost::client::{Reader, Writer};
use crate::mattermost::error::ApiError;
use crate::mattermost::ids::RoleId;
use crate::mattermost::transport::{Api, Call};
use crate::mattermost::wire::{Rest, nullable};

/// A role.
///
/// Core API: `GET /roles/name/{name}`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Role {
    /// Its id.
    pub id: RoleId,
    /// Its name, such as `playbook_member`.
    #[serde(deserialize_with = "nullable")]
    pub name: String,
    /// What it allows.
    #[serde(deserialize_with = "nullable")]
    pub permissions: Vec<String>,
    /// Everything else.
    #[serde(flatten)]
    pub rest: Rest,
}

impl Reader {
    /// Reads the role of that name; `None` when there is none.
    ///
    /// Core API: `GET /roles/name/{name}`.
    ///
    /// # Errors
    /// Any but 404.
    pub async fn role(&self, name: &str) -> Result<Option<Role>, ApiError> {
        let call = Call::read(Api::Core, "read the role", &["roles", "name", name]);
        absent_is_none(self.transport().value(call).await)
    }
}

impl Writer {
    /// Replaces the permissions of a role; answers with the role as the server keeps it, sorted.
    ///
    /// `permissions` starts from those last read: one left out is withdrawn.
    ///
    /// Core API: `PUT /roles/{id}/patch`.
    ///
    /// # Errors
    /// [`ApiError::Forbidden`] for all but system administrators; [`ApiError::Refused`] for an
    /// unknown permission; [`ApiError::NotSupported`] for a guest role without a licence.
    pub async fn set_role_permissions(
        &self,
        role: &RoleId,
        permissions: &[String],
    ) -> Result<Role, ApiError> {
        let path = ["roles", role.as_str(), "patch"];
        let body = serde_json::json!({"permissions": permissions});
        let call = Call::put(Api::Core, "change the role", &path).body(&body);
        self.transport().value(call).await
    }
}
