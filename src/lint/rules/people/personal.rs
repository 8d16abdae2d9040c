//! U-18: addresses and numbers of people.
//!
//! Only what is almost certainly one: a false alarm about every version number would
//! make people switch the rule off. Code spans, links and shared mailboxes are left alone.

use crate::diag::{Finding, Span};
use crate::lint::scope::{FileScope, Scope};
use crate::workspace::Placed;

use super::super::scalars::{self, Scalar};

/// More of one file are not worth telling.
const MOST: usize = 20;

/// Mailboxes that belong to a job and to no person.
const SHARED: [&str; 40] = [
    "abuse",
    "admin",
    "alert",
    "alerts",
    "cert",
    "compliance",
    "contact",
    "csirt",
    "dpo",
    "emergency",
    "help",
    "helpdesk",
    "hostmaster",
    "incident",
    "incidents",
    "info",
    "legal",
    "mail",
    "monitoring",
    "no-reply",
    "noc",
    "noreply",
    "notifications",
    "office",
    "on-call",
    "oncall",
    "ops",
    "postmaster",
    "press",
    "privacy",
    "root",
    "sales",
    "security",
    "service",
    "soc",
    "sre",
    "status",
    "support",
    "team",
    "webmaster",
];

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Personal {
    Email,
    Phone,
}

/// U-18: e-mail addresses and phone numbers in texts.
pub(super) fn contacts(scope: &mut FileScope<'_>) {
    let mut found: Vec<(Span, Personal)> = Vec::new();
    let text = scope.file.source().text();
    scalars::written(scope.file.root(), &mut |scalar: Scalar<'_>| {
        // In the text as it is written, so that places are right.
        if scalar.text.is_some() && found.len() < MOST {
            let start = scalar.span.start as usize;
            let written = text.get(scalar.span.range()).unwrap_or_default();
            let places = personal(written).take(MOST - found.len());
            found.extend(
                places.map(|(at, len, what)| (Span::new(start + at, start + at + len), what)),
            );
        }
    });
    for (span, what) in found {
        let (message, label) = match what {
            Personal::Email => (
                "an e-mail address stands in this text",
                "write the username instead",
            ),
            Personal::Phone => (
                "a phone number stands in this text",
                "say where the number is kept",
            ),
        };
        let finding = Finding::new(scope.code(), scope.file.source(), span, message)
            .label(label)
            .help("git does not forget: who left, or wants to be forgotten, stays in its history");
        scope.report(finding);
    }
}

/// Where they stand: byte, length and kind.
fn personal(text: &str) -> impl Iterator<Item = (usize, usize, Personal)> {
    let interesting = text.contains('@') || text.contains('+') || text.contains('-');
    let text = if interesting { text } else { "" };
    let mut in_code = false;
    let words = text.split_inclusive(['`', '\n', ' ', '\t']);
    let mut at = 0;
    let mut rest_of_number = 0;
    words.filter_map(move |word| {
        let start = at;
        at += word.len();
        let outside = !in_code;
        if word.ends_with('`') {
            in_code = !in_code;
        }
        if !outside || start < rest_of_number {
            return None;
        }
        if let Some((from, len)) = email(word) {
            return Some((start + from, len, Personal::Email));
        }
        let (from, len) = phone(&text[start..])?;
        rest_of_number = start + from + len;
        Some((start + from, len, Personal::Phone))
    })
}

/// An address of a person in a word.
fn email(word: &str) -> Option<(usize, usize)> {
    if word.contains("://") {
        return None;
    }
    let sign = word.find('@')?;
    let local = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '+' | '-');
    let from = word[..sign].rfind(|c| !local(c)).map_or(0, |at| {
        at + word[at..].chars().next().map_or(1, char::len_utf8)
    });
    let name = word[from..sign].trim_start_matches(['.', '-', '+']);
    let from = sign - name.len();
    let domain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-');
    let rest = &word[sign + 1..];
    let end = rest.find(|c| !domain(c)).unwrap_or(rest.len());
    // `git@host:path` is no address of a person.
    if rest[end..].starts_with([':', '/']) && !rest[end + 1..].trim().is_empty() {
        return None;
    }
    let host = rest[..end].trim_end_matches(['.', '-']);
    let (_, top) = host.rsplit_once('.')?;
    let is_top = top.chars().count() >= 2 && top.chars().all(char::is_alphabetic);
    let shared = SHARED.contains(&name.to_ascii_lowercase().as_str());
    (!name.is_empty() && is_top && !shared && !host.starts_with('.'))
        .then_some((from, sign + 1 + host.len() - from))
}

