//! Any text as a template of each kind: parsed, checked, written as static text, and
//! rendered for the smallest and the largest incident.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use warroom::model::{Playbook, Settings};
use warroom::template::{
    Sample, StaticWords, Template, TemplateKind, TemplateProblem, sample,
};

static SETTINGS: LazyLock<Settings> =
    LazyLock::new(|| value(include_str!("../../tests/fixtures/example/warroom.yaml")));
static PLAYBOOK: LazyLock<Playbook> = LazyLock::new(|| {
    value(include_str!("../../tests/fixtures/example/playbooks/service-outage.yaml"))
});

fuzz_target!(|bytes: &[u8]| {
    // The last byte chooses the kind, so that any template is a seed.
    let Some((last, text)) = bytes.split_last() else {
        return;
    };
    let kind = TemplateKind::ALL[usize::from(*last) % TemplateKind::ALL.len()];
    let text = String::from_utf8_lossy(text);
    let template = match Template::parse("fuzz.j2", &text) {
        Ok(template) => template,
        Err(problem) => return problem_is_sound(&problem, &text),
    };
    let problems = template.check(kind);
    for problem in &problems {
        problem_is_sound(problem, &text);
    }
    let words = StaticWords {
        playbook_key: "outage".to_owned(),
        playbook_title: "Outage".to_owned(),
    };
    let _ = template.static_text(kind, &words);
    for size in [Sample::Small, Sample::Large] {
        let context = sample(kind, size, &SETTINGS, &PLAYBOOK, &template);
        let _ = template.render(&context);
    }
});

fn value<T: serde::de::DeserializeOwned>(text: &str) -> T {
    serde_yaml::from_str(text).expect("a test loads the example")
}

fn problem_is_sound(problem: &TemplateProblem, text: &str) {
    assert!(!problem.message.is_empty());
    assert!(text.get(problem.range.clone()).is_some(), "{problem:?}");
}
