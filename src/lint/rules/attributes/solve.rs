//! Whether a formula can hold, and with which values.
//!
//! Every attribute may be without a value. Of its values only those that the formula
//! names matter; all others are one. The search gives up after a number of steps: then
//! nothing is said. Pure.

use std::collections::BTreeSet;

use crate::diag::one_line;
use crate::model::{Choice, Formula, Variable};

/// How many comparisons all searches in one playbook may make.
const MOST_STEPS: usize = 500_000;
/// More things to choose than a search can hold.
const MOST_CELLS: usize = 200;

/// What a search found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It holds with these values, whatever the others are: in words.
    Holds(String),
    /// It never holds.
    Never,
    /// There are too many possibilities.
    GaveUp,
}

/// Whether an attribute that warroom fills may be without a value all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Given {
    /// As at the start of an incident with warroom.
    Always,
    /// As where somebody starts one in Mattermost.
    Perhaps,
}

/// Searches that share one number of steps.
#[derive(Debug)]
pub(super) struct Solver<'v, 'p> {
    variables: &'v [Variable<'p>],
    steps: usize,
}

/// Something with a few states: an attribute with one value, or one option of several.
#[derive(Debug)]
struct Cell<'p> {
    variable: usize,
    states: Vec<State<'p>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State<'p> {
    Value(&'p str),
    /// Any other text.
    Other,
    Unset,
    /// An option of several, taken or not.
    Taken(&'p str),
    Left(&'p str),
}

/// A formula over cells.
#[derive(Debug)]
enum Node {
    Is(usize, Vec<usize>),
    All(Vec<Node>),
    Any(Vec<Node>),
}

/// What is known of a node while some cells have no state yet.
enum Known {
    Yes,
    No,
    /// It hangs on this cell.
    On(usize),
}

impl<'v, 'p> Solver<'v, 'p> {
    pub(super) fn new(variables: &'v [Variable<'p>]) -> Self {
        Self {
            variables,
            steps: MOST_STEPS,
        }
    }

    /// Whether the formula can hold.
    pub(super) fn solve(&mut self, formula: &Formula<'p>, given: Given) -> Verdict {
        if self.is_spent() {
            return Verdict::GaveUp;
        }
        let cells = self.cells(formula, given);
        // Looking at a large formula at all is work as well.
        self.steps = self.steps.saturating_sub(formula.size() * cells.len());
        if self.is_spent() || cells.len() > MOST_CELLS {
            return Verdict::GaveUp;
        }
        let node = self.node(formula, &cells);
        let mut states = vec![None; cells.len()];
        match self.search(&node, &cells, &mut states) {
            None => Verdict::GaveUp,
            Some(false) => Verdict::Never,
            Some(true) => Verdict::Holds(self.words(&cells, &states)),
        }
    }

    /// Whether no step is left: every other search gives up, too.
    pub(super) fn is_spent(&self) -> bool {
        self.steps == 0
    }

    /// The cells of all attributes that a formula names.
    fn cells(&self, formula: &Formula<'p>, given: Given) -> Vec<Cell<'p>> {
        let mut named: Vec<BTreeSet<&'p str>> = vec![BTreeSet::new(); self.variables.len()];
        let mut used = vec![false; self.variables.len()];
        let mut rest = vec![formula];
        while let Some(formula) = rest.pop() {
            match formula {
                Formula::Is {
                    variable, values, ..
                } => {
                    used[*variable] = true;
                    named[*variable].extend(values);
                }
                Formula::All(parts) | Formula::Any(parts) => rest.extend(parts),
            }
        }
        let mut cells = Vec::new();
        for (index, variable) in self.variables.iter().enumerate().filter(|(n, _)| used[*n]) {
            let named = &named[index];
            let mut states = Vec::new();
            match &variable.choice {
                Choice::Several(options) => {
                    let known: BTreeSet<&str> = options.iter().copied().collect();
                    for option in named.iter().filter(|value| known.contains(*value)) {
                        cells.push(Cell {
                            variable: index,
                            states: vec![State::Left(option), State::Taken(option)],
                        });
                    }
                    continue;
                }
                Choice::One(options) => {
                    let mut seen = BTreeSet::new();
                    let mut other = false;
                    for option in options {
                        // Of options that nothing names, one stands for all.
                        let is_new = named.contains(option) || !std::mem::replace(&mut other, true);
                        if is_new && seen.insert(*option) {
                            states.push(State::Value(option));
                        }
                    }
                }
                Choice::Text => {
                    let mut seen = BTreeSet::new();
                    let distinct = named.iter().filter(|value| seen.insert(folded(value)));
                    states.extend(distinct.map(|value| State::Value(value)));
                    states.push(State::Other);
                }
            }
            if given == Given::Perhaps || !variable.is_given {
                states.push(State::Unset);
            }
            cells.push(Cell {
                variable: index,
                states,
            });
        }
        cells
    }

    fn node(&self, formula: &Formula<'p>, cells: &[Cell<'p>]) -> Node {
        let nodes =
            |parts: &[Formula<'p>]| parts.iter().map(|part| self.node(part, cells)).collect();
        match formula {
            Formula::All(parts) => Node::All(nodes(parts)),
            Formula::Any(parts) => Node::Any(nodes(parts)),
            Formula::Is {
                variable,
                values,
                negated,
            } => {
                let text = self.variables[*variable].choice == Choice::Text;
                let folded_values: BTreeSet<String> = if text {
                    values.iter().map(|value| folded(value)).collect()
                } else {
                    BTreeSet::new()
                };
                let matches = |state: &State<'_>| match state {
                    State::Value(value) if text => folded_values.contains(&folded(value)),
                    State::Value(value) | State::Taken(value) => values.contains(value),
                    State::Other | State::Unset | State::Left(_) => false,
                };
                let mine = cells.iter().enumerate();
                let mine = mine.filter(|(_, cell)| cell.variable == *variable);
                let all = mine.filter_map(|(index, cell)| {
                    // Of several, only the named options have to do with it.
                    let is_concerned = cell.states.iter().any(&matches);
                    let states = cell.states.iter().enumerate();
                    let states = states.filter(|(_, state)| matches(state) != *negated);
                    let several = matches!(cell.states.first(), Some(State::Left(_)));
                    let states = states.map(|(n, _)| n).collect();
                    (is_concerned || !several).then_some(Node::Is(index, states))
                });
                let all = all.collect();
                if *negated {
                    Node::All(all)
                } else {
                    Node::Any(all)
                }
            }
        }
    }

    /// Tries the states of one cell after the other; none when it takes too long.
    fn search(
        &mut self,
        node: &Node,
        cells: &[Cell<'p>],
        states: &mut [Option<usize>],
    ) -> Option<bool> {
        let cell = match self.known(node, states)? {
            Known::Yes => return Some(true),
            Known::No => return Some(false),
            Known::On(cell) => cell,
        };
        for state in 0..cells[cell].states.len() {
            states[cell] = Some(state);
            if self.search(node, cells, states)? {
                return Some(true);
            }
        }
        states[cell] = None;
        Some(false)
    }

    fn known(&mut self, node: &Node, states: &[Option<usize>]) -> Option<Known> {
        self.steps = self.steps.checked_sub(1)?;
        let (parts, all) = match node {
            Node::Is(cell, wanted) => {
                return Some(match states[*cell] {
                    None => Known::On(*cell),
                    Some(state) if wanted.contains(&state) => Known::Yes,
                    Some(_) => Known::No,
                });
            }
            Node::All(parts) => (parts, true),
            Node::Any(parts) => (parts, false),
        };
        let mut open = None;
        for part in parts {
            match (self.known(part, states)?, all) {
                (Known::No, true) => return Some(Known::No),
                (Known::Yes, false) => return Some(Known::Yes),
                (Known::On(cell), _) => open = open.or(Some(cell)),
                _ => {}
            }
        }
        Some(match open {
            Some(cell) => Known::On(cell),
            None if all => Known::Yes,
            None => Known::No,
        })
    }

    /// The states that were chosen, in words.
    fn words(&self, cells: &[Cell<'p>], states: &[Option<usize>]) -> String {
        let mut words = Vec::new();
        for (index, variable) in self.variables.iter().enumerate() {
            let key = variable.key;
            let mine = cells.iter().zip(states);
            let mine = mine.filter(|(cell, _)| cell.variable == index);
            let chosen: Vec<State<'p>> = mine
                .filter_map(|(cell, state)| Some(cell.states[(*state)?]))
                .collect();
            let taken: Vec<String> = chosen
                .iter()
                .filter_map(|state| match state {
                    State::Value(value) | State::Taken(value) => Some(format!("`{value}`")),
                    _ => None,
                })
                .collect();
            let left = chosen.iter().filter_map(|state| match state {
                State::Left(value) => Some(format!("`{value}`")),
                _ => None,
            });
            let left: Vec<String> = left.collect();
            if !taken.is_empty() {
                words.push(format!("`{key}` = {}", taken.join(" + ")));
            } else if chosen.contains(&State::Unset) {
                words.push(format!("`{key}` not set"));
            } else if chosen.contains(&State::Other) {
                words.push(format!("any other `{key}`"));
            } else if !left.is_empty() {
                words.push(format!("`{key}` without {}", left.join(" and ")));
            }
        }
        one_line(&words.join(" and "))
    }
}

/// A text as the server compares it.
fn folded(text: &str) -> String {
    text.trim().to_lowercase()
}
