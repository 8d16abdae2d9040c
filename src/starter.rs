//! The starter workspace that `init` writes.
//!
//! Owns the text of the files, which are those of warroom's own repository, and
//! what changes in them: the workspace's name, the tier, the date of the next
//! review, and the parts that only playbooks left out would use. Pure: returns
//! paths and texts. Must not touch the disk or read the clock.

mod ci;

use std::fmt;

use jiff::civil::Date;
use jiff::{Span, Timestamp};

use crate::model::{Key, Tier};

pub use ci::Ci;

const SETTINGS: &str = include_str!("../warroom.yaml");
const PERMISSIONS: &str = include_str!("../permissions.yaml");
const README: &str = include_str!("starter/workspace-readme.md");
const IGNORED: &str = "# what warroom keeps for itself\n.warroom/\n";

/// The playbook of that name, from this repository's own `playbooks/`.
macro_rules! playbook {
    ($key:literal) => {
        ($key, include_str!(concat!("../playbooks/", $key, ".yaml")))
    };
}

/// The file of that path, from the root of this repository.
macro_rules! file {
    ($path:literal) => {
        ($path, include_str!(concat!("../", $path)))
    };
}

/// The playbooks by key, in the order in which people are shown them.
const PLAYBOOKS: [(&str, &str); 3] = [
    playbook!("service-outage"),
    playbook!("cybersecurity-incident"),
    playbook!("customer-escalation"),
];

const TEMPLATES: [(&str, &str); 15] = [
    file!("templates/announcement.md.j2"),
    file!("templates/customer/retrospective.md.j2"),
    file!("templates/customer/update.md.j2"),
    file!("templates/customer/welcome.md.j2"),
    file!("templates/cybersecurity/announcement.md.j2"),
    file!("templates/cybersecurity/overview.md.j2"),
    file!("templates/cybersecurity/postmortem.md.j2"),
    file!("templates/cybersecurity/retrospective.md.j2"),
    file!("templates/cybersecurity/update.md.j2"),
    file!("templates/cybersecurity/welcome.md.j2"),
    file!("templates/overview.md.j2"),
    file!("templates/postmortem.md.j2"),
    file!("templates/retrospective.md.j2"),
    file!("templates/update.md.j2"),
    file!("templates/welcome.md.j2"),
];

/// The first line of each YAML file points its editor to one of these.
const SCHEMAS: [(&str, &str); 3] = [
    file!("schema/permissions.schema.json"),
    file!("schema/playbook.schema.json"),
    file!("schema/workspace.schema.json"),
];

const WORKSPACE_LINE: &str = "workspace: warroom                     #";
const TIER_LINE: &str = "  tier: enterprise                     #";
const PRIVATE_LINE: &str = "      visibility: private";
const REVIEW_DATE: &str = "by: 2027-05-31";

/// What the workspace is to be like.
#[derive(Debug, Clone)]
pub struct Options {
    /// The name of the workspace.
    pub workspace: Key,
    /// The playbooks to write; none means all.
    pub playbooks: Vec<Key>,
    /// The licence tier of the server.
    pub tier: Tier,
    /// The day until which somebody looks at each playbook again.
    pub review_by: Date,
}

/// Says why there is no such workspace.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StarterError {
    /// There is no starter playbook of that name.
    #[error("there is no starter playbook `{asked}`{}", Hint(*.similar))]
    UnknownPlaybook {
        /// The name that was asked for.
        asked: Key,
        /// The nearest name that exists.
        similar: Option<&'static str>,
    },
    /// The server has no Playbooks.
    #[error(
        "could not make a workspace for the core tier: since server 11 Team Edition has no Playbooks"
    )]
    NoPlaybooks,
}

struct Hint(Option<&'static str>);

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(name) => write!(f, "; did you mean `{name}`?"),
            None => Ok(()),
        }
    }
}

/// The names of the starter playbooks.
pub fn playbooks() -> impl Iterator<Item = &'static str> {
    PLAYBOOKS.iter().map(|(key, _)| *key)
}

/// The day until which a playbook written today is looked at again: half a year from now.
#[must_use]
pub fn review_date(now: Timestamp) -> Date {
    let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
    today.saturating_add(Span::new().months(6))
}

/// The name of a workspace in a folder of that name.
///
/// Everything that no key may hold becomes a hyphen; a folder without a usable
/// name gives `incidents`.
#[must_use]
#[expect(
    clippy::missing_panics_doc,
    reason = "the text that is parsed is a constant"
)]
pub fn workspace_name(folder: &str) -> Key {
    let plain = |c: char| match c {
        'a'..='z' | '0'..='9' => c,
        'A'..='Z' => c.to_ascii_lowercase(),
        _ => '-',
    };
    let hyphened: String = folder.chars().map(plain).collect();
    let words: Vec<&str> = hyphened
        .split('-')
        .filter(|word| !word.is_empty())
        .collect();
    let mut name = words.join("-");
    name.truncate(64);
    name.trim_end_matches('-')
        .parse()
        .unwrap_or_else(|_| "incidents".parse().expect("this is a key, as a test shows"))
}

