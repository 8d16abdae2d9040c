//! A repository in a temporary folder, and what stays untouched in it.

use camino::{Utf8Path, Utf8PathBuf};
use jiff::Timestamp;

use super::*;

struct Sandbox {
    _folder: tempfile::TempDir,
    root: Utf8PathBuf,
    git: git2::Repository,
}

fn at() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

fn new_file(path: &str, contents: &str) -> NewFile {
    NewFile {
        path: path.to_owned(),
        contents: contents.as_bytes().to_vec(),
        replaces: None,
    }
}

impl Sandbox {
    fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8PathBuf::from_path_buf(folder.path().canonicalize().unwrap()).unwrap();
        let mut options = git2::RepositoryInitOptions::new();
        let git = git2::Repository::init_opts(&root, options.initial_head("main")).unwrap();
        let mut config = git.config().unwrap();
        config.set_str("user.name", "Ada").unwrap();
        config.set_str("user.email", "ada@example.com").unwrap();
        config.set_bool("core.autocrlf", false).unwrap();
        Self {
            _folder: folder,
            root,
            git,
        }
    }

    /// One commit with `a.txt` and `sub/b.txt`.
    fn with_files() -> Self {
        let sandbox = Self::empty();
        sandbox.write("a.txt", "a");
        sandbox.write("sub/b.txt", "b");
        sandbox.stage("a.txt");
        sandbox.stage("sub/b.txt");
        sandbox.commit();
        sandbox
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    }

    fn stage(&self, path: &str) {
        let mut index = self.git.index().unwrap();
        index.read(true).unwrap();
        index.add_path(path.as_ref()).unwrap();
        index.write().unwrap();
    }

    fn commit(&self) {
        let tree = self.git.index().unwrap().write_tree().unwrap();
        let tree = self.git.find_tree(tree).unwrap();
        let who = git2::Signature::new("Bob", "bob@example.com", &git2::Time::new(0, 0)).unwrap();
        let parent = self
            .git
            .head()
            .ok()
            .map(|head| head.peel_to_commit().unwrap());
        let parents: Vec<_> = parent.iter().collect();
        self.git
            .commit(Some("HEAD"), &who, &who, "start", &tree, &parents)
            .unwrap();
    }

    fn repository(&self) -> Repository {
        Repository::discover(&self.root).unwrap().unwrap()
    }

    /// What `git status --short` would print.
    fn status(&self) -> Vec<String> {
        let mut options = git2::StatusOptions::new();
        options.include_untracked(true).recurse_untracked_dirs(true);
        let statuses = self.git.statuses(Some(&mut options)).unwrap();
        let lines = statuses
            .iter()
            .map(|entry| format!("{:?} {}", entry.status(), entry.path().unwrap()));
        lines.collect()
    }

    /// The paths that differ between a commit and its parent.
    fn changed(&self, id: CommitId) -> Vec<String> {
        let commit = self.git.find_commit(id.0).unwrap();
        let before = commit.parent(0).ok().map(|parent| parent.tree().unwrap());
        let diff = self
            .git
            .diff_tree_to_tree(before.as_ref(), Some(&commit.tree().unwrap()), None)
            .unwrap();
        let paths = diff.deltas().map(|delta| {
            delta
                .new_file()
                .path()
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned()
        });
        paths.collect()
    }
}

/// Hence `lint` needs to ask nobody whether git ignores `export.path`: it would depend on
/// settings of the machine, and on repositories that git refuses to open in CI.
#[test]
fn a_folder_that_git_ignores_is_committed_into_all_the_same() {
    let sandbox = Sandbox::with_files();
    sandbox.write(".gitignore", "/incidents/\n");
    sandbox.stage(".gitignore");
    sandbox.commit();
    assert!(sandbox.git.is_path_ignored("incidents/one.md").unwrap());
    let repository = sandbox.repository();
    for contents in ["first", "second"] {
        let target = repository.target(None).unwrap();
        let file = NewFile {
            replaces: target.read("incidents/one.md").unwrap(),
            ..new_file("incidents/one.md", contents)
        };
        let id = target.commit(&[file], "Export", at()).unwrap().unwrap();
        assert_eq!(sandbox.changed(id), ["incidents/one.md"]);
        assert_eq!(sandbox.status(), [""; 0]);
    }
}

