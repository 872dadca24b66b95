//! One statement, read.
//!
//! # Rule
//! What the specification calls an error is a fault, and so is what cannot be counted here: groups, statements about
//! statements, attachments, and verbs of which nothing follows. All faults of a statement are found at once.
//!
//! # Source
//! xAPI 1.0.3, Data: 2.2 (properties), 2.4.2 (actor), 2.4.5 (result), 4.1 (nulls and unknown properties are refused).

use chrono::DateTime;
use jiff::{Span, SpanRelativeTo, Unit};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{Actor, Fault, Outcome, Score, Statement, verbs};

/// Share of what is done, of the cmi5 profile.
const PROGRESS: &str = "https://w3id.org/xapi/cmi5/result/extensions/progress";
const STATEMENT: [&str; 11] = [
    "id",
    "actor",
    "verb",
    "object",
    "result",
    "context",
    "timestamp",
    "stored",
    "authority",
    "version",
    "attachments",
];
const AGENT: [&str; 7] = ["objectType", "name", "mbox", "mbox_sha1sum", "openid", "account", "member"];
const RESULT: [&str; 6] = ["score", "success", "completion", "response", "duration", "extensions"];
const SCORE: [&str; 4] = ["scaled", "raw", "min", "max"];

/// Reads a statement.
///
/// # Errors
/// Every fault, with its place.
pub fn read(value: &Value) -> Result<Statement, Vec<Fault>> {
    let mut faults = Faults(Vec::new());
    let statement = faults.object(value, "", &STATEMENT).and_then(|statement| faults.statement(statement));
    match statement {
        Some(statement) if faults.0.is_empty() => Ok(statement),
        _ => Err(faults.0),
    }
}

struct Faults(Vec<Fault>);

impl Faults {
    fn add<T>(&mut self, pointer: &str, code: &'static str, detail: impl Into<String>) -> Option<T> {
        self.0.push(Fault { pointer: pointer.to_owned(), code, detail: detail.into() });
        None
    }

