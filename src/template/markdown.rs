//! Making text that people typed safe inside Markdown.
//!
//! Owns which characters mean something, to Mattermost and to the Markdown of git
//! servers alike, and how each is disarmed. Pure; the template filters and the
//! post-mortem use it. What comes out shows the same characters as went in, cannot
//! break out of the emphasis, link, table cell, heading, quote or fence around it,
//! and mentions nobody. It is for running text: inside a code span use [`code`].

use super::backticks;

/// An invisible space: `@` with one behind it is no mention.
///
/// The server looks for mentions, channels and hashtags in the raw text, where a
/// backslash stops none of them: it splits words at everything that is neither a letter,
/// a number nor one of `:.-_@`, and takes punctuation off before it looks for hashtags.
const BREAK: char = '\u{200b}';

/// Makes text safe within a line: line breaks become spaces, ends are trimmed.
#[must_use]
pub fn inline(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in visible(text).split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    escape(&line)
}

/// Makes text safe and keeps its lines; runs of empty lines become one.
///
/// Only for places that begin a line: what follows the first line would leave a
/// heading, a table cell or a list item.
#[must_use]
pub fn lines(text: &str) -> String {
    let mut all = String::with_capacity(text.len());
    let mut empty = 0_usize;
    for line in visible(text).split('\n') {
        let line = inline(line);
        if line.is_empty() {
            empty += 1;
            continue;
        }
        if !all.is_empty() {
            all.push_str(if empty > 0 { "\n\n" } else { "\n" });
        }
        empty = 0;
        all.push_str(&line);
    }
    all
}

/// Keeps the Markdown of a text, and takes mentions, channels, hashtags and HTML out of it.
///
/// For what is printed without saying how: it does not stay within its line or emphasis.
#[must_use]
pub fn harmless(text: &str) -> String {
    let text = visible(text);
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut rest = text.as_str();
    while let Some(c) = rest.chars().next() {
        let before = out.chars().next_back();
        let at_word = before.is_none_or(|p| !p.is_alphanumeric());
        if at_word && let Some(length) = address(rest) {
            out.push_str(&rest[..length].replace('@', "%40"));
            rest = &rest[length..];
            continue;
        }
        let after = &rest[c.len_utf8()..];
        match c {
            '<' => out.push_str("&lt;"),
            '@' => {
                out.push('@');
                push_break(after, &mut out);
            }
            // Neither a reference such as `&#61;` nor a heading.
            '#' | '~' if before != Some('&') && after.starts_with(char::is_alphanumeric) => {
                out.push(c);
                out.push(BREAK);
            }
            c => out.push(c),
        }
        rest = after;
    }
    out
}

/// A code span that shows the text as it is, in one line.
#[must_use]
pub fn code(text: &str) -> String {
    let line = visible(text)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    if line.is_empty() {
        return String::new();
    }
    let fence = backticks(&line, 1);
    // A pipe would end a table cell even inside a code span.
    let line = line.replace('|', "\u{2502}");
    // Mentions count inside code spans too where the server reads the raw text.
    let line = line.replace('@', &format!("@{BREAK}"));
    let pad = if line.starts_with('`') || line.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{line}{pad}{fence}")
}

/// A mention of one person; names that would reach many are shown without mentioning.
#[must_use]
pub fn mention(username: &str) -> String {
    const MANY: [&str; 3] = ["all", "channel", "here"];
    let name = username.strip_prefix('@').unwrap_or(username);
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
    let is_username = !name.is_empty() && name.len() <= 64 && name.chars().all(plain);
    if is_username && !MANY.contains(&name) {
        format!("@{name}")
    } else {
        inline(username)
    }
}

/// A Markdown table; headings and cells are plain text.
#[must_use]
pub fn table(headings: &[&str], rows: &[Vec<String>]) -> String {
    let safe = |cells: &Vec<String>| cells.iter().map(|cell| inline(cell)).collect();
    let rows: Vec<Vec<String>> = rows.iter().map(safe).collect();
    let headings: Vec<String> = headings.iter().map(|heading| inline(heading)).collect();
    let headings: Vec<&str> = headings.iter().map(String::as_str).collect();
    ready_table(&headings, &rows)
}

/// A Markdown table; headings and cells are Markdown of one line already.
#[must_use]
pub fn ready_table(headings: &[&str], rows: &[Vec<String>]) -> String {
    let rule = vec!["---"; headings.len()];
    let mut all = format!("| {} |\n| {} |\n", headings.join(" | "), rule.join(" | "));
    for cells in rows {
        all.push_str("| ");
        all.push_str(&cells.join(" | "));
        all.push_str(" |\n");
    }
    all
}

