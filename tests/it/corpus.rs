//! What the benchmarks measure on: sound without mistakes, and one finding for each mistake.

use std::collections::BTreeMap;

use crate::support::Warroom;

#[path = "../../benches/corpus/mod.rs"]
mod generated;

/// The code of each finding, by file.
fn found(workspace: &Warroom) -> Vec<(String, String)> {
    let ran = workspace.run(&["validate", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let findings = report["findings"].as_array().unwrap().iter();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    findings
        .map(|finding| (text(&finding["file"]), text(&finding["code"])))
        .collect()
}

#[test]
fn playbooks_of_the_corpus_are_sound_and_differ() {
    let workspace = Warroom::new();
    generated::write(workspace.root().as_std_path(), 60, 0).unwrap();
    assert_eq!(found(&workspace), []);
    let texts: BTreeMap<Vec<u8>, String> = (0..60)
        .map(generated::playbook)
        .map(|(path, text)| (text, path))
        .collect();
    assert_eq!(texts.len(), 60);
    let bytes: usize = texts.keys().map(Vec::len).sum();
    assert!((2_700..3_500).contains(&(bytes / 60)), "{}", bytes / 60);
}

#[test]
fn each_mistake_of_the_corpus_is_one_finding() {
    let workspace = Warroom::new();
    let kinds = u32::try_from(generated::FAULTS.len()).unwrap();
    let seeded = generated::write(workspace.root().as_std_path(), 3 * kinds, kinds).unwrap();
    let mut seeded: Vec<(String, String)> = seeded
        .into_iter()
        .map(|fault| (fault.path, fault.code.to_owned()))
        .collect();
    seeded.sort();
    assert_eq!(found(&workspace), seeded);
}
