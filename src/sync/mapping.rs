//! Which key of YAML is which field of the Playbooks API, and since when.
//!
//! Owns the one table, from which `docs/mapping.md` is made; tests hold it against what
//! is really written and read. Translates nothing: `wire` does. Pure.

use std::fmt::Write as _;

use crate::model::{Feature, Need};

/// A key of YAML and what it becomes.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// Where it stands in YAML; in brackets what is written without a key.
    pub yaml: &'static str,
    /// The keys of the object that it becomes.
    pub fields: &'static [&'static str],
    /// What the server must have.
    pub needs: Option<Feature>,
    /// What else there is to know.
    pub note: &'static str,
}

/// An object of the API.
#[derive(Debug, Clone, Copy)]
pub struct Object {
    /// What it is called.
    pub title: &'static str,
    /// The calls that carry it.
    pub call: &'static str,
    /// Its fields that sync writes, reads back and compares.
    pub rows: &'static [Row],
}

const fn row(yaml: &'static str, fields: &'static [&'static str]) -> Row {
    Row {
        yaml,
        fields,
        needs: None,
        note: "",
    }
}

impl Row {
    const fn needs(self, feature: Feature) -> Self {
        Self {
            needs: Some(feature),
            ..self
        }
    }

    const fn note(self, note: &'static str) -> Self {
        Self { note, ..self }
    }
}

/// A playbook.
pub const PLAYBOOK: Object = Object {
    title: "Playbook",
    call: "`POST` and `PUT /playbooks`",
    rows: &[
        row("`title`", &["title"]),
        row("`description`", &["description"]).note("the marker stands below it"),
        row("`team`, `teams`", &["team_id"]),
        row("`access`: `playbook.visibility`", &["public"])
            .needs(Feature::PrivatePlaybook)
            .note("only `private` needs it"),
        row("`access`: `playbook.use`, `playbook.edit`", &["members"])
            .note("editors get both roles"),
        row(
            "`access`: `playbook.only_editors_edit`",
            &["admin_only_edit"],
        )
        .needs(Feature::OnlyEditorsEdit),
        row(
            "`access`: `incident.channel`",
            &["create_public_playbook_run"],
        ),
        row(
            "`access`: `incident.commander_decides`",
            &["owner_group_only_actions"],
        )
        .needs(Feature::CommanderDecides),
        row(
            "`start.commander`",
            &["default_owner_enabled", "default_owner_id"],
        ),
        row(
            "`start.invite`",
            &[
                "invite_users_enabled",
                "invited_user_ids",
                "invited_group_ids",
            ],
        )
        .note("groups of `permissions.yaml` become their people, those of Mattermost stay groups"),
        row("`start.channel.name`", &["channel_name_template"])
            .note("before Playbooks 2.11 only what a dialog proposes"),
        row("`start.channel.link`", &["channel_mode", "channel_id"]),
        row(
            "`start.channel.category`",
            &["categorize_channel_enabled", "category_name"],
        ),
        row(
            "`start.channel.archive_when_ended`",
            &["auto_archive_channel"],
        )
        .needs(Feature::ArchiveWhenEnded),
        row("`start.channel.always_new`", &["new_channel_only"]).needs(Feature::AlwaysNewChannel),
        row(
            "`start.channel.remove_leavers`",
            &["remove_channel_member_on_removed_participant"],
        ),
        row("(always on)", &["create_channel_member_on_new_participant"])
            .note("a new commander must be able to post"),
        row(
            "(always off)",
            &["signal_any_keywords_enabled", "signal_any_keywords"],
        )
        .note("without effect in Mattermost"),
        row("`start.number_prefix`", &["run_number_prefix"]).needs(Feature::NumberPrefix),
        row(
            "`start.webhooks`",
            &["webhook_on_creation_enabled", "webhook_on_creation_urls"],
        )
        .note("secrets: compared by their number, written by `sync`"),
        row(
            "`start.welcome`",
            &["message_on_join_enabled", "message_on_join"],
        ),
        row(
            "`start.overview`",
            &["run_summary_template_enabled", "run_summary_template"],
        ),
        row(
            "`updates.every`",
            &["status_update_enabled", "reminder_timer_default_seconds"],
        ),
        row("`updates.template`", &["reminder_message_template"]),
        row(
            "`updates.broadcast`",
            &["broadcast_enabled", "broadcast_channel_ids"],
        ),
        row(
            "`updates.webhooks`",
            &[
                "webhook_on_status_update_enabled",
                "webhook_on_status_update_urls",
            ],
        )
        .note("as `start.webhooks`"),
        row("`retrospective`", &["retrospective_enabled"]),
        row("`retrospective.template`", &["retrospective_template"]),
        row(
            "`retrospective.remind_every`",
            &["retrospective_reminder_interval_seconds"],
        ),
        row("`retrospective.metrics[]`", &["metrics"]).note("see below"),
        row("`checklists[]`", &["checklists"]).note("see below"),
    ],
};

/// A metric, inside the playbook.
pub const METRIC: Object = Object {
    title: "Metric",
    call: "in `metrics` of a playbook; its `id` is the server's",
    rows: &[
        row("`title`, `moved_from`", &["title"]).note("by which it is known"),
        row("`type`", &["type"]).note("another one is another metric"),
        row("`target`", &["target"]).note("durations in milliseconds"),
        row("`description`", &["description"]),
    ],
};

/// A checklist, inside the playbook.
pub const CHECKLIST: Object = Object {
    title: "Checklist",
    call: "in `checklists` of a playbook",
    rows: &[
        row("`key`", &["id"]).note("made from workspace, playbook and key"),
        row("`title`", &["title"]),
        row("`tasks[]`", &["items"]),
    ],
};

/// A task, inside its checklist.
pub const TASK: Object = Object {
    title: "Task",
    call: "in `items` of a checklist",
    rows: &[
        row("`key`", &["id"]).note("made from workspace, playbook, checklist and key"),
        row("`title`", &["title"]),
        row("`description`", &["description"]),
        row("`command`", &["command"]),
        row("`due`", &["due_date"]).note("milliseconds after the start"),
        row("`assign: user:NAME`", &["assignee_id"]).note("who must be invited"),
        row("`assign: commander`, `creator`", &["assignee_type"])
            .needs(Feature::AssignCommander)
            .note("`role:NAME` is filled in by `run`"),
        row("`assign: attribute:KEY`", &["assignee_property_field_id"])
            .needs(Feature::AssignAttribute),
        row("`done_when`", &["task_actions"]),
        row("`when`", &["condition_id"]).needs(Feature::Attributes),
    ],
};

/// An attribute, beside the playbook.
pub const ATTRIBUTE: Object = Object {
    title: "Attribute",
    call: "`/playbooks/{id}/property_fields`; its `id` is the server's",
    rows: &[
        row("`name`, `moved_from`", &["name"])
            .needs(Feature::Attributes)
            .note("by which it is known"),
        row("`type`, `from`", &["type"]).needs(Feature::Attributes),
        row("`show`", &["attrs.visibility"]).needs(Feature::Attributes),
        row("`format`", &["attrs.value_type"]).needs(Feature::Attributes),
        row("`options`, `from`", &["attrs.options"])
            .needs(Feature::Attributes)
            .note("ids made from workspace, playbook, key and option"),
        row("(its place)", &["attrs.sort_order"]).needs(Feature::Attributes),
    ],
};

/// A condition, beside the playbook.
pub const CONDITION: Object = Object {
    title: "Condition",
    call: "`/playbooks/{id}/conditions`; its `id` is the server's",
    rows: &[row("`when`", &["condition_expr"])
        .needs(Feature::Attributes)
        .note("known by what it asks; equal ones are one")],
};

/// Every object, in the order of the page.
pub const OBJECTS: [Object; 6] = [PLAYBOOK, METRIC, CHECKLIST, TASK, ATTRIBUTE, CONDITION];

/// The table as a page for people.
#[must_use]
pub fn page() -> String {
    let mut page = "\
# What becomes of each key

Which key of YAML is which field of the Playbooks API, made from the code:
`WARROOM_BLESS=1 cargo test --lib mapping`. All of it is written, read back and compared;
a field that is not listed, such as one of a newer server, stays as it is. A server that
lacks what a key needs is told by `plan`, before anything is written. Without a word in
the last two columns it works with Playbooks 2.9 and every tier that has Playbooks.

`key`, `review`, `progression`, `required`, `templates`, `start.announce` and `unmanaged`
are warroom's own and reach no field.
"
    .to_owned();
    for object in OBJECTS {
        let _ = write!(
            page,
            "\n## {}\n\n{}\n\n| YAML | API | Since | Tier | |\n|---|---|---|---|---|\n",
            object.title, object.call
        );
        for row in object.rows {
            let fields: Vec<String> = row.fields.iter().map(|f| format!("`{f}`")).collect();
            let (mut since, mut tier) = (String::new(), String::new());
            match row.needs.map(Feature::need) {
                Some(Need::Version(major, minor)) => since = format!("{major}.{minor}"),
                Some(Need::Tier(needed)) => needed.as_str().clone_into(&mut tier),
                None => {}
            }
            let _ = writeln!(
                page,
                "| {} | {} | {since} | {tier} | {} |",
                row.yaml,
                fields.join(", "),
                row.note
            );
        }
    }
    page
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::{Map, Value};

    use super::*;
    use crate::mattermost::playbooks::{MetricType, PropertyField};
    use crate::sync::canonical::tests::{attributes, sample};
    use crate::sync::canonical::{MetricState, PlaybookState};
    use crate::sync::directory::Directory;
    use crate::sync::wire::{
        Around, Beside, OptionIds, RawPlaybook, References, Renames, Webhooks, lay_attribute,
    };

    #[test]
    fn the_page_is_what_the_table_says() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/mapping.md");
        if std::env::var_os("WARROOM_BLESS").is_some() {
            fs_err::write(path, page()).unwrap();
        }
        let stands = fs_err::read_to_string(path).unwrap_or_default();
        assert!(
            stands == page(),
            "`docs/mapping.md` is stale: run `WARROOM_BLESS=1 cargo test --lib mapping`"
        );
    }

    fn listed(object: Object) -> BTreeSet<String> {
        let fields = object.rows.iter().flat_map(|row| row.fields);
        fields.map(|field| (*field).to_owned()).collect()
    }

    fn directory() -> Directory {
        let mut directory = Directory::default();
        for name in ["alice", "bob", "carol", "dave"] {
            directory.add_person(format!("{name}-id"), name);
        }
        directory.add_group("sre-id", "sre");
        directory.add_channel("incidents-id", "ops-id", "incidents");
        directory
    }

    /// A playbook that uses every field, of those that exclude one another the first.
    fn full() -> PlaybookState {
        let mut state = sample();
        state.invite.insert("group:sre".to_owned());
        state.channel_link = Some("~incidents".to_owned());
        state.channel_name = Some("{SEQ}".to_owned());
        (state.only_editors_edit, state.commander_decides) = (true, true);
        (
            state.archive_when_ended,
            state.always_new,
            state.remove_leavers,
        ) = (true, true, true);
        state.signal_keywords.insert("outage".to_owned());
        state.overview = Some("Overview".to_owned());
        state.retrospective_every = Some(5);
        state.update_webhooks = Some(1);
        state.metrics = vec![MetricState {
            title: "Cost".to_owned(),
            kind: MetricType::Currency,
            target: Some(1),
            description: "All of it.".to_owned(),
        }];
        state
    }

    fn laid() -> RawPlaybook {
        let hook = || vec!["https://hooks.example.com".to_owned()];
        let webhooks = Webhooks {
            start: hook(),
            update: hook(),
        };
        let around = Around {
            description: "Text".to_owned(),
            team: "ops-id",
            webhooks: &webhooks,
            renames: &Renames::default(),
            references: Some(&References::to(&Beside::default())),
        };
        let mut raw = RawPlaybook::default();
        raw.lay(&full(), around, &directory()).unwrap();
        raw
    }

    fn keys(value: &Value) -> BTreeSet<String> {
        value.as_object().unwrap().keys().cloned().collect()
    }

    #[test]
    fn exactly_what_is_listed_is_written() {
        let raw = Value::Object(laid().0);
        assert_eq!(keys(&raw), listed(PLAYBOOK));
        assert_eq!(keys(&raw["metrics"][0]), listed(METRIC));
        assert_eq!(keys(&raw["checklists"][0]), listed(CHECKLIST));
        assert_eq!(keys(&raw["checklists"][0]["items"][0]), listed(TASK));
    }

    #[test]
    fn everything_that_is_listed_is_read() {
        let whole = laid();
        let state = |raw: &RawPlaybook| raw.state(&Beside::default(), &directory());
        for field in listed(PLAYBOOK) {
            let mut without = whole.clone();
            without.0.remove(&field);
            assert_ne!(state(&without), state(&whole), "{field}");
        }
        // What tasks refer to is read with what stands beside: the laws of conditions hold it.
        let beside = ["assignee_property_field_id", "condition_id"];
        for field in listed(TASK) {
            let mut without = whole.clone();
            let items = without.0["checklists"][0]["items"].as_array_mut().unwrap();
            let items = items.iter_mut().filter_map(Value::as_object_mut);
            items.for_each(|item: &mut Map<String, Value>| {
                item.remove(&field);
            });
            let differs = state(&without) != state(&whole);
            assert_eq!(differs, !beside.contains(&field.as_str()), "{field}");
        }
        for field in listed(METRIC) {
            let mut without = whole.clone();
            let metric = without.0["metrics"][0].as_object_mut().unwrap();
            metric.remove(&field);
            assert_ne!(state(&without), state(&whole), "{field}");
        }
    }

    #[test]
    fn exactly_what_is_listed_of_an_attribute_is_laid() {
        let before = serde_json::to_value(PropertyField::default()).unwrap();
        let mut changed = BTreeSet::from(["attrs.sort_order".to_owned()]);
        for attribute in attributes() {
            let mut field = PropertyField::default();
            lay_attribute(&mut field, &attribute, &OptionIds::new());
            let after = serde_json::to_value(field).unwrap();
            for (key, value) in after.as_object().unwrap() {
                if key == "attrs" {
                    let attrs = value.as_object().unwrap().iter();
                    let attrs = attrs.filter(|(name, value)| before["attrs"][*name] != **value);
                    changed.extend(attrs.map(|(name, _)| format!("attrs.{name}")));
                } else if before[key] != *value {
                    changed.insert(key.clone());
                }
            }
        }
        assert_eq!(changed, listed(ATTRIBUTE));
    }
}
