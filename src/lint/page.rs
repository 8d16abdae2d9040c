//! The documentation of a rule as Markdown: the pages of `docs/rules/`, and `--explain`.

use std::fmt::Write;

use super::rule::{Check, Example, Rule};
use crate::template::backticks;

/// The page of a rule.
#[must_use]
pub fn page(rule: &Rule) -> String {
    let code = rule.code;
    let mut page = format!("# {} `{}`\n\n{}\n", code.id(), code.name(), code.meaning());
    let levels: Vec<&str> = code.levels().iter().map(|level| level.as_str()).collect();
    let _ = writeln!(page, "\nLevel: {}. {}", levels.join(", "), who(rule));
    for text in [rule.what, rule.why] {
        if !text.is_empty() {
            let _ = writeln!(page, "\n{text}");
        }
    }
    example(&mut page, "What it finds", rule.bad);
    example(&mut page, "Mended", rule.good);
    if !rule.is_fixed() && rule.is_offline() {
        let _ = writeln!(page, "\n## Excusing it\n\n{}", excuse(rule));
    }
    page
}

/// Who checks it, as sentences.
fn who(rule: &Rule) -> String {
    let mut words = Vec::new();
    let structure = |check: &Check| matches!(check, Check::Structure);
    let later = |check: &Check| matches!(check, Check::Online(_) | Check::Deferred(_));
    if rule.checks.iter().any(structure) {
        words.push("Found by `warroom validate`.".to_owned());
    }
    if rule
        .checks
        .iter()
        .any(|check| !structure(check) && !later(check))
    {
        let verb = if rule.is_about_changes() {
            "lint --base COMMIT"
        } else {
            "lint"
        };
        words.push(format!("Found by `warroom {verb}`."));
    }
    for check in rule.checks {
        match check {
            Check::Online(what) => {
                words.push(format!("Needs a server, and is not checked yet: {what}."));
            }
            Check::Deferred(what) => words.push(format!("Not checked yet: {what}.")),
            _ => {}
        }
    }
    words.join(" ")
}

fn example(page: &mut String, title: &str, example: Example) {
    if example.is_empty() {
        return;
    }
    let _ = writeln!(page, "\n## {title}");
    for (path, text) in example {
        let extension = path.rsplit_once('.').map(|(_, extension)| extension);
        let language = if extension == Some("j2") {
            "jinja"
        } else {
            "yaml"
        };
        // A template may hold a fence itself.
        let fence = backticks(text, 3);
        let text = text.trim_end_matches('\n');
        let _ = writeln!(page, "\n`{path}`\n\n{fence}{language}\n{text}\n{fence}");
    }
}

fn excuse(rule: &Rule) -> String {
    let id = rule.code.id();
    let place = format!(
        "One place: `# lint: allow({id}) reason` at the end of the marked line or alone in the line above; \
         in a template `{{# lint: allow({id}) reason #}}`."
    );
    if rule.is_protected() {
        format!("{place} It cannot be switched off for a whole workspace.")
    } else {
        format!("{place} Everywhere: `lint: {{ levels: {{ {id}: \"off\" }} }}` in `warroom.yaml`.")
    }
}
