//! The one integration binary: what users see, end to end.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    unreachable_pub,
    reason = "tests stop at the first surprise, and nothing outside uses them"
)]

mod ci;
mod client;
mod contract;
mod corpus;
mod demo;
mod export;
mod faults;
mod fix;
mod formats;
mod gentle;
mod hostile;
mod import;
mod incidents;
mod init;
mod lint;
mod live;
mod readme;
mod render;
mod sandbox;
mod schema;
mod support;
mod sync;
mod validate;
mod virtual_time;
mod watch;
