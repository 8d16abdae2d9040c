//! The mistakes: each spoils one playbook in one place, and is one finding.

/// A mistake, and the code that has to find it.
pub struct Fault {
    /// The code of the finding.
    pub code: &'static str,
    change: Change,
}

enum Change {
    /// Where the first text stands, the second one comes.
    Replace(&'static str, &'static str),
    /// This comes behind everything else.
    Append(&'static [u8]),
    /// Nothing is left.
    Empty,
}

impl Fault {
    const fn replace(code: &'static str, from: &'static str, to: &'static str) -> Self {
        let change = Change::Replace(from, to);
        Self { code, change }
    }

    /// The text with the mistake in it.
    ///
    /// # Panics
    /// When the text lacks the place: then the corpus is not what its figures say.
    pub(super) fn put_into(&self, text: &str) -> Vec<u8> {
        match self.change {
            Change::Replace(from, to) => {
                assert!(text.contains(from), "no playbook without {from:?}");
                text.replacen(from, to, 1).into_bytes()
            }
            Change::Append(end) => [text.as_bytes(), end].concat(),
            Change::Empty => Vec::new(),
        }
    }
}

/// What people do wrong in pull requests, about as the fixtures under `tests/` have it.
pub const FAULTS: &[Fault] = &[
    // What no reader of YAML can know: a schema knows it.
    Fault::replace("P-09", "\nprogression: ", "\nprogresion: "),
    Fault::replace("P-09", "        due: ", "        deadline: "),
    Fault::replace("Y-13", "        title: Confirm", "        # title: Confirm"),
    Fault::replace("Y-12", "required: true", "required: yes"),
    Fault::replace("Y-12", "every: ", "every: 30 # "),
    Fault::replace("Y-12", "template: templates/update.md.j2", "template:"),
    Fault::replace("Y-14", "due: ", "due: about "),
    Fault::replace("Y-14", "broadcast: [~", "broadcast: [~_"),
    Fault::replace("Y-14", "assign: commander", "assign: Commander"),
    Fault::replace("Y-14", "by: \"2031-", "by: \"2031-13-"),
    Fault::replace("Y-14", "- key: declare", "- key: Declare"),
    Fault::replace("Y-15", "progression: ", "progression: un"),
    Fault::replace("Y-15", "type: select", "type: choice"),
    Fault::replace(
        "V-02",
        "broadcast: ",
        "webhooks: [https://chat.example.com/hooks/k3y]\n  broadcast: ",
    ),
    // What no schema knows: the other files do.
    Fault::replace("P-03", "key: ", "key: the-"),
    Fault::replace(
        "P-04",
        "    tasks:\n",
        "    tasks:\n      - { key: confirm, title: Confirm it twice }\n",
    ),
    Fault::replace("P-06", "- key: communicate", "- key: declare"),
    Fault::replace("Y-16", "\naccess: ", "\nteam: ops\nteams: [ops]\naccess: "),
    Fault::replace("Y-17", "\naccess: ", "\naccess: new-"),
    Fault::replace("Y-17", "group:leads", "group:leader"),
    Fault::replace("Y-17", "templates/update.md.j2", "templates/updates.md.j2"),
    Fault::replace("U-10", "assign: commander", "assign: role:commander"),
    Fault::replace("S-05", "severity: [sev", "severity: [sev-"),
    Fault::replace("C-01", "when: { region: ", "when: { regoin: "),
    Fault::replace("C-01", "when: { region: [", "when: { region: [not-"),
    Fault::replace("Y-13", ", from: severities", ""),
    // What cannot be read, or should not be.
    Fault::replace("Y-01", "group:leads]", "group:leads"),
    Fault::replace("Y-01", "title: Confirm", "title: \"Confirm"),
    Fault::replace("Y-01", "assign: commander", "assign: *commander"),
    Fault::replace("Y-05", "invite: [group", "invite: &all [*all, group"),
    Fault::replace(
        "Y-08",
        "attributes:\n",
        "attributes:\n  - {{ attribute }}\n",
    ),
    Fault::replace("Y-09", "\ntitle: ", "\ntitle: !text "),
    Fault::replace(
        "Y-10",
        "\nprogression: ",
        "\n<<: { unmanaged: [members] }\nprogression: ",
    ),
    Fault::replace("Y-11", "due: ", "due: .inf # "),
    Fault::replace("P-11", "owner: ", "owner: @"),
    Fault::replace(
        "P-11",
        "\nprogression: ",
        "\nprogression: free\nprogression: ",
    ),
    Fault::replace("P-11", "\n        required: ", "\n\t\trequired: "),
    Fault {
        code: "Y-06",
        change: Change::Append(b"---\nkey: another\n"),
    },
    Fault {
        code: "Y-02",
        change: Change::Append(b"# caf\xe9\n"),
    },
    Fault {
        code: "Y-07",
        change: Change::Empty,
    },
];
