//! What looks like a secret, wherever it stands in a text.
//!
//! For files in which nobody expects one: titles, descriptions, commands, comments,
//! templates. Errs on the side of silence where people write such things on purpose:
//! hashes, fingerprints, public keys, links and words. Pure.

use std::ops::Range;
use std::sync::{LazyLock, OnceLock};

use regex::Regex;

use crate::diag::secret;

/// Shorter ones are words.
const SHORTEST_VALUE: usize = 8;
/// A longer run of letters is no word, where a token belongs.
const LONGEST_WORD: usize = 19;
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

/// What to search for; made ready for the first text that has one of its words, since
/// that takes longer than to read a whole playbook.
struct Search {
    what: &'static str,
    /// In small letters; a text without any of them is not searched.
    words: &'static [&'static str],
    pattern: &'static str,
    ready: OnceLock<Regex>,
}

impl Search {
    const fn new(
        what: &'static str,
        words: &'static [&'static str],
        pattern: &'static str,
    ) -> Self {
        Self {
            what,
            words,
            pattern,
            ready: OnceLock::new(),
        }
    }

    /// The pattern, if a text in small letters could match.
    fn of(&self, small: &str) -> Option<&Regex> {
        let could = self.words.iter().any(|word| small.contains(word));
        could.then(|| self.ready.get_or_init(|| pattern(self.pattern)))
    }
}

/// Whether any of the searches could find something: most texts are done after this.
static ANY: LazyLock<Regex> = LazyLock::new(|| {
    let named = NAMED.iter().map(|(search, _)| search);
    let words = CERTAIN.iter().chain(named).flat_map(|search| search.words);
    let words: Vec<_> = words.map(|word| regex::escape(word)).collect();
    pattern(&format!("(?i-u:{})", words.join("|")))
});

/// Searches that say what they find.
static CERTAIN: [Search; 3] = [
    Search::new("a private key", &["-----begin"], secret::PRIVATE_KEY),
    Search::new(
        "the address of a webhook",
        &[
            "hook",
            "events.pagerduty.com",
            "api.telegram.org",
            "maker.ifttt.com",
        ],
        secret::WEBHOOK,
    ),
    Search::new(
        "a token",
        &[
            ":aa",
            "ghp_",
            "gho_",
            "ghu_",
            "ghs_",
            "ghr_",
            "github_pat_",
            "glpat-",
            "xoxa-",
            "xoxb-",
            "xoxe-",
            "xoxo-",
            "xoxp-",
            "xoxr-",
            "xoxs-",
            "xapp-",
            "akia",
            "asia",
            "aiza",
            "k_live_",
            "k_test_",
            "sk-",
            "npm_",
            "pypi-",
            "dop_v1_",
            "hvs.",
            "hvb.",
            "sg.",
            "age-secret-key",
            "eyj",
        ],
        secret::TOKEN,
    ),
];

/// Whether what a group called `secret` holds is one, and not a word or a placeholder.
type IsSecret = fn(&str) -> bool;

