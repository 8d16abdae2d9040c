//! All rules over a workspace: first each file on its own, then all together.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use jiff::civil::Date;

use super::allow::{self, Allowances};
use super::around::{Around, Cache};
use super::before::Before;
use super::kept::Kept;
use super::levels::{self, Set};
use super::rule::{Check, Rule};
use super::rules;
use super::scope::{
    ChangeScope, FileScope, PlaybookScope, Rendering, SettingsScope, TemplateScope, WorkspaceScope,
};
use crate::diag::{Code, Finding};
use crate::model::{Playbook, Settings, TemplatePath};
use crate::schema::Kind;
use crate::template::{self, Sample, Template, TemplateKind};
use crate::workspace::{
    self, Change, Document, Files, Memo, PERMISSIONS, Placed, SETTINGS, Survey, Visited,
    WorkspaceError,
};
use crate::yaml;

/// What linting found.
#[derive(Debug)]
pub struct Linted {
    /// Everything that is wrong, sorted by file and place.
    pub findings: Vec<Finding>,
    /// How many files were read.
    pub files: usize,
    /// Rules of which something needs a server, and was not checked.
    pub not_checked: Vec<Code>,
    /// Rules of which something needs an earlier commit, and was not checked.
    pub not_compared: Vec<Code>,
}

/// Validates a workspace and runs every rule over it: those about a change, where it is
/// known what was `before`; `today` is the day of the check.
///
/// # Errors
/// As [`workspace::survey`].
pub fn run(
    files: &dyn Files,
    before: Option<&Before>,
    today: Date,
) -> Result<Linted, WorkspaceError> {
    linted(files, before, today, None)
}

/// What stays from one run to the next; begins empty.
#[derive(Debug, Default)]
pub struct Memory {
    memo: Memo<Kept>,
    /// The day for which it holds.
    day: Option<Date>,
}

impl Memory {
    /// As [`Memo::changes`].
    pub fn changes(&mut self) -> Vec<Change> {
        self.memo.changes()
    }

    /// As [`Memo::beside`].
    #[must_use]
    pub fn beside(&self) -> BTreeSet<String> {
        self.memo.beside()
    }
}

/// As [`run`], and looks only at playbooks that changed since the last time, or all of
/// them when something beside them did; `before` must be the same each time.
///
/// # Errors
/// As [`workspace::survey`].
pub fn run_again(
    files: &dyn Files,
    before: Option<&Before>,
    today: Date,
    memory: &mut Memory,
) -> Result<Linted, WorkspaceError> {
    if memory.day.replace(today) != Some(today) {
        memory.memo.forget();
    }
    linted(files, before, today, Some(&mut memory.memo))
}

fn linted(
    files: &dyn Files,
    before: Option<&Before>,
    today: Date,
    memo: Option<&mut Memo<Kept>>,
) -> Result<Linted, WorkspaceError> {
    let cache = Cache::default();
    let active = OnceLock::new();
    let survey = workspace::survey(files, memo, |surroundings, tree, playbook| {
        let mut outline = Kept::of(&playbook);
        if let Some(around) = Around::new(surroundings, &cache, today) {
            let active = active.get_or_init(|| Active::of(around.settings, before));
            outline.findings = active.playbook(&around, tree, &playbook);
            outline.allowances = allow::of_yaml(tree.source(), tree.root());
        }
        outline
    })?;
    let Survey {
        around: surroundings,
        playbooks,
        findings: mut structure,
        files,
        not_understood,
    } = survey;
    if let Some(around) = Around::new(&surroundings, &cache, today) {
        let active = active.get_or_init(|| Active::of(around.settings, before));
        let sources = surroundings.template_sources();
        let together = Together {
            playbooks,
            not_understood,
            before,
        };
        structure.extend(active.rest(&around, together, &sources));
    }
    let online = |rule: &&Rule| rule.checks.iter().any(|c| matches!(c, Check::Online(_)));
    let codes = |rules: &mut dyn Iterator<Item = &'static Rule>| rules.map(|r| r.code).collect();
    Ok(Linted {
        findings: workspace::told(structure),
        files,
        not_checked: codes(&mut rules::all().filter(online)),
        not_compared: match before {
            Some(_) => Vec::new(),
            None => codes(&mut rules::all().filter(|rule| rule.compares())),
        },
    })
}

/// What the rules about everything see.
struct Together<'b> {
    playbooks: Vec<Visited<Kept>>,
    not_understood: usize,
    before: Option<&'b Before>,
}

