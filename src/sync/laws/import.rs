//! The law of import: what was written down and taken over is in step.

use proptest::prelude::*;

use super::*;
use crate::sync::import::{Asked, Choice, Draft, choose, draft};
use crate::sync::observed::observe_with;
use crate::workspace::{Files, Listing, Overlay, Workspace, WorkspaceError, load};

const SETTINGS: &str = "format: 1\nworkspace: acme\nteam: ops\nsync: { account: warroom-bot }\n";

/// A folder with nothing in it.
#[derive(Debug)]
struct Nothing;

impl Files for Nothing {
    fn list(&self) -> Result<Listing, WorkspaceError> {
        Ok(Listing::default())
    }

    fn read(&self, _: &str) -> Result<Option<Vec<u8>>, WorkspaceError> {
        Ok(None)
    }
}

fn workspace(files: &dyn Files) -> Workspace {
    let loaded = load(files).unwrap();
    loaded
        .workspace
        .unwrap_or_else(|| panic!("{:?}", loaded.findings))
}

/// Puts a playbook into a world as if somebody had made it by hand.
fn made(state: &PlaybookState) -> World {
    let world = World::new();
    let wanted = desired(&[("outage", state.clone())]);
    let applied = synced(&world, &wanted, &anything(), "aaaaaaa");
    assert_eq!(ExitStatus::from(&applied), ExitStatus::Done, "{applied:?}");
    let id = world.id_of("outage");
    describe(&world, &id, |_| state.description.clone());
    world.forget_witnesses();
    world.writes();
    world
}

fn drafted(world: &World, files: &dyn Files) -> Draft {
    let workspace = workspace(files);
    let desired = Desired::of(&workspace).unwrap();
    let mut choice = Choice::default();
    let pick = |entries: &[_]| {
        choice = choose(entries, &Asked::All, &desired.workspace);
        choice.ids.clone()
    };
    let observed = now(observe_with(world, &desired, pick)).unwrap();
    draft(
        &workspace,
        files,
        &desired,
        &observed,
        &Base::default(),
        &choice,
    )
    .unwrap()
}

/// The state without what no file can say.
fn tamed(mut state: PlaybookState) -> PlaybookState {
    if state.updates_every.is_none() {
        // That channels hear nothing but the start.
        state.broadcast.clear();
    }
    // A group of Mattermost that `permissions.yaml` does not name.
    state.invite.remove("group:sre");
    for metric in &mut state.metrics {
        metric.title.retain(char::is_alphanumeric);
        metric
            .description
            .truncate(metric.description.trim_end().len());
        if metric.kind == MetricType::Duration {
            metric.target = metric.target.map(|target| target / 1_000 * 1_000);
        }
    }
    if !state.retrospective {
        state.metrics.clear();
    }
    for checklist in &mut state.checklists {
        for task in &mut checklist.tasks {
            // Parts of a second, and a title that is none or no line.
            task.due = task.due.map(|due| (due / 1_000 + 1) * 1_000);
            task.title
                .retain(|c| c.is_alphanumeric() || c.is_ascii_punctuation());
            task.title.insert(0, 't');
        }
    }
    state
}

/// The managed fields but for ids.
fn shown(world: &World, desired: &Desired) -> PlaybookState {
    let ids = [world.id_of("outage")].into();
    let observed = now(observe(world, desired, &ids)).unwrap();
    let mut state = observed.asked.into_values().next().unwrap().state;
    for checklist in &mut state.checklists {
        checklist.id.clear();
        checklist.tasks.iter_mut().for_each(|task| task.id.clear());
    }
    state
}

/// What somebody did to a playbook, brought into its file.
fn edited(
    world: &World,
    files: &mut Overlay<'_>,
    edit: impl FnOnce(&mut serde_json::Map<String, Value>),
) -> Draft {
    world.edit(&world.id_of("outage"), edit);
    let draft = drafted(world, files);
    for file in &draft.files {
        files.put(&file.path, file.after.clone().into_bytes());
    }
    draft
}

const PLAYBOOK: &str = "\
key: outage   # never changes
title: outage
description: 'A service is down.'
access: all
start:
  invite: [group:sre]   # whoever is on call
  channel: { category: Incidents }
checklists:
  # first of all
  - key: triage
    title: Triage
    tasks:
      - key: confirm
        title: Confirm   # from outside
        assign: role:comms
        due: 10m
        required: true
      - { key: page, title: Page }
updates: { every: 30m }
";

const PERMISSIONS: &str = "\
groups: { sre: [alice, bob] }
profiles:
  all: # of them
    playbook: { visibility: public, use: [dave], edit: [group:sre] }
    incident: { channel: public, export: true }
";

