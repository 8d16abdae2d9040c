//! What leaves Mattermost for git, and what the post-mortem asks.

use crate::diag::{Finding, Span};
use crate::lint::around::Around;
use crate::lint::scope::{Scope, SettingsScope, TemplateScope};
use crate::model::{ChannelVisibility, Key};
use crate::template::TemplateKind;
use crate::workspace::{PERMISSIONS, Placed};
use crate::yaml::Part;

/// V-01.
pub(super) fn transcript_policy(scope: &mut SettingsScope<'_>) {
    let export = &scope.around.settings.export;
    for setting in export.not_yet_supported() {
        let finding = match (setting, private_profile(scope.around)) {
            ("transcript", Some(profile)) => of_private_incidents(scope, profile),
            ("transcript", None) => not_yet(scope, setting, export.transcript.as_str(), "none"),
            _ => not_yet(scope, setting, "pseudonyms", "usernames"),
        };
        scope.report(finding);
    }
}

/// The first profile that lets private incidents into git, where the workspace does so too.
fn private_profile<'a>(around: &'a Around<'_>) -> Option<&'a Key> {
    let mut profiles = around.permissions.profiles.iter();
    let (name, _) = profiles.find(|(_, profile)| {
        profile.incident.channel == ChannelVisibility::Private && profile.incident.export
    })?;
    around.settings.export.private_incidents.then_some(name)
}

fn of_private_incidents(scope: &SettingsScope<'_>, profile: &Key) -> Finding {
    let word = scope.around.settings.export.transcript.as_str();
    let message =
        format!("`transcript: {word}` also exports the conversations of private incidents to git");
    let permissions = scope.around.document(PERMISSIONS);
    let span = permissions.place(&format!("/profiles/{profile}/incident/export"), Part::Value);
    scope
        .at_value("/export/transcript", message)
        .related(permissions.source(), span, "this profile exports its private incidents")
        .label("write `none`, or remove `private_incidents: true`")
        .help("people wrote in a private channel for its members only; git keeps it, for everybody who can read the repository")
}

fn not_yet(scope: &SettingsScope<'_>, setting: &str, written: &str, instead: &str) -> Finding {
    let message = format!("`{setting}: {written}` is not yet supported by `run export`");
    scope
        .at_value(&format!("/export/{setting}"), message)
        .label(format!("write `{instead}`"))
        .help(LATE)
}

/// V-07.
pub(super) fn export_path(scope: &mut SettingsScope<'_>) {
    let Err(problem) = scope.around.settings.export.folder() else {
        return;
    };
    let finding = scope.at_value("/export/path", problem.to_string());
    let finding = finding.label("choose a folder such as `incidents`");
    scope.report(finding.help(LATE));
}

/// Why these are told now.
const LATE: &str = "the export refuses it at the end of an incident, when nobody has time for it";

/// Parts of words that show what a post-mortem asks for, English and German.
const OWNER: [&str; 6] = [
    "owner",
    "verantwortlich",
    "zuständig",
    "zustaendig",
    "eigentümer",
    "eigentuemer",
];
const CAUSES: [&str; 6] = [
    "contributing",
    "factors",
    "causes",
    "faktoren",
    "ursachen",
    "beigetragen",
];
const SINGLE_CAUSE: [&str; 4] = ["root cause", "grundursache", "hauptursache", "ursache"];
const ACTIONS: [&str; 9] = [
    "action",
    "follow-up",
    "next steps",
    "maßnahme",
    "massnahme",
    "nächste schritte",
    "naechste schritte",
    "folgearbeit",
    "aufgaben",
];

/// V-04.
pub(super) fn postmortem_sections(scope: &mut TemplateScope<'_>) {
    if !scope.kinds.contains(&TemplateKind::Postmortem) {
        return;
    }
    let text = scope.source.text();
    let lower = text.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    let causes = has(&CAUSES);
    let single = SINGLE_CAUSE.iter();
    let single = single.filter_map(|word| Some((lower.find(word)?, word.len())));
    let single = single.min();
    if let Some((at, length)) = single.filter(|_| !causes && lower.len() == text.len()) {
        let span = Span::new(at, at + length);
        let finding = scope.at(span, "this asks for a single root cause only");
        let finding = finding
            .label("ask for contributing factors")
            .help("an outage has several conditions that came together; whoever looks for a single one stops at the first, and often at a person");
        scope.report(finding);
    }
    let missing = [
        (has(&OWNER), "an owner"),
        (causes || single.is_some(), "contributing factors"),
        (has(&ACTIONS), "action items"),
    ];
    let missing: Vec<&str> = missing
        .iter()
        .filter(|(has, _)| !has)
        .map(|(_, what)| *what)
        .collect();
    if missing.is_empty() {
        return;
    }
    let message = format!("the post-mortem does not ask for {}", missing.join(" or "));
    let finding = scope.at(scope.body(), message);
    let finding = finding
        .label("add a heading or a line for what is missing")
        .help("a post-mortem that nobody owns and nobody acts on changes nothing");
    scope.report(finding);
}
