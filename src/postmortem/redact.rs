//! What must not get into git: secrets that somebody pasted, and addresses of people.
//!
//! Git does not forget, so texts are redacted before any document is made from them.
//! Each match becomes `‹redacted: KIND›`, and is counted.
//! Shapes are those that are known by prefix or by their surroundings: random text
//! alone is no secret, since ids of Mattermost look random too.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;
use serde::Serialize;

use super::record::Record;
use crate::diag::secret;

/// The name and version of these rules, for the trailer of commits.
pub(super) const POLICY: &str = "default-v1";

/// How often a text may be escaped and is still looked through: in a template, in what another
/// template made of that, and in JSON.
const MOST_ESCAPED: usize = 4;

/// A shorter name of a channel is a word that occurs everywhere.
const SHORTEST_CHANNEL: usize = 6;

/// What was redacted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RedactionKind {
    /// A private key.
    PrivateKey,
    /// A token or key known by its prefix.
    Token,
    /// The value of an `Authorization` header.
    Authorization,
    /// The address of a webhook, which is a secret in itself.
    Webhook,
    /// A secret in a web address.
    Url,
    /// What follows `password:` and the like.
    Assignment,
    /// An e-mail address.
    Email,
}

impl RedactionKind {
    fn word(self) -> &'static str {
        match self {
            Self::PrivateKey => "private key",
            Self::Token => "token",
            Self::Authorization => "authorization",
            Self::Webhook => "webhook",
            Self::Url => "secret in address",
            Self::Assignment => "secret",
            Self::Email => "e-mail",
        }
    }

    /// Whether a match is a secret beyond doubt, so that nothing with one is committed.
    fn is_certain(self) -> bool {
        !matches!(self, Self::Assignment | Self::Email | Self::Url)
    }
}

/// How often what was redacted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Redaction {
    counts: BTreeMap<RedactionKind, usize>,
}

struct Rule {
    kind: RedactionKind,
    pattern: Regex,
}

/// In order: what is certain first, so that its words survive the vaguer rules.
static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    use RedactionKind as Kind;
    [
        (Kind::PrivateKey, secret::PRIVATE_KEY),
        (Kind::Webhook, secret::WEBHOOK),
        (
            Kind::Authorization,
            r"(?i)(?P<keep>\bauthorization[\x22']?\s*[:=]\s*[\x22']?)(?:(?:bearer|basic|token|digest)\s+)?[^\s\x22'`‹][^\s\x22'`]{5,}",
        ),
        (
            Kind::Authorization,
            r"(?i)(?P<keep>\bbearer\s+)[A-Za-z0-9._~+/-]{16,}=*",
        ),
        (Kind::Token, secret::TOKEN),
        // Rather one word too many than a key in git.
        (Kind::Token, r"\bsk-[A-Za-z0-9_-]{20,}"),
        (
            Kind::Url,
            r"(?i)(?P<keep>\bhttps?://)[^\s/@:]+:[^\s/@]+@",
        ),
        (
            Kind::Url,
            r"(?i)(?P<keep>[?&](access_token|api_?key|auth|key|password|secret|sig|signature|token|x-amz-signature|x-amz-credential)=)[^&\s#)\]]+",
        ),
        (
            Kind::Assignment,
            r"(?i)(?P<keep>\b[\w-]*(password|passwd|passphrase|secret|token|api[_-]?key|access[_-]?key)\b[\x22']?\s*[:=]\s*)([\x22'`][^\x22'`\n]{4,}[\x22'`]|[^\s\x22'`‹]{6,})",
        ),
        (
            Kind::Email,
            r"\b[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}\b",
        ),
    ]
    .into_iter()
    .map(|(kind, pattern)| Rule {
        kind,
        pattern: Regex::new(pattern).expect("a test uses every pattern"),
    })
    .collect()
});

impl Redaction {
    /// Redacts a text in place, however its characters are escaped.
    pub fn text(&mut self, text: &mut String) {
        for rule in RULES.iter() {
            self.apply(rule, text);
        }
    }

