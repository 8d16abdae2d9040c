//! The laws of sync, against a world in memory.

mod attributes;
mod conditions;
mod import;
mod metrics;
mod revert;
mod rights;

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::apply::{Applied, ApplyError, apply};
use super::base::Base;
use super::canonical::tests::sample;
use super::canonical::{
    Access, AttributeState, ChecklistState, ComparisonState, MetricState, PlaybookState, TaskState,
    ValuesState, WhenState,
};
use super::desired::{Address, Desired, DesiredPlaybook, Wanted};
use super::observed::{Observed, observe};
use super::plan::{Action, Moved, NoteKind, Options, Plan, Prune, Step, plan};
use super::refusal::Reason;
use super::secrets::Secrets;
use super::site::Reading;
use super::wire::{OptionIds, Renames};
use super::world::{Fault, World, now};
use crate::exit::ExitStatus;
use crate::mattermost::playbooks::{
    Condition, FieldKind, MetricType, PropertyField, Visibility as Shown,
};
use crate::model::{Budget, Key, OnDrift, SecretRef, Unmanaged, Visibility, option_id};

fn key(text: &str) -> Key {
    text.parse().unwrap()
}

fn address(text: &str) -> Address {
    Address {
        key: key(text),
        team: "ops".parse().unwrap(),
    }
}

fn playbook(state: PlaybookState) -> DesiredPlaybook {
    let secret = || SecretRef {
        env: "WARROOM_SECRET_HOOK".to_owned(),
    };
    let secrets = |count: Option<usize>| (0..count.unwrap_or(0)).map(|_| secret()).collect();
    DesiredPlaybook {
        path: "playbooks/x.yaml".to_owned(),
        source: None,
        moved_from: None,
        protected: false,
        unmanaged: Vec::new(),
        wanted: Ok(Wanted {
            start_webhooks: secrets(state.start_webhooks),
            update_webhooks: secrets(state.update_webhooks),
            option_ids: option_ids(&state),
            renames: Renames::default(),
            features: Vec::new(),
            state,
        }),
    }
}

/// Ids for all options; in a workspace each attribute has a key.
fn option_ids(state: &PlaybookState) -> OptionIds {
    let mut ids = OptionIds::new();
    for (n, attribute) in state.attributes.iter().enumerate() {
        for option in &attribute.options {
            let id = option_id(&key("acme"), &key("x"), &key(&format!("a{n}")), option);
            ids.insert((attribute.name.clone(), option.clone()), id);
        }
    }
    ids
}

fn desired(playbooks: &[(&str, PlaybookState)]) -> Desired {
    let playbooks = playbooks.iter().map(|(name, state)| {
        let mut state = state.clone();
        state.title = (*name).to_owned();
        if let Some(members) = &mut state.members {
            members.insert("warroom-bot".to_owned(), Access::Edit);
        }
        // A prefix belongs to one playbook.
        state.number_prefix = state.number_prefix.map(|_| name.to_uppercase());
        (address(name), playbook(state))
    });
    Desired {
        workspace: key("acme"),
        account: Some("warroom-bot".parse().unwrap()),
        has_attributes: true,
        playbooks: playbooks.collect(),
    }
}

fn one() -> Desired {
    desired(&[("outage", sample())])
}

fn state_of<'a>(desired: &'a mut Desired, name: &str) -> &'a mut PlaybookState {
    let playbook = desired.playbooks.get_mut(&address(name)).unwrap();
    &mut playbook.wanted.as_mut().unwrap().state
}

fn look(world: &World, desired: &Desired, options: &Options) -> Observed {
    let asked: BTreeSet<String> = options.adopt.values().cloned().collect();
    now(observe(world, desired, &asked)).unwrap()
}

fn planned(world: &World, desired: &Desired, options: &Options) -> Plan {
    planned_on(world, desired, options, &Base::default())
}

fn planned_on(world: &World, desired: &Desired, options: &Options, base: &Base) -> Plan {
    plan(desired, &look(world, desired, options), base, options)
}

fn synced(world: &World, desired: &Desired, options: &Options, commit: &str) -> Applied {
    let observed = look(world, desired, options);
    let plan = plan(desired, &observed, &Base::default(), options);
    let secrets = Secrets::of(desired, |_| Some("https://hooks.example.com/hunter2"));
    now(apply(
        world,
        &plan,
        desired,
        &observed,
        &secrets,
        Some(commit),
    ))
}

/// Syncs once, and checks that it went well.
fn settled(desired: &Desired) -> World {
    let world = World::new();
    let applied = synced(&world, desired, &Options::plain(), "aaaaaaa");
    assert_eq!(ExitStatus::from(&applied), ExitStatus::Done, "{applied:?}");
    world.writes();
    world
}

fn only_step(plan: &Plan) -> &Step {
    assert_eq!(plan.steps.len(), 1, "{plan:?}");
    &plan.steps[0]
}

