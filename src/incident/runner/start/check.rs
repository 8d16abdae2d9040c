//! What is checked before an incident starts.

use std::collections::BTreeMap;

use unicode_width::UnicodeWidthChar as _;

use super::super::attributes::{self, Lowered};
use super::super::open::beginning;
use super::super::people::team_mate;
use super::super::severity::known_severity;
use super::super::{Definition, Runner, RunnerError, words};
use super::{Checked, Order};
use crate::incident::{Change, Standing};
use crate::mattermost::core::Team;
use crate::mattermost::limits::{CHANNEL_NAME, MESSAGE, RUN_NAME};
use crate::mattermost::playbooks::{Archived, PlaybookEntry, PropertyField};
use crate::mattermost::{ApiError, ChannelId, PostId, is_server_id};
use crate::model::{Key, TeamName};
use crate::sync::marker::{Described, Marker};

impl Runner<'_> {
    /// Finds out everything that an order needs. Writes nothing.
    pub(super) async fn check(&self, order: &Order) -> Result<Checked, RunnerError> {
        let reader = self.reader();
        let definition = self.sources.present(&order.playbook)?;
        let settings = &definition.settings;
        if let Some(severity) = &order.severity {
            known_severity(settings, severity)?;
        }
        if let Some(role) = order
            .roles
            .keys()
            .find(|role| !settings.roles.contains_key(*role))
        {
            let all: Vec<String> = settings.roles.keys().map(|r| format!("`{r}`")).collect();
            return Err(RunnerError::unknown(
                format!("there is no role `{role}`"),
                format!("there are {}", all.join(", ")),
            ));
        }
        check_name(&order.name)?;
        let team_name = choose_team(&definition, order.team.as_ref())?;
        let me = reader.me().await?;
        let team = reader
            .team_by_name(team_name.as_str())
            .await?
            .ok_or_else(|| {
                RunnerError::unknown(
                    format!("there is no team `{team_name}` that you can see"),
                    "a team is named as in its URL",
                )
            })?;
        let (playbook, marker) = self.synced(&definition.playbook.key, &team).await?;
        self.check_channel_name(order, &definition, &playbook)
            .await?;
        // What the server has was written from that commit, and so is what runs here.
        let pinned = marker
            .commit
            .as_deref()
            .and_then(|commit| (self.sources.at)(commit));
        let pinned = pinned.and_then(|workspace| Definition::of(&workspace, &order.playbook));
        let definition = pinned.unwrap_or(definition);
        let mut start = beginning(&definition, marker.commit, &order.description);
        start.severity = order.severity.clone().or(start.severity);
        for (role, name) in &order.roles {
            start.roles.insert(role.clone(), name.to_string());
        }
        let text = words::sentence(&Change::Started(start.clone()), &definition.settings);
        too_long("the description, as it is posted,", &text, MESSAGE)?;
        let commander = match &order.commander {
            Some(name) => Some(team_mate(reader, &team.id, name).await?),
            None => None,
        };
        let mut roles = BTreeMap::new();
        for (role, name) in &order.roles {
            roles.insert(role.clone(), team_mate(reader, &team.id, name).await?);
        }
        let post = match &order.post {
            Some(link) => self.post_of(link).await?,
            None => PostId::default(),
        };
        let channel = match &definition.playbook.start.channel.link {
            Some(name) => {
                let channel = reader.channel_by_name(&team.id, name.bare()).await?;
                let channel = channel.filter(|channel| channel.delete_at.is_never());
                channel.map(|channel| channel.id).ok_or_else(|| {
                    RunnerError::refused(
                        format!("the playbook runs in `{name}`, and there is no such channel, or you are not in it"),
                        "join the channel, or change `start.channel.link`",
                    )
                })?
            }
            None => ChannelId::default(),
        };
        let (fields, values) = self
            .values(
                order,
                &definition,
                &team,
                &playbook,
                start.severity.as_ref(),
            )
            .await?;
        Ok(Checked {
            fields,
            values,
            standing: Standing::begin(&start, false),
            me,
            team,
            playbook,
            definition,
            commander,
            roles,
            post,
            channel,
        })
    }

    /// The values that the incident starts with: those that were typed, and the severity where
    /// an attribute mirrors it.
    async fn values(
        &self,
        order: &Order,
        definition: &Definition,
        team: &Team,
        playbook: &PlaybookEntry,
        severity: Option<&Key>,
    ) -> Result<(Vec<PropertyField>, Vec<Lowered>), RunnerError> {
        let typed = &order.attributes;
        if let Some((key, _)) = typed.iter().find(|(_, text)| text.trim().is_empty()) {
            return Err(RunnerError::unknown(
                format!("the attribute `{key}` has no value"),
                "leave it out, and set it later with `warroom run set`",
            ));
        }
        if typed.is_empty() && attributes::mirror(definition).is_none() {
            return Ok(Default::default());
        }
        let reader = self.reader();
        let fields = match reader.property_fields(&playbook.id).await {
            Ok(fields) => fields,
            // Without a licence for them there are none.
            Err(error) if error.is_missing_or_hidden() => Vec::new(),
            Err(error) => return Err(error.into()),
        };
        let mut values = attributes::lower(reader, &team.id, definition, &fields, typed).await?;
        values.extend(attributes::mirrored(definition, &fields, severity));
        Ok((fields, values))
    }

    /// The playbook on the server that sync wrote.
    async fn synced(&self, key: &Key, team: &Team) -> Result<(PlaybookEntry, Marker), RunnerError> {
        let workspace = &self.sources.current.settings.workspace;
        let all = self
            .reader()
            .playbooks(Some(&team.id), Archived::Without)
            .await?;
        let ours = all.into_iter().find_map(|playbook| {
            let marker = Described::read(&playbook.description).marker?;
            let is_ours = marker.workspace == *workspace
                && marker.key == *key
                && marker.id.as_deref() == Some(playbook.id.as_str())
                && playbook.delete_at.is_never();
            is_ours.then_some((playbook, marker))
        });
        ours.ok_or_else(|| {
            RunnerError::refused(
                format!(
                    "the playbook `{key}` is not in the team `{}`, or you may not use it",
                    team.name
                ),
                "`warroom sync` brings it there; its access profile says who may use it",
            )
        })
    }

    /// Version 2.9 answers a name that is too long for a channel with 500, and leaves a channel
    /// behind; later ones shorten it.
    async fn check_channel_name(
        &self,
        order: &Order,
        definition: &Definition,
        playbook: &PlaybookEntry,
    ) -> Result<(), RunnerError> {
        let short = order.name.chars().count() <= CHANNEL_NAME;
        if short || definition.playbook.start.channel.link.is_some() {
            return Ok(());
        }
        let playbook = self.reader().playbook(&playbook.id).await?;
        if playbook.run_number_prefix.is_some() {
            return Ok(());
        }
        too_long(
            "the name, which also names the channel,",
            &order.name,
            CHANNEL_NAME,
        )
    }

    /// The post that a permalink names, if the caller can read it.
    async fn post_of(&self, link: &str) -> Result<PostId, RunnerError> {
        let site = self.reader().site().as_str();
        let wrong = || {
            RunnerError::unknown(
                format!("`{link}` is no link to a post of {site}"),
                "copy it with *Copy Link* from the menu of the post",
            )
        };
        let inside = match link.strip_prefix(site) {
            Some(inside) => inside,
            None if is_server_id(link) => link,
            None => return Err(wrong()),
        };
        let id = inside
            .trim_end_matches('/')
            .rsplit('/')
            .next()
            .unwrap_or_default();
        if !is_server_id(id) || !(inside.contains("/pl/") || inside == id) {
            return Err(wrong());
        }
        let id = PostId::new(id);
        self.reader().post(&id).await?;
        Ok(id)
    }
}

