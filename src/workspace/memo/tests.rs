use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::workspace::{Checked, check, survey};

/// Files in memory.
#[derive(Debug, Clone, Default)]
struct Memory(BTreeMap<String, Vec<u8>>);

impl Files for Memory {
    fn list(&self) -> Result<Listing, WorkspaceError> {
        Ok(Listing {
            files: self.0.keys().cloned().collect(),
            problems: Vec::new(),
        })
    }

    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, WorkspaceError> {
        Ok(self.0.get(path).cloned())
    }
}

impl Memory {
    fn of(count: usize) -> Self {
        let mut files = Self::default();
        files.write("warroom.yaml", "format: 1\nworkspace: acme\nteam: ops\n");
        files.write("permissions.yaml", "profiles: { all: {} }\n");
        files.write("templates/update.md.j2", "Status\n");
        files.write("elsewhere/overview.md.j2", "Overview\n");
        for n in 0..count {
            files.write(&path(n), &playbook(n, "elsewhere/overview.md.j2"));
        }
        files
    }

    fn write(&mut self, path: &str, text: &str) {
        self.0.insert(path.to_owned(), text.into());
    }
}

fn path(n: usize) -> String {
    format!("playbooks/p{n}.yaml")
}

fn playbook(n: usize, template: &str) -> String {
    format!(
        "key: p{n}\ntitle: P{n}\naccess: all\nchecklists: []\nstart: {{ overview: {template} }}\n"
    )
}

/// How many playbooks a walk looks at itself, and what changed.
fn walk(files: &Memory, memo: &mut Memo<String>) -> (usize, Vec<(String, ChangeKind)>) {
    let visits = AtomicUsize::new(0);
    let found = survey(files, Some(memo), |_, _, playbook| {
        visits.fetch_add(1, Ordering::Relaxed);
        playbook.title
    });
    let found = found.unwrap();
    let titles = found.playbooks.iter().map(|visited| visited.kept.as_str());
    let fresh = survey(files, None, |_, _, playbook| playbook.title).unwrap();
    let fresh_titles = fresh.playbooks.iter().map(|visited| visited.kept.as_str());
    assert!(titles.eq(fresh_titles));
    assert_eq!(found.files, fresh.files);
    drop(found);
    let changes = memo.changes().into_iter();
    let changes = changes.map(|change| (change.path, change.kind)).collect();
    (visits.into_inner(), changes)
}

#[test]
fn only_what_changed_is_parsed_again() {
    let mut files = Memory::of(200);
    let memo = &mut Memo::default();
    assert_eq!(walk(&files, memo), (200, vec![]));
    assert_eq!(walk(&files, memo), (0, vec![]));

    files.write(&path(7), &playbook(7, "templates/update.md.j2"));
    assert_eq!(
        walk(&files, memo),
        (1, vec![(path(7), ChangeKind::Changed)])
    );

    files.write(&path(200), &playbook(200, "templates/update.md.j2"));
    assert_eq!(walk(&files, memo), (1, vec![(path(200), ChangeKind::New)]));

    files.0.remove(&path(3));
    assert_eq!(walk(&files, memo), (0, vec![(path(3), ChangeKind::Gone)]));
}

#[test]
fn what_stands_beside_the_playbooks_has_all_of_them_parsed_again() {
    let mut files = Memory::of(20);
    let memo = &mut Memo::default();
    walk(&files, memo);
    for (path, text) in [
        ("warroom.yaml", "format: 1\nworkspace: acme\nteam: dev\n"),
        ("permissions.yaml", "profiles: { all: {}, some: {} }\n"),
        ("templates/update.md.j2", "What we know\n"),
        ("elsewhere/overview.md.j2", "Everything\n"),
    ] {
        files.write(path, text);
        let changed = vec![(path.to_owned(), ChangeKind::Changed)];
        assert_eq!(walk(&files, memo), (20, changed), "{path}");
    }
    files.write("templates/new.md.j2", "New\n");
    let new = vec![("templates/new.md.j2".to_owned(), ChangeKind::New)];
    assert_eq!(walk(&files, memo), (20, new));
    files.0.remove("elsewhere/overview.md.j2");
    let gone = vec![("elsewhere/overview.md.j2".to_owned(), ChangeKind::Gone)];
    assert_eq!(walk(&files, memo), (20, gone));
    assert_eq!(walk(&files, memo), (0, vec![]));
    files.write("src/main.rs", "nobody asks for it");
    assert_eq!(walk(&files, memo), (0, vec![]));
}

