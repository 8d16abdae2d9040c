//! The one integration binary: what users see, end to end.

mod client;
mod contract;
mod demo;
mod export;
mod hostile;
mod incidents;
mod init;
mod live;
mod readme;
mod sandbox;
mod support;
mod sync;
mod validate;
