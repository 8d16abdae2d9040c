//! `plan --base`: two commits are compared, and nothing is asked of anybody.

use super::views::fits;
use super::*;

/// A workspace in git, with no server, no token and no secret to be had.
struct Repository(World);

impl Repository {
    fn new() -> Self {
        let world = World::new();
        world.commit("first");
        Self(world)
    }

    fn plan(&self, arguments: &[&str]) -> Ran {
        let gone = [
            ("WARROOM_SERVER", ""),
            ("WARROOM_TOKEN", ""),
            ("WARROOM_SECRET_PAGER", ""),
        ];
        let line: Vec<&str> = ["plan"]
            .into_iter()
            .chain(arguments.iter().copied())
            .collect();
        let ran = self.0.warroom.run_with(&gone, &line);
        assert!(self.0.server.log().is_empty(), "the server was asked");
        ran
    }

    fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        self.0.warroom.write(path, text);
    }
}

#[test]
fn two_commits_are_compared_without_server_token_or_secret() {
    let it = Repository::new();
    let first = it.0.commit("nothing").to_string();
    it.write(
        "playbooks/outage.yaml",
        outage("Service outage")
            .replace("due: 10m", "due: 20m")
            .replace("WARROOM_SECRET_PAGER", "WARROOM_SECRET_OTHER"),
    );
    it.write("playbooks/other.yaml", small("other"));
    let ran = it.plan(&["--base", "HEAD"]);
    let text = ran.transcript().replace(&first[..7], "[BASE]");
    insta::assert_snapshot!(text, @r"
    exit: 2
    --- stdout
    + other (ops)  create `Playbook other`
        public, 1 checklists with 1 tasks, 3 members
    ~ outage (ops)  update `Outage`
        title: Outage → Service outage
        checklists:
            ~ task `Confirm the outage`: due 10m → 20m
        start.webhooks (secrets): -WARROOM_SECRET_PAGER, +WARROOM_SECRET_OTHER
    note: compared with commit [BASE], not with Mattermost: what people changed there is not known here

    1 to create, 1 to update
    --- stderr
    ");
    let json = fits(
        "plan",
        &it.plan(&["--base", "HEAD", "--format", "json"]).out,
    );
    assert_eq!(json["base"], first);
    assert_eq!(json["steps"][1]["fields"][0]["moved"], "git");
    let comment = it.plan(&["--base", "HEAD", "--format", "markdown"]);
    assert!(
        comment
            .out
            .starts_with("### warroom plan: 1 to create, 1 to update")
    );

    // The same between two commits, whatever lies in the folder.
    let second = it.0.commit("second").to_string();
    it.write("playbooks/other.yaml", "nonsense: [");
    let ran = it.plan(&[
        "--base", "HEAD~1", "--head", "HEAD", "outage", "--format", "json",
    ]);
    ran.ended(ExitStatus::Findings);
    let json = fits("plan", &ran.out);
    assert_eq!(json["head"], second);
    assert_eq!(json["changes"], 1);
    it.plan(&["--base", "HEAD", "--head", "HEAD"])
        .ended(ExitStatus::Done);
    it.plan(&["--base", "HEAD"]).ended(ExitStatus::Findings);
}

#[test]
fn a_file_that_is_gone_is_told_and_archived_only_when_asked() {
    let it = Repository::new();
    it.write("playbooks/other.yaml", small("other"));
    it.0.commit("two");
    std::fs::remove_file(it.0.warroom.root().join("playbooks/other.yaml")).unwrap();
    let plan = it.plan(&["--base", "HEAD"]);
    plan.ended(ExitStatus::Done)
        .says("other (ops): its file is gone");
    let plan = it.plan(&["--base", "HEAD", "--prune"]);
    plan.ended(ExitStatus::Findings)
        .says("- other (ops)  archive `Playbook other`");
}

#[test]
fn a_commit_from_before_the_workspace_had_nothing_in_it() {
    let warroom = Warroom::new().file("README.md", "Hello.");
    let root = warroom.root().to_owned();
    let world = World {
        warroom,
        server: World::new().server,
    };
    world.commit("no workspace");
    let it = Repository(world);
    for (path, text) in [
        ("warroom.yaml", SETTINGS.to_owned()),
        ("permissions.yaml", PERMISSIONS.to_owned()),
        ("playbooks/other.yaml", small("other")),
    ] {
        it.write(path, text);
    }
    assert!(root.join("warroom.yaml").exists());
    it.plan(&["--base", "HEAD"]).says("1 to create");
}

#[test]
fn what_cannot_be_compared_is_said() {
    let it = Repository::new();
    let plan = it.plan(&["--base", "nonsense"]);
    plan.ended(ExitStatus::Failed)
        .says("there is no such commit here");
    let plan = it.plan(&["--base", "HEAD", "--head", "nonsense"]);
    plan.ended(ExitStatus::Failed)
        .says("there is no such commit here");
    it.plan(&["--base", "HEAD", "absent"])
        .ended(ExitStatus::Usage);
    it.plan(&["--head", "HEAD"]).ended(ExitStatus::Usage);
    it.plan(&["--base", "HEAD", "--on-drift", "overwrite"])
        .ended(ExitStatus::Usage);
    it.write("playbooks/outage.yaml", "nonsense: [");
    it.0.commit("broken");
    it.write("playbooks/outage.yaml", outage("Outage"));
    let plan = it.plan(&["--base", "HEAD"]);
    plan.ended(ExitStatus::Findings)
        .says("the workspace has mistakes at commit");

    let alone = World::new();
    let plan = alone.plan(&["--base", "HEAD"]);
    plan.ended(ExitStatus::Failed)
        .says("is in no git repository");
}

#[test]
fn a_renamed_playbook_is_no_other_one() {
    let it = Repository::new();
    let path = "playbooks/outage.yaml";
    let text = outage("Outage").replace("key: outage\n", "key: blackout\nmoved_from: outage\n");
    std::fs::remove_file(it.0.warroom.root().join(path)).unwrap();
    it.write("playbooks/blackout.yaml", text);
    let plan = it.plan(&["--base", "HEAD", "blackout"]);
    plan.ended(ExitStatus::Findings)
        .says("key: outage → blackout")
        .says("1 to update");
}
