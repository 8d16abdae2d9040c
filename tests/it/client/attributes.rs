//! Attributes, conditions and roles through the client, against the sandbox.

use std::sync::Arc;

use serde_json::json;
use warroom::clock::ManualClock;
use warroom::mattermost::core::Role;
use warroom::mattermost::playbooks::{
    Compared, Comparison, Condition, Expression, FieldAttrs, FieldKind, FieldOption, Playbook,
    PropertyField, Visibility,
};
use warroom::mattermost::{
    ApiError, Credentials, FieldId, OptionId, PlaybookId, Reader, Rest, Site, Writer,
};
use warroom::sandbox::{Options, Running, start};

use super::fake::{Fake, Reply, runtime, wait};

fn sandbox() -> Running {
    let noon = "2026-11-21T12:00:00Z".parse().unwrap();
    start(Options::local(Arc::new(ManualClock::at(noon)))).unwrap()
}

fn writer(sandbox: &Running, user: &str) -> Writer {
    let site = Site::parse(&sandbox.url()).unwrap();
    let credentials = Credentials::new(site, sandbox.token(user));
    Writer::new(Reader::new(credentials).unwrap())
}

/// A playbook of alice.
async fn playbook(sandbox: &Running, writer: &Writer) -> PlaybookId {
    let new = Playbook {
        title: "Outage".to_owned(),
        team_id: sandbox.team_id("ops").unwrap().as_str().into(),
        public: true,
        reminder_timer_default_seconds: 60,
        ..Playbook::default()
    };
    writer.create_playbook(&new).await.unwrap()
}

fn text(name: &str) -> PropertyField {
    PropertyField {
        name: name.to_owned(),
        ..PropertyField::default()
    }
}

fn select(name: &str, options: &[(&str, &str)]) -> PropertyField {
    let options = options.iter().map(|(id, name)| FieldOption {
        id: OptionId::from(*id),
        name: (*name).to_owned(),
        ..FieldOption::default()
    });
    PropertyField {
        kind: FieldKind::Select,
        attrs: FieldAttrs {
            visibility: Visibility::Always,
            sort_order: 7,
            options: options.collect(),
            ..FieldAttrs::default()
        },
        ..text(name)
    }
}

fn is(field: &FieldId, value: Compared) -> Expression {
    Expression::Is(Comparison {
        field_id: field.clone(),
        value,
        rest: Rest::new(),
    })
}

fn names(fields: &[PropertyField]) -> Vec<&str> {
    fields.iter().map(|field| field.name.as_str()).collect()
}

/// An id of the server's shape, as a client may choose it.
const HIGH: &str = "wroptaaaaaaaaaaaaaaaaaaaaa";

#[test]
fn attributes_are_created_listed_replaced_moved_and_deleted() {
    let sandbox = sandbox();
    let writer = writer(&sandbox, "alice");
    runtime().block_on(async {
        let id = playbook(&sandbox, &writer).await;
        assert_eq!(writer.property_fields(&id).await.unwrap(), []);

        let mut wanted = select("Severity", &[(HIGH, "high"), ("", "low")]);
        let color = json!("red");
        wanted.attrs.options[0]
            .rest
            .insert("color".to_owned(), color.clone());
        let severity = writer.create_property_field(&id, &wanted).await.unwrap();
        assert_eq!(severity.attrs.options[0].id.as_str(), HIGH);
        assert_eq!(severity.attrs.options[0].rest["color"], color);
        assert!(!severity.attrs.options[1].id.is_empty());
        assert_eq!(severity.attrs.visibility, Visibility::Always);
        let service = text("Service");
        let service = writer.create_property_field(&id, &service).await.unwrap();
        assert_eq!(service.kind, FieldKind::Text);
        let fields = writer.property_fields(&id).await.unwrap();
        assert_eq!(fields, [service.clone(), severity.clone()]);

        let mut renamed = severity.clone();
        renamed.name = "Level".to_owned();
        renamed.attrs.options[1].name = "small".to_owned();
        let level = writer.replace_property_field(&id, &renamed).await.unwrap();
        assert_eq!((level.id.clone(), level.name), (severity.id, renamed.name));
        assert_eq!(level.attrs, renamed.attrs);

        let moved = writer.move_property_field(&id, &level.id, 0).await.unwrap();
        assert_eq!(names(&moved), ["Level", "Service"]);
        assert_eq!(writer.property_fields(&id).await.unwrap(), moved);

        for _ in 0..2 {
            writer.delete_property_field(&id, &level.id).await.unwrap();
        }
        let left = writer.property_fields(&id).await.unwrap();
        assert_eq!(names(&left), ["Service"]);
    });
}

