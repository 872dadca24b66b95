//! The school of one run: a course with two lessons, three learners, three webhooks and a token; and their removal.

use std::{collections::HashMap, time::Instant};

use serde_json::{Value, json};
use stoa_protocols::webhook::DialectName;

use super::{
    api::{Api, text_at},
    checks,
    day::Outcome,
    ledger::Ledger,
    receivers::{REFUSES_FIRST, Receivers},
};
use crate::cli::say;

pub(super) const MINJUN: &str = "Minjun";
pub(super) const OLGA: &str = "Olga";
pub(super) const ZOE: &str = "Zoe";
/// The learners, with their family names.
pub(super) const LEARNERS: [(&str, &str); 3] = [(MINJUN, "Kim"), (OLGA, "Ivanova"), (ZOE, "Lefevre")];
/// Items by the names that the day calls them: lesson, key, kind, title, highest score.
const ITEMS: [(usize, &str, &str, &str, Option<u32>); 4] = [
    (1, "syllables", "material", "How a syllable is built", None),
    (1, "quiz", "quiz", "Which syllable do you hear?", Some(10)),
    (2, "market", "scorm", "The market game", Some(100)),
    (2, "letter", "task", "A shopping list in ten words", Some(10)),
];

/// The school, as far as it is built.
pub(super) struct School {
    api: Api,
    /// Begins every external id.
    name: String,
    /// Paths to be deleted, the first one last.
    made: Vec<String>,
    webhooks: HashMap<DialectName, (String, String)>,
    /// May send activity and nothing else, as an integration should.
    sender: Option<Api>,
}

impl School {
    pub(super) fn new(api: Api, name: String) -> Self {
        Self { api, name, made: Vec::new(), webhooks: HashMap::new(), sender: None }
    }

    /// The external id of something of this run.
    pub(super) fn key(&self, of: &str) -> String {
        format!("{}-{}", self.name, of.to_lowercase())
    }

    /// Secret of a dialect's webhook.
    pub(super) fn secret(&self, dialect: DialectName) -> &str {
        self.webhooks.get(&dialect).map(|(_, secret)| secret.as_str()).unwrap_or_default()
    }

    /// Builds it, in the order in which an integration would.
    pub(super) async fn open(&mut self, receivers: &Receivers, ledger: &mut Ledger) -> anyhow::Result<()> {
        let me = self.api.get("/api/auth/me").await?;
        let institution = text_at(&me, "/data/institution/id")?;
        say::line(format_args!("{} at {}", text_at(&me, "/data/institution/name")?, self.api.address()));
        say::line(format_args!("\nThe school of this run, {}\n", self.name));
        self.add_token().await?;
        let course = self.add_course().await?;
        for dialect in DialectName::ALL {
            self.add_webhook(dialect, receivers.url(dialect), &course).await?;
        }
        let members = format!("/api/institutions/{institution}/members");
        for (first, last) in LEARNERS {
            let sent = Instant::now();
            let email = format!("{}@demo.example", self.key(first));
            let new = json!({ "email": email, "first_name": first, "last_name": last, "external_id": self.key(first) });
            let learner = text_at(&self.api.post(&members, &new).await?, "/data/id")?;
            self.made.push(format!("{members}/{learner}"));
            ledger.expect_learner(learner, sent);
        }
        say::line(format_args!("  learners    {}", LEARNERS.map(|(first, _)| first).join(", ")));
        Ok(())
    }

    async fn add_token(&mut self) -> anyhow::Result<()> {
        let new = json!({ "name": self.name, "abilities": ["progress:write"] });
        let made = self.api.post("/api/integrations/tokens", &new).await?;
        self.made.push(format!("/api/integrations/tokens/{}", text_at(&made, "/data/id")?));
        self.sender = Some(self.api.with_token(text_at(&made, "/data/token")?));
        say::line("  token       one that may send activity (progress:write) and nothing else");
        Ok(())
    }