/// What ends each match is in it: no search looks twice at what comes behind.
static NAMED: [(Search, IsSecret); 8] = [
    (
        Search::new(
            "a password or token",
            &[
                "passwor",
                "passwd",
                "passphrase",
                "kennwort",
                "pwd",
                "secret",
                "token",
                "api key",
                "api_key",
                "api-key",
                "apikey",
                "access key",
                "access_key",
                "access-key",
                "accesskey",
                "private key",
                "private_key",
                "private-key",
                "privatekey",
            ],
            r#"(?i)(?:passwor[dt]|passwd|passphrase|kennwort|(?:\b|_)pwd|secret|token|api[ _-]?key|access[ _-]?key|secret[ _-]?key|private[ _-]?key)\\?["'`*]{0,3}[ \t]*(?::=|=>|[:=])\*{0,2}[ \t]*\\?["'`]{0,3}(?P<secret>[^\s"'`,;|:=(){}\[\]<>]{8,}=*)"#,
        ),
        is_value,
    ),
    (
        Search::new(
            "a password or token",
            &[
                "passwor",
                "passwd",
                "passphrase",
                "kennwort",
                "pwd",
                "token",
                "secret",
                "api-key",
                "apikey",
                "access-key",
                "accesskey",
            ],
            r#"(?i)(?:passwor[dt]|passwd|passphrase|kennwort|(?:\b|_)pwd|--(?:[a-z0-9]+-)*(?:token|secret|api-?key|access-?key))["'`]?(?:[ \t]+(?:is|ist))?[ \t]+["'`]?(?P<secret>[^\s"'`,;|:=(){}\[\]<>]{8,}=*)"#,
        ),
        is_value,
    ),
    (
        Search::new(
            "a token",
            &["bearer", "authorization"],
            r#"(?i)\b(?:bearer|authorization["'`]?[ \t]*[:=][ \t]*["'`]?(?:bearer|basic|token|digest)?)[ \t]+["'`]?(?P<secret>[A-Za-z0-9._~+/-]{8,}=*)"#,
        ),
        is_credential,
    ),
    (
        Search::new(
            "a name and password",
            &["-u", "--user"],
            r#"(?im)(?:^|[\s"'`(])(?:-u|--user)[ \t=]*["'`]?[^\s:"'`/@]+:(?P<secret>[^\s"'`,;|:(){}\[\]<>]{8,})"#,
        ),
        is_value,
    ),
    (
        Search::new(
            "a password",
            &["mysql", "mariadb", "sshpass"],
            r#"(?i)\b(?:(?:mysql|mariadb)[a-z-]*[ \t][^\r\n|;]{0,100}?-p|sshpass[ \t]+-p[ \t]*)["'`]?(?P<secret>[^\s"'`,;|:=(){}\[\]<>]{8,})"#,
        ),
        is_value,
    ),
    (
        Search::new(
            "a password in an address",
            &["://"],
            r#"(?i)\b[a-z][a-z0-9+.-]*://[^\s/@:"'`<>]*:(?P<secret>[^\s/@"'`<>]{4,})@"#,
        ),
        is_password,
    ),
    (
        Search::new(
            "the signature of an address",
            &["sig=", "signature="],
            r#"(?i)[?&](?:sig|signature|x-amz-signature)=(?P<secret>[^\s&#"'`<>(){}\[\]]{8,})"#,
        ),
        is_signature,
    ),
    (
        Search::new(
            "the address of a webhook",
            &["/hooks/"],
            r#"(?i)\bhttps?://[^\s<>"'`/]+(?:/[^\s<>"'`/]+)*?/hooks/(?P<secret>[a-z0-9]{16,}(?:/[a-z0-9]{16,})?)"#,
        ),
        is_value_or_pair,
    ),
];

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("tests use every pattern")
}

/// Everything in a text that looks like a secret, in order; of several that overlap, the first.
#[must_use]
pub fn leaks(text: &str) -> Vec<Leak> {
    let mut found = Vec::new();
    random_runs(text, &mut found);
    if ANY.is_match(text) {
        let small = text.to_ascii_lowercase();
        for search in &CERTAIN {
            let matches = search.of(&small).map(|pattern| pattern.find_iter(text));
            let real = matches.into_iter().flatten();
            let real = real.filter(|whole| !is_sample(whole.as_str()));
            found.extend(real.map(|whole| Leak {
                range: whole.range(),
                what: search.what,
            }));
        }
        for (search, is_secret) in &NAMED {
            let captures = search.of(&small).map(|pattern| pattern.captures_iter(text));
            for captures in captures.into_iter().flatten() {
                let Some(secret) = captures.name("secret") else {
                    continue;
                };
                let rest = &text.as_bytes()[secret.end()..];
                let goes_on = match rest {
                    [b'(' | b'[' | b'{', ..] => true,
                    [b':', next, ..] => !next.is_ascii_whitespace() && !b"\"'`,".contains(next),
                    _ => false,
                };
                let shown = secret.as_str().trim_end_matches(['.', '!', '?', '\\', '*']);
                if !goes_on && is_secret(shown) {
                    let range = secret.start()..secret.start() + shown.len();
                    let what = search.what;
                    found.push(Leak { range, what });
                }
            }
        }
    }
    found.sort_by_key(|leak| (leak.range.start, std::cmp::Reverse(leak.range.end)));
    found.dedup_by(|next, first| {
        let overlaps = next.range.start < first.range.end;
        if overlaps {
            first.range.end = first.range.end.max(next.range.end);
        }
        overlaps
    });
    found
}

/// Whether a known shape is one from somebody's manual.
fn is_sample(text: &str) -> bool {
    let ends = ["EXAMPLE", "EXAMPLEKEY"];
    ends.iter().any(|end| text.ends_with(end))
        || ["$", "{{", "…", "***", "XXXXX"]
            .iter()
            .any(|part| text.contains(part))
}

