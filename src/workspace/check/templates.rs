//! Templates: there, and sound for what they are used as.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::super::survey::{TemplateText, is_hidden};
use super::super::text::shortened;
use super::super::{SETTINGS, TEMPLATES};
use super::{File, Outline, Placed, Surroundings, choose};
use crate::diag::{Code, Finding, Related, Source, Span};
use crate::model::{Settings, TemplatePath, TextSource};
use crate::template::{ProblemKind, Template, TemplateKind, TemplateProblem};
use crate::yaml::Part;

/// Y-17: a path of a playbook leads to a template.
pub(super) fn templates_exist(file: &mut File<'_>) {
    for (pointer, text) in file.playbook.texts() {
        let found = missing(file.around, file.tree, pointer, text);
        file.findings.extend(found);
    }
}

/// Y-17: the same for `warroom.yaml`.
pub(super) fn templates_of_the_settings_exist(
    around: &Surroundings<'_>,
    findings: &mut Vec<Finding>,
) {
    let document = around.document(SETTINGS);
    for (pointer, text) in around.settings.iter().flat_map(Settings::texts) {
        findings.extend(missing(around, &document, pointer, text));
    }
}

fn missing(
    around: &Surroundings<'_>,
    document: &impl Placed,
    pointer: &str,
    text: &TextSource,
) -> Option<Finding> {
    let (path, message) = match text {
        TextSource::File(path) if is_hidden(path.as_str()) => (
            path.as_str(),
            format!(
                "`{}` is hidden, and hidden files are not part of a workspace",
                shortened(path.as_str())
            ),
        ),
        TextSource::File(path) => match around.template(path) {
            TemplateText::Absent => (
                path.as_str(),
                format!("there is no file `{}`", shortened(path.as_str())),
            ),
            _ => return None,
        },
        // Everything that does not end in `.j2` is a text, and would be sent as it is.
        TextSource::Inline(text) if looks_like_a_path(text) => (
            text.trim(),
            format!(
                "`{}` is not a template: the name of a template ends in `.j2`",
                text.trim()
            ),
        ),
        TextSource::Inline(_) => return None,
    };
    let templates = around.templates();
    let in_the_folder = |path: &&str| path.split('/').next() == Some(TEMPLATES);
    let there = templates
        .iter()
        .filter(|(_, text)| !matches!(text, TemplateText::Absent));
    let known = there.map(|(path, _)| path.as_str()).filter(in_the_folder);
    let finding = document.at_value(Code::UnknownReference, pointer, message);
    Some(choose(finding, ("", path), known, |all| {
        format!("paths start at the folder of `warroom.yaml`; its templates are {all}")
    }))
}

fn looks_like_a_path(text: &str) -> bool {
    let line = text.trim();
    line.starts_with("templates/") && !line.contains(char::is_whitespace)
}

/// Y-02, Y-03, Y-18, Y-19: a template is a text within limits; also says who names it.
pub(super) fn templates_can_be_read(
    around: &Surroundings<'_>,
    outlines: &[&Outline],
    findings: &mut Vec<Finding>,
) {
    /// More places say nothing new.
    const MOST: usize = 3;
    let templates = around.templates().clone();
    for (path, text) in templates {
        let TemplateText::Unusable(finding) = text else {
            continue;
        };
        let mut finding = *finding;
        let places = uses(around, outlines).filter(|(_, _, named)| **named == path);
        for (file, pointer, _) in places.take(MOST) {
            let document = around.document(file);
            finding.related.push(Related {
                message: "it is named here".to_owned(),
                source: Arc::clone(document.source()),
                span: document.place(pointer, Part::Value),
            });
        }
        findings.push(finding);
    }
}

/// T-01, T-02, T-03: syntax, and names that a template of its kind has.
pub(super) fn templates_are_sound(
    around: &Surroundings<'_>,
    outlines: &[&Outline],
    findings: &mut Vec<Finding>,
) {
    let mut kinds: BTreeMap<&TemplatePath, BTreeSet<TemplateKind>> = BTreeMap::new();
    for (_, pointer, path) in uses(around, outlines) {
        if let Some(kind) = TemplateKind::of_pointer(pointer) {
            kinds.entry(path).or_default().insert(kind);
        }
    }
    for (path, source) in around.template_sources() {
        let problems = match Template::parse(path.as_str(), source.text()) {
            Err(problem) => vec![problem],
            Ok(template) => {
                let mut problems = Vec::new();
                for kind in kinds.get(&path).into_iter().flatten() {
                    for problem in template.check(*kind) {
                        if !problems.contains(&problem) {
                            problems.push(problem);
                        }
                    }
                }
                problems
            }
        };
        findings.extend(problems.into_iter().map(|p| of_problem(&source, p)));
    }
}

fn of_problem(source: &Arc<Source>, problem: TemplateProblem) -> Finding {
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

/// Every template that some file names, with the file and the pointer.
fn uses<'a>(
    around: &'a Surroundings<'_>,
    outlines: &'a [&Outline],
) -> impl Iterator<Item = (&'a str, &'static str, &'a TemplatePath)> {
    let settings = around.settings.iter().flat_map(Settings::texts);
    let settings = settings.filter_map(|(pointer, text)| Some((SETTINGS, pointer, text.path()?)));
    let playbooks = outlines.iter().flat_map(|outline| {
        let texts = outline.texts.iter();
        texts.map(|(pointer, path)| (outline.path.as_str(), *pointer, path))
    });
    settings.chain(playbooks)
}
