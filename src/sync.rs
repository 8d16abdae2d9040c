//! Bringing a workspace into Mattermost: desired, observed, plan, apply.
