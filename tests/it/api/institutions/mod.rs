//! Institutions over HTTP: their own people, and the staff who make, find, move and close them.

mod create;
mod lifecycle;
mod own;
mod search;
