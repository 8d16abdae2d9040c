//! The door: hands the command line to the library and its status to the shell.

use std::process::ExitCode;

/// Reading playbooks makes and drops many small values: this takes a twelfth off `validate`.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    warroom::commands::run_process().into()
}
