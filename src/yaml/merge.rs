//! Changes of a YAML file by what it should say: what stays the same stays byte for byte.
//!
//! Owns which bytes change so that a text says something else: comments, order, quotes and
//! layout of everything else are left alone. Elements of a list are recognised by their
//! `key`. What comes out is read again before anybody gets it. Pure.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::emit::{
    behind_key, block_text, element, entry, on_one_line, pair, quoted, scalar, spaces,
};
use super::{EditError, Key, Kind, Node, Value, apply, read};
use crate::diag::{Edit, Source, Span};

/// How many pairs of elements are compared to find out which ones stayed.
const MOST_PAIRS: usize = 1_000_000;

/// Says why a file could not be changed; it is as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// It has mistakes.
    #[error("could not change `{0}`: it has mistakes; `warroom validate` shows them")]
    Unreadable(String),
    /// It is written in a way that this cannot change without changing more.
    #[error(
        "could not change `{0}`: it is written in a way that cannot be changed bit by bit, such as with anchors; change it by hand"
    )]
    Unwritable(String),
}

/// Changes what a file says; `change` is given all that it says.
///
/// # Errors
/// When the file has mistakes, or is written in a way that cannot be changed bit by bit.
pub fn edit_value(
    name: &str,
    text: &str,
    change: impl FnOnce(&mut Value),
) -> Result<String, MergeError> {
    let source = Arc::new(Source::new(name, text));
    let mut value = says(&source).ok_or_else(|| MergeError::Unreadable(name.to_owned()))?;
    change(&mut value);
    merge(name, text, &value)
}

/// The text, changed so that it says `wanted`.
///
/// # Errors
/// When the file has mistakes, or is written in a way that cannot be changed bit by bit.
pub fn merge(name: &str, text: &str, wanted: &Value) -> Result<String, MergeError> {
    let unwritable = || MergeError::Unwritable(name.to_owned());
    let source = Arc::new(Source::new(name, text));
    let document = read(&source);
    let root = document.root.filter(|_| document.findings.is_empty());
    let root = root.ok_or_else(|| MergeError::Unreadable(name.to_owned()))?;
    if Value::of(&root).says(wanted) {
        return Ok(text.to_owned());
    }
    let mut merger = Merger {
        text,
        replaced: Vec::new(),
        inserted: BTreeMap::new(),
    };
    merger
        .value(&root, wanted, Slot::Root)
        .ok_or_else(unwritable)?;
    let edited = merger.edited().map_err(|_| unwritable())?;
    let source = Arc::new(Source::new(name, edited));
    match says(&source) {
        Some(value) if value.says(wanted) => Ok(source.text().to_owned()),
        _ => Err(unwritable()),
    }
}

/// What a text says, if it has no mistakes.
fn says(source: &Arc<Source>) -> Option<Value> {
    let document = read(source);
    let root = document.root.filter(|_| document.findings.is_empty())?;
    Some(Value::of(&root))
}

/// Where a value stands.
#[derive(Debug, Clone, Copy)]
enum Slot {
    /// It is all there is.
    Root,
    /// Behind that key of a block mapping.
    Key(Span),
    /// Behind the dash of a block list.
    Dash,
    /// Somewhere between brackets or braces.
    Flow,
}

struct Merger<'t> {
    text: &'t str,
    replaced: Vec<Edit>,
    /// What comes in at a byte; several such pieces in the order in which they came.
    inserted: BTreeMap<usize, String>,
}

