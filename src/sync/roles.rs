//! Mattermost's own roles: what git asks for, what they allow, and the steps between.
//!
//! Owns `server.roles` of `permissions.yaml`: only the permissions named there are
//! granted or taken away, whatever else a role allows. The plan of it is a value, and
//! pure; [`write_roles`] carries it out, role by role, and reads each back. Never takes
//! from whoever syncs what it needs to sync, or to give it back.

use std::collections::{BTreeMap, BTreeSet};

use super::apply::{ApplyError, NotKept};
use super::refusal::{Reason, Refusal};
use super::site::{Account, Reading, Writing};
use crate::mattermost::core::Role;
use crate::mattermost::{ApiError, RoleId};

/// What git says of each role: permissions to grant (`true`) or take away (`false`).
pub type RolesWanted = BTreeMap<String, BTreeMap<String, bool>>;

/// The role that may do everything, as long as nobody takes something from it.
const ADMINISTRATOR: &str = "system_admin";

/// What whoever syncs holds in every team and playbook beside the roles of its account.
const EVERYWHERE: [&str; 4] = [
    "team_user",
    "channel_user",
    "playbook_member",
    "playbook_admin",
];

/// What a sync needs: to change roles again, and to read and write playbooks.
const NEEDED: [&str; 14] = [
    "manage_system",
    "sysconsole_read_user_management_permissions",
    "sysconsole_write_user_management_permissions",
    "view_team",
    "playbook_public_create",
    "playbook_private_create",
    "playbook_public_view",
    "playbook_private_view",
    "playbook_public_manage_members",
    "playbook_private_manage_members",
    "playbook_public_manage_roles",
    "playbook_private_manage_roles",
    "playbook_public_manage_properties",
    "playbook_private_manage_properties",
];

/// What the server says of the roles that git names, and of those whoever syncs has.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RolesSeen {
    roles: BTreeMap<String, Option<Role>>,
}

/// What becomes of the roles.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RolePlan {
    /// Whether they are written, and not only shown.
    pub asked: bool,
    /// What becomes of each role that git names, ordered by name.
    pub steps: Vec<RoleStep>,
}

/// What becomes of one role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleStep {
    /// Its name.
    pub role: String,
    /// What it allows from then on.
    pub grant: Vec<String>,
    /// What it allows no more.
    pub withdraw: Vec<String>,
    /// Why it is left alone.
    pub refused: Option<Refusal>,
    /// What it allows now.
    pub before: BTreeSet<String>,
    /// Its id.
    pub id: Option<String>,
}

/// What happened to one role.
#[derive(Debug)]
pub struct RoleOutcome {
    /// Its name.
    pub role: String,
    /// Whether anything was written.
    pub wrote: bool,
    /// How it ended.
    pub result: Result<(), ApplyError>,
}

impl RoleStep {
    /// Whether something would be written.
    #[must_use]
    pub fn writes(&self) -> bool {
        self.refused.is_none() && self.differs()
    }

    /// Whether both sides differ.
    #[must_use]
    pub fn differs(&self) -> bool {
        !self.grant.is_empty() || !self.withdraw.is_empty()
    }

    fn after(&self) -> BTreeSet<String> {
        let mut after = self.before.clone();
        after.extend(self.grant.iter().cloned());
        after.retain(|permission| !self.withdraw.contains(permission));
        after
    }
}

impl RolePlan {
    /// Whether something would be written.
    #[must_use]
    pub fn writes(&self) -> bool {
        self.asked && self.steps.iter().any(RoleStep::writes)
    }

    /// The roles that are left alone although they should be written, with the reason.
    pub fn refusals(&self) -> impl Iterator<Item = (&RoleStep, &Refusal)> {
        let asked = self.steps.iter().filter(|_| self.asked);
        asked.filter_map(|step| Some((step, step.refused.as_ref()?)))
    }
}

