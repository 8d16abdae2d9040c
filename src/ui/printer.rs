//! Who may write where.

use std::io::{self, BufRead, IsTerminal, Write};
use std::sync::{Arc, Mutex};

use secrecy::SecretString;
use serde::Serialize;
use serde_json::json;

use super::progress::Meter;
use crate::clock::Clock;
use crate::diag::escaped_json;
use crate::environment::Environment;
use crate::exit::Failure;

/// How output is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts about a terminal"
)]
pub struct Style {
    /// Colour on stdout and stderr.
    pub colour: bool,
    /// Findings are drawn into the lines of their file; otherwise told in sentences,
    /// which screen readers can read out.
    pub graphics: bool,
    /// Somebody can be asked.
    pub interactive: bool,
    /// Notes are left out.
    pub quiet: bool,
    /// How far a command is may be drawn on stderr.
    pub progress: bool,
    /// Columns to fill.
    pub width: usize,
}

impl Style {
    /// Plain text of 100 columns, with nobody to ask: for pipes and tests.
    pub const PLAIN: Self = Self {
        colour: false,
        graphics: true,
        interactive: false,
        quiet: false,
        progress: false,
        width: 100,
    };

    /// The style that fits this process and what its user asks for.
    #[must_use]
    pub fn of_process(environment: &Environment, quiet: bool) -> Self {
        let terminal = io::stdout().is_terminal() && io::stderr().is_terminal();
        let dumb = environment.variable("TERM") == Some("dumb");
        let no_colour = environment.variable("NO_COLOR").is_some();
        // Other tools that know this variable take a zero for a no.
        let no_graphics = environment.variable("NO_GRAPHICS");
        Self {
            colour: terminal && !no_colour && !dumb,
            graphics: !dumb && no_graphics.is_none_or(|value| value == "0"),
            interactive: io::stdin().is_terminal() && io::stderr().is_terminal(),
            quiet,
            progress: io::stderr().is_terminal() && !dumb && !quiet,
            width: 100,
        }
    }
}

/// The output of a command, kept in memory.
#[derive(Debug, Clone, Default)]
pub struct Captured {
    out: Arc<Mutex<Vec<u8>>>,
    err: Arc<Mutex<Vec<u8>>>,
}

impl Captured {
    /// What was written as result so far.
    #[must_use]
    pub fn out(&self) -> String {
        text_of(&self.out)
    }

    /// What was written as talk so far.
    #[must_use]
    pub fn err(&self) -> String {
        text_of(&self.err)
    }
}

fn text_of(bytes: &Mutex<Vec<u8>>) -> String {
    let bytes = bytes
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    String::from_utf8_lossy(&bytes).into_owned()
}

struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut all = self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        all.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A stream of this process, or one in memory.
type Stream = Box<dyn Write + Send>;

/// Shows results, talks, and asks.
pub struct Ui {
    out: Stream,
    err: Stream,
    /// Another way to the stream of `err`, for the line that shows how far a command is.
    beside: Box<dyn Fn() -> Stream + Send>,
    input: Box<dyn BufRead + Send>,
    /// Whether the reader of `out` went away.
    unread: bool,
    /// Whether `input` is what somebody types at this process.
    typed: bool,
    style: Style,
    /// Whether a part of the result was written.
    answered: bool,
}

impl Ui {
    /// Writes to the streams of this process.
    #[must_use]
    pub fn of_process(style: Style) -> Self {
        Self {
            out: Box::new(io::stdout()),
            err: Box::new(io::stderr()),
            beside: Box::new(|| Box::new(io::stderr())),
            input: Box::new(io::BufReader::new(io::stdin())),
            unread: false,
            typed: io::stdin().is_terminal(),
            style,
            answered: false,
        }
    }

    /// Keeps everything in memory; `input` is what somebody types.
    #[must_use]
    pub fn captured(style: Style, input: &str) -> (Self, Captured) {
        let captured = Captured::default();
        let err = Arc::clone(&captured.err);
        let ui = Self {
            out: Box::new(Shared(Arc::clone(&captured.out))),
            err: Box::new(Shared(Arc::clone(&captured.err))),
            beside: Box::new(move || Box::new(Shared(Arc::clone(&err)))),
            input: Box::new(io::Cursor::new(input.to_owned())),
            unread: false,
            typed: false,
            style,
            answered: false,
        };
        (ui, captured)
    }

    /// How output is drawn.
    #[must_use]
    pub fn style(&self) -> Style {
        self.style
    }

    /// Draws no progress from now on.
    pub fn hide_progress(&mut self) {
        self.style.progress = false;
    }

    /// A line that shows how far a command is; nothing is drawn without a terminal.
    #[must_use]
    pub fn meter(&self, clock: Arc<dyn Clock>) -> Meter {
        Meter::new(self.style.progress.then(|| (self.beside)()), clock)
    }

    /// Whether whoever read the result went away.
    #[must_use]
    pub fn is_unread(&self) -> bool {
        self.unread
    }

