//! A workspace of any size, the same on every machine.
//!
//! Owns what the benchmarks measure on: playbooks as people write them, about 3 kB
//! each with four checklists of six tasks, no two alike, and one mistake in as many of
//! them as asked for. Uses nothing of warroom and no chance: a number decides it all.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::disallowed_methods,
    reason = "shared by an example, a benchmark and a test, and built without any crate"
)]

mod faults;
mod playbook;
mod words;

use std::fs;
use std::io;
use std::path::Path;

pub use faults::FAULTS;

/// A file of the workspace: its path, and its bytes.
pub type File = (String, Vec<u8>);

/// A mistake that was put into a file.
pub struct Seeded {
    /// The path of the file.
    pub path: String,
    /// The code that has to find it.
    pub code: &'static str,
}

/// What a workspace has beside its playbooks.
pub fn beside() -> Vec<File> {
    let files = [
        ("warroom.yaml", words::SETTINGS),
        ("permissions.yaml", words::PERMISSIONS),
        (
            "templates/announcement.md.j2",
            include_str!("../../templates/announcement.md.j2"),
        ),
        (
            "templates/overview.md.j2",
            include_str!("../../templates/overview.md.j2"),
        ),
        (
            "templates/postmortem.md.j2",
            include_str!("../../templates/postmortem.md.j2"),
        ),
        (
            "templates/retrospective.md.j2",
            include_str!("../../templates/retrospective.md.j2"),
        ),
        (
            "templates/update.md.j2",
            include_str!("../../templates/update.md.j2"),
        ),
        (
            "templates/welcome.md.j2",
            include_str!("../../templates/welcome.md.j2"),
        ),
    ];
    files
        .map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()))
        .into()
}

/// The playbook of that number.
pub fn playbook(number: u32) -> File {
    let (path, text) = playbook::write(number);
    (path, text.into_bytes())
}

/// The playbook of that number with one mistake in it.
pub fn faulty(number: u32, fault: usize) -> (File, Seeded) {
    let (path, text) = playbook::write(number);
    let fault = &FAULTS[fault % FAULTS.len()];
    let seeded = Seeded {
        path: path.clone(),
        code: fault.code,
    };
    ((path, fault.put_into(&text)), seeded)
}

/// Writes a workspace of so many playbooks, so many of them with one mistake each.
///
/// # Errors
/// When a file cannot be written.
pub fn write(folder: &Path, playbooks: u32, faults: u32) -> io::Result<Vec<Seeded>> {
    let mut seeded = Vec::new();
    for (path, bytes) in beside() {
        put(folder, &path, &bytes)?;
    }
    for number in 0..playbooks {
        // Spread evenly: fault n lies where n/faults of the playbooks are passed.
        let passed = |number: u32| u64::from(number) * u64::from(faults) / u64::from(playbooks);
        let (path, bytes) = if passed(number) == passed(number + 1) {
            playbook(number)
        } else {
            let (file, fault) = faulty(number, seeded.len());
            seeded.push(fault);
            file
        };
        put(folder, &path, &bytes)?;
    }
    Ok(seeded)
}

fn put(folder: &Path, path: &str, bytes: &[u8]) -> io::Result<()> {
    let path = folder.join(path);
    match fs::write(&path, bytes) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            fs::create_dir_all(path.parent().unwrap_or(folder))?;
            fs::write(&path, bytes)
        }
        written => written,
    }
}
