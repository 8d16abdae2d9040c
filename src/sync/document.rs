//! Plans, drift and outcomes as documents for programs: the shape of the JSON.
//!
//! Owns names and meaning of every key; `schema/*.schema.json` is generated from these
//! types, and their comments are its descriptions. A document has a `version`: keys may
//! be added to it, none is removed or means something else. Holds what the values hold
//! and decides nothing. Prints nothing.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::apply::{Applied, ApplyError, Outcome};
use super::plan::{
    Action, Drift, DriftKind, Drifted, Fate, FieldChange, Moved, Note, NoteKind, Part, PartKind,
    Plan, Step,
};
use super::refusal::{Reason, Refusal};
use super::roles::{RoleOutcome, RolePlan};
use super::secrets::Secrets;
use crate::model::{Key, TeamName};

/// The version of the documents here.
pub const VERSION: u32 = 1;

/// What `plan --format json` prints, and `sync --format json` with what became of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PlanDocument {
    /// The version of this document: 1. Keys may be added to it, none changes its meaning.
    #[cfg_attr(test, schemars(extend("const" = VERSION)))]
    pub version: u32,
    /// The workspace.
    pub workspace: Key,
    /// The commit that was compared with instead of Mattermost: then `mattermost` of a field is
    /// what that commit says, and who moved is git. Absent otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// The commit whose files were compared with `base`; absent for the files as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<String>,
    /// How many playbooks would be written.
    pub changes: usize,
    /// How many playbooks have each fate.
    pub summary: Summary,
    /// What becomes of each playbook, ordered by key and team.
    pub steps: Vec<StepDocument>,
    /// What becomes of Mattermost's own roles; absent where git names none, or they were not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roles: Option<RolesDocument>,
    /// What people should know, and nobody has to act on.
    pub notes: Vec<NoteDocument>,
    /// What became of each playbook that was to be written; only of `sync`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcomes: Option<Vec<OutcomeDocument>>,
}

/// What becomes of Mattermost's own roles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RolesDocument {
    /// Whether they are written, as `--permissions` asks, and not only shown.
    pub asked: bool,
    /// Each role that git names, ordered by name.
    pub steps: Vec<RoleDocument>,
    /// What became of each role that was to be written; only of `sync`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcomes: Option<Vec<RoleOutcomeDocument>>,
}

/// What becomes of one role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RoleDocument {
    /// Its name.
    pub role: String,
    /// What it allows from then on.
    pub grant: Vec<String>,
    /// What it allows no more.
    pub withdraw: Vec<String>,
    /// Why it is left alone, if it is refused.
    pub refused: Option<RefusalDocument>,
}

/// What became of one role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RoleOutcomeDocument {
    /// Its name.
    pub role: String,
    /// Whether anything was written.
    pub wrote: bool,
    /// Whether it was done, and what is there is what git says.
    pub done: bool,
    /// What went wrong.
    pub error: Option<String>,
    /// What to do next.
    pub help: Option<String>,
}

/// How many playbooks have each fate.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Summary {
    /// Are made.
    pub create: usize,
    /// Were made by a sync that was cut short, and are finished.
    pub complete: usize,
    /// Change.
    pub update: usize,
    /// Are taken over.
    pub adopt: usize,
    /// Are given up, and stay.
    pub release: usize,
    /// Are archived.
    pub archive: usize,
    /// Are brought back from the archive.
    pub restore: usize,
    /// Stay as they are; the account that syncs notes their ids again.
    pub remember: usize,
    /// Are left alone, and somebody has to act.
    pub refused: usize,
    /// Stay as they are.
    pub unchanged: usize,
}

/// What becomes of one playbook.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct StepDocument {
    /// Its key.
    pub key: Key,
    /// Its team.
    pub team: TeamName,
    /// Its id in Mattermost, where it has one.
    pub id: Option<String>,
    /// Its title, the one it has before the one it gets.
    pub title: String,
    /// What becomes of it.
    pub action: Fate,
    /// The fields that change; of a refused one those that differ.
    pub fields: Vec<FieldDocument>,
    /// Why it is left alone, if it is refused.
    pub refused: Option<RefusalDocument>,
}