impl Merger<'_> {
    fn edited(self) -> Result<String, EditError> {
        let crlf = self.text.contains("\r\n");
        let inserted = self.inserted.into_iter().map(|(at, text)| Edit {
            span: Span::new(at, at),
            text,
        });
        let mut edits: Vec<Edit> = self.replaced.into_iter().chain(inserted).collect();
        if crlf {
            for edit in &mut edits {
                edit.text = edit.text.replace('\n', "\r\n");
            }
        }
        apply(self.text, &edits)
    }

    /// Changes a value; none when that cannot be done in its place.
    fn value(&mut self, node: &Node<'_>, wanted: &Value, slot: Slot) -> Option<()> {
        if Value::of(node).says(wanted) {
            return Some(());
        }
        match (&node.kind, wanted) {
            (Kind::Map(entries), Value::Map(new) | Value::Short(new))
                if entries.iter().any(|(key, _)| has(new, &key.name)) =>
            {
                self.map(node, entries, new)
            }
            (Kind::Seq(elements), Value::List(new)) => {
                let kept = aligned(elements, new);
                if kept.is_empty() {
                    return self.replace(node, wanted, slot);
                }
                self.seq(node, elements, new, &kept)
            }
            _ => self.replace(node, wanted, slot),
        }
    }

    fn map(
        &mut self,
        node: &Node<'_>,
        entries: &[(Key<'_>, Node<'_>)],
        wanted: &[(String, Value)],
    ) -> Option<()> {
        let flow = self.is_flow(node);
        let indent = self.column(entries.first()?.0.span.start as usize);
        let kept: Vec<bool> = entries
            .iter()
            .map(|(key, _)| has(wanted, &key.name))
            .collect();
        for ((key, value), _) in entries.iter().zip(&kept).filter(|(_, kept)| **kept) {
            inside(node, key.span)?;
            let (_, new) = wanted.iter().find(|(name, _)| *name == key.name)?;
            let slot = if flow {
                Slot::Flow
            } else {
                Slot::Key(key.span)
            };
            self.value(value, new, slot)?;
        }
        let spans: Vec<Span> = entries
            .iter()
            .map(|(key, value)| self.whole(key.span, value.span))
            .collect();
        self.remove(&spans, &kept, flow)?;
        let mut last: Option<Span> = None;
        for (name, value) in wanted {
            if let Some(place) = entries.iter().position(|(key, _)| key.name == *name) {
                last = Some(spans[place]);
                continue;
            }
            match (last, flow) {
                (Some(last), true) => {
                    self.insert(last.end as usize, &format!(", {}", pair(name, value)));
                }
                (Some(last), false) => {
                    let text = entry(name, value, indent);
                    let text = text.trim_end_matches('\n');
                    // The larger parts of a file are set apart.
                    let large =
                        indent == 0 && text.contains('\n') && !matches!(value, Value::Text(_));
                    let blank = if large { "\n" } else { "" };
                    let at = self.line_end(last.end as usize);
                    self.insert(at, &format!("\n{blank}{text}"));
                }
                (None, true) => {
                    let first = spans[kept.iter().position(|kept| *kept)?];
                    self.insert(first.start as usize, &format!("{}, ", pair(name, value)));
                }
                (None, false) => {
                    let first = spans[kept.iter().position(|kept| *kept)?];
                    let text = entry(name, value, indent);
                    let text = format!("{}{}", text.trim_start(), spaces(indent));
                    self.insert(first.start as usize, &text);
                }
            }
        }
        Some(())
    }

    fn seq(
        &mut self,
        node: &Node<'_>,
        elements: &[Node<'_>],
        wanted: &[Value],
        pairs: &[(usize, usize)],
    ) -> Option<()> {
        let flow = self.is_flow(node);
        let mut kept = vec![false; elements.len()];
        for (old, new) in pairs {
            kept[*old] = true;
            inside(node, elements[*old].span)?;
            let slot = if flow { Slot::Flow } else { Slot::Dash };
            self.value(&elements[*old], &wanted[*new], slot)?;
        }
        let spans: Vec<Span> = elements
            .iter()
            .map(|element| self.with_indicator(self.whole(element.span, element.span)))
            .collect();
        let mut dash = 0;
        if !flow {
            for span in &spans {
                dash = self.dash(*span)?;
            }
        }
        let apart = !flow
            && spans
                .windows(2)
                .any(|two| self.has_blank_line(two[0], two[1]));
        self.remove(&spans, &kept, flow)?;
        let mut last: Option<Span> = None;
        for (n, value) in wanted.iter().enumerate() {
            if let Some((old, _)) = pairs.iter().find(|(_, new)| *new == n) {
                last = Some(spans[*old]);
                continue;
            }
            if flow {
                let text = on_one_line(value, true);
                if let Some(last) = last {
                    self.insert(last.end as usize, &format!(", {text}"));
                } else {
                    let first = spans[kept.iter().position(|kept| *kept)?];
                    self.insert(first.start as usize, &format!("{text}, "));
                }
                continue;
            }
            // What only moved takes its comments along.
            let moved = elements.iter().zip(&kept).zip(&spans);
            let mut moved = moved
                .filter(|((element, kept), _)| !**kept && Value::of(element).says(value))
                .map(|(_, span)| {
                    let (start, end) = (
                        self.line_start(span.start as usize),
                        self.line_end(span.end as usize),
                    );
                    self.text[start..end].to_owned()
                });
            let text = moved.next_back().unwrap_or_else(|| element(value, dash));
            let text = text.trim_end_matches(['\r', '\n']);
            let blank = if apart { "\n" } else { "" };
            if let Some(last) = last {
                let at = self.line_end(last.end as usize);
                self.insert(at, &format!("\n{blank}{text}"));
            } else {
                let first = spans[kept.iter().position(|kept| *kept)?];
                let at = self.line_start(first.start as usize);
                self.insert(at, &format!("{text}\n{blank}"));
            }
        }
        Some(())
    }

    /// Takes out the entries or elements that are not kept; at least one is.
    fn remove(&mut self, spans: &[Span], kept: &[bool], flow: bool) -> Option<()> {
        for (n, span) in spans.iter().enumerate().filter(|(n, _)| !kept[*n]) {
            let (start, end) = (span.start as usize, span.end as usize);
            let begins_line = self.text[self.line_start(start)..start]
                .chars()
                .all(|c| matches!(c, ' ' | '-'));
            let first_of_element = self.text[self.line_start(start)..start].contains('-');
            let before = kept[..n].iter().any(|kept| *kept);
            if flow && before {
                self.replaced.push(cut(spans[n - 1].end as usize, end));
            } else if flow {
                self.replaced
                    .push(cut(start, spans.get(n + 1)?.start as usize));
            } else if begins_line && (!first_of_element || self.dash(*span).is_some()) {
                let to = self.line_end(end);
                let line = self.line_start(start);
                // With the break before it: what comes in behind it stays behind it.
                let mut from = self.line_end(line.saturating_sub(1));
                let above = self.line_start(from);
                // One of two blank lines is enough.
                if above > 0 && self.text[above..from].is_empty() && self.is_blank_behind(to) {
                    from = self.line_end(above - 1);
                }
                self.replaced.push(cut(from, to));
            } else {
                return None;
            }
        }
        Some(())
    }

    /// Puts another value into a slot.
    fn replace(&mut self, node: &Node<'_>, wanted: &Value, slot: Slot) -> Option<()> {
        let span = self.with_indicator(Span::new(node.span.start as usize, self.end_of(node.span)));
        let (start, end) = (span.start as usize, span.end as usize);
        let old = &self.text[start..end];
        // Whatever stands behind it must not become part of a text.
        let alone = self.text[end..self.line_end(end)].trim().is_empty();
        match slot {
            Slot::Root => return None,
            Slot::Flow if old.is_empty() => return None,
            Slot::Flow => {
                let text = styled(old, wanted, true);
                self.replaced.push(replacement(start, end, text));
            }
            Slot::Key(key) => {
                let colon = self.text[key.end as usize..].find(':')? + key.end as usize;
                if !self.text[key.end as usize..colon].trim().is_empty() {
                    return None;
                }
                let indent = self.column(key.start as usize);
                let behind = colon + 1;
                let block = match wanted {
                    Value::Text(text) => text.contains('\n') && !is_quoted(old),
                    Value::List(_) | Value::Map(_) | Value::Short(_) => true,
                    _ => false,
                };
                if old.is_empty() {
                    let text = format!(" {}", on_one_line(wanted, false));
                    self.insert(behind, &text);
                } else if block && alone {
                    let text = behind_key(wanted, indent, behind - self.line_start(behind));
                    let text = text.trim_end_matches('\n').to_owned();
                    self.replaced.push(replacement(behind, end, text));
                } else {
                    let from = if is_block(old) || old.contains('\n') {
                        behind
                    } else {
                        start
                    };
                    let gap = if from == behind { " " } else { "" };
                    let text = format!("{gap}{}", styled(old, wanted, false));
                    self.replaced.push(replacement(from, end, text));
                }
            }
            Slot::Dash => {
                let column = self.column(start);
                let text = match wanted {
                    Value::Map(entries) | Value::Short(entries) if alone && !entries.is_empty() => {
                        let lines = entries.iter().map(|(k, v)| entry(k, v, column));
                        lines.collect::<String>().trim().to_owned()
                    }
                    Value::Text(text) if alone && !is_quoted(old) => {
                        let block = block_text(text, column);
                        let block = block.map(|block| block.trim_end_matches('\n').to_owned());
                        block.unwrap_or_else(|| styled(old, wanted, false))
                    }
                    _ => styled(old, wanted, false),
                };
                if old.is_empty() {
                    return None;
                }
                self.replaced.push(replacement(start, end, text));
            }
        }
        Some(())
    }

    fn insert(&mut self, at: usize, text: &str) {
        self.inserted.entry(at).or_default().push_str(text);
    }

    fn is_flow(&self, node: &Node<'_>) -> bool {
        self.text[node.span.start as usize..].starts_with(['{', '['])
    }

    /// From the first byte of one to the last of the other, without blanks at the end.
    fn whole(&self, key: Span, value: Span) -> Span {
        let end = self.with_indicator(Span::new(value.start as usize, self.end_of(value)));
        let end = self.end_of(key).max(end.end as usize);
        Span::new(key.start as usize, end)
    }

    fn end_of(&self, span: Span) -> usize {
        let text = &self.text[span.range()];
        span.start as usize + text.trim_end().len()
    }

    /// The same span from the indicator of a block text on, which stands a line above it.
    fn with_indicator(&self, span: Span) -> Span {
        let start = span.start as usize;
        let line = self.line_start(start);
        if !self.text[line..start].trim().is_empty() {
            return span;
        }
        let above = self.text[..line].trim_end();
        let word = above.rfind([' ', '\n']).map_or(0, |at| at + 1);
        let mut rest = above[word..].chars();
        let block = matches!(rest.next(), Some('|' | '>'));
        if block && rest.all(|c| matches!(c, '-' | '+' | '0'..='9')) {
            // Blanks at the end of its last line belong to it.
            Span::new(word, self.line_end(span.end as usize))
        } else {
            span
        }
    }

    fn line_start(&self, at: usize) -> usize {
        self.text[..at].rfind('\n').map_or(0, |at| at + 1)
    }

    fn line_end(&self, at: usize) -> usize {
        let rest = &self.text[at..];
        let line = rest.find('\n').map_or(rest, |end| &rest[..end]);
        at + line.strip_suffix('\r').unwrap_or(line).len()
    }

    fn column(&self, at: usize) -> usize {
        self.text[self.line_start(at)..at].chars().count()
    }

    /// The column of the one dash before an element.
    fn dash(&self, element: Span) -> Option<usize> {
        let start = element.start as usize;
        let before = &self.text[self.line_start(start)..start];
        let blanks = before.trim_start_matches(' ');
        let rest = blanks.strip_prefix('-')?;
        rest.trim_matches(' ')
            .is_empty()
            .then(|| before.len() - blanks.len())
    }

    /// Whether the line behind the one that ends there is blank, or there is none.
    fn is_blank_behind(&self, at: usize) -> bool {
        let next = self.text[at..].split('\n').nth(1);
        next.is_none_or(|line| line.trim().is_empty())
    }

    fn has_blank_line(&self, one: Span, next: Span) -> bool {
        let between = &self.text[one.end as usize..next.start as usize];
        between.contains("\n\n") || between.contains("\n\r\n")
    }
}