fn refusal(plan: &Plan) -> Reason {
    match &only_step(plan).action {
        Action::Refused(refusal) => refusal.reason,
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn an_unchanged_playbook_plans_nothing() {
    let world = settled(&one());
    let plan = planned(&world, &one(), &Options::plain());
    assert!(plan.is_empty());
    assert_eq!(only_step(&plan).action, Action::Unchanged);
    assert_eq!(ExitStatus::from(&plan), ExitStatus::Done);
    assert!(plan.notes.is_empty());
}

#[test]
fn a_creation_is_a_post_a_put_and_a_witness() {
    let world = World::new();
    synced(&world, &one(), &Options::plain(), "aaaaaaa");
    let id = world.id_of("outage");
    assert_eq!(
        world.writes(),
        [
            "create".to_owned(),
            format!("replace {id}"),
            "remember".to_owned()
        ]
    );
    let marker = world.raw(&id).described().marker.unwrap();
    assert_eq!(marker.id, Some(id));
    assert_eq!(marker.commit.as_deref(), Some("aaaaaaa"));
}

#[test]
fn a_second_sync_writes_nothing_and_a_new_commit_alone_neither() {
    let world = settled(&one());
    let applied = synced(&world, &one(), &Options::plain(), "bbbbbbb");
    assert!(applied.outcomes.is_empty());
    assert_eq!(world.writes(), Vec::<String>::new());
}

#[test]
fn a_change_in_git_updates_only_that_field() {
    let world = settled(&one());
    let mut desired = one();
    state_of(&mut desired, "outage").welcome = Some("Hello.".to_owned());
    let plan = planned(&world, &desired, &Options::plain());
    let step = only_step(&plan);
    assert_eq!(step.action, Action::Update);
    assert_eq!(step.fields.len(), 1);
    assert_eq!(step.fields[0].field, "start.welcome");
    assert_eq!(step.fields[0].moved, Moved::Git);
    assert_eq!(ExitStatus::from(&plan), ExitStatus::Findings);
}

#[test]
fn an_edit_in_the_web_app_is_refused_as_drift_and_shown() {
    let world = settled(&one());
    let id = world.id_of("outage");
    world.edit(&id, |p| {
        p.insert("message_on_join".to_owned(), json!("Hi."));
    });
    let plan = planned(&world, &one(), &Options::plain());
    assert_eq!(refusal(&plan), Reason::Drift);
    assert_eq!(ExitStatus::from(&plan), ExitStatus::Refused);
    let change = &only_step(&plan).fields[0];
    assert_eq!(
        (change.old.clone(), change.new.clone()),
        (json!("Hi."), json!("Welcome."))
    );
    assert_eq!(change.moved, Moved::Mattermost);

    let options = Options {
        on_drift: OnDrift::Overwrite,
        ..Options::plain()
    };
    assert!(only_step(&planned(&world, &one(), &options)).overwrites());
    synced(&world, &one(), &options, "aaaaaaa");
    assert!(planned(&world, &one(), &Options::plain()).is_empty());
}

#[test]
fn ids_that_the_web_editor_drops_are_drift() {
    let world = settled(&one());
    let id = world.id_of("outage");
    world.edit(&id, |p| p["checklists"][0]["items"][0]["id"] = json!(""));
    assert_eq!(
        refusal(&planned(&world, &one(), &Options::plain())),
        Reason::Drift
    );
}

#[test]
fn with_the_base_each_field_says_who_moved() {
    let world = settled(&one());
    let mut base = Base::default();
    let mut desired = one();
    base.insert(address("outage"), state_of(&mut desired, "outage").clone());
    let state = state_of(&mut desired, "outage");
    state.welcome = Some("From git.".to_owned());
    state.number_prefix = Some("GIT".to_owned());
    let id = world.id_of("outage");
    world.edit(&id, |p| {
        p.insert("category_name".to_owned(), json!("Elsewhere"));
        p.insert("run_number_prefix".to_owned(), json!("UI"));
    });
    let moved = |plan: &Plan| -> Vec<(String, Moved)> {
        let fields = only_step(plan).fields.iter();
        fields.map(|c| (c.field.clone(), c.moved)).collect()
    };
    let with = planned_on(&world, &desired, &Options::plain(), &base);
    assert_eq!(
        moved(&with),
        [
            ("start.channel.category".to_owned(), Moved::Mattermost),
            ("start.number_prefix".to_owned(), Moved::Both),
            ("start.welcome".to_owned(), Moved::Git),
        ]
    );
    let without = planned(&world, &desired, &Options::plain());
    assert!(
        moved(&without)
            .iter()
            .all(|(_, moved)| *moved == Moved::Unclear)
    );
    assert_eq!(refusal(&without), Reason::Drift);

    // A base that does not have the marker's digest is no base.
    let mut wrong = Base::default();
    wrong.insert(address("outage"), state_of(&mut desired, "outage").clone());
    assert_eq!(
        planned_on(&world, &desired, &Options::plain(), &wrong),
        without
    );
}

#[test]
fn the_same_edit_on_both_sides_only_renews_the_marker() {
    let world = settled(&one());
    let mut desired = one();
    state_of(&mut desired, "outage").welcome = Some("Hello.".to_owned());
    let id = world.id_of("outage");
    world.edit(&id, |p| {
        p.insert("message_on_join".to_owned(), json!("Hello."));
    });
    let plan = planned(&world, &desired, &Options::plain());
    let step = only_step(&plan);
    assert_eq!((&step.action, step.fields.len()), (&Action::Update, 0));
    synced(&world, &desired, &Options::plain(), "bbbbbbb");
    assert!(planned(&world, &desired, &Options::plain()).is_empty());
}

#[test]
fn an_unknown_digest_version_is_a_note_and_never_drift() {
    let world = settled(&one());
    let id = world.id_of("outage");
    world.edit(&id, |p| {
        let description = p["description"].as_str().unwrap().replace("v1:", "v9:");
        p.insert("description".to_owned(), json!(description));
    });
    let plan = planned(&world, &one(), &Options::plain());
    assert!(plan.is_empty());
    assert_eq!(plan.notes[0].kind, NoteKind::UnknownDigest);
    world.edit(&id, |p| {
        p.insert("category_name".to_owned(), json!("Elsewhere"));
    });
    let plan = planned(&world, &one(), &Options::plain());
    assert_eq!(only_step(&plan).action, Action::Update);
    // A write renews the marker, and the note ends.
    synced(&world, &one(), &Options::plain(), "bbbbbbb");
    let plan = planned(&world, &one(), &Options::plain());
    assert!(plan.is_empty() && plan.notes.is_empty());
}

#[test]
fn a_duplicate_is_reported_and_left_alone() {
    let world = settled(&one());
    let copy = world.duplicate(&world.id_of("outage"));
    let plan = planned(&world, &one(), &Options::plain());
    assert!(plan.is_empty());
    assert_eq!(plan.notes[0].kind, NoteKind::Copy);
    assert_eq!(plan.notes[0].id, Some(copy));
    assert_eq!(ExitStatus::from(&plan), ExitStatus::Done);
}

#[test]
fn a_playbook_that_lost_its_marker_is_not_made_again() {
    let world = settled(&one());
    let id = world.id_of("outage");
    world.edit(&id, |p| {
        p.insert("description".to_owned(), json!("Mine now."));
    });
    assert_eq!(
        refusal(&planned(&world, &one(), &Options::plain())),
        Reason::OutOfSight
    );
    // Without the second witness nobody would know; only its prefix is still taken.
    world.forget_witnesses();
    assert_eq!(
        refusal(&planned(&world, &one(), &Options::plain())),
        Reason::PrefixTaken
    );
    world.edit(&id, |p| {
        p.insert("run_number_prefix".to_owned(), json!(""));
    });
    let plan = planned(&world, &one(), &Options::plain());
    assert_eq!(only_step(&plan).action, Action::Create);
}

#[test]
fn adoption_takes_over_what_has_no_marker() {
    let world = settled(&one());
    let id = world.id_of("outage");
    world.edit(&id, |p| {
        p.insert("description".to_owned(), json!("Made by hand."));
    });
    let options = Options {
        adopt: BTreeMap::from([(key("outage"), id.clone())]),
        ..Options::plain()
    };
    let plan = planned(&world, &one(), &options);
    assert_eq!(only_step(&plan).action, Action::Adopt);
    assert_eq!(only_step(&plan).fields.len(), 1);
    synced(&world, &one(), &options, "aaaaaaa");
    assert!(planned(&world, &one(), &Options::plain()).is_empty());
    assert_eq!(world.live(), 1);
}

#[test]
fn adoption_is_refused_where_it_would_steal() {
    let adopt = |id: &str| Options {
        adopt: BTreeMap::from([(key("outage"), id.to_owned())]),
        ..Options::plain()
    };
    let world = settled(&one());
    let id = world.id_of("outage");
    let copy = world.duplicate(&id);
    assert_eq!(
        refusal(&planned(&world, &one(), &adopt(&copy))),
        Reason::NotPossible
    );
    assert_eq!(
        refusal(&planned(&world, &one(), &adopt("nobody"))),
        Reason::NotPossible
    );
    world.forget_witnesses();
    world.edit(&id, |p| {
        let description = p["description"].as_str().unwrap().replace("acme", "other");
        p.insert("description".to_owned(), json!(description));
    });
    assert_eq!(
        refusal(&planned(&world, &one(), &adopt(&id))),
        Reason::NotPossible
    );
    // Adopting what is ours already is no harm.
    let world = settled(&one());
    assert!(planned(&world, &one(), &adopt(&world.id_of("outage"))).is_empty());
}

#[test]
fn release_takes_the_marker_away_and_leaves_the_playbook() {
    let world = settled(&one());
    let id = world.id_of("outage");
    let options = Options {
        release: BTreeSet::from([key("outage")]),
        ..Options::plain()
    };
    let plan = planned(&world, &one(), &options);
    assert_eq!(only_step(&plan).action, Action::Release);
    assert_eq!(plan.notes[0].kind, NoteKind::StillWanted);
    synced(&world, &one(), &options, "aaaaaaa");
    assert_eq!(world.raw(&id).0["description"], "A service is down.");
    assert_eq!(world.live(), 1);
    // Nothing is remembered: the next sync makes a new one, as the note says, once the
    // old one has given its prefix up.
    assert_eq!(
        refusal(&planned(&world, &one(), &Options::plain())),
        Reason::PrefixTaken
    );
    world.edit(&id, |p| {
        p.insert("run_number_prefix".to_owned(), json!(""));
    });
    let plan = planned(&world, &one(), &Options::plain());
    assert_eq!(only_step(&plan).action, Action::Create);
    let again = planned(&world, &desired(&[]), &options);
    assert!(again.steps.is_empty());
}

fn four() -> Desired {
    desired(&[
        ("a", sample()),
        ("b", sample()),
        ("c", sample()),
        ("d", sample()),
    ])
}

fn pruning(at_most: Budget) -> Options {
    Options {
        prune: Prune::WithinBudget,
        at_most,
        ..Options::plain()
    }
}

#[test]
fn a_vanished_file_archives_nothing_unless_asked() {
    let world = settled(&four());
    let left = desired(&[("a", sample()), ("b", sample()), ("c", sample())]);
    let plan = planned(&world, &left, &Options::plain());
    assert!(plan.is_empty());
    assert_eq!(plan.notes[0].kind, NoteKind::Vanished);
    let plan = planned(&world, &left, &pruning(Budget::Percent(20)));
    assert_eq!(plan.count("archive"), 1);
    synced(&world, &left, &pruning(Budget::Percent(20)), "aaaaaaa");
    assert_eq!(world.live(), 3);
    assert!(planned(&world, &left, &pruning(Budget::Percent(20))).is_empty());
}

#[test]
fn pruning_stays_within_its_budget_and_never_empties_everything() {
    let world = settled(&four());
    let two = desired(&[("a", sample()), ("b", sample())]);
    let plan = planned(&world, &two, &pruning(Budget::Percent(20)));
    assert_eq!(plan.count("archive"), 0);
    let reasons: Vec<Reason> = plan.refusals().map(|(_, r)| r.reason).collect();
    assert_eq!(reasons, [Reason::OverBudget; 2]);
    let plan = planned(&world, &two, &pruning(Budget::Count(2)));
    assert_eq!(plan.count("archive"), 2);
    let plan = planned(&world, &desired(&[]), &pruning(Budget::Percent(100)));
    let reasons: Vec<Reason> = plan.refusals().map(|(_, r)| r.reason).collect();
    assert_eq!(reasons, [Reason::EmptyWorkspace; 4]);
}

#[test]
fn a_playbook_with_active_incidents_is_not_archived() {
    let world = settled(&four());
    let left = desired(&[("a", sample()), ("b", sample()), ("c", sample())]);
    world.edit(&world.id_of("d"), |p| {
        p.insert("active_runs".to_owned(), json!(1));
    });
    let plan = planned(&world, &left, &pruning(Budget::Percent(100)));
    let (_, refusal) = plan.refusals().next().unwrap();
    assert_eq!(refusal.reason, Reason::ActiveIncidents);
}

#[test]
fn an_archived_playbook_is_restored_when_its_file_is_back() {
    let world = settled(&four());
    let left = desired(&[("a", sample()), ("b", sample()), ("c", sample())]);
    synced(&world, &left, &pruning(Budget::Percent(20)), "aaaaaaa");
    let plan = planned(&world, &four(), &Options::plain());
    assert_eq!(plan.count("restore"), 1);
    synced(&world, &four(), &Options::plain(), "bbbbbbb");
    assert_eq!(world.live(), 4);
    assert!(planned(&world, &four(), &Options::plain()).is_empty());
}

#[test]
fn members_and_tasks_that_vanish_count_against_the_budget() {
    let mut before = one();
    let tasks = (0..10).map(|n| TaskState {
        id: format!("task{n}"),
        title: format!("Task {n}"),
        description: String::new(),
        when: None,
        assign: None,
        due: None,
        command: String::new(),
        done_when: None,
    });
    state_of(&mut before, "outage").checklists[0].tasks = tasks.collect();
    let world = settled(&before);
    let mut after = before.clone();
    let tasks = &mut state_of(&mut after, "outage").checklists[0].tasks;
    tasks.truncate(7);
    tasks[0].title = "Renamed".to_owned();
    let plan = planned(&world, &after, &Options::plain());
    assert_eq!(refusal(&plan), Reason::OverBudget);
    let (_, words) = plan.refusals().next().unwrap();
    insta::assert_snapshot!(format!("{words}\n{}", words.help.as_ref().unwrap()), @r"
    removes more than the budget allows: 3 of 10 tasks would be removed, and the budget of 20% allows 2
    allow it with `--at-most 3`
    ");
    let options = Options {
        at_most: Budget::Count(3),
        ..Options::plain()
    };
    assert_eq!(
        only_step(&planned(&world, &after, &options)).action,
        Action::Update
    );
}

#[test]
fn names_that_nobody_has_refuse_only_that_playbook() {
    let mut wanted = desired(&[("a", sample()), ("b", sample())]);
    let state = state_of(&mut wanted, "a");
    state.invite.insert("zoe".to_owned());
    state.broadcast.insert("~nowhere".to_owned());
    let world = World::new();
    let plan = planned(&world, &wanted, &Options::plain());
    let (step, words) = plan.refusals().next().unwrap();
    assert_eq!(step.address, address("a"));
    assert_eq!(
        words.problems,
        ["channel `~nowhere` of the team `ops`", "person `zoe`"]
    );
    synced(&world, &wanted, &Options::plain(), "aaaaaaa");
    assert_eq!(world.live(), 1);
}

#[test]
fn whoever_syncs_must_stay_an_editor_of_a_closed_playbook() {
    let mut wanted = one();
    state_of(&mut wanted, "outage").visibility = Visibility::Private;
    let members = state_of(&mut wanted, "outage").members.as_mut().unwrap();
    members.remove("warroom-bot");
    let world = World::new();
    assert_eq!(
        refusal(&planned(&world, &wanted, &Options::plain())),
        Reason::Lockout
    );
    let members = state_of(&mut wanted, "outage").members.as_mut().unwrap();
    members.insert("warroom-bot".to_owned(), Access::Edit);
    let plan = planned(&world, &wanted, &Options::plain());
    assert_eq!(only_step(&plan).action, Action::Create);
}

#[test]
fn a_secret_that_is_not_set_refuses_what_needs_it() {
    let options = Options {
        broken_secrets: BTreeMap::from([("WARROOM_SECRET_HOOK".to_owned(), "is not set")]),
        ..Options::plain()
    };
    let world = World::new();
    assert_eq!(
        refusal(&planned(&world, &one(), &options)),
        Reason::MissingSecret
    );
    // Nothing to write, nothing needed.
    let world = settled(&one());
    assert!(planned(&world, &one(), &options).is_empty());
}

#[test]
fn a_secret_with_another_value_is_written_and_settles() {
    let world = settled(&one());
    let with = |value: &'static str| {
        let observed = look(&world, &one(), &Options::plain());
        let secrets = Secrets::of(&one(), |_| Some(value));
        let options = Options {
            stale_secrets: secrets.stale(&one(), &observed),
            ..Options::plain()
        };
        let plan = plan(&one(), &observed, &Base::default(), &options);
        let applied = now(apply(&world, &plan, &one(), &observed, &secrets, None));
        assert_eq!(ExitStatus::from(&applied), ExitStatus::Done);
        plan
    };
    assert!(with("https://hooks.example.com/hunter2").is_empty());
    let plan = with("https://hooks.example.com/hunter3");
    assert_eq!(only_step(&plan).action, Action::Update);
    assert_eq!(only_step(&plan).fields[0].field, "start.webhooks");
    assert!(!format!("{plan:?}").contains("hunter"));
    assert!(with("https://hooks.example.com/hunter3").is_empty());
}

#[test]
fn strangers_are_refused_in_the_plan_of_a_creation_and_of_an_update() {
    let with = |change: fn(&mut PlaybookState)| {
        let mut wanted = one();
        change(state_of(&mut wanted, "outage"));
        wanted
    };
    let invited = with(|state| {
        state.invite.insert("eve".to_owned());
    });
    let commanding = with(|state| state.commander = Some("eve".to_owned()));
    for wanted in [invited, commanding] {
        for world in [World::new(), settled(&one())] {
            let plan = planned(&world, &wanted, &Options::plain());
            assert_eq!(refusal(&plan), Reason::NotOnTeam);
            let (_, words) = plan.refusals().next().unwrap();
            assert_eq!(words.problems, ["`eve` is not on the team `ops`"]);
            synced(&world, &wanted, &Options::plain(), "aaaaaaa");
            assert_eq!(world.writes(), Vec::<String>::new());
        }
    }
}

#[test]
fn what_the_server_drops_is_an_error_that_names_the_field_and_no_drift_afterwards() {
    let world = settled(&one());
    world.leaves("bob");
    let mut wanted = one();
    let state = state_of(&mut wanted, "outage");
    state.welcome = Some("Hello.".to_owned());
    let applied = synced(&world, &wanted, &Options::plain(), "bbbbbbb");
    let (_, error) = applied.failures().next().unwrap();
    assert_eq!(
        error.to_string(),
        "the server did not keep what was written: `start.invite`"
    );
    assert_eq!(ExitStatus::from(&applied), ExitStatus::PartlyApplied);
    // From then on the plan knows.
    let plan = planned(&world, &wanted, &Options::plain());
    assert_eq!(refusal(&plan), Reason::NotOnTeam);
    assert_eq!(only_step(&plan).fields[0].moved, Moved::Git);
}

#[test]
fn a_playbook_that_moved_after_the_plan_is_not_written() {
    let world = settled(&one());
    let mut wanted = one();
    state_of(&mut wanted, "outage").welcome = Some("Hello.".to_owned());
    let observed = look(&world, &wanted, &Options::plain());
    let plan = plan(&wanted, &observed, &Base::default(), &Options::plain());
    world.edit(&world.id_of("outage"), |p| {
        p.insert("category_name".to_owned(), json!("Elsewhere"));
    });
    let secrets = Secrets::of(&wanted, |_| Some("https://hooks.example.com"));
    let applied = now(apply(&world, &plan, &wanted, &observed, &secrets, None));
    assert!(matches!(
        applied.failures().next(),
        Some((_, ApplyError::Moved))
    ));
    assert_eq!(world.writes(), Vec::<String>::new());
    assert_eq!(ExitStatus::from(&applied), ExitStatus::StalePlan);
}

#[test]
fn unknown_keys_of_the_server_survive() {
    let world = settled(&one());
    let id = world.id_of("outage");
    world.edit(&id, |p| {
        p.insert("of_tomorrow".to_owned(), json!({"kept": [1, 2]}));
    });
    let mut wanted = one();
    state_of(&mut wanted, "outage").welcome = Some("Hello.".to_owned());
    synced(&world, &wanted, &Options::plain(), "bbbbbbb");
    assert_eq!(world.raw(&id).0["of_tomorrow"], json!({"kept": [1, 2]}));
    assert_eq!(world.raw(&id).0["message_on_join"], "Hello.");
}

#[test]
fn unmanaged_fields_are_left_alone_and_taken_back_without_looking_like_drift() {
    let world = settled(&one());
    let id = world.id_of("outage");
    let unmanaged = |fields: &[Unmanaged]| {
        let mut wanted = one();
        let playbook = wanted.playbooks.get_mut(&address("outage")).unwrap();
        playbook.unmanaged = fields.to_vec();
        let state = &mut playbook.wanted.as_mut().unwrap().state;
        *state = state.clone().without(fields);
        wanted
    };
    let free = unmanaged(&[Unmanaged::Members]);
    synced(&world, &free, &Options::plain(), "bbbbbbb");
    world.edit(&id, |p| {
        let members = p["members"].as_array_mut().unwrap();
        members.push(json!({"user_id": "dave-id", "roles": ["playbook_member"]}));
    });
    assert!(planned(&world, &free, &Options::plain()).is_empty());
    let plan = planned(&world, &unmanaged(&[]), &Options::plain());
    assert_eq!(only_step(&plan).action, Action::Update);
    assert_eq!(only_step(&plan).fields[0].field, "members");
}

#[test]
fn a_creation_that_was_cut_short_is_finished_and_not_repeated() {
    let world = World::new();
    world.kill_at(0, Fault::After);
    let applied = synced(&world, &one(), &Options::plain(), "aaaaaaa");
    assert_eq!(applied.done(), 0);
    world.revive();
    assert_eq!(world.live(), 1);
    let plan = planned(&world, &one(), &Options::plain());
    assert_eq!(only_step(&plan).action, Action::Complete);
    synced(&world, &one(), &Options::plain(), "aaaaaaa");
    assert_eq!(world.live(), 1);
    assert!(planned(&world, &one(), &Options::plain()).is_empty());
}

fn platform(desired: &Desired) -> Desired {
    let moved = desired.playbooks.iter().map(|(address, playbook)| {
        let address = Address {
            team: "platform".parse().unwrap(),
            ..address.clone()
        };
        (address, playbook.clone())
    });
    Desired {
        playbooks: moved.collect(),
        ..desired.clone()
    }
}

fn overwriting() -> Options {
    Options {
        on_drift: OnDrift::Overwrite,
        ..Options::plain()
    }
}

/// Changes the description as somebody in the web app would.
fn describe(world: &World, id: &str, change: impl FnOnce(&str) -> String) {
    world.edit(id, |p| {
        let description = change(p["description"].as_str().unwrap());
        p.insert("description".to_owned(), json!(description));
    });
}

#[test]
fn a_witness_that_was_lost_is_made_good_and_then_nothing_is_written() {
    let world = World::new();
    world.kill_at(2, Fault::Before);
    synced(&world, &one(), &Options::plain(), "aaaaaaa");
    world.revive();
    assert_eq!(world.writes().len(), 2);
    let plan = planned(&world, &one(), &Options::plain());
    assert_eq!(only_step(&plan).action, Action::Remember);
    assert_eq!(ExitStatus::from(&plan), ExitStatus::Findings);
    let applied = synced(&world, &one(), &Options::plain(), "aaaaaaa");
    assert_eq!(ExitStatus::from(&applied), ExitStatus::Done);
    assert_eq!(world.writes(), ["remember"]);
    assert!(planned(&world, &one(), &Options::plain()).is_empty());
    synced(&world, &one(), &Options::plain(), "aaaaaaa");
    assert_eq!(world.writes(), Vec::<String>::new());
}

#[test]
fn only_the_account_that_syncs_is_to_remember() {
    let world = settled(&one());
    world.forget_witnesses();
    let mut wanted = one();
    wanted.account = Some("carol".parse().unwrap());
    let plan = planned(&world, &wanted, &Options::plain());
    assert_eq!(only_step(&plan).action, Action::Unchanged);
}

#[test]
fn a_playbook_of_another_team_is_archived_only_after_its_successor_stands() {
    let world = settled(&one());
    let moved = platform(&one());
    let note = planned(&world, &moved, &Options::plain()).notes.remove(0);
    assert!(note.text.contains("does not name this team"), "{note:?}");
    let applied = synced(&world, &moved, &pruning(Budget::Percent(100)), "bbbbbbb");
    assert_eq!(ExitStatus::from(&applied), ExitStatus::Done, "{applied:?}");
    let writes = world.writes();
    assert!(
        writes[0] == "create" && writes[3].starts_with("archive"),
        "{writes:?}"
    );
    assert_eq!(world.live(), 1);

    // A successor that fails keeps it alive.
    let world = settled(&one());
    world.rival();
    let applied = synced(&world, &moved, &pruning(Budget::Percent(100)), "bbbbbbb");
    let errors: Vec<&ApplyError> = applied.failures().map(|(_, error)| error).collect();
    assert!(matches!(
        errors[..],
        [ApplyError::Second { .. }, ApplyError::Withheld]
    ));
    assert_eq!(ExitStatus::from(&applied), ExitStatus::PartlyApplied);
    assert!(
        world
            .writes()
            .iter()
            .all(|write| !write.starts_with("archive"))
    );
}

#[test]
fn a_playbook_whose_successor_is_refused_is_not_archived() {
    let world = settled(&one());
    let mut typo = platform(&one());
    let (mut address, playbook) = typo.playbooks.pop_first().unwrap();
    address.team = "mars".parse().unwrap();
    typo.playbooks.insert(address, playbook);
    let plan = planned(&world, &typo, &pruning(Budget::Percent(100)));
    assert_eq!(plan.count("archive"), 0);
    let reasons: Vec<Reason> = plan.refusals().map(|(_, r)| r.reason).collect();
    assert_eq!(reasons, [Reason::UnknownName, Reason::Successor]);
    synced(&world, &typo, &pruning(Budget::Percent(100)), "bbbbbbb");
    assert_eq!(world.writes(), Vec::<String>::new());
}

#[test]
fn a_move_to_another_team_in_the_web_app_is_drift_and_archives_nothing() {
    let world = settled(&one());
    let id = world.id_of("outage");
    world.edit(&id, |p| {
        p.insert("team_id".to_owned(), json!("platform-id"));
    });
    for options in [
        Options::plain(),
        pruning(Budget::Percent(100)),
        overwriting(),
    ] {
        let plan = planned(&world, &one(), &options);
        assert_eq!(refusal(&plan), Reason::Drift);
        assert!(plan.notes.is_empty(), "{:?}", plan.notes);
        let (step, words) = plan.refusals().next().unwrap();
        assert_eq!(
            words.problems,
            [format!("somebody moved it (`{id}`) to the team `platform`")]
        );
        assert_eq!(step.fields[0].field, "team");
    }
    // Git may follow.
    synced(&world, &platform(&one()), &Options::plain(), "bbbbbbb");
    let plan = planned(&world, &platform(&one()), &Options::plain());
    assert!(
        !plan.steps.iter().any(|step| step.action == Action::Create),
        "{plan:?}"
    );
    assert_eq!(world.live(), 1);
}

#[test]
fn a_marker_that_lost_only_its_id_is_drift_and_no_creation_that_was_cut_short() {
    let world = settled(&one());
    let id = world.id_of("outage");
    describe(&world, &id, |text| text.replace(&format!("id={id}&"), ""));
    assert_eq!(
        refusal(&planned(&world, &one(), &Options::plain())),
        Reason::Drift
    );
    world.edit(&id, |p| {
        p.insert("message_on_join".to_owned(), json!("Hi."));
    });
    let plan = planned(&world, &one(), &Options::plain());
    assert_eq!(refusal(&plan), Reason::Drift);
    let fields: Vec<&str> = only_step(&plan)
        .fields
        .iter()
        .map(|c| c.field.as_str())
        .collect();
    assert_eq!(fields, ["start.welcome", "marker"]);
    let plan = planned(&world, &one(), &overwriting());
    assert!(only_step(&plan).overwrites());
    synced(&world, &one(), &overwriting(), "bbbbbbb");
    assert!(planned(&world, &one(), &Options::plain()).is_empty());
}

#[test]
fn a_marker_that_lost_id_and_digest_is_no_cut_short_creation_where_it_was_remembered() {
    let world = settled(&one());
    let id = world.id_of("outage");
    describe(&world, &id, |text| {
        let (before, _) = text.split_once("?id=").unwrap();
        format!("{before}?commit=none")
    });
    assert_eq!(
        refusal(&planned(&world, &one(), &Options::plain())),
        Reason::Drift
    );
}

#[test]
fn a_marker_without_digest_cannot_tell_who_moved_and_overwrites_nothing() {
    let world = settled(&one());
    let id = world.id_of("outage");
    describe(&world, &id, |text| {
        text.split_once("&digest=").unwrap().0.to_owned()
    });
    // Where both sides agree it is only renewed.
    let plan = planned(&world, &one(), &Options::plain());
    let step = only_step(&plan);
    assert_eq!((&step.action, step.overwrites()), (&Action::Update, false));
    world.edit(&id, |p| {
        p.insert("message_on_join".to_owned(), json!("Hi."));
    });
    let plan = planned(&world, &one(), &Options::plain());
    assert_eq!(refusal(&plan), Reason::Drift);
    assert_eq!(
        plan.notes[0].text,
        "its marker has no digest: who moved cannot be told"
    );
    let (step, words) = plan.refusals().next().unwrap();
    assert_eq!(
        words.problems,
        ["its marker has no digest: who changed start.welcome cannot be told"]
    );
    assert_eq!(step.fields[0].moved, Moved::Unclear);
    assert!(only_step(&planned(&world, &one(), &overwriting())).overwrites());
    synced(&world, &one(), &overwriting(), "bbbbbbb");
    let plan = planned(&world, &one(), &Options::plain());
    assert!(plan.is_empty() && plan.notes.is_empty());
}

fn with_prefixes(pairs: &[(&str, &str)]) -> Desired {
    let states: Vec<(&str, PlaybookState)> =
        pairs.iter().map(|(key, _)| (*key, sample())).collect();
    let mut wanted = desired(&states);
    for (key, prefix) in pairs {
        state_of(&mut wanted, key).number_prefix = Some((*prefix).to_owned());
    }
    wanted
}

fn prefix_problems(plan: &Plan) -> Vec<String> {
    let refusals = plan
        .refusals()
        .filter(|(_, r)| r.reason == Reason::PrefixTaken);
    refusals
        .map(|(step, r)| format!("{}: {}", step.address.key, r.problems.join("; ")))
        .collect()
}

#[test]
fn two_playbooks_with_one_number_prefix_are_refused_naming_both() {
    let world = World::new();
    let wanted = with_prefixes(&[("a", "OUT"), ("b", "out"), ("c", "C")]);
    let plan = planned(&world, &wanted, &Options::plain());
    assert_eq!(
        prefix_problems(&plan),
        [
            "a: `start.number_prefix` `OUT` is also the one of `b` in `playbooks/x.yaml`",
            "b: `start.number_prefix` `out` is also the one of `a` in `playbooks/x.yaml`",
        ]
    );
    assert_eq!(plan.count("create"), 1);
}

#[test]
fn a_number_prefix_that_another_playbook_still_has_is_refused_with_words_how() {
    let world = settled(&with_prefixes(&[("a", "X"), ("b", "Y")]));
    let swapped = with_prefixes(&[("a", "Y"), ("b", "X")]);
    let plan = planned(&world, &swapped, &Options::plain());
    assert_eq!(
        prefix_problems(&plan),
        [
            "a: `start.number_prefix` `Y` still belongs to `b` in Mattermost",
            "b: `start.number_prefix` `X` still belongs to `a` in Mattermost",
        ]
    );
    let (_, words) = plan.refusals().next().unwrap();
    assert!(words.help.as_ref().unwrap().contains("a third one first"));
    // A third prefix resolves it.
    for step in [
        [("a", "Z"), ("b", "Y")],
        [("a", "Z"), ("b", "X")],
        [("a", "Y"), ("b", "X")],
    ] {
        let wanted = with_prefixes(&step);
        synced(&world, &wanted, &Options::plain(), "bbbbbbb");
        assert!(planned(&world, &wanted, &Options::plain()).is_empty());
    }
    // One that is not managed has it.
    let copy = world.duplicate(&world.id_of("a"));
    world.edit(&copy, |p| {
        p.insert("run_number_prefix".to_owned(), json!("Q"));
    });
    let wanted = with_prefixes(&[("a", "q"), ("b", "X")]);
    let problems = prefix_problems(&planned(&world, &wanted, &Options::plain()));
    assert!(problems[0].contains("which is not managed"), "{problems:?}");
}

#[test]
fn a_playbook_that_leaves_frees_its_number_prefix_before_another_takes_it() {
    let world = settled(&with_prefixes(&[("a", "X"), ("b", "Y")]));
    let renamed = with_prefixes(&[("b", "Y"), ("c", "X")]);
    let plan = planned(&world, &renamed, &Options::plain());
    assert!(prefix_problems(&plan)[0].contains("still belongs to `a`, which git has no more"));
    let applied = synced(&world, &renamed, &pruning(Budget::Percent(50)), "bbbbbbb");
    assert_eq!(ExitStatus::from(&applied), ExitStatus::Done, "{applied:?}");
    let writes = world.writes();
    assert!(
        writes[0].starts_with("archive") && writes[1] == "create",
        "{writes:?}"
    );
}

#[test]
fn of_two_syncs_at_once_the_later_says_what_to_archive() {
    let world = World::new();
    world.rival();
    let applied = synced(&world, &one(), &Options::plain(), "aaaaaaa");
    let (outcome, error) = applied.failures().next().unwrap();
    let ApplyError::Second { older, second } = error else {
        panic!("{error}");
    };
    assert_ne!(older, second);
    assert!(
        error
            .help()
            .contains(&format!("archive the younger one, `{second}`"))
    );
    assert_eq!(outcome.id.as_ref(), Some(second));
    assert_eq!(ExitStatus::from(&applied), ExitStatus::PartlyApplied);
    // The next plan leaves the younger one alone, and says so.
    let observed = look(&world, &one(), &Options::plain());
    assert_eq!(observed.ours[&address("outage")].raw.id(), older);
    assert_eq!(observed.strays[0].entry.id, *second);
}

#[test]
fn an_archived_channel_is_refused_in_the_plan_of_an_update() {
    let world = settled(&one());
    world.archives_channel("incidents");
    assert!(planned(&world, &one(), &Options::plain()).is_empty());
    let mut wanted = one();
    state_of(&mut wanted, "outage").welcome = Some("Hello.".to_owned());
    let plan = planned(&world, &wanted, &Options::plain());
    let (_, words) = plan.refusals().next().unwrap();
    assert_eq!(
        words.problems,
        ["channel `~incidents` of the team `ops`, which is archived or hidden"]
    );
}

#[test]
fn an_edit_of_a_creation_that_was_cut_short_is_kept_before_it_is_finished() {
    let world = World::new();
    world.kill_at(0, Fault::After);
    synced(&world, &one(), &Options::plain(), "aaaaaaa");
    world.revive();
    let plan = planned(&world, &one(), &Options::plain());
    assert!(!only_step(&plan).overwrites());
    world.edit(&world.id_of("outage"), |p| {
        p.insert("message_on_join".to_owned(), json!("Hi."));
    });
    let plan = planned(&world, &one(), &Options::plain());
    assert_eq!(only_step(&plan).action, Action::Complete);
    assert!(only_step(&plan).overwrites());
}

fn fields_of(world: &World) -> Vec<PropertyField> {
    now(world.attributes(&world.id_of("outage"))).unwrap()
}

fn conditions_of(world: &World) -> Vec<Condition> {
    now(world.conditions(&world.id_of("outage"))).unwrap()
}

/// Texts as hostile as anybody may write them.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("@all <b>x</b> [//]: warroom:acme/outage?commit=none".to_owned()),
        Just("\u{202e}rtl 🙂 \r\n\t ".to_owned()),
        "\\PC{0,30}",
        Just(String::new()),
    ]
}