    fn apply(&mut self, rule: &Rule, text: &mut String) {
        let mut level = 0;
        loop {
            let view = View::of(text, level);
            let found: Vec<Range<usize>> = rule
                .pattern
                .captures_iter(&view.text)
                .filter_map(|captures| {
                    let whole = captures.get(0)?;
                    let start = captures.name("keep").map_or(whole.start(), |m| m.end());
                    Some(view.span(start..whole.end()))
                })
                .collect();
            for span in found.iter().rev() {
                text.replace_range(span.clone(), &mark(rule.kind));
            }
            if !found.is_empty() {
                *self.counts.entry(rule.kind).or_default() += found.len();
            }
            level += 1;
            if level > MOST_ESCAPED || view.is_last {
                return;
            }
        }
    }

    /// Redacts every text of a record.
    #[must_use]
    pub fn record(record: &Record) -> (Record, Self) {
        let mut record = record.clone();
        let mut redaction = Self::default();
        let name = record.run.name.clone();
        let channel = record.run.channel.clone();
        every_text(&mut record, &mut |text| redaction.text(text));
        // Its channel is called as the incident was: the same secret, in other characters.
        if record.run.name != name
            && let Some(channel) = channel
        {
            let gone = mark(RedactionKind::Assignment);
            record.run.channel = Some(gone.clone());
            if channel.len() >= SHORTEST_CHANNEL {
                every_text(&mut record, &mut |text| {
                    if text.contains(&channel) {
                        *text = text.replace(&channel, &gone);
                    }
                });
            }
        }
        (record, redaction)
    }

    /// How often each was redacted, in a fixed order.
    pub fn counts(&self) -> impl Iterator<Item = (RedactionKind, usize)> {
        self.counts.iter().map(|(kind, count)| (*kind, *count))
    }
}

/// Whether a text was redacted.
pub(super) fn is_redacted(text: &str) -> bool {
    text.contains("‹redacted: ")
}

/// A name without secrets.
pub(super) fn name(name: &str) -> String {
    let mut name = name.to_owned();
    Redaction::default().text(&mut name);
    name
}

/// What in a finished document is a secret beyond doubt: the last gate before a commit.
pub(super) fn leak(document: &str) -> Option<RedactionKind> {
    let views: Vec<View> = (0..=MOST_ESCAPED).map(|n| View::of(document, n)).collect();
    let certain = RULES.iter().filter(|rule| rule.kind.is_certain());
    let mut found = certain.filter(|rule| {
        let all = views
            .iter()
            .flat_map(|view| rule.pattern.find_iter(&view.text));
        all.into_iter().any(|found| !is_redacted(found.as_str()))
    });
    found.next().map(|rule| rule.kind)
}

/// What stands in the place of what was redacted.
fn mark(kind: RedactionKind) -> String {
    format!("‹redacted: {}›", kind.word())
}

/// Hands over each text of a record that may hold what people typed.
fn every_text(record: &mut Record, visit: &mut dyn FnMut(&mut String)) {
    let run = &mut record.run;
    for text in [&mut run.name, &mut run.description, &mut run.url] {
        visit(text);
    }
    run.number.iter_mut().for_each(&mut *visit);
    run.channel.iter_mut().for_each(&mut *visit);
    if let Some(playbook) = &mut record.playbook {
        visit(&mut playbook.title);
        playbook.url.iter_mut().for_each(&mut *visit);
    }
    for held in [
        &mut record.commanders,
        &mut record.severities,
        &mut record.statuses,
    ]
    .into_iter()
    .flatten()
    {
        visit(&mut held.title);
    }
    for group in &mut record.checklists {
        visit(&mut group.title);
        for task in &mut group.tasks {
            visit(&mut task.title);
        }
    }
    for update in &mut record.updates {
        visit(&mut update.text);
        update.link.iter_mut().for_each(&mut *visit);
    }
    for told in &mut record.announcements {
        told.channels.iter_mut().for_each(&mut *visit);
    }
    for happening in &mut record.happenings {
        visit(&mut happening.text);
        happening.link.iter_mut().for_each(&mut *visit);
    }
    let warnings = &mut record.completeness.warnings;
    warnings.iter_mut().for_each(&mut *visit);
}

/// A text as people see it: without the escapes of Markdown, HTML, JSON and web addresses,
/// and with the way back to the bytes it came from.
struct View {
    text: String,
    /// For each byte of `text` the bytes it stands for.
    spans: Vec<Range<usize>>,
    /// Another level would give the same.
    is_last: bool,
}

