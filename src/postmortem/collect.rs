//! From a run of Playbooks to a [`Record`].
//!
//! Owns which calls are made, and what is missing when one is refused. Reads only,
//! and asks nothing whose answer depends on who asks more than it must: two people
//! who export the same incident should get the same bytes.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::Timestamp;

use super::history::History;
use super::record::{
    Announcement, Completeness, Happening, Held, Message, PlaybookRef, Record, RecordTask,
    RecordUpdate, Run as RunFacts, Source, TaskGroup, Visibility,
};
use crate::incident::runner::{Definition, People, RunnerError, Sources, history, look, observe};
use crate::incident::{Change, Event, Incident, event};
use crate::mattermost::core::{ChannelType, Post, User};
use crate::mattermost::playbooks::Run;
use crate::mattermost::{PostId, Reader, RunId, Site, UserId};
use crate::model::{IncidentAccess, Key, Settings, TextSource};
use crate::template::{Template, TemplateKind, built_in};
use crate::workspace::Workspace;

/// Everything that an export of an incident needs.
#[derive(Debug, Clone)]
pub struct Collected {
    /// The incident.
    pub record: Record,
    /// The same as it stands, for messages.
    pub incident: Incident,
    /// Its post-mortem's template.
    pub template: Template,
    /// What the profile of its playbook says of incidents; none where the playbook is not one of
    /// the workspace's.
    pub access: Option<IncidentAccess>,
}

/// Reads everything that is known of an incident.
///
/// The playbook is the one that the incident is pinned to; consent and the template of the
/// post-mortem are those of today.
///
/// # Errors
/// When the run cannot be read, or belongs to another workspace. A channel that the caller may
/// not read is no error: what is missing stands in the record.
pub async fn collect(
    reader: &Reader,
    sources: &Sources<'_>,
    id: &RunId,
) -> Result<Collected, RunnerError> {
    let run = reader.run(id).await?;
    let mut missing = Vec::new();
    let posts = match reader.posts(&run.channel_id).await {
        Ok(posts) => Some(posts),
        Err(error) if error.is_missing_or_hidden() => {
            missing.push("the channel could not be read: messages are not counted, and changes of status, severity and roles are not known".to_owned());
            None
        }
        Err(error) => return Err(error.into()),
    };
    let (mut people, bots) = everybody(reader, &run, posts.as_deref()).await?;
    let channel = match reader.channel(&run.channel_id).await {
        Ok(channel) => Some(channel),
        Err(error) if error.is_missing_or_hidden() => None,
        Err(error) => return Err(error.into()),
    };
    let channel_name = channel.as_ref().map(|channel| channel.name.clone());
    let standing = look::standing(reader, &run, &mut people).await?;
    let (incident, definition) = if let Some(standing) = &standing {
        let definition = sources.of(standing)?;
        let description = look::description(reader, &run, standing).await?;
        let beside = observe::Beside {
            standing: Some(standing),
            definition: Some(&definition),
            people: &people,
            site: reader.site(),
            channel: channel_name.as_deref(),
            description: &description,
        };
        (observe::incident(&run, &beside), Some(definition))
    } else {
        // Started in the web app, and never touched by a verb.
        let incident = look::show(reader, Some(sources.current), id).await?;
        let pin = incident.playbook.as_ref();
        let definition = pin.and_then(|pin| Definition::of(sources.current, &pin.key));
        (incident, definition)
    };
    if run
        .rest
        .get("property_fields")
        .is_some_and(|v| v.as_array().is_some_and(|a| !a.is_empty()))
    {
        missing.push("attributes are not exported yet".to_owned());
    }
    let mut updates = Vec::new();
    for update in reader.status_updates(id).await? {
        if let (true, Some(at)) = (update.delete_at.is_never(), update.create_at.timestamp()) {
            updates.push(RecordUpdate {
                at,
                by: update.author_user_name,
                text: update.message,
                link: permalink(reader.site(), &update.id),
            });
        }
    }
    updates.sort_by(|a, b| (a.at, &a.text).cmp(&(b.at, &b.text)));
    let events = posts.as_ref().map(|posts| {
        let events = history::select(&run, posts, &people);
        in_sequence(events)
    });
    let visibility = match channel.map(|channel| channel.kind) {
        Some(ChannelType::Public) => Visibility::Public,
        // What nobody could look at counts as private: that asks for consent.
        _ => Visibility::Private,
    };
    let parts = Parts {
        run: &run,
        incident: &incident,
        definition: definition.as_ref(),
        settings: &sources.current.settings,
        people: &people,
        bots: &bots,
        site: reader.site(),
        posts: posts.as_deref(),
        events: events.unwrap_or_default(),
        visibility,
    };
    let record = parts.record(updates, missing);
    let (template, access) = of_today(sources.current, definition.as_ref())?;
    Ok(Collected {
        record,
        incident,
        template,
        access,
    })
}