#[test]
fn a_commit_holds_only_its_files_whatever_is_staged_or_dirty() {
    let sandbox = Sandbox::with_files();
    sandbox.write("a.txt", "dirty");
    sandbox.write("sub/b.txt", "staged");
    sandbox.stage("sub/b.txt");
    sandbox.write("new.txt", "untracked");
    let before = sandbox.status();
    let repository = sandbox.repository();
    let target = repository.target(None).unwrap();
    let files = [new_file("incidents/2026/x/incident.json", "{}")];

    let id = target
        .commit(&files, "incident: x\n\nbody", at())
        .unwrap()
        .unwrap();

    assert_eq!(sandbox.changed(id), ["incidents/2026/x/incident.json"]);
    assert_eq!(sandbox.status(), before);
    let head = sandbox.git.head().unwrap().peel_to_commit().unwrap();
    assert_eq!(head.id(), id.0);
    assert_eq!(head.author().name().unwrap(), "Ada");
    assert_eq!(head.time().seconds(), at().as_second());
    assert_eq!(
        fs_err::read_to_string(sandbox.root.join(&files[0].path)).unwrap(),
        "{}"
    );
    // Again, with a fresh view: nothing to commit.
    let repository = sandbox.repository();
    assert_eq!(
        repository
            .target(None)
            .unwrap()
            .commit(&files, "again", at())
            .unwrap(),
        None
    );
    assert_eq!(sandbox.status(), before);
}

#[test]
fn another_branch_is_made_and_the_work_tree_stays() {
    let sandbox = Sandbox::with_files();
    let repository = sandbox.repository();
    let target = repository.target(Some("incidents")).unwrap();
    let id = target
        .commit(&[new_file("x.md", "x")], "x", at())
        .unwrap()
        .unwrap();
    assert_eq!(sandbox.changed(id), ["x.md"]);
    assert!(sandbox.status().is_empty());
    assert!(!sandbox.root.join("x.md").exists());
    let target = repository.target(Some("incidents")).unwrap();
    assert_eq!(target.read("x.md").unwrap().unwrap(), b"x");
    assert_eq!(
        target.folders("").unwrap_err(),
        GitError::Path {
            path: String::new()
        }
    );
    assert_eq!(
        target.commit(&[new_file("x.md", "x")], "x", at()).unwrap(),
        None
    );
}

#[test]
fn a_new_branch_starts_where_the_origin_has_it() {
    let sandbox = Sandbox::with_files();
    let repository = sandbox.repository();
    let id = repository
        .target(Some("incidents"))
        .unwrap()
        .commit(&[new_file("x.md", "x")], "x", at())
        .unwrap()
        .unwrap();
    sandbox
        .git
        .reference("refs/remotes/origin/exports", id.0, false, "fetch")
        .unwrap();
    let target = repository.target(Some("exports")).unwrap();
    assert_eq!(target.read("x.md").unwrap().unwrap(), b"x");
    let next = target
        .commit(&[new_file("y.md", "y")], "y", at())
        .unwrap()
        .unwrap();
    assert_eq!(sandbox.changed(next), ["y.md"]);
}

#[test]
fn an_empty_repository_gets_its_first_commit() {
    let sandbox = Sandbox::empty();
    let repository = sandbox.repository();
    assert_eq!(repository.head_commit().unwrap(), None);
    let target = repository.target(None).unwrap();
    let id = target
        .commit(&[new_file("x.md", "x")], "x", at())
        .unwrap()
        .unwrap();
    assert_eq!(repository.head_commit().unwrap(), Some(id));
    assert!(sandbox.status().is_empty());
}

#[test]
fn changes_that_nobody_took_into_account_are_not_lost() {
    let sandbox = Sandbox::with_files();
    sandbox.write("a.txt", "a, edited");
    let repository = sandbox.repository();
    let target = repository.target(None).unwrap();
    let blind = new_file("a.txt", "ours");
    let error = target
        .commit(std::slice::from_ref(&blind), "x", at())
        .unwrap_err();
    assert_eq!(
        error,
        GitError::Changed {
            path: "a.txt".to_owned()
        }
    );
    assert_eq!(
        fs_err::read_to_string(sandbox.root.join("a.txt")).unwrap(),
        "a, edited"
    );

    let merged = NewFile {
        contents: b"ours and a, edited".to_vec(),
        replaces: target.read("a.txt").unwrap(),
        ..blind
    };
    assert!(target.commit(&[merged], "x", at()).unwrap().is_some());
    assert!(sandbox.status().is_empty());
}

