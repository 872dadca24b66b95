//! How lists of people are asked for and answered: by numbered pages that are counted so far and no further, or from
//! place to place by the cursor.
//!
//! Not here: how one person looks (`members`), and what a list asks the database (`stoa_core::members`).

use std::borrow::Cow;

use actix_web::HttpResponse;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::Value;
use stoa_core::{
    Error, Id, Key, Result, Role,
    db::{Paged, TenantTx},
    groups, id,
    members::{self, CountedPage, Direction, MemberCursor, MemberFilter, MemberOrder, MemberStatus, MembersPage},
    time::Timestamp,
};

use super::members::MemberView;
use crate::{
    doors::{Listed, Reply, Wire},
    page::{Page, PageNumber, PerPage, asked, by_cursor},
};

/// Which people, in which order, and which part of them.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Listing {
    /// Words, at most 8, each of which begins a word of the name, the address or the external id, in any case.
    #[serde(default)]
    q: Option<String>,
    /// Of this role.
    #[serde(default)]
    role: Option<Role>,
    /// Of this status; all but those who have left, if left out.
    #[serde(default)]
    status: Option<MemberStatus>,
    /// In this group: its id, or `external_id:` and the institution's own key.
    #[serde(default)]
    group: Option<Key<id::Group>>,
    /// Changed then or later, those who have left among them.
    #[serde(default)]
    updated_since: Option<Timestamp>,
    /// The order, from the end with `-` before it. Left out, a search is sorted by the word that was found, changes by
    /// when, and all else by who joined first.
    #[serde(default)]
    sort: Option<Sort>,
    /// Where to go on: `meta.next_cursor` of the page before. Empty for the beginning; nothing is counted then.
    #[serde(default)]
    cursor: Option<String>,
    /// Which page of the first 10,000 members, or 1,000 of a search; the first if left out. Not with `cursor`.
    #[serde(default)]
    page: Option<PageNumber>,
    #[serde(default)]
    per_page: PerPage,
}

/// Which part of the people of a group.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PartOfGroup {
    /// The order, from the end with `-` before it; who joined the institution first, if left out.
    #[serde(default)]
    sort: Option<Sort>,
    /// Where to go on: `meta.next_cursor` of the page before. Empty for the beginning; nothing is counted then.
    #[serde(default)]
    cursor: Option<String>,
    /// Which page of the first 10,000 members, or 1,000 of a search; the first if left out. Not with `cursor`.
    #[serde(default)]
    page: Option<PageNumber>,
    #[serde(default)]
    per_page: PerPage,
}

/// What a list is sorted by, and from which end.
#[derive(Debug, Clone, Copy)]
struct Sort(MemberOrder, Direction);

impl<'de> Deserialize<'de> for Sort {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let (direction, word) = match text.strip_prefix('-') {
            Some(word) => (Direction::Down, word),
            None => (Direction::Up, text.as_str()),
        };
        let order = word.parse().map_err(|()| {
            de::Error::invalid_value(
                de::Unexpected::Str(&text),
                &"joined_at, updated_at, name or email, or one of them with - before it",
            )
        })?;
        Ok(Self(order, direction))
    }
}

impl JsonSchema for Sort {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "MemberSort".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let words: Vec<String> =
            MemberOrder::ALL.iter().flat_map(|order| [order.to_string(), format!("-{order}")]).collect();
        json_schema!({ "type": "string", "enum": words })
    }
}

/// Which part of a list is asked for.
enum Part {
    Numbered(PageNumber, PerPage),
    From(Option<MemberCursor>, PerPage),
}

impl Part {
    fn of(cursor: Option<String>, page: Option<PageNumber>, per_page: PerPage) -> Result<Self> {
        match (cursor, page) {
            (Some(_), Some(_)) => Err(Error::invalid_field("?page", "value", "wanted a page or a cursor, not both")),
            (Some(text), None) => {
                Ok(Self::From(Some(text).filter(|text| !text.is_empty()).map(MemberCursor::read), per_page))
            }
            (None, page) => Ok(Self::Numbered(page.unwrap_or_default(), per_page)),
        }
    }
}

