//! Digests that only the holder of a token can make.
//!
//! Owns the key for what warroom writes down and reads again, such as a saved plan:
//! nobody else can change it unnoticed, or guess a secret from its digest. The key follows
//! from the token and is never written.

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use super::client::Reader;

/// What the key is for: another purpose has another key.
const PURPOSE: &[u8] = b"warroom saved plan 1";

/// The bytes that SHA-256 takes at once.
const BLOCK: usize = 64;

/// A key that follows from a token.
#[derive(Clone)]
pub struct SealKey([u8; 32]);

impl SealKey {
    /// The key of that token.
    #[must_use]
    pub fn of(token: &SecretString) -> Self {
        Self(hmac(token.expose_secret().as_bytes(), PURPOSE))
    }

    /// The digest of a text, as 64 hexadecimal digits.
    #[must_use]
    pub fn digest(&self, text: &str) -> String {
        hex(hmac(&self.0, text.as_bytes()))
    }
}

fn hex(bytes: [u8; 32]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16);
    let digits = bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]);
    digits.flatten().collect()
}

impl std::fmt::Debug for SealKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealKey")
    }
}

impl Reader {
    /// The key for what only this token may have written.
    #[must_use]
    pub fn seal_key(&self) -> SealKey {
        SealKey::of(&self.transport().credentials().token)
    }
}

/// HMAC-SHA-256, as RFC 2104 has it.
fn hmac(key: &[u8], text: &[u8]) -> [u8; 32] {
    let mut block = [0; BLOCK];
    if key.len() > BLOCK {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let inner = Sha256::new()
        .chain_update(block.map(|byte| byte ^ 0x36))
        .chain_update(text)
        .finalize();
    let outer = Sha256::new()
        .chain_update(block.map(|byte| byte ^ 0x5c))
        .chain_update(inner);
    outer.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_hmac_of_the_standard() {
        // RFC 4231, cases 2 and 6.
        assert_eq!(
            hex(hmac(b"Jefe", b"what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        let text = b"Test Using Larger Than Block-Size Key - Hash Key First";
        assert_eq!(
            hex(hmac(&[0xaa; 131], text)),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        );
    }

    #[test]
    fn another_token_has_another_key_and_none_is_shown() {
        let (one, two) = (SecretString::from("hunter1"), SecretString::from("hunter2"));
        assert_ne!(SealKey::of(&one).digest("x"), SealKey::of(&two).digest("x"));
        assert_eq!(format!("{:?}", SealKey::of(&two)), "SealKey");
    }
}
