//! Writing calls for runs, their items, and actions of their channels.
//!
//! The server changes a run's checklists by read-modify-write without a lock:
//! callers send one write at a time, and read back.

use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;

use super::action::ChannelAction;
use super::playbook::ItemState;
use super::run::{NewRun, NewStatusUpdate, Run};
use crate::mattermost::client::Writer;
use crate::mattermost::error::{ApiError, Refusal};
use crate::mattermost::ids::{ActionId, RunId, UserId};
use crate::mattermost::limits::{self, check};
use crate::mattermost::transport::{Api, Call};

const ADD_PARTICIPANTS: &str = "mutation AddRunParticipants($runID: String!, $userIDs: [String!]!) \
                                { addRunParticipants(runID: $runID, userIDs: $userIDs) }";

fn post(what: &'static str, path: &[&str]) -> Call {
    Call::post(Api::Playbooks, what, path)
}

fn put(what: &'static str, path: &[&str]) -> Call {
    Call::put(Api::Playbooks, what, path)
}

impl Writer {
    /// Starts a run.
    ///
    /// A failure may have started it all the same, even a 500: look for it with
    /// [`Reader::runs`](crate::mattermost::Reader::runs) before trying again.
    ///
    /// Playbooks API: `POST /runs`.
    ///
    /// # Errors
    /// [`ApiError::TooLong`]; [`ApiError::Refused`], [`ApiError::Forbidden`] and
    /// [`ApiError::ServerFailed`] as the server says.
    pub async fn start_run(&self, run: &NewRun) -> Result<Run, ApiError> {
        let what = "start the incident";
        check(what, "the name", &run.name, limits::RUN_NAME)?;
        check(what, "the summary", &run.summary, limits::RUN_SUMMARY)?;
        self.transport()
            .value(post(what, &["runs"]).body(run))
            .await
    }

    /// Changes name and summary of a run; the server trims both.
    ///
    /// Playbooks API: `PATCH /runs/{id}`.
    ///
    /// # Errors
    /// [`ApiError::TooLong`]; [`ApiError::Refused`] when the run is finished.
    pub async fn patch_run(
        &self,
        id: &RunId,
        name: Option<&str>,
        summary: Option<&str>,
    ) -> Result<Run, ApiError> {
        let what = "change the incident";
        let mut body = serde_json::Map::new();
        if let Some(name) = name {
            check(what, "the name", name, limits::RUN_NAME)?;
            body.insert("name".to_owned(), name.into());
        }
        if let Some(summary) = summary {
            check(what, "the summary", summary, limits::RUN_SUMMARY)?;
            body.insert("summary".to_owned(), summary.into());
        }
        let call = Call::patch(Api::Playbooks, what, &["runs", id.as_str()]).body(&body);
        self.transport().value(call).await
    }

    /// Posts a status update, in the name of the account.
    ///
    /// Playbooks API: `POST /runs/{id}/status`.
    ///
    /// # Errors
    /// [`ApiError::TooLong`]; [`ApiError::Refused`] for a blank text, no reminder, or a finished run.
    pub async fn post_status_update(
        &self,
        id: &RunId,
        update: &NewStatusUpdate,
    ) -> Result<(), ApiError> {
        let what = "post the status update";
        check(what, "the message", &update.message, limits::MESSAGE)?;
        let body = json!({
            "message": update.message,
            "reminder": update.reminder.as_secs(),
            "finish_run": update.finish,
        });
        let path = ["runs", id.as_str(), "status"];
        self.transport().done(post(what, &path).body(&body)).await
    }

    /// Sets the timer of the next status update.
    ///
    /// Playbooks API: `POST /runs/{id}/reminder`.
    ///
    /// # Errors
    /// [`ApiError::Refused`] under one second.
    pub async fn set_reminder(&self, id: &RunId, after: Duration) -> Result<(), ApiError> {
        let path = ["runs", id.as_str(), "reminder"];
        let call = post("set the reminder", &path)
            .body(&json!({ "new_reminder_seconds": after.as_secs() }));
        self.transport().done(call).await
    }

