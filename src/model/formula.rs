//! A condition as a formula: `not` pushed down to the comparisons.
//!
//! Owns what `when` means, and whether Mattermost can hold it: the server knows one
//! list of comparisons, joined by AND or by OR. Pure. Conditions that name an attribute,
//! an option or a severity that nobody declares are no formula: `validate` has told that
//! already.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::{Attribute, AttributeKind, AttributeSource, Key, Playbook, Settings, When};

/// What an attribute in a condition can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Choice<'p> {
    /// One of these, or nothing.
    One(Vec<&'p str>),
    /// Any of these.
    Several(Vec<&'p str>),
    /// Any text; the server does not look at its case.
    Text,
}

/// An attribute that conditions can compare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Variable<'p> {
    pub(crate) key: &'p Key,
    pub(crate) choice: Choice<'p>,
    /// Whether warroom gives it a value at the start of an incident.
    pub(crate) is_given: bool,
    /// The options once more, to look values up; none of a text.
    declared: BTreeSet<&'p str>,
}

impl<'p> Variable<'p> {
    pub(crate) fn new(key: &'p Key, choice: Choice<'p>, is_given: bool) -> Self {
        let declared = match &choice {
            Choice::One(options) | Choice::Several(options) => options.iter().copied().collect(),
            Choice::Text => BTreeSet::new(),
        };
        Self {
            key,
            choice,
            is_given,
            declared,
        }
    }

    /// Whether it can have any text.
    pub(crate) fn is_text(&self) -> bool {
        self.choice == Choice::Text
    }

    /// Whether it can have this value.
    fn can_be(&self, value: &str) -> bool {
        self.is_text() || self.declared.contains(value)
    }
}

