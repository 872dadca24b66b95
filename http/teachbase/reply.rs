//! What this surface answers: objects and arrays without a wrapping, and how many rows there are in a header.
//!
//! # Source
//! `alexleskov/tb-telegrambot-ruby` reads the header `total`; `nelyj/teachbaser` reads bare arrays.

use actix_web::{
    HttpResponse,
    http::header::{HeaderName, HeaderValue},
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stoa_core::{
    Error, Result,
    db::{PageRequest, Paged},
};

use crate::{
    doors::{Reply, Sample, Wire},
    page::{PageNumber, PerPage, asked},
};

const TOTAL: HeaderName = HeaderName::from_static("total");

/// 200 with the thing itself.
#[derive(Debug)]
pub(super) struct Bare<T>(pub(super) T);

/// 200 with an array, which is empty beyond the last page, and `total`.
#[derive(Debug)]
pub(super) struct Rows<T>(pub(super) Paged<T>);

/// Which page.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Listing {
    #[serde(default)]
    page: PageNumber,
    #[serde(default)]
    per_page: PerPage,
    /// The token, where it does not stand in the header.
    #[serde(default, rename = "access_token")]
    _access_token: Option<String>,
}

/// No parameters but the token.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TokenOnly {
    /// The token, where it does not stand in the header.
    #[serde(default, rename = "access_token")]
    _access_token: Option<String>,
}

impl Listing {
    /// What a query of the core is asked for.
    pub(super) const fn asked(&self) -> PageRequest {
        asked(self.page, self.per_page)
    }
}

impl<T: Sample> Reply for Bare<T> {
    const STATUS: u16 = 200;

    fn shape(schemas: &mut SchemaGenerator) -> Option<Schema> {
        Some(schemas.subschema_for::<T>())
    }

    fn example(_: &str) -> Option<Value> {
        serde_json::to_value(T::sample()).ok()
    }

    fn write(self, _: &Wire) -> Result<HttpResponse> {
        json(&self.0)
    }
}

impl<T: Sample> Reply for Rows<T> {
    const STATUS: u16 = 200;

    fn shape(schemas: &mut SchemaGenerator) -> Option<Schema> {
        Some(json_schema!({ "type": "array", "items": schemas.subschema_for::<T>() }))
    }

    fn example(_: &str) -> Option<Value> {
        Some(json!([serde_json::to_value(T::sample()).ok()?]))
    }

    fn write(self, _: &Wire) -> Result<HttpResponse> {
        let mut response = json(&self.0.rows)?;
        response.headers_mut().insert(TOTAL, HeaderValue::from(self.0.total));
        Ok(response)
    }
}

fn json<T: Serialize>(body: &T) -> Result<HttpResponse> {
    let bytes = serde_json::to_vec(body).map_err(Error::internal)?;
    Ok(HttpResponse::Ok().content_type("application/json").body(bytes))
}
