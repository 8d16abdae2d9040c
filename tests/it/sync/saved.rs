//! `plan --out` and `sync FILE`: what is written is what was planned, or nothing.

use super::views::fits;
use super::*;

const PAGER: &str = "WARROOM_SECRET_PAGER";

impl World {
    /// A committed workspace with two playbooks, in step.
    fn two() -> Self {
        let world = Self::new();
        world.warroom.write("playbooks/other.yaml", small("other"));
        world.commit("first");
        world.sync(&[]).ended(ExitStatus::Done);
        world.server.clear_log();
        world
    }

    /// Both are renamed in git.
    fn renamed(&self) {
        self.warroom
            .write("playbooks/outage.yaml", outage("Service outage"));
        let other = small("other").replace("Playbook other", "Another");
        self.warroom.write("playbooks/other.yaml", other);
        self.commit("second");
    }

    fn save(&self) -> Ran {
        self.plan(&["--out", "plan.json"])
    }

    fn saved(&self) -> String {
        std::fs::read_to_string(self.warroom.root().join("plan.json")).unwrap()
    }

    /// Nothing was written, and the file is not used.
    #[track_caller]
    fn refuses(&self, status: ExitStatus, words: &str) {
        self.server.clear_log();
        let ran = self.sync(&["plan.json"]);
        ran.ended(status).says(words);
        assert!(!ran.transcript().contains('\u{1b}'));
        assert_eq!(self.writes(), Vec::<String>::new());
    }
}

#[test]
fn what_was_planned_is_written_and_nothing_else() {
    let world = World::two();
    world.renamed();
    let plan = world.save();
    plan.ended(ExitStatus::Findings)
        .says("saved in `plan.json`")
        .says("in its secrets is known to sync alone");
    assert_eq!(world.writes(), Vec::<String>::new());
    let text = world.saved();
    for secret in ["hunter2", "hooks.example.com", "-token"] {
        assert!(!text.contains(secret), "a secret is in the plan");
    }
    let value: Value = serde_json::from_str(&text).unwrap();
    fits("plan", &value["plan"].to_string());

    // The files go on; the plan is of its commit.
    let planned = value["commit"].as_str().unwrap().to_owned();
    world
        .warroom
        .write("playbooks/outage.yaml", outage("Later"));
    world.warroom.write("playbooks/third.yaml", small("third"));
    world.commit("third");
    world.sync(&["plan.json"]).ended(ExitStatus::Done);
    assert_eq!(world.marker_commit("Service outage"), planned[..7]);
    assert_eq!(world.playbook("Another")["title"], "Another");
    assert_eq!(world.live(), 2);
    // A second time there is nothing that it fits.
    world.refuses(ExitStatus::StalePlan, "2 cannot be written as planned");
    world
        .plan(&[])
        .ended(ExitStatus::Findings)
        .says("title: Service outage → Later");
}

#[test]
fn a_plan_of_which_something_moved_is_refused_as_a_whole_or_written_in_part() {
    let world = World::two();
    world.renamed();
    world.save();
    // An edit that leaves `update_at` as it was.
    let edit = json!({"reminderMessageTemplate": "Elsewhere"});
    world.edit_in_the_editor("Outage", &edit);
    world.refuses(
        ExitStatus::StalePlan,
        "somebody changed it in Mattermost since the plan was made",
    );
    let json = world.sync(&["plan.json", "--format", "json"]);
    let error: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(error["error"]["exit"], 5);

    let part = world.sync(&["plan.json", "--allow-partial", "--report", "report.json"]);
    part.ended(ExitStatus::StalePlan)
        .says("updated other (ops)");
    world.playbook("Another");
    let kept = &world.playbook("Outage")["reminder_message_template"];
    assert_eq!(*kept, "Elsewhere");
    let report = std::fs::read_to_string(world.warroom.root().join("report.json")).unwrap();
    let report = fits("report", &report);
    assert_eq!(report["summary"]["done"], 1);
    assert_eq!(report["playbooks"][1]["result"], "skipped");
}

#[test]
fn another_address_in_mattermost_is_a_change_too() {
    let world = World::two();
    world.renamed();
    world.save();
    world.edit("Outage", |playbook| {
        playbook["webhook_on_creation_urls"] = json!(["https://elsewhere.example.com/x"]);
    });
    world.refuses(ExitStatus::StalePlan, "outage (ops)");
}

#[test]
fn a_creation_that_somebody_else_made_first_is_stale() {
    let world = World::new();
    world.commit("first");
    world.save();
    world.sync(&[]).ended(ExitStatus::Done);
    world.refuses(ExitStatus::StalePlan, "the plan says `create`");
    assert_eq!(world.live(), 1);
}

#[test]
fn files_that_are_not_committed_have_to_stay_as_they_are() {
    let world = World::two();
    world
        .warroom
        .write("playbooks/outage.yaml", outage("Draft"));
    world.save().says("some files are not committed");
    world
        .warroom
        .write("playbooks/outage.yaml", outage("Another draft"));
    world.refuses(ExitStatus::StalePlan, "its files say something else");
    world
        .warroom
        .write("playbooks/outage.yaml", outage("Draft"));
    world.sync(&["plan.json"]).ended(ExitStatus::Done);
    world.playbook("Draft");
}

