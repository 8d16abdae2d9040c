//! The incident last used, so that the next verb need not name it.
//!
//! One small file in warroom's own configuration. It names the server, too: an
//! incident of another one is none.

use camino::Utf8PathBuf;
use serde::{Deserialize, Serialize};

use crate::environment::Environment;
use crate::exit::Failure;
use crate::incident::IncidentId;
use crate::mattermost::{RunId, Site, is_server_id};

#[derive(Serialize, Deserialize)]
struct Last {
    server: String,
    incident: String,
}

fn file(environment: &Environment) -> Option<Utf8PathBuf> {
    let folder = environment.configuration()?;
    Some(folder.join("last-incident"))
}

/// The incident last used on that server.
pub(super) fn read(environment: &Environment, site: &Site) -> Option<RunId> {
    let text = fs_err::read_to_string(file(environment)?).ok()?;
    let last: Last = serde_json::from_str(&text).ok()?;
    let ours = last.server == site.as_str() && is_server_id(&last.incident);
    ours.then(|| RunId::new(last.incident))
}

/// Remembers an incident of that server.
pub(super) fn write(
    environment: &Environment,
    site: &Site,
    incident: &IncidentId,
) -> Result<(), Failure> {
    let Some(file) = file(environment) else {
        return Ok(());
    };
    let last = Last {
        server: site.to_string(),
        incident: incident.to_string(),
    };
    let text = serde_json::to_string(&last).map_err(|error| Failure::new(error.to_string()))?;
    if let Some(folder) = file.parent() {
        fs_err::create_dir_all(folder)?;
    }
    fs_err::write(file, format!("{text}\n"))?;
    Ok(())
}
