//! Number prefixes: one belongs to one live playbook of a team.
//!
//! Owns the words about who has a prefix already. The server answers a plain 409,
//! after half of a sync was written.

use super::{Options, Prune};
use crate::sync::desired::{Address, Desired, Wanted};
use crate::sync::observed::Observed;
use crate::sync::refusal::{Reason, Refusal};

/// Why the playbook cannot have the prefix that git gives it.
pub(super) fn prefix_taken(
    address: &Address,
    wanted: &Wanted,
    desired: &Desired,
    observed: &Observed,
    options: &Options,
) -> Option<Refusal> {
    let prefix = wanted.state.number_prefix.as_deref()?;
    // The server knows no case here.
    let same = |other: &str| other.eq_ignore_ascii_case(prefix);
    let refusal = |problem: String, help: String| {
        let problem = format!("`start.number_prefix` `{prefix}` {problem}");
        Some(Refusal::new(Reason::PrefixTaken, problem).help(help))
    };
    let beside = desired.playbooks.iter();
    let mut beside = beside.filter(|(other, _)| other.team == address.team && *other != address);
    let twin = beside.find(|(_, playbook)| {
        let state = playbook.wanted.as_ref().map(|wanted| &wanted.state);
        let other = state.ok().and_then(|state| state.number_prefix.as_deref());
        other.is_some_and(same)
    });
    if let Some((other, playbook)) = twin {
        return refusal(
            format!("is also the one of `{}` in `{}`", other.key, playbook.path),
            "give one of the two another prefix".to_owned(),
        );
    }
    let own = observed.ours.get(address).map(|found| found.raw.id());
    let own = own.or_else(|| options.adopt.get(&address.key).map(String::as_str));
    let team = observed.teams.get(&address.team)?;
    let holder = observed.entries.values().find(|entry| {
        !entry.archived
            && entry.team_id == *team
            && Some(entry.id.as_str()) != own
            && same(&entry.number_prefix)
    })?;
    let ours = observed.ours.iter();
    let ours = ours
        .into_iter()
        .find(|(_, found)| found.raw.id() == holder.id);
    match ours {
        Some((other, _)) if desired.playbooks.contains_key(other) => refusal(
            format!("still belongs to `{}` in Mattermost", other.key),
            format!(
                "sync again once `{}` has its new prefix; to swap two prefixes, give one playbook a third one first",
                other.key
            ),
        ),
        // It is archived before this one is written.
        Some(_) if options.prune == Prune::WithinBudget => None,
        Some((other, _)) => refusal(
            format!("still belongs to `{}`, which git has no more", other.key),
            "archive that one with `--prune`".to_owned(),
        ),
        None => refusal(
            format!(
                "belongs to `{}` (`{}`), which is not managed",
                holder.title, holder.id
            ),
            format!(
                "take another prefix, or take that playbook over with `--adopt {}={}`",
                address.key, holder.id
            ),
        ),
    }
}