/// Whether a value says that somebody has to put another in its place, or where it is kept.
fn is_placeholder(text: &str) -> bool {
    let starts = [
        "$", "*", "%", "{", "<", "-", "/", "~", ".", "http", "env.", "secrets.", "vars.", "var.",
        "vault.", "warroom_", "sha1", "sha2", "sha3", "sha5", "md5",
    ];
    let parts = [
        "example",
        "your",
        "replace",
        "change",
        "placeholder",
        "redacted",
        "dummy",
        "sample",
        "insert",
        "xxxx",
        "todo",
        ".env.",
        "***",
        "…",
        "‹",
    ];
    let lower = text.to_lowercase();
    starts.iter().any(|start| lower.starts_with(start))
        || parts.iter().any(|part| lower.contains(part))
}

/// Whether what stands behind `token:` can be one: no word, placeholder, path or variable.
fn is_value(text: &str) -> bool {
    let has = |class: fn(char) -> bool| text.contains(class);
    let readable = |c: char| c.is_ascii_graphic() || c.is_alphanumeric();
    if text.len() < SHORTEST_VALUE
        || !has(|c| c.is_ascii_digit())
        || !has(char::is_alphabetic)
        || !text.chars().all(readable)
        || is_placeholder(text)
    {
        return false;
    }
    if text.contains('/') {
        return text.len() >= 24 && is_mixed(text.as_bytes());
    }
    // Names of variables are written in capitals, too.
    let is_name = !has(char::is_lowercase)
        && (text.chars().filter(char::is_ascii_digit).count() < 4
            || ["TOKEN", "PASS", "SECRET", "KEY"]
                .iter()
                .any(|word| text.contains(word)));
    !is_name && !is_words(text)
}

/// Whether a value is words and numbers, as in the names of things.
fn is_words(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_date = bytes.len() >= 10
        && bytes[4] == b'-'
        && bytes[7] == b'-'
        && bytes[..4].iter().all(u8::is_ascii_digit);
    let parts = || text.split(['-', '_', '.', '+', '=']);
    let letters = |part: &str| part.chars().all(char::is_alphabetic);
    let is_word =
        |part: &str| letters(part) || part.len() <= 4 || part.bytes().all(|b| b.is_ascii_digit());
    let like_word = |part: &str| is_word(part) || (part.len() <= 9 && changes(part) <= 2);
    let has_word = parts().any(|part| part.len() >= 2 && letters(part));
    is_date || parts().all(is_word) || (has_word && parts().all(like_word))
}

/// How often letters and digits take turns.
fn changes(text: &str) -> usize {
    let pairs = text.as_bytes().windows(2);
    pairs
        .filter(|pair| pair[0].is_ascii_digit() != pair[1].is_ascii_digit())
        .count()
}

/// Whether what stands behind `Bearer` is one.
fn is_credential(text: &str) -> bool {
    let text = text.trim_end_matches('=');
    let plain = text.bytes().all(|b| b.is_ascii_alphanumeric());
    let capitals = text.bytes().skip(1).filter(u8::is_ascii_uppercase).count();
    let small = text.bytes().any(|b| b.is_ascii_lowercase());
    let encoded = plain && small && capitals >= 2 && text.len() >= 12;
    is_value(text) || (!is_placeholder(text) && plain && (encoded || text.len() > LONGEST_WORD))
}

/// Whether what stands before the `@` of an address is a password.
fn is_password(text: &str) -> bool {
    let words = [
        "pass", "passwd", "password", "passwort", "pwd", "secret", "token",
    ];
    !is_placeholder(text) && !words.contains(&text.to_lowercase().as_str())
}

fn is_signature(text: &str) -> bool {
    !is_placeholder(text) && text.contains(|c: char| c.is_ascii_digit())
}

fn is_value_or_pair(text: &str) -> bool {
    text.split('/').any(is_value)
}

/// Long runs of letters and digits in no order.
fn random_runs(text: &str, found: &mut Vec<Leak>) {
    let bytes = text.as_bytes();
    let inside = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'_' | b'-');
    let mut at = 0;
    while at < bytes.len() {
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
            || before.ends_with(";base64,")
            || is_sample(&text[start..end])
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
    let parts = run.split(|b| !b.is_ascii_alphanumeric());
    parts.map(<[u8]>::len).max().unwrap_or(0) >= 16 && is_mixed(run)
}

