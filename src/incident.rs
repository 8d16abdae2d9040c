//! What an incident is, and the runner that carries it out through the client.
