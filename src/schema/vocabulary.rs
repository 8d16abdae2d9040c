//! The words of Mattermost for what warroom calls otherwise.
//!
//! People write them by habit: they stand in the API of Playbooks, in its exports and
//! in its older versions. The one table of them; whether one can simply be renamed is
//! decided where the mistake is found.

use std::fmt::Write;

/// A key of Mattermost that a mapping of ours does not have.
#[derive(Debug)]
pub(super) struct Word {
    /// The key as Mattermost has it.
    pub(super) theirs: &'static str,
    /// The mapping in which people write it: a definition of the schema, or `Playbook`.
    pub(super) within: &'static str,
    /// What it is here.
    pub(super) ours: Ours,
}

/// What a word of Mattermost is here.
#[derive(Debug)]
pub(super) enum Ours {
    /// This key of the same mapping, with the same value.
    Key(&'static str),
    /// This key of the same mapping, and how its value is written.
    Written(&'static str, &'static str),
    /// Keys of a playbook, from the top down, and how the value is written.
    Place(&'static [&'static str], &'static str),
    /// Keys of a profile in `permissions.yaml`, from the top down.
    Profile(&'static [&'static str]),
}

use Ours::{Key, Place, Profile, Written};

/// What Mattermost means by a key in one of our mappings.
pub(super) fn word(within: &str, key: &str) -> Option<&'static Word> {
    WORDS
        .iter()
        .find(|word| word.within == within && word.theirs == key)
}

impl Word {
    /// The key of the same mapping that takes the same value.
    pub(super) fn key_here(&self) -> Option<&'static str> {
        match self.ours {
            Key(key) => Some(key),
            _ => None,
        }
    }

    /// What to write instead.
    pub(super) fn label(&self) -> String {
        match self.ours {
            Key(key) | Written(key, _) => format!("here it is `{key}`"),
            Place(keys, _) => format!("here it is {}", under(keys)),
            Profile(keys) => format!("here it is {} of a profile", under(keys)),
        }
    }

    /// What else helps; none where the keys to choose from help more.
    pub(super) fn help(&self) -> Option<String> {
        let theirs = format!("`{}` is the word of Mattermost", self.theirs);
        match self.ours {
            Key(_) => None,
            Written(_, how) | Place(_, how) => Some(format!("{theirs}; here {how}")),
            Profile(_) => Some(format!(
                "{theirs}; here `permissions.yaml` has profiles, and `access` of a playbook names one of them"
            )),
        }
    }
}

/// Keys in the order in which people look for them: `` `name` under `channel` under `start` ``.
fn under(keys: &[&str]) -> String {
    let mut text = String::new();
    for key in keys.iter().rev() {
        let link = if text.is_empty() { "" } else { " under " };
        let _ = write!(text, "{link}`{key}`");
    }
    text
}

const fn entry(within: &'static str, theirs: &'static str, ours: Ours) -> Word {
    Word {
        theirs,
        within,
        ours,
    }
}

const CHANNELS: &str = "channels are named, such as `[~incidents]`";
const DURATION: &str = "it is a span of time, such as `30m` or `2d`";
const PEOPLE: &str = "people are named, such as `[carol, group:sre]`";
const PERSON: &str = "people are named, such as `carol`";
const SECRETS: &str =
    "addresses are references to secrets, such as `[{ env: WARROOM_SECRET_PAGER }]`";
const SWITCH: &str = "the key is there, or the feature is off";
const TEXT: &str = "it is a text, or the path of a template that ends in `.j2`";
const ASSIGN: &str = "it is `commander`, `creator`, `role:NAME`, `attribute:KEY` or `user:NAME`";
const WHEN: &str =
    "a task names attributes and values itself, such as `when: { service: [checkout] }`";

