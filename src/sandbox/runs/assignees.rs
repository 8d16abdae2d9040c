//! Items that belong to a role instead of a person.

use super::run::{Event, Run};
use crate::sandbox::playbooks::object::Item;
use crate::sandbox::world::World;

/// Gives items of the owner and of the creator to them, as the plugin does at the start.
///
/// An unknown type stays and assigns nobody.
pub(super) fn assign_roles(run: &mut Run) {
    let (owner, creator) = (run.owner_user_id.clone(), run.reporter_user_id.clone());
    for item in run.checklists.iter_mut().flat_map(|list| &mut list.items) {
        match item.assignee_type.as_str() {
            "owner" => item.assignee_id.clone_from(&owner),
            "creator" => item.assignee_id.clone_from(&creator),
            _ => {}
        }
    }
}

impl World {
    /// Items of the owner follow a change of owner.
    pub(super) fn reassign_owner(&mut self, run: &mut Run, by: &str) {
        let (owner, now) = (run.owner_user_id.clone(), self.now());
        let mut changed = Vec::new();
        for list in &mut run.checklists {
            let is_theirs = |item: &&mut Item| item.assignee_type == "owner";
            for item in list.items.iter_mut().filter(is_theirs) {
                let before = std::mem::replace(&mut item.assignee_id, owner.clone());
                item.assignee_modified = now;
                item.update_at = now;
                list.update_at = now;
                changed.push((item.title.clone(), before));
            }
        }
        for (title, before) in changed {
            let event = Event {
                summary: self.assignment(&title, &before, &owner),
                ..Event::default()
            };
            self.add_event(run, "assignee_changed", by, event);
        }
    }

    /// What the history says of another assignee.
    pub(super) fn assignment(&self, title: &str, before: &str, after: &str) -> String {
        let named = |user: &str| match user {
            "" => "No Assignee".to_owned(),
            user => format!("@{}", self.username(user)),
        };
        format!(
            "changed assignee of checklist item **{title}** from **{}** to **{}**",
            named(before),
            named(after)
        )
    }
}