    /// Writes a part of the result to stdout, followed by a line break.
    ///
    /// # Errors
    /// When stdout cannot be written. A reader that went away is no error: what the
    /// command does, and its exit status, must not hang on who listens.
    pub fn result(&mut self, text: &str) -> Result<(), Failure> {
        self.answered = true;
        if self.unread {
            return Ok(());
        }
        let written = writeln!(self.out, "{}", text.trim_end_matches('\n'));
        match written.and_then(|()| self.out.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.unread = true;
                Ok(())
            }
            written => Ok(written?),
        }
    }

    /// Writes a value as JSON to stdout.
    ///
    /// # Errors
    /// As [`Ui::result`].
    pub fn json(&mut self, value: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(value).map_err(|error| {
            Failure::new(format!("could not write the result as JSON: {error}"))
        })?;
        self.result(&escaped_json(&text))
    }

    /// Says something on stderr, unless quiet.
    pub fn note(&mut self, text: &str) {
        if !self.style.quiet {
            self.talk(text);
        }
    }

    /// Shows on stderr what a question is about, also when quiet.
    pub fn show(&mut self, text: &str) {
        self.talk(text);
    }

    /// Warns on stderr, also when quiet.
    pub fn warning(&mut self, text: &str) {
        let label = self.paint("33;1", "warning");
        self.talk(&format!("{label}: {text}"));
    }

    /// Says why a command failed, and what to do next.
    pub fn failure(&mut self, failure: &Failure) {
        let label = self.paint("31;1", "error");
        self.talk(&format!("{label}: {}", failure.message));
        if let Some(help) = &failure.help {
            let label = self.paint("36;1", "help");
            self.talk(&format!("{label}: {help}"));
        }
    }

    /// Writes a failure as JSON to stdout, unless a result stands there.
    pub fn failure_json(&mut self, failure: &Failure) {
        if self.answered {
            return;
        }
        // Whoever does not read the answer does not miss it.
        let _ = self.json(&json!({
            "version": 1,
            "error": {
                "message": failure.message,
                "help": failure.help,
                "exit": failure.status.code(),
            },
        }));
    }

    /// Asks a question that is answered with yes or no; no terminal, no question.
    ///
    /// # Errors
    /// A refusal that names `flag` where nobody can be asked.
    pub fn confirm(&mut self, question: &str, flag: &str) -> Result<bool, Failure> {
        let answer = self.ask(&format!("{question} [y/N]"), flag)?;
        Ok(matches!(answer.trim(), "y" | "Y" | "yes" | "Yes"))
    }

    /// Asks for a line of text; no terminal, no question.
    ///
    /// # Errors
    /// A refusal that names `flag` where nobody can be asked.
    pub fn ask(&mut self, question: &str, flag: &str) -> Result<String, Failure> {
        if !self.style.interactive {
            return Err(
                Failure::refused(format!("nobody can be asked: {question}")).help(format!(
                    "there is no terminal; answer beforehand with `{flag}`"
                )),
            );
        }
        write!(self.err, "{question} ")?;
        self.err.flush()?;
        // Where the input ended, asking again would never end.
        self.read_line()?.ok_or_else(|| {
            Failure::refused(format!("nobody answered: {question}"))
                .help(format!("answer beforehand with `{flag}`"))
        })
    }

    /// Asks for something that nobody should see on the screen.
    ///
    /// # Errors
    /// As [`Ui::ask`].
    pub fn ask_secret(&mut self, question: &str, flag: &str) -> Result<SecretString, Failure> {
        if !(self.typed && self.style.interactive) {
            return self.ask(question, flag).map(SecretString::from);
        }
        write!(self.err, "{question} ")?;
        self.err.flush()?;
        Ok(console::Term::stderr().read_secure_line()?.into())
    }

    /// Reads the next line of stdin, without asking; none at its end.
    ///
    /// # Errors
    /// When stdin cannot be read.
    pub fn read_line(&mut self) -> Result<Option<String>, Failure> {
        let mut line = String::new();
        if self.input.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        Ok(Some(line.trim_end_matches(['\r', '\n']).to_owned()))
    }

    /// The text in an ANSI style, where colour is on.
    #[must_use]
    pub fn paint(&self, style: &str, text: &str) -> String {
        if self.style.colour {
            format!("\u{1b}[{style}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    /// A talk that cannot be written has nobody who listens: no reason to fail.
    fn talk(&mut self, text: &str) {
        let _ = writeln!(self.err, "{}", text.trim_end_matches('\n'));
        let _ = self.err.flush();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_question_is_about_is_shown_even_when_quiet() {
        let quiet = Style {
            quiet: true,
            ..Style::PLAIN
        };
        let (mut ui, captured) = Ui::captured(quiet, "");
        ui.note("a note");
        ui.show("the text to agree to");
        assert_eq!(captured.err(), "the text to agree to\n");
    }

    #[test]
    fn who_cannot_see_pictures_gets_sentences() {
        let graphics = |variables: &[(&str, &str)]| {
            let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
            let environment = Environment::new(
                variables.iter().map(owned).collect(),
                "/".into(),
                Arc::new(crate::clock::SystemClock),
            );
            Style::of_process(&environment, false).graphics
        };
        assert!(graphics(&[]));
        assert!(graphics(&[("TERM", "xterm"), ("NO_COLOR", "1")]));
        assert!(graphics(&[("NO_GRAPHICS", "0")]));
        assert!(!graphics(&[("NO_GRAPHICS", "1")]));
        assert!(!graphics(&[("TERM", "dumb")]));
    }

    /// A reader that goes away at once, or another fault.
    struct Closed(io::ErrorKind);

    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_went_away_is_no_error_and_any_other_fault_is_one() {
        let (mut ui, captured) = Ui::captured(Style::PLAIN, "");
        ui.out = Box::new(Closed(io::ErrorKind::BrokenPipe));
        ui.result("a").unwrap();
        ui.json(&1).unwrap();
        ui.out = Box::new(Closed(io::ErrorKind::StorageFull));
        assert!(ui.result("b").is_ok(), "nobody listens any more");
        let (mut ui, _) = Ui::captured(Style::PLAIN, "");
        ui.out = Box::new(Closed(io::ErrorKind::StorageFull));
        assert!(ui.result("b").is_err());
        assert_eq!(captured.err(), "");
    }
}
