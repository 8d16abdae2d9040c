//! Every text and number of a YAML file, where it is written.

use crate::diag::Span;
use crate::yaml::{Kind, Node};

/// Keys and values as they are written: what an alias repeats comes only once, so that the
/// work is bounded by the size of the file.
pub(super) fn written<'n>(root: &'n Node<'n>, visit: &mut impl FnMut(Scalar<'n>)) {
    walk(root, &mut 0, visit);
}

/// A key, or a value that is neither list nor mapping.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scalar<'n> {
    /// Where it stands.
    pub(super) span: Span,
    /// Its text; none for anything but texts.
    pub(super) text: Option<&'n str>,
}

/// Values come in the order of the text: what stands before `from` was repeated by an alias.
fn walk<'n>(node: &'n Node<'n>, from: &mut u32, visit: &mut impl FnMut(Scalar<'n>)) {
    if node.span.start < *from {
        return;
    }
    match &node.kind {
        Kind::Seq(elements) => elements.iter().for_each(|node| walk(node, from, visit)),
        Kind::Map(entries) => {
            for (key, value) in entries {
                if key.span.start >= *from {
                    *from = key.span.end;
                    visit(Scalar {
                        span: key.span,
                        text: Some(&key.name),
                    });
                }
                walk(value, from, visit);
            }
        }
        Kind::Null => {}
        kind => {
            *from = node.span.end;
            let text = match kind {
                Kind::Str(text) => Some(text.as_ref()),
                _ => None,
            };
            visit(Scalar {
                span: node.span,
                text,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::diag::Source;
    use crate::yaml;

    #[test]
    fn what_an_alias_repeats_is_visited_once() {
        let text = "a: &x { b: [one, 2] }\nc: *x\nd: [*x, three]\n";
        let source = Arc::new(Source::new("x.yaml", text));
        let root = yaml::read(&source).root.unwrap();
        let mut seen = Vec::new();
        written(&root, &mut |scalar| seen.push(&text[scalar.span.range()]));
        assert_eq!(seen, ["a", "b", "one", "2", "c", "d", "three"]);
    }
}
