//! Who takes part in a run.

use serde_json::json;

use super::run::{Event, Run};
use crate::sandbox::ids::Id;
use crate::sandbox::world::World;

/// Coming or going.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    Joined,
    Left,
}

/// Whether somebody who takes part also has to be in the channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IntoChannel {
    /// As the playbook says.
    IfConfigured,
    /// Anyway.
    Always,
}

impl World {
    /// Lets people take part in a run; those outside the team are left out silently.
    pub(crate) fn add_participants(
        &mut self,
        run: &mut Run,
        users: &[Id],
        requester: &str,
        into: IntoChannel,
    ) {
        let users: Vec<Id> = users
            .iter()
            .filter(|user| run.team_id.is_empty() || self.is_on_team(user, &run.team_id))
            .cloned()
            .collect();
        if users.is_empty() {
            return;
        }
        let bot = self.playbooks_bot();
        for user in &users {
            if !run.participant_ids.contains(user) {
                run.participant_ids.push(user.clone());
            }
            follow(run, user);
            if run.create_channel_member_on_new_participant || into == IntoChannel::Always {
                let channel = run.channel_id.clone();
                self.add_to_channel(&channel, user, &bot);
            }
        }
        self.tell_participants(run, &users, requester, Change::Joined);
    }

    /// Lets people leave a run.
    pub(crate) fn remove_participants(&mut self, run: &mut Run, users: &[Id], requester: &str) {
        run.participant_ids
            .retain(|participant| !users.contains(participant));
        run.hidden
            .followers
            .retain(|follower| !users.contains(follower));
        if run.remove_channel_member_on_removed_participant {
            for user in users {
                self.leave_channel(&run.channel_id, user);
            }
        }
        self.tell_participants(run, users, requester, Change::Left);
    }

    fn tell_participants(&mut self, run: &mut Run, users: &[Id], requester: &str, change: Change) {
        let action = match change {
            Change::Joined => "joined",
            Change::Left => "left",
        };
        let names: Vec<String> = users.iter().map(|user| self.username(user)).collect();
        let details = json!({
            "action": action,
            "requester": self.username(requester),
            "users": names,
        });
        let (kind, subject) = match users {
            [one] if one == requester => ("user_joined_left", one.as_str()),
            [one] => ("participants_changed", one.as_str()),
            _ => ("participants_changed", requester),
        };
        let event = Event {
            details: details.to_string(),
            creator_user_id: requester.to_owned(),
            ..Event::default()
        };
        self.add_event(run, kind, subject, event);
    }
}

/// Lets somebody follow a run.
pub(super) fn follow(run: &mut Run, user: &str) {
    if !run.hidden.followers.iter().any(|follower| follower == user) {
        run.hidden.followers.push(user.to_owned());
    }
}
