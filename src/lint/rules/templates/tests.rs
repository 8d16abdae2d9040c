//! Further cases of the rules about templates, and what must not be found.

use crate::diag::Code;
use crate::lint::tests::{lint, messages};

const UPDATES: &str =
    "updates: { every: 30m, template: templates/t.md.j2, broadcast: [~incidents] }\n";

/// The findings for a template of updates.
fn update(code: Code, template: &str) -> Vec<String> {
    messages(
        code,
        &[
            ("playbooks/outage.yaml", UPDATES),
            ("templates/t.md.j2", template),
        ],
    )
}

/// The findings for a playbook with these keys.
fn playbook(code: Code, text: &str) -> Vec<String> {
    let found = messages(code, &[("playbooks/outage.yaml", text)]);
    let message = |line: String| line.split_once(": ").unwrap().1.to_owned();
    found.into_iter().map(message).collect()
}

#[test]
fn a_rendering_that_fails_marks_its_line() {
    let found = update(
        Code::TemplateRender,
        "---\ninputs: { a: { ask: b } }\n---\nx\n{{ a }}{{ tasks.done | datetime }}\n",
    );
    assert_eq!(
        found,
        ["5: this template cannot be rendered: `datetime` needs a time, not number"]
    );
    // What `validate` tells is enough.
    assert!(update(Code::TemplateRender, "{{ incident.nope }}").is_empty());
}

#[test]
fn a_word_for_nothing_is_found_where_nobody_wrote_it() {
    let found = update(
        Code::TemplateRender,
        "{{ incident.commander | upper }} and more",
    );
    assert_eq!(
        found,
        ["1: the update would say `NONE` while there is no value"]
    );
    for template in [
        "{{ incident.commander | mention }}",
        "{{ update.next_at | datetime | replace(\"not set\", \"none planned\") }}",
        "There is none. {{ incident.commander | lower }}",
        "{% if incident.commander is none %}nobody{% endif %}",
    ] {
        assert!(
            update(Code::TemplateRender, template).is_empty(),
            "{template}"
        );
    }
}

#[test]
fn a_heading_without_a_body_is_found_only_where_it_has_one_otherwise() {
    let front = "---\ninputs: { more: { ask: More? } }\n---\n";
    let found = update(
        Code::TemplateRender,
        &format!("{front}# One\nText\n## Two\n{{{{ more | paragraphs }}}}\n"),
    );
    assert_eq!(
        found,
        ["6: nothing follows `## Two` in the update when values are missing"]
    );
    for template in [
        "# One\n## Two\nText\n",
        "# {{ incident.name | md }}\n",
        "# Alone\n",
        "{% if more %}## Two\n{{ more | paragraphs }}{% endif %}\n",
        "## Tasks\n{% for t in tasks.list %}- {{ t.title | md }}\n{% endfor %}\n",
        "```\n# no heading\n{{ more }}\n```\n",
        "````\n```\n# no heading\n{{ more }}\n````\n",
    ] {
        let template = format!("{front}{template}");
        assert!(
            update(Code::TemplateRender, &template).is_empty(),
            "{template}"
        );
    }
}

#[test]
fn a_label_without_a_text_is_found_only_where_it_has_one_otherwise() {
    let front = "---\ninputs: { more: { ask: More?, default: \"\" } }\n---\n";
    for label in ["**More:**", "More:", "- _More:_"] {
        assert_eq!(
            update(
                Code::TemplateRender,
                &format!("{front}Text\n{label} {{{{ more | paragraphs }}}}\n**Next:** x\n"),
            ),
            [format!(
                "5: nothing follows `{label}` in the update when values are missing"
            )]
        );
    }
    let behind_a_tag = "{% if more %}x\n{% endif %}**At 10:30:** {{ more }}\n";
    assert_eq!(
        update(Code::TemplateRender, &format!("{front}{behind_a_tag}")),
        ["5: nothing follows `**At 10:30:**` in the update when values are missing"]
    );
    for template in [
        "{% if more %}**More:** {{ more | paragraphs }}{% endif %}\n",
        "**More:** {{ more or \"nothing\" }}\n",
        "**More:** {% if more %}{{ more }}{% else %}nothing{% endif %}\n",
        "**More:**\n{{ more | paragraphs }}\n",
        "**Tasks:**\n{% for t in tasks.list %}- {{ t.title | md }}\n{% endfor %}\n",
        "**Commander:** {{ incident.commander | mention }}\n",
        "**Next update:** {{ update.next_at | datetime }}\n",
        "```\nMore: {{ more }}\n```\n",
        "Please fill in:\n",
    ] {
        let template = format!("{front}{template}");
        let found = update(Code::TemplateRender, &template);
        assert!(found.is_empty(), "{template}: {found:?}");
    }
}

