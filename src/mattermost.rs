//! The client of a Mattermost server: transport, core API, Playbooks API.
