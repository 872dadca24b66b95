//! One thing of every kind that a door can name, for the sweeps over all doors.

use std::collections::HashMap;

use actix_web::http::Method;
use schemars::SchemaGenerator;
use serde_json::{Value, json};
use stoa_core::Code;
use stoa_http::{
    body::Presence,
    doors::{Access, Door},
};
use stoa_protocols::event::ItemKind;

use crate::support::{
    TestHouse,
    builders::{BuiltCourse, BuiltLearner},
    callers::{Answer, Caller, Request},
};

/// Doors that anybody passes. May only shrink, or grow with a reason.
pub(super) const PUBLIC: [(&str, &str); 23] = [
    ("POST", "/api/auth/sign-in"),
    // Whoever has the letter shows its token in the body, and whoever lost a password has nothing to show.
    ("POST", "/api/invitations/preview"),
    ("POST", "/api/invitations/accept"),
    ("POST", "/api/auth/password-reset"),
    ("POST", "/api/auth/password-reset/complete"),
    ("POST", "/oauth/token"),
    // Whoever finds a token in the open has no other.
    ("POST", "/api/tokens/leaked"),
    ("GET", "/api/public/courses"),
    ("GET", "/api/public/courses/{slug}"),
    // Pages of which every person sees the same.
    ("GET", "/accept"),
    ("GET", "/reset"),
    ("GET", "/verify"),
    // Whoever holds a document shows its code; and the versions of a standard are nobody's secret.
    ("POST", "/api/public/cefr-verifications"),
    ("GET", "/api/xapi/about"),
    ("GET", "/confirm-report"),
    ("GET", "/report-file"),
    ("GET", "/unsubscribe/{token}"),
    // Whoever has a letter of a report shows its token; mail programs end a report by theirs (RFC 8058).
    ("POST", "/api/report-confirmations/preview"),
    ("POST", "/api/report-confirmations/accept"),
    ("POST", "/api/report-files"),
    ("POST", "/unsubscribe/{token}"),
    ("GET", "/api/openapi.json"),
    ("GET", "/api/openapi.yaml"),
];

/// The kinds of items that have statistics.
const KINDS: [ItemKind; 4] = [ItemKind::Quiz, ItemKind::Task, ItemKind::Scorm, ItemKind::Material];

/// A school where one of everything is.
pub(super) struct World {
    pub(super) house: TestHouse,
    /// By the part of the path that stands before its id.
    ids: HashMap<&'static str, String>,
}

