//! The world in memory against the sandbox: one story, told by both in the same words.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{World, now};
use crate::clock::ManualClock;
use crate::mattermost::playbooks::{
    Compared, Comparison, Condition, Expression, FieldAttrs, FieldKind, FieldOption, PropertyField,
    Visibility,
};
use crate::mattermost::{ApiError, Credentials, FieldId, OptionId, Reader, Rest, Site, Writer};
use crate::sandbox;
use crate::sync::site::{Reading, Writing};
use crate::sync::wire::RawPlaybook;

const HIGH: &str = "wroptaaaaaaaaaaaaaaaaaaaaa";

fn select(name: &str, options: &[(&str, &str)]) -> PropertyField {
    let options = options.iter().map(|(id, name)| FieldOption {
        id: OptionId::from(*id),
        name: (*name).to_owned(),
        ..FieldOption::default()
    });
    field(name, FieldKind::Select, options.collect())
}

fn field(name: &str, kind: FieldKind, options: Vec<FieldOption>) -> PropertyField {
    PropertyField {
        name: name.to_owned(),
        kind,
        attrs: FieldAttrs {
            options,
            ..FieldAttrs::default()
        },
        ..PropertyField::default()
    }
}

fn is(id: &FieldId, value: Compared) -> Expression {
    Expression::Is(Comparison {
        field_id: id.clone(),
        value,
        rest: Rest::new(),
    })
}

fn high() -> Compared {
    Compared::Options(vec![HIGH.into()])
}

fn text(text: &str) -> Compared {
    Compared::Text(text.to_owned())
}

/// What happens, in words without ids and times.
struct Story<'s, S> {
    site: &'s S,
    playbook: String,
    told: Vec<String>,
}

fn words(field: &PropertyField) -> String {
    let attrs = &field.attrs;
    let options: Vec<&str> = attrs.options.iter().map(|o| o.name.as_str()).collect();
    let FieldAttrs {
        visibility,
        sort_order,
        value_type,
        ..
    } = attrs;
    let (name, kind) = (&field.name, &field.kind);
    format!("{name} {kind:?} {options:?} {visibility:?} {sort_order} {value_type:?}")
}

impl<S: Writing> Story<'_, S> {
    fn tell<T>(
        &mut self,
        what: &str,
        done: Result<T, ApiError>,
        words: impl Fn(&T) -> String,
    ) -> Option<T> {
        let told = match &done {
            Ok(value) => words(value),
            Err(error) => format!("{:?}", error.status()),
        };
        self.told.push(format!("{what}: {told}"));
        done.ok()
    }

    async fn create(&mut self, field: &PropertyField) -> Option<PropertyField> {
        let done = self.site.create_attribute(&self.playbook, field).await;
        self.tell("create", done, words)
    }

    async fn replace(&mut self, field: &PropertyField) -> Option<PropertyField> {
        let done = self.site.replace_attribute(&self.playbook, field).await;
        self.tell("replace", done, words)
    }

    async fn delete(&mut self, field: &FieldId) {
        let done = self.site.delete_attribute(&self.playbook, field).await;
        self.tell("delete", done, |()| "done".to_owned());
    }

    async fn move_to(&mut self, field: &FieldId, place: usize) {
        let moved = self.site.move_attribute(&self.playbook, field, place).await;
        self.tell("move", moved, |all| listed(all));
    }

    async fn ask(&mut self, expression: &Expression) -> Option<Condition> {
        let done = self.site.create_condition(&self.playbook, expression).await;
        self.tell("ask", done, shape)
    }

    async fn drop_condition(&mut self, condition: &Condition) {
        let (site, playbook) = (self.site, &self.playbook);
        let done = site.delete_condition(playbook, &condition.id).await;
        self.tell("drop", done, |()| "done".to_owned());
    }

    async fn list(&mut self) {
        let fields = self.site.attributes(&self.playbook).await;
        self.tell("attributes", fields, |all| listed(all));
        let conditions = self.site.conditions(&self.playbook).await;
        self.tell("conditions", conditions, |all| {
            let mut all: Vec<String> = all.iter().map(shape).collect();
            all.sort();
            all.join("; ")
        });
        let playbook = self.site.playbook(&self.playbook).await;
        self.tell("template", playbook, |p| {
            p.0["channel_name_template"].to_string()
        });
    }
}

