//! People, permissions and channels.

mod access;
mod assignees;
mod channels;
mod personal;

use crate::diag::Code;
use crate::lint::rule::{Check, Rule};

const PLAYBOOK: &str = "playbooks/outage.yaml";
const PERMISSIONS: &str = "permissions.yaml";

pub(super) static RULES: &[Rule] = &[
    Rule {
        code: Code::UnknownName,
        what: "A person, group, channel or team that the files name does not exist on the server.",
        why: "Nobody is invited, nothing is told, and `sync` refuses the playbook until the name is right.",
        bad: &[],
        good: &[],
        checks: &[Check::Online(
            "whether people, groups, channels and teams exist",
        )],
    },
    Rule {
        code: Code::UnsuitableUser,
        what: "A person whom the files name is deactivated (error), or is a guest or a bot where a human is needed \
               (warning).",
        why: "Somebody who left the company last year will not take the task.",
        bad: &[],
        good: &[],
        checks: &[Check::Online(
            "whether people are active, and no guests or bots",
        )],
    },
    Rule {
        code: Code::NotInTeam,
        what: "Somebody who is invited, or commands, is no member of the playbook's team.",
        why: "Mattermost drops them without a word: the incident starts, and they are not in it.",
        bad: &[],
        good: &[],
        checks: &[Check::Online("who is a member of the team")],
    },
    Rule {
        code: Code::GroupNotMentionable,
        what: "A group of Mattermost is named that cannot be mentioned.",
        why: "Its people are then neither invited nor called.",
        bad: &[],
        good: &[],
        checks: &[Check::Online("whether the group may be mentioned")],
    },
    Rule {
        code: Code::AssigneeNotInvited,
        what: "A task has `assign: user:NAME`, and `NAME` is not in `start.invite`, neither by name nor through a \
               group. Not decided while a group that is kept in Mattermost is invited.",
        why: "Mattermost refuses the whole playbook, and even if it did not, the task would wait for somebody who does \
              not know of the incident.",
        bad: &[(
            PLAYBOOK,
            "\
start:
  invite: [group:sre]
checklists:
  - key: first
    title: First minutes
    tasks:
      - { key: call, title: Call the data centre, assign: user:dave, due: 15m }
",
        )],
        good: &[(
            PLAYBOOK,
            "\
start:
  invite: [group:sre, dave]
checklists:
  - key: first
    title: First minutes
    tasks:
      - { key: call, title: Call the data centre, assign: user:dave, due: 15m }
",
        )],
        checks: &[Check::Playbook(assignees::invited)],
    },
    Rule {
        code: Code::LockOut,
        what: "A playbook uses a private profile with nobody in `use` and `edit`, or with nobody in `edit` while \
               `warroom.yaml` names no `sync.account`. A group without people is nobody; a group that is kept in \
               Mattermost counts as somebody, and so does everybody where the playbook has `unmanaged: [members]`.",
        why: "A private playbook without members is invisible: nobody can start it at night, and only a system admin \
              gets it back.",
        bad: &[(
            PERMISSIONS,
            "profiles:\n  everybody:\n    playbook: { visibility: private }\n",
        )],
        good: &[(
            PERMISSIONS,
            "\
profiles:
  everybody:
    playbook: { visibility: private, use: [group:sre], edit: [carol] }
",
        )],
        checks: &[Check::Workspace(access::locked_out)],
    },
    Rule {
        code: Code::BotNotAdmin,
        what: "The account that syncs is no admin of the playbook in Mattermost, or is locked out by \
               `only_editors_edit`.",
        why: "From then on no change in git reaches the playbook.",
        bad: &[],
        good: &[],
        checks: &[Check::Online("what the syncing account may do")],
    },
    Rule {
        code: Code::SingleCommander,
        what: "`start.commander` names somebody who is neither in `use` nor in `edit` of the playbook's private \
               profile. Not decided while the profile names a group that is kept in Mattermost.",
        why: "Whoever leads the incident cannot open the playbook it follows.",
        bad: &[
            (
                PERMISSIONS,
                "\
profiles:
  everybody:
    playbook: { visibility: private, use: [group:sre], edit: [carol] }
",
            ),
            (
                PLAYBOOK,
                "start:\n  commander: dave\n  invite: [group:sre]\n",
            ),
        ],
        good: &[
            (
                PERMISSIONS,
                "\
profiles:
  everybody:
    playbook: { visibility: private, use: [group:sre, dave], edit: [carol] }
",
            ),
            (
                PLAYBOOK,
                "start:\n  commander: dave\n  invite: [group:sre]\n",
            ),
        ],
        checks: &[
            Check::Playbook(assignees::commander),
            Check::Deferred("a playbook names no deputy of the commander yet"),
        ],
    },
    Rule {
        code: Code::Overload,
        what: "More than twelve tasks of a playbook belong to the same person, role or commander; tasks with `when` do \
               not count. Or: every task of a checklist with three or more tasks belongs to one person by name. (A \
               role or the commander may have a whole checklist: leading a stage is a job.)",
        why: "One head can hold one thing at a time. What hangs on one person waits while they are busy, and stops \
              when they are asleep.",
        bad: &[(
            PLAYBOOK,
            "\
checklists:
  - key: recover
    title: Recover
    tasks:
      - { key: rollback, title: Roll back the last change, assign: user:bob, due: 15m }
      - { key: failover, title: Fail over to the other site, assign: user:bob, due: 30m }
      - { key: verify, title: Verify with real traffic, assign: user:bob, due: 1h }
",
        )],
        good: &[(
            PLAYBOOK,
            "\
checklists:
  - key: recover
    title: Recover
    tasks:
      - { key: rollback, title: Roll back the last change, assign: user:bob, due: 15m }
      - { key: failover, title: Fail over to the other site, assign: user:alice, due: 30m }
      - { key: verify, title: Verify with real traffic, assign: commander, due: 1h }
",
        )],
        checks: &[Check::Playbook(assignees::overload)],
    },
    Rule {
        code: Code::RoleUndefined,
        what: "A task has `assign: role:NAME`, and `warroom.yaml` defines no such role (error, found by `validate`). \
               `warroom.yaml` defines a role that no task and no template uses (warning, found by `lint`).",
        why: "A role that nobody can fill leaves its tasks to nobody; a role without work makes people look for the \
              work it should have had.",
        bad: &[(
            "warroom.yaml",
            "\
roles:
  comms: { title: Communications, duty: Writes every update }
  scribe: { title: Scribe, duty: Notes what happened when }
",
        )],
        good: &[(
            "warroom.yaml",
            "\
roles:
  comms: { title: Communications, duty: Writes every update }
",
        )],
        checks: &[Check::Structure, Check::Workspace(assignees::unused_roles)],
    },
    Rule {
        code: Code::OneLead,
        what: "Of the roles exactly one leads.",
        why: "Two people who both lead give two orders.",
        bad: &[],
        good: &[],
        checks: &[Check::Deferred(
            "roles cannot be marked as leading: the commander leads",
        )],
    },
    Rule {
        code: Code::BroadcastUnusable,
        what: "A channel of `updates.broadcast` is archived, deleted, in another team, or does not let the syncing \
               account post.",
        why: "Mattermost then refuses the playbook, or the update reaches nobody.",
        bad: &[],
        good: &[],
        checks: &[Check::Online(
            "the state of the channel, and whether the bot may post there",
        )],
    },
    Rule {
        code: Code::PublicLeak,
        what: "Incidents of a private channel broadcast their updates into a public one.",
        why: "What was meant for a few is read by everybody, an attacker among them.",
        bad: &[],
        good: &[],
        checks: &[Check::Online("whether a broadcast channel is public")],
    },
    Rule {
        code: Code::BroadcastSelf,
        what: "A channel stands twice in `updates.broadcast` or `start.announce`, or in both (Playbooks tells the \
               start to the channels of `updates.broadcast` itself), or is the linked channel of the incident.",
        why: "People who read everything twice stop reading.",
        bad: &[(
            PLAYBOOK,
            "updates:\n  every: 30m\n  broadcast: [~incidents, ~support, ~incidents]\n",
        )],
        good: &[(
            PLAYBOOK,
            "updates:\n  every: 30m\n  broadcast: [~incidents, ~support]\n",
        )],
        checks: &[Check::Playbook(channels::twice)],
    },
    Rule {
        code: Code::StakeholdersBlind,
        what: "A playbook whose profile is public opens private channels, and names no channel in `updates.broadcast` \
               or `start.announce`. Only where `server.tier` is `enterprise`: with a lower one no playbook can be \
               private.",
        why: "Everybody knows that there is a plan, and nobody learns that it runs: support hears of the outage from \
              customers.",
        bad: &[
            (
                PERMISSIONS,
                "\
profiles:
  everybody:
    playbook: { visibility: public, use: [group:sre], edit: [carol] }
    incident: { channel: private }
",
            ),
            (PLAYBOOK, "updates:\n  every: 30m\n"),
        ],
        good: &[
            (
                PERMISSIONS,
                "\
profiles:
  everybody:
    playbook: { visibility: public, use: [group:sre], edit: [carol] }
    incident: { channel: private }
",
            ),
            (
                PLAYBOOK,
                "updates:\n  every: 30m\n  broadcast: [~incidents]\n",
            ),
        ],
        checks: &[Check::Playbook(channels::nobody_hears)],
    },
    Rule {
        code: Code::AccessWidened,
        what: "Since the commit named with `--base`, a profile lets more in: private became public, somebody new may \
               edit (or use, where it is private), `only_editors_edit` went off, incident channels were opened, \
               private incidents may be exported; also through a group that grew, and for a playbook that changed to \
               another profile. Or a role of Mattermost is granted a permission under `server.roles`, `sync.account` \
               names another account, or `export.private_incidents` went on. New profiles and playbooks are not \
               compared. The level is the one of that commit, and an excuse counts only if the file did not have \
               the same comment before.",
        why: "One line among hundred others opens an incident channel to the whole company. It should never go in \
              unseen.",
        bad: &[(
            PERMISSIONS,
            "\
profiles:
  everybody:
    playbook: { visibility: public, use: [group:sre], edit: [carol, alice] }
    incident: { channel: public }
",
        )],
        good: &[(
            PERMISSIONS,
            "\
profiles:
  everybody:
    playbook: { visibility: public, use: [group:sre], edit: [carol], only_editors_edit: true }
    incident: { channel: private }
",
        )],
        checks: &[Check::Change(access::widened)],
    },
    Rule {
        code: Code::ChannelModeConflict,
        what: "`start.channel` has `link` and also `archive_when_ended: true`.",
        why: "Mattermost archives only channels that it made for an incident. Whoever counts on a closed channel \
              finds people still writing into it.",
        bad: &[(
            PLAYBOOK,
            "start:\n  invite: [group:sre]\n  channel: { link: ~war-room, archive_when_ended: true }\n",
        )],
        good: &[(
            PLAYBOOK,
            "start:\n  invite: [group:sre]\n  channel: { link: ~war-room }\n",
        )],
        checks: &[
            Check::Playbook(channels::linked),
            Check::Online("whether the linked channel exists"),
        ],
    },
    Rule {
        code: Code::PersonalData,
        what: "A text of a YAML file holds an e-mail address, or a phone number such as `+49 171 2345678`, \
               `030 1234567` or `555-123-4567`. Code spans, links, addresses of machines (`git@host:path`), free numbers \
               (`0800 …`) and shared mailboxes (`security@`, `it-support@`, `bereitschaft@` …) are left alone.",
        why: "Git does not forget. Numbers change, people leave, and a username in Mattermost is reached faster at \
              three in the morning.",
        bad: &[(
            PLAYBOOK,
            "description: A service is down. If in doubt, call Carol at +49 171 2345678.\n",
        )],
        good: &[(
            PLAYBOOK,
            "description: A service is down. If in doubt, call Carol (`@carol`).\n",
        )],
        checks: &[Check::File(personal::contacts)],
    },
];
