//! Further cases of the rules about attributes, and the solver beside brute force.

use std::collections::BTreeMap;
use std::fmt::Write;

use proptest::prelude::*;

use super::solve::{Given, Solver, Verdict};
use crate::diag::Code;
use crate::lint::tests::messages;
use crate::model::{Choice, Formula, Key, Variable, When};

const ATTRIBUTES: &str = "\
attributes:
  - { key: service, name: Service, type: select, options: [checkout, search, login] }
  - { key: parts, name: Parts, type: multiselect, options: [api, web, jobs] }
  - { key: note, name: Note, type: text }
  - { key: severity, name: Severity, from: severities }
  - { key: day, name: Day, type: date, show: always }
";

/// The findings for a checklist whose tasks have these conditions.
fn found(code: Code, whens: &[&str]) -> Vec<String> {
    let mut text = format!("{ATTRIBUTES}checklists:\n  - key: a\n    title: A\n    tasks:\n");
    for (n, when) in whens.iter().enumerate() {
        let when = match *when {
            "" => String::new(),
            when => format!(", when: {when}"),
        };
        writeln!(
            text,
            "      - {{ key: t{n}, title: T{n}, assign: commander{when} }}"
        )
        .unwrap();
    }
    let found = messages(code, &[("playbooks/outage.yaml", &text)]);
    let message = |line: String| line.split_once(": ").unwrap().1.to_owned();
    found.into_iter().map(message).collect()
}

#[test]
fn what_one_level_can_say_is_taken() {
    for when in [
        "{ service: [checkout], severity: [sev1, sev2] }",
        "{ any: [{ service: [checkout] }, { parts: [api] }, { note: [x] }] }",
        "{ not: { service: [checkout], parts: [api] } }",
        "{ not: { any: [{ service: [checkout] }, { parts: [api] }] } }",
        "{ severity: [sev1], any: [{ service: [checkout] }, { service: [search] }] }",
        "{ severity: [sev1], not: { parts: [api, web] } }",
        "{ note: [a, b] }",
        "{ severity: [sev1], not: { note: [a, b] } }",
        "{ not: { not: { service: [checkout] } } }",
        "{ any: [{ any: [{ service: [checkout] }, { note: [a] }] }, { parts: [api] }] }",
    ] {
        assert!(found(Code::BadCondition, &[when]).is_empty(), "{when}");
    }
}

#[test]
fn what_needs_two_levels_or_says_nothing_is_found() {
    for (when, message) in [
        ("{ severity: [sev1], note: [a, b] }", "mixes"),
        (
            "{ severity: [sev1], any: [{ service: [checkout] }, { parts: [api] }] }",
            "mixes",
        ),
        (
            "{ any: [{ service: [checkout], parts: [api] }, { note: [a] }] }",
            "mixes",
        ),
        (
            "{ severity: [sev1], not: { service: [checkout], parts: [api] } }",
            "mixes",
        ),
        ("{ day: [\"2026-11-21\"] }", "`day` is a date"),
        ("{ service: [] }", "`service` is compared with no value"),
        ("{ any: [] }", "this `any` has no condition"),
        (
            "{ severity: [sev1], any: [] }",
            "this `any` has no condition",
        ),
        ("{ not: {} }", "this condition says nothing"),
        ("{}", "this condition says nothing"),
    ] {
        let found = found(Code::BadCondition, &[when]);
        assert_eq!(found.len(), 1, "{when}: {found:?}");
        assert!(found[0].contains(message), "{when}: {found:?}");
    }
}

#[test]
fn contradictions_and_truisms_are_found() {
    for (when, message) in [
        (
            "{ service: [checkout], not: { service: [checkout] } }",
            "this condition is never true",
        ),
        (
            "{ service: [checkout], any: [{ service: [search] }, { service: [login] }] }",
            "this condition is never true",
        ),
        (
            "{ note: [A], not: { note: [\" a \"] } }",
            "this condition is never true",
        ),
        (
            "{ not: { any: [{ severity: [sev1] }, { not: { severity: [sev1] } }] } }",
            "this condition is never true",
        ),
        (
            "{ any: [{ service: [checkout] }, { not: { service: [checkout] } }] }",
            "this condition is always true",
        ),
        (
            "{ not: { service: [checkout], any: [{ service: [search] }] } }",
            "this condition is always true",
        ),
        (
            "{ severity: [sev1], any: [{ severity: [sev2] }, { service: [login] }] }",
            "this branch of `any` is never true",
        ),
    ] {
        assert_eq!(found(Code::Unsatisfiable, &[when]), [message], "{when}");
    }
}

