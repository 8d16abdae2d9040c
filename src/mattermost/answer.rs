//! What an answer means: status, content type and body → success or [`ApiError`].
//!
//! Pure. Owns every odd shape that servers, plugins and proxies answer with:
//! two JSON values glued together, HTML with status 200, the texts of an absent
//! or crashed plugin. Must not talk to anybody.

use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::error::{ApiError, Attempt, Refusal};

/// What came back, before anybody looked at it.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) attempt: Attempt,
    pub(super) status: u16,
    pub(super) content_type: String,
    pub(super) location: Option<String>,
    pub(super) request_id: Option<String>,
    pub(super) retry_after: Option<Duration>,
    pub(super) body: Vec<u8>,
}

/// The longest piece of a server's words that is shown.
const SHOWN_CHARACTERS: usize = 300;

impl Answer {
    /// The answer if it is a success that came from Mattermost, else what went wrong.
    pub(super) fn checked(self, scrub: impl Fn(&str) -> String) -> Result<Self, ApiError> {
        if self.is_html() && !matches!(self.status, 300..=399 | 413 | 429 | 502..=504) {
            return Err(ApiError::NotMattermost {
                status: self.status,
                title: title(&self.body).map_or_else(String::new, |title| {
                    format!(" (“{}”)", presentable(&scrub(&title)))
                }),
                attempt: Box::new(self.attempt),
            });
        }
        if (200..300).contains(&self.status) {
            return Ok(self);
        }
        if let (300..=399, Some(location)) = (self.status, &self.location) {
            return Err(ApiError::Redirected {
                location: presentable(&scrub(location)),
                status: self.status,
                attempt: Box::new(self.attempt),
            });
        }
        Err(self.refused(scrub))
    }

    /// The value in the answer.
    pub(super) fn decode<T: DeserializeOwned>(
        &self,
        scrub: impl Fn(&str) -> String,
    ) -> Result<T, ApiError> {
        if self.body.iter().all(u8::is_ascii_whitespace) {
            return Err(ApiError::EmptyBody {
                attempt: Box::new(self.attempt.clone()),
                status: self.status,
            });
        }
        let undecodable = |at: String, problem: &serde_json::Error| ApiError::Undecodable {
            attempt: Box::new(self.attempt.clone()),
            at: presentable(&scrub(&at)),
            problem: presentable(&hosts_only(&scrub(&problem.to_string()))),
        };
        let mut json = serde_json::Deserializer::from_slice(&self.body);
        let value = serde_path_to_error::deserialize(&mut json)
            .map_err(|error| undecodable(error.path().to_string(), error.inner()))?;
        json.end()
            .map_err(|problem| undecodable(".".to_owned(), &problem))?;
        Ok(value)
    }

    fn refused(self, scrub: impl Fn(&str) -> String) -> ApiError {
        let plugin = self.attempt.path.starts_with(super::transport::PLUGIN_PATH);
        let text = String::from_utf8_lossy(&self.body).trim().to_owned();
        let words = if self.is_html() {
            Words::default()
        } else {
            Words::of(&self.body)
        };
        let retry_after = self.retry_after;
        let refusal = Box::new(Refusal {
            attempt: self.attempt,
            status: self.status,
            message: presentable(&hosts_only(&scrub(&words.message))),
            id: words.id.map(|id| presentable(&scrub(&id))),
            request_id: words
                .request_id
                .or(self.request_id)
                .map(|id| presentable(&scrub(&id))),
        });
        match self.status {
            400 => ApiError::Refused(refusal),
            401 => ApiError::Unauthorized(refusal),
            403 => ApiError::Forbidden(refusal),
            404 if plugin && text == "404 page not found" => ApiError::PluginAbsent(refusal),
            404 => ApiError::NotFound(refusal),
            409 => ApiError::Conflict(refusal),
            413 => ApiError::TooLarge(refusal),
            429 => ApiError::RateLimited {
                refusal,
                retry_after,
            },
            500 if plugin && text == "500 internal server error" => {
                ApiError::PluginCrashed(refusal)
            }
            500 => ApiError::ServerFailed(refusal),
            501 => ApiError::NotSupported(refusal),
            502..=504 => ApiError::Unavailable {
                refusal,
                retry_after,
            },
            _ => ApiError::Unexpected(refusal),
        }
    }

