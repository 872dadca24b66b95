//! The figures, in Prometheus' text form.
//!
//! Not here: the figures. Each room writes its own; only those that must be looked up are set here.

use actix_web::HttpResponse;
use metrics::{counter, gauge};
use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::Value;
use stoa_core::Result;

use crate::{
    App,
    doors::{Reply, Visit, Wire},
};

/// The figures as text.
pub(super) struct Figures(String);

impl Reply for Figures {
    const STATUS: u16 = 200;
    const MEDIA: &'static str = "text/plain; version=0.0.4; charset=utf-8";

    fn shape(_: &mut SchemaGenerator) -> Option<Schema> {
        Some(json_schema!({ "type": "string" }))
    }

    fn example(_: &str) -> Option<Value> {
        Some("stoa_db_connections{pool=\"app\",state=\"idle\"} 4".into())
    }

    fn write(self, _: &Wire) -> Result<HttpResponse> {
        Ok(HttpResponse::Ok().content_type(Self::MEDIA).body(self.0))
    }
}

pub(super) async fn scrape(call: Visit) -> Result<Figures> {
    look_up(&call.app);
    Ok(Figures(
        call.app.metrics.as_ref().map(metrics_exporter_prometheus::PrometheusHandle::render).unwrap_or_default(),
    ))
}

fn look_up(app: &App) {
    for pool in app.db.pools() {
        let waiting = pool.waiting;
        for (state, connections) in [("open", pool.open), ("idle", pool.idle)] {
            gauge!("stoa_db_connections", "pool" => pool.name, "state" => state).set(figure(connections));
        }
        gauge!("stoa_db_pool_waiting", "pool" => pool.name).set(figure(waiting));
        counter!("stoa_db_pool_loans_total", "pool" => pool.name).absolute(pool.loans);
        let waited_ms = u64::try_from(pool.waited.as_millis()).unwrap_or(u64::MAX);
        counter!("stoa_db_pool_wait_milliseconds_total", "pool" => pool.name).absolute(waited_ms);
    }
}

fn figure(count: usize) -> f64 {
    u32::try_from(count).unwrap_or(u32::MAX).into()
}
