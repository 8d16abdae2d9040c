//! A stand-in Mattermost with Playbooks, in memory, over HTTP.
