//! The example workspace, which uses everything that a playbook can say.

use camino::{Utf8Path, Utf8PathBuf};
use warroom::workspace::{Directory, load};

use super::*;

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/example");
const FILE: &str = "playbooks/service-outage.yaml";

fn copy(from: &Utf8Path, to: &Utf8Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = Utf8PathBuf::from_path_buf(entry.unwrap().path()).unwrap();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}

/// The example, and a server with everybody it names.
fn example() -> World {
    let warroom = Warroom::new();
    copy(Utf8Path::new(EXAMPLE), warroom.root());
    let loaded = load(&Directory::new(warroom.root()).unwrap()).unwrap();
    let workspace = loaded.workspace.unwrap();
    let playbooks = workspace.playbooks.iter().map(|loaded| &loaded.playbook);
    let seed =
        Seed::default().with_workspace(&workspace.settings, &workspace.permissions, playbooks);
    let clock: Arc<dyn Clock> = warroom.clock().clone();
    let server = start(Options {
        seed,
        ..Options::local(clock)
    })
    .unwrap();
    let warroom = warroom
        .variable("WARROOM_SERVER", &server.url())
        .variable("WARROOM_TOKEN", &server.token("warroom-bot"))
        .variable(
            "WARROOM_SECRET_PAGER_WEBHOOK",
            "https://hooks.example.com/hunter2",
        );
    World { warroom, server }
}

fn playbook(world: &World) -> Value {
    let list = world.call("warroom-bot", "GET", PLAYBOOKS, &Value::Null);
    let id = list["items"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("{PLAYBOOKS}/{id}");
    world.call("warroom-bot", "GET", &path, &Value::Null)
}

fn replace(world: &World, old: &str, new: &str) {
    let path = world.warroom.root().join(FILE);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(old), "{old}");
    world.warroom.write(FILE, text.replace(old, new));
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
fn the_example_workspace_is_brought_there_whole() {
    let world = example();
    world.plan(&[]).ended(ExitStatus::Findings);
    world.sync(&[]).ended(ExitStatus::Done);
    in_step(&world);
    let made = playbook(&world);
    let metrics = made["metrics"].as_array().unwrap().iter();
    let metrics = metrics.map(|m| format!("{} {} {}", m["title"], m["type"], m["target"]));
    insta::assert_snapshot!(metrics.collect::<Vec<_>>().join("\n"), @r#"
    "Downtime" "metric_duration" 1800000
    "Refunds" "metric_currency" 0
    "Customers affected" "metric_integer" null
    "#);
    let items = &made["checklists"][0]["items"];
    assert_eq!(items[1]["assignee_type"], "property_user");
    assert_ne!(items[1]["condition_id"], "");
}

#[test]
fn a_group_of_mattermost_is_invited_and_is_no_member() {
    let world = example();
    replace(
        &world,
        "group:incident-leads]",
        "group:incident-leads, group:support]",
    );
    world.sync(&[]).ended(ExitStatus::Done);
    assert_eq!(
        playbook(&world)["invited_group_ids"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    in_step(&world);
    // A group that somebody invites in the web app is drift, by its name.
    replace(&world, ", group:support]", "]");
    world
        .plan(&[])
        .ended(ExitStatus::Findings)
        .says("-group:support-oncall");
    let path = world.warroom.root().join("permissions.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    let text = text.replace("use: [group:sre, dave]", "use: [group:sre, group:support]");
    world.warroom.write("permissions.yaml", text);
    world
        .plan(&[])
        .ended(ExitStatus::Refused)
        .says("members of a playbook are people");
}

#[test]
fn a_server_without_groups_refuses_to_invite_one() {
    let world = World::new();
    world.warroom.write(
        "permissions.yaml",
        PERMISSIONS.replace(
            "groups:\n",
            "groups:\n  oncall: { mattermost_group: oncall }\n",
        ),
    );
    let text = outage("Outage").replace("[group:sre]", "[group:sre, group:oncall]");
    world.warroom.write("playbooks/outage.yaml", text);
    world
        .plan(&[])
        .ended(ExitStatus::Refused)
        .says("group `oncall`");
}

#[test]
fn names_change_and_ids_and_values_stay() {
    let world = example();
    world.sync(&[]).ended(ExitStatus::Done);
    let before = playbook(&world);
    replace(
        &world,
        "title: Downtime,",
        "title: Outage time, moved_from: Downtime,",
    );
    replace(
        &world,
        "name: Service,",
        "name: Product, moved_from: Service,",
    );
    world.sync(&[]).ended(ExitStatus::Done);
    let after = playbook(&world);
    assert_eq!(after["metrics"][0]["id"], before["metrics"][0]["id"]);
    assert_eq!(after["metrics"][0]["title"], "Outage time");
    let item = |of: &Value| of["checklists"][0]["items"][1]["condition_id"].clone();
    assert_eq!(item(&after), item(&before));
    in_step(&world);
}

#[test]
fn what_channels_and_people_do_is_managed() {
    let world = example();
    replace(
        &world,
        "archive_when_ended: false }",
        "archive_when_ended: true, always_new: true, remove_leavers: true }",
    );
    world.sync(&[]).ended(ExitStatus::Done);
    let made = playbook(&world);
    assert_eq!(made["new_channel_only"], true);
    assert_eq!(made["remove_channel_member_on_removed_participant"], true);
    in_step(&world);
    replace(&world, "category: Incidents,", "link: ~incidents,");
    world
        .plan(&[])
        .ended(ExitStatus::Refused)
        .says("`start.channel.always_new` is on beside `start.channel.link`");
}
