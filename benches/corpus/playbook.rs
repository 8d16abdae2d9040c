//! One playbook as text, from its number.

use super::words;

/// Path and text of the playbook of that number.
pub(super) fn write(number: u32) -> (String, String) {
    let mut dice = Dice::new(number);
    let area = words::AREAS[number as usize % words::AREAS.len()];
    let component =
        words::COMPONENTS[number as usize / words::AREAS.len() % words::COMPONENTS.len()];
    let key = format!("{area}-{component}-{number:05}");
    // What tells this playbook from all others, in every text of it.
    let subject = format!("{component} {number}");
    let region = words::REGIONS[dice.below(4)];
    let text = [
        head(&mut dice, &key, area, &subject, number, region),
        checklists(&mut dice, &subject, region),
        foot(&mut dice),
    ];
    let path = format!("playbooks/{area}/{component}/{key}.yaml");
    (path, text.concat())
}

fn head(
    dice: &mut Dice,
    key: &str,
    area: &str,
    subject: &str,
    number: u32,
    region: &str,
) -> String {
    let trouble = dice.of(&words::TROUBLES);
    let symptom = dice.of(&words::SYMPTOMS);
    let group = dice.of(&words::GROUPS);
    let owner = dice.of(&words::PEOPLE);
    let month = 1 + dice.below(12);
    let prefix = area[..3].to_uppercase();
    let other = words::REGIONS[4 + dice.below(4)];
    let progression = ["staged", "free"][dice.below(2)];
    format!(
        "\
key: {key}
title: {trouble} of {area} {subject}
description: |
  The {area} {subject} {symptom}.
access: {group}
review: {{ owner: {owner}, by: \"2031-{month:02}-15\" }}  # look at it once a year

start:
  invite: [group:{group}, group:leads]
  channel: {{ category: Incidents {month} }}
  number_prefix: {prefix}{number}
  welcome: templates/welcome.md.j2
  overview: templates/overview.md.j2

attributes:
  - {{ key: region, name: Region, type: select, options: [{region}, {other}] }}
  - {{ key: severity, name: Severity, from: severities }}

progression: {progression}
"
    )
}

fn checklists(dice: &mut Dice, subject: &str, region: &str) -> String {
    let mut text = "checklists:\n".to_owned();
    let mut minutes = 5;
    for (stage, first, tasks) in words::STAGES {
        let initial = stage[..1].to_uppercase();
        let rest = &stage[1..];
        let first = first_task(dice, stage, first, &due(minutes), subject, region);
        text += &[
            "  - key: ",
            stage,
            "\n    title: ",
            &initial,
            rest,
            "\n    tasks:\n",
            &first,
        ]
        .concat();
        for task in dice.five_of(tasks) {
            minutes += 5 * (1 + dice.below(5));
            text += &short_task(dice, task, &due(minutes), subject);
        }
        minutes += 5;
    }
    text
}

/// The first of each stage says it all.
fn first_task(
    dice: &mut Dice,
    stage: &str,
    (key, title): &words::Task,
    due: &str,
    subject: &str,
    region: &str,
) -> String {
    let advice = dice.of(&words::ADVICE);
    let severity = ["sev1", "sev2"][dice.below(2)];
    let more = match stage {
        "declare" => format!("        description: |\n          {advice}\n"),
        "communicate" => format!(
            "        command: /playbook update
        when: {{ region: [{region}], severity: [{severity}] }}\n"
        ),
        _ => String::new(),
    };
    format!(
        "      - key: {key}
        title: {title} {subject}
        assign: commander
        due: {due}
        required: true\n{more}"
    )
}

/// The others are as short as people are lazy.
fn short_task(dice: &mut Dice, (key, title): &words::Task, due: &str, subject: &str) -> String {
    if dice.below(2) == 0 {
        return format!("      - {{ key: {key}, title: {title} {subject} }}\n");
    }
    let assign = match dice.below(4) {
        0 => format!("        assign: {}\n", dice.of(&words::ASSIGNEES)),
        _ => String::new(),
    };
    let due = match dice.below(3) {
        0 => format!("        due: {due}\n"),
        _ => String::new(),
    };
    format!("      - key: {key}\n        title: {title} {subject}\n{assign}{due}")
}

fn foot(dice: &mut Dice) -> String {
    let every = ["30m", "45m", "1h", "1h30m"][dice.below(4)];
    let channel = dice.of(&words::GROUPS);
    format!(
        "
updates:
  every: {every}
  template: templates/update.md.j2
  broadcast: [~{channel}, ~incidents]

retrospective:
  template: templates/retrospective.md.j2
  remind_every: 1d
"
    )
}

/// A time as people write it.
fn due(minutes: usize) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes}m"),
        (hours, 0) => format!("{hours}h"),
        (hours, minutes) => format!("{hours}h{minutes}m"),
    }
}

/// Numbers that look like chance and are the same every time (`SplitMix64`).
struct Dice(u64);

impl Dice {
    fn new(number: u32) -> Self {
        Self(u64::from(number) << 20 | 0xBEEF)
    }

    fn below(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed >> 33) as usize % sides
    }

    fn of(&mut self, words: &[&'static str]) -> &'static str {
        words[self.below(words.len())]
    }

    /// Five of them, in their order.
    fn five_of<T>(&mut self, all: &'static [T]) -> impl Iterator<Item = &'static T> + use<T> {
        let mut left_out: Vec<usize> = (0..all.len()).collect();
        for _ in 0..5 {
            left_out.swap_remove(self.below(left_out.len()));
        }
        let chosen = all.iter().enumerate();
        chosen
            .filter(move |(at, _)| !left_out.contains(at))
            .map(|(_, item)| item)
    }
}
