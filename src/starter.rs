//! The starter workspace that `init` writes.
