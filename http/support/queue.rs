//! A page of the queue: the requests, and how many there are in each status.

use actix_web::HttpResponse;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde_json::Value;
use stoa_core::{Error, Result, TenantId, db::Paged};
use stoa_webhooks::subscription_requests::{RequestCounts, SubscriptionRequest};

use crate::{
    api::RequestView,
    doors::{Reply, Sample, Wire, sample},
    page::{self, Page},
};

/// A request with whose it is.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "QueuedSubscriptionRequest")]
pub(super) struct QueuedView {
    /// Whose it is.
    institution: InstitutionView,
    #[serde(flatten)]
    request: RequestView,
}

/// An institution, by id and name.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "RequestingInstitution")]
pub(super) struct InstitutionView {
    id: TenantId,
    name: String,
}

/// A page of the queue.
#[derive(Debug)]
pub(super) struct Queue {
    pub(super) page: Paged<QueuedView>,
    pub(super) counts: RequestCounts,
}

#[derive(Serialize)]
struct Counted<T> {
    #[serde(flatten)]
    page: Page<T>,
    counts: RequestCounts,
}

impl QueuedView {
    pub(super) fn of(request: SubscriptionRequest) -> Self {
        let institution = InstitutionView { id: request.tenant, name: request.institution_name.clone() };
        Self { institution, request: RequestView::of(request) }
    }
}

impl Reply for Queue {
    const STATUS: u16 = 200;

    fn shape(schemas: &mut SchemaGenerator) -> Option<Schema> {
        let page = page::shape(&schemas.subschema_for::<QueuedView>(), schemas);
        let counts = schemas.subschema_for::<RequestCounts>();
        let more = json_schema!({ "type": "object", "required": ["counts"], "properties": { "counts": counts } });
        Some(json_schema!({ "allOf": [page, more] }))
    }

    fn example(path: &str) -> Option<Value> {
        let page = page::example(vec![QueuedView::sample()], path);
        serde_json::to_value(Counted { page, counts: RequestCounts { approved: 1, ..RequestCounts::default() } }).ok()
    }

    fn write(self, wire: &Wire) -> Result<HttpResponse> {
        let body = Counted { page: Page::of(self.page, wire), counts: self.counts };
        let bytes = serde_json::to_vec(&body).map_err(Error::internal)?;
        Ok(HttpResponse::Ok().content_type("application/json").body(bytes))
    }
}

impl Sample for QueuedView {
    fn sample() -> Self {
        let institution = InstitutionView { id: sample::id(), name: "School of Examples".into() };
        Self { institution, request: RequestView::sample() }
    }
}
