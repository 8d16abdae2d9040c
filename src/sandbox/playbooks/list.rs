//! `GET /playbooks`: pages of shortened playbooks.

use std::cmp::Ordering;

use serde_json::json;

use super::access::Right;
use super::object::Playbook;
use crate::sandbox::call::Call;
use crate::sandbox::reply::{Answer, Reply};
use crate::sandbox::routes::{Route, route};
use crate::sandbox::world::World;

pub(super) const ROUTES: &[Route] = &[route("GET", "/plugins/playbooks/api/v0/playbooks", list)];

/// What the list can be sorted by; the plugin's own message forgets the last.
const SORTS: [&str; 6] = [
    "title",
    "stages",
    "steps",
    "runs",
    "last_run_at",
    "active_runs",
];

struct Wanted<'c> {
    page: usize,
    per_page: usize,
    sort: &'c str,
    descending: bool,
}

fn list(world: &mut World, call: &Call) -> Answer {
    let wanted = wanted(call).map_err(|problem| {
        Reply::refused(&format!("failed to get playbooks: bad parameter {problem}"))
    })?;
    let team = call.query("team_id").filter(|team| !team.is_empty());
    if team.is_some_and(|team| !world.may_in_team(&call.user, team, "view_team")) {
        return Err(Reply::forbidden());
    }
    let wanted_title = call.query("search_term").unwrap_or_default().to_lowercase();
    let mut found: Vec<Playbook> = world
        .playbooks
        .iter()
        .filter(|playbook| match team {
            Some(team) => playbook.team_id == team,
            None => world.is_on_team(&call.user, &playbook.team_id),
        })
        .filter(|playbook| playbook.delete_at == 0 || call.is_set("with_archived"))
        .filter(|playbook| is_listed(world, &call.user, playbook))
        .filter(|playbook| contains_like(&playbook.title.to_lowercase(), &wanted_title))
        .map(|playbook| shortened(world, playbook))
        .collect();
    found.sort_by(|a, b| {
        let order = compare(a, b, wanted.sort);
        if wanted.descending {
            order.reverse()
        } else {
            order
        }
    });
    let total = found.len();
    let pages = total.div_ceil(wanted.per_page.max(1));
    let items: Vec<Playbook> = found
        .into_iter()
        .skip(wanted.page.saturating_mul(wanted.per_page))
        .take(wanted.per_page)
        .collect();
    Ok(Reply::ok(json!({
        "total_count": total,
        "page_count": pages,
        "has_more": wanted.page.saturating_add(1) < pages,
        "items": items,
    })))
}

fn wanted(call: &Call) -> Result<Wanted<'_>, String> {
    let number = |name: &str, default: i64| -> Result<i64, String> {
        let text = call.query(name).filter(|text| !text.is_empty());
        let number = text.map(str::parse::<i64>).transpose().map_err(|_| {
            let text = text.unwrap_or_default();
            format!(
                "'{name}': it should be a number: strconv.Atoi: parsing {text:?}: invalid syntax"
            )
        })?;
        Ok(number.unwrap_or(default))
    };
    let sort = call
        .query("sort")
        .filter(|sort| !sort.is_empty())
        .unwrap_or("title");
    if !SORTS.contains(&sort) {
        return Err(format!(
            "'sort' ({sort}): it should be empty or one of 'title', 'stages', 'steps', 'runs', 'last_run_at'"
        ));
    }
    let direction = call.query("direction").unwrap_or_default();
    if !["", "asc", "desc"].contains(&direction.to_lowercase().as_str()) {
        return Err(format!(
            "'direction' ({direction}): it should be empty or one of 'asc' or 'desc'"
        ));
    }
    let page = number("page", 0)?;
    let page =
        usize::try_from(page).map_err(|_| "'page': it should be a positive number".to_owned())?;
    let per_page = number("per_page", 1000)?;
    let per_page = usize::try_from(per_page)
        .map_err(|_| "'per_page': it should be a positive number".to_owned())?;
    Ok(Wanted {
        page,
        per_page: if per_page == 0 { 1000 } else { per_page },
        sort,
        descending: direction.eq_ignore_ascii_case("desc"),
    })
}

/// A system admin does not find foreign private playbooks here, though he may open them.
fn is_listed(world: &World, user: &str, playbook: &Playbook) -> bool {
    if playbook.public {
        return world.may_with_playbook(user, playbook, Right::View);
    }
    playbook
        .member(user)
        .is_some_and(|member| member.roles.iter().any(|role| role == "playbook_member"))
}

/// `LIKE %term%` of SQL, wildcards included.
pub(crate) fn contains_like(text: &str, term: &str) -> bool {
    fn matches(text: &[char], pattern: &[char]) -> bool {
        match pattern {
            [] => text.is_empty(),
            ['%', rest @ ..] => (0..=text.len()).any(|skip| matches(&text[skip..], rest)),
            ['_', rest @ ..] => !text.is_empty() && matches(&text[1..], rest),
            [c, rest @ ..] => text.first() == Some(c) && matches(&text[1..], rest),
        }
    }
    let text: Vec<char> = text.chars().collect();
    let pattern: Vec<char> = format!("%{term}%").chars().collect();
    matches(&text, &pattern)
}

fn compare(a: &Playbook, b: &Playbook, sort: &str) -> Ordering {
    match sort {
        "stages" => a.num_stages.cmp(&b.num_stages),
        "steps" => a.num_steps.cmp(&b.num_steps),
        "runs" => a.num_runs.cmp(&b.num_runs),
        "last_run_at" => a.last_run_at.cmp(&b.last_run_at),
        "active_runs" => a.active_runs.cmp(&b.active_runs),
        _ => a.title.cmp(&b.title),
    }
    .then_with(|| a.id.cmp(&b.id))
}

/// The list leaves out most of a playbook, and alone knows about its runs.
fn shortened(world: &World, full: &Playbook) -> Playbook {
    let (num_runs, active_runs, last_run_at) = world.run_counts(&full.id);
    Playbook {
        id: full.id.clone(),
        title: full.title.clone(),
        description: full.description.clone(),
        public: full.public,
        team_id: full.team_id.clone(),
        create_public_playbook_run: full.create_public_playbook_run,
        create_at: full.create_at,
        delete_at: full.delete_at,
        num_stages: full.num_stages,
        num_steps: full.num_steps,
        num_actions: full.num_actions,
        num_runs,
        active_runs,
        last_run_at,
        members: full.members.clone(),
        metrics: full.metrics.clone(),
        default_owner_id: full.default_owner_id.clone(),
        default_owner_enabled: full.default_owner_enabled,
        channel_name_template: full.channel_name_template.clone(),
        default_playbook_admin_role: full.default_playbook_admin_role.clone(),
        default_playbook_member_role: full.default_playbook_member_role.clone(),
        default_run_admin_role: full.default_run_admin_role.clone(),
        default_run_member_role: full.default_run_member_role.clone(),
        run_number_prefix: full.run_number_prefix.clone(),
        admin_only_edit: full.admin_only_edit,
        owner_group_only_actions: full.owner_group_only_actions,
        new_channel_only: full.new_channel_only,
        ..Playbook::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn search_terms_have_the_wildcards_of_sql() {
        assert!(contains_like("service outage", "ice_out"));
        assert!(contains_like("service outage", "s%age"));
        assert!(!contains_like("service outage", "x"));
    }
}
