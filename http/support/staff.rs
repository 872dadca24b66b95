//! Who is on the staff, for operators. Made and revoked on the command line only.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use stoa_core::{
    Id, Result,
    db::{PageRequest, Paged},
    id,
    staff::{self, Member, StaffRole},
    tokens::TokenStatus,
};

use super::TAG;
use crate::{
    body::NoBody,
    caller::Staff,
    doors::{Call, Door, Listed, NoPath, NoQuery, Sample, sample},
};

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    vec![Door::get("/api/support/staff", list).staffed_by(StaffRole::Operator).named(
        "listStaff",
        TAG,
        "Lists the staff and when each was last here; for operators",
    )]
}

/// Somebody of the staff.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "StaffMember")]
struct MemberView {
    /// Id.
    id: Id<id::Staff>,
    /// Shown to the institutions that the person acted for.
    name: String,
    /// Address.
    email: String,
    /// What the person may do.
    role: StaffRole,
    /// Last letters of the token.
    last4: String,
    /// When the token was made.
    created_at: DateTime<Utc>,
    /// When the token stops working; null means never.
    expires_at: Option<DateTime<Utc>>,
    /// Last use, to the minute.
    last_used_at: Option<DateTime<Utc>>,
    /// When the token was revoked.
    revoked_at: Option<DateTime<Utc>>,
    /// Where the token is in its life.
    status: TokenStatus,
}

impl MemberView {
    fn of(member: Member, now: DateTime<Utc>) -> Self {
        Self {
            status: member.status(now),
            id: member.id,
            name: member.name,
            email: member.email,
            role: member.role,
            last4: member.last4,
            created_at: member.created_at,
            expires_at: member.expires_at,
            last_used_at: member.last_used_at,
            revoked_at: member.revoked_at,
        }
    }
}

async fn list(call: Call<NoPath, NoQuery, NoBody, Staff>) -> Result<Listed<MemberView>> {
    let mut tx = call.app.db.house().await?;
    let now = tx.now();
    let rows: Vec<MemberView> =
        staff::list(&mut tx).await?.into_iter().map(|member| MemberView::of(member, now)).collect();
    // Few enough for one page, however many there are.
    let total = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    Ok(Listed(Paged { rows, total, request: PageRequest { page: 1, per_page: total.max(1) } }))
}

impl Sample for MemberView {
    fn sample() -> Self {
        Self {
            id: sample::id(),
            name: "Vera".into(),
            email: "vera@support.example".into(),
            role: StaffRole::Support,
            last4: "7q2x".into(),
            created_at: sample::time(),
            expires_at: None,
            last_used_at: Some(sample::time()),
            revoked_at: None,
            status: TokenStatus::Active,
        }
    }
}
