//! `warroom run update`: inputs, a look at the text, consent, and the post.

use std::collections::BTreeMap;

use super::{Desk, pair};
use crate::cli::RunUpdate;
use crate::commands::Context;
use crate::exit::{ExitStatus, Failure};
use crate::incident::runner::{Draft, UpdateOrder};
use crate::ui::Ui;

/// Posts a status update.
pub(super) fn run(
    arguments: &RunUpdate,
    context: &Context,
    ui: &mut Ui,
) -> Result<ExitStatus, Failure> {
    let order = lower(arguments)?;
    let mut inputs = given(&arguments.set)?;
    let desk = Desk::open(context, ui)?;
    let id = desk.incident(&arguments.which)?;
    let draft = desk.act(async |runner| runner.draft(&id, &order).await)?;
    draft.check(&inputs)?;
    complete(&draft, &mut inputs, ui)?;
    let text = draft.text(inputs)?;
    if arguments.yes {
        ui.note(&text);
    } else {
        let question = if draft.is_last() {
            "Post this, and end the incident?"
        } else {
            "Post this?"
        };
        // Nobody agrees to a text unseen: this is shown even when quiet.
        ui.show(&text);
        if !ui.confirm(question, "--yes")? {
            return Err(Failure::refused("nothing was posted"));
        }
    }
    let outcome = desk.act(async |runner| runner.post_update(draft, text).await)?;
    desk.report("update", &outcome, ui)
}

fn lower(arguments: &RunUpdate) -> Result<UpdateOrder, Failure> {
    if arguments.last && arguments.next.is_some() {
        return Err(Failure::usage("after the last update no next one is due")
            .help("leave `--next` or `--final` out"));
    }
    if arguments.next.is_some_and(|next| next.as_seconds() == 0) {
        return Err(Failure::usage("the next update cannot be due at once")
            .help("give `--next` a time such as `30m`"));
    }
    Ok(UpdateOrder {
        status: arguments.status.clone(),
        next: arguments.next,
        last: arguments.last,
    })
}

fn given(set: &[String]) -> Result<BTreeMap<String, String>, Failure> {
    let mut inputs = BTreeMap::new();
    for text in set {
        let (key, value) = pair(text, "--set KEY=VALUE")?;
        if inputs.insert(key.to_owned(), value.to_owned()).is_some() {
            return Err(Failure::usage(format!("`{key}` is set twice")));
        }
    }
    Ok(inputs)
}

/// Asks for what is missing; where nobody can be asked, names all of it.
fn complete(
    draft: &Draft,
    inputs: &mut BTreeMap<String, String>,
    ui: &mut Ui,
) -> Result<(), Failure> {
    let open: Vec<_> = draft
        .inputs()
        .iter()
        .filter(|input| !inputs.contains_key(&input.key))
        .collect();
    if !ui.style().interactive {
        let missing: Vec<String> = open
            .iter()
            .filter(|input| input.required && input.default.is_none())
            .map(|input| format!("`{}` ({})", input.key, input.ask))
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        return Err(Failure::refused(format!(
            "`{}` needs inputs: {}",
            draft.template(),
            missing.join(", ")
        ))
        .help("give each with `--set KEY=VALUE`"));
    }
    for input in open {
        let mut question = input.ask.clone();
        if let Some(default) = input.default.as_ref().filter(|default| !default.is_empty()) {
            question = format!("{question} [{default}]");
        }
        loop {
            let answer = ui.ask(&question, &format!("--set {}=…", input.key))?;
            if !answer.trim().is_empty() {
                inputs.insert(input.key.clone(), answer);
                break;
            }
            if !input.required || input.default.is_some() {
                break;
            }
        }
    }
    Ok(())
}
