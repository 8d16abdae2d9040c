//! What a sync did, step by step: the document of `--report`.
//!
//! Owns the journal that is kept while a plan is carried out. It says what was asked of
//! the server before the server answers, so that the document tells the truth at any
//! moment: whoever kills a sync can read in it what was begun. Writes no file itself, and
//! holds no secret: messages of servers, which may echo what they were sent, are hidden.

use std::cell::RefCell;
use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::apply::{ApplyError, Outcome, Watcher};
use super::desired::Address;
use super::document::VERSION;
use super::observed::Observed;
use super::plan::{Action, Fate, Plan, Step};
use super::secrets::Secrets;
use super::witness::witness_name;
use crate::exit::{ExitStatus, Failure};
use crate::mattermost::ApiError;
use crate::model::{Key, TeamName};

/// What `sync --report FILE` writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ReportDocument {
    /// The version of this document: 1. Keys may be added to it, none changes its meaning.
    #[cfg_attr(test, schemars(extend("const" = VERSION)))]
    pub version: u32,
    /// How far the sync got.
    pub state: State,
    /// The exit code; null while it runs, and of one that was killed.
    pub exit: Option<u8>,
    /// Why it ended early.
    pub error: Option<ErrorDocument>,
    /// When it began.
    pub started_at: String,
    /// When it ended; null while it runs, and of one that was killed.
    pub ended_at: Option<String>,
    /// The workspace, once its files were read.
    pub workspace: Option<Key>,
    /// The server.
    pub site: Option<String>,
    /// Whose token it was.
    pub account: Option<String>,
    /// The commit of the files; null where some of them were not committed.
    pub commit: Option<String>,
    /// How many playbooks have each result.
    pub summary: Results,
    /// What became of each playbook, ordered by key and team; empty before there was a plan.
    pub playbooks: Vec<ReportedPlaybook>,
    /// What was asked of the server for no single playbook.
    pub requests: Vec<Request>,
}

/// How far a sync got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It runs; or it was killed, where it does not any more.
    Running,
    /// It ended, and everything was done.
    Done,
    /// It ended, and something was not done.
    Failed,
    /// Somebody interrupted it.
    Interrupted,
}

/// Why a sync ended early.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ErrorDocument {
    /// What went wrong.
    pub message: String,
    /// What to do next.
    pub help: Option<String>,
}

/// How many playbooks have each result.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct Results {
    /// Were written, and read back.
    pub done: usize,
    /// Were not written, or not as git says.
    pub failed: usize,
    /// Were begun, and not ended.
    pub begun: usize,
    /// Were not begun.
    pub not_attempted: usize,
    /// Were left alone on purpose: nothing to do, or refused.
    pub skipped: usize,
}

/// What became of one playbook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ResultKind {
    /// It was written, and read back.
    Done,
    /// It was not written, or not as git says.
    Failed,
    /// It was begun, and not ended.
    Begun,
    /// It was not begun.
    NotAttempted,
    /// It was left alone on purpose: nothing to do, or refused.
    Skipped,
}

/// What became of one playbook, with what was asked of the server for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ReportedPlaybook {
    /// Its key.
    pub key: Key,
    /// Its team.
    pub team: TeamName,
    /// Its id in Mattermost, where it has one by now.
    pub id: Option<String>,
    /// Its title, the one it had before the one it gets.
    pub title: String,
    /// What was to be done.
    pub action: Fate,
    /// What became of it.
    pub result: ResultKind,
    /// Why it was skipped, or what went wrong.
    pub why: Option<String>,
    /// What to do next.
    pub help: Option<String>,
    /// The fields that the server did not keep as they were written.
    pub not_kept: Vec<String>,
    /// What was asked of the server, in this order.
    pub requests: Vec<Request>,
}

/// Something that was asked of the server, and may have changed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Request {
    /// What was asked.
    pub request: RequestKind,
    /// The name of what it was about, where a playbook has several.
    pub name: Option<String>,
    /// What the server answered.
    pub answer: Answer,
}