impl Listing {
    /// Lists whom the query asks for.
    pub(super) async fn list(self, tx: &mut TenantTx) -> Result<People> {
        let part = Part::of(self.cursor, self.page, self.per_page)?;
        let group = match &self.group {
            Some(key) => Some(groups::get(tx, key).await?.id),
            None => None,
        };
        let filter = MemberFilter {
            q: self.q,
            role: self.role,
            status: self.status,
            group,
            updated_since: self.updated_since.map(Timestamp::utc),
            sort: self.sort.map(|Sort(order, direction)| (order, direction)),
        };
        people(tx, &filter, part).await
    }
}

impl PartOfGroup {
    /// Lists who is in a group.
    pub(super) async fn list(self, tx: &mut TenantTx, group: Id<id::Group>) -> Result<People> {
        let part = Part::of(self.cursor, self.page, self.per_page)?;
        let sort = self.sort.map(|Sort(order, direction)| (order, direction));
        people(tx, &MemberFilter { group: Some(group), sort, ..MemberFilter::default() }, part).await
    }
}

async fn people(tx: &mut TenantTx, filter: &MemberFilter, part: Part) -> Result<People> {
    let text = |cursor: MemberCursor| cursor.as_str().to_owned();
    match part {
        Part::Numbered(page, per_page) => {
            let CountedPage { paged, is_estimate, next } = members::list(tx, filter, asked(page, per_page)).await?;
            Ok(People::Counted { paged: paged.map(MemberView::of), is_estimate, next: next.map(text) })
        }
        Part::From(cursor, per_page) => {
            let per_page = asked(PageNumber::default(), per_page).per_page;
            let MembersPage { rows, next } = members::list_from(tx, filter, cursor.as_ref(), per_page).await?;
            let rows = rows.into_iter().map(MemberView::of).collect();
            Ok(People::Stretch { rows, per_page, next: next.map(text) })
        }
    }
}

/// 200 with a part of a list of people.
#[derive(Debug)]
pub(super) enum People {
    /// A numbered page.
    Counted { paged: Paged<MemberView>, is_estimate: bool, next: Option<String> },
    /// What follows a place.
    Stretch { rows: Vec<MemberView>, per_page: i64, next: Option<String> },
}

impl Reply for People {
    const STATUS: u16 = 200;

    fn shape(schemas: &mut SchemaGenerator) -> Option<Schema> {
        let counted = Listed::<MemberView>::shape(schemas)?;
        let onward = schemas.subschema_for::<Onward>();
        Some(json_schema!({ "anyOf": [counted, onward] }))
    }

    fn example(path: &str) -> Option<Value> {
        Listed::<MemberView>::example(path)
    }

    fn write(self, wire: &Wire) -> Result<HttpResponse> {
        let bytes = match self {
            Self::Counted { paged, is_estimate, next } => {
                serde_json::to_vec(&Page::of_counted(paged, (is_estimate, next), wire))
            }
            Self::Stretch { rows, per_page, next } => {
                let links = OnwardLinks { next: next.as_ref().map(|cursor| by_cursor(wire, cursor)) };
                serde_json::to_vec(&Onward { data: rows, links, meta: OnwardMeta { per_page, next_cursor: next } })
            }
        };
        Ok(HttpResponse::Ok().content_type("application/json").body(bytes.map_err(Error::internal)?))
    }
}

/// What follows a cursor: nothing is counted, each part leads to the next.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MembersOnward")]
struct Onward {
    data: Vec<MemberView>,
    links: OnwardLinks,
    meta: OnwardMeta,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MembersOnwardLinks")]
struct OnwardLinks {
    /// What follows; null at the end.
    next: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MembersOnwardMeta")]
struct OnwardMeta {
    /// Members of a part, at most.
    per_page: i64,
    /// `cursor` of what follows; null at the end.
    next_cursor: Option<String>,
}
