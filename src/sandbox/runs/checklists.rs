//! Checklists of a run, addressed by their index.

use serde::Deserialize;

use super::access::writable;
use super::run::Run;
use crate::sandbox::call::Call;
use crate::sandbox::playbooks::object::Checklist;
use crate::sandbox::reply::{Answer, Reply};
use crate::sandbox::routes::{Route, route};
use crate::sandbox::world::World;

pub(super) const ROUTES: &[Route] = &[
    route(
        "POST",
        "/plugins/playbooks/api/v0/runs/{run_id}/checklists",
        add,
    ),
    route(
        "POST",
        "/plugins/playbooks/api/v0/runs/{run_id}/checklists/move",
        move_list,
    ),
    route(
        "POST",
        "/plugins/playbooks/api/v0/runs/{run_id}/checklists/move-item",
        move_item,
    ),
    route(
        "DELETE",
        "/plugins/playbooks/api/v0/runs/{run_id}/checklists/{list_index}",
        remove,
    ),
    route(
        "PUT",
        "/plugins/playbooks/api/v0/runs/{run_id}/checklists/{list_index}/rename",
        rename,
    ),
    route(
        "PUT",
        "/plugins/playbooks/api/v0/runs/{run_id}/checklists/{list_index}/skip",
        skip,
    ),
    route(
        "PUT",
        "/plugins/playbooks/api/v0/runs/{run_id}/checklists/{list_index}/restore",
        restore,
    ),
    route(
        "POST",
        "/plugins/playbooks/api/v0/runs/{run_id}/checklists/{list_index}/duplicate",
        duplicate,
    ),
];

/// The checklist in the path; a bad index is an internal error.
pub(super) fn list_in_path<'r>(run: &'r mut Run, call: &Call) -> Result<&'r mut Checklist, Reply> {
    let index = call.index("list_index").ok_or_else(Reply::internal)?;
    run.checklists.get_mut(index).ok_or_else(Reply::internal)
}

/// Fills every blank id of a checklist.
fn name_all(world: &mut World, list: &mut Checklist) {
    list.id = world.new_id();
    let now = world.now();
    list.update_at = now;
    for item in &mut list.items {
        item.id = world.new_id();
        item.update_at = now;
    }
}

fn add(world: &mut World, call: &Call) -> Answer {
    let mut run = writable(world, call)?;
    let undecodable = || Reply::refused("failed to decode Checklist");
    let mut list: Checklist = call.decode().ok_or_else(undecodable)?;
    if list.title.trim().is_empty() {
        return Err(Reply::refused("bad parameter: checklist title"));
    }
    name_all(world, &mut list);
    run.checklists.push(list);
    world.save_run(run);
    Ok(Reply::empty(201))
}

fn remove(world: &mut World, call: &Call) -> Answer {
    let mut run = writable(world, call)?;
    let index = call
        .index("list_index")
        .filter(|index| *index < run.checklists.len());
    run.checklists.remove(index.ok_or_else(Reply::internal)?);
    world.save_run(run);
    Ok(Reply::empty(201))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct NewTitle {
    title: String,
}

fn rename(world: &mut World, call: &Call) -> Answer {
    let mut run = writable(world, call)?;
    let undecodable = || Reply::refused("failed to unmarshal checklist title");
    let new: NewTitle = call.decode().ok_or_else(undecodable)?;
    if new.title.trim().is_empty() {
        return Err(Reply::refused("bad parameter: checklist title"));
    }
    let now = world.now();
    let list = list_in_path(&mut run, call)?;
    list.title = new.title;
    list.update_at = now;
    world.save_run(run);
    Ok(Reply::empty(200))
}

fn skip(world: &mut World, call: &Call) -> Answer {
    set_all(world, call, "skipped")
}

fn restore(world: &mut World, call: &Call) -> Answer {
    set_all(world, call, "")
}

/// Skipping leaves a time of deletion behind that restoring does not take away.
fn set_all(world: &mut World, call: &Call, state: &str) -> Answer {
    let mut run = writable(world, call)?;
    let now = world.now();
    for item in &mut list_in_path(&mut run, call)?.items {
        state.clone_into(&mut item.state);
        item.update_at = now;
        if state == "skipped" {
            item.delete_at = now;
        }
    }
    world.save_run(run);
    Ok(Reply::empty(204))
}

fn duplicate(world: &mut World, call: &Call) -> Answer {
    let mut run = writable(world, call)?;
    let mut copy = list_in_path(&mut run, call)?.clone();
    name_all(world, &mut copy);
    run.checklists.push(copy);
    world.save_run(run);
    Ok(Reply::empty(201))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Move {
    source_checklist_idx: usize,
    source_item_idx: usize,
    dest_checklist_idx: usize,
    dest_item_idx: usize,
}

fn places(call: &Call) -> Result<Move, Reply> {
    call.decode()
        .ok_or_else(|| Reply::refused("failed to unmarshal move params"))
}

fn move_list(world: &mut World, call: &Call) -> Answer {
    let mut run = writable(world, call)?;
    let places = places(call)?;
    let length = run.checklists.len();
    if places.source_checklist_idx >= length || places.dest_checklist_idx >= length {
        return Err(Reply::internal());
    }
    let mut list = run.checklists.remove(places.source_checklist_idx);
    list.update_at = world.now();
    run.checklists.insert(places.dest_checklist_idx, list);
    world.save_run(run);
    Ok(Reply::empty(200))
}

fn move_item(world: &mut World, call: &Call) -> Answer {
    let mut run = writable(world, call)?;
    let places = places(call)?;
    let now = world.now();
    let source = run.checklists.get_mut(places.source_checklist_idx);
    let source = source.ok_or_else(Reply::internal)?;
    if places.source_item_idx >= source.items.len() {
        return Err(Reply::internal());
    }
    let mut item = source.items.remove(places.source_item_idx);
    source.update_at = now;
    let target = run.checklists.get_mut(places.dest_checklist_idx);
    let target = target.ok_or_else(Reply::internal)?;
    if places.dest_item_idx > target.items.len() {
        return Err(Reply::internal());
    }
    item.update_at = now;
    target.update_at = now;
    target.items.insert(places.dest_item_idx, item);
    world.save_run(run);
    Ok(Reply::empty(200))
}
