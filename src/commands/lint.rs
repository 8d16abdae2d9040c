//! `warroom lint`.

use camino::Utf8Path;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::cli::{Lint, OutputFormat};
use crate::commands::watch::Look;
use crate::commands::{Context, commits, findings, fix, watch};
use crate::diag::{Code, Level, did_you_mean, one_line};
use crate::exit::{ExitStatus, Failure};
use crate::lint::{self, Before, Linted, Memory, Rule};
use crate::ui::report::{Needs, NotChecked, Report};
use crate::ui::{Ui, rules};
use crate::workspace::{self, Committed, Directory, Files, WorkspaceError};

/// Runs `warroom lint`.
pub(crate) fn run(arguments: &Lint, context: &Context, ui: &mut Ui) -> Result<ExitStatus, Failure> {
    if arguments.list {
        return list(context, ui);
    }
    if let Some(id) = &arguments.explain {
        return explain(id, context, ui);
    }
    let root = workspace::find_root(context.environment.directory())?;
    let before = match &arguments.base {
        Some(base) => Some(before(base, &root, ui)?),
        None => None,
    };
    if arguments.watch.watch {
        return go_on(arguments, before.as_ref(), context, ui);
    }
    let directory = Directory::new(&root)?;
    let lint = |files: &dyn Files| lint::run(files, before.as_ref(), today(context));
    if arguments.mend.diff {
        return fix::diff(&directory, &lint, context, ui);
    }
    let (linted, mended) = if arguments.mend.fix {
        fix::write(&directory, &lint, ui)?
    } else {
        (lint(&directory)?, ExitStatus::Done)
    };
    let failing = if arguments.strict {
        Level::Warning
    } else {
        Level::Error
    };
    let report = Report {
        findings: &linted.findings,
        not_checked: Some(&not_checked(&linted)),
    };
    let status = findings::print(report, linted.files, &root, failing, context, ui)?;
    Ok(mended.and(status))
}

/// The workspace as it was at a commit; a commit from before there was one had nothing in it.
fn before(base: &str, root: &Utf8Path, ui: &mut Ui) -> Result<Before, Failure> {
    let repository = commits::repository(root, base, "--base")?;
    let commit = commits::commit(&repository, base)?;
    let files = repository.files_at(commit)?;
    match Before::read(&Committed::read(&files)?) {
        Ok(before) => {
            if before.errors > 0 {
                let short = commit.short();
                ui.note(&format!(
                    "the workspace had mistakes at {short}: what they hide cannot be compared"
                ));
            }
            Ok(before)
        }
        Err(WorkspaceError::NotFound { .. }) => {
            let short = commit.short();
            ui.note(&format!(
                "there was no workspace at {short}: nothing was compared"
            ));
            Ok(Before::default())
        }
        Err(error) => Err(error.into()),
    }
}

/// Lints again whenever a file changes; what it is compared with stays the same.
fn go_on(
    arguments: &Lint,
    before: Option<&Before>,
    context: &Context,
    ui: &mut Ui,
) -> Result<ExitStatus, Failure> {
    let mut memory = Memory::default();
    watch::run(&arguments.watch, context, ui, |files| {
        let linted = lint::run_again(files, before, today(context), &mut memory)?;
        Ok(Look {
            not_checked: Some(not_checked(&linted)),
            findings: linted.findings,
            files: linted.files,
            changes: memory.changes(),
            beside: memory.beside(),
        })
    })
}

fn today(context: &Context) -> Date {
    let now = context.environment.clock().now();
    now.to_zoned(TimeZone::UTC).date()
}

/// What was not checked, and what that would need.
fn not_checked(linted: &Linted) -> Vec<NotChecked> {
    let lists = [
        (Needs::Server, &linted.not_checked),
        (Needs::Base, &linted.not_compared),
    ];
    let rules = lists.into_iter().flat_map(|(needs, codes)| {
        let codes = codes.iter();
        codes.map(move |code| NotChecked { code: *code, needs })
    });
    rules.collect()
}

fn list(context: &Context, ui: &mut Ui) -> Result<ExitStatus, Failure> {
    match context.format {
        OutputFormat::Json => {
            let rules: Vec<Value> = lint::all().map(as_json).collect();
            ui.json(&json!({ "version": 1, "rules": rules }))?;
        }
        OutputFormat::Human => ui.result(&rules::table(lint::all()))?,
    }
    Ok(ExitStatus::Done)
}

fn explain(id: &str, context: &Context, ui: &mut Ui) -> Result<ExitStatus, Failure> {
    let by_id = Code::of_id(&id.to_ascii_uppercase());
    let by_name = || Code::ALL.iter().copied().find(|code| code.name() == id);
    let Some(code) = by_id.or_else(by_name) else {
        let ids = Code::ALL.iter().map(|code| code.id());
        let meant = did_you_mean(&id.to_ascii_uppercase(), ids)
            .or_else(|| did_you_mean(id, Code::ALL.iter().map(|code| code.name())));
        let help = "`warroom lint --list` shows all rules";
        let failure = Failure::usage(format!("there is no rule `{}`", one_line(id)));
        return Err(match meant {
            Some(meant) => failure.help(format!("{meant} {help}")),
            None => failure.help(help),
        });
    };
    let rule = lint::of_code(code);
    match context.format {
        OutputFormat::Json => ui.json(&json!({ "version": 1, "rule": as_json(rule) }))?,
        OutputFormat::Human => ui.result(&lint::page(rule))?,
    }
    Ok(ExitStatus::Done)
}

fn as_json(rule: &Rule) -> Value {
    let levels: Vec<&str> = rule
        .code
        .levels()
        .iter()
        .map(|level| level.as_str())
        .collect();
    json!({
        "code": rule.code.id(),
        "name": rule.code.name(),
        "level": rule.code.level().as_str(),
        "levels": levels,
        "message": rule.code.meaning(),
        "checked_by": rule.checked_by(),
        "page": lint::page(rule),
    })
}
