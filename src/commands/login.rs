//! `warroom login`: a token is tried, then stored for its server.

use secrecy::SecretString;
use serde_json::json;

use crate::cli::{Login, OutputFormat};
use crate::commands::session::store::Store;
use crate::commands::{Context, block_on, session};
use crate::exit::{ExitStatus, Failure};
use crate::mattermost::{Credentials, Site};
use crate::ui::Ui;

/// Runs `warroom login`.
pub(crate) fn run(
    arguments: &Login,
    context: &Context,
    ui: &mut Ui,
) -> Result<ExitStatus, Failure> {
    let site = Site::parse(&arguments.url).map_err(|error| Failure {
        status: ExitStatus::Usage,
        ..Failure::from(error)
    })?;
    let store = Store::of(&context.environment)?;
    if site.exposes_tokens() && !arguments.plain_http {
        ui.warning(&format!(
            "`{site}` is not encrypted: anybody on the way can read the token"
        ));
        if !ui.confirm("Send and store the token all the same?", "--plain-http")? {
            return Err(Failure::refused("no token was sent or stored")
                .help("use the `https://` address of the server"));
        }
    }
    let token = token(arguments, &site, ui)?;
    let credentials = Credentials::new(site, token);
    let reader = session::client(credentials.clone(), &context.environment)?;
    let user = block_on(async { Ok(reader.me().await?) })?;
    store.put(&credentials)?;
    let site = &credentials.site;
    match context.format {
        OutputFormat::Human => ui.result(&format!(
            "Stored the token of `@{}` for `{site}` in `{}`.",
            user.username,
            store.path()
        ))?,
        OutputFormat::Json => ui.json(&json!({
            "version": 1,
            "server": site.as_str(),
            "user": user.username,
            "stored_in": store.path(),
        }))?,
    }
    Ok(ExitStatus::Done)
}

fn token(arguments: &Login, site: &Site, ui: &mut Ui) -> Result<SecretString, Failure> {
    use secrecy::ExposeSecret;
    let given = if arguments.token_stdin {
        SecretString::from(ui.read_line()?.unwrap_or_default())
    } else {
        ui.note(&format!(
            "Make a token in Mattermost under Profile → Security → Personal Access Tokens ({site})."
        ));
        ui.ask_secret("Token:", "--token-stdin")?
    };
    let token = SecretString::from(given.expose_secret().trim());
    if token.expose_secret().is_empty() {
        return Err(
            Failure::new("no token was given").help("paste it, or pipe it to `--token-stdin`")
        );
    }
    session::checked(&token, "the token")?;
    Ok(token)
}
