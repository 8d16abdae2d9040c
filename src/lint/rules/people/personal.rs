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

/// Mailboxes that belong to a job and to no person, English and German.
const SHARED: [&str; 69] = [
    "abuse",
    "admin",
    "alert",
    "alerts",
    "anfrage",
    "bereitschaft",
    "billing",
    "buchhaltung",
    "cert",
    "compliance",
    "contact",
    "csirt",
    "datenschutz",
    "dev",
    "devops",
    "dpo",
    "einkauf",
    "emergency",
    "hello",
    "help",
    "helpdesk",
    "hostmaster",
    "hotline",
    "hr",
    "incident",
    "incidents",
    "info",
    "it",
    "jobs",
    "kontakt",
    "kundendienst",
    "legal",
    "leitstelle",
    "mail",
    "monitoring",
    "newsletter",
    "no-reply",
    "noc",
    "noreply",
    "notfall",
    "notifications",
    "office",
    "on-call",
    "oncall",
    "operations",
    "ops",
    "pager",
    "postmaster",
    "press",
    "presse",
    "privacy",
    "psirt",
    "rechnung",
    "root",
    "sales",
    "security",
    "service",
    "sicherheit",
    "soc",
    "sre",
    "status",
    "support",
    "sysadmin",
    "team",
    "technik",
    "tickets",
    "vertrieb",
    "webmaster",
    "zentrale",
];

/// German area codes of four digits that do not end in 1, as most do.
const AREAS: [&str; 17] = [
    "0202", "0203", "0208", "0209", "0212", "0214", "0228", "0234", "0335", "0340", "0345", "0355",
    "0365", "0375", "0385", "0395", "0906",
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
                "this text contains an e-mail address",
                "write the username instead",
            ),
            Personal::Phone => (
                "this text contains a phone number",
                "write where the number is kept",
            ),
        };
        let finding = Finding::new(scope.code(), scope.file.source(), span, message)
            .label(label)
            .help("git does not forget: a person who has left, or asks to be forgotten, stays in its history");
        scope.report(finding);
    }
}

/// Where they stand: byte, length and kind.
fn personal(text: &str) -> impl Iterator<Item = (usize, usize, Personal)> {
    // What is found holds one of these.
    let interesting = text.contains(['@', '+', '-', '0']);
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
    (!name.is_empty() && is_top && !is_shared(name) && !host.starts_with('.'))
        .then_some((from, sign + 1 + host.len() - from))
}

/// Whether a mailbox is named after a job: `security`, `it-support`, `noc2`, `security+p1`.
fn is_shared(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let job = lower.split('+').next().unwrap_or_default();
    let job = job.trim_end_matches(|c: char| c.is_ascii_digit());
    let is_job = |word: &str| SHARED.contains(&word);
    // A dot joins the names of people: `anna.press`.
    is_job(job) || job.split('.').all(is_job) || job.split(['-', '_']).any(is_job)
}

