//! `warroom schema`.

use serde::Serialize;

use crate::cli::{OutputFormat, Schema};
use crate::commands::Context;
use crate::diag::{did_you_mean, listed, one_line};
use crate::exit::{ExitStatus, Failure};
use crate::schema::Kind;
use crate::ui::Ui;

#[derive(Serialize)]
struct List {
    version: u32,
    schemas: [Listed; 3],
}

#[derive(Serialize)]
struct Listed {
    kind: &'static str,
    files: &'static str,
    schema: String,
    description: &'static str,
}

/// Runs `warroom schema`. Needs no workspace.
pub(crate) fn run(
    arguments: &Schema,
    context: &Context,
    ui: &mut Ui,
) -> Result<ExitStatus, Failure> {
    match (&arguments.kind, context.format) {
        // A schema is JSON in either format.
        (Some(name), _) => ui.result(find(name)?.text())?,
        (None, OutputFormat::Human) => {
            let rows = Kind::ALL.map(|kind| format!("{:<13}{}", kind.name(), kind.files()));
            ui.result(&rows.join("\n"))?;
            ui.note("`warroom schema KIND` prints one");
        }
        (None, OutputFormat::Json) => ui.json(&List {
            version: 1,
            schemas: Kind::ALL.map(|kind| Listed {
                kind: kind.name(),
                files: kind.files(),
                schema: format!("schema/{}", kind.file_name()),
                description: kind.description(),
            }),
        })?,
    }
    Ok(ExitStatus::Done)
}

fn find(name: &str) -> Result<Kind, Failure> {
    let mut all = Kind::ALL.into_iter();
    all.find(|kind| kind.name() == name).ok_or_else(|| {
        let names = Kind::ALL.map(Kind::name);
        Failure::usage(format!("there is no schema `{}`", one_line(name))).help(
            did_you_mean(name, names).unwrap_or_else(|| format!("there are {}", listed(names))),
        )
    })
}