/// The rules that a workspace wants to have checked.
struct Active {
    rules: Vec<(&'static Rule, Set)>,
}

impl Active {
    /// Rules about changes have the levels from before the change: whoever makes it must
    /// not switch them off with it.
    fn of(settings: &Settings, before: Option<&Before>) -> Self {
        let set = |rule: &'static Rule| match before.filter(|_| rule.compares()) {
            None => (rule, levels::of(settings, rule.code)),
            Some(before) => {
                let then = before.settings.as_ref();
                let set = then.map_or(Set::Usual, |then| levels::of(then, rule.code));
                (rule, set)
            }
        };
        let rules = rules::all().map(set);
        Self {
            rules: rules.filter(|(_, set)| *set != Set::Off).collect(),
        }
    }

    /// Every check of every rule, with its code.
    fn checks(&self) -> impl Iterator<Item = (Code, &'static Check)> {
        let rules = self.rules.iter();
        rules.flat_map(|(rule, _)| rule.checks.iter().map(|check| (rule.code, check)))
    }

    /// Whether a rule runs, so that an allowance of it can be of use; one about a change is
    /// of use only while that change is new.
    fn ran(&self, code: Code) -> bool {
        let mut rules = self.rules.iter().map(|(rule, _)| rule);
        rules.any(|rule| rule.code == code && rule.is_offline() && !rule.is_about_changes())
    }

    /// The rules about one playbook.
    fn playbook(
        &self,
        around: &Around<'_>,
        file: &workspace::Tree<'_>,
        playbook: &Playbook,
    ) -> Vec<Finding> {
        let mut found = Vec::new();
        let findings = &mut found;
        for (code, check) in self.checks() {
            match check {
                Check::Playbook(check) => check(&mut PlaybookScope {
                    around,
                    playbook,
                    file,
                    code,
                    findings,
                }),
                Check::File(check) => check(&mut FileScope {
                    file,
                    code,
                    findings,
                }),
                _ => {}
            }
        }
        found
    }

    /// The rules about everything else, with what the playbooks kept; excused findings are left out.
    fn rest(
        &self,
        around: &Around<'_>,
        together: Together<'_>,
        sources: &BTreeMap<TemplatePath, Arc<crate::diag::Source>>,
    ) -> Vec<Finding> {
        let Together {
            mut playbooks,
            not_understood,
            before,
        } = together;
        let mut findings = Vec::new();
        let mut allowances = Vec::new();
        for visited in &mut playbooks {
            findings.append(&mut visited.kept.findings);
            allowances.extend(visited.kept.allowances.take());
        }
        for (path, kind) in [
            (SETTINGS, Kind::Workspace),
            (PERMISSIONS, Kind::Permissions),
        ] {
            self.whole_file(around, path, kind, &mut findings, &mut allowances);
        }
        let outlines: Vec<_> = playbooks.iter().map(|v| (&v.outline, &v.kept)).collect();
        for (code, check) in self.checks() {
            match (check, before) {
                (Check::Workspace(check), _) => check(&mut WorkspaceScope {
                    around,
                    playbooks: &outlines,
                    not_understood,
                    code,
                    findings: &mut findings,
                }),
                (Check::Change(check), Some(before)) => check(&mut ChangeScope {
                    around,
                    playbooks: &outlines,
                    before,
                    code,
                    findings: &mut findings,
                }),
                _ => {}
            }
        }
        for (path, uses) in uses(around, &outlines) {
            let (Some(source), Some(template)) = (sources.get(&path), around.template(&path))
            else {
                continue;
            };
            allowances.extend(allow::of_template(source));
            let kinds: BTreeSet<TemplateKind> = uses.keys().copied().collect();
            let renderings = renderings(around, &template, &uses);
            for (code, check) in self.checks() {
                if let Check::Template(check) = check {
                    check(&mut TemplateScope {
                        around,
                        source,
                        template: &template,
                        kinds: &kinds,
                        renderings: &renderings,
                        code,
                        findings: &mut findings,
                    });
                }
            }
        }
        self.judge(findings, allowances, before)
    }

