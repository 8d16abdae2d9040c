//! Who gets in: profiles that lock people out, and changes that let more in.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::{Finding, listed};
use crate::lint::scope::{ChangeScope, WorkspaceScope};
use crate::model::{ChannelVisibility, Key, Members, Permissions, Person, Profile, Visibility};
use crate::workspace::{PERMISSIONS, Placed, SETTINGS};
use crate::yaml::Part;

/// U-06: private, and nobody in it.
pub(super) fn locked_out(scope: &mut WorkspaceScope<'_>) {
    let around = scope.around;
    let mut private: BTreeMap<&Key, (&str, &Profile)> = BTreeMap::new();
    for (outer, inner) in scope.playbooks {
        let profile = around.permissions.profiles.get(&inner.access);
        let profile = profile.filter(|p| p.playbook.visibility == Visibility::Private);
        if let (Some(profile), false) = (profile, inner.leaves_members) {
            private
                .entry(&inner.access)
                .or_insert((&outer.path, profile));
        }
    }
    for (name, (path, profile)) in private {
        let access = &profile.playbook;
        let nobody = |people: &[Person]| around.everybody(people).is_some_and(|all| all.is_empty());
        let no_editor = nobody(&access.editors);
        let (part, message, label) = if no_editor && nobody(&access.users) {
            (
                "playbook",
                "nobody may use",
                "name people in `use`, and somebody in `edit`",
            )
        } else if no_editor && around.settings.sync.account.is_none() {
            ("playbook", "nobody may edit", "name somebody in `edit`")
        } else {
            continue;
        };
        let used = around.document(path);
        let finding = scope
            .at_key(
                PERMISSIONS,
                &format!("/profiles/{name}/{part}"),
                format!("the playbooks of the profile `{name}` are private, and {message} them"),
            )
            .label(label)
            .help(
                "whoever syncs has to be an editor of a private playbook, or be named as `sync.account` \
                 in `warroom.yaml`",
            )
            .related(used.source(), used.place("/access", Part::Value), "this playbook has the profile");
        scope.report(finding);
    }
}

/// U-16: who gets in now and did not before.
pub(super) fn widened(scope: &mut ChangeScope<'_>) {
    let mut findings = settings(scope);
    if let Some(before) = &scope.before.permissions {
        findings.extend(permissions(scope, before));
    }
    let around = scope.around;
    for (finding, pointer) in findings {
        let mut finding = finding
            .label("ask somebody responsible for it to agree")
            .help("once that is done, end the line with `# lint: allow(U-16)`, who agreed and why");
        if let Some(pointer) = pointer {
            let file = around.document(PERMISSIONS);
            let place = file.place(&pointer, Part::Value);
            finding = finding.related(file.source(), place, "because of this");
        }
        scope.report(finding);
    }
}

/// A finding, and the place in `permissions.yaml` that it comes from, where that is another.
type Widened = (Finding, Option<String>);

/// What `warroom.yaml` lets happen and did not before.
fn settings(scope: &ChangeScope<'_>) -> Vec<Widened> {
    let now = scope.around.settings;
    let Some(then) = &scope.before.settings else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    if let Some(account) = &now.sync.account
        && then.sync.account.as_ref() != Some(account)
    {
        let message =
            format!("`{account}` is the account that syncs now, and may edit every playbook");
        findings.push((scope.at_value(SETTINGS, "/sync/account", message), None));
    }
    if now.export.private_incidents && !then.export.private_incidents {
        let message = "private incidents may now be exported to git";
        let pointer = "/export/private_incidents";
        findings.push((scope.at_value(SETTINGS, pointer, message), None));
    }
    findings
}

