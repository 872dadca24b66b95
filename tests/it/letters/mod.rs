//! Letters: by whom they are carried, what becomes of them, and who is told when they come back.
//!
//! - `sink` – a real mail server, started for a test
//! - `carrying` – the way out before that server: TLS, authentication, refusals, silence
//! - `outcomes` – the rows of letters, retries, the door that shows them
//! - `bounces` – what mail servers report, addresses that are suspended, and the way back

mod bounces;
mod carrying;
mod outcomes;
pub(crate) mod sink;