impl World {
    #[expect(clippy::too_many_lines, reason = "one list of everything that there is, each made as its users make it")]
    pub(super) async fn new() -> Self {
        let house = TestHouse::new().await;
        let (course, learners) = house.class(&[&KINDS], &["ana"]).await;
        // Addresses of the doors' own examples, for those who make webhooks of them.
        let _ = ["stoa", "reach"].map(|path| house.receivers.at(&format!("https://hooks.example.com/{path}")));
        let lms = house.receivers.at("https://lms.example/hooks");
        let admin = house.admin();
        let hook = json!({ "url": lms.url(), "events": ["*"], "coalesce_seconds": 0 });
        let hook = admin.post("/api/integrations/webhooks", hook).await.data();
        let subscription = hook["subscriptions"][0]["id"].as_str().expect("an id").to_owned();
        let hook = hook["id"].as_str().expect("an id").to_owned();
        begin_everything(&house, &course, &learners[0]).await;
        let deliveries = admin.get(&format!("/api/integrations/webhooks/{hook}/deliveries")).await.data();
        let replay = json!({ "since": "2026-11-21T09:00:00Z" });
        let replay = admin.post(&format!("/api/integrations/webhooks/{hook}/replays"), replay).await.data();
        let token = json!({ "name": "sweep", "abilities": ["content:read"] });
        let token = admin.post("/api/integrations/tokens", token).await.data();
        let request = json!({ "reason": "sweep", "items": [{ "url": lms.url(), "events": ["*"] }] });
        let request = admin.post("/api/integrations/subscription-requests", request).await.data();
        let audited = house.owner().get("/api/audit-log").await.data();
        let group = admin.post("/api/groups", json!({ "name": "A group" })).await.data();
        let group = group["id"].as_str().expect("an id").to_owned();
        admin.put(&format!("/api/groups/{group}/members/{}", learners[0].id), json!({})).await;
        admin.put(&format!("/api/groups/{group}/managers/{}", house.school.manager.id), json!({})).await;
        let path = json!({ "title": "A path", "course_ids": [course.id] });
        let path = admin.post("/api/learning-paths", path).await.data();
        let reach = json!({ "targetUrl": "https://hooks.example.com/world", "events": ["course.submitted"] });
        let reach = admin.post("/webhooks", reach).await.json();
        let session = house.owner().get("/api/auth/sessions").await.data()[0]["id"].as_str().expect("an id").to_owned();
        let path_id = path["id"].as_str().expect("an id");
        admin.put(&format!("/courses/{}/groups/{group}", course.id), json!({})).await;
        admin.put(&format!("/learning-paths/{path_id}/users/{}", learners[0].id), json!({})).await;
        let everybody = [&house.school.owner, &house.school.admin, &house.school.manager, &house.school.learner];
        let everybody: Vec<_> = everybody.iter().map(|person| json!({ "id": person.id })).collect();
        admin.post(&format!("/api/courses/{}/enrollments", course.id), json!({ "users": everybody })).await;
        let waiver = json!({ "user": learners[0].id, "reason": "sweep" });
        let waivers = format!("/api/courses/{}/lessons/{}/waivers", course.id, course.lessons[0].id);
        admin.post(&waivers, waiver).await.data();
        admin.patch(&format!("/api/courses/{}", course.id), json!({ "slug": "renamed" })).await.data();
        house.database.run(&format!(
            "INSERT INTO course_shares (tenant_id, source_id, source_tenant_id, course_id, shared_at, ended_at)
             SELECT tenant_id, id, tenant_id, id, created_at, created_at FROM courses WHERE id = '{}'",
            course.id.uuid()
        ));
        let evidence = json!({ "user": learners[0].id, "language": "en", "skill": "reading", "source": "teacher", "level": "B1",
            "occurred_at": "2026-11-21T09:00:00Z" });
        let evidence = admin.post("/api/cefr/evidence", json!({ "evidence": [evidence] })).await.data();
        let target = json!({ "user": learners[0].id, "language": "en", "level": "B2" });
        admin.put("/api/cefr/target", target).await;
        let invitation = json!({ "email": "asked@home.example", "groups": [group] });
        let invitations = format!("/api/institutions/{}/invitations", house.school.tenant);
        let invitation = admin.post(&invitations, invitation).await.data()["id"].as_str().expect("an id").to_owned();
        let import = import(&house).await;
        let export = admin.post("/api/integrations/exports", json!({ "type": "members" })).await.data();
        let erasure = erasure(&house).await;
        keep_secrets(&house).await;
        house.settle().await;
        let letter = suspend_an_address(&house).await;
        let lesson = &course.lessons[0];
        let mut ids = HashMap::from([
            ("institutions", house.school.tenant.to_string()),
            ("members", learners[0].id.to_string()),
            ("invitations", invitation),
            ("enrollments", learners[0].id.to_string()),
            ("waivers", learners[0].id.to_string()),
            ("shared-courses", course.id.to_string()),
            ("versions", "1".to_owned()),
            ("evidence", evidence[0]["id"].as_str().expect("an id").to_owned()),
            ("courses", course.id.to_string()),
            ("lessons", lesson.id.to_string()),
            ("trainings", lesson.training.to_string()),
            ("trainingItems", lesson.items[0].id.to_string()),
            ("training-items", lesson.items[0].id.to_string()),
            ("webhooks", hook),
            ("reach/webhooks", reach["id"].as_str().expect("an id").to_owned()),
            ("users", learners[0].id.to_string()),
            ("erasures", erasure),
            ("sessions", session),
            ("learners", learners[0].id.to_string()),
            ("managers", house.school.manager.id.to_string()),
            ("groups", group),
            ("learning-paths", path["id"].as_str().expect("an id").to_owned()),
            ("subscriptions", subscription),
            ("deliveries", deliveries[0]["id"].as_str().expect("a delivery").to_owned()),
            ("replays", replay["id"].as_str().expect("an id").to_owned()),
            ("applications", application(&house).await),
            ("tokens", token["id"].as_str().expect("an id").to_owned()),
            ("subscription-requests", request["id"].as_str().expect("an id").to_owned()),
            ("letters", letter),
            ("imports", import),
            ("exports", export["id"].as_str().expect("an id").to_owned()),
            ("audit-log", audited[0]["id"].as_str().expect("an entry").to_owned()),
        ]);
        ids.extend(super::world_of_record::of_record(&house, &learners[0]).await);
        ids.extend(numbers(&house, &course, &learners[0]));
        Self { house, ids }
    }

    /// The id of the thing of a kind.
    pub(super) fn id(&self, kind: &str) -> &str {
        self.ids.get(kind).unwrap_or_else(|| panic!("the world has nothing of `{kind}`: add it to `World`"))
    }

