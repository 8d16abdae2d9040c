//! Slash commands of tasks.

use std::collections::BTreeSet;
use std::ops::Range;

use super::super::words::{at_range, shortened};
use super::task_key;
use crate::diag::{Code, Level, nearest};
use crate::lint::rule::{Check, Rule};
use crate::lint::scope::{PlaybookScope, Scope};
use crate::model::TextSource;

pub(super) const BAD_COMMAND: Rule = Rule {
    code: Code::BadCommand,
    what: "A command that does not begin with `/` is an error, and so is a lone `/`. A command that neither Mattermost \
           nor one of its well-known plugins (Playbooks, Calls, Jira, GitHub, GitLab, Zoom, ServiceNow and others) has is \
           a warning: of commands that your team added itself nothing is known here, so excuse those with a reason.",
    why: "A misspelt command fails at the very moment when somebody trusts the button beside the task.",
    bad: &[(
        "playbooks/outage.yaml",
        "\
checklists:
  - key: first
    title: First minutes
    tasks:
      - key: update
        title: Post the first status update
        command: /playbok update
",
    )],
    good: &[(
        "playbooks/outage.yaml",
        "\
checklists:
  - key: first
    title: First minutes
    tasks:
      - key: update
        title: Post the first status update
        command: /playbook update
      - key: page
        title: Page the vendor
        command: /page vendor  # lint: allow(K-02) our own command, kept by the platform team
",
    )],
    checks: &[
        Check::Structure,
        Check::Playbook(bad_command),
        Check::Online("whether the server has the command, and its plugin is enabled"),
        Check::Deferred("there is no key yet for a list of your own commands"),
    ],
};

pub(super) const UNDEFINED_VARIABLE: Rule = Rule {
    code: Code::UndefinedVariable,
    what: "A command holds `$name`, and the text of `start.overview` has no line `$name=value`. \
           Letters, digits and `_` after a `$` make a variable, so `$5` is one too. \
           Names that begin with `$PB_` come from Playbooks itself and are not looked at.",
    why: "Playbooks takes the values from such lines of the incident's summary. When one is missing or empty, it runs \
          nothing at all, and says so only to the one who clicked.",
    bad: &[
        (
            "playbooks/outage.yaml",
            "\
start:
  invite: [group:sre]
  overview: templates/overview.md.j2
checklists:
  - key: first
    title: First minutes
    tasks:
      - key: ticket
        title: Open a ticket for the service
        command: /jira create $service is down
",
        ),
        (
            "templates/overview.md.j2",
            "\
{{ tasks.done }} of {{ tasks.total }} tasks done
",
        ),
    ],
    good: &[
        (
            "playbooks/outage.yaml",
            "\
start:
  invite: [group:sre]
  overview: templates/overview.md.j2
checklists:
  - key: first
    title: First minutes
    tasks:
      - key: ticket
        title: Open a ticket for the service
        command: /jira create $service is down
",
        ),
        (
            "templates/overview.md.j2",
            "\
{{ tasks.done }} of {{ tasks.total }} tasks done

$service=checkout
",
        ),
    ],
    checks: &[Check::Playbook(undefined_variable)],
};

pub(super) const DANGEROUS_COMMAND: Rule = Rule {
    code: Code::DangerousCommand,
    what: "A command whose name, or one of its first two words, is `purge`, `wipe`, `delete`, `drop`, `destroy`, `erase`, \
           `truncate`, `nuke`, `rm`, `uninstall`, `shutdown` or `terminate`. Commands that only show a text may say what \
           they like. A secret in a command is V-02.",
    why: "A task's command runs with one click, without asking, by somebody who is tired.",
    bad: &[(
        "playbooks/outage.yaml",
        "\
checklists:
  - key: first
    title: First minutes
    tasks:
      - key: caches
        title: Empty the caches
        command: /jenkins purge all-caches
",
    )],
    good: &[(
        "playbooks/outage.yaml",
        "\
checklists:
  - key: first
    title: First minutes
    tasks:
      - key: caches
        title: Empty the caches
        description: Ask the operations lead, then type `/jenkins purge` with the name of the one cache.
",
    )],
    checks: &[Check::Playbook(dangerous_command)],
};

/// The commands of Mattermost itself.
const BUILT_IN: [&str; 34] = [
    "away",
    "code",
    "collapse",
    "dnd",
    "echo",
    "expand",
    "exportlink",
    "groupmsg",
    "header",
    "help",
    "invite",
    "invite_people",
    "join",
    "kick",
    "leave",
    "logout",
    "marketplace",
    "me",
    "mobile-logs",
    "msg",
    "mute",
    "offline",
    "online",
    "open",
    "purpose",
    "remove",
    "rename",
    "search",
    "secure-connection",
    "settings",
    "share-channel",
    "shortcuts",
    "shrug",
    "status",
];

