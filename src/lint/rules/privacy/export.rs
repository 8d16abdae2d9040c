//! What leaves Mattermost for git, and what the post-mortem asks.

use crate::diag::Span;
use crate::lint::scope::{Scope, SettingsScope, TemplateScope};
use crate::model::{ChannelVisibility, Transcript};
use crate::template::TemplateKind;
use crate::workspace::{PERMISSIONS, PLAYBOOKS, Placed, TEMPLATES};
use crate::yaml::Part;

/// V-01.
pub(super) fn transcript_policy(scope: &mut SettingsScope<'_>) {
    let export = &scope.around.settings.export;
    let word = match export.transcript {
        Transcript::None => return,
        Transcript::Highlights => "highlights",
        Transcript::Updates => "updates",
        Transcript::Full => "full",
    };
    if !export.private_incidents {
        return;
    }
    let mut profiles = scope.around.permissions.profiles.iter();
    let private = profiles.find(|(_, profile)| {
        profile.incident.channel == ChannelVisibility::Private && profile.incident.export
    });
    let Some((name, _)) = private else { return };
    let message =
        format!("`transcript: {word}` also takes the conversation of private incidents into git");
    let permissions = scope.around.document(PERMISSIONS);
    let span = permissions.place(&format!("/profiles/{name}/incident/export"), Part::Value);
    let finding = scope
        .at_value("/export/transcript", message)
        .related(permissions.source(), span, "this profile lets its private incidents out")
        .label("write `none`, or keep private incidents in Mattermost")
        .help("whoever wrote in the private channel counted on its members; git does not forget, and shows everybody all of it");
    scope.report(finding);
}

/// V-07.
pub(super) fn export_path(scope: &mut SettingsScope<'_>) {
    let path = scope.around.settings.export.path.trim_end_matches('/');
    let first = path.split('/').next().unwrap_or_default();
    let ours = [PLAYBOOKS, TEMPLATES];
    let refused = |c: char| c.is_control() || "\\:~*?\"<>|".contains(c);
    let message = if let Some(ours) = ours.iter().find(|ours| first.eq_ignore_ascii_case(ours)) {
        format!("incidents would be written into `{ours}/`, which warroom reads")
    } else if path.contains(refused) {
        "the folder of the export has a character that not every system can have in a name"
            .to_owned()
    } else if path
        .split('/')
        .any(|part| part.ends_with(['.', ' ']) || part.starts_with(' '))
    {
        "the folder of the export begins or ends with a blank, or ends with a dot".to_owned()
    } else {
        return;
    };
    let finding = scope.at_value("/export/path", message);
    let finding = finding.label("choose a folder such as `incidents`").help(
        "the export refuses this folder at the end of an incident, when nobody has time for it",
    );
    scope.report(finding);
}

/// V-04.
pub(super) fn postmortem_sections(scope: &mut TemplateScope<'_>) {
    if !scope.kinds.contains(&TemplateKind::Postmortem) {
        return;
    }
    let text = scope.source.text();
    let lower = text.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    let causes = has(&["contributing", "factors", "causes"]);
    if let Some(at) = lower
        .find("root cause")
        .filter(|_| !causes && lower.len() == text.len())
    {
        let span = Span::new(at, at + "root cause".len());
        let finding = scope.at(span, "this asks for a single root cause only");
        let finding = finding
            .label("ask for contributing factors")
            .help("an outage has several conditions that came together; whoever looks for one stops at the first, and often at a person");
        scope.report(finding);
    }
    let asks_for_causes = causes || has(&["root cause"]);
    let missing = [
        (has(&["owner"]), "an owner"),
        (asks_for_causes, "contributing factors"),
        (has(&["action", "follow-up", "next steps"]), "action items"),
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
        .label("add a heading or a line for each")
        .help("a post-mortem that nobody owns and nobody acts on changes nothing");
    scope.report(finding);
}