#[test]
fn what_depends_on_a_value_is_left_alone() {
    for when in [
        "{ severity: [sev1, sev2] }",
        "{ any: [{ severity: [sev1] }, { severity: [sev2] }] }",
        "{ parts: [api], not: { parts: [web] } }",
        "{ any: [{ parts: [api] }, { parts: [web] }, { not: { parts: [api, web] } }], service: [login] }",
        "{ not: { service: [checkout, search, login] } }",
        "{ note: [a], not: { note: [b] } }",
    ] {
        assert!(found(Code::Unsatisfiable, &[when]).is_empty(), "{when}");
    }
}

#[test]
fn a_checklist_vanishes_only_when_no_task_is_left() {
    let vanishing = |whens: &[&str]| found(Code::StageVanishes, whens);
    assert_eq!(
        vanishing(&["{ service: [checkout] }", "{ service: [search] }"]),
        ["with `service` = `login` the checklist `A` has no task"]
    );
    assert_eq!(
        vanishing(&[
            "{ service: [checkout] }",
            "{ service: [search] }",
            "{ not: { service: [checkout, search] } }"
        ]),
        [] as [&str; 0]
    );
    assert_eq!(
        vanishing(&["{ service: [checkout, search] }", "{ service: [login] }"]),
        ["with `service` not set the checklist `A` has no task"]
    );
    assert_eq!(
        vanishing(&["{ parts: [api] }", "{ severity: [sev2] }"]),
        ["with `parts` without `api` and `severity` = `sev1` the checklist `A` has no task"]
    );
    // Warroom always sets the severity.
    assert!(vanishing(&["{ severity: [sev1] }", "{ severity: [sev2] }"]).is_empty());
    assert!(vanishing(&["{ service: [checkout] }", ""]).is_empty());
    // One condition for all is meant.
    assert!(vanishing(&["{ service: [checkout] }", "{ service: [checkout] }"]).is_empty());
}

#[test]
fn values_that_nobody_declares_are_told_once() {
    // S-05 and C-01 have told them: what follows from them is no further finding.
    for when in [
        "{ any: [{ severity: [sev9] }, { note: [a] }] }",
        "{ severity: [sev9], not: { severity: [sev9] } }",
        "{ any: [{ service: [chekout] }, { note: [a] }] }",
    ] {
        for code in [
            Code::BadCondition,
            Code::Unsatisfiable,
            Code::StageVanishes,
            Code::NobodyLeads,
        ] {
            let found = found(code, &[when, "{ severity: [sev1] }"]);
            assert!(found.is_empty(), "{}: {when}: {found:?}", code.id());
        }
    }
}

#[test]
fn the_commander_is_told_where_every_task_can_be_hidden() {
    let leads = |whens: &[&str]| found(Code::NobodyLeads, whens);
    assert_eq!(
        leads(&["{ note: [a] }"]),
        ["with any other `note` the commander has no task"]
    );
    assert!(leads(&["{ note: [a] }", "{ not: { note: [A] } }"]).is_empty());
    assert!(leads(&["{ note: [a] }", ""]).is_empty());
    // What never holds is a matter of C-03.
    let never = "{ note: [a], not: { note: [a] } }";
    assert!(leads(&[never]).is_empty());
    assert_eq!(leads(&[never, "{ note: [a] }"]).len(), 1);
}

#[test]
fn more_possibilities_than_can_be_tried_say_nothing() {
    // Ten pigeons, nine holes, and no two in one: true of no values, which takes long to see.
    let holes: Vec<String> = (0..9).map(|n| format!("h{n}")).collect();
    let holes: Vec<&str> = holes.iter().map(String::as_str).collect();
    let keys: Vec<Key> = (0..10).map(|n| format!("p{n}").parse().unwrap()).collect();
    let one = |key| Variable::new(key, Choice::One(holes.clone()), true);
    let variables: Vec<Variable<'_>> = keys.iter().map(one).collect();
    let mut parts = Vec::new();
    for (a, hole) in (0..10).flat_map(|a| holes.iter().map(move |hole| (a, *hole))) {
        for b in 0..a {
            let not = |variable| Formula::Is {
                variable,
                values: [hole].into(),
                negated: true,
            };
            parts.push(Formula::Any(vec![not(a), not(b)]));
        }
    }
    let verdict = Solver::new(&variables).solve(&Formula::All(parts), Given::Always);
    assert_eq!(verdict, Verdict::GaveUp);
}