/// What was asked of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum RequestKind {
    /// `POST playbooks`.
    CreatePlaybook,
    /// `PUT playbooks/{id}`.
    ReplacePlaybook,
    /// `DELETE playbooks/{id}`.
    ArchivePlaybook,
    /// `PUT playbooks/{id}/restore`.
    RestorePlaybook,
    /// `POST playbooks/{id}/property_fields`.
    CreateAttribute,
    /// `PUT playbooks/{id}/property_fields/{id}`.
    ReplaceAttribute,
    /// `POST playbooks/{id}/property_fields/reorder`.
    MoveAttribute,
    /// `DELETE playbooks/{id}/property_fields/{id}`.
    DeleteAttribute,
    /// `POST playbooks/{id}/conditions`.
    CreateCondition,
    /// `PUT playbooks/{id}/conditions/{id}`.
    ReplaceCondition,
    /// `DELETE playbooks/{id}/conditions/{id}`.
    DeleteCondition,
    /// `PUT users/{id}/preferences`: the account notes the id of the playbook.
    NoteId,
    /// `POST users/{id}/preferences/delete`: the account drops that note.
    DropNote,
    /// `PUT roles/{id}/patch`.
    SetPermissions,
    /// `POST posts`: tells a channel about this sync.
    Announce,
}

/// What the server answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// Done.
    Done,
    /// It refused: nothing was changed.
    Refused,
    /// Nothing that tells whether it was done: a lost connection, an error of the server.
    Doubtful,
    /// Nothing yet: the sync ended before.
    None,
}

/// What is done while it is done.
pub struct Journal<'a> {
    document: RefCell<ReportDocument>,
    secrets: RefCell<Secrets>,
    /// Which playbook a request is about: by its id, by the marker of a creation, by a note's name.
    places: RefCell<BTreeMap<String, usize>>,
    changed: Box<dyn Fn(&ReportDocument) + 'a>,
}

/// A request that waits for its answer.
pub(super) struct Sent {
    place: Option<usize>,
    number: usize,
}

impl<'a> Journal<'a> {
    /// One that tells `changed` whenever something happens.
    pub fn new(started: Timestamp, changed: impl Fn(&ReportDocument) + 'a) -> Self {
        Self {
            document: RefCell::new(ReportDocument {
                version: VERSION,
                state: State::Running,
                exit: None,
                error: None,
                started_at: started.to_string(),
                ended_at: None,
                workspace: None,
                site: None,
                account: None,
                commit: None,
                summary: Results::default(),
                playbooks: Vec::new(),
                requests: Vec::new(),
            }),
            secrets: RefCell::default(),
            places: RefCell::default(),
            changed: Box::new(changed),
        }
    }

    /// Notes where the sync writes to; messages hide these secrets from now on.
    pub fn looks_at(&self, workspace: &Key, site: &str, secrets: &Secrets) {
        *self.secrets.borrow_mut() = secrets.clone();
        self.change(|document| {
            document.workspace = Some(workspace.clone());
            document.site = Some(site.to_owned());
        });
    }

    /// Notes what is to be done.
    pub fn plans(&self, plan: &Plan, observed: &Observed, commit: Option<&str>) {
        let mut places = self.places.borrow_mut();
        for (place, step) in plan.steps.iter().enumerate() {
            let address = &step.address;
            places.extend(step.id.clone().map(|id| (id, place)));
            places.insert(witness_name(&plan.workspace, address), place);
            if let Some(team) = observed.teams.get(&address.team) {
                places.insert(created(&address.key, team), place);
            }
        }
        drop(places);
        self.change(|document| {
            document.account = Some(observed.account.username.clone());
            document.commit = commit.map(str::to_owned);
            document.playbooks = plan.steps.iter().map(reported).collect();
        });
    }

    /// Notes how it ended.
    pub fn ends(&self, at: Timestamp, ended: &Result<ExitStatus, Failure>) {
        let status = ended
            .as_ref()
            .map_or_else(|failure| failure.status, |status| *status);
        self.change(|document| {
            document.state = match status {
                ExitStatus::Done => State::Done,
                ExitStatus::Interrupted => State::Interrupted,
                _ => State::Failed,
            };
            document.exit = Some(status.code());
            document.ended_at = Some(at.to_string());
            document.error = ended.as_ref().err().map(|failure| ErrorDocument {
                message: self.hide(&failure.message),
                help: failure.help.as_deref().map(|help| self.hide(help)),
            });
        });
    }

    /// The document as it is now.
    #[must_use]
    pub fn document(&self) -> ReportDocument {
        self.document.borrow().clone()
    }

    /// Notes that something is asked of the server: before it is.
    pub(super) fn sends(&self, kind: RequestKind, about: &str, name: Option<&str>) -> Sent {
        let place = self.places.borrow().get(about).copied();
        let request = Request {
            request: kind,
            name: name.map(str::to_owned),
            answer: Answer::None,
        };
        let mut number = 0;
        self.change(|document| {
            let requests = requests(document, place);
            number = requests.len();
            requests.push(request);
        });
        Sent { place, number }
    }