/// Reads the roles that git names; one request for each, and one for each role of the account
/// that may be needed to tell whether it locks itself out.
///
/// # Errors
/// When the server does not answer as it should.
pub async fn see_roles(
    site: &impl Reading,
    wanted: &RolesWanted,
    account: &Account,
) -> Result<RolesSeen, ApiError> {
    let mut names: BTreeSet<&str> = wanted.keys().map(String::as_str).collect();
    let takes = |permissions: &BTreeMap<String, bool>| {
        let mut taken = permissions.iter().filter(|(_, granted)| !**granted);
        taken.any(|(permission, _)| NEEDED.contains(&permission.as_str()))
    };
    if wanted.values().any(takes) {
        names.extend(held(account));
    }
    let mut roles = BTreeMap::new();
    for name in names {
        roles.insert(name.to_owned(), site.role(name).await?);
    }
    Ok(RolesSeen { roles })
}

/// The steps from what is there to what git says.
#[must_use]
pub fn plan_roles(
    wanted: &RolesWanted,
    seen: &RolesSeen,
    account: &Account,
    asked: bool,
) -> RolePlan {
    let steps = wanted.iter().map(|(name, permissions)| {
        let role = seen.roles.get(name).and_then(Option::as_ref);
        let before: BTreeSet<String> = role
            .map(|role| role.permissions.iter().cloned().collect())
            .unwrap_or_default();
        let differing = |granted: bool| {
            let named = permissions.iter().filter(|(_, wanted)| **wanted == granted);
            let differ = named.filter(|(permission, _)| before.contains(*permission) != granted);
            differ.map(|(permission, _)| permission.clone()).collect()
        };
        RoleStep {
            role: name.clone(),
            grant: differing(true),
            withdraw: differing(false),
            refused: None,
            id: role.map(|role| role.id.to_string()),
            before,
        }
    });
    let mut steps: Vec<RoleStep> = steps.collect();
    let lost = lost(&steps, seen, account);
    for step in &mut steps {
        step.refused = refusal(step, &lost, account);
    }
    RolePlan { asked, steps }
}

fn refusal(step: &RoleStep, lost: &BTreeSet<String>, account: &Account) -> Option<Refusal> {
    if step.id.is_none() {
        let problem = format!("the server has no role `{}`", step.role);
        return Some(
            Refusal::new(Reason::UnknownName, problem)
                .help("correct the name under `server.roles` of `permissions.yaml`"),
        );
    }
    if !step.differs() {
        return None;
    }
    if !account.is_admin() {
        let problem = format!("`{}` is no system administrator", account.username);
        return Some(
            Refusal::new(Reason::NotAllowed, problem)
                .help("only a system administrator may change roles: sync with the token of one"),
        );
    }
    let mine: Vec<String> = step
        .withdraw
        .iter()
        .filter(|permission| lost.contains(*permission))
        .map(|permission| format!("`{}` would lose `{permission}`", account.username))
        .collect();
    let refusal = Refusal::of(Reason::Lockout, mine)?;
    Some(refusal.help("leave that permission to a role that this account has"))
}

/// What whoever syncs needs, has now, and would have no more after all steps.
fn lost(steps: &[RoleStep], seen: &RolesSeen, account: &Account) -> BTreeSet<String> {
    let taken = steps.iter().flat_map(|step| &step.withdraw);
    let needed = taken.filter(|permission| NEEDED.contains(&permission.as_str()));
    let has = |role: &str, permission: &str, after: bool| {
        let step = steps.iter().find(|step| step.role == role);
        let stays = |step: &RoleStep| !step.withdraw.iter().any(|gone| gone == permission);
        // An administrator may do what the role does not even name.
        if role == ADMINISTRATOR {
            return !after || step.is_none_or(stays);
        }
        match step {
            Some(step) if after => step.after().contains(permission),
            Some(step) => step.before.contains(permission),
            None => {
                let role = seen.roles.get(role).and_then(Option::as_ref);
                role.is_some_and(|role| role.permissions.iter().any(|p| p == permission))
            }
        }
    };
    needed
        .map(String::as_str)
        .filter(|permission| {
            let before = held(account).any(|role| has(role, permission, false));
            before && !held(account).any(|role| has(role, permission, true))
        })
        .map(str::to_owned)
        .collect()
}

