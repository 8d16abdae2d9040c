//! The events of an incident, read from the posts of its channel.
//!
//! Owns which posts count: unedited ones, by people who take part or did. Reads
//! only.

use std::collections::BTreeSet;

use serde_json::Value;

use super::People;
use crate::incident::{Change, Event, IncidentId};
use crate::mattermost::core::Post;
use crate::mattermost::playbooks::{EventType, Run};
use crate::mattermost::{ApiError, Millis, PostId, Reader, UserId};

/// How far before the last event that was seen is looked, in milliseconds: posts of several servers
/// are not stored in the order of their times.
const OVERLAP: i64 = 10_000;

/// The server ends a list of posts since a time there, without saying so.
const LONGEST_PAGE: usize = 1000;

/// Reads the events of a run, the oldest first.
///
/// # Errors
/// When the channel cannot be read.
pub async fn read(
    reader: &Reader,
    run: &Run,
    people: &mut People,
) -> Result<Vec<(PostId, Event)>, ApiError> {
    let posts = reader.posts(&run.channel_id).await?;
    people
        .learn(
            reader,
            posts
                .iter()
                .filter(|post| is_ours(post))
                .map(|post| &post.user_id),
        )
        .await?;
    Ok(select(run, &posts, people))
}

/// Reads the events of a run that came after those that were seen, the oldest first, and a few of
/// those; of none seen, all of them.
///
/// # Errors
/// As [`read`].
pub async fn read_since(
    reader: &Reader,
    run: &Run,
    people: &mut People,
    seen: Option<i64>,
) -> Result<Vec<(PostId, Event)>, ApiError> {
    // Nothing of a run is older than it, and a channel may be older than the run.
    let from = seen.unwrap_or(run.create_at.0).saturating_sub(OVERLAP);
    let page = reader
        .posts_since(&run.channel_id, Millis(from.max(1)))
        .await?;
    if page.order.len() >= LONGEST_PAGE {
        return read(reader, run, people).await;
    }
    let posts: Vec<Post> = page.into_posts().collect();
    let ours = posts.iter().filter(|post| is_ours(post));
    people.learn(reader, ours.map(|post| &post.user_id)).await?;
    Ok(select(run, &posts, people))
}

/// The events among these posts, the oldest first.
#[must_use]
pub fn select(run: &Run, posts: &[Post], people: &People) -> Vec<(PostId, Event)> {
    let participants = Participants::of(run);
    let mut events: Vec<(PostId, Event)> = posts
        .iter()
        .filter(|post| participants.contain(&post.user_id, &people.name(&post.user_id)))
        .filter_map(|post| Some((post.id.clone(), event(run, post, people)?)))
        .collect();
    sort(&mut events);
    events
}

/// Puts events into their order, also within a millisecond: nothing comes before the beginning, and
/// a change comes after the one that it begins from.
pub(super) fn sort(events: &mut [(PostId, Event)]) {
    let later = |change: &Change| !matches!(change, Change::Started(_) | Change::Adopted(_));
    events.sort_by_cached_key(|(post, event)| (event.at, later(&event.change), post.clone()));
    for instant in events.chunk_by_mut(|(_, one), (_, next)| one.at == next.at) {
        for place in 0..instant.len() {
            let rest = &instant[place..];
            let follows = |n: usize| {
                let others = rest.iter().enumerate().filter(|(m, _)| *m != n);
                let mut changes = others.map(|(_, (_, event))| &event.change);
                changes.any(|other| rest[n].1.change.follows(other))
            };
            if let Some(first) = (0..rest.len()).find(|n| !follows(*n)) {
                instant[place..=place + first].rotate_right(1);
            }
        }
    }
}

