//! What templates promise, from reading to rendering.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;

fn incident() -> IncidentContext {
    IncidentContext {
        name: "Checkout **down** @all".to_owned(),
        number: Some("OUT-00007".to_owned()),
        description: "Customers cannot pay.\n\n- since noon".to_owned(),
        url: "https://chat.example.com/playbooks/runs/abc".to_owned(),
        channel: "checkout-down".to_owned(),
        severity: SeverityContext {
            key: "sev1".to_owned(),
            title: "SEV-1".to_owned(),
            means: "Customers cannot use a core service".to_owned(),
        },
        status: KeyedTitle {
            key: "active".to_owned(),
            title: "Active".to_owned(),
        },
        commander: Some("carol".to_owned()),
        creator: Some("alice".to_owned()),
        roles: [("comms".to_owned(), Some("bob".to_owned()))].into(),
        attributes: BTreeMap::new(),
        started_at: "2026-11-21T12:00:00Z".parse().unwrap(),
        ended_at: None,
        drill: false,
        playbook: PlaybookContext {
            key: "service-outage".to_owned(),
            title: "Service outage".to_owned(),
            commit: Some("3f2a91c".to_owned()),
            url: None,
        },
    }
}

fn tasks() -> TasksContext {
    TasksContext {
        done: 2,
        total: 6,
        open: 4,
        current: Some(CurrentTask {
            title: "Roll back".to_owned(),
        }),
        list: vec![TaskContext {
            number: "1.1".to_owned(),
            title: "Confirm | it".to_owned(),
            state: "done".to_owned(),
            ..TaskContext::default()
        }],
        ..TasksContext::default()
    }
}

fn context(kind: TemplateKind) -> Context {
    let scene = match kind {
        TemplateKind::Update => Scene::Update {
            tasks: tasks(),
            update: UpdateContext {
                number: 1,
                by: Some("bob".to_owned()),
                is_final: false,
                next_at: Some("2026-11-21T12:30:00Z".parse().unwrap()),
            },
            previous: None,
            inputs: BTreeMap::new(),
        },
        TemplateKind::Overview => Scene::Overview {
            tasks: tasks(),
            updates: UpdatesContext::default(),
        },
        TemplateKind::Announcement => Scene::Announcement {
            event: EventContext {
                kind: "started".to_owned(),
                words: "has started".to_owned(),
                by: Some("alice".to_owned()),
            },
        },
        TemplateKind::Welcome => Scene::Welcome,
        TemplateKind::Retrospective => Scene::Retrospective,
        TemplateKind::Postmortem => Scene::Postmortem(Box::default()),
    };
    Context {
        incident: incident(),
        now: "2026-11-21T12:10:00Z".parse().unwrap(),
        scene,
    }
}

fn with_inputs(pairs: &[(&str, &str)]) -> Context {
    let mut context = context(TemplateKind::Update);
    if let Scene::Update { inputs, .. } = &mut context.scene {
        let pairs = pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        inputs.extend(pairs);
    }
    context
}

fn render(text: &str) -> Result<String, TemplateError> {
    Template::parse("test.md.j2", text)
        .unwrap()
        .render(&context(TemplateKind::Update))
}

fn problems(kind: TemplateKind, text: &str) -> String {
    let problems = match Template::parse("test.md.j2", text) {
        Ok(template) => template.check(kind),
        Err(problem) => vec![problem],
    };
    let lines = problems.iter().map(|p| {
        let at = &text[p.range.clone()];
        let help = p.help.as_deref().unwrap_or("-");
        format!("{:?} at `{at}`: {} ({help})", p.what, p.message)
    });
    lines.collect::<Vec<_>>().join("\n")
}

const EXAMPLE: &str = "\
---
# What `warroom run update` posts.
inputs:
  impact: { ask: What can customers not do?, required: true }
  next: { ask: What happens next?, required: true }
