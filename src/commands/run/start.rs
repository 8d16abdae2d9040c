//! `warroom run start`.

use std::collections::BTreeMap;

use super::{Desk, attributes, pair, wrong};
use crate::cli::RunStart;
use crate::commands::Context;
use crate::exit::{ExitStatus, Failure};
use crate::incident::runner::Order;
use crate::model::{Key, Username};
use crate::ui::Ui;

/// Starts an incident.
pub(super) fn run(
    arguments: &RunStart,
    context: &Context,
    ui: &mut Ui,
) -> Result<ExitStatus, Failure> {
    let order = lower(arguments)?;
    let desk = Desk::open(context, ui)?;
    let outcome = desk.act(async |runner| runner.start(&order).await)?;
    desk.report("start", &outcome, ui)?;
    if !outcome.incident.url.is_empty() {
        ui.note(&outcome.incident.url);
    }
    Ok(super::status(&outcome))
}

fn lower(arguments: &RunStart) -> Result<Order, Failure> {
    let mut roles: BTreeMap<Key, Username> = BTreeMap::new();
    for text in &arguments.role {
        let (role, name) = pair(text, "--role ROLE=NAME")?;
        let role = role.parse().map_err(wrong)?;
        let name = name.strip_prefix('@').unwrap_or(name);
        roles.insert(role, name.parse().map_err(wrong)?);
    }
    let team = arguments.team.as_deref().map(str::parse).transpose();
    Ok(Order {
        playbook: arguments.playbook.clone(),
        name: arguments.name.clone(),
        description: arguments.description.clone(),
        commander: arguments.commander.clone(),
        severity: arguments.severity.clone(),
        roles,
        attributes: attributes(&arguments.attributes, "--attr KEY=VALUE")?,
        post: arguments.post.clone(),
        team: team.map_err(wrong)?,
    })
}
