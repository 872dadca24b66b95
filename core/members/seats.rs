//! Seats: how many people an institution may have at once, and how many it has.
//!
//! Not here: what a seat costs, and who sets how many there are (`institutions`).
//!
//! # Rule
//! An active member takes a seat, and so does somebody who was invited and has not accepted yet, whatever the role.
//! Whoever is deactivated or has left takes none. An import keeps the seats it needs before it adds anybody, so that it
//! never stops halfway for want of one. Where no limit is set nothing is counted and nothing is locked.
//!
//! # Source
//! Busuu for business tells seats apart in the same way: available, in use, pending invite
//! (business.busuu.com/home-admin/faq).

use std::sync::Arc;

use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{BigInt, Integer, Nullable, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_protocols::event::{EventData, EventType, ObjectKind, SeatsFacts};

use super::MemberStatus;
use crate::{
    db::{TenantTx, failed, sql},
    error::{Code, Error, Result},
    events::NewEvent,
    words,
};

/// From the tallies that memberships keep of themselves, those of this transaction among them.
const COUNT: &str = "SELECT i.seats_total, i.seats_reserved, coalesce(t.in_use, 0)::bigint AS in_use,
    coalesce(t.pending_invite, 0)::bigint AS pending_invite
  FROM institutions i, (SELECT sum(n) FILTER (WHERE status = 'active') AS in_use,
      sum(n) FILTER (WHERE status = 'invited') AS pending_invite
    FROM member_tallies WHERE tenant_id = $1) t
  WHERE i.tenant_id = $1";
/// Of two who want the last seat, the second waits here and then finds it taken.
const ONE_SITS_DOWN_AT_A_TIME: &str =
    "SELECT seats_total FROM institutions WHERE tenant_id = $1 AND seats_total IS NOT NULL FOR NO KEY UPDATE";
const RESERVE: &str = "UPDATE institutions SET seats_reserved = greatest(seats_reserved + $2, 0)
  WHERE tenant_id = $1 AND (seats_reserved > 0 OR $2 > 0) RETURNING seats_total, seats_reserved";

/// How full an institution is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seats {
    /// Seats that there are; none for no limit.
    pub total: Option<i64>,
    /// Of active members.
    pub in_use: i64,
    /// Of people who were invited and have not accepted yet.
    pub pending_invite: i64,
    /// Kept for the people whom running imports are about to add.
    pub reserved: i64,
}

impl Seats {
    /// Seats that somebody may still take; none for no limit.
    pub fn available(&self) -> Option<i64> {
        self.total.map(|total| (total - self.taken() - self.reserved).max(0))
    }

    const fn taken(&self) -> i64 {
        self.in_use.saturating_add(self.pending_invite)
    }
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Nullable<Integer>)]
    seats_total: Option<i32>,
    #[diesel(sql_type = Integer)]
    seats_reserved: i32,
    #[diesel(sql_type = BigInt)]
    in_use: i64,
    #[diesel(sql_type = BigInt)]
    pending_invite: i64,
}

words! {
    /// Names what a member does with a seat.
    Seat {
        /// Sits on it.
        InUse = "in_use",
        /// Has it kept until the invitation is accepted.
        PendingInvite = "pending_invite",
    }
}

impl Seat {
    /// What a member of this status does with a seat; none for whoever takes none.
    pub const fn of(status: MemberStatus) -> Option<Self> {
        match status {
            MemberStatus::Active => Some(Self::InUse),
            MemberStatus::Invited => Some(Self::PendingInvite),
            MemberStatus::Deactivated | MemberStatus::Removed => None,
        }
    }
}

/// Does a member of this status take a seat.
pub(crate) const fn takes_a_seat(status: MemberStatus) -> bool {
    Seat::of(status).is_some()
}

/// Counts the seats, of all people whoever asks.
///
/// # Errors
/// As the database says.
pub async fn seats(tx: &mut TenantTx) -> Result<Seats> {
    tx.see_all().await?;
    let tenant = tx.tenant();
    let row: Row = sql(COUNT).bind::<SqlUuid, _>(tenant).get_result(tx.connection()).await.map_err(failed)?;
    Ok(Seats {
        total: row.seats_total.map(i64::from),
        in_use: row.in_use,
        pending_invite: row.pending_invite,
        reserved: i64::from(row.seats_reserved),
    })
}

/// Takes seats for people who are about to be added or made active again in this transaction. To be called before they
/// are; whoever takes the last one is told of.
///
/// # Errors
/// `seats_exceeded` when there are not so many.
pub async fn take_seats(tx: &mut TenantTx, wanted: i64) -> Result<()> {
    let Some(before) = held(tx, wanted).await? else { return Ok(()) };
    enough(&before, wanted)?;
    tell_if_full(tx, &before, Seats { in_use: before.in_use + wanted, ..before });
    Ok(())
}

/// Takes seats for people who are about to be invited in this transaction. To be called before they are.
///
/// # Errors
/// `seats_exceeded` when there are not so many.
pub async fn take_seats_of_invited(tx: &mut TenantTx, wanted: i64) -> Result<()> {
    let Some(before) = held(tx, wanted).await? else { return Ok(()) };
    enough(&before, wanted)?;
    tell_if_full(tx, &before, Seats { pending_invite: before.pending_invite + wanted, ..before });
    Ok(())
}

