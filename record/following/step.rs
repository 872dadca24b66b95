//! One step of one follower in one institution: what is new, and the place behind it, in one transaction.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_core::{
    Result, Scope, TenantId,
    db::{Db, TenantTx, failed, sql},
};
use uuid::Uuid;

use super::{Activity, Followed, Past, STEP_MAX, read};

/// What a step came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Somebody else is making one there.
    Busy,
    /// It was made.
    Made(Taken),
}

/// What a step took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Taken {
    /// Activities and changes of enrolments.
    pub rows: usize,
    /// There may be more.
    pub has_more: bool,
}

/// Where a follower has come to.
#[derive(Debug, Clone, QueryableByName)]
pub(crate) struct Place {
    /// All activity up to here was taken.
    #[diesel(sql_type = BigInt)]
    pub(crate) position: i64,
    #[diesel(sql_type = Bool)]
    past_walked: bool,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    past_user_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    past_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Text>)]
    past_client_id: Option<String>,
}

impl Place {
    fn past(&self) -> read::PastPlace {
        // Before the first learner there is nobody, whatever the time.
        let at = self.past_at.unwrap_or(DateTime::UNIX_EPOCH);
        (self.past_user_id.unwrap_or_default(), at, self.past_client_id.clone().unwrap_or_default())
    }

    fn go_on_from(&mut self, last: &Activity) {
        if self.past_walked {
            self.position = last.position;
        } else {
            self.past_user_id = Some(last.user_id.uuid());
            self.past_at = Some(last.occurred_at);
            self.past_client_id = Some(last.client_id.clone());
        }
    }
}

const BEGIN: &str = "INSERT INTO followers (tenant_id, name, position, past_walked, updated_at)
  VALUES ($1, $2, 0, $3, $4) ON CONFLICT DO NOTHING";
const TAKE_UP: &str = "SELECT position, past_walked, past_user_id, past_at, past_client_id FROM followers
  WHERE tenant_id = $1 AND name = $2 FOR UPDATE SKIP LOCKED";
const HOLD: &str = "SELECT position, past_walked, past_user_id, past_at, past_client_id FROM followers
  WHERE tenant_id = $1 AND name = $2 FOR UPDATE";
const COME_TO: &str = "UPDATE followers SET position = $3, past_walked = $4, past_user_id = $5, past_at = $6,
  past_client_id = $7, updated_at = $8 WHERE tenant_id = $1 AND name = $2";

impl Followed {
    /// Makes a step in an institution. Whatever goes wrong, the follower stands where it stood.
    ///
    /// # Errors
    /// As the follower or the database says.
    pub async fn step(&self, db: &Db, tenant: TenantId) -> Result<Step> {
        let mut tx = db.tenant(&Scope::house(tenant)).await?;
        begin(&mut tx, self).await?;
        let name = self.name;
        let places: Vec<Place> = sql(TAKE_UP)
            .bind::<SqlUuid, _>(tenant)
            .bind::<Text, _>(name)
            .load(tx.connection())
            .await
            .map_err(failed)?;
        let Some(place) = places.into_iter().next() else { return Ok(Step::Busy) };
        let taken = self.take_on(&mut tx, place).await?;
        tx.commit().await?;
        Ok(Step::Made(taken))
    }

    /// Takes what is behind a place that the transaction holds.
    async fn take_on(&self, tx: &mut TenantTx, mut place: Place) -> Result<Taken> {
        let activities =
            if place.past_walked { read::new(tx, place.position).await? } else { read::past(tx, place.past()).await? };
        let is_full = is_full(activities.len());
        // The past has ended: what is new comes with the next step.
        let has_more = is_full || !place.past_walked;
        let mut taken = Taken { rows: activities.len(), has_more };
        if let Some(last) = activities.last() {
            self.follower.take(tx, &activities).await?;
            place.go_on_from(last);
        }
        if !is_full {
            place.past_walked = true;
        }
        if self.counts_enrolments {
            let (changed, rows) = read::enrolments(tx).await?;
            if !changed.is_empty() {
                self.follower.take_enrolments(tx, &changed).await?;
            }
            let rows = usize::try_from(rows).unwrap_or_default();
            taken = Taken { rows: taken.rows + rows, has_more: has_more || self::is_full(rows) };
        }
        come_to(tx, self.name, &place).await?;
        Ok(taken)
    }
}

fn is_full(rows: usize) -> bool {
    i64::try_from(rows).unwrap_or(i64::MAX) >= STEP_MAX
}

async fn begin(tx: &mut TenantTx, followed: &Followed) -> Result<()> {
    let (tenant, now) = (tx.tenant(), tx.now());
    sql(BEGIN)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Text, _>(followed.name)
        .bind::<Bool, _>(followed.past == Past::Skipped)
        .bind::<Timestamptz, _>(now)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(())
}

async fn come_to(tx: &mut TenantTx, name: &'static str, place: &Place) -> Result<()> {
    let (tenant, now) = (tx.tenant(), tx.now());
    sql(COME_TO)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Text, _>(name)
        .bind::<BigInt, _>(place.position)
        .bind::<Bool, _>(place.past_walked)
        .bind::<Nullable<SqlUuid>, _>(place.past_user_id)
        .bind::<Nullable<Timestamptz>, _>(place.past_at)
        .bind::<Nullable<Text>, _>(place.past_client_id.as_deref())
        .bind::<Timestamptz, _>(now)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(())
}

/// Keeps a follower from making a step in the transaction's institution until the transaction ends, and tells where it
/// stands.
pub(crate) async fn hold(tx: &mut TenantTx, followed: &Followed) -> Result<Place> {
    begin(tx, followed).await?;
    let tenant = tx.tenant();
    sql(HOLD)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Text, _>(followed.name)
        .get_result(tx.connection())
        .await
        .map_err(failed)
}

/// Makes a step within a transaction that holds the follower, and tells where it stands then.
pub(crate) async fn let_go_on(tx: &mut TenantTx, followed: &Followed, place: Place) -> Result<Taken> {
    followed.take_on(tx, place).await
}