/// The event that a post records, whoever wrote it.
fn event(run: &Run, post: &Post, people: &People) -> Option<Event> {
    if !post.edit_at.is_never() || !post.delete_at.is_never() || !post.kind.is_empty() {
        return None;
    }
    let change = Change::from_props(&post.props, &IncidentId(run.id.to_string()))?;
    Some(Event {
        at: post.create_at.timestamp()?,
        by: people.name(&post.user_id),
        change,
    })
}

fn is_ours(post: &Post) -> bool {
    post.props.contains_key(crate::incident::event::PROPERTY)
}

/// Who takes part in a run, or did: somebody who left may have changed it before.
struct Participants {
    ids: BTreeSet<UserId>,
    names: BTreeSet<String>,
}

impl Participants {
    fn of(run: &Run) -> Self {
        let mut ids: BTreeSet<UserId> = run.participant_ids.iter().cloned().collect();
        ids.extend([run.owner_user_id.clone(), run.reporter_user_id.clone()]);
        let mut names = BTreeSet::new();
        for event in &run.timeline_events {
            match event.event_type {
                EventType::OwnerChanged => {
                    ids.insert(event.subject_user_id.clone());
                }
                // These name people in a text of JSON, by username.
                EventType::ParticipantsChanged | EventType::UserJoinedLeft => {
                    let details: Value = serde_json::from_str(&event.details).unwrap_or_default();
                    let users = details["users"].as_array().into_iter().flatten();
                    names.extend(users.filter_map(Value::as_str).map(str::to_owned));
                }
                _ => {}
            }
        }
        ids.remove(&UserId::default());
        Self { ids, names }
    }

    fn contain(&self, id: &UserId, name: &str) -> bool {
        self.ids.contains(id) || self.names.contains(name)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn run() -> Run {
        serde_json::from_value(json!({
            "id": "r", "owner_user_id": "carol", "reporter_user_id": "alice",
            "participant_ids": ["alice", "carol"],
            "timeline_events": [{
                "event_type": "participants_changed",
                "details": r#"{"action":"joined","requester":"alice","users":["bob"]}"#,
            }],
        }))
        .unwrap()
    }

    fn post(author: &str, at: i64, to: &str) -> Post {
        let change = Change::Status {
            from: None,
            to: to.parse().unwrap(),
        };
        serde_json::from_value(json!({
            "id": format!("{author}{at}"), "user_id": author, "create_at": at,
            "props": change.to_props(&IncidentId("r".to_owned())),
        }))
        .unwrap()
    }

    #[test]
    fn posts_of_people_who_take_part_or_did_count_in_the_order_of_time() {
        let posts = [
            post("carol", 3, "c"),
            post("alice", 1, "a"),
            post("bob", 2, "b"),
        ];
        let mut people = People::default();
        people.add(&serde_json::from_value(json!({"id": "bob", "username": "bob"})).unwrap());
        let events = select(&run(), &posts, &people);
        let found: Vec<&str> = events.iter().map(|(_, event)| event.by.as_str()).collect();
        assert_eq!(found, ["alice", "bob", "carol"]);
    }

    #[test]
    fn events_of_the_same_instant_follow_from_each_other() {
        let event = |id: &str, from: &str, to: &str| {
            let (from, to) = (from.parse().ok(), to.parse().unwrap());
            let event = Event {
                at: jiff::Timestamp::UNIX_EPOCH,
                by: String::new(),
                change: Change::Status { from, to },
            };
            (PostId::new(id), event)
        };
        let mut events = [
            event("1", "c", "d"),
            event("2", "b", "c"),
            event("3", "a", "b"),
        ];
        sort(&mut events);
        let ids = events.each_ref().map(|(id, _)| id.as_str());
        assert_eq!(ids, ["3", "2", "1"]);
    }

    #[test]
    fn edited_posts_and_posts_of_strangers_do_not_count() {
        let mut edited = post("carol", 3, "c");
        edited.edit_at = crate::mattermost::Millis(4);
        let posts = [edited, post("mallory", 1, "a")];
        assert_eq!(select(&run(), &posts, &People::default()), []);
    }
}