/// The text without characters that nobody sees but that change what others see:
/// control characters, and those that turn the direction of the text around them.
#[must_use]
pub fn visible(text: &str) -> String {
    let unbroken = text.replace("\r\n", "\n");
    unbroken
        .chars()
        .filter_map(|c| match c {
            '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{b}' | '\u{c}' => Some('\n'),
            '\t' => Some(' '),
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => None,
            c if c.is_control() => None,
            c => Some(c),
        })
        .collect()
}

/// Escapes one trimmed line without control characters.
fn escape(line: &str) -> String {
    let mut out = String::with_capacity(line.len() + line.len() / 8);
    let mut rest = start(line, &mut out);
    while let Some(c) = rest.chars().next() {
        let at_word = out.chars().next_back().is_none_or(|p| !p.is_alphanumeric());
        if at_word && let Some(length) = address(rest) {
            escape_address(&rest[..length], &mut out);
            rest = &rest[length..];
            continue;
        }
        let after = &rest[c.len_utf8()..];
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '(' | ')' | '|' => {
                out.push('\\');
                out.push(c);
            }
            '#' | '~' => {
                out.push('\\');
                out.push(c);
                push_break(after, &mut out);
            }
            '@' => {
                out.push('@');
                push_break(after, &mut out);
            }
            // Mattermost's older Markdown knows no backslash before these.
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' if is_entity(after) => out.push_str("&amp;"),
            // Before a link of the template it would make an image of it.
            '!' if after.is_empty() => out.push_str("\\!"),
            c => out.push(c),
        }
        rest = after;
    }
    out
}

/// Disarms what makes a list, a heading or a rule of a line, and returns the rest.
fn start<'a>(line: &'a str, out: &mut String) -> &'a str {
    let digits = line.len() - line.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, rest) = line.split_at(digits);
    match rest.chars().next() {
        // Without a space behind it, it is a number such as 2.3.
        Some('.') if digits > 0 && !rest[1..].starts_with(|c: char| c != ' ') => {
            out.push_str(number);
            out.push_str("\\.");
            &rest[1..]
        }
        Some(c @ ('-' | '+')) if digits == 0 => {
            out.push('\\');
            out.push(c);
            &rest[1..]
        }
        Some('=') if digits == 0 => {
            out.push_str("&#61;");
            &rest[1..]
        }
        _ => line,
    }
}

fn push_break(after: &str, out: &mut String) {
    if !after.starts_with(BREAK) {
        out.push(BREAK);
    }
}

/// Whether what follows `&` makes a character reference of it.
fn is_entity(after: &str) -> bool {
    let name = after.strip_prefix('#').unwrap_or(after);
    let end = name.find(|c: char| !c.is_ascii_alphanumeric());
    end.is_some_and(|end| end > 0 && name[end..].starts_with(';'))
}

/// How many bytes of the text are a web address, which servers make a link of by themselves.
fn address(text: &str) -> Option<usize> {
    let scheme = ["https://", "http://"]
        .into_iter()
        .find(|scheme| text.starts_with(scheme))?;
    let end = text
        .find(|c: char| c.is_whitespace() || "<>\"`|\\^{}[]".contains(c) || !c.is_ascii())
        .unwrap_or(text.len());
    // Punctuation at its end belongs to the sentence.
    let trimmed =
        text[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', ')', '*', '_', '~']);
    (trimmed.len() > scheme.len()).then_some(trimmed.len())
}

