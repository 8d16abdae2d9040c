//! A token, bound to the one site it is for.
//!
//! Owns the normal form of a site URL and the rule that a token and its site
//! travel together. Nothing here prints a token: not `Debug`, not an error.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use url::{Host, Url};

pub use crate::model::SiteError;
use crate::model::site_url;

/// The address of a Mattermost server, in normal form: no trailing slash, query or fragment.
///
/// Two spellings of one address are equal, so that a stored token is found again.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Site(Url);

impl Site {
    /// Reads the address of a server, such as `https://chat.example.com/sub`.
    ///
    /// # Errors
    /// When it is no http or https URL, or has more to it than host, port and path.
    pub fn parse(given: &str) -> Result<Self, SiteError> {
        site_url(given).map(Self)
    }

    /// The address as text, without a trailing slash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }

    /// The address as a URL.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// Whether it is this machine: `localhost`, or an address that never leaves it.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        match self.0.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(name)) => {
                let name = name.trim_end_matches('.');
                name == "localhost" || name.ends_with(".localhost")
            }
            None => false,
        }
    }

    /// Whether a token sent there could be read on the way.
    #[must_use]
    pub fn exposes_tokens(&self) -> bool {
        self.0.scheme() == "http" && !self.is_loopback()
    }
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.as_str())
    }
}

/// A token together with the only site it may be sent to.
#[derive(Clone)]
pub struct Credentials {
    /// The site.
    pub site: Site,
    /// The token.
    pub token: SecretString,
}

impl Credentials {
    /// The token for that site.
    #[must_use]
    pub fn new(site: Site, token: impl Into<SecretString>) -> Self {
        Self {
            site,
            token: token.into(),
        }
    }

    /// The text with every occurrence of the token taken out: a server may echo what it was sent.
    #[must_use]
    pub(super) fn scrub(&self, text: &str) -> String {
        let token = self.token.expose_secret();
        if token.is_empty() {
            return text.to_owned();
        }
        text.replace(token, "[token]")
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("site", &self.site)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(text: &str) -> Site {
        Site::parse(text).unwrap()
    }

    #[test]
    fn spellings_of_one_address_are_equal() {
        let plain = site("https://chat.example.com/sub");
        assert_eq!(plain, site("HTTPS://Chat.Example.com:443/sub//"));
        assert_eq!(plain.as_str(), "https://chat.example.com/sub");
        assert_eq!(
            site("http://localhost:8065/").as_str(),
            "http://localhost:8065"
        );
        assert_ne!(plain, site("https://chat.example.com/sub2"));
        assert_ne!(plain, site("http://chat.example.com/sub"));
    }

    #[test]
    fn an_address_with_more_to_it_is_refused() {
        assert_eq!(
            Site::parse("https://u:secret@example.com"),
            Err(SiteError::Userinfo)
        );
        assert!(matches!(
            Site::parse("https://example.com/?a=b"),
            Err(SiteError::Decorated(_))
        ));
        assert!(matches!(
            Site::parse("ftp://example.com"),
            Err(SiteError::Scheme(_))
        ));
        let odd = Site::parse("https://u:secret@:99999").unwrap_err();
        assert!(!odd.to_string().contains("secret"));
    }

    #[test]
    fn plain_http_is_safe_only_on_this_machine() {
        for safe in [
            "http://127.0.0.1:8065",
            "http://[::1]:8065",
            "http://localhost",
            "https://chat.example.com",
        ] {
            assert!(!site(safe).exposes_tokens(), "{safe}");
        }
        for open in [
            "http://chat.example.com",
            "http://localhost.example.com",
            "http://10.0.0.1",
        ] {
            assert!(site(open).exposes_tokens(), "{open}");
        }
    }

    #[test]
    fn a_token_is_never_shown() {
        let credentials = Credentials::new(site("https://chat.example.com"), "hunter2hunter2");
        assert!(!format!("{credentials:?} {credentials:#?}").contains("hunter2"));
        assert_eq!(credentials.scrub("got hunter2hunter2!"), "got [token]!");
    }
}
