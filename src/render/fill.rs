//! Filling in: defaults, groups, profiles and templates of a playbook.

use super::condition::in_words;
use super::effective::{
    Access, Effective, EffectiveAttribute, EffectiveChecklist, EffectiveReview, EffectiveTask,
    EffectiveUpdates, Origin, SeverityInterval, Start, UsedTemplate, Who,
};
use super::message::{self, Source};
use crate::model::{
    Assign, Attribute, AttributeKind, AttributeSource, ChannelVisibility, IncidentAccess, Key,
    Members, Permissions, Person, PlaybookAccess, Settings,
};
use crate::template::TemplateKind;
use crate::workspace::{LoadedPlaybook, Workspace};

/// The playbook with everything filled in.
#[must_use]
pub fn effective(workspace: &Workspace, loaded: &LoadedPlaybook) -> Effective {
    let (settings, permissions) = (&workspace.settings, &workspace.permissions);
    let playbook = &loaded.playbook;
    let teams = playbook.teams_or(settings.team.as_ref());
    let review = playbook.review.as_ref();
    let updates = playbook.updates.as_ref();
    let retrospective = playbook.retrospective.as_ref();
    let metrics = retrospective.into_iter().flat_map(|r| &r.metrics);
    let mut told = playbook.start.announce.clone();
    let broadcast = updates.into_iter().flat_map(|updates| &updates.broadcast);
    for channel in broadcast {
        if !told.contains(channel) {
            told.push(channel.clone());
        }
    }
    Effective {
        key: playbook.key.clone(),
        title: playbook.title.clone(),
        file: loaded.path.clone(),
        description: playbook.description.clone(),
        teams: teams.into_iter().cloned().collect(),
        review: review.map(|review| EffectiveReview {
            owner: review.owner.clone(),
            by: review.by,
        }),
        access: access(&playbook.access, settings, permissions),
        start: Start {
            commander: playbook.start.commander.clone(),
            invite: everybody(&playbook.start.invite, permissions),
            channel: playbook.start.channel.clone(),
            number_prefix: playbook.start.number_prefix.clone(),
            told,
            webhooks: playbook
                .start
                .webhooks
                .iter()
                .map(|w| w.env.clone())
                .collect(),
        },
        attributes: playbook
            .attributes
            .iter()
            .map(|attribute| filled(attribute, settings))
            .collect(),
        progression: playbook.progression,
        checklists: checklists(loaded, settings),
        updates: updates.map(|updates| EffectiveUpdates {
            every: updates.every,
            by_severity: settings
                .severities
                .iter()
                .map(|severity| SeverityInterval {
                    severity: severity.key.clone(),
                    every: severity.update_every.unwrap_or(updates.every),
                })
                .collect(),
            broadcast: updates.broadcast.clone(),
            webhooks: updates.webhooks.iter().map(|w| w.env.clone()).collect(),
        }),
        retrospective: retrospective.is_some(),
        remind_every: retrospective.and_then(|r| r.remind_every),
        metrics: metrics.map(|metric| metric.title.clone()).collect(),
        templates: TemplateKind::ALL
            .map(|kind| used(kind, loaded, settings))
            .into(),
        unmanaged: playbook.unmanaged.clone(),
    }
}

fn access(name: &Key, settings: &Settings, permissions: &Permissions) -> Access {
    let profile = permissions.profiles.get(name).cloned().unwrap_or_default();
    let PlaybookAccess {
        visibility,
        users,
        editors,
        only_editors_edit,
    } = profile.playbook;
    let IncidentAccess {
        channel,
        commander_decides,
        export,
    } = profile.incident;
    let private_may_leave = export && settings.export.private_incidents;
    Access {
        profile: name.clone(),
        visibility,
        users: everybody(&users, permissions),
        editors: everybody(&editors, permissions),
        only_editors_edit,
        channel,
        commander_decides,
        export: channel == ChannelVisibility::Public || private_may_leave,
    }
}

fn everybody(people: &[Person], permissions: &Permissions) -> Vec<Who> {
    let who = |person: &Person| {
        let (people, mattermost_group) = match permissions.members(person) {
            Members::People(people) => (people.to_vec(), None),
            Members::Mattermost(group) => (Vec::new(), Some(group.clone())),
            Members::Undeclared => (Vec::new(), None),
        };
        Who {
            name: person.to_string(),
            people,
            mattermost_group,
        }
    };
    people.iter().map(who).collect()
}

fn filled(attribute: &Attribute, settings: &Settings) -> EffectiveAttribute {
    let severities = settings.severities.iter().map(|s| s.key.to_string());
    let (kind, options) = match attribute.from {
        Some(AttributeSource::Severities) => (AttributeKind::Select, severities.collect()),
        None => (
            attribute.kind.unwrap_or(AttributeKind::Text),
            attribute.options.clone(),
        ),
    };
    EffectiveAttribute {
        key: attribute.key.clone(),
        name: attribute.name.clone(),
        kind,
        options,
        format: attribute.format,
        show: attribute.show,
    }
}

