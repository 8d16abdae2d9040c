//! Who looks at a playbook again, and when.

use crate::diag::Level;
use crate::lint::scope::{PlaybookScope, Scope};
use crate::workspace::Placed;

/// P-13: the day has passed, or was never set.
pub(super) fn day_of_review(scope: &mut PlaybookScope<'_>) {
    let path = scope.file().source().name();
    let finding = match &scope.playbook.review {
        // Then nobody answers for it either, and P-14 asks for both.
        None if !scope.around.has_owner(path) => return,
        None => scope
            .at_value("/key", "this playbook has no date for its next review")
            .level(Level::Info)
            .label("add `review: { owner: NAME, by: YYYY-MM-DD }`"),
        Some(review) if review.by < scope.around.today => {
            let owner = &review.owner;
            scope
                .at_value("/review/by", "the day to review this playbook has passed")
                .label("review the playbook, then write a new date")
                .help(format!(
                    "`{owner}` is the owner; a drill is the best way to find what is out of date"
                ))
        }
        Some(_) => return,
    };
    scope.report(finding);
}

/// P-14: neither the playbook nor `CODEOWNERS` names somebody.
pub(super) fn owner(scope: &mut PlaybookScope<'_>) {
    let path = scope.file().source().name();
    if scope.playbook.review.is_some() || scope.around.has_owner(path) {
        return;
    }
    let finding = scope
        .at_value("/key", "this playbook has no owner")
        .label("add `review: { owner: NAME, by: YYYY-MM-DD }`")
        .help("or give the file an owner in a `CODEOWNERS` file");
    scope.report(finding);
}

#[cfg(test)]
mod tests {
    use crate::diag::Code;
    use crate::lint::tests::messages;

    const PAYMENTS: (&str, &str) = (
        "playbooks/payments.yaml",
        "key: payments\ntitle: Payments fail\naccess: everybody\nchecklists: []\n",
    );

    #[test]
    fn the_day_itself_is_not_too_late() {
        let found = |day: &str| {
            let text = format!("review: {{ owner: carol, by: {day} }}\n");
            messages(Code::ReviewDue, &[("playbooks/outage.yaml", &text)])
        };
        assert!(found("2026-11-21").is_empty());
        assert_eq!(
            found("2026-11-20"),
            ["4: the day to review this playbook has passed"]
        );
    }

    #[test]
    fn a_playbook_without_review_is_one_finding() {
        let files = [PAYMENTS, ("CODEOWNERS", "* @ops\n")];
        let nobody = ["1: this playbook has no owner"];
        assert_eq!(messages(Code::NoOwner, &files[..1]), nobody);
        assert!(messages(Code::ReviewDue, &files[..1]).is_empty());
        assert!(messages(Code::NoOwner, &files).is_empty());
        assert_eq!(
            messages(Code::ReviewDue, &files),
            ["1: this playbook has no date for its next review"]
        );
    }

    #[test]
    fn a_line_of_codeowners_is_an_owner() {
        let found = |place: &str, text: &str| messages(Code::NoOwner, &[PAYMENTS, (place, text)]);
        let nobody = ["1: this playbook has no owner"];
        for place in [
            ".github/CODEOWNERS",
            "CODEOWNERS",
            "docs/CODEOWNERS",
            ".gitlab/CODEOWNERS",
        ] {
            assert!(found(place, "/playbooks/ @ops\n").is_empty(), "{place}");
            assert_eq!(found(place, "/templates/ @ops\n"), nobody, "{place}");
        }
        assert_eq!(found("src/CODEOWNERS", "* @ops\n"), nobody);
    }
}