#[test]
fn a_file_that_somebody_touched_is_not_used() {
    let world = World::two();
    world.renamed();
    world.save();
    let whole = world.saved();
    let cut = &whole[..whole.len() / 2];
    let without_commit = {
        let mut value: Value = serde_json::from_str(&whole).unwrap();
        value["objects"].as_array_mut().unwrap().pop();
        value.to_string()
    };
    let more = whole.replacen("\"version\": 1", "\"version\": 1, \"also\": {}", 1);
    for (text, words) in [
        (
            whole.replace("Service outage", "Mine"),
            "it was changed since it was made",
        ),
        (
            whole.replace("\"refuse\"", "\"overwrite\""),
            "it was changed since it was made",
        ),
        (without_commit, "it was changed since it was made"),
        (cut.to_owned(), "it is no saved plan, or was cut short"),
        (more, "it is no saved plan, or was cut short"),
        (
            whole.replacen("\"site\": \"", "\"site\": \"\\u001b[31m", 1),
            "it is for `",
        ),
        (String::new(), "it is no saved plan, or was cut short"),
        ("[]".to_owned(), "it has no `version`"),
        (
            whole.replacen("\"version\": 1", "\"version\": 2", 1),
            "it has format 2",
        ),
    ] {
        world.warroom.write("plan.json", text);
        world.refuses(ExitStatus::Refused, words);
        assert!(world.server.log().is_empty(), "{words}");
    }
    world.warroom.write("plan.json", &whole);
    world.sync(&["plan.json"]).ended(ExitStatus::Done);
}

#[test]
fn a_plan_belongs_to_a_token_a_server_and_a_workspace() {
    let world = World::two();
    world.renamed();
    world.save();
    let whole = world.saved();

    let bob = world.server.token("bob");
    let ran = world
        .warroom
        .run_with(&[("WARROOM_TOKEN", &bob)], &["sync", "--yes", "plan.json"]);
    ran.ended(ExitStatus::Refused)
        .says("it was made with another token");

    let elsewhere = World::two();
    elsewhere.warroom.write("plan.json", &whole);
    elsewhere.refuses(ExitStatus::Refused, "its commit");
    let elsewhere = World::two();
    elsewhere.renamed();
    elsewhere.warroom.write("plan.json", &whole);
    elsewhere.refuses(ExitStatus::Refused, "it is for `");

    // One of uncommitted files gets as far.
    let world = World::new();
    world.save();
    let elsewhere = World::new();
    elsewhere.warroom.write("plan.json", world.saved());
    elsewhere.refuses(ExitStatus::Refused, "it is for `");
    world.warroom.write(
        "warroom.yaml",
        SETTINGS.replace("workspace: acme", "workspace: other"),
    );
    world.refuses(ExitStatus::Refused, "it is of the workspace `acme`");
}

#[test]
fn a_missing_secret_is_told_and_a_new_one_left_to_sync() {
    let world = World::two();
    world.renamed();
    world.save();
    world.server.clear_log();
    let ran = world
        .warroom
        .run_with(&[(PAGER, "nonsense")], &["sync", "--yes", "plan.json"]);
    ran.ended(ExitStatus::Refused)
        .says("a secret cannot be used");
    assert_eq!(world.writes(), Vec::<String>::new());

    // Only the other playbook is in this plan.
    let world = World::two();
    let other = small("other").replace("Playbook other", "Another");
    world.warroom.write("playbooks/other.yaml", other);
    world.commit("second");
    world.save();
    let new = [(PAGER, "https://hooks.example.com/new")];
    let ran = world
        .warroom
        .run_with(&new, &["sync", "--yes", "plan.json"]);
    ran.ended(ExitStatus::Done).says("which no plan can know");
    let webhooks = &world.playbook("Outage")["webhook_on_creation_urls"];
    assert_eq!(*webhooks, json!(["https://hooks.example.com/hunter2"]));
}

#[test]
fn a_vanished_file_is_archived_by_plan_as_planned() {
    let world = World::two();
    std::fs::remove_file(world.warroom.root().join("playbooks/other.yaml")).unwrap();
    world.commit("second");
    world
        .plan(&["--prune", "--at-most", "1", "--out", "out/../plan.json"])
        .ended(ExitStatus::Failed);
    world.plan(&["--prune", "--at-most", "1", "--out", "plan.json"]);
    world.sync(&["plan.json"]).ended(ExitStatus::Done);
    assert_eq!(world.live(), 1);
}

#[test]
fn a_command_line_that_means_two_things_is_refused() {
    let world = World::two();
    world.save().ended(ExitStatus::Done);
    world
        .plan(&["--out", "outage"])
        .ended(ExitStatus::Usage)
        .says("could be the name of a playbook");
    world
        .plan(&["--out", "plan.json", "--base", "HEAD"])
        .ended(ExitStatus::Usage);
    for line in [
        &["plan.json", "outage"][..],
        &["plan.json", "./plan.json"],
        &["plan.json", "--prune"],
        &["plan.json", "--on-drift", "overwrite"],
        &["--allow-partial"],
    ] {
        world.sync(line).ended(ExitStatus::Usage);
    }
    world
        .sync(&["absent.json"])
        .ended(ExitStatus::Failed)
        .says("could not read the plan `absent.json`");
    world
        .sync(&["plan.json"])
        .ended(ExitStatus::Done)
        .says("nothing to change");
}