fn checklists(loaded: &LoadedPlaybook, settings: &Settings) -> Vec<EffectiveChecklist> {
    let lists = loaded.playbook.checklists.iter().enumerate();
    let lists = lists.map(|(list, checklist)| {
        let tasks = checklist.tasks.iter().enumerate();
        let tasks = tasks.map(|(task, written)| EffectiveTask {
            number: format!("{}.{}", list + 1, task + 1),
            key: written.key.clone(),
            title: written.title.clone(),
            description: written.description.clone(),
            assignee: written
                .assign
                .as_ref()
                .map(|assign| assignee(assign, loaded, settings)),
            due: written.due,
            required: written.required,
            condition: written.when.as_ref().map(in_words),
            command: written.command.clone(),
            keywords: written
                .done_when
                .as_ref()
                .map_or_else(Vec::new, |done| done.keywords.clone()),
            keywords_from: written
                .done_when
                .as_ref()
                .map_or_else(Vec::new, |done| done.from.clone()),
        });
        EffectiveChecklist {
            number: list + 1,
            key: checklist.key.clone(),
            title: checklist.title.clone(),
            tasks: tasks.collect(),
        }
    });
    lists.collect()
}

fn assignee(assign: &Assign, loaded: &LoadedPlaybook, settings: &Settings) -> String {
    match assign {
        Assign::Commander => "the commander".to_owned(),
        Assign::Creator => "whoever started it".to_owned(),
        Assign::Role(role) => {
            let title = settings.roles.get(role).map(|role| role.title.as_str());
            format!("{} (role {role})", title.unwrap_or(role.as_str()))
        }
        Assign::Attribute(key) => {
            let mut attributes = loaded.playbook.attributes.iter();
            let name = attributes.find(|attribute| attribute.key == *key);
            let name = name.map_or(key.as_str(), |attribute| attribute.name.as_str());
            format!("whoever stands in {name} (attribute {key})")
        }
        Assign::User(name) => format!("@{name}"),
    }
}

fn used(kind: TemplateKind, loaded: &LoadedPlaybook, settings: &Settings) -> UsedTemplate {
    let (origin, file) = match message::source(kind, &loaded.playbook, settings) {
        Source::File(path) => (Origin::File, Some(path.to_string())),
        Source::Inline(_) => (Origin::Inline, None),
        Source::BuiltIn => (Origin::BuiltIn, None),
        Source::Nowhere => (Origin::Nowhere, None),
    };
    UsedTemplate {
        kind: kind.name(),
        origin,
        file,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::{Directory, load};

    fn example() -> Workspace {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/example");
        load(&Directory::new(root.into()).unwrap())
            .unwrap()
            .workspace
            .unwrap()
    }

    #[test]
    fn groups_become_people_and_those_of_mattermost_keep_their_name() {
        let permissions: Permissions = serde_json::from_value(serde_json::json!({
            "groups": { "sre": ["alice", "bob"], "support": { "mattermost_group": "oncall" } },
        }))
        .unwrap();
        let people: Vec<Person> = ["group:sre", "group:support", "carol"]
            .map(|name| name.parse().unwrap())
            .into();
        let all = everybody(&people, &permissions);
        let names = |who: &Who| {
            who.people
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
        };
        assert_eq!(names(&all[0]), ["alice", "bob"]);
        assert_eq!(all[1].mattermost_group.as_ref().unwrap().as_str(), "oncall");
        assert!(all[1].people.is_empty());
        assert_eq!(names(&all[2]), ["carol"]);
    }

    #[test]
    fn a_private_incident_leaves_mattermost_only_when_both_files_say_so() {
        let mut workspace = example();
        let name = workspace.playbooks[0].playbook.access.clone();
        let profile = workspace.permissions.profiles.get_mut(&name).unwrap();
        profile.incident.channel = ChannelVisibility::Private;
        profile.incident.export = true;
        let may =
            |workspace: &Workspace| effective(workspace, &workspace.playbooks[0]).access.export;
        workspace.settings.export.private_incidents = false;
        assert!(!may(&workspace));
        workspace.settings.export.private_incidents = true;
        assert!(may(&workspace));
    }

    #[test]
    fn what_a_playbook_leaves_out_is_filled_in() {
        let mut workspace = example();
        let bare = serde_json::json!({
            "key": "bare", "title": "Bare", "access": "nobody-declares-it",
            "checklists": [], "updates": { "every": "7m" },
            "attributes": [{ "key": "bad", "name": "Bad", "from": "severities" }],
        });
        let loaded = LoadedPlaybook {
            path: "playbooks/bare.yaml".to_owned(),
            playbook: serde_json::from_value(bare).unwrap(),
        };
        workspace
            .settings
            .severities
            .iter_mut()
            .for_each(|s| s.update_every = None);
        let bare = effective(&workspace, &loaded);
        assert_eq!(
            bare.teams,
            workspace
                .settings
                .team
                .clone()
                .into_iter()
                .collect::<Vec<_>>()
        );
        let keys = workspace
            .settings
            .severities
            .iter()
            .map(|s| s.key.to_string());
        assert_eq!(bare.attributes[0].options, keys.collect::<Vec<_>>());
        let every = bare.updates.unwrap().by_severity;
        assert!(!every.is_empty());
        assert!(every.iter().all(|of| of.every.to_string() == "7m"));
        let origin = |kind: &str| {
            let mut templates = bare.templates.iter();
            templates.find(|used| used.kind == kind).unwrap().origin
        };
        assert_eq!(origin("update"), Origin::BuiltIn);
        assert_eq!(origin("welcome"), Origin::Nowhere);
    }
}
