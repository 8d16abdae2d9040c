//! Ids that follow from keys, for objects whose id the client may choose.
//!
//! Mattermost keeps the ids of checklists and tasks that a playbook was written
//! with, and copies them into each incident. Deriving them from keys means that a
//! task of an incident is known for certain, whatever its title became. It keeps
//! the ids of options, too, but gives each incident other ones.

use sha2::{Digest, Sha256};

use super::Key;

/// The alphabet of Mattermost's own ids.
const ALPHABET: &[u8; 32] = b"ybndrfg8ejkmcpqxot1uwisza345h769";

/// The length of Mattermost's own ids.
const LENGTH: usize = 26;

/// The id of a checklist of a playbook, on the server and in every incident.
#[must_use]
pub fn checklist_id(workspace: &Key, playbook: &Key, checklist: &Key) -> String {
    derive(&format!("{workspace}/{playbook}/{checklist}"))
}

/// The id of a task of a playbook, on the server and in every incident.
#[must_use]
pub fn task_id(workspace: &Key, playbook: &Key, checklist: &Key, task: &Key) -> String {
    derive(&format!("{workspace}/{playbook}/{checklist}/{task}"))
}

/// The id of an option of a playbook's attribute, on the server.
///
/// `option` is what names the option in the workspace: its text, or the key of a severity.
#[must_use]
pub fn option_id(workspace: &Key, playbook: &Key, attribute: &Key, option: &str) -> String {
    // No key is empty, so that no checklist or task has a path with `//`.
    derive(&format!("{workspace}/{playbook}//{attribute}/{option}"))
}

/// Keys hold no `/`, so that a path of them is unambiguous; any text may be the last of it.
fn derive(path: &str) -> String {
    let hash = Sha256::digest(path.as_bytes());
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
    use crate::mattermost::is_server_id;

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
        // And this one every option of every attribute.
        let (acme, outage, service) = (key("acme"), key("outage"), key("service"));
        assert_eq!(
            option_id(&acme, &outage, &service, "Check-out / payments"),
            "38yyb3481tpwbqg1nm7az14t73"
        );
    }

    #[test]
    fn an_option_has_an_id_that_the_server_takes_and_nothing_else_has() {
        let id = |attribute: &str, option: &str| {
            option_id(&key("acme"), &key("outage"), &key(attribute), option)
        };
        let ids = [
            id("service", "checkout"),
            id("service", "Checkout"),
            id("service", "checkout "),
            id("service", "é"),
            id("service", "e\u{301}"),
            id("service", ""),
            id("vendor", "checkout"),
            id("a", "b/c"),
            task_id(
                &key("acme"),
                &key("outage"),
                &key("service"),
                &key("checkout"),
            ),
        ];
        for (n, id) in ids.iter().enumerate() {
            assert!(is_server_id(id), "{id}");
            assert!(!ids[..n].contains(id), "{n}");
        }
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
