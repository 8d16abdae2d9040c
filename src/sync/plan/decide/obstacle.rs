//! What keeps a playbook from being written, found before anything is.
//!
//! Owns the checks of what git says against what the server has: names, teams,
//! prefixes, access, secrets. The server answers most of these half way through,
//! or drops a value without a word.

use std::collections::BTreeSet;

use super::Deciding;
use crate::model::{Need, Visibility};
use crate::sync::canonical::{Access, PlaybookState};
use crate::sync::desired::{Address, Wanted, channels_of, people_of};
use crate::sync::observed::Found;
use crate::sync::plan::prefix::prefix_taken;
use crate::sync::refusal::{Reason, Refusal};
use crate::sync::wire::GROUP;

impl Deciding<'_> {
    /// What keeps the playbook from being written.
    pub(super) fn obstacle(&self, address: &Address, wanted: &Wanted) -> Option<Refusal> {
        let Some(team) = self.observed.teams.get(&address.team) else {
            let problem = format!(
                "`{}` is not on the team `{}`",
                self.observed.account.username, address.team
            );
            return Some(Refusal::new(Reason::UnknownName, problem));
        };
        if let Some(refusal) = self.too_old(wanted) {
            return Some(refusal);
        }
        let directory = &self.observed.directory;
        let mut unknown = Vec::new();
        for name in people_of(&wanted.state) {
            match name.strip_prefix(GROUP) {
                Some(group) if directory.group(group).is_none() => {
                    unknown.push(format!("group `{group}`"));
                }
                None if directory.person(&name).is_none() => {
                    unknown.push(format!("person `{name}`"));
                }
                _ => {}
            }
        }
        for name in channels_of(&wanted.state) {
            let known = directory.channel(team, &name).is_some();
            if !known {
                unknown.push(format!("channel `{name}` of the team `{}`", address.team));
            } else if self
                .observed
                .lost_channels
                .contains(&(team.clone(), name.clone()))
            {
                unknown.push(format!(
                    "channel `{name}` of the team `{}`, which is archived or hidden",
                    address.team
                ));
            }
        }
        unknown.sort();
        unknown.dedup();
        if let Some(refusal) = Refusal::of(Reason::UnknownName, unknown) {
            return Some(refusal.help(
                "correct the name, or let the account that syncs see that person, group or channel",
            ));
        }
        let gone: BTreeSet<String> = people_of(&wanted.state)
            .filter(|name| self.observed.deactivated.contains(name))
            .map(|name| format!("`{name}` was deactivated"))
            .collect();
        if let Some(refusal) = Refusal::of(Reason::Deactivated, gone.into_iter().collect()) {
            return Some(refusal.help("name somebody who can act, or take them out of the files"));
        }
        let invited = wanted.state.invite.iter().chain(&wanted.state.commander);
        let strangers: BTreeSet<&String> = invited
            .filter(|name| {
                let member = (address.team.clone(), (*name).clone());
                self.observed.strangers.contains(&member)
            })
            .collect();
        let strangers = strangers
            .into_iter()
            .map(|name| format!("`{name}` is not on the team `{}`", address.team));
        if let Some(refusal) = Refusal::of(Reason::NotOnTeam, strangers.collect()) {
            return Some(refusal.help("add them to the team, or take them out of the playbook"));
        }
        if let Some(refusal) =
            prefix_taken(address, wanted, self.desired, self.observed, self.options)
        {
            return Some(refusal);
        }
        if let Some(refusal) = self.lockout(address, &wanted.state) {
            return Some(refusal);
        }
        let secrets = wanted.start_webhooks.iter().chain(&wanted.update_webhooks);
        let broken = secrets.filter_map(|secret| {
            let problem = self.options.broken_secrets.get(&secret.env)?;
            Some(format!("`{}` {problem}", secret.env))
        });
        let mut broken: Vec<String> = broken.collect();
        broken.sort();
        broken.dedup();
        Refusal::of(Reason::MissingSecret, broken)
            .map(|refusal| refusal.help("set it in the environment of `warroom sync`"))
    }

    /// An older plugin takes what it does not know, and drops it without a word.
    fn too_old(&self, wanted: &Wanted) -> Option<Refusal> {
        let version = self.observed.version?;
        let lacking = wanted
            .features
            .iter()
            .filter(|feature| match feature.need() {
                Need::Version(major, minor) => (version.major, version.minor) < (major, minor),
                Need::Tier(_) => false,
            });
        let lacking = lacking.map(|feature| {
            format!(
                "{feature}, which needs {}: this server has an older one",
                feature.need()
            )
        });
        Refusal::of(Reason::NotOffered, lacking.collect()).map(|refusal| {
            refusal.help("update the Playbooks plugin, or take it out of the playbook")
        })
    }

    /// Whoever writes a playbook must be able to read and write it afterwards.
    fn lockout(&self, address: &Address, state: &PlaybookState) -> Option<Refusal> {
        let account = match &self.desired.account {
            Some(account) => account.as_str(),
            None => &self.observed.account.username,
        };
        let problem = if let Some(members) = &state.members {
            (members.get(account) != Some(&Access::Edit))
                .then(|| format!("`{account}` is not in `edit` of its profile"))?
        } else {
            // Members that are left alone are those of Mattermost; of a new playbook the account is one.
            let closed = state.visibility == Visibility::Private || state.only_editors_edit;
            let found = self.found(address).filter(|_| closed)?;
            let members = found.state.members.as_ref()?;
            (members.get(account) != Some(&Access::Edit)).then(|| {
                format!("`{account}` is no editor of it in Mattermost, and `members` are unmanaged")
            })?
        };
        Some(Refusal::new(Reason::Lockout, problem).help(
            "name the account that syncs as `sync.account` in `warroom.yaml`, or add it to `edit`",
        ))
    }

    /// What is there, or is to be adopted.
    fn found(&self, address: &Address) -> Option<&Found> {
        let asked = self.options.adopt.get(&address.key);
        let asked = asked.and_then(|id| self.observed.asked.get(id));
        asked.or_else(|| self.observed.ours.get(address))
    }
}
