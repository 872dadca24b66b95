//! One file or folder for each dialect.
//!
//! Not here: what a dialect must be able to do ([`Dialect`](super::Dialect)).
//!
//! # Source
//! Each names its vendor's pages.

pub mod reach360;
pub mod talktiko;
pub mod teachbase;

pub use reach360::{Reach360, UnknownVersion, Version};
pub use talktiko::Talktiko;
pub use teachbase::{Stat, Teachbase};

pub(super) static TALKTIKO: Talktiko = Talktiko;
pub(super) static TEACHBASE: Teachbase = Teachbase;
pub(super) static REACH360: Reach360 = Reach360;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod schemas;
#[cfg(test)]
mod tests;