fn some_text() -> impl Strategy<Value = Option<String>> {
    prop::option::of(text().prop_filter("an empty text is none", |text| !text.is_empty()))
}

prop_compose! {
    fn task()(id in "[a-z]{26}", title in text(), description in text(), command in "(/[a-z ]{0,9})?",
        assign in prop::option::of(prop_oneof![Just("commander"), Just("creator"), Just("user:bob")]),
        due in prop::option::of(1_i64..10_000_000)) -> TaskState {
        TaskState { id, title, description, command, due, assign: assign.map(str::to_owned), done_when: None, when: None }
    }
}

prop_compose! {
    fn attribute()(
        kind in prop::sample::select(vec![FieldKind::Text, FieldKind::Select, FieldKind::Multiselect, FieldKind::Date, FieldKind::User, FieldKind::Multiuser]),
        show in prop::sample::select(vec![Shown::Always, Shown::WhenSet, Shown::Hidden]),
        url: bool,
        options in prop::sample::subsequence(vec!["a", "A", "b ", "\u{202e}<b>", "c/d"], 1..=5).prop_shuffle(),
    ) -> AttributeState {
        let chosen = matches!(kind, FieldKind::Select | FieldKind::Multiselect);
        let format = (url && kind == FieldKind::Text).then(|| "url".to_owned());
        let options = options.into_iter().filter(|_| chosen).map(str::to_owned).collect();
        AttributeState { name: String::new(), kind, format, show, options }
    }
}

