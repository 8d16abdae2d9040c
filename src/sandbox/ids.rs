//! Ids of 26 characters, repeatable from a seed.
//!
//! Owns the alphabet and the generator. Two sandboxes that are asked the same
//! things in the same order hand out the same ids.

/// What stands for any object of the server.
///
/// Bare text on purpose: this side has to hold ids that are malformed, dangling
/// or of the wrong kind, exactly as they were sent.
pub(crate) type Id = String;

/// The characters of an id, as Mattermost draws them.
const ALPHABET: &[u8; 32] = b"ybndrfg8ejkmcpqxot1uwisza345h769";

/// The length of an id.
const LENGTH: usize = 26;

/// Hands out ids.
#[derive(Debug, Clone)]
pub(crate) struct Ids {
    state: u64,
}

impl Ids {
    /// A generator that always begins alike for one seed.
    pub(crate) fn seeded(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next id.
    pub(crate) fn next(&mut self) -> Id {
        (0..LENGTH)
            .map(|_| {
                let five_bits = usize::try_from(self.draw() >> 59).unwrap_or_default();
                char::from(ALPHABET[five_bits])
            })
            .collect()
    }

    /// `SplitMix64`: small, and good enough to keep ids apart.
    fn draw(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// Whether core would take it for an id.
pub(crate) fn is_id(text: &str) -> bool {
    text.len() == LENGTH && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_ids() {
        let (mut one, mut two) = (Ids::seeded(7), Ids::seeded(7));
        let first = one.next();
        assert_eq!(first, two.next());
        assert_ne!(first, one.next());
        assert!(is_id(&first));
    }
}
