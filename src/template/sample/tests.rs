//! What the least and the most incident hold, and what they render.

use super::*;
use crate::model::TemplatePath;
use crate::starter;
use crate::template::built_in;

const KINDS: [(&str, TemplateKind); 6] = [
    ("/start/welcome", TemplateKind::Welcome),
    ("/start/overview", TemplateKind::Overview),
    ("/updates/template", TemplateKind::Update),
    ("/retrospective/template", TemplateKind::Retrospective),
    ("/templates/announcement", TemplateKind::Announcement),
    ("/templates/postmortem", TemplateKind::Postmortem),
];

fn workspace() -> (Settings, Vec<Playbook>, BTreeMap<String, String>) {
    let options = starter::Options {
        workspace: "acme".parse().unwrap(),
        playbooks: Vec::new(),
        tier: crate::model::Tier::Enterprise,
        review_by: "2027-06-30".parse().unwrap(),
    };
    let files: BTreeMap<String, String> = starter::files(&options).unwrap().into_iter().collect();
    let playbooks = files
        .iter()
        .filter(|(path, _)| path.starts_with("playbooks/"))
        .map(|(_, text)| serde_yaml::from_str(text).unwrap())
        .collect();
    let settings = serde_yaml::from_str(&files["warroom.yaml"]).unwrap();
    (settings, playbooks, files)
}

fn playbook(more: &serde_json::Value) -> Playbook {
    let mut playbook = serde_json::json!({
        "key": "p", "title": "P", "access": "a",
        "checklists": [{ "key": "a", "title": "A", "tasks": [
            { "key": "one", "title": "One", "due": "5m", "required": true },
            { "key": "two", "title": "Two", "when": { "place": ["eu"] } },
        ]}],
    });
    let more = more.as_object().unwrap().clone();
    playbook.as_object_mut().unwrap().extend(more);
    serde_json::from_value(playbook).unwrap()
}

fn settings() -> Settings {
    let bare = serde_json::json!({ "format": 1, "workspace": "w" });
    serde_json::from_value(bare).unwrap()
}

fn both(
    kind: TemplateKind,
    settings: &Settings,
    playbook: &Playbook,
    template: &Template,
) -> [String; 2] {
    [Sample::Small, Sample::Large].map(|size| {
        let context = sample(kind, size, settings, playbook, template);
        assert_eq!(context.kind(), kind);
        template.render(&context).unwrap_or_else(|error| {
            panic!(
                "{} as {} with {size:?}: {error}",
                template.name(),
                kind.name()
            )
        })
    })
}

#[test]
fn every_built_in_template_renders_with_the_least_and_the_most() {
    for settings in [settings(), workspace().0] {
        for kind in TemplateKind::ALL {
            let template = built_in(kind);
            let [small, large] = both(
                kind,
                &settings,
                &playbook(&serde_json::json!({})),
                &template,
            );
            assert!(!small.is_empty() && !large.is_empty(), "{}", kind.name());
        }
    }
}

#[test]
fn every_starter_template_renders_with_the_least_and_the_most() {
    let (settings, playbooks, files) = workspace();
    let mut seen = std::collections::BTreeSet::new();
    for playbook in &playbooks {
        let own = playbook.texts();
        let shared = [
            ("/templates/announcement", &settings.templates.announcement),
            ("/templates/postmortem", &settings.templates.postmortem),
        ];
        let shared = shared
            .into_iter()
            .filter_map(|(pointer, text)| Some((pointer, text.as_ref()?)));
        for (pointer, text) in own.chain(shared) {
            let path = text.path().map(TemplatePath::as_str).unwrap();
            let kind = KINDS.iter().find(|(at, _)| *at == pointer).unwrap().1;
            let template = Template::parse(path, &files[path]).unwrap();
            both(kind, &settings, playbook, &template);
            seen.insert(path.to_owned());
        }
    }
    let all = files.keys().filter(|path| path.starts_with("templates/"));
    assert_eq!(seen, all.cloned().collect());
}

