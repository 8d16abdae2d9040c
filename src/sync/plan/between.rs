//! The plan between two commits: what one asks for that the other did not.
//!
//! Needs no server, no token and no network, and looks no secret up: a pull request
//! from a stranger may be planned this way. What people changed in Mattermost is not
//! known here, and what the server would refuse neither. Pure.

use std::collections::BTreeSet;

use serde_json::Value;

use super::compare::{SOURCE_LINE, all_of};
use super::{Action, FieldChange, Moved, Note, NoteKind, Plan, Prune, Step};
use crate::model::{Key, SecretRef};
use crate::sync::canonical::PlaybookState;
use crate::sync::desired::{Address, Desired, DesiredPlaybook, Wanted};

/// Compares what `head` asks for with what `base` did; `only` is empty for all playbooks.
#[must_use]
pub fn between(base: &Desired, head: &Desired, only: &BTreeSet<Key>, prune: Prune) -> Plan {
    let asked = |address: &Address| only.is_empty() || only.contains(&address.key);
    let mut plan = Plan {
        roles: None,
        workspace: head.workspace.clone(),
        steps: Vec::new(),
        notes: Vec::new(),
    };
    for (address, playbook) in head.playbooks.iter().filter(|(address, _)| asked(address)) {
        // What was renamed goes on under its new key.
        let old = head.before(address);
        let before = base.playbooks.get(address);
        let before = before.or_else(|| base.playbooks.get(old.as_ref()?));
        let mut step = step(address, before, playbook);
        if let (Action::Unchanged | Action::Update, Some(old)) = (&step.action, old)
            && !base.playbooks.contains_key(address)
        {
            let (old, new) = (old.key.to_string().into(), address.key.to_string().into());
            step.fields
                .push(FieldChange::new("key", old, new, Moved::Git));
            step.action = Action::Update;
        }
        plan.steps.push(step);
    }
    for (address, playbook) in base.playbooks.iter().filter(|(address, _)| asked(address)) {
        if head.playbooks.contains_key(address) || head.moved_away(address).is_some() {
            continue;
        }
        if prune == Prune::WithinBudget {
            let title = playbook
                .wanted
                .as_ref()
                .map(|wanted| wanted.state.title.clone());
            plan.steps.push(Step {
                address: address.clone(),
                id: None,
                title: title.unwrap_or_default(),
                action: Action::Archive,
                fields: Vec::new(),
            });
        } else {
            plan.notes.push(Note {
                kind: NoteKind::Vanished,
                address: Some(address.clone()),
                id: None,
                text: "its file is gone: sync archives it with `--prune`, or gives it up with `--release`"
                    .to_owned(),
            });
        }
    }
    plan.steps.sort_by(|a, b| a.address.cmp(&b.address));
    plan
}

fn step(address: &Address, base: Option<&DesiredPlaybook>, head: &DesiredPlaybook) -> Step {
    let before = base.and_then(|base| Some((base, base.wanted.as_ref().ok()?)));
    let (action, fields) = match (&head.wanted, before) {
        (Err(refusal), _) => (Action::Refused(refusal.clone()), Vec::new()),
        (Ok(wanted), None) => (Action::Create, all_of(&wanted.state)),
        (Ok(wanted), Some((base, before))) => {
            let mut fields = fields(&before.state, &wanted.state);
            fields.extend(source_line(base, head));
            fields.extend(secrets(before, wanted));
            if base.protected != head.protected {
                let (old, new) = (base.protected.into(), head.protected.into());
                fields.push(FieldChange::new("protected", old, new, Moved::Git));
            }
            let action = if fields.is_empty() {
                Action::Unchanged
            } else {
                Action::Update
            };
            (action, fields)
        }
    };
    let now = head.wanted.as_ref().ok();
    let titled = before.map(|(_, wanted)| wanted).or(now);
    Step {
        address: address.clone(),
        id: None,
        title: titled.map_or_else(String::new, |wanted| wanted.state.title.clone()),
        action,
        fields,
    }
}

fn fields(before: &PlaybookState, after: &PlaybookState) -> Vec<FieldChange> {
    let all = before.differences(after).into_iter();
    all.map(|one| FieldChange::new(one.field, one.left, one.right, Moved::Git))
        .collect()
}

fn source_line(base: &DesiredPlaybook, head: &DesiredPlaybook) -> Option<FieldChange> {
    let line = |playbook: &DesiredPlaybook| -> Value {
        let source = playbook.source.as_ref();
        source.map(ToString::to_string).into()
    };
    let (old, new) = (line(base), line(head));
    (old != new).then(|| FieldChange::new(SOURCE_LINE, old, new, Moved::Git))
}

/// Another secret is another address: whoever reviews must see that, and sees its name.
fn secrets(before: &Wanted, after: &Wanted) -> Vec<FieldChange> {
    let names = |secrets: &[SecretRef]| -> Value {
        let names = secrets.iter().map(|secret| secret.env.as_str());
        names.collect::<Vec<_>>().into()
    };
    let pairs = [
        (
            "start.webhooks (secrets)",
            &before.start_webhooks,
            &after.start_webhooks,
        ),
        (
            "updates.webhooks (secrets)",
            &before.update_webhooks,
            &after.update_webhooks,
        ),
    ];
    pairs
        .into_iter()
        .map(|(field, old, new)| (field, names(old), names(new)))
        .filter(|(_, old, new)| old != new)
        .map(|(field, old, new)| FieldChange::new(field, old, new, Moved::Git))
        .collect()
}
