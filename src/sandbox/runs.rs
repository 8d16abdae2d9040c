//! Runs of playbooks: `/runs` of the plugin's API.
//!
//! Owns what a run is and what becomes of it. The plugin answers unknown runs,
//! foreign runs and finished runs each in their own way; `access` knows how.

mod access;
mod assignees;
mod checklists;
pub(crate) mod commands;
mod create;
mod dialogs;
mod finish;
mod followers;
mod items;
mod list;
mod naming;
pub(crate) mod owner;
pub(crate) mod participants;
mod read;
mod reminder;
mod retrospective;
pub(crate) mod run;
mod status;
mod timeline;
mod values;

use super::routes::Route;
pub(crate) use values::FieldValue;

/// The routes.
pub(crate) const TABLES: &[&[Route]] = &[
    list::ROUTES,
    create::ROUTES,
    read::ROUTES,
    status::ROUTES,
    reminder::ROUTES,
    owner::ROUTES,
    finish::ROUTES,
    followers::ROUTES,
    retrospective::ROUTES,
    timeline::ROUTES,
    checklists::ROUTES,
    items::ROUTES,
    dialogs::ROUTES,
    values::ROUTES,
];
