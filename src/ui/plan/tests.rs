//! Plans as people read them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::*;
use crate::sync::desired::Address;
use crate::sync::document::PlanDocument;
use crate::sync::plan::{FieldChange, NoteKind};
use crate::sync::refusal::{Reason, Refusal};

fn step(key: &str, title: &str, action: Action, fields: Vec<FieldChange>) -> Step {
    Step {
        address: Address {
            key: key.parse().unwrap(),
            team: "ops".parse().unwrap(),
        },
        id: (action != Action::Create).then(|| "x".to_owned()),
        title: title.to_owned(),
        action,
        fields,
    }
}

fn change(field: &str, old: Value, new: Value, moved: Moved) -> FieldChange {
    FieldChange::new(field, old, new, moved)
}

fn plan(steps: Vec<Step>) -> Plan {
    Plan {
        roles: None,
        workspace: "acme".parse().unwrap(),
        steps,
        notes: Vec::new(),
    }
}

fn shown(plan: &Plan) -> String {
    human(plan, |_, text| text.to_owned())
}

#[test]
fn an_empty_plan_says_so() {
    assert_eq!(shown(&plan(Vec::new())), "nothing to change");
    let same = step("a", "A", Action::Unchanged, Vec::new());
    assert_eq!(shown(&plan(vec![same])), "nothing to change: 1 unchanged");
}