/// A phone number at the beginning of a text: `+49 171 2345678`, `(555) 123-4567`, `555-123-4567`
/// or `0171 2345678`.
fn phone(text: &str) -> Option<(usize, usize)> {
    let from = text.len()
        - text
            .trim_start_matches(['(', '[', '"', '\'', '<', '*', '_'])
            .len();
    let number = &text[from..];
    if number.starts_with('+') {
        return international(number).map(|len| (from, len));
    }
    let in_brackets = text[..from].ends_with('(');
    if in_brackets && let Some(len) = american(number, "ddd) ddd-dddd") {
        return Some((from - 1, len + 1));
    }
    if let Some(len) = german(number) {
        let from_bracket = usize::from(in_brackets && number[..len].contains(')'));
        return Some((from - from_bracket, len + from_bracket));
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

/// An area code, something between, and the number: 9 to 13 digits, as in `030 1234567` and
/// `0171/123 45 67`. Of mobile numbers the area code may stand alone. Free numbers such as
/// `0800 …` belong to no person.
fn german(text: &str) -> Option<usize> {
    let digits = |from: usize| text[from..].bytes().take_while(u8::is_ascii_digit).count();
    let mut end = digits(0);
    let code = &text[..end];
    if code == "0049" {
        // The function for `+` does not look at its first character.
        return international(&text[1..]).map(|len| len + 1);
    }
    let is_whole = is_mobile(code) && matches!(end, 11 | 12);
    if !is_whole {
        if !is_area(code) {
            return None;
        }
        let mut count = end;
        loop {
            let between = |b: &u8| matches!(b, b' ' | b'/' | b'-' | b')');
            let gap = text[end..].bytes().take_while(between).count();
            let group = match gap {
                1..=3 => digits(end + gap),
                _ => 0,
            };
            if group < 2 || count + group > 13 {
                break;
            }
            count += group;
            end += gap + group;
        }
        if count < 9 {
            return None;
        }
    }
    // Not when it is only the beginning of a path, a version or a word.
    let mut rest = text[end..].chars();
    let inner = |c: char| c.is_alphanumeric() || c == '_';
    match rest.next() {
        Some('.' | ':' | '/' | '-' | ',') => !rest.next().is_some_and(inner),
        next => !next.is_some_and(inner),
    }
    .then_some(end)
}

fn is_mobile(code: &str) -> bool {
    ["015", "016", "017"]
        .iter()
        .any(|start| code.starts_with(start))
}

/// Whether these digits are an area code of Germany.
fn is_area(code: &str) -> bool {
    let in_country = matches!(code.as_bytes(), [b'0', b'2'..=b'9', ..]);
    match code.len() {
        3 => matches!(code, "030" | "040" | "069" | "089"),
        4 => is_mobile(code) || in_country && (code.ends_with('1') || AREAS.contains(&code)),
        5 => is_mobile(code) || in_country,
        _ => false,
    }
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
            ("anna.press@acme.example", "anna.press@acme.example"),
            ("b.miller2@acme.example", "b.miller2@acme.example"),
        ] {
            assert_eq!(found(text), [(what, Personal::Email)], "{text}");
        }
        for (text, what) in [
            ("Call +49 171 2345678 at night", "+49 171 2345678"),
            ("(+1 (555) 123-4567)", "+1 (555) 123-4567"),
            ("+491712345678", "+491712345678"),
            ("phone: 555-123-4567.", "555-123-4567"),
            ("(555) 123-4567 is Bob", "(555) 123-4567"),
            ("Tel. 030 1234567", "030 1234567"),
            ("0171/1234567, nachts", "0171/1234567"),
            ("0171 - 123 45 67.", "0171 - 123 45 67"),
            ("Bob: 01711234567", "01711234567"),
            ("(0211) 12 34 56-78", "(0211) 12 34 56-78"),
            ("06021 / 12345", "06021 / 12345"),
            ("0049 171 2345678", "0049 171 2345678"),
            ("+49 (0)30 1234567", "+49 (0)30 1234567"),
            ("+49 (0) 30 / 12 34 56", "+49 (0) 30 / 12 34 56"),
        ] {
            assert_eq!(found(text), [(what, Personal::Phone)], "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_it_is_left_alone() {
        for text in [
            "Tell @alice and @channel",
            "Write to security@acme.example or On-Call@acme.example",
            "it-support@acme.example, payments-oncall@acme.example, noc2@acme.example, Security+P1@acme.example",
            "bereitschaft@acme.example, datenschutz@acme.example, kontakt@acme.example",
            "Run `ssh deploy@db1.acme.example` and `call +49 171 2345678`",
            "Clone git@git.acme.example:ops/runbooks.git",
            "https://carol@wiki.acme.example/page",
            "alice@host has no dot, bob@10.0.0.1 is a machine",
            "version 1.2.3-4567, 2026-11-21, 12:30-13:00, UTC+02:00",
            "id 550e8400-e29b-41d4-a716-446655440000, OUT-00007, 123-456-7890-1",
            "+5 tasks, +100 000 users, a+b@c, +0123456789",
            "CVE-2026-123456789, 192.168.0.1, 4111-1111-1111-1111",
            "+1234567890123456789 is too long",
            "01.02.2026, 01/02/2026, 2026/02/01, 0211/2026, 03-04-2026, 0730 1630, 0800-1600",
            "010.001.002.003, 0.30.1234567, 030.1.2, v030 1234567, port 0443, 0443 8080",
            "chmod 0644 1000 1000, 0001 2345678, #0301234567, INC0301234567, 0301234567",
            "0644 1234567, 01067 Dresden, 0800 1234567, 0900/123456789",
            "030 12, 030 1234567890123, 030 1234567x, 030 1234567/1.2.3, 0171/1234567/index",
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
                "25: this text contains an e-mail address",
                "8: this text contains an e-mail address",
            ]
        );
    }

    #[test]
    fn a_hostile_text_takes_no_longer_than_it_is_long() {
        for part in [
            "a@", "+1", "555-", "`@", "(+", "@.@.", "030 ", "0171/", "0171 12 ",
        ] {
            assert!(found(&part.repeat(200_000)).len() <= 200_000);
        }
    }
}
