//! Lists on the wire: `{data, links, meta}`, page by page.
//!
//! # Source
//! Laravel's `PaginatedResourceResponse`, `LengthAwarePaginator` and `UrlWindow`: the same keys, labels and
//! window of pages.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use stoa_core::db::{PageRequest, Paged};

use super::doors::Wire;

/// Pages that are shown on either side of the present one, where not all are.
const EACH_SIDE: i64 = 3;

macro_rules! bounded {
    ($(#[$words:meta])* $name:ident = $low:literal..=$high:literal, default $default:literal, $wanted:literal) => {
        $(#[$words])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct $name(i64);

        impl Default for $name {
            fn default() -> Self {
                Self($default)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let number = <i64 as serde::Deserialize>::deserialize(deserializer)?;
                if ($low..=$high).contains(&number) {
                    Ok(Self(number))
                } else {
                    Err(serde::de::Error::invalid_value(serde::de::Unexpected::Signed(number), &$wanted))
                }
            }
        }

        impl schemars::JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "integer", "minimum": $low, "maximum": $high, "default": $default })
            }
        }
    };
}
pub(super) use bounded;

bounded! {
    /// `page` of a query, from 1.
    PageNumber = 1..=1_000_000_000, default 1, "a page from 1"
}
bounded! {
    /// `per_page` of a query.
    PerPage = 1..=100, default 15, "1 to 100"
}

/// Turns the two parameters into what a query of the core asks for.
pub const fn asked(page: PageNumber, per_page: PerPage) -> PageRequest {
    PageRequest { page: page.0, per_page: per_page.0 }
}

/// The query of a list that takes no filter.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Paging {
    #[serde(default)]
    page: PageNumber,
    #[serde(default)]
    per_page: PerPage,
}

impl Paging {
    /// Which page of the core's list is asked for.
    pub const fn asked(self) -> PageRequest {
        asked(self.page, self.per_page)
    }
}

/// A page as it is answered.
#[derive(Debug, Serialize)]
pub struct Page<T> {
    data: Vec<T>,
    links: Links,
    meta: Meta,
}

/// Addresses of other pages.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PageLinks")]
struct Links {
    /// First page.
    first: String,
    /// Last page.
    last: String,
    /// Page before; null on the first.
    prev: Option<String>,
    /// Page after; null on the last.
    next: Option<String>,
}

/// Where the page stands.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PageMeta")]
struct Meta {
    /// This page.
    current_page: i64,
    /// Number of the first row; null when the page is empty.
    from: Option<i64>,
    /// The last page; 1 when there are no rows.
    last_page: i64,
    /// What a pager shows.
    links: Vec<Step>,
    /// Address of the list without a query.
    path: String,
    /// Rows on a page.
    per_page: i64,
    /// Number of the last row; null when the page is empty.
    to: Option<i64>,
    /// Rows of all pages.
    total: i64,
    /// There are more than were counted: true, or false where all were; absent of lists that are always counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    total_is_estimate: Option<bool>,
    /// `cursor` of the rows behind those that were counted, if there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// A button of a pager.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PageStep")]
struct Step {
    /// Where it leads.
    url: Option<String>,
    /// What it says, in HTML.
    label: String,
    /// Which page that is; absent for a gap.
    #[serde(skip_serializing_if = "Target::is_gap")]
    #[schemars(with = "Option<i64>")]
    page: Target,
    /// Is it the present page.
    active: bool,
}

/// The framework leaves `page` out of a gap and says null where a button leads nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(untagged)]
enum Target {
    Page(Option<i64>),
    #[serde(skip)]
    Gap,
}

impl Target {
    fn is_gap(&self) -> bool {
        *self == Self::Gap
    }
}

impl<T> Page<T> {
    /// Adds the links to a page of rows.
    pub(super) fn of(paged: Paged<T>, wire: &Wire) -> Self {
        let PageRequest { page, per_page } = paged.request;
        let last = paged.total.saturating_add(per_page - 1).checked_div(per_page).unwrap_or(1).max(1);
        let path = format!("{}{}", wire.base, wire.path);
        let rest = other_parameters(&wire.query);
        let url = |page: i64| format!("{path}?{rest}page={page}");
        let prev = (page > 1).then(|| page - 1);
        let next = (page < last).then(|| page + 1);
        let rows = i64::try_from(paged.rows.len()).unwrap_or_default();
        let before = paged.request.offset();
        let links = Links { first: url(1), last: url(last), prev: prev.map(url), next: next.map(url) };
        let meta = Meta {
            current_page: page,
            from: (rows > 0).then_some(before + 1),
            last_page: last,
            links: steps(page, last, prev, next, &url),
            path: path.clone(),
            per_page,
            to: (rows > 0).then_some(before + rows),
            total: paged.total,
            total_is_estimate: None,
            next_cursor: None,
        };
        Self { data: paged.rows, links, meta }
    }

