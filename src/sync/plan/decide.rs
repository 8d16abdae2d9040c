//! What becomes of each playbook.

mod obstacle;

use serde_json::Value;

use super::compare::{Trust, all_of, compare};
use super::{Action, FieldChange, Moved, Note, NoteKind, Options, Plan, Prune, Step, refused};
use crate::model::OnDrift;
use crate::sync::base::Base;
use crate::sync::desired::{Address, Desired, DesiredPlaybook, Wanted};
use crate::sync::observed::{Found, Observed};
use crate::sync::recognise::StrayKind;
use crate::sync::refusal::{Reason, Refusal};

/// Everything that a decision looks at.
struct Deciding<'a> {
    desired: &'a Desired,
    observed: &'a Observed,
    base: &'a Base,
    options: &'a Options,
    notes: Vec<Note>,
}

pub(super) fn decide(
    desired: &Desired,
    observed: &Observed,
    base: &Base,
    options: &Options,
) -> Plan {
    let mut deciding = Deciding {
        desired,
        observed,
        base,
        options,
        notes: Vec::new(),
    };
    let mut steps = Vec::new();
    for (address, playbook) in &desired.playbooks {
        if options.includes(&address.key) {
            steps.push(deciding.wanted(address, playbook));
        }
    }
    for (address, found) in &observed.ours {
        if options.includes(&address.key) && !desired.playbooks.contains_key(address) {
            steps.extend(deciding.vanished(address, found));
        }
    }
    steps.sort_by(|a, b| a.address.cmp(&b.address));
    deciding.strays();
    deciding.other_account();
    Plan {
        workspace: desired.workspace.clone(),
        steps,
        roles: None,
        notes: deciding.notes,
    }
}

impl<'a> Deciding<'a> {
    /// A playbook that stands in git.
    fn wanted(&mut self, address: &Address, playbook: &DesiredPlaybook) -> Step {
        let found = self.observed.ours.get(address);
        let step = step_of(address, found, playbook);
        if self.options.release.contains(&address.key) {
            return self.release(step, found);
        }
        let wanted = match &playbook.wanted {
            Ok(wanted) => wanted,
            Err(refusal) => {
                let action = Action::Refused(refusal.clone());
                return Step { action, ..step };
            }
        };
        if let Some((old, new)) = self.both_stand(address) {
            let problem = format!(
                "git says it was `{}` before: that one is there as `{old}`, and `{}` as `{new}`",
                old_key(playbook),
                address.key
            );
            let help =
                "archive the one of the two in Mattermost that is not to go on, and sync again";
            return refused(step, Reason::Both, problem, help);
        }
        if let Some((id, problem)) = self.unadoptable(address) {
            let step = Step {
                id: Some(id.clone()),
                ..step
            };
            let help = "take the id from the address of the playbook in Mattermost";
            return refused(step, Reason::NotPossible, problem, help);
        }
        let step = match (self.adopted(address), found) {
            (Some(id), _) => self.adopt(step, id, playbook, wanted),
            (None, Some(found)) => self.existing(step, playbook, wanted, found),
            (None, None) => self.absent(step, playbook, wanted),
        };
        match self.obstacle(address, wanted) {
            // What would be written must be writable; what is refused keeps its own reason.
            Some(refusal) if step.writes() && step.action != Action::Remember => Step {
                action: Action::Refused(refusal),
                ..step
            },
            _ => step,
        }
    }

