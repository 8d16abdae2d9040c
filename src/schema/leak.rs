//! What looks like a secret, wherever it stands in a text.
//!
//! For files in which nobody expects one: titles, descriptions, commands, comments,
//! templates. Errs on the side of silence where people write such things on purpose:
//! hashes, fingerprints, public keys, links and words. Pure.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::diag::secret;

/// As many are enough to say that a text is full of them.
const MOST: usize = 200;
/// Shorter ones are words.
const SHORTEST_VALUE: usize = 8;
const SHORTEST_RUN: usize = 32;
/// As far before a run its address is looked for.
const LONGEST_ADDRESS: usize = 500;
/// How many different characters a random text of that length has at least.
const FEWEST_DIFFERENT: usize = 16;

/// Something that looks like a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leak {
    /// Where it stands.
    pub range: Range<usize>,
    /// What it looks like.
    pub what: &'static str,
}

/// Whether any of the patterns could match: most texts are done after this.
static ANY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)-----BEGIN|hook|bearer|password|passwd|passphrase|secret|token|api.?key|access.?key|://[^\s/]*@|eyJ|gh[pousr]_|github_pat_|glpat-|xox|xapp-|AKIA|ASIA|AIza|k_live_|k_test_|sk-|npm_|pypi-|dop_v1_|hv[sb]\.|SG\.|AGE-SECRET",
    )
});

/// Patterns that need no second look.
static CERTAIN: LazyLock<Vec<(&'static str, Regex)>> = LazyLock::new(|| {
    [
        ("a private key", secret::PRIVATE_KEY),
        ("the address of a webhook", secret::WEBHOOK),
        ("a token", secret::TOKEN),
    ]
    .map(|(what, text)| (what, pattern(text)))
    .into()
});

/// Patterns whose value, the group `secret`, may also be a word or a placeholder.
static NAMED: LazyLock<[(&'static str, Regex); 3]> = LazyLock::new(|| {
    [
        (
            "a password or token",
            r#"(?i)(password|passwd|passphrase|secret|token|api[_-]?key|access[_-]?key)["'`]?[ \t]*[:=][ \t]*["'`]?(?P<secret>[^\s"'`,;|(){}\[\]<>]{8,200})"#,
        ),
        (
            "a token",
            r"(?i)\bbearer[ \t]+(?P<secret>[A-Za-z0-9._~+/-]{16,}=*)",
        ),
        (
            "a password in an address",
            r#"(?i)\bhttps?://[^\s/@:"'`]{1,200}:(?P<secret>[^\s/@"'`]{4,200})@"#,
        ),
    ]
    .map(|(what, text)| (what, pattern(text)))
});

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("tests use every pattern")
}

/// Everything in a text that looks like a secret, in order; of several that overlap, the first.
#[must_use]
pub fn leaks(text: &str) -> Vec<Leak> {
    let mut found = Vec::new();
    random_runs(text, &mut found);
    if ANY.is_match(text) {
        for (what, pattern) in CERTAIN.iter() {
            for whole in pattern.find_iter(text).take(MOST) {
                found.push(Leak {
                    range: whole.range(),
                    what,
                });
            }
        }
        for (what, pattern) in NAMED.iter() {
            for captures in pattern.captures_iter(text).take(MOST) {
                let Some(secret) = captures.name("secret") else {
                    continue;
                };
                let shown = secret.as_str().trim_end_matches(['.', ':', '!', '?']);
                if is_value(shown) {
                    let range = secret.start()..secret.start() + shown.len();
                    found.push(Leak { range, what });
                }
            }
        }
    }
    found.sort_by_key(|leak| (leak.range.start, std::cmp::Reverse(leak.range.end)));
    found.dedup_by(|next, first| next.range.start < first.range.end);
    found.truncate(MOST);
    found
}

/// Whether what stands behind `token:` can be one: no word, placeholder, path or variable.
fn is_value(text: &str) -> bool {
    let placeholder = ["$", "*", "%", "http", "WARROOM_", "‹"];
    let is_word = |part: &str| {
        let letters = part.chars().all(char::is_alphabetic);
        letters || part.chars().all(|c| c.is_ascii_digit()) || part.len() <= 4
    };
    text.len() >= SHORTEST_VALUE
        && text.is_ascii()
        && !placeholder.iter().any(|start| text.starts_with(start))
        && !text.contains(['/', ':', '…'])
        && text.contains(|c: char| c.is_ascii_digit())
        && text.contains(|c: char| c.is_ascii_lowercase())
        && !text.split(['-', '_', '.', '+', '=']).all(is_word)
}

/// Long runs of letters and digits in no order.
fn random_runs(text: &str, found: &mut Vec<Leak>) {
    let bytes = text.as_bytes();
    let inside = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'_' | b'-');
    let mut at = 0;
    while at < bytes.len() && found.len() < MOST {
        // Between two places that far apart there is no run if both are outside of one.
        let probe = at + SHORTEST_RUN - 1;
        if probe >= bytes.len() {
            return;
        }
        if !inside(bytes[probe]) {
            at = probe + 1;
            continue;
        }
        let back = bytes[at..probe]
            .iter()
            .rev()
            .take_while(|b| inside(**b))
            .count();
        let start = probe - back;
        let end = probe + bytes[probe..].iter().take_while(|b| inside(**b)).count();
        at = end + 1;
        let before = &text[..start];
        let public = text[start..end].starts_with("AAAA")
            || before.ends_with("SHA256:")
            || before.ends_with("sha256-")
            || text[start..end].starts_with("sha");
        if end - start >= SHORTEST_RUN
            && !public
            && is_random(&bytes[start..end])
            && !in_address(before, &text[start..end])
        {
            found.push(Leak {
                range: start..end,
                what: "a random text, such as a token",
            });
        }
    }
}