#[test]
fn a_mapping_that_is_printed_is_found() {
    for path in [
        "incident.severity",
        "incident.roles",
        "incident",
        "tasks.list",
        "tasks.current",
        "update",
    ] {
        assert_eq!(
            update(Code::TemplateRender, &format!("Now {{{{ {path} }}}}.")),
            [format!("1: the update would print all of `{path}` as data")]
        );
        let filtered = update(Code::TemplateRender, &format!("{{{{ {path} | md }}}}"));
        assert_eq!(filtered.len(), 1, "{path}: {filtered:?}");
    }
    let each = "{% for t in tasks.list %}{{ t }}{% endfor %}";
    assert_eq!(
        update(Code::TemplateRender, each),
        ["1: the update would print all of `tasks.list[]` as data"]
    );
    for template in [
        "{{ incident.severity.title }} {{ tasks.list | length }}",
        "{{ tasks.current and tasks.current.title }}",
        "{% set s = incident.severity %}{{ s.title }}",
        "{% for role in incident.roles %}{{ role }}{% endfor %}",
        "{\"key\": {{ tasks.done }}}",
    ] {
        let found = update(Code::TemplateRender, template);
        assert!(found.is_empty(), "{template}: {found:?}");
    }
}

#[test]
fn what_never_fits_is_an_error_and_a_long_overview_none() {
    let long = "x".repeat(17_000);
    let found = update(Code::TemplateLength, &long);
    assert_eq!(
        found,
        ["1: the update has at least 17000 characters, and Mattermost takes at most 16383"]
    );
    let found = playbook(
        Code::TemplateLength,
        &format!("start: {{ overview: {} }}\n", "x".repeat(4097)),
    );
    assert_eq!(
        found,
        ["this text has 4097 characters, and Mattermost takes at most 4096"]
    );
    let overview = "start: { invite: [group:sre], overview: templates/o.md.j2 }\n";
    let files = [
        ("playbooks/outage.yaml", overview),
        (
            "templates/o.md.j2",
            "{{ incident.description | paragraphs }}{{ incident.description | paragraphs }}",
        ),
    ];
    assert!(messages(Code::TemplateLength, &files).is_empty());
}

#[test]
fn texts_of_a_playbook_are_no_templates() {
    for text in [
        "title: \"Outage of {{ incident.name }}\"\n",
        "description: \"Ask {{ somebody }} first\"\n",
        "updates: { every: 30m, template: \"{% if x %}y{% endif %}\" }\n",
    ] {
        assert_eq!(playbook(Code::TemplateRaw, text).len(), 1, "{text}");
    }
    for text in [
        "description: \"Run `docker ps --format {{ .Names }}`\"\n",
        "start: { invite: [group:sre], channel: { name: \"{SEQ}\" } }\n",
    ] {
        assert!(playbook(Code::TemplateRaw, text).is_empty(), "{text}");
    }
}

