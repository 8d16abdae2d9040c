//! A workspace from a stranger's pull request: it gets no token, no variable, no
//! file outside, and no command.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use warroom::clock::Clock;
use warroom::exit::ExitStatus;
use warroom::sandbox::{Options, start};

use crate::support::Warroom;

const CANARY: &str = "canary-7c1f0a9e55d24b";

const PERMISSIONS: &str = "\
profiles:
  open:
    playbook: { visibility: public, edit: [carol] }
    incident: { channel: public }
";

fn settings(url: &str) -> String {
    format!("format: 1\nworkspace: acme\nteam: ops\nserver: {{ url: \"{url}\" }}\n")
}

fn playbook(more: &str) -> String {
    format!(
        "\
key: outage
title: Outage
access: open
checklists:
  - key: triage
    title: Triage
    tasks:
      - {{ key: confirm, title: Confirm the outage }}
{more}"
    )
}

/// Somebody else's machine, which counts who calls.
struct Stranger {
    url: String,
    calls: Arc<AtomicUsize>,
}

impl Stranger {
    fn listen() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let calls = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&calls);
        std::thread::spawn(move || {
            for call in listener.incoming() {
                counter.fetch_add(1, Ordering::SeqCst);
                drop(call);
            }
        });
        Self { url, calls }
    }

    fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
}

/// Every verb that talks to a server.
const TALKING: [&[&str]; 7] = [
    &["plan"],
    &["sync", "--yes"],
    &["doctor"],
    &["run", "list"],
    &["run", "show", "--incident", "x"],
    &["run", "start", "outage", "--name", "x"],
    &["run", "export", "--incident", "x"],
];

#[test]
fn the_server_of_a_workspace_is_never_called_with_a_token_of_another() {
    let stranger = Stranger::listen();
    let server = start(Options::local(Arc::new(warroom::clock::SystemClock))).unwrap();
    let here = Warroom::new()
        .file("warroom.yaml", settings(&stranger.url))
        .file("permissions.yaml", PERMISSIONS)
        .file("playbooks/outage.yaml", playbook(""))
        .variable("WARROOM_SERVER", &server.url())
        .variable("WARROOM_TOKEN", &server.token("admin"));
    for verb in TALKING {
        here.run(verb);
    }
    assert!(
        !server.log().is_empty(),
        "the server asked for was talked to"
    );
    assert_eq!(stranger.calls(), 0);
}

#[test]
fn a_token_without_its_server_goes_nowhere() {
    let stranger = Stranger::listen();
    let here = Warroom::new()
        .file("warroom.yaml", settings(&stranger.url))
        .file("permissions.yaml", PERMISSIONS)
        .file("playbooks/outage.yaml", playbook(""))
        .variable("WARROOM_TOKEN", CANARY);
    for verb in TALKING {
        let ran = here.run(verb);
        assert_ne!(ran.status, ExitStatus::Done, "{verb:?}");
        assert!(!ran.transcript().contains(CANARY), "{verb:?}");
    }
    assert_eq!(stranger.calls(), 0);
}

#[test]
fn a_stored_token_is_not_for_the_server_that_a_workspace_chooses() {
    let stranger = Stranger::listen();
    let clock: Arc<dyn Clock> = Arc::new(warroom::clock::SystemClock);
    let server = start(Options::local(clock)).unwrap();
    let here = Warroom::new()
        .file("warroom.yaml", settings(&server.url()))
        .file("permissions.yaml", PERMISSIONS)
        .file("playbooks/outage.yaml", playbook(""))
        .typing(&format!("{}\n", server.token("admin")));
    let login = here.run(&["login", &server.url(), "--token-stdin"]);
    assert_eq!(login.status, ExitStatus::Done, "{}", login.err);
    assert_eq!(here.run(&["run", "list"]).status, ExitStatus::Done);

    here.write("warroom.yaml", settings(&stranger.url));
    for verb in TALKING {
        assert_ne!(here.run(verb).status, ExitStatus::Done, "{verb:?}");
    }
    assert_eq!(stranger.calls(), 0);
}