/// The commands of plugins that come with Mattermost or are widely used.
const OF_PLUGINS: [&str; 33] = [
    "agenda",
    "apps",
    "autolink",
    "azure-devops",
    "bbb",
    "boards",
    "call",
    "circleci",
    "confluence",
    "export",
    "gcal",
    "gif",
    "giphy",
    "github",
    "gitlab",
    "google",
    "jenkins",
    "jira",
    "jitsi",
    "legal-hold",
    "mscalendar",
    "msteams",
    "opsgenie",
    "pagerduty",
    "playbook",
    "poll",
    "remind",
    "servicenow",
    "standup",
    "todo",
    "webex",
    "welcomebot",
    "zoom",
];

/// Commands whose words are a text for people.
const SAYING: [&str; 15] = [
    "code", "echo", "groupmsg", "header", "me", "msg", "playbook", "poll", "purpose", "remind",
    "rename", "search", "shrug", "status", "todo",
];

const DESTROYING: [&str; 12] = [
    "purge",
    "wipe",
    "delete",
    "drop",
    "destroy",
    "erase",
    "truncate",
    "nuke",
    "rm",
    "uninstall",
    "shutdown",
    "terminate",
];

/// The name of a command, as the server compares it.
fn trigger(command: &str) -> Option<&str> {
    let words = command.strip_prefix('/')?;
    Some(
        words
            .split_whitespace()
            .next()
            .filter(|_| !words.starts_with(char::is_whitespace))
            .unwrap_or_default(),
    )
}

fn bad_command(scope: &mut PlaybookScope<'_>) {
    for (checklist, index, task) in scope.playbook.tasks() {
        let Some(command) = &task.command else {
            continue;
        };
        let Some(name) = trigger(command) else {
            continue;
        };
        // A variable may stand for anything.
        if name.contains('$') {
            continue;
        }
        let lower = name.to_lowercase();
        let mut known = BUILT_IN.iter().chain(&OF_PLUGINS).copied();
        if known.any(|known| known == lower) {
            continue;
        }
        let pointer = task_key(checklist, index, "command");
        let finding = if name.is_empty() {
            scope
                .at_value(&pointer, "there is no command behind the `/`")
                .level(Level::Error)
                .label("write its name, such as `/playbook update`")
        } else {
            let message = format!("Mattermost has no command `/{}`", shortened(name));
            let all = BUILT_IN.iter().chain(&OF_PLUGINS).copied();
            let label = match nearest(&lower, all) {
                Some(meant) => format!("did you mean `/{meant}`?"),
                None => "write a command of Mattermost, or excuse your own".to_owned(),
            };
            at_range(scope, &pointer, command, 0..name.len() + 1, message)
                .label(label)
                .help("if your team added this command, end the line with `# lint: allow(K-02)` and where the command comes from")
        };
        scope.report(finding);
    }
}

/// The variables of a command, as Playbooks finds them.
fn variables(command: &str) -> impl Iterator<Item = Range<usize>> {
    command.match_indices('$').filter_map(|(at, _)| {
        let name = &command[at + 1..];
        let inner = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let length = name.find(|c| !inner(c)).unwrap_or(name.len());
        (length > 0).then_some(at..at + 1 + length)
    })
}

/// The variables that a text may give a value: somewhere in it stands `$name=` and something.
fn given(text: &str) -> BTreeSet<&str> {
    let has_value = |place: &Range<usize>| {
        let value = text[place.end..].strip_prefix('=');
        value.is_some_and(|value| !value.is_empty() && !value.starts_with(['\n', '\r']))
    };
    let places = variables(text).filter(has_value);
    places.map(|place| &text[place]).collect()
}

fn undefined_variable(scope: &mut PlaybookScope<'_>) {
    let commands = scope
        .playbook
        .tasks()
        .filter_map(|(.., task)| task.command.as_ref());
    if !commands.into_iter().any(|command| command.contains('$')) {
        return;
    }
    let template;
    let overview = match &scope.playbook.start.overview {
        None => "",
        Some(TextSource::Inline(text)) => text,
        Some(TextSource::File(path)) => match scope.around.template(path) {
            Some(found) => {
                template = found;
                template.body()
            }
            // What it says is not known.
            None => return,
        },
    };
    let given = given(overview);
    for (checklist, index, task) in scope.playbook.tasks() {
        let command = task.command.as_deref().unwrap_or_default();
        let missing = |place: &Range<usize>| {
            let name = &command[place.clone()];
            !name.starts_with("$PB_") && !given.contains(name)
        };
        let Some(place) = variables(command).find(missing) else {
            continue;
        };
        let name = shortened(&command[place.clone()]);
        let pointer = task_key(checklist, index, "command");
        let message = format!(
            "nothing gives `{name}` a value, and without one Playbooks does not run the command"
        );
        let finding = at_range(scope, &pointer, command, place, message)
            .label("write the value itself, or define it")
            .help(format!(
                "define it with a line `{name}=value` in the text of `start.overview`: Playbooks takes it from the incident's summary"
            ));
        scope.report(finding);
    }
}