#[test]
fn each_text_is_told_the_place_where_it_can_be_filled_in() {
    for (text, place) in [
        (
            "start: { invite: [group:sre], welcome: TEXT }",
            "`templates/welcome.md.j2`",
        ),
        (
            "start: { invite: [group:sre], overview: TEXT }",
            "`templates/overview.md.j2`",
        ),
        (
            "updates: { every: 30m, template: TEXT }",
            "`templates/update.md.j2`",
        ),
        (
            "retrospective: { remind_every: 1d, template: TEXT }",
            "`templates/retrospective.md.j2`",
        ),
        (
            "templates: { announcement: TEXT }",
            "`templates/announcement.md.j2`",
        ),
        (
            "templates: { postmortem: TEXT }",
            "`templates/postmortem.md.j2`",
        ),
        ("title: TEXT", "`start.channel.name`"),
        ("description: TEXT", "`start.overview`"),
        (
            "checklists: [{ key: a, title: A, tasks: [{ key: b, title: TEXT }] }]",
            "`start.overview`",
        ),
        (
            "checklists: [{ key: a, title: A, tasks: [{ key: b, title: Call, command: TEXT }] }]",
            "`$name=value`",
        ),
    ] {
        let text = text.replace("TEXT", "\"/x {{ incident.name }}\"") + "\n";
        let findings = lint(&[("playbooks/outage.yaml", &text)]);
        let ours = findings.iter().find(|f| f.code == Code::TemplateRaw);
        let help = ours.and_then(|f| f.help.clone()).unwrap_or_default();
        assert!(help.contains(place), "{text}: {help}");
    }
}

/// Where the findings about a playbook begin, and where `word` stands in its file.
fn marked(code: Code, text: &str, word: &str) -> (Vec<usize>, Vec<usize>) {
    let findings = lint(&[("playbooks/outage.yaml", text)]);
    let ours: Vec<_> = findings.iter().filter(|f| f.code == code).collect();
    let file = ours[0].source.text();
    (
        ours.iter().map(|f| f.span.start as usize).collect(),
        file.match_indices(word).map(|(at, _)| at).collect(),
    )
}

#[test]
fn the_place_that_was_found_is_marked() {
    let (starts, words) = marked(
        Code::TemplateRaw,
        "description: |\n  Not `${{ incident.name }}`,\n  but {{ incident.name }}\n",
        "{{ incident.name }}",
    );
    assert_eq!(starts, words[1..]);
    let (starts, words) = marked(
        Code::TemplateTokenClash,
        "updates:\n  every: 30m\n  broadcast: [~incidents]\n  template: |\n    {SEQ} or {SEQ}\n",
        "{SEQ}",
    );
    assert_eq!((starts.len(), &starts), (2, &words));
    // Where it is written otherwise, the whole text is marked.
    let (starts, words) = marked(
        Code::TemplateTokenClash,
        "updates: { every: 30m, template: \"{SEQ} {\\x53EQ}\" }\n",
        "\"{SEQ}",
    );
    assert_eq!(starts, [words[0], words[0]]);
    let (starts, words) = marked(
        Code::ChannelName,
        "start: { invite: [group:sre], channel: { name: \"{SEQ} {Nope} {Nope}\" } }\n",
        "{Nope}",
    );
    assert_eq!((starts.len(), &starts), (2, &words));
}

#[test]
fn tokens_of_mattermost_are_found_in_updates_only() {
    let attribute = "attributes: [{ key: service, name: Service, type: text, show: always }]\n";
    let inline = |text: &str| {
        playbook(
            Code::TemplateTokenClash,
            &format!("{attribute}updates: {{ every: 30m, template: \"{text}\" }}\n"),
        )
    };
    assert_eq!(inline("{ service } fails").len(), 1);
    assert_eq!(inline("{Owner}").len(), 1);
    assert!(inline("{Other} {\\\"seq\\\": 1}").is_empty());
    let files = |template| {
        let text = format!("{attribute}{UPDATES}");
        messages(
            Code::TemplateTokenClash,
            &[
                ("playbooks/outage.yaml", &text),
                ("templates/t.md.j2", template),
            ],
        )
        .len()
    };
    assert_eq!(files("{Service} {SEQ}"), 2);
    assert_eq!(files("{{ incident.name }} {x}"), 0);
    assert!(
        playbook(
            Code::TemplateTokenClash,
            "start: { invite: [group:sre], welcome: \"{SEQ}\" }\n"
        )
        .is_empty()
    );
}