/// A field in which both sides differ.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct FieldDocument {
    /// The field, named as in YAML.
    pub field: String,
    /// What Mattermost has; null for nothing.
    pub mattermost: Value,
    /// What git says; null for nothing.
    pub git: Value,
    /// Who moved since the last sync.
    pub moved: Moved,
    /// What differs in it, where it is a list of things with names. Empty where only their
    /// order differs, and for a playbook that does not exist yet.
    #[serde(default)]
    pub parts: Vec<PartDocument>,
}

/// One thing inside a field that differs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PartDocument {
    /// The kind of thing.
    pub kind: PartKind,
    /// Its name; in Mattermost, where it is there.
    pub name: String,
    /// Of a task its checklist.
    pub inside: Option<String>,
    /// What Mattermost has; null for nothing.
    pub mattermost: Value,
    /// What git says; null for nothing.
    pub git: Value,
    /// Who moved since the last sync.
    pub moved: Moved,
}

/// Why a playbook is left alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RefusalDocument {
    /// The kind of reason.
    pub reason: Reason,
    /// What is in the way, in words.
    pub problems: Vec<String>,
    /// What to do next.
    pub help: Option<String>,
}

/// What people should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct NoteDocument {
    /// The kind of thing.
    pub kind: NoteKind,
    /// The key of the playbook it is about.
    pub key: Option<Key>,
    /// The team of that playbook.
    pub team: Option<TeamName>,
    /// The id of the object it is about.
    pub id: Option<String>,
    /// In words.
    pub text: String,
}

/// What became of one playbook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct OutcomeDocument {
    /// Its key.
    pub key: Key,
    /// Its team.
    pub team: TeamName,
    /// Its id in Mattermost, where it has one by now.
    pub id: Option<String>,
    /// What was to be done.
    pub action: Fate,
    /// Whether anything was written.
    pub wrote: bool,
    /// Whether it was done, and what is there is what git says.
    pub done: bool,
    /// What went wrong.
    pub error: Option<String>,
    /// What to do next.
    pub help: Option<String>,
    /// The fields that the server did not keep as they were written.
    pub not_kept: Vec<String>,
}

/// What `drift --format json` prints.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct DriftDocument {
    /// The version of this document: 1. Keys may be added to it, none changes its meaning.
    #[cfg_attr(test, schemars(extend("const" = VERSION)))]
    pub version: u32,
    /// The workspace.
    pub workspace: Key,
    /// How many playbooks moved in Mattermost.
    pub drifted: usize,
    /// How many playbooks were compared.
    pub compared: usize,
    /// The playbooks that moved, ordered by key and team.
    pub playbooks: Vec<DriftedDocument>,
    /// The playbooks that could not be compared: nothing is known of them.
    pub not_compared: Vec<NotCompared>,
    /// What people should know to trust the answer.
    pub notes: Vec<NoteDocument>,
}

/// A playbook that moved in Mattermost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct DriftedDocument {
    /// Its key.
    pub key: Key,
    /// Its team.
    pub team: TeamName,
    /// Its id in Mattermost.
    pub id: Option<String>,
    /// Its title in Mattermost.
    pub title: String,
    /// What became of it.
    pub kind: DriftKind,
    /// In words.
    pub problems: Vec<String>,
    /// The fields that Mattermost moved, or both sides did; their parts likewise.
    pub fields: Vec<FieldDocument>,
}

/// A playbook that could not be compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct NotCompared {
    /// Its key.
    pub key: Key,
    /// Its team.
    pub team: TeamName,
    /// Why, in words.
    pub why: String,
}

