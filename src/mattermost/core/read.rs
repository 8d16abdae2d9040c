//! Reading calls of the core API.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::wire::{
    Channel, PREFERENCE_CATEGORY, PluginStatus, Post, PostPage, Preference, Team, TeamMember, User,
    WebPlugin,
};
use crate::mattermost::client::Reader;
use crate::mattermost::error::ApiError;
use crate::mattermost::ids::{ChannelId, PostId, TeamId, UserId};
use crate::mattermost::limits::LOOK_UP;
use crate::mattermost::transport::{Api, Call};
use crate::mattermost::wire::Millis;

/// Posts on one page.
const POSTS_PER_PAGE: usize = 200;

fn read(what: &'static str, path: &[&str]) -> Call {
    Call::read(Api::Core, what, path)
}

impl Reader {
    /// Asks whether anybody is there; needs no valid token.
    ///
    /// Core API: `GET /system/ping`.
    ///
    /// # Errors
    /// When no Mattermost answers.
    pub async fn ping(&self) -> Result<(), ApiError> {
        #[derive(serde::Deserialize)]
        struct Pong {
            #[serde(rename = "status")]
            _status: String,
        }
        let _: Pong = self
            .transport()
            .value(read("reach the server", &["system", "ping"]))
            .await?;
        Ok(())
    }

    /// Reads the settings that clients see: a map of texts, with `Version`, `EnableDeveloper` and others.
    ///
    /// Core API: `GET /config/client`.
    ///
    /// # Errors
    /// Any.
    pub async fn config(&self) -> Result<BTreeMap<String, String>, ApiError> {
        let call = read("read the server's settings", &["config", "client"]);
        self.transport().value(call.query("format", "old")).await
    }

    /// Reads the licence: a map of texts, with `IsLicensed` and `SkuShortName`.
    ///
    /// Core API: `GET /license/client`.
    ///
    /// # Errors
    /// Any.
    pub async fn license(&self) -> Result<BTreeMap<String, String>, ApiError> {
        let call = read("read the server's licence", &["license", "client"]);
        self.transport().value(call.query("format", "old")).await
    }

    /// Lists the plugins that have a web part. Absence proves nothing.
    ///
    /// Core API: `GET /plugins/webapp`.
    ///
    /// # Errors
    /// Any.
    pub async fn web_plugins(&self) -> Result<Vec<WebPlugin>, ApiError> {
        self.list(read("list the plugins", &["plugins", "webapp"]))
            .await
    }

    /// Lists all plugins with their state.
    ///
    /// Core API: `GET /plugins/statuses`.
    ///
    /// # Errors
    /// [`ApiError::Forbidden`] for all but system administrators.
    pub async fn plugin_statuses(&self) -> Result<Vec<PluginStatus>, ApiError> {
        self.list(read("list the plugins", &["plugins", "statuses"]))
            .await
    }

    /// Reads the account of the token.
    ///
    /// Core API: `GET /users/me`.
    ///
    /// # Errors
    /// [`ApiError::Unauthorized`] when the token is not valid.
    pub async fn me(&self) -> Result<User, ApiError> {
        self.transport()
            .value(read("read the account of the token", &["users", "me"]))
            .await
    }

    /// Reads a user.
    ///
    /// Core API: `GET /users/{id}`.
    ///
    /// # Errors
    /// [`ApiError::NotFound`] when there is none.
    pub async fn user(&self, id: &UserId) -> Result<User, ApiError> {
        self.transport()
            .value(read("read the user", &["users", id.as_str()]))
            .await
    }

    /// Reads the users of these names; unknown names are left out, and there is no order.
    ///
    /// Core API: `POST /users/usernames`, 100 at a time; no name, no call.
    ///
    /// # Errors
    /// Any.
    pub async fn users_by_name<S: AsRef<str>>(&self, names: &[S]) -> Result<Vec<User>, ApiError> {
        let names = names.iter().map(|name| name.as_ref().to_lowercase());
        self.look_up("look people up", &["users", "usernames"], names)
            .await
    }

