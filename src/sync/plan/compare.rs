//! Which fields differ, and who moved each.

use serde_json::Value;

use super::{FieldChange, Moved};
use crate::sync::base::Base;
use crate::sync::canonical::PlaybookState;
use crate::sync::desired::{Address, DesiredPlaybook, Wanted};
use crate::sync::marker::Digest;
use crate::sync::observed::Found;

/// The name of the line for people in a plan; it is not part of the canonical form.
pub(super) const SOURCE_LINE: &str = "source link";

/// The fields that are written one by one.
const ONE_BY_ONE: [&str; 2] = ["attributes", "conditions without a task"];

/// The fields that name what is written one by one, and are complete only after that.
const NAMING: [&str; 2] = ["start.channel.name", "checklists"];

/// Two sides of one playbook.
pub(super) struct Comparison {
    /// The fields that differ.
    pub(super) fields: Vec<FieldChange>,
    /// Whether the marker says what the playbook is now.
    pub(super) marker_fits: bool,
    /// Whether it can be told who moved.
    pub(super) trust: Trust,
    /// The fields that a sync left half written when it was cut short.
    half_written: Vec<&'static str>,
}

impl Comparison {
    /// The differences that somebody may have made in Mattermost.
    pub(super) fn drifted(&self) -> Vec<&FieldChange> {
        let moved = self.fields.iter().filter(|c| c.moved != Moved::Git);
        // What a sync left half written is finished, and kept before like an edit.
        moved
            .filter(|change| !self.half_written.contains(&change.field.as_str()))
            .collect()
    }
}

/// What the marker tells about the last write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trust {
    /// Who moved can be told.
    Known,
    /// There is no digest, or one that somebody damaged.
    NoDigest,
    /// The digest is one of another version.
    OtherVersion,
}

/// Compares what git asks for with what Mattermost has.
pub(super) fn compare(
    address: &Address,
    desired: &DesiredPlaybook,
    wanted: &Wanted,
    found: &Found,
    base: &Base,
) -> Comparison {
    let observed = found.state.clone().without(&desired.unmanaged);
    let marker = found.marker.as_ref();
    let digest = marker.and_then(|marker| marker.digest.as_ref());
    let trust = match (marker, digest) {
        (_, Some(Digest::V1(_) | Digest::Unfinished(_))) => Trust::Known,
        (Some(_), None) => Trust::NoDigest,
        (None, _) | (_, Some(Digest::Other(_))) => Trust::OtherVersion,
    };
    let unfinished = matches!(digest, Some(Digest::Unfinished(_)));
    let digest = digest.filter(|digest| !matches!(digest, Digest::Other(_)));
    let moved = digest.map(|digest| Sides {
        git: !wanted.state.matches(digest),
        mattermost: !found.state.matches(digest),
    });
    let mut half_written = Vec::new();
    if unfinished {
        half_written.extend(ONE_BY_ONE);
        // The digest tells all but the names.
        if moved.is_some_and(|sides| !sides.mattermost) {
            half_written.extend(NAMING);
        }
    }
    let base = marker.and_then(|marker| base.of(address, marker));
    let base = base.map(PlaybookState::fields);
    let fields = observed.differences(&wanted.state).into_iter();
    let mut fields: Vec<FieldChange> = fields
        .map(|difference| {
            let (field, old, new) = (difference.field, difference.left, difference.right);
            let side = match moved {
                _ if half_written.contains(&field.as_str()) => Moved::Unclear,
                Some(sides) => sides.who(),
                None if trust == Trust::NoDigest => Moved::Unclear,
                None => Moved::Git,
            };
            match &base {
                Some(base) if !half_written.contains(&field.as_str()) => {
                    let before = base.get(&field).unwrap_or(&Value::Null);
                    let side = who(before, &old, &new);
                    FieldChange::new(field, old, new, side).since(before)
                }
                _ => FieldChange::new(field, old, new, side),
            }
        })
        .collect();
    fields.extend(source_line(desired, found));
    Comparison {
        fields,
        marker_fits: !unfinished && moved.is_some_and(|moved| !moved.git && !moved.mattermost),
        trust,
        half_written,
    }
}

/// Every field, for a playbook that does not exist yet.
pub(super) fn all_of(state: &PlaybookState) -> Vec<FieldChange> {
    let fields = state.fields().into_iter();
    let said = fields.filter(|(_, value)| !says_nothing(value));
    said.map(|(field, new)| FieldChange::new(field, Value::Null, new, Moved::Git))
        .collect()
}

/// Which sides moved since the marker was written.
#[derive(Clone, Copy)]
struct Sides {
    git: bool,
    mattermost: bool,
}

impl Sides {
    /// All that can be said of a single field without knowing what it was before.
    fn who(self) -> Moved {
        match (self.git, self.mattermost) {
            (_, false) => Moved::Git,
            (false, true) => Moved::Mattermost,
            (true, true) => Moved::Unclear,
        }
    }
}

/// Who moved away from what was before.
pub(super) fn who(before: &Value, mattermost: &Value, git: &Value) -> Moved {
    if mattermost == before {
        Moved::Git
    } else if git == before {
        Moved::Mattermost
    } else {
        Moved::Both
    }
}

/// The link back to the file moves when the file does; the digest does not hold it.
fn source_line(desired: &DesiredPlaybook, found: &Found) -> Option<FieldChange> {
    let new = desired.source.as_ref().map(ToString::to_string);
    let old = &found.source_line;
    (new != *old).then(|| FieldChange::new(SOURCE_LINE, old.clone().into(), new.into(), Moved::Git))
}

fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Number(number) => number.as_i64() == Some(0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(true) => false,
    }
}
