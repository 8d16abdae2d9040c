//! Files as texts: read within limits, and a finding where there is no text.

use std::borrow::Cow;
use std::sync::Arc;

use super::{Files, WorkspaceError};
use crate::diag::{Code, Finding, Source, Span};
use crate::yaml::MOST_BYTES;

/// What to do about a file that is too large.
const SPLIT_IT: &str = "split it, or move long texts into a runbook and link to it";

/// What reading a file as text came to.
pub(super) enum Text {
    /// There is no such file.
    Absent,
    /// There is one, and a finding says why it has no text.
    Unusable(Box<Finding>),
    /// Its text.
    Read(Arc<Source>),
}

/// Reads a file as text.
pub(super) fn text_of(files: &dyn Files, path: &str) -> Text {
    let unusable = |finding| Text::Unusable(Box::new(finding));
    let bytes = match files.read(path) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return Text::Absent,
        Err(error) => return unusable(unread(error)),
    };
    if bytes.len() > MOST_BYTES {
        let message = format!("the file is larger than {} MiB", MOST_BYTES >> 20);
        let finding = without_text(path, Code::FileTooLarge, message);
        return unusable(finding.help(SPLIT_IT));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Text::Read(Arc::new(Source::new(path, text))),
        Err(error) => unusable(not_utf8(path, &error)),
    }
}

/// The finding for a file or folder that could not be read: the others still can.
pub(super) fn unread(error: WorkspaceError) -> Finding {
    match error {
        WorkspaceError::Outside { path, reason } => {
            let message = format!("the file was not read: {reason}");
            without_text(&path, Code::OutsideWorkspace, message)
                .help("put a plain file or folder there: links are followed only to files inside the workspace")
        }
        WorkspaceError::Read { path, reason } => {
            let message = format!("the file cannot be read: {reason}");
            without_text(&path, Code::Unreadable, message)
                .help("make it a plain file that whoever runs warroom may read")
        }
        WorkspaceError::NotFound { start } => {
            without_text(start.as_str(), Code::Unreadable, "it is not there")
                .help("name a folder that exists")
        }
    }
}

/// The finding for a file that was listed and is no longer there.
pub(super) fn went_away(path: &str) -> Finding {
    without_text(path, Code::Unreadable, "the file went away")
        .help("run it again when nothing else writes into the folder")
}

/// A path that is short enough for a message.
pub(super) fn shortened(path: &str) -> Cow<'_, str> {
    match path.char_indices().nth(100) {
        Some((end, _)) => format!("{}…", &path[..end]).into(),
        None => path.into(),
    }
}

fn without_text(path: &str, code: Code, message: impl Into<String>) -> Finding {
    let source = Arc::new(Source::new(shortened(path), ""));
    Finding::new(code, &source, Span::default(), message)
}

/// Shows the line up to the first bad byte; what comes after may be anything.
fn not_utf8(path: &str, error: &std::string::FromUtf8Error) -> Finding {
    let valid = error.utf8_error().valid_up_to();
    let bytes = error.as_bytes();
    let mut text = String::from_utf8_lossy(&bytes[..valid]).into_owned();
    let byte = bytes.get(valid).copied().unwrap_or_default();
    text.push(char::REPLACEMENT_CHARACTER);
    let end = text.len();
    let start = end - char::REPLACEMENT_CHARACTER.len_utf8();
    let source = Arc::new(Source::new(path, text));
    // A byte order mark shortens the text.
    let cut = end - source.text().len();
    Finding::new(
        Code::NotUtf8,
        &source,
        Span::new(start - cut, end - cut),
        format!("the file is not UTF-8: the byte 0x{byte:02X} is not allowed here"),
    )
    .label("save the file as UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Listing;

    /// Every file of it is one byte too large, or not there.
    #[derive(Debug)]
    struct Full(bool);

    impl Files for Full {
        fn list(&self) -> Result<Listing, WorkspaceError> {
            unreachable!("these tests read single files")
        }

        fn read(&self, _: &str) -> Result<Option<Vec<u8>>, WorkspaceError> {
            Ok(self.0.then(|| vec![b'x'; MOST_BYTES + 1]))
        }
    }

    #[test]
    fn a_file_that_cannot_be_read_comes_with_what_to_do() {
        let path = "playbooks/outage.yaml".to_owned();
        let Text::Unusable(too_large) = text_of(&Full(true), &path) else {
            panic!("it is too large");
        };
        let reason = "it is no regular file";
        let findings = [
            *too_large,
            went_away(&path),
            unread(WorkspaceError::NotFound {
                start: path.clone().into(),
            }),
            unread(WorkspaceError::Read {
                path: path.clone(),
                reason: "permission denied".to_owned(),
            }),
            unread(WorkspaceError::Outside { path, reason }),
        ];
        for finding in findings {
            let fix = finding.help.unwrap_or_default();
            assert!(!fix.is_empty(), "{}", finding.message);
        }
    }

    #[test]
    fn a_file_that_is_not_there_is_no_mistake() {
        assert!(matches!(
            text_of(&Full(false), "permissions.yaml"),
            Text::Absent
        ));
    }
}
