//! Which handler answers what.
//!
//! Owns the shape of a route table and the choice of a route. The tables stand
//! beside their handlers. Core and plugin refuse unknown paths and missing
//! sessions differently, and in a different order: that is decided here.

use super::call::Call;
use super::reply::{Answer, Reply};
use super::world::World;
use super::{core, plugin};

/// The prefix of core's API.
const CORE: &str = "/api/v4/";

/// The prefix of the plugin's API.
const PLUGIN: &str = "/plugins/playbooks/";

/// `MaximumPayloadSizeBytes`, which holds for JSON only.
const LARGEST_BODY: usize = 300_000;

/// One route.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Route {
    /// The method; it is part of finding a route, so a wrong one is 404, never 405.
    method: &'static str,
    /// The path; `{x_id}` takes letters and digits, `{x_index}` digits, `{x}` anything.
    pattern: &'static str,
    handler: Handler,
    open: bool,
}

/// Answers a request, and changes the world.
pub(crate) type Handler = fn(&mut World, &Call) -> Answer;

/// A route for callers with a session.
pub(crate) const fn route(method: &'static str, pattern: &'static str, handler: Handler) -> Route {
    Route {
        method,
        pattern,
        handler,
        open: false,
    }
}

/// A route for everybody.
pub(crate) const fn open(method: &'static str, pattern: &'static str, handler: Handler) -> Route {
    Route {
        method,
        pattern,
        handler,
        open: true,
    }
}

/// Answers a request.
pub(crate) fn answer(world: &mut World, call: &mut Call) -> Reply {
    world.catch_up();
    let caller = call.token.as_deref().and_then(|t| world.user_of_token(t));
    call.user = caller.map(|user| user.id.clone()).unwrap_or_default();
    if call.path.starts_with(PLUGIN) {
        return answer_of_plugin(world, call);
    }
    if let Some(handler) = find(&[core::TABLES], call) {
        if !handler.open && call.user.is_empty() {
            return Reply::no_session(match &call.token {
                Some(token) => format!("token={token}"),
                None => "UserRequired".to_owned(),
            });
        }
        if call.body.len() > LARGEST_BODY && call.content_type.contains("json") {
            return Reply::too_large();
        }
        return run(handler.handler, world, call);
    }
    if core::exists_elsewhere(&call.path) {
        return Reply::not_built(&call.method, &call.path);
    }
    if call.path.starts_with(CORE) {
        Reply::no_core_route(&call.path)
    } else {
        Reply::no_route()
    }
}

/// The plugin looks at the session before it looks at the path.
fn answer_of_plugin(world: &mut World, call: &mut Call) -> Reply {
    if call.user.is_empty() {
        return Reply::text(401, "Not authorized\n");
    }
    // Since 2.11 the items of a checklist answer to both names.
    call.path = call.path.replace("/items/", "/item/");
    match find(plugin::TABLES, call) {
        Some(route) => run(route.handler, world, call),
        None if plugin::exists_elsewhere(&call.method, &call.path) => {
            Reply::not_built(&call.method, &call.path)
        }
        None => Reply::no_route(),
    }
}

fn run(handler: Handler, world: &mut World, call: &Call) -> Reply {
    handler(world, call).unwrap_or_else(|refusal| refusal)
}

fn find(tables: &[&[&[Route]]], call: &mut Call) -> Option<Route> {
    let routes = tables.iter().copied().flatten().copied().flatten();
    for route in routes.filter(|route| route.method == call.method) {
        if let Some(params) = params(route.pattern, &call.path) {
            call.params = params;
            return Some(*route);
        }
    }
    None
}

/// Whether a path fits a pattern.
pub(crate) fn matches(pattern: &'static str, path: &str) -> bool {
    params(pattern, path).is_some()
}

fn params(pattern: &'static str, path: &str) -> Option<Vec<(&'static str, String)>> {
    let mut params = Vec::new();
    let (mut parts, mut given) = (pattern.split('/'), path.split('/'));
    loop {
        match (parts.next(), given.next()) {
            (None, None) => return Some(params),
            (Some(part), Some(text)) => {
                if let Some(name) = part.strip_prefix('{').and_then(|p| p.strip_suffix('}')) {
                    let text = decoded(text);
                    if !fits(name, &text) {
                        return None;
                    }
                    params.push((name, text));
                } else if part != text {
                    return None;
                }
            }
            _ => return None,
        }
    }
}

fn fits(name: &str, text: &str) -> bool {
    if text.is_empty() {
        false
    } else if name.ends_with("_id") {
        text.bytes().all(|b| b.is_ascii_alphanumeric())
    } else if name.ends_with("_index") {
        text.bytes().all(|b| b.is_ascii_digit())
    } else {
        true
    }
}

/// A part of a path without its percent signs.
fn decoded(part: &str) -> String {
    if !part.contains('%') {
        return part.to_owned();
    }
    // The parser of forms reads `+` as a blank, which paths do not.
    let part = part.replace('+', "%2B");
    let pair = url::form_urlencoded::parse(part.as_bytes()).next();
    pair.map(|(key, _)| key.into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_take_no_other_characters() {
        assert!(params("/playbooks/{playbook_id}", "/playbooks/short").is_some());
        assert!(params("/playbooks/{playbook_id}", "/playbooks/not-an-id").is_none());
        assert!(
            params("/users/email/{email}", "/users/email/a%40b").is_some_and(|p| p[0].1 == "a@b")
        );
    }
}
