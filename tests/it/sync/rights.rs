//! Renamed and protected playbooks, and who stays their editor.

use super::*;

/// The playbook `outage` under the key `service-outage`.
fn rename(world: &World) {
    let root = world.warroom.root();
    std::fs::remove_file(root.join("playbooks/outage.yaml")).unwrap();
    let text =
        outage("Outage").replace("key: outage\n", "key: service-outage\nmoved_from: outage\n");
    world.warroom.write("playbooks/service-outage.yaml", text);
}

fn items(playbook: &Value) -> Vec<Value> {
    let lists = playbook["checklists"].as_array().unwrap().iter();
    lists
        .flat_map(|list| list["items"].as_array().unwrap().clone())
        .map(|item| item["id"].clone())
        .collect()
}

#[test]
fn a_renamed_playbook_keeps_its_id_its_tasks_and_its_running_incident() {
    let world = World::settled();
    let before = world.playbook("Outage");
    let start = ["start", "outage", "--name", "Checkout is down"];
    world.run("run", &start).ended(ExitStatus::Done);
    rename(&world);
    let plan = world.plan(&["--prune"]);
    insta::assert_snapshot!(plan.transcript(), @r"
    exit: 2
    --- stdout
    ~ service-outage (ops)  update `Outage`
        source link: Managed as code: [playbooks/outage.yaml](https://git.exampl… → Managed as code: [playbooks/service-outage.yaml](https://gi…
        key: outage → service-outage

    1 to update
    --- stderr
    ");
    world.sync(&["--prune"]).ended(ExitStatus::Done);
    assert_eq!(world.live(), 1);
    let after = world.playbook("Outage");
    assert_eq!(after["id"], before["id"]);
    assert_eq!(items(&after), items(&before));
    let marker = after["description"].as_str().unwrap();
    assert!(
        marker.contains("warroom:acme/service-outage?id="),
        "{marker}"
    );
    // The incident of the old key is one of this playbook.
    let check = ["check", "confirm", "--incident", "Checkout"];
    world.run("run", &check).ended(ExitStatus::Done);
    world.server.clear_log();
    world.sync(&[]).ended(ExitStatus::Done);
    assert_eq!(world.writes(), Vec::<String>::new());
}

#[test]
fn an_old_key_belongs_to_one_playbook_and_to_no_present_one() {
    let world = World::new();
    let text = |key: &str, old: &str| small(key) + &format!("moved_from: {old}\n");
    for (key, old) in [("a", "a"), ("b", "outage"), ("c", "gone"), ("d", "gone")] {
        world
            .warroom
            .write(&format!("playbooks/{key}.yaml"), text(key, old));
    }
    let validated = world.run("validate", &[]);
    validated
        .ended(ExitStatus::Findings)
        .says("`a` is the key that this playbook has now")
        .says("`playbooks/outage.yaml` still has the key `outage`")
        .says("`playbooks/c.yaml` was `gone` before, too");
}

#[test]
fn a_protected_playbook_outlives_its_file() {
    let world = World::new();
    let protected = small("vault") + "protected: true\n";
    world.warroom.write("playbooks/vault.yaml", &protected);
    world.sync(&[]).ended(ExitStatus::Done);
    let release = world.sync(&["--release", "vault"]);
    release
        .ended(ExitStatus::Refused)
        .says("says `protected: true`");
    let file = world.warroom.root().join("playbooks/vault.yaml");
    std::fs::remove_file(&file).unwrap();
    let all = ["--prune", "--at-most", "100%"];
    world
        .sync(&all)
        .ended(ExitStatus::Refused)
        .says("bring the file back without `protected` and sync, then remove the file");
    assert_eq!(world.live(), 2);
    world.warroom.write("playbooks/vault.yaml", small("vault"));
    world
        .sync(&[])
        .ended(ExitStatus::Done)
        .says("protected: true → false");
    std::fs::remove_file(&file).unwrap();
    world.sync(&all).ended(ExitStatus::Done);
    assert_eq!(world.live(), 1);
}

#[test]
fn whoever_syncs_is_an_editor_and_a_playbook_without_any_is_refused() {
    let world = World::new();
    let open = |edit: &str| {
        format!(
            "profiles:\n  open:\n    playbook: {{ visibility: public, edit: [{edit}] }}\n    incident: {{ channel: public }}\n"
        )
    };
    world
        .warroom
        .write("playbooks/outage.yaml", small("outage"));
    world.warroom.write("permissions.yaml", open(""));
    world
        .plan(&[])
        .ended(ExitStatus::Refused)
        .says("the profile `open` names nobody in `edit`");
    world.warroom.write("permissions.yaml", open("carol"));
    world.sync(&[]).ended(ExitStatus::Done);
    let members = world.playbook("Playbook outage")["members"].clone();
    let editors = members.as_array().unwrap().iter();
    let editors = editors.filter(|m| m["roles"].to_string().contains("playbook_admin"));
    // Carol, and alice who synced.
    assert_eq!(editors.count(), 2);
    world.plan(&[]).ended(ExitStatus::Done);
}

/// A workspace that wants two permissions of two roles changed.
fn with_roles(roles: &str) -> World {
    let mut world = World::settled();
    let text = format!("{PERMISSIONS}server:\n  roles:\n{roles}");
    world.warroom.write("permissions.yaml", text);
    let admin = world.server.token("admin");
    world.warroom = world.warroom.variable("WARROOM_TOKEN", &admin);
    world
}

const ROLES: &str = "    \
    team_user: { playbook_private_create: false, playbook_public_create: true }
    team_admin: { playbook_public_create: true }
";

fn allowed(world: &World, role: &str) -> Vec<String> {
    let path = format!("/api/v4/roles/name/{role}");
    let role = world.call("admin", "GET", &path, &Value::Null);
    let list = role["permissions"].as_array().unwrap().iter();
    list.map(|p| p.as_str().unwrap().to_owned()).collect()
}

#[test]
fn roles_change_only_with_the_flag_and_only_what_is_named() {
    let world = with_roles(ROLES);
    world.run("validate", &[]).ended(ExitStatus::Done);
    let plan = world.plan(&["--on-drift", "overwrite"]);
    plan.says("with `--permissions`, roles of Mattermost would change:")
        .says("~ role team_user  change\n    withdraw playbook_private_create\n");
    world.sync(&["--on-drift", "overwrite"]);
    let before = allowed(&world, "team_user");
    assert!(before.contains(&"playbook_private_create".to_owned()));
    world.server.clear_log();
    let counted = world.plan(&["--permissions"]);
    counted
        .ended(ExitStatus::Findings)
        .says("2 roles to change");
    assert_eq!(world.writes(), Vec::<String>::new());
    let sync = world.sync(&["--permissions"]);
    sync.ended(ExitStatus::Done)
        .says("changed role team_admin\nchanged role team_user\n");
    let after = allowed(&world, "team_user");
    let expected: Vec<&String> = before
        .iter()
        .filter(|p| *p != "playbook_private_create")
        .collect();
    assert_eq!(
        after.iter().collect::<std::collections::BTreeSet<_>>(),
        expected.into_iter().collect()
    );
    assert!(allowed(&world, "team_admin").contains(&"playbook_public_create".to_owned()));
    world.server.clear_log();
    world
        .sync(&["--permissions"])
        .ended(ExitStatus::Done)
        .says("nothing to change");
    assert_eq!(world.writes(), Vec::<String>::new());
}

#[test]
fn roles_are_refused_to_others_and_never_lock_the_account_out() {
    let mut world = with_roles("    system_admin: { manage_system: false }\n");
    let refused = world.sync(&["--permissions", "--on-drift", "overwrite"]);
    refused
        .ended(ExitStatus::Refused)
        .says("`admin` would lose `manage_system`");
    assert!(allowed(&world, "system_admin").contains(&"manage_system".to_owned()));
    let alice = world.server.token("alice");
    world.warroom = world.warroom.variable("WARROOM_TOKEN", &alice);
    let text = format!("{PERMISSIONS}server:\n  roles:\n{ROLES}");
    world.warroom.write("permissions.yaml", text);
    let refused = world.sync(&["--permissions", "--on-drift", "overwrite"]);
    refused
        .ended(ExitStatus::Refused)
        .says("`alice` is no system administrator");
}

#[test]
fn a_role_that_fails_is_told_and_the_others_are_changed() {
    let world = with_roles(&format!(
        "{ROLES}    playbook_member: {{ nosuchpermission: true }}\n"
    ));
    world.sync(&["--on-drift", "overwrite"]);
    let sync = world.sync(&["--permissions", "--format", "json"]);
    sync.ended(ExitStatus::PartlyApplied);
    let document: Value = serde_json::from_str(&sync.out).unwrap();
    let outcomes = document["roles"]["outcomes"].as_array().unwrap();
    let done: Vec<bool> = outcomes.iter().map(|o| o["done"] == true).collect();
    assert_eq!(done, [false, true, true], "{document}");
    assert!(allowed(&world, "team_admin").contains(&"playbook_public_create".to_owned()));
    let plan = world.plan(&["--permissions", "--format", "json"]);
    let document: Value = serde_json::from_str(&plan.out).unwrap();
    assert_eq!(
        document["roles"]["steps"][0]["grant"][0],
        "nosuchpermission"
    );
}
