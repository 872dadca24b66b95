//! What the private world has of the learning record: each kind of thing, and its id.

use actix_web::http::Method;
use serde_json::json;

use super::world::text;
use crate::support::{TestHouse, builders::BuiltLearner};

/// Makes one of everything, for a learner who has evidence of a level.
pub(super) async fn of_record(house: &TestHouse, learner: &BuiltLearner) -> Vec<(&'static str, String)> {
    let admin = house.admin();
    let document = admin.post("/api/cefr/documents", json!({ "user_id": learner.id })).await.data();
    let higher = json!({ "user": learner.id, "language": "en", "skill": "reading", "source": "external_certificate",
        "level": "C1", "occurred_at": "2026-11-21T09:00:00Z" });
    admin.post("/api/cefr/evidence", json!({ "evidence": [higher] })).await.data();
    let statement = json!({
        "actor": { "account": { "homePage": "https://stoa.example", "name": learner.id } },
        "verb": { "id": "http://adlnet.gov/expapi/verbs/experienced" },
        "object": { "id": "https://home.example/statement" },
    });
    let course = admin.post("/api/courses", json!({ "title": "Of statements", "status": "published" })).await.data();
    let due = json!({ "user": { "id": learner.id }, "due_at": "2026-11-30T00:00:00Z" });
    let id = text(&course["id"]);
    admin.post(&format!("/api/courses/{id}/enrollments"), due).await.data();
    let lesson = json!({ "course_id": course["id"], "title": "One", "external_id": "https://home.example/statement" });
    admin.post("/api/lessons", lesson).await.data();
    let statements = admin.request(Method::POST, "/api/xapi/statements").header("X-Experience-API-Version", "2.0.0");
    statements.json(&statement).send().await.json();
    let history = admin.request(Method::POST, "/api/progress-imports");
    let history = history.bytes("text/csv", "external_id,object,date\nnobody,nothing,2025-01-01\n").send().await.data();
    let report = json!({ "name": "sweep", "kind": "institution", "every": "week" });
    let report = house.owner().post("/api/reports", report).await.data();
    house.database.run(
        "INSERT INTO report_runs (tenant_id, id, report_id, recipient_id, period_from, period_to, time_zone, as_of, status, created_at)
         SELECT tenant_id, id, report_id, id, '2026-11-09', '2026-11-15', 'UTC', created_at, 'empty', created_at FROM report_recipients",
    );
    house.settle().await;
    vec![
        ("reports", text(&report["id"])),
        ("recipients", text(&report["recipients"][0]["id"])),
        ("documents", text(&document["id"])),
        ("progress-imports", text(&history["id"])),
    ]
}