/// The roles of whoever syncs.
fn held(account: &Account) -> impl Iterator<Item = &str> {
    let own = account.roles.iter().map(String::as_str);
    own.chain(EVERYWHERE)
}

/// Writes the roles that differ, one after the other; a failure stops none of the others.
pub async fn write_roles(site: &impl Writing, plan: &RolePlan) -> Vec<RoleOutcome> {
    let mut outcomes = Vec::new();
    for step in plan.steps.iter().filter(|step| plan.asked && step.writes()) {
        let mut wrote = false;
        let result = write_role(site, step, &mut wrote).await;
        outcomes.push(RoleOutcome {
            role: step.role.clone(),
            wrote,
            result,
        });
    }
    outcomes
}

async fn write_role(
    site: &impl Writing,
    step: &RoleStep,
    wrote: &mut bool,
) -> Result<(), ApplyError> {
    let now = permissions(site, &step.role).await?;
    let Some(id) = step.id.as_deref().filter(|_| now == step.before) else {
        return Err(ApplyError::Moved);
    };
    let after = step.after();
    let list: Vec<String> = after.iter().cloned().collect();
    // The list replaces the whole role: what it does not name is withdrawn.
    let doubt = match site.set_permissions(&RoleId::new(id), &list).await {
        Ok(_) => None,
        Err(error) if error.may_have_happened() => Some(error),
        Err(error) => return Err(error.into()),
    };
    let kept = permissions(site, &step.role).await?;
    *wrote = kept != now;
    if kept == after {
        return Ok(());
    }
    if let Some(error) = doubt {
        return Err(error.into());
    }
    let words = |has: bool| if has { "granted" } else { "not granted" }.to_owned();
    let not_kept = after.symmetric_difference(&kept).map(|permission| NotKept {
        field: permission.clone(),
        written: words(after.contains(permission)),
        kept: words(kept.contains(permission)),
    });
    Err(ApplyError::NotKept(not_kept.collect()))
}

