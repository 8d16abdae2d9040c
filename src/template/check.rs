//! What is wrong with a template, found without rendering it.
//!
//! Owns the walk over the syntax tree: scopes, the shapes of values, names of
//! filters, tests and functions, and the constructs that a message does not need
//! and a hostile template would like to have. Reports all problems, each at its name.

use std::collections::HashMap;
use std::ops::Range;

use minijinja::machinery::ast::{BinOpKind, CallArg, Expr, Stmt};
use minijinja::machinery::{Span, parse};
use minijinja::syntax::SyntaxConfig;

use super::problem::{ProblemKind, TemplateProblem};
use super::vocabulary::{self, LOOP, Shape};
use super::{Template, TemplateKind, engine, filters};

/// How often a template may join texts: each can double what the one before made.
const MOST_JOINS: usize = 24;

/// After so many names that nobody knows the rest are not worth telling: each is held
/// against all that are known.
const MOST_UNKNOWN: usize = 1_000;

/// How many names help lists, and how many bytes each may have.
const MOST_SHOWN: usize = 100;

/// Parses the body.
pub(super) fn tree(template: &Template) -> Result<Stmt<'_>, TemplateProblem> {
    parse(template.body(), template.name(), SyntaxConfig::default()).map_err(|error| {
        let range = error
            .range()
            .map_or(template.body..template.text.len(), |range| {
                range.start + template.body..range.end + template.body
            });
        let range = within(&template.text, range);
        let problem = TemplateProblem::syntax(engine::reason(&error), range);
        if problem.message.starts_with("unknown statement") {
            problem.help("a template has `if`, `for`, `set`, `with` and `raw`")
        } else if problem.message.contains(", expected end of variable block") {
            problem.help("close the tag with `}}`")
        } else if problem.message.contains(", expected end of block") {
            problem.help("close the tag with `%}`")
        } else {
            problem.help(
                "a tag is `{{ value }}`, `{% if … %}` with its `{% endif %}`, or `{# comment #}`",
            )
        }
    })
}

/// Clamps a range to whole characters of the text.
pub(super) fn within(text: &str, range: Range<usize>) -> Range<usize> {
    let floor = |mut at: usize| {
        at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = floor(range.start);
    start..floor(range.end).max(start)
}

/// The first problem of syntax, including constructs that are not allowed.
pub(super) fn syntax(template: &Template) -> Result<(), TemplateProblem> {
    let tree = tree(template)?;
    // The kind matters for names only.
    let mut walk = Walk::new(template, TemplateKind::Welcome);
    walk.statement(&tree);
    walk.problems.sort_by_key(|p| p.range.start);
    let first = walk
        .problems
        .into_iter()
        .find(|p| p.what == ProblemKind::Syntax);
    first.map_or(Ok(()), Err)
}

/// Every problem of a template of that kind.
pub(super) fn check(template: &Template, kind: TemplateKind) -> Vec<TemplateProblem> {
    let tree = match tree(template) {
        Ok(tree) => tree,
        Err(problem) => return vec![problem],
    };
    let mut walk = Walk::new(template, kind);
    if kind != TemplateKind::Update
        && let Some(input) = template.inputs().first()
    {
        let message = format!("a template of kind {} asks for nothing", kind.name());
        let start = template.text.find("inputs").unwrap_or(0);
        walk.problems.push(
            TemplateProblem::new(ProblemKind::FrontMatter, message, start..start + 6).help(
                format!(
                    "only templates of status updates have inputs; remove `{}` from the front matter",
                    input.key
                ),
            ),
        );
    }
    walk.statement(&tree);
    let mut problems = walk.problems;
    problems.sort_by_key(|p| (p.range.start, p.range.end));
    problems.dedup();
    problems
}

struct Walk<'a> {
    template: &'a Template,
    kind: TemplateKind,
    scopes: Vec<HashMap<&'a str, Shape>>,
    joins: usize,
    /// Within what gets a name, and can be used again and again.
    stored: bool,
    /// How many names nobody knows.
    unknown: usize,
    problems: Vec<TemplateProblem>,
}

impl<'a> Walk<'a> {
    fn new(template: &'a Template, kind: TemplateKind) -> Self {
        let mut names: HashMap<&str, Shape> = vocabulary::variables(kind).iter().copied().collect();
        for input in template.inputs() {
            names.insert(&input.key, Shape::Plain("input"));
        }
        Self {
            template,
            kind,
            scopes: vec![names],
            joins: 0,
            stored: false,
            unknown: 0,
            problems: Vec::new(),
        }
    }

