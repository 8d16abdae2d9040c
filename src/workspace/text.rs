//! Files as texts: read within limits, and a finding where there is no text.

use std::borrow::Cow;
use std::sync::Arc;

use super::{Files, WorkspaceError};
use crate::diag::{Code, Finding, Source, Span};
use crate::yaml::MOST_BYTES;

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
        return unusable(without_text(path, Code::TooLarge, message));
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
        }
        WorkspaceError::Read { path, reason } => {
            let message = format!("the file cannot be read: {reason}");
            without_text(&path, Code::Unreadable, message)
        }
        WorkspaceError::NotFound { start } => {
            without_text(start.as_str(), Code::Unreadable, "it is not there")
        }
    }
}

/// The finding for a file that was listed and is no longer there.
pub(super) fn went_away(path: &str) -> Finding {
    without_text(path, Code::Unreadable, "the file went away")
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
        format!("the file is not UTF-8: the byte 0x{byte:02X} cannot stand here"),
    )
    .label("save the file as UTF-8")
}
