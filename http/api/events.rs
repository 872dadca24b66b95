//! The feed of events, to catch up with after an outage, and what there is to be told of.
//!
//! Not here: the order and what a page looks at (`stoa_core::events::feed`), and what a receiver is sent by itself.

use std::time::Duration;

use actix_web::HttpResponse;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, json};
use stoa_core::{
    Ability, Code, Error, Id, Result, Scope, TenantId,
    db::Db,
    events::{
        Heard, Waiter,
        feed::{self, After, FeedFilter, FeedPage, Place},
    },
    id::{self, Course, Item, Lesson},
};
use stoa_protocols::{
    event::{Envelope, EventType, sample as sample_of},
    webhook::dialects::talktiko,
};
use tokio::time::{Instant, sleep, timeout_at};

use crate::doors::{Call, Door, NoPath, Reply, Wire};

const TAG: &str = "Events";

const LIMIT_MAX: u16 = 200;
const LIMIT: u16 = 100;
const WAIT_SECS_MAX: u16 = 30;
/// Requests of one institution that wait in one process at the same time.
const WAITING_MAX: usize = 100;
/// Least time between two looks for one request, however many commits there are.
const BREATH: Duration = Duration::from_millis(25);
/// Pauses between looks by the clock, growing while nothing comes: for what a running transaction still holds back, and
/// for word that was lost.
const SHORTEST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    vec![
        Door::get("/api/events", list)
            .needs(Ability::WebhooksRead)
            .named(
                "listEvents",
                TAG,
                "Lists what happened, in order and without gaps; `wait` holds the request until something does",
            )
            .errors(&[Code::CursorExpired, Code::RateLimited]),
    ]
}

/// Which events.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Reading {
    /// Id of the last event seen, from the feed or a `webhook-id`, or `latest` to begin now; from the oldest kept if left out.
    after: Option<String>,
    /// Only these types, in the catalogue's names, with commas between them.
    types: Vec<String>,
    /// Only what is about one of these courses, or in it; with commas between the ids.
    courses: Vec<Id<Course>>,
    /// Only what is about one of these lessons, or in it.
    lessons: Vec<Id<Lesson>>,
    /// Only what is about one of these items.
    items: Vec<Id<Item>>,
    /// Most events of a page, 1 to 200; 100 if left out.
    #[schemars(range(min = 1, max = 200))]
    limit: Option<u16>,
    /// How long to wait for the first event if there is none, in seconds up to 30; not at all if left out.
    #[schemars(range(max = 30))]
    wait: u16,
}

struct Wanted {
    after: After,
    filter: FeedFilter,
    limit: usize,
    wait: Duration,
}

impl Reading {
    fn wanted(self) -> Result<Wanted> {
        let limit = self.limit.unwrap_or(LIMIT);
        if !(1..=LIMIT_MAX).contains(&limit) {
            return Err(Error::invalid_field("?limit", "range", "wanted 1 to 200"));
        }
        if self.wait > WAIT_SECS_MAX {
            return Err(Error::invalid_field("?wait", "range", "wanted 0 to 30 seconds"));
        }
        let types = self.types.iter().map(|name| name.parse::<EventType>()).collect::<Result<_, ()>>();
        let types = types.map_err(|()| {
            Error::invalid_field("?types", "value", "an unknown event type; GET /api/event-types lists them")
        })?;
        let ids = self.courses.iter().map(|id| id.uuid());
        let ids = ids.chain(self.lessons.iter().map(|id| id.uuid())).chain(self.items.iter().map(|id| id.uuid()));
        Ok(Wanted {
            after: after(self.after.as_deref())?,
            filter: FeedFilter { types, scope_ids: ids.collect() },
            limit: limit.into(),
            wait: Duration::from_secs(self.wait.into()),
        })
    }
}

fn after(text: Option<&str>) -> Result<After> {
    match text {
        None => Ok(After::Nothing),
        Some("latest") => Ok(After::Latest),
        Some(id) => id
            .parse()
            .map(After::Event)
            .map_err(|_| Error::invalid_field("?after", "format", "wanted the id of an event, evt_…, or latest")),
    }
}

async fn list(call: Call<NoPath, Reading>) -> Result<Page> {
    let wanted = call.query.wanted()?;
    let (db, scope) = (&call.app.db, &call.scope);
    let mut waiting = if wanted.wait.is_zero() { None } else { Some(Waiting::begin(db, scope.tenant, wanted.wait)?) };
    let mut tx = db.tenant(scope).await?;
    let mut place = feed::find_place(&mut tx, wanted.after).await?;
    let mut page = feed::read_page(&mut tx, place, &wanted.filter, wanted.limit).await?;
    tx.commit().await?;
    while let Some(waiting) = waiting.as_mut().filter(|_| page.events.is_empty()) {
        place = page.next;
        // There is more that was not looked at; otherwise no connection is held until there may be.
        if !page.has_more && !waiting.next_look().await {
            break;
        }
        page = look(db, scope, place, &wanted).await?;
    }
    Ok(Page(page))
}