    /// Hands a run over; the new owner becomes a participant.
    ///
    /// Playbooks API: `POST /runs/{id}/owner`.
    ///
    /// # Errors
    /// [`ApiError::Refused`] for somebody outside the team; 2.9 accepts them.
    pub async fn set_owner(&self, id: &RunId, owner: &UserId) -> Result<(), ApiError> {
        let path = ["runs", id.as_str(), "owner"];
        let call = post("hand the incident over", &path).body(&json!({ "owner_id": owner }));
        self.transport().done(call).await
    }

    /// Adds participants. **Verify**: users outside the team and unknown ones are reported as
    /// success and not added.
    ///
    /// Playbooks API: `POST /query`, which answers 200 to failures as well.
    ///
    /// # Errors
    /// [`ApiError::Refused`] with the words of GraphQL.
    pub async fn add_participants(&self, id: &RunId, users: &[UserId]) -> Result<(), ApiError> {
        #[derive(Deserialize)]
        struct Outcome {
            #[serde(default)]
            errors: Vec<Problem>,
        }
        #[derive(Deserialize)]
        struct Problem {
            #[serde(default)]
            message: String,
        }
        let body = json!({
            "operationName": "AddRunParticipants",
            "query": ADD_PARTICIPANTS,
            "variables": { "runID": id, "userIDs": users },
        });
        let transport = self.transport();
        let call = post("add participants to the incident", &["query"]).body(&body);
        let answer = transport.send(call).await?;
        let outcome: Outcome = transport.decode(&answer)?;
        let Some(problem) = outcome.errors.into_iter().next() else {
            return Ok(());
        };
        Err(ApiError::Refused(Box::new(Refusal {
            status: answer.status,
            message: transport.presentable(&problem.message),
            id: None,
            request_id: answer.request_id,
            attempt: answer.attempt,
        })))
    }

    /// Finishes a run; a finished one stays as it is.
    ///
    /// Playbooks API: `PUT /runs/{id}/finish`.
    ///
    /// # Errors
    /// [`ApiError::Forbidden`] for all but owner, participants and system administrators.
    pub async fn finish_run(&self, id: &RunId) -> Result<(), ApiError> {
        let path = ["runs", id.as_str(), "finish"];
        self.transport().done(put("end the incident", &path)).await
    }

    /// Takes a finished run up again; a running one stays as it is.
    ///
    /// Playbooks API: `PUT /runs/{id}/restore`.
    ///
    /// # Errors
    /// As [`Writer::finish_run`].
    pub async fn restore_run(&self, id: &RunId) -> Result<(), ApiError> {
        let path = ["runs", id.as_str(), "restore"];
        self.transport()
            .done(put("restart the incident", &path))
            .await
    }

    /// Saves the retrospective as a draft; metrics keep their values.
    ///
    /// Playbooks API: `POST /runs/{id}/retrospective`.
    ///
    /// # Errors
    /// [`ApiError::TooLong`] over 65,535 characters: the plugin would crash.
    pub async fn save_retrospective(&self, id: &RunId, text: &str) -> Result<(), ApiError> {
        let what = "save the retrospective";
        check(what, "the retrospective", text, limits::RETROSPECTIVE)?;
        let path = ["runs", id.as_str(), "retrospective"];
        let call = post(what, &path).body(&json!({ "retrospective": text }));
        self.transport().done(call).await
    }

    /// Checks an item, or unchecks it.
    ///
    /// Playbooks API: `PUT /runs/{id}/checklists/{n}/item/{i}/state`.
    ///
    /// # Errors
    /// [`ApiError::ServerFailed`] also when there is no such item.
    pub async fn set_item_state(&self, at: &ItemAt<'_>, state: &ItemState) -> Result<(), ApiError> {
        let body = json!({ "new_state": state.as_str() });
        self.change_item("change the task", at, "state", Some(&body))
            .await
    }

