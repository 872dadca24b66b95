//! Objects and lists as this surface answers them: `{"<plural>": […], "nextUrl": …}`, page after page.
//!
//! # Rule
//! A page goes on after the last row of the one before, not at a number, so rows that come or go meanwhile neither
//! repeat nor hide others. The place is sealed for its institution and its list: nobody else's opens, and none can be
//! made up.
//!
//! # Source
//! access.articulate.com, "Reach 360: Introduction to Reach 360 API", on pagination: `nextUrl` is a whole address that
//! is called as it is, and null at the end.

use actix_web::HttpResponse;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde_json::{Map, Value};
use stoa_core::{Error, Result, TenantId, sealed::Secret};
use stoa_protocols::webhook::dialects::reach360::objects::Links;
use uuid::Uuid;

use crate::{
    doors::{Reply, Wire},
    page::bounded,
    state::App,
};

bounded! {
    /// `limit` of most lists.
    Limit = 1..=100, default 50, "1 to 100"
}
bounded! {
    /// `limit` of webhooks and reports.
    LongLimit = 1..=2000, default 50, "1 to 2000"
}

impl Limit {
    pub(super) const fn rows(self) -> i64 {
        self.0
    }
}

impl LongLimit {
    pub(super) const fn rows(self) -> i64 {
        self.0
    }
}

/// What can be shown with links that begin where the caller calls.
pub(super) trait Shown: 'static {
    /// The name of a list of it.
    const PLURAL: &'static str;
    /// As it is written.
    type Object<'a>: Serialize + JsonSchema;

    /// Writes it.
    fn show<'a>(&'a self, links: Links<'_>) -> Self::Object<'a>;

    /// A believable one.
    fn sample() -> Self;
}

/// What stands before the rows of a list.
pub(super) trait Head: 'static {
    /// As it is written.
    type Object: Serialize + JsonSchema;

    /// Writes it.
    fn show(&self, links: Links<'_>) -> Self::Object;

    /// A believable one.
    fn sample() -> Self;
}

/// Nothing stands there.
#[derive(Debug)]
pub(super) struct NoHead;

/// Nothing.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct Empty {}

impl Head for NoHead {
    type Object = Empty;

    fn show(&self, _: Links<'_>) -> Empty {
        Empty {}
    }

    fn sample() -> Self {
        Self
    }
}

/// 200 with the object.
#[derive(Debug)]
pub(super) struct One<T>(pub(super) T);

/// 200 with a page of objects.
#[derive(Debug)]
pub(super) struct List<T, H = NoHead> {
    pub(super) head: H,
    pub(super) rows: Vec<T>,
    /// Where the next page begins; none at the end.
    pub(super) next: Option<String>,
}

/// Where a list goes on: sealed for one list of one institution.
pub(super) struct Cursor<'a> {
    app: &'a App,
    place: String,
}

impl<'a> Cursor<'a> {
    /// Of a list, named by its path.
    pub(super) fn of(app: &'a App, tenant: TenantId, list: &str) -> Self {
        Self { app, place: format!("reach:{tenant}:{list}") }
    }

    /// After which row the page begins.
    ///
    /// # Errors
    /// `validation_failed` for what was not made here.
    pub(super) fn read(&self, given: Option<&str>) -> Result<Option<Uuid>> {
        let Some(text) = given else { return Ok(None) };
        let opened = BASE64_URL_SAFE_NO_PAD
            .decode(text)
            .ok()
            .and_then(|bytes| self.app.sealer.open(&bytes, &self.place).ok())
            .and_then(|secret| Uuid::from_slice(secret.expose()).ok());
        let broken = || Error::invalid_field("?cursor", "format", "call nextUrl as it was answered");
        opened.map(Some).ok_or_else(broken)
    }

    /// Makes a page of one row more than was asked for; the row too many says that there is another page.
    ///
    /// # Errors
    /// `internal` when the place cannot be sealed.
    pub(super) fn page<T, H>(
        &self,
        mut rows: Vec<T>,
        (head, limit): (H, i64),
        place: impl Fn(&T) -> Uuid,
    ) -> Result<List<T, H>> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let last = rows.last().filter(|_| more).map(&place);
        let seal = |place: Uuid| self.app.sealer.seal(&Secret::new(place.as_bytes().to_vec()), &self.place);
        let next = last.map(seal).transpose()?.map(|sealed| BASE64_URL_SAFE_NO_PAD.encode(sealed));
        Ok(List { head, rows, next })
    }
}

impl<T: Shown> Reply for One<T> {
    const STATUS: u16 = 200;

    fn shape(schemas: &mut SchemaGenerator) -> Option<Schema> {
        Some(schemas.subschema_for::<T::Object<'static>>())
    }

    fn example(_: &str) -> Option<Value> {
        serde_json::to_value(T::sample().show(Links::new(EXAMPLE))).ok()
    }

    fn write(self, wire: &Wire) -> Result<HttpResponse> {
        json(&self.0.show(Links::new(&wire.base)))
    }
}

/// Where the links of the examples begin.
pub(super) const EXAMPLE: &str = "https://learn.example";

impl<T: Shown, H: Head> Reply for List<T, H> {
    const STATUS: u16 = 200;

    fn shape(schemas: &mut SchemaGenerator) -> Option<Schema> {
        let row = schemas.subschema_for::<T::Object<'static>>();
        let head = H::Object::json_schema(schemas);
        let mut properties = head.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
        properties.insert(T::PLURAL.to_owned(), json_schema!({ "type": "array", "items": row }).to_value());
        let next = json_schema!({
            "type": ["string", "null"],
            "description": "The next page, to be called as it is; null at the end",
        });
        properties.insert("nextUrl".to_owned(), next.to_value());
        let required: Vec<&String> = properties.keys().collect();
        Some(json_schema!({ "type": "object", "required": required, "properties": properties }))
    }

    fn example(_: &str) -> Option<Value> {
        let list = Self { head: H::sample(), rows: vec![T::sample()], next: None };
        list.body(EXAMPLE, None).ok()
    }

    fn write(self, wire: &Wire) -> Result<HttpResponse> {
        let next = self.next.as_ref().map(|cursor| {
            let pairs =
                wire.query.split('&').filter(|pair| !pair.is_empty() && pair.split('=').next() != Some("cursor"));
            let rest: String = pairs.flat_map(|pair| [pair, "&"]).collect();
            format!("{}{}?{rest}cursor={cursor}", wire.base, wire.path)
        });
        json(&self.body(&wire.base, next)?)
    }
}

impl<T: Shown, H: Head> List<T, H> {
    fn body(&self, base: &str, next: Option<String>) -> Result<Value> {
        let links = Links::new(base);
        let rows: Vec<_> = self.rows.iter().map(|row| row.show(links)).collect();
        let mut body: Map<String, Value> = match value(&self.head.show(links))? {
            Value::Object(head) => head,
            _ => Map::new(),
        };
        body.insert(T::PLURAL.to_owned(), value(&rows)?);
        body.insert("nextUrl".to_owned(), next.into());
        Ok(Value::Object(body))
    }
}

fn value<T: Serialize>(of: &T) -> Result<Value> {
    serde_json::to_value(of).map_err(Error::internal)
}

/// 200 with this body.
pub(super) fn json<T: Serialize>(body: &T) -> Result<HttpResponse> {
    let bytes = serde_json::to_vec(body).map_err(Error::internal)?;
    Ok(HttpResponse::Ok().content_type("application/json").body(bytes))
}