    /// Every id, to look for where it must not be. A number may stand anywhere.
    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        self.ids.values().map(String::as_str).filter(|id| id.contains('_'))
    }

    /// The path of a door that leads to what is there.
    pub(super) fn path(&self, door: &Door) -> String {
        self.path_by(door, ToOwned::to_owned)
    }

    /// The same path with ids that were never given.
    pub(super) fn path_to_nothing(&self, door: &Door) -> String {
        self.path_by(door, |id| id.split_once('_').map_or("0".to_owned(), |(prefix, _)| format!("{prefix}_{:026}", 1)))
    }

    fn path_by(&self, door: &Door, turn: impl Fn(&str) -> String) -> String {
        let mut before = "";
        let parts = door.path.split('/').map(|part| {
            // What a surface knows under a name may be another thing than what the house does.
            let own = format!("{}/{before}", door.surface().name());
            let kind = if self.ids.contains_key(own.as_str()) { own.as_str() } else { before };
            let filled = if part.starts_with('{') { turn(self.id(kind)) } else { part.to_owned() };
            before = part;
            filled
        });
        parts.collect::<Vec<_>>().join("/")
    }

    /// Fingerprints of all rows that are somebody's, but for the notes of who used what when.
    pub(super) fn fingerprint(&self) -> Value {
        fingerprint(&self.house)
    }
}

/// The text of an id.
pub(super) fn text(id: &Value) -> String {
    id.as_str().expect("an id").to_owned()
}

/// A learner begins a course and every item of it.
async fn begin_everything(house: &TestHouse, course: &BuiltCourse, learner: &BuiltLearner) {
    let items = course.lessons[0].items.iter().map(|item| json!({ "kind": "item", "id": item.id }));
    let objects = std::iter::once(json!({ "kind": "course", "id": course.id })).chain(items);
    let events = (1..).zip(objects).map(|(nth, object)| {
        json!({
            "id": format!("e{nth}"), "occurred_at": "2026-11-21T09:00:00Z", "user": { "id": learner.id },
            "object": object, "verb": "started",
        })
    });
    let events: Vec<Value> = events.collect();
    house.admin().post("/api/progress-events", json!({ "events": events })).await.data();
    house.settle().await;
}

/// The id of an import whose plan is ready, of a file that is kept.
async fn import(house: &TestHouse) -> String {
    let bulk = format!("/api/institutions/{}/members/bulk?data_set=sweep", house.school.tenant);
    let file = "email,name\nimported@home.example,Imported\n";
    let import = house.admin().request(Method::POST, &bulk).bytes("text/csv", file).send().await.data();
    import["id"].as_str().expect("an id").to_owned()
}

/// The answer to a request that was named, and a second factor that was begun.
async fn keep_secrets(house: &TestHouse) {
    let token = json!({ "name": "named", "abilities": ["content:read"] });
    let named = house.owner().request(Method::POST, "/api/integrations/tokens").header("Idempotency-Key", "world");
    named.json(&token).send().await.data();
    house.owner().post("/api/auth/second-factor", json!({})).await.data();
    house.anonymous().post("/api/auth/password-reset", json!({ "email": "owner@home.example" })).await.data();
    house.database.run(
        "INSERT INTO recovery_codes (tenant_id, user_id, hash) SELECT tenant_id, user_id, '\\x00' FROM second_factors",
    );
    // Who came in by a data set; the import here is planned and not applied.
    house.database.run(
        "INSERT INTO data_set_members (tenant_id, data_set, user_id) SELECT tenant_id, 'sweep', user_id FROM second_factors",
    );
}

/// A letter's id, whose address is suspended.
async fn suspend_an_address(house: &TestHouse) -> String {
    house.database.run(
        "INSERT INTO suspended_addresses (tenant_id, address_hash, recipient, letter_id, reason, suspended_at)
         SELECT tenant_id, address_hash, recipient, id, 'gone', created_at FROM letters ORDER BY id LIMIT 1",
    );
    let letters = house.owner().get("/api/letters").await.data();
    let id = letters.as_array().expect("letters").last().expect("a letter")["id"].as_str().expect("an id").to_owned();
    house.take_letters();
    id
}

/// The id of an erasure that a learner asked for himself, and a hold on somebody else.
async fn erasure(house: &TestHouse) -> String {
    let path = format!("/api/users/{}/erasure", house.school.learner.id);
    let erasure = house.learner().post(&path, json!({ "reason": "sweep" })).await.data();
    let kept = &house.learners(&["held"]).await[0];
    let hold = format!("/api/users/{}/legal-hold", kept.id);
    house.owner().put(&hold, json!({ "reason": "sweep" })).await.data();
    erasure["id"].as_str().expect("an id").to_owned()
}

