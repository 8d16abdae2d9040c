//! What the playbooks say.

/// A key and a title; the title ends where the name of the failing thing begins.
pub(super) type Task = (&'static str, &'static str);

/// The checklists: key, first task, and those to choose five from.
pub(super) const STAGES: &[(&str, Task, &[Task])] = &[
    (
        "declare",
        ("confirm", "Confirm from outside the state of"),
        &[
            ("severity", "Set the severity of"),
            ("roles", "Name an operations lead for"),
            ("bridge", "Open a call about"),
            ("freeze", "Freeze deploys and flags of"),
            ("recent", "List recent changes to"),
            ("owners", "Call the owners of"),
            ("evidence", "Save logs and metrics of"),
            ("neighbours", "Warn the users of"),
        ],
    ),
    (
        "communicate",
        ("first-update", "Post the first update about"),
        &[
            ("status-page", "Publish the state of"),
            ("support", "Brief support about"),
            ("leadership", "Tell leadership about"),
            ("customers", "Write to customers of"),
            ("vendor", "Call the vendor of"),
            ("legal", "Ask legal about"),
            ("next-update", "Announce the next word on"),
            ("languages", "Translate the notice about"),
        ],
    ),
    (
        "repair",
        ("choose", "Choose a safe way to restore"),
        &[
            ("roll-back", "Roll back the last deploy of"),
            ("fail-over", "Fail over the traffic of"),
            ("capacity", "Add capacity to"),
            ("shed", "Shed load from"),
            ("certificates", "Check certificates and secrets of"),
            ("queues", "Drain the queues of"),
            ("storage", "Check disks and replicas of"),
            ("caches", "Warm the caches of"),
            ("verify", "Verify with real traffic"),
        ],
    ),
    (
        "close",
        ("post-mortem", "Schedule the post-mortem on"),
        &[
            ("watch", "Watch the graphs of"),
            ("undo", "Undo emergency changes to"),
            ("unfreeze", "Lift the freeze of"),
            ("timeline", "Complete the timeline of"),
            ("follow-ups", "Collect follow-up work on"),
            ("final-update", "Post the final update on"),
            ("alerts", "Adjust the alerts of"),
            ("thanks", "Thank who helped with"),
        ],
    ),
];

pub(super) const AREAS: [&str; 24] = [
    "billing",
    "catalog",
    "checkout",
    "delivery",
    "exports",
    "fraud",
    "gateway",
    "identity",
    "invoices",
    "ledger",
    "loyalty",
    "mailing",
    "mobile",
    "orders",
    "payments",
    "payroll",
    "pricing",
    "reports",
    "returns",
    "search",
    "sessions",
    "shipping",
    "support",
    "warehouse",
];

pub(super) const COMPONENTS: [&str; 20] = [
    "api",
    "archive",
    "broker",
    "cache",
    "cluster",
    "database",
    "frontend",
    "importer",
    "index",
    "jobs",
    "mirror",
    "pipeline",
    "proxy",
    "queue",
    "replica",
    "router",
    "scheduler",
    "storage",
    "stream",
    "worker",
];

pub(super) const REGIONS: [&str; 8] = [
    "ap-north", "ap-south", "eu-north", "eu-south", "eu-west", "us-east", "us-south", "us-west",
];

pub(super) const GROUPS: [&str; 5] = ["data", "network", "platform", "shop", "sre"];

pub(super) const PEOPLE: [&str; 8] = [
    "alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi",
];

pub(super) const ASSIGNEES: [&str; 5] = [
    "commander",
    "role:comms",
    "role:ops-lead",
    "role:ops-lead",
    "role:scribe",
];

pub(super) const TROUBLES: [&str; 8] = [
    "Outage",
    "Data loss",
    "Overload",
    "Slow answers",
    "Wrong answers",
    "Failed deploy",
    "Expired certificate",
    "Lost region",
];

pub(super) const SYMPTOMS: [&str; 8] = [
    "answers with errors, or not at all",
    "is so slow that people give up",
    "loses what people have entered",
    "shows what belongs to somebody else",
    "falls behind, and the backlog grows",
    "works in one region and fails in the other",
    "comes back for minutes and fails again",
    "refuses everybody who signs in",
];

pub(super) const ADVICE: [&str; 10] = [
    "Start early: closing a false alarm costs minutes, starting late costs hours.",
    "Believe customers first; the monitoring may be what is broken.",
    "One change at a time: announce it, make it, wait for the effect.",
    "Ask people by name, and wait for the *yes*.",
    "Promise only the time of the next update, never a time of repair.",
    "Between two levels take the **higher** one; lowering it later is easy.",
    "Write here what was decided in the call, with the reason.",
    "Post a screenshot of each finding: `when`, `where`, *what*.",
    "No improvement? Call the next person by phone, not by message.",
    "Write what people knew then, not what is known now.",
];

pub(super) const SETTINGS: &str = "\
format: 1
workspace: corpus

server:
  url: https://chat.example.com
  playbooks: \"2.11\"
  tier: enterprise
team: ops

severities:
  - { key: sev1, title: SEV-1, means: Customers cannot use a core service, update_every: 30m }
  - { key: sev2, title: SEV-2, means: A core service is degraded, update_every: 1h }
  - { key: sev3, title: SEV-3, means: \"Limited effect, with a workaround\", update_every: 4h }

statuses:
  - { key: reported, title: Reported }
  - { key: active, title: Active }
  - { key: monitoring, title: Monitoring }
  - { key: resolved, title: Resolved, ends: true }

roles:
  ops-lead: { title: Operations lead }
  comms: { title: Communications }
  scribe: { title: Scribe }

templates:
  announcement: templates/announcement.md.j2
  postmortem: templates/postmortem.md.j2

lint:
  levels:
    P-15: \"off\"
";

pub(super) const PERMISSIONS: &str = "\
groups:
  leads: [alice, bob, carol]
  data: [dave, erin]
  network: [frank, grace]
  platform: [alice, heidi]
  shop: [bob, dave]
  sre: [carol, erin]

profiles:
  data: { playbook: { use: [group:data], edit: [group:leads] } }
  network: { playbook: { use: [group:network], edit: [group:leads] } }
  platform: { playbook: { use: [group:platform], edit: [group:leads] } }
  shop: { playbook: { use: [group:shop], edit: [group:leads] } }
  sre: { playbook: { use: [group:sre], edit: [group:leads] } }
";