    fn existing(
        &mut self,
        step: Step,
        playbook: &DesiredPlaybook,
        wanted: &Wanted,
        found: &Found,
    ) -> Step {
        if let Some(refusal) = unread_attributes(found, wanted) {
            let action = Action::Refused(refusal);
            return Step { action, ..step };
        }
        let mut comparison = compare(&step.address, playbook, wanted, found, self.base);
        comparison.fields.extend(self.stale_secrets(&step.address));
        comparison
            .fields
            .extend(marker_words(&step.address, playbook, found));
        let remembered = self.observed.witnesses.get(&step.address);
        let remembered = remembered.is_some_and(|id| id == found.raw.id());
        // A creation ends with a digest, and is remembered after that.
        let lost_id = found.marker.as_ref().is_none_or(|m| m.id.is_none());
        let cut_short =
            lost_id && !remembered && found.marker.as_ref().is_none_or(|m| m.digest.is_none());
        if found.raw.is_archived() {
            let action = Action::Restore;
            return Step {
                action,
                fields: comparison.fields,
                ..step
            };
        }
        if cut_short {
            let action = Action::Complete;
            for change in &mut comparison.fields {
                change.moved = Moved::Git;
                change
                    .parts
                    .iter_mut()
                    .for_each(|part| part.moved = Moved::Git);
            }
            return Step {
                action,
                fields: comparison.fields,
                ..step
            };
        }
        let fields = &mut comparison.fields;
        if lost_id {
            fields.push(marker_change("without its id", Moved::Mattermost));
        } else if comparison.trust == Trust::NoDigest && fields.is_empty() {
            fields.push(marker_change("without a digest", Moved::Git));
        } else {
            self.note_trust(comparison.trust, &step);
        }
        let told = comparison.marker_fits || comparison.trust == Trust::OtherVersion;
        if comparison.fields.is_empty() && told {
            let stale = self.stale_witness(&step.address, found.raw.id());
            let action = if (remembered && !stale) || !self.may_sync() {
                Action::Unchanged
            } else {
                Action::Remember
            };
            return Step { action, ..step };
        }
        let drifted = comparison.drifted();
        if drifted.is_empty() || self.options.on_drift == OnDrift::Overwrite {
            return Step {
                action: Action::Update,
                fields: comparison.fields,
                ..step
            };
        }
        let names: Vec<&str> = drifted.iter().map(|change| change.field.as_str()).collect();
        let names = names.join(", ");
        let problem = match comparison.trust {
            Trust::NoDigest => {
                format!("its marker has no digest: who changed {names} cannot be told")
            }
            _ => format!("somebody changed {names}"),
        };
        let fields = comparison.fields;
        refused(
            Step { fields, ..step },
            Reason::Drift,
            problem,
            "bring the edit into the YAML with `warroom import`, or write over it with `--on-drift overwrite`",
        )
    }

    /// Says why it cannot be told who moved.
    fn note_trust(&mut self, trust: Trust, step: &Step) {
        let text = match trust {
            Trust::Known => return,
            Trust::NoDigest => "its marker has no digest: who moved cannot be told",
            Trust::OtherVersion => {
                "its marker was written by another version of warroom: who moved cannot be told"
            }
        };
        self.notes.push(Note {
            kind: NoteKind::UnknownDigest,
            address: Some(step.address.clone()),
            id: step.id.clone(),
            text: text.to_owned(),
        });
    }

    /// Whether this account is the one that syncs: only that one remembers.
    fn may_sync(&self) -> bool {
        let me = self.observed.account.username.as_str();
        let account = self.desired.account.as_ref();
        account.is_none_or(|account| account.as_str() == me)
    }

