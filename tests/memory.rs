//! What the worst files cost: whatever a file holds, it is read, checked and told in
//! bounded memory.
//!
//! A binary of its own, since it counts every allocation. It takes a minute, and is left to
//! `.ci/run`: `cargo test --test memory -- --ignored --skip search --nocapture` prints the
//! figures; without `--skip search`, and better with `--release`, those of a search for worse.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::too_many_lines,
    reason = "tests stop at the first surprise, figures are for people, and lists are long"
)]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use jiff::civil::date;
use peak_alloc::PeakAlloc;
use warroom::diag::Source;
use warroom::lint;
use warroom::ui::Style;
use warroom::ui::report::{self, Format};
use warroom::workspace::{Files, Listing, WorkspaceError};
use warroom::yaml::{self, MOST_BYTES};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// The most memory that reading one file may take, in bytes.
const MOST: usize = 256 << 20;

const PLAYBOOK: &str = "playbooks/outage.yaml";
const PERMISSIONS: &str = "permissions.yaml";
const SETTINGS: &str = "warroom.yaml";

/// Only one at a time is measured.
static ALONE: Mutex<()> = Mutex::new(());

/// A text of the largest size: a beginning, as much of what `unit` makes as fits, an end.
fn filled(start: &str, unit: impl Fn(usize) -> String, end: &str) -> String {
    let mut text = start.to_owned();
    for n in 0.. {
        let unit = unit(n);
        if text.len() + unit.len() + end.len() > MOST_BYTES {
            break;
        }
        text.push_str(&unit);
    }
    text + end
}

fn repeated(start: &str, unit: &str, end: &str) -> String {
    filled(start, |_| unit.to_owned(), end)
}

/// Texts that cost the most of what one megabyte can, each for another reason.
fn texts() -> Vec<(&'static str, String)> {
    let long = "k".repeat(1_000);
    let levels = |levels: usize| format!("{{{long}: ").repeat(levels);
    vec![
        ("brackets", repeated("", "[", "")),
        ("dashes", repeated("", "- ", "")),
        ("questions", repeated("", "? ", "")),
        ("nested anchors", repeated("", "a: &a ", "")),
        ("anchors", repeated("[", "&a ,", "]")),
        (
            "anchors with names",
            filled("[", |n| format!("&{n} a,"), "]"),
        ),
        ("aliases", repeated("[&a x,", "*a,", "]")),
        ("unknown aliases", repeated("[", "*a,", "]")),
        ("tags", repeated("[", "!a b,", "]")),
        ("escapes", repeated("a: \"", "\\x41", "\"")),
        ("escaped texts", repeated("[", "\"\\n\",", "]")),
        ("texts", repeated("[", "a,", "]")),
        (
            "texts up to the limit",
            format!("[{}]", "abcdef,  ".repeat(99_999)),
        ),
        ("nothing", repeated("[", ",", "]")),
        ("empty lists", repeated("[", "[],", "]")),
        ("small lists", format!("[{}]", "[a],".repeat(49_999))),
        ("small mappings", format!("[{}]", "{a},".repeat(33_333))),
        ("pairs", format!("[{}]", "a: b,".repeat(33_333))),
        ("keys", filled("{", |n| format!("{n:x}z,"), "}")),
        (
            "keys up to the limit",
            filled(
                "{",
                |n| {
                    if n < 49_999 {
                        format!("\"k{n:x}\\n\":  1,")
                    } else {
                        " ".to_owned()
                    }
                },
                "}",
            ),
        ),
        ("keys in lines", filled("", |n| format!("k{n:x}: \n"), "")),
        ("the same key", repeated("{", "a,", "}")),
        ("a long key", repeated("? ", "k", "\n: v\n")),
        (
            "deep long keys over many values",
            format!("{}[{}]{}", levels(60), "1, ".repeat(99_800), "}".repeat(60)),
        ),
        ("comments", repeated("", "#\n", "a: b\n")),
        ("one comment", repeated("a: b #", "x", "\n")),
        ("line breaks", repeated("a: b", "\n", "")),
        ("carriage returns", repeated("a: b", "\r", "")),
        ("blanks", repeated("a: b", " ", "")),
        ("tabs", repeated("a:\n", "\t- b\n", "")),
        ("a plain text of many lines", repeated("a: ", "b\n ", "")),
        ("a folded text", repeated("a: >\n", " b\n", "")),
        ("a literal text", repeated("a: |\n", " b\n", "")),
        ("an open quote", repeated("a: \"", "b\n ", "")),
        ("quotes in a comment", repeated("# a", "'", "\na: \"\n")),
        ("open brackets in lines", repeated("", "[\n", "")),
        ("wide characters", repeated("a: ", "😀", "\n")),
        (
            "laughs",
            (0..7).fold("- &a0 [x,x,x,x,x]\n".to_owned(), |text, n| {
                format!("{text}- &a{} [*a{n},*a{n},*a{n},*a{n},*a{n}]\n", n + 1)
            }),
        ),
        (
            "a long text at the limit of aliases",
            format!(
                "a: &a \"{}\"\nb: [{}]\n",
                "\\n".repeat(40_000),
                "*a,".repeat(7)
            ),
        ),
        (
            "anchors over anchors",
            format!(
                "{}{}{}",
                "&a [".repeat(60),
                "x,".repeat(9_900),
                "]".repeat(60)
            ),
        ),
    ]
}