/// Looks up everybody whom the run or its channel names, and who of them is a bot.
async fn everybody(
    reader: &Reader,
    run: &Run,
    posts: Option<&[Post]>,
) -> Result<(People, BTreeSet<UserId>), RunnerError> {
    let mut ids: BTreeSet<&UserId> = run.participant_ids.iter().collect();
    ids.extend([&run.owner_user_id, &run.reporter_user_id]);
    let items = run.checklists.iter().flat_map(|list| &list.items);
    ids.extend(items.map(|item| &item.assignee_id));
    for event in &run.timeline_events {
        ids.extend([&event.subject_user_id, &event.creator_user_id]);
    }
    ids.extend(posts.into_iter().flatten().map(|post| &post.user_id));
    let users: Vec<User> = reader.users_by_id(ids).await?;
    let mut people = People::default();
    for user in &users {
        people.add(user);
    }
    let bots = users.into_iter().filter(|user| user.is_bot);
    Ok((people, bots.map(|user| user.id).collect()))
}

/// Puts events of the same moment into the order in which one leads to the next.
///
/// Times have milliseconds, and one verb may write several events.
fn in_sequence(events: Vec<(PostId, Event)>) -> Vec<(PostId, Event)> {
    let mut now: BTreeMap<&'static str, String> = BTreeMap::new();
    let mut sorted = Vec::with_capacity(events.len());
    let mut rest = VecDeque::from(events);
    while let Some((_, first)) = rest.front() {
        let moment = first.at;
        let follows = |(_, event): &(PostId, Event)| match step(&event.change) {
            Some((kind, Some(from), _)) => now.get(kind).is_none_or(|now| *now == from.as_str()),
            _ => true,
        };
        let same = rest.iter().take_while(|(_, event)| event.at == moment);
        let next = same.enumerate().find(|(_, event)| follows(event));
        // Where nothing follows from what was, the order is the server's.
        let next = next.map_or(0, |(n, _)| n);
        let Some(event) = rest.remove(next) else {
            break;
        };
        match &event.1.change {
            Change::Started(begun) | Change::Adopted(begun) => {
                for (kind, key) in [
                    ("status", &begun.status),
                    ("severity", &begun.severity),
                    ("stage", &begun.stage),
                ] {
                    now.extend(key.as_ref().map(|key| (kind, key.to_string())));
                }
            }
            change => now.extend(step(change).map(|(kind, _, to)| (kind, to.to_string()))),
        }
        sorted.push(event);
    }
    sorted
}

/// What a change leads from and to.
fn step(change: &Change) -> Option<(&'static str, Option<&Key>, &Key)> {
    match change {
        Change::Status { from, to } => Some(("status", from.as_ref(), to)),
        Change::Severity { from, to } => Some(("severity", from.as_ref(), to)),
        Change::Stage { from, to } => Some(("stage", from.as_ref(), to)),
        _ => None,
    }
}

/// The template and the consent that hold today.
fn of_today(
    workspace: &Workspace,
    definition: Option<&Definition>,
) -> Result<(Template, Option<IncidentAccess>), RunnerError> {
    let key = definition.map(|definition| definition.playbook.key.as_str());
    let playbook = key.and_then(|key| workspace.playbook(key));
    let playbook = playbook.map(|loaded| &loaded.playbook);
    let (kind, settings) = (TemplateKind::Postmortem, &workspace.settings);
    let text = match playbook {
        Some(playbook) => kind.text_of(playbook, settings),
        None => settings.templates.postmortem.as_ref(),
    };
    let template = match text {
        Some(TextSource::File(path)) => {
            let text = workspace.templates.get(path).map_or("", String::as_str);
            Template::parse(path.as_str(), text).map_err(|problem| RunnerError::Unsound {
                name: path.to_string(),
                problem: Box::new(problem),
            })?
        }
        // Text written in place would hold nothing of the incident.
        Some(TextSource::Inline(_)) | None => built_in(kind),
    };
    let profiles = &workspace.permissions.profiles;
    let profile = playbook.and_then(|playbook| profiles.get(&playbook.access));
    Ok((template, profile.map(|profile| profile.incident.clone())))
}

/// A link to a post that works without the name of its team.
fn permalink(site: &Site, post: &PostId) -> Option<String> {
    let post = post.given()?;
    Some(format!("{site}/_redirect/pl/{post}"))
}

/// What was read.
struct Parts<'a> {
    run: &'a Run,
    incident: &'a Incident,
    definition: Option<&'a Definition>,
    settings: &'a Settings,
    people: &'a People,
    bots: &'a BTreeSet<UserId>,
    site: &'a Site,
    posts: Option<&'a [Post]>,
    events: Vec<(PostId, Event)>,
    visibility: Visibility,
}