#[test]
fn an_attribute_that_a_condition_needs_is_not_taken_away() {
    let sandbox = sandbox();
    let writer = writer(&sandbox, "alice");
    runtime().block_on(async {
        let id = playbook(&sandbox, &writer).await;
        let wanted = select("Severity", &[(HIGH, "high"), ("", "low")]);
        let field = writer.create_property_field(&id, &wanted).await.unwrap();
        let high = is(&field.id, Compared::Options(vec![HIGH.into()]));
        writer.create_condition(&id, &high).await.unwrap();

        let mut without = field.clone();
        without.attrs.options.remove(0);
        let mut as_text = field.clone();
        as_text.kind = FieldKind::Text;
        let kept = "property options are in use";
        for (changed, words) in [(without, kept), (as_text, "type change not allowed")] {
            let refused = writer.replace_property_field(&id, &changed).await;
            let error = refused.unwrap_err();
            assert!(matches!(error, ApiError::Conflict(_)), "{error}");
            assert!(error.to_string().contains(words), "{error}");
        }
        let refused = writer.delete_property_field(&id, &field.id).await;
        let error = refused.unwrap_err();
        assert!(matches!(error, ApiError::Conflict(_)), "{error}");
        let path = format!("playbooks/{id}/property_fields/{}", field.id);
        assert!(error.to_string().contains(&path), "{error}");
        assert!(
            error.to_string().contains("delete the attribute"),
            "{error}"
        );
        assert_eq!(writer.property_fields(&id).await.unwrap(), [field]);
    });
}

#[test]
fn names_over_the_limit_are_never_sent() {
    let server = Fake::new([Reply::json(200, "{}")]);
    let writer = Writer::new(server.reader());
    let id = PlaybookId::from("p");
    let long = text(&"x".repeat(256));
    let error = wait(writer.create_property_field(&id, &long)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "could not create the attribute: the name has 256 characters, and the server takes 255"
    );
    let option = "y".repeat(129);
    let long = PropertyField {
        id: "f".into(),
        ..select("Severity", &[("", &option)])
    };
    let error = wait(writer.replace_property_field(&id, &long)).unwrap_err();
    assert!(matches!(
        error,
        ApiError::TooLong {
            field: "an option",
            ..
        }
    ));
    // Without its id a PUT would go to another route.
    let error = wait(writer.replace_property_field(&id, &text("Service"))).unwrap_err();
    assert!(matches!(error, ApiError::Unsendable { .. }), "{error}");
    let error = wait(writer.delete_condition(&id, &"".into())).unwrap_err();
    assert!(matches!(error, ApiError::Unsendable { .. }), "{error}");
    assert_eq!(server.lines(), Vec::<String>::new());
}

#[test]
fn conditions_are_created_listed_replaced_and_deleted() {
    let sandbox = sandbox();
    let writer = writer(&sandbox, "alice");
    runtime().block_on(async {
        let id = playbook(&sandbox, &writer).await;
        let service = text("Service");
        let service = writer.create_property_field(&id, &service).await.unwrap();
        let before = writer.playbook(&id).await.unwrap().update_at;
        assert_eq!(writer.conditions(&id).await.unwrap(), []);

        let asked = is(&service.id, Compared::Text("  Billing ".to_owned()));
        let kept = is(&service.id, Compared::Text("Billing".to_owned()));
        let first = writer.create_condition(&id, &asked).await.unwrap();
        assert_eq!((&first.expression, first.version), (&kept, 1));
        let either = Expression::Or(vec![kept.clone(), asked.clone()]);
        let second = writer.create_condition(&id, &either).await.unwrap();
        assert_eq!(
            second.expression,
            Expression::Or(vec![kept.clone(), kept.clone()])
        );
        let all = writer.conditions(&id).await.unwrap();
        assert_eq!(all.len(), 2);
        assert!(all.contains(&first) && all.contains(&second));

        let other = Condition {
            expression: is(&service.id, Compared::Text("Search".to_owned())),
            ..first.clone()
        };
        let replaced = writer.replace_condition(&id, &other).await.unwrap();
        assert_eq!(replaced.id, first.id);
        assert_eq!(replaced.expression, other.expression);

        writer.delete_condition(&id, &first.id).await.unwrap();
        assert_eq!(writer.conditions(&id).await.unwrap(), [second]);
        let again = writer.delete_condition(&id, &first.id).await.unwrap_err();
        assert!(matches!(again, ApiError::ServerFailed(_)), "{again}");

        let deep = Expression::And(vec![Expression::Or(vec![kept])]);
        let refused = writer.create_condition(&id, &deep).await.unwrap_err();
        assert!(matches!(refused, ApiError::Refused(_)), "{refused}");
        let after = writer.playbook(&id).await.unwrap().update_at;
        assert_eq!(before, after);
    });
}

