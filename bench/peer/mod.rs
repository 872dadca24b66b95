//! The other ends of the road: whoever sends activity, and whoever receives webhooks.
//!
//! Both are hand-written HTTP/1.1 on the benchmark's one thread, because a benchmark must not measure itself: an
//! actix server as receiver and a pooled client as sender cost more than the path between them, on the very cores
//! that the server works on.
//!
//! - [`wire`] reads and writes messages over one connection;
//! - [`sink`] is the receivers; [`caller`] makes single requests; [`load`] is many senders at once;
//! - [`ledger`] knows of each event when it was sent, answered and delivered, and so what is lost or twice there.

pub mod caller;
pub mod ledger;
pub mod load;
pub mod sink;
pub mod wire;
