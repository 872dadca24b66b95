//! What the load is about: learners and items of the demo institution, and its receivers.

use std::net::SocketAddr;

use serde_json::json;

use super::{database::Database, receivers::Receivers, wire::Channel};

/// Names for events.
#[derive(Debug, Clone)]
pub(crate) struct School {
    pub(crate) token: String,
    pub(crate) learners: Vec<String>,
    pub(crate) courses: Vec<String>,
    pub(crate) items: Vec<String>,
}

impl School {
    /// Reads the names from the database.
    pub(crate) async fn read(token: String, database: &Database) -> Self {
        let learners = database.texts("SELECT external_id FROM users WHERE external_id LIKE 'learner-%'").await;
        let courses = database.texts("SELECT external_id FROM courses ORDER BY 1").await;
        let items = database.texts("SELECT external_id FROM training_items ORDER BY 1").await;
        assert!(!learners.is_empty() && !courses.is_empty() && !items.is_empty(), "the demo institution is filled");
        Self { token, learners, courses, items }
    }

    /// Registers the receivers for everything that happens.
    pub(crate) async fn register(&self, server: SocketAddr, receivers: &Receivers) {
        let mut channel = Channel::open(server).await.expect("the server listens");
        for url in receivers.urls() {
            let webhook = json!({ "url": url, "events": ["*"], "coalesce_seconds": 0 }).to_string();
            let answer = channel.call("POST /api/integrations/webhooks", Some(&self.token), &webhook).await;
            let answer = answer.expect("an answer");
            assert_eq!(answer.status(), 201, "{}", answer.text());
        }
    }
}