/// Files that the schema and the rules have the most to say about.
fn files() -> Vec<(&'static str, &'static str, String)> {
    let long = "k".repeat(1_000);
    let levels = format!("{{{long}: ").repeat(60);
    vec![
        (
            PLAYBOOK,
            "escapes in a file",
            repeated("title: \"", "\\x41", "\"\n"),
        ),
        (
            PLAYBOOK,
            "deep long keys",
            format!("{levels}[{}]{}", "1, ".repeat(99_800), "}".repeat(60)),
        ),
        (
            PLAYBOOK,
            "anchors with names",
            filled("[", |n| format!("&{n} a,"), "]"),
        ),
        (PLAYBOOK, "wide characters", repeated("title: ", "😀", "\n")),
        (
            PLAYBOOK,
            "wrong checklists",
            repeated("key: a\ntitle: a\naccess: all\nchecklists: [", "1,", "]\n"),
        ),
        (
            PLAYBOOK,
            "wrong checklists up to the limit",
            format!("checklists: [{}]\n", "1,".repeat(99_990)),
        ),
        (
            PLAYBOOK,
            "empty checklists",
            format!("checklists: [{}]\n", "{},".repeat(99_990)),
        ),
        (
            SETTINGS,
            "unknown keys",
            filled(
                "{",
                |n| {
                    if n < 49_990 {
                        format!("key{n:x}: x, ")
                    } else {
                        " ".into()
                    }
                },
                "}",
            ),
        ),
        (
            PLAYBOOK,
            "unknown keys of tasks",
            format!(
                "checklists: [{{tasks: [{}]}}]\n",
                "{title1: a, a: b, c: d, e: f},".repeat(11_000)
            ),
        ),
        (
            PERMISSIONS,
            "long names over wrong people",
            format!(
                "profiles:\n  {long}:\n    playbook:\n      use: [{}]\n",
                "1,".repeat(99_980)
            ),
        ),
        (
            PERMISSIONS,
            "long names over nothing",
            filled(
                "profiles:\n",
                |n| format!("  {n}{}: 1\n", "k".repeat(200)),
                "",
            ),
        ),
        (
            PERMISSIONS,
            "groups",
            filled("groups:\n", |n| format!("  g{n:x}: [x]\n"), ""),
        ),
        (
            PLAYBOOK,
            "tasks",
            filled(
                "key: outage\ntitle: Outage\naccess: all\nchecklists:\n- {key: a, title: A, tasks: [",
                |n| {
                    if n < 14_000 {
                        format!("{{key: t{n:x}, title: T, assign: 'role:x{n:x}'}},")
                    } else {
                        " ".to_owned()
                    }
                },
                "]}\n",
            ),
        ),
        (
            PLAYBOOK,
            "checklists with one key",
            filled(
                "key: outage\ntitle: Outage\naccess: all\nchecklists: [",
                |n| {
                    if n < 14_000 {
                        "{key: a, title: A, tasks: []},".to_owned()
                    } else {
                        " ".to_owned()
                    }
                },
                "]\n",
            ),
        ),
        (
            SETTINGS,
            "roles",
            filled(
                "format: 1\nworkspace: acme\nteam: ops\nroles:\n",
                |n| format!("  r{n:x}: {{title: R}}\n"),
                "",
            ),
        ),
        (
            SETTINGS,
            "addresses",
            repeated("# ", "http://hook ", "\na: b\n"),
        ),
        (SETTINGS, "passwords", repeated("# ", "://@ ", "\na: b\n")),
        (
            SETTINGS,
            "passwords without end",
            repeated("# ", "://x/:", "@\na: b\n"),
        ),
        (
            PLAYBOOK,
            "excuses",
            repeated("", "# lint: allow(K-10) why\n", "key: outage\n"),
        ),
        (
            PLAYBOOK,
            "alternatives of a condition",
            repeated(
                &format!(
                    "{OUTAGE}attributes: [{{key: a, name: A, type: select, options: [x, y]}}]\n\
                     checklists: [{{key: a, title: A, tasks: [{{key: a, title: A, when: {{any: ["
                ),
                "{not: {a: [x]}},{a: [y]},",
                "]}}]}]\n",
            ),
        ),
    ]
}

