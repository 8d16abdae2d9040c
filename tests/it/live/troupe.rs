//! A team and people of the suite's own, on a server that others work with.
//!
//! Owns making them under random names, and archiving them with everything they
//! made, also when a test fails half way. Touches nothing else.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::api::Api;
use super::names::{ADMIN_EMAIL, Names, random_word};
use super::say;
use crate::contract::replay::Target;

/// A server, and a system admin's token for it.
pub(super) struct Server<'s> {
    /// The base URL, without a trailing slash.
    pub(super) url: String,
    pub(super) token: String,
    /// Lets time pass.
    pub(super) pass: Box<dyn Fn(Duration) + 's>,
}

/// The people of the recordings; eve is in no team.
const PEOPLE: [&str; 5] = ["alice", "bob", "carol", "dave", "eve"];

/// The channels of the team, beside those that every team has.
const CHANNELS: [&str; 3] = ["incidents", "support", "ops-changes"];

/// Rows on one page of a list.
const PER_PAGE: usize = 100;

pub(super) const PLUGIN: &str = "/plugins/playbooks/api/v0";

/// A team and people on a server.
pub(super) struct Troupe<'s> {
    api: Api,
    server: Server<'s>,
    /// What makes all names of the troupe unlike those of others.
    suffix: String,
    admin: Value,
    people: BTreeMap<String, Person>,
    /// Id and name.
    team: Option<(String, String)>,
    /// Ids of the channels of the team.
    channels: Vec<String>,
}

struct Person {
    id: String,
    username: String,
    token: String,
}

impl<'s> Troupe<'s> {
    /// Makes the team and the people.
    pub(super) fn gather(server: Server<'s>) -> Result<Self, String> {
        let api = Api::new(&server.url);
        let admin = api.send(&server.token, "GET", "/api/v4/users/me", &Value::Null)?;
        let roles = admin["roles"].as_str().unwrap_or_default();
        if !roles.split(' ').any(|role| role == "system_admin") {
            return Err("the token is not that of a system admin".to_owned());
        }
        let mut troupe = Self {
            api,
            server,
            suffix: random_word(6),
            admin,
            people: BTreeMap::new(),
            team: None,
            channels: Vec::new(),
        };
        troupe.found_team()?;
        for name in PEOPLE {
            troupe.add(name)?;
        }
        for name in &PEOPLE[..4] {
            troupe.join(name)?;
        }
        Ok(troupe)
    }

    fn found_team(&mut self) -> Result<(), String> {
        let name = format!("ops{}", self.suffix);
        let body = json!({ "name": name, "display_name": "Operations", "type": "O" });
        let team = id(&self.ask("POST", "/api/v4/teams", &body)?)?;
        self.team = Some((team.clone(), name));
        for name in CHANNELS {
            let body = json!({ "team_id": team, "name": name, "display_name": name, "type": "O" });
            let channel = self.ask("POST", "/api/v4/channels", &body)?;
            self.channels.push(id(&channel)?);
        }
        Ok(())
    }

    /// Makes a person, who is in no team.
    pub(super) fn add(&mut self, name: &str) -> Result<(), String> {
        let username = format!("{name}{}", self.suffix);
        // Real accounts, if only for minutes: nobody may guess their passwords.
        let password = format!("{}-7Aa!", random_word(24));
        let body = json!({
            "username": username,
            "email": format!("{username}@example.com"),
            "email_verified": true,
            "password": password,
            "first_name": format!("{}{}", name[..1].to_uppercase(), &name[1..]),
            "last_name": "Example",
        });
        let id = id(&self.ask("POST", "/api/v4/users", &body)?)?;
        let person = Person {
            id,
            username: username.clone(),
            token: String::new(),
        };
        // Known before the login: whatever happens, the account is deactivated.
        let person = self.people.entry(name.to_owned()).or_insert(person);
        person.token = self.api.login(&username, &password)?;
        Ok(())
    }

    /// Puts a person into the team and its channels.
    pub(super) fn join(&self, name: &str) -> Result<(), String> {
        let (team, user) = (&self.team().0, &self.people[name].id);
        let body = json!({ "team_id": team, "user_id": user });
        self.ask("POST", &format!("/api/v4/teams/{team}/members"), &body)?;
        for channel in &self.channels {
            let path = format!("/api/v4/channels/{channel}/members");
            self.ask("POST", &path, &json!({ "user_id": user }))?;
        }
        Ok(())
    }

    fn team(&self) -> &(String, String) {
        self.team.as_ref().expect("the team is made first")
    }

    /// Sends a request as the administrator.
    pub(super) fn ask(&self, method: &str, path: &str, body: &Value) -> Result<Value, String> {
        self.api.send(&self.server.token, method, path, body)
    }

    /// Sends a request as somebody of the troupe.
    pub(super) fn ask_as(
        &self,
        name: &str,
        method: &str,
        path: &str,
        body: &Value,
    ) -> Result<Value, String> {
        self.api.send(self.token(name), method, path, body)
    }

    /// The id of the team.
    pub(super) fn team_id(&self) -> &str {
        &self.team().0
    }

    /// The base URL of the server.
    pub(super) fn url(&self) -> &str {
        self.api.site()
    }

    /// What somebody of the recordings is called here.
    pub(super) fn username(&self, name: &str) -> &str {
        &self.people[name].username
    }

    /// The token of somebody.
    pub(super) fn token(&self, name: &str) -> &str {
        &self.people[name].token
    }