#[test]
fn a_staged_change_that_is_not_on_disk_is_not_lost() {
    let sandbox = Sandbox::with_files();
    sandbox.write("a.txt", "staged");
    sandbox.stage("a.txt");
    sandbox.write("a.txt", "a");
    let repository = sandbox.repository();
    let target = repository.target(None).unwrap();
    let error = target
        .commit(&[new_file("a.txt", "ours")], "x", at())
        .unwrap_err();
    assert_eq!(
        error,
        GitError::Changed {
            path: "a.txt".to_owned()
        }
    );
}

#[cfg(unix)]
#[test]
fn links_lead_nowhere() {
    let sandbox = Sandbox::with_files();
    let outside = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(outside.path(), sandbox.root.join("incidents")).unwrap();
    let repository = sandbox.repository();
    let target = repository.target(None).unwrap();
    let error = target
        .commit(&[new_file("incidents/x.md", "x")], "x", at())
        .unwrap_err();
    assert!(matches!(error, GitError::Link { .. }), "{error}");
    assert_eq!(outside.path().read_dir().unwrap().count(), 0);
}

#[test]
fn paths_stay_inside() {
    let sandbox = Sandbox::with_files();
    let repository = sandbox.repository();
    let target = repository.target(None).unwrap();
    for path in [
        "../x",
        "/x",
        "a//b",
        ".git/hooks/pre-commit",
        "a/.GIT/x",
        "a\\b",
        "./x",
        "",
    ] {
        let error = target
            .commit(&[new_file(path, "x")], "x", at())
            .unwrap_err();
        assert!(matches!(error, GitError::Path { .. }), "{path}: {error}");
    }
}

#[test]
fn a_detached_head_needs_a_branch() {
    let sandbox = Sandbox::with_files();
    let head = sandbox.git.head().unwrap().target().unwrap();
    sandbox.git.set_head_detached(head).unwrap();
    let repository = sandbox.repository();
    assert_eq!(repository.target(None).err(), Some(GitError::Detached));
    let target = repository.target(Some("main")).unwrap();
    assert!(
        target
            .commit(&[new_file("x", "x")], "x", at())
            .unwrap()
            .is_some()
    );
    assert!(sandbox.status().is_empty());
}

