//! What must not get into git: secrets that somebody pasted, and addresses of people.
//!
//! Git does not forget, so texts are redacted before any document is made from them.
//! Owns the shapes of secrets; each match becomes `‹redacted: KIND›`, and is counted.
//! Shapes are those that are known by prefix or by their surroundings: random text
//! alone is no secret, since ids of Mattermost look random too.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::{Captures, Regex};
use serde::Serialize;

use super::record::Record;

/// The name and version of these rules, for the trailer of commits.
pub(super) const POLICY: &str = "default-v1";

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
        (
            Kind::PrivateKey,
            r"(?s)-----BEGIN [A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----.*?(-----END [A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----|\z)",
        ),
        (
            Kind::Webhook,
            r"(?i)https?://[^\s<>]*(/hooks/[a-z0-9]{26}|hooks\.slack\.com/[^\s<>)]+|/api/webhooks/[0-9]+/[\w-]+|webhook\.office\.com/[^\s<>)]+)",
        ),
        (
            Kind::Authorization,
            r"(?i)(?P<keep>\bauthorization[\x22']?\s*[:=]\s*[\x22']?)(?:(?:bearer|basic|token|digest)\s+)?[^\s\x22'`‹][^\s\x22'`]{5,}",
        ),
        (
            Kind::Authorization,
            r"(?i)(?P<keep>\bbearer\s+)[A-Za-z0-9._~+/-]{16,}=*",
        ),
        (
            Kind::Token,
            r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*",
        ),
        (
            Kind::Token,
            r"\b(gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,}|xox[abeoprs]-[A-Za-z0-9-]{10,}|xapp-[A-Za-z0-9-]{10,}|(AKIA|ASIA)[0-9A-Z]{16}|AIza[0-9A-Za-z_-]{30,}|[sr]k_(live|test)_[A-Za-z0-9]{10,}|sk-[A-Za-z0-9_-]{20,}|npm_[A-Za-z0-9]{30,}|pypi-[A-Za-z0-9_-]{20,}|dop_v1_[a-f0-9]{32,}|hv[sb]\.[A-Za-z0-9_-]{20,}|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}|AGE-SECRET-KEY-1[0-9A-Z]{20,})",
        ),
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
    /// Redacts a text in place.
    pub fn text(&mut self, text: &mut String) {
        for rule in RULES.iter() {
            let kind = rule.kind;
            let mut found = 0;
            let replaced = rule.pattern.replace_all(text, |captures: &Captures<'_>| {
                found += 1;
                let keep = captures.name("keep").map_or("", |m| m.as_str());
                format!("{keep}‹redacted: {}›", kind.word())
            });
            if let Cow::Owned(replaced) = replaced {
                *text = replaced;
                *self.counts.entry(kind).or_default() += found;
            }
        }
    }

    /// Redacts every text of a record that people typed.
    #[must_use]
    pub fn record(record: &Record) -> (Record, Self) {
        let mut record = record.clone();
        let mut redaction = Self::default();
        redaction.text(&mut record.run.name);
        redaction.text(&mut record.run.description);
        for group in &mut record.checklists {
            redaction.text(&mut group.title);
            for task in &mut group.tasks {
                redaction.text(&mut task.title);
            }
        }
        for update in &mut record.updates {
            redaction.text(&mut update.text);
        }
        for happening in &mut record.happenings {
            redaction.text(&mut happening.text);
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

/// What in a finished document is a secret beyond doubt: the last gate before a commit.
pub(super) fn leak(document: &str) -> Option<RedactionKind> {
    let certain = RULES.iter().filter(|rule| rule.kind.is_certain());
    let mut found = certain.filter(|rule| {
        rule.pattern
            .find_iter(document)
            .any(|found| !is_redacted(found.as_str()))
    });
    found.next().map(|rule| rule.kind)
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
