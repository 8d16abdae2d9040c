//! A workspace: discovery, loading, references between files, and a workspace at a git commit.
