//! What a template becomes with the least and with the most that an incident can tell.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::super::words::whole_word;
use crate::diag::{Finding, Level, Span};
use crate::lint::scope::{Rendering, TemplateScope};
use crate::mattermost::limits::{MESSAGE, RETROSPECTIVE, RUN_SUMMARY};
use crate::template::{Sample, StaticWords, TemplateError, TemplateKind};
use crate::workspace::Placed;

/// How a value without words reads when something is done to it.
const GAPS: [&str; 5] = ["none", "None", "NONE", "undefined", "Undefined"];
/// Filters that make a word of a missing value.
const TEXT_FILTERS: [&str; 6] = ["capitalize", "join", "lower", "title", "trim", "upper"];

/// T-04.
pub(super) fn template_render(scope: &mut TemplateScope<'_>) {
    fails(scope);
    let mut told = BTreeSet::new();
    for small in scope.renderings {
        let Ok(text) = &small.text else { continue };
        if small.sample != Sample::Small {
            continue;
        }
        let found = gap(scope, small, text).into_iter();
        for finding in found.chain(empty_headings(scope, small, text)) {
            if told.insert(finding.message.clone()) {
                scope.report(finding);
            }
        }
    }
}

/// Renderings that stopped in a line.
fn fails(scope: &mut TemplateScope<'_>) {
    let mut all: BTreeMap<(Span, String), BTreeSet<Sample>> = BTreeMap::new();
    for rendering in sound(scope) {
        let stopped = match &rendering.text {
            Err(TemplateError::Failed { line, reason, .. }) => {
                (line_of(scope, *line), reason.clone())
            }
            Err(TemplateError::Problem { problem, .. }) => {
                let range = whole_path(scope.source.text(), problem.range.clone());
                let path = scope.source.text().get(range.clone()).unwrap_or_default();
                let reason = format!("there is no `{path}` then");
                (Span::from(range), reason)
            }
            _ => continue,
        };
        all.entry(stopped).or_default().insert(rendering.sample);
    }
    for ((span, reason), samples) in all {
        let (when, label) = match samples.first() {
            Some(Sample::Small) if samples.len() == 1 => (
                " while there is little to tell",
                "ask first whether there is a value: `{% if … %}`",
            ),
            Some(Sample::Large) if samples.len() == 1 => {
                (" once every value is there", "it stops here")
            }
            _ => ("", "it stops here"),
        };
        let message = format!("this template cannot be rendered{when}: {reason}");
        let finding = scope.at(span, message).label(label);
        scope.report(finding.help(
            "nobody would get the message; at its beginning an incident may have no commander, no current stage and no next update",
        ));
    }
}

/// The engine marks the end of a path; this is all of it.
fn whole_path(text: &str, range: Range<usize>) -> Range<usize> {
    let before = text.get(..range.start).unwrap_or_default();
    let in_path = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '[' | ']' | '"' | '\'');
    before.trim_end_matches(in_path).len()..range.end
}

/// The renderings that only fail where `validate` has nothing to say.
fn sound<'s>(scope: &TemplateScope<'s>) -> impl Iterator<Item = &'s Rendering> {
    let kinds = scope.kinds.iter().copied();
    let template = scope.template;
    let sound: BTreeSet<TemplateKind> = kinds.filter(|k| template.check(*k).is_empty()).collect();
    let renderings = scope.renderings.iter();
    renderings.filter(move |rendering| sound.contains(&rendering.kind))
}

fn line_of(scope: &TemplateScope<'_>, line: usize) -> Span {
    let starts = scope.source.line_starts();
    let start = starts.get(line.saturating_sub(1)).copied();
    let start = start.unwrap_or_default() as usize;
    let text = &scope.source.text()[start..];
    let blanks = text.len() - text.trim_start_matches([' ', '\t']).len();
    let end = text.find(['\n', '\r']).unwrap_or(text.len());
    Span::new(start + blanks.min(end), start + end)
}

/// A word that says that there is no value, where nobody wrote that word.
fn gap(scope: &TemplateScope<'_>, small: &Rendering, text: &str) -> Option<Finding> {
    let word = &text[whole_word(text, &GAPS)?];
    let contents = scope.template.contents();
    let settings = scope.around.settings;
    let inputs = scope.template.inputs().iter();
    let written = contents.texts.iter().map(String::as_str);
    let written = written.chain(inputs.filter_map(|input| input.default.as_deref()));
    let severities = settings.severities.iter();
    let written = written.chain(severities.flat_map(|s| [s.title.as_str(), s.means.as_str()]));
    let mut written = written.chain(settings.statuses.iter().map(|s| s.title.as_str()));
    let playbook = scope.around.document(&small.playbook);
    let says = |text: &str| whole_word(text, &[word]).is_some();
    if written.any(says) || says(playbook.source().text()) {
        return None;
    }
    let made = contents.printed.iter().find(|p| {
        let shown = scope.source.text().get(p.range.clone()).unwrap_or_default();
        p.went_through(&TEXT_FILTERS) || shown.contains(['~', '+'])
    });
    let span = made.map_or_else(|| scope.body(), |p| Span::from(p.range.clone()));
    let message = format!(
        "the {} would say `{word}` while there is no value",
        small.kind.name()
    );
    let finding = scope.at(span, message).level(Level::Warning);
    Some(
        finding
            .label("print something else then: `| default(\"…\")`, or `{% if … %}`")
            .help("people take the word for an answer"),
    )
}