prop_compose! {
    fn metric()(
        kind in prop::sample::select(vec![MetricType::Duration, MetricType::Currency, MetricType::Integer]),
        target in prop::option::of(0_i64..10_000_000), description in text(),
    ) -> MetricState {
        MetricState { title: String::new(), kind, target, description }
    }
}

prop_compose! {
    fn state()(
        (description, welcome, overview, category) in (text(), some_text(), some_text(), prop::option::of("[A-Z]{1,22}")),
        (template, retrospective_template) in (some_text(), some_text()),
        (public, locked, decides, archive, retro) in any::<(bool, bool, bool, bool, bool)>(),
        every in prop::option::of(1_i64..100_000),
        remind in prop::option::of(1_i64..100_000),
        channels in prop::collection::btree_set("~[a-z]{3}", 0..3),
        link in prop::option::of(Just("~linked".to_owned())),
        invite in prop::sample::subsequence(vec!["alice", "carol", "dave"], 0..=3),
        hooks in 0_usize..3,
        tasks in prop::collection::vec(prop::collection::vec(task(), 0..4), 0..3),
        names in prop::sample::subsequence(vec!["Service", "service", "Severity", "Due on", "Who"], 0..=5).prop_shuffle(),
        attributes in prop::collection::vec(attribute(), 5),
        seeds in prop::collection::vec(any::<u32>(), 16),
        (titles, metrics) in (
            prop::sample::subsequence(vec!["Cost", "cost", "Time \u{202e}", "N"], 0..=4).prop_shuffle(),
            prop::collection::vec(metric(), 4),
        ),
    ) -> PlaybookState {
        let mut state = sample();
        state.attributes = names.into_iter().zip(attributes).map(|(name, attribute)| AttributeState {
            name: name.to_owned(), ..attribute
        }).collect();
        state.description = description.trim_end().to_owned();
        state.visibility = if public { Visibility::Public } else { Visibility::Private };
        state.members.as_mut().unwrap().insert("warroom-bot".to_owned(), Access::Edit);
        (state.only_editors_edit, state.commander_decides, state.archive_when_ended) = (locked, decides, archive);
        (state.welcome, state.overview, state.category, state.channel_link) = (welcome, overview, category, link);
        state.updates_template = template.filter(|_| every.is_some());
        state.updates_every = every;
        state.broadcast = channels;
        state.invite = invite.into_iter().chain(["bob"]).map(str::to_owned).collect();
        (state.start_webhooks, state.update_webhooks) = (Some(hooks), Some(hooks / 2));
        state.retrospective = retro;
        state.retrospective_template = retrospective_template.filter(|_| retro);
        state.retrospective_every = remind.filter(|_| retro);
        state.checklists = tasks.into_iter().enumerate().map(|(n, tasks)| ChecklistState {
            id: format!("list{n}"), title: format!("List {n}"), tasks,
        }).collect();
        state.metrics = titles.into_iter().zip(metrics).map(|(title, metric)| MetricState {
            title: title.to_owned(), ..metric
        }).collect();
        if locked {
            state.invite.insert("group:sre".to_owned());
        }
        (state.remove_leavers, state.always_new) = (decides, archive && state.channel_link.is_none());
        refer(&mut state, &seeds);
        state
    }
}

