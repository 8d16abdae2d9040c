//! Who may see a run, and who may change it.

use super::run::{Kind, Run};
use crate::sandbox::call::Call;
use crate::sandbox::playbooks::access::Right;
use crate::sandbox::reply::Reply;
use crate::sandbox::world::World;

impl World {
    /// Whether somebody may see a run.
    pub(crate) fn may_view_run(&self, user: &str, run: &Run) -> bool {
        if self.may_manage_run(user, run) {
            return true;
        }
        if run.kind == Kind::ChannelChecklist {
            return self.may_in_channel(user, &run.channel_id, "read_channel");
        }
        let playbook = self.playbooks.get(&run.playbook_id);
        playbook.is_some_and(|playbook| self.may_with_playbook(user, playbook, Right::View))
    }

    /// Whether somebody may change a run: being in its channel is not enough.
    pub(crate) fn may_manage_run(&self, user: &str, run: &Run) -> bool {
        run.owner_user_id == user
            || run
                .participant_ids
                .iter()
                .any(|participant| participant == user)
            || self.is_system_admin(user)
    }

    /// Whether somebody may finish, restore or hand over a run.
    pub(crate) fn may_decide_in_run(&self, user: &str, run: &Run) -> bool {
        let only_owner = self
            .playbooks
            .get(&run.playbook_id)
            .is_some_and(|playbook| playbook.owner_group_only_actions);
        if only_owner {
            run.owner_user_id == user || self.is_system_admin(user)
        } else {
            self.may_manage_run(user, run)
        }
    }
}

/// The run in the path, to be read.
pub(super) fn visible<'w>(world: &'w World, call: &Call) -> Result<&'w Run, Reply> {
    world
        .runs
        .get(call.param("run_id"))
        .filter(|run| world.may_view_run(&call.user, run))
        .ok_or_else(Reply::forbidden)
}

/// The run in the path, to be changed even when it is over.
pub(super) fn manageable(world: &World, call: &Call) -> Result<Run, Reply> {
    let run = world.runs.get(call.param("run_id"));
    let run = run.ok_or_else(Reply::internal)?;
    if world.may_manage_run(&call.user, run) {
        Ok(run.clone())
    } else {
        Err(Reply::forbidden())
    }
}

/// The run in the path, to be changed while it is in progress.
pub(super) fn writable(world: &World, call: &Call) -> Result<Run, Reply> {
    in_progress(manageable(world, call)?)
}

/// A run, unless it is over; asked after the permission and before the body.
pub(super) fn in_progress(run: Run) -> Result<Run, Reply> {
    if run.is_finished() {
        Err(Reply::refused("cannot modify a finished run"))
    } else {
        Ok(run)
    }
}