/// A phone number at the beginning of a text: `+49 171 2345678`, `(555) 123-4567` or `555-123-4567`.
fn phone(text: &str) -> Option<(usize, usize)> {
    let from = text.len()
        - text
            .trim_start_matches(['(', '[', '"', '\'', '<', '*', '_'])
            .len();
    let number = &text[from..];
    if number.starts_with('+') {
        return international(number).map(|len| (from, len));
    }
    if text[..from].ends_with('(') {
        return american(number, "ddd) ddd-dddd").map(|len| (from - 1, len + 1));
    }
    american(number, "ddd-ddd-dddd").map(|len| (from, len))
}

/// `+` and 9 to 15 digits, with blanks, hyphens, dots, slashes and parentheses between.
fn international(text: &str) -> Option<usize> {
    let mut digits = 0;
    let mut end = 0;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '0'..='9' => {
                digits += 1;
                end = at + 1;
            }
            ' ' | '-' | '.' | '/' | '(' | ')' if digits > 0 && at - end < 3 => {}
            c if c.is_alphanumeric() && at == end => return None,
            _ => break,
        }
        if digits > 15 {
            return None;
        }
    }
    (digits >= 9 && !text.starts_with("+0")).then_some(end)
}

/// Three, three and four digits in this shape.
fn american(text: &str, shape: &str) -> Option<usize> {
    let written = text.as_bytes().get(..shape.len())?;
    let fits = shape.bytes().zip(written).all(|(shape, byte)| match shape {
        b'd' => byte.is_ascii_digit(),
        other => other == *byte,
    });
    if !fits {
        return None;
    }
    let next = text[shape.len()..].chars().next();
    let ends = next.is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '-' | '_'));
    ends.then_some(shape.len())
}

#[cfg(test)]
mod tests {
    use crate::diag::Code;
    use crate::lint::tests::messages;

    use super::*;

    fn found(text: &str) -> Vec<(&str, Personal)> {
        let places = personal(text);
        places
            .map(|(at, len, what)| (&text[at..at + len], what))
            .collect()
    }

    #[test]
    fn addresses_and_numbers_of_people_are_found() {
        for (text, what) in [
            (
                "Ask alice.miller@acme.example.",
                "alice.miller@acme.example",
            ),
            (
                "(mailto:bob+pager@mail.acme.example)",
                "bob+pager@mail.acme.example",
            ),
            ("<jörg@müller.example>, please", "jörg@müller.example"),
        ] {
            assert_eq!(found(text), [(what, Personal::Email)], "{text}");
        }
        for (text, what) in [
            ("Call +49 171 2345678 at night", "+49 171 2345678"),
            ("(+1 (555) 123-4567)", "+1 (555) 123-4567"),
            ("+491712345678", "+491712345678"),
            ("phone: 555-123-4567.", "555-123-4567"),
            ("(555) 123-4567 is Bob", "(555) 123-4567"),
        ] {
            assert_eq!(found(text), [(what, Personal::Phone)], "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_it_is_left_alone() {
        for text in [
            "Tell @alice and @channel",
            "Write to security@acme.example or On-Call@acme.example",
            "Run `ssh deploy@db1.acme.example` and `call +49 171 2345678`",
            "Clone git@git.acme.example:ops/runbooks.git",
            "https://carol@wiki.acme.example/page",
            "alice@host has no dot, bob@10.0.0.1 is a machine",
            "version 1.2.3-4567, 2026-11-21, 12:30-13:00, UTC+02:00",
            "id 550e8400-e29b-41d4-a716-446655440000, OUT-00007, 123-456-7890-1",
            "+5 tasks, +100 000 users, a+b@c, +0123456789",
            "CVE-2026-123456789, 192.168.0.1, 4111-1111-1111-1111",
            "+1234567890123456789 is too long",
            "",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }

    #[test]
    fn every_file_is_looked_at_and_places_are_right() {
        let files = [
            (
                "warroom.yaml",
                "roles:\n  comms: { title: Communications, duty: \"Mails dave@acme.example\" }\n",
            ),
            (
                "playbooks/outage.yaml",
                "description: |\n  First line\n  Ask eve@acme.example\n",
            ),
        ];
        assert_eq!(
            messages(Code::PersonalData, &files),
            [
                "25: an e-mail address stands in this text",
                "8: an e-mail address stands in this text",
            ]
        );
    }

    #[test]
    fn a_hostile_text_takes_no_longer_than_it_is_long() {
        for part in ["a@", "+1", "555-", "`@", "(+", "@.@."] {
            assert!(found(&part.repeat(200_000)).len() <= 200_000);
        }
    }
}