    fn object<'a>(&mut self, value: &'a Value, pointer: &str, known: &[&str]) -> Option<&'a Map<String, Value>> {
        let Some(object) = value.as_object() else { return self.add(pointer, "type", "wanted an object") };
        for (name, value) in object {
            let place = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
            if !known.is_empty() && !known.contains(&name.as_str()) {
                self.add::<()>(&place, "unknown", "the specification knows no such property");
            } else if value.is_null() {
                self.add::<()>(&place, "value", "null is not allowed; leave the property out");
            }
        }
        Some(object)
    }

    fn text<'a>(&mut self, object: &'a Map<String, Value>, (pointer, name): (&str, &str)) -> Option<&'a str> {
        match object.get(name)?.as_str() {
            Some(text) => Some(text),
            None => self.add(&format!("{pointer}/{name}"), "type", "wanted a text"),
        }
    }

    fn statement(&mut self, statement: &Map<String, Value>) -> Option<Statement> {
        let id = self.text(statement, ("", "id")).and_then(|text| match Uuid::try_parse(text) {
            Ok(id) if text.len() == 36 => Some(id),
            _ => self.add("/id", "format", "wanted a UUID"),
        });
        if statement.contains_key("attachments") {
            self.add::<()>("/attachments", "value", "attachments are not taken");
        }
        let timestamp = self.text(statement, ("", "timestamp")).and_then(|text| {
            let read = DateTime::parse_from_rfc3339(text).ok().filter(|_| !text.ends_with("-00:00"));
            match read {
                Some(at) => Some(at.to_utc()),
                None => self.add("/timestamp", "format", "wanted RFC 3339 with an offset"),
            }
        });
        let actor = self.required(statement, "actor").and_then(|actor| self.actor(actor));
        let verb = self.required(statement, "verb").and_then(|verb| self.verb(verb));
        let object = self.required(statement, "object").and_then(|object| self.activity(object));
        let outcome = statement.get("result").map_or(Some(Outcome::default()), |result| self.outcome(result));
        Some(Statement { id, actor: actor?, verb: verb?, object: object?, outcome: outcome?, timestamp })
    }

    fn required<'a>(&mut self, statement: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
        match statement.get(name) {
            Some(value) => Some(value),
            None => self.add(&format!("/{name}"), "required", "wanted"),
        }
    }

    fn actor(&mut self, value: &Value) -> Option<Actor> {
        let actor = self.object(value, "/actor", &AGENT)?;
        if !matches!(self.text(actor, ("/actor", "objectType")), None | Some("Agent")) {
            return self.add("/actor/objectType", "value", "wanted an agent: what a group did is nobody's record");
        }
        let given = ["mbox", "mbox_sha1sum", "openid", "account"].into_iter().filter(|name| actor.contains_key(*name));
        match given.collect::<Vec<_>>()[..] {
            ["mbox"] => {
                let mailbox = self.text(actor, ("/actor", "mbox"))?;
                match mailbox.strip_prefix("mailto:").filter(|address| address.contains('@')) {
                    Some(address) => Some(Actor::Mailbox(address.to_owned())),
                    None => self.add("/actor/mbox", "format", "wanted mailto: and an address"),
                }
            }
            ["account"] => {
                let account = self.object(actor.get("account")?, "/actor/account", &["homePage", "name"])?;
                let home_page = self.text(account, ("/actor/account", "homePage"));
                let name = self.text(account, ("/actor/account", "name"));
                match (home_page, name) {
                    (Some(home_page), Some(name)) if !name.is_empty() => {
                        Some(Actor::Account { home_page: home_page.to_owned(), name: name.to_owned() })
                    }
                    _ => self.add("/actor/account", "required", "wanted homePage and name"),
                }
            }
            [other] => self.add(&format!("/actor/{other}"), "value", "wanted account or mbox"),
            _ => self.add("/actor", "value", "wanted exactly one of account and mbox"),
        }
    }

    fn verb(&mut self, value: &Value) -> Option<verbs::Meaning> {
        let verb = self.object(value, "/verb", &["id", "display"])?;
        let Some(id) = self.text(verb, ("/verb", "id")) else {
            return self.add("/verb/id", "required", "wanted");
        };
        if id == verbs::VOIDED {
            return self.add("/verb/id", "value", "what was learned is not taken back by voiding");
        }
        verbs::meaning(id).or_else(|| {
            let known = verbs::known().collect::<Vec<_>>().join(", ");
            self.add("/verb/id", "value", format!("nothing follows from this verb here; wanted one of {known}"))
        })
    }

    fn activity(&mut self, value: &Value) -> Option<String> {
        let object = self.object(value, "/object", &[])?;
        if !matches!(self.text(object, ("/object", "objectType")), None | Some("Activity")) {
            return self.add("/object/objectType", "value", "wanted an activity");
        }
        match self.text(object, ("/object", "id")) {
            Some(id) if is_iri(id) => Some(id.to_owned()),
            _ => self.add("/object/id", "format", "wanted an IRI"),
        }
    }

    fn outcome(&mut self, value: &Value) -> Option<Outcome> {
        let result = self.object(value, "/result", &RESULT)?;
        let mut flag = |name: &str| match result.get(name).map(Value::as_bool) {
            Some(None) => self.add(&format!("/result/{name}"), "type", "wanted true or false"),
            flag => flag.flatten(),
        };
        let (success, completion) = (flag("success"), flag("completion"));
        let seconds = self.text(result, ("/result", "duration")).and_then(|text| match seconds(text) {
            Some(seconds) => Some(seconds),
            None => self.add("/result/duration", "format", "wanted a duration of ISO 8601 without years and months"),
        });
        let score = result.get("score").and_then(|score| self.score(score));
        let progress = result.get("extensions").and_then(|extensions| extensions.get(PROGRESS));
        let progress = progress.and_then(|value| match value.as_f64() {
            Some(percent) if (0.0..=100.0).contains(&percent) => Some(percent / 100.0),
            _ => self.add("/result/extensions", "range", format!("wanted 0 to 100 as {PROGRESS}")),
        });
        Some(Outcome { progress, score, success, completion, seconds })
    }

    fn score(&mut self, value: &Value) -> Option<Score> {
        let score = self.object(value, "/result/score", &SCORE)?;
        let mut number = |name: &str| match score.get(name).map(Value::as_f64) {
            Some(None) => self.add(&format!("/result/score/{name}"), "type", "wanted a number"),
            number => number.flatten(),
        };
        let (scaled, raw, min, max) = (number("scaled"), number("raw"), number("min"), number("max"));
        let outside = |low: Option<f64>, high: Option<f64>, number: f64| {
            low.is_some_and(|low| number < low) || high.is_some_and(|high| number > high)
        };
        if min.zip(max).is_some_and(|(min, max)| min >= max) || raw.is_some_and(|raw| outside(min, max, raw)) {
            return self.add("/result/score", "range", "wanted min below max, and raw between them");
        }
        match (raw, scaled) {
            (_, Some(scaled)) if !(-1.0..=1.0).contains(&scaled) => {
                self.add("/result/score/scaled", "range", "wanted -1 to 1")
            }
            (Some(raw), _) => Some(Score { raw, min, max }),
            (None, Some(scaled)) if scaled < 0.0 => Some(Score { raw: scaled, min: Some(-1.0), max: Some(1.0) }),
            (None, Some(scaled)) => Some(Score { raw: scaled, min: Some(0.0), max: Some(1.0) }),
            (None, None) => None,
        }
    }
}

/// An absolute IRI, as far as one has to know: a scheme, a colon, and no space or control character.
fn is_iri(text: &str) -> bool {
    let scheme = text.split_once(':').map(|(scheme, rest)| (scheme.as_bytes(), rest));
    let is_scheme = |scheme: &[u8]| {
        scheme.first().is_some_and(u8::is_ascii_alphabetic)
            && scheme.iter().all(|letter| letter.is_ascii_alphanumeric() || b"+-.".contains(letter))
    };
    text.len() <= 2_000
        && scheme.is_some_and(|(scheme, rest)| is_scheme(scheme) && !rest.is_empty())
        && !text.chars().any(|letter| letter.is_whitespace() || letter.is_control())
}

fn seconds(text: &str) -> Option<f64> {
    let span: Span = text.parse().ok()?;
    let whole = span.total((Unit::Second, SpanRelativeTo::days_are_24_hours())).ok()?;
    (text.starts_with('P') && whole >= 0.0).then_some(whole)
}
