//! What stays the same about a finding when the lines around it move.
//!
//! Programs that keep a history of findings know one again by its fingerprint. It
//! is made of the rule, the file, what is marked and the words, never of places.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::{Finding, Source};

/// How many hexadecimal digits a fingerprint has.
const DIGITS: usize = 32;

/// The fingerprint of each finding, in the order of the findings.
///
/// All are different: of findings that have everything in common, each is counted.
/// That is why there is no fingerprint of one finding alone.
#[must_use]
pub fn fingerprints(findings: &[Finding]) -> Vec<String> {
    // What is hidden must not be guessed from a digest.
    let mut shown: HashMap<*const Source, String> = HashMap::new();
    let mut counts: HashMap<[String; 4], u64> = HashMap::new();
    let fingerprint = |finding: &Finding| {
        let text = shown
            .entry(Arc::as_ptr(&finding.source))
            .or_insert_with(|| finding.source.shown());
        let parts = [
            finding.code.id().to_owned(),
            finding.source.name().to_owned(),
            marked(finding, text),
            wording(&finding.message),
        ];
        let digest = Sha256::new();
        let mut digest = parts.iter().fold(digest, |digest, part| {
            let length = (part.len() as u64).to_be_bytes();
            digest.chain_update(length).chain_update(part)
        });
        let count = counts.entry(parts).or_default();
        digest.update(count.to_be_bytes());
        *count += 1;
        let mut hex = String::new();
        for byte in digest.finalize().iter().take(DIGITS / 2) {
            // Writing into a string never fails.
            let _ = write!(hex, "{byte:02x}");
        }
        hex
    };
    findings.iter().map(fingerprint).collect()
}

/// The marked text of the first line; where nothing is marked, that line.
fn marked(finding: &Finding, shown: &str) -> String {
    let source = &finding.source;
    let text = shown.get(source.first_line(finding.span).range());
    let text = text.unwrap_or_default().trim();
    if !text.is_empty() {
        return text.to_owned();
    }
    let start = source.line_starts()[source.line_of(finding.span.start)];
    let line = shown.get(start as usize..).unwrap_or_default();
    let line = line.split(['\n', '\r']).next().unwrap_or_default();
    line.trim().to_owned()
}

/// The words of a message, without numbers, which may be places or change with them;
/// what is quoted from the file stays.
fn wording(message: &str) -> String {
    let parts = message.split('`').enumerate();
    let parts = parts.map(|(index, part)| match index % 2 {
        0 => part.chars().filter(|c| !c.is_ascii_digit()).collect(),
        _ => part.to_owned(),
    });
    parts.collect::<Vec<String>>().join("`")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::diag::{Code, Span};

    const TEXT: &str = "key: outage\ntasks:\n  - due: soon\n  - due: soon\n\n  - dué: 🔥\n";

    /// Findings over parts of a text that lies below other lines.
    fn below(above: &str, places: &[(usize, usize)]) -> Vec<Finding> {
        let source = Arc::new(Source::new("playbooks/a.yaml", format!("{above}{TEXT}")));
        let place = |(start, length): &(usize, usize)| {
            let start = TEXT.floor_char_boundary(*start);
            let end = TEXT.floor_char_boundary(start + *length);
            let span = Span::new(above.len() + start, above.len() + end);
            let line = source.position(span.start).line;
            let message = format!("`due` is wrong, as in line {line}");
            Finding::new(Code::InvalidValue, &source, span, message)
        };
        places.iter().map(place).collect()
    }

    proptest! {
        #[test]
        fn lines_above_change_no_fingerprint(
            above in prop::collection::vec("( *#[ -~äß🔥]{0,20})?(\n|\r\n)", 0..6),
            places in prop::collection::vec((0..TEXT.len(), 0..30_usize), 0..12),
        ) {
            let before = fingerprints(&below("", &places));
            let after = fingerprints(&below(&above.concat(), &places));
            prop_assert_eq!(&before, &after);
            let distinct: BTreeSet<&String> = after.iter().collect();
            prop_assert_eq!(distinct.len(), after.len(), "two findings are one");
        }
    }

    fn of(source: &Arc<Source>, span: Span) -> String {
        let finding = Finding::new(Code::InvalidValue, source, span, "`due` is wrong");
        fingerprints(&[finding]).remove(0)
    }

    #[test]
    fn rule_file_marked_text_and_words_each_count() {
        let source = Arc::new(Source::new("a.yaml", "due: soon\ndue: late\n"));
        let soon = Span::new(5, 9);
        let known = of(&source, soon);
        // Whoever changes how it is made breaks the history that others keep.
        assert_eq!(known, "450000025c8d3e4ad4ca3e4b1fe8dc8a");
        assert_ne!(known, of(&source, Span::new(15, 19)), "marked text");
        let elsewhere = Arc::new(Source::new("b.yaml", source.text()));
        assert_ne!(known, of(&elsewhere, soon), "file");
        let other = |code, message: &str| {
            let finding = Finding::new(code, &source, soon, message);
            fingerprints(&[finding]).remove(0)
        };
        assert_ne!(known, other(Code::WrongType, "`due` is wrong"), "rule");
        assert_ne!(known, other(Code::InvalidValue, "`doe` is wrong"), "words");
        assert_eq!(
            other(Code::InvalidValue, "wrong since line 7"),
            other(Code::InvalidValue, "wrong since line 12")
        );
        assert_ne!(
            other(Code::InvalidValue, "`sev1` is wrong"),
            other(Code::InvalidValue, "`sev2` is wrong")
        );
    }

    #[test]
    fn a_secret_does_not_go_into_the_digest() {
        let fingerprint = |text: &str| {
            let source = Arc::new(Source::new("a.yaml", text));
            source.hide(Span::new(5, 12));
            of(&source, Span::new(5, 12))
        };
        assert_eq!(fingerprint("url: hunter2\n"), fingerprint("url: hunter3\n"));
    }

    #[test]
    fn places_outside_the_text_are_not_a_panic() {
        let source = Arc::new(Source::new("a.yaml", ""));
        assert_eq!(of(&source, Span::new(0, 0)), of(&source, Span::new(7, 99)));
    }
}
