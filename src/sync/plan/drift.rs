//! Drift: what Mattermost moved, and nothing else of a plan.
//!
//! Owns which steps count: edits, things that vanished from sight, playbooks that
//! somebody archived or moved. What only git changed is no drift, and a plan that was
//! refused for another reason is none either. Pure.

use serde::{Deserialize, Serialize};

use super::{Action, FieldChange, Moved, Note, NoteKind, Plan, Step};
use crate::exit::ExitStatus;
use crate::model::Key;
use crate::sync::desired::Address;
use crate::sync::refusal::Reason;

/// What Mattermost moved since the last sync.
#[derive(Debug, Clone, PartialEq)]
pub struct Drift {
    /// The workspace.
    pub workspace: Key,
    /// The playbooks that moved, ordered by key and team.
    pub playbooks: Vec<Drifted>,
    /// How many playbooks were compared.
    pub compared: usize,
    /// Playbooks that could not be compared, and why: nothing is known of them.
    pub not_compared: Vec<(Address, String)>,
    /// What people should know to trust the answer.
    pub notes: Vec<Note>,
}

/// A playbook that moved in Mattermost.
#[derive(Debug, Clone, PartialEq)]
pub struct Drifted {
    /// Which playbook.
    pub address: Address,
    /// Its id on the server.
    pub id: Option<String>,
    /// Its title in Mattermost.
    pub title: String,
    /// What became of it.
    pub kind: DriftKind,
    /// In words, where a field says too little.
    pub problems: Vec<String>,
    /// The fields that Mattermost moved, or both sides did.
    pub fields: Vec<FieldChange>,
}

/// What became of a playbook in Mattermost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum DriftKind {
    /// Some of its fields were changed.
    Edited,
    /// It was archived.
    Archived,
    /// It is not to be seen any more, or its marker was removed.
    OutOfSight,
}

/// What Mattermost moved, out of a plan.
#[must_use]
pub fn drift(plan: &Plan) -> Drift {
    let tells = |note: &&Note| match note.kind {
        NoteKind::UnknownDigest | NoteKind::OtherAccount => true,
        NoteKind::Copy
        | NoteKind::Second
        | NoteKind::Vanished
        | NoteKind::StillWanted
        | NoteKind::BetweenCommits
        | NoteKind::UnknownSecrets => false,
    };
    let known = plan.steps.iter().filter(|step| step.id.is_some());
    let (blind, seen): (Vec<&Step>, Vec<&Step>) = known.partition(|s| not_compared(s).is_some());
    let why = |step: &&Step| Some((step.address.clone(), not_compared(step)?));
    Drift {
        workspace: plan.workspace.clone(),
        playbooks: plan.steps.iter().filter_map(drifted).collect(),
        compared: seen.len(),
        not_compared: blind.iter().filter_map(why).collect(),
        notes: plan.notes.iter().filter(tells).cloned().collect(),
    }
}

fn drifted(step: &Step) -> Option<Drifted> {
    let moved = step
        .fields
        .iter()
        .filter(|change| change.moved != Moved::Git);
    let mut fields: Vec<FieldChange> = moved.cloned().collect();
    for change in &mut fields {
        change.parts.retain(|part| part.moved != Moved::Git);
    }
    let (kind, problems) = match &step.action {
        Action::Refused(refusal) if refusal.reason == Reason::OutOfSight => {
            (DriftKind::OutOfSight, refusal.problems.clone())
        }
        Action::Restore => (DriftKind::Archived, Vec::new()),
        // Whoever is new here moved nothing.
        Action::Create | Action::Complete | Action::Adopt => return None,
        _ if fields.is_empty() => return None,
        Action::Refused(refusal) if refusal.reason == Reason::Drift => {
            (DriftKind::Edited, refusal.problems.clone())
        }
        _ => (DriftKind::Edited, Vec::new()),
    };
    Some(Drifted {
        address: step.address.clone(),
        id: step.id.clone(),
        title: step.title.clone(),
        kind,
        problems,
        fields,
    })
}

/// Why a playbook that is there was not compared.
fn not_compared(step: &Step) -> Option<String> {
    match &step.action {
        Action::Refused(refusal) if step.fields.is_empty() => match refusal.reason {
            Reason::OverLimit | Reason::NotOffered => Some(refusal.to_string()),
            _ => None,
        },
        _ => None,
    }
}

impl From<&Drift> for ExitStatus {
    fn from(drift: &Drift) -> Self {
        let moved = if drift.playbooks.is_empty() {
            Self::Done
        } else {
            Self::Findings
        };
        // Silence about what nobody looked at would read as "nothing moved".
        let blind = if drift.not_compared.is_empty() {
            Self::Done
        } else {
            Self::Failed
        };
        moved.and(blind)
    }
}
