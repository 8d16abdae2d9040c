//! How many requests `plan` and `sync` send, and how they behave where that is limited.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use warroom::clock::Clock;
use warroom::exit::ExitStatus;
use warroom::mattermost;
use warroom::sandbox::{Options, RateLimit, Running, Seed, start};

use crate::support::{Ran, Warroom};
use crate::virtual_time::{VirtualSleep, VirtualTime};

/// A workspace of many playbooks, and its server.
struct Fleet {
    warroom: Warroom,
    server: Running,
    size: Size,
}

/// What it consists of.
#[derive(Debug, Clone, Copy)]
struct Size {
    playbooks: usize,
    attributes: usize,
    people: usize,
    channels: usize,
    tier: &'static str,
}

impl Size {
    fn of(playbooks: usize) -> Self {
        Self {
            playbooks,
            attributes: 2,
            people: 3,
            channels: 2,
            tier: "enterprise",
        }
    }

    /// The most requests that a run without changes may send.
    fn no_op(self) -> usize {
        let each = if self.tier == "enterprise" { 3 } else { 1 };
        let teams = 1;
        each * self.playbooks + 8 + teams + self.channels + self.people.div_ceil(100)
    }
}

impl Fleet {
    fn new(size: Size) -> Self {
        let warroom = Warroom::new();
        let clock: Arc<dyn Clock> = warroom.clock().clone();
        Self::in_time(size, warroom, clock)
    }

    fn in_time(size: Size, warroom: Warroom, clock: Arc<dyn Clock>) -> Self {
        let mut seed = Seed::default();
        let team = &mut seed.teams[0];
        let mut channel = team.channels[0].clone();
        for n in 0..size.channels {
            channel.name = format!("news-{n}");
            team.channels.push(channel.clone());
        }
        let people: Vec<String> = (0..size.people).map(|n| format!("person{n}")).collect();
        team.members.extend(people.iter().cloned());
        for person in &people {
            seed = seed.user(person);
        }
        let server = start(Options {
            seed,
            ..Options::local(clock)
        })
        .unwrap();
        let settings = format!(
            "format: 1\nworkspace: fleet\nteam: ops\nserver: {{ tier: {} }}\n",
            size.tier
        );
        let permissions = format!(
            "profiles:\n  open:\n    playbook: {{ visibility: public, use: [{}], edit: [alice] }}\n    incident: {{ channel: public }}\n",
            people.join(", ")
        );
        let warroom = warroom
            .file("warroom.yaml", settings)
            .file("permissions.yaml", permissions)
            .variable("WARROOM_SERVER", &server.url())
            .variable("WARROOM_TOKEN", &server.token("alice"));
        let fleet = Self {
            warroom,
            server,
            size,
        };
        for n in 0..size.playbooks {
            fleet.write(n, "First");
        }
        fleet
    }

    fn write(&self, n: usize, title: &str) {
        let Size {
            attributes,
            channels,
            tier,
            ..
        } = self.size;
        let mut text = format!(
            "key: p{n}\ntitle: Playbook {n}\naccess: open\nchecklists:\n  - key: first\n    title: {title}\n    tasks:\n      - {{ key: look, title: Look }}\n"
        );
        if tier == "enterprise" {
            for a in 0..attributes {
                let _ = writeln!(
                    text,
                    "      - {{ key: t{a}, title: Task {a}, when: {{ a{a}: [hot] }} }}"
                );
            }
        }
        if channels > 0 {
            let _ = writeln!(
                text,
                "updates: {{ every: 30m, broadcast: [~news-{}] }}",
                n % channels
            );
        }
        if tier == "enterprise" && attributes > 0 {
            text.push_str("attributes:\n");
            for a in 0..attributes {
                let _ = writeln!(
                    text,
                    "  - {{ key: a{a}, name: A{a}, type: select, options: [hot, cold] }}"
                );
            }
        }
        self.warroom.write(&format!("playbooks/p{n}.yaml"), text);
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        self.warroom.run(arguments)
    }

