//! What Mattermost has: each managed playbook in canonical form, and what stands beside.
//!
//! Owns which requests are sent, none of them twice: one list, each candidate in
//! full with its attributes and conditions, names in batches. Reads only. What it saw is a value: the plan asks
//! nothing more.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::StreamExt as _;
use futures_util::future::try_join3;
use futures_util::stream;

use super::canonical::PlaybookState;
use super::desired::{Address, Desired};
use super::directory::Directory;
use super::marker::{Described, Marker};
use super::progress::{Count, Listener, Stage, quietly};
use super::recognise::{Recognised, Stray};
use super::site::{Account, Entry, Reading};
use super::wire::{Beside, GROUP, RawPlaybook};
use super::witness::witness_name;
use crate::mattermost::ApiError;
use crate::mattermost::playbooks::PlaybooksVersion;
use crate::model::TeamName;

/// Playbooks, channels or people that are asked for at the same time: as many as the client sends.
const AT_ONCE: usize = 8;

/// What Mattermost has.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// Who looked.
    pub account: Account,
    /// The ids of that account's teams.
    pub teams: BTreeMap<TeamName, String>,
    /// Names and ids of everybody and everything named on either side.
    pub directory: Directory,
    /// Our playbooks.
    pub ours: BTreeMap<Address, Found>,
    /// Playbooks with our marker that are not ours.
    pub strays: Vec<Stray>,
    /// Playbooks that were asked for by id, to be adopted.
    pub asked: BTreeMap<String, Found>,
    /// Ours by their markers, which the account may list and not read: why.
    pub unreadable: BTreeMap<Address, String>,
    /// The ids that the account remembers for what is asked for, also under the keys it had before.
    pub witnesses: BTreeMap<Address, String>,
    /// People whom git newly invites, and who are not on that team.
    pub strangers: BTreeSet<(TeamName, String)>,
    /// Channels that playbooks use and nobody finds by name any more: team's id and name with `~`.
    pub lost_channels: BTreeSet<(String, String)>,
    /// People whom git names, and who were deactivated.
    pub deactivated: BTreeSet<String>,
    /// The generation of the Playbooks plugin, as far as its playbooks show it.
    pub version: Option<PlaybooksVersion>,
    /// Every playbook that the account sees, by id.
    pub entries: BTreeMap<String, Entry>,
}

/// A playbook that was read in full.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The object as the server sent it.
    pub raw: RawPlaybook,
    /// Its managed fields.
    pub state: PlaybookState,
    /// What it has beside itself; nothing where that could not be read.
    pub beside: Beside,
    /// Why its attributes could not be read, on a server that should have them.
    pub no_attributes: Option<String>,
    /// Its marker.
    pub marker: Option<Marker>,
    /// The line for people above the marker.
    pub source_line: Option<String>,
    /// How many incidents of it are active.
    pub active_runs: i64,
    /// The team it belongs to.
    pub team: Option<TeamName>,
}

impl Found {
    fn of(read: Read, entry: Option<&Entry>, world: &World) -> Self {
        let Read { raw, beside } = read;
        let Described {
            source_line,
            marker,
            ..
        } = raw.described();
        let (beside, no_attributes) = match beside {
            Ok(beside) => (beside, None),
            Err(problem) => (Beside::default(), Some(problem)),
        };
        Self {
            state: raw.state(&beside, &world.directory),
            beside,
            no_attributes,
            marker,
            source_line,
            active_runs: entry.map_or(0, |entry| entry.active_runs),
            team: world.names.get(raw.team_id()).cloned(),
            raw,
        }
    }
}

/// What was read of a playbook.
#[derive(Debug, Clone)]
struct Read {
    raw: RawPlaybook,
    /// Nothing where the server should have none; else all of it, or why it could not be read.
    beside: Result<Beside, String>,
}

/// What is known before playbooks are brought into canonical form.
struct World {
    directory: Directory,
    names: BTreeMap<String, TeamName>,
}

/// Looks at everything that a plan for `desired` needs; `asked` are ids to adopt.
///
/// # Errors
/// When the server does not answer as it should.
pub async fn observe(
    site: &impl Reading,
    desired: &Desired,
    asked: &BTreeSet<String>,
) -> Result<Observed, ApiError> {
    observe_with(site, desired, |_| asked.clone()).await
}

/// Looks at everything that a plan for `desired` needs; `pick` chooses ids to adopt from
/// the playbooks that the account sees.
///
/// # Errors
/// When the server does not answer as it should.
pub async fn observe_with(
    site: &impl Reading,
    desired: &Desired,
    pick: impl FnOnce(&[Entry]) -> BTreeSet<String>,
) -> Result<Observed, ApiError> {
    observe_and_tell(site, desired, pick, &quietly).await
}

