//! What a status update says.

use crate::diag::{Code, Finding};
use crate::lint::rule::{Check, Rule};
use crate::lint::scope::{PlaybookScope, Scope, TemplateScope};
use crate::model::TextSource;
use crate::template::TemplateKind;

pub(super) const UPDATE_SECTIONS: Rule = Rule {
    code: Code::UpdateSections,
    what: "A template (or text) of status updates that does not say what is going on, whom it affects, what happens next \
           and when the next update comes. Its words, its inputs and the values it shows are looked at, in English and German. \
           Without a template the built-in one is used, which is fine.",
    why: "Whoever waits asks for the part that is missing, one by one, in the channel where people work.",
    bad: &[
        (
            "playbooks/outage.yaml",
            "updates:\n  every: 30m\n  template: templates/update.md.j2\n  broadcast: [~incidents]\n",
        ),
        (
            "templates/update.md.j2",
            "\
---
inputs:
  next: { ask: What do we do now?, required: true }
---
#### {{ incident.name | md }}: {{ incident.status.title | md }}
**Next:** {{ next | paragraphs }}
",
        ),
    ],
    good: &[
        (
            "playbooks/outage.yaml",
            "updates:\n  every: 30m\n  template: templates/update.md.j2\n  broadcast: [~incidents]\n",
        ),
        (
            "templates/update.md.j2",
            "\
---
inputs:
  impact: { ask: What can customers not do?, required: true }
  next: { ask: What do we do now?, required: true }
---
#### {{ incident.name | md }}: {{ incident.status.title | md }}
**Impact:** {{ impact | paragraphs }}
**Next:** {{ next | paragraphs }}
{% if not update.final %}Next update by {{ update.next_at | datetime }}.{% endif %}
",
        ),
    ],
    checks: &[Check::Template(in_template), Check::Playbook(in_place)],
};

/// The parts of an update, each with parts of words that show it.
const PARTS: [(&str, &[&str]); 4] = [
    (
        "what is going on",
        &[
            "what",
            "situation",
            "summary",
            "status",
            "happen",
            "incident.name",
            "description",
            "symptom",
            "problem",
            "know",
            "current",
            "lage",
            "aktuell",
            "stand",
            "bekannt",
            "passiert",
        ],
    ),
    (
        "who is affected",
        &[
            "impact",
            "affect",
            "effect",
            "customer",
            "user",
            "cannot",
            "degraded",
            "down",
            "suffer",
            "confirmed",
            "auswirkung",
            "betroffen",
            "kunde",
            "schaden",
            "folgen",
            "nutzer",
            "beeinträchtig",
        ],
    ),
    (
        "what happens next",
        &[
            "next",
            "plan",
            "action",
            "doing",
            "step",
            "mitigat",
            "we do",
            "working on",
            "weiter",
            "nächst",
            "naechst",
            "schritt",
            "maßnahme",
            "massnahme",
            "vorgehen",
        ],
    ),
    ("when the next update comes", &[NEXT_UPDATE]),
];

/// What every way of naming the next update is turned into, so that its words count for nothing else.
const NEXT_UPDATE: &str = "\u{1}";

const NEXT_UPDATES: [&str; 16] = [
    "update.next_at",
    "next_at",
    "next update",
    "next status update",
    "next message",
    "next report",
    "update by",
    "update at",
    "update in",
    "hear again",
    "hear from us",
    "nächstes update",
    "nächste update",
    "nächste meldung",
    "nächste aktualisierung",
    "nächster stand",
];

/// What a text lacks.
fn lacking(text: &str) -> Vec<&'static str> {
    let mut words = text.to_lowercase();
    for name in NEXT_UPDATES {
        if words.contains(name) {
            words = words.replace(name, NEXT_UPDATE);
        }
    }
    let missing = PARTS
        .iter()
        .filter(|(_, signs)| !signs.iter().any(|sign| words.contains(sign)));
    missing.map(|(part, _)| *part).collect()
}

fn message(missing: &[&str]) -> String {
    format!("this status update does not say {}", either(missing))
}

/// `a, b or c`.
fn either(parts: &[&str]) -> String {
    match parts {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [before @ .., last] => format!("{} or {last}", before.join(", ")),
    }
}

fn words(finding: Finding) -> Finding {
    finding.label("add it, as an input or as a value").help(
        "whoever posts an update is asked for the `inputs` in the front matter; the value `update.next_at` is when the next update is due",
    )
}

fn in_template(scope: &mut TemplateScope<'_>) {
    if !scope.kinds.contains(&TemplateKind::Update) {
        return;
    }
    // The questions stand in the front matter, and comments there say nothing to anybody.
    let mut text = scope.template.body().to_owned();
    for input in scope.template.inputs() {
        text.extend(["\n", &input.key, "\n", &input.ask]);
    }
    let missing = lacking(&text);
    if missing.is_empty() {
        return;
    }
    let finding = words(scope.at(scope.body(), message(&missing)));
    scope.report(finding);
}

fn in_place(scope: &mut PlaybookScope<'_>) {
    let template = scope
        .playbook
        .updates
        .as_ref()
        .and_then(|updates| updates.template.as_ref());
    let Some(TextSource::Inline(text)) = template else {
        return;
    };
    let missing = lacking(text);
    if !missing.is_empty() {
        let finding = words(scope.at_value("/updates/template", message(&missing)));
        scope.report(finding);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::tests::messages;
    use crate::template::built_in;

    #[test]
    fn parts_are_known_by_their_words() {
        for text in [
            "**Lage:** x\n**Auswirkung:** y\n**Nächste Schritte:** z\nNächstes Update um 10:00",
            "What? Who is affected? What is the plan? Next update by {{ update.next_at }}",
        ] {
            assert_eq!(lacking(text), Vec::<&str>::new(), "{text}");
        }
        assert_eq!(
            lacking("Situation, impact. Next update by 10:00"),
            ["what happens next"]
        );
        assert_eq!(
            lacking("Situation, impact, next"),
            ["when the next update comes"]
        );
        assert_eq!(lacking("").len(), PARTS.len());
        // It asks for two things only, and shows name and status: enough where nobody wrote a better one.
        assert_eq!(
            lacking(built_in(TemplateKind::Update).body()),
            ["who is affected"]
        );
    }

    #[test]
    fn only_texts_of_updates_are_looked_at() {
        let text = "updates: { every: 30m, template: 'Alles gut' }\nstart: { invite: [group:sre], welcome: templates/w.md.j2 }\n";
        let found = messages(
            Code::UpdateSections,
            &[
                ("playbooks/outage.yaml", text),
                ("templates/w.md.j2", "Hello\n"),
            ],
        );
        assert_eq!(found.len(), 1);
        assert!(
            found[0].starts_with("17: this status update does not say what is going on, who"),
            "{found:?}"
        );
    }
}