/// What all playbooks here begin with.
const OUTAGE: &str = "key: outage\ntitle: Outage\naccess: all\n";

/// Texts that look like the beginning of something a rule searches for, again and again.
fn texts_of_rules() -> Vec<(&'static str, &'static str, String)> {
    [
        "{{",
        "{%",
        "{A",
        "@all@",
        "@a ",
        "eyJaaaaaaaaa.",
        "password=\\\"",
        "token:",
        "://a:b",
        "a.b-c_d@x.",
        "[a](",
        "![",
        "http://",
        "<a ",
        "|-",
        "`",
        "# ",
        "TODO ",
        "/a ",
        "$a",
        "+1 ",
    ]
    .map(|unit| {
        let start = format!(
            "{OUTAGE}checklists:\n- {{key: a, title: A, tasks: [{{key: a, title: A, description: \""
        );
        (PLAYBOOK, unit, repeated(&start, unit, "\"}]}\n"))
    })
    .into()
}

/// What some work took at its peak beyond what was there before, and how long.
fn measured(work: impl FnOnce()) -> (usize, Duration) {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let start = Instant::now();
    work();
    (MEMORY.peak_usage().saturating_sub(before), start.elapsed())
}

/// The reader alone.
fn read(text: &str) {
    let source = Arc::new(Source::new("x.yaml", text));
    let document = yaml::read(&source);
    assert!(document.root.is_some() || !document.findings.is_empty());
}

