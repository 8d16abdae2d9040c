//! Conditions: what is written, in which order, and what is somebody's edit.

use super::*;
use crate::mattermost::playbooks::Expression;
use crate::model::Feature;
use crate::sync::canonical::tests::attributes;
use crate::sync::site::Writing;
use crate::sync::wire::expression_of;

fn is(attribute: &str, options: &[&str]) -> ComparisonState {
    ComparisonState {
        attribute: attribute.to_owned(),
        negated: false,
        values: ValuesState::Options(options.iter().map(|o| (*o).to_owned()).collect()),
    }
}

#[allow(clippy::unnecessary_wraps)] // the sample takes an option
fn when(attribute: &str, options: &[&str]) -> Option<WhenState> {
    Some(WhenState::joined([is(attribute, options)], true))
}

/// The sample with attributes and these conditions of its two tasks.
fn with(confirm: Option<WhenState>, page: Option<WhenState>) -> PlaybookState {
    let mut state = sample();
    state.attributes = attributes();
    let tasks = &mut state.checklists[0].tasks;
    (tasks[0].when, tasks[1].when) = (confirm, page);
    state
}

fn asking(confirm: Option<WhenState>, page: Option<WhenState>) -> Desired {
    desired(&[("outage", with(confirm, page))])
}

/// The conditions that the tasks use.
fn used(world: &World) -> Vec<String> {
    let raw = world.raw(&world.id_of("outage"));
    let items = raw.0["checklists"][0]["items"].as_array().unwrap();
    let id = |item: &Value| item["condition_id"].as_str().unwrap_or_default().to_owned();
    items.iter().map(id).collect()
}

/// Somebody makes a condition in the web app.
fn made(world: &World, asked: &WhenState) -> Condition {
    let expression = expression_of(asked, &fields_of(world)).unwrap();
    let id = world.id_of("outage");
    let condition = now(world.create_condition(&id, &expression)).unwrap();
    world.writes();
    condition
}

fn synced_to(world: &World, wanted: &Desired, options: &Options) -> Vec<String> {
    let applied = synced(world, wanted, options, "bbbbbbb");
    assert_eq!(ExitStatus::from(&applied), ExitStatus::Done, "{applied:?}");
    assert!(planned(world, wanted, &Options::plain()).is_empty());
    world.writes()
}

#[test]
fn equal_conditions_are_made_once_after_the_attributes() {
    let checkout = || when("Service", &["checkout"]);
    let world = World::new();
    let wanted = asking(checkout(), checkout());
    let writes = synced_to(&world, &wanted, &Options::plain());
    let id = world.id_of("outage");
    assert_eq!(
        writes,
        [
            "create".to_owned(),
            "create attribute Service".to_owned(),
            "create attribute Ticket".to_owned(),
            "create condition".to_owned(),
            format!("replace {id}"),
            "remember".to_owned()
        ]
    );
    let conditions = conditions_of(&world);
    let first = conditions[0].id.to_string();
    assert_eq!(
        (conditions.len(), used(&world)),
        (1, vec![first.clone(), first])
    );
}

#[test]
fn what_a_playbook_refers_to_comes_before_it_and_leaves_after_it() {
    let mut first = with(when("Service", &["checkout"]), None);
    first.channel_name = Some("{SEQ}-{service}".to_owned());
    let world = settled(&desired(&[("outage", first.clone())]));
    let id = world.id_of("outage");
    let old = conditions_of(&world)[0].id.clone();
    let field = fields_of(&world)[0].id.clone();
    // Another attribute takes the place of the first, in all three places.
    let mut second = with(None, when("Vendor", &["a"]));
    second.attributes[0] = AttributeState {
        name: "Vendor".to_owned(),
        options: vec!["a".to_owned()],
        ..second.attributes[0].clone()
    };
    second.channel_name = Some("{Vendor}".to_owned());
    let second = desired(&[("outage", second)]);
    let writes = synced_to(&world, &second, &anything());
    assert_eq!(
        writes,
        [
            format!("replace {id}"),
            format!("delete condition {old}"),
            format!("delete attribute {field}"),
            "create attribute Vendor".to_owned(),
            "create condition".to_owned(),
            format!("replace {id}"),
        ]
    );
    assert_eq!(world.raw(&id).0["channel_name_template"], "{Vendor}");
    // And away from all of it.
    synced_to(&world, &one(), &anything());
    assert_eq!(
        (fields_of(&world).len(), conditions_of(&world).len()),
        (0, 0)
    );
    assert_eq!(used(&world), ["", ""]);
}

