//! Writing calls for playbooks.

use serde::Deserialize;

use super::playbook::Playbook;
use crate::mattermost::client::Writer;
use crate::mattermost::error::ApiError;
use crate::mattermost::ids::PlaybookId;
use crate::mattermost::limits::{self, check};
use crate::mattermost::transport::{Api, Call};
use crate::mattermost::wire::Millis;

impl Writer {
    /// Creates a playbook; id and times of the value are left out.
    ///
    /// Never repeat it blindly after an error that [may have
    /// happened](ApiError::may_have_happened): there would be two.
    ///
    /// Playbooks API: `POST /playbooks`.
    ///
    /// # Errors
    /// [`ApiError::TooLong`]; [`ApiError::Refused`] and [`ApiError::Forbidden`] as the server says.
    pub async fn create_playbook(&self, playbook: &Playbook) -> Result<PlaybookId, ApiError> {
        #[derive(Deserialize)]
        struct Created {
            id: PlaybookId,
        }
        let what = "create the playbook";
        check_texts(what, playbook)?;
        let new = Playbook {
            id: PlaybookId::default(),
            create_at: Millis::NEVER,
            update_at: Millis::NEVER,
            // A POST stores this one: the playbook would be born archived.
            delete_at: Millis::NEVER,
            ..playbook.clone()
        };
        let call = Call::post(Api::Playbooks, what, &["playbooks"]).body(&new);
        let created: Created = self.transport().value(call).await?;
        Ok(created.id)
    }

    /// Replaces a playbook as a whole.
    ///
    /// `playbook` starts from the object last read; only managed keys differ. The answer is empty:
    /// read the playbook again to learn what the server kept.
    ///
    /// Playbooks API: `PUT /playbooks/{id}`.
    ///
    /// # Errors
    /// [`ApiError::ServerFailed`] also when there is none; [`ApiError::Refused`] when it is archived.
    pub async fn replace_playbook(&self, playbook: &Playbook) -> Result<(), ApiError> {
        let what = "update the playbook";
        check_texts(what, playbook)?;
        let path = ["playbooks", playbook.id.as_str()];
        let call = Call::put(Api::Playbooks, what, &path).body(playbook);
        self.transport().done(call).await
    }

    /// Archives a playbook; an archived one is stamped anew.
    ///
    /// Playbooks API: `DELETE /playbooks/{id}`.
    ///
    /// # Errors
    /// [`ApiError::ServerFailed`] also when there is none.
    pub async fn archive_playbook(&self, id: &PlaybookId) -> Result<(), ApiError> {
        let path = ["playbooks", id.as_str()];
        let call = Call::delete(Api::Playbooks, "archive the playbook", &path);
        self.transport().done(call).await
    }

    /// Brings an archived playbook back; a live one stays as it is.
    ///
    /// Playbooks API: `PUT /playbooks/{id}/restore`.
    ///
    /// # Errors
    /// [`ApiError::Conflict`] when another playbook took its number prefix.
    pub async fn restore_playbook(&self, id: &PlaybookId) -> Result<(), ApiError> {
        let path = ["playbooks", id.as_str(), "restore"];
        let call = Call::put(Api::Playbooks, "restore the playbook", &path);
        self.transport().done(call).await
    }
}

fn check_texts(what: &'static str, playbook: &Playbook) -> Result<(), ApiError> {
    let template = limits::PLAYBOOK_TEMPLATE;
    for (field, text, limit) in [
        ("the title", &playbook.title, limits::PLAYBOOK_TITLE),
        (
            "the description (with the marker)",
            &playbook.description,
            limits::PLAYBOOK_DESCRIPTION,
        ),
        (
            "the template of status updates",
            &playbook.reminder_message_template,
            template,
        ),
        ("the welcome text", &playbook.message_on_join, template),
        (
            "the template of the retrospective",
            &playbook.retrospective_template,
            template,
        ),
        (
            "the template of the summary",
            &playbook.run_summary_template,
            template,
        ),
    ] {
        check(what, field, text, limit)?;
    }
    let size = serde_json::to_vec(&playbook.checklists).map_or(0, |json| json.len());
    if size > limits::CHECKLISTS_BYTES {
        return Err(ApiError::Unsendable {
            what,
            problem: format!(
                "the checklists are {size} bytes of JSON, and the server takes {}",
                limits::CHECKLISTS_BYTES
            ),
        });
    }
    Ok(())
}