#[derive(Debug)]
struct Memory(BTreeMap<&'static str, String>);

impl Files for Memory {
    fn list(&self) -> Result<Listing, WorkspaceError> {
        Ok(Listing {
            files: self.0.keys().map(|path| (*path).to_owned()).collect(),
            problems: Vec::new(),
        })
    }

    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, WorkspaceError> {
        Ok(self.0.get(path).map(|text| text.clone().into_bytes()))
    }
}

/// Everything that `lint` does, with the text as one of the files of a workspace.
fn lint(path: &'static str, text: &str) {
    let mut files = BTreeMap::from([
        (
            "warroom.yaml",
            "format: 1\nworkspace: acme\nteam: ops\n".to_owned(),
        ),
        (PERMISSIONS, "profiles: { all: {} }\n".to_owned()),
    ]);
    files.insert(path, text.to_owned());
    let linted = lint::run(&Memory(files), None, date(2026, 11, 21)).unwrap();
    for format in [Format::Human, Format::Json, Format::Sarif] {
        let _ = report::render(linted.findings.as_slice(), format, "", Style::PLAIN);
    }
}

/// The largest peak of all, with its name; the figures go to stderr.
fn worst(works: impl Iterator<Item = (&'static str, impl FnOnce())>) -> (usize, &'static str) {
    let _alone = ALONE.lock().unwrap();
    let mut worst = (0, "");
    for (name, work) in works {
        let (peak, time) = measured(work);
        eprintln!(
            "{:>8.1} MiB {:>6} ms  {name}",
            mebibytes(peak),
            time.as_millis()
        );
        worst = worst.max((peak, name));
    }
    worst
}

#[allow(clippy::cast_precision_loss, reason = "a figure for people")]
fn mebibytes(bytes: usize) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

#[test]
#[ignore = "takes a minute: `.ci/run` runs it"]
fn no_file_of_a_mebibyte_makes_the_reader_use_256() {
    let texts = texts();
    let reading = texts.iter().map(|(name, text)| (*name, move || read(text)));
    let (peak, name) = worst(reading);
    assert!(peak < MOST, "{name}: {:.1} MiB", mebibytes(peak));
}

#[test]
#[ignore = "takes a minute: `.ci/run` runs it"]
fn nor_does_it_make_lint_use_so_much() {
    let files = [files(), texts_of_rules()].concat();
    let linting = files.iter();
    let linting = linting.map(|&(path, name, ref text)| (name, move || lint(path, text)));
    let (peak, name) = worst(linting);
    assert!(peak < MOST, "{name}: {:.1} MiB", mebibytes(peak));
}

/// Repeats all short sequences of fragments, in every setting, and prints the worst.
#[test]
#[ignore = "takes minutes: a search for worse shapes"]
fn search() {
    const FRAGMENTS: &[&str] = &[
        "a", "b", "1", ": ", ":", "- ", "\n", "\n ", "\n  ", "\r", "{", "}", "[", "]", ",", "'",
        "\"", "|", ">", "&x ", "*x ", "!t ", "<<", "? ", "#", " ", "\t", "~", "😀", "\\", "\\x41",
        "%", "...", "---", "@", "-", "//", "@hook",
    ];
    const STARTS: &[&str] = &[
        "",
        "[",
        "{",
        "a: ",
        "- ",
        "\"",
        "'",
        "a: |\n ",
        "# ",
        "[&x a,",
        "http://hook",
    ];
    let _alone = ALONE.lock().unwrap();
    let most = std::env::var("SEARCH_BYTES")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(1 << 15);
    let mut found = Vec::new();
    for start in STARTS {
        for a in FRAGMENTS {
            for b in FRAGMENTS {
                for c in std::iter::once(&"").chain(FRAGMENTS) {
                    let unit = format!("{a}{b}{c}");
                    let text = format!("{start}{}", unit.repeat((most - start.len()) / unit.len()));
                    let (peak, time) = measured(|| lint(PLAYBOOK, &text));
                    found.push((peak, time, *start, unit));
                }
            }
        }
    }
    found.sort_by_key(|(peak, ..)| std::cmp::Reverse(*peak));
    for (peak, time, start, unit) in found.iter().take(25) {
        eprintln!(
            "{:>8.1} MiB {:>6} us  {start:?} {unit:?}",
            mebibytes(*peak),
            time.as_micros()
        );
    }
    found.sort_by_key(|(_, time, ..)| std::cmp::Reverse(*time));
    for (peak, time, start, unit) in found.iter().take(25) {
        eprintln!(
            "{:>8.1} MiB {:>6} us  {start:?} {unit:?}",
            mebibytes(*peak),
            time.as_micros()
        );
    }
}
