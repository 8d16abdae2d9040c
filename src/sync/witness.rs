//! The second witness: a preference of the account that syncs.
//!
//! A private playbook from which that account was removed vanishes from its list.
//! The preference remembers that it exists; it only ever prevents a creation.

use sha2::{Digest, Sha256};

use super::canonical::hexadecimal;
use super::desired::Address;
use crate::model::Key;

/// The name of the preference that remembers the id of that playbook: 32 hexadecimal digits.
#[must_use]
pub(super) fn witness_name(workspace: &Key, address: &Address) -> String {
    let text = format!("{workspace}/{}/{}", address.team, address.key);
    let hash = Sha256::digest(text.as_bytes());
    hexadecimal(&hash[..16])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_follows_from_workspace_team_and_key() {
        let address = Address {
            key: "service-outage".parse().unwrap(),
            team: "ops".parse().unwrap(),
        };
        // The first 32 digits of `printf acme-incidents/ops/service-outage | sha256sum`.
        assert_eq!(
            witness_name(&"acme-incidents".parse().unwrap(), &address),
            "872c7052f5bf091681842400a3ead137"
        );
    }
}