    /// Addresses that are set and are not the ones of the secrets, where those are known.
    fn stale_secrets(&self, address: &Address) -> Vec<FieldChange> {
        let stale = self.options.stale_secrets.get(address);
        let fields = stale.into_iter().flatten();
        let change = |field: &&'static str| {
            let (old, new) = ("another address", "the address in the secret");
            FieldChange::new(*field, old.into(), new.into(), Moved::Git)
        };
        fields.map(change).collect()
    }

    fn absent(&self, step: Step, playbook: &DesiredPlaybook, wanted: &Wanted) -> Step {
        if let Some(problem) = self.observed.unreadable.get(&step.address) {
            let help = "give the account that syncs both roles in that playbook: member and admin";
            return refused(step, Reason::OutOfSight, problem.as_str(), help);
        }
        if let Some(id) = self.witness(&step.address) {
            if let Some(team) = self.moved_to(&step.address, id) {
                return moved_away(step, id, &team, &playbook.path);
            }
            let key = &step.address.key;
            let seen = self.observed.entries.contains_key(id);
            let problem = if seen {
                format!("it was created as `{id}`, and somebody removed its marker")
            } else {
                format!(
                    "it was created as `{id}`, which `{}` does not see any more",
                    self.observed.account.username
                )
            };
            let help = if seen {
                format!(
                    "take it over again with `--adopt {key}={id}`, or give it up with `--release {key}`"
                )
            } else {
                format!("ask for membership of that playbook, or give it up with `--release {key}`")
            };
            let step = Step {
                id: Some(id.clone()),
                ..step
            };
            return refused(step, Reason::OutOfSight, problem, &help);
        }
        Step {
            action: Action::Create,
            fields: all_of(&wanted.state),
            ..step
        }
    }

    /// The team to which somebody moved what was created as `id`.
    fn moved_to(&self, address: &Address, id: &str) -> Option<String> {
        let entry = self.observed.entries.get(id)?;
        let team = self.observed.teams.get(&address.team)?;
        (entry.team_id != *team).then(|| {
            let mut teams = self.observed.teams.iter();
            let named = teams.find(|(_, id)| **id == entry.team_id);
            named.map_or(entry.team_id.clone(), |(name, _)| name.to_string())
        })
    }

    /// Whether git wants this playbook, in the team that it was moved out of.
    fn is_missed_elsewhere(&self, address: &Address, found: &Found) -> bool {
        self.desired.playbooks.keys().any(|wanted| {
            wanted.key == address.key
                && !self.observed.ours.contains_key(wanted)
                && self.observed.witnesses.get(wanted).map(String::as_str) == Some(found.raw.id())
        })
    }

    /// The id to adopt, if it belongs to this address's team.
    fn adopted(&self, address: &Address) -> Option<&'a String> {
        let id = self.options.adopt.get(&address.key)?;
        let found = self.observed.asked.get(id)?;
        (found.team.as_ref() == Some(&address.team)).then_some(id)
    }

    fn adopt(
        &mut self,
        step: Step,
        id: &String,
        playbook: &DesiredPlaybook,
        wanted: &Wanted,
    ) -> Step {
        let found = &self.observed.asked[id];
        let problem = if let Some(ours) = self.observed.ours.get(&step.address) {
            if ours.raw.id() == id {
                return self.existing(step, playbook, wanted, ours);
            }
            let own = ours.raw.id();
            Some((
                format!("`{id}` cannot take its place: `{own}` is managed already"),
                "give that one up first with `--release`",
            ))
        } else if found.raw.is_archived() {
            Some((
                format!("`{id}` is archived"),
                "restore it in Mattermost first",
            ))
        } else {
            let foreign = found.marker.as_ref();
            let foreign = foreign.filter(|marker| marker.workspace != self.desired.workspace);
            foreign.map(|marker| {
                (
                    format!("`{id}` is managed by the workspace `{}`", marker.workspace),
                    "release it there first",
                )
            })
        };
        let step = Step {
            id: Some(id.clone()),
            title: found.raw.title().to_owned(),
            ..step
        };
        if let Some((problem, help)) = problem {
            return refused(step, Reason::NotPossible, problem, help);
        }
        if let Some(refusal) = unread_attributes(found, wanted) {
            let action = Action::Refused(refusal);
            return Step { action, ..step };
        }
        // Whatever its marker says, it was not written for this object.
        let found = Found {
            marker: None,
            ..found.clone()
        };
        let comparison = compare(&step.address, playbook, wanted, &found, self.base);
        Step {
            action: Action::Adopt,
            fields: comparison.fields,
            ..step
        }
    }

    /// The ids of the playbooks of the old and of the new key, where both live.
    fn both_stand(&self, address: &Address) -> Option<(&'a str, &'a str)> {
        let old = self.observed.ours.get(&self.desired.before(address)?)?;
        let new = self.observed.ours.get(address)?;
        let live = !old.raw.is_archived() && !new.raw.is_archived();
        live.then(|| (old.raw.id(), new.raw.id()))
    }

    /// What the account remembers of a playbook, also under the key that it had before.
    fn witness(&self, address: &Address) -> Option<&'a String> {
        let witnesses = &self.observed.witnesses;
        let before = || witnesses.get(&self.desired.before(address)?);
        witnesses.get(address).or_else(before)
    }

    /// Whether the account still remembers the playbook under the key that it had before.
    fn stale_witness(&self, address: &Address, id: &str) -> bool {
        let before = self.desired.before(address);
        let remembered = before.and_then(|old| self.observed.witnesses.get(&old));
        remembered.is_some_and(|remembered| remembered == id)
    }

    /// Why a playbook must not be archived or released.
    fn protection(&self, address: &Address, found: Option<&Found>) -> Option<Refusal> {
        let marked = found.and_then(|found| found.marker.as_ref());
        let marked = marked.is_some_and(|marker| marker.protected);
        let all = &self.desired.playbooks;
        let file = all.iter().find(|(wanted, _)| wanted.key == address.key);
        match file {
            Some((_, playbook)) if playbook.protected => {
                let problem = format!("`{}` says `protected: true`", playbook.path);
                Some(
                    Refusal::new(Reason::Protected, problem)
                        .help("take `protected` out of the file and sync, then ask for this again"),
                )
            }
            _ if marked => {
                let problem = "git said `protected: true` when it was synced last";
                Some(
                    Refusal::new(Reason::Protected, problem).help(
                        "bring the file back without `protected` and sync, then remove the file",
                    ),
                )
            }
            _ => None,
        }
    }

    fn release(&mut self, step: Step, found: Option<&Found>) -> Step {
        if let Some(refusal) = self.protection(&step.address, found) {
            let action = Action::Refused(refusal);
            return Step { action, ..step };
        }
        let remembered = self.witness(&step.address);
        let id = found.map(|found| found.raw.id().to_owned());
        let Some(id) = id.or_else(|| remembered.cloned()) else {
            let help = "only a playbook that sync manages can be released";
            return refused(step, Reason::NotPossible, "it is not managed", help);
        };
        if found.is_some_and(|found| found.raw.is_archived()) {
            let problem = format!("`{id}` is archived, and the server refuses to change it");
            return refused(
                step,
                Reason::NotPossible,
                problem,
                "restore it in Mattermost first",
            );
        }
        if self.desired.playbooks.contains_key(&step.address) {
            self.notes.push(Note {
                kind: NoteKind::StillWanted,
                address: Some(step.address.clone()),
                id: Some(id.clone()),
                text: "its file is still there: the next sync makes a new playbook from it"
                    .to_owned(),
            });
        }
        Step {
            id: Some(id),
            action: Action::Release,
            ..step
        }
    }

    /// A playbook of ours whose file is gone.
    fn vanished(&mut self, address: &Address, found: &Found) -> Option<Step> {
        if found.raw.is_archived() {
            return None;
        }
        let step = Step {
            address: address.clone(),
            id: Some(found.raw.id().to_owned()),
            title: found.raw.title().to_owned(),
            action: Action::Archive,
            fields: Vec::new(),
        };
        if self.options.release.contains(&address.key) {
            return Some(self.release(step, Some(found)));
        }
        // What was renamed, and stands under both keys, was told with the new one.
        let renamed = self.desired.moved_away(address);
        if renamed.is_some() || self.is_missed_elsewhere(address, found) {
            return None;
        }
        if self.options.prune == Prune::No {
            let all = &self.desired.playbooks;
            let file = all.iter().find(|(wanted, _)| wanted.key == address.key);
            let why = match file {
                Some((_, playbook)) => format!("`{}` does not name this team", playbook.path),
                None => "its file is gone".to_owned(),
            };
            self.notes.push(Note {
                kind: NoteKind::Vanished,
                address: Some(address.clone()),
                id: step.id,
                text: format!("{why}: archive it with `--prune`, or give it up with `--release`"),
            });
            return None;
        }
        if let Some(refusal) = self.protection(address, Some(found)) {
            let action = Action::Refused(refusal);
            return Some(Step { action, ..step });
        }
        if found.active_runs > 0 {
            let problem = format!("{} not ended yet", found.active_runs);
            let help = "end them first: an archived playbook takes its incidents out of sight";
            return Some(refused(step, Reason::ActiveIncidents, problem, help));
        }
        Some(step)
    }

    /// Why the id that was asked for this key fits none of its teams.
    fn unadoptable(&self, address: &Address) -> Option<(&'a String, String)> {
        let id = self.options.adopt.get(&address.key)?;
        let mut teams = self
            .desired
            .playbooks
            .keys()
            .filter(|a| a.key == address.key);
        if teams.any(|address| self.adopted(address).is_some()) {
            return None;
        }
        let problem = match self.observed.asked.get(id) {
            Some(_) => format!("`{id}` belongs to another team"),
            None => format!(
                "`{}` sees no playbook `{id}`",
                self.observed.account.username
            ),
        };
        Some((id, problem))
    }

    fn strays(&mut self) {
        for stray in &self.observed.strays {
            if !self.options.includes(&stray.address.key) {
                continue;
            }
            let id = &stray.entry.id;
            if self.options.adopt.values().any(|adopted| adopted == id) {
                continue;
            }
            let title = &stray.entry.title;
            let (kind, text) = match stray.kind {
                StrayKind::Copy => (
                    NoteKind::Copy,
                    format!("`{title}` (`{id}`) is a copy of it, and left alone"),
                ),
                StrayKind::Second => (
                    NoteKind::Second,
                    format!(
                        "`{title}` (`{id}`) has the same key and is younger: left alone, archive it in Mattermost"
                    ),
                ),
            };
            self.notes.push(Note {
                kind,
                address: Some(stray.address.clone()),
                id: Some(id.clone()),
                text,
            });
        }
    }

    fn other_account(&mut self) {
        let me = &self.observed.account.username;
        let Some(account) = &self.desired.account else {
            return;
        };
        if account.as_str() != me {
            self.notes.push(Note {
                kind: NoteKind::OtherAccount,
                address: None,
                id: None,
                text: format!(
                    "this is what `{me}` sees; only `{account}` may sync, and may see more private playbooks"
                ),
            });
        }
    }
}

