//! The tokens that `warroom login` stored.
//!
//! Owns `credentials.json` in warroom's own configuration: one token a site,
//! readable by its owner alone, replaced as a whole so that a crash leaves the
//! old file. Must not send a token anywhere.

use std::collections::BTreeMap;
use std::io::Write;

use camino::Utf8PathBuf;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::environment::Environment;
use crate::exit::Failure;
use crate::mattermost::{Credentials, Site};

/// The file with the tokens.
#[derive(Debug)]
pub(crate) struct Store {
    path: Utf8PathBuf,
}

#[derive(Deserialize, Serialize)]
struct Contents {
    version: u32,
    /// By address in normal form.
    servers: BTreeMap<String, Entry>,
}

#[derive(Deserialize, Serialize)]
struct Entry {
    token: String,
}

impl Store {
    /// The file in this environment; it need not exist.
    ///
    /// # Errors
    /// When there is no place for it.
    pub(crate) fn of(environment: &Environment) -> Result<Self, Failure> {
        let folder = environment.configuration().ok_or_else(|| {
            Failure::new("there is no place for warroom's configuration")
                .help("set `HOME`, `XDG_CONFIG_HOME` or `WARROOM_CONFIG`")
        })?;
        Ok(Self {
            path: folder.join("credentials.json"),
        })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &camino::Utf8Path {
        &self.path
    }

    /// The token stored for exactly that site.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(crate) fn token(&self, site: &Site) -> Result<Option<SecretString>, Failure> {
        let mut contents = self.read()?;
        let entry = contents.servers.remove(site.as_str());
        Ok(entry.map(|entry| entry.token.into()))
    }

    /// Stores a token, in place of an older one for the same site.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub(crate) fn put(&self, credentials: &Credentials) -> Result<(), Failure> {
        let mut contents = self.read()?;
        let entry = Entry {
            token: credentials.token.expose_secret().to_owned(),
        };
        contents
            .servers
            .insert(credentials.site.as_str().to_owned(), entry);
        self.write(&contents)
    }

    fn read(&self) -> Result<Contents, Failure> {
        let text = match fs_err::read_to_string(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Contents {
                    version: 1,
                    servers: BTreeMap::new(),
                });
            }
            Err(error) => return Err(Failure::new(format!("could not read the tokens: {error}"))),
        };
        // The parser's own message may quote the file: only the place is told.
        let contents: Contents = serde_json::from_str(&text).map_err(|error| {
            self.odd(&format!(
                "line {}, column {} is not as warroom writes it",
                error.line(),
                error.column()
            ))
        })?;
        if contents.version != 1 {
            return Err(self.odd(&format!(
                "it has version {}, and this warroom reads 1",
                contents.version
            )));
        }
        Ok(contents)
    }

    fn odd(&self, problem: &str) -> Failure {
        Failure::new(format!("could not read `{}`: {problem}", self.path))
            .help("delete it and run `warroom login URL` again")
    }

    fn write(&self, contents: &Contents) -> Result<(), Failure> {
        let failed = |error: std::io::Error| {
            Failure::new(format!(
                "could not store the token in `{}`: {error}",
                self.path
            ))
        };
        let folder = self.path.parent().unwrap_or(&self.path);
        fs_err::create_dir_all(folder).map_err(failed)?;
        // A temporary file is readable by its owner alone from the first moment.
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
        let text = serde_json::to_string_pretty(contents).map_err(|e| failed(e.into()))?;
        file.write_all(text.as_bytes()).map_err(failed)?;
        file.write_all(b"\n").map_err(failed)?;
        file.as_file().sync_all().map_err(failed)?;
        file.persist(&self.path)
            .map_err(|error| failed(error.error))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;
    use std::sync::Arc;

    fn store(folder: &tempfile::TempDir) -> Store {
        let folder = Utf8PathBuf::from_path_buf(folder.path().to_owned()).unwrap();
        let variables = [("WARROOM_CONFIG".to_owned(), folder.join("new").to_string())].into();
        let environment = Environment::new(variables, folder, Arc::new(SystemClock));
        Store::of(&environment).unwrap()
    }

    fn site(url: &str) -> Site {
        Site::parse(url).unwrap()
    }

    #[test]
    fn a_token_is_found_for_its_site_only() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder);
        let home = site("https://chat.example.com/sub");
        assert!(store.token(&home).unwrap().is_none());
        store.put(&Credentials::new(home.clone(), "one")).unwrap();
        store
            .put(&Credentials::new(site("https://b.example.com"), "two"))
            .unwrap();
        store.put(&Credentials::new(home, "three")).unwrap();
        let token = |url| {
            let token = store.token(&site(url)).unwrap();
            token.map(|token| token.expose_secret().to_owned())
        };
        assert_eq!(
            token("https://CHAT.example.com:443/sub/").as_deref(),
            Some("three")
        );
        assert_eq!(token("https://b.example.com").as_deref(), Some("two"));
        for other in [
            "https://chat.example.com",
            "http://chat.example.com/sub",
            "https://chat.example.com:8443/sub",
            "https://chat.example.com/sub/more",
        ] {
            assert_eq!(token(other), None, "{other}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_the_file() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder);
        store
            .put(&Credentials::new(site("https://a.example.com"), "one"))
            .unwrap();
        let mode = fs_err::metadata(store.path()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_spoilt_file_is_an_error_that_does_not_quote_it() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder);
        fs_err::create_dir_all(store.path().parent().unwrap()).unwrap();
        fs_err::write(
            store.path(),
            r#"{"version":1,"servers":{"x":{"token":["hunter2"]}}}"#,
        )
        .unwrap();
        let failure = store.token(&site("https://x")).unwrap_err();
        assert!(!format!("{failure:?}").contains("hunter2"));
        assert!(failure.message.contains("credentials.json"));
    }
}
