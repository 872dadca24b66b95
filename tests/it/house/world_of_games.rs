//! What the private world has of the game: a row of each of its tables.

use actix_web::http::StatusCode;
use serde_json::json;

use crate::support::TestHouse;

/// Counts what the learners of the world did, and makes what takes weeks to come about.
pub(super) async fn play(house: &TestHouse, learner: &str) {
    house.follow().await;
    let opt_out = json!({ "user": learner, "opted_out": true });
    house.owner().put("/api/gamification/leaderboard/opt-out", opt_out).await.expect(StatusCode::OK);
    let settings = json!({ "names": "full" });
    house.owner().patch("/api/gamification/settings", settings).await.expect(StatusCode::OK);
    house.database.run(
        "INSERT INTO achievements (tenant_id, user_id, key, tier, version, target, evidence, unlocked_at)
         SELECT tenant_id, user_id, 'lessons', 'bronze', 1, 1, '{\"count\": 1}', created_at FROM games",
    );
    house.database.run(
        "INSERT INTO board_teams (tenant_id, period, starts_on, group_id, metric, name, members, total)
         SELECT tenant_id, period, starts_on, tenant_id, 'xp', 'A group', 5, 50 FROM board_periods",
    );
    // The followers have counted the enrolments that had changed; one more waits to be counted.
    house.database.run("UPDATE enrolments SET updated_at = updated_at");
    house.settle().await;
}
