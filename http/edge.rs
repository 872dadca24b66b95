//! What happens to every request, whatever its door: its name, its span, its one line in the log, its numbers,
//! and an answer even to a panic.

use std::{net::IpAddr, panic::AssertUnwindSafe, sync::Arc, time::Instant};

use actix_web::{
    HttpMessage, HttpRequest, HttpResponse,
    http::{
        ConnectionType,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
};
use futures::FutureExt;
use metrics::{counter, gauge, histogram};
use stoa_core::{Error, Result, TenantId, tokens::RateClass};
use tracing::{Instrument, Span, field, info, info_span};

use super::{
    caller::{address, request_id},
    doors::Arrival,
    limits,
    state::App,
    surface,
};

/// Which way a request went, for the log and the numbers: never the path itself, which may name people.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Way {
    /// Path with `{names}` of its parts.
    pub(crate) template: &'static str,
    /// Name of the operation.
    pub(crate) operation: &'static str,
}

impl Way {
    /// There is no such path.
    pub(crate) const NOWHERE: Self = Self { template: "none", operation: "none" };

    fn surface(self) -> &'static str {
        surface::at(self.template).name()
    }
}

/// Leads a request to whoever serves it, and its answer out.
pub(crate) async fn run<F, Fut>(app: Arc<App>, request: HttpRequest, way: Way, serve: F) -> HttpResponse
where
    F: FnOnce(Arrival) -> Fut,
    Fut: Future<Output = Result<HttpResponse>>,
{
    let started = Instant::now();
    let _in_flight = InFlight::begin();
    let request_id = request_id::of(request.headers());
    let client: IpAddr = address::client(&app.settings, &request);
    let span = info_span!(
        "http",
        // A span's own name is fixed where it is written; this one is what tracing systems show.
        otel.name = format_args!("http.{}.{}", way.surface(), way.operation),
        request_id = %request_id,
        tenant.id = field::Empty,
    );
    let arrival = Arrival {
        app: Arc::clone(&app),
        request: request.clone(),
        request_id: Arc::clone(&request_id),
        client,
        class: RateClass::Read,
        needs: None,
        within_courses: false,
    };
    let served = AssertUnwindSafe(serve(arrival)).catch_unwind().instrument(span.clone()).await;
    let result = served.unwrap_or_else(|panic| Err(Error::internal(anyhow::anyhow!("panicked: {}", words(&*panic)))));
    span.in_scope(|| {
        let surface = surface::at(request.path());
        let mut response = result.unwrap_or_else(|error| surface::respond(surface, &error, &request_id));
        finish(response.headers_mut(), &request_id);
        surface.finish(&request, response.headers_mut());
        limits::write(&request, response.headers_mut());
        if app.readiness.is_draining() {
            // A client that goes on over this connection would keep the process from ending.
            response.head_mut().set_connection_type(ConnectionType::Close);
        }
        report(&request, way, response.status().as_u16(), started);
        response
    })
}

fn finish(headers: &mut HeaderMap, id: &str) {
    request_id::write(headers, id);
    let fixed: [(HeaderName, &'static str); 2] =
        [(header::X_CONTENT_TYPE_OPTIONS, "nosniff"), (header::REFERRER_POLICY, "no-referrer")];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // Only a page lets anything run, and says itself what.
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        let nothing = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
        headers.insert(header::CONTENT_SECURITY_POLICY, nothing);
    }
    // Answers are somebody's; the few that are everybody's say so themselves.
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

fn report(request: &HttpRequest, way: Way, status: u16, started: Instant) {
    if let Some(tenant) = request.extensions().get::<TenantId>() {
        Span::current().record("tenant.id", field::display(tenant));
    }
    let taken = started.elapsed();
    histogram!("stoa_http_request_seconds", "operation" => way.operation).record(taken);
    counter!("stoa_http_requests_total", "operation" => way.operation, "status" => class(status)).increment(1);
    let duration_ms = f64::from(u32::try_from(taken.as_micros()).unwrap_or(u32::MAX)) / 1e3;
    info!(method = %known(request), path = way.template, status, duration_ms, "answered");
}

/// Somebody may invent methods; the log and the numbers do not learn them.
fn known(request: &HttpRequest) -> &str {
    match request.method().as_str() {
        known @ ("GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS") => known,
        _ => "other",
    }
}

const fn class(status: u16) -> &'static str {
    match status {
        200..=299 => "2xx",
        300..=399 => "3xx",
        400..=499 => "4xx",
        _ => "5xx",
    }
}

fn words(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&'static str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no words")
}

/// Counts a request while it lasts, also one whose client has gone.
struct InFlight;

impl InFlight {
    fn begin() -> Self {
        gauge!("stoa_http_requests_in_flight").increment(1.0);
        Self
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        gauge!("stoa_http_requests_in_flight").decrement(1.0);
    }
}