/// Headings under which something only stands while there is much to tell.
fn empty_headings(
    scope: &TemplateScope<'_>,
    small: &Rendering,
    text: &str,
) -> impl Iterator<Item = Finding> + use<> {
    let mut findings = Vec::new();
    let may = matches!(
        small.kind,
        TemplateKind::Retrospective | TemplateKind::Postmortem
    );
    let mut renderings = scope.renderings.iter();
    let large = renderings.find(|large| {
        (large.sample, large.kind, &large.playbook) == (Sample::Large, small.kind, &small.playbook)
    });
    if let Some(Ok(large)) = large.map(|large| &large.text)
        && !may
    {
        let filled = bare_headings(large);
        for heading in bare_headings(text) {
            let has_body = large.lines().any(|line| line == heading) && !filled.contains(&heading);
            let Some(place) = place_of(scope.source.text(), heading).filter(|_| has_body) else {
                continue;
            };
            let message = format!(
                "nothing stands under `{heading}` while there is little to tell in the {}",
                small.kind.name()
            );
            let finding = scope.at(place, message).level(Level::Warning);
            findings.push(
                finding
                    .label("put the heading into the `{% if … %}` of what follows it")
                    .help("people read an empty heading as a part that failed to arrive"),
            );
        }
    }
    findings.into_iter()
}

/// Where a heading stands in a template; none where tasks follow, which every incident has.
fn place_of(template: &str, heading: &str) -> Option<Span> {
    let at = template.find(heading)?;
    let end = at + heading.len();
    let below = &template[end..];
    let next = below.find("\n#").unwrap_or(below.len());
    (!below[..next].contains("tasks.")).then(|| Span::new(at, end))
}

/// Headings that the end or another heading of the same rank follows.
fn bare_headings(text: &str) -> Vec<&str> {
    let rank = |line: &str| {
        let signs = line.len() - line.trim_start_matches('#').len();
        let is_heading = (1..=6).contains(&signs) && line[signs..].starts_with(' ');
        is_heading.then_some(signs)
    };
    let mut bare = Vec::new();
    let mut open: Option<(&str, usize)> = None;
    let mut fenced = false;
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let fence = line.trim_start().starts_with("```");
        let found = if fenced || fence { None } else { rank(line) };
        fenced ^= fence;
        if let (Some((heading, above)), Some(below)) = (open, found)
            && below <= above
        {
            bare.push(heading);
        }
        open = found.map(|rank| (line, rank));
    }
    bare.extend(open.map(|(heading, _)| heading));
    bare
}

/// T-05.
pub(super) fn template_length(scope: &mut TemplateScope<'_>) {
    for kind in scope.kinds.iter().copied() {
        let limit = match kind {
            TemplateKind::Update | TemplateKind::Announcement | TemplateKind::Welcome => MESSAGE,
            TemplateKind::Retrospective => RETROSPECTIVE,
            // Warroom shortens what it puts there itself.
            TemplateKind::Overview => RUN_SUMMARY,
            // It goes into git.
            TemplateKind::Postmortem => continue,
        };
        let fixed = scope.template.static_text(kind, &StaticWords::default());
        let fixed = fixed.map_or(0, |text| text.chars().count());
        let longest = |sample: Sample| {
            let all = scope.renderings.iter();
            let all = all.filter(|r| r.kind == kind && r.sample == sample);
            let all = all.filter_map(|r| r.text.as_ref().ok());
            all.map(|text| text.chars().count()).max().unwrap_or(0)
        };
        let (at_least, at_most) = match kind {
            TemplateKind::Overview => (fixed, fixed),
            _ => (longest(Sample::Small), longest(Sample::Large)),
        };
        let name = kind.name();
        let (words, length, level) = if at_least > limit {
            ("has at least", at_least, Level::Error)
        } else if at_most > limit {
            ("can have", at_most, Level::Warning)
        } else {
            continue;
        };
        let message =
            format!("the {name} {words} {length} characters, and Mattermost takes {limit}");
        let finding = scope.at(scope.body(), message).level(level);
        let finding = finding.label("say it in fewer words").help(
            "what is too long is not sent at all; print counts instead of lists, and link to the rest",
        );
        scope.report(finding);
    }
}

/// T-10.
pub(super) fn template_unbounded(scope: &mut TemplateScope<'_>) {
    let mut renderings = scope.renderings.iter();
    let limit = renderings.find_map(|rendering| match &rendering.text {
        Err(TemplateError::TooMuchWork { limit, .. }) => {
            Some(format!("takes more than {limit} steps"))
        }
        Err(TemplateError::TooLong { limit, .. }) => {
            Some(format!("writes more than {limit} bytes"))
        }
        _ => None,
    });
    let Some(limit) = limit else { return };
    let text = scope.source.text();
    let at = text.find("{% for").or_else(|| text.find("{%- for"));
    let span = at.map_or_else(|| scope.body(), |at| Span::new(at, text.len()));
    let finding = scope.at(span, format!("this template {limit}, and is stopped"));
    let finding = finding.label("loop over less, and not in loops").help(
        "nobody would get the message; the limits keep a template from holding up an incident",
    );
    scope.report(finding);
}
