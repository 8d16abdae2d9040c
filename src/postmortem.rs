//! What happened, as files for git: record, timeline and post-mortem.
//!
//! [`Record`] is everything that is known of an incident, as a value; [`Facts`] follow
//! from it, with their definitions; [`plan_export`] turns both into the three files of
//! a folder, merged with what people wrote since the last export. All of this is pure:
//! the same input gives the same bytes. Texts are redacted before anything else sees
//! them, and escaped wherever they are written. Collecting reads a server, committing
//! writes a repository; both stand at the edge.

mod blocks;
mod collect;
mod document;
mod export;
mod facts;
mod front_matter;
mod gantt;
mod history;
mod place;
mod record;
mod redact;
mod tables;
#[cfg(test)]
mod tests;
mod timeline;

pub use blocks::Damage;
pub use collect::{Collected, collect};
pub use export::{Existing, Export, ExportError, Exported, OutFile, export_to, plan_export};
pub use facts::{Fact, Facts, Gap, Measure};
pub use place::{folder, is_folder_of};
pub use record::{
    Announcement, Completeness, Happening, Held, Interval, Message, PlaybookRef, Record,
    RecordTask, RecordUpdate, Run, Source, TaskGroup, TaskRef, Visibility,
};
pub use redact::{Redaction, RedactionKind};
