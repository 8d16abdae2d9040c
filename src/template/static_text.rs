//! A template as text without an incident, for Mattermost's own web UI.
//!
//! Owns the walk that puts words in the place of values: an input becomes what it
//! asks, anything of an incident a word in parentheses. Branches and loops that
//! depend on an incident are left out, since nobody knows which way they go. The
//! result holds no Jinja and depends on nothing but its arguments.

use std::collections::HashMap;

use minijinja::machinery::ast::{BinOpKind, Expr, Stmt, UnaryOpKind};

use super::problem::TemplateError;
use super::vocabulary::{self, Shape};
use super::{Template, TemplateKind, check, engine, filters};

/// How many bytes a static text may have; Mattermost takes fewer.
const LONGEST: usize = 256 * 1024;

/// What is known of a playbook when its static texts are written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StaticWords {
    /// The playbook's key, for `incident.playbook.key`.
    pub playbook_key: String,
    /// The playbook's title, for `incident.playbook.title`.
    pub playbook_title: String,
}

/// What an expression is worth without an incident.
#[derive(Debug, Clone)]
enum Worth {
    /// Known: a constant, or the question of an input.
    Known(String),
    /// Of an incident: what it has, for attributes.
    Unknown(Shape),
}

/// Writes the static text.
pub(super) fn static_text(
    template: &Template,
    kind: TemplateKind,
    words: &StaticWords,
) -> Result<String, TemplateError> {
    let tree = check::tree(template).map_err(|problem| TemplateError::Problem {
        template: template.name().to_owned(),
        problem,
    })?;
    let mut names: HashMap<&str, Worth> = vocabulary::variables(kind)
        .iter()
        .map(|(name, shape)| (*name, Worth::Unknown(*shape)))
        .collect();
    for input in template.inputs() {
        names.insert(&input.key, Worth::Known(format!("({})", input.ask.trim())));
    }
    let mut writer = Writer {
        names: vec![names],
        words,
        out: String::new(),
        is_full: false,
    };
    writer.statement(&tree);
    if writer.is_full {
        return Err(TemplateError::TooLong {
            template: template.name().to_owned(),
            limit: LONGEST,
        });
    }
    Ok(engine::tidy(&writer.out))
}

struct Writer<'a> {
    names: Vec<HashMap<&'a str, Worth>>,
    words: &'a StaticWords,
    out: String,
    /// More was to be written than may be.
    is_full: bool,
}

impl<'a> Writer<'a> {
    fn push(&mut self, text: &str) {
        self.is_full |= self.out.len() + text.len() > LONGEST;
        if !self.is_full {
            self.out.push_str(text);
        }
    }

