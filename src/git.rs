//! Git without disturbing the work tree: read at a commit, commit chosen files.
