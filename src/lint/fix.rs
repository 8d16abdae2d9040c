//! Mending what has one safe answer, in memory.
//!
//! Whoever finds a mistake says how to mend it; here that is tried out. A fix stays
//! only if its mistake is gone and nothing new is wrong: the file is read, validated and
//! linted again with it. Owns which fixes are made, never the writing of files.

mod sift;
mod structure;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use self::sift::sift;
use super::Linted;
use crate::diag::{Code, Edit, Finding, Fix, Source};
use crate::schema;
use crate::workspace::{Files, Overlay, WorkspaceError};
use crate::yaml;

/// A fix may bring to light what the next round mends; more rounds than this do not help.
const MOST_ROUNDS: usize = 5;
/// How often a round lints the workspace to find the fixes that spoil something.
const MOST_LINTED: usize = 64;

/// A workspace after what could be mended was mended.
#[derive(Debug)]
pub struct Mended {
    /// The files that changed, ordered by path.
    pub files: Vec<MendedFile>,
    /// What linting finds in them, and in all the others.
    pub linted: Linted,
}

/// A file as it was and as it should be.
#[derive(Debug)]
pub struct MendedFile {
    /// Its path, relative to the workspace.
    pub path: String,
    /// What it held.
    pub before: Vec<u8>,
    /// What it should hold.
    pub after: Vec<u8>,
    /// The same two as texts fit for showing: without secrets.
    pub shown: [String; 2],
    /// What was done, from top to bottom.
    pub fixes: Vec<Applied>,
}

/// A fix that was made.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Applied {
    /// The line, from 1.
    pub line: usize,
    /// What it does, in words.
    pub title: String,
    /// The rule whose finding it mends.
    pub code: Code,
}

/// A fix that somebody offers.
#[derive(Debug, Clone, Copy)]
struct Candidate<'a> {
    finding: &'a Finding,
    fix: &'a Fix,
}

/// Mends what `lint` finds and knows how to mend.
///
/// # Errors
/// When linting fails.
pub fn mend(
    files: &dyn Files,
    lint: &dyn Fn(&dyn Files) -> Result<Linted, WorkspaceError>,
) -> Result<Mended, WorkspaceError> {
    let mut overlay = Overlay::new(files);
    let mut linted = lint(&overlay)?;
    let mut before: BTreeMap<String, Arc<Source>> = BTreeMap::new();
    let mut made: BTreeMap<String, Vec<Applied>> = BTreeMap::new();
    for _ in 0..MOST_ROUNDS {
        let (next, applied) = round(&overlay, &linted, lint)?;
        if applied.is_empty() {
            break;
        }
        for finding in &linted.findings {
            let path = finding.source.name();
            if applied.contains_key(path) && !before.contains_key(path) {
                before.insert(path.to_owned(), Arc::clone(&finding.source));
            }
        }
        for (path, applied) in applied {
            made.entry(path).or_default().extend(applied);
        }
        linted = match next.linted {
            Some(linted) => linted,
            None => lint(&next.overlay)?,
        };
        overlay = next.overlay;
    }
    let mut mended = Vec::new();
    for (path, after) in overlay.contents() {
        let (Some(old), Some(source)) = (files.read(&path)?, before.get(&path)) else {
            continue;
        };
        let mut done = made.remove(&path).unwrap_or_default();
        done.sort_unstable();
        done.dedup();
        let shown = [source.shown(), shown(&path, &after, &linted.findings)];
        mended.push(MendedFile {
            path,
            before: old,
            after,
            shown,
            fixes: done,
        });
    }
    Ok(Mended {
        files: mended,
        linted,
    })
}

/// The workspace after a round.
struct Next<'f> {
    overlay: Overlay<'f>,
    /// What is found in it, if somebody looked already.
    linted: Option<Linted>,
}

/// One round: first mistakes of structure, since no rule sees a file that has them, and
/// what changes only the look of a file; then the rest.
fn round<'f>(
    overlay: &Overlay<'f>,
    linted: &Linted,
    lint: &dyn Fn(&dyn Files) -> Result<Linted, WorkspaceError>,
) -> Result<(Next<'f>, BTreeMap<String, Vec<Applied>>), WorkspaceError> {
    let mut next = overlay.clone();
    let mut applied: BTreeMap<String, Vec<Applied>> = BTreeMap::new();
    let mut valid = Vec::new();
    for (path, candidates) in candidates(&linted.findings) {
        let Some((mark, text)) = read(overlay, path)? else {
            continue;
        };
        // The file may have changed since it was linted.
        if candidates.iter().any(|c| c.finding.source.text() != text) {
            continue;
        }
        let mended = if structure::is_valid(path, &text) {
            let (look, content): (Vec<_>, Vec<_>) = candidates
                .into_iter()
                .partition(|candidate| structure::says_the_same(&text, &[*candidate]).is_some());
            valid.extend(content);
            structure::says_the_same(&text, &look)
        } else {
            structure::mend(path, &text, &candidates)
        };
        if let Some((mended, made)) = mended.filter(|(_, made)| !made.is_empty()) {
            next.put(path, [mark, mended.as_bytes()].concat());
            applied.insert(path.to_owned(), made);
        }
    }
    if !applied.is_empty() {
        let linted = None;
        return Ok((
            Next {
                overlay: next,
                linted,
            },
            applied,
        ));
    }
    // Only some of the findings are told of a file with very many: what is new among
    // them cannot be known.
    let untold: BTreeSet<&str> = linted
        .findings
        .iter()
        .filter(|finding| finding.code == Code::MoreFindings)
        .map(|finding| finding.source.name())
        .collect();
    valid.retain(|candidate| !untold.contains(candidate.finding.source.name()));
    let mut best = None;
    let taken = sift(valid, MOST_LINTED, |trial| {
        let Some(changed) = with(overlay, trial)? else {
            return Ok(false);
        };
        let after = lint(&changed)?;
        let good = is_better(&linted.findings, &after.findings, trial.len());
        if good {
            best = Some((changed, after));
        }
        Ok::<bool, WorkspaceError>(good)
    })?;
    for candidate in &taken {
        let path = candidate.finding.source.name().to_owned();
        applied.entry(path).or_default().push(candidate.applied());
    }
    let (overlay, linted) = match best {
        Some((overlay, linted)) => (overlay, Some(linted)),
        None => (next, None),
    };
    Ok((Next { overlay, linted }, applied))
}

