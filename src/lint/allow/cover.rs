//! Which lines an allowance reaches beyond its own: texts of several lines, and the own
//! keys of an element of a list.

use std::collections::BTreeMap;

use crate::diag::{Source, Span};
use crate::yaml::{Kind, Node};

/// The lines of a file that belong together, all from 0.
#[derive(Debug, Clone, Default)]
pub(super) struct Cover {
    /// For a line in which texts of several lines begin, where the last of them ends.
    texts: BTreeMap<usize, usize>,
    /// For a line in which an element of a list begins, the lines of its own keys with
    /// their texts: first and last of each part, in order.
    elements: BTreeMap<usize, Vec<[usize; 2]>>,
    /// The same the other way round: for a line, where what it belongs to begins.
    text_of: BTreeMap<usize, Vec<usize>>,
    element_of: BTreeMap<usize, Vec<usize>>,
}

impl Cover {
    /// What belongs together in a file.
    pub(super) fn of(source: &Source, root: &Node<'_>) -> Self {
        let mut cover = Self::default();
        cover.add(source, root, None);
        cover.index();
        cover
    }

    /// The lines in which texts begin that reach this line from above.
    pub(super) fn texts(&self, line: usize) -> impl Iterator<Item = usize> + use<> {
        self.text_of
            .get(&line)
            .cloned()
            .unwrap_or_default()
            .into_iter()
    }

    /// The lines in which elements begin whose own keys or texts stand in this line.
    pub(super) fn elements(&self, line: usize) -> impl Iterator<Item = usize> + use<> {
        self.element_of
            .get(&line)
            .cloned()
            .unwrap_or_default()
            .into_iter()
    }

    fn index(&mut self) {
        for (&begin, &last) in &self.texts {
            for line in begin + 1..=last {
                self.text_of.entry(line).or_default().push(begin);
            }
        }
        for (&begin, parts) in &self.elements {
            for line in parts.iter().flat_map(|[first, last]| *first..=*last) {
                self.element_of.entry(line).or_default().push(begin);
            }
        }
    }

    fn add(&mut self, source: &Source, node: &Node<'_>, key: Option<Span>) {
        match &node.kind {
            Kind::Str(_) => {
                let [first, last] = lines_of_text(source, key, node);
                if last > first {
                    let end = self.texts.entry(first).or_default();
                    *end = last.max(*end);
                }
            }
            Kind::Seq(elements) => {
                for element in elements {
                    if let Kind::Map(_) = element.kind {
                        self.add_element(source, element);
                    }
                    self.add(source, element, None);
                }
            }
            Kind::Map(entries) => {
                for (key, value) in entries {
                    self.add(source, value, Some(key.span));
                }
            }
            _ => {}
        }
    }

    fn add_element(&mut self, source: &Source, element: &Node<'_>) {
        let Kind::Map(entries) = &element.kind else {
            return;
        };
        let mut parts: Vec<[usize; 2]> = Vec::new();
        for (key, value) in entries {
            let key_line = source.line_of(key.span.start);
            let [first, last] = match value.kind {
                Kind::Str(_) => lines_of_text(source, Some(key.span), value),
                _ => [key_line, key_line],
            };
            match parts.last_mut() {
                Some(part) if first <= part[1] + 1 => part[1] = last.max(part[1]),
                _ => parts.push([first, last]),
            }
        }
        if let Some([first, _]) = parts.first().copied() {
            self.elements.entry(first).or_insert(parts);
        }
    }
}

/// Where texts stand: a `#` within them begins no comment.
pub(super) fn texts(node: &Node<'_>, found: &mut Vec<Span>) {
    match &node.kind {
        Kind::Str(_) => found.push(node.span),
        Kind::Seq(elements) => elements.iter().for_each(|e| texts(e, found)),
        Kind::Map(entries) => entries.iter().for_each(|(_, v)| texts(v, found)),
        _ => {}
    }
}

/// The first and the last line of a text with its key. An alias, whose text stands before
/// its key, is the line of the key.
fn lines_of_text(source: &Source, key: Option<Span>, node: &Node<'_>) -> [usize; 2] {
    let written = source.text().get(node.span.range()).unwrap_or_default();
    let end = node.span.start as usize + written.trim_end().len().max(1);
    let last = source.line_of(Span::new(end - 1, end).start);
    let first = match key {
        Some(key) => source.line_of(key.start),
        None => header(source, node.span),
    };
    if source.line_of(node.span.start) < first {
        return [first, first];
    }
    [first, last]
}

/// The line in which a text without key begins: of a block the one above, where its `|` is.
fn header(source: &Source, span: Span) -> usize {
    let line = source.line_of(span.start);
    let before = &source.text()[..span.start as usize];
    let own = before.rsplit(['\n', '\r']).next().unwrap_or_default();
    if !own.trim().is_empty() {
        return line;
    }
    let above = before.trim_end();
    if above.is_empty() {
        return line;
    }
    source.line_of(Span::new(above.len() - 1, above.len()).start)
}