    fn is_html(&self) -> bool {
        let kind = self.content_type.to_ascii_lowercase();
        kind.starts_with("text/html")
            || kind.starts_with("application/xhtml")
            || self.body.trim_ascii_start().starts_with(b"<")
    }
}

/// What an error body says.
#[derive(Debug, Default)]
struct Words {
    message: String,
    id: Option<String>,
    request_id: Option<String>,
}

impl Words {
    fn of(body: &[u8]) -> Self {
        // Some 403 of the plugin are two objects glued together: only the first counts.
        let mut json = serde_json::Deserializer::from_slice(body);
        let Ok(Value::Object(object)) = Value::deserialize(&mut json) else {
            return Self {
                message: String::from_utf8_lossy(body).trim().to_owned(),
                ..Self::default()
            };
        };
        let text = |key: &str| {
            object
                .get(key)
                .and_then(Value::as_str)
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
        };
        Self {
            message: text("error")
                .or_else(|| text("message"))
                .unwrap_or_default(),
            id: text("id"),
            request_id: text("request_id"),
        }
    }
}

/// The title of a web page.
fn title(page: &[u8]) -> Option<String> {
    let page = String::from_utf8_lossy(page);
    let lower = page.to_ascii_lowercase();
    let start = lower.find("<title")?;
    let start = start + lower[start..].find('>')? + 1;
    let end = start + lower[start..].find("</title")?;
    let title = page[start..end].trim();
    (!title.is_empty()).then(|| title.to_owned())
}

