//! What is mended, what is left alone, and what stays as it is around it.

use std::sync::Arc;

use jiff::civil::date;

use super::*;
use crate::diag::{Fix, Span};
use crate::lint::tests::Memory;

const SETTINGS: &str = "format: 1\nworkspace: acme\nteam: ops\n";
const PERMISSIONS: &str = "profiles: { all: {} }\n";
const PLAYBOOK: &str = "playbooks/outage.yaml";
/// What a playbook needs beside its checklists.
const HEAD: &str = "key: outage\ntitle: Outage\naccess: all\n";

fn workspace(playbook: &str) -> Memory {
    let files = [
        ("warroom.yaml", SETTINGS),
        ("permissions.yaml", PERMISSIONS),
        (PLAYBOOK, playbook),
    ];
    let owned = |(path, text): (&str, &str)| (path.to_owned(), text.to_owned());
    Memory(files.map(owned).into())
}

fn lint(files: &dyn Files) -> Result<Linted, WorkspaceError> {
    crate::lint::run(files, None, date(2026, 11, 21))
}

/// The playbook after everything was mended, and what was done; nothing is left to
/// mend afterwards.
fn mended(playbook: &str) -> (String, Vec<String>) {
    let mut files = workspace(playbook);
    let mended = mend(&files, &lint).unwrap();
    let Some(file) = mended.files.first() else {
        return (playbook.to_owned(), Vec::new());
    };
    assert_eq!(mended.files.len(), 1);
    assert_eq!(file.path, PLAYBOOK);
    assert_eq!(file.before, playbook.as_bytes());
    let after = String::from_utf8(file.after.clone()).unwrap();
    files.0.insert(PLAYBOOK.to_owned(), after.clone());
    let again = mend(&files, &lint).unwrap();
    assert!(again.files.is_empty(), "{:?}", again.files);
    let count = |linted: &Linted| linted.findings.len();
    assert_eq!(count(&again.linted), count(&mended.linted));
    let told = |fix: &Applied| format!("{}: {} {}", fix.line, fix.code.id(), fix.title);
    (after, file.fixes.iter().map(told).collect())
}

/// Nothing of this is mended.
fn stays(playbook: &str) {
    assert_eq!(
        mended(playbook),
        (playbook.to_owned(), vec![]),
        "{playbook}"
    );
}