    /// Lets time pass.
    pub(super) fn pass(&self, time: Duration) {
        (self.server.pass)(time);
    }

    /// What the names of the recordings stand for.
    pub(super) fn names(&self) -> Names {
        let text = |key: &str| self.admin[key].as_str().unwrap_or_default().to_owned();
        let mut known: BTreeMap<String, String> = self
            .people
            .iter()
            .map(|(name, person)| (name.clone(), person.username.clone()))
            .collect();
        known.insert("admin".to_owned(), text("username"));
        known.insert(ADMIN_EMAIL.to_owned(), text("email"));
        known.insert("ops".to_owned(), self.team().1.clone());
        Names::new(known)
    }

    /// The troupe as the place where recordings are replayed.
    pub(super) fn target(&self) -> Target<'_> {
        let (team, _) = self.team();
        let get = |path: &str| self.ask("GET", path, &Value::Null).unwrap();
        let id_at = |path: &str| id(&get(path)).unwrap();
        let channel = |name: &str| id_at(&format!("/api/v4/teams/{team}/channels/name/{name}"));
        let mut known: BTreeMap<String, String> = self
            .people
            .iter()
            .map(|(name, person)| (format!("user_{name}"), person.id.clone()))
            .collect();
        let mut tokens: BTreeMap<String, String> = self
            .people
            .iter()
            .map(|(name, person)| (name.clone(), person.token.clone()))
            .collect();
        tokens.insert("admin".to_owned(), self.server.token.clone());
        let config = get("/api/v4/config/client?format=old");
        let site = config["SiteURL"].as_str().filter(|site| !site.is_empty());
        for (name, value) in [
            ("user_admin", id(&self.admin).unwrap()),
            (
                "user_playbooks_bot",
                id_at("/api/v4/users/username/playbooks"),
            ),
            ("team_ops", team.clone()),
            ("channel_town_square", channel("town-square")),
            ("channel_off_topic", channel("off-topic")),
            ("site", site.unwrap_or(self.url()).to_owned()),
            ("receiver", "http://127.0.0.1:9".to_owned()),
            ("unique", random_word(6)),
        ] {
            known.insert(name.to_owned(), value);
        }
        Target {
            site: self.url().to_owned(),
            tokens,
            known,
            // The moment that requests take keeps the times of events apart.
            pass: Box::new(|time| self.pass(time + Duration::from_millis(7))),
        }
    }

    /// The playbooks of the team that are not archived.
    pub(super) fn playbooks(&self) -> Result<Vec<Value>, String> {
        self.list("playbooks", "")
    }

    fn list(&self, what: &str, filter: &str) -> Result<Vec<Value>, String> {
        let mut rows: Vec<Value> = Vec::new();
        for page in 0.. {
            let path = format!(
                "{PLUGIN}/{what}?team_id={}&per_page={PER_PAGE}&page={page}{filter}",
                self.team().0
            );
            let mut answer = self.ask("GET", &path, &Value::Null)?;
            let items = answer["items"].as_array_mut().map(std::mem::take);
            rows.extend(items.unwrap_or_default());
            if answer["has_more"] != true {
                break;
            }
        }
        Ok(rows)
    }

    /// Where to look at what the troupe made: the team, its playbooks and the people.
    pub(super) fn made(&self) -> Vec<String> {
        let team = format!("/api/v4/teams/{}", self.team().0);
        let people = self.people.values();
        let people = people.map(|person| format!("/api/v4/users/{}", person.id));
        let playbooks = self.playbooks().unwrap();
        let playbooks = playbooks.iter();
        let playbooks =
            playbooks.map(|playbook| format!("{PLUGIN}/playbooks/{}", id(playbook).unwrap()));
        std::iter::once(team)
            .chain(people)
            .chain(playbooks)
            .collect()
    }

    /// Archives everything that was made; what could not be.
    pub(super) fn disband(mut self) -> Vec<String> {
        self.archive()
    }

    /// Leaves nothing to do for a second call.
    fn archive(&mut self) -> Vec<String> {
        let mut problems = Vec::new();
        let mut last_words: Vec<(&str, String)> = Vec::new();
        if self.team.is_some() {
            let in_progress = "&statuses=InProgress";
            for (what, filter, method, end) in [
                ("runs", in_progress, "PUT", "/finish"),
                ("playbooks", "", "DELETE", ""),
            ] {
                match self.list(what, filter) {
                    Ok(rows) => last_words.extend(rows.iter().filter_map(|row| {
                        let id = row["id"].as_str()?;
                        Some((method, format!("{PLUGIN}/{what}/{id}{end}")))
                    })),
                    Err(problem) => problems.push(problem),
                }
            }
        }
        if let Some((team, _)) = self.team.take() {
            last_words.push(("DELETE", format!("/api/v4/teams/{team}")));
        }
        for (_, person) in std::mem::take(&mut self.people) {
            last_words.push(("DELETE", format!("/api/v4/users/{}", person.id)));
        }
        for (method, path) in last_words {
            problems.extend(self.ask(method, &path, &Value::Null).err());
        }
        problems
    }
}

impl Drop for Troupe<'_> {
    fn drop(&mut self) {
        for problem in self.archive() {
            say(&format!("could not clean up: {problem}"));
        }
    }
}

fn id(object: &Value) -> Result<String, String> {
    let id = object["id"].as_str().map(str::to_owned);
    id.ok_or_else(|| format!("an answer without id: {object}"))
}