#[test]
fn conditions_of_many_pages_come_all_and_each_once() {
    let sandbox = sandbox();
    let writer = writer(&sandbox, "alice");
    runtime().block_on(async {
        let id = playbook(&sandbox, &writer).await;
        for number in 0..201 {
            let asked = is(&"gone".into(), Compared::Text(number.to_string()));
            writer.create_condition(&id, &asked).await.unwrap();
        }
        sandbox.clear_log();
        let found = writer.conditions(&id).await.unwrap();
        let mut values: Vec<_> = found
            .iter()
            .map(|c| format!("{:?}", c.expression))
            .collect();
        values.sort();
        values.dedup();
        assert_eq!(values.len(), 201);
        assert_eq!(sandbox.log().len(), 2);
    });
}

#[test]
fn attributes_and_conditions_of_no_playbook_are_hidden() {
    let sandbox = sandbox();
    let writer = writer(&sandbox, "alice");
    runtime().block_on(async {
        let nowhere = PlaybookId::from("zzzzzzzzzzzzzzzzzzzzzzzzzz");
        let error = writer.property_fields(&nowhere).await.unwrap_err();
        assert!(error.is_missing_or_hidden(), "{error}");
        let error = writer.conditions(&nowhere).await.unwrap_err();
        assert!(error.is_missing_or_hidden(), "{error}");
    });
}

#[test]
fn an_answer_that_cannot_be_read_names_the_place_and_the_call() {
    let field = r#"[{"id":"f","attrs":{"options":[{"id":1}]}}]"#;
    let error = wait(
        Fake::new([Reply::json(200, field)])
            .reader()
            .property_fields(&"p".into()),
    );
    let error = error.unwrap_err().to_string();
    assert!(error.contains("/playbooks/p/property_fields"), "{error}");
    assert!(error.contains("`[0].attrs"), "{error}");
    let page = r#"{"total_count":2,"has_more":false,"items":[{"id":"c"}]}"#;
    let error = wait(
        Fake::new([Reply::json(200, page)])
            .reader()
            .conditions(&"p".into()),
    );
    let error = error.unwrap_err().to_string();
    assert!(error.contains("/playbooks/p/conditions"), "{error}");
    assert!(
        error.contains("there are 2, and the pages hold 1"),
        "{error}"
    );
}

#[test]
fn a_role_is_read_by_all_and_changed_by_administrators() {
    let sandbox = sandbox();
    let (alice, admin) = (writer(&sandbox, "alice"), writer(&sandbox, "admin"));
    runtime().block_on(async {
        assert_eq!(alice.role("nosuchrole").await.unwrap(), None);
        let role: Role = alice.role("playbook_member").await.unwrap().unwrap();
        let create = "run_create".to_owned();
        assert!(role.permissions.contains(&create));
        assert_eq!(role.rest["built_in"], true);
        let less: Vec<String> = role
            .permissions
            .iter()
            .filter(|p| **p != create)
            .cloned()
            .collect();

        let error = alice
            .set_role_permissions(&role.id, &less)
            .await
            .unwrap_err();
        assert!(matches!(error, ApiError::Forbidden(_)), "{error}");
        let changed = admin.set_role_permissions(&role.id, &less).await.unwrap();
        assert_eq!((&changed.id, &changed.permissions), (&role.id, &less));
        let read = alice.role("playbook_member").await.unwrap().unwrap();
        assert_eq!(read, changed);

        let odd = [less, vec!["fly".to_owned()]].concat();
        let error = admin
            .set_role_permissions(&role.id, &odd)
            .await
            .unwrap_err();
        assert!(matches!(error, ApiError::Refused(_)), "{error}");
        let guest = alice.role("system_guest").await.unwrap().unwrap();
        let error = admin
            .set_role_permissions(&guest.id, &guest.permissions)
            .await;
        let error = error.unwrap_err();
        assert!(matches!(error, ApiError::NotSupported(_)), "{error}");
    });
}