    /// Notes what the server answered, and gives it back.
    pub(super) fn answers<T>(
        &self,
        sent: &Sent,
        answer: Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let kind = match &answer {
            Ok(_) => Answer::Done,
            Err(error) if error.may_have_happened() => Answer::Doubtful,
            Err(_) => Answer::Refused,
        };
        self.change(|document| {
            if let Some(request) = requests(document, sent.place).get_mut(sent.number) {
                request.answer = kind;
            }
        });
        answer
    }

    /// Notes the id that the server gave to what was created.
    pub(super) fn made(&self, sent: &Sent, id: &str) {
        let Some(place) = sent.place else { return };
        self.places.borrow_mut().insert(id.to_owned(), place);
        self.change(|document| {
            if let Some(playbook) = document.playbooks.get_mut(place) {
                playbook.id = Some(id.to_owned());
            }
        });
    }

    /// The text without the values of secrets.
    fn hide(&self, text: &str) -> String {
        self.secrets.borrow().hide(text)
    }

    fn change(&self, change: impl FnOnce(&mut ReportDocument)) {
        let mut document = self.document.borrow_mut();
        change(&mut document);
        document.summary = Results::of(&document.playbooks);
        (self.changed)(&document);
    }

    fn change_playbook(&self, address: &Address, change: impl FnOnce(&mut ReportedPlaybook)) {
        self.change(|document| {
            let mut all = document.playbooks.iter_mut();
            let ours =
                |one: &&mut ReportedPlaybook| one.key == address.key && one.team == address.team;
            if let Some(playbook) = all.find(ours) {
                change(playbook);
            }
        });
    }
}

impl std::fmt::Debug for Journal<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Journal")
            .field(&self.document.borrow())
            .finish()
    }
}

impl Watcher for Journal<'_> {
    fn began(&self, step: &Step) {
        self.change_playbook(&step.address, |playbook| {
            playbook.result = ResultKind::Begun;
        });
    }

    fn ended(&self, outcome: &Outcome) {
        let why = outcome
            .result
            .as_ref()
            .err()
            .map(|error| self.hide(&error.to_string()));
        let help = outcome
            .result
            .as_ref()
            .err()
            .map(|error| self.hide(&error.help()));
        self.change_playbook(&outcome.address, |playbook| {
            playbook.id.clone_from(&outcome.id);
            playbook.result = match &outcome.result {
                Ok(()) => ResultKind::Done,
                Err(ApplyError::Withheld) => ResultKind::NotAttempted,
                Err(_) => ResultKind::Failed,
            };
            if let Err(ApplyError::NotKept(fields)) = &outcome.result {
                playbook.not_kept = fields.iter().map(|field| field.field.clone()).collect();
            }
            playbook.why = why;
            playbook.help = help;
        });
    }
}

impl Results {
    fn of(playbooks: &[ReportedPlaybook]) -> Self {
        let mut results = Self::default();
        for playbook in playbooks {
            *match playbook.result {
                ResultKind::Done => &mut results.done,
                ResultKind::Failed => &mut results.failed,
                ResultKind::Begun => &mut results.begun,
                ResultKind::NotAttempted => &mut results.not_attempted,
                ResultKind::Skipped => &mut results.skipped,
            } += 1;
        }
        results
    }
}

/// The name under which a creation is known before it has an id.
pub(super) fn created(key: &Key, team: &str) -> String {
    format!("{team}/{key}")
}

fn requests(document: &mut ReportDocument, place: Option<usize>) -> &mut Vec<Request> {
    match place.and_then(|place| document.playbooks.get_mut(place)) {
        Some(playbook) => &mut playbook.requests,
        None => &mut document.requests,
    }
}

fn reported(step: &Step) -> ReportedPlaybook {
    let refusal = match &step.action {
        Action::Refused(refusal) => Some(refusal),
        _ => None,
    };
    ReportedPlaybook {
        key: step.address.key.clone(),
        team: step.address.team.clone(),
        id: step.id.clone(),
        title: step.title.clone(),
        action: step.action.fate(),
        result: if step.writes() {
            ResultKind::NotAttempted
        } else {
            ResultKind::Skipped
        },
        why: refusal.map(ToString::to_string),
        help: refusal.and_then(|refusal| refusal.help.clone()),
        not_kept: Vec::new(),
        requests: Vec::new(),
    }
}
