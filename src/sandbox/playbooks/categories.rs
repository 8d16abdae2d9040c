//! The caller's own sidebar of playbooks and runs.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::sandbox::call::Call;
use crate::sandbox::ids::Id;
use crate::sandbox::reply::{Answer, Reply};
use crate::sandbox::routes::{Route, route};
use crate::sandbox::table::Row;
use crate::sandbox::world::World;

pub(super) const ROUTES: &[Route] = &[
    route("GET", "/plugins/playbooks/api/v0/my_categories", list),
    route("POST", "/plugins/playbooks/api/v0/my_categories", create),
    route(
        "GET",
        "/plugins/playbooks/api/v0/my_categories/favorites",
        favorite,
    ),
    route(
        "PUT",
        "/plugins/playbooks/api/v0/my_categories/{category_id}/collapse",
        collapse,
    ),
    route(
        "DELETE",
        "/plugins/playbooks/api/v0/my_categories/{category_id}",
        delete,
    ),
];

/// A heading in somebody's sidebar.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Category {
    id: Id,
    name: String,
    team_id: Id,
    user_id: Id,
    collapsed: bool,
    create_at: i64,
    update_at: i64,
    delete_at: i64,
    items: Vec<Value>,
}

impl Row for Category {
    fn id(&self) -> &str {
        &self.id
    }
}

/// Deleted ones stay in the list, with the time of their deletion.
fn list(world: &mut World, call: &Call) -> Answer {
    let team = call.query("team_id").filter(|team| !team.is_empty());
    let team = team.ok_or_else(Reply::internal)?;
    let own = world.categories.iter();
    let own = own.filter(|category| category.user_id == call.user && category.team_id == team);
    let mut all: Vec<Category> = own.cloned().collect();
    for (id, name) in [("runsCategory", "Runs"), ("playbooksCategory", "Playbooks")] {
        all.push(Category {
            id: id.to_owned(),
            name: name.to_owned(),
            team_id: team.to_owned(),
            user_id: call.user.clone(),
            ..Category::default()
        });
    }
    Ok(Reply::ok(all))
}

fn create(world: &mut World, call: &Call) -> Answer {
    let undecodable = || Reply::refused("unable to decode category");
    let mut category: Category = call.decode().ok_or_else(undecodable)?;
    if category.user_id != call.user {
        return Err(Reply::refused("userID mismatch"));
    }
    category.id = world.new_id();
    category.create_at = world.now();
    category.update_at = category.create_at;
    let id = category.id.clone();
    world.categories.insert(category);
    Ok(Reply::ok(json!(id)))
}

fn favorite(_: &mut World, _: &Call) -> Answer {
    Ok(Reply::ok(false))
}

/// The caller's category in the path.
fn own<'w>(world: &'w mut World, call: &Call) -> Result<&'w mut Category, Reply> {
    let category = world.categories.get_mut(call.param("category_id"));
    let category = category.filter(|category| category.user_id == call.user);
    let category = category.ok_or_else(Reply::internal)?;
    if category.delete_at != 0 {
        return Err(Reply::error(404, "Category deleted"));
    }
    Ok(category)
}

fn collapse(world: &mut World, call: &Call) -> Answer {
    let collapsed = call.value().and_then(|value| value.as_bool());
    let collapsed = collapsed.ok_or_else(|| Reply::refused("unable to decode collapsed"))?;
    let now = world.now();
    let category = own(world, call)?;
    category.collapsed = collapsed;
    category.update_at = now;
    Ok(Reply::empty(200))
}

fn delete(world: &mut World, call: &Call) -> Answer {
    let now = world.now();
    own(world, call)?.delete_at = now;
    Ok(Reply::empty(204))
}