#[test]
fn attributes_are_told_one_by_one() {
    let one = |name: &str, kind: &str, options: &[&str]| json!({"name": name, "type": kind, "format": null, "show": "always", "options": options});
    let old = json!([
        one("Service", "select", &["checkout", "search"]),
        one("Vendor", "text", &[]),
        one("Ticket", "text", &[]),
    ]);
    let mut ticket = one("Ticket", "text", &[]);
    ticket["format"] = json!("url");
    let new = json!([
        one("Service", "multiselect", &["search", "mail\u{1b}[2J"]),
        ticket,
        one("Due", "date", &[])
    ]);
    let turned = json!([old[1], old[0], old[2]]);
    let mut options = old.clone();
    options[0]["options"] = json!(["search", "checkout"]);
    let plan = plan(vec![
        step(
            "a",
            "A",
            Action::Create,
            vec![change("attributes", Value::Null, old.clone(), Moved::Git)],
        ),
        step(
            "b",
            "B",
            Action::Update,
            vec![change("attributes", old.clone(), new, Moved::Mattermost)],
        ),
        step(
            "c",
            "C",
            Action::Update,
            vec![change("attributes", old.clone(), turned, Moved::Git)],
        ),
        step(
            "d",
            "D",
            Action::Update,
            vec![change("attributes", old, options, Moved::Git)],
        ),
    ]);
    insta::assert_snapshot!(shown(&plan), @r"
    + a (ops)  create `A`
        private, 0 checklists with 0 tasks, 0 members, 3 attributes
    ~ b (ops)  update `B`
        attributes:  (changed in Mattermost)
            - attribute `Vendor`
            ~ attribute `Service`: type select → multiselect, options -checkout, +mail\u{1b}[2J
            ~ attribute `Ticket`: format (none) → url
            + attribute `Due` (date)
    ~ c (ops)  update `C`
        attributes:
            another order
    ~ d (ops)  update `D`
        attributes:
            ~ attribute `Service`: options another order

    1 to create, 3 to update
    ");
}

#[test]
fn every_kind_of_change_has_its_line() {
    let task = |id: &str, title: &str, due: &str| json!({"id": id, "title": title, "due": due});
    let old = json!([{"id": "l", "title": "Triage", "tasks": [task("1", "Confirm", "10m"), task("2", "Call", "")]}]);
    let new = json!([{"id": "l", "title": "Triage!", "tasks": [task("1", "Confirm", "20m"), task("3", "Page", "")]}]);
    let members = |pairs: &[(&str, &str)]| json!(pairs.iter().copied().collect::<BTreeMap<_, _>>());
    let fields = vec![
        change(
            "title",
            json!("Outage"),
            json!("Service outage"),
            Moved::Git,
        ),
        change(
            "members",
            members(&[("alice", "use"), ("bob", "use")]),
            members(&[("alice", "edit"), ("carol", "use")]),
            Moved::Git,
        ),
        change("start.invite", json!(["alice"]), json!(["bob"]), Moved::Git),
        change("start.welcome", Value::Null, json!("Hi."), Moved::Git),
        change(
            "updates.template",
            json!("a\nb\nc"),
            json!("a\nB\nc"),
            Moved::Git,
        ),
        change("checklists", old.clone(), new, Moved::Git),
    ];
    let drift = Refusal::new(Reason::Drift, "somebody changed start.channel.category")
        .help("bring the edit into the YAML");
    let moved = vec![change(
        "start.channel.category",
        json!("Elsewhere"),
        json!("Incidents"),
        Moved::Mattermost,
    )];
    let mut plan = plan(vec![
        step(
            "cyber",
            "Cybersecurity",
            Action::Create,
            vec![change("checklists", Value::Null, old, Moved::Git)],
        ),
        step("escalation", "Escalation", Action::Refused(drift), moved),
        step("old", "Old one", Action::Archive, Vec::new()),
        step("outage", "Outage", Action::Update, fields),
        step("quiet", "Quiet", Action::Unchanged, Vec::new()),
    ]);
    plan.notes.push(Note {
        kind: NoteKind::Copy,
        address: Some(plan.steps[3].address.clone()),
        id: None,
        text: "`Copy of Outage` (`x`) is a copy of it, and left alone".to_owned(),
    });
    insta::assert_snapshot!(shown(&plan), @r"
    + cyber (ops)  create `Cybersecurity`
        private, 1 checklists with 2 tasks, 0 members
    ! escalation (ops)  refused `Escalation`: edited in Mattermost since the last sync
        somebody changed start.channel.category
        what Mattermost has → what git says:
        start.channel.category: Elsewhere → Incidents  (changed in Mattermost)
        help: bring the edit into the YAML
    - old (ops)  archive `Old one`
    ~ outage (ops)  update `Outage`
        title: Outage → Service outage
        members: alice use → edit, -bob, +carol (use)
        start.invite: -alice, +bob
        start.welcome: (none) → Hi.
        updates.template: line 2: b → B
        checklists:
            ~ checklist `Triage` → `Triage!`
            - task `Call` in `Triage`
            ~ task `Confirm`: due 10m → 20m
            + task `Page` in `Triage!`
    note: outage (ops): `Copy of Outage` (`x`) is a copy of it, and left alone

    1 to create, 1 to update, 1 to archive, 1 refused, 1 unchanged
    ");
}

#[test]
fn whatever_a_value_holds_stays_in_its_line() {
    let nasty = "\u{1b}[31mred\u{202e}\nnext\t".to_owned() + &"x".repeat(100);
    let text = shown(&plan(vec![step(
        "a",
        &nasty,
        Action::Update,
        vec![change("title", json!(nasty), json!("b"), Moved::Git)],
    )]));
    assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'));
    assert_eq!(text.lines().count(), 4);
    assert!(text.lines().all(|line| line.chars().count() <= 110));
}

#[test]
fn text_that_was_added_after_a_blank_line_is_shown() {
    let change = change(
        "description",
        json!("Ours.\n\nAdded."),
        json!("Ours."),
        Moved::Mattermost,
    );
    let text = shown(&plan(vec![step("a", "A", Action::Update, vec![change])]));
    assert!(
        text.contains("description: line 3: Added. → (no line)"),
        "{text}"
    );
}

#[test]
fn programs_get_whole_values() {
    let long = "x".repeat(100);
    let fields = vec![change("title", json!("a"), json!(long), Moved::Both)];
    let plan = plan(vec![step("a", "A", Action::Update, fields)]);
    let value = serde_json::to_value(PlanDocument::from(&plan)).unwrap();
    assert_eq!(value["version"], 1);
    assert_eq!(value["changes"], 1);
    assert_eq!(value["summary"]["update"], 1);
    assert_eq!(value["steps"][0]["fields"][0]["git"], long.as_str());
    assert_eq!(value["steps"][0]["fields"][0]["moved"], "both");
}

#[test]
fn a_comment_has_the_summary_first_and_values_only_in_code() {
    let nasty = "``` @all </details> | [x](http://evil.example) ````";
    let fields = vec![change("title", json!("a"), json!(nasty), Moved::Git)];
    let drift = Refusal::new(Reason::Drift, nasty);
    let plan = plan(vec![
        step("a", nasty, Action::Update, fields),
        step("b", nasty, Action::Refused(drift), Vec::new()),
        step("c", "C", Action::Unchanged, Vec::new()),
    ]);
    let text = markdown(&plan);
    insta::assert_snapshot!(text, @r"
    ### warroom plan: 1 to update, 1 refused, 1 unchanged

    | | playbook | team | |
    |---|---|---|---|
    | `~` | `a` | `ops` | update |
    | `!` | `b` | `ops` | **refused**: edited in Mattermost since the last sync |

    <details><summary><code>a</code></summary>

    ``````text
    ~ a (ops)  update ```` @all </details> | [x](http://evil.example) `````
        title: a → ``` @all </details> | [x](http://evil.example) ````
    ``````

    </details>

    <details><summary><code>b</code></summary>

    ``````text
    ! b (ops)  refused ```` @all </details> | [x](http://evil.example) `````: edited in Mattermost since the last sync
        ``` @all </details> | [x](http://evil.example) ````
        what Mattermost has → what git says:
    ``````

    </details>
    ");
}

#[test]
fn a_comment_is_never_longer_than_it_may_be() {
    let steps = (0..2_000).map(|n| {
        let fields = vec![change(
            "title",
            json!("x".repeat(99)),
            json!("y"),
            Moved::Git,
        )];
        step(&format!("p{n}"), &"界".repeat(90), Action::Update, fields)
    });
    let text = markdown(&plan(steps.collect()));
    assert!(text.chars().count() <= 60_000, "{}", text.chars().count());
    assert!(text.starts_with("### warroom plan: 2000 to update"));
    assert!(text.ends_with("more are too long for a comment: `warroom plan` prints them."));
    assert_eq!(
        text.matches("<details>").count(),
        text.matches("</details>").count()
    );
    assert_eq!(
        markdown(&plan(Vec::new())),
        "### warroom plan: nothing to change"
    );
}
