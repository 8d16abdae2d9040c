//! Where a template has comments: not within strings, and not within `{% raw %}`.

/// Where each comment begins, in order.
pub(super) fn of_template(text: &str) -> Vec<usize> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(brace) = text[at..].find('{') {
        let start = at + brace;
        let inside = start + 2;
        at = match text.as_bytes().get(start + 1) {
            Some(b'#') => {
                found.push(start);
                behind(text, inside, "#}")
            }
            Some(b'{') => end_of_code(text, inside, b'}'),
            Some(b'%') => {
                let end = end_of_code(text, inside, b'%');
                if tag(&text[inside..end]) == "raw" {
                    end_of_raw(text, end)
                } else {
                    end
                }
            }
            _ => start + 1,
        };
    }
    found
}

/// The place behind the next `what`, or the end.
fn behind(text: &str, at: usize, what: &str) -> usize {
    text[at..]
        .find(what)
        .map_or(text.len(), |i| at + i + what.len())
}

/// The place behind the `}}` or `%}` that ends code; the `last` but one byte of it says which.
fn end_of_code(text: &str, from: usize, last: u8) -> usize {
    let bytes = text.as_bytes();
    let mut open = 0_usize;
    let mut at = from;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\'' | b'"' => at = end_of_string(bytes, at + 1, byte),
            _ if open == 0 && byte == last && bytes.get(at + 1) == Some(&b'}') => return at + 2,
            b'{' | b'(' | b'[' => open += 1,
            b'}' | b')' | b']' => open = open.saturating_sub(1),
            _ => {}
        }
        at += 1;
    }
    text.len()
}

/// Where the quote stands that ends a string.
fn end_of_string(bytes: &[u8], from: usize, quote: u8) -> usize {
    let mut at = from;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 1,
            _ if byte == quote => return at,
            _ => {}
        }
        at += 1;
    }
    at
}

/// The place behind the `{% endraw %}`.
fn end_of_raw(text: &str, from: usize) -> usize {
    let mut at = from;
    while let Some(next) = text[at..].find("{%") {
        at += next + 2;
        if tag(&text[at..]) == "endraw" {
            return behind(text, at, "%}");
        }
    }
    text.len()
}

/// The first word of a tag.
fn tag(inside: &str) -> &str {
    let inside = inside
        .strip_prefix(['-', '+'])
        .unwrap_or(inside)
        .trim_start();
    let end = inside.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    &inside[..end.unwrap_or(inside.len())]
}

#[cfg(test)]
mod tests {
    use super::of_template;

    #[test]
    fn comments_stand_outside_of_strings_and_raw() {
        assert_eq!(of_template("{# a #}b{# {{ #}{#- c"), [0, 8, 16]);
        assert_eq!(of_template(r#"{{ "\"}}{# a #}" }}{# b #}"#), [19]);
        assert_eq!(of_template("{% if '%}{# a #}' %}{# b #}"), [20]);
        assert_eq!(of_template("{%- raw -%}{# a #}{%- endraw %}{# b #}"), [31]);
        assert_eq!(of_template("{{ {'a': {}}}}{# b #}"), [14]);
    }

    #[test]
    fn what_never_ends_is_no_panic() {
        for text in ["{", "{#", "{{", "{{ '\\", "{% raw %}{%", "é{é{{é", "{%é"] {
            of_template(text);
        }
    }
}