#[test]
fn a_misspelt_key_is_renamed_and_all_around_it_stays() {
    let before = "\
# titel: not a key
key:   outage
titel :  \"Outage\"   # titel
access: all


checklists:
    -   key: a
        title: >-
          titel: neither

          is this
        tasks: [ { key: x , titel: X,   'asign': commander } , # asign
                 { \"key\":z,\"title\":\"Z\" } ]
";
    let (after, fixes) = mended(before);
    let expected = before
        .replace("titel :", "title :")
        .replace("titel: X", "title: X")
        .replace("'asign'", "'assign'");
    assert_eq!(after, expected);
    assert_eq!(
        fixes,
        [
            "3: P-09 rename `titel` to `title`",
            "13: P-09 rename `asign` to `assign`",
            "13: P-09 rename `titel` to `title`",
        ]
    );
}

#[test]
fn line_breaks_and_a_byte_order_mark_stay() {
    let before = "\u{feff}key: outage\r\ntitel: Outage\r\naccess: all # ä\r\nchecklists: []\r\n";
    let (after, _) = mended(before);
    assert_eq!(after, before.replace("titel", "title"));
}

#[test]
fn what_an_alias_repeats_is_mended_once() {
    let before = format!(
        "{HEAD}checklists:
  - key: a
    title: A
    tasks: &tasks
      - {{ key: x, titel: X }}
  - key: b
    title: B
    tasks: *tasks
"
    );
    let (after, fixes) = mended(&before);
    assert_eq!(after, before.replace("titel", "title"));
    assert_eq!(fixes, ["8: P-09 rename `titel` to `title`"]);
}

#[test]
fn the_words_of_mattermost_are_renamed_however_deep_they_stand() {
    let before = "\
key: outage
name: Outage
access: all
stages: # the whole work
  - key: a
    name: A
    items:
      - { key: x, name: X, assignee: commander }
start: { message_on_join: Welcome }
updates: { reminder: 30m }
";
    let (after, fixes) = mended(before);
    let expected = "\
key: outage
title: Outage
access: all
checklists: # the whole work
  - key: a
    title: A
    tasks:
      - { key: x, title: X, assign: commander }
start: { welcome: Welcome }
updates: { every: 30m }
";
    assert_eq!(after, expected);
    assert_eq!(fixes.len(), 8, "{fixes:#?}");
}

#[test]
fn a_key_whose_value_does_not_fit_the_new_name_is_left_alone() {
    for rest in [
        // A person would be `user:bob`.
        "checklists:\n- { key: a, title: A, tasks: [{ key: x, title: X, assignee: bob }] }\n",
        // One channel is a mapping, and this is a list.
        "checklists: []\nstart: { channels: [~a] }\n",
        // What stands below is wrong, too.
        "stages:\n- { key: a, title: A, items: [{ titel: X }] }\n",
        // Seconds are no span of time.
        "checklists: []\nupdates: { reminder: 30 }\n",
    ] {
        stays(&format!("{HEAD}{rest}"));
    }
}

#[test]
fn where_more_than_one_answer_is_possible_nobody_guesses() {
    for playbook in [
        // Both mean the title.
        "key: outage\ntitel: Outage\ntitl: Outage\naccess: all\nchecklists: []\n",
        // There is one already.
        &format!("{HEAD}titel: Outage\nchecklists: []\n"),
        // As near to `team` as to `teams`.
        &format!("{HEAD}teamz: ops\nchecklists: []\n"),
        // Near to nothing.
        &format!("{HEAD}colour: red\nchecklists: []\n"),
    ] {
        stays(playbook);
    }
}

#[test]
fn one_that_does_not_fit_keeps_none_of_the_others_back() {
    let tasks: Vec<String> = (0..20)
        .map(|n| {
            let who = if n % 7 == 3 { "bob" } else { "commander" };
            format!("  - {{ key: t{n}, title: T{n}, assignee: {who} }}\n")
        })
        .collect();
    let list = "checklists:\n- key: a\n  title: A\n  tasks:\n";
    let before = format!("{HEAD}{list}{}", tasks.concat());
    let (after, fixes) = mended(&before);
    assert_eq!(
        after,
        before.replace("assignee: commander", "assign: commander")
    );
    assert_eq!(fixes.len(), 17);
}

#[test]
fn more_fixes_than_one_run_tells_are_made_in_rounds() {
    let tasks: Vec<String> = (0..250)
        .map(|n| format!("  - {{ key: t{n}, titel: T{n} }}\n"))
        .collect();
    let list = "checklists:\n- key: a\n  title: A\n  tasks:\n";
    let before = format!("{HEAD}{list}{}", tasks.concat());
    let (after, fixes) = mended(&before);
    assert_eq!(after, before.replace("titel", "title"));
    assert_eq!(fixes.len(), 250);
}

#[test]
fn what_yaml_1_1_reads_otherwise_is_put_in_quotes() {
    let before = format!(
        "{HEAD}# on
description: on # on
start: {{ channel: {{category: On}}, number_prefix: 017 }} # a number, and no text
checklists: [{{ key: on, title: 'on', tasks: [{{key: a,title: On}}, &t {{ key: b, title: off }}, *t] }}]
"
    );
    let after = before
        .replace("description: on", "description: \"on\"")
        .replace("category: On", "category: \"On\"")
        .replace("key: on", "key: \"on\"")
        .replace("title: On", "title: \"On\"")
        .replace("title: off", "title: \"off\"");
    let prefix = |text: &str| text.replace("017", "OUT");
    assert_eq!(mended(&prefix(&before)).0, prefix(&after));
    // Nobody knows whether a number was meant, and so the file stays wrong.
    stays(&before);
}

#[test]
fn blanks_around_titles_are_removed() {
    let before = "\
key: outage
title: ' Outage  '\r
access: all
checklists:
  - { key: a, title: \"A \", tasks: [{ key: x, title: \"\tDo ' it ' \" }, { key: z, title: \"Z\\t\" }] }
";
    let after = before
        .replace("' Outage  '", "'Outage'")
        .replace("\"A \"", "\"A\"")
        .replace("\"\tDo ' it ' \"", "\"Do ' it '\"");
    let (mended, fixes) = mended(before);
    assert_eq!(mended, after);
    assert_eq!(fixes[0], "2: K-10 remove the spaces around this title");
}

#[test]
fn what_is_excused_or_off_is_left_alone() {
    let excused = "description: on # lint: allow(P-11) only warroom reads it\n";
    stays(&format!("{HEAD}{excused}checklists: []\n"));
    let mut files = workspace(&format!("{HEAD}description: on\nchecklists: []\n"));
    let off = format!("{SETTINGS}lint: {{ levels: {{ P-11: \"off\" }} }}\n");
    files.0.insert("warroom.yaml".to_owned(), off);
    assert!(mend(&files, &lint).unwrap().files.is_empty());
}

#[test]
fn settings_and_permissions_are_mended_too() {
    let mut files = workspace(&format!("{HEAD}checklists: []\n"));
    let settings = "format: 1\nworkspace: acme\ntaem: ops\n";
    files
        .0
        .insert("warroom.yaml".to_owned(), settings.to_owned());
    let permissions = "profile: { all: {} }\n";
    files
        .0
        .insert("permissions.yaml".to_owned(), permissions.to_owned());
    let mended = mend(&files, &lint).unwrap();
    let after: Vec<&[u8]> = mended.files.iter().map(|file| &file.after[..]).collect();
    assert_eq!(after, [PERMISSIONS.as_bytes(), SETTINGS.as_bytes()]);
}

/// A rule of its own about valid files: `bad` should be `good`, and one `good` is enough.
fn one_good(files: &dyn Files) -> Result<Linted, WorkspaceError> {
    let text = String::from_utf8(files.read(PLAYBOOK)?.unwrap()).unwrap();
    let source = Arc::new(Source::new(PLAYBOOK, text));
    let finding = |code, at: usize, length, message: &str| {
        Finding::new(code, &source, Span::new(at, at + length), message)
    };
    let mut findings = Vec::new();
    for (at, word) in source.text().match_indices("bad") {
        let found = finding(Code::TaskWording, at, word.len(), "this is bad");
        let fix = Fix::replace("write `good`", found.span, "good");
        findings.push(found.fix(fix));
    }
    for (at, word) in source.text().match_indices("good").skip(1) {
        findings.push(finding(
            Code::DuplicateTask,
            at,
            word.len(),
            "one is enough",
        ));
    }
    Ok(Linted {
        findings,
        files: 1,
        not_checked: Vec::new(),
        not_compared: Vec::new(),
    })
}

#[test]
fn a_fix_that_brings_another_finding_is_dropped() {
    let files = workspace(&format!("{HEAD}description: bad, bad\nchecklists: []\n"));
    let mended = mend(&files, &one_good).unwrap();
    assert_eq!(
        mended.files[0].after,
        format!("{HEAD}description: good, bad\nchecklists: []\n").as_bytes()
    );
    assert_eq!(mended.files[0].fixes.len(), 1);
    assert_eq!(mended.linted.findings.len(), 1);
}

#[test]
fn what_changes_only_the_look_is_mended_however_much_of_it_is_told_at_once() {
    // A rule that tells two of many: what is told afterwards was there before.
    let two = |files: &dyn Files| {
        let mut linted = one_good(files)?;
        let quoted = |f: &Finding| f.source.text()[..f.span.start as usize].ends_with('"');
        linted.findings.retain(|finding| !quoted(finding));
        linted.findings.truncate(2);
        for finding in &mut linted.findings {
            let text = yaml::in_double_quotes("bad");
            finding.fix = Some(Box::new(Fix::replace(
                "put it in quotes",
                finding.span,
                text,
            )));
        }
        Ok(linted)
    };
    let before = format!("{HEAD}checklists: []\nteams: [bad, bad, bad, bad, bad]\n");
    let mended = mend(&workspace(&before), &two).unwrap();
    let after = before.replace("bad", "\"bad\"");
    assert_eq!(mended.files[0].after, after.as_bytes());
    assert!(mended.linted.findings.is_empty());
}

#[test]
fn a_fix_that_would_break_the_file_is_dropped() {
    let breaking = |files: &dyn Files| {
        let mut linted = one_good(files)?;
        for finding in &mut linted.findings {
            let span = finding.span;
            finding.fix = Some(Box::new(Fix::replace("break it", span, "\"")));
        }
        Ok(linted)
    };
    let files = workspace(&format!("{HEAD}description: bad\nchecklists: []\n"));
    let mended = mend(&files, &breaking).unwrap();
    assert!(mended.files.is_empty());
}
