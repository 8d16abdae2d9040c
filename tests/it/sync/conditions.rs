//! Conditions of tasks, and what else names attributes, end to end.

use super::*;

const SEVERITIES: &str = "\
severities:
  - { key: sev1, title: SEV-1 }
  - { key: sev2, title: SEV-2 }
";

/// A playbook whose tasks and channel refer to attributes.
const ALPHA: &str = "\
key: alpha
title: Playbook alpha
access: open
start: { channel: { name: \"{SEQ}-{service}\" } }
attributes:
  - { key: severity, name: Severity, from: severities }
  - { key: service, name: Service, type: select, options: [checkout, search] }
  - { key: note, name: Note, type: text }
  - { key: vendor, name: Vendor contact, type: user }
checklists:
  - key: first
    title: First
    tasks:
      - { key: look, title: Look }
      - { key: page, title: Page, assign: \"attribute:vendor\", when: { service: [checkout], severity: [sev1] } }
      - { key: tell, title: Tell, when: { severity: [sev1], service: [checkout] } }
      - { key: rest, title: Rest, when: { any: [{ note: [x] }, { not: { severity: [sev2] } }] } }
";

fn with(playbook: &str) -> World {
    let world = World::new();
    std::fs::remove_file(world.warroom.root().join("playbooks/outage.yaml")).unwrap();
    let settings = SETTINGS.to_owned() + SEVERITIES;
    world.warroom.write("warroom.yaml", settings);
    write(&world, playbook);
    world
}

fn write(world: &World, playbook: &str) {
    world.warroom.write("playbooks/alpha.yaml", playbook);
}

fn settled() -> World {
    let world = with(ALPHA);
    world.sync(&[]).ended(ExitStatus::Done);
    world.server.clear_log();
    world
}

fn beside(world: &World, what: &str) -> String {
    format!("{PLAYBOOKS}/{}/{what}", world.id("Playbook alpha"))
}

fn conditions(world: &World) -> Vec<Value> {
    let page = world.call("alice", "GET", &beside(world, "conditions"), &Value::Null);
    page["items"].as_array().unwrap().clone()
}

fn items(world: &World) -> Vec<Value> {
    let playbook = world.playbook("Playbook alpha");
    let items = playbook["checklists"][0]["items"].as_array().unwrap();
    items.clone()
}

/// The requests that changed a condition.
fn written(world: &World) -> Vec<String> {
    let writes = world.writes().into_iter();
    let ours = writes.filter(|write| write.contains("/conditions"));
    ours.map(|write| write.split(' ').next().unwrap().to_owned())
        .collect()
}

fn in_step(world: &World) {
    world.server.clear_log();
    world.plan(&[]).ended(ExitStatus::Done);
    world
        .sync(&[])
        .ended(ExitStatus::Done)
        .says("nothing to change");
    assert_eq!(world.writes(), Vec::<String>::new());
}

#[test]
fn a_playbook_with_everything_that_names_attributes_is_brought_there_at_once() {
    let world = with(ALPHA);
    world.sync(&[]).ended(ExitStatus::Done);
    let made = conditions(&world);
    let items = items(&world);
    assert_eq!((made.len(), &items[0]["condition_id"]), (2, &json!("")));
    assert_eq!(items[1]["condition_id"], items[2]["condition_id"]);
    assert_ne!(items[1]["condition_id"], items[3]["condition_id"]);
    let fields = world.call(
        "alice",
        "GET",
        &beside(&world, "property_fields"),
        &Value::Null,
    );
    assert_eq!(items[1]["assignee_type"], "property_user");
    assert_eq!(items[1]["assignee_property_field_id"], fields[3]["id"]);
    let playbook = world.playbook("Playbook alpha");
    assert_eq!(playbook["channel_name_template"], "{SEQ}-{service}");
    in_step(&world);
}

#[test]
fn conditions_come_change_and_go() {
    let world = settled();
    let before = items(&world);
    let changed = ALPHA.replace("severity: [sev1], service: [checkout]", "service: [search]");
    write(&world, &changed);
    world
        .sync(&[])
        .ended(ExitStatus::Done)
        .says("~ task `Tell`: when");
    assert_eq!(written(&world), ["POST"]);
    let after = items(&world);
    assert_eq!(after[1]["condition_id"], before[1]["condition_id"]);
    assert_eq!(after[3]["condition_id"], before[3]["condition_id"]);
    in_step(&world);

    // All of it goes: conditions, attributes, and whatever named them.
    let world = settled();
    write(&world, &small("alpha"));
    world
        .sync(&[])
        .ended(ExitStatus::Refused)
        .says("2 of 2 conditions would be removed");
    world.sync(&["--at-most", "100%"]).ended(ExitStatus::Done);
    assert_eq!(conditions(&world), Vec::<Value>::new());
    let playbook = world.playbook("Playbook alpha");
    assert_eq!(playbook["channel_name_template"], "");
    in_step(&world);
}

#[test]
fn what_somebody_made_of_conditions_in_mattermost_is_drift() {
    let world = settled();
    let first = &conditions(&world)[0];
    let expression = &first["condition_expr"];
    let body = json!({"version": 1, "condition_expr": expression});
    world.call("bob", "POST", &beside(&world, "conditions"), &body);
    world
        .plan(&[])
        .ended(ExitStatus::Refused)
        .says("somebody changed conditions without a task");
    world
        .sync(&["--on-drift", "overwrite"])
        .ended(ExitStatus::Done);
    assert_eq!(conditions(&world).len(), 2);
    assert!(world.kept()[0].contains("conditions without a task"));

    // The id of one that is gone stays in its tasks, which are always shown then.
    let all = conditions(&world);
    let used = items(&world)[3]["condition_id"].clone();
    let gone = all.iter().find(|c| c["id"] == used).unwrap();
    let path = format!(
        "{}/{}",
        beside(&world, "conditions"),
        gone["id"].as_str().unwrap()
    );
    world.call("bob", "DELETE", &path, &Value::Null);
    world
        .plan(&[])
        .ended(ExitStatus::Refused)
        .says("~ task `Rest`: when");
    world
        .sync(&["--on-drift", "overwrite"])
        .ended(ExitStatus::Done);
    assert_ne!(items(&world)[3]["condition_id"], used);
    in_step(&world);
}

#[test]
fn conditions_are_finished_wherever_a_sync_was_cut_short() {
    for method in ["POST", "DELETE"] {
        for action in [
            FaultAction::Drop,
            FaultAction::DropAfter,
            FaultAction::Status(500, "{}".to_owned()),
        ] {
            let world = settled();
            let changed = ALPHA
                .replace("severity: [sev1], service: [checkout]", "service: [search]")
                .replace("note: [x]", "note: [y]");
            write(&world, &changed);
            world.fault(method, "/conditions", action.clone());
            let ran = world.sync(&[]);
            if matches!(action, FaultAction::DropAfter) {
                ran.ended(ExitStatus::Done);
            } else {
                ran.ended(ExitStatus::PartlyApplied);
                ran.says(if method == "POST" {
                    "the condition of the task `"
                } else {
                    "a condition that no task needs any more: "
                });
                world.plan(&[]).ended(ExitStatus::Findings);
            }
            world.sync(&[]).ended(ExitStatus::Done);
            assert_eq!(conditions(&world).len(), 3);
            in_step(&world);
        }
    }
}

#[test]
fn what_mattermost_cannot_hold_is_refused_with_words() {
    let deep = ALPHA.replace(
        "when: { severity: [sev1], service: [checkout] }",
        "when: { service: [checkout], note: [x, y] }",
    );
    let world = with(&deep);
    world
        .plan(&[])
        .ended(ExitStatus::Refused)
        .says("`when` of the task `tell` mixes AND and OR")
        .says("it says: (`note` is `x` or `note` is `y`) and `service` is `checkout`");
    write(&world, &ALPHA.replace("type: user", "type: text"));
    world
        .plan(&[])
        .ended(ExitStatus::Refused)
        .says("`Vendor contact`, which is not of the type `user`");
    assert_eq!(world.writes(), Vec::<String>::new());
}
