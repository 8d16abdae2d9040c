//! The templates that take effect where a workspace names none.
//!
//! Short on purpose: a team that wants more writes its own.

use super::{Template, TemplateKind};

const UPDATE: &str = "\
---
inputs:
  situation: { ask: What is the situation?, required: true }
  next: { ask: What happens next?, required: true }
---
#### {{ incident.name | md }} · {{ incident.status.title | md }}{% if incident.severity.title %} · {{ incident.severity.title | md }}{% endif %}

{{ situation | paragraphs }}

**Next:** {{ next | md }}
{% if update.next_at and not update.final %}Next update by {{ update.next_at | datetime }}.{% endif %}
";

const OVERVIEW: &str = "\
**{{ incident.status.title | md }}**{% if incident.severity.title %} · {{ incident.severity.title | md }}{% endif %} · commander {{ incident.commander | mention }} · started {{ incident.started_at | datetime }}

{{ incident.description | paragraphs }}

{{ tasks.done }} of {{ tasks.total }} tasks done{% if tasks.current %}, now in *{{ tasks.current.title | md }}*{% endif %}
";

const ANNOUNCEMENT: &str = "\
**{{ incident.name | md }}**{% if incident.severity.title %} ({{ incident.severity.title | md }}){% endif %} {{ event.words }}. Commander: {{ incident.commander | mention }}. Join in ~{{ incident.channel }}.
";

const WELCOME: &str = "\
Welcome. Read the overview at the top of the channel first, then ask {{ incident.commander | mention }} where you are needed.
";

const RETROSPECTIVE: &str = "\
## Impact
## What happened
## Contributing factors
## What went well
## What to change
";

const POSTMORTEM: &str = "\
# {{ incident.name | md }}

## Summary

## Impact

## Detection

## Facts

{{ facts }}

## Timeline

{{ timeline }}

{{ gantt }}

## Gaps, late and skipped tasks

{{ gaps }}

## Status updates

{{ updates }}

## Contributing factors

## Resolution

## What went well

## What went badly

## Where we were lucky

## Action items

| action | type | owner | due | ticket |
| --- | --- | --- | --- | --- |

## Tasks

{{ tasks }}
";

/// The template of a kind where the workspace names none.
///
/// # Panics
/// Never: a test parses and checks each of them.
#[must_use]
pub fn built_in(kind: TemplateKind) -> Template {
    let text = match kind {
        TemplateKind::Update => UPDATE,
        TemplateKind::Overview => OVERVIEW,
        TemplateKind::Announcement => ANNOUNCEMENT,
        TemplateKind::Welcome => WELCOME,
        TemplateKind::Retrospective => RETROSPECTIVE,
        TemplateKind::Postmortem => POSTMORTEM,
    };
    let name = format!("built-in {}", kind.name());
    Template::parse(&name, text).expect("a test parses every built-in template")
}
