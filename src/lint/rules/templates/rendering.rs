//! What a template becomes with the least and with the most that an incident can tell.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::super::words::whole_word;
use crate::diag::{Finding, Level, Span};
use crate::lint::scope::{Rendering, TemplateScope};
use crate::mattermost::limits::{MESSAGE, RETROSPECTIVE, RUN_SUMMARY};
use crate::template::{Fences, Printed, Sample, StaticWords, TemplateError, TemplateKind};
use crate::workspace::Placed;

/// How a value without words reads when something is done to it.
const GAPS: [&str; 5] = ["none", "None", "NONE", "undefined", "Undefined"];
/// How a mapping begins that is printed as it is, also in a list.
const DATA: &str = "{'";
/// Filters that make a word of a missing value.
const TEXT_FILTERS: [&str; 6] = ["capitalize", "join", "lower", "title", "trim", "upper"];

/// T-04.
pub(super) fn template_render(scope: &mut TemplateScope<'_>) {
    fails(scope);
    let mut told = BTreeSet::new();
    let printed = scope.template.contents().printed;
    for rendering in scope.renderings {
        let Ok(text) = &rendering.text else { continue };
        let data = data(scope, &printed, rendering.kind, text);
        let mut found: Vec<Finding> = data.into_iter().collect();
        if rendering.sample == Sample::Small {
            if found.is_empty() {
                found.extend(gap(scope, rendering, text));
            }
            found.extend(empty_headings(scope, rendering, text));
            found.extend(empty_labels(scope, rendering, text));
        }
        found.retain(|finding| told.insert(finding.message.clone()));
        for finding in found {
            scope.report(finding);
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
                let reason = format!("`{path}` has no value");
                (Span::from(range), reason)
            }
            _ => continue,
        };
        all.entry(stopped).or_default().insert(rendering.sample);
    }
    for ((span, reason), samples) in all {
        let (when, label) = match samples.first() {
            Some(Sample::Small) if samples.len() == 1 => (
                " when values are missing",
                "ask first whether there is a value, with `{% if … %}`",
            ),
            Some(Sample::Large) if samples.len() == 1 => {
                (" once every value is there", "it stops here")
            }
            _ => ("", "it stops here"),
        };
        let message = format!("this template cannot be rendered{when}: {reason}");
        let finding = scope.at(span, message).label(label);
        scope.report(finding.help(
            "nobody would get the message; an incident that has only begun may have no commander, no current stage and no next update",
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
            .help("people would take the word for an answer"),
    )
}

/// A mapping or a list that is printed as it is.
fn data(
    scope: &TemplateScope<'_>,
    printed: &[Printed],
    kind: TemplateKind,
    text: &str,
) -> Option<Finding> {
    // One that is only asked for, as in `tasks.current and …`, does not come so far.
    if !text.contains(DATA) {
        return None;
    }
    let (path, range, instead) = printed
        .iter()
        .find_map(|p| Some((&p.path, p.range.clone(), p.instead(kind)?)))?;
    let message = format!("the {} would print all of `{path}` as data", kind.name());
    let finding = scope.at(Span::from(range), message);
    let finding = finding.level(Level::Warning);
    Some(
        finding
            .label(format!("print what people need of it: {instead}"))
            .help("people would read braces and quotes, such as `{'key': …}`"),
    )
}

/// Labels such as `**Impact:**` after which something only stands while there is much to tell.
fn empty_labels(scope: &TemplateScope<'_>, small: &Rendering, text: &str) -> Vec<Finding> {
    let Some(large) = large_of(scope, small) else {
        return Vec::new();
    };
    let labels = |text| {
        let (bare, filled): (Vec<_>, Vec<_>) = outside_fences(text)
            .filter_map(label)
            .partition(|(_, rest)| rest.is_empty());
        let label = |all: Vec<(_, _)>| all.into_iter().map(|(label, _)| label).collect();
        (label(bare), label(filled))
    };
    let (empty, _): (BTreeSet<&str>, BTreeSet<&str>) = labels(text);
    let (still_empty, filled): (BTreeSet<&str>, BTreeSet<&str>) = labels(large);
    let is_gap = |label: &str| {
        empty.contains(label) && filled.contains(label) && !still_empty.contains(label)
    };
    let places = places_of_labels(scope.source.text(), scope.template.body_start());
    let gaps = places.filter(|(label, _)| is_gap(label));
    gaps.map(|(label, place)| {
        let message = format!(
            "nothing follows `{label}` in the {} when values are missing",
            small.kind.name()
        );
        let finding = scope.at(place, message).level(Level::Warning);
        finding
            .label("ask first whether there is something to tell: `{% if … %}`")
            .help("people read an empty label as a part that failed to arrive")
    })
    .collect()
}

/// What a line begins with up to a colon, and the rest of it.
fn label(line: &str) -> Option<(&str, &str)> {
    let line = line.trim();
    line.match_indices(':').find_map(|(at, _)| {
        let after = line[at + 1..].trim_start_matches(['*', '_']);
        let ends = after.is_empty() || after.starts_with([' ', '\t', '{']);
        let (label, _) = line.split_at(line.len() - after.len());
        ends.then_some((label, after.trim_start()))
    })
}

/// The labels of a template that a value follows, with their places.
fn places_of_labels(template: &str, body: usize) -> impl Iterator<Item = (&str, Span)> {
    let mut next = body;
    template[body..]
        .split_inclusive('\n')
        .filter_map(move |line| {
            let start = next;
            next += line.len();
            let indent = line.len() - line.trim_start().len();
            let (whole, _) = label(line).filter(|(_, rest)| rest.starts_with('{'))?;
            // Behind a tag at the beginning of the line.
            let label = whole.rsplit('}').next().unwrap_or(whole).trim_start();
            let end = start + indent + whole.len();
            (!label.is_empty()).then(|| (label, Span::new(end - label.len(), end)))
        })
}

/// Lines of a text that are no code.
fn outside_fences(text: &str) -> impl Iterator<Item = &str> {
    let mut fenced = false;
    text.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        !fenced && !fence
    })
}

