//! Conditions as git asks for them: one list of comparisons, by the names of Mattermost.

use super::attributes::choices;
use crate::model::{Formula, Key, Playbook, Settings, Variable, When, variables};
use crate::sync::canonical::{ComparisonState, ValuesState, WhenState};

/// What conditions of one playbook are made of.
pub(super) struct Conditions<'a> {
    playbook: &'a Playbook,
    settings: &'a Settings,
    variables: Vec<Variable<'a>>,
}

impl<'a> Conditions<'a> {
    pub(super) fn new(playbook: &'a Playbook, settings: &'a Settings) -> Self {
        Self {
            playbook,
            settings,
            variables: variables(playbook, settings),
        }
    }

    /// What a task asks for; none where that is always true.
    ///
    /// # Errors
    /// Why Mattermost cannot hold it, in words.
    pub(super) fn state(&self, task: &Key, when: &When) -> Result<Option<WhenState>, String> {
        let problem = |why: &str| format!("`when` of the task `{task}` {why}");
        let formula = Formula::of(when, &self.variables).ok_or_else(|| {
            problem("compares what Mattermost cannot compare, or with what it cannot be")
        })?;
        let simple = formula.simple(&self.variables);
        let words = || simple.words(&self.variables);
        if !simple.is_one_level() {
            return Err(problem(&format!(
                "mixes AND and OR, and Mattermost takes one list of comparisons, all joined by AND or all by OR; it says: {}",
                words()
            )));
        }
        let (parts, all) = match &simple {
            Formula::Is { .. } => (std::slice::from_ref(&simple), true),
            Formula::All(parts) => (parts.as_slice(), true),
            Formula::Any(parts) => (parts.as_slice(), false),
        };
        let mut comparisons = Vec::new();
        for part in parts {
            let comparison = self.comparison(part);
            comparisons.push(comparison.ok_or_else(|| problem("compares with no value"))?);
        }
        match (comparisons.is_empty(), all) {
            (true, true) => Ok(None),
            (true, false) => Err(problem("never holds")),
            _ => Ok(Some(WhenState::joined(comparisons, all))),
        }
    }

    fn comparison(&self, part: &Formula<'_>) -> Option<ComparisonState> {
        let Formula::Is {
            variable,
            values,
            negated,
        } = part
        else {
            return None;
        };
        let variable = &self.variables[*variable];
        let mut attributes = self.playbook.attributes.iter();
        let attribute = attributes.find(|attribute| attribute.key == *variable.key)?;
        let values = if variable.is_text() {
            // The server compares a text with one value, without the blanks around it.
            ValuesState::Text(values.first()?.trim().to_owned())
        } else {
            let named = choices(attribute, self.settings);
            let named = named.filter(|(_, said)| values.contains(said));
            ValuesState::Options(named.map(|(name, _)| name.to_owned()).collect())
        };
        if matches!(&values, ValuesState::Options(names) if names.is_empty()) {
            return None;
        }
        Some(ComparisonState {
            attribute: attribute.name.clone(),
            negated: *negated,
            values,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::own;
    use crate::sync::Desired;

    /// What becomes of a condition on these attributes.
    fn asked(when: &str) -> String {
        let mut workspace = own();
        workspace.playbooks.truncate(1);
        let given = r#"[
            {"key": "severity", "name": "Severity", "from": "severities"},
            {"key": "service", "name": "Affected service", "type": "multiselect", "options": ["b", "a"]},
            {"key": "note", "name": "Note", "type": "text"},
            {"key": "who", "name": "Who", "type": "user"}
        ]"#;
        workspace.playbooks[0].playbook.attributes = serde_json::from_str(given).unwrap();
        workspace.settings.severities.truncate(2);
        for (n, severity) in workspace.settings.severities.iter_mut().enumerate() {
            severity.key = format!("sev{n}").parse().unwrap();
            severity.title = format!("SEV-{n}");
        }
        let task = &mut workspace.playbooks[0].playbook.checklists[0].tasks[0];
        task.key = "page".parse().unwrap();
        task.when = Some(serde_json::from_str(when).unwrap());
        let desired = Desired::of(&workspace).unwrap();
        let playbook = desired.playbooks.values().next().unwrap();
        match &playbook.wanted {
            Ok(wanted) => {
                let (_, task) = wanted.state.tasks().next().unwrap();
                serde_json::to_string(&task.when).unwrap()
            }
            Err(refusal) => refusal.to_string(),
        }
    }

    #[test]
    fn one_level_is_said_with_the_names_of_mattermost() {
        insta::assert_snapshot!(asked(r#"{"severity": ["sev1", "sev0"], "service": ["a"]}"#), @r#"{"all":[{"attribute":"Affected service","values":["a"]},{"attribute":"Severity","values":["SEV-0","SEV-1"]}]}"#);
        insta::assert_snapshot!(asked(r#"{"any": [{"note": [" x ", "y"]}, {"not": {"severity": ["sev1"]}}]}"#), @r#"{"any":[{"attribute":"Note","values":["x"]},{"attribute":"Note","values":["y"]},{"attribute":"Severity","not":true,"values":["SEV-1"]}]}"#);
        // `not` of several is a list of other comparisons.
        insta::assert_snapshot!(asked(r#"{"not": {"severity": ["sev1"], "note": ["x"]}}"#), @r#"{"any":[{"attribute":"Note","not":true,"values":["x"]},{"attribute":"Severity","not":true,"values":["SEV-1"]}]}"#);
        insta::assert_snapshot!(asked(r#"{"any": [{"service": ["a"]}, {"service": ["b"]}]}"#), @r#"{"all":[{"attribute":"Affected service","values":["a","b"]}]}"#);
        insta::assert_snapshot!(asked("{}"), @"null");
    }

    #[test]
    fn what_the_server_cannot_hold_is_refused_with_the_words_it_says() {
        insta::assert_snapshot!(asked(r#"{"severity": ["sev1"], "note": ["x", "y"]}"#), @"more than the server takes: `when` of the task `page` mixes AND and OR, and Mattermost takes one list of comparisons, all joined by AND or all by OR; it says: (`note` is `x` or `note` is `y`) and `severity` is `sev1`");
        insta::assert_snapshot!(asked(r#"{"who": ["bob"]}"#), @"more than the server takes: `when` of the task `page` compares what Mattermost cannot compare, or with what it cannot be");
        insta::assert_snapshot!(asked(r#"{"severity": []}"#), @"more than the server takes: `when` of the task `page` compares with no value");
        insta::assert_snapshot!(asked(r#"{"not": {}}"#), @"more than the server takes: `when` of the task `page` never holds");
    }
}
