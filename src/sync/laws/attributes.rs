//! Attributes: what is written, in which order, and what is somebody's edit.

use super::*;
use crate::sync::canonical::tests::attributes;
use crate::sync::site::Writing;

/// The playbook with these attributes.
fn with_attributes(attributes: Vec<AttributeState>) -> Desired {
    let state = PlaybookState {
        attributes,
        ..sample()
    };
    desired(&[("outage", state)])
}

/// Names with their options and places.
fn shown(fields: &[PropertyField]) -> Vec<String> {
    let line = |field: &PropertyField| {
        let options = field.attrs.options.iter().map(|o| o.name.as_str());
        let options: Vec<&str> = options.collect();
        format!(
            "{} {} {}",
            field.attrs.sort_order,
            field.name,
            options.join("/")
        )
    };
    fields.iter().map(line).collect()
}

#[test]
fn attributes_are_created_in_their_order_with_options_of_our_ids() {
    let wanted = with_attributes(attributes());
    let world = World::new();
    let applied = synced(&world, &wanted, &Options::plain(), "aaaaaaa");
    assert_eq!(ExitStatus::from(&applied), ExitStatus::Done, "{applied:?}");
    let id = world.id_of("outage");
    assert_eq!(
        world.writes(),
        [
            "create".to_owned(),
            "create attribute Service".to_owned(),
            "create attribute Ticket".to_owned(),
            format!("replace {id}"),
            "remember".to_owned()
        ]
    );
    let fields = fields_of(&world);
    assert_eq!(shown(&fields), ["0 Service checkout/search", "1 Ticket "]);
    let chosen = &wanted.playbooks[&address("outage")]
        .wanted
        .as_ref()
        .unwrap()
        .option_ids;
    let key = ("Service".to_owned(), "search".to_owned());
    assert_eq!(fields[0].attrs.options[1].id.as_str(), chosen[&key]);
    assert!(planned(&world, &wanted, &Options::plain()).is_empty());
}

#[test]
fn attributes_are_written_between_two_writes_of_the_playbook() {
    let world = settled(&with_attributes(attributes()));
    let before = fields_of(&world);
    let mut new = attributes();
    new.swap(0, 1);
    new[1].options = vec!["search".to_owned(), "mail".to_owned()];
    new.push(AttributeState {
        name: "Vendor".to_owned(),
        ..new[0].clone()
    });
    let wanted = with_attributes(new);
    let plan = planned(&world, &wanted, &Options::plain());
    let step = only_step(&plan);
    assert_eq!((&step.action, step.overwrites()), (&Action::Update, false));
    assert_eq!(step.fields.len(), 1);
    synced(&world, &wanted, &Options::plain(), "bbbbbbb");
    let id = world.id_of("outage");
    let ticket = &before[1].id;
    assert_eq!(
        world.writes(),
        [
            format!("replace {id}"),
            "replace attribute Service".to_owned(),
            "create attribute Vendor".to_owned(),
            format!("move attribute {ticket} to 0"),
            format!("replace {id}"),
        ]
    );
    let fields = fields_of(&world);
    assert_eq!(
        shown(&fields),
        ["0 Ticket ", "1 Service search/mail", "2 Vendor "]
    );
    // What stays keeps its ids.
    assert_eq!(fields[1].id, before[0].id);
    assert_eq!(fields[1].attrs.options[0].id, before[0].attrs.options[1].id);
    assert!(planned(&world, &wanted, &Options::plain()).is_empty());
}

#[test]
fn an_attribute_that_somebody_made_or_changed_in_mattermost_is_drift() {
    let wanted = with_attributes(attributes());
    let world = settled(&wanted);
    let id = world.id_of("outage");
    let mut field = fields_of(&world).remove(0);
    field.attrs.options[0].name = "Check-out".to_owned();
    let chosen = field.attrs.options[0].id.clone();
    now(world.replace_attribute(&id, &field)).unwrap();
    let plan = planned(&world, &wanted, &Options::plain());
    assert_eq!(refusal(&plan), Reason::Drift);
    assert_eq!(only_step(&plan).fields[0].field, "attributes");
    assert_eq!(only_step(&plan).fields[0].moved, Moved::Mattermost);
    assert!(only_step(&planned(&world, &wanted, &overwriting())).overwrites());
    synced(&world, &wanted, &overwriting(), "bbbbbbb");
    assert!(planned(&world, &wanted, &Options::plain()).is_empty());
    let option = &fields_of(&world)[0].attrs.options[0];
    assert_eq!((option.name.as_str(), &option.id), ("checkout", &chosen));

    // Also where git has none at all.
    let world = settled(&one());
    now(world.create_attribute(&world.id_of("outage"), &field)).unwrap();
    let plan = planned(&world, &one(), &Options::plain());
    assert_eq!(refusal(&plan), Reason::Drift);
}

