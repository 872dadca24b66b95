//! A stretch of a list that is too long to be counted: rows, and where to go on.
//!
//! Not here: lists with numbered pages (`http::page`).

use actix_web::{HttpResponse, http::StatusCode};
use schemars::{Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde_json::Value;
use stoa_core::Result;

use super::{Reply, Sample, Wire, reply::json};

/// 200 with `{"data": […], "links": {"next": …}}`.
#[derive(Debug)]
pub struct Stretch<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Parameter that leads to what follows, and its value; none at the end.
    pub next: Option<(&'static str, String)>,
}

#[derive(Serialize)]
struct Shown<T> {
    data: Vec<T>,
    links: Links,
}

#[derive(Serialize)]
struct Links {
    next: Option<String>,
}

impl<T: Sample> Reply for Stretch<T> {
    const STATUS: u16 = 200;

    fn shape(schemas: &mut SchemaGenerator) -> Option<Schema> {
        let row = schemas.subschema_for::<T>();
        Some(json_schema!({
            "type": "object",
            "required": ["data", "links"],
            "properties": {
                "data": { "type": "array", "items": row },
                "links": {
                    "type": "object",
                    "required": ["next"],
                    "properties": { "next": { "type": ["string", "null"], "description": "What follows; null at the end." } },
                },
            },
        }))
    }

    fn example(_: &str) -> Option<Value> {
        serde_json::to_value(Shown { data: vec![T::sample()], links: Links { next: None } }).ok()
    }

    fn write(self, wire: &Wire) -> Result<HttpResponse> {
        let next = self.next.map(|(name, value)| {
            let named = |pair: &&str| !pair.is_empty() && pair.split('=').next() != Some(name);
            let rest: String = wire.query.split('&').filter(named).flat_map(|pair| [pair, "&"]).collect();
            format!("{}{}?{rest}{name}={value}", wire.base, wire.path)
        });
        json(StatusCode::OK, &Shown { data: self.rows, links: Links { next } })
    }
}
