//! From text to tree: builds nodes from the events of the parser, within limits.
//!
//! Mistakes that leave the rest understandable (a duplicate key, a tag) are
//! collected; the first one that does not (bad syntax, too much of anything)
//! ends the reading without a tree.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use granit_parser::{Event, Parser, ScalarStyle, StructureStyle, Tag};

use super::syntax::{self, Syntax};
use super::{
    Document, Key, Kind, MOST_BYTES, MOST_DEPTH, MOST_EXPANDED, MOST_KEY_BYTES, MOST_VALUES, Node,
    scalar,
};
use crate::diag::{Code, Finding, Source, Span};

/// How many values anchors may keep for aliases that perhaps never come.
const MOST_ANCHORED: usize = 10 * MOST_EXPANDED;

/// After so many mistakes the rest of a file is not worth reading.
const MOST_FINDINGS: usize = 1_000;

/// Reads the text of a file.
#[must_use]
pub fn read(source: &Arc<Source>) -> Document<'_> {
    let mut reader = Reader::new(source);
    let root = reader.run().unwrap_or_else(|fatal: Fatal| {
        reader.findings.push(*fatal.0);
        None
    });
    Document {
        root,
        findings: reader.findings,
    }
}

/// Ends the reading.
struct Fatal(Box<Finding>);

impl From<Finding> for Fatal {
    fn from(finding: Finding) -> Self {
        Self(Box::new(finding))
    }
}

struct Reader<'s> {
    source: &'s Arc<Source>,
    text: &'s str,
    /// Whether the text holds a tab at all: most hold none.
    has_tabs: bool,
    stack: Vec<Frame<'s>>,
    anchors: HashMap<usize, Anchored<'s>>,
    anchored: usize,
    expanded: usize,
    values: usize,
    /// Where the last event ended: an error lies behind it.
    reached: usize,
    root: Option<Node<'s>>,
    findings: Vec<Finding>,
}

/// A list or mapping that is still open.
struct Frame<'s> {
    start: usize,
    flow: bool,
    anchor: usize,
    cost: usize,
    height: usize,
    content: Content<'s>,
}

enum Content<'s> {
    Seq(Vec<Node<'s>>),
    Map {
        entries: Vec<(Key<'s>, Node<'s>)>,
        seen: Seen<'s>,
        key: Slot<'s>,
    },
}

/// The keys of a mapping and where they stand, as far as they had to be looked up.
#[derive(Default)]
struct Seen<'s>(HashMap<Cow<'s, str>, Span>);

impl<'s> Seen<'s> {
    /// So many keys are looked through faster than they are hashed.
    const FEW: usize = 16;

    /// Where a key stands among the entries.
    fn first(&mut self, entries: &[(Key<'s>, Node<'s>)], name: &str) -> Option<Span> {
        if entries.len() <= Self::FEW {
            let mut keys = entries.iter().map(|(key, _)| key);
            return keys.find(|key| key.name == name).map(|key| key.span);
        }
        let new = &entries[self.0.len()..];
        self.0
            .extend(new.iter().map(|(key, _)| (key.name.clone(), key.span)));
        self.0.get(name).copied()
    }
}

/// What comes next in a mapping.
enum Slot<'s> {
    /// A key.
    Key,
    /// The value of this key.
    Value(Key<'s>),
    /// The value of a key that was refused.
    Refused,
}

/// What an alias stands for.
enum Anchored<'s> {
    Node {
        node: Node<'s>,
        cost: usize,
        height: usize,
    },
    /// Still open: an alias to it would contain itself.
    Open,
    /// Larger than all aliases together may be.
    TooMuch,
}

/// A finished value on its way into its parent.
struct Value<'s> {
    node: Node<'s>,
    cost: usize,
    height: usize,
}

impl<'s> Reader<'s> {
    fn new(source: &'s Arc<Source>) -> Self {
        Self {
            source,
            text: source.text(),
            has_tabs: source.text().contains('\t'),
            stack: Vec::new(),
            anchors: HashMap::new(),
            anchored: 0,
            expanded: 0,
            values: 0,
            reached: 0,
            root: None,
            findings: Vec::new(),
        }
    }

