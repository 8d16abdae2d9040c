//! What the slash command `/playbook` changes in the run of a channel.
//!
//! A command that fails says so on the caller's WebSocket only: here it does nothing.

use super::items::state_change;
use super::owner::{hand_over, may_hand_over};
use super::run::Run;
use crate::sandbox::playbooks::object::Item;
use crate::sandbox::world::World;

/// Carries a command out in the only run of a channel.
pub(crate) fn execute(world: &mut World, user: &str, channel: &str, arguments: &str) {
    let in_channel = |run: &&Run| run.channel_id == channel && !run.is_finished();
    let mut runs: Vec<Run> = world.runs.iter().filter(in_channel).cloned().collect();
    let (Some(run), true) = (runs.pop(), runs.is_empty()) else {
        return;
    };
    if !world.may_manage_run(user, &run) {
        return;
    }
    let words: Vec<&str> = arguments.split_whitespace().collect();
    match words.as_slice() {
        ["check", list, item] => toggle(world, user, run, list, item),
        ["checkadd", list, _, ..] => add(world, run, list, arguments),
        ["checkremove", list, item] => remove(world, run, list, item),
        ["owner", name] if may_hand_over(world, user, &run) => {
            let owner = world.user_named(name.trim_start_matches('@'));
            if let Some(owner) = owner.map(|owner| owner.id.clone()) {
                // Refusals go to the WebSocket.
                let _ = hand_over(world, user, run, &owner);
            }
        }
        _ => {}
    }
}

fn place(run: &Run, list: &str, item: &str) -> Option<(usize, usize)> {
    let (list, item): (usize, usize) = (list.parse().ok()?, item.parse().ok()?);
    run.checklists.get(list)?.items.get(item)?;
    Some((list, item))
}

fn toggle(world: &mut World, user: &str, mut run: Run, list: &str, item: &str) {
    let Some((list, item)) = place(&run, list, item) else {
        return;
    };
    let closed = run.checklists[list].items[item].state == "closed";
    let state = if closed { "" } else { "closed" };
    state_change(world, user, &mut run, (list, item), state);
    world.save_run(run);
}

fn add(world: &mut World, mut run: Run, list: &str, arguments: &str) {
    let mut parts = arguments.splitn(3, ' ');
    let title = parts.nth(2).unwrap_or_default().trim().to_owned();
    let list = list
        .parse::<usize>()
        .ok()
        .and_then(|list| run.checklists.get_mut(list));
    let Some(list) = list else { return };
    let now = world.now();
    list.update_at = now;
    list.items.push(Item {
        id: world.new_id(),
        title,
        update_at: now,
        ..Item::default()
    });
    world.save_run(run);
}

fn remove(world: &mut World, mut run: Run, list: &str, item: &str) {
    let Some((list, item)) = place(&run, list, item) else {
        return;
    };
    run.checklists[list].items.remove(item);
    run.checklists[list].update_at = world.now();
    world.save_run(run);
}
