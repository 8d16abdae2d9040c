//! The door: hands the command line to the library and its status to the shell.

use std::process::ExitCode;

fn main() -> ExitCode {
    warroom::commands::run_process().into()
}
