//! Mending a file that has mistakes of structure: decided by validating it alone.
//!
//! What stands under a key that nobody knows was never checked. So a fix may bring
//! mistakes to light; it stays if these can be mended too.

use std::sync::Arc;

use super::sift::sift;
use super::{Applied, Candidate, is_better, news};
use crate::diag::{Code, Finding, Fix, Source};
use crate::schema::{self, Kind};
use crate::workspace::{PERMISSIONS, PLAYBOOKS, SETTINGS};
use crate::yaml::{self, Key, Node};

type Entry<'s> = (Key<'s>, Node<'s>);

/// How often a file is tried out to find the fixes that spoil something.
const MOST_TRIES: usize = 64;
/// How many layers of mistakes are followed.
const MOST_LAYERS: usize = 4;

/// Whether a file has no mistakes of its own in reading and structure; a template never has.
pub(super) fn is_valid(path: &str, text: &str) -> bool {
    kind_of(path).is_none_or(|kind| findings(kind, path, text).is_empty())
}

/// The text with those fixes, and what was done, if it says the same as before in another way.
///
/// No rule about what a file says can find anything new in it.
pub(super) fn says_the_same(
    text: &str,
    candidates: &[Candidate<'_>],
) -> Option<(String, Vec<Applied>)> {
    let edits = candidates.iter().flat_map(|candidate| &candidate.fix.edits);
    let mended = yaml::apply(text, edits).ok()?;
    let [old, new] = [text, &mended].map(|text| Arc::new(Source::new("", text)));
    let (old, new) = (yaml::read(&old), yaml::read(&new));
    let same = new.findings.is_empty() && are_equal(&old.root?, &new.root?);
    let applied = candidates.iter().map(Candidate::applied).collect();
    same.then_some((mended, applied))
}

/// Whether two trees are the same but for their places.
fn are_equal(a: &Node<'_>, b: &Node<'_>) -> bool {
    match (&a.kind, &b.kind) {
        (yaml::Kind::Seq(a), yaml::Kind::Seq(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| are_equal(a, b))
        }
        (yaml::Kind::Map(a), yaml::Kind::Map(b)) => {
            let equal = |((a, of_a), (b, of_b)): (&Entry<'_>, &Entry<'_>)| {
                a.name == b.name && are_equal(of_a, of_b)
            };
            a.len() == b.len() && a.iter().zip(b).all(equal)
        }
        (a, b) => a == b,
    }
}

/// The text with those fixes that make it better, and what was done; none if none does.
pub(super) fn mend(
    path: &str,
    text: &str,
    candidates: &[Candidate<'_>],
) -> Option<(String, Vec<Applied>)> {
    let kind = kind_of(path)?;
    let before = findings(kind, path, text);
    let mut best = None;
    let Ok(_) = sift(candidates.to_vec(), MOST_TRIES, |trial| {
        let mended = try_out(kind, path, text, &before, trial);
        let good = mended.is_some();
        if good {
            best = mended;
        }
        Ok::<bool, std::convert::Infallible>(good)
    });
    best
}

/// The text with all of those fixes and what they bring to light mended; none if it is not better.
fn try_out(
    kind: Kind,
    path: &str,
    text: &str,
    before: &[Finding],
    trial: &[Candidate<'_>],
) -> Option<(String, Vec<Applied>)> {
    let edits = trial.iter().flat_map(|candidate| &candidate.fix.edits);
    let mut text = yaml::apply(text, edits).ok()?;
    let mut applied: Vec<Applied> = trial.iter().map(Candidate::applied).collect();
    for _ in 0..MOST_LAYERS {
        let after = findings(kind, path, &text);
        let news = news(before, &after);
        if news.is_empty() {
            return is_better(before, &after, trial.len()).then_some((text, applied));
        }
        let fixes: Option<Vec<(&Finding, &Fix)>> = news
            .into_iter()
            .map(|finding| Some((finding, finding.fix.as_deref()?)))
            .collect();
        let fixes = fixes?;
        let edits = fixes.iter().flat_map(|(_, fix)| &fix.edits);
        text = yaml::apply(&text, edits).ok()?;
        let candidates = fixes
            .iter()
            .map(|(finding, fix)| Candidate { finding, fix });
        applied.extend(candidates.map(|candidate| candidate.applied()));
    }
    None
}

/// What is wrong with a file as such.
fn findings(kind: Kind, path: &str, text: &str) -> Vec<Finding> {
    let source = Arc::new(Source::new(path, text));
    let document = yaml::read(&source);
    let mut findings = document.findings;
    if let Some(root) = &document.root {
        findings.extend(schema::check(kind, root, &source));
    }
    findings.retain(|finding| finding.code != Code::MoreFindings);
    findings
}

/// What kind of file stands there, if it is one with a schema.
fn kind_of(path: &str) -> Option<Kind> {
    match path {
        SETTINGS => Some(Kind::Workspace),
        PERMISSIONS => Some(Kind::Permissions),
        _ => {
            let rest = path.strip_prefix(PLAYBOOKS)?;
            rest.starts_with('/').then_some(Kind::Playbook)
        }
    }
}