#[test]
fn it_is_known_what_was_looked_for_and_is_no_news_when_it_was_not() {
    let mut files = Memory::of(1);
    let memo = &mut Memo::default();
    walk(&files, memo);
    let elsewhere = |path: &str| BTreeSet::from([path.to_owned()]);
    assert_eq!(memo.beside(), elsewhere("elsewhere/overview.md.j2"));
    files.write("docs/other.md.j2", "Other\n");
    files.write(&path(0), &playbook(0, "docs/other.md.j2"));
    assert_eq!(
        walk(&files, memo),
        (1, vec![(path(0), ChangeKind::Changed)])
    );
    assert!(memo.beside().contains("docs/other.md.j2"));
}

#[test]
fn forgetting_looks_at_everything_and_calls_nothing_changed() {
    let files = Memory::of(3);
    let memo = &mut Memo::default();
    walk(&files, memo);
    memo.forget();
    assert_eq!(walk(&files, memo), (3, vec![]));
}

#[test]
fn a_file_that_changes_during_the_walk_is_remembered_as_nothing() {
    let beside = Beside::default();
    beside.note("x", Print::of("a"));
    beside.note("x", Print::of("a"));
    assert!(beside.prints()["x"].is(Print::of("a")));
    beside.note("x", Print::of("b"));
    beside.note("x", Print::of("a"));
    assert!(!beside.prints()["x"].is(Print::of("a")));
    assert!(!beside.prints()["x"].is(Print::Unsteady));
}

#[test]
fn what_was_asked_for_is_bounded() {
    let mut files = Memory::of(1);
    let memo = &mut Memo::default();
    for n in 0..3 * MOST_ASKED {
        files.write(&path(0), &playbook(0, &format!("elsewhere/t{n}.md.j2")));
        survey(&files, Some(memo), |_, _, _| String::new()).unwrap();
        assert!(memo.known.asked.len() <= MOST_ASKED + 5);
    }
}

/// Everything that is told of findings.
fn told(checked: &Checked) -> Vec<String> {
    let findings = checked.findings.iter();
    let words = findings.map(|finding| {
        let related = finding.related.iter();
        let related: Vec<_> = related
            .map(|other| (&other.message, other.source.name(), other.span))
            .collect();
        let (text, level) = (finding.source.shown(), finding.level);
        let (name, span, code) = (finding.source.name(), finding.span, finding.code);
        let (message, label, help) = (&finding.message, &finding.label, &finding.help);
        format!("{name}{span:?}{code:?}{level:?}{message}{label}{help:?}{related:?}{text}")
    });
    words.collect()
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(32))]
    /// Files come, change and go; what is remembered must never show.
    #[test]
    fn what_is_remembered_finds_what_a_fresh_walk_finds(
        edits in proptest::collection::vec((0..FILES.len(), 0..6_usize), 1..16),
    ) {
        let mut files = Memory::of(2);
        let memo = &mut Memo::default();
        for (file, text) in edits {
            let path = FILES[file];
            match TEXTS.get(text) {
                Some(text) => files.write(path, text),
                None if path == "warroom.yaml" => {}
                None => drop(files.0.remove(path)),
            }
            let again = crate::workspace::check_again(&files, memo).unwrap();
            memo.changes();
            let fresh = check(&files).unwrap();
            proptest::prop_assert_eq!(again.files, fresh.files);
            proptest::prop_assert_eq!(told(&again), told(&fresh));
        }
    }
}

const FILES: [&str; 8] = [
    "warroom.yaml",
    "permissions.yaml",
    "playbooks/p0.yaml",
    "playbooks/p1.yaml",
    "playbooks/more/p1.yaml",
    "templates/update.md.j2",
    "elsewhere/overview.md.j2",
    "elsewhere/other.md.j2",
];

/// Each is sound as one kind of file, and wrong as the others.
const TEXTS: [&str; 5] = [
    "format: 1\nworkspace: acme\nteam: ops\nroles: { comms: { title: C, duty: D } }\n",
    "format: 1\nworkspace: acme\ntemplates: { postmortem: elsewhere/other.md.j2 }\n",
    "profiles: { some: {} }\n",
    "key: p1\ntitle: P\naccess: all\nchecklists: [{ key: a, title: A, tasks: [{ key: b, title: B, assign: role:comms }] }]\nstart: { overview: elsewhere/other.md.j2 }\nupdates: { template: templates/update.md.j2 }\n",
    "{{ nothing.of.that }} {% if",
];
