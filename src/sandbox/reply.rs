//! Answers, in the shapes of core and of the plugin.
//!
//! Owns status, content type and error bodies. Core answers errors as an object
//! with an id and a request id; the plugin as `{"error": …}`, or as plain text
//! where Go's own router or `http.Error` speaks.

use serde::Serialize;
use serde_json::{Value, json};

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    /// The status code.
    pub(crate) status: u16,
    /// What is in it.
    pub(crate) body: Body,
    /// A header beside those that every answer has; boxed, since few have one.
    pub(crate) header: Option<Box<(&'static str, String)>>,
}

/// What is in an answer.
#[derive(Debug)]
pub(crate) enum Body {
    /// Nothing, without a content type.
    Empty,
    /// JSON.
    Json(Value),
    /// Text that is sent as `text/plain`.
    Text(String),
    /// Text that is sent as JSON although it may not be: two objects glued together.
    JsonText(String),
    /// Bytes of a file, with their content type.
    File(Vec<u8>, String),
    /// An error of core; the server adds the request id.
    Core(Box<CoreError>),
}

/// An error of core.
#[derive(Debug)]
pub(crate) struct CoreError {
    /// Which error; part of the API.
    pub(crate) id: String,
    /// What it says in English; translated by real servers.
    pub(crate) message: String,
    /// Details for developers.
    pub(crate) detail: String,
}

/// What a handler answers; `Err` only lets `?` leave early.
pub(crate) type Answer = Result<Reply, Reply>;

/// The plugin's text for everything that it does not map to a status.
const INTERNAL: &str = "An internal error has occurred. Check app server logs for details.";

impl Reply {
    fn with(status: u16, body: Body) -> Self {
        Self {
            status,
            body,
            header: None,
        }
    }

    /// The same answer without its second half, as if that were all.
    pub(crate) fn half(self) -> Self {
        let body = match self.body {
            Body::Json(value) => {
                let text = value.to_string();
                let half = text.chars().count() / 2;
                Body::JsonText(text.chars().take(half).collect())
            }
            whole => whole,
        };
        Self { body, ..self }
    }

    /// Status 200 with JSON.
    pub(crate) fn ok(value: impl Serialize) -> Self {
        Self::json(200, value)
    }

    /// Status 201 with JSON.
    pub(crate) fn created(value: impl Serialize) -> Self {
        Self::json(201, value)
    }

    /// JSON.
    pub(crate) fn json(status: u16, value: impl Serialize) -> Self {
        let value = serde_json::to_value(value).unwrap_or(Value::Null);
        Self::with(status, Body::Json(value))
    }

    /// Plain text.
    pub(crate) fn text(status: u16, text: impl Into<String>) -> Self {
        Self::with(status, Body::Text(text.into()))
    }

    /// Nothing but a status.
    pub(crate) fn empty(status: u16) -> Self {
        Self::with(status, Body::Empty)
    }

    /// A file.
    pub(crate) fn file(bytes: Vec<u8>, content_type: impl Into<String>) -> Self {
        Self::with(200, Body::File(bytes, content_type.into()))
    }

    /// `{"status":"OK"}`.
    pub(crate) fn status_ok() -> Self {
        Self::ok(json!({ "status": "OK" }))
    }

    /// The same answer with a `Location`.
    pub(crate) fn at(mut self, location: impl Into<String>) -> Self {
        self.header = Some(Box::new(("location", location.into())));
        self
    }

    /// The same answer with a session token.
    pub(crate) fn token(mut self, token: impl Into<String>) -> Self {
        self.header = Some(Box::new(("token", token.into())));
        self
    }

    /// An error of core.
    pub(crate) fn core(status: u16, id: &str, message: &str, detail: impl Into<String>) -> Self {
        let error = CoreError {
            id: id.to_owned(),
            message: message.to_owned(),
            detail: detail.into(),
        };
        Self::with(status, Body::Core(Box::new(error)))
    }

    /// Core: no session, or not a valid one.
    pub(crate) fn no_session(detail: impl Into<String>) -> Self {
        Self::core(
            401,
            "api.context.session_expired.app_error",
            "Invalid or expired session, please login again.",
            detail,
        )
    }

    /// Core: the caller lacks a permission.
    pub(crate) fn no_permission(user: &str, permission: &str) -> Self {
        Self::core(
            403,
            "api.context.permissions.app_error",
            "You do not have the appropriate permissions.",
            format!("userId={user}, permission={permission}"),
        )
    }

    /// Core: the body lacks something, or holds it in the wrong form.
    pub(crate) fn bad_body(what: &str) -> Self {
        Self::core(
            400,
            "api.context.invalid_body_param.app_error",
            &format!("Invalid or missing {what} in request body."),
            "",
        )
    }

    /// Core: a part of the path has the wrong form.
    pub(crate) fn bad_path(what: &str) -> Self {
        Self::core(
            400,
            "api.context.invalid_url_param.app_error",
            &format!("Invalid or missing {what} parameter in request URL."),
            "",
        )
    }

    /// Core: the body is larger than the server takes.
    pub(crate) fn too_large() -> Self {
        Self::core(
            413,
            "api.context.request_body_too_large.app_error",
            "Unable to process request. Request body too large.",
            "Use the setting `MaximumPayloadSizeBytes` in Mattermost config to configure allowed payload limit.",
        )
    }

    /// Core: there is no such route.
    pub(crate) fn no_core_route(path: &str) -> Self {
        Self::json(
            404,
            json!({
                "id": "api.context.404.app_error",
                "message": "Sorry, we could not find the page.",
                "detailed_error": format!(
                    "There doesn't appear to be an api call for the url='{path}'.  Typo? are you missing a team_id or user_id as part of the url?"
                ),
                "status_code": 404,
            }),
        )
    }

    /// Plugin: an error with its text.
    pub(crate) fn error(status: u16, text: &str) -> Self {
        Self::json(status, json!({ "error": text }))
    }

    /// Plugin: 400 with its text.
    pub(crate) fn refused(text: &str) -> Self {
        Self::error(400, text)
    }

    /// Plugin: 403.
    pub(crate) fn forbidden() -> Self {
        Self::error(403, "Not authorized")
    }

    /// Plugin: 403 as two JSON objects glued together, as some routes send it.
    pub(crate) fn forbidden_twice(second: &str) -> Self {
        let glued = format!(
            "{}{}",
            json!({ "error": "Not authorized" }),
            json!({ "error": second })
        );
        Self::with(403, Body::JsonText(glued))
    }

    /// Plugin: everything it does not map to a status.
    pub(crate) fn internal() -> Self {
        Self::error(500, INTERNAL)
    }

    /// Plugin, and Go's router: no such path or method.
    pub(crate) fn no_route() -> Self {
        Self::text(404, "404 page not found\n")
    }

    /// Ours: the real server knows this route, the sandbox does not.
    pub(crate) fn not_built(method: &str, path: &str) -> Self {
        Self::error(501, &format!("the sandbox does not know {method} {path}"))
    }
}
