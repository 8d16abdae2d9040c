//! Settings, statistics and look-ups that only the web app uses.

use serde_json::{Value, json};

use super::access::Right;
use super::object::Playbook;
use crate::sandbox::call::Call;
use crate::sandbox::reply::{Answer, Reply};
use crate::sandbox::routes::{Route, route};
use crate::sandbox::world::World;

pub(super) const ROUTES: &[Route] = &[
    route("GET", "/plugins/playbooks/api/v0/settings", settings),
    route(
        "GET",
        "/plugins/playbooks/api/v0/stats/playbook",
        of_playbook,
    ),
    route("GET", "/plugins/playbooks/api/v0/stats/site", of_site),
    route(
        "GET",
        "/plugins/playbooks/api/v0/playbooks/autocomplete",
        autocomplete,
    ),
    route(
        "GET",
        "/plugins/playbooks/api/v0/playbooks/insights/user/me",
        insights,
    ),
    route(
        "GET",
        "/plugins/playbooks/api/v0/playbooks/insights/teams/{team_id}",
        team_insights,
    ),
];

const DAY: i64 = 86_400_000;
const SUGGESTIONS: usize = 15;

/// Stands for "there is nothing to compare with".
const NO_BASE: i64 = 99_999_999;

fn settings(_: &mut World, _: &Call) -> Answer {
    Ok(Reply::ok(json!({ "enable_experimental_features": false })))
}

/// The last `count` spans of time, the oldest first.
fn spans(now: i64, count: i64, length: i64) -> Vec<(i64, i64)> {
    let end = now - now.rem_euclid(DAY) + DAY;
    let start = |span: i64| end - (count - span) * length;
    (0..count)
        .map(|span| (start(span), start(span + 1) - 1))
        .collect()
}

fn of_playbook(world: &mut World, call: &Call) -> Answer {
    let id = call.query("playbook_id").unwrap_or_default();
    if id.is_empty() {
        return Err(Reply::refused("Bad filters"));
    }
    let playbook = world.visible_playbook(&call.user, id)?;
    let runs: Vec<_> = world
        .runs
        .iter()
        .filter(|run| run.playbook_id == id)
        .collect();
    let active = runs.iter().filter(|run| !run.is_finished());
    let participants = active
        .clone()
        .map(|run| run.participant_ids.len())
        .sum::<usize>();
    let now = world.now();
    let finished = runs
        .iter()
        .filter(|run| run.is_finished() && run.end_at > now - 30 * DAY);
    let weeks = spans(now, 12, 7 * DAY);
    let days = spans(now, 14, DAY);
    let started = |(from, to): &(i64, i64)| {
        runs.iter()
            .filter(|run| (*from..=*to).contains(&run.create_at))
            .count()
    };
    let running = |(from, to): &(i64, i64)| {
        runs.iter()
            .filter(|run| run.create_at <= *to && (run.end_at == 0 || run.end_at >= *from))
            .count()
    };
    let per_metric = |value: Value| vec![value; playbook.metrics.len()];
    Ok(Reply::ok(json!({
        "runs_in_progress": active.count(),
        "participants_active": participants,
        "runs_finished_prev_30_days": finished.count(),
        "runs_finished_percentage_change": NO_BASE,
        "runs_started_per_week": weeks.iter().map(started).collect::<Vec<_>>(),
        "runs_started_per_week_times": weeks,
        "active_runs_per_day": days.iter().map(running).collect::<Vec<_>>(),
        "active_runs_per_day_times": days,
        "active_participants_per_day": days.iter().map(running).collect::<Vec<_>>(),
        "active_participants_per_day_times": days,
        "metric_overall_average": per_metric(Value::Null),
        "metric_value_range": per_metric(Value::Null),
        "metric_rolling_values": per_metric(Value::Null),
        "metric_rolling_average": per_metric(Value::Null),
        "metric_rolling_average_change": per_metric(Value::Null),
        "last_x_run_names": null,
    })))
}

fn of_site(world: &mut World, call: &Call) -> Answer {
    if !world.is_system_admin(&call.user) {
        return Err(Reply::error(403, "user is not allowed to get site stats"));
    }
    let playbooks = world
        .playbooks
        .iter()
        .filter(|playbook| playbook.delete_at == 0);
    Ok(Reply::ok(json!({
        "total_playbooks": playbooks.count(),
        "total_playbook_runs": world.runs.iter().count(),
    })))
}

fn autocomplete(world: &mut World, call: &Call) -> Answer {
    let team = call.query("team_id").unwrap_or_default();
    if !world.may_in_team(&call.user, team, "view_team") {
        return Err(Reply::forbidden());
    }
    let listed = |playbook: &&Playbook| {
        playbook.team_id == team
            && playbook.delete_at == 0
            && world.may_with_playbook(&call.user, playbook, Right::View)
    };
    let suggestions = world.playbooks.iter().filter(listed).take(SUGGESTIONS);
    let suggestions = suggestions
        .map(|playbook| json!({ "Item": playbook.id, "Hint": "", "HelpText": playbook.title }));
    Ok(Reply::ok(suggestions.collect::<Vec<_>>()))
}

fn insights(_: &mut World, call: &Call) -> Answer {
    for name in ["page", "per_page"] {
        let number = call.query(name).and_then(|text| text.parse::<i64>().ok());
        if number.is_none() {
            return Err(Reply::refused(&format!(
                "error converting {name} parameter to integer"
            )));
        }
    }
    Ok(Reply::ok(json!({ "has_next": false, "items": [] })))
}

/// Needs a real licence; developer mode is not enough.
fn team_insights(_: &mut World, _: &Call) -> Answer {
    Err(Reply::internal())
}