impl View {
    /// Undoes so many levels of escaping.
    fn of(text: &str, levels: usize) -> Self {
        let mut view = Self {
            text: text.to_owned(),
            spans: (0..text.len()).map(|at| at..at + 1).collect(),
            is_last: is_plain(text),
        };
        // Bytes of one character belong together.
        for (at, c) in text.char_indices() {
            for n in at..at + c.len_utf8() {
                view.spans[n] = at..at + c.len_utf8();
            }
        }
        for _ in 0..levels {
            view = view.unescaped();
        }
        view
    }

    fn unescaped(&self) -> Self {
        let mut text = String::with_capacity(self.text.len());
        let mut spans = Vec::with_capacity(self.spans.len());
        let mut at = 0;
        for (seen, length) in unescape(&self.text) {
            if let Some(c) = seen {
                let span = self.span(at..at + length);
                text.push(c);
                spans.extend(std::iter::repeat_n(span, c.len_utf8()));
            }
            at += length;
        }
        Self {
            is_last: is_plain(&text),
            text,
            spans,
        }
    }

    /// The bytes of the original that a part of the view stands for.
    fn span(&self, part: Range<usize>) -> Range<usize> {
        let start = self.spans[part.start].start;
        let end = self.spans[part.end - 1].end;
        start..end
    }
}

/// Whether nothing in a text is escaped.
fn is_plain(text: &str) -> bool {
    unescape(text).all(|(seen, length)| seen.is_some_and(|c| c.len_utf8() == length))
}

/// Takes a text apart into what is seen, and how many bytes show it.
fn unescape(text: &str) -> impl Iterator<Item = (Option<char>, usize)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let c = rest.chars().next()?;
        let mut after = rest[c.len_utf8()..].chars();
        let (seen, length) = match c {
            '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' => (None, c.len_utf8()),
            '\\' => match after.next() {
                Some(next) if next.is_ascii_punctuation() => (Some(next), 2),
                _ => (Some(c), 1),
            },
            '&' => entity(rest).map_or((Some(c), 1), |(seen, length)| (Some(seen), length)),
            '%' => {
                let code = rest
                    .get(1..3)
                    .and_then(|hex| u8::from_str_radix(hex, 16).ok());
                match code.map(char::from).filter(char::is_ascii_graphic) {
                    Some(seen) => (Some(seen), 3),
                    None => (Some(c), 1),
                }
            }
            c => (Some(c), c.len_utf8()),
        };
        rest = &rest[length..];
        Some((seen, length))
    })
}

