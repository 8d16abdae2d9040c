//! Requests in somebody's name.
//!
//! Knows HTTP and JSON only. Its messages name the request and the answer, never
//! the token.

use reqwest::Client;
use serde_json::Value;
use tokio::runtime::Runtime;

/// A server that answers JSON.
pub(super) struct Api {
    site: String,
    runtime: Runtime,
    client: Client,
}

impl Api {
    pub(super) fn new(site: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let client = Client::builder().no_proxy().build().unwrap();
        Self {
            site: site.to_owned(),
            runtime,
            client,
        }
    }

    /// The base URL.
    pub(super) fn site(&self) -> &str {
        &self.site
    }

    /// The answer to a request; a `null` body is not sent, an empty answer is `null`.
    pub(super) fn send(
        &self,
        token: &str,
        method: &str,
        path: &str,
        body: &Value,
    ) -> Result<Value, String> {
        let (answer, _) = self.exchange(Some(token), method, path, body)?;
        Ok(answer)
    }

    /// Opens a session; its token.
    pub(super) fn login(&self, username: &str, password: &str) -> Result<String, String> {
        let path = "/api/v4/users/login";
        let body = serde_json::json!({ "login_id": username, "password": password });
        let (_, token) = self.exchange(None, "POST", path, &body)?;
        token.ok_or_else(|| format!("`{username}` got no token from {path}"))
    }

    fn exchange(
        &self,
        token: Option<&str>,
        method: &str,
        path: &str,
        body: &Value,
    ) -> Result<(Value, Option<String>), String> {
        let told = |what: String| format!("{method} {path}: {what}");
        let url = format!("{}{path}", self.site);
        let mut request = self.client.request(method.parse().unwrap(), url);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if !body.is_null() {
            request = request.json(body);
        }
        self.runtime.block_on(async {
            let answer = request.send().await.map_err(|e| told(e.to_string()))?;
            let status = answer.status();
            let session = answer.headers().get("token");
            let session = session.and_then(|token| token.to_str().ok());
            let session = session.map(str::to_owned);
            let text = answer.text().await.map_err(|e| told(e.to_string()))?;
            if status.is_success() {
                // What the plugin does not answer in JSON nobody here reads.
                Ok((serde_json::from_str(&text).unwrap_or_default(), session))
            } else {
                Err(told(format!("{status} {text}")))
            }
        })
    }
}
