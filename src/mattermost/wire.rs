//! What all wire types share: times, and how a server says "nothing".
//!
//! Owns the tolerance of the decoders. The plugin sends `null` for some empty
//! lists and leaves keys out from version to version, so that an absent or null
//! value reads as the type's zero value; a value of the wrong type is an error.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};

/// Keys of an object that this version of warroom does not know, kept for writing back.
pub type Rest = serde_json::Map<String, serde_json::Value>;

/// A moment as the server writes it: milliseconds since 1970, 0 for "never".
///
/// In the due date of a playbook's item it is an offset from the start of the run.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Millis(pub i64);

impl Millis {
    /// "Never".
    pub const NEVER: Self = Self(0);

    /// Whether it says "never".
    #[must_use]
    pub fn is_never(self) -> bool {
        self.0 == 0
    }

    /// The moment; `None` for "never", and for what no calendar holds.
    #[must_use]
    pub fn timestamp(self) -> Option<Timestamp> {
        if self.is_never() {
            return None;
        }
        Timestamp::from_millisecond(self.0).ok()
    }

    /// The offset from the start of the run; `None` where none is set.
    #[must_use]
    pub fn offset(self) -> Option<Duration> {
        u64::try_from(self.0)
            .ok()
            .filter(|millis| *millis > 0)
            .map(Duration::from_millis)
    }
}

impl From<Timestamp> for Millis {
    fn from(moment: Timestamp) -> Self {
        Self(moment.as_millisecond())
    }
}

/// Reads `null` as the zero value of the type.
pub(super) fn nullable<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Option::<T>::deserialize(from).map(Option::unwrap_or_default)
}
