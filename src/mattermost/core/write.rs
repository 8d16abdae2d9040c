//! Writing calls of the core API.

use super::wire::{NewPost, PREFERENCE_CATEGORY, Post, Preference};
use crate::mattermost::client::Writer;
use crate::mattermost::error::ApiError;
use crate::mattermost::ids::UserId;
use crate::mattermost::limits::{self, check};
use crate::mattermost::transport::{Api, Call};

/// Preferences in one request.
const PREFERENCES: usize = 100;

impl Writer {
    /// Writes a post.
    ///
    /// Core API: `POST /posts`.
    ///
    /// # Errors
    /// [`ApiError::TooLong`] over 16,383 characters; [`ApiError::Forbidden`] when the account may
    /// not post there, or there is no such channel.
    pub async fn create_post(&self, post: &NewPost) -> Result<Post, ApiError> {
        let what = "write the post";
        check(what, "the message", &post.message, limits::MESSAGE)?;
        self.transport()
            .value(Call::post(Api::Core, what, &["posts"]).body(post))
            .await
    }

    /// Writes preferences of the account, which is `user`: pairs of name and value.
    ///
    /// Core API: `PUT /users/me/preferences`, 100 at a time; none, no call.
    ///
    /// # Errors
    /// [`ApiError::TooLong`] for a name over 32 or a value over 20,000 characters.
    pub async fn set_preferences(
        &self,
        user: &UserId,
        values: &[(String, String)],
    ) -> Result<(), ApiError> {
        let what = "store warroom preferences";
        let mut entries = Vec::new();
        for (name, value) in values {
            check(what, "the name", name, limits::PREFERENCE_NAME)?;
            check(what, "the value", value, limits::PREFERENCE_VALUE)?;
            entries.push(preference(user, name, value));
        }
        for some in entries.chunks(PREFERENCES) {
            let path = ["users", "me", "preferences"];
            let call = Call::put(Api::Core, what, &path).body(&some);
            self.transport().done(call).await?;
        }
        Ok(())
    }

    /// Deletes preferences of the account, which is `user`; missing ones do not matter.
    ///
    /// Core API: `POST /users/me/preferences/delete`, 100 at a time; none, no call.
    ///
    /// # Errors
    /// Any.
    pub async fn delete_preferences(
        &self,
        user: &UserId,
        names: &[String],
    ) -> Result<(), ApiError> {
        let entries: Vec<_> = names
            .iter()
            .map(|name| preference(user, name, ""))
            .collect();
        for some in entries.chunks(PREFERENCES) {
            let path = ["users", "me", "preferences", "delete"];
            let call = Call::post(Api::Core, "delete warroom preferences", &path).body(&some);
            self.transport().done(call).await?;
        }
        Ok(())
    }
}

fn preference(user: &UserId, name: &str, value: &str) -> Preference {
    Preference {
        user_id: user.clone(),
        category: PREFERENCE_CATEGORY.to_owned(),
        name: name.to_owned(),
        value: value.to_owned(),
    }
}
