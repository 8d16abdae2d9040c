//! Templates: there, and sound for what they are used as.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::super::load::{Parts, is_hidden, shortened};
use super::{SETTINGS, Sink, choose};
use crate::diag::{Code, Finding, Related, Source, Span};
use crate::model::{TemplatePath, TextSource};
use crate::template::{ProblemKind, Template, TemplateKind, TemplateProblem};
use crate::yaml::Part;

/// What a text is, by the pointer of its key.
const KINDS: [(&str, TemplateKind); 6] = [
    ("/start/welcome", TemplateKind::Welcome),
    ("/start/overview", TemplateKind::Overview),
    ("/updates/template", TemplateKind::Update),
    ("/retrospective/template", TemplateKind::Retrospective),
    ("/templates/announcement", TemplateKind::Announcement),
    ("/templates/postmortem", TemplateKind::Postmortem),
];

/// A text that some file names, with the file and the pointer.
type Use<'a> = (&'a str, &'static str, &'a TextSource);

/// Y-17: a path leads to a template.
pub(super) fn templates_exist(sink: &mut Sink<'_>) {
    let known: Vec<&str> = sink
        .parts
        .templates
        .keys()
        .map(TemplatePath::as_str)
        .collect();
    for (file, pointer, text) in uses(sink) {
        let (path, message) = match text {
            TextSource::File(path) if is_hidden(path.as_str()) => (
                path.as_str(),
                format!(
                    "`{}` is hidden, and hidden files are no part of a workspace",
                    shortened(path.as_str())
                ),
            ),
            TextSource::File(path) if sink.parts.templates.contains_key(path) => continue,
            TextSource::File(path) => (
                path.as_str(),
                format!("there is no file `{}`", shortened(path.as_str())),
            ),
            // Everything that does not end in `.j2` is a text, and would be sent as it is.
            TextSource::Inline(text) if looks_like_a_path(text) => (
                text.trim(),
                format!(
                    "`{}` is a text and not a template: templates end in `.j2`",
                    text.trim()
                ),
            ),
            TextSource::Inline(_) => continue,
        };
        let finding = sink.at_value(Code::UnknownReference, file, pointer, message);
        sink.push(choose(finding, path, known.iter().copied(), |all| {
            format!("paths begin at the folder of `warroom.yaml`; there are: {all}")
        }));
    }
}

/// Says of templates that could not be read where they are named.
pub(in crate::workspace) fn tell_who_names(parts: &Parts, findings: &mut [Finding]) {
    /// More places say nothing new.
    const MOST: usize = 3;
    let sink = Sink {
        parts,
        findings: Vec::new(),
    };
    let uses = uses(&sink);
    for finding in findings {
        let name = finding.source.name();
        let places = uses.iter().filter(|(.., text)| match text.path() {
            Some(path) => shortened(path.as_str()) == name && parts.is_unusable(path),
            None => false,
        });
        for (file, pointer, _) in places.take(MOST).copied().collect::<Vec<_>>() {
            let (source, span) = sink.place(file, pointer, Part::Value);
            finding.related.push(Related {
                message: "it is named here".to_owned(),
                source,
                span,
            });
        }
    }
}

fn looks_like_a_path(text: &str) -> bool {
    let line = text.trim();
    line.starts_with("templates/") && !line.contains(char::is_whitespace)
}

/// T-01, T-02, T-03: syntax, and names that a template of its kind has.
pub(super) fn templates_are_sound(sink: &mut Sink<'_>) {
    let mut kinds: BTreeMap<&TemplatePath, BTreeSet<TemplateKind>> = BTreeMap::new();
    for (_, pointer, text) in uses(sink) {
        let kind = KINDS.iter().find(|(place, _)| *place == pointer);
        if let (Some(path), Some((_, kind))) = (text.path(), kind) {
            kinds.entry(path).or_default().insert(*kind);
        }
    }
    for (path, source) in &sink.parts.templates {
        let Some(source) = source else { continue };
        let problems = match Template::parse(path.as_str(), source.text()) {
            Err(problem) => vec![problem],
            Ok(template) => {
                let mut problems = Vec::new();
                for kind in kinds.get(path).into_iter().flatten() {
                    for problem in template.check(*kind) {
                        if !problems.contains(&problem) {
                            problems.push(problem);
                        }
                    }
                }
                problems
            }
        };
        for problem in problems {
            sink.findings.push(finding(source, problem));
        }
    }
}

fn finding(source: &Arc<Source>, problem: TemplateProblem) -> Finding {
    let code = match problem.what {
        ProblemKind::Syntax | ProblemKind::FrontMatter => Code::TemplateSyntax,
        ProblemKind::Undefined => Code::TemplateUndefined,
        ProblemKind::UnknownCall => Code::TemplateUnknownCall,
    };
    let span = source.first_line(Span::from(problem.range));
    let finding = Finding::new(code, source, span, problem.message);
    match problem.help {
        Some(help) if help.starts_with("did you mean") => finding.label(help),
        Some(help) => finding.help(help),
        None => finding,
    }
}

fn uses<'a>(sink: &Sink<'a>) -> Vec<Use<'a>> {
    let settings = sink.parts.settings.iter().flat_map(|settings| {
        let announcement = settings.templates.announcement.as_ref();
        let postmortem = settings.templates.postmortem.as_ref();
        [
            ("/templates/announcement", announcement),
            ("/templates/postmortem", postmortem),
        ]
        .into_iter()
        .filter_map(|(pointer, text)| Some((SETTINGS, pointer, text?)))
    });
    let playbooks = sink.playbooks().flat_map(|loaded| {
        let texts = loaded.playbook.texts();
        texts.map(|(pointer, text)| (loaded.path.as_str(), pointer, text))
    });
    settings.chain(playbooks).collect()
}
