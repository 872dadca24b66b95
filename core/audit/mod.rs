//! The audit log: what was done in an institution, by whom, written with what was done.
//!
//! Not here: what happened to learners (`events`), and the server's own log.
//!
//! A command says `tx.audit(Entry::of("webhook.deleted", webhook))`; who acted, from where and for which request the
//! transaction knows already. Rows are added and never changed: PostgreSQL refuses it to every role.

mod difference;
mod mask;
mod queries;
mod retention;
mod rows;
mod write;

use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use mask::masked;
pub use queries::{ActionKey, AuditFilter, get, list, list_of_staff};
pub use retention::forget;
pub use rows::AuditEntry;
pub(crate) use write::write;

use crate::{
    db::word_column,
    id::{Id, Kind, Staff, Token, User},
    scope::Actor,
};

word_column!(ActorKind);

/// Names the kinds of who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    /// A person of the institution, by a session.
    Person,
    /// An integration, by its token.
    Integration,
    /// Somebody of the platform's staff.
    Staff,
    /// The server itself.
    House,
}

impl ActorKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Person, Self::Integration, Self::Staff, Self::House];

    /// The word on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Integration => "integration",
            Self::Staff => "staff",
            Self::House => "house",
        }
    }

    /// Which kind an actor is.
    pub const fn of(actor: Actor) -> Self {
        match actor {
            Actor::Person(_) => Self::Person,
            Actor::Integration(_) => Self::Integration,
            Actor::Staff(_) => Self::Staff,
            Actor::House => Self::House,
        }
    }
}

impl FromStr for ActorKind {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(())
    }
}

/// Something done, about to be written down.
#[derive(Debug, Clone)]
pub struct Entry {
    pub(crate) action: &'static str,
    pub(crate) object_id: String,
    pub(crate) before: Option<Value>,
    pub(crate) after: Option<Value>,
}

impl Entry {
    /// Says what was done to what: `object.verb` in the past tense, and the object's id.
    pub fn of<K: Kind>(action: &'static str, object: Id<K>) -> Self {
        Self { action, object_id: object.to_string(), before: None, after: None }
    }

    /// Says what mattered of the object before.
    #[must_use]
    pub fn was(mut self, before: Value) -> Self {
        self.before = Some(mask::masked_of(self.object_kind(), before));
        self
    }

    /// Says what matters of the object since.
    #[must_use]
    pub fn is(mut self, after: Value) -> Self {
        self.after = Some(mask::masked_of(self.object_kind(), after));
        self
    }

    /// Says what of the object differs since, and how it was before. Where nothing does, that it was touched.
    #[must_use]
    pub fn differing(self, before: &Value, after: &Value) -> Self {
        let (was, is) = difference::of(before, after);
        self.was(was).is(is)
    }

    /// The part of the action before its verb: what kind of thing the object is.
    pub(crate) fn object_kind(&self) -> &'static str {
        self.action.split('.').next().unwrap_or(self.action)
    }
}

/// Who acted, as a filter names it: by kind, or by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActorKey {
    /// Any of a kind.
    Kind(ActorKind),
    /// One.
    One(uuid::Uuid),
}

impl FromStr for ActorKey {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        if let Ok(kind) = text.parse() {
            return Ok(Self::Kind(kind));
        }
        let person = text.parse::<Id<User>>().map(Id::uuid);
        let one = person.or_else(|_| text.parse::<Id<Token>>().map(Id::uuid));
        one.or_else(|_| text.parse::<Id<Staff>>().map(Id::uuid)).map(Self::One).map_err(|_| ())
    }
}