impl Parts<'_> {
    fn record(self, updates: Vec<RecordUpdate>, warnings: Vec<String>) -> Record {
        let incident = self.incident;
        let history = History::of(self.run, self.people, self.site);
        let commanders = history.commanders(incident.started_at, &incident.commander);
        let mut happenings = history.happenings();
        happenings.extend(self.changes());
        let every = self.definition.and_then(|d| d.playbook.updates.as_ref());
        Record {
            run: RunFacts {
                id: incident.id.to_string(),
                number: incident.number.clone(),
                name: incident.name.clone(),
                description: self.description(),
                url: incident.url.clone(),
                channel: incident.channel.clone(),
                visibility: self.visibility,
                drill: false,
            },
            workspace: self.settings.workspace.clone(),
            playbook: incident
                .playbook
                .as_ref()
                .map(|pin| self.playbook(&pin.key)),
            started_at: incident.started_at,
            ended_at: incident.ended_at,
            active: history.active(incident.started_at, incident.ended_at),
            reporter: incident.creator.clone(),
            commanders,
            roles: incident.roles.clone(),
            participants: self.participants(&history),
            severities: self.held(
                |change| match change {
                    Change::Started(b) | Change::Adopted(b) => b.severity.as_ref(),
                    Change::Severity { to, .. } => Some(to),
                    _ => None,
                },
                incident.severity.as_ref(),
                |key| severity(self.settings, key),
            ),
            statuses: self.held(
                |change| match change {
                    Change::Started(b) | Change::Adopted(b) => b.status.as_ref(),
                    Change::Status { to, .. } => Some(to),
                    _ => None,
                },
                incident.status.as_ref(),
                |key| status(self.settings, key),
            ),
            checklists: self.checklists(),
            update_every: every.map(|updates| updates.every),
            updates,
            announcements: self.announcements(),
            happenings,
            messages: self.messages(),
            completeness: Completeness {
                // Anybody who sees the run can tell; the exact version only administrators.
                playbooks: Some(if self.run.sequential_id.is_some() {
                    "2.11 or later".to_owned()
                } else {
                    "before 2.11".to_owned()
                }),
                warnings,
            },
        }
    }

    /// What the starter wrote; of an incident of the web app its summary.
    fn description(&self) -> String {
        if self.incident.playbook.is_some() && !self.incident.description.is_empty() {
            return self.incident.description.clone();
        }
        let is_ours = crate::incident::overview::Overview::parse(&self.run.summary);
        if is_ours.standing.is_some() {
            String::new()
        } else {
            is_ours.body
        }
    }

    fn playbook(&self, key: &Key) -> PlaybookRef {
        let pin = self.incident.playbook.as_ref();
        PlaybookRef {
            key: key.clone(),
            title: self
                .definition
                .map_or_else(|| key.to_string(), |d| d.playbook.title.clone()),
            commit: pin.and_then(|pin| pin.commit.clone()),
            inferred: pin.is_some_and(|pin| pin.inferred),
            url: self
                .definition
                .and_then(|d| self.settings.source_of(&d.path)),
        }
    }

    fn participants(&self, history: &History<'_>) -> Vec<String> {
        let run = self.run;
        let here = run
            .participant_ids
            .iter()
            .chain([&run.owner_user_id, &run.reporter_user_id]);
        let here = here.filter(|id| !id.is_empty() && !self.bots.contains(*id));
        let mut names: BTreeSet<String> = here.map(|id| self.people.name(id)).collect();
        let bots: BTreeSet<String> = self.bots.iter().map(|id| self.people.name(id)).collect();
        names.extend(history.joined().filter(|name| !bots.contains(name)));
        names.into_iter().collect()
    }

    /// What held since when, from the events; else only what holds now.
    fn held(
        &self,
        of: impl Fn(&Change) -> Option<&Key>,
        now: Option<&Key>,
        title: impl Fn(&Key) -> String,
    ) -> Vec<Held> {
        let held = |from: Timestamp, key: &Key| Held {
            from,
            key: key.to_string(),
            title: title(key),
        };
        let mut all: Vec<Held> = Vec::new();
        for (_, event) in &self.events {
            if let Some(key) = of(&event.change) {
                // What it began with held from the declaration on.
                let from = if all.is_empty() {
                    self.incident.started_at
                } else {
                    event.at
                };
                if all.last().is_none_or(|last| last.key != key.as_str()) {
                    all.push(held(from, key));
                }
            }
        }
        if all.is_empty() {
            all.extend(now.map(|key| held(self.incident.started_at, key)));
        }
        all
    }

    fn checklists(&self) -> Vec<TaskGroup> {
        let groups = self.incident.checklists.iter();
        groups
            .map(|group| TaskGroup {
                key: group.key.clone(),
                title: group.title.clone(),
                tasks: group
                    .tasks
                    .iter()
                    .map(|task| RecordTask {
                        key: task.key.clone(),
                        title: task.title.clone(),
                        state: task.state,
                        changed_at: task.changed_at,
                        assignee: task.assignee.clone(),
                        due_at: task.due_at,
                        required: task.required,
                        hidden: task.hidden,
                    })
                    .collect(),
            })
            .collect()
    }

    fn announcements(&self) -> Vec<Announcement> {
        let told = self
            .events
            .iter()
            .filter_map(|(_, event)| match &event.change {
                Change::Announcement { channels } => Some(Announcement {
                    at: event.at,
                    by: event.by.clone(),
                    channels: channels.clone(),
                }),
                _ => None,
            });
        told.collect()
    }

    /// What warroom wrote down, in words.
    fn changes(&self) -> impl Iterator<Item = Happening> {
        self.events.iter().filter_map(|(post, event)| {
            let was = |from: &Option<Key>, title: &dyn Fn(&Key) -> String| {
                from.as_ref()
                    .map_or_else(String::new, |from| format!("{} → ", title(from)))
            };
            let (kind, text) = match &event.change {
                Change::Status { from, to } => {
                    let title = |key: &Key| status(self.settings, key);
                    (
                        "status",
                        format!("status: {}{}", was(from, &title), title(to)),
                    )
                }
                Change::Severity { from, to } => {
                    let title = |key: &Key| severity(self.settings, key);
                    (
                        "severity",
                        format!("severity: {}{}", was(from, &title), title(to)),
                    )
                }
                Change::Role { role, from, to } => {
                    let known = self.settings.roles.get(role);
                    let title = known.map_or_else(|| role.to_string(), |r| r.title.clone());
                    let from = from
                        .as_ref()
                        .map_or_else(String::new, |from| format!("{from} → "));
                    ("role", format!("{title}: {from}{to}"))
                }
                Change::Stage { from, to } => {
                    let title = |key: &Key| self.stage(key);
                    (
                        "stage",
                        format!("stage: {}{}", was(from, &title), title(to)),
                    )
                }
                Change::Adopted(_) => ("adopted", "taken over by warroom".to_owned()),
                // The start is an event of Playbooks, announcements are told on their own.
                Change::Started(_) | Change::Announcement { .. } => return None,
            };
            Some(Happening {
                at: event.at,
                kind: kind.to_owned(),
                by: Some(event.by.clone()),
                source: Source::Runner,
                text,
                link: permalink(self.site, post),
            })
        })
    }

    fn stage(&self, key: &Key) -> String {
        let mut groups = self.incident.checklists.iter();
        let group = groups.find(|group| group.key.as_ref() == Some(key));
        group.map_or_else(|| key.to_string(), |group| group.title.clone())
    }

    /// What people wrote, without its text: neither bots nor Mattermost nor warroom for them.
    fn messages(&self) -> Option<Vec<Message>> {
        let flag = |post: &Post, name: &str| {
            let value = post.props.get(name);
            value.is_some_and(|v| v.as_bool() == Some(true) || v.as_str() == Some("true"))
        };
        let human = |post: &&Post| {
            post.kind.is_empty()
                && post.delete_at.is_never()
                && !self.bots.contains(&post.user_id)
                && !flag(post, "from_bot")
                && !flag(post, "from_webhook")
                && !post.props.contains_key(event::PROPERTY)
        };
        let posts = self.posts?;
        let messages = posts.iter().filter(human).filter_map(|post| {
            Some(Message {
                at: post.create_at.timestamp()?,
                by: self.people.name(&post.user_id),
            })
        });
        Some(messages.collect())
    }
}

fn severity(settings: &Settings, key: &Key) -> String {
    let known = settings.severity(key.as_str());
    known.map_or_else(|| key.to_string(), |severity| severity.title.clone())
}

fn status(settings: &Settings, key: &Key) -> String {
    let known = settings.status(key.as_str());
    known.map_or_else(|| key.to_string(), |status| status.title.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_of_one_moment_stand_in_the_order_in_which_one_leads_to_the_next() {
        let status = |id: &str, at: i64, from: &str, to: &str| {
            let change = Change::Status {
                from: Some(from.parse().unwrap()),
                to: to.parse().unwrap(),
            };
            let at = Timestamp::from_second(at).unwrap();
            let by = "alice".to_owned();
            (PostId::new(id), Event { at, by, change })
        };
        let events = vec![
            status("1", 1, "a", "b"),
            status("2", 2, "d", "e"),
            status("3", 2, "c", "d"),
            status("4", 2, "b", "c"),
            status("5", 3, "e", "b"),
        ];
        let order: Vec<String> = in_sequence(events)
            .iter()
            .map(|(id, _)| id.to_string())
            .collect();
        assert_eq!(order, ["1", "4", "3", "2", "5"]);
    }
}
