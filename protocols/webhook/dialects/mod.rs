//! One file or folder for each dialect.
//!
//! Not here: what a dialect must be able to do ([`Dialect`](super::Dialect)).
//!
//! # Source
//! Each names its vendor's pages.

mod reach360;
mod talktiko;
mod teachbase;

pub use reach360::{Reach360, UnknownVersion, Version};
pub use talktiko::Talktiko;
pub use teachbase::Teachbase;

pub(super) static TALKTIKO: Talktiko = Talktiko;
pub(super) static TEACHBASE: Teachbase = Teachbase;
pub(super) static REACH360: Reach360 = Reach360;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