#[test]
fn an_attribute_that_moved_after_the_plan_is_not_written() {
    let world = settled(&with_attributes(attributes()));
    let mut new = attributes();
    new[0].show = Shown::Hidden;
    let wanted = with_attributes(new);
    let observed = look(&world, &wanted, &Options::plain());
    let plan = plan(&wanted, &observed, &Base::default(), &Options::plain());
    let mut field = fields_of(&world).remove(1);
    field.name = "Case".to_owned();
    now(world.replace_attribute(&world.id_of("outage"), &field)).unwrap();
    world.writes();
    let secrets = Secrets::of(&wanted, |_| Some("https://hooks.example.com"));
    let applied = now(apply(&world, &plan, &wanted, &observed, &secrets, None));
    let failure = applied.failures().next();
    assert!(matches!(failure, Some((_, ApplyError::Moved))));
    assert_eq!(world.writes(), Vec::<String>::new());
}

#[test]
fn attributes_that_vanish_count_against_the_budget() {
    let world = settled(&with_attributes(attributes()));
    let plan = planned(&world, &one(), &Options::plain());
    assert_eq!(refusal(&plan), Reason::OverBudget);
    let (_, words) = plan.refusals().next().unwrap();
    assert_eq!(
        words.problems,
        ["2 of 2 attributes would be removed, and the budget of 20% allows 1"]
    );
}

#[test]
fn an_edit_beside_attributes_that_were_half_written_is_still_drift() {
    let world = settled(&one());
    let wanted = with_attributes(attributes());
    // The playbook and one of two attributes are written.
    world.kill_at(1, Fault::After);
    synced(&world, &wanted, &Options::plain(), "bbbbbbb");
    world.revive();
    let plan = planned(&world, &wanted, &Options::plain());
    assert_eq!(only_step(&plan).action, Action::Update);
    // Somebody may have edited them meanwhile: what is there is kept.
    assert!(only_step(&plan).overwrites());
    world.edit(&world.id_of("outage"), |p| {
        p.insert("message_on_join".to_owned(), json!("Hi."));
    });
    let plan = planned(&world, &wanted, &Options::plain());
    assert_eq!(refusal(&plan), Reason::Drift);
    let (_, words) = plan.refusals().next().unwrap();
    assert_eq!(words.problems, ["somebody changed start.welcome"]);
}

#[test]
fn adoption_takes_attributes_of_the_same_name_over_with_their_ids() {
    let wanted = with_attributes(attributes());
    let world = settled(&wanted);
    let id = world.id_of("outage");
    describe(&world, &id, |_| "Made by hand.".to_owned());
    let mut theirs = fields_of(&world).remove(0);
    theirs.attrs.options[0].id = "y".repeat(26).as_str().into();
    theirs.attrs.options[1].name = "find".to_owned();
    now(world.replace_attribute(&id, &theirs)).unwrap();
    let options = Options {
        adopt: BTreeMap::from([(key("outage"), id)]),
        ..Options::plain()
    };
    let plan = planned(&world, &wanted, &options);
    let step = only_step(&plan);
    assert_eq!((&step.action, step.overwrites()), (&Action::Adopt, true));
    synced(&world, &wanted, &options, "bbbbbbb");
    let field = &fields_of(&world)[0];
    assert_eq!(
        (&field.id, &field.attrs.options[0]),
        (&theirs.id, &theirs.attrs.options[0])
    );
    assert_eq!(shown(&fields_of(&world))[0], "0 Service checkout/search");
    assert!(planned(&world, &wanted, &Options::plain()).is_empty());
}

#[test]
fn a_server_without_attributes_is_not_asked_for_them() {
    let mut wanted = one();
    wanted.has_attributes = false;
    let world = settled(&wanted);
    now(world.create_attribute(
        &world.id_of("outage"),
        &PropertyField {
            name: "Left from before".to_owned(),
            kind: FieldKind::Text,
            ..PropertyField::default()
        },
    ))
    .unwrap();
    assert!(planned(&world, &wanted, &Options::plain()).is_empty());
}