/// Whether a run belongs to an address: `://` stands in the same word, not far before, or
/// the slashes begin the run.
fn in_address(before: &str, run: &str) -> bool {
    let near = &before[before.floor_char_boundary(before.len().saturating_sub(LONGEST_ADDRESS))..];
    let word = near
        .rfind(char::is_whitespace)
        .map_or(near, |at| &near[at..]);
    word.contains("://") || (word.ends_with(':') && run.starts_with("//"))
}

fn is_random(run: &[u8]) -> bool {
    let has = |class: fn(&u8) -> bool| run.iter().any(class);
    if !has(u8::is_ascii_lowercase) || !has(u8::is_ascii_uppercase) || !has(u8::is_ascii_digit) {
        return false;
    }
    let longest = run
        .split(|b| !b.is_ascii_alphanumeric())
        .map(<[u8]>::len)
        .max();
    let mut seen = [false; 256];
    for b in run {
        seen[usize::from(*b)] = true;
    }
    let different = seen.iter().filter(|seen| **seen).count();
    // A name of a class has capitals at the beginnings of its words, and digits at one place.
    let pairs = || run.windows(2);
    let digits = pairs().filter(|p| !p[0].is_ascii_digit() && p[1].is_ascii_digit());
    let capitals = pairs().filter(|p| p[0].is_ascii_uppercase() && !p[1].is_ascii_lowercase());
    longest.unwrap_or(0) >= 16
        && different >= FEWEST_DIFFERENT
        && digits.count() >= 2
        && capitals.count() >= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        leaks(text)
            .into_iter()
            .map(|leak| &text[leak.range])
            .collect()
    }

    #[test]
    fn secrets_are_found_wherever_they_stand() {
        for (text, secret) in [
            (
                "use ghp_abcdefghijklmnopqrst0123 now",
                "ghp_abcdefghijklmnopqrst0123",
            ),
            ("key AKIAABCDEFGHIJKLMNOP", "AKIAABCDEFGHIJKLMNOP"),
            ("token: k3jw8s9f7nq2x", "k3jw8s9f7nq2x"),
            ("`password=\"tr0ub4dor&3\"`", "tr0ub4dor&3"),
            ("curl https://x.example/?token=a8f3k2m9q1", "a8f3k2m9q1"),
            (
                "Authorization: Bearer abcdef0123456789abcdef",
                "abcdef0123456789abcdef",
            ),
            ("https://bob:hunter22x@x.example/", "hunter22x"),
            (
                "see https://chat.example/hooks/abcdefghijklmnopqrstuvwxyz",
                "https://chat.example/hooks/abcdefghijklmnopqrstuvwxyz",
            ),
            (
                "x https://hooks.slack.com/services/T0/B0/xyz y",
                "https://hooks.slack.com/services/T0/B0/xyz",
            ),
            (
                "k Zx8Kq2VbN5mW9rTy3LpD7sJhF4gC6eQa.",
                "Zx8Kq2VbN5mW9rTy3LpD7sJhF4gC6eQa",
            ),
            (
                "-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----",
                "-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----",
            ),
        ] {
            assert_eq!(found(text), [secret], "{text}");
        }
    }

    #[test]
    fn what_people_write_on_purpose_is_left_alone() {
        for text in [
            "Rotate the token: everybody who had it is asked",
            "token: {{ token }} $TOKEN <token> ${API_TOKEN1} WARROOM_SECRET_1",
            "secret: projects/acme/secrets/pager1",
            "password: see-the-vault-2026",
            "commit 3f2a91c0d8e7b6a5948372615049382716f5e4d3",
            "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "SHA256:Zx8Kq2VbN5mW9rTy3LpD7sJhF4gC6eQaUoIu1Yt2Re3",
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJx8Kq2VbN5mW9rTy3LpD7s",
            "https://docs.google.com/document/d/1Zx8Kq2VbN5mW9rTy3LpD7sJhF4gC6eQa/edit",
            "https://chat.example/ops/pl/w5tgxfmbcbn98jzd7r5ps1k3ha",
            "AbstractSingletonProxyFactoryBeanV2Impl",
            "a-very-long-name-of-a-file-with-many-words-2026-and-Capitals.md",
            "playbooks/customer-escalation/templates/Announcement2026.md",
            "alice@example.com ssh://git@host/x",
            "task-skip-abcdefghijklmnopqrstuvwxyz",
        ] {
            assert_eq!(found(text), [] as [&str; 0], "{text}");
        }
    }

    #[test]
    fn of_a_text_full_of_secrets_only_so_many_are_told() {
        let text = "token: k3jw8s9f7nq2x ".repeat(50_000);
        assert_eq!(leaks(&text).len(), MOST);
        let text = "aB3".repeat(300_000);
        assert!(leaks(&text).len() <= 1);
    }
}
