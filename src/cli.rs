//! The command line, as clap types only.
//!
//! Owns names, values and help texts of verbs and flags. Must not do anything
//! with them: `commands` lowers them into values of the library.

mod format;
mod import;
mod sync;

use camino::Utf8PathBuf;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::model::{ChannelName, Duration, Key, Tier, Username};

pub use format::{Format, OutputFormat};
pub use import::Import;
pub use sync::{Drift, DriftChoice, Plan, Sync, SyncOptions, Target};

/// Incident playbooks as code for Mattermost
#[derive(Debug, Parser)]
#[command(
    name = "warroom",
    version,
    propagate_version = true,
    disable_help_subcommand = true
)]
pub struct Cli {
    /// What every verb understands.
    #[command(flatten)]
    pub global: Global,
    /// The verb.
    #[command(subcommand)]
    pub command: Command,
}

/// What every verb understands.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// Act as if started in this folder
    #[arg(short = 'C', long, global = true, value_name = "DIR")]
    pub directory: Option<Utf8PathBuf>,
    /// How results are printed: human or json; a plan and drift also as markdown, findings as sarif, github, gitlab or junit
    #[arg(
        long,
        global = true,
        value_enum,
        default_value = "human",
        hide_possible_values = true,
        value_name = "FORMAT"
    )]
    pub format: Format,
    /// Print results only, no notes
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Draw no progress, also on a terminal
    #[arg(long, global = true)]
    pub no_progress: bool,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write a workspace with the starter playbooks
    Init(Init),
    /// Store a token for a server
    Login(Login),
    /// Check workspace, server, token and git
    Doctor,
    /// Show the whole tool at work, without a Mattermost
    Demo(Demo),
    /// Serve a stand-in Mattermost with Playbooks
    Sandbox(Sandbox),
    /// Check the files of a workspace
    Validate(Validate),
    /// Check the files of a workspace, and what would hurt in an incident
    Lint(Lint),
    /// Print what a playbook amounts to, or a message as people will read it
    Render(Render),
    /// Print the JSON schemas of the files, for editors
    Schema(Schema),
    /// Show what sync would change
    Plan(Plan),
    /// Show what somebody changed in Mattermost since the last sync
    Drift(Drift),
    /// Bring the playbooks into Mattermost
    Sync(Sync),
    /// Write playbooks of Mattermost down as YAML
    Import(Import),
    /// Run incidents
    #[command(subcommand)]
    Run(Run),
}

impl Command {
    /// Whether its result is a list of findings, for which there are more formats.
    #[must_use]
    pub fn finds(&self) -> bool {
        match self {
            Self::Validate(_) => true,
            Self::Lint(lint) => !lint.list && lint.explain.is_none(),
            _ => false,
        }
    }
}

/// Arguments of `init`.
#[derive(Debug, Args)]
pub struct Init {
    /// The folder to write to
    #[arg(default_value = ".")]
    pub dir: Utf8PathBuf,
    /// Copy only these starter playbooks
    #[arg(long, value_name = "NAME")]
    pub playbook: Vec<Key>,
    /// The licence tier of your server
    #[arg(long, default_value = "enterprise", value_parser = parse_tier, value_name = "core|professional|enterprise")]
    pub tier: Tier,
    /// Also write what makes this service check every change; alone where a workspace exists
    #[arg(
        long,
        value_enum,
        hide_possible_values = true,
        value_name = "github|gitlab"
    )]
    pub ci: Option<CiChoice>,
}

/// The service that checks changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CiChoice {
    /// GitHub Actions.
    Github,
    /// GitLab CI.
    Gitlab,
}

/// Arguments of `login`.
#[derive(Debug, Args)]
pub struct Login {
    /// The site URL of the server
    pub url: String,
    /// Read the token from stdin instead of asking for it
    #[arg(long)]
    pub token_stdin: bool,
    /// Accept an `http://` address of another machine, though anybody on the way can read the token
    #[arg(long)]
    pub plain_http: bool,
}

/// Arguments of `demo`.
#[derive(Debug, Args)]
pub struct Demo {
    /// Keep everything in this folder instead of a temporary one
    #[arg(long)]
    pub dir: Option<Utf8PathBuf>,
}

/// Arguments of `sandbox`.
#[derive(Debug, Args)]
pub struct Sandbox {
    /// The address to listen on; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:8065", value_name = "ADDRESS")]
    pub listen: std::net::SocketAddr,
    /// Begin with the people, teams and channels of this YAML file
    #[arg(long, value_name = "FILE")]
    pub seed: Option<Utf8PathBuf>,
    /// Add every team, person and channel that this workspace names
    #[arg(long, value_name = "DIR")]
    pub workspace: Option<Utf8PathBuf>,
    /// Answer every request so much later
    #[arg(
        long,
        default_value_t = 0,
        hide_default_value = true,
        value_name = "MILLISECONDS"
    )]
    pub latency: u64,
    /// Answer each account so many requests a second, after a burst, as in `10/100`
    #[arg(long, value_parser = parse_rate_limit, value_name = "N/BURST")]
    pub rate_limit: Option<(u32, u32)>,
}

