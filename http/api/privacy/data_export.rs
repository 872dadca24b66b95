//! Everything that is held of a person, in one document that is written as it is read.

use std::sync::Arc;

use actix_web::{HttpResponse, http::header, web::Bytes};
use futures::{StreamExt, TryStreamExt, stream};
use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};
use stoa_core::{Code, Error, Result, tokens::RateClass};
use stoa_record::privacy::{self, PORTRAIT_FORMAT, Portrait};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{OnePerson, TAG};
use crate::doors::{Call, Door, Reply, Wire};

/// Documents that a node writes at once: each holds a connection while it is taken.
const AT_ONCE: usize = 2;

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    vec![
        Door::get("/api/users/{id}/data-export", fetch)
            .named(
                "exportDataOfUser",
                TAG,
                "Answers everything that is held of a person, as it was at one moment. That of others needs `privacy:manage`",
            )
            .class(RateClass::Export)
            .errors(&[Code::AbilityMissing]),
    ]
}

async fn fetch(call: Call<OnePerson>) -> Result<Document> {
    let place = Arc::clone(places()).try_acquire_owned().map_err(|_| {
        Error::new(Code::RateLimited, "other documents are being written; try again shortly").retry_after_secs(5)
    })?;
    let mut portrait = privacy::portrait(&call.app.db, &call.scope, &call.path.id).await?;
    // The first piece is read here, so that a fault is told as any other.
    let first = portrait.piece().await?.unwrap_or_default();
    Ok(Document { portrait, first, place })
}

fn places() -> &'static Arc<Semaphore> {
    static PLACES: std::sync::LazyLock<Arc<Semaphore>> = std::sync::LazyLock::new(|| Arc::new(Semaphore::new(AT_ONCE)));
    &PLACES
}

/// A document that is being written.
struct Document {
    portrait: Portrait,
    first: Vec<u8>,
    place: OwnedSemaphorePermit,
}

impl Reply for Document {
    const STATUS: u16 = 200;

    fn shape(_: &mut SchemaGenerator) -> Option<Schema> {
        let part = |rows: Value| {
            json!({
                "type": "object",
                "required": ["table", "holds"],
                "properties": {
                    "table": { "type": "string", "description": "Where it is held." },
                    "holds": { "type": "string", "description": "What it is." },
                    "rows": rows,
                    "why": { "type": "string", "description": "Why it is not shown." },
                },
            })
        };
        let rows = json!({ "type": "array", "items": { "type": "object" } });
        Some(json_schema!({
            "type": "object",
            "required": ["format", "exported_at", "institution_id", "user_id", "held", "log", "not_shown"],
            "properties": {
                "format": { "type": "string", "const": PORTRAIT_FORMAT },
                "exported_at": { "type": "string", "format": "date-time", "description": "The moment that it shows." },
                "institution_id": { "type": "string" },
                "user_id": { "type": "string" },
                "held": { "type": "array", "items": part(rows.clone()), "description": "The person's rows, table by table." },
                "log": { "type": "array", "items": { "type": "object" }, "description": "What the person did, and what was done to him, from the audit log." },
                "not_shown": { "type": "array", "items": part(json!(false)), "description": "What else is held, and why it is not shown." },
            },
        }))
    }

    fn example(_: &str) -> Option<Value> {
        Some(json!({
            "format": PORTRAIT_FORMAT,
            "exported_at": "2026-11-21T09:00:00.123Z",
            "institution_id": "inst_01m7ynayqvemq8k9w39qsaekf4",
            "user_id": "usr_01m7ynayqxe4ma4jz41b93y214",
            "held": [{
                "table": "users",
                "holds": "name, address, the institution's own key, language, time zone",
                "rows": [{ "id": "usr_01m7ynayqxe4ma4jz41b93y214", "name": "Kim Minjun", "email": "minjun.kim@example.com" }],
            }],
            "log": [],
            "not_shown": [{ "table": "credentials", "holds": "the password, hashed", "why": "it proves who somebody is, and is shown to nobody" }],
        }))
    }

    fn write(self, _: &Wire) -> Result<HttpResponse> {
        let name = format!("attachment; filename=\"{}.json\"", self.portrait.user());
        let rest = stream::try_unfold((self.portrait, self.place), |(mut portrait, place)| async move {
            let piece = portrait.piece().await?;
            Ok::<_, Error>(piece.map(|piece| (Bytes::from(piece), (portrait, place))))
        });
        let body = stream::iter([Ok(Bytes::from(self.first))]).chain(rest);
        let body = body.inspect_err(|error| tracing::warn!(%error, "a person's data broke off while it was written"));
        Ok(HttpResponse::Ok()
            .content_type("application/json")
            .insert_header((header::CONTENT_DISPOSITION, name))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .streaming(Box::pin(body.map_err(actix_web::error::ErrorInternalServerError))))
    }
}
