//! The secrets of a workspace, looked up by `sync` alone.
//!
//! Owns the check that an address is one the server can keep. Values are never
//! printed: what is wrong with one is said by its name.

use std::collections::BTreeMap;

use url::Url;

use super::desired::{Address, Desired, Wanted};
use super::observed::Observed;
use super::wire::Webhooks;
use crate::model::SecretRef;

/// The secrets that a workspace refers to.
#[derive(Clone, Default)]
pub struct Secrets {
    values: BTreeMap<String, String>,
    broken: BTreeMap<String, &'static str>,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.values.keys()).finish()
    }
}

impl Secrets {
    /// Looks up every secret that a playbook needs.
    #[must_use]
    pub fn of<'a>(desired: &Desired, look_up: impl Fn(&str) -> Option<&'a str>) -> Self {
        let mut secrets = Self::default();
        for playbook in desired.playbooks.values() {
            let Ok(wanted) = &playbook.wanted else {
                continue;
            };
            for secret in wanted.start_webhooks.iter().chain(&wanted.update_webhooks) {
                let name = secret.env.clone();
                match look_up(&secret.env) {
                    None => {
                        secrets.broken.insert(name, "is not set");
                    }
                    Some(value) => {
                        if let Some(problem) = problem(value) {
                            secrets.broken.insert(name.clone(), problem);
                        }
                        secrets.values.insert(name, value.to_owned());
                    }
                }
            }
        }
        secrets
    }

    /// What is wrong, by name.
    #[must_use]
    pub fn broken(&self) -> &BTreeMap<String, &'static str> {
        &self.broken
    }

    /// The text with the name of a secret wherever its value stands: a server may echo it.
    #[must_use]
    pub fn hide(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (name, value) in self.values.iter().filter(|(_, value)| !value.is_empty()) {
            text = text.replace(value.as_str(), &format!("[{name}]"));
        }
        text
    }

    /// The fields in which the server has as many addresses, and others.
    ///
    /// A digest holds only how many are set: this is how a new value arrives.
    #[must_use]
    pub fn stale(
        &self,
        desired: &Desired,
        observed: &Observed,
    ) -> BTreeMap<Address, Vec<&'static str>> {
        let mut all = BTreeMap::new();
        for (address, found) in &observed.ours {
            let Some(Ok(wanted)) = desired.playbooks.get(address).map(|p| p.wanted.as_ref()) else {
                continue;
            };
            let ours = self.webhooks(wanted);
            let theirs = found.raw.webhooks();
            let state = &wanted.state;
            let differs = [
                (
                    "start.webhooks",
                    state.start_webhooks,
                    ours.start,
                    theirs.start,
                ),
                (
                    "updates.webhooks",
                    state.update_webhooks,
                    ours.update,
                    theirs.update,
                ),
            ];
            let fields: Vec<&'static str> = differs
                .into_iter()
                // Other numbers are a difference that the canonical form shows.
                .filter(|(_, managed, ours, theirs)| {
                    managed.is_some() && ours.len() == theirs.len() && ours != theirs
                })
                .map(|(field, ..)| field)
                .collect();
            if !fields.is_empty() {
                all.insert(address.clone(), fields);
            }
        }
        all
    }

    /// The addresses of a playbook.
    #[must_use]
    pub fn webhooks(&self, wanted: &Wanted) -> Webhooks {
        let values = |secrets: &[SecretRef]| {
            let values = secrets
                .iter()
                .filter_map(|secret| self.values.get(&secret.env));
            values.cloned().collect()
        };
        Webhooks {
            start: values(&wanted.start_webhooks),
            update: values(&wanted.update_webhooks),
        }
    }
}

fn problem(value: &str) -> Option<&'static str> {
    // The server keeps a list of addresses as one text joined by commas.
    if value.contains(',') {
        return Some("holds a comma, at which the server would cut it");
    }
    let url = Url::parse(value).ok();
    let good = url.is_some_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    (!good).then_some("is no `http://` or `https://` address")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_echoed_secret_is_called_by_its_name() {
        let values = [("WARROOM_SECRET_A", "https://hooks.example.com/hunter2")];
        let secrets = Secrets {
            values: values
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            broken: BTreeMap::new(),
        };
        let text = secrets.hide("could not use https://hooks.example.com/hunter2: no");
        assert_eq!(text, "could not use [WARROOM_SECRET_A]: no");
    }

    #[test]
    fn an_address_that_the_server_would_damage_is_told() {
        assert_eq!(problem("https://hooks.example.com/a?b=c"), None);
        for bad in ["https://a/b,c", "ftp://a", "hunter2", "", "http://"] {
            let words = problem(bad).unwrap();
            assert!(!words.contains("hunter2"));
        }
    }
}
