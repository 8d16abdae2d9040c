//! The one table of codes: id, name, default level and meaning.
//!
//! Ids are stable and never reused; they follow the groups of the lint rules
//! (P structure, U people, S lifecycle, C attributes, T templates, V privacy),
//! and `Y` for reading YAML and for the shape that the schema asks for.

/// How seriously a finding is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Told, and never fails.
    Info,
    /// Fails only where asked for.
    Warning,
    /// Fails.
    Error,
}

impl Level {
    /// The word for it in reports and JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// Makes the enumeration and its table from one list, so that neither can lack an entry.
macro_rules! codes {
    ($($variant:ident $id:literal $name:literal $level:ident $meaning:literal;)*) => {
        /// Which rule a finding comes from.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $meaning] $variant,)*
        }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Its stable id, such as `C-01`.
            #[must_use]
            pub fn id(self) -> &'static str {
                match self { $(Self::$variant => $id,)* }
            }

            /// Its name, such as `unknown-attribute`.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The level that its findings have unless somebody says otherwise.
            #[must_use]
            pub fn level(self) -> Level {
                match self { $(Self::$variant => Level::$level,)* }
            }

            /// What it catches, in one line.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }
        }
    };
}

codes! {
    InvalidYaml "Y-01" "invalid-yaml" Error "The text is not YAML.";
    NotUtf8 "Y-02" "not-utf-8" Error "The file is not UTF-8.";
    TooLarge "Y-03" "too-large" Error "The file is larger than 1 MiB.";
    TooDeep "Y-04" "too-deep" Error "Lists and mappings are nested more than 64 levels deep.";
    AliasExpansion "Y-05" "alias-expansion" Error "Aliases contain themselves or expand to too much.";
    SeveralDocuments "Y-06" "several-documents" Error "The file holds more than one YAML document.";
    EmptyFile "Y-07" "empty-file" Error "The file holds nothing.";
    ComplexKey "Y-08" "complex-key" Error "A key is not a text.";
    Tag "Y-09" "tag" Error "A value has a tag such as `!secret`.";
    MergeKey "Y-10" "merge-key" Error "A mapping merges another one with `<<`.";
    UnusableNumber "Y-11" "unusable-number" Error "A number is infinite, not a number, or has too many digits.";
    WrongType "Y-12" "wrong-type" Error "A value is of another type than its key takes.";
    MissingKey "Y-13" "missing-key" Error "A required key is missing.";
    InvalidValue "Y-14" "invalid-value" Error "A value does not have the form its key asks for.";
    UnknownValue "Y-15" "unknown-value" Error "A value is not among those to choose from.";
    ConflictingKeys "Y-16" "conflicting-keys" Error "Two keys exclude each other.";
    UnknownReference "Y-17" "unknown-reference" Error "A profile, group or template that nobody declares is named.";
    OutsideWorkspace "Y-18" "outside-workspace" Error "A file lies outside the workspace or is no regular file.";
    Unreadable "Y-19" "unreadable" Error "A file or folder cannot be read.";
    MoreFindings "Y-20" "more-findings" Error "A file has more findings than are told.";
    DuplicateKey "P-01" "duplicate-key" Error "Two things claim the same key, or two playbooks the same title in one team.";
    FileName "P-03" "file-name" Error "The file name differs from the key.";
    DuplicateTask "P-04" "duplicate-task" Error "Two tasks of a checklist have the same key.";
    DuplicateChecklist "P-06" "duplicate-checklist" Error "Two checklists have the same key.";
    UnknownKey "P-09" "unknown-key" Error "A key that the schema does not know.";
    YamlHazard "P-11" "yaml-hazard" Error "YAML that readers understand differently, or that nobody means.";
    UndefinedRole "U-10" "role-undefined" Error "A task refers to a role that `warroom.yaml` does not define.";
    UndeclaredSeverity "S-05" "severity-undeclared" Error "A severity is used that `warroom.yaml` does not declare.";
    UnknownAttribute "C-01" "unknown-attribute" Error "An attribute, or a value of one, that the playbook does not declare.";
    TemplateSyntax "T-01" "template-syntax" Error "A template cannot be read.";
    TemplateUndefined "T-02" "template-undefined" Error "A template uses a variable that templates of its kind do not have.";
    TemplateUnknownCall "T-03" "template-unknown-call" Error "A template calls a filter, function or test that does not exist.";
    Secret "V-02" "secret" Error "A secret stands in a file instead of a reference to it.";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_id_and_no_name_repeats() {
        let ids: BTreeSet<_> = Code::ALL.iter().map(|code| code.id()).collect();
        let names: BTreeSet<_> = Code::ALL.iter().map(|code| code.name()).collect();
        assert_eq!(ids.len(), Code::ALL.len());
        assert_eq!(names.len(), Code::ALL.len());
    }

    #[test]
    fn every_code_stands_in_the_documentation() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/findings.md");
        let row = |code: &Code| {
            let (id, name, level) = (code.id(), code.name(), code.level().as_str());
            format!("| {id} | `{name}` | {level} | {} |\n", code.meaning())
        };
        let mut codes = Code::ALL.to_vec();
        codes.sort_by_key(|code| code.id());
        let fresh = format!(
            "# Findings\n\nWhat `warroom validate` finds, by the code that stands in front of each report and in `code` of the JSON. \
             Codes never change their meaning. This page is made from the code: `WARROOM_BLESS=1 cargo test diag`.\n\n\
             | code | name | level | what it says |\n|---|---|---|---|\n{}",
            codes.iter().map(row).collect::<Vec<_>>().concat()
        );
        if std::env::var_os("WARROOM_BLESS").is_some() {
            fs_err::write(path, &fresh).unwrap();
        }
        let committed = fs_err::read_to_string(path).unwrap();
        assert!(
            committed == fresh,
            "`docs/findings.md` is stale: run `WARROOM_BLESS=1 cargo test diag`"
        );
    }

    #[test]
    fn ids_are_a_letter_and_two_digits_and_names_are_kebab_case() {
        let id = regex::Regex::new("^[A-Z]-[0-9]{2}$").unwrap();
        let name = regex::Regex::new("^[a-z]+(-[a-z0-9]+)*$").unwrap();
        for code in Code::ALL {
            assert!(id.is_match(code.id()), "{}", code.id());
            assert!(name.is_match(code.name()), "{}", code.name());
        }
    }
}