#[test]
fn a_text_full_of_tokens_gives_a_bounded_number_of_findings() {
    let text = "{SEQ} ".repeat(5_000);
    let inline = format!("updates: {{ every: 30m, template: \"{text}\" }}\n");
    let attribute = "attributes: [{ key: seq, name: Service, type: text, show: always }]\n";
    let by_name = format!("{attribute}{UPDATES}");
    for (playbook, template) in [
        (inline.as_str(), ""),
        (UPDATES, text.as_str()),
        (by_name.as_str(), &text.replace("SEQ", "Service")),
    ] {
        let files = [
            ("playbooks/outage.yaml", playbook),
            ("templates/t.md.j2", template),
        ];
        let more = messages(Code::MoreFindings, &files);
        assert_eq!(more.len(), 1);
        assert!(more[0].contains("there are at least 90"), "{more:?}");
    }
}

#[test]
fn names_of_channels_are_read_as_the_server_does() {
    let name = |name: &str| {
        let attributes = "attributes:\n  - { key: a, name: Service, type: select, options: [checkout], show: always }\n  - { key: b, name: Ticket, type: text, show: always }\n";
        playbook(
            Code::ChannelName,
            &format!(
                "{attributes}start: {{ invite: [group:sre], number_prefix: OUT, channel: {{ name: \"{name}\" }} }}\n"
            ),
        )
    };
    for good in [
        "{SEQ}",
        "{ seq } {service}",
        "{Ticket}",
        "{SEQ} {Owner} {CREATOR}",
        "{SEQ} }{",
    ] {
        assert!(name(good).is_empty(), "{good}: {:?}", name(good));
    }
    for (bad, message) in [
        (" ", "the name of channels is blank"),
        ("{SEQ} {}", "`{}` is not an attribute of this playbook"),
        ("{{SEQ}}", "`{{SEQ}}` has one brace too many on each side"),
        (
            "{SEQ} {PROPERTY_USER}",
            "with `{PROPERTY_USER}` no incident can start",
        ),
        ("{Service}", "all incidents get the same name from this"),
        ("Outage", "all incidents get the same name from this"),
    ] {
        assert_eq!(name(bad), [message], "{bad}");
    }
    let long = format!("{{SEQ}} {}", "x".repeat(60));
    assert_eq!(
        name(&long),
        ["this name has at least 70 characters, and a channel shows 64 of them"]
    );
}

#[test]
fn words_of_people_are_safe_with_md_and_outside_of_tables() {
    let front = "---\ninputs: { what: { ask: What? } }\n---\n";
    for bad in [
        "| {{ what }} |",
        "{% for t in tasks.list %}| {{ t.title }} |{% endfor %}",
        "| {{ what | paragraphs }} |",
        "[here](https://x.example/{{ what }})",
        "```mermaid\nflowchart\n  a[{{ incident.name | md }}]\n```",
    ] {
        assert_eq!(
            update(Code::TemplateUnescaped, &format!("{front}{bad}\n")).len(),
            1,
            "{bad}"
        );
    }
    for good in [
        "{{ what }}",
        "a | {{ what }}",
        "| {{ what | md }} | {{ tasks.done }} | {{ incident.severity.title }} |",
        "[here]({{ incident.url }}) {{ what }}",
        "[t]({{ incident.attributes.ticket }})",
        "```\n| {{ what }} |\n```",
    ] {
        assert!(
            update(Code::TemplateUnescaped, &format!("{front}{good}\n")).is_empty(),
            "{good}"
        );
    }
}

#[test]
fn times_keep_their_zone() {
    assert_eq!(update(Code::TemplateTimezone, "{{ now[:10] }}").len(), 1);
    for good in [
        "{{ now }} {{ update.next_at | datetime | replace(\"not set\", \"none planned\") }}",
        "{{ incident.started_at | until(now) | duration }}",
        "{{ incident.name[:10] }}",
    ] {
        assert!(update(Code::TemplateTimezone, good).is_empty(), "{good}");
    }
}

#[test]
fn only_the_post_mortem_must_not_know_the_time() {
    assert!(update(Code::TemplateImpure, "{{ now | datetime }}").is_empty());
}

#[test]
fn a_public_incident_may_say_what_it_is_about() {
    let announce = "start: { invite: [group:sre], announce: [~ops] }\ntemplates: { announcement: templates/a.md.j2 }\n";
    let files = [
        ("playbooks/outage.yaml", announce),
        ("templates/a.md.j2", "{{ incident.description | md }}"),
    ];
    assert!(messages(Code::TemplatePrivate, &files).is_empty());
}
