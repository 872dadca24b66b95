//! Imports, driven on: a file is read and planned, a plan is applied, chunk by chunk.
//!
//! Not here: what a chunk does (`stoa_core::imports`), and how a file is written (`stoa_protocols::roster`).
//!
//! One promise drives an import from its file to its end. It runs for a while and is then put back, so that the imports of
//! many institutions share few workers. Everything that it does is a chunk in a transaction of its own, which moves the
//! import's row on; so whoever takes the promise up, on whatever node and after whatever crash, goes on after the last
//! chunk that was committed.

mod apply;
mod read;
mod run;
mod watch;

pub use run::RunImport;
pub use watch::WatchImports;