#[test]
fn what_stays_is_named_all_the_while() {
    let mut first = with(when("Service", &["checkout"]), None);
    first.channel_name = Some("{Service}".to_owned());
    let world = settled(&desired(&[("outage", first.clone())]));
    let mut second = first;
    second.checklists[0].tasks[1].when = when("Service", &["search"]);
    second.attributes.push(AttributeState {
        name: "Vendor".to_owned(),
        ..second.attributes[1].clone()
    });
    second.channel_name = Some("{Service} {Vendor}".to_owned());
    let id = world.id_of("outage");
    world.kill_at(1, Fault::Before);
    let second = desired(&[("outage", second)]);
    synced(&world, &second, &Options::plain(), "bbbbbbb");
    world.revive();
    assert_eq!(world.raw(&id).0["channel_name_template"], "{Service}");
    let first = conditions_of(&world)[0].id.to_string();
    assert_eq!(used(&world), [first.clone(), String::new()]);
    let plan = planned(&world, &second, &Options::plain());
    assert_eq!(only_step(&plan).action, Action::Update);
    synced_to(&world, &second, &Options::plain());
    assert_eq!(used(&world)[0], first);
}

#[test]
fn a_condition_keeps_its_id_when_an_option_gets_another_name() {
    let world = settled(&asking(when("Service", &["checkout"]), None));
    let before = conditions_of(&world);
    let mut state = with(when("Service", &["Check-out"]), None);
    state.attributes[0].options[0] = "Check-out".to_owned();
    let mut wanted = desired(&[("outage", state)]);
    let playbook = wanted.playbooks.get_mut(&address("outage")).unwrap();
    let option = fields_of(&world)[0].attrs.options[0].id.to_string();
    let named = ("Service".to_owned(), "Check-out".to_owned());
    playbook
        .wanted
        .as_mut()
        .unwrap()
        .option_ids
        .insert(named, option);
    let writes = synced_to(&world, &wanted, &Options::plain());
    assert!(
        !writes.iter().any(|write| write.contains("condition")),
        "{writes:?}"
    );
    assert_eq!(conditions_of(&world), before);
}

#[test]
fn a_kind_or_an_option_that_a_condition_needs_changes_all_the_same() {
    let world = settled(&asking(
        when("Service", &["checkout"]),
        when("Service", &["search"]),
    ));
    let mut state = with(None, when("Service", &["search"]));
    state.attributes[0].options = vec!["search".to_owned()];
    let kept = conditions_of(&world)[1].clone();
    synced_to(&world, &desired(&[("outage", state.clone())]), &anything());
    assert_eq!(conditions_of(&world), [kept]);
    state.attributes[0].kind = FieldKind::Multiselect;
    synced_to(&world, &desired(&[("outage", state)]), &anything());
    assert_eq!(conditions_of(&world).len(), 1);
}

#[test]
fn a_condition_that_no_task_needs_is_drift_and_counts_against_the_budget() {
    let checkout = || when("Service", &["checkout"]);
    let wanted = asking(checkout(), checkout());
    let world = settled(&wanted);
    made(&world, &when("Service", &["search"]).unwrap());
    let plan = planned(&world, &wanted, &Options::plain());
    assert_eq!(refusal(&plan), Reason::Drift);
    assert_eq!(
        only_step(&plan).fields[0].field,
        "conditions without a task"
    );
    assert!(only_step(&planned(&world, &wanted, &overwriting())).overwrites());
    // A second one is more than the budget allows.
    made(&world, &checkout().unwrap());
    let plan = planned(&world, &wanted, &overwriting());
    let (_, words) = plan.refusals().next().unwrap();
    assert_eq!(
        words.problems,
        ["2 of 3 conditions would be removed, and the budget of 20% allows 1"]
    );
    let options = Options {
        on_drift: OnDrift::Overwrite,
        ..anything()
    };
    synced_to(&world, &wanted, &options);
    assert_eq!(conditions_of(&world).len(), 1);
}

