//! What a template prints and names, found without rendering it.
//!
//! Owns the walk that follows values through `set`, `with`, `for` and filters to where
//! they are printed. What it cannot follow it leaves out. It must not judge: `check`
//! says what is wrong for everybody, `lint` what hurts.

use std::collections::HashMap;
use std::ops::Range;

use minijinja::machinery::ast::{BinOpKind, CallArg, Expr, Stmt};

use super::check::{tree, within};
use super::vocabulary::{self, Shape};
use super::{Template, TemplateKind};

/// More values behind one name, or letters in a path, are left out: they could double
/// with every `set`.
const MOST_VALUES: usize = 16;
const LONGEST_PATH: usize = 200;

/// Filters that take a value as one text.
const AS_A_WHOLE: [&str; 5] = ["code", "default", "md", "paragraphs", "trim"];

/// What a template prints and names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contents {
    /// Every value that is printed, in the order of the file.
    pub printed: Vec<Printed>,
    /// Every variable that is named, with its place, in the order of the file.
    pub names: Vec<(String, Range<usize>)>,
    /// The texts that stand in it as they are, in tags too.
    pub texts: Vec<String>,
}

/// A value at the place where it is printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printed {
    /// Where it is printed.
    pub range: Range<usize>,
    /// Where it comes from, such as `incident.name` or `tasks.list[].title`.
    pub path: String,
    /// The filters that it went through, in order.
    pub filters: Vec<String>,
    /// The texts that those filters were given.
    pub arguments: Vec<String>,
    /// Whether only a part of it is printed.
    pub is_cut: bool,
}

impl Printed {
    /// What to print in place of it, where it is a mapping or a list in templates of that
    /// kind and no filter takes something out of it.
    #[must_use]
    pub fn instead(&self, kind: TemplateKind) -> Option<String> {
        let path = &self.path;
        let is_whole = |filter: &String| AS_A_WHOLE.contains(&filter.as_str());
        if !self.filters.iter().all(is_whole) {
            return None;
        }
        match vocabulary::shape_of(kind, path)? {
            Shape::Record(fields) => {
                let title = fields.iter().find(|(name, _)| *name == "title");
                let (name, _) = title.or(fields.first())?;
                Some(format!("`{{{{ {path}.{name} }}}}`"))
            }
            Shape::Map(_) => Some(format!("`{{{{ {path}.KEY }}}}`")),
            Shape::List(_) => Some(format!("`{{% for item in {path} %}}`")),
            Shape::Plain(_) | Shape::Any => None,
        }
    }

    /// Whether it went through one of these filters.
    #[must_use]
    pub fn went_through(&self, filters: &[&str]) -> bool {
        let mut names = self.filters.iter();
        names.any(|name| filters.contains(&name.as_str()))
    }
}

/// Reads a template that has no mistake of syntax.
pub(super) fn contents(template: &Template) -> Contents {
    let mut walk = Walk {
        template,
        scopes: vec![HashMap::new()],
        found: Contents::default(),
    };
    if let Ok(tree) = tree(template) {
        walk.statement(&tree);
    }
    walk.found
}

struct Walk<'a> {
    template: &'a Template,
    scopes: Vec<HashMap<&'a str, Vec<Printed>>>,
    found: Contents,
}