#[test]
fn an_edit_in_mattermost_becomes_an_edit_of_the_file() {
    let empty = Nothing;
    let mut files = Overlay::new(&empty);
    files.put(
        "warroom.yaml",
        format!("{SETTINGS}roles: {{ comms: {{ title: Comms }} }}\n").into(),
    );
    files.put("permissions.yaml", PERMISSIONS.into());
    files.put("playbooks/outage.yaml", PLAYBOOK.into());
    let wanted = || Desired::of(&workspace(&files)).unwrap();
    let world = World::new();
    synced(&world, &wanted(), &Options::plain(), "aaaaaaa");
    assert_eq!(drafted(&world, &files).files, []);
    let draft = edited(&world, &mut files, |playbook| {
        playbook.insert("category_name".to_owned(), json!("Outages: all"));
        playbook.insert("message_on_join_enabled".to_owned(), json!(true));
        playbook.insert("message_on_join".to_owned(), json!("Hello."));
        playbook.insert("admin_only_edit".to_owned(), json!(true));
        // The web editor drops the ids of what it writes.
        let list = &mut playbook["checklists"][0];
        list["id"] = json!("");
        for item in list["items"].as_array_mut().unwrap() {
            item["id"] = json!("");
        }
        list["items"][0]["due_date"] = json!(300_000);
        let new = json!({"id": "", "title": "Page again", "command": "/page"});
        list["items"].as_array_mut().unwrap().push(new);
    });
    let notes: Vec<&String> = draft.playbooks.iter().flat_map(|p| &p.notes).collect();
    assert_eq!(
        (notes, &draft.refused),
        (Vec::<&String>::new(), &Vec::new())
    );
    let diff = draft
        .files
        .iter()
        .map(crate::ui::import::diff)
        .collect::<String>();
    insta::assert_snapshot!(diff);
    // Afterwards only what nobody sees differs.
    let wanted = Desired::of(&workspace(&files)).unwrap();
    let step = planned(&world, &wanted, &overwriting());
    let fields: Vec<&str> = only_step(&step)
        .fields
        .iter()
        .map(|c| c.field.as_str())
        .collect();
    assert_eq!(fields, ["checklists"]);
    synced(&world, &wanted, &overwriting(), "bbbbbbb");
    assert!(planned(&world, &wanted, &Options::plain()).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases(128)) })]

    #[test]
    fn after_import_with_adoption_one_sync_writes_markers_and_ids_and_then_the_plan_is_empty(state in state()) {
        let state = tamed(state);
        let world = made(&state);
        let empty = Nothing;
        let mut files = Overlay::new(&empty);
        files.put("warroom.yaml", SETTINGS.into());
        let draft = drafted(&world, &files);
        prop_assert_eq!(world.writes(), Vec::<String>::new());
        prop_assert_eq!(&draft.refused, &Vec::new());
        let notes: Vec<&String> = draft.playbooks[0].notes.iter().filter(|note| !note.contains("secrets")).collect();
        prop_assert_eq!(notes, Vec::<&String>::new(), "{}", draft.files[1].after);
        for file in &draft.files {
            files.put(&file.path, file.after.clone().into_bytes());
        }
        let wanted = Desired::of(&workspace(&files)).unwrap();
        let before = shown(&world, &wanted);
        let options = Options {
            adopt: draft.adoptions().map(|(key, id)| (key.clone(), id.to_owned())).collect(),
            ..anything()
        };
        let applied = synced(&world, &wanted, &options, "bbbbbbb");
        prop_assert_eq!(ExitStatus::from(&applied), ExitStatus::Done, "{:?}", applied);
        prop_assert_eq!(shown(&world, &wanted), before);
        let again = planned(&world, &wanted, &anything());
        prop_assert!(again.is_empty(), "{:?}", again);
        // What is managed already is not written down a second time.
        prop_assert_eq!(drafted(&world, &files).files.len(), 0);
    }

    #[test]
    fn after_any_edit_in_mattermost_the_file_says_what_mattermost_has(first in state(), second in state()) {
        let [first, mut second] = [first, second].map(tamed);
        // Addresses stay as they are in Mattermost.
        (second.start_webhooks, second.update_webhooks) = (Some(0), Some(0));
        let mut first = first;
        (first.start_webhooks, first.update_webhooks) = (Some(0), Some(0));
        let world = made(&first);
        let empty = Nothing;
        let mut files = Overlay::new(&empty);
        files.put("warroom.yaml", SETTINGS.into());
        let draft = drafted(&world, &files);
        for file in &draft.files {
            files.put(&file.path, file.after.clone().into_bytes());
        }
        let wanted = Desired::of(&workspace(&files)).unwrap();
        let options = Options {
            adopt: draft.adoptions().map(|(key, id)| (key.clone(), id.to_owned())).collect(),
            ..anything()
        };
        synced(&world, &wanted, &options, "bbbbbbb");
        // Somebody makes it another playbook: all of it, but for the marker.
        let mut other = wanted.clone();
        state_of(&mut other, "outage").clone_from(&PlaybookState { title: "outage".to_owned(), ..second.clone() });
        let id = world.id_of("outage");
        let description = world.raw(&id).0["description"].clone();
        let marker = description.as_str().unwrap().rfind("[//]: warroom:").unwrap();
        let marker = description.as_str().unwrap()[marker..].to_owned();
        synced(&world, &other, &Options { on_drift: OnDrift::Overwrite, ..anything() }, "ccccccc");
        world.edit(&id, |p| { p.insert("description".to_owned(), json!(format!("{}\n\n{marker}", second.description))); });
        let draft = drafted(&world, &files);
        prop_assert_eq!(&draft.refused, &Vec::new());
        for file in &draft.files {
            files.put(&file.path, file.after.clone().into_bytes());
        }
        let notes: Vec<&String> = draft.playbooks.iter().flat_map(|p| &p.notes).filter(|note| !note.contains("by hand")).collect();
        prop_assert_eq!(notes, Vec::<&String>::new());
    }
}
