//! `warroom validate`: the example is clean, and every mistake is shown where it is.

use std::fmt::Write;

use insta::assert_snapshot;
use warroom::exit::ExitStatus;

use crate::support::{Ran, Warroom};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures");

/// A small workspace without mistakes.
fn workspace() -> Warroom {
    Warroom::new().copy(format!("{FIXTURES}/workspace"))
}

/// The text of the only playbook of the small workspace.
fn playbook() -> String {
    std::fs::read_to_string(format!("{FIXTURES}/workspace/playbooks/outage.yaml")).unwrap()
}

fn with_playbook(bytes: impl AsRef<[u8]>) -> Ran {
    workspace()
        .file("playbooks/outage.yaml", bytes)
        .run(&["validate"])
}

#[test]
fn the_example_has_no_findings() {
    let ran = Warroom::new()
        .copy(format!("{FIXTURES}/example"))
        .run(&["validate"]);
    assert_snapshot!(ran.transcript(), @r"
    exit: 0
    --- stdout
    --- stderr
    9 files, no findings
    ");
}

#[test]
fn the_repository_itself_has_no_findings() {
    let root = env!("CARGO_MANIFEST_DIR");
    let ran = Warroom::new().run(&["validate", "--directory", root]);
    assert_eq!(ran.status, ExitStatus::Done, "{}", ran.out);
    assert_eq!(ran.out, "");
}

#[test]
fn a_folder_without_a_workspace_says_how_to_begin_one() {
    let ran = Warroom::new().run(&["validate"]);
    assert_snapshot!(ran.transcript(), @r"
    exit: 1
    --- stdout
    --- stderr
    error: found no `warroom.yaml` in `[ROOT]` or a folder above it
    help: go to the folder of a workspace, or write one with `warroom init`
    ");
}

#[test]
fn every_mistake_is_reported_where_it_stands() {
    let mut folders: Vec<_> = std::fs::read_dir(format!("{FIXTURES}/errors"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    folders.sort();
    assert!(folders.len() > 50, "fixtures went missing");
    for folder in folders {
        let folder = camino::Utf8PathBuf::from_path_buf(folder).unwrap();
        let ran = workspace().copy(&folder).run(&["validate"]);
        insta::with_settings!({
            snapshot_path => folder.as_std_path(),
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, {
            assert_snapshot!("report", ran.transcript());
        });
        assert_eq!(ran.status, ExitStatus::Findings, "{folder}");
        assert!(
            !format!("{ran:?}").contains("T0K3N"),
            "{folder} shows a secret"
        );
    }
}

#[test]
fn a_byte_order_mark_is_accepted_and_takes_no_column() {
    let ran = with_playbook(format!("\u{feff}{}", playbook()));
    assert_eq!(ran.status, ExitStatus::Done, "{}", ran.out);
    let slip = playbook().replacen("key:", "kei:", 1);
    let ran = with_playbook(format!("\u{feff}{slip}"));
    assert_snapshot!(ran.out, @r"
    error[P-09] unknown-key: a playbook has no key `kei`
       ╭─[playbooks/outage.yaml:1:1]
     1 │ kei: outage
       · ─┬─
       ·  ╰── did you mean `key`?
     2 │ title: Service outage
       ╰────
      help: the keys of a playbook are `key`, `title`, `description`, `team`, `teams`, `access`,
            `review`, `start`, `attributes`, `progression`, `checklists`, `updates`, `retrospective`,
            `templates`, `unmanaged`, `moved_from` and 1 more
    ");
}

#[test]
fn windows_line_endings_are_accepted_and_columns_stay_right() {
    let windows = playbook().replace('\n', "\r\n");
    assert_eq!(with_playbook(&windows).status, ExitStatus::Done);
    let ran = with_playbook(windows.replace("assign: commander", "assign: 👩‍🚒, asign: x"));
    assert_snapshot!(ran.out, @r"
    error[Y-01] invalid-yaml: this `:` is in the middle of a value
        ╭─[playbooks/outage.yaml:19:27]
     18 │         title: Confirm the outage
     19 │         assign: 👩‍🚒, asign: x
        ·                            ┬
        ·                            ╰── if the colon belongs to the text, put the whole text in quotes
     20 │         due: 10m
        ╰────
      help: otherwise write `key: value` on a line of its own; all keys of a mapping begin in the same
            column
    ");
    let ran = with_playbook(windows.replace("invite: [", "invite: [dävid, grüße, "));
    assert_snapshot!(ran.out, @r"
    error[Y-14] invalid-value: `dävid` is not a person: write a username such as `carol`, or
      │ `group:NAME`
       ╭─[playbooks/outage.yaml:7:12]
     6 │   commander: carol
     7 │   invite: [dävid, grüße, group:sre]
       ·            ──┬──
       ·              ╰── for example `carol`
     8 │ 
       ╰────

    error[Y-14] invalid-value: `grüße` is not a person: write a username such as `carol`, or
      │ `group:NAME`
       ╭─[playbooks/outage.yaml:7:19]
     6 │   commander: carol
     7 │   invite: [dävid, grüße, group:sre]
       ·                   ──┬──
       ·                     ╰── for example `carol`
     8 │ 
       ╰────
    ");
}

#[test]
fn bytes_that_are_not_utf_8_are_shown_up_to_the_first() {
    let mut bytes = playbook().into_bytes();
    let at = playbook().find("outage").unwrap();
    bytes[at] = 0xe9;
    assert_snapshot!(with_playbook(bytes).transcript(), @r"
    exit: 2
    --- stdout
    error[Y-02] not-utf-8: the file is not UTF-8: the byte 0xE9 is not allowed here
       ╭─[playbooks/outage.yaml:1:6]
     1 │ key: �
       ·      ┬
       ·      ╰── save the file as UTF-8
       ╰────
    --- stderr
    1 error in 1 file
    ");
}

#[test]
fn a_file_over_a_mebibyte_is_not_read() {
    let large = format!("{}#{}\n", playbook(), "x".repeat(1 << 20));
    assert_snapshot!(with_playbook(large).transcript(), @r"
    exit: 2
    --- stdout
    error[Y-03] file-too-large: the file is larger than 1 MiB
       ╰─[playbooks/outage.yaml]
      help: split it, or move long texts into a runbook and link to it
    --- stderr
    1 error in 1 file
    ");
}

#[test]
fn aliases_that_explode_are_refused() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..10 {
        let again = vec![format!("*a{}", level - 1); 10].join(", ");
        writeln!(text, "a{level}: &a{level} [{again}]").unwrap();
    }
    assert_snapshot!(with_playbook(text).transcript(), @r"
    exit: 2
    --- stdout
    error[Y-05] alias-expansion: the aliases of this file repeat more than 10,000 values
       ╭─[playbooks/outage.yaml:4:45]
     3 │ a2: &a2 [*a1, *a1, *a1, *a1, *a1, *a1, *a1, *a1, *a1, *a1]
     4 │ a3: &a3 [*a2, *a2, *a2, *a2, *a2, *a2, *a2, *a2, *a2, *a2]
       ·                                             ─┬─
       ·                                              ╰── write the values here instead
     5 │ a4: &a4 [*a3, *a3, *a3, *a3, *a3, *a3, *a3, *a3, *a3, *a3]
       ╰────
    --- stderr
    1 error in 1 file
    ");
}

#[test]
fn seventy_levels_are_refused_in_both_styles() {
    let flow = format!("key: {}x{}\n", "[".repeat(70), "]".repeat(70));
    assert_snapshot!(with_playbook(flow).out, @r"
    error[Y-04] too-deep: lists and mappings are nested more than 64 levels deep
       ╭─[playbooks/outage.yaml:1:69]
     1 │ key: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[x]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]
       ·                                                                     ┬
       ·                                                                     ╰── use fewer levels
       ╰────
    ");
    let mut block = String::new();
    for level in 0..70 {
        writeln!(block, "{}a:", " ".repeat(level)).unwrap();
    }
    assert_snapshot!(with_playbook(block).out, @r"
    error[Y-04] too-deep: lists and mappings are nested more than 64 levels deep
        ╭─[playbooks/outage.yaml:65:65]
     64 │                                                                a:
     65 │                                                                 a:
        ·                                                                 ▲
        ·                                                                 ╰── use fewer levels
     66 │                                                                  a:
        ╰────
    ");
}

#[test]
fn programs_get_one_object_with_a_version() {
    let ran = workspace()
        .copy(format!("{FIXTURES}/errors/duplicate-playbook-key"))
        .run(&["validate", "--format", "json"]);
    assert_snapshot!(ran.transcript(), @r#"
    exit: 2
    --- stdout
    {
      "version": 1,
      "findings": [
        {
          "code": "P-01",
          "name": "duplicate-key",
          "level": "error",
          "message": "the key `outage` is already used by `playbooks/old/outage.yaml`",
          "help": "choose another key",
          "file": "playbooks/outage.yaml",
          "line": 1,
          "column": 6,
          "end_line": 1,
          "end_column": 12,
          "fingerprint": "59d59a33200ef18c7ff288e58d643887",
          "related": [
            {
              "message": "first used here",
              "file": "playbooks/old/outage.yaml",
              "line": 1,
              "column": 6
            }
          ]
        }
      ]
    }
    --- stderr
    1 error in 1 file
    "#);
    let clean = workspace().run(&["validate", "--format", "json"]);
    assert_snapshot!(clean.transcript(), @r#"
    exit: 0
    --- stdout
    {
      "version": 1,
      "findings": []
    }
    --- stderr
    4 files, no findings
    "#);
}

#[test]
fn a_workspace_is_found_from_a_folder_inside_of_it() {
    let ran = workspace().run(&["validate", "-C", "playbooks"]);
    assert_eq!(ran.status, ExitStatus::Done, "{}", ran.err);
}

#[test]
fn nothing_in_a_file_steers_the_terminal() {
    let ran = workspace()
        .file(
            "templates/other.md.j2",
            "{{ \u{1b}]0;owned\u{7} \u{202e} }\n",
        )
        .file(
            "playbooks/outage.yaml",
            playbook().replace("due: 10m", "due: \"\\e[31m\\nred\""),
        )
        .run(&["validate"]);
    assert_eq!(ran.status, ExitStatus::Findings);
    assert!(
        ran.out.chars().all(|c| c == '\n' || !c.is_control()),
        "{:?}",
        ran.out
    );
    assert!(!ran.out.contains('\u{202e}'));
}

#[test]
fn a_line_that_fills_the_screen_is_not_drawn() {
    let long = playbook().replace(
        "title: Service outage",
        &format!("title: [{}]", "x, ".repeat(500)),
    );
    assert_snapshot!(with_playbook(long).out, @r"
    error[Y-12] wrong-type: `title` takes text such as `Service outage`, but this is a list
       ╰─[playbooks/outage.yaml:2:8]
      help: write a value such as `Service outage`
    ");
}

#[cfg(unix)]
#[test]
fn links_never_lead_out_of_the_workspace() {
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("secret.yaml"), "key: [T0K3N\n").unwrap();
    std::fs::write(outside.path().join("secret.md.j2"), "{{ T0K3N\n").unwrap();
    let workspace = workspace();
    let link = |from: &str, to: &str| {
        std::os::unix::fs::symlink(outside.path().join(from), workspace.root().join(to)).unwrap();
    };
    link("secret.yaml", "playbooks/secret.yaml");
    link("", "playbooks/folder");
    link("secret.md.j2", "templates/secret.md.j2");
    assert_snapshot!(workspace.run(&["validate"]).transcript(), @r"
    exit: 2
    --- stdout
    error[Y-18] outside-workspace: the file was not read: it is a link to a folder, and such are not
      │ followed
       ╰─[playbooks/folder]
      help: put a plain file or folder there: links are followed only to files inside the workspace

    error[Y-18] outside-workspace: the file was not read: it lies outside the workspace
       ╰─[playbooks/secret.yaml]
      help: put a plain file or folder there: links are followed only to files inside the workspace

    error[Y-18] outside-workspace: the file was not read: it lies outside the workspace
       ╰─[templates/secret.md.j2]
      help: put a plain file or folder there: links are followed only to files inside the workspace
    --- stderr
    3 errors in 3 files
    ");
}

#[cfg(unix)]
#[test]
fn files_that_cannot_be_read_are_findings_beside_all_others() {
    let workspace = workspace();
    let link = |to: &str, from: &str| {
        std::os::unix::fs::symlink(to, workspace.root().join(from)).unwrap();
    };
    link("loop.yaml", "playbooks/loop.yaml");
    link("loop.md.j2", "templates/loop.md.j2");
    let settings = std::fs::read_to_string(workspace.root().join("warroom.yaml")).unwrap();
    let far = format!("templates/{}.j2", "x".repeat(5_000));
    workspace.write(
        "warroom.yaml",
        format!("{settings}templates: {{ announcement: templates/loop.md.j2, postmortem:\n    {far} }}\n"),
    );
    workspace.write("permissions.yaml", "sink: 1\n");
    let ran = workspace.run(&["validate"]);
    assert_snapshot!(ran.transcript(), @r"
    exit: 2
    --- stdout
    error[P-09] unknown-key: `permissions.yaml` has no key `sink`
       ╭─[permissions.yaml:1:1]
     1 │ sink: 1
       · ──┬─
       ·   ╰── remove it
       ╰────
      help: the keys of `permissions.yaml` are `groups`, `profiles`, `server`

    error[Y-19] unreadable: the file cannot be read: filesystem loop or indirection limit (e.g.
      │ symlink loop)
       ╰─[playbooks/loop.yaml]
      help: make it a plain file that whoever runs warroom may read

    error[Y-19] unreadable: the file cannot be read: filesystem loop or indirection limit (e.g.
      │ symlink loop)
       ╰─[templates/loop.md.j2]
      help: make it a plain file that whoever runs warroom may read
        ╭─[warroom.yaml:12:28]
     11 │   scribe: { title: Scribe }
     12 │ templates: { announcement: templates/loop.md.j2, postmortem:
        ·                            ──────────┬─────────
        ·                                      ╰── it is named here
        ╰────

    error[Y-19] unreadable: the file cannot be read: invalid filename
       ╰─[templates/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…]
      help: make it a plain file that whoever runs warroom may read
       ╰─[warroom.yaml:13:5] it is named here
    --- stderr
    4 errors in 4 files
    ");
    let ran = workspace.run(&["validate", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(json["findings"].as_array().unwrap().len(), 4);
}

#[cfg(unix)]
#[test]
fn a_linked_folder_or_a_link_to_nowhere_is_not_passed_over() {
    let workspace = workspace();
    let link = |to: &str, from: &str| {
        std::os::unix::fs::symlink(to, workspace.root().join(from)).unwrap();
    };
    let root = workspace.root();
    std::fs::rename(root.join("playbooks"), root.join("elsewhere")).unwrap();
    std::fs::remove_file(root.join("permissions.yaml")).unwrap();
    link("elsewhere", "playbooks");
    link("nowhere.yaml", "permissions.yaml");
    assert_snapshot!(workspace.run(&["validate"]).transcript(), @r"
    exit: 2
    --- stdout
    error[Y-18] outside-workspace: the file was not read: it is a link that leads nowhere
       ╰─[permissions.yaml]
      help: put a plain file or folder there: links are followed only to files inside the workspace

    error[Y-18] outside-workspace: the file was not read: it is a link to a folder, and such are not
      │ followed
       ╰─[playbooks]
      help: put a plain file or folder there: links are followed only to files inside the workspace
    --- stderr
    2 errors in 2 files
    ");
}

#[test]
fn addresses_that_cannot_be_used_are_findings_and_never_show_a_password() {
    let settings = |more: &str| {
        let text = std::fs::read_to_string(format!("{FIXTURES}/workspace/warroom.yaml")).unwrap();
        let kept = text.lines().filter(|line| !line.starts_with("server:"));
        kept.chain([more]).collect::<Vec<_>>().join("\n") + "\n"
    };
    for address in [
        "https://u:CANARY@evil/?x=",
        "https://u:CANARY @evil",
        "https://ex ample",
        "https://[::1",
        "https://",
        "https://a/../b",
        "https://a/?b",
        "chat.example.com",
    ] {
        for line in [
            format!("server: {{ url: \"{address}\", tear: core }}"),
            format!("source_url: \"{address}\""),
        ] {
            // A path may have a query where people read files.
            if line.starts_with("source") && address.starts_with("https://a/") {
                continue;
            }
            for format in ["human", "json"] {
                let ran = workspace()
                    .file("warroom.yaml", settings(&line))
                    .run(&["validate", "--format", format]);
                assert_eq!(ran.status, ExitStatus::Findings, "{line}");
                let told = ran.out.to_lowercase();
                assert!(told.contains("url") || told.contains("address"), "{told}");
                assert!(
                    !format!("{ran:?}").contains("CANARY"),
                    "{line}: {}",
                    ran.out
                );
            }
        }
    }
    let line = "server: { url: \"https://u:CANARY@evil/?x=\", tear: core }";
    let ran = workspace()
        .file("warroom.yaml", settings(line))
        .run(&["validate"]);
    assert_snapshot!(ran.out, @r"
    error[V-02] secret: this address contains a user name or password
        ╭─[warroom.yaml:12:16]
     11 │   scribe: { title: Scribe }
     12 │ server: { url: ***************************, tear: core }
        ·                ─────────────┬─────────────
        ·                             ╰── write the address alone, such as `https://chat.example.com`
        ╰────
      help: tokens are stored with `warroom login URL`; a password that has been in a file has to be
            changed

    error[P-09] unknown-key: `server` has no key `tear`
        ╭─[warroom.yaml:12:45]
     11 │   scribe: { title: Scribe }
     12 │ server: { url: ***************************, tear: core }
        ·                                             ──┬─
        ·                                               ╰── remove it
        ╰────
      help: the keys of `server` are `url`, `playbooks`, `tier`
    ");
    let ran = workspace()
        .file(
            "warroom.yaml",
            settings("server: { url: \"https://[::1\" }"),
        )
        .run(&["validate"]);
    assert_snapshot!(ran.out, @r#"
    error[Y-14] invalid-value: `https://[::1` is not a URL: invalid IPv6 address
        ╭─[warroom.yaml:12:16]
     11 │   scribe: { title: Scribe }
     12 │ server: { url: "https://[::1" }
        ·                ───────┬──────
        ·                       ╰── write it as `https://chat.example.com`
        ╰────
    "#);
}

#[test]
fn a_password_in_another_line_of_the_picture_is_starred_out() {
    let text = playbook().replacen(
        "title: Service outage\n",
        "title: Service outage\ndescription: see https://u:CANARY@x.example\nsink: 1\n",
        1,
    );
    let ran = with_playbook(text);
    assert_eq!(ran.status, ExitStatus::Findings);
    assert!(ran.out.contains("://********@x.example"), "{}", ran.out);
}

#[test]
fn line_breaks_of_old_are_shown_as_line_breaks() {
    let slip = playbook()
        .replacen("title:", "tite:", 1)
        .replace('\n', "\r");
    let ran = with_playbook(slip);
    assert!(!ran.out.contains('\r'));
    assert_snapshot!(ran.out, @r"
    error[P-09] unknown-key: a playbook has no key `tite`
       ╭─[playbooks/outage.yaml:2:1]
     1 │ key: outage
     2 │ tite: Service outage
       · ──┬─
       ·   ╰── did you mean `title`?
     3 │ access: incident-response
       ╰────
      help: the keys of a playbook are `key`, `title`, `description`, `team`, `teams`, `access`,
            `review`, `start`, `attributes`, `progression`, `checklists`, `updates`, `retrospective`,
            `templates`, `unmanaged`, `moved_from` and 1 more
    ");
}

#[test]
fn a_file_full_of_mistakes_is_told_in_short() {
    let unknown = (0..20_000).fold(String::new(), |mut text, n| {
        writeln!(text, "k{n}: v").unwrap();
        text
    });
    let mut tasks = playbook().split("checklists:").next().unwrap().to_owned();
    tasks.push_str("checklists:\n  - key: one\n    title: One\n    tasks:\n");
    for _ in 0..5_000 {
        tasks.push_str("      - { key: t, title: T }\n");
    }
    let list = format!("key: [{}1]\n", "1,".repeat(50_000));
    for (what, text) in [("unknown", unknown), ("tasks", tasks), ("list", list)] {
        let workspace = workspace().file("playbooks/outage.yaml", text);
        let ran = workspace.run(&["validate", "--format", "json"]);
        let json: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        let told = json["findings"].as_array().unwrap().len();
        assert!(told <= 101, "{what}: {told}");
        assert!(ran.out.len() < 100_000, "{what}: {}", ran.out.len());
    }
}

#[cfg(unix)]
#[test]
fn links_within_the_workspace_are_followed() {
    let workspace = workspace();
    let link = workspace.root().join("templates/linked.md.j2");
    std::os::unix::fs::symlink("update.md.j2", link).unwrap();
    let text = playbook().replace("templates/update", "templates/linked");
    workspace.write("playbooks/outage.yaml", text);
    let ran = workspace.run(&["validate"]);
    assert_eq!(ran.status, ExitStatus::Done, "{}", ran.out);
}

#[test]
fn a_folder_where_a_file_should_be_is_no_crash() {
    let ran = workspace()
        .file("playbooks/folder.yaml/x.txt", "")
        .file("templates/folder.md.j2/x.txt", "")
        .run(&["validate"]);
    assert_eq!(ran.status, ExitStatus::Done, "{}", ran.out);
    let text = playbook().replace("templates/update.md.j2", "templates/folder.md.j2");
    let ran = workspace()
        .file("templates/folder.md.j2/x.txt", "")
        .file("playbooks/outage.yaml", text)
        .run(&["validate"]);
    assert_snapshot!(ran.out, @r"
    error[Y-18] outside-workspace: the file was not read: it is no regular file
       ╰─[templates/folder.md.j2]
      help: put a plain file or folder there: links are followed only to files inside the workspace
        ╭─[playbooks/outage.yaml:28:13]
     27 │   every: 30m
     28 │   template: templates/folder.md.j2
        ·             ───────────┬──────────
        ·                        ╰── it is named here
     29 │   broadcast: [~incidents]
        ╰────
    ");
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_whose_name_is_not_utf_8_is_not_passed_over() {
    use std::os::unix::ffi::OsStrExt;

    let warroom = workspace();
    let name = std::ffi::OsStr::from_bytes(b"playbooks/b\xff.yaml");
    std::fs::write(warroom.root().as_std_path().join(name), playbook()).unwrap();
    let ran = warroom.run(&["validate"]);
    let said = "the file cannot be read: its name is not UTF-8: rename it";
    assert!(ran.out.contains(said), "{}", ran.out);
    assert_eq!(ran.status, ExitStatus::Findings);
}
