//! Every format over the same findings, and over whatever findings there may be.

use std::sync::{Arc, LazyLock};

use clap::ValueEnum;
use insta::assert_snapshot;
use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::diag::{Code, Span};

const TEXT: &str = "key: outage\ntitle: Outage 🔥\nchecklists:\n  - tasks: soon 👩‍🚒, later\n";

/// The place of a part of a text.
fn at(source: &Source, part: &str) -> Span {
    let start = source.text().find(part).unwrap();
    (start..start + part.len()).into()
}

/// One finding of each kind that formats treat in a way of its own.
fn findings() -> Vec<Finding> {
    let outage = Arc::new(Source::new("playbooks/outage.yaml", TEXT));
    let old = Arc::new(Source::new("playbooks/old.yaml", "# old\nkey: outage\n"));
    let gone = Arc::new(Source::new("templates/gone.md.j2", ""));
    let hostile = Arc::new(Source::new(
        "playbooks/a%0A::error::x\n::error::<y>,z=1.yaml",
        "webhooks: [hunter2]\u{1b}[31m\u{202e}\n",
    ));
    hostile.hide(at(&hostile, "hunter2"));
    let mut noted = Finding::new(
        Code::FileName,
        &outage,
        at(&outage, "Outage 🔥\nchecklists"),
        "this goes over two lines",
    );
    noted.level = Level::Info;
    let mut warned = Finding::new(
        Code::WrongType,
        &outage,
        Span::new(12, 12),
        "nothing marked",
    );
    warned.level = Level::Warning;
    vec![
        noted,
        warned.clone(),
        warned,
        Finding::new(
            Code::DuplicateKey,
            &outage,
            at(&outage, "outage"),
            "the key `outage` is already used by `playbooks/old.yaml`",
        )
        .label("choose another key")
        .help("keys are how `run start` finds a playbook")
        .related(&old, at(&old, "outage"), "first used here"),
        Finding::new(
            Code::InvalidYaml,
            &outage,
            at(&outage, "later"),
            "this `:` is in the middle of a value",
        ),
        Finding::new(
            Code::Unreadable,
            &gone,
            Span::default(),
            "the file cannot be read",
        ),
        Finding::new(
            Code::Secret,
            &hostile,
            at(&hostile, "hunter2"),
            "100% <b>&\"wrong\"</b> ]]> \r\n::error::injected {0} [click](https://evil)\u{0}",
        )
        .label("::stop-commands::x\n##[error]")
        .help("a\u{1b}[31m\u{ffff}\u{9b}b ::error::c"),
    ]
}

fn rendered(format: Format) -> String {
    render(findings().as_slice(), format, "incidents/", Style::PLAIN)
}

/// The version of warroom is no part of a format.
fn without_version(text: &str) -> String {
    text.replace(
        &format!("\"semanticVersion\": \"{}\"", env!("CARGO_PKG_VERSION")),
        "\"semanticVersion\": \"[VERSION]\"",
    )
}

#[test]
fn every_format_says_the_same_findings() {
    for format in Format::value_variants() {
        let name = format.to_possible_value().unwrap();
        let text = without_version(&rendered(*format));
        assert_snapshot!(format!("formats-{}", name.get_name()), text);
    }
    let narrated = Style {
        graphics: false,
        ..Style::PLAIN
    };
    assert_snapshot!("formats-narrated", human(&findings(), narrated));
}

#[test]
fn every_format_says_that_there_is_nothing_to_find() {
    let nothing =
        |format| without_version(&render(Report::from(&[][..]), format, "", Style::PLAIN));
    assert_eq!(nothing(Format::Human), "");
    assert_eq!(nothing(Format::Github), "");
    assert_eq!(nothing(Format::Gitlab), "[]");
    assert_snapshot!("nothing-junit", nothing(Format::Junit));
    assert_snapshot!("nothing-sarif", nothing(Format::Sarif));
    assert_holds_schema(&nothing(Format::Sarif));
}

#[test]
fn errors_come_first_where_github_shows_only_ten() {
    let text = rendered(Format::Github);
    let levels: Vec<&str> = text
        .lines()
        .map(|line| line.split([':', ' ']).nth(2).unwrap())
        .collect();
    assert_eq!(
        levels,
        [
            "error", "error", "error", "error", "warning", "warning", "notice"
        ]
    );
}

#[test]
fn nothing_from_a_file_is_a_command() {
    for line in rendered(Format::Github).lines() {
        let (properties, message) = line[2..].split_once("::").unwrap();
        let (_, properties) = properties.split_once(' ').unwrap();
        let names: Vec<&str> = properties
            .split(',')
            .map(|property| property.split_once('=').unwrap().0)
            .collect();
        let all = ["file", "line", "endLine", "col", "endColumn", "title"];
        assert!(names.iter().all(|name| all.contains(name)), "{line}");
        assert!(!message.contains(char::is_control), "{line}");
    }
}

/// The commands that the runner of GitHub Actions finds in a line of a log.
fn is_command(line: &str) -> bool {
    line.trim_start().starts_with("::") || line.contains("##[")
}

#[test]
fn sentences_have_no_drawing() {
    let narrated = Style {
        graphics: false,
        colour: true,
        ..Style::PLAIN
    };
    let text = human(&findings(), narrated);
    assert!(
        !text.contains(['│', '─', '╭', '╰', '┬', '·', '\u{1b}']),
        "{text}"
    );
}

#[test]
fn a_secret_is_in_no_format() {
    for format in Format::value_variants() {
        assert!(!rendered(*format).contains("hunter2"), "{format:?}");
    }
}