    /// A page of the rows that were counted of a list without end, and where the others begin.
    pub(super) fn of_window(paged: Paged<T>, next: Option<String>, wire: &Wire) -> Self {
        let mut page = Self::of(paged, wire);
        page.meta.total_is_estimate = Some(next.is_some());
        if let (None, Some(cursor)) = (&page.links.next, &next) {
            page.links.next = Some(by_cursor(wire, cursor));
        }
        page.meta.next_cursor = next;
        page
    }

    /// A page of a list that is counted so far and no further, with the cursor of what is behind its last row. Behind the
    /// last page that is counted the cursor leads on.
    pub(super) fn of_counted(paged: Paged<T>, (is_estimate, next): (bool, Option<String>), wire: &Wire) -> Self {
        let mut page = Self::of(paged, wire);
        page.meta.total_is_estimate = Some(is_estimate);
        if page.links.next.is_none() {
            page.links.next = next.as_ref().map(|cursor| by_cursor(wire, cursor));
        }
        page.meta.next_cursor = next;
        page
    }
}

/// The address of the same list from a cursor on.
pub(super) fn by_cursor(wire: &Wire, cursor: &str) -> String {
    let rest: String = (other_parameters(&wire.query).split_inclusive('&'))
        .filter(|pair| pair.split('=').next() != Some("cursor"))
        .collect();
    format!("{}{}?{rest}cursor={cursor}", wire.base, wire.path)
}

fn steps(page: i64, last: i64, prev: Option<i64>, next: Option<i64>, url: &impl Fn(i64) -> String) -> Vec<Step> {
    let button = |label: String, target: Option<i64>, active| Step {
        url: target.map(url),
        label,
        page: Target::Page(target),
        active,
    };
    let mut steps = vec![button("&laquo; Previous".into(), prev, false)];
    steps.extend(window(page, last).into_iter().map(|shown| match shown {
        Some(number) => button(number.to_string(), Some(number), number == page),
        None => Step { url: None, label: "...".into(), page: Target::Gap, active: false },
    }));
    steps.push(button("Next &raquo;".into(), next, false));
    steps
}

/// Pages that are shown; none is a gap.
fn window(page: i64, last: i64) -> Vec<Option<i64>> {
    let pages = |from: i64, to: i64| (from..=to).map(Some);
    let near_end = EACH_SIDE + 4;
    if last < EACH_SIDE * 2 + 8 {
        pages(1, last).collect()
    } else if page <= near_end {
        pages(1, near_end + EACH_SIDE).chain([None]).chain(pages(last - 1, last)).collect()
    } else if page > last - near_end {
        pages(1, 2).chain([None]).chain(pages(last - (near_end + EACH_SIDE - 1), last)).collect()
    } else {
        let middle = pages(page - EACH_SIDE, page + EACH_SIDE);
        pages(1, 2).chain([None]).chain(middle).chain([None]).chain(pages(last - 1, last)).collect()
    }
}

/// The query without `page`, ready for another parameter behind it.
fn other_parameters(query: &str) -> String {
    let others = query.split('&').filter(|pair| !pair.is_empty() && pair.split('=').next() != Some("page"));
    others.flat_map(|pair| [pair, "&"]).collect()
}

/// Schema of a page of rows.
pub(super) fn shape(row: &Schema, schemas: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "required": ["data", "links", "meta"],
        "properties": {
            "data": { "type": "array", "items": row },
            "links": schemas.subschema_for::<Links>(),
            "meta": schemas.subschema_for::<Meta>(),
        },
    })
}