/// Keeps seats for an import, which takes them as it adds people.
///
/// # Errors
/// `seats_exceeded` when there are not so many.
pub async fn reserve_seats(tx: &mut TenantTx, wanted: i64) -> Result<()> {
    let Some(seats) = held(tx, wanted).await? else { return Ok(()) };
    enough(&seats, wanted)?;
    move_reserved(tx, wanted).await?;
    Ok(())
}

/// Gives back seats that an import kept and did not need.
///
/// # Errors
/// As the database says.
pub async fn release_seats(tx: &mut TenantTx, unneeded: i64) -> Result<()> {
    if unneeded > 0 {
        move_reserved(tx, -unneeded).await?;
    }
    Ok(())
}

/// Takes seats that were kept before, for people who are about to be added in this transaction. They are there whatever
/// the limit has become meanwhile. The institution cannot be full before the last of them is taken, so only then all are
/// counted.
///
/// # Errors
/// As the database says.
pub async fn take_reserved_seats(tx: &mut TenantTx, wanted: i64) -> Result<()> {
    if wanted <= 0 {
        return Ok(());
    }
    let left = move_reserved(tx, -wanted).await?;
    if left.is_some_and(|left| left.seats_total.is_some() && left.seats_reserved == 0) {
        let before = seats(tx).await?;
        tell_if_full(tx, &before, Seats { in_use: before.in_use + wanted, ..before });
    }
    Ok(())
}

/// Counts the seats, which nobody else takes until the transaction ends; nothing where there is no limit.
async fn held(tx: &mut TenantTx, wanted: i64) -> Result<Option<Seats>> {
    #[derive(QueryableByName)]
    struct Limit {
        #[diesel(sql_type = Integer)]
        #[expect(dead_code, reason = "that there is one is what matters; the count reads it again, under the lock")]
        seats_total: i32,
    }
    if wanted <= 0 {
        return Ok(None);
    }
    let tenant = tx.tenant();
    let limit: Option<Limit> = sql(ONE_SITS_DOWN_AT_A_TIME)
        .bind::<SqlUuid, _>(tenant)
        .get_result(tx.connection())
        .await
        .optional()
        .map_err(failed)?;
    if limit.is_none() { Ok(None) } else { seats(tx).await.map(Some) }
}

fn enough(seats: &Seats, wanted: i64) -> Result<()> {
    let available = seats.available().unwrap_or(i64::MAX);
    if wanted <= available {
        return Ok(());
    }
    let detail = format!("{wanted} wanted, {available} available; deactivate somebody, or buy more");
    Err(Error::new(Code::SeatsExceeded, detail))
}

/// Full is full with nobody left to add: those for whom seats are kept do not sit yet.
fn tell_if_full(tx: &mut TenantTx, before: &Seats, after: Seats) {
    let Some(total) = before.total.filter(|total| before.taken() < *total && after.taken() >= *total) else { return };
    let facts = SeatsFacts { total, in_use: after.in_use, pending_invite: after.pending_invite };
    let data = EventData { seats: Some(facts), ..EventData::default() };
    tx.record(NewEvent {
        event_type: EventType::SeatsLimitReached,
        object_kind: ObjectKind::Institution,
        object_id: tx.tenant().uuid(),
        revision: 1,
        scope_ids: Vec::new(),
        data: Arc::new(data),
        occurred_at: tx.now(),
        concludes: false,
    });
}

async fn move_reserved(tx: &mut TenantTx, by: i64) -> Result<Option<Left>> {
    let tenant = tx.tenant();
    let by = i32::try_from(by).map_err(Error::internal)?;
    let moved = sql(RESERVE).bind::<SqlUuid, _>(tenant).bind::<Integer, _>(by);
    moved.get_result(tx.connection()).await.optional().map_err(failed)
}

/// What is left of the seats that are kept.
#[derive(QueryableByName)]
struct Left {
    #[diesel(sql_type = Nullable<Integer>)]
    seats_total: Option<i32>,
    #[diesel(sql_type = Integer)]
    seats_reserved: i32,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seats(total: Option<i64>, in_use: i64, pending_invite: i64, reserved: i64) -> Seats {
        Seats { total, in_use, pending_invite, reserved }
    }

    #[test]
    fn invitations_and_imports_hold_seats() {
        assert_eq!(seats(Some(10), 4, 3, 2).available(), Some(1));
        assert_eq!(seats(Some(10), 9, 3, 0).available(), Some(0), "a limit that was lowered takes nobody's seat");
        assert_eq!(seats(None, 4, 3, 2).available(), None);
    }

    #[test]
    fn the_last_seat_is_the_last() {
        assert!(enough(&seats(Some(10), 7, 2, 0), 1).is_ok());
        assert_eq!(enough(&seats(Some(10), 8, 2, 0), 1).unwrap_err().code(), Code::SeatsExceeded);
        assert_eq!(enough(&seats(Some(10), 5, 2, 2), 2).unwrap_err().code(), Code::SeatsExceeded);
        assert!(enough(&seats(None, 8, 2, 0), 1_000).is_ok());
    }
}
