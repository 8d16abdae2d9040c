//! Laying and reading, there and back.

use super::*;
use crate::mattermost::playbooks::MetricType;
use crate::sync::canonical::tests::sample;
use crate::sync::canonical::{DoneWhenState, MetricState};

fn directory() -> Directory {
    let mut directory = Directory::default();
    for name in ["alice", "bob", "carol", "dave"] {
        directory.add_person(format!("{name}-id"), name);
    }
    directory.add_group("sre-id", "sre");
    directory.add_channel("incidents-id", "ops-id", "incidents");
    directory
}

fn webhooks() -> Webhooks {
    Webhooks {
        start: vec!["https://hooks.example.com/secret".to_owned()],
        update: Vec::new(),
    }
}

fn laid(state: &PlaybookState, mut raw: RawPlaybook) -> RawPlaybook {
    lay(state, &mut raw).unwrap();
    raw
}

fn lay(state: &PlaybookState, raw: &mut RawPlaybook) -> Result<(), UnknownName> {
    let around = Around {
        description: state.description.clone(),
        team: "ops-id",
        webhooks: &webhooks(),
        renames: &Renames::default(),
        references: None,
    };
    raw.lay(state, around, &directory())
}

#[test]
fn what_is_laid_is_read_again() {
    let raw = laid(&sample(), RawPlaybook::default());
    assert_eq!(raw.state(&Beside::default(), &directory()), sample());
}

#[test]
fn everything_off_is_read_again_too() {
    let mut state = sample();
    state.updates_every = None;
    state.updates_template = None;
    state.broadcast.clear();
    state.retrospective = false;
    state.retrospective_template = None;
    state.welcome = None;
    state.category = None;
    state.commander = None;
    state.invite.clear();
    state.channel_link = Some("~incidents".to_owned());
    let raw = laid(&state, RawPlaybook::default());
    assert_eq!(raw.state(&Beside::default(), &directory()), state);
    assert_eq!(
        raw.number("reminder_timer_default_seconds"),
        IDLE_TIMER_SECONDS
    );
}

#[test]
fn unknown_keys_survive_at_every_level() {
    let mut raw = laid(&sample(), RawPlaybook::default());
    raw.set("later", json!({"a": 1}));
    raw.0["checklists"][0]["later"] = json!(2);
    raw.0["checklists"][0]["items"][1]["condition_id"] = json!("c");
    let mut state = sample();
    state.checklists[0].tasks.swap(0, 1);
    let raw = laid(&state, raw);
    assert_eq!(raw.0["later"], json!({"a": 1}));
    assert_eq!(raw.0["checklists"][0]["later"], 2);
    assert_eq!(raw.0["checklists"][0]["items"][0]["condition_id"], "c");
}

#[test]
fn members_that_stay_are_left_as_they_came() {
    let mut raw = RawPlaybook::default();
    let bob = json!({"user_id": "bob-id", "roles": ["playbook_member"], "scheme_roles": ["playbook_member"]});
    raw.set(
        "members",
        json!([
            {"user_id": "dave-id", "roles": ["playbook_member"]},
            bob,
        ]),
    );
    let raw = laid(&sample(), raw);
    assert_eq!(
        raw.0["members"],
        json!([bob, {"user_id": "alice-id", "roles": ["playbook_member", "playbook_admin"]}])
    );
}

#[test]
fn unmanaged_fields_are_not_touched() {
    use crate::model::Unmanaged::{Members, Webhooks};
    let mut raw = RawPlaybook::default();
    raw.set("webhook_on_creation_urls", json!(["https://other"]));
    raw.set("webhook_on_creation_enabled", true);
    raw.set(
        "members",
        json!([{"user_id": "x", "roles": ["playbook_admin"]}]),
    );
    let raw = laid(&sample().without(&[Members, Webhooks]), raw);
    assert_eq!(raw.0["webhook_on_creation_urls"], json!(["https://other"]));
    assert_eq!(raw.0["members"][0]["user_id"], "x");
}

#[test]
fn a_name_that_nobody_has_is_an_error() {
    let mut state = sample();
    state.invite.insert("zoe".to_owned());
    let error = lay(&state, &mut RawPlaybook::default()).unwrap_err();
    assert_eq!(error, UnknownName("zoe".to_owned()));
}

#[test]
fn foreign_settings_show_as_what_they_are() {
    let mut raw = laid(&sample(), RawPlaybook::default());
    raw.set("invited_group_ids", json!(["g"]));
    raw.set("broadcast_channel_ids", json!(["elsewhere"]));
    raw.0["checklists"][0]["items"][0]["assignee_type"] = json!("property_user");
    raw.0["checklists"][0]["items"][0]["assignee_property_field_id"] = json!("f");
    raw.0["checklists"][0]["items"][1]["task_actions"][0]["actions"][0]["payload"] =
        json!("{\"enabled\":false}");
    raw.0["members"][0]["roles"] = json!(["playbook_admin"]);
    let state = raw.state(&Beside::default(), &directory());
    assert!(state.invite.contains("group:id:g"));
    assert!(state.broadcast.contains("id:elsewhere"));
    let tasks = &state.checklists[0].tasks;
    assert_eq!(tasks[0].assign.as_deref(), Some("property_user:f"));
    assert!(matches!(
        tasks[1].done_when,
        Some(DoneWhenState::Other(Value::Array(_)))
    ));
    let members = state.members.unwrap();
    assert!(
        members
            .values()
            .any(|a| *a == Access::Other("playbook_admin".to_owned()))
    );
}

#[test]
fn null_lists_are_empty() {
    let mut raw = laid(&sample(), RawPlaybook::default());
    for key in [
        "checklists",
        "members",
        "invited_user_ids",
        "broadcast_channel_ids",
    ] {
        raw.set(key, Value::Null);
    }
    let state = raw.state(&Beside::default(), &directory());
    assert!(state.checklists.is_empty() && state.invite.is_empty());
}

#[test]
fn webhooks_never_show_their_addresses() {
    assert!(!format!("{:?}", webhooks()).contains("secret"));
}

#[test]
fn groups_keys_of_channels_and_metrics_are_read_again() {
    let mut state = sample();
    state.invite.insert("group:sre".to_owned());
    (state.always_new, state.remove_leavers) = (true, true);
    state.metrics = vec![MetricState {
        title: "Downtime".to_owned(),
        kind: MetricType::Duration,
        target: Some(0),
        description: String::new(),
    }];
    let mut raw = laid(&state, RawPlaybook::default());
    assert_eq!(raw.0["invited_group_ids"], json!(["sre-id"]));
    assert_eq!(raw.groups(), BTreeSet::from(["sre-id".to_owned()]));
    assert_eq!(raw.state(&Beside::default(), &directory()), state);
    // What is without effect is shown, and never kept.
    raw.set("signal_any_keywords_enabled", true);
    raw.set("signal_any_keywords", json!(["outage"]));
    let shown = raw.state(&Beside::default(), &directory());
    assert_eq!(shown.signal_keywords.len(), 1);
    assert_eq!(laid(&state, raw).0["signal_any_keywords"], json!([]));
}