#[test]
fn the_limits_of_mattermost_are_kept() {
    let attribute = |more: &str| {
        let text = format!("attributes:\n  - {{ key: a, {more}, show: always }}\n");
        messages(Code::AttributeLimit, &[("playbooks/outage.yaml", &text)])
    };
    let long = "x".repeat(129);
    for (more, message) in [
        (
            "name: \" seq \", type: text".to_owned(),
            "24: `seq` cannot be the name of an attribute",
        ),
        (
            "name: \" \", type: text".to_owned(),
            "24: the name of this attribute is blank",
        ),
        (
            format!("name: A, type: select, options: [{long}]"),
            "24: an option has 128 characters at most, and this one has 129",
        ),
        (
            "name: A, type: select, options: [\"\"]".to_owned(),
            "24: an option cannot be blank",
        ),
    ] {
        assert_eq!(attribute(&more), [message]);
    }
    assert!(attribute("name: Sequence, type: select, options: [a, A]").is_empty());
    let mut many = String::new();
    for n in 0..21 {
        writeln!(
            many,
            "  - {{ key: a{n}, name: A{n}, type: text, show: always }}"
        )
        .unwrap();
    }
    let many = messages(
        Code::AttributeLimit,
        &[("playbooks/outage.yaml", &format!("attributes:\n{many}"))],
    );
    assert_eq!(
        many,
        ["44: a playbook has 20 attributes at most, and this one has 21"]
    );
}

#[test]
fn an_attribute_may_be_used_in_many_places() {
    let attribute = "attributes:\n  - { key: eta, name: Time of repair, type: text }\n";
    let unused = |playbook: &str, template: &str| {
        let text = format!("{attribute}{playbook}");
        let files = [
            ("playbooks/outage.yaml", text.as_str()),
            ("templates/w.md.j2", template),
        ];
        messages(Code::UnusedAttribute, &files).len()
    };
    assert_eq!(unused("", ""), 1);
    assert_eq!(
        unused(
            "start: { invite: [group:sre], welcome: templates/w.md.j2 }\n",
            "{{ incident.name }}"
        ),
        1
    );
    for template in [
        "{{ incident.attributes.eta }}",
        "{{ incident.attributes[\"eta\"] }}",
        "{% for a in incident.attributes %}{{ a }}{% endfor %}",
    ] {
        assert_eq!(
            unused(
                "start: { invite: [group:sre], welcome: templates/w.md.j2 }\n",
                template
            ),
            0,
            "{template}"
        );
    }
    assert_eq!(
        unused(
            "start: { invite: [group:sre], channel: { name: \"{SEQ} { time of repair }\" } }\n",
            ""
        ),
        0
    );
    assert_eq!(
        unused(
            "updates: { every: 30m, template: \"Back by {Time of repair}.\" }\n",
            ""
        ),
        0
    );
    assert_eq!(
        unused(
            "start: { invite: [group:sre], welcome: \"Back by {Time of repair}.\" }\n",
            ""
        ),
        1
    );
}

/// What the server says, read off the model without the formula.
fn holds(when: &When, value: &dyn Fn(&str, &[String]) -> bool) -> bool {
    let compared = when
        .attributes
        .iter()
        .all(|(key, values)| value(key.as_str(), values));
    let any = when.any.is_empty() || when.any.iter().any(|when| holds(when, value));
    let not = when.not.as_deref().is_none_or(|when| !holds(when, value));
    compared && any && not
}

/// Every way in which the three attributes can be set.
fn worlds() -> Vec<(
    Option<&'static str>,
    Vec<&'static str>,
    Option<&'static str>,
)> {
    let mut worlds = Vec::new();
    for one in [None, Some("a"), Some("b"), Some("c")] {
        for bits in 0..8_u8 {
            let several = ["x", "y", "z"].into_iter().enumerate();
            let several = several
                .filter(|(n, _)| bits & (1 << n) != 0)
                .map(|(_, v)| v);
            let several: Vec<_> = several.collect();
            for text in [None, Some("p"), Some("Q"), Some("other")] {
                worlds.push((one, several.clone(), text));
            }
        }
    }
    worlds
}