impl PlanDocument {
    /// The plan with what became of it.
    #[must_use]
    pub fn with_outcomes(plan: &Plan, applied: &Applied, secrets: &Secrets) -> Self {
        let mut outcomes: Vec<_> = applied.outcomes.iter().map(OutcomeDocument::from).collect();
        for outcome in &mut outcomes {
            for words in [&mut outcome.error, &mut outcome.help]
                .into_iter()
                .flatten()
            {
                *words = secrets.hide(words);
            }
        }
        let roles = applied.roles.iter().map(RoleOutcomeDocument::from);
        let mut document = Self {
            outcomes: Some(outcomes),
            ..Self::from(plan)
        };
        if let Some(plan) = &mut document.roles {
            plan.outcomes = Some(roles.collect());
        }
        document
    }
}

impl From<&Plan> for PlanDocument {
    fn from(plan: &Plan) -> Self {
        Self {
            version: VERSION,
            workspace: plan.workspace.clone(),
            base: None,
            head: None,
            changes: plan.steps.iter().filter(|step| step.writes()).count(),
            summary: Summary::from(plan),
            steps: plan.steps.iter().map(StepDocument::from).collect(),
            roles: plan.roles.as_ref().map(RolesDocument::from),
            notes: plan.notes.iter().map(NoteDocument::from).collect(),
            outcomes: None,
        }
    }
}

impl From<&Plan> for Summary {
    fn from(plan: &Plan) -> Self {
        let mut summary = Self::default();
        for step in &plan.steps {
            *match step.action.fate() {
                Fate::Create => &mut summary.create,
                Fate::Complete => &mut summary.complete,
                Fate::Update => &mut summary.update,
                Fate::Adopt => &mut summary.adopt,
                Fate::Release => &mut summary.release,
                Fate::Archive => &mut summary.archive,
                Fate::Restore => &mut summary.restore,
                Fate::Remember => &mut summary.remember,
                Fate::Refused => &mut summary.refused,
                Fate::Unchanged => &mut summary.unchanged,
            } += 1;
        }
        summary
    }
}

impl From<&Step> for StepDocument {
    fn from(step: &Step) -> Self {
        Self {
            key: step.address.key.clone(),
            team: step.address.team.clone(),
            id: step.id.clone(),
            title: step.title.clone(),
            action: step.action.fate(),
            fields: step.fields.iter().map(FieldDocument::from).collect(),
            refused: match &step.action {
                Action::Refused(refusal) => Some(RefusalDocument::from(refusal)),
                _ => None,
            },
        }
    }
}

impl From<&Refusal> for RefusalDocument {
    fn from(refusal: &Refusal) -> Self {
        Self {
            reason: refusal.reason,
            problems: refusal.problems.clone(),
            help: refusal.help.clone(),
        }
    }
}

impl From<&RolePlan> for RolesDocument {
    fn from(plan: &RolePlan) -> Self {
        let steps = plan.steps.iter().map(|step| RoleDocument {
            role: step.role.clone(),
            grant: step.grant.clone(),
            withdraw: step.withdraw.clone(),
            refused: step.refused.as_ref().map(RefusalDocument::from),
        });
        Self {
            asked: plan.asked,
            steps: steps.collect(),
            outcomes: None,
        }
    }
}

impl From<&RoleOutcome> for RoleOutcomeDocument {
    fn from(outcome: &RoleOutcome) -> Self {
        let error = outcome.result.as_ref().err();
        Self {
            role: outcome.role.clone(),
            wrote: outcome.wrote,
            done: error.is_none(),
            error: error.map(ToString::to_string),
            help: error.map(ApplyError::help),
        }
    }
}

impl From<&FieldChange> for FieldDocument {
    fn from(change: &FieldChange) -> Self {
        Self {
            field: change.field.clone(),
            mattermost: change.old.clone(),
            git: change.new.clone(),
            moved: change.moved,
            parts: change.parts.iter().map(PartDocument::from).collect(),
        }
    }
}

impl From<&Part> for PartDocument {
    fn from(part: &Part) -> Self {
        Self {
            kind: part.kind,
            name: part.name.clone(),
            inside: part.inside.clone(),
            mattermost: part.old.clone(),
            git: part.new.clone(),
            moved: part.moved,
        }
    }
}