fn check_name(name: &str) -> Result<(), RunnerError> {
    if let Some(control) = name.chars().find(|c| c.is_control()) {
        return Err(RunnerError::refused(
            format!(
                "the name contains the control character U+{:04X}",
                u32::from(control)
            ),
            "leave it out: a name is one line of plain text",
        ));
    }
    if name.chars().all(is_unseen) {
        return Err(RunnerError::refused(
            "the incident has no name",
            "say with `--name` what is wrong, in a few words",
        ));
    }
    too_long("the name", name, RUN_NAME)
}

/// Whether a character leaves nothing to see.
fn is_unseen(c: char) -> bool {
    // A soft hyphen, fillers and an empty pattern of Braille have a width, and no ink.
    let inkless = matches!(c, '\u{ad}' | '\u{115f}' | '\u{2800}' | '\u{3164}');
    inkless || c.is_whitespace() || c.width() == Some(0)
}

fn too_long(field: &'static str, text: &str, limit: usize) -> Result<(), RunnerError> {
    let length = text.chars().count();
    if length <= limit {
        return Ok(());
    }
    Err(ApiError::TooLong {
        what: "start the incident",
        field,
        length,
        limit,
    }
    .into())
}

fn choose_team(definition: &Definition, asked: Option<&TeamName>) -> Result<TeamName, RunnerError> {
    let playbook = &definition.playbook;
    let teams = playbook.teams_or(definition.settings.team.as_ref());
    let all: Vec<String> = teams.iter().map(|team| format!("`{team}`")).collect();
    match (asked, teams.as_slice()) {
        (Some(asked), _) if teams.contains(&asked) => Ok(asked.clone()),
        (Some(asked), _) => Err(RunnerError::unknown(
            format!(
                "the playbook `{}` is not for the team `{asked}`",
                playbook.key
            ),
            format!("it is for {}", all.join(", ")),
        )),
        (None, [team]) => Ok((*team).clone()),
        (None, []) => Err(RunnerError::refused(
            format!("the playbook `{}` has no team", playbook.key),
            "name one in the playbook, or for all of them in `warroom.yaml`",
        )),
        (None, _) => Err(RunnerError::refused(
            format!(
                "the playbook `{}` is for several teams: {}",
                playbook.key,
                all.join(", ")
            ),
            "say which with `--team`",
        )),
    }
}
