//! Lists of people: filtered, sorted, searched, page by page or from one place to the next.
//!
//! Not here: who may see whom, which the wall keeps (`db::tenancy`).
//!
//! # Rule
//! A page is one statement, whose cost is that of the page: it walks along an index from the place where the page before
//! ended, and reads groups and activity of the people on it alone. Numbered pages count, and count no further than
//! ten thousand, or a thousand of a search; whoever wants all goes on by the cursor that each page gives, and pays for no count.

mod cursor;
mod statement;

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

pub use self::cursor::MemberCursor;
use self::{cursor::Place, statement::Shape};
use super::{Member, MemberStatus, queries};
use crate::{
    db::{PageRequest, Paged, TenantTx, Total, composed, failed, sql},
    error::{Error, Result},
    id::{self, Id},
    key::Key,
    scope::Role,
    words,
};

/// Members of a list that are counted, and that numbered pages show.
const COUNTED: i64 = 10_000;
/// The same of a search, each of whose finds is looked at before it counts.
const COUNTED_OF_SEARCH: i64 = 1_000;
/// Longest search, in words.
const WORDS_MAX: usize = 8;

words! {
    /// Names what a list is sorted by. In both directions, those that are equal stand in the order in which they came.
    MemberOrder {
        /// Who came first.
        Joined = "joined_at",
        /// Whose data changed.
        Updated = "updated_at",
        /// The whole name.
        Name = "name",
        /// The address.
        Email = "email",
    }
}

/// Which members are wanted, and in which order.
#[derive(Debug, Clone, Default)]
pub struct MemberFilter {
    /// Words, each of which begins a word of the name, the address, or the external id.
    pub q: Option<String>,
    /// Of this role.
    pub role: Option<Role>,
    /// Of this status; all but the removed if left out.
    pub status: Option<MemberStatus>,
    /// In this group.
    pub group: Option<Id<id::Group>>,
    /// Changed then or later, the removed among them.
    pub updated_since: Option<DateTime<Utc>>,
    /// The order, and whether from its end; of a search by what was found, of changes by when, else by who came first.
    pub sort: Option<(MemberOrder, Direction)>,
}

/// From which end a list begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the beginning.
    Up,
    /// From the end.
    Down,
}

/// A member, with what a list shows beside.
#[derive(Debug, Clone, QueryableByName)]
pub struct ListedMember {
    /// Who.
    #[diesel(embed)]
    pub member: Member,
    /// The person's groups, the oldest first.
    #[diesel(sql_type = Array<SqlUuid>)]
    pub group_ids: Vec<Id<id::Group>>,
    /// What they are called, in the same order.
    #[diesel(sql_type = Array<Text>)]
    pub group_names: Vec<String>,
    /// Last time that the person learned something; none for never.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub last_active_at: Option<DateTime<Utc>>,
    /// Since when letters to the person's address come back, and none are sent there; none where they arrive.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub email_suspended_at: Option<DateTime<Utc>>,
    /// What the list is sorted by, as a cursor says it.
    #[diesel(sql_type = Text)]
    sorted_by: String,
}

/// A part of a list, and where it goes on.
#[derive(Debug)]
pub struct MembersPage {
    /// The members.
    pub rows: Vec<ListedMember>,
    /// Where it goes on; none at the end.
    pub next: Option<MemberCursor>,
}

/// A numbered page.
#[derive(Debug)]
pub struct CountedPage {
    /// The members, and how many were counted.
    pub paged: Paged<ListedMember>,
    /// There are more than were counted.
    pub is_estimate: bool,
    /// Where it goes on behind the page; none at the end.
    pub next: Option<MemberCursor>,
}

/// Lists members from a place on; from the beginning without one.
///
/// # Errors
/// `validation_failed` for a place of a list of another order, and for a search that is no search.
pub async fn list_from(
    tx: &mut TenantTx,
    filter: &MemberFilter,
    after: Option<&MemberCursor>,
    most: i64,
) -> Result<MembersPage> {
    let asked = Asked::of(filter, is_led(tx))?;
    let place = after.map(|cursor| cursor.place(asked.shape.order)).transpose()?;
    let text = if place.is_some() { asked.shape.onward() } else { asked.shape.outset() };
    let rows = asked.ask(tx, text, (place, most.saturating_add(1), 0)).await?;
    Ok(asked.page(rows, most))
}

