//! Going back: after `git revert` the next sync leaves what was there before.

use super::*;

/// What people see of each managed playbook, with its id.
fn seen(world: &World, desired: &Desired) -> BTreeMap<Address, (String, PlaybookState)> {
    let found = look(world, desired, &anything());
    let ours = found.ours.into_iter();
    ours.map(|(address, found)| {
        let id = world.id_of(address.key.as_str());
        (address, (id, found.state))
    })
    .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases(64)))]

    /// One is changed, one removed and one added; then the commit is reverted. The playbooks are the
    /// ones they were, with their history.
    #[test]
    fn a_revert_brings_back_what_was_there(changed in state(), to in state(), gone in state(), new in state()) {
        let world = World::new();
        let before = desired(&[("changed", changed), ("gone", gone)]);
        let after = desired(&[("changed", to), ("new", new)]);
        let mut last = None;
        for (n, wanted) in [&before, &after, &before].into_iter().enumerate() {
            let applied = synced(&world, wanted, &pruning(Budget::Percent(100)), &format!("aaaaaa{n}"));
            prop_assert_eq!(ExitStatus::from(&applied), ExitStatus::Done, "{:?}", applied);
            let again = planned(&world, wanted, &pruning(Budget::Percent(100)));
            prop_assert!(again.is_empty(), "{:?}", again);
            if n == 0 {
                last = Some(seen(&world, wanted));
            }
        }
        prop_assert_eq!(Some(seen(&world, &before)), last);
        prop_assert_eq!(world.live(), 2);
    }
}