/// A value on one line, in the quotes of what it replaces.
fn styled(old: &str, wanted: &Value, inside: bool) -> String {
    match wanted {
        Value::Text(text) if old.starts_with('"') => quoted(text),
        Value::Text(text) if old.starts_with('\'') => {
            let shown = quoted(text);
            // Single quotes know no escapes.
            if shown.contains('\\') {
                shown
            } else {
                format!("'{}'", text.replace('\'', "''"))
            }
        }
        Value::Text(text) => scalar(text, inside),
        other => on_one_line(other, inside),
    }
}

fn is_quoted(text: &str) -> bool {
    text.starts_with(['"', '\''])
}

fn is_block(text: &str) -> bool {
    text.starts_with(['|', '>'])
}

fn has(entries: &[(String, Value)], name: &str) -> bool {
    entries.iter().any(|(key, _)| key == name)
}

fn cut(start: usize, end: usize) -> Edit {
    replacement(start, end, String::new())
}

fn replacement(start: usize, end: usize, text: String) -> Edit {
    Edit {
        span: Span::new(start, end),
        text,
    }
}

/// Which old element is which new one: the longest row of those that stayed, in order.
fn aligned(old: &[Node<'_>], new: &[Value]) -> Vec<(usize, usize)> {
    let old: Vec<Value> = old.iter().map(Value::of).collect();
    let same = |(a, b): (&Value, &Value)| is_same_one(a, b);
    let head = old.iter().zip(new).take_while(|pair| same(*pair)).count();
    let rest = (old.len() - head).min(new.len() - head);
    let backwards = old.iter().rev().zip(new.iter().rev()).take(rest);
    let tail = backwards.take_while(|pair| same(*pair)).count();
    let (a, b) = (&old[head..old.len() - tail], &new[head..new.len() - tail]);
    let mut pairs: Vec<(usize, usize)> = (0..head).map(|n| (n, n)).collect();
    pairs.extend(longest(a, b).into_iter().map(|(x, y)| (x + head, y + head)));
    pairs.extend(
        (0..tail)
            .rev()
            .map(|n| (old.len() - 1 - n, new.len() - 1 - n)),
    );
    pairs
}

/// The longest common row of two lists.
fn longest(a: &[Value], b: &[Value]) -> Vec<(usize, usize)> {
    let width = b.len() + 1;
    if a.len().saturating_mul(b.len()) > MOST_PAIRS {
        return Vec::new();
    }
    let mut lengths = vec![0_u32; (a.len() + 1) * width];
    for x in (0..a.len()).rev() {
        for y in (0..b.len()).rev() {
            lengths[x * width + y] = if is_same_one(&a[x], &b[y]) {
                lengths[(x + 1) * width + y + 1] + 1
            } else {
                lengths[(x + 1) * width + y].max(lengths[x * width + y + 1])
            };
        }
    }
    let (mut x, mut y, mut pairs) = (0, 0, Vec::new());
    while x < a.len() && y < b.len() {
        if is_same_one(&a[x], &b[y]) {
            pairs.push((x, y));
            (x, y) = (x + 1, y + 1);
        } else if lengths[(x + 1) * width + y] >= lengths[x * width + y + 1] {
            x += 1;
        } else {
            y += 1;
        }
    }
    pairs
}

/// Elements with a `key` are the same where that is; others where they say the same.
fn is_same_one(a: &Value, b: &Value) -> bool {
    let key = |value: &Value| {
        let entries = value.entries()?;
        let (_, key) = entries.iter().find(|(name, _)| name == "key")?;
        Some(key.clone())
    };
    match (key(a), key(b)) {
        (Some(a), Some(b)) => a == b,
        (None, None) => a.says(b),
        _ => false,
    }
}

/// What an alias stands for has its place elsewhere, where others see it too.
fn inside(node: &Node<'_>, span: Span) -> Option<()> {
    node.span.contains(span).then_some(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::emit::document;
    use super::super::emit::tests::{read, texts, values};
    use super::*;

    const FILE: &str = "\
# yaml-language-server: x
key: outage                    # never changes
title: 'Service outage'
description: |
  First line.
  Second line.
access: open   # a profile

start:
  commander: carol # today
  invite: [ alice,  bob ]      # both
  channel: { category: Incidents, \"archive_when_ended\": true }

checklists:
  # the first
  - key: triage
    title: Triage
    tasks:
      # look
      - { key: look, title: \"Look\" }   # quick
      - key: page
        title: Page the vendor
        # needs a phone
        due: 10m

  - key: recover
    title: Recover   # slowly
    tasks: []
";

    fn edited(change: impl FnOnce(&mut Value)) -> String {
        let mut wanted = read(FILE);
        change(&mut wanted);
        let text = merge("x.yaml", FILE, &wanted).unwrap();
        assert!(read(&text).says(&wanted));
        let diff = similar::TextDiff::from_lines(FILE, &text);
        diff.unified_diff().context_radius(0).to_string()
    }

    fn at<'v>(value: &'v mut Value, path: &[&str]) -> &'v mut Value {
        path.iter().fold(value, |value, name| match value {
            Value::List(items) => &mut items[name.parse::<usize>().unwrap()],
            Value::Map(entries) | Value::Short(entries) => {
                let entry = entries.iter_mut().find(|(key, _)| key == name);
                &mut entry.unwrap_or_else(|| panic!("no {name}")).1
            }
            _ => panic!("nothing below {name}"),
        })
    }

    fn entries<'v>(value: &'v mut Value, path: &[&str]) -> &'v mut Vec<(String, Value)> {
        match at(value, path) {
            Value::Map(entries) | Value::Short(entries) => entries,
            other => panic!("{other:?}"),
        }
    }

    fn items<'v>(value: &'v mut Value, path: &[&str]) -> &'v mut Vec<Value> {
        match at(value, path) {
            Value::List(items) => items,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn texts_change_in_their_quotes_and_beside_their_comments() {
        let diff = edited(|value| {
            *at(value, &["title"]) = Value::text("It's down");
            *at(value, &["description"]) = Value::text("One.\nTwo.\n");
            *at(value, &["access"]) = Value::text("closed: to all");
            *at(value, &["start", "commander"]) = Value::text("dave\nerin");
            *at(value, &["checklists", "0", "tasks", "0", "title"]) = Value::text("no");
            *at(value, &["checklists", "0", "tasks", "1", "title"]) = Value::text("a\nb");
        });
        insta::assert_snapshot!(diff, @r#"
        @@ -3 +3 @@
        -title: 'Service outage'
        +title: 'It''s down'
        @@ -5,3 +5,3 @@
        -  First line.
        -  Second line.
        -access: open   # a profile
        +  One.
        +  Two.
        +access: "closed: to all"   # a profile
        @@ -10 +10 @@
        -  commander: carol # today
        +  commander: "dave\nerin" # today
        @@ -20 +20 @@
        -      - { key: look, title: "Look" }   # quick
        +      - { key: look, title: "no" }   # quick
        @@ -22 +22,3 @@
        -        title: Page the vendor
        +        title: |-
        +          a
        +          b
        "#);
    }

    #[test]
    fn keys_and_elements_come_and_go_without_touching_others() {
        let diff = edited(|value| {
            let text = |text: &str| Value::text(text);
            entries(value, &["start"]).remove(0);
            entries(value, &["start"]).insert(1, ("number_prefix".to_owned(), text("OUT")));
            entries(value, &["start", "channel"]).remove(0);
            items(value, &["start", "invite"]).insert(1, text("carol"));
            items(value, &["start", "invite"]).remove(0);
            let new = |key: &str| {
                Value::Map(vec![
                    ("key".to_owned(), text(key)),
                    ("title".to_owned(), text(key)),
                ])
            };
            items(value, &["checklists", "0", "tasks"]).insert(0, new("first"));
            items(value, &["checklists", "0", "tasks"]).push(new("last"));
            entries(value, &["checklists", "0", "tasks", "2"]).remove(2);
            items(value, &["checklists", "1", "tasks"]).push(new("only"));
            items(value, &["checklists"]).push(new("third"));
            entries(value, &[]).push((
                "updates".to_owned(),
                Value::Map(vec![("every".to_owned(), text("30m"))]),
            ));
        });
        insta::assert_snapshot!(diff, @r#"
        @@ -10,3 +10,3 @@
        -  commander: carol # today
        -  invite: [ alice,  bob ]      # both
        -  channel: { category: Incidents, "archive_when_ended": true }
        +  invite: [ carol, bob ]      # both
        +  number_prefix: OUT
        +  channel: { "archive_when_ended": true }
        @@ -19,0 +20,2 @@
        +      - key: first
        +        title: first
        @@ -24 +26,2 @@
        -        due: 10m
        +      - key: last
        +        title: last
        @@ -28 +31,9 @@
        -    tasks: []
        +    tasks:
        +      - key: only
        +        title: only
        +
        +  - key: third
        +    title: third
        +
        +updates:
        +  every: 30m
        "#);
    }

    #[test]
    fn what_moves_takes_its_comments_along() {
        let diff = edited(|value| items(value, &["checklists", "0", "tasks"]).reverse());
        insta::assert_snapshot!(diff, @r#"
        @@ -20 +19,0 @@
        -      - { key: look, title: "Look" }   # quick
        @@ -24,0 +24 @@
        +      - { key: look, title: "Look" }   # quick
        "#);
    }

    #[test]
    fn an_anchor_is_never_changed_for_all_who_use_it() {
        let text = "a: &x { b: 1 }\nc: *x\n";
        let wanted = read("a: { b: 1 }\nc: { b: 2 }\n");
        let refused = merge("x.yaml", text, &wanted);
        assert_eq!(refused, Err(MergeError::Unwritable("x.yaml".to_owned())));
        let broken = merge("x.yaml", "a: [", &wanted);
        assert_eq!(broken, Err(MergeError::Unreadable("x.yaml".to_owned())));
    }

    /// A playbook-like file with a comment on every line, and another thing it should say.
    fn keyed() -> impl Strategy<Value = Vec<(String, Value)>> {
        let task = ("[a-f]", texts(), prop::option::of(texts())).prop_map(|(key, title, more)| {
            let mut entries = vec![
                ("key".to_owned(), Value::text(key)),
                ("title".to_owned(), Value::Text(title)),
            ];
            entries.extend(more.map(|more| ("description".to_owned(), Value::Text(more))));
            Value::Map(entries)
        });
        let unique = |tasks: Vec<Value>| {
            let mut seen = std::collections::BTreeSet::new();
            let tasks = tasks.into_iter();
            let tasks =
                tasks.filter(|task| seen.insert(format!("{:?}", task.entries().unwrap()[0])));
            Value::List(tasks.collect())
        };
        let tasks = prop::collection::vec(task, 0..6).prop_map(unique);
        let more = prop::collection::btree_map("[g-k]", values(), 0..4);
        (tasks, more, texts()).prop_map(|(tasks, more, title)| {
            let mut all = vec![
                ("key".to_owned(), Value::text("x")),
                ("title".to_owned(), Value::Text(title)),
            ];
            all.push(("tasks".to_owned(), tasks));
            all.extend(more);
            all
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, cases: 512, ..ProptestConfig::default() })]

        #[test]
        fn what_is_edited_reads_back_as_wanted(before in keyed(), after in keyed(), crlf: bool) {
            let text = document("kept", &before);
            let text = if crlf && !text.contains('\r') { text.replace('\n', "\r\n") } else { text };
            // A line break of Windows inside a text is one character when it is read.
            let wanted = Value::Map(after);
            match merge("x.yaml", &text, &wanted) {
                Ok(edited) => {
                    prop_assert!(read(&edited).says(&wanted));
                    prop_assert!(edited.starts_with("# kept"));
                }
                Err(error) => prop_assert!(false, "{error}\n{text}\n{wanted:?}"),
            }
        }

        #[test]
        fn a_line_that_nothing_is_wanted_of_stays_as_it_is(
            before in keyed(), title in texts(),
        ) {
            let text = document("kept", &before);
            let mut wanted = Value::Map(before);
            *at(&mut wanted, &["title"]) = Value::Text(title);
            let edited = merge("x.yaml", &text, &wanted).unwrap();
            // Everything from the tasks on is there byte for byte.
            let rest = |text: &str| text[text.find("\ntasks:").unwrap()..].to_owned();
            prop_assert_eq!(rest(&edited), rest(&text));
        }

        #[test]
        fn no_wish_makes_it_panic(text in "[a-c:\\- \n#{}\\[\\]|>\"',&*]{0,40}", wanted in values()) {
            let wanted = Value::Map(vec![("a".to_owned(), wanted)]);
            if let Ok(edited) = merge("x.yaml", &text, &wanted) {
                prop_assert!(read(&edited).says(&wanted));
            }
        }
    }
}