/// Whether letters, capitals and digits stand in no order.
fn is_mixed(run: &[u8]) -> bool {
    let has = |class: fn(&u8) -> bool| run.iter().any(class);
    if !has(u8::is_ascii_lowercase) || !has(u8::is_ascii_uppercase) || !has(u8::is_ascii_digit) {
        return false;
    }
    let mut seen = [false; 256];
    for b in run {
        seen[usize::from(*b)] = true;
    }
    let different = seen.iter().filter(|seen| **seen).count();
    // A name of a class has capitals at the beginnings of its words, and digits at one place.
    let pairs = || run.windows(2);
    let digits = pairs().filter(|p| !p[0].is_ascii_digit() && p[1].is_ascii_digit());
    let capitals = pairs().filter(|p| p[0].is_ascii_uppercase() && !p[1].is_ascii_lowercase());
    different >= FEWEST_DIFFERENT && digits.count() >= 2 && capitals.count() >= 2
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
            ("password hunter2hunter2", "hunter2hunter2"),
            ("/db --password hunter2hunter2", "hunter2hunter2"),
            ("Bearer abcdefghijklmnopqrst", "abcdefghijklmnopqrst"),
            (
                "https://chat.example.com/hooks/abcdefgh12345678",
                "abcdefgh12345678",
            ),
            (
                "https://chat.example.com/hooks/aB3dE6gH9jK2mN5pQ/Zx8Kq2VbN5mW9rTy3LpD",
                "aB3dE6gH9jK2mN5pQ/Zx8Kq2VbN5mW9rTy3LpD",
            ),
            ("passwort: Sommer2026", "Sommer2026"),
            ("kennwort: Hunter2Hunter2", "Hunter2Hunter2"),
            ("pwd: hunter22hunter", "hunter22hunter"),
            ("**Password:** hunter22x.", "hunter22x"),
            (r#"{\"password\": \"hunter22x\"}"#, "hunter22x"),
            ("password: token=abc12345xyz", "abc12345xyz"),
            ("Authorization: Bearer hunter2hunter2", "hunter2hunter2"),
            (
                "Authorization: Basic YWRtaW46cGFzc3dvcmQ=",
                "YWRtaW46cGFzc3dvcmQ=",
            ),
            ("token: ABCDEF1234567890", "ABCDEF1234567890"),
            ("api key: abcd1234efgh5678", "abcd1234efgh5678"),
            (
                "curl -u admin:hunter2hunter2 https://x.example",
                "hunter2hunter2",
            ),
            ("mysql -u root -pS3cretPassw0rd", "S3cretPassw0rd"),
            (
                "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCY98zYq1LmNo",
                "wJalrXUtnFEMI/K7MDENG/bPxRfiCY98zYq1LmNo",
            ),
            ("https://x.example/?a=b&sig=Zx8Kq2Vb%2Fmw", "Zx8Kq2Vb%2Fmw"),
            ("postgres://app:s3cretpw@db.internal/app", "s3cretpw"),
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
            "secret: db-credentials-v2prod, secret:tls-prod2-wildcard",
            "password: env.DB_PASSWORD1",
            "token: your-token-123abc",
            "api_key=REPLACE_ME_123abc",
            "AWS_SECRET_ACCESS_KEY=example1234",
            "token: 2026-11-21t10, token=sha1hash12",
            "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7Zx8Kq2VbN5mW",
            "AKIAIOSFODNN7EXAMPLE",
            "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "https://hooks.slack.com/services/T000/B000/XXXXXXXXXXXX",
            "https://react.example/hooks/useImperativeHandle",
            "postgres://app:$PASSWORD@db https://user:password@x.example",
            "the password reset-link2 of a bearer authentication",
            "token: base64decode(x)",
        ] {
            assert_eq!(found(text), [] as [&str; 0], "{text}");
        }
    }

    #[test]
    fn known_addresses_are_secrets_as_a_whole() {
        for text in [
            "https://api.telegram.org/bot123456789:AAFabcdefghijklmnopqrstuvwxyz012345/sendMessage",
            "https://events.pagerduty.com/integration/0123456789abcdef0123456789abcdef/enqueue",
            "https://hooks.zapier.com/hooks/catch/1234567/abc1de2/",
        ] {
            assert_eq!(leaks(text).len(), 1, "{text}");
            assert_eq!(leaks(text)[0].range.start, 0, "{text}");
        }
    }

    #[test]
    fn a_text_full_of_secrets_is_told_in_full_and_soon() {
        let text = "token: k3jw8s9f7nq2x ".repeat(5_000);
        assert_eq!(leaks(&text).len(), 5_000);
        let text = format!(
            "{}token: k3jw8s9f7nq2x",
            "token: $SOMETHING1 ".repeat(1_000)
        );
        assert_eq!(found(&text), ["k3jw8s9f7nq2x"]);
        for part in [
            "aB3",
            "password=",
            "http://a:",
            "/hooks/",
            "Zx8Kq2VbN5mW9rTy3LpD7sJhF4gC6eQa,",
            "mysql ",
        ] {
            let _ = leaks(&part.repeat(100_000));
        }
    }
}