#[test]
fn a_commit_that_fails_leaves_nothing_behind() {
    for lock in ["refs/heads/main.lock", "index.lock"] {
        for mut sandbox in [Sandbox::with_files(), Sandbox::empty()] {
            let head = sandbox.git.head().ok().and_then(|head| head.target());
            let before = sandbox.status();
            let lock = sandbox.root.join(".git").join(lock);
            fs_err::create_dir_all(lock.parent().unwrap()).unwrap();
            fs_err::write(&lock, "").unwrap();
            let repository = sandbox.repository();
            let target = repository.target(None).unwrap();
            let files = [new_file("incidents/2026/x.md", "x"), new_file("a.txt", "a")];
            let error = target.commit(&files, "x", at()).unwrap_err();
            assert!(
                error.help().unwrap().contains("another git program"),
                "{error}"
            );
            fs_err::remove_file(&lock).unwrap();
            sandbox.git = git2::Repository::open(&sandbox.root).unwrap();
            assert_eq!(sandbox.status(), before);
            assert!(!sandbox.root.join("incidents").exists());
            assert_eq!(sandbox.git.head().ok().and_then(|head| head.target()), head);
            let target = repository.target(None).unwrap();
            assert!(target.commit(&files, "x", at()).unwrap().is_some());
            sandbox.git = git2::Repository::open(&sandbox.root).unwrap();
            assert!(sandbox.status().is_empty());
        }
    }
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_written_takes_the_commit_back() {
    let sandbox = Sandbox::with_files();
    let head = sandbox.git.head().unwrap().target();
    let repository = sandbox.repository();
    let target = repository.target(None).unwrap();
    // The first file can be written; the second is longer than any file system takes.
    let long = format!("incidents/{}.md", "x".repeat(300));
    let files = [
        new_file("a.txt", "ours"),
        new_file("incidents/x.md", "x"),
        new_file(&long, "x"),
    ];
    target.commit(&files, "x", at()).unwrap_err();
    assert!(sandbox.status().is_empty(), "{:?}", sandbox.status());
    assert_eq!(
        fs_err::read_to_string(sandbox.root.join("a.txt")).unwrap(),
        "a"
    );
    assert!(!sandbox.root.join("incidents").exists());
    assert_eq!(sandbox.git.head().unwrap().target(), head);
}

#[test]
fn other_repositories_and_files_in_the_way_are_refused() {
    let sandbox = Sandbox::with_files();
    git2::Repository::init(sandbox.root.join("incidents")).unwrap();
    let repository = sandbox.repository();
    let target = repository.target(None).unwrap();
    for path in ["incidents/2026/x.md", "incidents/x.md"] {
        let error = target
            .commit(&[new_file(path, "x")], "x", at())
            .unwrap_err();
        assert!(
            matches!(&error, GitError::Nested { folder, .. } if folder == "incidents"),
            "{error}"
        );
    }
    assert!(matches!(
        target.folders("incidents"),
        Err(GitError::Nested { .. })
    ));
    for path in ["a.txt/2026/x.md", "a.txt/x.md"] {
        let error = target
            .commit(&[new_file(path, "x")], "x", at())
            .unwrap_err();
        assert!(
            matches!(&error, GitError::InTheWay { file, .. } if file == "a.txt"),
            "{error}"
        );
    }
    assert!(matches!(
        target.folders("a.txt"),
        Err(GitError::InTheWay { .. })
    ));
    assert!(error_of_branch(&sandbox, "a.txt/x.md").is_refusal());
}

/// Why a commit to a branch that is not checked out fails.
fn error_of_branch(sandbox: &Sandbox, path: &str) -> GitError {
    let repository = sandbox.repository();
    let target = repository.target(Some("elsewhere")).unwrap();
    target
        .commit(&[new_file(path, "x")], "x", at())
        .unwrap_err()
}

#[test]
fn a_submodule_is_no_folder() {
    let sandbox = Sandbox::with_files();
    let head = sandbox.git.head().unwrap().peel_to_commit().unwrap();
    let mut update = git2::build::TreeUpdateBuilder::new();
    update.upsert("incidents", head.id(), git2::FileMode::Commit);
    let tree = update
        .create_updated(&sandbox.git, &head.tree().unwrap())
        .unwrap();
    let tree = sandbox.git.find_tree(tree).unwrap();
    let who = head.author().to_owned();
    sandbox
        .git
        .commit(
            Some("refs/heads/elsewhere"),
            &who,
            &who,
            "x",
            &tree,
            &[&head],
        )
        .unwrap();
    let error = error_of_branch(&sandbox, "incidents/2026/x.md");
    assert!(matches!(error, GitError::Nested { .. }), "{error}");
}

#[test]
fn names_that_git_understands_otherwise_are_no_branches() {
    let sandbox = Sandbox::with_files();
    let repository = sandbox.repository();
    let long = "x".repeat(300);
    for name in [
        "@",
        "HEAD",
        "refs/heads/main",
        "-x",
        "a..b",
        "a b",
        "a~1",
        "x.lock",
        "/a",
        "a/",
        "",
        "a\nb",
        "@{1}",
        ".a",
        &long,
    ] {
        let error = repository.target(Some(name)).err();
        assert!(
            matches!(error, Some(GitError::BranchName { .. })),
            "{name}: {error:?}"
        );
    }
    for name in ["incidents", "team/incidents", "ä"] {
        assert!(repository.target(Some(name)).is_ok(), "{name}");
    }
    let error = repository.target(Some("main/incidents")).err();
    assert_eq!(
        error.unwrap().to_string(),
        "there can be no branch `main/incidents` beside the branch `main`"
    );
}

#[test]
fn a_branch_that_moved_is_left_alone() {
    let sandbox = Sandbox::with_files();
    let repository = sandbox.repository();
    let slow = repository.target(Some("incidents")).unwrap();
    let fast = repository.target(Some("incidents")).unwrap();
    let id = fast
        .commit(&[new_file("x", "x")], "x", at())
        .unwrap()
        .unwrap();
    let error = slow.commit(&[new_file("y", "y")], "y", at()).unwrap_err();
    assert!(matches!(error, GitError::Moved { .. }), "{error}");
    let target = repository.target(Some("incidents")).unwrap();
    assert_eq!(target.tip(), Some(id));
}

#[test]
fn without_a_name_there_is_no_commit() {
    let sandbox = Sandbox::with_files();
    sandbox
        .git
        .config()
        .unwrap()
        .set_str("user.name", " ")
        .unwrap();
    let repository = sandbox.repository();
    let target = repository.target(None).unwrap();
    let error = target.commit(&[new_file("x", "x")], "x", at()).unwrap_err();
    assert_eq!(
        error,
        GitError::Identity {
            missing: "user.name"
        }
    );
    assert_eq!(
        error.help().unwrap(),
        "run `git config user.name \"Your Name\"`"
    );
    assert!(sandbox.status().is_empty());
}

#[test]
fn a_workspace_may_be_a_folder_of_a_repository() {
    let sandbox = Sandbox::with_files();
    let folder = sandbox.root.join("sub");
    let repository = Repository::discover(&folder).unwrap().unwrap();
    let head = repository.head_commit().unwrap().unwrap();
    let files = repository.files_at(head).unwrap();
    assert_eq!(files.list().collect::<Vec<_>>(), ["b.txt"]);
    assert_eq!(files.read_file("b.txt").unwrap().unwrap(), b"b");
    assert_eq!(files.read_file("../a.txt").unwrap(), None);
    let target = repository.target(None).unwrap();
    let id = target
        .commit(&[new_file("c.txt", "c")], "c", at())
        .unwrap()
        .unwrap();
    assert_eq!(sandbox.changed(id), ["sub/c.txt"]);
}

#[test]
fn files_are_dirty_when_the_last_commit_has_others() {
    let sandbox = Sandbox::with_files();
    let repository = sandbox.repository();
    assert!(
        !repository
            .is_dirty(["a.txt", "sub/b.txt", "never.txt"])
            .unwrap()
    );
    sandbox.write("other.txt", "x");
    assert!(!repository.is_dirty(["a.txt"]).unwrap());
    assert!(repository.is_dirty(["a.txt", "other.txt"]).unwrap());
    sandbox.write("a.txt", "changed");
    assert!(repository.is_dirty(["a.txt"]).unwrap());
    fs_err::remove_file(sandbox.root.join("sub/b.txt")).unwrap();
    assert!(repository.is_dirty(["sub/b.txt"]).unwrap());
}

#[test]
fn commits_are_found_by_their_digits_and_only_so() {
    let sandbox = Sandbox::with_files();
    let repository = sandbox.repository();
    let head = repository.head_commit().unwrap().unwrap();
    assert_eq!(repository.commit(&head.short()).unwrap(), Some(head));
    assert_eq!(repository.revision("main").unwrap(), Some(head));
    for id in ["0000000", "none", "HEAD", "main", ":/start", "", "abc"] {
        assert_eq!(repository.commit(id).unwrap(), None, "{id}");
    }
    assert_eq!(repository.revision("nowhere").unwrap(), None);
}

#[test]
fn a_folder_without_repository_has_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = Utf8Path::from_path(folder.path()).unwrap();
    assert!(Repository::discover(path).unwrap().is_none());
}

