//! Three receivers on loopback, one address for each dialect. They say thanks at once and leave the checking to later,
//! as a good receiver does. Teachbase's refuses its first delivery, so that a retry can be seen.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, dev::ServerHandle, web};
use chrono::{DateTime, Utc};
use stoa_core::clock::{Clock, SystemClock};
use stoa_protocols::webhook::DialectName;
use tokio::{sync::mpsc, task::JoinSet};

/// The one that refuses.
pub(super) const REFUSES_FIRST: DialectName = DialectName::Teachbase;

/// One request of the server.
#[derive(Debug, Clone)]
pub(super) struct Arrival {
    /// By the address that it came to.
    pub(super) dialect: DialectName,
    /// Names in lower case.
    pub(super) headers: HashMap<String, String>,
    /// The bytes that came.
    pub(super) body: web::Bytes,
    /// By a clock for spans.
    pub(super) at: Instant,
    /// By the wall clock.
    pub(super) time: DateTime<Utc>,
    /// What was answered.
    pub(super) answered: u16,
}

/// The receivers and what came to them.
pub(super) struct Receivers {
    address: SocketAddr,
    arrivals: mpsc::UnboundedReceiver<Arrival>,
    handle: ServerHandle,
    serving: JoinSet<std::io::Result<()>>,
}

struct Desk {
    tell: mpsc::UnboundedSender<Arrival>,
    refused: AtomicBool,
}

impl Receivers {
    /// Opens them on a free port of loopback.
    pub(super) fn open() -> anyhow::Result<Self> {
        let (tell, arrivals) = mpsc::unbounded_channel();
        let desk = web::Data::from(Arc::new(Desk { tell, refused: AtomicBool::new(false) }));
        let app = move || App::new().app_data(desk.clone()).default_service(web::to(take));
        let server = HttpServer::new(app).workers(1).disable_signals().bind(("127.0.0.1", 0))?;
        let address = server.addrs().first().copied().ok_or_else(|| anyhow::anyhow!("no free port on loopback"))?;
        let server = server.run();
        let handle = server.handle();
        let mut serving = JoinSet::new();
        serving.spawn_local(server);
        Ok(Self { address, arrivals, handle, serving })
    }

    /// Where a dialect's receiver listens.
    pub(super) fn url(&self, dialect: DialectName) -> String {
        format!("http://{}/{dialect}", self.address)
    }

    /// The next request, in the order of arrival.
    pub(super) async fn next(&mut self) -> Option<Arrival> {
        self.arrivals.recv().await
    }

    /// Closes them.
    pub(super) async fn close(mut self) {
        self.handle.stop(true).await;
        while self.serving.join_next().await.is_some() {}
    }
}

async fn take(request: HttpRequest, body: web::Bytes, desk: web::Data<Desk>) -> HttpResponse {
    let (at, time) = (Instant::now(), SystemClock.now());
    let Ok(dialect) = request.path().trim_start_matches('/').parse::<DialectName>() else {
        return HttpResponse::NotFound().finish();
    };
    let refuses = dialect == REFUSES_FIRST && !desk.refused.swap(true, Ordering::Relaxed);
    let answered = if refuses { HttpResponse::ServiceUnavailable() } else { HttpResponse::NoContent() }.finish();
    let header = |(name, value): (&actix_web::http::header::HeaderName, &actix_web::http::header::HeaderValue)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    let headers = request.headers().iter().map(header).collect();
    // Nobody listens once the demo ends; late deliveries are then of no interest.
    let _ = desk.tell.send(Arrival { dialect, headers, body, at, time, answered: answered.status().as_u16() });
    answered
}