fn in_world(when: &When, world: &(Option<&str>, Vec<&str>, Option<&str>)) -> bool {
    let same = |a: &str, b: &str| a.trim().eq_ignore_ascii_case(b.trim());
    holds(when, &|key, values| match key {
        "one" => world.0.is_some_and(|have| values.iter().any(|v| v == have)),
        "several" => world.1.iter().any(|have| values.iter().any(|v| v == have)),
        _ => world
            .2
            .is_some_and(|have| values.iter().any(|v| same(v, have))),
    })
}

fn whens() -> impl Strategy<Value = When> {
    let values = |all: &'static [&'static str]| {
        let some = proptest::sample::subsequence(all, 1..=all.len());
        proptest::option::of(some.prop_map(|v| v.into_iter().map(str::to_owned).collect()))
    };
    let leaf = (
        values(&["a", "b", "c"]),
        values(&["x", "y", "z"]),
        values(&["p", "P ", "q"]),
    );
    let leaf = leaf.prop_map(|(one, several, text)| {
        let all = [("one", one), ("several", several), ("text", text)];
        let all = all
            .into_iter()
            .filter_map(|(key, values): (&str, Option<Vec<String>>)| {
                Some((key.parse::<Key>().unwrap(), values?))
            });
        When {
            attributes: all.collect::<BTreeMap<_, _>>(),
            ..When::default()
        }
    });
    leaf.prop_recursive(4, 24, 3, |inner| {
        (
            inner.clone(),
            proptest::collection::vec(inner.clone(), 0..3),
            proptest::option::of(inner),
        )
            .prop_map(|(when, any, not)| When {
                any,
                not: not.map(Box::new),
                attributes: when.attributes,
            })
    })
}

fn with_variables(check: impl FnOnce(&[Variable<'_>])) {
    let keys = ["one", "several", "text"].map(|key| key.parse::<Key>().unwrap());
    let choices = [
        Choice::One(vec!["a", "b", "c"]),
        Choice::Several(vec!["x", "y", "z"]),
        Choice::Text,
    ];
    let variables: Vec<Variable<'_>> = keys
        .iter()
        .zip(choices)
        .map(|(key, choice)| Variable::new(key, choice, false))
        .collect();
    check(&variables);
}

/// A formula in a world, without the solver.
fn true_in(formula: &Formula<'_>, world: &(Option<&str>, Vec<&str>, Option<&str>)) -> bool {
    match formula {
        Formula::All(parts) => parts.iter().all(|part| true_in(part, world)),
        Formula::Any(parts) => parts.iter().any(|part| true_in(part, world)),
        Formula::Is {
            variable,
            values,
            negated,
        } => {
            let key = ["one", "several", "text"][*variable]
                .parse::<Key>()
                .unwrap();
            let values = values.iter().map(|v| (*v).to_owned()).collect();
            let when = When {
                attributes: [(key, values)].into(),
                ..When::default()
            };
            in_world(&when, world) != *negated
        }
    }
}

proptest! {
    #[test]
    fn the_solver_agrees_with_trying_everything(when in whens()) {
        with_variables(|variables| {
            let worlds = worlds();
            let possible = worlds.iter().any(|world| in_world(&when, world));
            let certain = worlds.iter().all(|world| in_world(&when, world));
            let mut solver = Solver::new(variables);
            let formula = Formula::of(&when, variables).unwrap();
            let verdict = solver.solve(&formula, Given::Perhaps);
            assert_eq!(verdict != Verdict::Never, possible, "{when:?}");
            assert_ne!(verdict, Verdict::GaveUp);
            let opposite = Formula::not_of(&when, variables).unwrap();
            let verdict = solver.solve(&opposite, Given::Perhaps);
            assert_eq!(verdict == Verdict::Never, certain, "{when:?}");
        });
    }

    #[test]
    fn the_simple_form_says_the_same(when in whens()) {
        with_variables(|variables| {
            let simple = Formula::of(&when, variables).unwrap().simple(variables);
            for world in worlds() {
                assert_eq!(true_in(&simple, &world), in_world(&when, &world), "{when:?} {world:?}");
            }
        });
    }
}
