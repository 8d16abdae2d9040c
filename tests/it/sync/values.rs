//! Values of attributes in incidents: at their start, and later.

use super::*;

const VALUES: &str = "\
attributes:
  - { key: severity, name: Severity, from: severities }
  - { key: service, name: Service, type: select, options: [checkout, search] }
  - { key: regions, name: Regions, type: multiselect, options: [eu, us, asia] }
  - { key: ticket, name: Ticket, type: text }
  - { key: since, name: Since, type: date }
  - { key: expert, name: Expert, type: user }
checklists:
  - key: triage
    title: Triage
    tasks:
      - { key: look, title: Look at it, assign: attribute:expert }
";

/// A synced playbook with attributes of each kind.
fn synced() -> World {
    let world = World::new();
    let settings = format!(
        "{SETTINGS}severities:\n  - {{ key: sev1, title: SEV-1, means: all is down }}\n  - {{ key: sev2, title: SEV-2, means: some is down }}\n"
    );
    world.warroom.write("warroom.yaml", settings);
    let text = format!(
        "key: outage\ntitle: Outage\naccess: open\nstart:\n  invite: [group:sre]\n  overview: templates/overview.md.j2\n{VALUES}"
    );
    world.warroom.write("playbooks/outage.yaml", text);
    world.warroom.write(
        "templates/overview.md.j2",
        "Service: {{ incident.attributes.service }}, by {{ incident.attributes.expert }}\n",
    );
    world.sync(&[]).ended(ExitStatus::Done);
    world.server.clear_log();
    world
}

fn start(world: &World, arguments: &[&str]) -> Ran {
    let mut line = vec!["start", "outage", "--name", "Checkout is down"];
    line.extend(arguments);
    world.run("run", &line)
}

fn shown(world: &World) -> Value {
    let ran = world.run("run", &["show", "--format", "json"]);
    ran.ended(ExitStatus::Done);
    serde_json::from_str(&ran.out).unwrap()
}

fn attributes(document: &Value) -> &Value {
    let inner = document.get("incident").unwrap_or(document);
    &inner["attributes"]
}

#[test]
fn an_incident_starts_with_its_values_and_its_tasks_follow_them() {
    let world = synced();
    let values = [
        "--attr",
        "service=checkout",
        "--attr",
        "regions=eu, us",
        "--attr",
        "ticket=T-1",
        "--attr",
        "since=2026-11-20",
        "--attr",
        "expert=bob",
        "--severity",
        "sev1",
    ];
    start(&world, &values)
        .ended(ExitStatus::Done)
        .says("set service to checkout");
    let document = shown(&world);
    assert_eq!(
        *attributes(&document),
        json!({
            "severity": "SEV-1", "service": "checkout", "regions": "eu, us", "ticket": "T-1",
            "since": "2026-11-20", "expert": "bob",
        }),
        "{document}"
    );
    let show = world.run("run", &["show"]);
    show.says("@bob").says("service");
    let list = world.call(
        "alice",
        "GET",
        &format!("{}/runs", PLAYBOOKS.trim_end_matches("/playbooks")),
        &Value::Null,
    );
    let summary = list["items"][0]["summary"].as_str().unwrap();
    assert!(summary.contains("Service: checkout, by bob"), "{summary}");
}

#[test]
fn a_value_that_does_not_fit_starts_nothing() {
    let world = synced();
    for (value, words) in [
        ("service=mail", "there is no option `mail`"),
        ("since=tomorrow", "that is no date"),
        ("expert=eve", "not on the team"),
        ("expert=nobody-at-all", "there is no `nobody-at-all`"),
        ("nosuch=1", "the playbook has no attribute `nosuch`"),
        ("severity=SEV-1", "follows the severity"),
        ("ticket=", "has no value"),
    ] {
        let ran = start(&world, &["--attr", value]);
        assert_ne!(ran.status, ExitStatus::Done, "{value}");
        ran.says(words);
    }
    assert_eq!(world.writes(), Vec::<String>::new());
}

#[test]
fn values_are_set_cleared_and_mirrored_later() {
    let world = synced();
    start(&world, &[]).ended(ExitStatus::Done);
    assert_eq!(*attributes(&shown(&world)), json!({"severity": "SEV-2"}));
    let set = ["set", "service=search", "expert=carol"];
    world
        .run("run", &set)
        .ended(ExitStatus::Done)
        .says("set expert to carol");
    let document = shown(&world);
    assert_eq!(attributes(&document)["expert"], "carol");
    let show = world.run("run", &["show"]);
    show.says("@carol");
    world
        .run("run", &["set", "service=search"])
        .says("service is so already");
    world
        .run("run", &["set", "service="])
        .ended(ExitStatus::Done)
        .says("cleared service");
    world.server.clear_log();
    world
        .run("run", &["set", "ticket=T-9", "service=mail"])
        .says("there is no option `mail`");
    assert_eq!(world.writes(), Vec::<String>::new());
    world
        .run("run", &["severity", "sev1"])
        .ended(ExitStatus::Done);
    let document = shown(&world);
    assert_eq!(
        *attributes(&document),
        json!({"severity": "SEV-1", "expert": "carol"})
    );
}

#[test]
fn a_lost_answer_of_a_value_is_looked_up() {
    let world = synced();
    start(&world, &[]).ended(ExitStatus::Done);
    world.fault("PUT", "/value", FaultAction::DropAfter);
    world
        .run("run", &["set", "ticket=T-1"])
        .ended(ExitStatus::Done);
    assert_eq!(attributes(&shown(&world))["ticket"], "T-1");
    world.fault("PUT", "/value", FaultAction::Drop);
    let ran = world.run("run", &["set", "ticket=T-2"]);
    assert_ne!(ran.status, ExitStatus::Done);
    assert_eq!(attributes(&shown(&world))["ticket"], "T-1");
}