/// Why attributes cannot be compared that git asks for.
fn unread_attributes(found: &Found, wanted: &Wanted) -> Option<Refusal> {
    let problem = found.no_attributes.as_ref()?;
    (!wanted.state.attributes.is_empty()).then(|| {
        Refusal::new(Reason::NotOffered, problem.as_str()).help(
            "attributes need the tier `enterprise`: write the tier of the server into `server.tier` of `warroom.yaml`",
        )
    })
}

/// What only the marker holds: the key, and whether the playbook is protected.
fn marker_words(
    address: &Address,
    playbook: &DesiredPlaybook,
    found: &Found,
) -> impl Iterator<Item = FieldChange> {
    let change = |field: &str, old: Value, new: Value| FieldChange {
        field: field.to_owned(),
        old,
        new,
        moved: Moved::Git,
        parts: Vec::new(),
    };
    let marker = found.marker.as_ref();
    let key = marker
        .filter(|marker| marker.key != address.key)
        .map(|marker| {
            let new = address.key.to_string();
            change("key", marker.key.to_string().into(), new.into())
        });
    let protected = marker
        .filter(|marker| marker.protected != playbook.protected)
        .map(|marker| {
            change(
                "protected",
                marker.protected.into(),
                playbook.protected.into(),
            )
        });
    key.into_iter().chain(protected)
}

