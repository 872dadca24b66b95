//! What every test of durability needs.
//!
//! - [`server`] is the binary as a process; [`site`] is where it runs: a folder, ports, settings.
//! - [`load`] sends activity without end; [`ledger`] keeps what it was told.
//! - [`receivers`] take the webhooks; [`database`] looks at the rows, past the server.
//! - [`accounts`] holds all three against each other.
//! - [`wire`] is HTTP over one connection; [`eventually`] waits for what will be so.

pub(crate) mod accounts;
pub(crate) mod database;
pub(crate) mod eventually;
pub(crate) mod ledger;
pub(crate) mod load;
pub(crate) mod receivers;
pub(crate) mod school;
pub(crate) mod server;
pub(crate) mod site;
pub(crate) mod wire;

pub(crate) use eventually::eventually;

/// The number that all chance of a test comes from; printed, and with it a failure shown. `STOA_DURABILITY_SEED`
/// repeats it, as far as processes can be repeated.
#[expect(clippy::disallowed_methods, reason = "tests have no settings but this one")]
pub(crate) fn seed() -> u64 {
    let given = std::env::var("STOA_DURABILITY_SEED").ok().and_then(|text| text.parse().ok());
    let seed = given.unwrap_or_else(rand::random);
    println!("STOA_DURABILITY_SEED={seed}");
    seed
}
