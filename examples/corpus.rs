//! Writes the workspace that `benches/compare.sh` measures on.
//!
//! `cargo run --example corpus -- FOLDER PLAYBOOKS [FAULTS]` prints, for each mistake
//! that was put in, its file and the code that has to find it.

use std::env;
use std::error::Error;
use std::io::{self, Write};
use std::path::PathBuf;

#[path = "../benches/corpus/mod.rs"]
mod corpus;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let (Some(folder), Some(playbooks)) = (arguments.next(), arguments.next()) else {
        return Err("say a folder and how many playbooks it shall have".into());
    };
    let faults = arguments.next().map_or(Ok(0), |faults| faults.parse())?;
    let seeded = corpus::write(&PathBuf::from(folder), playbooks.parse()?, faults)?;
    let mut out = io::stdout().lock();
    for fault in seeded {
        writeln!(out, "{}\t{}", fault.path, fault.code)?;
    }
    Ok(())
}
