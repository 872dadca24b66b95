#![doc = include_str!("README.md")]

pub mod ask;
pub mod bell;
pub mod egress;
pub mod mailer;
pub mod observe;
pub mod shared_rates;
pub mod storage;
pub mod tenant;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod tls;