impl<'a> Walk<'a> {
    fn statements(&mut self, all: &[Stmt<'a>]) {
        self.scopes.push(HashMap::new());
        for statement in all {
            self.statement(statement);
        }
        self.scopes.pop();
    }

    fn statement(&mut self, statement: &Stmt<'a>) {
        match statement {
            Stmt::Template(s) => s.children.iter().for_each(|child| self.statement(child)),
            Stmt::EmitRaw(s) => self.found.texts.push(s.raw.to_owned()),
            Stmt::EmitExpr(s) => {
                let body = self.template.body;
                let span = s.span();
                let range = body + span.start_offset as usize..body + span.end_offset as usize;
                let range = within(&self.template.text, range);
                for value in self.expression(&s.expr) {
                    self.found.printed.push(Printed {
                        range: range.clone(),
                        ..value
                    });
                }
            }
            Stmt::ForLoop(s) => {
                let mut items = self.expression(&s.iter);
                for item in &mut items {
                    item.path.push_str("[]");
                }
                self.scopes.push(HashMap::new());
                self.assign(&s.target, items);
                if let Some(filter) = &s.filter_expr {
                    self.expression(filter);
                }
                self.statements(&s.body);
                self.scopes.pop();
                self.statements(&s.else_body);
            }
            Stmt::IfCond(s) => {
                self.expression(&s.expr);
                self.statements(&s.true_body);
                self.statements(&s.false_body);
            }
            Stmt::WithBlock(s) => {
                self.scopes.push(HashMap::new());
                for (target, expression) in &s.assignments {
                    let values = self.expression(expression);
                    self.assign(target, values);
                }
                self.statements(&s.body);
                self.scopes.pop();
            }
            Stmt::Set(s) => {
                let values = self.expression(&s.expr);
                self.assign(&s.target, values);
            }
            // The rest does not parse as a template.
            _ => {}
        }
    }

    fn assign(&mut self, target: &Expr<'a>, values: Vec<Printed>) {
        match target {
            Expr::Var(var) => {
                if let Some(scope) = self.scopes.last_mut() {
                    scope.insert(var.id, values);
                }
            }
            Expr::List(list) => {
                for item in &list.items {
                    self.assign(item, Vec::new());
                }
            }
            Expr::Tuple(tuple) => {
                for item in &tuple.items {
                    self.assign(item, Vec::new());
                }
            }
            _ => {}
        }
    }

    /// The values that an expression may show.
    fn expression(&mut self, expression: &Expr<'a>) -> Vec<Printed> {
        let mut values = match expression {
            Expr::Var(var) => self.variable(var.id),
            Expr::Const(constant) => {
                let text = constant.value.as_str();
                self.found.texts.extend(text.map(str::to_owned));
                Vec::new()
            }
            Expr::GetAttr(s) => {
                let of = self.expression(&s.expr);
                below(of, &format!(".{}", s.name))
            }
            Expr::GetItem(s) => {
                let of = self.expression(&s.expr);
                match &s.subscript_expr {
                    Expr::Const(key) if key.value.as_str().is_some() => {
                        below(of, &format!(".{}", key.value.as_str().unwrap_or_default()))
                    }
                    key => {
                        self.expression(key);
                        below(of, "[]")
                    }
                }
            }
            Expr::Slice(s) => {
                for part in [&s.start, &s.stop, &s.step].into_iter().flatten() {
                    self.expression(part);
                }
                let mut of = self.expression(&s.expr);
                for value in &mut of {
                    value.is_cut = true;
                }
                of
            }
            Expr::Filter(s) => {
                let mut of = s
                    .expr
                    .as_ref()
                    .map_or_else(Vec::new, |e| self.expression(e));
                let (given, arguments) = self.arguments(&s.args);
                for value in &mut of {
                    value.filters.push(s.name.to_owned());
                    value.arguments.extend_from_slice(&arguments);
                }
                if s.name == "default" {
                    of.extend(given);
                }
                of
            }
            Expr::IfExpr(s) => {
                self.expression(&s.test_expr);
                let mut both = self.expression(&s.true_expr);
                if let Some(other) = &s.false_expr {
                    both.extend(self.expression(other));
                }
                both
            }
            Expr::BinOp(s) => {
                let mut both = self.expression(&s.left);
                both.extend(self.expression(&s.right));
                let shows = matches!(
                    s.op,
                    BinOpKind::Add | BinOpKind::Concat | BinOpKind::ScAnd | BinOpKind::ScOr
                );
                if shows { both } else { Vec::new() }
            }
            Expr::UnaryOp(s) => {
                self.expression(&s.expr);
                Vec::new()
            }
            Expr::Compare(s) => {
                self.expression(&s.expr);
                s.ops.iter().for_each(|op| drop(self.expression(&op.expr)));
                Vec::new()
            }
            Expr::Test(s) => {
                self.expression(&s.expr);
                self.arguments(&s.args);
                Vec::new()
            }
            Expr::Call(s) => {
                self.arguments(&s.args);
                self.expression(&s.expr)
            }
            Expr::List(s) => self.all(&s.items),
            Expr::Tuple(s) => self.all(&s.items),
            Expr::Map(s) => self.all(&s.values),
        };
        values.dedup();
        values.retain(|value| value.path.len() <= LONGEST_PATH && value.filters.len() <= 64);
        values.truncate(MOST_VALUES);
        values
    }

    fn variable(&mut self, name: &'a str) -> Vec<Printed> {
        let known = self.scopes.iter().rev().find_map(|scope| scope.get(name));
        if let Some(values) = known {
            return values.clone();
        }
        // Names are slices of the text.
        let text = &self.template.text;
        let start = name.as_ptr().addr().wrapping_sub(text.as_ptr().addr());
        let end = start.saturating_add(name.len());
        if text.get(start..end) == Some(name) {
            self.found.names.push((name.to_owned(), start..end));
        }
        vec![Printed {
            range: 0..0,
            path: name.to_owned(),
            filters: Vec::new(),
            arguments: Vec::new(),
            is_cut: false,
        }]
    }

    /// The values and the texts among the arguments of a filter.
    fn arguments(&mut self, arguments: &[CallArg<'a>]) -> (Vec<Printed>, Vec<String>) {
        let (mut values, mut texts) = (Vec::new(), Vec::new());
        for argument in arguments {
            let (CallArg::Pos(given)
            | CallArg::Kwarg(_, given)
            | CallArg::PosSplat(given)
            | CallArg::KwargSplat(given)) = argument;
            if let Expr::Const(constant) = given {
                texts.extend(constant.value.as_str().map(str::to_owned));
            }
            values.extend(self.expression(given));
        }
        (values, texts)
    }

    fn all(&mut self, items: &[Expr<'a>]) -> Vec<Printed> {
        let mut values = Vec::new();
        for item in items {
            values.extend(self.expression(item));
            values.truncate(MOST_VALUES);
        }
        values
    }
}

fn below(mut values: Vec<Printed>, name: &str) -> Vec<Printed> {
    for value in &mut values {
        value.path.push_str(name);
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(text: &str) -> Vec<String> {
        let template = Template::parse("t.md.j2", text).unwrap();
        let printed = template.contents().printed;
        let words = |p: Printed| {
            let cut = if p.is_cut { " cut" } else { "" };
            let path = std::iter::once(p.path.as_str());
            let all: Vec<&str> = path.chain(p.filters.iter().map(String::as_str)).collect();
            format!("{}{cut}", all.join("|"))
        };
        printed.into_iter().map(words).collect()
    }

    #[test]
    fn values_are_followed_to_where_they_are_printed() {
        for (text, paths) in [
            ("{{ incident.name | md }}", vec!["incident.name|md"]),
            ("{% set n = incident.name %}{{ n }}", vec!["incident.name"]),
            (
                "{% for t in tasks.list %}{{ t.title | upper }}{% endfor %}",
                vec!["tasks.list[].title|upper"],
            ),
            (
                "{{ incident.attributes[\"a-b\"] }}",
                vec!["incident.attributes.a-b"],
            ),
            (
                "{{ previous | default(incident.name) | md }}",
                vec!["previous|default|md", "incident.name|md"],
            ),
            (
                "{{ incident.started_at[:10] }}",
                vec!["incident.started_at cut"],
            ),
            (
                "{{ 'x' if incident.drill else incident.name }}",
                vec!["incident.name"],
            ),
            (
                "{{ incident.name == 'x' }}{% if incident.name %}{% endif %}",
                vec![],
            ),
        ] {
            assert_eq!(printed(text), paths, "{text}");
        }
    }

    #[test]
    fn texts_and_names_are_found_in_tags_too() {
        let text = "a{{ now | replace('x', 'none') }}{% if now is none %}b{% endif %}";
        let template = Template::parse("t.md.j2", text).unwrap();
        let contents = template.contents();
        assert_eq!(contents.texts, ["a", "x", "none", "b"]);
        assert_eq!(
            contents.names,
            [("now".to_owned(), 4..7), ("now".to_owned(), 39..42)]
        );
    }

    #[test]
    fn doubling_values_stay_few() {
        let mut text = "{% set a = incident.name %}".to_owned();
        for _ in 0..40 {
            text += "{% set a = a.x if a else a.y %}";
        }
        text += "{{ a }}";
        assert!(printed(&text).len() <= MOST_VALUES);
    }
}
