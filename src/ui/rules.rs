//! The list of rules as a table.

use crate::lint::Rule;

/// Id, levels, who checks it, name and meaning of each rule, one a line.
#[must_use]
pub fn table<'a>(rules: impl Iterator<Item = &'a Rule>) -> String {
    let row = |rule: &Rule| {
        let code = rule.code;
        let levels: Vec<&str> = code.levels().iter().map(|level| level.as_str()).collect();
        [
            code.id().to_owned(),
            levels.join(" "),
            rule.checked_by().to_owned(),
            code.name().to_owned(),
            code.meaning().to_owned(),
        ]
    };
    let rows: Vec<[String; 5]> = rules.map(row).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let (levels, by, names) = (width(1), width(2), width(3));
    let mut lines = Vec::new();
    for [id, level, checked, name, meaning] in &rows {
        lines.push(format!(
            "{id}  {level:levels$}  {checked:by$}  {name:names$}  {meaning}"
        ));
    }
    lines.join("\n")
}