fn listed(all: &[PropertyField]) -> String {
    all.iter().map(words).collect::<Vec<_>>().join("; ")
}

/// An expression without its ids.
fn shape(condition: &Condition) -> String {
    fn without_ids(expression: &Expression) -> String {
        let comparison = |c: &Comparison| match &c.value {
            Compared::Text(text) => format!("{text:?}"),
            Compared::Options(ids) => format!("{} options", ids.len()),
            Compared::Other(value) => value.to_string(),
        };
        let all = |parts: &[Expression]| parts.iter().map(without_ids).collect::<Vec<_>>();
        match expression {
            Expression::Is(c) => format!("is {}", comparison(c)),
            Expression::IsNot(c) => format!("is not {}", comparison(c)),
            Expression::And(parts) => format!("and {:?}", all(parts)),
            Expression::Or(parts) => format!("or {:?}", all(parts)),
            Expression::Other(value) => value.to_string(),
        }
    }
    without_ids(&condition.expression)
}

async fn told_by(site: &impl Writing) -> Vec<String> {
    let team = site.teams().await.unwrap()["ops"].clone();
    let new = json!({
        "title": "Outage", "description": "", "team_id": team, "public": true,
        "reminder_timer_default_seconds": 60, "run_number_prefix": "", "checklists": [],
        "channel_name_template": "",
    });
    let Value::Object(new) = new else { panic!() };
    let playbook = site.create(&RawPlaybook(new)).await.unwrap();
    let told = Vec::new();
    let mut story = Story {
        site,
        playbook,
        told,
    };
    attributes(&mut story).await;
    conditions(&mut story).await;
    archived(&mut story).await;
    story.told
}

async fn attributes(story: &mut Story<'_, impl Writing>) {
    story.list().await;
    let severity = select("Severity", &[(HIGH, "high"), ("", "low")]);
    let severity = story.create(&severity).await.unwrap();
    assert_eq!(severity.attrs.options[0].id.as_str(), HIGH);
    let mut service = field("Service", FieldKind::Text, Vec::new());
    service.attrs.value_type = "url".to_owned();
    let service = story.create(&service).await.unwrap();
    for wrong in [
        field("Severity", FieldKind::Text, Vec::new()),
        field("", FieldKind::Text, Vec::new()),
        field("Owner ", FieldKind::Text, Vec::new()),
        field("Kind", FieldKind::Other("colour".to_owned()), Vec::new()),
        select("Empty", &[]),
        select("Twice", &[("", "a"), ("", "a")]),
        select("Bad id", &[("short", "a")]),
        select("Blank", &[("", "")]),
    ] {
        assert_eq!(story.create(&wrong).await, None);
    }
    let mut odd = field("Day", FieldKind::Date, severity.attrs.options.clone());
    odd.attrs.value_type = "phone".to_owned();
    odd.attrs.visibility = Visibility::Hidden;
    let day = story.create(&odd).await.unwrap();
    for (id, place) in [(&day.id, 0), (&service.id, 9), (&"zzz".into(), 0)] {
        story.move_to(id, place).await;
    }
    let mut raw = story.site.playbook(&story.playbook).await.unwrap();
    let template = json!("{SEQ} {Service}");
    raw.0.insert("channel_name_template".to_owned(), template);
    story.site.replace(&raw).await.unwrap();
    story.delete(&service.id).await;
    let mut renamed = service.clone();
    renamed.name = "System".to_owned();
    story.replace(&renamed).await.unwrap();
    for _ in 0..2 {
        story.delete(&day.id).await;
    }
    let unknown = FieldId::from("zzzzzzzzzzzzzzzzzzzzzzzzzz");
    story.delete(&unknown).await;
    renamed.id = unknown;
    story.replace(&renamed).await;
    story.list().await;
    for number in 0..19 {
        let one = field(&format!("More {number}"), FieldKind::Text, Vec::new());
        story.create(&one).await;
    }
}