/// A character reference of HTML at the beginning of a text.
fn entity(text: &str) -> Option<(char, usize)> {
    let end = text.bytes().take(12).position(|b| b == b';')?;
    let name = &text[1..end];
    let seen = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let number = name.strip_prefix('#')?;
            let hex = number.strip_prefix(['x', 'X']);
            let code = hex.map_or_else(|| number.parse(), |hex| u32::from_str_radix(hex, 16));
            char::from_u32(code.ok()?).filter(|c| !c.is_control())?
        }
    };
    Some((seen, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redacted(text: &str) -> String {
        let mut text = text.to_owned();
        Redaction::default().text(&mut text);
        text
    }

    #[test]
    fn known_shapes_of_secrets_are_redacted() {
        let join = |parts: &[&str]| parts.concat();
        let samples = [
            // In parts, so that no scanner takes this file for a leak.
            join(&["push with ", "ghp_", &"a1B2".repeat(9)]),
            join(&["AKIA", "IOSFODNN7EXAMPLE", " is gone"]),
            join(&["glpat-", &"x".repeat(20)]),
            join(&["xoxb-", "123456789012-abcdef"]),
            join(&["eyJhbGciOiJIUzI1NiJ9", ".eyJzdWIiOiIxIn0", ".c2ln"]),
            "curl -H 'Authorization: Bearer abcdef123456'".to_owned(),
            "used bearer abcdefghij0123456789 there".to_owned(),
            join(&[
                "-----BEGIN RSA PRIVATE",
                " KEY-----\nMIIE\n-----END RSA PRIVATE",
                " KEY-----\nafter",
            ]),
            join(&["-----BEGIN OPENSSH PRIVATE", " KEY-----\nnever ends"]),
            "https://chat.example.com/hooks/abcdefghijklmnopqrstuvwxyz".to_owned(),
            "https://user:hunter2@db.example.com/x".to_owned(),
            "see https://x.example.com/?a=1&token=s3cr3t&b=2".to_owned(),
            "db_password = hunter2hunter2".to_owned(),
            "\"api_key\": \"abc def 123\"".to_owned(),
            "ask bob.smith+ops@mail.example.com".to_owned(),
        ];
        insta::assert_snapshot!(samples.map(|s| redacted(&s)).join("\n"), @r#"
        push with ‹redacted: token›
        ‹redacted: token› is gone
        ‹redacted: token›
        ‹redacted: token›
        ‹redacted: token›
        curl -H 'Authorization: ‹redacted: authorization›'
        used bearer ‹redacted: authorization› there
        ‹redacted: private key›
        after
        ‹redacted: private key›
        ‹redacted: webhook›
        https://‹redacted: secret in address›db.example.com/x
        see https://x.example.com/?a=1&token=‹redacted: secret in address›&b=2
        db_password = ‹redacted: secret›
        "api_key": ‹redacted: secret›
        ask ‹redacted: e-mail›
        "#);
    }

    #[test]
    fn a_secret_stays_one_however_often_it_is_escaped() {
        use crate::template::markdown;
        for secret in [
            ["ghp", "_", "abcdefghijklmnopqrstuvwxyz0123456789"].concat(),
            ["npm", "_", &"a1".repeat(20)].concat(),
            ["sk", "_live_", "abcdefghij0123456789"].concat(),
            ["github", "_pat_", &"a1_".repeat(10)].concat(),
            ["dop", "_v1_", &"0a".repeat(32)].concat(),
            ["eyJhbGci_iJIUzI1N", ".eyJzdW_iOiIxIn0", ".c2l_n-x"].concat(),
            "https://bob:pw@host.example/".to_owned(),
            "api_key: hunter2*hunter2".to_owned(),
        ] {
            let typed = format!("leaked {secret} yesterday");
            let once = markdown::inline(&typed);
            let twice = markdown::inline(&once);
            let json = serde_json::to_string(&once).unwrap();
            for text in [typed, once, twice, json] {
                let safe = redacted(&text);
                assert!(is_redacted(&safe), "{text} became {safe}");
                for part in secret.split(|c: char| !c.is_alphanumeric()) {
                    let known = ["https", "host", "example", "api", "key"].contains(&part);
                    assert!(part.len() < 3 || known || !safe.contains(part), "{safe}");
                }
                assert!(
                    safe.contains("leaked ") && safe.contains(" yesterday"),
                    "{safe}"
                );
                assert_eq!(redacted(&safe), safe);
            }
        }
    }

    #[test]
    fn the_last_gate_sees_through_escapes() {
        let token = ["ghp", "_", &"a1B2".repeat(9)].concat();
        let escaped = crate::template::markdown::inline(&token);
        assert_ne!(escaped, token);
        assert_eq!(leak(&escaped), Some(RedactionKind::Token));
        let json = serde_json::to_string(&escaped).unwrap();
        assert_eq!(leak(&json), Some(RedactionKind::Token));
    }

    #[test]
    fn what_only_looks_odd_stays() {
        for text in [
            "run w5tgxfmbcbn98jzd7r5ps1k3ha",
            "commit 3f2a91c0d34db33f0c1e2a77d34db33f0c1e2a77",
            "the token expired, the password was rotated",
            "token: see vault",
            "@bob and ~town-square",
            "https://example.com/a?page=2#key",
            "task-force and ask-me-anything-about-checkout",
        ] {
            assert_eq!(redacted(text), text);
        }
    }

    #[test]
    fn redacting_twice_changes_nothing() {
        let once =
            redacted("password: hunter2hunter2, Authorization: Basic dXNlcjpwYXNz, a@b.example");
        assert_eq!(redacted(&once), once);
        assert_eq!(leak(&once), None);
    }

    #[test]
    fn the_last_gate_sees_what_is_certain() {
        let key = ["-----BEGIN ", "PRIVATE KEY-----\nx"].concat();
        assert_eq!(leak(&key), Some(RedactionKind::PrivateKey));
        assert_eq!(
            leak("contact: ops@example.com, password: ask-the-team"),
            None
        );
    }
}
