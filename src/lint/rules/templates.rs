//! Templates and what they become.

mod channel;
mod raw;
mod rendering;
#[cfg(test)]
mod tests;
mod values;

use crate::diag::Code;
use crate::lint::rule::{Check, Rule};

pub(super) static RULES: &[Rule] = &[
    Rule {
        code: Code::TemplateSyntax,
        what: "A template or its front matter cannot be read: a tag that is not closed, a statement that templates \
              do not have (they have `if`, `for`, `set`, `with` and `raw`, and neither `include` nor `extends`), \
              an input without `ask`.",
        why: "The first time somebody would notice is when the update has to go out.",
        bad: &[
            (
                "playbooks/outage.yaml",
                "\
updates:
  every: 30m
  template: templates/update.md.j2
  broadcast: [~incidents]
",
            ),
            (
                "templates/update.md.j2",
                "\
**{{ incident.name | md }**
",
            ),
        ],
        good: &[
            (
                "playbooks/outage.yaml",
                "\
updates:
  every: 30m
  template: templates/update.md.j2
  broadcast: [~incidents]
",
            ),
            (
                "templates/update.md.j2",
                "\
**{{ incident.name | md }}**
",
            ),
        ],
        checks: &[Check::Structure],
    },
    Rule {
        code: Code::TemplateUndefined,
        what: "A template uses a variable, or a part of one, that templates of its kind do not have. An update sees \
              its inputs, `tasks` and `update`; an announcement sees `event`; all see `incident` and `now`. A \
              template that is used in several ways has to be right in each.",
        why: "Rendering is strict: one wrong name, and there is no message at all.",
        bad: &[
            (
                "playbooks/outage.yaml",
                "\
updates:
  every: 30m
  template: templates/update.md.j2
  broadcast: [~incidents]
",
            ),
            (
                "templates/update.md.j2",
                "\
{{ incident.severty.title }}
",
            ),
        ],
        good: &[
            (
                "playbooks/outage.yaml",
                "\
updates:
  every: 30m
  template: templates/update.md.j2
  broadcast: [~incidents]
",
            ),
            (
                "templates/update.md.j2",
                "\
{{ incident.severity.title }}
",
            ),
        ],
        checks: &[Check::Structure],
    },
    Rule {
        code: Code::TemplateUnknownCall,
        what: "A template uses a filter or a test that does not exist, or calls a function: there are none. A \
              filter that is given too many or wrong arguments is T-04.",
        why: "Filters of other tools are typed from memory, and the mistake shows only when the message is needed.",
        bad: &[
            (
                "playbooks/outage.yaml",
                "\
updates:
  every: 30m
  template: templates/update.md.j2
  broadcast: [~incidents]
",
            ),
            (
                "templates/update.md.j2",
                "\
{{ incident.name | markdown }}
",
            ),
        ],
        good: &[
            (
                "playbooks/outage.yaml",
                "\
updates:
  every: 30m
  template: templates/update.md.j2
  broadcast: [~incidents]
",
            ),
            (
                "templates/update.md.j2",
                "\
{{ incident.name | md }}
",
            ),
        ],
        checks: &[Check::Structure],
    },
    Rule {
        code: Code::TemplateRender,
        what: "Every template is rendered for two made-up incidents of each playbook that uses it (of eight at most, those with different attributes): one that has just \
              begun, where whatever may be empty is, and one where every value is there and long. Error: it cannot \
              be rendered. Warning, for the first of the two: it says `none` or `undefined` where a value is \
              missing, prints a mapping such as `incident.severity` as data, or nothing stands under a heading or after a \
              label such as `**Impact:**` that has a text otherwise; headings and labels of retrospectives and \
              post-mortems wait for people and are left alone.",
        why: "A template that works in the middle of an incident can fail at its beginning, when nobody commands \
              yet and no task is done.",
        bad: &[
            (
                "playbooks/outage.yaml",
                "\
updates:
  every: 30m
  template: templates/update.md.j2
  broadcast: [~incidents]
",
            ),
            (
                "templates/update.md.j2",
                "\
Now in *{{ tasks.current.title }}*
",
            ),
        ],
        good: &[
            (
                "playbooks/outage.yaml",
                "\
updates:
  every: 30m
  template: templates/update.md.j2
  broadcast: [~incidents]
",
            ),
            (
                "templates/update.md.j2",
                "\
{% if tasks.current %}Now in *{{ tasks.current.title | md }}*{% else %}No stage yet{% endif %}
",
            ),
        ],
        checks: &[Check::Template(rendering::template_render)],
    },
    Rule {
        code: Code::TemplateLength,
        what: "What a template becomes, and what a playbook says itself in place of one, fits what Mattermost \
              takes: 16,383 characters in a status update, an announcement or a welcome, 65,535 in a \
              retrospective, 4,096 in the overview that Mattermost's own form starts with. Error where it never \
              fits, warning where it does not once every input has a thousand characters. The overview that \
              warroom renders is shortened by itself, and the post-mortem goes into git: both may be long.",
        why: "What is too long is not sent, at the moment when there is most to tell.",
        bad: &[
            (
                "playbooks/outage.yaml",
                "\
updates:
  every: 30m
  template: templates/update.md.j2
  broadcast: [~incidents]
",
            ),
            (
                "templates/update.md.j2",
                "\
{% for task in tasks.list %}{% for other in tasks.list %}{{ incident.description | paragraphs }}
{{ incident.name | md }}
{% endfor %}{% endfor %}
",
            ),
        ],
        good: &[
            (
                "playbooks/outage.yaml",
                "\
updates:
  every: 30m
  template: templates/update.md.j2
  broadcast: [~incidents]
",
            ),
            (
                "templates/update.md.j2",
                "\
{{ incident.name | md }}: {{ tasks.done }} of {{ tasks.total }} tasks done
",
            ),
        ],
        checks: &[
            Check::Template(rendering::template_length),
            Check::Playbook(raw::text_length),
        ],
    },
    Rule {
        code: Code::TemplateRaw,
        what: "A title, description, command or text that stands in a playbook itself holds `{{ … }}` or `{% … %}` \
              as a template would. Only files that end in `.j2` are rendered. Braces of other tools in code and \
              commands, such as `{{ .Names }}`, are left alone.",
        why: "People read `{{ incident.commander }}` in the middle of the night, and nobody's name.",
        bad: &[(
            "playbooks/outage.yaml",
            "\
start:
  invite: [group:sre]
  welcome: \"Welcome. Ask {{ incident.commander }} where you are needed.\"
",
        )],
        good: &[
            (
                "playbooks/outage.yaml",
                "\
start:
  invite: [group:sre]
  welcome: templates/welcome.md.j2
",
            ),
            (
                "templates/welcome.md.j2",
                "\
Welcome. Ask {{ incident.commander | mention }} where you are needed.
",
            ),
        ],
        checks: &[Check::Playbook(raw::template_raw)],
    },
    Rule {
        code: Code::TemplateTokenClash,
        what: "The text of status updates holds `{SEQ}`, `{OWNER}`, `{CREATOR}`, `{PROPERTY_USER}` or the name of an \
              attribute in single braces. Mattermost replaces these in an update that is posted there, in upper or \
              lower case.",
        why: "`warroom run update` keeps the braces and Mattermost's own form replaces them: the same update says \
              two things.",
        bad: &[
            (
                "playbooks/outage.yaml",
                "\
updates:
  every: 30m
  template: templates/update.md.j2
  broadcast: [~incidents]
",
            ),
            (
                "templates/update.md.j2",
                "\
Incident {SEQ}: {{ incident.name | md }}
",
            ),
        ],
        good: &[
            (
                "playbooks/outage.yaml",
                "\
updates:
  every: 30m
  template: templates/update.md.j2
  broadcast: [~incidents]
",
            ),
            (
                "templates/update.md.j2",
                "\
Incident {{ incident.number }}: {{ incident.name | md }}
",
            ),
        ],
        checks: &[
            Check::Playbook(raw::token_clash),
            Check::Template(raw::token_clash_in_template),
        ],
    },
    Rule {
        code: Code::ChannelName,
        what: "The template of channel names, `start.channel.name`. Error: it is blank, or holds something in \
              braces that is neither `{SEQ}`, `{OWNER}`, `{CREATOR}` nor the name of an attribute; \
              `{PROPERTY_USER}` is taken by Mattermost and then stops every start. Warning: it always has more \
              than the 64 characters that a channel shows, or nothing in it (no `{SEQ}`, text or date) tells two \
              incidents apart. One over 1,024 characters is refused by `validate` as Y-14.",
        why: "Mattermost refuses the whole playbook for an unknown name, and two channels of the same name send \
              helpers into the wrong one.",
        bad: &[(
            "playbooks/outage.yaml",
            "\
start:
  invite: [group:sre]
  channel: { name: \"{SEQ}-{Servce}\" }
attributes:
  - { key: service, name: Service, type: select, options: [checkout, search], show: always }
",
        )],
        good: &[(
            "playbooks/outage.yaml",
            "\
start:
  invite: [group:sre]
  channel: { name: \"{SEQ}-{Service}\" }
attributes:
  - { key: service, name: Service, type: select, options: [checkout, search], show: always }
",
        )],
        checks: &[Check::Playbook(channel::channel_name)],
    },
    Rule {
        code: Code::TemplateUnescaped,
        what: "What people typed (inputs, name and description of the incident, attributes, the last update, titles \
              of tasks) is printed without `md` in a row of a table, in the target of a link, or inside a \
              `mermaid` diagram. Attributes may be the target of a link: many of them are addresses. In running text warroom takes mentions and HTML out by itself.",
        why: "One `|` in an incident's name, and the table that everybody looks at falls apart.",
        bad: &[
            (
                "playbooks/outage.yaml",
                "\
updates:
  every: 30m
  template: templates/update.md.j2
  broadcast: [~incidents]
",
            ),
            (
                "templates/update.md.j2",
                "\
| what | who |
| --- | --- |
| {{ incident.name }} | {{ incident.commander | mention }} |
",
            ),
        ],
        good: &[
            (
                "playbooks/outage.yaml",
                "\
updates:
  every: 30m
  template: templates/update.md.j2
  broadcast: [~incidents]
",
            ),
            (
                "templates/update.md.j2",
                "\
| what | who |
| --- | --- |
| {{ incident.name | md }} | {{ incident.commander | mention }} |
",
            ),
        ],
        checks: &[Check::Template(values::template_unescaped)],
    },
    Rule {
        code: Code::TemplateUnbounded,
        what: "Rendering the template for the largest made-up incident takes more than 50,000 steps or writes more \
              than 4 MiB, and is stopped. Templates have no `include` and no `extends`, so that loops are all \
              there is.",
        why: "A template must not hold up an incident, and one that is stopped says nothing.",
        bad: &[
            (
                "playbooks/outage.yaml",
                "\
updates:
  every: 30m
  template: templates/update.md.j2
  broadcast: [~incidents]
",
            ),
            (
                "templates/update.md.j2",
                "\
{% for a in tasks.list %}
{% for b in tasks.list %}
{% for c in tasks.list %}
{% for d in tasks.list %}
{% for e in tasks.list %}
{% for f in tasks.list %}
{% for g in tasks.list %}
{{ a.number }}
{% endfor %}{% endfor %}{% endfor %}{% endfor %}{% endfor %}{% endfor %}{% endfor %}
",
            ),
        ],
        good: &[
            (
                "playbooks/outage.yaml",
                "\
updates:
  every: 30m
  template: templates/update.md.j2
  broadcast: [~incidents]
",
            ),
            (
                "templates/update.md.j2",
                "\
{% for task in tasks.list %}{{ task.number }} {% endfor %}
",
            ),
        ],
        checks: &[Check::Template(rendering::template_unbounded)],
    },
    Rule {
        code: Code::TemplatePrivate,
        what: "The channel of the incidents is private, and the template of announcements prints the incident's \
              description or attributes into the channels of `start.announce`. Who is in those channels, warroom \
              does not know without a server. Transcripts and e-mail addresses are in no template's reach: to name \
              them is T-02.",
        why: "Announcements are read by people who were kept out on purpose, and a post cannot be unread.",
        bad: &[
            (
                "permissions.yaml",
                "\
profiles:
  everybody:
    playbook: { visibility: public, use: [group:sre], edit: [carol] }
    incident: { channel: public }
  quiet:
    playbook: { visibility: public, use: [group:sre], edit: [carol] }
    incident: { channel: private }
",
            ),
            (
                "playbooks/outage.yaml",
                "\
key: outage
title: Service outage
access: quiet
start:
  invite: [group:sre]
  announce: [~ops-changes]
templates:
  announcement: templates/quiet.md.j2
",
            ),
            (
                "templates/quiet.md.j2",
                "\
A matter {{ event.words }}: {{ incident.description | md }}
",
            ),
        ],
        good: &[
            (
                "permissions.yaml",
                "\
profiles:
  everybody:
    playbook: { visibility: public, use: [group:sre], edit: [carol] }
    incident: { channel: public }
  quiet:
    playbook: { visibility: public, use: [group:sre], edit: [carol] }
    incident: { channel: private }
",
            ),
            (
                "playbooks/outage.yaml",
                "\
key: outage
title: Service outage
access: quiet
start:
  invite: [group:sre]
  announce: [~ops-changes]
templates:
  announcement: templates/quiet.md.j2
",
            ),
            (
                "templates/quiet.md.j2",
                "\
A matter {{ event.words }}. Ask {{ incident.commander | mention }}.
",
            ),
        ],
        checks: &[Check::Playbook(values::template_private)],
    },
    Rule {
        code: Code::TemplateImpure,
        what: "The template of the post-mortem prints or asks for `now`. There is nothing random in templates.",
        why: "An export that changes with the clock makes a commit each time, and hides the change that matters \
              among them.",
        bad: &[
            (
                "playbooks/outage.yaml",
                "\
templates:
  postmortem: templates/postmortem.md.j2
",
            ),
            (
                "templates/postmortem.md.j2",
                "\
# {{ incident.name | md }}

Exported {{ now | datetime }}, with owner, contributing factors and action items.
",
            ),
        ],
        good: &[
            (
                "playbooks/outage.yaml",
                "\
templates:
  postmortem: templates/postmortem.md.j2
",
            ),
            (
                "templates/postmortem.md.j2",
                "\
# {{ incident.name | md }}

Ended {{ incident.ended_at | datetime }}, with owner, contributing factors and action items.
",
            ),
        ],
        checks: &[Check::Template(values::template_impure)],
    },
    Rule {
        code: Code::TemplateTimezone,
        what: "A template prints a part of a time, or takes its zone away. `datetime` shows times in UTC and says \
              so, and a time without any filter ends in `Z`: both are right.",
        why: "At three in the morning somebody in another country reads 14:00 and waits for the wrong hour.",
        bad: &[
            (
                "playbooks/outage.yaml",
                "\
updates:
  every: 30m
  template: templates/update.md.j2
  broadcast: [~incidents]
",
            ),
            (
                "templates/update.md.j2",
                "\
Started {{ incident.started_at | datetime | replace(\" UTC\", \"\") }}
",
            ),
        ],
        good: &[
            (
                "playbooks/outage.yaml",
                "\
updates:
  every: 30m
  template: templates/update.md.j2
  broadcast: [~incidents]
",
            ),
            (
                "templates/update.md.j2",
                "\
Started {{ incident.started_at | datetime }}
",
            ),
        ],
        checks: &[Check::Template(values::template_timezone)],
    },
];
