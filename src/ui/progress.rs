//! How far a command is, in one line that is written over and over.
//!
//! Owns the words and how often they change. Only on a terminal, on stderr; the line
//! is wiped before anything else is said. Shows what it is told: it counts nothing.

use std::cell::RefCell;
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::clock::Clock;
use crate::sync::progress::{Event, Stage};

/// The line is drawn anew at most so often.
const BETWEEN: Duration = Duration::from_millis(100);
/// Before that much has passed nobody knows how long it takes.
const SOON: Duration = Duration::from_secs(1);

/// Back to the beginning of the line, and wipe it.
const WIPE: &str = "\r\u{1b}[K";

/// The line.
pub struct Meter {
    clock: Arc<dyn Clock>,
    line: RefCell<Line>,
}

struct Line {
    /// Where it is drawn; nowhere without a terminal.
    stream: Option<Box<dyn Write + Send>>,
    last: Option<Event>,
    began: Timestamp,
    /// When it was drawn; none while nothing is to be seen.
    drawn: Option<Timestamp>,
}

impl Meter {
    /// A line on this stream; none for nothing to be seen.
    pub(super) fn new(stream: Option<Box<dyn Write + Send>>, clock: Arc<dyn Clock>) -> Self {
        let began = clock.now();
        Self {
            clock,
            line: RefCell::new(Line {
                stream,
                last: None,
                began,
                drawn: None,
            }),
        }
    }

    /// Shows how far the command is.
    pub fn show(&self, event: Event) {
        let now = self.clock.now();
        let mut line = self.line.borrow_mut();
        if line.last.is_none_or(|last| last.stage != event.stage) {
            line.began = now;
        }
        line.last = Some(event);
        let Line {
            stream: Some(stream),
            began,
            drawn,
            ..
        } = &mut *line
        else {
            return;
        };
        if drawn.is_some_and(|drawn| passed(now, drawn) < BETWEEN) {
            return;
        }
        *drawn = Some(now);
        let words = words(event, passed(now, *began));
        // What cannot be drawn is not missed.
        let _ = write!(stream, "{WIPE}{words}");
        let _ = stream.flush();
    }

    /// Wipes the line: something else is to be said.
    pub fn wipe(&self) {
        let mut line = self.line.borrow_mut();
        if line.drawn.take().is_some()
            && let Some(stream) = &mut line.stream
        {
            let _ = write!(stream, "{WIPE}");
            let _ = stream.flush();
        }
    }

    /// What it was told last.
    #[must_use]
    pub fn last(&self) -> Option<Event> {
        self.line.borrow().last
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        self.wipe();
    }
}

fn passed(now: Timestamp, since: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(since)).unwrap_or_default()
}

/// `reading 12 of 100 playbooks, about 8 s left`.
fn words(event: Event, elapsed: Duration) -> String {
    let doing = match event.stage {
        Stage::Reading => "reading",
        Stage::Writing => "writing",
    };
    let Event { done, total, .. } = event;
    let left = match left(event, elapsed).map(|left| left.as_secs()) {
        None => String::new(),
        Some(0) => ", almost there".to_owned(),
        Some(seconds @ 1..=90) => format!(", about {seconds} s left"),
        Some(seconds) => format!(", about {} min left", seconds.div_ceil(60)),
    };
    format!("{doing} {done} of {total} playbooks{left}")
}

/// How long it takes still, if it goes on as it went so far.
fn left(event: Event, elapsed: Duration) -> Option<Duration> {
    let done = u32::try_from(event.done).ok().filter(|done| *done > 0)?;
    let open = u32::try_from(event.total.checked_sub(event.done)?).ok()?;
    (elapsed >= SOON).then(|| elapsed / done * open)
}

#[cfg(test)]
mod tests {
    use super::super::{Style, Ui};
    use super::*;
    use crate::clock::ManualClock;

    fn at(done: usize) -> Event {
        Event {
            stage: Stage::Reading,
            done,
            total: 100,
        }
    }

    #[test]
    fn counts_come_first_and_time_left_when_it_can_be_told() {
        let told = |done, seconds| words(at(done), Duration::from_secs(seconds));
        assert_eq!(told(0, 0), "reading 0 of 100 playbooks");
        assert_eq!(told(0, 60), "reading 0 of 100 playbooks");
        assert_eq!(told(20, 2), "reading 20 of 100 playbooks, about 8 s left");
        assert_eq!(told(1, 10), "reading 1 of 100 playbooks, about 17 min left");
        assert_eq!(told(100, 9), "reading 100 of 100 playbooks, almost there");
    }

    #[test]
    fn the_line_is_drawn_only_so_often_and_wiped_in_the_end() {
        let noon = "2026-11-21T12:00:00Z".parse().unwrap();
        let clock = Arc::new(ManualClock::at(noon));
        let style = Style {
            progress: true,
            ..Style::PLAIN
        };
        let (ui, captured) = Ui::captured(style, "");
        let meter = ui.meter(Arc::clone(&clock) as Arc<dyn Clock>);
        for done in 0..50 {
            meter.show(at(done));
        }
        clock.advance(Duration::from_secs(1));
        meter.show(at(50));
        assert_eq!(meter.last(), Some(at(50)));
        drop(meter);
        assert_eq!(
            captured.err(),
            "\r\u{1b}[Kreading 0 of 100 playbooks\r\u{1b}[Kreading 50 of 100 playbooks, about 1 s left\r\u{1b}[K"
        );
        assert_eq!(captured.out(), "");
    }

    #[test]
    fn without_a_terminal_nothing_is_drawn() {
        let noon = "2026-11-21T12:00:00Z".parse().unwrap();
        let (ui, captured) = Ui::captured(Style::PLAIN, "");
        let meter = ui.meter(Arc::new(ManualClock::at(noon)));
        meter.show(at(7));
        assert_eq!(meter.last(), Some(at(7)));
        drop(meter);
        assert_eq!(captured.err(), "");
    }
}