async fn conditions(story: &mut Story<'_, impl Writing>) {
    let fields = story.site.attributes(&story.playbook).await.unwrap();
    let named = |name: &str| fields.iter().find(|f| f.name == name).unwrap().clone();
    let (severity, system) = (named("Severity"), named("System"));
    let first = story.ask(&is(&severity.id, high())).await.unwrap();
    let billing = is(&system.id, text(" Billing "));
    let both = Expression::And(vec![is(&severity.id, high()), billing.clone()]);
    let second = story.ask(&both).await.unwrap();
    for odd in [
        Expression::Or(vec![both.clone()]),
        Expression::Or(Vec::new()),
        Expression::Other(json!({"xor": []})),
        is(&severity.id, text("high")),
        is(&severity.id, Compared::Options(Vec::new())),
        is(&severity.id, Compared::Options(vec!["gone".into()])),
        is(&system.id, high()),
        is(&FieldId::default(), text("a")),
    ] {
        assert_eq!(story.ask(&odd).await, None);
    }
    // Fields that do not exist are not looked for.
    let stray = story.ask(&is(&"gone".into(), text("a"))).await.unwrap();

    let mut without = severity.clone();
    without.attrs.options.remove(0);
    story.replace(&without).await;
    let mut other = severity.clone();
    other.kind = FieldKind::Multiselect;
    story.replace(&other).await;
    story.delete(&severity.id).await;
    let mut better = severity.clone();
    better.attrs.options[0].name = "worst".to_owned();
    better.attrs.options.remove(1);
    story.replace(&better).await.unwrap();

    let changed = Condition {
        expression: billing,
        ..first.clone()
    };
    let (site, playbook) = (story.site, story.playbook.clone());
    let replaced = site.replace_condition(&playbook, &changed).await;
    story.tell("replace", replaced, shape);
    story.drop_condition(&second).await;
    story.drop_condition(&second).await;
    let replaced = site.replace_condition(&playbook, &second).await;
    story.tell("replace", replaced, shape);
    story.replace(&other).await;
    story.delete(&severity.id).await;
    story.drop_condition(&stray).await;
    story.list().await;
}

async fn archived(story: &mut Story<'_, impl Writing>) {
    story.site.archive(&story.playbook).await.unwrap();
    story
        .create(&field("Late", FieldKind::Text, Vec::new()))
        .await;
    story.ask(&is(&"gone".into(), text("a"))).await;
    story.list().await;
}

/// Whether fields and conditions move the `update_at` of their playbook.
async fn times(site: &impl Writing, playbook: &str, wait: impl Fn()) -> Vec<bool> {
    let at = async || site.playbook(playbook).await.unwrap().updated_at();
    let mut last = at().await;
    let mut moved = Vec::new();
    let mut note = |now: i64| {
        moved.push(now != last);
        last = now;
    };
    wait();
    let one = field("Service", FieldKind::Text, Vec::new());
    let one = site.create_attribute(playbook, &one).await.unwrap();
    note(at().await);
    wait();
    let asked = is(&one.id, text("a"));
    let asked = site.create_condition(playbook, &asked).await.unwrap();
    note(at().await);
    wait();
    site.delete_condition(playbook, &asked.id).await.unwrap();
    note(at().await);
    wait();
    site.delete_attribute(playbook, &one.id).await.unwrap();
    note(at().await);
    moved
}

