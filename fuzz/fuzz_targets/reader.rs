//! Any text as each of the YAML files of a workspace: read, checked, made a value.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use warroom::diag::{Finding, Source, Span};
use warroom::model::{Permissions, Playbook, Settings};
use warroom::schema::{self, Kind};
use warroom::yaml::{self, Node, Part, Places, from_node};

fuzz_target!(|bytes: &[u8]| {
    // What is not UTF-8 never gets as far as the reader.
    let text = String::from_utf8_lossy(bytes);
    let source = Arc::new(Source::new("fuzz.yaml", text));
    let document = yaml::read(&source);
    findings_can_be_shown(&document.findings);
    let Some(root) = &document.root else {
        assert!(!document.findings.is_empty(), "refused without a word");
        return;
    };
    node_is_sound(root, &source);
    pointers_lead_to_spans(root, &mut String::new(), &Places::of(root), &source);
    for kind in Kind::ALL {
        findings_can_be_shown(&schema::check(kind, root, &source));
    }
    let _ = from_node::<Playbook>(root).map_err(|error| error.span);
    let _ = from_node::<Permissions>(root).map_err(|error| error.span);
    let _ = from_node::<Settings>(root).map_err(|error| error.span);
    assert!(from_node::<Value>(root).is_ok(), "every tree is a value");
});

fn node_is_sound(node: &Node<'_>, source: &Source) {
    span_is_sound(node.span, source);
    for element in node.elements() {
        node_is_sound(element, source);
    }
    for (key, value) in node.entries() {
        span_is_sound(key.span, source);
        node_is_sound(value, source);
    }
}

/// Where the pointers are not too long to write all of them.
fn pointers_lead_to_spans(node: &Node<'_>, pointer: &mut String, places: &Places, source: &Source) {
    for part in [Part::Key, Part::Value] {
        span_is_sound(places.at(pointer, part), source);
    }
    let length = pointer.len();
    if length > 200 {
        return;
    }
    for (index, element) in node.elements().iter().enumerate() {
        pointer.push_str(&format!("/{index}"));
        pointers_lead_to_spans(element, pointer, places, source);
        pointer.truncate(length);
    }
    for (key, value) in node.entries() {
        let name = key.name.replace('~', "~0").replace('/', "~1");
        pointer.push_str(&format!("/{name}"));
        pointers_lead_to_spans(value, pointer, places, source);
        pointer.truncate(length);
    }
}

fn findings_can_be_shown(findings: &[Finding]) {
    for finding in findings {
        assert!(!finding.message.is_empty());
        span_is_sound(finding.span, &finding.source);
        for related in &finding.related {
            span_is_sound(related.span, &related.source);
        }
    }
}

fn span_is_sound(span: Span, source: &Source) {
    assert!(source.text().get(span.range()).is_some(), "{span:?}");
}