#[test]
fn an_edit_of_a_condition_in_mattermost_is_drift() {
    let wanted = asking(when("Service", &["checkout"]), None);
    let world = settled(&wanted);
    let id = world.id_of("outage");
    let mut condition = conditions_of(&world).remove(0);
    condition.expression =
        expression_of(&when("Service", &["search"]).unwrap(), &fields_of(&world)).unwrap();
    now(world.replace_condition(&id, &condition)).unwrap();
    let plan = planned(&world, &wanted, &Options::plain());
    assert_eq!(refusal(&plan), Reason::Drift);
    assert_eq!(only_step(&plan).fields[0].field, "checklists");
    synced_to(&world, &wanted, &overwriting());

    // One that was deleted leaves its id behind, and asks nothing.
    let condition = conditions_of(&world).remove(0);
    now(world.delete_condition(&id, &condition.id)).unwrap();
    assert_eq!(
        refusal(&planned(&world, &wanted, &Options::plain())),
        Reason::Drift
    );
    let state = &look(&world, &wanted, &Options::plain()).ours[&address("outage")].state;
    assert_eq!(state.checklists[0].tasks[0].when, None);
    synced_to(&world, &wanted, &overwriting());
}

#[test]
fn what_asks_the_same_in_other_words_stays_as_it_is() {
    let wanted = asking(when("Service", &["checkout", "search"]), None);
    let world = settled(&wanted);
    let mut condition = conditions_of(&world).remove(0);
    let part = |option: &str| {
        let one = when("Service", &[option]).unwrap();
        expression_of(&one, &fields_of(&world)).unwrap()
    };
    condition.expression = Expression::Or(vec![part("search"), part("checkout")]);
    now(world.replace_condition(&world.id_of("outage"), &condition)).unwrap();
    world.writes();
    assert!(planned(&world, &wanted, &Options::plain()).is_empty());
}

#[test]
fn a_condition_that_moved_after_the_plan_is_not_written() {
    let world = settled(&asking(when("Service", &["checkout"]), None));
    let wanted = asking(None, when("Service", &["search"]));
    let observed = look(&world, &wanted, &Options::plain());
    let plan = plan(&wanted, &observed, &Base::default(), &Options::plain());
    made(&world, &when("Service", &["search"]).unwrap());
    let secrets = Secrets::of(&wanted, |_| Some("https://hooks.example.com"));
    let applied = now(apply(&world, &plan, &wanted, &observed, &secrets, None));
    let failure = applied.failures().next();
    assert!(matches!(failure, Some((_, ApplyError::Moved))));
    assert_eq!(world.writes(), Vec::<String>::new());
}

#[test]
fn the_person_in_an_attribute_gets_the_task() {
    let mut state = with(None, None);
    state.attributes.push(AttributeState {
        name: "Vendor contact".to_owned(),
        kind: FieldKind::User,
        format: None,
        ..state.attributes[1].clone()
    });
    state.checklists[0].tasks[0].assign = Some("attribute:Vendor contact".to_owned());
    let wanted = desired(&[("outage", state)]);
    let world = settled(&wanted);
    assert!(planned(&world, &wanted, &Options::plain()).is_empty());
    let id = world.id_of("outage");
    let item = &world.raw(&id).0["checklists"][0]["items"][0];
    assert_eq!(item["assignee_type"], "property_user");
    assert_eq!(
        item["assignee_property_field_id"],
        fields_of(&world)[2].id.as_str()
    );
    // Its attribute goes, and the task with it.
    synced_to(&world, &asking(None, None), &anything());
    let item = &world.raw(&id).0["checklists"][0]["items"][0];
    assert_eq!(item["assignee_property_field_id"], "");
}

#[test]
fn what_an_older_plugin_would_drop_is_refused_before_anything_is_written() {
    let world = settled(&one());
    world.is_old();
    let mut wanted = one();
    state_of(&mut wanted, "outage").commander_decides = true;
    let playbook = wanted.playbooks.get_mut(&address("outage")).unwrap();
    let features = vec![Feature::CommanderDecides, Feature::Attributes];
    playbook.wanted.as_mut().unwrap().features = features;
    let plan = planned(&world, &wanted, &Options::plain());
    assert_eq!(refusal(&plan), Reason::NotOffered);
    let (_, words) = plan.refusals().next().unwrap();
    assert_eq!(
        words.problems,
        ["`commander_decides`, which needs Playbooks 2.11: this server has an older one"]
    );
}

#[test]
fn a_server_without_attributes_keeps_what_its_tasks_refer_to() {
    let mut wanted = one();
    wanted.has_attributes = false;
    let world = settled(&wanted);
    world.edit(&world.id_of("outage"), |p| {
        p["checklists"][0]["items"][0]["condition_id"] = json!("left");
    });
    assert!(planned(&world, &wanted, &Options::plain()).is_empty());
    let mut changed = wanted;
    state_of(&mut changed, "outage").welcome = Some("Hello.".to_owned());
    synced_to(&world, &changed, &Options::plain());
    assert_eq!(used(&world)[0], "left");
}