impl Candidate<'_> {
    fn applied(&self) -> Applied {
        Applied {
            line: self.finding.start().line,
            title: self.fix.title.clone(),
            code: self.finding.code,
        }
    }
}

/// The fixes that are offered, by file; a place that several findings share is mended once.
fn candidates(findings: &[Finding]) -> BTreeMap<&str, Vec<Candidate<'_>>> {
    let mut seen: BTreeSet<(&str, &[Edit])> = BTreeSet::new();
    let mut candidates: BTreeMap<&str, Vec<Candidate<'_>>> = BTreeMap::new();
    for finding in findings {
        let Some(fix) = finding.fix.as_deref() else {
            continue;
        };
        let path = finding.source.name();
        if seen.insert((path, &fix.edits)) {
            let candidate = Candidate { finding, fix };
            candidates.entry(path).or_default().push(candidate);
        }
    }
    candidates
}

/// The files with those fixes; none where two of them do not go together.
fn with<'f>(
    overlay: &Overlay<'f>,
    trial: &[Candidate<'_>],
) -> Result<Option<Overlay<'f>>, WorkspaceError> {
    let mut by_file: BTreeMap<&str, Vec<&Edit>> = BTreeMap::new();
    for candidate in trial {
        let edits = by_file.entry(candidate.finding.source.name()).or_default();
        edits.extend(&candidate.fix.edits);
    }
    let mut changed = overlay.clone();
    for (path, edits) in by_file {
        let Some((mark, text)) = read(overlay, path)? else {
            return Ok(None);
        };
        let Ok(mended) = yaml::apply(&text, edits) else {
            return Ok(None);
        };
        if !structure::is_valid(path, &mended) {
            return Ok(None);
        }
        changed.put(path, [mark, mended.as_bytes()].concat());
    }
    Ok(Some(changed))
}

/// The byte order mark of a file, if it has one, and its text.
fn read(files: &dyn Files, path: &str) -> Result<Option<(&'static [u8], String)>, WorkspaceError> {
    const MARK: &str = "\u{feff}";
    let text = files
        .read(path)?
        .and_then(|bytes| String::from_utf8(bytes).ok());
    Ok(text.map(|text| match text.strip_prefix(MARK) {
        Some(rest) => (MARK.as_bytes(), rest.to_owned()),
        None => (&[][..], text),
    }))
}

/// Whether so many mistakes are gone, and none is new: by file, rule and message.
fn is_better(before: &[Finding], after: &[Finding], fixes: usize) -> bool {
    after.len() + fixes <= before.len() && news(before, after).is_empty()
}

/// What is wrong now and was not before; of what is wrong more often, all of it.
fn news<'a>(before: &[Finding], after: &'a [Finding]) -> Vec<&'a Finding> {
    // A title that lost its blanks is quoted without them from then on.
    let what = |finding: &Finding| {
        let message: String = finding.message.split_whitespace().collect();
        (finding.source.name().to_owned(), finding.code, message)
    };
    let mut balance: BTreeMap<_, i64> = BTreeMap::new();
    for finding in before {
        *balance.entry(what(finding)).or_default() -= 1;
    }
    for finding in after {
        *balance.entry(what(finding)).or_default() += 1;
    }
    let is_new = |finding: &&Finding| balance.get(&what(finding)).is_some_and(|more| *more > 0);
    after.iter().filter(is_new).collect()
}

/// A mended text as it may be shown.
fn shown(path: &str, contents: &[u8], findings: &[Finding]) -> String {
    // What a rule knows to be secret is hidden in the text of its findings.
    let mut known = findings.iter().map(|finding| &finding.source);
    if let Some(source) = known.find(|source| source.name() == path) {
        return source.shown();
    }
    let source = Source::new(path, String::from_utf8_lossy(contents));
    schema::hide_secrets(&source);
    source.shown()
}
