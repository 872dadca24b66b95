//! A page of a list that is only ever added to: no pages are counted, each leads to the next.

use actix_web::HttpResponse;
use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};
use stoa_core::{Error, Result};

use super::{Csv, EntryView};
use crate::doors::{Reply, Sample, Wire};

/// The log: a page, or all of it in a file.
#[derive(Debug)]
pub(crate) enum Log {
    Page(Scrolled),
    Csv(Csv),
}

/// A page.
#[derive(Debug)]
pub(crate) struct Scrolled {
    pub(crate) entries: Vec<EntryView>,
    pub(crate) per_page: i64,
    pub(crate) more: bool,
}

impl Scrolled {
    fn body(&self, wire: &Wire) -> Value {
        let next = self.entries.last().filter(|_| self.more).map(|entry| entry.id);
        let rest: String = (wire.query.split('&'))
            .filter(|pair| !pair.is_empty() && pair.split('=').next() != Some("cursor"))
            .flat_map(|pair| [pair, "&"])
            .collect();
        let url = next.map(|id| format!("{}{}?{rest}cursor={id}", wire.base, wire.path));
        json!({
            "data": self.entries,
            "links": { "next": url },
            "meta": { "per_page": self.per_page, "next_cursor": next },
        })
    }
}

impl Reply for Log {
    const STATUS: u16 = 200;

    fn shape(schemas: &mut SchemaGenerator) -> Option<Schema> {
        Some(json_schema!({
            "type": "object",
            "required": ["data", "links", "meta"],
            "properties": {
                "data": { "type": "array", "items": schemas.subschema_for::<EntryView>() },
                "links": {
                    "type": "object",
                    "required": ["next"],
                    "properties": { "next": { "type": ["string", "null"], "description": "The next page; null at the end" } },
                },
                "meta": {
                    "type": "object",
                    "required": ["per_page", "next_cursor"],
                    "properties": { "per_page": { "type": "integer" }, "next_cursor": { "type": ["string", "null"] } },
                },
            },
        }))
    }

    fn example(path: &str) -> Option<Value> {
        let wire = Wire {
            base: "https://learn.example".into(),
            path: path.to_owned(),
            query: String::new(),
            if_none_match: None,
        };
        Some(Scrolled { entries: vec![EntryView::sample()], per_page: 15, more: false }.body(&wire))
    }

    fn write(self, wire: &Wire) -> Result<HttpResponse> {
        match self {
            Self::Csv(csv) => Ok(csv.respond()),
            Self::Page(page) => {
                let bytes = serde_json::to_vec(&page.body(wire)).map_err(Error::internal)?;
                Ok(HttpResponse::Ok().content_type("application/json").body(bytes))
            }
        }
    }
}
