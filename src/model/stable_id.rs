//! Ids that follow from keys, for objects whose id the client may choose.
//!
//! Mattermost keeps the ids of checklists and tasks that a playbook was written
//! with, and copies them into each incident. Deriving them from keys means that a
//! task of an incident is known for certain, whatever its title became.

use sha2::{Digest, Sha256};

use super::Key;

/// The alphabet of Mattermost's own ids.
const ALPHABET: &[u8; 32] = b"ybndrfg8ejkmcpqxot1uwisza345h769";

/// The length of Mattermost's own ids.
const LENGTH: usize = 26;

/// The id of a checklist of a playbook, on the server and in every incident.
#[must_use]
pub fn checklist_id(workspace: &Key, playbook: &Key, checklist: &Key) -> String {
    derive(&[workspace, playbook, checklist])
}

/// The id of a task of a playbook, on the server and in every incident.
#[must_use]
pub fn task_id(workspace: &Key, playbook: &Key, checklist: &Key, task: &Key) -> String {
    derive(&[workspace, playbook, checklist, task])
}

/// Keys hold no `/`, so that joining them is unambiguous.
fn derive(keys: &[&Key]) -> String {
    let path: Vec<&str> = keys.iter().map(|key| key.as_str()).collect();
    let hash = Sha256::digest(path.join("/").as_bytes());
    let bit = |n: usize| (hash[n / 8] >> (7 - n % 8)) & 1;
    (0..LENGTH)
        .map(|letter| {
            let index = (letter * 5..letter * 5 + 5).fold(0, |index, n| index << 1 | bit(n));
            char::from(ALPHABET[usize::from(index)])
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Key {
        text.parse().unwrap()
    }

    #[test]
    fn ids_follow_from_keys_and_never_change() {
        // Changing these would make every task of every running incident unknown.
        assert_eq!(
            checklist_id(&key("acme"), &key("outage"), &key("triage")),
            "4mxfcicu38q6iwkhd4zp96gkum"
        );
        assert_eq!(
            task_id(
                &key("acme"),
                &key("outage"),
                &key("triage"),
                &key("confirm")
            ),
            "19jkswmqio5kzabrbtixekdk3i"
        );
    }

    #[test]
    fn different_keys_have_different_ids() {
        let ids = [
            checklist_id(&key("a"), &key("b"), &key("c")),
            checklist_id(&key("a"), &key("c"), &key("b")),
            task_id(&key("a"), &key("b"), &key("c"), &key("d")),
            task_id(&key("a"), &key("b"), &key("d"), &key("c")),
        ];
        for (n, id) in ids.iter().enumerate() {
            assert_eq!(id.len(), LENGTH);
            assert!(!ids[..n].contains(id));
        }
    }
}
