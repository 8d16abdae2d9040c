//! What real servers answered, through the client: both versions of the plugin.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use warroom::mattermost::ApiError;
use warroom::mattermost::core::{
    Channel, PluginStatus, Post, PostPage, Preference, Role, Team, TeamMember, User, WebPlugin,
};
use warroom::mattermost::playbooks::{
    ChannelAction, Condition, Expression, FieldKind, Playbook, PlaybookEntry, PlaybooksVersion,
    PropertyField, Run, StatusUpdate, Visibility,
};

use super::fake::{Fake, Reply, runtime};

const SETS: [&str; 2] = ["playbooks-2.9", "playbooks-2.11"];

/// One recorded exchange.
struct Step {
    place: String,
    method: String,
    /// Without the query, ids replaced by `*`.
    route: String,
    status: u64,
    content_type: String,
    response: Value,
    partial: bool,
}

/// Every exchange over HTTP of a set.
fn steps(set: &str) -> Vec<Step> {
    let folder = format!("{}/tests/contract/{set}", env!("CARGO_MANIFEST_DIR"));
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    assert!(paths.len() > 40);
    let id = regex::Regex::new(r"\{\{[a-z0-9_]+\}\}|\b[ybndrfg8ejkmcpqxot1uwisza345h769]{26}\b");
    let id = id.unwrap();
    let mut steps = Vec::new();
    for path in paths {
        let scenario: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        for (number, step) in scenario["steps"].as_array().unwrap().iter().enumerate() {
            let Some(status) = step["status"].as_u64() else {
                continue;
            };
            let path_and_query = step["path"].as_str().unwrap();
            let bare = path_and_query.split('?').next().unwrap();
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            steps.push(Step {
                place: format!("{set}/{name} step {number}: {path_and_query}"),
                method: step["method"].as_str().unwrap().to_owned(),
                route: id.replace_all(bare, "*").into_owned(),
                status,
                content_type: step["headers"]["content-type"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned(),
                response: expand(step["response"].clone()),
                partial: !matches!(step["partial"], Value::Null | Value::Bool(false)),
            });
        }
    }
    steps
}

/// Writes out the shorthand for long texts and lists.
fn expand(value: Value) -> Value {
    match value {
        Value::Object(object) => {
            if let Some(Value::Array(pair)) = object.get("$repeat") {
                let count = usize::try_from(pair[1].as_u64().unwrap()).unwrap();
                return pair[0].as_str().unwrap().repeat(count).into();
            }
            if let Some(Value::Array(pair)) = object.get("$list") {
                let count = usize::try_from(pair[1].as_u64().unwrap()).unwrap();
                return vec![expand(pair[0].clone()); count].into();
            }
            let pairs = object.into_iter().map(|(key, value)| (key, expand(value)));
            Value::Object(pairs.collect())
        }
        Value::Array(values) => values.into_iter().map(expand).collect(),
        other => other,
    }
}

fn decode<T: DeserializeOwned>(step: &Step, value: &Value) -> T {
    // Through text, as over the wire.
    let text = value.to_string();
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", step.place))
}

/// Decodes what a route answers; false for routes that the client does not use.
fn decode_route(step: &Step) -> bool {
    let response = &step.response;
    let plugin = step.route.strip_prefix("/plugins/playbooks/api/v0/");
    let core = step.route.strip_prefix("/api/v4/");
    match (step.method.as_str(), plugin, core) {
        ("GET", Some("playbooks/*"), _) => drop(decode::<Playbook>(step, response)),
        ("GET", Some("playbooks"), _) => {
            drop(decode::<Vec<PlaybookEntry>>(step, &response["items"]));
        }
        ("GET", Some("playbooks/*/property_fields" | "runs/*/property_fields"), _)
        | ("POST", Some("playbooks/*/property_fields/reorder"), _) => {
            drop(decode::<Vec<PropertyField>>(step, response));
        }
        ("POST", Some("playbooks/*/property_fields"), _)
        | ("PUT", Some("playbooks/*/property_fields/*"), _) => {
            drop(decode::<PropertyField>(step, response));
        }
        ("GET", Some("playbooks/*/conditions" | "runs/*/conditions"), _) => {
            drop(decode::<Vec<Condition>>(step, &response["items"]));
        }
        ("POST", Some("playbooks/*/conditions"), _)
        | ("PUT", Some("playbooks/*/conditions/*"), _) => {
            drop(decode::<Condition>(step, response));
        }
        ("GET", Some("runs"), _) => drop(decode::<Vec<Run>>(step, &response["items"])),
        ("GET", Some("runs/channel/*/runs"), _) => drop(decode::<Vec<Run>>(step, response)),
        ("GET", Some("runs/*" | "runs/channel/*"), _)
        | ("POST", Some("runs"), _)
        | ("PATCH", Some("runs/*"), _) => drop(decode::<Run>(step, response)),
        ("GET", Some("runs/*/status-updates"), _) => {
            drop(decode::<Option<Vec<StatusUpdate>>>(step, response));
        }
        ("GET", Some("actions/channels/*"), _) => {
            drop(decode::<Vec<ChannelAction>>(step, response));
        }
        ("GET", _, Some(route)) if route.ends_with("/name/*") && route.contains("channels") => {
            drop(decode::<Channel>(step, response));
        }
        (
            "GET",
            _,
            Some("users/me" | "users/*" | "users/email/bob@example.com" | "users/username/bob"),
        ) => drop(decode::<User>(step, response)),
        ("GET", _, Some("users")) | ("POST", _, Some("users/ids" | "users/usernames")) => {
            drop(decode::<Vec<User>>(step, response));
        }
        ("GET", _, Some("teams" | "users/me/teams")) => drop(decode::<Vec<Team>>(step, response)),
        ("GET", _, Some("teams/*/members/*")) => drop(decode::<TeamMember>(step, response)),
        ("GET", _, Some("channels/*")) => drop(decode::<Channel>(step, response)),
        ("GET", _, Some("channels/*/posts" | "channels/*/pinned" | "posts/*/thread")) => {
            drop(decode::<PostPage>(step, response));
        }
        ("GET", _, Some("posts/*"))
        | ("POST", _, Some("posts"))
        | ("PUT", _, Some("posts/*/patch")) => {
            drop(decode::<Post>(step, response));
        }
        ("GET", _, Some("users/me/preferences/warroom")) => {
            drop(decode::<Vec<Preference>>(step, response));
        }
        ("GET", _, Some("users/me/preferences/warroom/name/state")) => {
            drop(decode::<Preference>(step, response));
        }
        ("GET", _, Some("plugins/statuses")) => {
            drop(decode::<Vec<PluginStatus>>(step, response));
        }
        ("PUT", _, Some("roles/*/patch")) => drop(decode::<Role>(step, response)),
        ("GET", _, Some(route)) if route.starts_with("roles/name/") => {
            drop(decode::<Role>(step, response));
        }
        ("GET", _, Some("plugins/webapp")) => drop(decode::<Vec<WebPlugin>>(step, response)),
        ("GET", _, Some("config/client" | "license/client")) => {
            drop(decode::<BTreeMap<String, String>>(step, response));
        }
        ("GET", _, Some(route))
            if route.starts_with("teams/name/") && !route.contains("channels") =>
        {
            drop(decode::<Team>(step, response));
        }
        ("GET", _, Some(route)) if route.contains("/channels/name/") => {
            drop(decode::<Channel>(step, response));
        }
        _ => return false,
    }
    true
}

#[test]
fn every_recorded_success_of_a_route_we_use_is_understood() {
    for set in SETS {
        let mut decoded = BTreeMap::new();
        for step in steps(set) {
            // Of a shortened answer only pieces are there.
            let whole = !step.partial && !step.response.is_string() && !step.response.is_null();
            if (200..300).contains(&step.status) && whole && decode_route(&step) {
                *decoded
                    .entry(format!("{} {}", step.method, step.route))
                    .or_insert(0) += 1;
            }
        }
        let total: u32 = decoded.values().sum();
        assert!(total > 250, "{set}: only {total}: {decoded:#?}");
        for route in ["playbooks/*", "runs/*", "runs", "playbooks"] {
            let route = format!("GET /plugins/playbooks/api/v0/{route}");
            assert!(decoded.contains_key(&route), "{set}: no {route}");
        }
    }
}

/// That nothing which was sent is lost; only `null` lists may come back empty.
fn assert_kept(sent: &Value, back: &Value, place: &str) {
    match (sent, back) {
        (Value::Object(sent), Value::Object(back)) => {
            for (key, value) in sent {
                let place = format!("{place}.{key}");
                let back = back.get(key).unwrap_or_else(|| panic!("{place} is lost"));
                assert_kept(value, back, &place);
            }
            for key in back.keys() {
                assert!(sent.contains_key(key), "{place}.{key} is made up");
            }
        }
        (Value::Array(sent), Value::Array(back)) => {
            assert_eq!(sent.len(), back.len(), "{place}");
            for (n, (sent, back)) in sent.iter().zip(back).enumerate() {
                assert_kept(sent, back, &format!("{place}[{n}]"));
            }
        }
        (Value::Null, Value::Array(back)) if back.is_empty() => {}
        _ => assert_eq!(sent, back, "{place}"),
    }
}

fn round_trip<T: DeserializeOwned + Serialize>(step: &Step) {
    let value: T = decode(step, &step.response);
    assert_kept(
        &step.response,
        &serde_json::to_value(&value).unwrap(),
        &step.place,
    );
}

#[test]
fn a_playbook_comes_back_as_it_was_read_with_every_key_of_its_version() {
    for set in SETS {
        let mut count = 0;
        let keys = if set == "playbooks-2.9" { 52 } else { 57 };
        for step in steps(set) {
            let route = step.route.ends_with("/api/v0/playbooks/*");
            let success = step.method == "GET" && step.status == 200 && !step.partial;
            let full = step.response.as_object().is_some_and(|o| o.len() == keys);
            if route && success && full {
                round_trip::<Playbook>(&step);
                count += 1;
            }
        }
        assert!(count > 40, "{set}: only {count}");
    }
}

#[test]
fn a_run_keeps_every_key_of_its_version() {
    for set in SETS {
        let mut count = 0;
        for step in steps(set) {
            let route = step.route.ends_with("/api/v0/runs/*");
            let full = step.response.as_object().is_some_and(|o| o.len() > 45);
            if route && step.method == "GET" && step.status == 200 && !step.partial && full {
                round_trip::<Run>(&step);
                count += 1;
            }
        }
        assert!(count > 20, "{set}: only {count}");
    }
}

/// The values of a type that the recorded answers of some routes hold; each comes back as it was.
fn recorded<T: DeserializeOwned + Serialize>(
    set: &str,
    pick: impl Fn(&Step) -> Option<&Value>,
) -> Vec<T> {
    let mut found = Vec::new();
    for step in steps(set) {
        if !(200..300).contains(&step.status) || step.partial {
            continue;
        }
        let values = match pick(&step) {
            Some(Value::Array(values)) => values.as_slice(),
            Some(value) => std::slice::from_ref(value),
            None => &[],
        };
        for value in values {
            let read: T = decode(&step, value);
            assert_eq!(
                serde_json::to_value(&read).unwrap(),
                *value,
                "{}",
                step.place
            );
            found.push(read);
        }
    }
    found
}

#[test]
fn attributes_come_back_as_they_were_read_and_none_is_strange() {
    for set in SETS {
        let fields: Vec<PropertyField> = recorded(set, |step| {
            let fields = step.route.contains("/property_fields") && !step.route.ends_with("/value");
            (fields && step.method != "DELETE").then_some(&step.response)
        });
        assert!(fields.len() > 60, "{set}: only {}", fields.len());
        for field in &fields {
            assert!(!matches!(field.kind, FieldKind::Other(_)), "{field:?}");
            let visibility = &field.attrs.visibility;
            assert!(!matches!(visibility, Visibility::Other(_)), "{field:?}");
        }
        let with_options = fields
            .iter()
            .filter(|field| !field.attrs.options.is_empty());
        assert!(with_options.count() > 10, "{set}");
    }
}

#[test]
fn conditions_come_back_as_they_were_read_and_none_is_strange() {
    fn known(expression: &Expression) -> bool {
        match expression {
            Expression::Is(_) | Expression::IsNot(_) => true,
            Expression::And(parts) | Expression::Or(parts) => parts.iter().all(known),
            Expression::Other(_) => false,
        }
    }
    for set in SETS {
        let conditions: Vec<Condition> = recorded(set, |step| {
            let here = step.route.contains("/conditions") && step.method != "DELETE";
            let items = step.response.get("items");
            here.then(|| items.unwrap_or(&step.response))
        });
        assert!(conditions.len() > 15, "{set}: only {}", conditions.len());
        for condition in &conditions {
            assert!(known(&condition.expression), "{condition:?}");
        }
    }
}

#[test]
fn roles_come_back_as_they_were_read() {
    for set in SETS {
        let roles: Vec<Role> = recorded(set, |step| {
            let here = step.route.contains("/roles/name/") || step.route.ends_with("/patch");
            (here && step.route.contains("/roles/")).then_some(&step.response)
        });
        assert!(roles.len() > 5, "{set}: only {}", roles.len());
        assert!(roles.iter().all(|role| role.permissions.len() > 1));
    }
}

#[test]
fn a_playbook_read_from_either_version_shows_it() {
    for (set, version) in SETS
        .into_iter()
        .zip([PlaybooksVersion::V2_9, PlaybooksVersion::V2_11])
    {
        let all = steps(set);
        let step = all
            .iter()
            .find(|step| step.place.contains("playbook-create-full") && step.method == "GET")
            .unwrap();
        let playbook: Playbook = decode(step, &step.response);
        assert_eq!(PlaybooksVersion::shown_by(&playbook), Some(version));
    }
}

#[test]
fn every_recorded_refusal_gets_its_kind_and_its_words() {
    for set in SETS {
        let refused: Vec<Step> = steps(set)
            .into_iter()
            .filter(|step| step.status >= 400 && !step.partial)
            .filter(|step| {
                step.route.starts_with("/api/v4/") || step.route.starts_with("/plugins/playbooks/")
            })
            .collect();
        assert!(refused.len() > 350, "{set}: only {}", refused.len());
        let replies: Vec<Reply> = refused
            .iter()
            .map(|step| {
                let body = match &step.response {
                    Value::String(text) => text.clone(),
                    value => value.to_string(),
                };
                Reply::text(
                    u16::try_from(step.status).unwrap(),
                    &step.content_type,
                    &body,
                )
            })
            .collect();
        let server = Fake::new(replies);
        let reader = server.reader();
        let runtime = runtime();
        for step in refused {
            let plugin = step.route.starts_with("/plugins/");
            let error = runtime.block_on(async {
                if plugin {
                    reader.run(&"r".into()).await.unwrap_err()
                } else {
                    reader.me().await.unwrap_err()
                }
            });
            let text = step.response.as_str().unwrap_or_default();
            let right = match (&error, step.status) {
                (ApiError::PluginAbsent(_), 404) => text == "404 page not found\n",
                (ApiError::NotFound(_), 404) => text != "404 page not found\n",
                (ApiError::PluginCrashed(_), 500) => text == "500 internal server error\n",
                (ApiError::ServerFailed(_), 500) => text != "500 internal server error\n",
                (ApiError::Refused(_), 400)
                | (ApiError::Unauthorized(_), 401)
                | (ApiError::Forbidden(_), 403)
                | (ApiError::Conflict(_), 409)
                | (ApiError::TooLarge(_), 413)
                | (ApiError::RateLimited { .. }, 429)
                | (ApiError::NotSupported(_), 501) => true,
                _ => false,
            };
            assert!(right, "{}: {error:?}", step.place);
            let said = step.response["error"]
                .as_str()
                .or(step.response["message"].as_str());
            let refusal = error.refusal().unwrap();
            if let Some(said) = said.filter(|said| said.len() < 200) {
                let said: Vec<&str> = said.split_whitespace().collect();
                assert_eq!(refusal.message, said.join(" "), "{}", step.place);
            }
            assert_eq!(u64::from(refusal.status), step.status);
            if step.response["request_id"].is_string() {
                assert!(refusal.request_id.is_some(), "{}", step.place);
            }
        }
    }
}