#[test]
fn no_variable_of_the_environment_can_be_named() {
    for name in [
        "WARROOM_TOKEN",
        "HOME",
        "PATH",
        "AWS_SECRET_ACCESS_KEY",
        "warroom_secret_x",
    ] {
        let hooks = format!("start: {{ webhooks: [{{ env: {name} }}] }}\n");
        let here = Warroom::new()
            .file("warroom.yaml", settings("https://chat.example.com"))
            .file("permissions.yaml", PERMISSIONS)
            .file("playbooks/outage.yaml", playbook(&hooks))
            .variable(name, CANARY);
        let ran = here.run(&["validate"]);
        assert_eq!(ran.status, ExitStatus::Findings, "{name}: {}", ran.out);
        assert!(!ran.transcript().contains(CANARY), "{name}");
    }
}

#[test]
fn no_file_outside_is_read() {
    for path in [
        "../secret.j2",
        "/etc/secret.j2",
        "templates/../../secret.j2",
        "templates/link.j2",
    ] {
        let here = Warroom::new()
            .file("secret.j2", CANARY)
            .file("inner/warroom.yaml", settings("https://chat.example.com"))
            .file("inner/permissions.yaml", PERMISSIONS)
            .file(
                "inner/playbooks/outage.yaml",
                playbook(&format!("start: {{ welcome: {path} }}\n")),
            )
            .file("inner/templates/fine.j2", "fine");
        #[cfg(unix)]
        std::os::unix::fs::symlink(
            here.root().join("secret.j2"),
            here.root().join("inner/templates/link.j2"),
        )
        .unwrap();
        let ran = here.run(&["-C", "inner", "validate"]);
        assert_eq!(ran.status, ExitStatus::Findings, "{path}: {}", ran.out);
        assert!(!ran.transcript().contains(CANARY), "{path}");
    }
}

#[test]
fn no_template_reads_variables_files_or_other_templates() {
    for text in [
        "{{ env('HOME') }}",
        "{% include '../secret.j2' %}",
        "{% import 'secret.j2' as s %}",
        "{{ incident.__class__ }}",
        "{{ self }}",
        "{{ debug() }}",
        "{{ range(100000000) | list }}",
    ] {
        let here = Warroom::new()
            .file("warroom.yaml", settings("https://chat.example.com"))
            .file("permissions.yaml", PERMISSIONS)
            .file("templates/t.j2", text)
            .file("templates/secret.j2", CANARY)
            .file(
                "playbooks/outage.yaml",
                playbook("start: { welcome: templates/t.j2 }\n"),
            )
            .variable("HOME", CANARY);
        let ran = here.run(&["validate"]);
        assert_eq!(ran.status, ExitStatus::Findings, "{text}: {}", ran.out);
        assert!(!ran.transcript().contains(CANARY), "{text}");
    }
}

#[test]
fn an_export_runs_no_hook() {
    let clock: Arc<dyn Clock> = Arc::new(warroom::clock::SystemClock);
    let server = start(Options::local(clock)).unwrap();
    let here = Warroom::new()
        .file("warroom.yaml", settings(&server.url()))
        .file("permissions.yaml", PERMISSIONS)
        .file("playbooks/outage.yaml", playbook(""))
        .variable("WARROOM_SERVER", &server.url())
        .variable("WARROOM_TOKEN", &server.token("alice"));
    let git = git2::Repository::init(here.root()).unwrap();
    let mut config = git.config().unwrap();
    config.set_str("user.name", "Ada").unwrap();
    config.set_str("user.email", "ada@example.com").unwrap();
    for hook in [
        "pre-commit",
        "post-commit",
        "prepare-commit-msg",
        "commit-msg",
        "post-index-change",
    ] {
        let path = here.root().join(".git/hooks").join(hook);
        here.write(
            &format!(".git/hooks/{hook}"),
            "#!/bin/sh\ntouch \"$(dirname \"$0\")/ran\"\n",
        );
        #[cfg(unix)]
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755))
            .unwrap();
    }
    for line in [
        &["sync", "--yes"] as &[&str],
        &["run", "start", "outage", "--name", "x"],
        &["run", "end", "--yes"],
        &["run", "export"],
    ] {
        let ran = here.run(line);
        assert_eq!(ran.status, ExitStatus::Done, "{line:?}: {}", ran.err);
    }
    assert!(git.head().is_ok(), "there is a commit");
    assert!(!here.root().join(".git/hooks/ran").exists());
}
