//! `warroom lint`.

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::cli::{Lint, OutputFormat};
use crate::commands::{Context, findings};
use crate::diag::{Code, Level, did_you_mean, one_line};
use crate::exit::{ExitStatus, Failure};
use crate::lint::{self, Rule};
use crate::ui::{Ui, rules};
use crate::workspace::{self, Directory};

/// Runs `warroom lint`.
pub(crate) fn run(arguments: &Lint, context: &Context, ui: &mut Ui) -> Result<ExitStatus, Failure> {
    if arguments.list {
        return list(context, ui);
    }
    if let Some(id) = &arguments.explain {
        return explain(id, context, ui);
    }
    let root = workspace::find_root(context.environment.directory())?;
    let today = context
        .environment
        .clock()
        .now()
        .to_zoned(TimeZone::UTC)
        .date();
    let linted = lint::run(&Directory::new(&root)?, today)?;
    let found = &linted.findings;
    findings::print(found, linted.files, &root, context, ui)?;
    let ids: Vec<&str> = linted.not_checked.iter().map(|code| code.id()).collect();
    ui.note(&format!("not checked without a server: {}", ids.join(", ")));
    let failing = if arguments.strict {
        Level::Warning
    } else {
        Level::Error
    };
    if found.iter().any(|finding| finding.level >= failing) {
        Ok(ExitStatus::Findings)
    } else {
        Ok(ExitStatus::Done)
    }
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