/// Writes a web address so that it stays a link: what means something to Markdown is
/// percent-encoded, which names the same page.
fn escape_address(address: &str, out: &mut String) {
    for c in address.chars() {
        match c {
            '_' => out.push_str("%5F"),
            '*' => out.push_str("%2A"),
            '~' => out.push_str("%7E"),
            '(' => out.push_str("%28"),
            ')' => out.push_str("%29"),
            '\'' => out.push_str("%27"),
            '@' => out.push_str("%40"),
            '!' => out.push_str("%21"),
            '$' => out.push_str("%24"),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The characters of an escaped text that Markdown would still read as markup.
    fn armed(text: &str) -> Vec<char> {
        let mut found = Vec::new();
        let unescaped = text.replace("&#61;", "");
        let mut chars = unescaped.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '\\' => {
                    let escaped = chars.next();
                    if matches!(escaped, Some('#' | '~')) && chars.peek() != Some(&BREAK) {
                        found.push(c);
                    }
                }
                '@' if chars.peek() != Some(&BREAK) => found.push(c),
                '`' | '*' | '_' | '[' | ']' | '(' | ')' | '|' | '<' | '>' | '~' | '\n' => {
                    found.push(c);
                }
                // Within an address it is a fragment; a hashtag begins a word.
                '#' if !text.contains("://") => found.push(c),
                _ => {}
            }
        }
        found
    }

    #[test]
    fn markup_is_shown_instead_of_meant() {
        insta::assert_snapshot!(
            [
                "**bold** _it_ ~~gone~~ `code`",
                "a | b",
                "# heading",
                "#hashtag and ~town-square",
                "> quote",
                "- item",
                "1. item",
                "===",
                "[x](javascript:alert) ![y](z)",
                "<b>&lt;b&gt; & co",
                "@all @here @channel @bob a@example.com",
                "```\nfence\n```",
                "see https://example.com/a_b(c)?q=*&r=1#top.",
                "back\\slash!",
            ]
            .map(inline)
            .join("\n")
            .replace(BREAK, "·"),
            @r"
        \*\*bold\*\* \_it\_ \~·\~·gone\~·\~· \`code\`
        a \| b
        \#· heading
        \#·hashtag and \~·town-square
        &gt; quote
        \- item
        1\. item
        &#61;==
        \[x\]\(javascript:alert\) !\[y\]\(z\)
        &lt;b&gt;&amp;lt;b&amp;gt; & co
        @·all @·here @·channel @·bob a@·example.com
        \`\`\` fence \`\`\`
        see https://example.com/a%5Fb%28c%29?q=%2A&r=1#top.
        back\\slash\!
        "
        );
    }

    #[test]
    fn what_is_printed_as_it_is_mentions_nobody_and_keeps_its_markdown() {
        assert_eq!(
            harmless("**@all** ~town-square #tag <b> ~~gone~~\n> # quote https://x.example/@all?a=<b &#61;")
                .replace(BREAK, "·"),
            "**@·all** ~·town-square #·tag &lt;b> ~~·gone~~\n> # quote https://x.example/%40all?a=&lt;b &#61;"
        );
        let once = harmless("@all ~a #b <c");
        assert_eq!(harmless(&once), once);
    }

    #[test]
    fn lines_keep_paragraphs_and_nothing_else() {
        assert_eq!(
            lines("one\r\ntwo\n\n\n\n- three\n    code"),
            "one\ntwo\n\n\\- three\ncode"
        );
    }

    #[test]
    fn directions_and_control_characters_vanish_and_letters_stay() {
        assert_eq!(inline("a\u{202e}b\u{0}c\u{1b}[31m"), "abc\\[31m");
        assert_eq!(inline("مرحبا 🔥"), "مرحبا 🔥");
    }

    #[test]
    fn a_code_span_holds_any_backticks() {
        assert_eq!(code("a `b` ``c``"), "``` a `b` ``c`` ```");
        assert_eq!(code("x\ny"), "`x y`");
    }

    #[test]
    fn only_one_person_is_mentioned() {
        assert_eq!(mention("carol"), "@carol");
        for name in ["all", "here", "channel", "carol @all", ""] {
            assert!(!mention(name).contains("@a"), "{name}");
            assert!(!mention(name).starts_with('@'), "{name}");
        }
    }

    proptest! {
        #[test]
        fn nothing_typed_stays_armed(text in "[\\PC\n\t\r]{0,80}") {
            let safe = inline(&text);
            // Addresses hold nothing armed either, since their marks are percent-encoded.
            prop_assert_eq!(armed(&safe), Vec::<char>::new(), "{:?} became {:?}", text, safe);
        }

        #[test]
        fn markup_heavy_text_stays_disarmed(text in "[-*_`#@~|<>\\[\\]()!&;\\\\ .0-9a-c\n:/+=htps]{0,60}") {
            let safe = inline(&text);
            prop_assert_eq!(armed(&safe), Vec::<char>::new(), "{:?} became {:?}", text, safe);
            prop_assert!(!safe.starts_with(['-', '+', '=', '#', '>', ' ']), "{:?}", safe);
        }

        #[test]
        fn letters_and_digits_come_through_whole(text in "[a-zäöüß0-9 ]{0,40}") {
            let words: Vec<&str> = text.split_whitespace().collect();
            prop_assert_eq!(inline(&text), words.join(" "));
        }
    }
}
