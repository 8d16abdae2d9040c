//! Texts that wake everybody.

use std::ops::Range;

use super::super::words::{at_range, prose, prose_of_template};
use super::task_key;
use crate::diag::{Code, Finding, Span};
use crate::lint::rule::{Check, Rule};
use crate::lint::scope::{PlaybookScope, Scope, SettingsScope, TemplateScope};
use crate::model::TextSource;
use crate::template::TemplateKind;

pub(super) const MASS_MENTION: Rule = Rule {
    code: Code::MassMention,
    what: "`@all`, `@channel` or `@here` in the title, description or command of a task, in a text written in place, or \
           in a template that becomes a message. Code, and addresses such as `user@here.example`, are no mentions. \
           The template of the post-mortem may say what it likes: it wakes nobody.",
    why: "Whoever is woken for nothing twice switches the notifications off, and sleeps through the third time. \
          Invite the people who are needed with `start.invite`, or mention a group.",
    bad: &[(
        "playbooks/outage.yaml",
        "\
checklists:
  - key: first
    title: First minutes
    tasks:
      - key: call
        title: Call everybody
        command: /echo @channel join the call
",
    )],
    good: &[(
        "playbooks/outage.yaml",
        "\
checklists:
  - key: first
    title: First minutes
    tasks:
      - key: call
        title: Call everybody
        command: /echo @sre-oncall join the call
",
    )],
    checks: &[
        Check::Playbook(in_playbook),
        Check::Settings(in_settings),
        Check::Template(in_template),
        Check::Deferred("severities have no key that allows it"),
    ],
};

/// Where a text mentions many.
fn mass_mention(text: &str) -> Option<Range<usize>> {
    text.match_indices('@').find_map(|(at, _)| {
        let before = text[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || "._-+/@".contains(c)) {
            return None;
        }
        let rest = &text[at + 1..];
        let inner = |c: char| c.is_alphanumeric() || "._-".contains(c);
        let length = rest.find(|c| !inner(c)).unwrap_or(rest.len());
        let name = rest[..length].trim_end_matches(['.', '-', '_']);
        let mut many = ["all", "channel", "here"].into_iter();
        many.any(|word| name.eq_ignore_ascii_case(word))
            .then(|| at..at + 1 + name.len())
    })
}

fn words(finding: Finding) -> Finding {
    finding
        .label("mention a group, or nobody")
        .help("invite the people who are needed with `start.invite`; everybody else reads the updates in the channels of `updates.broadcast`")
}

fn in_text<S: Scope>(scope: &mut S, pointer: &str, text: &str) {
    let words_of = prose(text);
    if let Some(place) = mass_mention(&words_of) {
        let message = format!("`{}` wakes everybody in the channel", &text[place.clone()]);
        let finding = words(at_range(scope, pointer, text, place, message));
        scope.report(finding);
    }
}

fn in_playbook(scope: &mut PlaybookScope<'_>) {
    let playbook = scope.playbook;
    for (checklist, index, task) in playbook.tasks() {
        let command = task.command.as_deref().unwrap_or_default();
        let texts = [
            ("title", task.title.as_str()),
            ("description", &task.description),
            ("command", command),
        ];
        for (key, text) in texts {
            if text.contains('@') {
                in_text(scope, &task_key(checklist, index, key), text);
            }
        }
    }
    for (pointer, text) in playbook.texts() {
        in_place(scope, pointer, text);
    }
}

fn in_settings(scope: &mut SettingsScope<'_>) {
    let settings = scope.around.settings;
    for (pointer, text) in settings.texts() {
        in_place(scope, pointer, text);
    }
}

fn in_place<S: Scope>(scope: &mut S, pointer: &str, text: &TextSource) {
    if let TextSource::Inline(text) = text
        && TemplateKind::of_pointer(pointer) != Some(TemplateKind::Postmortem)
        && text.contains('@')
    {
        in_text(scope, pointer, text);
    }
}

fn in_template(scope: &mut TemplateScope<'_>) {
    if scope
        .kinds
        .iter()
        .all(|kind| *kind == TemplateKind::Postmortem)
    {
        return;
    }
    let text = scope.source.text();
    let body = scope.template.body_start();
    if !text[body..].contains('@') {
        return;
    }
    if let Some(place) = mass_mention(&prose_of_template(text, body)) {
        let message = format!("`{}` wakes everybody in the channel", &text[place.clone()]);
        let finding = words(scope.at(Span::new(place.start, place.end), message));
        scope.report(finding);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::tests::messages;

    #[test]
    fn only_mentions_of_many_are_found() {
        for text in [
            "@all",
            "Hey @Channel!",
            "(@here)",
            "a @here.",
            "x, @all: y",
            "**@all**",
        ] {
            assert!(mass_mention(text).is_some(), "{text}");
        }
        for text in [
            "user@here.example",
            "@here.example",
            "@all-hands",
            "@allison",
            "@channels",
            "a.b@all",
            "https://x.example/@all",
            "@",
            "@bob",
            "all",
            "@@all",
        ] {
            assert_eq!(mass_mention(text), None, "{text}");
        }
    }

    #[test]
    fn texts_and_templates_are_read_without_their_code() {
        let playbook = "start: { invite: [group:sre], welcome: 'Hello @here, not `@here`', overview: templates/o.md.j2 }\n";
        let found = |template: &str| {
            messages(
                Code::MassMention,
                &[
                    ("playbooks/outage.yaml", playbook),
                    ("templates/o.md.j2", template),
                ],
            )
        };
        let ours = "5: `@here` wakes everybody in the channel";
        assert_eq!(found("{# @all #}`@all` {{ incident.name }}\n"), [ours]);
        assert_eq!(
            found("Hi `@all`\n@all\n"),
            [ours, "2: `@all` wakes everybody in the channel"]
        );
    }

    #[test]
    fn the_mention_outside_the_code_is_marked() {
        let text = "checklists:\n  - key: a\n    title: A\n    tasks:\n      - key: b\n        title: Call\n        description: |\n          `@all` no\n          @all yes\n";
        let found = messages(Code::MassMention, &[("playbooks/outage.yaml", text)]);
        assert_eq!(found, ["15: `@all` wakes everybody in the channel"]);
    }
}