/// Lists a numbered page and counts all, as far as it counts.
///
/// # Errors
/// `validation_failed` for a page beyond what is counted, and for a search that is no search.
pub async fn list(tx: &mut TenantTx, filter: &MemberFilter, request: PageRequest) -> Result<CountedPage> {
    let asked = Asked::of(filter, is_led(tx))?;
    let counted = asked.counted();
    if request.offset() >= counted {
        let detail = format!("pages show the first {counted}; go on by meta.next_cursor");
        return Err(Error::invalid_field("?page", "range", detail));
    }
    // What is looked for decides which index is best, and a page that is kept for all would be planned for none.
    sql("SET LOCAL plan_cache_mode = force_custom_plan").execute(tx.connection()).await.map_err(failed)?;
    let total: Vec<Total> = asked.ask(tx, asked.shape.count(), (None, counted + 1, 0)).await?;
    let rows = asked.ask(tx, asked.shape.numbered(), (None, request.per_page + 1, request.offset())).await?;
    let MembersPage { rows, next } = asked.page(rows, request.per_page);
    let total = total.into_iter().next().map_or(0, |row| row.total);
    let is_estimate = total > counted;
    Ok(CountedPage { paged: Paged { rows, total: total.min(counted), request }, is_estimate, next })
}

/// Gets a member with what a list shows.
///
/// # Errors
/// `not_found`.
pub async fn get_listed(tx: &mut TenantTx, key: &Key<id::User>) -> Result<ListedMember> {
    let id = queries::get(tx, key).await?.id;
    let tenant = tx.tenant();
    let found = composed(statement::one()).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(id);
    found.get_result(tx.connection()).await.map_err(failed)
}

/// Whoever leads groups lists the people in them, without himself.
fn is_led(tx: &TenantTx) -> bool {
    tx.by().is_some_and(|by| by.led_by.is_some())
}

/// What a request asks for: the shape of its statement, and the values.
struct Asked<'a> {
    shape: Shape,
    filter: &'a MemberFilter,
    /// The word that is looked up, and the others, which must be there too.
    words: (String, Vec<String>),
}

impl<'a> Asked<'a> {
    fn of(filter: &'a MemberFilter, led: bool) -> Result<Self> {
        let mut words: Vec<&str> = filter.q.as_deref().unwrap_or_default().split_whitespace().collect();
        if words.len() > WORDS_MAX {
            return Err(Error::invalid_field("?q", "length", format!("wanted at most {WORDS_MAX} words")));
        }
        let shape = Shape::of(filter, words.len(), led);
        // The longest is likely the rarest.
        words.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
        let mut words = words.into_iter().map(str::to_owned);
        Ok(Self { shape, filter, words: (words.next().unwrap_or_default(), words.collect()) })
    }

    fn counted(&self) -> i64 {
        if self.words.0.is_empty() { COUNTED } else { COUNTED_OF_SEARCH }
    }

    async fn ask<T>(&self, tx: &mut TenantTx, text: String, at: (Option<Place>, i64, i64)) -> Result<Vec<T>>
    where
        T: QueryableByName<diesel::pg::Pg> + Send + 'static,
    {
        let tenant = tx.tenant();
        let (place, most, offset) = at;
        let (time, text_of, id) = place.map_or((None, None, None), |place| (place.time, place.text, Some(place.id)));
        composed(text)
            .bind::<SqlUuid, _>(tenant)
            .bind::<Nullable<Timestamptz>, _>(time)
            .bind::<Nullable<Text>, _>(text_of)
            .bind::<Nullable<SqlUuid>, _>(id)
            .bind::<BigInt, _>(most)
            .bind::<BigInt, _>(offset)
            .bind::<Nullable<SqlUuid>, _>(self.filter.group.map(Id::uuid))
            .bind::<Nullable<Timestamptz>, _>(self.filter.updated_since)
            .bind::<Text, _>(&self.words.0)
            .bind::<Array<Text>, _>(&self.words.1)
            .load(tx.connection())
            .await
            .map_err(failed)
    }

    fn page(&self, mut rows: Vec<ListedMember>, most: i64) -> MembersPage {
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let more = rows.len() > most;
        rows.truncate(most);
        let next = rows.last().filter(|_| more);
        let next = next.map(|last| MemberCursor::new(self.shape.order, &last.sorted_by, last.member.id));
        MembersPage { rows, next }
    }
}