/// A page that holds these rows and no more.
pub(super) fn example<T>(rows: Vec<T>, path: &str) -> Page<T> {
    let total = i64::try_from(rows.len()).unwrap_or_default();
    let wire =
        Wire { base: "https://learn.example".into(), path: path.to_owned(), query: String::new(), if_none_match: None };
    Page::of(Paged { rows, total, request: PageRequest::default() }, &wire)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn page(page: i64, total: i64, query: &str) -> Value {
        let request = PageRequest { page, per_page: 15 };
        let left = (total - request.offset()).clamp(0, 15);
        let wire =
            Wire { base: "http://example.com".into(), path: "/users".into(), query: query.into(), if_none_match: None };
        serde_json::to_value(Page::of(Paged { rows: (0..left).collect::<Vec<_>>(), total, request }, &wire)).unwrap()
    }

    fn shown(at: i64, last: i64) -> String {
        let words = window(at, last).into_iter().map(|page| page.map_or("…".into(), |page| page.to_string()));
        words.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_first_page() {
        let page = page(1, 25, "");
        let lines = |tree: &Value| tree.as_array().unwrap().iter().map(Value::to_string).collect::<Vec<_>>().join("\n");
        insta::assert_snapshot!(page["links"], @r#"{"first":"http://example.com/users?page=1","last":"http://example.com/users?page=2","prev":null,"next":"http://example.com/users?page=2"}"#);
        insta::assert_snapshot!(lines(&page["meta"]["links"]), @r#"
        {"url":null,"label":"&laquo; Previous","page":null,"active":false}
        {"url":"http://example.com/users?page=1","label":"1","page":1,"active":true}
        {"url":"http://example.com/users?page=2","label":"2","page":2,"active":false}
        {"url":"http://example.com/users?page=2","label":"Next &raquo;","page":2,"active":false}
        "#);
        let meta = page["meta"].as_object().unwrap();
        let rest: Vec<_> =
            meta.iter().filter(|(name, _)| *name != "links").map(|(name, value)| format!("{name}={value}")).collect();
        insta::assert_snapshot!(rest.join(" "), @r#"current_page=1 from=1 last_page=2 path="http://example.com/users" per_page=15 to=15 total=25"#);
    }

    #[test]
    fn a_gap_leads_nowhere_and_is_no_page() {
        let page = page(1, 15 * 20, "");
        assert_eq!(page["meta"]["links"][11], serde_json::json!({ "url": null, "label": "...", "active": false }));
    }

    #[test]
    fn an_empty_list_counts_one_page_and_no_rows() {
        let page = page(1, 0, "");
        assert_eq!(page["meta"]["from"], Value::Null);
        assert_eq!(page["meta"]["to"], Value::Null);
        assert_eq!(page["meta"]["last_page"], 1);
        assert_eq!(page["links"]["next"], Value::Null);
    }

    #[test]
    fn the_rest_of_the_query_is_kept() {
        let page = page(2, 100, "q=a%20b&page=2&per_page=15");
        assert_eq!(page["links"]["next"], "http://example.com/users?q=a%20b&per_page=15&page=3");
        assert_eq!(page["meta"]["path"], "http://example.com/users");
    }

    #[test]
    fn behind_the_last_page_that_was_counted_the_next_window_begins() {
        let of = |page, next: Option<&str>, query: &str| {
            let request = PageRequest { page, per_page: 15 };
            let wire = Wire { base: String::new(), path: "/log".into(), query: query.into(), if_none_match: None };
            let paged = Paged { rows: vec![1; 15], total: 30, request };
            serde_json::to_value(Page::of_window(paged, next.map(str::to_owned), &wire)).unwrap()
        };
        let last = of(2, Some("dlv_1"), "status=exhausted&cursor=dlv_9&page=2");
        assert_eq!(last["links"]["next"], "/log?status=exhausted&cursor=dlv_1");
        assert_eq!(last["links"]["prev"], "/log?status=exhausted&cursor=dlv_9&page=1");
        assert_eq!((&last["meta"]["total_is_estimate"], &last["meta"]["next_cursor"]), (&true.into(), &"dlv_1".into()));
        let first = of(1, Some("dlv_1"), "");
        assert_eq!(first["links"]["next"], "/log?page=2");
        let whole = of(2, None, "");
        assert_eq!((&whole["links"]["next"], &whole["meta"]["total_is_estimate"]), (&Value::Null, &false.into()));
        assert!(whole["meta"].get("next_cursor").is_none());
    }

    #[test]
    fn the_window_is_the_frameworks() {
        assert_eq!(shown(5, 13), "1 2 3 4 5 6 7 8 9 10 11 12 13");
        assert_eq!(shown(1, 20), "1 2 3 4 5 6 7 8 9 10 … 19 20");
        assert_eq!(shown(7, 20), "1 2 3 4 5 6 7 8 9 10 … 19 20");
        assert_eq!(shown(8, 20), "1 2 … 5 6 7 8 9 10 11 … 19 20");
        assert_eq!(shown(13, 20), "1 2 … 10 11 12 13 14 15 16 … 19 20");
        assert_eq!(shown(14, 20), "1 2 … 11 12 13 14 15 16 17 18 19 20");
        assert_eq!(shown(30, 20), "1 2 … 11 12 13 14 15 16 17 18 19 20");
    }
}
