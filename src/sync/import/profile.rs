//! Who may do what: members and flags of a playbook as a profile of `permissions.yaml`.

use std::collections::BTreeMap;

use super::playbook::{Entries, put};
use crate::model::{
    ChannelVisibility, IncidentAccess, Key, Members, Permissions, Person, PlaybookAccess, Profile,
    Settings, Username, Visibility,
};
use crate::sync::canonical::{Access, PlaybookState};
use crate::yaml::Value;

/// The members that YAML can name.
#[derive(Debug, Clone, Default)]
pub(super) struct Named {
    users: Vec<Person>,
    editors: Vec<Person>,
    /// Whether these are all.
    pub(super) complete: bool,
}

/// The members that YAML can name; says which it cannot.
pub(super) fn members(
    state: &PlaybookState,
    settings: &Settings,
    notes: &mut Vec<String>,
) -> Named {
    let mut named = Named {
        complete: state.members.is_some(),
        ..Named::default()
    };
    for (name, access) in state.members.iter().flatten() {
        let person = name.parse::<Username>().map(Person::User);
        match (person, access) {
            (Ok(person), Access::Use) => named.users.push(person),
            // Sync adds it wherever it is missing: no profile has to name it.
            (Ok(_), Access::Edit)
                if settings
                    .sync
                    .account
                    .as_ref()
                    .is_some_and(|a| a.as_str() == name) => {}
            (Ok(person), Access::Edit) => named.editors.push(person),
            (Ok(person), Access::Other(roles)) => {
                named.complete = false;
                let roles = crate::diag::one_line(roles);
                notes.push(format!("`{person}` has the roles `{roles}` in it, which YAML cannot say: `unmanaged: [members]` leaves all members as they are"));
            }
            (Err(_), _) => {
                named.complete = false;
                let name = crate::diag::one_line(name);
                notes.push(format!("the member `{name}` cannot be named in YAML: `unmanaged: [members]` leaves all members as they are"));
            }
        }
    }
    named
}

/// The profile that says what Mattermost says.
pub(super) fn profile(state: &PlaybookState, members: &Named) -> Profile {
    Profile {
        playbook: PlaybookAccess {
            visibility: state.visibility,
            users: members.users.clone(),
            editors: members.editors.clone(),
            only_editors_edit: state.only_editors_edit,
        },
        incident: IncidentAccess {
            channel: state.incident_channel,
            commander_decides: state.commander_decides,
            export: false,
        },
    }
}

/// The profile of the workspace that allows exactly the same.
pub(super) fn equal(
    permissions: &Permissions,
    wanted: &Profile,
    account: Option<&Username>,
) -> Option<Key> {
    let people = effective(permissions, wanted, account)?;
    let mut profiles = permissions.profiles.iter();
    let found = profiles.find(|(_, profile)| {
        let flags = |p: &Profile| (p.playbook.visibility, p.playbook.only_editors_edit);
        flags(profile) == flags(wanted)
            && profile.incident == wanted.incident
            && effective(permissions, profile, account).as_ref() == Some(&people)
    });
    found.map(|(key, _)| key.clone())
}

/// Each person and whether they may edit; none where only Mattermost knows.
fn effective(
    permissions: &Permissions,
    profile: &Profile,
    account: Option<&Username>,
) -> Option<BTreeMap<String, bool>> {
    let mut people = BTreeMap::new();
    let lists = [
        (&profile.playbook.users, false),
        (&profile.playbook.editors, true),
    ];
    for (list, edits) in lists {
        for person in list {
            let Members::People(names) = permissions.members(person) else {
                return None;
            };
            people.extend(names.iter().map(|name| (name.to_string(), edits)));
        }
    }
    people.extend(account.map(|account| (account.to_string(), true)));
    Some(people)
}

/// Names groups again where all of their people are among those who are named now.
pub(super) fn keep_groups(permissions: &Permissions, before: &Profile, after: &mut Profile) {
    let all =
        |people: &[Person]| -> Vec<String> { people.iter().map(ToString::to_string).collect() };
    let editors = all(&after.playbook.editors);
    let mut users = all(&after.playbook.users);
    // Whoever may edit may also use: a group of both loses nobody.
    let may_use: Vec<String> = users.drain(..).chain(editors.iter().cloned()).collect();
    let lists = [
        (&before.playbook.users, &mut after.playbook.users, may_use),
        (
            &before.playbook.editors,
            &mut after.playbook.editors,
            editors,
        ),
    ];
    for (old, new, allowed) in lists {
        let mut kept = Vec::new();
        let mut named: Vec<String> = Vec::new();
        for person in old {
            if let Members::People(people) = permissions.members(person)
                && people
                    .iter()
                    .all(|name| allowed.iter().any(|a| a == name.as_str()))
            {
                named.extend(people.iter().map(ToString::to_string));
                kept.push(person.clone());
            }
        }
        let more = new
            .drain(..)
            .filter(|person| !named.contains(&person.to_string()));
        kept.extend(more.collect::<Vec<_>>());
        *new = kept;
    }
}

/// Changes what a profile says, where it says something else.
pub(super) fn patch(entries: &mut Entries, before: &Profile, after: &Profile) {
    let (old, new) = (&before.playbook, &after.playbook);
    let people = |people: &[Person]| {
        let people = people.iter().map(|person| Value::text(person.to_string()));
        Value::List(people.collect())
    };
    let word = |public: bool| Value::text(if public { "public" } else { "private" });
    if old.visibility != new.visibility {
        let public = new.visibility == Visibility::Public;
        put(entries, &["playbook", "visibility"], word(public));
    }
    for (name, old, new) in [
        ("use", &old.users, &new.users),
        ("edit", &old.editors, &new.editors),
    ] {
        if old != new {
            put(entries, &["playbook", name], people(new));
        }
    }
    if old.only_editors_edit != new.only_editors_edit {
        let value = Value::Bool(new.only_editors_edit);
        put(entries, &["playbook", "only_editors_edit"], value);
    }
    let (old, new) = (&before.incident, &after.incident);
    if old.channel != new.channel {
        let public = new.channel == ChannelVisibility::Public;
        put(entries, &["incident", "channel"], word(public));
    }
    if old.commander_decides != new.commander_decides {
        let value = Value::Bool(new.commander_decides);
        put(entries, &["incident", "commander_decides"], value);
    }
}

/// The profile as YAML.
pub(super) fn value(profile: &Profile) -> Value {
    let people = |people: &[Person]| {
        let people = people.iter().map(|person| Value::text(person.to_string()));
        Value::List(people.collect())
    };
    let word = |public: bool| Value::text(if public { "public" } else { "private" });
    let access = &profile.playbook;
    let mut playbook = vec![(
        "visibility".to_owned(),
        word(access.visibility == Visibility::Public),
    )];
    if !access.users.is_empty() {
        playbook.push(("use".to_owned(), people(&access.users)));
    }
    if !access.editors.is_empty() {
        playbook.push(("edit".to_owned(), people(&access.editors)));
    }
    if access.only_editors_edit {
        playbook.push(("only_editors_edit".to_owned(), Value::Bool(true)));
    }
    let channel = word(profile.incident.channel == ChannelVisibility::Public);
    let mut incident = vec![("channel".to_owned(), channel)];
    if profile.incident.commander_decides {
        incident.push(("commander_decides".to_owned(), Value::Bool(true)));
    }
    Value::Map(vec![
        ("playbook".to_owned(), Value::Map(playbook)),
        ("incident".to_owned(), Value::Map(incident)),
    ])
}
