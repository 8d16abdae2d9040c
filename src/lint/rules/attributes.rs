//! Attributes and conditions.

mod conditions;
mod declared;
mod solve;
mod stages;
#[cfg(test)]
mod tests;

use crate::diag::Code;
use crate::lint::rule::{Check, Rule};

pub(super) static RULES: &[Rule] = &[
    Rule {
        code: Code::UnknownAttribute,
        what: "A condition in `when`, or `assign: attribute:KEY`, names an attribute that the playbook does not \
              declare under `attributes`, or a value that is none of its options. Severities that `warroom.yaml` \
              does not declare are S-05.",
        why: "Mattermost takes a condition about something it does not know, and the task then never appears: the \
              step that matters in exactly this case is missing, and nobody notices until it is needed.",
        bad: &[
            ("playbooks/outage.yaml", "\
attributes:
  - { key: service, name: Service, type: select, options: [checkout, search, login], show: always }
checklists:
  - key: first
    title: First minutes
    tasks:
      - { key: freeze, title: Freeze payments, assign: commander, when: { servce: [checkout] } }
"),
        ],
        good: &[
            ("playbooks/outage.yaml", "\
attributes:
  - { key: service, name: Service, type: select, options: [checkout, search, login], show: always }
checklists:
  - key: first
    title: First minutes
    tasks:
      - { key: freeze, title: Freeze payments, assign: commander, when: { service: [checkout] } }
"),
        ],
        checks: &[Check::Structure],
    },
    Rule {
        code: Code::BadCondition,
        what: "Mattermost compares attributes of the types `select`, `multiselect` and `text`, and joins \
              comparisons by AND or by OR, not by both in one condition. So this finds dates and people in a \
              condition, an `any`, `not`, list of values or whole condition that is empty, and conditions that \
              need two levels, after what can be said in one was put together: `any` over the values of one \
              attribute is one comparison, `not` turns AND into OR. Several values of a text count as OR. It also \
              finds the 1,001st condition of a playbook.",
        why: "The server refuses such a condition, and with it the change that somebody needs to get out right \
              now.",
        bad: &[
            ("playbooks/outage.yaml", "\
attributes:
  - { key: service, name: Service, type: select, options: [checkout, search, login] }
  - { key: region, name: Region, type: select, options: [eu, us] }
  - { key: plan, name: Plan, type: select, options: [free, gold] }
  - { key: since, name: Since, type: date, show: always }
checklists:
  - key: first
    title: First minutes
    tasks:
      - { key: freeze, title: Freeze payments, assign: commander, when: { service: [checkout], any: [{ region: [eu] }, { plan: [gold] }] } }
      - { key: roll, title: Roll back, assign: commander, when: { since: [\"2026-11-21\"] } }
"),
        ],
        good: &[
            ("playbooks/outage.yaml", "\
attributes:
  - { key: service, name: Service, type: select, options: [checkout, search, login] }
  - { key: region, name: Region, type: select, options: [eu, us] }
  - { key: plan, name: Plan, type: select, options: [free, gold] }
  - { key: since, name: Since, type: date, show: always }
checklists:
  - key: first
    title: First minutes
    tasks:
      - { key: freeze, title: Freeze payments, assign: commander, when: { service: [checkout], region: [eu], plan: [gold] } }
      - { key: roll, title: Roll back, assign: commander }
"),
        ],
        checks: &[Check::Playbook(conditions::bad_condition)],
    },
    Rule {
        code: Code::Unsatisfiable,
        what: "The condition of a task is solved for every value that its attributes can have, none included. It is \
              found when no values make it true, when all of them do, and when a branch of `any` cannot be true \
              beside the rest. A condition that lists every option does not always hold: the attribute may be \
              without a value, one with `from: severities` too where somebody starts an incident in Mattermost. \
              Conditions with too many possibilities are left alone, and those with an option or a severity that \
              nobody declares: that is C-01 or S-05.",
        why: "A task that nobody can ever see looks like care that was taken. A condition that always holds hides \
              the task until somebody fills in an attribute that makes no difference.",
        bad: &[
            ("playbooks/outage.yaml", "\
attributes:
  - { key: service, name: Service, type: select, options: [checkout, search, login], show: always }
checklists:
  - key: first
    title: First minutes
    tasks:
      - { key: freeze, title: Freeze payments, assign: commander, when: { service: [checkout], not: { service: [checkout, login] } } }
"),
        ],
        good: &[
            ("playbooks/outage.yaml", "\
attributes:
  - { key: service, name: Service, type: select, options: [checkout, search, login], show: always }
checklists:
  - key: first
    title: First minutes
    tasks:
      - { key: freeze, title: Freeze payments, assign: commander, when: { service: [checkout] } }
"),
        ],
        checks: &[Check::Playbook(conditions::unsatisfiable)],
    },
    Rule {
        code: Code::StageVanishes,
        what: "Some values of the attributes hide every task of a checklist, and the message says which. An \
              attribute without a value counts, except one with `from: severities`: warroom always sets that. A \
              checklist whose tasks all share one condition is meant to come and go, and is left alone, and so is \
              one with too many possibilities to try, or with an option or a severity that nobody declares.",
        why: "People open the stage and find nothing. They cannot know whether nothing is to be done or whether \
              somebody forgot their case.",
        bad: &[
            ("playbooks/outage.yaml", "\
attributes:
  - { key: vendor, name: Vendor, type: select, options: [aws, gcp, none] }
progression: staged
checklists:
  - key: first
    title: Mitigate
    tasks:
      - { key: aws, title: Open a ticket with AWS, assign: commander, when: { vendor: [aws] } }
      - { key: gcp, title: Open a ticket with Google, assign: commander, when: { vendor: [gcp] } }
"),
        ],
        good: &[
            ("playbooks/outage.yaml", "\
attributes:
  - { key: vendor, name: Vendor, type: select, options: [aws, gcp, none] }
progression: staged
checklists:
  - key: first
    title: Mitigate
    tasks:
      - { key: aws, title: Open a ticket with AWS, assign: commander, when: { vendor: [aws] } }
      - { key: gcp, title: Open a ticket with Google, assign: commander, when: { vendor: [gcp] } }
      - { key: roll-back, title: Roll back the last change, assign: commander }
"),
        ],
        checks: &[Check::Playbook(stages::stage_vanishes)],
    },
    Rule {
        code: Code::NobodyLeads,
        what: "Every task with `assign: commander` has a condition, and some values of the attributes hide all of \
              them at once. A playbook without tasks for the commander is not meant, and nor are \
              conditions that never hold: those are C-03.",
        why: "Whoever takes command at night looks for the tasks with their name first. With none, the incident \
              has a commander who waits.",
        bad: &[
            ("playbooks/outage.yaml", "\
attributes:
  - { key: service, name: Service, type: select, options: [checkout, search, login], show: always }
checklists:
  - key: first
    title: First minutes
    tasks:
      - { key: freeze, title: Freeze payments, assign: commander, when: { service: [checkout] } }
      - { key: index, title: Rebuild the index, assign: role:comms }
"),
        ],
        good: &[
            ("playbooks/outage.yaml", "\
attributes:
  - { key: service, name: Service, type: select, options: [checkout, search, login], show: always }
checklists:
  - key: first
    title: First minutes
    tasks:
      - { key: freeze, title: Freeze payments, assign: commander, when: { service: [checkout] } }
      - { key: decide, title: Decide whether to roll back, assign: commander }
"),
        ],
        checks: &[Check::Playbook(stages::nobody_leads)],
    },
    Rule {
        code: Code::AttributeLimit,
        what: "Mattermost takes 20 attributes in a playbook, names that differ, none of them blank or one of SEQ, \
              OWNER, CREATOR and PROPERTY_USER in upper or lower case, and options of 1 to 128 characters that differ. Names \
              that differ only in upper and lower case are found too: `{Name}` could mean either. A name over 255 \
              characters is refused by `validate` as Y-14.",
        why: "The server answers most of these with an internal error and no reason, in the middle of a sync.",
        bad: &[
            ("playbooks/outage.yaml", "\
attributes:
  - { key: owner, name: Owner, type: user, show: always }
  - { key: service, name: Service, type: select, options: [checkout, search, checkout], show: always }
  - { key: other, name: service, type: text, show: always }
"),
        ],
        good: &[
            ("playbooks/outage.yaml", "\
attributes:
  - { key: owner, name: Service owner, type: user, show: always }
  - { key: service, name: Service, type: select, options: [checkout, search], show: always }
  - { key: other, name: Second service, type: text, show: always }
"),
        ],
        checks: &[Check::Playbook(declared::attribute_limit)],
    },
    Rule {
        code: Code::UnusedAttribute,
        what: "No condition, assignment, channel name or template of the playbook uses an attribute. Attributes \
              with `show: always` are there to be read, those with `from: severities` are kept by warroom: both \
              are left alone. A template that goes over all attributes uses each of them.",
        why: "Each attribute is a question that somebody has to answer during an incident. One that changes \
              nothing costs attention.",
        bad: &[
            ("playbooks/outage.yaml", "\
attributes:
  - { key: ticket, name: Ticket, type: text, format: url }
"),
        ],
        good: &[
            ("playbooks/outage.yaml", "\
attributes:
  - { key: ticket, name: Ticket, type: text, format: url, show: always }
"),
        ],
        checks: &[Check::Playbook(declared::unused_attribute)],
    },
    Rule {
        code: Code::HiddenDependency,
        what: "A task that is visible would depend on one that a condition hides.",
        why: "Nobody can do what cannot be seen, so the task behind it would wait for ever.",
        bad: &[],
        good: &[],
        checks: &[Check::Deferred("tasks have no `depends_on` yet")],
    },
];