    /// Where a name of the tree stands in the file: names are slices of it.
    fn place(&self, name: &str, span: Span) -> Range<usize> {
        let text = &self.template.text;
        let start = name.as_ptr().addr().wrapping_sub(text.as_ptr().addr());
        if text.get(start..start.saturating_add(name.len())) == Some(name) {
            start..start + name.len()
        } else {
            self.span(span)
        }
    }

    fn span(&self, span: Span) -> Range<usize> {
        let body = self.template.body;
        let range = body + span.start_offset as usize..body + span.end_offset as usize;
        within(&self.template.text, range)
    }

    fn forbid(&mut self, what: &str, span: Span) {
        let mut range = self.span(span);
        let text = &self.template.text[range.clone()];
        let word = text.find(char::is_whitespace).unwrap_or(text.len());
        range.end = range.start + word;
        let problem = TemplateProblem::syntax(format!("{what} cannot be used in templates"), range);
        self.problems
            .push(problem.help("a template has `if`, `for`, `set`, `with` and `raw`"));
    }

    fn statements(&mut self, all: &[Stmt<'a>]) {
        self.scopes.push(HashMap::new());
        for statement in all {
            self.statement(statement);
        }
        self.scopes.pop();
    }

    fn statement(&mut self, statement: &Stmt<'a>) {
        match statement {
            Stmt::Template(s) => {
                for child in &s.children {
                    self.statement(child);
                }
            }
            Stmt::EmitExpr(s) => {
                self.expression(&s.expr);
            }
            Stmt::EmitRaw(_) | Stmt::Continue(_) | Stmt::Break(_) => {}
            Stmt::ForLoop(s) => {
                if s.recursive {
                    self.forbid("`recursive`", s.span());
                }
                let item = match self.stored(&s.iter) {
                    Shape::List(item) => *item,
                    Shape::Map(_) => Shape::Plain("key"),
                    _ => Shape::Any,
                };
                self.scopes.push(HashMap::from([("loop", LOOP)]));
                self.assign(&s.target, item);
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
                    let shape = self.stored(expression);
                    self.assign(target, shape);
                }
                self.statements(&s.body);
                self.scopes.pop();
            }
            Stmt::Set(s) => {
                let shape = self.stored(&s.expr);
                self.assign(&s.target, shape);
            }
            Stmt::SetBlock(s) => self.forbid("`set` with a block", s.span()),
            Stmt::AutoEscape(s) => self.forbid("`autoescape`", s.span()),
            Stmt::FilterBlock(s) => self.forbid("`filter` with a block", s.span()),
            Stmt::Do(s) => self.forbid("`do`", s.span()),
        }
    }

    fn assign(&mut self, target: &Expr<'a>, shape: Shape) {
        match target {
            Expr::Var(var) => {
                let scope = self.scopes.last_mut();
                scope.map(|scope| scope.insert(var.id, shape));
            }
            Expr::List(list) => {
                for item in &list.items {
                    self.assign(item, Shape::Any);
                }
            }
            Expr::Tuple(tuple) => {
                for item in &tuple.items {
                    self.assign(item, Shape::Any);
                }
            }
            _ => {}
        }
    }

    /// An expression that gets a name: if it could be longer than what it is made of, a
    /// few of them would fill any memory.
    fn stored(&mut self, expression: &Expr<'a>) -> Shape {
        let before = std::mem::replace(&mut self.stored, true);
        let shape = self.expression(expression);
        self.stored = before;
        shape
    }