/// Lets templates of names and tasks refer to the attributes there are.
fn refer(state: &mut PlaybookState, seeds: &[u32]) {
    let attributes = state.attributes.clone();
    let pick = |seed: u32| match attributes.len() {
        0 => None,
        count => attributes.get(seed as usize % count),
    };
    let comparison = |seed: u32| {
        let attribute = pick(seed)?;
        let number = (seed / 8) as usize;
        let values = match attribute.kind {
            FieldKind::Text => ValuesState::Text(["", "x", "\u{202e} y"][number % 3].to_owned()),
            FieldKind::Select | FieldKind::Multiselect => {
                let count = 1 + number % attribute.options.len();
                ValuesState::Options(attribute.options.iter().take(count).cloned().collect())
            }
            _ => return None,
        };
        let attribute = attribute.name.clone();
        let negated = seed.is_multiple_of(3);
        Some(ComparisonState {
            attribute,
            negated,
            values,
        })
    };
    // Of two that differ only in case nobody knows which one is meant.
    let named = pick(seeds[0]).filter(|a| !a.name.eq_ignore_ascii_case("service"));
    if let (Some(attribute), true) = (named, seeds[0] % 5 < 3) {
        state.channel_name = Some(format!("{{SEQ}} {{ {} }}", attribute.name.to_uppercase()));
    }
    let tasks = state.checklists.iter_mut().flat_map(|c| &mut c.tasks);
    for (task, seeds) in tasks.zip(seeds[1..].windows(3)) {
        let parts = seeds.iter().take(seeds[0] as usize % 3);
        let parts: Vec<ComparisonState> = parts.filter_map(|seed| comparison(*seed)).collect();
        if !parts.is_empty() {
            task.when = Some(WhenState::joined(parts, seeds[2].is_multiple_of(2)));
        }
        let person = pick(seeds[1]).filter(|a| a.kind == FieldKind::User);
        if let Some(attribute) = person {
            task.assign = Some(format!("attribute:{}", attribute.name));
        }
    }
}