/// A condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Formula<'p> {
    /// An attribute, by its place among the variables, has one of the values, or none of them.
    Is {
        variable: usize,
        values: BTreeSet<&'p str>,
        negated: bool,
    },
    /// All of these hold; of none, always.
    All(Vec<Formula<'p>>),
    /// One of these holds; of none, never.
    Any(Vec<Formula<'p>>),
}

/// The attributes of a playbook that conditions can compare.
pub(crate) fn variables<'p>(playbook: &'p Playbook, settings: &'p Settings) -> Vec<Variable<'p>> {
    let all = playbook.attributes.iter();
    all.filter_map(|attribute| {
        Some(Variable::new(
            &attribute.key,
            choice(attribute, settings)?,
            attribute.from == Some(AttributeSource::Severities),
        ))
    })
    .collect()
}

fn choice<'p>(attribute: &'p Attribute, settings: &'p Settings) -> Option<Choice<'p>> {
    let options = || attribute.options.iter().map(String::as_str).collect();
    let choice = match (attribute.kind, attribute.from) {
        (_, Some(AttributeSource::Severities)) => {
            let severities = settings.severities.iter();
            Choice::One(severities.map(|s| s.key.as_str()).collect())
        }
        (Some(AttributeKind::Select), None) => Choice::One(options()),
        (Some(AttributeKind::Multiselect), None) => Choice::Several(options()),
        (Some(AttributeKind::Text), None) => Choice::Text,
        _ => return None,
    };
    match &choice {
        Choice::One(options) | Choice::Several(options) if options.is_empty() => None,
        _ => Some(choice),
    }
}

impl<'p> Formula<'p> {
    /// The formula of a condition; none where it compares what cannot be compared, or with
    /// what cannot be.
    pub(crate) fn of(when: &'p When, variables: &[Variable<'p>]) -> Option<Self> {
        Self::build(when, false, variables)
    }

    /// The opposite.
    pub(crate) fn not_of(when: &'p When, variables: &[Variable<'p>]) -> Option<Self> {
        Self::build(when, true, variables)
    }

    fn build(when: &'p When, negated: bool, variables: &[Variable<'p>]) -> Option<Self> {
        let mut parts = Vec::new();
        for (key, values) in &when.attributes {
            let variable = variables.iter().position(|v| v.key == key)?;
            if !values.iter().all(|value| variables[variable].can_be(value)) {
                return None;
            }
            parts.push(Self::Is {
                variable,
                values: values.iter().map(String::as_str).collect(),
                negated,
            });
        }
        if !when.any.is_empty() {
            let inner = when.any.iter();
            let inner = inner.map(|when| Self::build(when, negated, variables));
            parts.push(Self::joined(inner.collect::<Option<_>>()?, negated));
        }
        if let Some(inner) = &when.not {
            parts.push(Self::build(inner, !negated, variables)?);
        }
        Some(Self::joined(parts, !negated))
    }

    fn joined(parts: Vec<Self>, all: bool) -> Self {
        if all {
            Self::All(parts)
        } else {
            Self::Any(parts)
        }
    }

    /// The same in as few levels as there can be without writing anything twice.
    pub(crate) fn simple(self, variables: &[Variable<'p>]) -> Self {
        let (parts, all) = match self {
            Self::Is {
                variable,
                values,
                negated,
            } => {
                if values.len() < 2 || variables[variable].choice != Choice::Text {
                    return Self::Is {
                        variable,
                        values,
                        negated,
                    };
                }
                // The server compares a text with one value.
                let each = values.into_iter().map(|value| Self::Is {
                    variable,
                    values: BTreeSet::from([value]),
                    negated,
                });
                return Self::joined(each.collect(), negated);
            }
            Self::All(parts) => (parts, true),
            Self::Any(parts) => (parts, false),
        };
        let mut flat: Vec<Self> = Vec::with_capacity(parts.len());
        for part in parts {
            match (part.simple(variables), all) {
                (Self::All(inner), true) | (Self::Any(inner), false) => {
                    for part in inner {
                        add(&mut flat, part, all, variables);
                    }
                }
                (part, _) => add(&mut flat, part, all, variables),
            }
        }
        match flat.pop() {
            Some(only) if flat.is_empty() => only,
            last => {
                flat.extend(last);
                Self::joined(flat, all)
            }
        }
    }

    /// How many values it compares with.
    pub(crate) fn size(&self) -> usize {
        match self {
            Self::Is { values, .. } => values.len(),
            Self::All(parts) | Self::Any(parts) => parts.iter().map(Self::size).sum(),
        }
    }

    /// Whether Mattermost can hold it, once it is simple.
    pub(crate) fn is_one_level(&self) -> bool {
        let is_comparison = |part: &Self| matches!(part, Self::Is { .. });
        match self {
            Self::Is { .. } => true,
            Self::All(parts) | Self::Any(parts) => parts.iter().all(is_comparison),
        }
    }

    /// What people say for it; its values come from files and may hold anything.
    pub(crate) fn words(&self, variables: &[Variable<'p>]) -> String {
        /// More is no help.
        const MOST: usize = 300;
        let mut words = String::new();
        self.write(variables, false, &mut words);
        if words.chars().count() > MOST {
            words = words.chars().take(MOST).collect();
            words.push('…');
        }
        words
    }

    fn write(&self, variables: &[Variable<'p>], inner: bool, out: &mut String) {
        let (parts, word) = match self {
            Self::Is {
                variable,
                values,
                negated,
            } => {
                let values: Vec<String> = values.iter().map(|v| format!("`{v}`")).collect();
                let key = variables[*variable].key;
                let is = if *negated { "is not" } else { "is" };
                let _ = write!(out, "`{key}` {is} {}", values.join(" or "));
                return;
            }
            Self::All(parts) => (parts, " and "),
            Self::Any(parts) => (parts, " or "),
        };
        let bracket = inner && parts.len() > 1;
        out.push_str(if bracket { "(" } else { "" });
        for (n, part) in parts.iter().enumerate() {
            out.push_str(if n == 0 { "" } else { word });
            part.write(variables, true, out);
        }
        out.push_str(if bracket { ")" } else { "" });
    }
}

/// Adds a part to others: comparisons that the server can say in one become one.
fn add<'p>(parts: &mut Vec<Formula<'p>>, part: Formula<'p>, all: bool, variables: &[Variable<'p>]) {
    if let Formula::Is {
        variable,
        values,
        negated,
    } = &part
        && *negated == all
        && variables[*variable].choice != Choice::Text
    {
        let same = parts.iter_mut().find_map(|part| match part {
            Formula::Is {
                variable: v,
                values,
                negated: n,
            } if v == variable && n == negated => Some(values),
            _ => None,
        });
        if let Some(known) = same {
            known.extend(values);
            return;
        }
    }
    parts.push(part);
}
