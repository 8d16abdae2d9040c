//! `{Name}`: what Mattermost replaces in the names of channels and in status updates.

/// What stands for something of Mattermost's own, in upper or lower case.
pub(super) const RESERVED: [&str; 4] = ["seq", "owner", "creator", "property_user"];

/// A name as Mattermost looks it up.
pub(super) fn folded(name: &str) -> String {
    name.trim().to_lowercase()
}

/// What stands between single braces, as Mattermost looks it up, each with its place.
pub(super) fn tokens(text: &str) -> impl Iterator<Item = (usize, String)> {
    text.match_indices('{').filter_map(|(at, _)| {
        let inside = &text[at + 1..];
        let end = inside.find(['{', '}', '\n'])?;
        let rest = &inside[end..];
        let doubled = text[..at].ends_with('{') || rest.starts_with("}}");
        let is_one = rest.starts_with('}') && !doubled && end <= 1024;
        is_one.then(|| (at, folded(&inside[..end])))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_single_braces_count() {
        let found: Vec<_> = tokens("{SEQ} { Owner } {{ incident.name }} {a\nb} {{x}} {").collect();
        assert_eq!(found, [(0, "seq".to_owned()), (6, "owner".to_owned())]);
    }
}