/// As [`observe_with`]; tells `listener` how far it is.
///
/// # Errors
/// When the server does not answer as it should.
pub async fn observe_and_tell(
    site: &impl Reading,
    desired: &Desired,
    pick: impl FnOnce(&[Entry]) -> BTreeSet<String>,
    listener: Listener<'_>,
) -> Result<Observed, ApiError> {
    // First alone: of a wrong token one answer is enough.
    let account = site.account().await?;
    let (teams, entries, remembered) =
        try_join3(site.teams(), site.entries(), site.witnesses()).await?;
    let teams: BTreeMap<TeamName, String> = teams
        .into_iter()
        // A name that YAML cannot say belongs to none of our playbooks.
        .filter_map(|(name, id)| Some((name.parse().ok()?, id)))
        .collect();
    let names = teams.iter().map(|(name, id)| (id.clone(), name.clone()));
    let mut world = World {
        directory: Directory::default(),
        names: names.collect(),
    };
    let asked = pick(&entries);
    let mut recognised = Recognised::among(&entries, &desired.workspace, &world.names);
    recognised.rename(desired.renamed());
    let Recognised { ours, strays } = recognised;
    let entries: BTreeMap<String, Entry> = entries
        .into_iter()
        .map(|entry| (entry.id.clone(), entry))
        .collect();

    // What was archived and is not asked for stays archived, whatever it says.
    let wanted = ours
        .into_iter()
        .filter(|(address, entry)| !entry.archived || desired.playbooks.contains_key(address));
    let wanted: BTreeMap<Address, Entry> = wanted.collect();
    let seen = asked.iter().filter(|id| entries.contains_key(*id));
    let ids: BTreeSet<&String> = wanted.values().map(|entry| &entry.id).chain(seen).collect();
    let ids: Vec<&String> = ids.into_iter().collect();
    let (reads, unreadable) = read(site, &ids, desired.has_attributes, listener).await?;
    let raws = reads.values().map(|read| &read.raw);
    let (lost_channels, deactivated) =
        look_up(site, desired, &teams, raws, &mut world.directory).await?;
    world
        .directory
        .add_person(account.id.clone(), account.username.clone());

    let witness = |address: &Address| {
        let id = remembered.get(&witness_name(&desired.workspace, address))?;
        Some((address.clone(), id.clone()))
    };
    let take = |id: &String| {
        let read = reads.get(id).cloned()?;
        Some(Found::of(read, entries.get(id), &world))
    };
    let ours: BTreeMap<Address, Found> = wanted
        .iter()
        .filter_map(|(address, entry)| Some((address.clone(), take(&entry.id)?)))
        .collect();
    let strangers = strangers(site, desired, &teams, &ours, &world.directory).await?;
    Ok(Observed {
        ours,
        strangers,
        lost_channels,
        deactivated,
        unreadable: wanted
            .iter()
            .filter_map(|(address, entry)| {
                Some((address.clone(), unreadable.get(&entry.id)?.clone()))
            })
            .collect(),
        asked: asked
            .iter()
            .filter_map(|id| Some((id.clone(), take(id)?)))
            .collect(),
        witnesses: desired
            .playbooks
            .keys()
            .cloned()
            .chain(desired.renamed().map(|(_, old)| old))
            .filter_map(|address| witness(&address))
            .collect(),
        account,
        teams,
        directory: world.directory,
        strays,
        version: version(&entries),
        entries,
    })
}

/// What the keys of playbooks tell; nothing where there is none.
fn version(entries: &BTreeMap<String, Entry>) -> Option<PlaybooksVersion> {
    let mut known = entries.values().map(|entry| entry.has_numbers).peekable();
    known.peek()?;
    Some(if known.any(|has_numbers| has_numbers) {
        PlaybooksVersion::V2_11
    } else {
        PlaybooksVersion::V2_9
    })
}

/// Reads playbooks in full, a few at a time; also which of them cannot be read, and why.
async fn read(
    site: &impl Reading,
    ids: &[&String],
    has_attributes: bool,
    listener: Listener<'_>,
) -> Result<(BTreeMap<String, Read>, BTreeMap<String, String>), ApiError> {
    let (mut reads, mut unreadable) = (BTreeMap::new(), BTreeMap::new());
    let mut count = Count::new(Stage::Reading, ids.len(), listener);
    let mut answers = stream::iter(ids)
        .map(|id| async move { (*id, read_one(site, id, has_attributes).await) })
        .buffer_unordered(AT_ONCE);
    while let Some((id, answer)) = answers.next().await {
        match answer {
            Ok(read) => {
                reads.insert(id.clone(), read);
            }
            // An editor without the role of a member may write, and not read.
            Err(error) if error.is_missing_or_hidden() => {
                unreadable.insert(id.clone(), error.to_string());
            }
            Err(error) => return Err(error),
        }
        count.one();
    }
    Ok((reads, unreadable))
}

async fn read_one(site: &impl Reading, id: &str, has_attributes: bool) -> Result<Read, ApiError> {
    let raw = site.playbook(id).await?;
    if !has_attributes {
        let beside = Ok(Beside::default());
        return Ok(Read { raw, beside });
    }
    let beside = match read_beside(site, id).await {
        Ok(beside) => Ok(beside),
        // Whoever may read the playbook may read its attributes, where the licence has them.
        Err(error) if error.is_missing_or_hidden() => Err(error.to_string()),
        Err(error) => return Err(error),
    };
    Ok(Read { raw, beside })
}

