//! Mistakes of reading and of the schema: `validate` reports them, here they are explained.

use crate::diag::Code;
use crate::lint::rule::{Check, Rule};

const PLAYBOOK: &str = "playbooks/outage.yaml";
const OTHER: &str = "playbooks/payments.yaml";

pub(super) static RULES: &[Rule] = &[
    Rule {
        code: Code::InvalidYaml,
        what: "The text cannot be understood as YAML: a bracket or quote that is never closed, a `:` where none can \
               stand, an alias of something that is not there, a control character. The rest of the file is not \
               looked at until it is mended.",
        why: "Nobody can use a file that nobody can read, and a parser that guesses would bring something else into \
              Mattermost than what was meant.",
        bad: &[(
            PLAYBOOK,
            "start: { invite: [group:sre], channel: { category: Incidents }\n",
        )],
        good: &[(
            PLAYBOOK,
            "start: { invite: [group:sre], channel: { category: Incidents } }\n",
        )],
        checks: &[Check::Structure],
    },
    Rule {
        code: Code::NotUtf8,
        what: "The file holds bytes that are not UTF-8, mostly because an old editor saved it in another encoding.",
        why: "Names and messages would arrive in Mattermost garbled, and nobody notices before they are posted.",
        bad: &[],
        good: &[],
        checks: &[Check::Structure],
    },
    Rule {
        code: Code::FileTooLarge,
        what: "A YAML file or template has more than 1 MiB, or a YAML file more than 100,000 values or a key of more \
               than 1,024 bytes. It is not read any further.",
        why: "No playbook that people follow is that long; a file of that size is an accident or an attack, and \
              reading it would only cost time and memory.",
        bad: &[],
        good: &[],
        checks: &[Check::Structure],
    },
    Rule {
        code: Code::TooDeep,
        what: "Lists and mappings are nested more than 64 levels deep. The schema needs eight.",
        why: "Only machines write such files, and mostly to make a reader of YAML crash.",
        bad: &[(
            PLAYBOOK,
            "description: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\n",
        )],
        good: &[(PLAYBOOK, "description: A service is down\n")],
        checks: &[Check::Structure],
    },
    Rule {
        code: Code::AliasExpansion,
        what: "An alias (`*name`) stands inside of what it stands for, or the aliases of a file together stand for \
               more than 10,000 values.",
        why: "A few lines of aliases can grow into more than any memory holds: the classic attack on whoever reads \
              YAML of strangers.",
        bad: &[(PLAYBOOK, "start: &start\n  invite: [group:sre, *start]\n")],
        good: &[(PLAYBOOK, "start:\n  invite: [group:sre]\n")],
        checks: &[Check::Structure],
    },
    Rule {
        code: Code::SeveralDocuments,
        what: "A line `---` begins a second document. A file holds one.",
        why: "Most programs read the first document and forget the rest without a word: half a playbook is worse \
              than none.",
        bad: &[(
            PLAYBOOK,
            "\
updates:
  every: 30m
---
retrospective:
  remind_every: 1d
",
        )],
        good: &[(
            PLAYBOOK,
            "\
updates:
  every: 30m
retrospective:
  remind_every: 1d
",
        )],
        checks: &[Check::Structure],
    },
    Rule {
        code: Code::EmptyFile,
        what: "The file holds nothing but comments and blanks.",
        why: "Somebody meant to write a playbook, and in the incident it is not there.",
        bad: &[(OTHER, "# to be written\n")],
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
        code: Code::ComplexKey,
        what: "A key is a number, a list or a mapping. Keys are texts: a number as key has to be put in quotes, and \
               so has a value with braces, such as `{{ name }}`.",
        why: "Programs disagree on what `24:` is, a text or a number, so that one of them does not find it.",
        bad: &[(
            "permissions.yaml",
            "groups:\n  sre: [alice, bob]\n  24: [carol]\n",
        )],
        good: &[(
            "permissions.yaml",
            "groups:\n  sre: [alice, bob]\n  \"24\": [carol]\n",
        )],
        checks: &[Check::Structure],
    },
    Rule {
        code: Code::Tag,
        what: "A value begins with a tag such as `!secret` or `!!str`. Tags have no meaning in a workspace.",
        why: "A tag looks as if something were looked up or decrypted; nothing is, and what stands there would go to \
              Mattermost as it is.",
        bad: &[(
            PLAYBOOK,
            "start:\n  invite: [group:sre]\n  commander: !vault carol\n",
        )],
        good: &[(
            PLAYBOOK,
            "start:\n  invite: [group:sre]\n  commander: carol\n",
        )],
        checks: &[Check::Structure],
    },
    Rule {
        code: Code::MergeKey,
        what: "`<<` merges another mapping into this one. YAML 1.2 has no merge keys; an alias that repeats a whole \
               value is fine.",
        why: "Some programs merge, others see a key called `<<`: who may do what must not depend on which one reads \
              it.",
        bad: &[(
            "permissions.yaml",
            "\
profiles:
  everybody: &open
    playbook: { visibility: public, use: [group:sre], edit: [carol] }
  drills:
    <<: *open
",
        )],
        good: &[(
            "permissions.yaml",
            "\
profiles:
  everybody: &open
    playbook: { visibility: public, use: [group:sre], edit: [carol] }
  drills: *open
",
        )],
        checks: &[Check::Structure],
    },
    Rule {
        code: Code::UnusableNumber,
        what: "A number is infinite, is not a number, or has more digits than a program can hold. In quotes it is a \
               text.",
        why: "It would silently become another number on its way to Mattermost.",
        bad: &[(PLAYBOOK, "updates:\n  every: .inf\n")],
        good: &[(PLAYBOOK, "updates:\n  every: 30m\n")],
        checks: &[Check::Structure],
    },
    Rule {
        code: Code::WrongType,
        what: "A key takes a text, a list, a mapping, a number or `true` and `false`, and another of these stands \
               there, or nothing.",
        why: "`30` could be seconds or minutes, and a name where a list belongs could be one person or the letters of \
              a name. Nothing is guessed.",
        bad: &[(PLAYBOOK, "updates:\n  every: 30\n")],
        good: &[(PLAYBOOK, "updates:\n  every: 30m\n")],
        checks: &[Check::Structure],
    },
    Rule {
        code: Code::MissingKey,
        what: "A key is required and not there: a playbook without `access`, a task without `title`, an attribute \
               without `type`, a playbook without a team while `warroom.yaml` names none for all.",
        why: "There is no default that would be right for everybody; a wrong one would show a playbook to people \
              it is not meant for, or hide it from those who need it.",
        bad: &[(
            OTHER,
            "\
key: payments
title: Payments fail
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
        code: Code::InvalidValue,
        what: "A value does not have the form its key asks for: a duration (`30m`, `1h30m`, `2d`), a key (lower-case \
               letters, digits and inner hyphens), a username, a channel (`~name`), a date, an address, a path \
               inside the workspace, a number or length within its bounds.",
        why: "Mattermost would refuse it during the sync, or keep something else without saying so.",
        bad: &[(PLAYBOOK, "updates:\n  every: 10 minutes\n")],
        good: &[(PLAYBOOK, "updates:\n  every: 10m\n")],
        checks: &[Check::Structure],
    },
    Rule {
        code: Code::UnknownValue,
        what: "A key takes one of a few words, and another one stands there.",
        why: "A word that nobody knows is a wish that nobody carries out.",
        bad: &[(PLAYBOOK, "progression: stages\n")],
        good: &[(PLAYBOOK, "progression: staged\n")],
        checks: &[Check::Structure],
    },
    Rule {
        code: Code::ConflictingKeys,
        what: "Two keys say the same in different ways, such as `team` and `teams`. Keep one.",
        why: "Sooner or later they disagree, and nobody remembers which one wins.",
        bad: &[(PLAYBOOK, "team: ops\nteams: [ops, platform]\n")],
        good: &[(PLAYBOOK, "teams: [ops, platform]\n")],
        checks: &[Check::Structure],
    },
    Rule {
        code: Code::UnknownReference,
        what: "A profile or group that `permissions.yaml` does not have, or a template file that is not there.",
        why: "A slip of one letter decides who gets into the channel, or leaves the first status update without a \
              text.",
        bad: &[(PLAYBOOK, "access: everbody\n")],
        good: &[(PLAYBOOK, "access: everybody\n")],
        checks: &[Check::Structure],
    },
    Rule {
        code: Code::OutsideWorkspace,
        what: "A file is a link that leads out of the workspace or nowhere, a link to a folder, or no regular file. \
               It is not read.",
        why: "A workspace may come from a stranger's pull request. Following its links would show what lies on the \
              machine that checks it.",
        bad: &[],
        good: &[],
        checks: &[Check::Structure],
    },
    Rule {
        code: Code::Unreadable,
        what: "A file or folder of the workspace cannot be read: permissions are missing, the disk is broken, or it \
               went away while the check ran.",
        why: "What was not read was not checked, and must not look as if it were fine.",
        bad: &[],
        good: &[],
        checks: &[Check::Structure],
    },
    Rule {
        code: Code::MoreFindings,
        what: "A file has more than a hundred findings: the first hundred are told, the rest is counted. The level is \
               that of the worst one left out.",
        why: "Nobody reads the hundred and first; after the first ones are mended, the rest is often gone as well.",
        bad: &[],
        good: &[],
        checks: &[Check::Structure],
    },
    Rule {
        code: Code::UnusedAllowance,
        what: "A comment `lint: allow(ID) reason` excuses nothing: what it excused was mended, or it stands in the \
               wrong line. It belongs at the end of the line that the finding marks, or alone in the line above. Where \
               a text of several lines begins it excuses all of it; alone above an element of a list it excuses \
               the element's own keys and their texts, not what is nested deeper. Rules that are switched off or were not checked do not count.",
        why: "A forgotten excuse hides the next mistake in the same line.",
        bad: &[(
            PLAYBOOK,
            "\
checklists:
  - key: first
    title: First minutes
    tasks:
      - key: freeze
        title: Freeze deploys # lint: allow(K-01) whoever is there first does it
        assign: commander
        required: true
",
        )],
        good: &[(
            PLAYBOOK,
            "\
checklists:
  - key: first
    title: First minutes
    tasks:
      - key: freeze
        title: Freeze deploys
        assign: commander
        required: true
",
        )],
        checks: &[Check::Lint],
    },
    Rule {
        code: Code::BadAllowance,
        what: "A comment `lint: allow(ID) reason` has no reason or no `)`, names a rule that does not exist, or one \
               that cannot be excused because `validate` finds it. Or it is written otherwise, as `lint:allow(ID)`.",
        why: "In half a year the reason is all that tells an exception from an oversight.",
        bad: &[(
            PLAYBOOK,
            "\
checklists:
  - key: first
    title: First minutes
    tasks:
      - key: freeze
        title: Freeze deploys # lint: allow(K-01)
        required: true
",
        )],
        good: &[(
            PLAYBOOK,
            "\
checklists:
  - key: first
    title: First minutes
    tasks:
      - key: freeze
        title: Freeze deploys # lint: allow(K-01) whoever is there first does it
        required: true
",
        )],
        checks: &[Check::Lint],
    },
    Rule {
        code: Code::BadLevel,
        what: "`lint.levels` of `warroom.yaml` names a rule that does not exist, one that `validate` finds, or makes \
               a rule milder that protects secrets and hosts.",
        why: "Whoever opens a pull request can edit `warroom.yaml` as well: they must not switch off the rule that \
              would stop them.",
        bad: &[("warroom.yaml", "lint:\n  levels: { V-02: \"off\" }\n")],
        good: &[("warroom.yaml", "lint:\n  levels: { K-10: \"off\" }\n")],
        checks: &[Check::Lint],
    },
];
