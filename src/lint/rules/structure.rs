//! Identity and structure of playbooks.

mod change;
mod checklists;
mod hazard;
mod limits;
mod needs;
mod review;

use crate::diag::Code;
use crate::lint::rule::{Check, Rule};

const PLAYBOOK: &str = "playbooks/outage.yaml";
const OTHER: &str = "playbooks/payments.yaml";

pub(super) static RULES: &[Rule] = &[
    Rule {
        code: Code::DuplicateKey,
        what: "Two playbooks have the same key, or the same title in one team. Also: a key that stands twice among \
               the attributes, metrics, severities or statuses, and a team that stands twice in `teams`.",
        why: "Two files would fight over one playbook in Mattermost, and at three in the morning nobody can tell two \
              playbooks of the same name apart.",
        bad: &[(
            OTHER,
            "\
key: payments
title: Service outage
access: everybody
checklists:
  - key: first
    title: First minutes
    tasks:
      - { key: confirm, title: Confirm that payments fail, assign: commander, due: 5m }
",
        )],
        good: &[(
            OTHER,
            "\
key: payments
title: Payments fail
access: everybody
checklists:
  - key: first
    title: First minutes
    tasks:
      - { key: confirm, title: Confirm that payments fail, assign: commander, due: 5m }
",
        )],
        checks: &[Check::Structure],
    },
    Rule {
        code: Code::KeyChanged,
        what: "A playbook of the commit named with `--base` is gone, and another one has its title in the same team: \
               the key was changed. (The bad example renames the key of a file that was `key: outage`.)",
        why: "The key is how `sync` knows a playbook again. With another key it makes a second one, and the first \
              stays behind with its incidents, its history and everybody's bookmarks. `moved_from` names the old \
              key, and `sync` takes that playbook over.",
        bad: &[(PLAYBOOK, "key: service-outage\n")],
        good: &[(PLAYBOOK, "title: Outage of a service\n")],
        checks: &[Check::Change(change::keys)],
    },
    Rule {
        code: Code::FileName,
        what: "The file of a playbook is called like its key: `playbooks/outage.yaml` holds `key: outage`. Folders \
               between are free.",
        why: "Whoever knows the name of a playbook must find its file at once, and a copied file with a forgotten \
              key would take over the playbook it was copied from.",
        bad: &[(
            OTHER,
            "\
key: payment
title: Payments fail
access: everybody
checklists:
  - key: first
    title: First minutes
    tasks:
      - { key: confirm, title: Confirm that payments fail, assign: commander, due: 5m }
",
        )],
        good: &[(
            OTHER,
            "\
key: payments
title: Payments fail
access: everybody
checklists:
  - key: first
    title: First minutes
    tasks:
      - { key: confirm, title: Confirm that payments fail, assign: commander, due: 5m }
",
        )],
        checks: &[Check::Structure],
    },
    Rule {
        code: Code::DuplicateTask,
        what: "Two tasks of one checklist have the same key (error, found by `validate`). Two tasks have the same \
               title in one checklist (warning) or in two (info); capitals and blanks around do not count. Tasks with \
               different `when` may share a title: they are variants of one step.",
        why: "\"Who has *Post an update*?\" must have one answer. With two of the same name one gets ticked, and the \
              other is believed done.",
        bad: &[(
            PLAYBOOK,
            "\
checklists:
  - key: first
    title: First minutes
    tasks:
      - { key: confirm, title: Check the dashboards, assign: commander, due: 5m }
      - { key: verify, title: Check the dashboards, assign: commander, due: 30m }
",
        )],
        good: &[(
            PLAYBOOK,
            "\
checklists:
  - key: first
    title: First minutes
    tasks:
      - { key: confirm, title: Check the dashboards for what broke, assign: commander, due: 5m }
      - { key: verify, title: Check the dashboards for recovery, assign: commander, due: 30m }
",
        )],
        checks: &[
            Check::Structure,
            Check::Playbook(checklists::titles_of_tasks),
        ],
    },
    Rule {
        code: Code::EmptyChecklist,
        what: "A checklist has no tasks, or a single one that has a title and nothing else: no description, assignee, \
               time, command, `required` or `done_when` (warning). A playbook has no tasks at all (error).",
        why: "Whoever opens it in an incident finds a promise and no help, and loses the minute it took to see that.",
        bad: &[(
            PLAYBOOK,
            "\
checklists:
  - key: first
    title: First minutes
    tasks:
      - { key: confirm, title: Confirm that customers are affected, assign: commander, due: 5m }
  - key: close
    title: Close
    tasks: []
",
        )],
        good: &[(
            PLAYBOOK,
            "\
checklists:
  - key: first
    title: First minutes
    tasks:
      - { key: confirm, title: Confirm that customers are affected, assign: commander, due: 5m }
  - key: close
    title: Close
    tasks:
      - { key: post-mortem, title: Schedule the post-mortem, assign: commander, due: 4h }
",
        )],
        checks: &[Check::Playbook(checklists::empty_checklists)],
    },
    Rule {
        code: Code::DuplicateChecklist,
        what: "Two checklists of a playbook have the same key (found by `validate`) or the same title (found by \
               `lint`); capitals and blanks around do not count.",
        why: "\"We are at *Recover*\" has to mean one place.",
        bad: &[(
            PLAYBOOK,
            "\
checklists:
  - key: first
    title: Recover
    tasks:
      - { key: rollback, title: Roll back the last change, assign: commander, due: 15m }
  - key: second
    title: Recover
    tasks:
      - { key: failover, title: Fail over to the other site, assign: commander, due: 1h }
",
        )],
        good: &[(
            PLAYBOOK,
            "\
checklists:
  - key: first
    title: Recover by rolling back
    tasks:
      - { key: rollback, title: Roll back the last change, assign: commander, due: 15m }
  - key: second
    title: Recover by failing over
    tasks:
      - { key: failover, title: Fail over to the other site, assign: commander, due: 1h }
",
        )],
        checks: &[
            Check::Structure,
            Check::Playbook(checklists::titles_of_checklists),
        ],
    },
    Rule {
        code: Code::TooLarge,
        what: "A playbook has more than nine checklists, or more than fifty tasks.",
        why: "Under stress people see what fits on a screen. In a list that nobody can survey the one step that \
              matters is the one that gets lost.",
        bad: &[(
            PLAYBOOK,
            "\
checklists:
  - { key: c1, title: Confirm, tasks: [{ key: a, title: Confirm the outage, due: 5m }] }
  - { key: c2, title: Triage, tasks: [{ key: a, title: Set the severity, due: 5m }] }
  - { key: c3, title: Call, tasks: [{ key: a, title: Call the team, due: 5m }] }
  - { key: c4, title: Tell, tasks: [{ key: a, title: Tell support, due: 15m }] }
  - { key: c5, title: Freeze, tasks: [{ key: a, title: Freeze deploys, due: 15m }] }
  - { key: c6, title: Search, tasks: [{ key: a, title: Look at recent changes, due: 30m }] }
  - { key: c7, title: Repair, tasks: [{ key: a, title: Roll back, due: 1h }] }
  - { key: c8, title: Verify, tasks: [{ key: a, title: Watch real traffic, due: 2h }] }
  - { key: c9, title: Close, tasks: [{ key: a, title: Thaw deploys, due: 3h }] }
  - { key: c10, title: Learn, tasks: [{ key: a, title: Schedule the post-mortem, due: 4h }] }
",
        )],
        good: &[(
            PLAYBOOK,
            "\
checklists:
  - key: first
    title: Confirm and call
    tasks:
      - { key: confirm, title: Confirm the outage, due: 5m }
      - { key: call, title: Call the team, due: 5m }
  - key: repair
    title: Repair and verify
    tasks:
      - { key: rollback, title: Roll back, due: 1h }
      - { key: verify, title: Watch real traffic, due: 2h }
",
        )],
        checks: &[Check::Playbook(checklists::too_much)],
    },
    Rule {
        code: Code::IncludeBroken,
        what: "An included fragment is missing or includes itself (error), or is never used (warning).",
        why: "A playbook that lacks a part looks complete.",
        bad: &[],
        good: &[],
        checks: &[Check::Deferred("playbooks have no `include` yet")],
    },
    Rule {
        code: Code::UnknownKey,
        what: "A key stands where the schema knows no such key, mostly by a slip of the pen.",
        why: "What nobody reads has no effect: the task looks assigned in the file, and nobody has it in Mattermost.",
        bad: &[(
            PLAYBOOK,
            "\
checklists:
  - key: first
    title: First minutes
    tasks:
      - { key: confirm, title: Confirm that customers are affected, asign: commander, due: 5m }
",
        )],
        good: &[(
            PLAYBOOK,
            "\
checklists:
  - key: first
    title: First minutes
    tasks:
      - { key: confirm, title: Confirm that customers are affected, assign: commander, due: 5m }
",
        )],
        checks: &[Check::Structure],
    },
    Rule {
        code: Code::SizeLimit,
        what: "The checklists of a playbook have more than 256 KiB in Mattermost, or the whole playbook more than \
               2 MiB. Estimated from what the file says; what aliases repeat counts each time.",
        why: "Mattermost refuses it with an error that names no reason, and the playbook stays as it was before.",
        bad: &[],
        good: &[],
        checks: &[Check::Playbook(limits::size)],
    },
    Rule {
        code: Code::YamlHazard,
        what: "Found by `validate`, as error: a key that stands twice in a mapping, a tab that indents, a text that \
               begins with `@` without quotes. Found by `lint`, as warning: a text or key without quotes that YAML \
               1.1 reads as something else, such as `yes`, `no`, `on`, `off`, `017`, `1_000` or `1:30`.",
        why: "warroom reads YAML 1.2; many editors, templating tools and libraries still read 1.1. A category called \
              `On` becomes `true` as soon as one of them writes the file again.",
        bad: &[(
            PLAYBOOK,
            "start:\n  invite: [group:sre]\n  channel: { category: On }\n",
        )],
        good: &[(
            PLAYBOOK,
            "start:\n  invite: [group:sre]\n  channel: { category: \"On\" }\n",
        )],
        checks: &[Check::Structure, Check::File(hazard::read_in_two_ways)],
    },
    Rule {
        code: Code::TierExceeded,
        what: "`server.tier` of `warroom.yaml` says what licence to assume. On `professional`: a profile that is \
               private (the default) and that a playbook uses, and `attributes` with the conditions on them. On \
               `core`: every playbook, since there are no Playbooks at all. `server.playbooks` says what version of \
               the plugin to assume. Below 2.11: `only_editors_edit` and `commander_decides` of a profile that a \
               playbook uses, `start.number_prefix`, `start.channel.archive_when_ended`, and tasks with `assign: \
               commander` or `assign: creator` (the first of each is marked).",
        why: "`sync` refuses what the server does not have; better to know it while writing than on the day when \
              the playbook should be there.",
        bad: &[
            ("warroom.yaml", "server: { tier: professional }\n"),
            (
                PLAYBOOK,
                "attributes:\n  - { key: ticket, name: Ticket, type: text }\n",
            ),
        ],
        good: &[
            ("warroom.yaml", "server: { tier: enterprise }\n"),
            (
                PLAYBOOK,
                "attributes:\n  - { key: ticket, name: Ticket, type: text }\n",
            ),
        ],
        checks: &[
            Check::Playbook(needs::of_a_playbook),
            Check::Workspace(needs::of_all),
            Check::Online(
                "which licence and which version the server really has; `warroom doctor` compares",
            ),
        ],
    },
    Rule {
        code: Code::ReviewDue,
        what: "The day of `review.by` lies in the past (warning), or a playbook whose owner stands in `CODEOWNERS` has no \
               `review` (info). Where nobody answers for a playbook at all, P-14 asks for both.",
        why: "Playbooks rot: people leave, dashboards move, commands change. The incident is the worst moment to find \
              that out.",
        bad: &[(PLAYBOOK, "review: { owner: carol, by: 2026-10-31 }\n")],
        good: &[(PLAYBOOK, "review: { owner: carol, by: 2027-10-31 }\n")],
        checks: &[Check::Playbook(review::day_of_review)],
    },
    Rule {
        code: Code::NoOwner,
        what: "A playbook has no `review.owner`, and no `CODEOWNERS` names somebody for its file. Looked for in \
               `.github/`, the folder of the workspace, `docs/` and `.gitlab/`; where the workspace is a folder of a \
               larger repository, only what lies inside the workspace counts.",
        why: "What everybody may change, nobody keeps up to date; and whoever finds a mistake at night knows no one \
              to tell.",
        bad: &[(
            OTHER,
            "\
key: payments
title: Payments fail
access: everybody
checklists:
  - key: first
    title: First minutes
    tasks:
      - { key: confirm, title: Confirm that payments fail, assign: commander, due: 5m }
",
        )],
        good: &[(
            OTHER,
            "\
key: payments
title: Payments fail
access: everybody
review: { owner: carol, by: 2027-03-31 }
checklists:
  - key: first
    title: First minutes
    tasks:
      - { key: confirm, title: Confirm that payments fail, assign: commander, due: 5m }
",
        )],
        checks: &[Check::Playbook(review::owner)],
    },
    Rule {
        code: Code::StagesAdvisory,
        what: "A playbook has `progression: staged`. In Mattermost the stages show an order and hold nobody back; \
               where that is what you mean, switch the rule off.",
        why: "Whoever believes that *Recover* cannot begin before *Triage* is done finds out in the incident that it \
              can.",
        bad: &[(PLAYBOOK, "progression: staged\n")],
        good: &[(PLAYBOOK, "progression: free\n")],
        checks: &[Check::Playbook(checklists::stages_advise)],
    },
];