#[test]
fn a_branch_of_another_work_tree_is_refused() {
    let sandbox = Sandbox::with_files();
    let elsewhere = tempfile::tempdir().unwrap();
    let path = elsewhere.path().join("linked");
    sandbox.git.worktree("linked", &path, None).unwrap();
    let repository = sandbox.repository();
    let error = repository.target(Some("linked")).err().unwrap();
    assert_eq!(
        error,
        GitError::CheckedOutElsewhere {
            branch: "linked".to_owned()
        }
    );
    let linked = Repository::discover(Utf8Path::from_path(&path).unwrap())
        .unwrap()
        .unwrap();
    assert!(linked.target(Some("main")).is_err());
    let target = linked.target(None).unwrap();
    assert!(
        target
            .commit(&[new_file("x", "x")], "x", at())
            .unwrap()
            .is_some()
    );
    assert!(sandbox.status().is_empty());
}

#[test]
fn the_top_of_a_repository_is_found_without_opening_it() {
    let folder = tempfile::tempdir().unwrap();
    let top = Utf8Path::from_path(folder.path()).unwrap();
    let inner = top.join("a/b c");
    fs_err::create_dir_all(&inner).unwrap();
    assert_eq!(path_from_top(&inner), "", "no repository");
    // A linked work tree has a file there, and nobody may need what it names.
    fs_err::write(top.join(".git"), "gitdir: /nowhere\n").unwrap();
    assert_eq!(path_from_top(&inner), "a/b c/");
    assert_eq!(path_from_top(top), "");
    assert_eq!(path_from_top(&top.join("gone")), "");
}
