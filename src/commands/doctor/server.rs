//! What only the server can tell: version, account, plugin, licence.

use crate::commands::doctor::of_failure;
use crate::exit::Failure;
use crate::mattermost::core::Edition;
use crate::mattermost::playbooks::PlaybooksVersion;
use crate::mattermost::{ApiError, Reader};
use crate::model::{Settings, Tier};
use crate::ui::checks::{Check, Verdict};

/// The checks below, in order.
pub(super) const NAMES: [&str; 4] = ["server", "account", "playbooks", "licence"];

/// Asks the server; after a failure the checks that depend on it are skipped.
pub(super) async fn checks(reader: &Reader, settings: Option<&Settings>) -> Vec<Check> {
    let mut found = Vec::new();
    for name in NAMES {
        let check = match name {
            "server" => server(reader).await,
            "account" => account(reader, settings).await,
            "playbooks" => playbooks(reader, settings).await,
            _ => licence(reader, settings).await,
        };
        let check = check.unwrap_or_else(|error| of_failure(name, Failure::from(error)));
        let stop = check.verdict == Verdict::Problem && matches!(name, "server" | "account");
        found.push(check);
        if stop {
            break;
        }
    }
    let looked_at = found.len();
    found.extend(NAMES.into_iter().skip(looked_at).map(Check::skipped));
    found
}

async fn server(reader: &Reader) -> Result<Check, ApiError> {
    reader.ping().await?;
    let config = reader.config().await?;
    let version = config.get("Version").map_or("", String::as_str);
    let site = reader.site();
    let mut message = format!("Mattermost {version} at `{site}`");
    if site.exposes_tokens() {
        message.push_str(" (unencrypted: the token can be read on the way)");
    }
    Ok(Check::ok("server", message))
}

async fn account(reader: &Reader, settings: Option<&Settings>) -> Result<Check, ApiError> {
    let me = reader.me().await?;
    let teams = reader.my_teams().await?;
    let kind = if me.is_bot { "bot" } else { "user" };
    let admin = if me.is_system_admin() {
        ", system administrator"
    } else {
        ""
    };
    let name = &me.username;
    if teams.is_empty() {
        return Ok(Check::problem(
            "account",
            format!("`@{name}` ({kind}{admin}) is on no team"),
            "add the account to the teams that it is to work in",
        ));
    }
    let teams: Vec<&str> = teams.iter().map(|team| team.name.as_str()).collect();
    let mut message = format!("`@{name}` ({kind}{admin}); teams: {}", teams.join(", "));
    let syncs = settings.and_then(|settings| settings.sync.account.as_ref());
    if let Some(account) = syncs.filter(|account| account.as_str() != name) {
        message.push_str("; only `@");
        message.push_str(account.as_str());
        message.push_str("` may sync this workspace");
    }
    Ok(Check::ok("account", message))
}

async fn playbooks(reader: &Reader, settings: Option<&Settings>) -> Result<Check, ApiError> {
    const NAME: &str = "playbooks";
    let version = match reader.playbooks_version().await {
        Ok(version) => version,
        Err(ApiError::PluginAbsent(_)) => return Ok(absent(reader).await),
        Err(error) => return Err(error),
    };
    let Some(version) = version else {
        return Ok(Check::ok(
            NAME,
            "enabled; only a system administrator may see which version",
        ));
    };
    if version < PlaybooksVersion::V2_9 {
        return Ok(Check::problem(
            NAME,
            format!("version {version} is older than what warroom knows"),
            format!("update Playbooks to {} or later", PlaybooksVersion::V2_9),
        ));
    }
    let assumed = settings.and_then(|settings| settings.server.playbooks.as_deref());
    let assumed = assumed.and_then(PlaybooksVersion::parse);
    if let Some(assumed) = assumed.filter(|assumed| *assumed > version) {
        return Ok(Check::problem(
            NAME,
            format!("version {version}; the workspace counts on {assumed}"),
            format!("update Playbooks, or set `server.playbooks: \"{version}\"` in `warroom.yaml`"),
        ));
    }
    Ok(Check::ok(NAME, format!("version {version}, enabled")))
}

/// Why no plugin answers; only a system administrator is told.
async fn absent(reader: &Reader) -> Check {
    const NAME: &str = "playbooks";
    let statuses = reader.plugin_statuses().await.unwrap_or_default();
    let status = statuses.iter().find(|plugin| plugin.plugin_id == NAME);
    match status {
        Some(status) if !status.error.is_empty() => Check::problem(
            NAME,
            format!(
                "version {} is installed and does not start: {}",
                status.version, status.error
            ),
            "Playbooks needs Mattermost Entry, Professional or Enterprise",
        ),
        Some(status) => Check::problem(
            NAME,
            format!("version {} is installed and not enabled", status.version),
            "enable it under System Console → Plugins → Playbooks",
        ),
        None => Check::problem(
            NAME,
            "the plugin does not answer: it is not installed, not enabled, or not licensed",
            "install and enable it under System Console → Plugins; it needs Mattermost Entry, Professional or Enterprise",
        ),
    }
}

async fn licence(reader: &Reader, settings: Option<&Settings>) -> Result<Check, ApiError> {
    const NAME: &str = "licence";
    let edition = Edition::of(&reader.license().await?, &reader.config().await?);
    let Some(tier) = tier(&edition) else {
        return Ok(Check::problem(
            NAME,
            format!("{edition}: what it allows is not known to this version of warroom"),
            "update warroom",
        ));
    };
    let Some(assumed) = settings.map(|settings| settings.server.tier) else {
        return Ok(Check::ok(NAME, edition.to_string()));
    };
    if assumed > tier {
        return Ok(Check::problem(
            NAME,
            format!("{edition}; the workspace counts on `{}`", assumed.as_str()),
            format!(
                "set `server.tier: {}` in `warroom.yaml`; `warroom validate` then says what has to change",
                tier.as_str()
            ),
        ));
    }
    Ok(Check::ok(NAME, edition.to_string()))
}

fn tier(edition: &Edition) -> Option<Tier> {
    match edition {
        Edition::Team => Some(Tier::Core),
        Edition::Professional => Some(Tier::Professional),
        Edition::Enterprise(_) | Edition::Developer => Some(Tier::Enterprise),
        Edition::Other(_) => None,
    }
}
