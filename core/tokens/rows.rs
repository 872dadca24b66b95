//! The rows of tokens.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid},
};
use uuid::Uuid;

use super::{AllowList, RequestLimits, TokenFlag, TokenKind, TokenStatus, text::prefix};
use crate::{
    id::{self, Id, TenantId},
    institutions::InstitutionStatus,
    scope::{Ability, Actor},
};

/// A token that was not used for so long is told of as unused.
pub(super) const UNUSED_AFTER: TimeDelta = TimeDelta::days(90);
/// What a token was made for shows within this time; before, nothing is said of abilities that were not used yet.
pub(super) const KNOWN_AFTER: TimeDelta = TimeDelta::days(30);

/// Reads tokens whole: every column of [`Token`], of a table or of what a statement returned called `t`.
macro_rules! columns {
    ($before:literal, $after:literal) => {
        concat!(
            $before,
            " t.id, t.kind, t.name, t.last4, t.abilities, t.created_by, t.created_at, t.expires_at, t.last_used_at, \
             t.last_used_ip, t.revoked_at, t.ip_allowlist, t.course_ids, t.used_abilities, t.replaces, t.replaced_by, \
             t.rotated_at, t.leaked_at, t.told ",
            $after
        )
    };
}
pub(super) use columns;

/// A token, without the token.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Token {
    /// Our id.
    #[diesel(sql_type = SqlUuid)]
    pub id: Id<id::Token>,
    /// Whose it is.
    #[diesel(sql_type = Text)]
    pub kind: TokenKind,
    /// Given by its maker.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// Its last letters.
    #[diesel(sql_type = Text)]
    pub last4: String,
    /// What it may do, by name.
    #[diesel(sql_type = Array<Text>)]
    pub abilities: Vec<String>,
    /// Who made it; none when a token or the server did.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub created_by: Option<Id<id::User>>,
    /// When it was made.
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
    /// When it stops working; none means never.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub expires_at: Option<DateTime<Utc>>,
    /// Last use, to the minute.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub last_used_at: Option<DateTime<Utc>>,
    /// Address of the last use.
    #[diesel(sql_type = Nullable<Text>)]
    pub last_used_ip: Option<String>,
    /// When it was revoked.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub revoked_at: Option<DateTime<Utc>>,
    /// Networks that it may be used from; none means anywhere.
    #[diesel(sql_type = Array<Text>)]
    pub ip_allowlist: Vec<String>,
    /// The only courses that there are for its holder; none means all.
    #[diesel(sql_type = Nullable<Array<SqlUuid>>)]
    pub course_ids: Option<Vec<Uuid>>,
    /// What it was ever used for, by name.
    #[diesel(sql_type = Array<Text>)]
    pub used_abilities: Vec<String>,
    /// The token that it was made in place of.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub replaces: Option<Id<id::Token>>,
    /// The token that was made in its place.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub replaced_by: Option<Id<id::Token>>,
    /// When that was made.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub rotated_at: Option<DateTime<Utc>>,
    /// When somebody reported that it lies in the open.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub leaked_at: Option<DateTime<Utc>>,
    /// How often its people were told that it expires.
    #[diesel(sql_type = SmallInt)]
    pub told: i16,
}

impl Token {
    /// Where it is in its life.
    pub fn status(&self, now: DateTime<Utc>) -> TokenStatus {
        TokenStatus::at(now, self.expires_at, self.revoked_at)
    }

    /// How it begins.
    pub const fn prefix(&self) -> &'static str {
        prefix(self.kind)
    }

    /// Its courses; none means all.
    pub fn courses(&self) -> Option<Vec<Id<id::Course>>> {
        self.course_ids.as_ref().map(|ids| ids.iter().copied().map(Id::from_uuid).collect())
    }

    /// Until when it works beside the token that was made in its place.
    pub fn overlap_until(&self) -> Option<DateTime<Utc>> {
        self.expires_at.filter(|_| self.replaced_by.is_some() && self.revoked_at.is_none())
    }

    /// Abilities that it was never used for.
    pub fn unused_abilities(&self) -> Vec<String> {
        self.abilities.iter().filter(|ability| !self.used_abilities.contains(ability)).cloned().collect()
    }

    /// What somebody should look at. `listing` says the same in SQL.
    pub fn flags(&self, now: DateTime<Utc>) -> Vec<TokenFlag> {
        let status = self.status(now);
        if matches!(status, TokenStatus::Expired | TokenStatus::Revoked) {
            return Vec::new();
        }
        let is_unused = self.last_used_at.unwrap_or(self.created_at) < now - UNUSED_AFTER;
        let is_known = self.last_used_at.is_some() && self.created_at < now - KNOWN_AFTER;
        let is_over_broad =
            self.abilities.len() == Ability::ALL.len() || (is_known && !self.unused_abilities().is_empty());
        [
            (is_unused, TokenFlag::Unused),
            (is_over_broad, TokenFlag::OverBroad),
            (status == TokenStatus::Expiring, TokenFlag::Expiring),
        ]
        .into_iter()
        .filter_map(|(is_so, flag)| is_so.then_some(flag))
        .collect()
    }
}

/// A token that was found and is not revoked. It may have expired since: ask [`Verified::is_expired`] at each use.
#[derive(Debug, Clone)]
pub struct Verified {
    /// Whose it is.
    pub tenant: TenantId,
    /// Integer id of the institution.
    pub institution_number: i64,
    /// Whether the institution's doors are open.
    pub institution_status: InstitutionStatus,
    /// Our id.
    pub id: Id<id::Token>,
    /// Of which kind.
    pub kind: TokenKind,
    /// Who acts with it.
    pub actor: Actor,
    /// Given by its maker.
    pub name: String,
    /// What it may do now.
    pub abilities: Arc<[Ability]>,
    /// The manager who made it or signed in by it, whose groups' people alone there are for its holder.
    pub led_by: Option<Id<id::User>>,
    /// Its person must have a second factor and has none: it opens the doors to one, and no others.
    pub lacks_factor: bool,
    /// When it stops working; none means never.
    pub expires_at: Option<DateTime<Utc>>,
    /// Last use that was written down.
    pub last_used_at: Option<DateTime<Utc>>,
    /// Networks that it may be used from.
    pub allow_list: AllowList,
    /// The only courses that there are for its holder; none means all.
    pub courses: Option<Arc<[Uuid]>>,
    /// Abilities that it was used for, as far as written down.
    pub used: Vec<Ability>,
    /// Limits that the institution has instead of the server's.
    pub limits: RequestLimits,
}

impl Verified {
    /// Has it stopped working by then.
    pub fn is_expired(&self, now: DateTime<Utc>) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}
