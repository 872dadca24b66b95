//! A factor as it stands in its row, whoever's it is: what every holder's one-time passwords go by.
//!
//! Not here: the tables, which people of institutions and the staff have each their own of.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Binary, Nullable, Timestamptz},
};

use super::code::Totp;
use crate::{
    error::{Code, Error, Result},
    sealed::Sealer,
};

/// A factor, begun or confirmed.
#[derive(QueryableByName)]
pub(crate) struct Factor {
    #[diesel(sql_type = Binary)]
    secret: Vec<u8>,
    #[diesel(sql_type = BigInt)]
    last_step: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    confirmed_at: Option<DateTime<Utc>>,
}

impl Factor {
    /// Is asked for.
    pub(crate) const fn is_confirmed(&self) -> bool {
        self.confirmed_at.is_some()
    }

    /// The one that was begun and waits for its first password.
    ///
    /// # Errors
    /// `not_found` where none was begun, `conflict` when it is confirmed.
    pub(crate) fn begun(found: Option<Self>) -> Result<Self> {
        let factor = found.ok_or_else(|| Error::not_found("second factor that was begun"))?;
        if factor.is_confirmed() {
            return Err(Error::new(Code::Conflict, "the second factor is confirmed already"));
        }
        Ok(factor)
    }

    /// The span of time of a right password; none for a wrong one, and for one that is not newer than the last taken.
    ///
    /// # Errors
    /// `internal` when the secret does not open.
    pub(crate) fn step_of(
        &self,
        sealer: &Sealer,
        place: &str,
        (otp, now): (&str, DateTime<Utc>),
    ) -> Result<Option<i64>> {
        let totp = Totp::of(sealer.open(&self.secret, place)?.expose())?;
        Ok(totp.step_of(otp, now).filter(|step| *step > self.last_step))
    }
}

/// The answer to whoever begins another beside a confirmed one.
pub(crate) fn already_there() -> Error {
    Error::new(Code::Conflict, "you have a second factor; remove it before you begin another")
}
