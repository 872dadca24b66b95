//! Examples for the documentation: made from the types, so that they cannot show what is not answered.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use stoa_core::Id;
use uuid::Uuid;

/// Something that can show itself.
pub trait Sample: Serialize + JsonSchema + 'static {
    /// A believable one.
    fn sample() -> Self;
}

impl<T: Sample> Sample for Vec<T> {
    fn sample() -> Self {
        vec![T::sample()]
    }
}

/// An id, the same each time.
pub const fn id<K>() -> Id<K> {
    Id::from_uuid(Uuid::from_u128(0x0190_8a5d_ac96_774b_bcce_b302_099a_8057))
}

/// A time, the same each time.
pub fn time() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_251_600, 123_000_000).unwrap_or_default()
}

/// What stands where the token of an invitation would: one that never worked.
pub const INVITATION: &str = "stoa_v_01j25etb4petbvsknk0804sn02q000000000000000000000000000000000000";

/// What stands where the token of a password reset would: one that never worked.
pub const PASSWORD_RESET: &str = "stoa_r_01j25etb4petbvsknk0804sn02q000000000000000000000000000000000000";

/// What stands where a token would: one that never worked.
pub const TOKEN: &str = "stoa_i_01j25etb4petbvsknk0804sn02q000000000000000000000000000000000000";