    /// Leaves an item out.
    ///
    /// Playbooks API: `PUT …/item/{i}/skip`.
    ///
    /// # Errors
    /// As [`Writer::set_item_state`].
    pub async fn skip_item(&self, at: &ItemAt<'_>) -> Result<(), ApiError> {
        self.change_item("skip the task", at, "skip", None).await
    }

    /// Takes a skipped item up again.
    ///
    /// Playbooks API: `PUT …/item/{i}/restore`.
    ///
    /// # Errors
    /// As [`Writer::set_item_state`].
    pub async fn restore_item(&self, at: &ItemAt<'_>) -> Result<(), ApiError> {
        self.change_item("restore the task", at, "restore", None)
            .await
    }

    /// Assigns an item, or nobody; the assignee becomes a participant, even from outside the team.
    ///
    /// Playbooks API: `PUT …/item/{i}/assignee`.
    ///
    /// # Errors
    /// As [`Writer::set_item_state`].
    pub async fn assign_item(
        &self,
        at: &ItemAt<'_>,
        assignee: Option<&UserId>,
    ) -> Result<(), ApiError> {
        let body = json!({ "assignee_id": assignee.map_or("", UserId::as_str) });
        self.change_item("assign the task", at, "assignee", Some(&body))
            .await
    }

    /// Assigns an item to whoever owns or started the run, also after a change.
    ///
    /// Playbooks API from 2.11: `PUT …/item/{i}/assignee`. Version 2.9 does not know the word and
    /// takes the item from everybody.
    ///
    /// # Errors
    /// As [`Writer::set_item_state`].
    pub async fn assign_item_to(
        &self,
        at: &ItemAt<'_>,
        role: AssigneeRole,
    ) -> Result<(), ApiError> {
        let body = json!({ "assignee_type": role });
        self.change_item("assign the task", at, "assignee", Some(&body))
            .await
    }

    /// Gives a channel an automatic action; a second of the same kind is refused with 500.
    ///
    /// Playbooks API: `POST /actions/channels/{id}`.
    ///
    /// # Errors
    /// [`ApiError::Forbidden`] for all but members of the channel.
    pub async fn create_channel_action(
        &self,
        action: &ChannelAction,
    ) -> Result<ActionId, ApiError> {
        #[derive(Deserialize)]
        struct Created {
            id: ActionId,
        }
        let path = ["actions", "channels", action.channel_id.as_str()];
        let new = ChannelAction {
            id: ActionId::default(),
            ..action.clone()
        };
        let call = post("set up the channel", &path).body(&new);
        let created: Created = self.transport().value(call).await?;
        Ok(created.id)
    }

    /// Changes an automatic action of a channel.
    ///
    /// Playbooks API: `PUT /actions/channels/{id}/{action}`.
    ///
    /// # Errors
    /// As [`Writer::create_channel_action`].
    pub async fn update_channel_action(&self, action: &ChannelAction) -> Result<(), ApiError> {
        let path = [
            "actions",
            "channels",
            action.channel_id.as_str(),
            action.id.as_str(),
        ];
        let call = put("set up the channel", &path).body(action);
        self.transport().done(call).await
    }

    async fn change_item(
        &self,
        what: &'static str,
        at: &ItemAt<'_>,
        verb: &str,
        body: Option<&Value>,
    ) -> Result<(), ApiError> {
        let (checklist, item) = (at.checklist.to_string(), at.item.to_string());
        let path = [
            "runs",
            at.run.as_str(),
            "checklists",
            &checklist,
            "item",
            &item,
            verb,
        ];
        let mut call = put(what, &path);
        if let Some(body) = body {
            call = call.body(body);
        }
        self.transport().done(call).await
    }
}

/// Whom an item follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AssigneeRole {
    /// Whoever leads the run.
    Owner,
    /// Whoever started it.
    Creator,
}

/// Where an item stands. The server knows items of a run only by position: read the run first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ItemAt<'a> {
    /// The run.
    pub run: &'a RunId,
    /// The checklist, counted from 0.
    pub checklist: usize,
    /// The item in it, counted from 0.
    pub item: usize,
}