/// A server's words with its addresses cut after the host: of a webhook the rest is the key, and
/// a server that refuses one may say it back.
fn hosts_only(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, address) = rest.split_at(at + "://".len());
        let ends = |c: char| c.is_whitespace() || c.is_control() || "\"'`<>()[]{}\\".contains(c);
        let (address, after) = address.split_at(address.find(ends).unwrap_or(address.len()));
        let (authority, path) =
            address.split_at(address.find(['/', '?', '#']).unwrap_or(address.len()));
        let host = authority
            .rsplit_once('@')
            .map_or(authority, |(_, host)| host);
        out.push_str(before);
        out.push_str(host);
        if path.len() > 1 {
            out.push_str("/…");
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// A stranger's text in one line of ours: no line breaks, no control characters, not endless.
pub(super) fn presentable(text: &str) -> String {
    let mut out = String::new();
    for (count, word) in text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .enumerate()
    {
        if count > 0 {
            out.push(' ');
        }
        out.push_str(word);
    }
    match out.char_indices().nth(SHOWN_CHARACTERS) {
        Some((end, _)) => format!("{}…", &out[..end]),
        None => out,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_an_address_only_the_host_is_shown() {
        for (said, shown) in [
            ("no address", "no address"),
            (
                "cannot call \"https://hooks.example.com/T0/hunter2?k=hunter2\": 403.",
                "cannot call \"https://hooks.example.com/…\": 403.",
            ),
            (
                "https://me:hunter2@a.example/b http://c.example?t=hunter2#d",
                "https://a.example/… http://c.example/…",
            ),
            ("://", "://"),
            (
                "see https://a.example/ (https://ä.example/b)",
                "see https://a.example (https://ä.example/…)",
            ),
        ] {
            assert_eq!(hosts_only(said), shown);
        }
    }

    fn answer(path: &str, status: u16, content_type: &str, body: &str) -> Answer {
        Answer {
            attempt: Attempt {
                what: "read it",
                method: "GET".to_owned(),
                path: path.to_owned(),
                site: "https://chat.example.com".to_owned(),
                reads: true,
            },
            status,
            content_type: content_type.to_owned(),
            location: None,
            request_id: None,
            retry_after: None,
            body: body.as_bytes().to_vec(),
        }
    }

    fn error(path: &str, status: u16, content_type: &str, body: &str) -> ApiError {
        answer(path, status, content_type, body)
            .checked(str::to_owned)
            .unwrap_err()
    }

    const PLUGIN: &str = "/plugins/playbooks/api/v0/runs";
    const CORE: &str = "/api/v4/users/me";

    #[test]
    fn of_two_glued_values_the_first_counts() {
        let body = r#"{"error":"Not authorized"}{"error":"not authorized to get status updates"}"#;
        let error = error(PLUGIN, 403, "application/json", body);
        assert!(matches!(&error, ApiError::Forbidden(r) if r.message == "Not authorized"));
    }

    #[test]
    fn an_absent_and_a_crashed_plugin_are_told_apart() {
        let absent = error(PLUGIN, 404, "text/plain", "404 page not found\n");
        assert!(matches!(absent, ApiError::PluginAbsent(_)));
        let crashed = error(PLUGIN, 500, "text/plain", "500 internal server error\n");
        assert!(matches!(crashed, ApiError::PluginCrashed(_)));
        let failed = error(
            PLUGIN,
            500,
            "application/json",
            r#"{"error":"An internal"}"#,
        );
        assert!(matches!(failed, ApiError::ServerFailed(_)));
        let missing = error(PLUGIN, 404, "application/json", r#"{"error":"Not found"}"#);
        assert!(matches!(missing, ApiError::NotFound(_)));
    }

    #[test]
    fn the_core_error_keeps_id_and_request_id() {
        let body = r#"{"id":"api.x","message":"Nope","request_id":"r1","status_code":400}"#;
        let error = error(CORE, 400, "application/json", body);
        let refusal = error.refusal().unwrap();
        assert_eq!(refusal.id.as_deref(), Some("api.x"));
        assert_eq!(
            error.to_string(),
            "could not read it: `GET /api/v4/users/me` was answered with 400: Nope (request id `r1`)"
        );
    }

    #[test]
    fn a_web_page_is_not_an_answer_even_with_status_200() {
        let page = "<!doctype html><html><title>Sign in\n – SSO</title></html>";
        let error = error(CORE, 200, "text/html; charset=utf-8", page);
        assert_eq!(
            error.to_string(),
            "could not read it: `GET /api/v4/users/me` was answered with 200 and a web page (“Sign in – SSO”), not by Mattermost"
        );
    }

    #[test]
    fn wrong_json_names_the_place() {
        #[derive(Debug, serde::Deserialize)]
        #[expect(dead_code, reason = "only its shape matters")]
        struct Page {
            items: Vec<u32>,
        }
        let odd = answer(CORE, 200, "application/json", r#"{"items":[1,"two"]}"#);
        let error = odd.decode::<Page>(str::to_owned).unwrap_err();
        assert!(matches!(&error, ApiError::Undecodable { at, .. } if at == "items[1]"));
        let half = answer(CORE, 200, "application/json", r#"{"items":[1"#);
        assert!(matches!(
            half.decode::<Page>(str::to_owned),
            Err(ApiError::Undecodable { .. })
        ));
        let empty = answer(CORE, 200, "application/json", "\n");
        assert!(matches!(
            empty.decode::<Page>(str::to_owned),
            Err(ApiError::EmptyBody { .. })
        ));
    }

    #[test]
    fn a_stranger_s_text_cannot_draw_on_the_terminal() {
        assert_eq!(presentable("a\u{1b}[31m\r\nb\0c"), "a [31m b c");
        let long = "x".repeat(1000);
        assert_eq!(presentable(&long).chars().count(), SHOWN_CHARACTERS + 1);
    }
}
