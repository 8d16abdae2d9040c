//! Keys from titles: valid, unique, and never a name that a system reserves.

use crate::model::Key;

/// The most characters of a key that is made up: a number may follow.
const LONGEST: usize = 56;

/// Names of devices, which some systems take for no file.
const RESERVED: [&str; 6] = ["con", "prn", "aux", "nul", "any", "not"];

/// A key that follows from a title, and that nobody has taken.
pub(super) fn unique(title: &str, fallback: &str, is_free: impl Fn(&str) -> bool) -> Key {
    let base = slug(title, fallback);
    let mut tried = base.clone();
    let mut number = 2_u64;
    loop {
        if is_free(&tried)
            && let Ok(key) = tried.parse()
        {
            return key;
        }
        tried = format!("{base}-{number}");
        number += 1;
    }
}

/// Lower-case letters and digits of a title, joined by hyphens.
fn slug(title: &str, fallback: &str) -> String {
    let mut slug = String::new();
    let mut gap = false;
    for c in title.chars().flat_map(char::to_lowercase) {
        if slug.len() >= LONGEST {
            break;
        }
        match plain(c) {
            Some(letters) => {
                if gap && !slug.is_empty() {
                    slug.push('-');
                }
                gap = false;
                slug.push_str(letters.encode().as_str());
            }
            // An apostrophe and what is put upon a letter part no words.
            None if matches!(c, '\'' | '’' | '\u{300}'..='\u{36f}') => {}
            None => gap = true,
        }
    }
    if slug.is_empty() {
        return fallback.to_owned();
    }
    let device = ["com", "lpt"].iter().any(|device| {
        let rest = slug.strip_prefix(device);
        rest.is_some_and(|rest| rest.len() == 1 && rest.bytes().all(|b| b.is_ascii_digit()))
    });
    if device || RESERVED.contains(&slug.as_str()) {
        slug = format!("{slug}-{fallback}");
    }
    slug
}

/// What stands for a character in a key.
#[derive(Debug, Clone, Copy)]
enum Letters {
    One(char),
    Two(&'static str),
}

impl Letters {
    fn encode(self) -> String {
        match self {
            Self::One(c) => c.to_string(),
            Self::Two(text) => text.to_owned(),
        }
    }
}

fn plain(c: char) -> Option<Letters> {
    let two = |text| Some(Letters::Two(text));
    let one = |c| Some(Letters::One(c));
    match c {
        'a'..='z' | '0'..='9' => one(c),
        'ä' | 'æ' => two("ae"),
        'ö' | 'œ' | 'ø' => two("oe"),
        'ü' => two("ue"),
        'ß' => two("ss"),
        'à' | 'á' | 'â' | 'ã' | 'å' | 'ą' => one('a'),
        'ç' | 'ć' | 'č' => one('c'),
        'è' | 'é' | 'ê' | 'ë' | 'ę' | 'ě' => one('e'),
        'ì' | 'í' | 'î' | 'ï' => one('i'),
        'ł' => one('l'),
        'ñ' | 'ń' | 'ň' => one('n'),
        'ò' | 'ó' | 'ô' | 'õ' => one('o'),
        'ř' => one('r'),
        'ś' | 'š' => one('s'),
        'ù' | 'ú' | 'û' | 'ů' => one('u'),
        'ý' | 'ÿ' => one('y'),
        'ź' | 'ż' | 'ž' => one('z'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keys_say_what_titles_say_and_nothing_else() {
        for (title, key) in [
            ("Service outage", "service-outage"),
            ("  Störung: Netz & Größe! ", "stoerung-netz-groesse"),
            ("Customer's café", "customers-cafe"),
            ("../../etc/passwd", "etc-passwd"),
            ("C:\\Windows\\x.j2", "c-windows-x-j2"),
            ("日本語", "playbook"),
            ("", "playbook"),
            ("CON", "con-playbook"),
            ("com1", "com1-playbook"),
            ("-x-", "x"),
        ] {
            assert_eq!(unique(title, "playbook", |_| true).as_str(), key, "{title}");
        }
        let second = unique("Outage", "playbook", |key| {
            key != "outage" && key != "outage-2"
        });
        assert_eq!(second.as_str(), "outage-3");
    }

    proptest! {
        #[test]
        fn every_title_has_a_key(title: String) {
            unique(&title, "task", |_| true);
            unique(&title.repeat(20), "task", |key| key.ends_with('7'));
        }
    }
}
