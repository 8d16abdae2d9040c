//! The one table of codes: id, name, default level and meaning.
//!
//! Ids are stable and never reused; they follow the groups of the lint rules
//! (P structure, U people, K tasks, S lifecycle, C attributes, T templates, V privacy),
//! and `Y` for reading YAML and for the shape that the schema asks for. What a rule is
//! good for and who checks it stands in the registry of `lint`.

/// How seriously a finding is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Told, and never fails.
    Info,
    /// Fails only where asked for.
    Warning,
    /// Fails.
    Error,
}

impl Level {
    /// The word for it in reports and JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// Makes the enumeration and its table from one list, so that neither can lack an entry.
macro_rules! codes {
    ($($variant:ident $id:literal $name:literal [$($level:ident),+] $meaning:literal;)*) => {
        /// Which rule a finding comes from.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $meaning] $variant,)*
        }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Its stable id, such as `C-01`.
            #[must_use]
            pub fn id(self) -> &'static str {
                match self { $(Self::$variant => $id,)* }
            }

            /// Its name, such as `unknown-attribute`.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The levels that its findings may have; the first is the usual one.
            #[must_use]
            pub fn levels(self) -> &'static [Level] {
                match self { $(Self::$variant => &[$(Level::$level),+],)* }
            }

            /// The level that its findings have unless somebody says otherwise.
            #[must_use]
            pub fn level(self) -> Level {
                self.levels()[0]
            }

            /// The code with that id.
            #[must_use]
            pub fn of_id(id: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|code| code.id() == id)
            }

            /// What it catches, in one line.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }
        }
    };
}