async fn permissions(site: &impl Reading, role: &str) -> Result<BTreeSet<String>, ApplyError> {
    let role = site.role(role).await?.ok_or(ApplyError::Moved)?;
    Ok(role.permissions.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::world::{Fault, World, now};

    fn admin() -> Account {
        Account {
            id: "u1".to_owned(),
            username: "root".to_owned(),
            roles: vec!["system_user".to_owned(), "system_admin".to_owned()],
            ..Account::default()
        }
    }

    fn wanted(pairs: &[(&str, &str, bool)]) -> RolesWanted {
        let mut wanted = RolesWanted::new();
        for (role, permission, granted) in pairs {
            let role = wanted.entry((*role).to_owned()).or_default();
            role.insert((*permission).to_owned(), *granted);
        }
        wanted
    }

    fn planned(world: &World, wanted: &RolesWanted, account: &Account) -> RolePlan {
        let seen = now(see_roles(world, wanted, account)).unwrap();
        plan_roles(wanted, &seen, account, true)
    }

    fn reasons(plan: &RolePlan) -> Vec<Reason> {
        plan.refusals().map(|(_, refusal)| refusal.reason).collect()
    }

    #[test]
    fn only_what_is_named_and_differs_changes() {
        let world = World::new();
        let wanted = wanted(&[
            ("playbook_member", "run_create", false),
            ("playbook_member", "playbook_public_view", true),
            ("playbook_member", "playbook_public_manage_roles", true),
        ]);
        let plan = planned(&world, &wanted, &admin());
        let step = &plan.steps[0];
        assert_eq!(step.grant, ["playbook_public_manage_roles"]);
        assert_eq!(step.withdraw, ["run_create"]);
        let outcomes = now(write_roles(&world, &plan));
        assert!(
            outcomes[0].wrote && outcomes[0].result.is_ok(),
            "{outcomes:?}"
        );
        let again = planned(&world, &wanted, &admin());
        assert!(!again.writes());
        assert!(again.steps[0].before.contains("playbook_public_view"));
        // Shown only, nothing is written.
        let shown = RolePlan {
            asked: false,
            ..plan
        };
        assert!(!shown.writes() && now(write_roles(&world, &shown)).is_empty());
    }

    #[test]
    fn unknown_roles_and_callers_without_the_right_are_refused() {
        let world = World::new();
        let unknown = wanted(&[("nosuchrole", "run_create", true)]);
        assert_eq!(
            reasons(&planned(&world, &unknown, &admin())),
            [Reason::UnknownName]
        );
        let known = wanted(&[("playbook_member", "run_create", false)]);
        let bob = Account {
            roles: vec!["system_user".to_owned()],
            ..admin()
        };
        assert_eq!(
            reasons(&planned(&world, &known, &bob)),
            [Reason::NotAllowed]
        );
        let nothing = wanted(&[("playbook_member", "run_create", true)]);
        assert_eq!(reasons(&planned(&world, &nothing, &bob)), []);
    }

    #[test]
    fn what_would_lock_the_own_account_out_is_refused() {
        let role = |name: &str, permissions: &[&str]| Role {
            id: name.into(),
            name: name.to_owned(),
            permissions: permissions.iter().map(|p| (*p).to_owned()).collect(),
            ..Role::default()
        };
        let seen = RolesSeen {
            roles: [
                role(
                    "system_admin",
                    &["manage_system", "playbook_public_manage_roles"],
                ),
                role("playbook_admin", &["playbook_public_manage_roles"]),
                role("system_user", &[]),
            ]
            .map(|role| (role.name.clone(), Some(role)))
            .into(),
        };
        let found = |pairs: &[(&str, &str, bool)]| {
            reasons(&plan_roles(&wanted(pairs), &seen, &admin(), true))
        };
        assert_eq!(
            found(&[("system_admin", "manage_system", false)]),
            [Reason::Lockout]
        );
        let roles = "playbook_public_manage_roles";
        // Another role goes on allowing it.
        assert_eq!(found(&[("system_admin", roles, false)]), []);
        assert_eq!(found(&[("playbook_admin", roles, false)]), []);
        // Both together do not.
        let both = [
            ("system_admin", roles, false),
            ("playbook_admin", roles, false),
        ];
        assert_eq!(found(&both), [Reason::Lockout, Reason::Lockout]);
        // Unless another one gets it.
        let moved = [both[0], both[1], ("system_user", roles, true)];
        assert_eq!(found(&moved), []);
    }

    #[test]
    fn a_lost_answer_is_looked_up_and_a_role_that_moved_is_left_alone() {
        let wanted = wanted(&[
            ("playbook_admin", "run_create", true),
            ("playbook_member", "run_create", false),
        ]);
        let world = World::new();
        let plan = planned(&world, &wanted, &admin());
        world.kill_at(0, Fault::Before);
        let outcomes = now(write_roles(&world, &plan));
        assert!(outcomes.iter().all(|outcome| outcome.result.is_err()));
        world.revive();
        assert!(planned(&world, &wanted, &admin()).writes());
        now(write_roles(&world, &plan));
        // The plan was carried out by somebody else meanwhile.
        let outcomes = now(write_roles(&world, &plan));
        let moved = |o: &RoleOutcome| matches!(o.result, Err(ApplyError::Moved)) && !o.wrote;
        assert!(outcomes.iter().all(moved), "{outcomes:?}");
    }
}