    /// Refuses operators that make much of little.
    fn growth(&mut self, op: BinOpKind, sides: [(&Expr<'a>, Shape); 2], span: Span) {
        let is_number = |e: &Expr<'_>| matches!(e, Expr::Const(c) if c.value.is_number());
        let has_number = sides.iter().any(|(e, _)| is_number(e));
        let all_plain = sides.iter().all(|(_, s)| matches!(s, Shape::Plain(_)));
        let (sign, is_wrong) = match op {
            BinOpKind::Concat => ("~", self.stored),
            BinOpKind::Add => ("+", self.stored && !has_number),
            BinOpKind::Mul => ("*", !all_plain || self.stored && !has_number),
            _ => return,
        };
        if is_wrong {
            let range = self.span(span);
            let place = if matches!(op, BinOpKind::Mul) && !all_plain {
                "with lists".to_owned()
            } else {
                "to make what `set`, `with` and `for` name".to_owned()
            };
            self.problems.push(
                TemplateProblem::syntax(format!("`{sign}` cannot be used {place}"), range)
                    .help("join texts where they are printed, as in `{{ a }}{{ b }}`"),
            );
        }
    }

    fn expression(&mut self, expression: &Expr<'a>) -> Shape {
        match expression {
            Expr::Var(var) => self.variable(var.id, var.span()),
            Expr::Const(_) => Shape::Plain("text"),
            Expr::Slice(s) => {
                let shape = self.expression(&s.expr);
                for part in [&s.start, &s.stop, &s.step].into_iter().flatten() {
                    self.expression(part);
                }
                shape
            }
            Expr::UnaryOp(s) => {
                self.expression(&s.expr);
                Shape::Plain("value")
            }
            Expr::BinOp(s) => {
                let left = self.expression(&s.left);
                let right = self.expression(&s.right);
                if matches!(s.op, BinOpKind::Add | BinOpKind::Concat | BinOpKind::Mul) {
                    self.joins += 1;
                    if self.joins == MOST_JOINS + 1 {
                        let range = self.span(s.span());
                        self.problems.push(TemplateProblem::syntax(
                            format!("a template may use `~`, `+` and `*` {MOST_JOINS} times"),
                            range,
                        ));
                    }
                }
                self.growth(s.op, [(&s.left, left), (&s.right, right)], s.span());
                combined(s.op, left, right)
            }
            Expr::Compare(s) => {
                self.expression(&s.expr);
                for op in &s.ops {
                    self.expression(&op.expr);
                }
                Shape::Plain("value")
            }
            Expr::IfExpr(s) => {
                self.expression(&s.test_expr);
                let yes = self.expression(&s.true_expr);
                let no = s.false_expr.as_ref().map(|e| self.expression(e));
                if no.is_none_or(|no| no == yes) {
                    yes
                } else {
                    Shape::Any
                }
            }
            Expr::Filter(s) => {
                let of = s.expr.as_ref().map(|e| self.expression(e));
                self.arguments(&s.args);
                self.known("filter", s.name, s.span(), &filters::FILTERS);
                match (s.name, of) {
                    ("first" | "last", Some(Shape::List(item))) => *item,
                    ("selectattr" | "rejectattr" | "default", Some(of)) => of,
                    ("first" | "last" | "default", _) => Shape::Any,
                    _ => Shape::Plain("text"),
                }
            }
            Expr::Test(s) => {
                self.expression(&s.expr);
                self.arguments(&s.args);
                self.known("test", s.name, s.span(), &filters::TESTS);
                Shape::Plain("value")
            }
            Expr::GetAttr(s) => {
                let of = self.expression(&s.expr);
                self.attribute(of, &s.expr, s.name, s.span())
            }
            Expr::GetItem(s) => {
                let of = self.expression(&s.expr);
                self.expression(&s.subscript_expr);
                match &s.subscript_expr {
                    Expr::Const(key) if key.value.as_str().is_some() => {
                        let span = s.subscript_expr.span();
                        let name = key.value.as_str().unwrap_or_default();
                        self.attribute(of, &s.expr, name, span)
                    }
                    _ => match of {
                        Shape::List(item) | Shape::Map(item) => *item,
                        _ => Shape::Any,
                    },
                }
            }
            Expr::Call(s) => {
                self.call(&s.expr);
                self.arguments(&s.args);
                Shape::Any
            }
            Expr::List(s) => self.all(&s.items),
            Expr::Tuple(s) => self.all(&s.items),
            Expr::Map(s) => {
                self.all(&s.keys);
                self.all(&s.values)
            }
        }
    }

    fn all(&mut self, items: &[Expr<'a>]) -> Shape {
        for item in items {
            let shape = self.expression(item);
            if self.stored && shape == Shape::Any {
                let range = self.span(item.span());
                self.problems.push(
                    TemplateProblem::syntax(
                        "a list with a name cannot hold other lists".to_owned(),
                        range,
                    )
                    .help("write out what it holds"),
                );
            }
        }
        Shape::Any
    }

    fn arguments(&mut self, arguments: &[CallArg<'a>]) {
        for argument in arguments {
            match argument {
                CallArg::Pos(e)
                | CallArg::Kwarg(_, e)
                | CallArg::PosSplat(e)
                | CallArg::KwargSplat(e) => self.expression(e),
            };
        }
    }

    fn call(&mut self, called: &Expr<'a>) {
        let (name, span) = match called {
            Expr::Var(var) => (var.id, var.span()),
            Expr::GetAttr(s) => {
                self.expression(&s.expr);
                (s.name, s.span())
            }
            other => {
                self.expression(other);
                ("", other.span())
            }
        };
        if self.has_told_enough() {
            return;
        }
        let range = self.place(name, span);
        let message = if name.is_empty() {
            "this cannot be called".to_owned()
        } else {
            format!("there is no function `{name}`")
        };
        self.problems.push(
            TemplateProblem::new(ProblemKind::UnknownCall, message, range)
                .help("templates have filters, such as `{{ x | md }}`, and no functions"),
        );
    }

    /// Counts a name that nobody knows.
    fn has_told_enough(&mut self) -> bool {
        self.unknown += 1;
        self.unknown > MOST_UNKNOWN
    }

    fn known(&mut self, what: &str, name: &str, span: Span, known: &[&'static str]) {
        // The words of comparison are tests too: `x is == 1` parses.
        if known.contains(&name) || self.has_told_enough() {
            return;
        }
        let range = self.place(name, span);
        let help = match vocabulary::nearest(name, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the {what}s are {}", known.join(", ")),
        };
        self.problems.push(
            TemplateProblem::new(
                ProblemKind::UnknownCall,
                format!("there is no {what} `{name}`"),
                range,
            )
            .help(help),
        );
    }

    fn variable(&mut self, name: &'a str, span: Span) -> Shape {
        if let Some(shape) = self.scopes.iter().rev().find_map(|s| s.get(name)) {
            return *shape;
        }
        if self.has_told_enough() {
            return Shape::Any;
        }
        let mut names: Vec<&str> = self.scopes.iter().flat_map(|s| s.keys().copied()).collect();
        names.retain(|known| known.len() <= MOST_SHOWN);
        names.sort_unstable();
        names.dedup();
        names.truncate(MOST_SHOWN);
        let help = match vocabulary::nearest(name, names.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!(
                "a template of kind {} sees {}",
                self.kind.name(),
                names.join(", ")
            ),
        };
        let range = self.place(name, span);
        self.problems.push(
            TemplateProblem::new(
                ProblemKind::Undefined,
                format!("there is no variable `{name}`"),
                range,
            )
            .help(help),
        );
        Shape::Any
    }

    fn attribute(&mut self, of: Shape, owner: &Expr<'a>, name: &str, span: Span) -> Shape {
        let known: Vec<&str> = match of {
            Shape::Any => return Shape::Any,
            Shape::Map(value) => return *value,
            Shape::Record(fields) => {
                if let Some((_, shape)) = fields.iter().find(|(known, _)| *known == name) {
                    return *shape;
                }
                fields.iter().map(|(known, _)| *known).collect()
            }
            Shape::Plain(_) | Shape::List(_) => Vec::new(),
        };
        if self.has_told_enough() {
            return Shape::Any;
        }
        let owner = path(owner);
        let help = match vocabulary::nearest(name, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if known.is_empty() => format!("`{owner}` is a single value"),
            None => format!("`{owner}` has {}", known.join(", ")),
        };
        let range = self.place(name, span);
        self.problems.push(
            TemplateProblem::new(
                ProblemKind::Undefined,
                format!("`{owner}` has no value `{name}`"),
                range,
            )
            .help(help),
        );
        Shape::Any
    }
}

/// What an operator makes of two values.
fn combined(op: BinOpKind, left: Shape, right: Shape) -> Shape {
    let are_plain = matches!((left, right), (Shape::Plain(_), Shape::Plain(_)));
    match op {
        BinOpKind::ScAnd | BinOpKind::ScOr if left == right => left,
        BinOpKind::ScAnd | BinOpKind::ScOr => Shape::Any,
        // Two lists, perhaps.
        BinOpKind::Add if !are_plain => Shape::Any,
        _ => Shape::Plain("value"),
    }
}

/// An expression as its author would name it.
pub(super) fn path(expression: &Expr<'_>) -> String {
    match expression {
        Expr::Var(var) => var.id.to_owned(),
        Expr::GetAttr(s) => format!("{}.{}", path(&s.expr), s.name),
        Expr::GetItem(s) => format!("{}[…]", path(&s.expr)),
        other => other.description().to_owned(),
    }
}