    fn run(&mut self) -> Result<Option<Node<'s>>, Fatal> {
        if self.text.len() > MOST_BYTES {
            return Err(self
                .finding(Code::FileTooLarge, Span::default(), too_large())
                .help("split it, or move long texts into a runbook and link to it")
                .into());
        }
        self.refuse_control_characters()?;
        let options = granit_parser::options! {
            emit_comments: false,
            disallow_directives: true,
            emit_unresolved_aliases: true,
            // Ours comes first; theirs only bounds what is scanned ahead of the events.
            flow_nesting_limit: 4 * MOST_DEPTH,
            block_nesting_limit: 4 * MOST_DEPTH,
        };
        let text = self.text;
        let mut documents = 0;
        for event in Parser::new_from_str_with_options(text, options) {
            let (event, span) = event.map_err(|error| self.syntax().finding(&error))?;
            let range = span.byte_range().unwrap_or(0..0);
            let range = range.start.min(text.len())..range.end.min(text.len());
            if let Event::DocumentStart(..) = event {
                documents += 1;
                if documents > 1 {
                    return Err(self.second_document(range.start).into());
                }
            }
            self.reached = range.end;
            if let Some(tag) = event.tag() {
                let place = span.tag_span().and_then(|span| span.byte_range());
                self.refuse_tag(tag, place.unwrap_or(range.clone()));
            }
            self.event(event, Span::from(range))?;
            if self.findings.len() > MOST_FINDINGS {
                return Ok(None);
            }
        }
        match self.root.take() {
            Some(Node {
                kind: Kind::Null,
                span,
            }) if span.is_empty() => Err(self.empty().into()),
            Some(root) => Ok(Some(root)),
            None => Err(self.empty().into()),
        }
    }

    fn event(&mut self, event: Event<'s>, span: Span) -> Result<(), Fatal> {
        match event {
            Event::Scalar(text, style, anchor, _) => {
                self.refuse_tab_before(span);
                self.count(1, span)?;
                let value = self.scalar(text, style, span);
                self.anchor(anchor, &value);
                self.place(value);
                Ok(())
            }
            Event::SequenceStart(style, anchor, _) => {
                self.refuse_tab_before(span);
                self.open(style, anchor, span, Content::Seq(Vec::new()))
            }
            Event::MappingStart(style, anchor, _) => {
                let content = Content::Map {
                    entries: Vec::new(),
                    seen: Seen::default(),
                    key: Slot::Key,
                };
                self.open(style, anchor, span, content)
            }
            Event::SequenceEnd | Event::MappingEnd => {
                self.close(span);
                Ok(())
            }
            Event::Alias(anchor) => self.alias(anchor, span),
            Event::UnresolvedAlias(_) => {
                let message = "this alias names an anchor that is not defined before it";
                let finding = self.finding(Code::InvalidYaml, span, message);
                let help = "text that begins with `*` has to be put in quotes";
                self.findings.push(finding.help(help));
                let kind = Kind::Null;
                self.place(Value {
                    node: Node { span, kind },
                    cost: 1,
                    height: 0,
                });
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn scalar(&mut self, text: Cow<'s, str>, style: ScalarStyle, span: Span) -> Value<'s> {
        let text = self.without_invented_break(text, style, span);
        // A text costs memory wherever an alias repeats it, at the latest in the model.
        let cost = 1 + text.len() / 64;
        let kind = if style == ScalarStyle::Plain {
            scalar::resolve(text).unwrap_or_else(|why| {
                let written = self.text.get(span.range()).unwrap_or_default();
                let message = format!("the number `{}` {why}", shortened(written));
                let finding = self.finding(Code::UnusableNumber, span, message);
                self.findings
                    .push(finding.label("put it in quotes if it is text"));
                Kind::Null
            })
        } else {
            Kind::Str(text)
        };
        let span = match style {
            ScalarStyle::Literal | ScalarStyle::Folded => self.without_trailing_blanks(span),
            _ => span,
        };
        Value {
            node: Node { span, kind },
            cost,
            height: 0,
        }
    }

    fn open(
        &mut self,
        style: StructureStyle,
        anchor: usize,
        span: Span,
        content: Content<'s>,
    ) -> Result<(), Fatal> {
        if self.stack.len() >= MOST_DEPTH {
            return Err(syntax::too_deep(self.source, span).into());
        }
        self.count(1, span)?;
        if anchor != 0 {
            self.anchors.insert(anchor, Anchored::Open);
        }
        self.stack.push(Frame {
            start: span.start as usize,
            flow: style == StructureStyle::Flow,
            anchor,
            cost: 1,
            height: 1,
            content,
        });
        Ok(())
    }

    fn close(&mut self, end: Span) {
        let Some(frame) = self.stack.pop() else {
            return;
        };
        // The end of a block collection is found at the next token, behind blanks
        // and comments: its last child's end is what people see.
        let (kind, last) = match frame.content {
            Content::Seq(mut elements) => {
                // Countless small lists would keep room for more.
                elements.shrink_to_fit();
                let last = elements.last().map(|node| node.span.end);
                (Kind::Seq(elements), last)
            }
            Content::Map { mut entries, .. } => {
                entries.shrink_to_fit();
                let last = entries
                    .last()
                    .map(|(key, node)| node.span.end.max(key.span.end));
                (Kind::Map(entries), last)
            }
        };
        let end = match last {
            Some(last) if !frame.flow => last as usize,
            _ => end.end as usize,
        };
        let value = Value {
            node: Node {
                span: Span::new(frame.start, end),
                kind,
            },
            cost: frame.cost,
            height: frame.height,
        };
        self.anchor(frame.anchor, &value);
        self.place(value);
    }

    fn anchor(&mut self, anchor: usize, value: &Value<'s>) {
        if anchor == 0 {
            return;
        }
        self.anchored += value.cost;
        let kept = if value.cost > MOST_EXPANDED || self.anchored > MOST_ANCHORED {
            Anchored::TooMuch
        } else {
            Anchored::Node {
                node: value.node.clone(),
                cost: value.cost,
                height: value.height,
            }
        };
        self.anchors.insert(anchor, kept);
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<(), Fatal> {
        let too_much = "the aliases of this file repeat more than 10,000 values";
        let (node, cost, height) = match self.anchors.get(&anchor) {
            Some(Anchored::Node { node, cost, height }) => (node, *cost, *height),
            Some(Anchored::TooMuch) => {
                return Err(self.exploding(span, too_much).into());
            }
            Some(Anchored::Open) | None => {
                let message = "this alias is inside the value that it repeats";
                return Err(self.exploding(span, message).into());
            }
        };
        self.expanded += cost;
        if self.expanded > MOST_EXPANDED {
            return Err(self.exploding(span, too_much).into());
        }
        if self.stack.len() + height > MOST_DEPTH {
            return Err(syntax::too_deep(self.source, span).into());
        }
        let node = node.clone();
        self.count(cost, span)?;
        self.place(Value { node, cost, height });
        Ok(())
    }

    fn exploding(&self, span: Span, message: &str) -> Finding {
        let finding = self.finding(Code::AliasExpansion, span, message);
        finding.label("write the values here instead")
    }

    /// Counts values: whatever comes after the reader needs memory for each.
    fn count(&mut self, values: usize, span: Span) -> Result<(), Fatal> {
        self.values += values;
        if self.values <= MOST_VALUES {
            return Ok(());
        }
        let message = "the file holds more than 100,000 values";
        let finding = self.finding(Code::FileTooLarge, self.source.first_line(span), message);
        Err(finding
            .label("split the file: from here on it is not read")
            .into())
    }

    /// Puts a finished value where it belongs: into its list, as key or as value.
    fn place(&mut self, value: Value<'s>) {
        let Some(frame) = self.stack.last_mut() else {
            self.root = Some(value.node);
            return;
        };
        frame.cost = frame.cost.saturating_add(value.cost);
        frame.height = frame.height.max(value.height + 1);
        match &mut frame.content {
            Content::Seq(elements) => elements.push(value.node),
            Content::Map { entries, key, .. } => match std::mem::replace(key, Slot::Key) {
                Slot::Key => self.key(value.node),
                Slot::Value(key) => entries.push((key, value.node)),
                Slot::Refused => {}
            },
        }
    }

    fn key(&mut self, node: Node<'s>) {
        let slot = self.checked_key(node);
        if let Some(Frame {
            content: Content::Map { key, .. },
            ..
        }) = self.stack.last_mut()
        {
            *key = slot;
        }
    }

    fn checked_key(&mut self, node: Node<'s>) -> Slot<'s> {
        let span = node.span;
        let Kind::Str(name) = node.kind else {
            self.findings.push(self.no_text_as_key(&node));
            return Slot::Refused;
        };
        if name.len() > MOST_KEY_BYTES {
            let message = "a key has at most 1,024 bytes, and this one has more";
            let finding = self.finding(Code::FileTooLarge, self.source.first_line(span), message);
            self.findings.push(finding.label("shorten it"));
            return Slot::Refused;
        }
        if name == "<<" && self.text.get(span.range()) == Some("<<") {
            let finding = self.finding(
                Code::MergeKey,
                span,
                "`<<` does not merge mappings here: YAML 1.2 has no merge keys",
            );
            self.findings.push(
                finding
                    .label("write the keys here instead")
                    .help("an alias such as `*name` repeats a whole value"),
            );
            return Slot::Refused;
        }
        let Some(Frame {
            content: Content::Map { entries, seen, .. },
            ..
        }) = self.stack.last_mut()
        else {
            return Slot::Refused;
        };
        if let Some(first) = seen.first(entries, &name) {
            let shown = shortened(&name).into_owned();
            let finding = self
                .finding(
                    Code::YamlHazard,
                    span,
                    format!("the key `{shown}` appears twice in this mapping"),
                )
                .label("remove one of the two")
                .related(self.source, first, "first used here");
            self.findings.push(finding);
            return Slot::Refused;
        }
        Slot::Value(Key { span, name })
    }

    fn no_text_as_key(&self, node: &Node<'s>) -> Finding {
        let complex = matches!(node.kind, Kind::Seq(_) | Kind::Map(_));
        let message = format!("a key has to be text, but this one is {}", node.kind_name());
        let finding = self.finding(Code::ComplexKey, self.source.first_line(node.span), message);
        if complex {
            finding
                .label("if this is text, put it in quotes")
                .help("a value with braces in it, such as `{{ name }}`, has to be put in quotes")
        } else {
            finding.label("put it in quotes")
        }
    }

    fn refuse_tag(&mut self, tag: &Tag, place: Range<usize>) {
        let message = format!(
            "the tag `{}` has no meaning here",
            shortened(&tag.original())
        );
        let finding = self.finding(Code::Tag, Span::from(place), message);
        self.findings.push(finding.label("remove it"));
    }

    /// YAML allows no control characters but tab and line breaks, escaped ones aside.
    fn refuse_control_characters(&self) -> Result<(), Fatal> {
        // A pass over bytes instead of characters, where there is nothing to look at.
        let plain = |byte: &u8| matches!(byte, b' '..=b'~' | b'\n' | b'\t' | b'\r');
        if self.text.as_bytes().iter().all(plain) {
            return Ok(());
        }
        let refused = |(_, c): &(usize, char)| match c {
            '\t' | '\n' | '\r' | '\u{85}' => false,
            c => c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}'),
        };
        match self.text.char_indices().find(refused) {
            None => Ok(()),
            Some((at, c)) => {
                let span = Span::new(at, at + c.len_utf8());
                let message = format!(
                    "the character U+{:04X} is not allowed in YAML",
                    u32::from(c)
                );
                let finding = self.finding(Code::InvalidYaml, span, message);
                let label = "remove it, or write it as an escape in double quotes";
                Err(finding.label(label).into())
            }
        }
    }

    fn second_document(&self, at: usize) -> Finding {
        let span = self.source.first_line(Span::new(at, self.text.len()));
        let message = "a second document begins here, but a file can hold only one";
        self.finding(Code::SeveralDocuments, span, message)
            .label("put it into a file of its own")
    }

    fn empty(&self) -> Finding {
        self.finding(Code::EmptyFile, Span::default(), "the file is empty, or has only comments")
            .help("remove the file, or fill it; `warroom init` in an empty folder writes examples to copy from")
    }

    fn syntax(&self) -> Syntax<'s> {
        let flow = self.stack.last().filter(|frame| frame.flow);
        Syntax {
            source: self.source,
            reached: self.reached,
            bracket: flow.map(|frame| frame.start),
        }
    }

    /// The parser lets a tab pass before the first key, where nothing is indented yet.
    fn refuse_tab_before(&mut self, span: Span) {
        if !self.has_tabs || self.stack.last().is_some_and(|frame| frame.flow) {
            return;
        }
        let line = self.source.line_of(span.start);
        let start = self.source.line_starts()[line] as usize;
        let before = &self.text[start..span.start as usize];
        let Some(tab) = before.find('\t') else {
            return;
        };
        let marked = Span::new(start + tab, span.start as usize);
        let told = |finding: &Finding| finding.span == marked;
        if before.trim_matches([' ', '\t']).is_empty() && !self.findings.iter().any(told) {
            let finding = self.finding(Code::YamlHazard, marked, "a tab cannot indent YAML");
            self.findings.push(finding.label("use spaces"));
        }
    }

    /// The parser ends the last line of a block that ends the file, even where the file does not.
    fn without_invented_break(
        &self,
        text: Cow<'s, str>,
        style: ScalarStyle,
        span: Span,
    ) -> Cow<'s, str> {
        let is_block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
        if !is_block || (span.end as usize) < self.text.len() {
            return text;
        }
        let last_line = self.text.rsplit(['\n', '\r']).next().unwrap_or_default();
        if last_line.trim_matches(' ').is_empty() {
            return text;
        }
        match text {
            Cow::Borrowed(text) => Cow::Borrowed(text.strip_suffix('\n').unwrap_or(text)),
            Cow::Owned(mut text) => {
                if text.ends_with('\n') {
                    text.pop();
                }
                Cow::Owned(text)
            }
        }
    }

    fn without_trailing_blanks(&self, span: Span) -> Span {
        let text = self.text.get(span.range()).unwrap_or_default();
        let start = span.start as usize;
        Span::new(start, start + text.trim_end().len())
    }

    fn finding(&self, code: Code, span: Span, message: impl Into<String>) -> Finding {
        Finding::new(code, self.source, span, message)
    }
}

fn too_large() -> String {
    format!("the file is larger than {} MiB", MOST_BYTES >> 20)
}

/// A text that is short enough for a message.
fn shortened(text: &str) -> Cow<'_, str> {
    const MOST: usize = 60;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}
