//! Rules beyond the structure: what would hurt at three in the morning.
//!
//! Owns the registry of rules with their documentation, the order in which they run
//! over a workspace, their levels and what is excused. One rule is one function that
//! sees values and reports findings; it must not read files, ask a server or know the
//! time: a scope hands it what it may see. `validate` is the structure alone, `lint`
//! the structure and these.

mod allow;
mod around;
mod before;
mod fix;
mod kept;
mod levels;
mod owners;
mod page;
mod rule;
mod rules;
mod run;
mod scope;
#[cfg(test)]
mod tests;

pub use before::Before;
pub use fix::{Applied, Mended, MendedFile, mend};
pub use page::page;
pub use rule::Rule;
pub use rules::{all, of_code};
pub use run::{Linted, Memory, run, run_again};