/// The rendering of the same with much to tell; none of what waits for people to fill it in.
fn large_of<'s>(scope: &TemplateScope<'s>, small: &Rendering) -> Option<&'s str> {
    let waits = matches!(
        small.kind,
        TemplateKind::Retrospective | TemplateKind::Postmortem
    );
    let mut renderings = scope.renderings.iter().filter(|_| !waits);
    let large = renderings.find(|large| {
        (large.sample, large.kind, &large.playbook) == (Sample::Large, small.kind, &small.playbook)
    });
    large?.text.as_deref().ok()
}

/// Headings under which something only stands while there is much to tell.
fn empty_headings(scope: &TemplateScope<'_>, small: &Rendering, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(large) = large_of(scope, small) {
        let filled = bare_headings(large);
        for heading in bare_headings(text) {
            let has_body = large.lines().any(|line| line == heading) && !filled.contains(&heading);
            let Some(place) = place_of(scope.source.text(), heading).filter(|_| has_body) else {
                continue;
            };
            let message = format!(
                "nothing follows `{heading}` in the {} when values are missing",
                small.kind.name()
            );
            let finding = scope.at(place, message).level(Level::Warning);
            findings.push(
                finding
                    .label("put the heading into the `{% if … %}` of what follows it")
                    .help("people take an empty heading for a part that failed to arrive"),
            );
        }
    }
    findings
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
    let mut fences = Fences::default();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let found = if fences.holds(line) { None } else { rank(line) };
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
            format!("the {name} {words} {length} characters, and Mattermost takes at most {limit}");
        let finding = scope.at(scope.body(), message).level(level);
        let finding = finding.label("shorten it").help(
            "a message that is too long is not sent at all; print counts instead of lists, and link to the rest",
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
    let finding = finding
        .label("loop over fewer things, and do not put loops into loops")
        .help(
            "nobody would get the message; the limits keep a template from holding up an incident",
        );
    scope.report(finding);
}
