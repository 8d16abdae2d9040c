//! Which server a command talks to, and with which token.
//!
//! Owns the rule that a token goes only to the host it was given for:
//! `WARROOM_TOKEN` to `WARROOM_SERVER`, a token stored by `warroom login URL` to
//! that URL. What a workspace says about its server chooses among stored tokens
//! and nothing more: anybody can open a pull request.

pub(crate) mod store;

use secrecy::{ExposeSecret, SecretString};

use crate::commands::Context;
use crate::environment::Environment;
use crate::exit::{ExitStatus, Failure};
use crate::mattermost::{ApiError, Credentials, Reader, Site, SiteError};
use crate::ui::Ui;

/// Where a token came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// `WARROOM_TOKEN`.
    Environment,
    /// `warroom login`.
    Login,
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Environment => "`WARROOM_TOKEN`",
            Self::Login => "stored by `warroom login`",
        })
    }
}

/// The client for a workspace whose `server.url` is `configured`.
///
/// # Errors
/// When no server is named, or there is no token for it; the help says `warroom login URL`.
pub(crate) fn reader(
    context: &Context,
    configured: Option<&str>,
    ui: &mut Ui,
) -> Result<Reader, Failure> {
    let (credentials, _) = credentials(context, configured, ui)?;
    client(credentials, &context.environment)
}

/// The client for these credentials.
///
/// # Errors
/// When the token cannot be a token.
pub(crate) fn client(
    credentials: Credentials,
    environment: &Environment,
) -> Result<Reader, Failure> {
    Ok(Reader::with_options(credentials, environment.connection())?)
}

/// The token for a workspace, bound to its site.
///
/// # Errors
/// As [`reader`].
pub(crate) fn credentials(
    context: &Context,
    configured: Option<&str>,
    ui: &mut Ui,
) -> Result<(Credentials, Origin), Failure> {
    let environment = &context.environment;
    let chosen = environment.variable("WARROOM_SERVER");
    let token = environment.variable("WARROOM_TOKEN");
    let site = match (chosen, configured) {
        (Some(chosen), configured) => {
            let site = named("WARROOM_SERVER", chosen)?;
            // An address that cannot be read is a finding of `validate`, and not to be repeated here.
            let other = configured.and_then(|url| Site::parse(url).ok());
            if let Some(other) = other.filter(|other| *other != site) {
                ui.note(&format!(
                    "note: using `WARROOM_SERVER` ({site}), not the workspace's `server.url` ({other})"
                ));
            }
            site
        }
        (None, _) if token.is_some() => {
            return Err(Failure::refused(
                "`WARROOM_TOKEN` is set, but not which server it belongs to",
            )
            .help(
                "set `WARROOM_SERVER` too, or unset `WARROOM_TOKEN` and store a token with `warroom login URL`",
            ));
        }
        (None, Some(configured)) => named("server.url", configured)?,
        (None, None) => {
            return Err(Failure::new("no Mattermost server is named").help(
                "set `server.url` in `warroom.yaml` and run `warroom login URL`, or set `WARROOM_SERVER` and `WARROOM_TOKEN`",
            ));
        }
    };
    if let Some(token) = token {
        let token = SecretString::from(token.trim());
        checked(&token, "`WARROOM_TOKEN`")?;
        return Ok((
            guarded(Credentials::new(site, token), ui),
            Origin::Environment,
        ));
    }
    let stored = store::Store::of(environment)?.token(&site)?;
    let Some(token) = stored else {
        return Err(
            Failure::new(format!("there is no token for `{site}`")).help(format!(
                "store one with `warroom login {site}`, or set `WARROOM_SERVER` and `WARROOM_TOKEN`"
            )),
        );
    };
    Ok((guarded(Credentials::new(site, token), ui), Origin::Login))
}

/// Refuses what cannot be a token before it is sent anywhere; never shows it.
///
/// # Errors
/// When it holds blanks, line breaks or other characters that no token has.
pub(crate) fn checked(token: &SecretString, name: &str) -> Result<(), Failure> {
    if token
        .expose_secret()
        .bytes()
        .all(|byte| byte.is_ascii_graphic())
    {
        return Ok(());
    }
    Err(Failure::new(format!(
        "{name} holds characters that no token has, such as blanks or line breaks"
    ))
    .help("copy the token again: it is one word of letters and digits"))
}

/// Whoever named such a server may have to: a warning, since a token that was read is lost.
fn guarded(credentials: Credentials, ui: &mut Ui) -> Credentials {
    if credentials.site.exposes_tokens() {
        ui.warning(&format!(
            "the token travels to `{}` unencrypted; use an `https://` address",
            credentials.site
        ));
    }
    credentials
}

/// The site in a setting.
pub(crate) fn named(setting: &str, url: &str) -> Result<Site, Failure> {
    Site::parse(url).map_err(|error| Failure::from(error).in_setting(setting))
}

impl Failure {
    fn in_setting(mut self, setting: &str) -> Self {
        self.message = format!("could not use `{setting}`: {}", self.message);
        self
    }
}

impl From<SiteError> for Failure {
    fn from(error: SiteError) -> Self {
        Self::new(error.to_string())
            .help("write it as `https://chat.example.com`, with the sub-path if there is one")
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        let status = match &error {
            ApiError::Unauthorized(_) | ApiError::Forbidden(_) => ExitStatus::Forbidden,
            ApiError::TooLong { .. } | ApiError::Spent { .. } => ExitStatus::Refused,
            _ => ExitStatus::Failed,
        };
        Self::with_status(status, error.to_string()).help(error.help())
    }
}