async fn empty_playbook(site: &impl Writing) -> String {
    let team = site.teams().await.unwrap()["ops"].clone();
    let new = json!({
        "title": "Times", "description": "", "team_id": team, "public": true,
        "reminder_timer_default_seconds": 60, "run_number_prefix": "", "checklists": [],
    });
    let Value::Object(new) = new else { panic!() };
    site.create(&RawPlaybook(new)).await.unwrap()
}

fn in_the_sandbox<T>(work: impl AsyncFnOnce(&Writer, &ManualClock) -> T) -> T {
    let noon = "2026-11-21T12:00:00Z".parse().unwrap();
    let clock = Arc::new(ManualClock::at(noon));
    let server = sandbox::start(sandbox::Options::local(clock.clone())).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let site = Site::parse(&server.url()).unwrap();
    let credentials = Credentials::new(site, server.token("alice"));
    let writer = Writer::new(Reader::new(credentials).unwrap());
    runtime.block_on(work(&writer, &clock))
}

#[test]
fn the_world_tells_of_attributes_and_conditions_what_the_sandbox_tells() {
    let world = now(told_by(&World::new()));
    let sandbox = in_the_sandbox(async |writer, _| told_by(writer).await);
    assert_eq!(world, sandbox);
}

#[test]
fn attributes_move_the_time_of_their_playbook_and_conditions_do_not() {
    let world = World::new();
    let in_world = now(async {
        let playbook = empty_playbook(&world).await;
        times(&world, &playbook, || ()).await
    });
    let in_sandbox = in_the_sandbox(async |writer, clock| {
        let playbook = empty_playbook(writer).await;
        let second = std::time::Duration::from_secs(1);
        times(writer, &playbook, || clock.advance(second)).await
    });
    assert_eq!(in_world, [true, false, false, true]);
    assert_eq!(in_world, in_sandbox);
}

#[test]
fn a_duplicate_has_attributes_and_conditions_of_its_own() {
    let world = World::new();
    now(async {
        let playbook = empty_playbook(&world).await;
        let severity = select("Severity", &[(HIGH, "high")]);
        let severity = world.create_attribute(&playbook, &severity).await.unwrap();
        let asked = is(&severity.id, high());
        let asked = world.create_condition(&playbook, &asked).await.unwrap();
        world.edit(&playbook, |p| {
            p.insert(
                "checklists".to_owned(),
                json!([{"items": [{"condition_id": asked.id}]}]),
            );
        });
        let copy = world.duplicate(&playbook);
        let fields = world.attributes(&copy).await.unwrap();
        let conditions = world.conditions(&copy).await.unwrap();
        let [field] = fields.as_slice() else {
            panic!("{fields:?}")
        };
        let [condition] = conditions.as_slice() else {
            panic!("{conditions:?}")
        };
        let option = &field.attrs.options[0];
        assert!(field.id != severity.id && option.id.as_str() != HIGH);
        assert_eq!(condition.playbook_id.as_str(), copy);
        let expected = is(&field.id, Compared::Options(vec![option.id.clone()]));
        assert_eq!(condition.expression, expected);
        let item = &world.raw(&copy).0["checklists"][0]["items"][0];
        assert_eq!(item["condition_id"], condition.id.as_str());
        assert_eq!(world.conditions(&playbook).await.unwrap(), [asked]);
    });
}

#[test]
fn permissions_of_a_role_are_replaced() {
    let world = World::new();
    now(async {
        assert_eq!(world.role("nosuchrole").await.unwrap(), None);
        let role = world.role("playbook_member").await.unwrap().unwrap();
        let less = ["run_create".to_owned()];
        let set = world.set_permissions(&role.id, &less).await.unwrap();
        assert_eq!(set.permissions, less);
        let read = world.role("playbook_member").await.unwrap();
        assert_eq!(read, Some(set));
        let unknown = world.set_permissions(&"x".into(), &less).await;
        assert!(matches!(unknown, Err(ApiError::NotFound(_))));
    });
}