/// What `permissions.yaml` and the profiles that playbooks name let happen and did not before.
fn permissions(scope: &ChangeScope<'_>, before: &Permissions) -> Vec<Widened> {
    let now = scope.around.permissions;
    let mut findings = Vec::new();
    for (name, profile) in &now.profiles {
        let Some(then) = before.profiles.get(name) else {
            continue;
        };
        let subject = format!("the playbooks of the profile `{name}`");
        for wider in wider((then, before), (profile, now), &subject) {
            let pointer = format!("/profiles/{name}{}", wider.pointer);
            findings.push((scope.at_value(PERMISSIONS, &pointer, wider.words), None));
        }
    }
    for (role, grants) in &now.server.roles {
        for (permission, _) in grants.iter().filter(|(_, granted)| **granted) {
            let then = before
                .server
                .roles
                .get(role)
                .and_then(|then| then.get(permission));
            if then != Some(&true) {
                let pointer = format!("/server/roles/{role}/{permission}");
                let message = format!("`{role}` gets the permission `{permission}`");
                findings.push((scope.at_value(PERMISSIONS, &pointer, message), None));
            }
        }
    }
    for (outer, inner) in scope.playbooks {
        let Some(known) = scope.before.playbook(&outer.key) else {
            continue;
        };
        let then = before.profiles.get(&known.access);
        let (Some(then), Some(profile)) = (then, now.profiles.get(&inner.access)) else {
            continue;
        };
        if known.access == inner.access {
            continue;
        }
        for wider in wider((then, before), (profile, now), "this playbook") {
            let message = format!("{}, which had the profile `{}`", wider.words, known.access);
            let pointer = format!("/profiles/{}{}", inner.access, wider.pointer);
            findings.push((
                scope.at_value(&outer.path, "/access", message),
                Some(pointer),
            ));
        }
    }
    findings
}

/// One thing by which a profile lets in more than another.
struct Wider {
    /// Where in the profile it stands.
    pointer: String,
    /// What it lets happen.
    words: String,
}

/// What the second profile allows and the first did not, each with the groups of its time;
/// `subject` is what it is about.
fn wider(
    then: (&Profile, &Permissions),
    now: (&Profile, &Permissions),
    subject: &str,
) -> Vec<Wider> {
    let (old, new) = (&then.0.playbook, &now.0.playbook);
    let mut all = Vec::new();
    let mut add = |pointer: &str, words: String| {
        all.push(Wider {
            pointer: pointer.to_owned(),
            words,
        });
    };
    let private = |visibility| visibility == Visibility::Private;
    if private(old.visibility) && !private(new.visibility) {
        let words = format!("the whole team now sees {subject}");
        add("/playbook/visibility", words);
    }
    if old.only_editors_edit && !new.only_editors_edit {
        let words =
            format!("everybody but editors was kept from changing {subject}, and is no longer");
        add("/playbook/only_editors_edit", words);
    }
    let (editors, users) = (members(&old.editors, then.1), members(&old.users, then.1));
    let newcomers = |people: &[Person],
                     known: &dyn Fn(&str) -> bool|
     -> Option<(usize, BTreeSet<String>)> {
        let mut first = None;
        let mut new = BTreeSet::new();
        for (index, person) in people.iter().enumerate() {
            let people = members(std::slice::from_ref(person), now.1);
            let people: BTreeSet<String> = people.into_iter().filter(|name| !known(name)).collect();
            if !people.is_empty() {
                first.get_or_insert(index);
                new.extend(people);
            }
        }
        first.map(|index| (index, new))
    };
    if let Some((index, new)) = newcomers(&new.editors, &|name| editors.contains(name)) {
        let words = format!("{} may now edit {subject}", some(&new));
        add(&format!("/playbook/edit/{index}"), words);
    }
    let known = |name: &str| users.contains(name) || editors.contains(name);
    if let (true, Some((index, new))) = (private(new.visibility), newcomers(&new.users, &known)) {
        let words = format!("{} may now use {subject}", some(&new));
        add(&format!("/playbook/use/{index}"), words);
    }
    let (old, new) = (&then.0.incident, &now.0.incident);
    if old.channel == ChannelVisibility::Private && new.channel == ChannelVisibility::Public {
        let words = format!("the whole team may now join incidents of {subject}");
        add("/incident/channel", words);
    }
    if !old.export && new.export {
        let words = format!("private incidents may now be exported to git for {subject}");
        add("/incident/export", words);
    }
    all
}

/// People by name; a group that only Mattermost knows stands for itself.
fn members(people: &[Person], permissions: &Permissions) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for person in people {
        match permissions.members(person) {
            Members::People(people) => names.extend(people.iter().map(ToString::to_string)),
            Members::Mattermost(group) => {
                names.insert(format!("@{group}"));
            }
            Members::Undeclared => {}
        }
    }
    names
}

