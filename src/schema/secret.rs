//! Secrets that stand in a file although only references to them may.
//!
//! Wherever one is found it is also hidden: no report shows the line as it is.

use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use regex::Regex;

use super::Kind;
use super::leak::{Leak, leaks};
use crate::diag::{Code, Finding, Source, Span};
use crate::model::{SiteError, web_url};
use crate::yaml::{Kind as Value, Node};

static REFERENCE: LazyLock<Regex> = LazyLock::new(|| pattern("^WARROOM_SECRET_[A-Z0-9_]{1,100}$"));
static VARIABLE: LazyLock<Regex> = LazyLock::new(|| pattern("^[A-Za-z_][A-Za-z0-9_]{0,100}$"));
static KEY: LazyLock<Regex> = LazyLock::new(|| pattern("^[a-z_]{1,20}$"));

/// Addresses that may be keys in themselves, though nothing in them says so.
static ADDRESS: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"(?i)https?://[^\s"'\]},]*hook[^\s"'\]},]*"#));

static PASSWORD: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"://(?:[^\s"'`/?#]*|[^\s"'`]*:[^\s"'`]*)@"#));
/// A message may have been cut before the `@`.
static CUT_PASSWORD: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"://(?:[^\s"'`/?#]*|[^\s"'`]*:[^\s"'`]*)(@|…)"#));

/// The places where only references to secrets may stand.
const PLACES: [[&str; 2]; 2] = [["start", "webhooks"], ["updates", "webhooks"]];

/// The addresses in `warroom.yaml`, by their pointers.
const ADDRESSES: [&str; 2] = ["/server/url", "/source_url"];

/// Whether a pointer lies where only references to secrets, or no secrets, may stand.
pub(super) fn covers(kind: Kind, pointer: &str) -> bool {
    if kind == Kind::Workspace {
        return ADDRESSES.contains(&pointer);
    }
    let below = |[outer, inner]: &[&str; 2]| {
        let rest = pointer.strip_prefix('/');
        let rest = rest.and_then(|rest| rest.strip_prefix(outer));
        let rest = rest.and_then(|rest| rest.strip_prefix('/'));
        let rest = rest.and_then(|rest| rest.strip_prefix(inner));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    kind == Kind::Playbook && PLACES.iter().any(below)
}

/// Finds and hides the secrets of a file.
pub(super) fn literals(kind: Kind, root: &Node<'_>, source: &Arc<Source>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if kind == Kind::Playbook {
        for [outer, inner] in PLACES {
            if let Some(node) = root.get(outer).and_then(|node| node.get(inner)) {
                search(node, source, &mut findings);
            }
        }
    }
    if kind == Kind::Workspace {
        for pointer in ADDRESSES {
            let mut keys = pointer.split('/').skip(1);
            let value = keys.try_fold(root, |node, key| node.get(key));
            if let Some(value) = value.filter(|value| value.as_str().is_some_and(has_password)) {
                findings.push(password(source, value.span));
            }
        }
    }
    findings
}

/// Whether an address names somebody, perhaps with a password.
fn has_password(address: &str) -> bool {
    match web_url(address) {
        Ok(_) => false,
        Err(SiteError::Userinfo) => true,
        Err(_) => PASSWORD.is_match(address) || address.split_whitespace().any(|p| p.contains('@')),
    }
}

fn password(source: &Arc<Source>, span: Span) -> Finding {
    source.hide(span);
    let message = "this address contains a user name or password";
    Finding::new(Code::Secret, source, source.first_line(span), message)
        .label("write the address alone, such as `https://chat.example.com`")
        .help("tokens are stored with `warroom login URL`; a password that has been in a file has to be changed")
}

/// Hides whatever looks like a secret in the whole text, for reports about lines beside it:
/// all that V-02 finds there, whether or not that rule is on, and names in addresses.
/// Returns the former.
pub fn hide_secrets(source: &Source) -> Vec<Leak> {
    let leaks = leaks(source.text());
    for leak in &leaks {
        source.hide(leak.range.clone().into());
    }
    for found in ADDRESS.find_iter(source.text()) {
        source.hide(found.range().into());
    }
    for found in PASSWORD.find_iter(source.text()) {
        let start = found.start() + "://".len();
        source.hide(Span::new(start, found.end() - 1));
    }
    leaks
}

/// A message with every name and password that stands in an address, and whatever else
/// looks like a secret, starred out.
#[must_use]
pub fn without_secrets(text: &str) -> Cow<'_, str> {
    match CUT_PASSWORD.replace_all(text, "://***$1") {
        Cow::Borrowed(text) => starred(text),
        Cow::Owned(clean) => Cow::Owned(starred(&clean).into_owned()),
    }
}

