//! Posts.

use serde_json::{Map, Value};

use crate::sandbox::ids::Id;
use crate::sandbox::table::Row;

/// A post.
#[derive(Debug, Clone, Default)]
pub(crate) struct Post {
    pub(crate) id: Id,
    pub(crate) channel: Id,
    pub(crate) user: Id,
    /// The first post of its thread; empty for a first post.
    pub(crate) root: Id,
    pub(crate) message: String,
    /// Empty for what people write.
    pub(crate) kind: String,
    pub(crate) props: Map<String, Value>,
    pub(crate) files: Vec<Id>,
    pub(crate) is_pinned: bool,
    /// What the sender called it; the same again is the same post.
    pub(crate) pending_id: String,
    /// The word of its priority.
    pub(crate) priority: Option<String>,
    pub(crate) create_at: i64,
    pub(crate) update_at: i64,
    pub(crate) edit_at: i64,
    pub(crate) delete_at: i64,
}

impl Row for Post {
    fn id(&self) -> &str {
        &self.id
    }
}
