//! The three documents of an incident.

use std::collections::BTreeMap;

use serde::Serialize;

use super::blocks::generated;
use super::facts::Facts;
use super::record::{Held, Record};
use super::redact::{POLICY, Redaction};
use super::{front_matter, gantt, tables, timeline};
use crate::template::{
    Context, IncidentContext, KeyedTitle, PlaybookContext, PostmortemContext, Scene,
    SeverityContext, Template, TemplateError,
};

/// The version of the form of `incident.json`.
const SCHEMA: &str = "warroom/incident/1";

/// The documents, as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Documents {
    pub(super) incident: String,
    pub(super) timeline: String,
    pub(super) postmortem: String,
}

#[derive(Serialize)]
struct IncidentJson<'r> {
    schema: &'static str,
    #[serde(flatten)]
    record: &'r Record,
    messages: Option<usize>,
    facts: &'r Facts,
    redaction: RedactionJson<'r>,
    generator: Generator,
}

#[derive(Serialize)]
struct RedactionJson<'r> {
    policy: &'static str,
    counts: &'r Redaction,
}

#[derive(Serialize)]
struct Generator {
    name: &'static str,
    version: &'static str,
}

/// Writes all three; the record is redacted first.
pub(super) fn documents(record: &Record, template: &Template) -> Result<Documents, TemplateError> {
    let (record, redaction) = Redaction::record(record);
    let facts = Facts::of(&record);
    let entries = timeline::entries(&record);
    let parts = PostmortemContext {
        facts: generated("facts", &tables::facts(&facts)),
        timeline: generated("timeline", &timeline::table(&entries)),
        gantt: generated("gantt", &gantt::gantt(&record)),
        gaps: generated("gaps", &tables::gaps(&facts)),
        tasks: generated("tasks", &tables::tasks(&record)),
        updates: generated("updates", &tables::updates(&record)),
    };
    let context = Context {
        incident: incident(&record),
        now: record.horizon(),
        scene: Scene::Postmortem(Box::new(parts)),
    };
    let body = template.render(&context)?;
    let front = front_matter::front_matter(&record, &facts, &redaction);
    let json = IncidentJson {
        schema: SCHEMA,
        record: &record,
        messages: record.messages.as_ref().map(Vec::len),
        facts: &facts,
        redaction: RedactionJson {
            policy: POLICY,
            counts: &redaction,
        },
        generator: Generator {
            name: "warroom",
            version: env!("CARGO_PKG_VERSION"),
        },
    };
    let mut incident =
        serde_json::to_string_pretty(&json).expect("texts, numbers and times always become JSON");
    incident.push('\n');
    Ok(Documents {
        incident,
        timeline: timeline::json_lines(&entries),
        postmortem: format!("{front}\n{body}\n"),
    })
}

fn incident(record: &Record) -> IncidentContext {
    let last = |held: &[Held]| held.last().cloned();
    let severity = last(&record.severities);
    let status = last(&record.statuses);
    let playbook = record.playbook.as_ref();
    IncidentContext {
        name: record.run.name.clone(),
        number: record.run.number.clone(),
        description: record.run.description.clone(),
        url: record.run.url.clone(),
        channel: record.run.channel.clone().unwrap_or_default(),
        severity: severity
            .map(|s| SeverityContext {
                key: s.key,
                title: s.title,
                means: String::new(),
            })
            .unwrap_or_default(),
        status: status
            .map(|s| KeyedTitle {
                key: s.key,
                title: s.title,
            })
            .unwrap_or_default(),
        commander: record.commander().map(str::to_owned),
        creator: Some(record.reporter.clone()),
        roles: record
            .roles
            .iter()
            .map(|(role, person)| (role.to_string(), Some(person.clone())))
            .collect(),
        attributes: BTreeMap::new(),
        started_at: record.started_at,
        ended_at: record.ended_at,
        drill: record.run.drill,
        playbook: playbook
            .map(|p| PlaybookContext {
                key: p.key.to_string(),
                title: p.title.clone(),
                commit: p.commit.clone(),
                url: p.url.clone(),
            })
            .unwrap_or_default(),
    }
}