async fn read_beside(site: &impl Reading, id: &str) -> Result<Beside, ApiError> {
    Ok(Beside {
        attributes: site.attributes(id).await?,
        conditions: site.conditions(id).await?,
    })
}

/// Looks for people on their team whom a playbook would invite anew, each once.
///
/// The server refuses to create a playbook with others, and drops them from an existing one.
async fn strangers(
    site: &impl Reading,
    desired: &Desired,
    teams: &BTreeMap<TeamName, String>,
    ours: &BTreeMap<Address, Found>,
    directory: &Directory,
) -> Result<BTreeSet<(TeamName, String)>, ApiError> {
    let mut asked: BTreeSet<(&TeamName, &String)> = BTreeSet::new();
    for (address, playbook) in &desired.playbooks {
        let Ok(wanted) = &playbook.wanted else {
            continue;
        };
        let there = ours.get(address).map(|found| &found.state);
        let is_new = |name: &&String| {
            !there.is_some_and(|there| {
                there.invite.contains(*name) || there.commander.as_ref() == Some(*name)
            })
        };
        let invited = wanted.state.invite.iter().chain(&wanted.state.commander);
        let people = invited.filter(|name| !name.starts_with(GROUP));
        asked.extend(people.filter(is_new).map(|name| (&address.team, name)));
    }
    let mut strangers = BTreeSet::new();
    let mut answers = stream::iter(asked)
        .map(|(team, name)| async move {
            let answer = match (teams.get(team), directory.person(name)) {
                (Some(team), Some(id)) => site.is_on_team(team, id).await,
                _ => Ok(true),
            };
            (team, name, answer)
        })
        .buffer_unordered(AT_ONCE);
    while let Some((team, name, answer)) = answers.next().await {
        match answer {
            Ok(true) => {}
            Ok(false) => {
                strangers.insert((team.clone(), name.clone()));
            }
            // Whoever may not look leaves it to the server.
            Err(error) if error.is_missing_or_hidden() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(strangers)
}

/// Finds the ids of all names git uses, then the names of the ids left over; answers
/// with the channels that have no name any more, and the people who were deactivated.
async fn look_up(
    site: &impl Reading,
    desired: &Desired,
    teams: &BTreeMap<TeamName, String>,
    raws: impl Iterator<Item = &RawPlaybook> + Clone,
    directory: &mut Directory,
) -> Result<(BTreeSet<(String, String)>, BTreeSet<String>), ApiError> {
    let mut deactivated = BTreeSet::new();
    let names = desired.people().into_iter();
    let names: Vec<String> = names.filter(|name| !name.starts_with(GROUP)).collect();
    for person in site.people_named(&names).await? {
        if person.is_deactivated {
            deactivated.insert(person.username.clone());
        }
        directory.add_person(person.id, person.username);
    }
    let ids: BTreeSet<String> = raws.clone().flat_map(RawPlaybook::people).collect();
    let unknown = ids.into_iter().filter(|id| !directory.knows_person(id));
    let unknown: Vec<String> = unknown.collect();
    for person in site.people_of(&unknown).await? {
        directory.add_person(person.id, person.username);
    }
    let asks_groups = desired.people().iter().any(|name| name.starts_with(GROUP));
    if asks_groups || raws.clone().any(|raw| !raw.groups().is_empty()) {
        for (name, id) in site.groups().await? {
            directory.add_group(id, name);
        }
    }
    let mut lost = BTreeSet::new();
    let mentioned = desired.channels().into_iter().filter_map(|(team, name)| {
        let bare = name.strip_prefix('~')?.to_owned();
        Some((teams.get(&team)?, name, bare))
    });
    let mut answers = stream::iter(mentioned)
        .map(|(team, name, bare)| async move {
            let answer = site.channel_named(team, &bare).await;
            (team, name, bare, answer)
        })
        .buffer_unordered(AT_ONCE);
    while let Some((team, name, bare, answer)) = answers.next().await {
        if let Some(id) = answer? {
            directory.add_channel(id, team.clone(), bare);
        } else {
            lost.insert((team.clone(), name));
        }
    }
    drop(answers);
    let ids: BTreeSet<String> = raws.flat_map(RawPlaybook::channels).collect();
    let unknown = ids.into_iter().filter(|id| !directory.knows_channel(id));
    let unknown: Vec<String> = unknown.collect();
    let mut answers = stream::iter(unknown)
        .map(|id| async move {
            let answer = site.channel_of(&id).await;
            (id, answer)
        })
        .buffer_unordered(AT_ONCE);
    while let Some((id, answer)) = answers.next().await {
        if let Some((team, name)) = answer? {
            directory.add_channel(id, team, name);
        }
    }
    Ok((lost, deactivated))
}