    fn settle(&self) {
        let ran = self.run(&["sync", "--yes"]);
        assert_eq!(ran.status, ExitStatus::Done, "{}", ran.transcript());
        self.server.clear_log();
    }

    /// The requests so far: how often each was sent.
    fn sent(&self) -> BTreeMap<String, usize> {
        let mut sent = BTreeMap::new();
        for exchange in self.server.log() {
            let line = format!("{} {}", exchange.method, exchange.path);
            *sent.entry(line).or_default() += 1;
        }
        sent
    }

    fn live(&self) -> usize {
        let ran = self.run(&["plan", "--format", "json"]);
        let plan: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        plan["summary"]["unchanged"]
            .as_u64()
            .unwrap()
            .try_into()
            .unwrap()
    }
}

#[test]
fn a_run_without_changes_sends_no_more_than_its_formula_and_nothing_twice() {
    let sizes = [
        Size::of(1),
        Size {
            people: 130,
            ..Size::of(12)
        },
        Size {
            channels: 5,
            ..Size::of(40)
        },
        Size {
            tier: "professional",
            ..Size::of(40)
        },
    ];
    for size in sizes {
        let fleet = Fleet::new(size);
        fleet.settle();
        for verb in [&["plan"][..], &["sync", "--yes"]] {
            let ran = fleet.run(verb);
            assert_eq!(ran.status, ExitStatus::Done, "{}", ran.transcript());
            let sent = fleet.sent();
            let mut reads = sent.iter().filter(|(line, _)| line.starts_with("GET "));
            assert!(reads.all(|(_, times)| *times == 1), "{sent:#?}");
            let count: usize = sent.values().sum();
            assert!(count <= size.no_op(), "{size:?}: {sent:#?}");
            let of_playbooks = sent.keys().filter(|line| line.contains("/v0/playbooks/"));
            let of_playbooks = of_playbooks.count();
            if size.tier == "professional" {
                assert_eq!(of_playbooks, size.playbooks, "{sent:#?}");
            } else {
                assert!(of_playbooks <= 3 * size.playbooks, "{sent:#?}");
            }
            fleet.server.clear_log();
        }
    }
}

#[test]
fn a_sync_reads_the_list_twice_however_much_it_creates_and_archives() {
    let fleet = Fleet::new(Size::of(9));
    let lists = || {
        let sent = fleet.sent();
        let lists = sent.iter().filter(|(line, _)| line.contains("/playbooks?"));
        lists.map(|(_, times)| times).sum::<usize>()
    };
    let ran = fleet.run(&["sync", "--yes"]);
    assert_eq!(ran.status, ExitStatus::Done, "{}", ran.transcript());
    assert_eq!(lists(), 2, "{:#?}", fleet.sent());
    for n in 0..3 {
        let file = format!("playbooks/p{n}.yaml");
        std::fs::remove_file(fleet.warroom.root().join(file)).unwrap();
    }
    fleet.server.clear_log();
    let ran = fleet.run(&["sync", "--yes", "--prune", "--at-most", "3"]);
    assert_eq!(ran.status, ExitStatus::Done, "{}", ran.transcript());
    assert!(ran.out.contains("3 to archive"), "{}", ran.transcript());
    assert_eq!(lists(), 2, "{:#?}", fleet.sent());
}

#[test]
fn a_rate_limit_is_kept_before_it_refuses_anything() {
    let time = VirtualTime::new();
    let warroom = Warroom::new()
        .in_time(time.clone())
        .connection(mattermost::Options {
            sleep: Arc::new(VirtualSleep(Arc::clone(&time))),
            ..mattermost::Options::default()
        });
    let fleet = Fleet::in_time(Size::of(100), warroom, time.clone());
    fleet.settle();
    let before = time.passed();
    fleet.server.set_rate_limit(Some(RateLimit {
        per_second: 10,
        burst: 100,
    }));
    let ran = fleet.run(&["sync", "--yes"]);
    let took = time.passed().checked_sub(before).unwrap().as_secs_f64();
    assert_eq!(ran.status, ExitStatus::Done, "{}", ran.transcript());
    let log = fleet.server.log();
    let refused = log.iter().filter(|exchange| exchange.status == 429).count();
    let sent = u32::try_from(log.len()).unwrap();
    let dictated = f64::from(sent - 101) / 10.0;
    assert!(took >= dictated, "{took} s for {sent} requests");
    assert!(
        took <= 1.3 * dictated,
        "{took} s for {sent} requests, which the limit lets pass in {dictated} s"
    );
    assert_eq!(refused, 0, "of {sent} in {took} s");
}

