//! Files: uploading them, and reading them back.

use serde_json::{Value, json};

use super::channels::require;
use super::posts::{may_read, post_in_path};
use crate::sandbox::call::Call;
use crate::sandbox::ids::Id;
use crate::sandbox::reply::{Answer, Reply};
use crate::sandbox::routes::{Route, route};
use crate::sandbox::table::Row;
use crate::sandbox::world::World;

pub(super) const ROUTES: &[Route] = &[
    route("POST", "/api/v4/files", upload),
    route("GET", "/api/v4/files/{file_id}", read),
    route("GET", "/api/v4/files/{file_id}/info", info),
    route("GET", "/api/v4/posts/{post_id}/files/info", of_post),
];

/// A file with its content.
#[derive(Debug, Clone)]
pub(crate) struct File {
    id: Id,
    user: Id,
    channel: Id,
    /// The post it is attached to; empty before.
    pub(crate) post: Id,
    name: String,
    bytes: Vec<u8>,
    create_at: i64,
}

impl Row for File {
    fn id(&self) -> &str {
        &self.id
    }
}

impl File {
    fn extension(&self) -> &str {
        self.name
            .rsplit_once('.')
            .map_or("", |(_, extension)| extension)
    }

    fn mime_type(&self) -> &'static str {
        match self.extension() {
            "md" => "text/markdown; charset=utf-8",
            "txt" | "log" => "text/plain; charset=utf-8",
            "json" => "application/json",
            "png" => "image/png",
            _ => "application/octet-stream",
        }
    }

    /// What everybody sees of it; `post_id` only once it is attached.
    pub(crate) fn json(&self) -> Value {
        let mut info = json!({
            "id": self.id,
            "user_id": self.user,
            "channel_id": self.channel,
            "create_at": self.create_at,
            "update_at": self.create_at,
            "delete_at": 0,
            "name": self.name,
            "extension": self.extension(),
            "size": self.bytes.len(),
            "mime_type": self.mime_type(),
            "mini_preview": null,
            "remote_id": "",
            "archived": false,
        });
        if !self.post.is_empty() {
            info["post_id"] = json!(self.post);
        }
        info
    }
}

fn upload(world: &mut World, call: &Call) -> Answer {
    let form = call.content_type.starts_with("multipart/form-data");
    let parts = if form { parts(call) } else { Vec::new() };
    let channel = match parts.iter().find(|part| part.name == "channel_id") {
        Some(part) => String::from_utf8_lossy(part.bytes).into_owned(),
        None => call.query("channel_id").unwrap_or_default().to_owned(),
    };
    require(world, call, &channel, "upload_file")?;
    let mut sent: Vec<(String, Vec<u8>)> = parts
        .iter()
        .filter_map(|part| Some((part.filename.clone()?, part.bytes.to_vec())))
        .collect();
    if !form {
        let name = call.query("filename").unwrap_or_default().to_owned();
        sent.push((name, call.body.clone()));
    }
    let mut infos = Vec::new();
    for (name, bytes) in sent {
        let file = File {
            id: world.new_id(),
            user: call.user.clone(),
            channel: channel.clone(),
            post: Id::new(),
            name,
            bytes,
            create_at: world.now(),
        };
        infos.push(file.json());
        world.files.insert(file);
    }
    let client_ids = if form { json!([]) } else { Value::Null };
    Ok(Reply::created(
        json!({ "file_infos": infos, "client_ids": client_ids }),
    ))
}

struct Part<'b> {
    name: String,
    filename: Option<String>,
    bytes: &'b [u8],
}

/// The parts of a form; whatever is malformed is left out.
fn parts(call: &Call) -> Vec<Part<'_>> {
    let Some((_, boundary)) = call.content_type.split_once("boundary=") else {
        return Vec::new();
    };
    let boundary = format!("--{}", boundary.trim_matches('"'));
    let mut found = Vec::new();
    let mut rest = call.body.as_slice();
    while let Some(start) = position(rest, boundary.as_bytes()) {
        rest = &rest[start + boundary.len()..];
        let end = position(rest, boundary.as_bytes()).unwrap_or(rest.len());
        found.extend(part(&rest[..end]));
    }
    found
}

fn part(bytes: &[u8]) -> Option<Part<'_>> {
    let end = position(bytes, b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let content = &bytes[end + 4..];
    let value = |key: &str| {
        let (_, after) = head.split_once(&format!(" {key}=\""))?;
        after.split('"').next().map(str::to_owned)
    };
    Some(Part {
        name: value("name")?,
        filename: value("filename"),
        bytes: content.strip_suffix(b"\r\n").unwrap_or(content),
    })
}

fn position(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes
        .windows(wanted.len())
        .position(|window| window == wanted)
}

/// The file in the path, if the caller may read its channel.
fn file_in_path<'w>(world: &'w World, call: &Call) -> Result<&'w File, Reply> {
    let id = call.param("file_id");
    let file = world.files.get(id).ok_or_else(|| {
        Reply::core(
            404,
            "app.file_info.get.app_error",
            "Unable to get the file info.",
            format!("resource \"FileInfo\" not found, id: {id}"),
        )
    })?;
    if !may_read(world, call, &file.channel) {
        return Err(Reply::no_permission(&call.user, "read_channel"));
    }
    Ok(file)
}

fn read(world: &mut World, call: &Call) -> Answer {
    let file = file_in_path(world, call)?;
    Ok(Reply::file(file.bytes.clone(), file.mime_type()))
}

fn info(world: &mut World, call: &Call) -> Answer {
    Ok(Reply::ok(file_in_path(world, call)?.json()))
}

fn of_post(world: &mut World, call: &Call) -> Answer {
    let post = post_in_path(world, call)?;
    let files = post.files.iter().filter_map(|id| world.files.get(id));
    Ok(Reply::ok(files.map(File::json).collect::<Vec<_>>()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_taken_apart() {
        let body = "--x\r\nContent-Disposition: form-data; name=\"files\"; filename=\"a.md\"\r\n\r\nhi\r\n--x--\r\n";
        let call = Call {
            content_type: "multipart/form-data; boundary=x".to_owned(),
            body: body.into(),
            ..Call::default()
        };
        let parts = parts(&call);
        assert_eq!(parts.len(), 1);
        assert_eq!(parts[0].filename.as_deref(), Some("a.md"));
        assert_eq!(parts[0].bytes, b"hi");
    }
}