    async fn add_course(&mut self) -> anyhow::Result<String> {
        let key = self.key("course");
        let new = json!({ "title": "A day of Korean", "status": "published", "external_id": key });
        let course = text_at(&self.api.post("/api/courses", &new).await?, "/data/id")?;
        self.made.push(format!("/api/courses/{course}"));
        for (number, title) in [(1, "The letters"), (2, "At the market")] {
            let key = self.key(&format!("lesson-{number}"));
            let new = json!({ "course_id": course, "title": title, "external_id": key });
            let lesson = text_at(&self.api.post("/api/lessons", &new).await?, "/data/id")?;
            let new = json!({ "lesson_id": lesson, "title": title });
            let training = text_at(&self.api.post("/api/trainings", &new).await?, "/data/id")?;
            for (_, key, kind, title, max_score) in ITEMS.into_iter().filter(|item| item.0 == number) {
                let key = self.key(key);
                let new = json!({ "training_id": training, "type": kind, "title": title, "max_score": max_score, "external_id": key });
                self.api.post("/api/trainingItems", &new).await?;
            }
        }
        say::line(format_args!("  course      A day of Korean, {course}: two lessons, four items"));
        Ok(course)
    }

    /// What happens in the course only, so that runs at the same time do not mix. Reach 360's is for all: that
    /// somebody was added is told of no course.
    async fn add_webhook(&mut self, dialect: DialectName, url: String, course: &str) -> anyhow::Result<()> {
        let scope = (dialect != DialectName::Reach360).then(|| json!({ "courses": [course] }));
        // Each update is sent for itself, so that what arrives can be counted.
        let new = json!({
            "url": url, "events": ["*"], "dialect": dialect, "scope": scope, "description": self.name, "coalesce_seconds": 0,
        });
        let made = self.api.post("/api/integrations/webhooks", &new).await?;
        let path = format!("/api/integrations/webhooks/{}", text_at(&made, "/data/id")?);
        self.made.push(path.clone());
        self.webhooks.insert(dialect, (path, text_at(&made, "/data/secret")?));
        let how = checks::verified_by(dialect);
        let note = if dialect == REFUSES_FIRST { "; answers 503 the first time" } else { "" };
        say::line(format_args!("  {:<12}{url}, verified by {how}{note}", dialect.as_str()));
        Ok(())
    }

    /// Sends activity in.
    pub(super) async fn submit(&self, events: &[Value]) -> anyhow::Result<Outcome> {
        let sent = Instant::now();
        let sender = self.sender.as_ref().unwrap_or(&self.api);
        let answer = sender.post("/api/progress-events", &json!({ "events": events })).await?;
        Ok(Outcome { sent, results: answer.get("data").and_then(Value::as_array).cloned().unwrap_or_default() })
    }

    /// The server's own log of the webhooks of this run's course: deliveries by status, once none is owed any more.
    /// The log is written in batches a moment after the answer, so it is asked again until then.
    pub(super) async fn delivery_log(&self, deadline: tokio::time::Instant) -> anyhow::Result<HashMap<String, u64>> {
        let mut again = tokio::time::interval(std::time::Duration::from_millis(50));
        loop {
            again.tick().await;
            let mut log = HashMap::new();
            for (path, _) in DialectName::ALL.iter().filter_map(|dialect| self.webhooks.get(dialect)) {
                for status in ["pending", "retrying", "succeeded", "exhausted", "cancelled"] {
                    let answer = self.api.get(&format!("{path}/deliveries?status={status}&per_page=1")).await?;
                    let total = answer.pointer("/meta/total").and_then(Value::as_u64).unwrap_or_default();
                    *log.entry(status.to_owned()).or_default() += total;
                }
            }
            let owed = ["pending", "retrying"].iter().filter_map(|status| log.get(*status)).sum::<u64>();
            if owed == 0 || tokio::time::Instant::now() >= deadline {
                return Ok(log);
            }
        }
    }

    /// Takes everything away again, the last thing first. A fault is told and stops nothing.
    pub(super) async fn close(self) {
        for path in self.made.iter().rev() {
            if let Err(error) = self.api.delete(path).await {
                say::complain(format_args!("stoa: could not be removed: {error:#}"));
            }
        }
    }
}
