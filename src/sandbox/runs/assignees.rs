//! Items that belong to a role instead of a person.

use super::run::Run;
use crate::sandbox::world::World;

impl World {
    /// Gives items of the owner and of the creator to them, as the plugin does at the start.
    ///
    /// An unknown type stays and assigns nobody.
    pub(super) fn assign_roles(&mut self, run: &mut Run) {
        let (owner, creator) = (run.owner_user_id.clone(), run.reporter_user_id.clone());
        for item in run.checklists.iter_mut().flat_map(|list| &mut list.items) {
            match item.assignee_type.as_str() {
                "owner" => item.assignee_id.clone_from(&owner),
                "creator" => item.assignee_id.clone_from(&creator),
                _ => {}
            }
        }
    }

    /// Items of the owner follow a change of owner.
    pub(super) fn reassign_owner(&mut self, run: &mut Run) {
        let (owner, now) = (run.owner_user_id.clone(), self.now());
        for list in &mut run.checklists {
            for item in list
                .items
                .iter_mut()
                .filter(|item| item.assignee_type == "owner")
            {
                item.assignee_id.clone_from(&owner);
                item.assignee_modified = now;
                item.update_at = now;
                list.update_at = now;
            }
        }
    }
}
