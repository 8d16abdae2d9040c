//! Post-mortem, privacy, metrics and sync.

mod export;
mod playbook;
mod secrets;
#[cfg(test)]
mod tests;

use crate::diag::Code;
use crate::lint::rule::{Check, Rule};

pub(super) static RULES: &[Rule] = &[
    Rule {
        code: Code::TranscriptPolicy,
        what: "`export.transcript` takes a part of the conversation into git, and private incidents may be \
              exported: `export.private_incidents` is on, and a profile with `channel: private` has `export: \
              true`. Also, since `run export` refuses them in this version: every other `transcript` than `none`, \
              and `people: pseudonyms`.",
        why: "Whoever wrote in a private channel knew who would read it. A repository is read by more people, and \
              for longer. And an export that refuses does so at the end of the incident, when people have gone to \
              bed.",
        bad: &[
            ("warroom.yaml", "\
export:
  transcript: full
  private_incidents: true
"),
            ("permissions.yaml", "\
profiles:
  everybody:
    playbook: { visibility: public, use: [group:sre], edit: [carol] }
    incident: { channel: private, export: true }
"),
        ],
        good: &[
            ("warroom.yaml", "\
export:
  transcript: none
  private_incidents: true
"),
            ("permissions.yaml", "\
profiles:
  everybody:
    playbook: { visibility: public, use: [group:sre], edit: [carol] }
    incident: { channel: private, export: true }
"),
        ],
        checks: &[Check::Settings(export::transcript_policy)],
    },
    Rule {
        code: Code::Secret,
        what: "Something in a YAML file, comments included, or in a template looks like a secret: a token of a \
              known form, a private key, the address of a webhook with its key, a password or a signature in an \
              address, a value of at least 8 characters with digits behind `token:`, `password` or `Bearer`, a name \
              and password behind `-u`, a long text of letters and digits in no order. Hashes, \
              fingerprints, public keys, links, words, placeholders, names of variables and the keys of manuals that \
              end in `EXAMPLE` are left alone. `validate` finds addresses \
              where only references may stand (`start.webhooks`, `updates.webhooks`), and passwords in \
              `server.url` and `source_url`. No report shows what is found, even with this rule off.",
        why: "A secret in git is known to everybody who ever had the repository, and an incident is when people \
              share it with strangers.",
        bad: &[
            ("playbooks/outage.yaml", "\
description: |
  Restart the gateway with `curl -H \"token: k3jw8s9f7nq2x\" https://gateway.example.com/restart`.
"),
        ],
        good: &[
            ("playbooks/outage.yaml", "\
description: |
  Restart the gateway with `curl -H \"token: $GATEWAY_TOKEN\" https://gateway.example.com/restart`; it is in the vault.
"),
        ],
        checks: &[Check::Structure, Check::File(secrets::secret), Check::Template(secrets::secret_in_template)],
    },
    Rule {
        code: Code::WebhookTarget,
        what: "A playbook names the same webhook twice for one event. Where a webhook leads stands in the \
              environment of `sync` and nowhere in the files, so that plain `http`, addresses inside the server's \
              own network and invalid ones are found there. More than 64 are refused by `validate` as Y-14, and an \
              address in the file itself as V-02.",
        why: "The pager calls twice, and the second call looks like a second incident.",
        bad: &[
            ("playbooks/outage.yaml", "\
start:
  invite: [group:sre]
  webhooks: [{ env: WARROOM_SECRET_PAGER }, { env: WARROOM_SECRET_PAGER }]
"),
        ],
        good: &[
            ("playbooks/outage.yaml", "\
start:
  invite: [group:sre]
  webhooks: [{ env: WARROOM_SECRET_PAGER }, { env: WARROOM_SECRET_CHAT }]
"),
        ],
        checks: &[Check::Playbook(playbook::webhook_twice), Check::Online("where webhooks lead, which the environment of `sync` says")],
    },
    Rule {
        code: Code::PostmortemSections,
        what: "The template of the post-mortem has no word for its owner, for contributing factors (or causes) or \
              for action items (or follow-up), or asks for a root cause and for nothing beside it. Words are looked for in \
              English and German; a template in another language says so: `{# lint: allow(V-04) reason #}`.",
        why: "What the template does not ask for, nobody writes, and a document without owner and actions changes \
              nothing.",
        bad: &[
            ("playbooks/outage.yaml", "\
templates:
  postmortem: templates/postmortem.md.j2
"),
            ("templates/postmortem.md.j2", "\
# {{ incident.name | md }}

{{ timeline }}

## Root cause
"),
        ],
        good: &[
            ("playbooks/outage.yaml", "\
templates:
  postmortem: templates/postmortem.md.j2
"),
            ("templates/postmortem.md.j2", "\
# {{ incident.name | md }}

Owner:

{{ timeline }}

## Contributing factors

## Action items
"),
        ],
        checks: &[Check::Template(export::postmortem_sections)],
    },
    Rule {
        code: Code::BadMetric,
        what: "Two metrics have the same title (which Mattermost refuses), a title is blank, a target is below \
              zero, or it does not fit the type: a duration needs a unit such as `30m`, money and numbers a whole \
              number. More than four metrics are refused by `validate` as Y-14. Titles that differ in upper and \
              lower case are two.",
        why: "A retrospective is asked for numbers once. What was measured in the wrong unit cannot be compared \
              with anything later.",
        bad: &[
            ("playbooks/outage.yaml", "\
retrospective:
  remind_every: 1d
  metrics:
    - { key: downtime, title: Downtime, type: duration, target: 30 }
    - { key: refunds, title: Downtime, type: currency, target: 0 }
"),
        ],
        good: &[
            ("playbooks/outage.yaml", "\
retrospective:
  remind_every: 1d
  metrics:
    - { key: downtime, title: Downtime, type: duration, target: 30m }
    - { key: refunds, title: Refunds, type: currency, target: 0 }
"),
        ],
        checks: &[Check::Playbook(playbook::bad_metric)],
    },
    Rule {
        code: Code::DeadMilestone,
        what: "A metric would use a milestone that no status and no automation sets.",
        why: "It would stay empty for ever.",
        bad: &[],
        good: &[],
        checks: &[Check::Deferred("metrics have no milestones yet")],
    },
    Rule {
        code: Code::ExportPath,
        what: "`export.path` lies in `playbooks/` or `templates/`, in upper or lower case, or cannot be a folder on \
              every system: it has more than 200 bytes, one of its folders more than 100, it has one of the \
              characters `\\ : ~ * ? \" < > |`, or a folder that begins or ends with a blank or ends with a dot. \
              Hidden folders, `..` and absolute paths are refused by `validate` as Y-14. \
              Whether git ignores the folder makes no difference: `run export` commits into it all the same.",
        why: "The export is the last step of an incident. When it fails, people have gone to bed and the facts go \
              with them.",
        bad: &[
            ("warroom.yaml", "\
export:
  path: playbooks/incidents
"),
        ],
        good: &[
            ("warroom.yaml", "\
export:
  path: incidents
"),
        ],
        checks: &[Check::Settings(export::export_path)],
    },
    Rule {
        code: Code::BadPrefix,
        what: "Two playbooks of one team have the same `start.number_prefix`; upper and lower case make no \
              difference. A prefix with other characters than letters, digits and inner hyphens is refused by \
              `validate` as Y-14.",
        why: "Mattermost refuses the second playbook, and with it everything else that the change was to bring.",
        bad: &[
            ("playbooks/outage.yaml", "\
start: { invite: [group:sre], number_prefix: OUT }
"),
            ("playbooks/other.yaml", "\
key: other
title: Slow checkout
access: everybody
review: { owner: carol, by: 2027-03-31 }
start: { invite: [group:sre], number_prefix: out }
checklists:
  - key: first
    title: Look
    tasks:
      - { key: look, title: Look at the graphs, assign: commander, due: 5m }
      - { key: say, title: Post the first status update, assign: commander, due: 15m }
      - { key: post-mortem, title: Schedule the post-mortem, assign: commander, due: 4h }
updates: { every: 30m, broadcast: [~incidents] }
retrospective: { remind_every: 1d }
"),
        ],
        good: &[
            ("playbooks/outage.yaml", "\
start: { invite: [group:sre], number_prefix: OUT }
"),
            ("playbooks/other.yaml", "\
key: other
title: Slow checkout
access: everybody
review: { owner: carol, by: 2027-03-31 }
start: { invite: [group:sre], number_prefix: SLOW }
checklists:
  - key: first
    title: Look
    tasks:
      - { key: look, title: Look at the graphs, assign: commander, due: 5m }
      - { key: say, title: Post the first status update, assign: commander, due: 15m }
      - { key: post-mortem, title: Schedule the post-mortem, assign: commander, due: 4h }
updates: { every: 30m, broadcast: [~incidents] }
retrospective: { remind_every: 1d }
"),
        ],
        checks: &[Check::Workspace(playbook::bad_prefix), Check::Online("whether a playbook that warroom does not manage has the prefix")],
    },
    Rule {
        code: Code::CategoryBytes,
        what: "`start.channel.category` has more than 22 bytes in UTF-8. More than 22 characters are refused by \
              `validate` as Y-14.",
        why: "Mattermost counts bytes here and characters everywhere else, and refuses the playbook for one umlaut \
              too many.",
        bad: &[
            ("playbooks/outage.yaml", "\
start:
  invite: [group:sre]
  channel: { category: Größere Zwischenfälle }
"),
        ],
        good: &[
            ("playbooks/outage.yaml", "\
start:
  invite: [group:sre]
  channel: { category: Zwischenfälle }
"),
        ],
        checks: &[Check::Playbook(playbook::category_bytes)],
    },
    Rule {
        code: Code::RemovesActive,
        what: "A change removes a playbook of which incidents are active.",
        why: "People in the middle of an incident lose the playbook they follow.",
        bad: &[],
        good: &[],
        checks: &[Check::Online("whether incidents are active")],
    },
    Rule {
        code: Code::Drift,
        what: "A playbook was edited in Mattermost since the last sync. Error with `on_drift: refuse`, warning \
              otherwise.",
        why: "The next sync would undo what somebody changed, perhaps during an incident and for a reason.",
        bad: &[],
        good: &[],
        checks: &[Check::Online("what was edited in Mattermost since the last sync")],
    },
    Rule {
        code: Code::UnmanagedTwin,
        what: "Mattermost has a playbook of the same title and team that warroom does not manage; `sync --adopt` \
              takes it over.",
        why: "People would see two playbooks of one name and start the wrong one.",
        bad: &[],
        good: &[],
        checks: &[Check::Online("whether a playbook of that title exists already")],
    },
    Rule {
        code: Code::ScenarioCoverage,
        what: "No scenario test covers a playbook, or a branch of its conditions.",
        why: "A branch that was never tried is tried by the incident.",
        bad: &[],
        good: &[],
        checks: &[Check::Deferred("there are no scenario tests yet")],
    },
    Rule {
        code: Code::ImportPlaceholder,
        what: "A file of the workspace still holds `TODO-import`, which an import writes where it could not know \
              what belongs there.",
        why: "It is the part of the playbook that nobody has looked at.",
        bad: &[
            ("playbooks/outage.yaml", "\
review: { owner: carol, by: 2027-03-31 } # TODO-import: who looks at it again?
"),
        ],
        good: &[
            ("playbooks/outage.yaml", "\
review: { owner: carol, by: 2027-03-31 }
"),
        ],
        checks: &[Check::File(secrets::placeholder), Check::Template(secrets::placeholder_in_template)],
    },
];
