//! The story of the demo: who types what, and how much later.
//!
//! Only words; `demo` carries them out. Lines are written as one types them in a
//! shell, with single quotes around what holds blanks.

use Step::{Git, Later, Say, Serve, Warroom};

/// One step of the story.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    /// Words between commands.
    Say(&'static str),
    /// So many minutes pass.
    Later(u64),
    /// A person types a warroom command.
    Warroom(&'static str, &'static str),
    /// Somebody types a git command.
    Git(&'static str),
    /// The sandbox starts, and its address goes into `warroom.yaml`.
    Serve,
}

/// The steps, in order.
pub(super) const STORY: &[Step] = &[
    Say("An empty git repository becomes a workspace with the starter playbooks."),
    Warroom("admin", "init ."),
    Say(
        "A stand-in Mattermost knows everybody whom the workspace names. On your own server: `warroom login`.",
    ),
    Serve,
    Warroom("admin", "validate"),
    Git("add --all"),
    Git("commit --quiet --message 'Start with the starter playbooks'"),
    Say("The playbooks reach Mattermost: first shown, then done, by the account that may."),
    Warroom("warroom-bot", "plan"),
    Warroom("warroom-bot", "sync --yes"),
    Say(
        "Payments fail. Alice starts an incident: channel, people, tasks and timer are there at once.",
    ),
    Warroom(
        "alice",
        "run start service-outage --name 'Checkout answers 5xx' --severity sev1 --description 'Payments fail since the deploy of 11:40'",
    ),
    Later(3),
    Warroom("alice", "run check confirm severity"),
    Warroom("alice", "run role ops-lead bob"),
    Warroom("alice", "run role comms dave"),
    Warroom("alice", "run check roles"),
    Later(4),
    Warroom("bob", "run check freeze --incident OUT-00001"),
    Warroom(
        "alice",
        "run update --status active --set impact='4 of 10 payments fail' --set next='Find what the deploy broke' --yes",
    ),
    Warroom("alice", "run check first-update"),
    Say("Carol comes on shift and takes over. Whoever the playbook names hears of it."),
    Later(9),
    Warroom("alice", "run commander carol"),
    Warroom("carol", "run announce ~support --incident OUT-00001"),
    Warroom("bob", "run check scope recent-changes"),
    Later(6),
    Warroom("carol", "run check choose"),
    Later(11),
    Warroom("bob", "run check carry-out"),
    Warroom("carol", "run skip escalate"),
    Warroom(
        "carol",
        "run update --status monitoring --set impact='Payments work again' --set next='Watch for 30 minutes' --yes",
    ),
    Warroom("carol", "run show"),
    Later(31),
    Warroom("bob", "run check verify watch unfreeze"),
    Warroom("carol", "run check post-mortem final-update"),
    Warroom(
        "carol",
        "run update --set impact='None since 12:33' --set next='Review on Monday' --yes",
    ),
    Warroom("carol", "run end --yes"),
    Say("What happened goes back to git, in a commit of its own."),
    Warroom("carol", "run export"),
    Say("Nothing is left to bring into Mattermost: a second sync changes nothing."),
    Warroom("warroom-bot", "sync --yes"),
    Git("log --oneline --stat --max-count 1"),
];

/// The words of a line, without the single quotes around them.
pub(super) fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            c => {
                if let Some(word) = words.last_mut() {
                    word.push(c);
                }
            }
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_split_as_a_shell_splits_it() {
        assert_eq!(
            words("run start  x --name 'a b' --set k='c d'"),
            ["run", "start", "x", "--name", "a b", "--set", "k=c d"]
        );
    }
}
