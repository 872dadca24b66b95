//! One thing of every kind that a door can name, for the sweeps over all doors.

use std::collections::HashMap;

use serde_json::{Value, json};
use stoa::http::doors::{Access, Door};
use stoa_protocols::event::ItemKind;

use crate::support::{
    TestHouse,
    callers::{Answer, Caller},
};

/// Doors that anybody passes. May only shrink, or grow with a reason.
pub(super) const PUBLIC: [(&str, &str); 5] = [
    ("POST", "/api/auth/sign-in"),
    ("GET", "/api/public/courses"),
    ("GET", "/api/public/courses/{slug}"),
    ("GET", "/api/openapi.json"),
    ("GET", "/api/openapi.yaml"),
];

/// A school where one of everything is.
pub(super) struct World {
    pub(super) house: TestHouse,
    /// By the part of the path that stands before its id.
    ids: HashMap<&'static str, String>,
}

impl World {
    pub(super) async fn new() -> Self {
        let house = TestHouse::new().await;
        let (course, learners) = house.class(&[&[ItemKind::Quiz]], &["ana"]).await;
        // The address of the doors' own example, for those who make webhooks of it.
        house.receivers.at("https://hooks.example.com/stoa");
        let lms = house.receivers.at("https://lms.example/hooks");
        let admin = house.admin();
        let hook = json!({ "url": lms.url(), "events": ["*"] });
        let hook = admin.post("/api/integrations/webhooks", hook).await.data();
        let hook = hook["id"].as_str().expect("an id").to_owned();
        let event = json!({
            "id": "e1", "occurred_at": "2026-11-21T09:00:00Z", "user": { "id": learners[0].id },
            "object": { "kind": "course", "id": course.id }, "verb": "started",
        });
        admin.post("/api/progress-events", json!({ "events": [event] })).await.data();
        house.settle().await;
        let deliveries = admin.get(&format!("/api/integrations/webhooks/{hook}/deliveries")).await.data();
        let token = json!({ "name": "sweep", "abilities": ["content:read"] });
        let token = admin.post("/api/integrations/tokens", token).await.data();
        let lesson = &course.lessons[0];
        let ids = HashMap::from([
            ("institutions", house.school.tenant.to_string()),
            ("members", learners[0].id.to_string()),
            ("enrollments", learners[0].id.to_string()),
            ("courses", course.id.to_string()),
            ("lessons", lesson.id.to_string()),
            ("trainings", lesson.training.to_string()),
            ("trainingItems", lesson.items[0].id.to_string()),
            ("training-items", lesson.items[0].id.to_string()),
            ("webhooks", hook),
            ("deliveries", deliveries[0]["id"].as_str().expect("a delivery").to_owned()),
            ("tokens", token["id"].as_str().expect("an id").to_owned()),
        ]);
        Self { house, ids }
    }

    /// The id of the thing of a kind.
    pub(super) fn id(&self, kind: &str) -> &str {
        self.ids.get(kind).unwrap_or_else(|| panic!("the world has nothing of `{kind}`: add it to `World`"))
    }

    /// Every id, to look for where it must not be.
    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        self.ids.values().map(String::as_str)
    }

    /// The path of a door that leads to what is there.
    pub(super) fn path(&self, door: &Door) -> String {
        self.path_by(door, ToOwned::to_owned)
    }

    /// The same path with ids that were never given.
    pub(super) fn path_to_nothing(&self, door: &Door) -> String {
        self.path_by(door, |id| format!("{}_{:026}", id.split('_').next().expect("a prefix"), 1))
    }

    fn path_by(&self, door: &Door, turn: impl Fn(&str) -> String) -> String {
        let mut before = "";
        let parts = door.path.split('/').map(|part| {
            let filled = if part.starts_with('{') { turn(self.id(before)) } else { part.to_owned() };
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

/// Fingerprints of all rows of all tables that are somebody's.
pub(super) fn fingerprint(house: &TestHouse) -> Value {
    let tables = house.database.rows(
        "SELECT table_name::text AS name FROM information_schema.columns
         WHERE table_schema = 'public' AND column_name = 'tenant_id' ORDER BY 1",
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
    let request = caller.request(door.method.clone(), path);
    match (door.takes.example)() {
        Value::Null => request.send().await,
        body => request.json(&body).send().await,
    }
}

/// Doors that ask who comes.
pub(super) fn guarded() -> Vec<Door> {
    let doors = stoa::http::api::doors();
    doors.list().iter().filter(|door| door.access != Access::Public).cloned().collect()
}
