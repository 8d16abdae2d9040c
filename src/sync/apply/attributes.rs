//! The attributes of one playbook, written one by one.
//!
//! Owns their order: what leaves goes first, since the server takes only so many; then
//! what changes, what is new, and last the places. A creation is never repeated blindly:
//! after a doubtful answer only reading tells. Whether the server kept everything is
//! checked with the playbook.

use super::ApplyError;
use crate::mattermost::playbooks::PropertyField;
use crate::mattermost::{ApiError, FieldId};
use crate::sync::desired::Wanted;
use crate::sync::site::Writing;
use crate::sync::wire::{attribute_of, lay_attribute, twin};

/// Brings `fields` of a playbook to what is wanted, and answers with what they are then;
/// `wrote` tells whether anything was written.
pub(super) async fn write<S: Writing>(
    site: &S,
    playbook: &str,
    fields: Vec<PropertyField>,
    wanted: &Wanted,
    wrote: &mut bool,
) -> Result<Vec<PropertyField>, ApplyError> {
    let mut editing = Editing {
        site,
        playbook,
        wrote,
    };
    let (all, renamed) = (&wanted.state.attributes, &wanted.renames.attributes);
    let stay: Vec<FieldId> = all
        .iter()
        .filter_map(|attribute| {
            Some(
                fields[twin(&fields, all, &attribute.name, renamed)?]
                    .id
                    .clone(),
            )
        })
        .collect();
    let stays = |field: &PropertyField| stay.contains(&field.id);
    let (mut fields, leaving): (Vec<_>, Vec<_>) = fields.into_iter().partition(stays);
    for field in leaving {
        editing.delete(&field).await?;
    }
    for (place, attribute) in (0..).zip(all) {
        let found = twin(&fields, all, &attribute.name, renamed);
        let mut laid = found.map(|n| fields[n].clone()).unwrap_or_default();
        lay_attribute(&mut laid, attribute, &wanted.option_ids);
        if found.is_some_and(|n| fields[n] == laid) {
            continue;
        }
        laid.attrs.sort_order = place;
        match found {
            Some(n) => fields[n] = editing.replace(&laid).await?,
            None => fields.push(editing.create(&laid).await?),
        }
    }
    fields.sort_by_key(|field| field.attrs.sort_order);
    // Of two with the same place the server promises no order.
    let unclear = |pair: &[PropertyField]| pair[0].attrs.sort_order == pair[1].attrs.sort_order;
    let mut unclear = fields.windows(2).any(unclear);
    for (place, attribute) in all.iter().enumerate() {
        let there = fields.get(place).map(|field| &field.name);
        if there == Some(&attribute.name) && !unclear {
            continue;
        }
        let Some(field) = fields.iter().find(|field| field.name == attribute.name) else {
            continue;
        };
        fields = editing.put_at(place, &field.clone()).await?;
        unclear = false;
    }
    Ok(fields)
}

struct Editing<'a, S> {
    site: &'a S,
    playbook: &'a str,
    wrote: &'a mut bool,
}

impl<S: Writing> Editing<'_, S> {
    async fn create(&mut self, field: &PropertyField) -> Result<PropertyField, ApplyError> {
        let answer = self.site.create_attribute(self.playbook, field).await;
        self.settled(field, answer, |fields| {
            fields.into_iter().find(|other| other.name == field.name)
        })
        .await
    }

    async fn replace(&mut self, field: &PropertyField) -> Result<PropertyField, ApplyError> {
        let answer = self.site.replace_attribute(self.playbook, field).await;
        self.settled(field, answer, |fields| {
            let same = |other: &PropertyField| {
                other.id == field.id && attribute_of(other) == attribute_of(field)
            };
            fields.into_iter().find(same)
        })
        .await
    }

    async fn delete(&mut self, field: &PropertyField) -> Result<(), ApplyError> {
        let answer = self.site.delete_attribute(self.playbook, &field.id).await;
        self.settled(field, answer, |fields| {
            fields
                .iter()
                .all(|other| other.id != field.id)
                .then_some(())
        })
        .await
    }

    async fn put_at(
        &mut self,
        place: usize,
        field: &PropertyField,
    ) -> Result<Vec<PropertyField>, ApplyError> {
        let moved = self.site.move_attribute(self.playbook, &field.id, place);
        let answer = moved.await;
        self.settled(field, answer, |fields| {
            let there = fields.get(place).is_some_and(|other| other.id == field.id);
            there.then_some(fields)
        })
        .await
    }

    /// What was answered; after a doubtful answer, what `done` finds among what is there now.
    async fn settled<T>(
        &mut self,
        field: &PropertyField,
        answer: Result<T, ApiError>,
        done: impl FnOnce(Vec<PropertyField>) -> Option<T>,
    ) -> Result<T, ApplyError> {
        let failed = |error| ApplyError::Attribute {
            name: field.name.clone(),
            error,
        };
        let value = match answer {
            Ok(value) => value,
            Err(error) if error.may_have_happened() => {
                let fields = self.site.attributes(self.playbook).await?;
                done(fields).ok_or_else(|| failed(error))?
            }
            Err(error) => return Err(failed(error)),
        };
        *self.wrote = true;
        Ok(value)
    }
}
