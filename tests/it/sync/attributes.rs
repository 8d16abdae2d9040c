//! Attributes of playbooks, end to end.

use super::*;

const SEVERITIES: &str = "\
severities:
  - { key: sev1, title: SEV-1 }
  - { key: sev2, title: SEV-2 }
";

const ATTRIBUTES: &str = "\
attributes:
  - { key: severity, name: Severity, from: severities, show: always }
  - { key: service, name: Affected service, type: multiselect, options: [checkout, search] }
  - { key: ticket, name: Ticket, type: text, format: url }
  - { key: due, name: Due on, type: date, show: hidden }
  - { key: vendor, name: Vendor contact, type: user }
";

/// A workspace with one playbook that has these attributes.
fn with(attributes: &str) -> World {
    let world = World::new();
    remove_outage(&world);
    let settings = SETTINGS.to_owned() + SEVERITIES;
    world.warroom.write("warroom.yaml", settings);
    write(&world, attributes);
    world
}

fn remove_outage(world: &World) {
    std::fs::remove_file(world.warroom.root().join("playbooks/outage.yaml")).unwrap();
}

fn write(world: &World, attributes: &str) {
    let text = small("alpha") + attributes;
    world.warroom.write("playbooks/alpha.yaml", text);
}

fn settled(attributes: &str) -> World {
    let world = with(attributes);
    world.sync(&[]).ended(ExitStatus::Done);
    world.server.clear_log();
    world
}

fn path(world: &World) -> String {
    format!("{PLAYBOOKS}/{}/property_fields", world.id("Playbook alpha"))
}

fn fields(world: &World) -> Vec<Value> {
    let fields = world.call("alice", "GET", &path(world), &Value::Null);
    fields.as_array().unwrap().clone()
}

fn names(world: &World) -> Vec<String> {
    let name = |field: &Value| field["name"].as_str().unwrap().to_owned();
    fields(world).iter().map(name).collect()
}

fn options(field: &Value) -> Vec<&str> {
    let options = field["attrs"]["options"].as_array().unwrap();
    options
        .iter()
        .map(|o| o["name"].as_str().unwrap())
        .collect()
}

/// Somebody edits an attribute in the web app.
fn edit(world: &World, name: &str, edit: impl FnOnce(&mut Value)) {
    let mut all = fields(world).into_iter();
    let mut field = all.find(|field| field["name"] == name).unwrap();
    edit(&mut field);
    let path = format!("{}/{}", path(world), field["id"].as_str().unwrap());
    world.call("bob", "PUT", &path, &field);
}

/// The requests that changed an attribute.
fn written(world: &World) -> Vec<String> {
    let writes = world.writes().into_iter();
    let ours = writes.filter(|write| write.contains("/property_fields"));
    ours.map(|write| write.split(' ').next().unwrap().to_owned())
        .collect()
}