fn old_key(playbook: &DesiredPlaybook) -> String {
    let key = playbook.moved_from.as_ref();
    key.map(ToString::to_string).unwrap_or_default()
}

/// Drift that concerns the marker alone.
fn marker_change(old: &str, moved: Moved) -> FieldChange {
    FieldChange::new("marker", old.into(), "complete".into(), moved)
}

/// A playbook that somebody moved to another team in Mattermost.
fn moved_away(step: Step, id: &str, team: &str, path: &str) -> Step {
    let problem = format!("somebody moved it (`{id}`) to the team `{team}`");
    let help = format!(
        "move it back in Mattermost, or write that team into `{path}`: sync moves nothing between teams"
    );
    let team = Value::from(team);
    let wanted = step.address.team.to_string().into();
    let change = FieldChange::new("team", team, wanted, Moved::Mattermost);
    let step = Step {
        id: Some(id.to_owned()),
        fields: vec![change],
        ..step
    };
    refused(step, Reason::Drift, problem, &help)
}

fn step_of(address: &Address, found: Option<&Found>, playbook: &DesiredPlaybook) -> Step {
    let git = playbook
        .wanted
        .as_ref()
        .map(|wanted| wanted.state.title.clone());
    Step {
        address: address.clone(),
        id: found.map(|found| found.raw.id().to_owned()),
        title: match found {
            Some(found) => found.raw.title().to_owned(),
            None => git.unwrap_or_default(),
        },
        action: Action::Unchanged,
        fields: Vec::new(),
    }
}