async fn look(db: &Db, scope: &Scope, place: Place, wanted: &Wanted) -> Result<FeedPage> {
    let mut tx = db.tenant(scope).await?;
    let page = feed::read_page(&mut tx, place, &wanted.filter, wanted.limit).await?;
    tx.commit().await?;
    Ok(page)
}

/// A request that waits.
struct Waiting {
    word: Waiter,
    until: Instant,
    pause: Duration,
}

impl Waiting {
    /// Listens from before the first look, so that nothing falls between.
    fn begin(db: &Db, tenant: TenantId, wait: Duration) -> Result<Self> {
        if db.news().waiting(tenant) >= WAITING_MAX {
            let text = "too many requests of the institution wait for events; ask without `wait`";
            return Err(Error::new(Code::RateLimited, text).retry_after_secs(1));
        }
        Ok(Self { word: db.news().listen(tenant), until: Instant::now() + wait, pause: SHORTEST_PAUSE })
    }

    /// Waits until it is worth looking again; says no when the time is over or the process stops.
    async fn next_look(&mut self) -> bool {
        let now = Instant::now();
        if now >= self.until {
            return false;
        }
        match timeout_at((now + self.pause).min(self.until), self.word.heard()).await {
            Ok(Heard::Closing) => return false,
            Ok(Heard::News) => {
                self.pause = SHORTEST_PAUSE;
                sleep(BREATH.saturating_sub(now.elapsed())).await;
            }
            Err(_) => self.pause = (self.pause * 2).min(LONGEST_PAUSE),
        }
        true
    }
}

/// 200 with the events, and from where to go on.
struct Page(FeedPage);

/// An event as a receiver of our own dialect gets it.
struct EventView<'a>(&'a Envelope);

impl Serialize for EventView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        talktiko::Body::of(self.0).serialize(serializer)
    }
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "FeedMeta")]
struct Meta {
    /// The last event that was looked at: `after` of the next page. Null while nothing ever happened.
    next_cursor: Option<Id<id::Event>>,
    /// There is more already.
    has_more: bool,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "FeedLinks")]
struct Links {
    /// The next page, now or later.
    next: String,
}

#[derive(Serialize)]
struct Written<'a> {
    data: Vec<EventView<'a>>,
    links: Links,
    meta: Meta,
}

impl Page {
    fn written(&self, wire: &Wire) -> Written<'_> {
        let next_cursor = self.0.next.event();
        let rest: String = (wire.query.split('&'))
            .filter(|pair| !pair.is_empty() && pair.split('=').next() != Some("after"))
            .flat_map(|pair| [pair, "&"])
            .collect();
        let after = next_cursor.map(|id| format!("after={id}"));
        let query = format!("{rest}{}", after.unwrap_or_default());
        let mark = if query.is_empty() { "" } else { "?" };
        Written {
            data: self.0.events.iter().map(EventView).collect(),
            links: Links { next: format!("{}{}{mark}{}", wire.base, wire.path, query.trim_end_matches('&')) },
            meta: Meta { next_cursor, has_more: self.0.has_more },
        }
    }
}

impl Reply for Page {
    const STATUS: u16 = 200;

    fn shape(schemas: &mut SchemaGenerator) -> Option<Schema> {
        Some(json_schema!({
            "type": "object",
            "required": ["data", "links", "meta"],
            "properties": {
                "data": { "type": "array", "items": schemas.subschema_for::<talktiko::Body<'static>>() },
                "links": schemas.subschema_for::<Links>(),
                "meta": schemas.subschema_for::<Meta>(),
            },
        }))
    }

    fn example(path: &str) -> Option<Value> {
        let event = sample_of(EventType::CourseCompleted);
        Some(json!({
            "data": [EventView(&event)],
            "links": Links { next: format!("https://learn.example{path}?after={}", event.id) },
            "meta": { "next_cursor": event.id, "has_more": false },
        }))
    }

    fn write(self, wire: &Wire) -> Result<HttpResponse> {
        let bytes = serde_json::to_vec(&self.written(wire)).map_err(Error::internal)?;
        Ok(HttpResponse::Ok().content_type("application/json").body(bytes))
    }
}
