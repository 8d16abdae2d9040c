//! The retrospective of a run; it stays open when the run is over.

use serde::Deserialize;
use serde_json::{Value, json};

use super::access::manageable;
use super::run::{Event, MetricValue, Run};
use crate::sandbox::call::Call;
use crate::sandbox::reply::{Answer, Reply};
use crate::sandbox::routes::{Route, route};
use crate::sandbox::world::World;

pub(super) const ROUTES: &[Route] = &[
    route(
        "POST",
        "/plugins/playbooks/api/v0/runs/{run_id}/retrospective",
        draft,
    ),
    route(
        "POST",
        "/plugins/playbooks/api/v0/runs/{run_id}/retrospective/publish",
        publish,
    ),
    route(
        "POST",
        "/plugins/playbooks/api/v0/runs/{run_id}/no-retrospective-button",
        cancel,
    ),
    route(
        "PUT",
        "/plugins/playbooks/api/v0/runs/{run_id}/retrospective-enabled",
        switch,
    ),
];

/// Characters of the text; more kill the real plugin, and here get its dying answer.
const TEXT_LENGTH: usize = 65_535;

#[derive(Deserialize, Default)]
#[serde(default)]
struct Sent {
    retrospective: String,
    metrics: Vec<MetricValue>,
}

fn sent(call: &Call) -> Result<Sent, Reply> {
    let undecodable = || Reply::refused("unable to decode payload");
    let sent: Sent = call.decode().ok_or_else(undecodable)?;
    if sent.retrospective.chars().count() > TEXT_LENGTH {
        return Err(Reply::text(500, "500 internal server error\n"));
    }
    Ok(sent)
}

/// Listed metrics take their value, others keep theirs, unknown ones are skipped.
fn apply(run: &mut Run, sent: &Sent) {
    run.retrospective.clone_from(&sent.retrospective);
    for new in &sent.metrics {
        if !run
            .hidden
            .metrics
            .iter()
            .any(|metric| metric.id == new.metric_config_id)
        {
            continue;
        }
        run.metrics_data
            .retain(|old| old.metric_config_id != new.metric_config_id);
        run.metrics_data.push(new.clone());
    }
}

fn draft(world: &mut World, call: &Call) -> Answer {
    let mut run = manageable(world, call)?;
    apply(&mut run, &sent(call)?);
    world.save_run(run);
    Ok(Reply::empty(200))
}

fn publish(world: &mut World, call: &Call) -> Answer {
    let mut run = manageable(world, call)?;
    let sent = sent(call)?;
    apply(&mut run, &sent);
    run.retrospective_published_at = world.now();
    run.retrospective_was_canceled = false;
    let message = format!(
        "@channel Retrospective for {} has been published by @{}\n[See the full retrospective]({}/retrospective)\n",
        run.link(),
        world.username(&call.user),
        run.address(),
    );
    let (data, configs) = if sent.metrics.is_empty() {
        (Value::Null, Value::Null)
    } else {
        (json!(sent.metrics), json!(run.hidden.metrics))
    };
    let props = json!({
        "metricsData": data.to_string(),
        "metricsConfigs": configs.to_string(),
        "retrospectiveText": run.retrospective,
    });
    world.post_as_bot(&run.channel_id, "", "custom_retro", &message, props);
    world.add_event(
        &mut run,
        "published_retrospective",
        &call.user,
        Event::default(),
    );
    world.save_run(run);
    Ok(Reply::empty(200))
}

fn cancel(world: &mut World, call: &Call) -> Answer {
    let mut run = manageable(world, call)?;
    "No retrospective for this run.".clone_into(&mut run.retrospective);
    run.retrospective_published_at = world.now();
    run.retrospective_was_canceled = true;
    let name = world.username(&call.user);
    let message = format!(
        "@channel Retrospective for {} has been canceled by @{name}\n",
        run.link()
    );
    world.post_as_bot(&run.channel_id, "", "", &message, Value::Null);
    world.add_event(
        &mut run,
        "canceled_retrospective",
        &call.user,
        Event::default(),
    );
    world.save_run(run);
    Ok(Reply::ok(Value::Null))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Switch {
    retrospective_enabled: Option<bool>,
}

fn switch(world: &mut World, call: &Call) -> Answer {
    let mut run = manageable(world, call)?;
    if run.owner_user_id != call.user && !world.is_system_admin(&call.user) {
        return Err(Reply::forbidden());
    }
    let undecodable = || Reply::refused("unable to decode payload");
    let switch: Switch = call.decode().ok_or_else(undecodable)?;
    let required = || Reply::refused("retrospective_enabled is required");
    let on = switch.retrospective_enabled.ok_or_else(required)?;
    if world
        .channels
        .get(&run.channel_id)
        .is_some_and(|channel| channel.delete_at != 0)
    {
        return Err(Reply::refused(
            "cannot toggle retrospective for an archived channel",
        ));
    }
    if run.retrospective_enabled != on {
        run.retrospective_enabled = on;
        let kind = if on {
            "retrospective_enabled"
        } else {
            "retrospective_disabled"
        };
        world.add_event(&mut run, kind, &call.user, Event::default());
        world.save_run(run);
    }
    Ok(Reply::ok(json!({ "success": true })))
}
