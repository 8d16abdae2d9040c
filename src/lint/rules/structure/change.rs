//! P-02: what happened to the keys of playbooks since a commit.

use std::collections::{HashMap, HashSet};

use crate::lint::scope::ChangeScope;
use crate::workspace::Outline;

/// P-02: a playbook that would be made a second time.
pub(super) fn keys(scope: &mut ChangeScope<'_>) {
    let keys: HashSet<&str> = scope
        .playbooks
        .iter()
        .map(|(now, _)| now.key.as_str())
        .collect();
    let mut gone: HashMap<&str, Vec<&Outline>> = HashMap::new();
    for then in scope
        .before
        .outlines()
        .filter(|then| !keys.contains(then.key.as_str()))
    {
        gone.entry(&then.title).or_default().push(then);
    }
    let mut findings = Vec::new();
    for (now, _) in scope.playbooks {
        if scope.before.playbook(&now.key).is_some() {
            continue;
        }
        let same_team = |then: &&&Outline| then.teams.iter().any(|team| now.teams.contains(team));
        let same_title = gone.get(now.title.as_str()).into_iter().flatten();
        let Some(then) = same_title.into_iter().find(same_team) else {
            continue;
        };
        if now.moved_from.as_deref() == Some(then.key.as_str()) {
            continue;
        }
        let message = format!("the key of this playbook was `{}` before", then.key);
        let finding = scope
            .at_value(&now.path, "/key", message)
            .label(format!("add `moved_from: {}`, or keep that key", then.key))
            .help(
                "with another key alone `sync` makes a second playbook, and the first stays in Mattermost; \
                 if that is what you want, give the new one another title",
            );
        findings.push(finding);
    }
    for finding in findings {
        scope.report(finding);
    }
}

#[cfg(test)]
mod tests {
    use crate::diag::Code;
    use crate::lint::tests::changes;

    #[test]
    fn a_new_playbook_and_a_copy_are_no_renamed_ones() {
        let other = "key: payments\ntitle: Service outage\naccess: everybody\nchecklists: []\n";
        let found = |files: &[(&str, &str)]| changes(Code::KeyChanged, files);
        assert_eq!(
            found(&[("playbooks/outage.yaml", "key: broken\n")]),
            ["1: the key of this playbook was `outage` before"]
        );
        let told = "key: broken\nmoved_from: outage\n";
        assert!(found(&[("playbooks/outage.yaml", told)]).is_empty());
        let wrong = "key: broken\nmoved_from: elsewhere\n";
        assert_eq!(found(&[("playbooks/outage.yaml", wrong)]).len(), 1);
        // The old one is still there: that is P-01.
        assert!(found(&[("playbooks/payments.yaml", other)]).is_empty());
        let renamed = [(
            "playbooks/outage.yaml",
            "key: broken\ntitle: Something else\n",
        )];
        assert!(found(&renamed).is_empty());
        let moved = [("playbooks/outage.yaml", "key: broken\nteam: platform\n")];
        assert!(found(&moved).is_empty());
    }
}