#[test]
fn a_comparison_stops_before_it_sends_more_than_allowed() {
    let fleet = Fleet::new(Size::of(30));
    fleet.settle();
    let ran = fleet.run(&["plan", "--max-requests", "20"]);
    assert_eq!(ran.status, ExitStatus::Refused, "{}", ran.transcript());
    // What was under way when the last one was spent is not waited for.
    assert!(fleet.server.log().len() <= 20);
    let told = "error: stopped after 20 requests, as `--max-requests` says: ";
    assert!(ran.err.starts_with(told), "{}", ran.transcript());
    assert!(
        ran.err
            .contains(" of 30 playbooks were read, and nothing was written"),
        "{}",
        ran.transcript()
    );
}

#[test]
fn a_sync_begins_nothing_that_it_may_not_finish() {
    let fleet = Fleet::new(Size::of(10));
    let ran = fleet.run(&["sync", "--yes", "--max-requests", "80"]);
    assert_eq!(
        ran.status,
        ExitStatus::PartlyApplied,
        "{}",
        ran.transcript()
    );
    assert!(fleet.server.log().len() <= 80);
    let begun = ran.out.matches("\ncreated p").count();
    let left = ran.out.matches(": not begun: ").count();
    assert!(begun > 0 && begun + left == 10, "{}", ran.transcript());
    assert_eq!(fleet.live(), begun, "each one is complete");
    fleet.settle();
    assert_eq!(fleet.live(), 10);
}

#[test]
fn progress_is_drawn_on_a_terminal_and_hidden_on_demand() {
    let Fleet {
        warroom,
        server,
        size,
    } = Fleet::new(Size::of(2));
    let warroom = warroom.drawing_progress();
    let fleet = Fleet {
        warroom,
        server,
        size,
    };
    let hidden = fleet.run(&["sync", "--yes", "--no-progress"]);
    assert_eq!(hidden.err, "");
    let drawn = fleet.run(&["plan"]);
    assert!(
        drawn.err.contains("reading 0 of 2 playbooks"),
        "{:?}",
        drawn.err
    );
    assert!(drawn.err.ends_with("\r\u{1b}[K"), "{:?}", drawn.err);
}

/// Figures for `benches/README.md`, on a quiet machine:
/// `cargo test --release --test it -- --ignored gentle::figures --nocapture`
#[test]
#[ignore = "takes a while, and measures"]
#[allow(clippy::print_stdout, reason = "its figures are what it is for")]
fn figures() {
    let size = Size {
        attributes: 10,
        ..Size::of(50)
    };
    let fleet = Fleet::new(size);
    fleet.server.set_latency(Duration::from_millis(80));
    let timed = |arguments: &[&str]| {
        fleet.server.clear_log();
        let began = Instant::now();
        let ran = fleet.run(arguments);
        assert_eq!(ran.status, ExitStatus::Done, "{}", ran.transcript());
        (began.elapsed(), fleet.server.log().len())
    };
    let (creation, sent) = timed(&["sync", "--yes"]);
    println!("creation: {creation:.2?} for {sent} requests");
    for _ in 0..5 {
        let (no_op, sent) = timed(&["sync", "--yes"]);
        println!("no-op:    {no_op:.2?} for {sent} requests");
        assert!(no_op < creation);
        assert!(no_op <= Duration::from_secs(3), "{no_op:?}");
    }
}