/// The files of the workspace: paths relative to its root, and their texts, sorted by path.
///
/// # Errors
/// For a playbook that does not exist, and for a tier without Playbooks.
pub fn files(options: &Options) -> Result<Vec<(String, String)>, StarterError> {
    if options.tier == Tier::Core {
        return Err(StarterError::NoPlaybooks);
    }
    let chosen = choose(&options.playbooks)?;
    let settings = settings(options, &chosen);
    let named = |path: &str| {
        settings.contains(path) || chosen.iter().any(|(_, playbook)| playbook.contains(path))
    };
    let templates = TEMPLATES.iter().filter(|(path, _)| named(path));
    let mut files: Vec<(String, String)> = SCHEMAS
        .iter()
        .chain(templates)
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
        .collect();
    let review = format!("by: {}", options.review_by);
    for (key, text) in &chosen {
        let text = text.replace(REVIEW_DATE, &review);
        files.push((format!("playbooks/{key}.yaml"), text));
    }
    files.push(("permissions.yaml".to_owned(), permissions(options, &chosen)));
    files.push(("warroom.yaml".to_owned(), settings));
    files.push((".gitignore".to_owned(), IGNORED.to_owned()));
    files.push(("README.md".to_owned(), readme(&chosen)));
    files.sort();
    Ok(files)
}

type Chosen = Vec<(&'static str, &'static str)>;

fn choose(asked: &[Key]) -> Result<Chosen, StarterError> {
    for key in asked {
        if !playbooks().any(|name| name == key.as_str()) {
            return Err(StarterError::UnknownPlaybook {
                asked: key.clone(),
                similar: nearest(key.as_str()),
            });
        }
    }
    let wanted = |name: &str| asked.is_empty() || asked.iter().any(|key| key.as_str() == name);
    Ok(PLAYBOOKS
        .into_iter()
        .filter(|(name, _)| wanted(name))
        .collect())
}

/// The playbook that somebody may have meant: nearly the same name, or one of its words.
fn nearest(asked: &str) -> Option<&'static str> {
    let names: Vec<&str> = playbooks().collect();
    if let Some(close) = similar::get_close_matches(asked, &names, 1, 0.6).first() {
        return playbooks().find(|name| name == close);
    }
    playbooks().find(|name| {
        name.split('-')
            .any(|word| asked.split('-').any(|a| a == word))
    })
}

fn settings(options: &Options, chosen: &Chosen) -> String {
    let workspace = format!("workspace: {}", as_text(options.workspace.as_str()));
    let text = SETTINGS.replacen(WORKSPACE_LINE, &commented(&workspace), 1);
    let text = match options.tier {
        Tier::Professional => text.replacen(TIER_LINE, &commented("  tier: professional"), 1),
        Tier::Core | Tier::Enterprise => text,
    };
    // A role that no playbook uses would only raise the question who takes it.
    keep_entries(&text, "roles", |role| {
        let line = format!("assign: role:{role}");
        chosen
            .iter()
            .any(|(_, text)| text.lines().any(|l| l.trim() == line))
    })
}

/// A key as YAML reads it as a text, whatever version of YAML.
fn as_text(key: &str) -> String {
    const OTHERWISE: [&str; 9] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    if key.starts_with(|c: char| c.is_ascii_digit()) || OTHERWISE.contains(&key) {
        format!("\"{key}\"")
    } else {
        key.to_owned()
    }
}

/// A line up to its comment, which stands in the column of all others.
fn commented(line: &str) -> String {
    format!("{line:<38} #")
}

fn permissions(options: &Options, chosen: &Chosen) -> String {
    let text = keep_entries(PERMISSIONS, "profiles", |profile| {
        let access = format!("access: {profile} ");
        chosen.iter().any(|(_, text)| text.contains(&access))
    });
    let profiles = text.clone();
    let text = keep_entries(&text, "groups", |group| {
        let person = format!("group:{group}");
        let names = |text: &str| {
            let mut rest = text.split(&person).skip(1);
            rest.any(|after| after.starts_with([',', ']']))
        };
        names(&profiles) || chosen.iter().any(|(_, text)| names(text))
    });
    match options.tier {
        Tier::Professional => public(&text),
        Tier::Core | Tier::Enterprise => text,
    }
}

/// Professional has no private playbooks; incident channels stay what they are.
fn public(permissions: &str) -> String {
    permissions
        .replace(PRIVATE_LINE, "      visibility: public")
        .replacen(
            "private: only the people named here see it; needs the Enterprise tier (Entry counts)",
            "public: the team sees it, since the Professional tier has no private playbooks",
            1,
        )
}

fn readme(chosen: &Chosen) -> String {
    let first = chosen.first().map_or("service-outage", |(key, _)| *key);
    let example = match first {
        "cybersecurity-incident" => "cybersecurity-incident --name \"Strange logins\"",
        "customer-escalation" => "customer-escalation --name \"Exports of one customer fail\"",
        _ => "service-outage --name \"Checkout fails\"",
    };
    README.replacen("service-outage --name \"Checkout fails\"", example, 1)
}

/// The text of a YAML file without those entries of a top-level mapping that `keep` refuses.
///
/// Knows only the layout of our own files: entries are indented by two blanks,
/// blank lines belong to the entry that follows.
fn keep_entries(text: &str, section: &str, keep: impl Fn(&str) -> bool) -> String {
    let header = format!("{section}:");
    let mut kept = String::with_capacity(text.len());
    let mut inside = false;
    let mut keeping = true;
    let mut any = false;
    let mut blank = false;
    for line in text.lines() {
        if line.is_empty() && inside {
            blank = true;
            continue;
        }
        let entry = line
            .strip_prefix("  ")
            .filter(|rest| !rest.starts_with(' '));
        if !line.starts_with(' ') {
            inside = line.starts_with(&header);
            keeping = true;
            // The first entry that is kept follows its header directly.
            any = !inside;
        } else if inside && let Some((key, _)) = entry.and_then(|entry| entry.split_once(':')) {
            keeping = keep(key);
        }
        if !keeping {
            blank = false;
            continue;
        }
        if std::mem::take(&mut blank) && any {
            kept.push('\n');
        }
        any |= line.starts_with(' ');
        kept.push_str(line);
        kept.push('\n');
    }
    kept
}

#[cfg(test)]
mod tests;