#[test]
fn attributes_are_created_as_git_says_and_then_nothing_is_written() {
    let world = with(ATTRIBUTES);
    world
        .plan(&[])
        .ended(ExitStatus::Findings)
        .says("public, 1 checklists with 1 tasks, 3 members, 5 attributes");
    world.sync(&[]).ended(ExitStatus::Done);
    let found: Vec<String> = fields(&world)
        .iter()
        .map(|field| {
            let attrs = &field["attrs"];
            format!(
                "{} {} {} {} {:?} {}",
                attrs["sort_order"],
                field["name"],
                field["type"],
                attrs["visibility"],
                attrs["value_type"].as_str().unwrap(),
                attrs["options"]
                    .as_array()
                    .map_or_else(|| "-".to_owned(), |_| options(field).join("/"))
            )
        })
        .collect();
    insta::assert_snapshot!(found.join("\n"), @r#"
    0 "Severity" "select" "always" "" SEV-1/SEV-2
    1 "Affected service" "multiselect" "when_set" "" checkout/search
    2 "Ticket" "text" "when_set" "url" -
    3 "Due on" "date" "hidden" "" -
    4 "Vendor contact" "user" "when_set" "" -
    "#);
    world.server.clear_log();
    world
        .sync(&[])
        .ended(ExitStatus::Done)
        .says("nothing to change");
    assert_eq!(world.writes(), Vec::<String>::new());
    world.plan(&[]).ended(ExitStatus::Done);
}

#[test]
fn an_option_comes_and_goes_and_the_others_keep_their_ids() {
    let world = settled(ATTRIBUTES);
    let before = fields(&world)[1].clone();
    edit(&world, "Affected service", |field| {
        field["attrs"]["options"][1]["color"] = json!("red");
    });
    let changed = ATTRIBUTES.replace("[checkout, search]", "[mail, search]");
    write(&world, &changed);
    world.server.clear_log();
    world
        .sync(&[])
        .ended(ExitStatus::Done)
        .says("~ attribute `Affected service`: options -checkout, +mail");
    assert_eq!(written(&world), ["PUT"]);
    let after = fields(&world)[1].clone();
    assert_eq!(options(&after), ["mail", "search"]);
    assert_eq!(after["id"], before["id"]);
    let (old, new) = (&before["attrs"]["options"], &after["attrs"]["options"]);
    assert_eq!(new[1]["id"], old[1]["id"]);
    assert_eq!(new[1]["color"], "red");
    world.plan(&[]).ended(ExitStatus::Done);

    // The title of a severity changes, and its key does not: the same option.
    let severity = fields(&world)[0].clone();
    let settings = SETTINGS.to_owned() + &SEVERITIES.replace("SEV-1", "Critical");
    world.warroom.write("warroom.yaml", settings);
    world.sync(&[]).ended(ExitStatus::Done);
    let renamed = fields(&world)[0].clone();
    assert_eq!(options(&renamed), ["Critical", "SEV-2"]);
    let id = |field: &Value| field["attrs"]["options"][0]["id"].clone();
    assert_eq!(id(&renamed), id(&severity));
}

#[test]
fn another_name_is_another_attribute_and_another_order_is_made_by_moving() {
    let world = settled(ATTRIBUTES);
    write(&world, &ATTRIBUTES.replace("Ticket", "Case"));
    let plan = world.plan(&[]);
    plan.ended(ExitStatus::Findings)
        .says("- attribute `Ticket`\n        + attribute `Case` (text)");
    world.sync(&[]).ended(ExitStatus::Done);
    let expected = [
        "Severity",
        "Affected service",
        "Case",
        "Due on",
        "Vendor contact",
    ];
    assert_eq!(names(&world), expected);
    world.plan(&[]).ended(ExitStatus::Done);

    let mut lines: Vec<&str> = ATTRIBUTES.lines().collect();
    lines.swap(1, 5);
    write(&world, &(lines.join("\n") + "\n").replace("Ticket", "Case"));
    world.server.clear_log();
    world
        .sync(&[])
        .ended(ExitStatus::Done)
        .says("another order");
    assert!(written(&world).iter().all(|method| method == "POST"));
    let expected = [
        "Vendor contact",
        "Affected service",
        "Case",
        "Due on",
        "Severity",
    ];
    assert_eq!(names(&world), expected);
    world.plan(&[]).ended(ExitStatus::Done);
}

#[test]
fn what_somebody_made_of_an_attribute_in_mattermost_is_drift() {
    let world = settled(ATTRIBUTES);
    edit(&world, "Ticket", |field| {
        field["attrs"]["visibility"] = json!("hidden");
    });
    let extra = json!({"name": "Theirs", "type": "text"});
    world.call("bob", "POST", &path(&world), &extra);
    let ran = world.plan(&[]);
    insta::assert_snapshot!(ran.transcript(), @r"
    exit: 3
    --- stdout
    ! alpha (ops)  refused `Playbook alpha`: edited in Mattermost since the last sync
        somebody changed attributes
        what Mattermost has → what git says:
        attributes:  (changed in Mattermost)
            - attribute `Theirs`
            ~ attribute `Ticket`: show hidden → when_set
        help: bring the edit into the YAML with `warroom import`, or write over it with `--on-drift overwrite`

    1 refused
    --- stderr
    ");
    world
        .sync(&["--on-drift", "overwrite"])
        .ended(ExitStatus::Done);
    assert_eq!(names(&world).len(), 5);
    assert!(world.kept()[0].contains("Theirs"));
    world.plan(&[]).ended(ExitStatus::Done);
}

#[test]
fn attributes_are_finished_wherever_a_sync_was_cut_short() {
    let refusal = || FaultAction::Status(403, r#"{"error":"Not authorized"}"#.to_owned());
    // The third attribute of a creation.
    let world = with(ATTRIBUTES);
    world.server.fault(Fault {
        method: Some("POST".to_owned()),
        path_contains: "/property_fields".to_owned(),
        action: FaultAction::Delay(std::time::Duration::ZERO),
        count: 2,
    });
    world.fault("POST", "/property_fields", refusal());
    world
        .sync(&[])
        .ended(ExitStatus::Forbidden)
        .says("the attribute `Ticket`: ");
    assert_eq!(names(&world).len(), 2);
    world
        .plan(&[])
        .ended(ExitStatus::Findings)
        .says("creation was cut short");
    world.sync(&[]).ended(ExitStatus::Done);
    assert_eq!((names(&world).len(), world.live()), (5, 1));
    world.plan(&[]).ended(ExitStatus::Done);

    // And of an update.
    let changed = ATTRIBUTES
        .replace("Ticket", "Case")
        .replace("search]", "search, mail]");
    write(&world, &changed);
    world.fault("POST", "/property_fields", refusal());
    world.sync(&[]).ended(ExitStatus::Forbidden);
    world.plan(&[]).ended(ExitStatus::Findings);
    world.sync(&[]).ended(ExitStatus::Done);
    assert_eq!(names(&world)[2], "Case");
    world.plan(&[]).ended(ExitStatus::Done);
}

#[test]
fn an_attribute_whose_answer_was_lost_is_read_back_instead_of_repeated() {
    let world = with(ATTRIBUTES);
    world.fault("POST", "/property_fields", FaultAction::DropAfter);
    world.sync(&[]).ended(ExitStatus::Done);
    assert_eq!(names(&world).len(), 5);
    world.plan(&[]).ended(ExitStatus::Done);
    for (method, change) in [
        ("PUT", ATTRIBUTES.replace("search]", "search, mail]")),
        ("DELETE", ATTRIBUTES.replace("Ticket", "Case")),
    ] {
        for (action, status) in [
            (FaultAction::Drop, ExitStatus::PartlyApplied),
            (FaultAction::DropAfter, ExitStatus::Done),
        ] {
            write(&world, ATTRIBUTES);
            world.sync(&[]).ended(ExitStatus::Done);
            write(&world, &change);
            world.fault(method, "/property_fields/", action);
            world.sync(&[]).ended(status);
            world.sync(&[]).ended(ExitStatus::Done);
            world.plan(&[]).ended(ExitStatus::Done);
        }
    }
}

#[test]
fn attributes_and_conditions_cost_two_requests_a_playbook_and_none_where_the_tier_has_none() {
    let requests = |tier: &str, playbooks: usize| {
        let world = World::new();
        remove_outage(&world);
        let settings = format!("{SETTINGS}server: {{ tier: {tier} }}\n{SEVERITIES}");
        world.warroom.write("warroom.yaml", settings);
        for n in 0..playbooks {
            let attributes = if tier == "enterprise" { ATTRIBUTES } else { "" };
            let key = format!("p{n}");
            let text = small(&key) + attributes;
            world.warroom.write(&format!("playbooks/{key}.yaml"), text);
        }
        world.sync(&[]).ended(ExitStatus::Done);
        world.server.clear_log();
        world.plan(&[]).ended(ExitStatus::Done);
        let log = world.server.log();
        let mut paths: Vec<String> = log
            .iter()
            .map(|e| format!("{} {}", e.method, e.path))
            .collect();
        let count = paths.len();
        paths.sort();
        paths.dedup();
        assert_eq!(paths.len(), count, "{paths:#?}");
        let of = |what: &str| paths.iter().filter(|p| p.contains(what)).count();
        (count, of("property_fields"), of("conditions"))
    };
    for playbooks in [1, 3, 20] {
        // me, teams, list, names, preferences.
        assert_eq!(requests("professional", playbooks), (5 + playbooks, 0, 0));
        assert_eq!(
            requests("enterprise", playbooks),
            (5 + 3 * playbooks, playbooks, playbooks)
        );
    }
}

#[test]
fn a_server_whose_licence_has_no_attributes_refuses_only_what_needs_them() {
    let world = settled("");
    let refuse = || {
        let text = r#"{"error":"not authorized"}"#.to_owned();
        world.fault("GET", "/property_fields", FaultAction::Status(403, text));
    };
    refuse();
    world.plan(&[]).ended(ExitStatus::Done);
    write(&world, ATTRIBUTES);
    refuse();
    world
        .plan(&[])
        .ended(ExitStatus::Refused)
        .says("not offered by this server")
        .says("server.tier");
}

#[test]
fn what_the_server_would_not_take_is_refused_before_anything_is_written() {
    let world = with(&ATTRIBUTES.replace("name: Severity", "name: Owner"));
    world
        .sync(&[])
        .ended(ExitStatus::Refused)
        .says("more than the server takes")
        .says("`Owner`");
    assert_eq!(world.writes(), Vec::<String>::new());
}