---
#### {{ incident.severity.title }} · {{ incident.name | md }} · {{ incident.status.title }}
**Impact:** {{ impact | md }}
**Progress:** {{ tasks.done }} of {{ tasks.total }} tasks{% if tasks.current %}, now in *{{ tasks.current.title | md }}*{% endif %}
**Next:** {{ next | md }}
{% if not update.final %}Next update by {{ update.next_at | datetime }}.{% endif %}
";

#[test]
fn an_update_is_rendered_with_what_people_typed_disarmed() {
    let template = Template::parse("update.md.j2", EXAMPLE).unwrap();
    let context = with_inputs(&[("impact", "Pay | at *all*"), ("next", "# roll back\n@here")]);
    insta::assert_snapshot!(template.render(&context).unwrap().replace('\u{200b}', "·"), @r"
    #### SEV-1 · Checkout \*\*down\*\* @·all · Active
    **Impact:** Pay \| at \*all\*
    **Progress:** 2 of 6 tasks, now in *Roll back*
    **Next:** \#· roll back @·here
    Next update by 2026-11-21 12:30 UTC.
    ");
}

#[test]
fn a_static_text_holds_questions_and_words_and_no_branches() {
    let template = Template::parse("update.md.j2", EXAMPLE).unwrap();
    let words = StaticWords::default();
    insta::assert_snapshot!(template.static_text(TemplateKind::Update, &words).unwrap(), @r"
    #### (severity) · (incident) · (status)
    **Impact:** (What can customers not do?)
    **Progress:** (done) of (all) tasks
    **Next:** (What happens next?)
    ");
}

#[test]
fn a_static_text_knows_its_playbook_and_its_constants() {
    let text = "{% set a = 'x' %}{{ a }}{% if true %} yes{% else %} no{% endif %} {{ incident.playbook.title }} \
        {{ incident.roles.comms | mention }} {{ incident.commander or 'nobody' }} \
        {{ 'late' if tasks.late else 'on time' }}{% for t in tasks.list %}{{ t.title }}{% endfor %} {{ tasks.list | table('title') }}";
    let template = Template::parse("t", text).unwrap();
    let words = StaticWords {
        playbook_title: "Service outage".to_owned(),
        ..StaticWords::default()
    };
    let text = template.static_text(TemplateKind::Update, &words).unwrap();
    assert_eq!(text, "x yes Service outage (comms) (commander)  (table)");
}

#[test]
fn inputs_are_asked_for_completed_and_not_invented() {
    let template = Template::parse(
        "u",
        "---\ninputs: { a: { ask: A?, required: true }, b: { ask: B?, default: bee }, c: { ask: C? } }\n---\n{{ a }}{{ b }}{{ c }}.",
    )
    .unwrap();
    assert_eq!(
        template.render(&with_inputs(&[("a", "x")])).unwrap(),
        "xbee."
    );
    let missing = template.render(&with_inputs(&[("a", " ")])).unwrap_err();
    assert_eq!(missing.to_string(), "template `u` needs `a`: A?");
    let unknown = template.render(&with_inputs(&[("aa", "x")])).unwrap_err();
    assert_eq!(
        unknown.to_string(),
        "template `u` has no input `aa`; did you mean `a`?"
    );
}

#[test]
fn every_mistake_is_found_at_its_name() {
    let text = "---\ninputs: { impact: { ask: x } }\n---\nä {{ incident.severty.title }} {{ impakt | md }} {{ incident.name.first }}\n\
        {% for task in tasks.list %}{{ task.titel | upcase }}{{ loop.indx }}{% endfor %}\n\
        {% if tasks.open is evn %}{{ range(3) }}{% endif %}{{ incident['urll'] }}{{ facts }}";
    insta::assert_snapshot!(problems(TemplateKind::Update, text), @r"
    Undefined at `severty`: `incident` has no value `severty` (did you mean `severity`?)
    Undefined at `impakt`: there is no variable `impakt` (did you mean `impact`?)
    Undefined at `first`: `incident.name` has no value `first` (`incident.name` is a single value)
    Undefined at `titel`: `task` has no value `titel` (did you mean `title`?)
    UnknownCall at `upcase`: there is no filter `upcase` (the filters are capitalize, code, datetime, default, duration, first, int, join, last, length, lower, md, mention, paragraphs, rejectattr, replace, round, selectattr, table, title, trim, until, upper, yesno)
    Undefined at `indx`: `loop` has no value `indx` (did you mean `index`?)
    UnknownCall at `evn`: there is no test `evn` (did you mean `even`?)
    UnknownCall at `range`: there is no function `range` (templates have filters, such as `{{ x | md }}`, and no functions)
    Undefined at `'urll'`: `incident` has no value `urll` (did you mean `url`?)
    Undefined at `facts`: there is no variable `facts` (a template of kind update sees impact, incident, now, previous, tasks, update)
    ");
}

#[test]
fn names_set_in_a_template_are_known_where_they_are_set() {
    let sound = "{% set x = incident.severity %}{{ x.title }}{% with y = tasks %}{{ y.done }}{% endwith %}\
        {% for t in tasks.list if t.late %}{{ t.number }}{% endfor %}{{ (tasks.list | first).title }}\
        {{ incident.roles.comms }}{{ incident.attributes['a-b'] }}";
    assert_eq!(problems(TemplateKind::Update, sound), "");
    let outside = "{% for t in tasks.list %}{% endfor %}{{ t }}";
    assert!(problems(TemplateKind::Update, outside).contains("no variable `t`"));
}

#[test]
fn syntax_and_what_no_message_needs_is_refused() {
    insta::assert_snapshot!(
        [
            "a\n{{ incident.name | md }",
            "{% if x %}",
            "{% include 'warroom.yaml' %}",
            "{% macro f() %}{% endmacro %}",
            "{% for x in y recursive %}{% endfor %}",
            "{% set x %}{% endset %}",
            "{% filter upper %}{% endfilter %}",
            "{% do f() %}",
        ]
        .map(|text| problems(TemplateKind::Update, text))
        .join("\n"),
        @r"
    Syntax at `}`: unexpected `}`, expected end of variable block (close the tag with `}}`)
    Syntax at `%}`: unexpected end of input, expected end of block (close the tag with `%}`)
    Syntax at `include`: unknown statement include (a template has `if`, `for`, `set`, `with` and `raw`)
    Syntax at `macro`: unknown statement macro (a template has `if`, `for`, `set`, `with` and `raw`)
    Syntax at `for`: `recursive` cannot be used in templates (a template has `if`, `for`, `set`, `with` and `raw`)
    Syntax at `set`: `set` with a block cannot be used in templates (a template has `if`, `for`, `set`, `with` and `raw`)
    Syntax at `filter`: `filter` with a block cannot be used in templates (a template has `if`, `for`, `set`, `with` and `raw`)
    Syntax at `do`: `do` cannot be used in templates (a template has `if`, `for`, `set`, `with` and `raw`)
    "
    );
}

#[test]
fn countless_unknown_names_are_not_told_to_the_end() {
    let many = |count, unit: fn(usize) -> String| (0..count).map(unit).collect::<String>();
    let set = many(1_500, |n| format!("{{% set a{n} = 1 %}}"));
    let unknown = many(3_000, |n| format!("{{{{ b{n} }}}}"));
    let template = Template::parse("t", &(set + &unknown)).unwrap();
    let problems = template.check(TemplateKind::Welcome);
    assert_eq!(problems.len(), 1_000);
    let help = |problem: &TemplateProblem| problem.help.as_ref().map_or(0, String::len);
    assert!(problems.iter().all(|problem| help(problem) < 2_000));
    // What is not allowed is found behind them all the same.
    let joined = format!("{unknown}{{% set a = b1 ~ b2 %}}");
    assert!(Template::parse("t", &joined).is_err());
}

#[test]
fn long_names_are_no_slips() {
    let long = format!(
        "{{% set {} = 1 %}}{{{{ {} }}}}",
        "a".repeat(20_000),
        "b".repeat(20_000)
    );
    let template = Template::parse("t", &long).unwrap();
    let problems = template.check(TemplateKind::Welcome);
    assert!(problems[0].help.as_ref().unwrap().len() < 2_000);
}

#[test]
fn only_updates_have_inputs() {
    let text = "---\ninputs: { a: { ask: x } }\n---\n{{ a }}";
    assert!(problems(TemplateKind::Update, text).is_empty());
    assert!(problems(TemplateKind::Welcome, text).starts_with("FrontMatter at `inputs`"));
}

#[test]
fn the_vocabulary_and_the_contexts_agree() {
    for kind in TemplateKind::ALL {
        let mut text = String::new();
        for (name, shape) in vocabulary::variables(kind) {
            everything(name, shape, &mut text);
        }
        let template = Template::parse("all", &text).unwrap();
        assert_eq!(template.check(kind), [], "{}", kind.name());
        if let Err(error) = template.render(&context(kind)) {
            panic!("{}: {error}", kind.name());
        }
    }
}

/// Prints every attribute that the vocabulary names.
fn everything(path: &str, shape: &vocabulary::Shape, out: &mut String) {
    use vocabulary::Shape;
    match shape {
        Shape::Record(fields) => {
            for (name, shape) in *fields {
                everything(&format!("{path}.{name}"), shape, out);
            }
        }
        Shape::List(item) => {
            let _ = write!(out, "{{% for item in {path} %}}");
            everything("item", item, out);
            out.push_str("{% endfor %}");
        }
        Shape::Map(_) => {
            let _ = write!(out, "{{{{ {path}['what-ever'] }}}}");
        }
        Shape::Plain(_) | Shape::Any => {
            let _ = write!(out, "{{{{ {path} }}}}");
        }
    }
}

#[test]
fn built_in_templates_are_sound_and_render() {
    for kind in TemplateKind::ALL {
        let template = built_in(kind);
        assert_eq!(template.check(kind), []);
        let mut context = context(kind);
        if let Scene::Update { inputs, .. } = &mut context.scene {
            inputs.insert("situation".to_owned(), "down".to_owned());
            inputs.insert("next".to_owned(), "up".to_owned());
        }
        assert!(!template.render(&context).unwrap().is_empty());
        let text = template.static_text(kind, &StaticWords::default()).unwrap();
        assert!(!text.contains("{{") && !text.contains("{%"), "{text}");
    }
}

#[test]
fn filters_show_absent_values_as_words() {
    let text = "{{ previous | datetime }} {{ previous | duration }} {{ previous | mention }} {{ previous }}{{ incident.drill }} \
        {{ incident.drill | yesno('drill', 'real') }} {{ previous | default('first') }} \
        {{ incident.started_at | until(now) | duration }} {{ incident.name | md | md }}\n\n{{ tasks.list | table('title', 'due_at') }}";
    insta::assert_snapshot!(render(text).unwrap().replace('\u{200b}', "·"), @r"
    not set not set nobody no real first 10m Checkout \*\*down\*\* @·all

    | Title | Due at |
    | --- | --- |
    | Confirm \| it |  |
    ");
}

#[test]
fn work_and_output_are_limited() {
    let long = "{% set a = [1,2,3,4,5,6,7,8,9] %}{% for a1 in a %}{% for a2 in a %}{% for a3 in a %}{% for a4 in a %}{% for a5 in a %}x{% endfor %}{% endfor %}{% endfor %}{% endfor %}{% endfor %}";
    assert!(matches!(
        render(long),
        Err(TemplateError::TooMuchWork { .. })
    ));
    let wide = format!(
        "{{% set a = [1,2,3,4,5,6,7,8,9] %}}{{% for x in a %}}{{% for y in a %}}{{% for z in a %}}{}{{% endfor %}}{{% endfor %}}{{% endfor %}}",
        "x".repeat(50_000)
    );
    assert!(matches!(render(&wide), Err(TemplateError::TooLong { .. })));
    let doubling = format!(
        "{{% set a = incident.url %}}{}{{{{ a }}}}",
        "{% set a = a ~ a %}".repeat(40)
    );
    assert!(Template::parse("t", &doubling).is_err());
    assert!(Template::parse("t", &"x".repeat(LONGEST_TEMPLATE + 1)).is_err());
}

#[test]
fn long_tags_are_refused_before_anything_calls_itself_for_each_part() {
    let of = |front: &str, part: &str, back: &str| {
        let most = (LONGEST_TEMPLATE - front.len() - back.len()) / part.len();
        // Near the limit, too, where all of it is still walked.
        [most, 2_000, 199, 195, 150, 99, 60]
            .map(|n| format!("{front}{}{back}", part.repeat(n.min(most))))
    };
    let bombs = [
        of("{{ now", "|md", " }}"),
        of("{{ 1", "-1", " }}"),
        of("{{ incident", ".a", " }}"),
        of("{{ incident", "[0]", " }}"),
        of("{{ incident", "()", " }}"),
        of("{{ now", " and 1", " }}"),
        of("{{ ", "not ", "1 }}"),
        of("{{ ", "-", "1 }}"),
        of("{{ 1", " if 1", " }}"),
        of("{{ ", "1 if 1 else ", "1 }}"),
        of("{{ 1", " is odd", " }}"),
        of("{{ now", "~1", " }}"),
        of("{{ now", "<1", " }}"),
        of("{{ ", "(", "1 }}"),
        of("{{ ", "[", "1 }}"),
        of("{% if now %}", "{% elif now %}x", "{% endif %}"),
        of("", "{% if now %}", ""),
        of("{% raw %}{# {{ {% endraw %}{{ 1", "-1", " }}"),
        of("{{ '", "{{ '}}' }}", "' }}"),
        of("{% set a = 1", "-1", " %}"),
    ];
    let tried = std::thread::Builder::new()
        .stack_size(1024 * 1024)
        .spawn(move || {
            for bomb in bombs.iter().flatten() {
                if let Ok(template) = Template::parse("t", bomb) {
                    let _ = template.check(TemplateKind::Update);
                    let _ = template.render(&context(TemplateKind::Update));
                    let _ = template.static_text(TemplateKind::Update, &StaticWords::default());
                }
            }
            let problem = Template::parse("t", &bombs[0][0]).unwrap_err();
            (problem.message, problem.what)
        });
    let (message, what) = tried.unwrap().join().unwrap();
    assert!(message.contains("too complicated"), "{message}");
    assert_eq!(what, ProblemKind::Syntax);
}

#[test]
fn no_template_makes_much_of_little() {
    let long = "x".repeat(20_000);
    let nested = "{% set b = [a,a,a,a,a,a,a,a,a,a] %}{% set a = [b,b,b,b,b,b,b,b,b,b] %}";
    for refused in [
        format!(
            "{{% set a = '{long}' %}}{}",
            "{% set a = a ~ a %}".repeat(24)
        ),
        "{% with a = incident.name ~ incident.name %}{{ a }}{% endwith %}".to_owned(),
        "{% for a in [incident.name ~ 'x'] %}{{ a }}{% endfor %}".to_owned(),
        "{% set a = incident.name + incident.name %}".to_owned(),
        format!("{{% set a = [1] %}}{}{{{{ a }}}}", nested.repeat(8)),
        "{{ ([1] * 1000000000) ~ '' }}".to_owned(),
        "{% set a = [1] %}{{ a * 1000000000 }}".to_owned(),
    ] {
        assert!(Template::parse("t", &refused).is_err(), "{refused:.80}");
    }
    for fails in [
        format!("{{% set a = '{long}' %}}{{% set b = a | replace('x', a) %}}{{{{ b | length }}}}"),
        format!(
            "{{% set a = '{long}' %}}{{% set b = [{}] | join %}}{{{{ b | length }}}}",
            ["a"; 50].join(",")
        ),
        format!("{{% set a = '{long}' %}}{{% set b = [a,a,a,a,a,a] %}}{{{{ b | upper }}}}"),
        "{{ '' | replace('', 'x') }}{{ 'aaaaaaaaaaaa' * 1000000000 }}".to_owned(),
    ] {
        let error = render(&fails);
        assert!(error.is_err(), "{fails:.80}");
    }
    let wide = format!("{{% set a = '{long}' %}}{}", "{{ a }}".repeat(5_000));
    let template = Template::parse("t", &wide).unwrap();
    let text = template.static_text(TemplateKind::Update, &StaticWords::default());
    assert!(matches!(text, Err(TemplateError::TooLong { .. })));
    let sound = "{% set left = tasks.total - 1 %}{% set next = tasks.done + 1 %}\
        {{ 'a' ~ incident.number ~ 'b' }}{% for x in ['a', incident.commander] %}{{ x }}{% endfor %}";
    assert_eq!(problems(TemplateKind::Update, sound), "");
    render(sound).unwrap();
}

#[test]
fn what_people_typed_mentions_nobody_even_without_a_filter() {
    let mut context = context(TemplateKind::Update);
    context.incident.name = "@all <b>x</b> ~town-square #tag".to_owned();
    let template = Template::parse("t", "{{ incident.name }} {{ 'x' ~ incident.name }} {{ [incident.name] | join }} {{ incident.commander | mention }} {{ [incident.commander | mention] | join(', ') }} **{{ incident.name | upper }}**").unwrap();
    let text = template.render(&context).unwrap();
    for armed in ["@all", "@ALL", "<b", "~town", "#tag"] {
        assert!(!text.contains(armed), "{armed}: {text}");
    }
    assert!(text.contains("**@\u{200b}ALL"), "{text}");
    assert_eq!(text.matches("@carol").count(), 2, "{text}");
}

#[test]
fn nothing_of_the_machine_can_be_reached() {
    for text in [
        "{{ self }}",
        "{{ debug() }}",
        "{{ namespace() }}",
        "{{ env }}",
        "{{ incident.__class__ }}",
        "{{ incident.name.upper() }}",
        "{{ incident | tojson }}",
        "{{ incident | attr('name') }}",
        "{{ [1] | map('md') }}",
    ] {
        assert!(!problems(TemplateKind::Update, text).is_empty(), "{text}");
        assert!(render(text).is_err(), "{text}");
    }
}

#[test]
fn a_template_in_a_foreign_kind_fails_with_its_line() {
    let template =
        Template::parse("t.j2", "---\ninputs: {}\n---\none\n{{ tasks.done }}\n").unwrap();
    let error = template
        .render(&context(TemplateKind::Welcome))
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "template `t.j2` has a mistake: `tasks.done` in line 5 is not defined"
    );
}

proptest! {
    #[test]
    fn no_template_panics(text in "([-a-z{}%|.~()\\[\\]'\" \n#_0-9äé]|\\{\\{|\\}\\}|\\{%|%\\}|incident|tasks|for|in|if|endif|endfor|set|md){0,30}") {
        if let Ok(template) = Template::parse("p", &text) {
            for problem in template.check(TemplateKind::Update) {
                prop_assert!(text.get(problem.range).is_some());
            }
            let _ = template.render(&context(TemplateKind::Update));
            let _ = template.static_text(TemplateKind::Update, &StaticWords::default());
        }
    }

    #[test]
    fn a_checked_template_never_meets_an_undefined_name(path in "(incident|tasks|update|now|previous)(\\.(name|title|severity|status|current|done|list|by)){0,2}") {
        let text = format!("{{% if incident %}}{{{{ {path} }}}}{{% endif %}}");
        let template = Template::parse("p", &text).unwrap();
        if template.check(TemplateKind::Update).is_empty() {
            prop_assert!(template.render(&context(TemplateKind::Update)).is_ok(), "{}", text);
        }
    }

    #[test]
    fn static_texts_hold_no_jinja(text in "(a|\n|\\{\\{ incident.name \\}\\}|\\{% if tasks.open %\\}|\\{% endif %\\}|\\{\\{ 'x' \\}\\}|\\{# c #\\}){0,12}") {
        if let Ok(template) = Template::parse("p", &text) {
            let text = template.static_text(TemplateKind::Update, &StaticWords::default()).unwrap();
            prop_assert!(!text.contains(['{', '}', '%', '#']), "{}", text);
        }
    }
}