    /// The rules about `warroom.yaml` and `permissions.yaml`.
    fn whole_file(
        &self,
        around: &Around<'_>,
        path: &str,
        kind: Kind,
        findings: &mut Vec<Finding>,
        allowances: &mut Vec<Allowances>,
    ) {
        let file: &Document = &around.document(path);
        let source = file.source();
        let Some(root) = yaml::read(source).root else {
            return;
        };
        let tree = &workspace::Tree::new(source, &root);
        for (code, check) in self.checks() {
            match (check, kind) {
                (Check::File(check), _) => check(&mut FileScope {
                    file: tree,
                    code,
                    findings,
                }),
                (Check::Settings(check), Kind::Workspace) => check(&mut SettingsScope {
                    around,
                    file,
                    code,
                    findings,
                }),
                _ => {}
            }
        }
        if kind == Kind::Workspace {
            findings.extend(levels::check(around.settings, file));
        }
        allowances.extend(allow::of_yaml(source, &root));
    }

    /// Leaves out what is excused, and gives the rest the levels that the workspace wants.
    fn judge(
        &self,
        findings: Vec<Finding>,
        allowances: Vec<Allowances>,
        before: Option<&Before>,
    ) -> Vec<Finding> {
        let mut excuses: BTreeMap<String, Allowances> = BTreeMap::new();
        for mut allowances in allowances {
            if let Some(granted) = before.and_then(|before| before.granted(allowances.file())) {
                allowances.outlive(granted);
            }
            excuses.insert(allowances.file().to_owned(), allowances);
        }
        let mut judged = Vec::new();
        for finding in findings {
            let excuse = excuses.get_mut(finding.source.name());
            if excuse.is_some_and(|excuse| excuse.excuse(&finding)) {
                continue;
            }
            let mut rules = self.rules.iter();
            let set = rules.find(|(rule, _)| rule.code == finding.code);
            judged.push(match set {
                Some((_, Set::To(level))) => finding.level(*level),
                _ => finding,
            });
        }
        for (_, allowances) in excuses {
            judged.extend(allowances.finish(|code| self.ran(code)));
        }
        judged
    }
}

/// For a template and what it is used as, the playbooks to try it with.
type Uses = BTreeMap<TemplateKind, BTreeSet<String>>;

/// Every template that somebody names; of the playbooks with the same attributes, only
/// the one with the most to say is tried.
fn uses(
    around: &Around<'_>,
    playbooks: &[(&workspace::Outline, &Kept)],
) -> BTreeMap<TemplatePath, Uses> {
    type Group<'a> = (&'a TemplatePath, TemplateKind, &'a [crate::model::Key]);
    let mut groups: BTreeMap<Group<'_>, &(&workspace::Outline, &Kept)> = BTreeMap::new();
    let settings: Vec<_> = around
        .settings
        .texts()
        .filter_map(|(pointer, text)| Some((pointer, text.path()?)))
        .collect();
    let mut all: BTreeMap<TemplatePath, Uses> = BTreeMap::new();
    for (pointer, path) in &settings {
        let uses = all.entry((*path).clone()).or_default();
        uses.extend(TemplateKind::of_pointer(pointer).map(|kind| (kind, BTreeSet::new())));
    }
    for playbook in playbooks {
        let (outer, inner) = playbook;
        let own = outer.texts.iter().map(|(pointer, path)| (*pointer, path));
        let given = settings.iter().copied();
        let given = given.filter(|(pointer, _)| !outer.texts.iter().any(|(p, _)| p == pointer));
        for (pointer, path) in own.chain(given) {
            let Some(kind) = TemplateKind::of_pointer(pointer) else {
                continue;
            };
            let best = groups
                .entry((path, kind, &inner.attributes))
                .or_insert(playbook);
            if inner.weight > best.1.weight {
                *best = playbook;
            }
        }
    }
    for ((path, kind, _), (outer, _)) in groups {
        let uses = all.entry(path.clone()).or_default();
        uses.entry(kind).or_default().insert(outer.path.clone());
    }
    all
}

/// What a template becomes, with little and with much to say.
fn renderings(around: &Around<'_>, template: &Template, uses: &Uses) -> Vec<Rendering> {
    /// More playbooks differ in nothing that a template could show.
    const MOST: usize = 8;
    let mut renderings = Vec::new();
    for (kind, playbooks) in uses {
        for path in playbooks.iter().take(MOST) {
            let document = around.document(path);
            let root = yaml::read(document.source()).root;
            let Some(Ok(playbook)) = root.map(|root| yaml::from_node::<Playbook>(&root)) else {
                continue;
            };
            for sample in Sample::ALL {
                let context = template::sample(*kind, sample, around.settings, &playbook, template);
                renderings.push(Rendering {
                    kind: *kind,
                    sample,
                    playbook: path.clone(),
                    text: template.render(&context),
                });
            }
        }
    }
    renderings
}
