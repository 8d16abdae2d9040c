//! The two clients: one that can only read, one that can write.
//!
//! Owns the split of capabilities. Whatever is given a [`Reader`] sends nothing
//! but GET and the two look-ups that the server makes a POST. A [`Writer`] is
//! made by a verb, after consent.

use std::ops::Deref;
use std::sync::Arc;

use super::credentials::{Credentials, Site};
use super::error::ApiError;
use super::transport::{Options, Transport};

/// Reads from a server. Clones share one connection pool and one count.
#[derive(Debug, Clone)]
pub struct Reader(Arc<Transport>);

impl Reader {
    /// A client for the site of the credentials. Nothing is sent yet.
    ///
    /// # Errors
    /// When the token cannot be a token.
    pub fn new(credentials: Credentials) -> Result<Self, ApiError> {
        Self::with_options(credentials, Options::default())
    }

    /// A client that behaves as told.
    ///
    /// # Errors
    /// As [`Reader::new`].
    pub fn with_options(credentials: Credentials, options: Options) -> Result<Self, ApiError> {
        Transport::new(credentials, options).map(|transport| Self(Arc::new(transport)))
    }

    /// The site it reads from.
    #[must_use]
    pub fn site(&self) -> &Site {
        &self.0.credentials().site
    }

    /// How many requests were sent so far, repetitions included.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.0.requests()
    }

    /// Sends at most that many requests from now on, then fails with [`ApiError::Spent`].
    pub fn allow(&self, requests: u64) {
        self.0.limiter().allow(requests);
    }

    /// How many more requests are allowed; none without a limit.
    #[must_use]
    pub fn requests_left(&self) -> Option<u64> {
        self.0.limiter().left()
    }

    pub(super) fn transport(&self) -> &Transport {
        &self.0
    }
}

/// Reads from a server and writes to it.
#[derive(Debug, Clone)]
pub struct Writer(Reader);

impl Writer {
    /// A client that may write, too. Only verbs make one, once somebody has agreed.
    #[must_use]
    pub fn new(reader: Reader) -> Self {
        Self(reader)
    }
}

impl Deref for Writer {
    type Target = Reader;

    fn deref(&self) -> &Reader {
        &self.0
    }
}
