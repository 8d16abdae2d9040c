//! What `plan`, `drift` and `sync` begin with: the workspace, the options, and both sides.
//!
//! Owns the order of looking: files first, then git, and the server last, so that a
//! comparison of two commits needs none. Must not write, and looks no secret up.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8PathBuf;

use crate::cli::{DriftChoice, SyncOptions};
use crate::commands::{Context, block_on, session, workspace};
use crate::exit::Failure;
use crate::git::{CommitId, Repository};
use crate::mattermost::{ApiError, Reader, is_server_id};
use crate::model::{Key, OnDrift, Settings};
use crate::sync::desired::NoTeam;
use crate::sync::plan::{Options, Plan, Prune};
use crate::sync::roles::{plan_roles, see_roles};
use crate::sync::secrets::Secrets;
use crate::sync::{Base, Desired, Observed, history, observe_and_tell};
use crate::ui::{Meter, Ui};
use crate::workspace::Workspace;

/// Everything that is known before the server is asked.
pub(crate) struct Prepared {
    /// The folder of the workspace.
    pub(crate) root: Utf8PathBuf,
    /// What its files say.
    pub(crate) workspace: Workspace,
    /// What they ask for.
    pub(crate) desired: Desired,
    /// The client.
    pub(crate) reader: Reader,
    /// Shows how far it is.
    pub(crate) meter: Meter,
    options: Options,
    repository: Option<Repository>,
    /// The commit of the files, where they were not taken from the work tree.
    commit: Option<CommitId>,
}

/// Both sides, and what follows.
pub(crate) struct Compared {
    /// What Mattermost has.
    pub(crate) observed: Observed,
    /// What follows.
    pub(crate) plan: Plan,
}

impl Prepared {
    /// Reads the workspace and lowers the arguments; asks nothing of the server.
    pub(crate) fn new(
        only: &[Key],
        arguments: &SyncOptions,
        context: &Context,
        ui: &mut Ui,
    ) -> Result<Self, Failure> {
        let opened = workspace::open(context, ui)?;
        let desired = Desired::of(&opened.workspace)?;
        let settings = &opened.workspace.settings;
        let options = lower(only, arguments, settings, &desired)?;
        let reader = session::reader(context, settings.server.url.as_deref(), ui)?;
        if let Some(requests) = arguments.max_requests {
            reader.allow(requests);
        }
        let repository = match Repository::discover(&opened.root) {
            Ok(repository) => repository,
            Err(error) => {
                ui.warning(&format!("going on without git: {error}"));
                None
            }
        };
        Ok(Self {
            root: opened.root,
            workspace: opened.workspace,
            desired,
            reader,
            meter: ui.meter(context.environment.clock()),
            options,
            repository,
            commit: None,
        })
    }

    /// The same for a workspace and options that are known already.
    pub(crate) fn with(
        root: Utf8PathBuf,
        workspace: Workspace,
        options: Options,
        repository: Option<Repository>,
        commit: Option<CommitId>,
        context: &Context,
        ui: &mut Ui,
    ) -> Result<Self, Failure> {
        Ok(Self {
            desired: Desired::of(&workspace)?,
            reader: session::reader(context, workspace.settings.server.url.as_deref(), ui)?,
            meter: ui.meter(context.environment.clock()),
            root,
            workspace,
            options,
            repository,
            commit,
        })
    }

    /// How plans are made.
    pub(crate) fn options(&self) -> &Options {
        &self.options
    }

    /// Looks at the server and compares as a plan did that looked no secret up; whether they
    /// can be used is checked all the same.
    pub(crate) fn compare_again(&mut self, secrets: &Secrets) -> Result<Compared, Failure> {
        self.options.broken_secrets = secrets.broken().clone();
        self.compare(None)
    }

    /// Looks at the server and compares.
    pub(crate) fn compare(&mut self, secrets: Option<&Secrets>) -> Result<Compared, Failure> {
        let asked: BTreeSet<String> = self.options.adopt.values().cloned().collect();
        let tell = |event| self.meter.show(event);
        let observed = block_on(async {
            let observed = observe_and_tell(&self.reader, &self.desired, |_| asked, &tell).await;
            observed.map_err(|error| self.unread(error))
        })?;
        self.meter.wipe();
        self.check_keys(&observed)?;
        let desired = self.desired.clone();
        self.desired = desired.for_account(&observed.account.username);
        let base = match &self.repository {
            Some(repository) => history::base_of(repository, &self.desired, &observed),
            None => Base::default(),
        };
        let mut options = self.options.clone();
        if let Some(secrets) = secrets {
            options.broken_secrets = secrets.broken().clone();
            options.stale_secrets = secrets.stale(&self.desired, &observed);
        }
        let plan = crate::sync::plan(&self.desired, &observed, &base, &options);
        Ok(Compared { observed, plan })
    }