/// An application's id.
async fn application(house: &TestHouse) -> String {
    let application = json!({ "name": "sweep", "scopes": ["content:read"] });
    let application = house.admin().post("/api/integrations/applications", application).await.data();
    application["id"].as_str().expect("an id").to_owned()
}

/// What a surface with integer ids calls the things.
fn numbers(house: &TestHouse, course: &BuiltCourse, learner: &BuiltLearner) -> [(&'static str, String); 8] {
    let stat = |object: uuid::Uuid| {
        house
            .database
            .number(&format!("SELECT number FROM standings WHERE object_id = '{object}' ORDER BY number LIMIT 1"))
            .to_string()
    };
    let lesson = &course.lessons[0];
    [
        ("endpoint/courses", course.number.to_string()),
        ("endpoint/users", learner.number.to_string()),
        ("endpoint/course_stats", stat(course.id.uuid())),
        ("endpoint/section_stats", stat(lesson.id.uuid())),
        ("endpoint/quiz_stats", stat(lesson.items[0].id.uuid())),
        ("endpoint/task_stats", stat(lesson.items[1].id.uuid())),
        ("endpoint/scorm_stats", stat(lesson.items[2].id.uuid())),
        ("endpoint/material_stats", stat(lesson.items[3].id.uuid())),
    ]
}

/// Fingerprints of all rows of all tables that are somebody's.
pub(super) fn fingerprint(house: &TestHouse) -> Value {
    let tables = house.database.rows(
        "SELECT table_name::text AS name FROM information_schema.columns
         WHERE table_schema = 'public' AND column_name = 'tenant_id'
           AND NOT (SELECT relispartition FROM pg_class WHERE oid = format('%I', table_name)::regclass) ORDER BY 1",
    );
    let one = |table: &Value| {
        let name = table["name"].as_str().expect("a name");
        let query = format!("SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {name} t");
        (name.to_owned(), house.database.value(&query))
    };
    Value::Object(tables.iter().map(one).collect())
}

/// Goes through a door with the body of its example.
pub(super) async fn knock(caller: &Caller, door: &Door, path: &str) -> Answer {
    send_example(caller.request(door.method.clone(), path), door).await
}

/// Sends the example of a door's body, if it takes one.
pub(super) async fn send_example(request: Request, door: &Door) -> Answer {
    if door.takes.presence == Presence::File {
        let forms = (door.takes.files)(&mut SchemaGenerator::default());
        let csv = forms.into_iter().find(|form| form.media == "text/csv").expect("a file as it is");
        let file = csv.example.as_str().expect("a text").to_owned();
        return request.bytes(csv.media, file).send().await;
    }
    match (door.takes.example)() {
        Value::Null => request.send().await,
        body => request.json(&body).send().await,
    }
}

/// Doors that ask who of an institution comes, also those that the staff passes too.
pub(super) fn guarded() -> Vec<Door> {
    doors_where(Access::admits_institutions)
}

/// Doors of the platform's staff alone.
pub(super) fn staffed() -> Vec<Door> {
    doors_where(|access| matches!(access, Access::Staff(_) | Access::AnyStaff))
}

fn doors_where(wanted: fn(Access) -> bool) -> Vec<Door> {
    stoa_http::doors().list().iter().filter(|door| wanted(door.access)).cloned().collect()
}

/// Insists that a door refused so, in the words of its surface. Where these name fields, they must be those.
pub(super) fn refused(door: &Door, answer: &Answer, code: Code, pointers: Option<&[&str]>) {
    let what = format!("{} {}: {}", door.method, door.path, answer.text());
    let surface = door.surface();
    assert_eq!(answer.status, surface.status(code), "{what}");
    assert_eq!(answer.header("content-type"), Some(surface.media()), "{what}");
    match surface.name() {
        "house" => {
            let (_, given, found) = answer.refusal();
            assert_eq!(given, code.as_str(), "{what}");
            assert!(pointers.is_none_or(|wanted| found == wanted), "{what}");
        }
        "reach" => {
            for error in answer.json()["errors"].as_array().expect("errors") {
                assert_eq!(error["code"], code.as_str(), "{what}");
                let message = error["message"].as_str().expect("a message");
                let names = |pointer: &&str| message.starts_with(pointer.trim_start_matches(['/', '?']));
                assert!(pointers.is_none_or(|wanted| wanted.is_empty() || wanted.iter().any(names)), "{what}");
            }
            assert!(answer.header("api-version").is_some(), "{what}");
        }
        // Others have no words for programs.
        _ => assert!(answer.json().is_object(), "{what}"),
    }
}