/// A few names, and how many more there are.
fn some(names: &BTreeSet<String>) -> String {
    const SHOWN: usize = 3;
    let shown = listed(names.iter().take(SHOWN).map(String::as_str));
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use crate::diag::Code;
    use crate::lint::tests::{changes, messages};

    #[test]
    fn a_group_without_people_is_nobody_and_one_of_mattermost_is_not_known() {
        let found = |groups: &str, access: &str| {
            let text =
                format!("groups: {groups}\nprofiles: {{ everybody: {{ playbook: {access} }} }}\n");
            messages(Code::LockOut, &[("permissions.yaml", &text)])
        };
        let people = "{ sre: [alice] }";
        assert_eq!(
            found("{ sre: [] }", "{ use: [group:sre] }"),
            ["2: the playbooks of the profile `everybody` are private, and nobody may use them"]
        );
        assert_eq!(
            found(people, "{ use: [group:sre] }"),
            ["2: the playbooks of the profile `everybody` are private, and nobody may edit them"]
        );
        assert!(found(people, "{ edit: [group:sre] }").is_empty());
        assert!(found(people, "{ visibility: public }").is_empty());
        assert!(found("{ sre: { mattermost_group: x } }", "{ edit: [group:sre] }").is_empty());
    }

    #[test]
    fn the_account_that_syncs_is_an_editor() {
        let files = [
            (
                "permissions.yaml",
                "profiles: { everybody: { playbook: { use: [group:sre] } } }\n",
            ),
            ("warroom.yaml", "sync: { account: warroom-bot }\n"),
        ];
        assert!(messages(Code::LockOut, &files).is_empty());
    }

    #[test]
    fn whatever_lets_more_people_in_is_told() {
        let found = |text: &str| changes(Code::AccessWidened, &[("permissions.yaml", text)]);
        assert_eq!(
            found("groups:\n  sre: [alice, bob, carol, dave, eve]\n"),
            Vec::<String>::new(),
            "the playbook is public anyway"
        );
        assert_eq!(
            found(
                "profiles: { everybody: { playbook: { visibility: public, edit: [carol, group:sre] } } }\n"
            ),
            ["3: `alice`, `bob` may now edit the playbooks of the profile `everybody`"]
        );
        assert_eq!(
            found(
                "server: { roles: { team_user: { playbook_public_create: true, run_create: false } } }\n"
            ),
            ["7: `team_user` gets the permission `playbook_public_create`"]
        );
        let narrower = "profiles: { everybody: { playbook: { use: [alice], edit: [carol], only_editors_edit: true } } }\n";
        assert!(found(narrower).is_empty());
        let new = "profiles:\n  everybody:\n    playbook: { visibility: public, use: [group:sre], edit: [carol] }\n  open: { playbook: { visibility: public } }\n";
        assert!(found(new).is_empty());
    }

    #[test]
    fn another_profile_is_compared_with_the_one_before() {
        let profiles = "profiles:\n  everybody:\n    playbook: { visibility: public, use: [group:sre], edit: [carol] }\n  \
                        sre: { playbook: { visibility: public, edit: [bob] }, incident: { channel: public } }\n";
        let files = [
            ("permissions.yaml", profiles),
            ("playbooks/outage.yaml", "access: sre\n"),
        ];
        // A profile that is new at the same time is as good as any other.
        assert_eq!(
            changes(Code::AccessWidened, &files),
            ["3: `bob` may now edit this playbook, which had the profile `everybody`"]
        );
        let wider = profiles.replace(
            "incident: { channel: public }",
            "incident: { channel: public, export: true }",
        );
        let files = [
            ("permissions.yaml", wider.as_str()),
            ("playbooks/outage.yaml", "access: sre\n"),
        ];
        assert_eq!(
            changes(Code::AccessWidened, &files).len(),
            2,
            "each is told"
        );
    }

    #[test]
    fn the_settings_let_more_happen_as_well() {
        let found = |text: &str| changes(Code::AccessWidened, &[("warroom.yaml", text)]);
        assert_eq!(
            found("sync: { account: mallory }\n"),
            ["9: `mallory` is the account that syncs now, and may edit every playbook"]
        );
        assert_eq!(
            found("export: { private_incidents: true }\n"),
            ["9: private incidents may now be exported to git"]
        );
        assert!(found("export: { private_incidents: false }\n").is_empty());
    }

    #[test]
    fn whoever_lets_more_in_cannot_switch_the_rule_off_with_it() {
        let files = [(
            "warroom.yaml",
            "lint: { levels: { U-16: \"off\" } }\nsync: { account: mallory }\n",
        )];
        assert_eq!(changes(Code::AccessWidened, &files).len(), 1);
    }
}
