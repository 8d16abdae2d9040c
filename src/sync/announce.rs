//! One post for each sync that changed something.
//!
//! Owns its words and its length. Keys and counts are ours; the name of an author is
//! somebody's text: it stands in code, where it calls nobody and links to nothing.

use super::apply::{Applied, Outcome};
use super::plan::Fate;
use super::site::{Account, Writing};
use crate::mattermost::{ApiError, limits};
use crate::model::{ChannelName, Key};

/// Characters of an author's name that are shown.
const AUTHOR: usize = 80;

/// Why the post could not be written.
#[derive(Debug, thiserror::Error)]
pub enum AnnounceError {
    /// The channel is not there, or hidden.
    #[error("the channel is not known to the server")]
    NoChannel,
    /// The server refused or failed.
    #[error("{0}")]
    Api(#[from] ApiError),
}

/// What was synced, by whom, and from where.
#[derive(Debug, Clone, Copy)]
pub struct Announcement<'a> {
    /// The workspace.
    pub workspace: &'a Key,
    /// Whose token it was.
    pub account: &'a Account,
    /// The commit of the files, if they are those of one.
    pub commit: Option<&'a str>,
    /// Who wrote that commit, as git says.
    pub author: Option<&'a str>,
    /// What became of the plan.
    pub applied: &'a Applied,
}

impl Announcement<'_> {
    /// What the post says; never longer than a post may be.
    #[must_use]
    pub fn words(&self) -> String {
        let from = match (self.commit, self.author.map(in_code)) {
            (Some(commit), Some(author)) => format!("commit `{commit}` by {author}"),
            (Some(commit), None) => format!("commit `{commit}`"),
            (None, _) => "uncommitted files".to_owned(),
        };
        let mut text = format!(
            "`{}` synced the playbooks of **{}** from {from}: {}",
            self.account.username,
            self.workspace,
            self.summary()
        );
        let mut room = limits::MESSAGE - text.chars().count();
        let lines: Vec<String> = self.applied.told().map(line).collect();
        for (n, line) in lines.iter().enumerate() {
            let left = lines.len() - n;
            let rest = format!("\n… and {left} more");
            let length = line.chars().count();
            // What follows must leave room for the words about what is left out.
            let needed = if left == 1 { 0 } else { rest.chars().count() };
            if length + needed > room {
                text.push_str(&rest);
                break;
            }
            room -= length;
            text.push_str(line);
        }
        text
    }

    /// How many playbooks had which fate.
    fn summary(&self) -> String {
        let words = [
            (Fate::Create, "created"),
            (Fate::Complete, "finished"),
            (Fate::Update, "updated"),
            (Fate::Adopt, "adopted"),
            (Fate::Restore, "restored"),
            (Fate::Release, "released"),
            (Fate::Archive, "archived"),
        ];
        let count = |fate: Fate| {
            let done = |outcome: &&Outcome| outcome.action == fate && outcome.result.is_ok();
            self.applied.told().filter(done).count()
        };
        let counts = words.into_iter().map(|(fate, word)| (count(fate), word));
        let failed = self
            .applied
            .told()
            .filter(|outcome| outcome.result.is_err());
        let all = counts.chain([(failed.count(), "failed")]);
        let said = all.filter(|(count, _)| *count > 0);
        let said: Vec<String> = said
            .map(|(count, word)| format!("{count} {word}"))
            .collect();
        said.join(", ")
    }
}

fn line(outcome: &Outcome) -> String {
    let (key, team) = (&outcome.address.key, &outcome.address.team);
    let failed = match &outcome.result {
        Ok(()) => "",
        Err(_) => " **failed**",
    };
    format!("\n- {} `{key}` ({team}){failed}", outcome.action)
}

/// A name as code that it cannot end.
fn in_code(name: &str) -> String {
    let harmless = |c: &char| !c.is_control() && *c != '`';
    let name: String = name.chars().filter(harmless).take(AUTHOR).collect();
    match name.trim() {
        "" => "somebody".to_owned(),
        name => format!("`{name}`"),
    }
}

/// Posts it into the channel of that team.
///
/// # Errors
/// When there is no such channel, or the account may not post there.
pub async fn announce(
    site: &impl Writing,
    team: Option<&String>,
    channel: &ChannelName,
    message: &str,
) -> Result<(), AnnounceError> {
    let team = team.ok_or(AnnounceError::NoChannel)?;
    let id = site.channel_named(team, channel.bare()).await?;
    let id = id.ok_or(AnnounceError::NoChannel)?;
    Ok(site.post(&id, message).await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::apply::ApplyError;
    use crate::sync::desired::Address;

    fn outcome(key: &str, action: Fate, result: Result<(), ApplyError>) -> Outcome {
        Outcome {
            address: Address {
                key: key.parse().unwrap(),
                team: "ops".parse().unwrap(),
            },
            id: None,
            action,
            wrote: true,
            result,
        }
    }

    fn words(outcomes: Vec<Outcome>, author: Option<&str>) -> String {
        let account = Account {
            id: "x".to_owned(),
            username: "bot".to_owned(),
            ..Account::default()
        };
        Announcement {
            workspace: &"acme".parse().unwrap(),
            account: &account,
            commit: Some("3f2a91c"),
            author,
            applied: &Applied {
                outcomes,
                ..Applied::default()
            },
        }
        .words()
    }

    #[test]
    fn the_post_says_who_and_what() {
        let outcomes = vec![
            outcome("a", Fate::Create, Ok(())),
            outcome("b", Fate::Update, Err(ApplyError::Moved)),
            outcome("c", Fate::Remember, Ok(())),
        ];
        insta::assert_snapshot!(words(outcomes, Some("Carol @all `x` [y](z)\n")), @r"
        `bot` synced the playbooks of **acme** from commit `3f2a91c` by `Carol @all x [y](z)`: 1 created, 1 failed
        - create `a` (ops)
        - update `b` (ops) **failed**
        ");
    }

    #[test]
    fn a_post_is_never_longer_than_the_server_takes() {
        for count in [300, 560, 561, 2_000] {
            let outcomes =
                (0..count).map(|n| outcome(&format!("playbook-{n:04}"), Fate::Update, Ok(())));
            let text = words(outcomes.collect(), Some(&"x".repeat(1_000)));
            assert!(text.chars().count() <= limits::MESSAGE);
            let listed = text.lines().filter(|line| line.starts_with("- ")).count();
            let rest = text
                .lines()
                .last()
                .and_then(|line| line.strip_prefix("… and "));
            let rest = rest.and_then(|rest| rest.split(' ').next()).unwrap_or("0");
            assert_eq!(listed + rest.parse::<usize>().unwrap(), count, "{count}");
        }
    }
}