static WORDS: &[Word] = &[
    entry("Playbook", "name", Key("title")),
    entry("Playbook", "checklist", Key("checklists")),
    entry("Playbook", "stages", Key("checklists")),
    entry(
        "Playbook",
        "team_id",
        Written(
            "team",
            "it is the name of the team in its URL, such as `ops`",
        ),
    ),
    entry("Playbook", "owner", Place(&["start", "commander"], PERSON)),
    entry(
        "Playbook",
        "commander",
        Place(&["start", "commander"], PERSON),
    ),
    entry(
        "Playbook",
        "default_owner_id",
        Place(&["start", "commander"], PERSON),
    ),
    entry(
        "Playbook",
        "default_owner_username",
        Place(&["start", "commander"], PERSON),
    ),
    entry(
        "Playbook",
        "default_owner_enabled",
        Place(&["start", "commander"], SWITCH),
    ),
    entry(
        "Playbook",
        "default_commander_id",
        Place(&["start", "commander"], PERSON),
    ),
    entry(
        "Playbook",
        "invited_user_ids",
        Place(&["start", "invite"], PEOPLE),
    ),
    entry(
        "Playbook",
        "invited_group_ids",
        Place(&["start", "invite"], PEOPLE),
    ),
    entry(
        "Playbook",
        "invite_users_enabled",
        Place(&["start", "invite"], SWITCH),
    ),
    entry(
        "Playbook",
        "channel_id",
        Place(
            &["start", "channel", "link"],
            "the channel is named, such as `~outages`",
        ),
    ),
    entry(
        "Playbook",
        "channel_name_template",
        Place(
            &["start", "channel", "name"],
            "it is text such as `{SEQ}-{Service}`",
        ),
    ),
    entry(
        "Playbook",
        "category_name",
        Place(
            &["start", "channel", "category"],
            "it is a text of at most 22 bytes",
        ),
    ),
    entry(
        "Playbook",
        "auto_archive_channel",
        Place(
            &["start", "channel", "archive_when_ended"],
            "it is `true` or `false`",
        ),
    ),
    entry(
        "Playbook",
        "run_number_prefix",
        Place(&["start", "number_prefix"], "it is text such as `OUT`"),
    ),
    entry(
        "Playbook",
        "announcement_channel_id",
        Place(&["start", "announce"], CHANNELS),
    ),
    entry(
        "Playbook",
        "message_on_join",
        Place(&["start", "welcome"], TEXT),
    ),
    entry(
        "Playbook",
        "message_on_join_enabled",
        Place(&["start", "welcome"], SWITCH),
    ),
    entry(
        "Playbook",
        "run_summary_template",
        Place(&["start", "overview"], TEXT),
    ),
    entry(
        "Playbook",
        "run_summary_template_enabled",
        Place(&["start", "overview"], SWITCH),
    ),
    entry(
        "Playbook",
        "webhook_on_creation_url",
        Place(&["start", "webhooks"], SECRETS),
    ),
    entry(
        "Playbook",
        "webhook_on_creation_urls",
        Place(&["start", "webhooks"], SECRETS),
    ),
    entry(
        "Playbook",
        "webhook_on_creation_enabled",
        Place(&["start", "webhooks"], SWITCH),
    ),
    entry(
        "Playbook",
        "webhook_on_status_update_urls",
        Place(&["updates", "webhooks"], SECRETS),
    ),
    entry(
        "Playbook",
        "webhook_on_status_update_enabled",
        Place(&["updates", "webhooks"], SWITCH),
    ),
    entry(
        "Playbook",
        "status_update_enabled",
        Place(&["updates"], SWITCH),
    ),
    entry(
        "Playbook",
        "reminder_timer_default_seconds",
        Place(&["updates", "every"], DURATION),
    ),
    entry(
        "Playbook",
        "reminder_message_template",
        Place(&["updates", "template"], TEXT),
    ),
    entry(
        "Playbook",
        "broadcast_channel_id",
        Place(&["updates", "broadcast"], CHANNELS),
    ),
    entry(
        "Playbook",
        "broadcast_channel_ids",
        Place(&["updates", "broadcast"], CHANNELS),
    ),
    entry(
        "Playbook",
        "broadcast_enabled",
        Place(&["updates", "broadcast"], SWITCH),
    ),
    entry(
        "Playbook",
        "retrospective_enabled",
        Place(&["retrospective"], SWITCH),
    ),
    entry(
        "Playbook",
        "retrospective_template",
        Place(&["retrospective", "template"], TEXT),
    ),
    entry(
        "Playbook",
        "retrospective_reminder_interval_seconds",
        Place(&["retrospective", "remind_every"], DURATION),
    ),
    entry(
        "Playbook",
        "metrics",
        Place(
            &["retrospective", "metrics"],
            "each has `key`, `title` and `type`",
        ),
    ),
    entry(
        "Playbook",
        "property_fields",
        Written("attributes", "each has `key`, `name` and `type`"),
    ),
    entry("Playbook", "public", Profile(&["playbook", "visibility"])),
    entry("Playbook", "members", Profile(&["playbook", "use"])),
    entry("Playbook", "member_ids", Profile(&["playbook", "use"])),
    entry(
        "Playbook",
        "admin_only_edit",
        Profile(&["playbook", "only_editors_edit"]),
    ),
    entry(
        "Playbook",
        "create_public_playbook_run",
        Profile(&["incident", "channel"]),
    ),
    entry(
        "Playbook",
        "owner_group_only_actions",
        Profile(&["incident", "commander_decides"]),
    ),
    entry("Checklist", "name", Key("title")),
    entry("Checklist", "items", Key("tasks")),
    entry("Checklist", "steps", Key("tasks")),
    entry("Task", "name", Key("title")),
    entry("Task", "assignee", Key("assign")),
    entry("Task", "assignee_id", Written("assign", ASSIGN)),
    entry("Task", "assignee_type", Written("assign", ASSIGN)),
    entry(
        "Task",
        "due_date",
        Written(
            "due",
            "it counts from the start of the incident, such as `30m` or `2d`",
        ),
    ),
    entry("Task", "condition_id", Written("when", WHEN)),
    entry(
        "Task",
        "task_actions",
        Written(
            "done_when",
            "only keywords close a task, such as `done_when: { keywords: [mitigated] }`",
        ),
    ),
    entry("Start", "owner", Key("commander")),
    entry("Start", "invited_users", Key("invite")),
    entry("Start", "invited_user_ids", Written("invite", PEOPLE)),
    entry("Start", "message_on_join", Key("welcome")),
    entry("Start", "summary", Key("overview")),
    entry("Start", "run_number_prefix", Key("number_prefix")),
    entry(
        "Start",
        "broadcast",
        Place(&["updates", "broadcast"], CHANNELS),
    ),
    entry("RunChannel", "category_name", Key("category")),
    entry("RunChannel", "channel_name_template", Key("name")),
    entry(
        "RunChannel",
        "auto_archive_channel",
        Key("archive_when_ended"),
    ),
    entry("Attribute", "values", Key("options")),
    entry("Attribute", "visibility", Key("show")),
    entry("Updates", "reminder", Key("every")),
    entry(
        "Updates",
        "reminder_timer_default_seconds",
        Written("every", DURATION),
    ),
    entry("Updates", "reminder_message_template", Key("template")),
    entry("Updates", "broadcast_channels", Key("broadcast")),
    entry(
        "Updates",
        "broadcast_channel_ids",
        Written("broadcast", CHANNELS),
    ),
    entry("Retrospective", "retrospective_template", Key("template")),
    entry(
        "Retrospective",
        "retrospective_reminder_interval_seconds",
        Written("remind_every", DURATION),
    ),
    entry("Metric", "name", Key("title")),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;
    use crate::schema::Kind;

    fn schema(kind: Kind) -> Value {
        serde_json::from_str(kind.text()).unwrap()
    }

    /// The keys of a mapping; a definition by its name, `Playbook` the whole file.
    fn properties<'v>(schema: &'v Value, definition: &str) -> &'v Value {
        if definition == "Playbook" {
            return &schema["properties"];
        }
        let properties = &schema["$defs"][definition]["properties"];
        assert!(properties.is_object(), "there is no `{definition}`");
        properties
    }

    /// Follows keys from a mapping down; elements of lists are passed through.
    fn leads_somewhere(schema: &Value, from: &str, keys: &[&str]) -> bool {
        let mut within = from.to_owned();
        for (depth, key) in keys.iter().enumerate() {
            let value = &properties(schema, &within)[key];
            if value.is_null() {
                return false;
            }
            let reference = value["$ref"].as_str().or(value["items"]["$ref"].as_str());
            let name = reference.and_then(|r| r.strip_prefix("#/$defs/"));
            match name {
                Some(name) => name.clone_into(&mut within),
                None => return depth + 1 == keys.len(),
            }
        }
        true
    }

    #[test]
    fn every_word_leads_to_a_key_that_the_schema_has() {
        let playbook = schema(Kind::Playbook);
        let permissions = schema(Kind::Permissions);
        for word in WORDS {
            let there = match word.ours {
                Key(key) | Written(key, _) => leads_somewhere(&playbook, word.within, &[key]),
                Place(keys, _) => leads_somewhere(&playbook, "Playbook", keys),
                Profile(keys) => leads_somewhere(&permissions, "Profile", keys),
            };
            assert!(there, "{word:?}");
        }
    }

    #[test]
    fn no_word_is_a_key_of_ours_and_none_stands_twice() {
        let playbook = schema(Kind::Playbook);
        let mut seen = BTreeSet::new();
        for word in WORDS {
            let ours = &properties(&playbook, word.within)[word.theirs];
            assert!(ours.is_null(), "{word:?}");
            assert!(seen.insert((word.within, word.theirs)), "{word:?}");
        }
    }

    #[test]
    fn a_word_says_where_the_key_is_here() {
        let label = |within, key| word(within, key).map(Word::label);
        assert_eq!(
            label("Checklist", "items").as_deref(),
            Some("here it is `tasks`")
        );
        assert_eq!(
            label("Playbook", "category_name").as_deref(),
            Some("here it is `category` under `channel` under `start`")
        );
        assert_eq!(
            label("Playbook", "public").as_deref(),
            Some("here it is `visibility` under `playbook` of a profile")
        );
        assert_eq!(label("Task", "items"), None);
    }
}
