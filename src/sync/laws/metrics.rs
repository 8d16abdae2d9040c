//! Metrics, and what has another name than before: values stay with the id.

use super::*;
use crate::sync::canonical::tests::attributes;
use crate::sync::wire::twin;

fn metric(title: &str, kind: MetricType) -> MetricState {
    MetricState {
        title: title.to_owned(),
        kind,
        target: Some(0),
        description: String::new(),
    }
}

fn measuring(metrics: Vec<MetricState>) -> Desired {
    let state = PlaybookState {
        metrics,
        ..sample()
    };
    desired(&[("outage", state)])
}

/// The same, where things had other names before.
fn moved(mut wanted: Desired, attributes: &[(&str, &str)], metrics: &[(&str, &str)]) -> Desired {
    let named = |pairs: &[(&str, &str)]| {
        let pairs = pairs.iter();
        pairs
            .map(|(new, old)| ((*new).to_owned(), (*old).to_owned()))
            .collect()
    };
    let playbook = wanted.playbooks.get_mut(&address("outage")).unwrap();
    playbook.wanted.as_mut().unwrap().renames = Renames {
        attributes: named(attributes),
        metrics: named(metrics),
    };
    wanted
}

fn ids(world: &World) -> Vec<String> {
    let raw = world.raw(&world.id_of("outage"));
    let metrics = raw.0["metrics"].as_array().unwrap();
    metrics
        .iter()
        .map(|m| m["id"].as_str().unwrap().to_owned())
        .collect()
}

fn in_step(world: &World, wanted: &Desired, options: &Options) {
    let applied = synced(world, wanted, options, "bbbbbbb");
    assert_eq!(ExitStatus::from(&applied), ExitStatus::Done, "{applied:?}");
    assert!(planned(world, wanted, &Options::plain()).is_empty());
}

#[test]
fn a_metric_keeps_its_id_while_its_title_or_a_rename_tells_it() {
    let (time, cost) = (MetricType::Duration, MetricType::Currency);
    let world = settled(&measuring(vec![
        metric("Time", time.clone()),
        metric("Cost", cost.clone()),
    ]));
    let before = ids(&world);
    let mut other = metric("Cost", cost.clone());
    other.target = None;
    in_step(
        &world,
        &measuring(vec![other, metric("Time", time.clone())]),
        &Options::plain(),
    );
    assert_eq!(ids(&world), [before[1].clone(), before[0].clone()]);

    let renamed = measuring(vec![
        metric("Price", cost.clone()),
        metric("Time", time.clone()),
    ]);
    in_step(
        &world,
        &moved(renamed, &[], &[("Price", "Cost")]),
        &Options::plain(),
    );
    assert_eq!(ids(&world)[0], before[1]);
    // A rename that was done says nothing any more.
    let renamed = measuring(vec![metric("Price", cost), metric("Time", time.clone())]);
    assert!(
        planned(
            &world,
            &moved(renamed, &[], &[("Price", "Cost")]),
            &Options::plain()
        )
        .is_empty()
    );
    // What counts something else is another metric, and counts as one that vanished.
    let counted = measuring(vec![
        metric("Price", MetricType::Integer),
        metric("Time", MetricType::Integer),
    ]);
    let plan = planned(&world, &counted, &Options::plain());
    let (_, words) = plan.refusals().next().unwrap();
    assert_eq!(
        words.problems,
        ["2 of 2 metrics would be removed, and the budget of 20% allows 1"]
    );
    in_step(&world, &counted, &anything());
    assert!(ids(&world).iter().all(|id| !before.contains(id)));
}

#[test]
fn an_attribute_keeps_its_id_and_its_conditions_under_another_name() {
    let asks = |name: &str| {
        let mut state = sample();
        state.attributes = attributes();
        name.clone_into(&mut state.attributes[0].name);
        state.channel_name = Some(format!("{{{name}}}"));
        let comparison = ComparisonState {
            attribute: name.to_owned(),
            negated: false,
            values: ValuesState::Options(BTreeSet::from(["checkout".to_owned()])),
        };
        state.checklists[0].tasks[0].when = Some(WhenState::joined([comparison], true));
        desired(&[("outage", state)])
    };
    let world = settled(&asks("Service"));
    let (fields, conditions) = (fields_of(&world), conditions_of(&world));
    let wanted = moved(asks("Product"), &[("Product", "Service")], &[]);
    in_step(&world, &wanted, &Options::plain());
    let writes = world.writes();
    assert_eq!(writes.len(), 3, "{writes:?}");
    assert_eq!(fields_of(&world)[0].id, fields[0].id);
    assert_eq!(fields_of(&world)[0].attrs.options, fields[0].attrs.options);
    assert_eq!(conditions_of(&world), conditions);
    let raw = world.raw(&world.id_of("outage"));
    assert_eq!(raw.0["channel_name_template"], "{Product}");
}

#[test]
fn a_rename_from_what_is_still_wanted_is_none() {
    let fields: Vec<PropertyField> =
        serde_json::from_value(json!([{"id": "f", "name": "A"}])).unwrap();
    let renamed = BTreeMap::from([("B".to_owned(), "A".to_owned())]);
    let named = |name: &str| AttributeState {
        name: name.to_owned(),
        ..attributes().remove(1)
    };
    assert_eq!(twin(&fields, &[named("B")], "B", &renamed), Some(0));
    assert_eq!(
        twin(&fields, &[named("B"), named("A")], "B", &renamed),
        None
    );
}

#[test]
fn options_that_vanish_count_against_the_budget_and_renamed_ones_do_not() {
    let with = |options: &[&str]| {
        let mut state = sample();
        state.attributes = attributes();
        state.attributes[0].options = options.iter().map(|o| (*o).to_owned()).collect();
        desired(&[("outage", state)])
    };
    let world = settled(&with(&["checkout", "search", "mail"]));
    let plan = planned(&world, &with(&["login"]), &Options::plain());
    let (_, words) = plan.refusals().next().unwrap();
    assert_eq!(
        words.problems,
        ["3 of 3 options of attributes would be removed, and the budget of 20% allows 1"]
    );
    // The same ids with other names are the same options.
    let mut wanted = with(&["Checkout", "Search", "Mail"]);
    let options = fields_of(&world)[0].attrs.options.clone();
    let playbook = wanted.playbooks.get_mut(&address("outage")).unwrap();
    let ids = &mut playbook.wanted.as_mut().unwrap().option_ids;
    for (option, name) in options.iter().zip(["Checkout", "Search", "Mail"]) {
        ids.insert(
            ("Service".to_owned(), name.to_owned()),
            option.id.to_string(),
        );
    }
    in_step(&world, &wanted, &Options::plain());
}

#[test]
fn a_group_is_invited_by_its_name_and_an_unknown_one_refused() {
    let inviting = |group: &str| {
        let mut state = sample();
        state.invite.insert(format!("group:{group}"));
        desired(&[("outage", state)])
    };
    let world = settled(&inviting("sre"));
    let raw = world.raw(&world.id_of("outage"));
    assert_eq!(raw.0["invited_group_ids"], json!(["sre-group"]));
    assert!(planned(&world, &inviting("sre"), &Options::plain()).is_empty());
    let plan = planned(&world, &inviting("nobody"), &Options::plain());
    let (_, words) = plan.refusals().next().unwrap();
    assert_eq!(words.problems, ["group `nobody`"]);
}
