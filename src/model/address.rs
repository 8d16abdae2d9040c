//! Addresses: of the server, and of where people read files on the web.
//!
//! The one rule for both places that take the address of a server, a setting and
//! a command line. No error repeats a password that stands in an address.

use url::Url;

/// Why a text is not the address of a server.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SiteError {
    /// Not a URL at all.
    #[error("`{given}` is not a URL: {problem}")]
    Unreadable {
        /// What was given.
        given: String,
        /// What is wrong with it.
        problem: String,
    },
    /// Neither http nor https.
    #[error("`{0}` is not an `https://` or `http://` address")]
    Scheme(String),
    /// With a name or password inside. The address is left out: it would show the password.
    #[error("the address of a server must not contain a user name or password")]
    Userinfo,
    /// With a query or fragment.
    #[error("the address of a server must not contain `?` or `#`: `{0}`")]
    Decorated(String),
    /// With parts that lead elsewhere than they seem to.
    #[error("the address of a server must not contain `.` or `..` as a part: `{0}`")]
    Dots(String),
}

/// Reads the address of a server, such as `https://chat.example.com/sub`; no slash ends it.
///
/// # Errors
/// When it is no http or https URL, or has more to it than host, port and path.
pub fn site_url(given: &str) -> Result<Url, SiteError> {
    let given = given.trim();
    let mut url = web(given)?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err(SiteError::Decorated(given.to_owned()));
    }
    if given
        .split(['/', '\\'])
        .any(|part| matches!(part, "." | ".."))
    {
        return Err(SiteError::Dots(given.to_owned()));
    }
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    Ok(url)
}

/// Reads an address on the web.
///
/// # Errors
/// When it is no http or https URL, or holds a name or password.
pub fn web_url(given: &str) -> Result<Url, SiteError> {
    web(given.trim())
}

fn web(given: &str) -> Result<Url, SiteError> {
    // The parser's message never quotes its input; the input may hold a password.
    let shown = given.rsplit('@').next().unwrap_or_default();
    let unreadable = |problem: &str| SiteError::Unreadable {
        given: shown.to_owned(),
        problem: problem.to_owned(),
    };
    // The parser drops line breaks, and nobody sees what is left.
    if given.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err(unreadable("it contains a space"));
    }
    let url = Url::parse(given).map_err(|problem| match problem {
        url::ParseError::RelativeUrlWithoutBase => unreadable("it does not begin with `https://`"),
        problem => unreadable(&problem.to_string()),
    })?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(SiteError::Userinfo);
    }
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(SiteError::Scheme(shown.to_owned()));
    }
    // The parser mends `https:host`, and people read it as something else.
    if !given[url.scheme().len()..].starts_with("://") {
        return Err(SiteError::Scheme(shown.to_owned()));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_address_of_a_server_is_refused_without_its_password() {
        for text in [
            "",
            "https://u:CANARY@evil/?x=",
            "https://u:CANARY@:99999",
            "https://u:CANA RY@evil",
            "https://ex ample",
            "https://ex\nample",
            "https://[::1",
            "https://",
            "https:chat.example.com",
            "https:\\\\chat.example.com",
            "https://a/../b",
            "https://a/./b",
            "https://a/?b",
            "https://a/#b",
            "javascript:x",
            "ftp://a",
        ] {
            let error = site_url(text).unwrap_err().to_string();
            assert!(!error.contains("CANA"), "{error}");
        }
        let url = site_url(" https://chat.example.com:8443/sub//\n").unwrap();
        assert_eq!(url.as_str(), "https://chat.example.com:8443/sub");
    }

    #[test]
    fn an_address_on_the_web_may_have_a_query_and_a_place_for_the_path() {
        assert!(web_url("https://git.example.com/blob/main/{path}?plain=1#L1").is_ok());
        assert_eq!(
            web_url("https://u:p@git.example.com"),
            Err(SiteError::Userinfo)
        );
    }
}