/// Arguments of `validate`.
#[derive(Debug, Args)]
pub struct Validate {
    /// Whether to go on.
    #[command(flatten)]
    pub watch: Watch,
}

/// Whether to go on checking.
#[derive(Debug, Clone, Args)]
pub struct Watch {
    /// Stay, and check again whenever a file changes
    #[arg(long)]
    pub watch: bool,
    /// Look for changes every so many seconds (default: 1), where the system does not tell of them: in network folders and some containers
    #[arg(
        long,
        requires = "watch",
        value_name = "SECONDS",
        num_args = 0..=1,
        default_missing_value = "1",
        value_parser = clap::value_parser!(u16).range(1..=3600)
    )]
    pub poll: Option<u16>,
}

/// Arguments of `lint`.
#[derive(Debug, Args)]
pub struct Lint {
    /// Whether to go on.
    #[command(flatten)]
    pub watch: Watch,
    /// Warnings fail too
    #[arg(long)]
    pub strict: bool,
    /// Also check what changed since this commit: a branch, a tag or an id
    #[arg(long, value_name = "COMMIT")]
    pub base: Option<String>,
    /// List all rules
    #[arg(long, conflicts_with_all = ["strict", "base", "watch"])]
    pub list: bool,
    /// Explain a rule, by its id or name
    #[arg(long, value_name = "ID", conflicts_with_all = ["strict", "base", "list", "watch"])]
    pub explain: Option<String>,
    /// What to do about findings that can be mended.
    #[command(flatten)]
    pub mend: Mend,
}

/// What to do about findings that can be mended.
#[derive(Debug, Clone, Copy, Args)]
pub struct Mend {
    /// Mend what has one safe answer, and lint what is left
    #[arg(long, conflicts_with_all = ["list", "explain", "watch"])]
    pub fix: bool,
    /// Show what `--fix` would change, and write nothing
    #[arg(long, conflicts_with_all = ["list", "explain", "strict", "fix", "watch"])]
    pub diff: bool,
}

/// Arguments of `render`.
#[derive(Debug, Args)]
pub struct Render {
    /// The playbook; with `--for` the template: its path, or `update`, `overview`, `announcement`, `welcome`, `retrospective`, `postmortem`
    #[arg(value_name = "PLAYBOOK|TEMPLATE")]
    pub what: String,
    /// The playbook whose message to print
    #[arg(long = "for", value_name = "PLAYBOOK")]
    pub playbook: Option<String>,
    /// Fill the message with a made-up incident: the least or the most there can be; default: small
    #[arg(
        long,
        value_enum,
        hide_possible_values = true,
        requires = "playbook",
        value_name = "small|large"
    )]
    pub sample: Option<SampleSize>,
    /// Fill the message with this incident, as `run show --format json` printed it
    #[arg(
        long,
        requires = "playbook",
        conflicts_with = "sample",
        value_name = "FILE"
    )]
    pub incident: Option<Utf8PathBuf>,
    /// Fill the message with nothing: the text that the web UI of Mattermost shows
    #[arg(long = "static", requires = "playbook", conflicts_with_all = ["sample", "incident"])]
    pub static_text: bool,
}

/// How much a made-up incident has to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SampleSize {
    /// The least.
    Small,
    /// The most.
    Large,
}

/// Arguments of `schema`.
#[derive(Debug, Args)]
pub struct Schema {
    /// Which one: `playbook`, `permissions` or `workspace`; without it, list them
    pub kind: Option<String>,
}

/// The verbs of an incident.
#[derive(Debug, Subcommand)]
pub enum Run {
    /// Start an incident
    Start(RunStart),
    /// List incidents
    List(RunList),
    /// Show an incident
    Show(RunIncident),
    /// Mark tasks as done
    Check(RunTasks),
    /// Mark tasks as open again
    Uncheck(RunTasks),
    /// Skip tasks
    Skip(RunTasks),
    /// Give a task to somebody
    Assign(RunAssign),
    /// Give a role to somebody
    Role(RunRole),
    /// Show or change the commander
    Commander(RunCommander),
    /// Change the severity
    Severity(RunSeverity),
    /// Set attributes: what is known of the incident
    Set(RunSet),
    /// Post a status update
    Update(RunUpdate),
    /// Tell other channels about an incident
    Announce(RunAnnounce),
    /// End an incident
    End(RunEnd),
    /// Restart an incident that was ended too early
    Restart(RunIncident),
    /// Write the post-mortem into git
    Export(RunExport),
}

/// Which incident.
#[derive(Debug, Clone, Args)]
pub struct Which {
    /// The incident: its id, number, the beginning of its name, or its `~channel`; default: the last one used
    #[arg(short, long, value_name = "INCIDENT")]
    pub incident: Option<String>,
}