    /// Adds what becomes of Mattermost's own roles, where git names any.
    pub(crate) fn add_roles(&self, compared: &mut Compared, asked: bool) -> Result<(), Failure> {
        let wanted = &self.workspace.permissions.server.roles;
        if wanted.is_empty() {
            return Ok(());
        }
        let account = &compared.observed.account;
        let seen = block_on(async { Ok(see_roles(&self.reader, wanted, account).await?) })?;
        compared.plan.roles = Some(plan_roles(wanted, &seen, account, asked));
        Ok(())
    }

    /// Why the server could not be compared; with `--max-requests`, how far it got.
    fn unread(&self, error: ApiError) -> Failure {
        self.meter.wipe();
        match (error, self.meter.last()) {
            (ApiError::Spent { .. }, Some(event)) => Failure::refused(format!(
                "stopped after {} requests, as `--max-requests` says: {} of {} playbooks were read, and nothing was written",
                self.reader.requests(),
                event.done,
                event.total
            ))
            .help("allow more: to compare takes up to three requests for each playbook, and about ten"),
            (error, _) => error.into(),
        }
    }

    /// The commit for the markers; none for a work tree with changes.
    pub(crate) fn commit(&self) -> Result<Option<CommitId>, Failure> {
        if self.commit.is_some() {
            return Ok(self.commit);
        }
        match &self.repository {
            Some(repository) => Ok(history::commit_of(repository, &self.workspace)?),
            None => Ok(None),
        }
    }

    /// Who wrote a commit, where git can say it.
    pub(crate) fn author(&self, commit: Option<CommitId>) -> Option<String> {
        self.repository.as_ref()?.author(commit?).ok()
    }

    /// A key that is known on neither side is a typing mistake.
    fn check_keys(&self, observed: &Observed) -> Result<(), Failure> {
        let known: BTreeSet<&Key> = self
            .desired
            .playbooks
            .keys()
            .chain(observed.ours.keys())
            .map(|address| &address.key)
            .collect();
        let named = self.options.only.iter().chain(&self.options.release);
        for key in named {
            if !known.contains(key) {
                return Err(Failure::usage(format!("there is no playbook `{key}`"))
                    .help("`warroom plan` lists the playbooks of this workspace"));
            }
        }
        Ok(())
    }
}

fn lower(
    only: &[Key],
    arguments: &SyncOptions,
    settings: &Settings,
    desired: &Desired,
) -> Result<Options, Failure> {
    let mut adopt = BTreeMap::new();
    for pair in &arguments.adopt {
        let (key, id) = adoption(pair)?;
        if !desired.playbooks.keys().any(|address| address.key == key) {
            return Err(Failure::usage(format!(
                "there is no playbook `{key}` in git to adopt `{id}` for"
            )));
        }
        adopt.insert(key, id);
    }
    let release: BTreeSet<Key> = arguments.release.iter().cloned().collect();
    if let Some(key) = release.iter().find(|key| adopt.contains_key(*key)) {
        return Err(Failure::usage(format!(
            "`{key}` cannot be adopted and released at once"
        )));
    }
    let prune = &settings.sync.prune;
    Ok(Options {
        only: only.iter().cloned().collect(),
        prune: if arguments.prune || prune.enabled {
            Prune::WithinBudget
        } else {
            Prune::No
        },
        at_most: arguments.at_most.unwrap_or(prune.at_most),
        on_drift: match arguments.on_drift {
            Some(DriftChoice::Refuse) => OnDrift::Refuse,
            Some(DriftChoice::Overwrite) => OnDrift::Overwrite,
            None => settings.sync.on_drift,
        },
        adopt,
        release,
        broken_secrets: BTreeMap::new(),
        stale_secrets: BTreeMap::new(),
    })
}

fn adoption(pair: &str) -> Result<(Key, String), Failure> {
    let wrong = || {
        Failure::usage(format!("`--adopt {pair}` is not KEY=ID"))
            .help("KEY is the playbook in git, ID the 26 characters in the address of the playbook in Mattermost")
    };
    let (key, id) = pair.split_once('=').ok_or_else(wrong)?;
    if !is_server_id(id) {
        return Err(wrong());
    }
    Ok((key.parse().map_err(|_| wrong())?, id.to_owned()))
}

impl From<NoTeam> for Failure {
    fn from(error: NoTeam) -> Self {
        Self::refused(error.to_string()).help("write `team:` into one of the two")
    }
}