impl From<&Note> for NoteDocument {
    fn from(note: &Note) -> Self {
        Self {
            kind: note.kind,
            key: note.address.as_ref().map(|address| address.key.clone()),
            team: note.address.as_ref().map(|address| address.team.clone()),
            id: note.id.clone(),
            text: note.text.clone(),
        }
    }
}

impl From<&Outcome> for OutcomeDocument {
    fn from(outcome: &Outcome) -> Self {
        let error = outcome.result.as_ref().err();
        Self {
            key: outcome.address.key.clone(),
            team: outcome.address.team.clone(),
            id: outcome.id.clone(),
            action: outcome.action,
            wrote: outcome.wrote,
            done: error.is_none(),
            error: error.map(ToString::to_string),
            help: error.map(ApplyError::help),
            not_kept: match error {
                Some(ApplyError::NotKept(fields)) => {
                    fields.iter().map(|field| field.field.clone()).collect()
                }
                _ => Vec::new(),
            },
        }
    }
}

impl From<&Drift> for DriftDocument {
    fn from(drift: &Drift) -> Self {
        let not_compared = drift.not_compared.iter().map(|(address, why)| NotCompared {
            key: address.key.clone(),
            team: address.team.clone(),
            why: why.clone(),
        });
        Self {
            version: VERSION,
            workspace: drift.workspace.clone(),
            drifted: drift.playbooks.len(),
            compared: drift.compared,
            playbooks: drift.playbooks.iter().map(DriftedDocument::from).collect(),
            not_compared: not_compared.collect(),
            notes: drift.notes.iter().map(NoteDocument::from).collect(),
        }
    }
}

impl From<&Drifted> for DriftedDocument {
    fn from(drifted: &Drifted) -> Self {
        Self {
            key: drifted.address.key.clone(),
            team: drifted.address.team.clone(),
            id: drifted.id.clone(),
            title: drifted.title.clone(),
            kind: drifted.kind,
            problems: drifted.problems.clone(),
            fields: drifted.fields.iter().map(FieldDocument::from).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use schemars::generate::SchemaSettings;
    use schemars::{JsonSchema, Schema};

    use super::*;
    use crate::sync::report::ReportDocument;

    fn generated<T: JsonSchema>(title: &str) -> String {
        let settings = SchemaSettings::draft2020_12().for_serialize();
        let schema: Schema = settings.into_generator().into_root_schema_for::<T>();
        let mut schema = schema.to_value();
        schema["title"] = title.into();
        tidy(&mut schema);
        format!("{schema:#}\n")
    }

    /// What it is comes first; the sizes of Rust's numbers mean nothing to others.
    fn tidy(schema: &mut Value) {
        match schema {
            Value::Object(object) => {
                if object.get("format").is_some_and(|format| {
                    format.as_str().is_some_and(|name| name.starts_with("uint"))
                }) {
                    object.shift_remove("format");
                }
                object.values_mut().for_each(tidy);
                let first = ["$schema", "title", "description", "type"];
                let rank = |key: &str| first.iter().position(|name| *name == key).unwrap_or(9);
                let mut entries: Vec<_> = std::mem::take(object).into_iter().collect();
                entries.sort_by_key(|(key, value)| if value.is_object() { 9 } else { rank(key) });
                object.extend(entries);
            }
            Value::Array(items) => items.iter_mut().for_each(tidy),
            _ => {}
        }
    }

    #[test]
    fn the_committed_schemas_of_documents_are_what_the_types_say() {
        for (name, fresh) in [
            ("plan", generated::<PlanDocument>("warroom plan")),
            ("drift", generated::<DriftDocument>("warroom drift")),
            ("report", generated::<ReportDocument>("warroom report")),
        ] {
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/schema");
            let path = format!("{folder}/{name}.schema.json");
            if std::env::var_os("WARROOM_BLESS").is_some() {
                fs_err::write(&path, &fresh).unwrap();
            }
            let committed = fs_err::read_to_string(&path).unwrap();
            assert!(
                committed == fresh,
                "`schema/{name}.schema.json` is stale: run `WARROOM_BLESS=1 cargo test schema`"
            );
        }
    }
}
