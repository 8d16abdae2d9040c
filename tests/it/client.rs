//! The client against servers that misbehave, and against what real ones answered.

mod attributes;
mod fake;
mod hostile;
mod limiter;
mod recordings;
mod session;