codes! {
    InvalidYaml "Y-01" "invalid-yaml" [Error] "The text is not YAML.";
    NotUtf8 "Y-02" "not-utf-8" [Error] "The file is not UTF-8.";
    FileTooLarge "Y-03" "file-too-large" [Error] "The file is larger than 1 MiB, or holds too many values or too long a key.";
    TooDeep "Y-04" "too-deep" [Error] "Lists and mappings are nested more than 64 levels deep.";
    AliasExpansion "Y-05" "alias-expansion" [Error] "Aliases contain themselves or expand to too much.";
    SeveralDocuments "Y-06" "several-documents" [Error] "The file holds more than one YAML document.";
    EmptyFile "Y-07" "empty-file" [Error] "The file holds nothing.";
    ComplexKey "Y-08" "complex-key" [Error] "A key is not a text.";
    Tag "Y-09" "tag" [Error] "A value has a tag such as `!secret`.";
    MergeKey "Y-10" "merge-key" [Error] "A mapping merges another one with `<<`.";
    UnusableNumber "Y-11" "unusable-number" [Error] "A number is infinite, not a number, or has too many digits.";
    WrongType "Y-12" "wrong-type" [Error] "A value is of another type than its key takes.";
    MissingKey "Y-13" "missing-key" [Error] "A required key is missing.";
    InvalidValue "Y-14" "invalid-value" [Error] "A value does not have the form its key asks for.";
    UnknownValue "Y-15" "unknown-value" [Error] "A value is not among those to choose from.";
    ConflictingKeys "Y-16" "conflicting-keys" [Error] "Two keys exclude each other.";
    UnknownReference "Y-17" "unknown-reference" [Error] "A profile, group or template that nobody declares is named.";
    OutsideWorkspace "Y-18" "outside-workspace" [Error] "A file lies outside the workspace or is no regular file.";
    Unreadable "Y-19" "unreadable" [Error] "A file or folder cannot be read.";
    MoreFindings "Y-20" "more-findings" [Error, Warning, Info] "A file has more findings than are told.";
    UnusedAllowance "Y-21" "unused-allowance" [Warning] "A `lint: allow` comment excuses nothing.";
    BadAllowance "Y-22" "bad-allowance" [Error] "A `lint: allow` comment has no reason, or names a rule that cannot be excused.";
    BadLevel "Y-23" "bad-level" [Error] "`lint.levels` names a rule that does not exist or whose level cannot be changed.";

    DuplicateKey "P-01" "duplicate-key" [Error] "Two things claim the same key, or two playbooks the same title in one team.";
    KeyChanged "P-02" "key-changed" [Error] "The key of a playbook changed while its title stayed.";
    FileName "P-03" "file-name" [Error] "The file name differs from the key.";
    DuplicateTask "P-04" "duplicate-task" [Error, Warning, Info] "Two tasks have the same key or the same title.";
    EmptyChecklist "P-05" "empty-checklist" [Warning, Error] "A checklist or a whole playbook has no tasks worth the name.";
    DuplicateChecklist "P-06" "duplicate-checklist" [Error] "Two checklists have the same key or the same title.";
    TooLarge "P-07" "too-large" [Info] "A playbook has more tasks or checklists than people can follow under stress.";
    IncludeBroken "P-08" "include-broken" [Error, Warning] "An included fragment is missing, cyclic or never used.";
    UnknownKey "P-09" "unknown-key" [Error] "A key that the schema does not know.";
    SizeLimit "P-10" "size-limit" [Error] "A playbook is larger than Mattermost takes.";
    YamlHazard "P-11" "yaml-hazard" [Error, Warning] "YAML that readers understand differently, or that nobody means.";
    TierExceeded "P-12" "tier-exceeded" [Error] "A feature needs a higher licence tier or a later version of Playbooks than `warroom.yaml` assumes.";
    ReviewDue "P-13" "review-due" [Warning, Info] "The day to look at a playbook again has passed, or is not set.";
    NoOwner "P-14" "no-owner" [Info] "Nobody answers for a playbook.";
    StagesAdvisory "P-15" "stages-advisory" [Info] "Stages guide people in Mattermost, and hold nobody back.";

    UnknownName "U-01" "unknown-name" [Error] "A person, group, channel or team does not exist on the server.";
    UnsuitableUser "U-02" "unsuitable-user" [Error, Warning] "A person is deactivated, a guest or a bot.";
    NotInTeam "U-03" "not-in-team" [Error] "An invited person or the commander is outside the team.";
    GroupNotMentionable "U-04" "group-not-mentionable" [Error] "A Mattermost group cannot be mentioned.";
    AssigneeNotInvited "U-05" "assignee-not-invited" [Error] "A task belongs to somebody who is not invited.";
    LockOut "U-06" "lock-out" [Error] "A private playbook that nobody may use, or nobody may edit.";
    BotNotAdmin "U-07" "bot-not-admin" [Error] "The syncing account is not an admin of the playbook.";
    SingleCommander "U-08" "single-commander" [Warning] "The default commander may not use the playbook.";
    Overload "U-09" "overload" [Warning] "One person or role has too many tasks at once.";
    RoleUndefined "U-10" "role-undefined" [Error, Warning] "A task refers to a role that `warroom.yaml` does not define, or a role is never used.";
    OneLead "U-11" "one-lead" [Error] "There is not exactly one lead role.";
    BroadcastUnusable "U-12" "broadcast-unusable" [Error] "A broadcast channel is archived, deleted, of another team, or closed to the bot.";
    PublicLeak "U-13" "public-leak" [Error, Warning] "A private incident broadcasts into a public channel.";
    BroadcastSelf "U-14" "broadcast-self" [Warning] "A broadcast goes into the incident's own channel, or into one channel twice.";
    StakeholdersBlind "U-15" "stakeholders-blind" [Info] "A public playbook opens private channels and broadcasts nowhere.";
    AccessWidened "U-16" "access-widened" [Warning] "A change gives more people access.";
    ChannelModeConflict "U-17" "channel-mode-conflict" [Error] "The channel of an incident is both linked and treated as a new one.";
    PersonalData "U-18" "personal-data" [Warning] "An e-mail address or a phone number stands in a file.";

    UnownedTask "K-01" "unowned-task" [Warning] "A required task belongs to nobody.";
    BadCommand "K-02" "bad-command" [Warning, Error] "A slash command that Mattermost does not know.";
    UndefinedVariable "K-03" "undefined-variable" [Error] "A command uses a `$variable` that nothing sets.";
    DangerousCommand "K-04" "dangerous-command" [Warning] "A command destroys something.";
    MassMention "K-05" "mass-mention" [Warning] "A text wakes everybody with `@all`, `@channel` or `@here`.";
    DueOrder "K-06" "due-order" [Warning] "A task is due before the one it follows.";
    OverdueByDesign "K-07" "overdue-by-design" [Warning] "The expected durations add up to more than there is time.";
    AbsoluteDue "K-08" "absolute-due" [Error] "A task has a date instead of a time since the start.";
    BadDependency "K-09" "bad-dependency" [Error] "A task depends on one that is unknown, later, or on itself.";
    TaskWording "K-10" "task-wording" [Info, Warning] "A task does not say in one short line what to do.";
    MarkdownUnsupported "K-11" "markdown-unsupported" [Warning] "A task description holds Markdown that Mattermost does not show there.";
    DeadLink "K-12" "dead-link" [Error, Warning] "A link leads nowhere.";
    WeakKeyword "K-13" "weak-keyword" [Warning, Error] "A keyword closes a task by accident.";
    TaskActionLimit "K-14" "task-action-limit" [Error] "A task has more actions than Mattermost takes.";
    MissingDuty "K-15" "missing-duty" [Info] "Nobody is told to inform stakeholders.";
    RepeatedTask "K-16" "repeated-task" [Info] "The same task stands in three or more playbooks.";

    ReminderMissing "S-01" "reminder-missing" [Error] "Status updates without a usable reminder.";
    ReminderImplausible "S-02" "reminder-implausible" [Warning] "Status updates that come too often, too rarely, or rarer the worse it is.";
    UpdateSections "S-03" "update-sections" [Warning] "A status update does not say what, impact, next steps and when the next comes.";
    StatusGraph "S-04" "status-graph" [Error, Warning] "The statuses do not lead from one beginning to an end.";
    SeverityUndeclared "S-05" "severity-undeclared" [Error, Warning] "A severity is used that `warroom.yaml` does not declare, or severities stand in no order.";
    EscalationBroken "S-06" "escalation-broken" [Error, Warning] "An escalation has no target, or loops.";
    NeverTrue "S-07" "never-true" [Error] "The condition of a reminder or automation can never hold.";
    NoRetrospective "S-08" "no-retrospective" [Warning] "Nobody is asked for a retrospective.";
    ArchiveBeforeExport "S-09" "archive-before-export" [Warning] "The channel is archived before its transcript is exported.";
    DrillLeak "S-10" "drill-leak" [Error] "A drill reaches real channels or webhooks.";
    BadWindow "S-11" "bad-window" [Error] "Quiet or business hours are malformed or never open.";

    UnknownAttribute "C-01" "unknown-attribute" [Error] "An attribute, or a value of one, that the playbook does not declare.";
    BadCondition "C-02" "bad-condition" [Error] "A condition that Mattermost cannot hold.";
    Unsatisfiable "C-03" "unsatisfiable" [Warning] "A condition never holds, or always does.";
    StageVanishes "C-04" "stage-vanishes" [Warning] "With some values of the attributes a stage has no tasks.";
    NobodyLeads "C-05" "nobody-leads" [Info] "With some values of the attributes the commander has no task.";
    AttributeLimit "C-06" "attribute-limit" [Error] "Attributes that Mattermost refuses.";
    UnusedAttribute "C-07" "unused-attribute" [Info] "An attribute that no condition, assignment or template uses.";
    HiddenDependency "C-08" "hidden-dependency" [Error] "A task depends on one that is hidden while it is visible.";

    TemplateSyntax "T-01" "template-syntax" [Error] "A template cannot be read.";
    TemplateUndefined "T-02" "template-undefined" [Error] "A template uses a variable that templates of its kind do not have.";
    TemplateUnknownCall "T-03" "template-unknown-call" [Error] "A template calls a filter, function or test that does not exist.";
    TemplateRender "T-04" "template-render" [Error, Warning] "A template cannot be rendered, or shows gaps.";
    TemplateLength "T-05" "template-length" [Error, Warning] "A rendered text is longer than Mattermost takes.";
    TemplateRaw "T-06" "template-raw" [Error] "Template syntax in a text that is sent as it is.";
    TemplateTokenClash "T-07" "template-token-clash" [Warning] "A text holds a `{Token}` that Mattermost would replace.";
    ChannelName "T-08" "channel-name" [Error, Warning] "The name template of channels is wrong, too long or not unique.";
    TemplateUnescaped "T-09" "template-unescaped" [Warning] "People's words stand unescaped in a table, link or diagram.";
    TemplateUnbounded "T-10" "template-unbounded" [Error] "A template works without end.";
    TemplatePrivate "T-11" "template-private" [Error] "A broadcast shows what is private.";
    TemplateImpure "T-12" "template-impure" [Error] "A document of the export depends on when it is made.";
    TemplateTimezone "T-13" "template-timezone" [Warning] "A time is shown without its zone.";

    TranscriptPolicy "V-01" "transcript-policy" [Error] "More of a conversation would be exported than its privacy or this version allows.";
    Secret "V-02" "secret" [Error] "A secret stands in a file instead of a reference to it.";
    WebhookTarget "V-03" "webhook-target" [Warning] "A webhook is called twice for one event.";
    PostmortemSections "V-04" "postmortem-sections" [Info] "The post-mortem lacks owner, contributing factors or action items.";
    BadMetric "V-05" "bad-metric" [Error] "A metric that Mattermost refuses or nobody can measure.";
    DeadMilestone "V-06" "dead-milestone" [Warning] "A metric uses a milestone that nothing sets.";
    ExportPath "V-07" "export-path" [Error] "The folder of the export collides with another, or has a name that not every system can have.";
    BadPrefix "V-08" "bad-prefix" [Error] "Two playbooks of one team number their incidents with the same prefix.";
    CategoryBytes "V-09" "category-bytes" [Error] "The name of a sidebar category has more than 22 bytes.";
    RemovesActive "V-10" "removes-active" [Warning] "A change removes a playbook with active incidents.";
    Drift "V-11" "drift" [Warning, Error] "A playbook was edited in Mattermost since the last sync.";
    UnmanagedTwin "V-12" "unmanaged-twin" [Error] "Mattermost has a playbook of the same title that warroom does not manage.";
    ScenarioCoverage "V-13" "scenario-coverage" [Info, Warning, Error] "No scenario test covers a playbook or a branch of it.";
    ImportPlaceholder "V-14" "import-placeholder" [Warning] "An imported playbook still holds `TODO-import`.";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_id_and_no_name_repeats() {
        let ids: BTreeSet<_> = Code::ALL.iter().map(|code| code.id()).collect();
        let names: BTreeSet<_> = Code::ALL.iter().map(|code| code.name()).collect();
        assert_eq!(ids.len(), Code::ALL.len());
        assert_eq!(names.len(), Code::ALL.len());
    }

    #[test]
    fn ids_are_a_letter_and_two_digits_and_names_are_kebab_case() {
        let id = regex::Regex::new("^[A-Z]-[0-9]{2}$").unwrap();
        let name = regex::Regex::new("^[a-z]+(-[a-z0-9]+)*$").unwrap();
        for code in Code::ALL {
            assert!(id.is_match(code.id()), "{}", code.id());
            assert!(name.is_match(code.name()), "{}", code.name());
        }
    }

    #[test]
    fn in_the_code_a_rule_is_called_by_its_name() {
        for code in Code::ALL {
            let name = code.name().replace('-', "");
            assert_eq!(format!("{code:?}").to_lowercase(), name);
        }
    }
}
