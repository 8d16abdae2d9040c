//! What programs and people see of plans: JSON by its schema, who moved, and drift alone.

use boon::{Compiler, Draft, Schemas};

use super::*;

/// Holds a document against its committed schema, which must know every key of it.
#[track_caller]
pub(super) fn fits(name: &str, document: &str) -> Value {
    let path = format!("{}/schema/{name}.schema.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let mut schema: Value = serde_json::from_str(&text).unwrap();
    close(&mut schema);
    let mut compiler = Compiler::new();
    compiler.set_default_draft(Draft::V2020_12);
    compiler.add_resource("schema.json", schema).unwrap();
    let mut schemas = Schemas::new();
    let index = compiler.compile("schema.json", &mut schemas).unwrap();
    let value: Value = serde_json::from_str(document).expect(document);
    if let Err(error) = schemas.validate(&value, index) {
        panic!("{error:#}\n{document}");
    }
    value
}

/// Later versions may add keys; this one has no others than the schema says.
fn close(schema: &mut Value) {
    let Value::Object(object) = schema else {
        return;
    };
    if object.contains_key("properties") {
        object.insert("additionalProperties".to_owned(), json!(false));
    }
    for keyword in ["properties", "$defs"] {
        if let Some(Value::Object(inner)) = object.get_mut(keyword) {
            inner.values_mut().for_each(close);
        }
    }
    if let Some(items) = object.get_mut("items") {
        close(items);
    }
}

#[test]
fn the_json_of_plans_and_syncs_fits_its_schema() {
    let world = World::new();
    let plan = world.plan(&["--format", "json"]);
    fits("plan", &plan.out);
    let sync = world.sync(&["--format", "json"]);
    let sync = fits("plan", &sync.out);
    assert_eq!(sync["outcomes"][0]["done"], true);
    fits("plan", &world.sync(&["--format", "json"]).out);

    world.warroom.write("playbooks/other.yaml", small("other"));
    world.edit("Outage", |playbook| {
        playbook["title"] = json!("Outage!");
        playbook["checklists"][0]["items"][1]["title"] = json!("Call the vendor");
    });
    let plan = fits("plan", &world.plan(&["--format", "json"]).out);
    let steps = plan["steps"].as_array().unwrap();
    assert_eq!(steps[1]["refused"]["reason"], "drift", "{plan}");
    let fields = steps[1]["fields"].as_array().unwrap();
    let checklists = fields.iter().find(|f| f["field"] == "checklists").unwrap();
    assert_eq!(checklists["parts"][0]["kind"], "task");
    assert_eq!(checklists["parts"][0]["name"], "Call the vendor");
    assert_eq!(checklists["parts"][0]["git"]["title"], "Page the vendor");
    assert_eq!(checklists["parts"][0]["moved"], "mattermost");
}

#[test]
fn each_task_says_on_which_side_it_moved() {
    let world = World::new();
    world.commit("first");
    world.sync(&[]).ended(ExitStatus::Done);
    let text = outage("Outage").replace("due: 10m", "due: 20m");
    world.warroom.write("playbooks/outage.yaml", text);
    world.edit("Outage", |playbook| {
        playbook["checklists"][0]["items"][1]["title"] = json!("Call the vendor");
    });
    let plan = world.plan(&[]);
    insta::assert_snapshot!(plan.transcript(), @r"
    exit: 3
    --- stdout
    ! outage (ops)  refused `Outage`: edited in Mattermost since the last sync
        somebody changed checklists
        what Mattermost has → what git says:
        checklists:
            ~ task `Confirm the outage`: due 10m → 20m  (changed in git)
            ~ task `Call the vendor`: title `Call the vendor` → `Page the vendor`  (changed in Mattermost)
        help: bring the edit into the YAML with `warroom import`, or write over it with `--on-drift overwrite`

    1 refused
    --- stderr
    ");
}

#[test]
fn drift_is_what_mattermost_moved_alone() {
    let world = World::settled();
    let still = world.run("drift", &[]);
    insta::assert_snapshot!(still.transcript(), @r"
    exit: 0
    --- stdout
    nothing moved in Mattermost, 1 compared
    --- stderr
    ");

    // What git changes is no drift.
    let text = outage("Service outage").replace("~incidents", "~incidents, ~ops");
    world.warroom.write("playbooks/outage.yaml", text);
    world.warroom.write("playbooks/other.yaml", small("other"));
    world.run("drift", &[]).ended(ExitStatus::Done);

    world
        .warroom
        .write("playbooks/outage.yaml", outage("Outage"));
    world.edit("Outage", |playbook| {
        playbook["channel_name_template"] = json!("inc");
        playbook["checklists"][0]["items"][0]["due_date"] = json!(1_200_000);
    });
    let moved = world.run("drift", &[]);
    insta::assert_snapshot!(moved.transcript(), @r"
    exit: 2
    --- stdout
    ! outage (ops)  edited in Mattermost: `Outage`
        what Mattermost has → what git says:
        start.channel.name: inc → (none)
        checklists:
            ~ task `Confirm the outage`: due 20m → 10m
    help: bring the edits into the YAML, or write over them with `warroom sync --on-drift overwrite`

    1 moved in Mattermost, 1 compared
    --- stderr
    ");
    let json = fits("drift", &world.run("drift", &["--format", "json"]).out);
    assert_eq!(json["drifted"], 1);
    assert_eq!(json["playbooks"][0]["kind"], "edited");
    let comment = world.run("drift", &["--format", "markdown"]);
    insta::assert_snapshot!(comment.out, @r"
    ### warroom drift: 1 moved in Mattermost, 1 compared

    | | playbook | team | |
    |---|---|---|---|
    | `!` | `outage` | `ops` | edited in Mattermost |

    bring the edits into the YAML, or write over them with `warroom sync --on-drift overwrite`

    <details><summary><code>outage</code></summary>

    ```text
    ! outage (ops)  edited in Mattermost: `Outage`
        what Mattermost has → what git says:
        start.channel.name: inc → (none)
        checklists:
            ~ task `Confirm the outage`: due 20m → 10m
    ```

    </details>
    ");
    assert_eq!(
        world.server.log().iter().filter(|e| e.is_write()).count(),
        1,
        "the edit"
    );
    world.run("drift", &["outage"]).ended(ExitStatus::Findings);
    world.run("drift", &["nonsense"]).ended(ExitStatus::Usage);
}

#[test]
fn an_archived_playbook_and_one_without_its_marker_are_drift() {
    let world = World::settled();
    let id = world.id("Outage");
    world.call(
        "alice",
        "DELETE",
        &format!("{PLAYBOOKS}/{id}"),
        &Value::Null,
    );
    let drift = world.run("drift", &[]);
    drift
        .ended(ExitStatus::Findings)
        .says("archived in Mattermost: `Outage`");
    let json = fits("drift", &world.run("drift", &["--format", "json"]).out);
    assert_eq!(json["playbooks"][0]["kind"], "archived");

    let world = World::settled();
    world.edit("Outage", |playbook| {
        playbook["description"] = json!("Mine now.");
    });
    let drift = world.run("drift", &[]);
    drift.ended(ExitStatus::Findings).says("removed its marker");
    fits("drift", &world.run("drift", &["--format", "json"]).out);
}

#[test]
fn what_could_not_be_compared_is_no_silence() {
    let world = World::settled();
    let text = outage("Outage").replace("A service is down.", &"x".repeat(4_090));
    world.warroom.write("playbooks/outage.yaml", text);
    let drift = world.run("drift", &[]);
    drift
        .ended(ExitStatus::Failed)
        .says("not compared: outage (ops)");
    let json = fits("drift", &world.run("drift", &["--format", "json"]).out);
    assert_eq!(json["not_compared"][0]["key"], "outage");
}