    fn statements(&mut self, all: &[Stmt<'a>]) {
        self.names.push(HashMap::new());
        for statement in all {
            self.statement(statement);
        }
        self.names.pop();
    }

    fn statement(&mut self, statement: &Stmt<'a>) {
        match statement {
            Stmt::Template(s) => {
                for child in &s.children {
                    self.statement(child);
                }
            }
            Stmt::EmitExpr(s) => {
                let text = self.text(&s.expr);
                self.push(&text);
            }
            Stmt::EmitRaw(s) => self.push(s.raw),
            Stmt::IfCond(s) => match self.truth(&s.expr) {
                Some(true) => self.statements(&s.true_body),
                Some(false) => self.statements(&s.false_body),
                None => {}
            },
            Stmt::WithBlock(s) => {
                self.names.push(HashMap::new());
                for (target, expression) in &s.assignments {
                    self.assign(target, expression);
                }
                self.statements(&s.body);
                self.names.pop();
            }
            Stmt::Set(s) => self.assign(&s.target, &s.expr),
            // Loops run over what an incident has; the rest does not parse as a template.
            _ => {}
        }
    }

    fn assign(&mut self, target: &Expr<'a>, expression: &Expr<'a>) {
        if let Expr::Var(var) = target {
            let worth = self.worth(expression);
            if let Some(scope) = self.names.last_mut() {
                scope.insert(var.id, worth);
            }
        }
    }

    /// What is printed for an expression.
    fn text(&self, expression: &Expr<'a>) -> String {
        match self.worth(expression) {
            Worth::Known(text) => text,
            Worth::Unknown(Shape::Plain(word)) => format!("({word})"),
            Worth::Unknown(_) => format!("({})", last_name(expression)),
        }
    }

    fn worth(&self, expression: &Expr<'a>) -> Worth {
        if let Some(value) = expression.as_const() {
            return Worth::Known(filters::shown(&value).unwrap_or_default());
        }
        match expression {
            Expr::Var(var) => {
                let known = self.names.iter().rev().find_map(|names| names.get(var.id));
                known.cloned().unwrap_or(Worth::Unknown(Shape::Any))
            }
            Expr::GetAttr(s) => self.attribute(&s.expr, s.name),
            Expr::GetItem(s) => match s.subscript_expr.as_const() {
                Some(key) => self.attribute(&s.expr, &key.to_string()),
                None => Worth::Unknown(Shape::Any),
            },
            Expr::Filter(s) => match (s.name, &s.expr) {
                // They choose between words instead of showing the value.
                ("yesno", Some(_)) => Worth::Unknown(Shape::Plain("yes or no")),
                ("table", Some(_)) => Worth::Unknown(Shape::Plain("table")),
                (_, Some(of)) => self.worth(of),
                (_, None) => Worth::Known(String::new()),
            },
            Expr::BinOp(s) if matches!(s.op, BinOpKind::Concat | BinOpKind::Add) => {
                Worth::Known(format!("{}{}", self.text(&s.left), self.text(&s.right)))
            }
            Expr::BinOp(s) if matches!(s.op, BinOpKind::ScOr | BinOpKind::ScAnd) => {
                self.worth(&s.left)
            }
            Expr::IfExpr(s) => match self.truth(&s.test_expr) {
                Some(true) => self.worth(&s.true_expr),
                Some(false) => match &s.false_expr {
                    Some(other) => self.worth(other),
                    None => Worth::Known(String::new()),
                },
                None => Worth::Known(String::new()),
            },
            Expr::Slice(s) => self.worth(&s.expr),
            _ => Worth::Unknown(Shape::Plain("value")),
        }
    }

    fn attribute(&self, of: &Expr<'a>, name: &str) -> Worth {
        match (check::path(of).as_str(), name) {
            ("incident.playbook", "title") if !self.words.playbook_title.is_empty() => {
                return Worth::Known(super::markdown::inline(&self.words.playbook_title));
            }
            ("incident.playbook", "key") if !self.words.playbook_key.is_empty() => {
                return Worth::Known(self.words.playbook_key.clone());
            }
            _ => {}
        }
        let Worth::Unknown(shape) = self.worth(of) else {
            return Worth::Unknown(Shape::Any);
        };
        match shape {
            Shape::Record(fields) => {
                let field = fields.iter().find(|(known, _)| *known == name);
                Worth::Unknown(field.map_or(Shape::Any, |(_, shape)| *shape))
            }
            // The name of a role or an attribute says more than any word for all of them.
            Shape::Map(_) => Worth::Known(format!("({})", name.replace('_', " "))),
            _ => Worth::Unknown(Shape::Any),
        }
    }

    /// Which way a branch goes, where that does not depend on an incident.
    ///
    /// An input counts as given: its question is worth showing.
    fn truth(&self, expression: &Expr<'a>) -> Option<bool> {
        if let Some(value) = expression.as_const() {
            return Some(value.is_true());
        }
        match expression {
            Expr::Var(_) => match self.worth(expression) {
                Worth::Known(text) => Some(!text.is_empty()),
                Worth::Unknown(_) => None,
            },
            Expr::UnaryOp(s) if matches!(s.op, UnaryOpKind::Not) => {
                self.truth(&s.expr).map(|truth| !truth)
            }
            Expr::BinOp(s) => match (s.op, self.truth(&s.left), self.truth(&s.right)) {
                (BinOpKind::ScAnd, Some(a), Some(b)) => Some(a && b),
                (BinOpKind::ScOr, Some(a), Some(b)) => Some(a || b),
                _ => None,
            },
            _ => None,
        }
    }
}

/// The last name of a path, as words.
fn last_name(expression: &Expr<'_>) -> String {
    let name = match expression {
        Expr::Var(var) => var.id,
        Expr::GetAttr(s) => s.name,
        Expr::Filter(s) => return s.expr.as_ref().map_or_else(|| "…".to_owned(), last_name),
        _ => "…",
    };
    name.replace('_', " ")
}