/// Arguments of `run start`.
#[derive(Debug, Args)]
pub struct RunStart {
    /// The playbook to follow
    pub playbook: Key,
    /// What the incident is called
    #[arg(long)]
    pub name: String,
    /// What is known so far
    #[arg(
        long,
        default_value = "",
        hide_default_value = true,
        value_name = "TEXT"
    )]
    pub description: String,
    /// Who commands; default: the playbook's commander, else you
    #[arg(long, value_name = "NAME")]
    pub commander: Option<Username>,
    /// How bad it is; default: the least severe
    #[arg(long, value_name = "KEY")]
    pub severity: Option<Key>,
    /// Who fills a role from the start
    #[arg(long, value_name = "ROLE=NAME")]
    pub role: Vec<String>,
    /// The value of an attribute; several values and people are separated by commas
    #[arg(long = "attr", value_name = "KEY=VALUE")]
    pub attributes: Vec<String>,
    /// The post that reported it, as a link
    #[arg(long, value_name = "PERMALINK")]
    pub post: Option<String>,
    /// The team, for a playbook of several teams
    #[arg(long)]
    pub team: Option<String>,
}

/// Arguments of `run list`.
#[derive(Debug, Args)]
pub struct RunList {
    /// List also incidents that ended
    #[arg(long)]
    pub all: bool,
}

/// Arguments of verbs that only name an incident.
#[derive(Debug, Args)]
pub struct RunIncident {
    /// Which incident.
    #[command(flatten)]
    pub which: Which,
}

/// Arguments of verbs about tasks.
#[derive(Debug, Args)]
pub struct RunTasks {
    /// Tasks: `2.3`, a key, or part of the title
    #[arg(required = true, value_name = "TASK")]
    pub tasks: Vec<String>,
    /// Which incident.
    #[command(flatten)]
    pub which: Which,
}

/// Arguments of `run assign`.
#[derive(Debug, Args)]
pub struct RunAssign {
    /// The task: `2.3`, its key, or part of its title
    pub task: String,
    /// Who does it: a username, `commander`, `creator`, `role:NAME`, or `nobody`
    pub person: String,
    /// Which incident.
    #[command(flatten)]
    pub which: Which,
}

/// Arguments of `run role`.
#[derive(Debug, Args)]
pub struct RunRole {
    /// The role
    pub role: Key,
    /// Who fills it from now on
    pub person: Username,
    /// Which incident.
    #[command(flatten)]
    pub which: Which,
}

/// Arguments of `run commander`.
#[derive(Debug, Args)]
pub struct RunCommander {
    /// Who commands from now on; without it, show who does
    pub person: Option<Username>,
    /// Which incident.
    #[command(flatten)]
    pub which: Which,
}

/// Arguments of `run severity`.
#[derive(Debug, Args)]
pub struct RunSeverity {
    /// The severity from now on
    pub severity: Key,
    /// Which incident.
    #[command(flatten)]
    pub which: Which,
}

/// Arguments of `run set`.
#[derive(Debug, Args)]
pub struct RunSet {
    /// The attributes; an empty value clears one
    #[arg(required = true, value_name = "KEY=VALUE")]
    pub attributes: Vec<String>,
    /// Which incident.
    #[command(flatten)]
    pub which: Which,
}

/// Arguments of `run update`.
#[derive(Debug, Args)]
pub struct RunUpdate {
    /// The status from now on
    #[arg(long, value_name = "KEY")]
    pub status: Option<Key>,
    /// A value for an input of the template
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// When the next update is due; default: as before
    #[arg(long, value_name = "DURATION")]
    pub next: Option<Duration>,
    /// The last update: end the incident after it
    #[arg(long = "final")]
    pub last: bool,
    /// Post without asking
    #[arg(short, long)]
    pub yes: bool,
    /// Which incident.
    #[command(flatten)]
    pub which: Which,
}

/// Arguments of `run announce`.
#[derive(Debug, Args)]
pub struct RunAnnounce {
    /// The channels to tell
    #[arg(required = true, value_name = "~CHANNEL")]
    pub channels: Vec<ChannelName>,
    /// Which incident.
    #[command(flatten)]
    pub which: Which,
}

/// Arguments of `run end`.
#[derive(Debug, Args)]
pub struct RunEnd {
    /// End although required tasks are open
    #[arg(short, long)]
    pub yes: bool,
    /// Which incident.
    #[command(flatten)]
    pub which: Which,
}

/// Arguments of `run export`.
#[derive(Debug, Args)]
pub struct RunExport {
    /// Write the files without a commit
    #[arg(long)]
    pub no_commit: bool,
    /// Which incident.
    #[command(flatten)]
    pub which: Which,
}

fn parse_rate_limit(text: &str) -> Result<(u32, u32), String> {
    let (per_second, burst) = text.split_once('/').unwrap_or((text, text));
    match (per_second.parse(), burst.parse()) {
        (Ok(per_second @ 1..), Ok(burst)) => Ok((per_second, burst)),
        _ => Err("requests per second and burst are two numbers, as in `10/100`".to_owned()),
    }
}

fn parse_tier(text: &str) -> Result<Tier, String> {
    match text {
        "core" => Ok(Tier::Core),
        "professional" => Ok(Tier::Professional),
        "enterprise" => Ok(Tier::Enterprise),
        _ => Err("the tiers are core, professional and enterprise".to_owned()),
    }
}
