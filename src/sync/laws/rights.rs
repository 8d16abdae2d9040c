//! Renamed, protected, and never without an editor.

use super::*;

/// The same playbook under another key.
fn renamed(desired: &Desired, old: &str, new: &str) -> Desired {
    let mut desired = desired.clone();
    let mut playbook = desired.playbooks.remove(&address(old)).unwrap();
    playbook.moved_from = Some(key(old));
    desired.playbooks.insert(address(new), playbook);
    desired
}

fn protecting(desired: &Desired, name: &str, protected: bool) -> Desired {
    let mut desired = desired.clone();
    let playbook = desired.playbooks.get_mut(&address(name)).unwrap();
    playbook.protected = protected;
    desired
}

#[test]
fn a_renamed_playbook_goes_on_with_its_id_and_nothing_else_changes() {
    let before = one();
    let world = settled(&before);
    let id = world.id_of("outage");
    let after = renamed(&before, "outage", "service-outage");
    let plan = planned(&world, &after, &pruning(Budget::Percent(100)));
    let step = only_step(&plan);
    assert_eq!(
        (step.action.name(), step.id.as_deref()),
        ("update", Some(&*id))
    );
    let fields: Vec<&str> = step.fields.iter().map(|f| f.field.as_str()).collect();
    assert_eq!(fields, ["key"]);
    synced(&world, &after, &Options::plain(), "bbbbbbb");
    assert_eq!(
        world.writes(),
        [
            format!("replace {id}"),
            "remember".to_owned(),
            "forget".to_owned()
        ]
    );
    assert_eq!(world.live(), 1);
    assert!(planned(&world, &after, &Options::plain()).is_empty());
    // The line may go once it is carried out.
    let mut without = after.clone();
    let playbook = without.playbooks.get_mut(&address("service-outage"));
    playbook.unwrap().moved_from = None;
    assert!(planned(&world, &without, &Options::plain()).is_empty());
}

#[test]
fn a_rename_that_is_cut_short_anywhere_is_finished_by_the_next_sync() {
    let before = one();
    let after = renamed(&before, "outage", "service-outage");
    for nth in 0..4 {
        for fault in [Fault::Before, Fault::After] {
            let world = settled(&before);
            world.kill_at(nth, fault);
            synced(&world, &after, &Options::plain(), "bbbbbbb");
            world.revive();
            synced(&world, &after, &Options::plain(), "bbbbbbb");
            assert_eq!(world.live(), 1, "{nth} {fault:?}");
            let plan = planned(&world, &after, &Options::plain());
            assert!(plan.is_empty(), "{nth} {fault:?}: {plan:?}");
        }
    }
}

#[test]
fn of_a_renamed_playbook_that_stands_twice_neither_is_touched() {
    let before = one();
    let world = settled(&before);
    // Somebody renamed the file, synced, and remembered `moved_from` later.
    let mut twice = renamed(&before, "outage", "service-outage");
    let playbook = twice.playbooks.get_mut(&address("service-outage")).unwrap();
    playbook.moved_from = None;
    let state = &mut playbook.wanted.as_mut().unwrap().state;
    state.number_prefix = Some("SERVICE".to_owned());
    synced(&world, &twice, &Options::plain(), "bbbbbbb");
    assert_eq!(world.live(), 2);
    let playbook = twice.playbooks.get_mut(&address("service-outage")).unwrap();
    playbook.moved_from = Some(key("outage"));
    let plan = planned(&world, &twice, &pruning(Budget::Percent(100)));
    assert_eq!(refusal(&plan), Reason::Both);
}

#[test]
fn a_renamed_playbook_that_is_out_of_sight_is_not_made_again() {
    let before = one();
    let world = settled(&before);
    let id = world.id_of("outage");
    world.edit(&id, |raw| {
        raw.insert("description".to_owned(), "no marker".into());
    });
    let after = renamed(&before, "outage", "service-outage");
    let plan = planned(&world, &after, &Options::plain());
    assert_eq!(refusal(&plan), Reason::OutOfSight);
}

#[test]
fn a_protected_playbook_is_neither_archived_nor_released_until_git_says_so() {
    let four = protecting(&four(), "a", true);
    let world = settled(&four);
    let mut fewer = four.clone();
    fewer.playbooks.remove(&address("a"));
    let all = pruning(Budget::Percent(100));
    let plan = planned(&world, &fewer, &all);
    let reasons: Vec<Reason> = plan.refusals().map(|(_, r)| r.reason).collect();
    assert_eq!(reasons, [Reason::Protected]);
    let mut release = Options::plain();
    release.release.insert(key("a"));
    for desired in [&four, &fewer] {
        let plan = planned(&world, desired, &release);
        let step = plan.steps.iter().find(|s| s.address == address("a"));
        assert!(
            matches!(&step.unwrap().action, Action::Refused(r) if r.reason == Reason::Protected)
        );
    }
    // First the word goes, then the file.
    let free = protecting(&four, "a", false);
    let plan = planned(&world, &free, &Options::plain());
    let step = plan.steps.iter().find(|s| s.writes()).unwrap();
    assert_eq!(step.fields[0].field, "protected");
    synced(&world, &free, &Options::plain(), "bbbbbbb");
    assert!(planned(&world, &free, &Options::plain()).is_empty());
    assert_eq!(planned(&world, &fewer, &all).count("archive"), 1);
    assert_eq!(all.prune, Prune::WithinBudget);
}

#[test]
fn whoever_syncs_stays_an_editor_where_no_account_is_named() {
    let mut desired = one();
    desired.account = None;
    let members = state_of(&mut desired, "outage").members.as_mut().unwrap();
    members.remove("warroom-bot");
    let world = World::new();
    let plan = planned(&world, &desired, &Options::plain());
    assert_eq!(refusal(&plan), Reason::Lockout);
    let desired = desired.for_account("warroom-bot");
    synced(&world, &desired, &Options::plain(), "aaaaaaa");
    assert!(planned(&world, &desired, &Options::plain()).is_empty());
    let raw = world.raw(&world.id_of("outage"));
    let members = raw.0["members"].to_string();
    assert!(members.contains("warroom-bot") && members.contains("playbook_admin"));
}

#[test]
fn people_who_were_deactivated_are_an_error_before_anything_is_written() {
    let desired = one();
    let world = settled(&desired);
    world.deactivates("bob");
    // What is not written needs nobody.
    assert!(planned(&world, &desired, &Options::plain()).is_empty());
    let mut changed = desired.clone();
    state_of(&mut changed, "outage").description = "Changed".to_owned();
    let plan = planned(&world, &changed, &Options::plain());
    assert_eq!(refusal(&plan), Reason::Deactivated);
    assert_eq!(world.writes(), Vec::<String>::new());
}