/// A text in which three stars stand for whatever looks like a secret.
#[must_use]
pub fn starred(text: &str) -> Cow<'_, str> {
    let leaks = leaks(text);
    if leaks.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len());
    let mut at = 0;
    for leak in leaks {
        clean.push_str(&text[at..leak.range.start]);
        clean.push_str("***");
        at = leak.range.end;
    }
    clean.push_str(&text[at..]);
    Cow::Owned(clean)
}

fn search(node: &Node<'_>, source: &Arc<Source>, findings: &mut Vec<Finding>) {
    match &node.kind {
        Value::Null => {}
        Value::Seq(elements) => {
            for element in elements {
                search(element, source, findings);
            }
        }
        Value::Map(entries) => {
            for (key, value) in entries {
                if !KEY.is_match(&key.name) {
                    findings.push(literal(source, key.span));
                }
                match value.as_str() {
                    Some(name) if key.name == "env" && VARIABLE.is_match(name) => {
                        if !REFERENCE.is_match(name) {
                            findings.push(other_variable(source, value.span));
                        }
                    }
                    _ => search(value, source, findings),
                }
            }
        }
        _ => findings.push(literal(source, node.span)),
    }
}

fn literal(source: &Arc<Source>, span: Span) -> Finding {
    source.hide(span);
    let message = "this is a secret in plain text; only a reference to a secret may be here";
    Finding::new(Code::Secret, source, source.first_line(span), message)
        .label("write `{ env: WARROOM_SECRET_NAME }`")
        .help("`sync` reads the secret from that environment variable; this one has been in a file: revoke it where it was issued, and create a new one")
}

fn other_variable(source: &Arc<Source>, span: Span) -> Finding {
    // Upper-case letters and digits may be a key as well as a name.
    source.hide(span);
    let message = "the name of this variable does not begin with `WARROOM_SECRET_`";
    Finding::new(Code::InvalidValue, source, span, message)
        .label("rename the variable to `WARROOM_SECRET_NAME`")
        .help("a workspace may come from a stranger, so it cannot use any other environment variables")
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("tests use every pattern")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml;

    fn shown(text: &str) -> (Vec<&'static str>, String) {
        let source = Arc::new(Source::new("x.yaml", text));
        let root = yaml::read(&source).root.unwrap();
        let found = literals(Kind::Playbook, &root, &source);
        (
            found.iter().map(|finding| finding.code.id()).collect(),
            source.shown(),
        )
    }

    #[test]
    fn whatever_stands_where_a_reference_belongs_is_hidden() {
        for webhooks in [
            "https://x.example/s3cret",
            "[https://x.example/s3cret]",
            "[{ url: https://x.example/s3cret }]",
            "[{ env: \"https://x.example/s3cret\" }]",
            "[{ env: { value: [s3cret] } }]",
            "[{ https://x.example/s3cret }]",
            "[12345678]",
        ] {
            let (codes, shown) = shown(&format!("start: {{ webhooks: {webhooks} }}\n"));
            assert_eq!(codes, ["V-02"], "{webhooks}");
            assert!(
                !shown.contains("s3cret") && !shown.contains("12345678"),
                "{shown}"
            );
        }
    }

    #[test]
    fn another_variable_is_refused_and_hidden() {
        let (codes, shown) = shown("updates:\n  webhooks: [{ env: AKIA1234 }]\n");
        assert_eq!(codes, ["Y-14"]);
        assert!(!shown.contains("AKIA1234"), "{shown}");
    }

    #[test]
    fn a_reference_is_left_alone() {
        let text = "start:\n  webhooks: [{ env: WARROOM_SECRET_PAGER }]\n";
        assert_eq!(shown(text), (vec![], text.to_owned()));
    }

    #[test]
    fn addresses_of_webhooks_are_hidden_wherever_they_stand() {
        let source = Source::new("x", "a: [https://chat.example/hooks/abc, b]\n");
        hide_secrets(&source);
        assert_eq!(source.shown(), format!("a: [{}, b]\n", "*".repeat(30)));
    }

    #[test]
    fn passwords_in_addresses_are_hidden_in_lines_and_in_words() {
        let source = Source::new("x", "a: https://u:s3cret@x.example/y # and ssh://me@h\n");
        hide_secrets(&source);
        let shown = source.shown();
        assert_eq!(shown, "a: https://********@x.example/y # and ssh://**@h\n");
        for text in [
            "`https://u:s3cret@x`",
            "`https://u:s3cr…`",
            "https://u:s3/cret@x",
        ] {
            assert!(!without_secrets(text).contains("s3"), "{text}");
        }
        let harmless = "see https://x.example/a, b@c.example";
        assert_eq!(without_secrets(harmless), harmless);
    }

    #[test]
    fn only_those_places_are_covered() {
        assert!(covers(Kind::Playbook, "/start/webhooks/0/env"));
        assert!(!covers(Kind::Playbook, "/start/webhooks2"));
        assert!(!covers(Kind::Workspace, "/start/webhooks"));
        assert!(covers(Kind::Workspace, "/server/url"));
    }
}