fn assert_holds_schema(sarif: &str) {
    static SCHEMA: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
        let text = include_str!("../../../tests/fixtures/sarif/sarif-schema-2.1.0.json");
        // JavaScript takes a bracket that closes nothing for itself, our engine does not.
        let text = text.replace("{2}]?$", r"{2}\\]?$");
        let schema: Value = serde_json::from_str(&text).unwrap();
        jsonschema::draft7::options()
            .should_validate_formats(true)
            .build(&schema)
            .unwrap()
    });
    let log: Value = serde_json::from_str(sarif).unwrap();
    let wrong: Vec<String> = SCHEMA
        .iter_errors(&log)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}\n{sarif}");
}

#[test]
fn the_schema_of_sarif_is_not_satisfied_by_everything() {
    let mut log: Value = serde_json::from_str(&rendered(Format::Sarif)).unwrap();
    log["runs"][0]["results"][0]["level"] = "fatal".into();
    let broken = log.to_string();
    assert!(std::panic::catch_unwind(|| assert_holds_schema(&broken)).is_err());
}

fn any_text() -> impl Strategy<Value = String> {
    let nasty = prop::sample::select(vec![
        "::error::",
        "%0A",
        "]]>",
        "<!--",
        "&#0;",
        "\u{1b}[31m",
        "\u{fffe}",
        "\r",
        "\n",
        "\t",
        "\u{2028}",
        "\u{202e}",
        "🔥",
        "ä",
        ",file=x",
        "[a](b)",
        "{0}",
        "\u{0}",
        "//",
        "..",
    ]);
    let part = prop_oneof![nasty.prop_map(str::to_owned), any::<String>(), "[ -~]{0,9}"];
    prop::collection::vec(part, 0..5).prop_map(|parts| parts.concat())
}

prop_compose! {
    /// A finding anywhere in one of a few files.
    fn any_finding(sources: Vec<Arc<Source>>)(
        code in prop::sample::select(Code::ALL),
        level in prop::sample::select(vec![Level::Info, Level::Warning, Level::Error]),
        message in any_text(),
        label in any_text(),
        help in prop::option::of(any_text()),
        places in prop::collection::vec(
            (0..sources.len(), 0..90_usize, 0..40_usize, any_text()), 1..4
        ),
    ) -> Finding {
        let place = |index: usize| {
            let (file, start, length, message) = &places[index];
            let source = &sources[*file];
            let start = source.text().floor_char_boundary(*start);
            let end = source.text().floor_char_boundary(start + length);
            (source, Span::new(start, end), message)
        };
        let (source, span, _) = place(0);
        let mut finding = Finding::new(code, source, span, message.clone()).label(label.clone());
        finding.level = level;
        finding.help.clone_from(&help);
        for (source, span, message) in (1..places.len()).map(place) {
            finding = finding.related(source, span, message.clone());
        }
        finding
    }
}

fn any_findings() -> impl Strategy<Value = Vec<Finding>> {
    let sources = prop::collection::vec((any_text(), any_text()), 1..4).prop_map(|files| {
        let source = |(name, text)| Arc::new(Source::new(name, text));
        files.into_iter().map(source).collect::<Vec<_>>()
    });
    sources.prop_flat_map(|sources| prop::collection::vec(any_finding(sources), 0..8))
}

proptest! {
    #[test]
    fn whatever_is_found_every_format_holds_it(findings in any_findings()) {
        let said = |format| render(findings.as_slice(), format, "incidents/", Style::PLAIN);

        prop_assert_eq!(said(Format::Github).lines().count(), findings.len());

        let sarif = said(Format::Sarif);
        assert_holds_schema(&sarif);
        let sarif: Value = serde_json::from_str(&sarif).unwrap();
        let results = sarif["runs"][0]["results"].as_array().unwrap();
        prop_assert_eq!(results.len(), findings.len());
        for result in results {
            let related = result["relatedLocations"].as_array().into_iter().flatten();
            for place in related.chain([&result["locations"][0]]) {
                let line = place["physicalLocation"]["region"]["startLine"].as_u64();
                prop_assert!(line.is_some(), "a region without a start");
            }
        }

        let gitlab: Vec<Value> = serde_json::from_str(&said(Format::Gitlab)).unwrap();
        let fingerprints: BTreeSet<&str> =
            gitlab.iter().map(|entry| entry["fingerprint"].as_str().unwrap()).collect();
        prop_assert_eq!(fingerprints.len(), findings.len());

        let json: Value = serde_json::from_str(&said(Format::Json)).unwrap();
        for (entry, finding) in json["findings"].as_array().unwrap().iter().zip(&findings) {
            prop_assert_eq!(entry["message"].as_str(), Some(finding.message.as_str()));
        }

        let junit = said(Format::Junit);
        let junit = roxmltree::Document::parse(&junit).unwrap();
        let cases = junit.descendants().filter(|node| node.has_tag_name("testcase"));
        prop_assert_eq!(cases.count(), findings.len().max(1));
        let failures = junit.descendants().filter(|node| node.has_tag_name("failure")).count();
        let errors = findings.iter().filter(|finding| finding.level == Level::Error).count();
        prop_assert_eq!(failures, errors);

        let narrated = Style { graphics: false, ..Style::PLAIN };
        let formats = [Format::Json, Format::Sarif, Format::Gitlab, Format::Junit].map(said);
        for text in formats.iter().chain([&said(Format::Human), &human(&findings, narrated)]) {
            prop_assert!(!text.lines().any(is_command), "{}", text);
        }
        for text in [said(Format::Human), human(&findings, narrated)] {
            prop_assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{:?}", text);
        }
    }
}