#[test]
fn a_small_incident_finds_what_only_works_while_there_is_something_to_tell() {
    let wrong = "Now in {{ tasks.current.title }}, next {{ update.next_at | datetime }}";
    let template = Template::parse("t.md.j2", wrong).unwrap();
    let playbook = playbook(&serde_json::json!({}));
    let context = |size| {
        let kind = TemplateKind::Update;
        sample(kind, size, &settings(), &playbook, &template)
    };
    assert!(template.render(&context(Sample::Small)).is_err());
    assert!(template.render(&context(Sample::Large)).is_ok());
}

#[test]
fn inputs_are_those_that_must_be_given_or_all() {
    let text = "---\ninputs:\n  must: { ask: a, required: true }\n  has: { ask: b, required: true, default: d }\n  may: { ask: c }\n---\n{{ must }}";
    let template = Template::parse("t.md.j2", text).unwrap();
    let playbook = playbook(&serde_json::json!({}));
    let given = |size| {
        let kind = TemplateKind::Update;
        let context = sample(kind, size, &settings(), &playbook, &template);
        match context.scene {
            Scene::Update { inputs, .. } => inputs,
            scene => panic!("{scene:?}"),
        }
    };
    let small = given(Sample::Small);
    assert_eq!(small, [("must".to_owned(), "x".to_owned())].into());
    let large = given(Sample::Large);
    assert_eq!(large.len(), 3);
    assert!(large.values().all(|v| v.chars().count() == LONGEST_INPUT));
}

#[test]
fn a_large_incident_has_a_value_for_everything() {
    let more = serde_json::json!({
        "start": { "number_prefix": "INC" },
        "attributes": [
            { "key": "note", "name": "Note", "type": "text" },
            { "key": "ticket", "name": "Ticket", "type": "text", "format": "url" },
            { "key": "place", "name": "Place", "type": "select", "options": ["eu", "africa"] },
            { "key": "parts", "name": "Parts", "type": "multiselect", "options": ["a", "b"] },
            { "key": "day", "name": "Day", "type": "date" },
            { "key": "who", "name": "Who", "type": "user" },
            { "key": "all", "name": "All", "type": "multiuser" },
            { "key": "bad", "name": "Bad", "from": "severities" },
        ],
    });
    let (settings, ..) = workspace();
    let (playbook, kind) = (playbook(&more), TemplateKind::Overview);
    let context = sample(kind, Sample::Large, &settings, &playbook, &built_in(kind));
    let incident = &context.incident;
    assert_eq!(incident.name.chars().count(), LONGEST_NAME);
    assert!(!incident.name.contains(char::is_control));
    assert_eq!(incident.number.as_deref(), Some("INC-99999"));
    assert_eq!(incident.attributes["place"].as_deref(), Some("africa"));
    assert_eq!(incident.attributes["bad"].as_deref(), Some("SEV-3"));
    for (key, value) in &incident.attributes {
        assert!(value.as_ref().is_some_and(|v| !v.is_empty()), "{key}");
    }
    assert_eq!(incident.roles.len(), settings.roles.len());
    assert!(incident.roles.values().all(Option::is_some));
    assert_eq!(SOMEBODY.len(), 64);
    let Scene::Overview { tasks, .. } = context.scene else {
        panic!("{:?}", context.scene);
    };
    assert_eq!((tasks.total, tasks.open, tasks.late), (2, 2, 2));
    assert_eq!(tasks.list[1].title, "Two");
    assert_eq!(tasks.current.unwrap().title, "A");
}

#[test]
fn the_longest_names_are_as_long_as_the_server_takes() {
    use crate::mattermost::limits;
    assert_eq!(LONGEST_NAME, limits::RUN_NAME);
    assert_eq!(LONGEST_CHANNEL, limits::CHANNEL_NAME);
}