fn dangerous_command(scope: &mut PlaybookScope<'_>) {
    for (checklist, index, task) in scope.playbook.tasks() {
        let Some(command) = &task.command else {
            continue;
        };
        if let Some(verb) = destroying(command) {
            let pointer = task_key(checklist, index, "command");
            let message = format!(
                "one click runs `{}`, with no question asked",
                shortened(&command[..verb.end])
            );
            let finding = at_range(scope, &pointer, command, verb, message)
                .label("let people type it")
                .help("say in `description` what to type and who decides; if it is safe, end the line with `# lint: allow(K-04)` and the reason");
            scope.report(finding);
        }
    }
}

/// Where a command says that it destroys something.
fn destroying(command: &str) -> Option<Range<usize>> {
    let name = trigger(command)?.to_lowercase();
    if SAYING.contains(&name.as_str()) {
        return None;
    }
    let mut at = 1;
    for word in command[1..].split([' ', '\t', '\n']).take(3) {
        let is_verb = |part: &str| {
            DESTROYING
                .iter()
                .any(|verb| part.eq_ignore_ascii_case(verb))
        };
        if word.split(['-', '_']).any(is_verb) {
            return Some(at..at + word.len());
        }
        at += word.len() + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::tests::{lint, messages};

    fn with(code: Code, command: &str) -> Vec<String> {
        let command = command.replace('\'', "''");
        let text = format!(
            "checklists:\n  - key: a\n    title: A\n    tasks:\n      - {{ key: b, title: Call the vendor, command: '{command}' }}\n"
        );
        messages(code, &[("playbooks/outage.yaml", &text)])
    }

    #[test]
    fn commands_of_mattermost_and_its_plugins_are_known() {
        for command in [
            "/playbook update",
            "/CALL start",
            "/jira",
            "/invite @bob ~x",
            "/$tool x",
            "/mobile-logs on",
        ] {
            assert!(with(Code::BadCommand, command).is_empty(), "{command}");
        }
        let unknown = with(Code::BadCommand, "/page vendor");
        assert_eq!(unknown, ["11: Mattermost has no command `/page`"]);
        for command in ["/", "/ invite", "invite bob"] {
            assert_eq!(with(Code::BadCommand, command).len(), 1, "{command}");
        }
        assert!(BUILT_IN.is_sorted() && OF_PLUGINS.is_sorted() && SAYING.is_sorted());
    }

    #[test]
    fn what_is_no_command_is_an_error_of_this_rule() {
        let text = "checklists:\n  - key: a\n    title: A\n    tasks:\n      - { key: b, title: Call, command: zoom }\n";
        let found = lint(&[("playbooks/outage.yaml", text)]);
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].code, found[0].level),
            (Code::BadCommand, Level::Error)
        );
    }

    #[test]
    fn variables_are_looked_for_where_playbooks_looks() {
        let found = |overview: &str, command: &str| {
            let text = format!(
                "start: {{ invite: [group:sre], overview: \"{overview}\" }}\nchecklists:\n  - key: a\n    title: A\n    tasks:\n      - {{ key: b, title: Call the vendor, command: '{command}' }}\n"
            );
            messages(Code::UndefinedVariable, &[("playbooks/outage.yaml", &text)])
        };
        for (overview, command) in [
            ("x\\n$a=b", "/echo $a"),
            ("x\\n  $a=b c", "/echo $a-b"),
            ("x", "/echo $PB_RUN_ID $ $$ a$"),
            ("x", "/echo a"),
        ] {
            assert!(found(overview, command).is_empty(), "{overview} {command}");
        }
        for (overview, command) in [
            ("x", "/echo $a"),
            ("$a=", "/echo $a"),
            ("$ab=c", "/echo $a"),
            ("$a=c", "/echo $ab"),
            ("x", "/poll \"Pay $5?\""),
        ] {
            assert_eq!(found(overview, command).len(), 1, "{overview} {command}");
        }
    }

    #[test]
    fn a_secret_in_a_command_is_one_finding_of_the_rule_about_secrets() {
        for command in [
            "/jenkins build --token=a8f5f167f44f4964e6c998dee827110c",
            "/jenkins build ghp_abcdefghijklmnopqrstuvwxyz0123456789",
            "/jenkins build https://chat.example.com/hooks/abcdefghijklmnopqrstuvwxyz",
        ] {
            let text = format!(
                "checklists:\n  - key: a\n    title: A\n    tasks:\n      - {{ key: b, title: Call the vendor, assign: role:comms, command: {command} }}\n"
            );
            let found = lint(&[("playbooks/outage.yaml", &text)]);
            let codes: Vec<Code> = found.iter().map(|finding| finding.code).collect();
            assert_eq!(codes, [Code::Secret], "{command}");
            let secret = &command[command.len() - 20..];
            assert!(!found[0].source.shown().contains(secret), "{command}");
        }
    }

    #[test]
    fn only_verbs_at_the_beginning_destroy() {
        for command in [
            "/purge",
            "/k8s ns delete prod",
            "/jira force-delete X-1",
            "/db Drop",
        ] {
            assert_eq!(with(Code::DangerousCommand, command).len(), 1, "{command}");
        }
        for command in [
            "/echo Do not delete anything",
            "/jira create a task to drop it",
            "/x deleted dropbox",
        ] {
            assert!(
                with(Code::DangerousCommand, command).is_empty(),
                "{command}"
            );
        }
    }
}