/// How many cases a law of convergence tries: `just convergence` asks for more.
fn cases(usual: u32) -> u32 {
    let asked = std::env::var("WARROOM_CASES").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(usual)
}

fn anything() -> Options {
    Options {
        at_most: Budget::Percent(100),
        ..Options::plain()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases(128)))]

    #[test]
    fn applying_then_planning_is_empty(first in state(), second in state()) {
        let world = World::new();
        for (n, state) in [first, second].into_iter().enumerate() {
            let wanted = desired(&[("outage", state)]);
            let applied = synced(&world, &wanted, &anything(), &format!("aaaaaa{n}"));
            prop_assert_eq!(ExitStatus::from(&applied), ExitStatus::Done);
            let again = planned(&world, &wanted, &anything());
            prop_assert!(again.is_empty(), "{:?}", again);
        }
        prop_assert_eq!(world.live(), 1);
        let fields = fields_of(&world);
        prop_assert!(fields.windows(2).all(|pair| pair[0].attrs.sort_order < pair[1].attrs.sort_order));
    }

    #[test]
    fn applying_twice_is_applying_once(state in state()) {
        let world = World::new();
        let wanted = desired(&[("outage", state)]);
        synced(&world, &wanted, &anything(), "aaaaaaa");
        let once = (world.raw(&world.id_of("outage")), fields_of(&world));
        world.writes();
        synced(&world, &wanted, &anything(), "bbbbbbb");
        prop_assert_eq!(world.writes(), Vec::<String>::new());
        prop_assert_eq!((world.raw(&world.id_of("outage")), fields_of(&world)), once);
        let state = &wanted.playbooks[&address("outage")].wanted.as_ref().unwrap().state;
        prop_assert_eq!(conditions_of(&world).len(), state.conditions());
    }

    #[test]
    fn the_same_input_gives_the_same_plan(before in state(), after in state()) {
        let world = World::new();
        synced(&world, &desired(&[("outage", before)]), &anything(), "aaaaaaa");
        let wanted = desired(&[("outage", after)]);
        prop_assert_eq!(planned(&world, &wanted, &anything()), planned(&world, &wanted, &anything()));
    }

    /// Wherever a sync is killed, the next one brings everything to the same end, and no playbook twice.
    #[test]
    fn killing_a_sync_anywhere_converges(
        first in state(), second in state(), nth in 0_usize..60, after: bool,
    ) {
        let world = World::new();
        synced(&world, &desired(&[("a", first.clone())]), &anything(), "aaaaaaa");
        world.kill_at(nth, if after { Fault::After } else { Fault::Before });
        let wanted = desired(&[("a", second.clone()), ("b", first), ("c", second)]);
        synced(&world, &wanted, &anything(), "bbbbbbb");
        world.revive();
        let applied = synced(&world, &wanted, &anything(), "bbbbbbb");
        prop_assert_eq!(ExitStatus::from(&applied), ExitStatus::Done, "{:?}", applied);
        prop_assert!(planned(&world, &wanted, &anything()).is_empty());
        prop_assert_eq!(world.live(), 3);
    }

    #[test]
    fn no_secret_leaves(state in state()) {
        let world = World::new();
        let mut state = state;
        state.start_webhooks = Some(2);
        let wanted = desired(&[("outage", state)]);
        let observed = look(&world, &wanted, &anything());
        let plan = plan(&wanted, &observed, &Base::default(), &anything());
        let secrets = Secrets::of(&wanted, |_| Some("https://hooks.example.com/hunter2"));
        let applied = now(apply(&world, &plan, &wanted, &observed, &secrets, None));
        let raw = world.raw(&world.id_of("outage"));
        prop_assert!(Value::Object(raw.0).to_string().contains("hunter2"));
        let found = look(&world, &wanted, &anything());
        let again = super::plan(&desired(&[]), &found, &Base::default(), &anything());
        let shown = format!("{plan:?}{applied:?}{secrets:?}{again:?}{:?}", found.ours[&address("outage")].state);
        prop_assert!(!shown.contains("hunter2"));
    }
}
