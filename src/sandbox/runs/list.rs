//! `GET /runs`: pages of whole runs.

use std::cmp::Ordering;

use serde_json::{Value, json};

use super::run::Run;
use crate::sandbox::call::Call;
use crate::sandbox::ids::is_id;
use crate::sandbox::playbooks::list::contains_like;
use crate::sandbox::reply::{Answer, Reply};
use crate::sandbox::routes::{Route, route};
use crate::sandbox::world::World;

pub(super) const ROUTES: &[Route] = &[route("GET", "/plugins/playbooks/api/v0/runs", list)];

/// What the list can be sorted by.
const SORTS: [&str; 13] = [
    "",
    "create_at",
    "id",
    "name",
    "owner_user_id",
    "team_id",
    "end_at",
    "status",
    "last_status_update_at",
    "metric0",
    "metric1",
    "metric2",
    "metric3",
];

/// Everything wrong with a query is this.
fn bad() -> Reply {
    Reply::refused("Bad parameter")
}

fn list(world: &mut World, call: &Call) -> Answer {
    let text = |name: &str| call.query(name).unwrap_or_default();
    let sort = text("sort");
    let direction = text("direction").to_lowercase();
    if !SORTS.contains(&sort) || !["", "asc", "desc"].contains(&direction.as_str()) {
        return Err(bad());
    }
    let page = number(call, "page")?.unwrap_or(0);
    let per_page = number(call, "per_page")?
        .filter(|number| *number > 0)
        .unwrap_or(1000);
    let page = usize::try_from(page).map_err(|_| bad())?;
    let per_page = usize::try_from(per_page).map_err(|_| bad())?;
    let filters = Filters::of(call)?;
    let metric = sort
        .strip_prefix("metric")
        .and_then(|n| n.parse::<usize>().ok());
    if metric.is_some() && filters.playbook.is_none() {
        return Err(Reply::internal());
    }
    // A team of others has no runs, not even for somebody who was made the owner of one.
    let foreign = filters.team.is_some_and(|team| {
        !world.is_system_admin(&call.user) && !world.is_on_team(&call.user, team)
    });
    let mut runs: Vec<&Run> = world
        .runs
        .iter()
        .filter(|run| !foreign && filters.admit(run) && world.may_view_run(&call.user, run))
        .collect();
    runs.sort_by(|a, b| match metric {
        Some(metric) => metric_value(a, metric).cmp(&metric_value(b, metric)),
        None => compare(a, b, sort),
    });
    if direction == "desc" {
        runs.reverse();
    }
    let total = runs.len();
    let pages = total.div_ceil(per_page);
    let items: Vec<Value> = runs
        .into_iter()
        .skip(page.saturating_mul(per_page))
        .take(per_page)
        .map(|run| world.run_json(run))
        .collect();
    Ok(Reply::ok(json!({
        "total_count": total,
        "page_count": pages,
        "per_page": per_page,
        "has_more": page.saturating_add(1) < pages,
        "items": items,
    })))
}

fn number(call: &Call, name: &str) -> Result<Option<i64>, Reply> {
    let text = call.query(name).filter(|text| !text.is_empty());
    text.map(str::parse).transpose().map_err(|_| bad())
}

struct Filters<'c> {
    team: Option<&'c str>,
    playbook: Option<&'c str>,
    channel: Option<&'c str>,
    owner: Option<&'c str>,
    participant: Option<&'c str>,
    participant_or_follower: Option<&'c str>,
    statuses: Vec<&'c str>,
    types: Vec<&'c str>,
    term: String,
    omit_ended: bool,
    started: (Option<i64>, Option<i64>),
    active: (Option<i64>, Option<i64>),
    since: Option<i64>,
}

impl<'c> Filters<'c> {
    fn of(call: &'c Call) -> Result<Self, Reply> {
        let id = |name: &str| -> Result<Option<&'c str>, Reply> {
            match call.query(name).unwrap_or_default() {
                "" => Ok(None),
                "me" if name != "team_id" => Ok(Some(call.user.as_str())),
                id if is_id(id) => Ok(Some(id)),
                _ => Err(bad()),
            }
        };
        let statuses = call.queries("statuses");
        if !statuses
            .iter()
            .all(|status| ["InProgress", "Finished"].contains(status))
        {
            return Err(bad());
        }
        let types = call.queries("types");
        if !types
            .iter()
            .all(|kind| ["playbook", "channelChecklist"].contains(kind))
        {
            return Err(bad());
        }
        Ok(Self {
            team: id("team_id")?,
            playbook: id("playbook_id")?,
            channel: id("channel_id")?,
            owner: id("owner_user_id")?,
            participant: id("participant_id")?,
            participant_or_follower: id("participant_or_follower_id")?,
            statuses,
            types,
            term: call.query("search_term").unwrap_or_default().to_lowercase(),
            omit_ended: call.is_set("omit_ended"),
            started: (number(call, "started_gte")?, number(call, "started_lt")?),
            active: (number(call, "active_gte")?, number(call, "active_lt")?),
            since: number(call, "since")?,
        })
    }

    fn admit(&self, run: &Run) -> bool {
        let is = |wanted: Option<&str>, have: &str| wanted.is_none_or(|wanted| wanted == have);
        let takes_part = |user: &str| run.participant_ids.iter().any(|id| id == user);
        let follows = |user: &str| run.hidden.followers.iter().any(|id| id == user);
        let status = if run.is_finished() {
            "Finished"
        } else {
            "InProgress"
        };
        is(self.team, &run.team_id)
            && is(self.playbook, &run.playbook_id)
            && is(self.channel, &run.channel_id)
            && is(self.owner, &run.owner_user_id)
            && self.participant.is_none_or(takes_part)
            && self
                .participant_or_follower
                .is_none_or(|user| takes_part(user) || follows(user))
            && (self.statuses.is_empty() || self.statuses.contains(&status))
            && (self.types.is_empty() || self.types.contains(&run.kind.name()))
            && contains_like(&run.name.to_lowercase(), &self.term)
            && !(self.omit_ended && run.end_at != 0)
            && self.started.0.is_none_or(|from| run.create_at >= from)
            && self.started.1.is_none_or(|to| run.create_at < to)
            && self
                .active
                .0
                .is_none_or(|from| run.end_at == 0 || run.end_at >= from)
            && self.active.1.is_none_or(|to| run.create_at < to)
            && self.since.is_none_or(|since| run.update_at >= since)
    }
}

/// No value sorts last, as PostgreSQL does it.
fn metric_value(run: &Run, metric: usize) -> (bool, i64) {
    let config = run.hidden.metrics.get(metric);
    let data = run.metrics_data.iter();
    let value = config.and_then(|config| data.clone().find(|d| d.metric_config_id == config.id));
    match value.and_then(|value| value.value) {
        Some(value) => (false, value),
        None => (true, 0),
    }
}

fn compare(a: &Run, b: &Run, sort: &str) -> Ordering {
    match sort {
        "id" => a.id.cmp(&b.id),
        "name" => a.name.cmp(&b.name),
        "owner_user_id" => a.owner_user_id.cmp(&b.owner_user_id),
        "team_id" => a.team_id.cmp(&b.team_id),
        "end_at" => a.end_at.cmp(&b.end_at),
        "status" => a.current_status.cmp(&b.current_status),
        "last_status_update_at" => a.last_status_update_at.cmp(&b.last_status_update_at),
        _ => a.create_at.cmp(&b.create_at),
    }
}
