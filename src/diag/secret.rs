//! The shapes of secrets that say what they are.
//!
//! Owns the patterns that are certain, for all who look for secrets: in files that are
//! read, and in texts on their way into git. What is only likely, such as the words
//! behind `password:`, each of them judges by itself. Patterns alone: compiles nothing.

/// A private key, to its end or to that of the text.
pub(crate) const PRIVATE_KEY: &str = r"(?s)-----BEGIN [A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----.*?(-----END [A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----|\z)";

/// The address of a webhook, which is a secret in itself.
pub(crate) const WEBHOOK: &str = r"(?i)https?://[^\s<>]*(/hooks/[a-z0-9]{26}|hooks\.slack\.com/[^\s<>)\x22'`]+|/api/webhooks/[0-9]+/[\w-]+|webhook\.office\.com/[^\s<>)\x22'`]+|hooks\.zapier\.com/hooks/catch/[^\s<>)\x22'`]+|events\.pagerduty\.com/integration/[^\s<>)\x22'`]+|api\.telegram\.org/bot[0-9]{6,}:[\w-]{20,}|maker\.ifttt\.com/trigger/[^\s<>)\x22'`]+/with/key/[\w-]+)";

/// A token or key known by how it begins.
pub(crate) const TOKEN: &str = r"\b([0-9]{8,10}:AA[A-Za-z0-9_-]{33}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,}|xox[abeoprs]-[A-Za-z0-9-]{10,}|xapp-[A-Za-z0-9-]{10,}|(AKIA|ASIA)[0-9A-Z]{16}|AIza[0-9A-Za-z_-]{30,}|[sr]k_(live|test)_[A-Za-z0-9]{10,}|sk-[A-Za-z0-9_-]*[0-9][A-Za-z0-9_-]{20,}|npm_[A-Za-z0-9]{30,}|pypi-[A-Za-z0-9_-]{20,}|dop_v1_[a-f0-9]{32,}|hv[sb]\.[A-Za-z0-9_-]{20,}|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}|AGE-SECRET-KEY-1[0-9A-Z]{20,}|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*)";
