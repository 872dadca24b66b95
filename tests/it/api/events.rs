//! The feed of events over HTTP: order, gaps, filters, waiting, and where to go on from.
//!
//! A place in the feed is shown when every transaction below it has ended, in the whole cluster; other tests run in it
//! too. So what is expected is waited for, and only what must not be there is looked at once.

use std::collections::HashSet;

use diesel_async::RunQueryDsl;
use futures::future::{Either, join, select};
use serde_json::{Value, json};
use stoa_actors::bell::Bell;
use stoa_core::{Ability, Id, TenantId, id};
use stoa_protocols::event::ItemKind;

use crate::support::{TestHouse, callers::Caller, database::schools};

async fn page(caller: &Caller, query: &str) -> Value {
    let answer = caller.get(&format!("/api/events?{query}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

fn members(institution: TenantId) -> String {
    format!("/api/institutions/{institution}/members")
}

fn cursor(page: &Value) -> String {
    page["meta"]["next_cursor"].as_str().unwrap_or_else(|| panic!("no cursor: {page}")).to_owned()
}

fn rows(page: &Value) -> &[Value] {
    page["data"].as_array().expect("a list")
}

/// The end of the feed.
async fn latest(house: &TestHouse) -> String {
    // What the house was founded with comes first, or the end would lie before it.
    let all = format!("SELECT count(*) FROM events WHERE tenant_id = '{}'", house.school.tenant.uuid());
    let all = house.database.number(&all);
    let mut seen = i64::try_from(rows(&page(&house.admin(), "limit=200").await).len()).unwrap();
    while seen < all {
        seen = i64::try_from(rows(&page(&house.admin(), "limit=200").await).len()).unwrap();
    }
    cursor(&page(&house.admin(), "after=latest").await)
}

/// Follows the feed until so many events came.
async fn follow(caller: &Caller, mut after: String, more: &str, count: usize) -> Vec<Value> {
    let mut events = Vec::new();
    while events.len() < count {
        let page = page(caller, &format!("after={after}&wait=20{more}")).await;
        assert!(!rows(&page).is_empty(), "{} of {count} came", events.len());
        events.extend(rows(&page).iter().cloned());
        after = cursor(&page);
    }
    events
}

/// Whom events tell of as new; each is told of as a member too.
fn people(events: &[Value]) -> Vec<&str> {
    let new = events.iter().filter(|event| event["type"] == "user.created");
    new.map(|event| event["data"]["user"]["external_id"].as_str().expect("a key")).collect()
}

fn texts<'a>(events: &'a [Value], path: &str) -> Vec<&'a str> {
    events.iter().map(|event| event.pointer(path).and_then(Value::as_str).expect("a text")).collect()
}

#[actix_web::test]
async fn events_come_once_and_in_order_page_by_page() {
    let house = TestHouse::new().await;
    let start = latest(&house).await;
    for name in ["ana", "ben", "cho", "dan", "eva"] {
        house.learners(&[name]).await;
    }
    let events = follow(&house.admin(), start, "&limit=2&types=user.created", 5).await;
    assert_eq!(people(&events), ["ana", "ben", "cho", "dan", "eva"]);
    assert!(events.iter().all(|event| event["type"] == "user.created" && event["test"] == false));
    house.settle().await;
}

#[actix_web::test]
async fn an_event_is_what_a_webhook_gets_and_its_id_leads_on() {
    let house = TestHouse::new().await;
    let receiver = house.receivers.at("https://lms.example/hooks");
    let webhook = json!({ "url": receiver.url(), "events": ["user.created"] });
    house.admin().post("/api/integrations/webhooks", webhook).await.data();
    let start = latest(&house).await;
    let korean = json!({ "email": "haneul@home.example", "name": "김하늘", "external_id": "학생-1" });
    house.admin().post(&members(house.school.tenant), korean).await.data();
    house.settle().await;
    let sent = receiver.take().remove(0);
    let events = follow(&house.admin(), start, "", 1).await;
    assert_eq!(serde_json::from_slice::<Value>(&sent.body).unwrap(), events[0]);
    assert_eq!(events[0]["data"]["user"]["name"], "김하늘");
    // From the webhook's id on there is what came after it.
    house.learners(&["ben"]).await;
    let id = sent.header("webhook-id").unwrap().to_owned();
    let behind = follow(&house.admin(), id, "&types=user.created", 1).await;
    assert_eq!(people(&behind), ["ben"]);
    house.settle().await;
}

/// The gap: an event is written first and committed last. What was committed in between must not be shown before it.
#[actix_web::test]
async fn what_commits_late_is_not_missed() {
    let house = TestHouse::new().await;
    let start = latest(&house).await;
    let mut slow = house.db().house().await.unwrap();
    let id: Id<id::Event> = slow.new_id();
    let copy = format!(
        "INSERT INTO events (tenant_id, id, type, object_kind, object_id, revision, scope_ids, data, occurred_at, created_at)
         SELECT tenant_id, '{}', type, object_kind, object_id, revision, scope_ids, data, occurred_at, created_at
         FROM events WHERE tenant_id = '{}' LIMIT 1",
        id.uuid(),
        house.school.tenant.uuid()
    );
    diesel::sql_query(copy).execute(slow.connection()).await.unwrap();
    house.learners(&["fast"]).await;
    let early = page(&house.admin(), &format!("after={start}")).await;
    assert_eq!(rows(&early), [""; 0], "it would be passed over for ever");
    assert_eq!(cursor(&early), start, "nor does the place move on");
    slow.commit().await.unwrap();
    let events = follow(&house.admin(), start, "", 2).await;
    assert_eq!(texts(&events, "/id")[0], id.to_string());
    assert_eq!(events[1]["data"]["user"]["external_id"], "fast");
    house.settle().await;
}

#[actix_web::test]
async fn one_objects_events_stand_in_the_order_of_their_revisions() {
    let house = TestHouse::new().await;
    let start = latest(&house).await;
    let (course, learners) = house.class(&[&[ItemKind::Quiz, ItemKind::Quiz]], &["ana"]).await;
    for (nth, verb) in (0..2).flat_map(|nth| ["started", "answered", "completed"].map(move |verb| (nth, verb))) {
        let id = course.lessons[0].items[nth].id;
        let event = json!({ "id": format!("{nth}{verb}"), "occurred_at": "2026-11-21T08:59:00Z", "user": { "id": learners[0].id },
            "object": { "kind": "item", "id": id }, "verb": verb });
        house.admin().post("/api/progress-events", json!({ "events": [event] })).await.data();
    }
    let count = house.database.number("SELECT count(*) FROM events WHERE type LIKE '%\\_stat.%'");
    assert!(count > 6, "{count}");
    let stats = "&types=course_stat.created,course_stat.updated,section_stat.created,section_stat.updated,quiz_stat.created,quiz_stat.updated";
    let events = follow(&house.admin(), start, &format!("{stats}&limit=3"), usize::try_from(count).unwrap()).await;
    let objects: HashSet<&str> = texts(&events, "/object/id").into_iter().collect();
    for object in objects {
        let of = events.iter().filter(|event| event["object"]["id"] == object);
        let revisions: Vec<i64> = of.map(|event| event["object"]["revision"].as_i64().unwrap()).collect();
        assert!(revisions.is_sorted(), "{object}: {revisions:?}");
    }
    house.settle().await;
}

#[actix_web::test]
async fn filters_let_through_what_is_wanted_and_the_place_moves_on() {
    let house = TestHouse::new().await;
    let (course, _) = house.class(&[&[ItemKind::Quiz]], &["ana"]).await;
    let start = latest(&house).await;
    // More than a page looks at, of which one is wanted, at the end.
    house.database.run(&format!(
        "INSERT INTO events (tenant_id, id, type, object_kind, object_id, revision, scope_ids, data, occurred_at, created_at)
         SELECT '{tenant}', gen_random_uuid(), CASE g WHEN 2500 THEN 'course.submitted' ELSE 'webhook.ping' END, 'course', '{course}',
           g, CASE g WHEN 2500 THEN ARRAY['{course}'::uuid] ELSE '{{}}' END, '{{}}', now(), now() FROM generate_series(1, 2500) g",
        tenant = house.school.tenant.uuid(),
        course = course.id.uuid(),
    ));
    for filter in ["types=course.submitted,course.completed".to_owned(), format!("courses={}", course.id)] {
        let (mut after, mut pages) = (start.clone(), 0);
        let found = loop {
            let page = page(&house.admin(), &format!("after={after}&{filter}")).await;
            // Nothing at all is shown yet while another test's transaction runs.
            pages += usize::from(cursor(&page) != after);
            after = cursor(&page);
            assert!(page["links"]["next"].as_str().unwrap().ends_with(&format!("{filter}&after={after}")), "{page}");
            if !rows(&page).is_empty() {
                break page;
            }
        };
        assert_eq!(pages, 3, "each looks at a thousand");
        assert_eq!(texts(rows(&found), "/type"), ["course.submitted"]);
        assert_eq!(found["meta"]["has_more"], false);
    }
    let waited = page(&house.admin(), &format!("after={start}&types=course.submitted&wait=30")).await;
    assert_eq!(rows(&waited).len(), 1, "a request that may wait looks on");
    let other = page(&house.admin(), &format!("after={start}&items={}", course.lessons[0].items[0].id)).await;
    assert_eq!((rows(&other).len(), &other["meta"]["has_more"]), (0, &json!(true)));
}

#[actix_web::test]
async fn an_empty_feed_has_no_place_yet() {
    let house = TestHouse::new().await;
    house.database.run("DELETE FROM events");
    for query in ["", "after=latest", "types=user.created"] {
        let page = page(&house.admin(), query).await;
        assert_eq!(
            (rows(&page).len(), &page["meta"]),
            (0, &json!({ "next_cursor": null, "has_more": false })),
            "{query}"
        );
    }
    house.learners(&["ana"]).await;
    let first = page(&house.admin(), "wait=30").await;
    assert_eq!(people(rows(&first)), ["ana"]);
    house.settle().await;
}

#[actix_web::test]
async fn a_place_that_is_gone_or_never_was_is_told() {
    let house = TestHouse::new().await;
    let ask = async |query: &str| house.admin().get(&format!("/api/events?{query}")).await.refusal();
    let oldest = rows(&page(&house.admin(), "limit=200").await)[0]["id"].as_str().unwrap().to_owned();
    house.clock.advance(chrono::TimeDelta::days(1));
    house.learners(&["ana"]).await;
    house.database.run("DELETE FROM events WHERE stoa_uuid_time(id) < '2026-11-22'");
    assert_eq!(ask(&format!("after={oldest}")).await, (410, "cursor_expired".into(), vec![]));
    let unknown: Id<id::Event> = house.tx().await.new_id();
    assert_eq!(ask(&format!("after={unknown}")).await, (422, "validation_failed".into(), vec!["?after".into()]));
    // An event of another institution is as unknown as none.
    let hers = latest_of(&house.stranger()).await;
    assert_eq!(ask(&format!("after={hers}")).await, (422, "validation_failed".into(), vec!["?after".into()]));
    for (query, pointer) in [
        ("after=yesterday", "?after"),
        ("after=usr_01m7ynayqwes8r65rzyjka792g", "?after"),
        ("types=course.burned", "?types"),
        ("courses=spanish", "?courses"),
        ("limit=0", "?limit"),
        ("limit=201", "?limit"),
        ("wait=31", "?wait"),
        ("since=now", "?since"),
    ] {
        assert_eq!(ask(query).await, (422, "validation_failed".into(), vec![pointer.into()]), "{query}");
    }
    house.settle().await;
}

async fn latest_of(stranger: &Caller) -> String {
    let users = json!({ "email": "new@abroad.example", "name": "New" });
    stranger.post(&members(schools().abroad.tenant), users).await.data();
    let seen = page(stranger, "wait=30&limit=200").await;
    cursor(&seen)
}

#[actix_web::test]
async fn nothing_of_another_institution_is_shown() {
    let house = TestHouse::new().await;
    let start = latest(&house).await;
    house.learners(&["ana"]).await;
    let mine = follow(&house.admin(), start, "", 1).await;
    let hers = page(&house.stranger(), "limit=200").await;
    assert!(!texts(rows(&hers), "/id").contains(&mine[0]["id"].as_str().unwrap()));
    assert!(texts(rows(&hers), "/institution_id").iter().all(|id| *id != mine[0]["institution_id"]));
    let unable = house.token(&[Ability::ContentRead]).await.get("/api/events").await;
    assert_eq!(unable.refusal().0, 403);
    house.settle().await;
}

/// Ends when a request waits, without a connection.
async fn until_it_waits(house: &TestHouse) {
    while house.db().news().waiting(house.school.tenant) == 0 {
        // Asking the database lets the request come as far.
        drop(house.db().house().await.unwrap());
    }
}

#[actix_web::test]
async fn a_waiting_request_hears_of_this_process_and_of_others() {
    let house = TestHouse::new().await;
    let start = latest(&house).await;
    let caller = house.admin();
    let query = format!("after={start}&wait=30");
    let (page_of_ana, ()) = join(page(&caller, &query), async {
        until_it_waits(&house).await;
        house.learners(&["ana"]).await;
    })
    .await;
    assert_eq!(people(rows(&page_of_ana)), ["ana"]);
    // Another process tells a moment later, by the bell.
    let other = house.another_node();
    let bell = Bell::new(house.db().news().clone(), house.tools().tenants.clone());
    let query = format!("after={}&wait=30", cursor(&page_of_ana));
    let told = async {
        let story = join(page(&caller, &query), async {
            until_it_waits(&house).await;
            while !bell.observe().listening {
                drop(house.db().house().await.unwrap());
            }
            let ben = json!({ "email": "ben@home.example", "name": "Ben", "external_id": "ben" });
            TestHouse::caller_of(&other, Some(&house.school.admin.token))
                .post(&members(house.school.tenant), ben)
                .await
                .data();
            other.tools.db.news().tell(&other.tools.db).await.unwrap();
        });
        let (page_of_ben, ()) = story.await;
        assert_eq!(people(rows(&page_of_ben)), ["ben"]);
        while bell.observe().rung == 0 {
            drop(house.db().house().await.unwrap());
        }
    };
    let ringing = bell.run(house.database.endpoint(), futures::future::pending());
    match select(Box::pin(told), Box::pin(ringing)).await {
        Either::Left(_) => {}
        Either::Right(_) => panic!("the bell ended"),
    }
    house.settle().await;
}

#[actix_web::test]
async fn a_process_that_stops_lets_nobody_wait_and_the_next_one_goes_on() {
    let mut house = TestHouse::new().await;
    let start = latest(&house).await;
    let caller = house.admin();
    let query = format!("after={start}&wait=30");
    let (ended, ()) = join(page(&caller, &query), async {
        until_it_waits(&house).await;
        house.db().news().close();
    })
    .await;
    assert_eq!((rows(&ended).len(), cursor(&ended)), (0, start.clone()));
    house.learners(&["ana"]).await;
    house.crash();
    let events = follow(&house.admin(), start, "", 1).await;
    assert_eq!(people(&events), ["ana"]);
    house.settle().await;
}

#[actix_web::test]
async fn every_type_is_explained_in_every_dialect_that_speaks_it() {
    let house = TestHouse::new().await;
    let answer = house.admin().get("/api/event-types").await;
    let types = answer.data();
    let find = |name: &str| types.as_array().unwrap().iter().find(|one| one["name"] == name).unwrap();
    let saying = |name: &str| -> Vec<String> {
        let sayings = find(name)["dialects"].as_array().unwrap().iter();
        sayings.map(|one| format!("{}:{}", one["dialect"].as_str().unwrap(), one["api_version"])).collect()
    };
    assert_eq!(saying("quiz_stat.updated"), ["talktiko:\"2026-11-21\"", "teachbase:null"]);
    let reach = ["talktiko:\"2026-11-21\"", "reach360:\"2023-04-04\"", "reach360:\"2023-05-04\""];
    assert_eq!(saying("course.completed"), reach);
    let statistic = &find("quiz_stat.updated")["dialects"][1];
    assert_eq!(statistic["schema"]["properties"]["type"]["const"], "quiz_stat", "{statistic}");
    assert_eq!((&statistic["sample"]["type"], &statistic["sample"]["event"]), (&json!("quiz_stat"), &json!("updated")));
    let again = house.admin().request(actix_web::http::Method::GET, "/api/event-types");
    let again = again.header("if-none-match", answer.header("etag").expect("a tag")).send().await;
    assert_eq!(again.status, 304, "it is the same until the server is");
}