    /// Reads the users of these ids; unknown ones are left out, and there is no order.
    ///
    /// Core API: `POST /users/ids`, 100 at a time; no id, no call.
    ///
    /// # Errors
    /// Any.
    pub async fn users_by_id<'a>(
        &self,
        ids: impl IntoIterator<Item = &'a UserId>,
    ) -> Result<Vec<User>, ApiError> {
        let ids = ids.into_iter().filter(|id| !id.is_empty()).cloned();
        self.look_up("look people up", &["users", "ids"], ids).await
    }

    /// Reads the team of that name; `None` when there is none.
    ///
    /// Core API: `GET /teams/name/{name}`.
    ///
    /// # Errors
    /// [`ApiError::Forbidden`] when it exists, and the account is not on it.
    pub async fn team_by_name(&self, name: &str) -> Result<Option<Team>, ApiError> {
        let call = read("read the team", &["teams", "name", name]);
        absent_is_none(self.transport().value(call).await)
    }

    /// Lists the teams of the account.
    ///
    /// Core API: `GET /users/me/teams`.
    ///
    /// # Errors
    /// Any.
    pub async fn my_teams(&self) -> Result<Vec<Team>, ApiError> {
        self.list(read("list your teams", &["users", "me", "teams"]))
            .await
    }

    /// Reads what somebody is on a team; `None` when they are not on it.
    ///
    /// Core API: `GET /teams/{id}/members/{user}`.
    ///
    /// # Errors
    /// [`ApiError::Forbidden`] when the account may not see the team.
    pub async fn team_member(
        &self,
        team: &TeamId,
        user: &UserId,
    ) -> Result<Option<TeamMember>, ApiError> {
        let path = ["teams", team.as_str(), "members", user.as_str()];
        let call = read("see who is on the team", &path);
        let member: Option<TeamMember> = absent_is_none(self.transport().value(call).await)?;
        Ok(member.filter(|member| member.delete_at.is_never()))
    }

    /// Reads the channel of that name; `None` when there is none, it is archived, or hidden.
    ///
    /// Core API: `GET /teams/{id}/channels/name/{name}`.
    ///
    /// # Errors
    /// Any but 404.
    pub async fn channel_by_name(
        &self,
        team: &TeamId,
        name: &str,
    ) -> Result<Option<Channel>, ApiError> {
        let path = ["teams", team.as_str(), "channels", "name", name];
        let call = read("read the channel", &path);
        absent_is_none(self.transport().value(call).await)
    }

    /// Reads a channel, archived ones too.
    ///
    /// Core API: `GET /channels/{id}`.
    ///
    /// # Errors
    /// [`ApiError::NotFound`] or [`ApiError::Forbidden`] when there is none or it is hidden.
    pub async fn channel(&self, id: &ChannelId) -> Result<Channel, ApiError> {
        self.transport()
            .value(read("read the channel", &["channels", id.as_str()]))
            .await
    }

    /// Reads a post; a deleted one is not found.
    ///
    /// Core API: `GET /posts/{id}`.
    ///
    /// # Errors
    /// [`ApiError::NotFound`] or [`ApiError::Forbidden`].
    pub async fn post(&self, id: &PostId) -> Result<Post, ApiError> {
        self.transport()
            .value(read("read the post", &["posts", id.as_str()]))
            .await
    }

    /// Reads one page of a channel's posts, newest first; pages count from 0.
    ///
    /// Core API: `GET /channels/{id}/posts`.
    ///
    /// # Errors
    /// [`ApiError::Forbidden`] when the account cannot read the channel.
    pub async fn post_page(
        &self,
        channel: &ChannelId,
        page: usize,
        per_page: usize,
    ) -> Result<PostPage, ApiError> {
        let path = ["channels", channel.as_str(), "posts"];
        let call = read("read the channel's posts", &path)
            .query("page", page)
            .query("per_page", per_page);
        self.transport().value(call).await
    }

    /// Reads the posts of a channel that were written or changed since then, newest first.
    ///
    /// The server ends such a list at 1,000 without saying so: for all posts use [`Reader::posts`].
    ///
    /// Core API: `GET /channels/{id}/posts?since=`.
    ///
    /// # Errors
    /// As [`Reader::post_page`].
    pub async fn posts_since(
        &self,
        channel: &ChannelId,
        since: Millis,
    ) -> Result<PostPage, ApiError> {
        let path = ["channels", channel.as_str(), "posts"];
        let call = read("read the channel's posts", &path).query("since", since.0);
        self.transport().value(call).await
    }

    /// Reads all posts of a channel, oldest first, each once.
    ///
    /// Core API: `GET /channels/{id}/posts`, page by page.
    ///
    /// # Errors
    /// As [`Reader::post_page`].
    pub async fn posts(&self, channel: &ChannelId) -> Result<Vec<Post>, ApiError> {
        let mut posts = BTreeMap::new();
        for page in 0.. {
            let page = self.post_page(channel, page, POSTS_PER_PAGE).await?;
            let last = page.order.len() < POSTS_PER_PAGE;
            // A post that arrives meanwhile shifts the pages: the same one may come twice.
            for post in page.into_posts() {
                posts.insert(post.id.clone(), post);
            }
            if last {
                break;
            }
        }
        let mut posts: Vec<Post> = posts.into_values().collect();
        posts.sort_by_key(|post| post.create_at);
        Ok(posts)
    }

    /// Reads all of the account's preferences that warroom wrote.
    ///
    /// Core API: `GET /users/me/preferences/warroom`; none is answered with 404.
    ///
    /// # Errors
    /// Any but 404.
    pub async fn preferences(&self) -> Result<Vec<Preference>, ApiError> {
        let path = ["users", "me", "preferences", PREFERENCE_CATEGORY];
        let call = read("read your warroom preferences", &path);
        let found: Option<Vec<Preference>> = absent_is_none(self.transport().value(call).await)?;
        Ok(found.unwrap_or_default())
    }

    /// A list; some servers say `null` for an empty one.
    pub(in crate::mattermost) async fn list<T: DeserializeOwned>(
        &self,
        call: Call,
    ) -> Result<Vec<T>, ApiError> {
        let list: Option<Vec<T>> = self.transport().value(call).await?;
        Ok(list.unwrap_or_default())
    }

    /// The server refuses an empty list, and limits the length of one.
    async fn look_up<K: Serialize + Ord>(
        &self,
        what: &'static str,
        path: &[&str],
        keys: impl Iterator<Item = K>,
    ) -> Result<Vec<User>, ApiError> {
        let keys: std::collections::BTreeSet<K> = keys.collect();
        let keys: Vec<K> = keys.into_iter().collect();
        let mut users = Vec::new();
        for some in keys.chunks(LOOK_UP) {
            let call = Call::look_up(Api::Core, what, path, &some);
            users.extend(self.list::<User>(call).await?);
        }
        Ok(users)
    }
}

/// For calls whose 404 certainly means that the object is not there.
pub(super) fn absent_is_none<T>(answer: Result<T, ApiError>) -> Result<Option<T>, ApiError> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(ApiError::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}
