//! Typed ids: a `UUIDv7` in the database, a prefix and 26 letters in text.
//!
//! # Shape
//! `usr_01jd8z6t9hf2x9w7m0c4n5k3qa`: the prefix of the kind, an underscore, and the 128 bits in the
//! alphabet of Crockford's base 32, lower case.
//!
//! # Source
//! `TypeID` specification 0.3 (jetify-com/typeid), RFC 9562 section 5.7 for the bits.

use std::{
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
    marker::PhantomData,
    str::FromStr,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, Utc};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::{ContextV7, Timestamp, Uuid};

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const TEXT_LEN: usize = 26;

/// What an id is the id of.
pub trait Kind: 'static {
    /// Prefix in text, without the underscore.
    const PREFIX: &'static str;
    /// Word for messages.
    const NOUN: &'static str;
}

macro_rules! kinds {
    ($($name:ident = $prefix:literal, $noun:literal;)*) => { $(
        #[doc = concat!("Kind of the id of a ", $noun, ", `", $prefix, "_…`.")]
        #[derive(Debug)]
        pub enum $name {}
        impl Kind for $name {
            const PREFIX: &'static str = $prefix;
            const NOUN: &'static str = $noun;
        }
    )* };
}

kinds! {
    Institution = "inst", "institution";
    User = "usr", "user";
    Token = "tok", "token";
    Application = "app", "application";
    Course = "crs", "course";
    Lesson = "lsn", "lesson";
    Training = "trn", "training";
    Item = "itm", "training item";
    Enrolment = "enr", "enrolment";
    EnrolmentAct = "ena", "act of enrolling";
    Group = "grp", "group";
    LearningPath = "lpt", "learning path";
    Standing = "std", "standing";
    Event = "evt", "event";
    Webhook = "whk", "webhook";
    Subscription = "sub", "subscription";
    Delivery = "dlv", "delivery";
    Replay = "rpl", "replay";
    Job = "job", "job";
    Staff = "stf", "member of the staff";
    Evidence = "evd", "piece of evidence";
    CefrProfile = "cfp", "profile of levels";
    CefrDocument = "cfd", "document of levels";
    Game = "gam", "learner's game";
    XpEntry = "xpe", "entry of points";
    AuditEntry = "aud", "entry of the audit log";
    SubscriptionRequest = "srq", "subscription request";
    Invitation = "inv", "invitation";
    PasswordReset = "pwr", "password reset";
    StaffSession = "sts", "session of the staff";
    Import = "imp", "import";
    Export = "exp", "export";
    Erasure = "ers", "erasure";
    Letter = "ltr", "letter";
    Report = "rpt", "report";
    ReportRecipient = "rcp", "recipient of a report";
    ReportRun = "rrn", "run of a report";
}

/// The institution, where isolation is meant.
pub type TenantId = Id<Institution>;

/// An id of one kind.
pub struct Id<K>(Uuid, PhantomData<fn() -> K>);

impl<K> Id<K> {
    /// Gives a kind to the bits of the database.
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid, PhantomData)
    }

    /// The bits, for the database.
    pub const fn uuid(self) -> Uuid {
        self.0
    }
}

impl<K> Copy for Id<K> {}
impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}
impl<K> Hash for Id<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl<K: Kind> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = self.0.as_u128();
        write!(f, "{}_", K::PREFIX)?;
        for place in (0..TEXT_LEN).rev() {
            let letter = usize::try_from((bits >> (place * 5)) & 31).unwrap_or_default();
            write!(f, "{}", char::from(ALPHABET.get(letter).copied().unwrap_or(b'0')))?;
        }
        Ok(())
    }
}

impl<K: Kind> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that is not an id of the wanted kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id of the wanted kind")]
pub struct NotAnId;

impl<K: Kind> FromStr for Id<K> {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let letters = text.strip_prefix(K::PREFIX).and_then(|rest| rest.strip_prefix('_')).ok_or(NotAnId)?;
        // The first letter holds three bits only: more would overflow 128.
        if letters.len() != TEXT_LEN || letters.as_bytes().first().is_none_or(|first| *first > b'7') {
            return Err(NotAnId);
        }
        let mut bits = 0_u128;
        for letter in letters.bytes() {
            let value = ALPHABET.iter().position(|known| *known == letter).ok_or(NotAnId)?;
            bits = (bits << 5) | u128::try_from(value).map_err(|_| NotAnId)?;
        }
        Ok(Self::from_uuid(Uuid::from_u128(bits)))
    }
}

impl<K: Kind> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, K: Kind> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse()
            .map_err(|NotAnId| de::Error::custom(format_args!("wanted the id of a {}, {}_…", K::NOUN, K::PREFIX)))
    }
}

impl<K: Kind> JsonSchema for Id<K> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("Id_{}", K::PREFIX).into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": format!("^{}_[0-7][0-9a-hjkmnp-tv-z]{{25}}$", K::PREFIX) })
    }
}

/// Makes ids that sort by the time they were made at, also within one millisecond of one process.
#[derive(Debug)]
pub struct Ids(Mutex<ContextV7>);

impl Ids {
    /// Starts a sequence.
    pub fn new() -> Self {
        Self(Mutex::new(ContextV7::new()))
    }

    /// Makes the next id at a time.
    #[expect(clippy::disallowed_methods, reason = "this is the home of fresh ids")]
    pub fn next(&self, now: DateTime<Utc>) -> Uuid {
        let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
        let context = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Uuid::new_v7(Timestamp::from_unix(&*context, seconds, now.timestamp_subsec_nanos()))
    }
}

impl Default for Ids {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn speaks_typeid() {
        // From the specification's valid.json, "valid-uuidv7".
        let id: Id<User> = Id::from_uuid("01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap());
        assert_eq!(id.to_string(), "usr_01h455vb4pex5vsknk084sn02q");
    }

    #[test]
    fn refuses_other_kinds_and_overflow() {
        assert_eq!("crs_01h455vb4pex5vsknk084sn02q".parse::<Id<User>>(), Err(NotAnId));
        assert_eq!("usr_8zzzzzzzzzzzzzzzzzzzzzzzzz".parse::<Id<User>>(), Err(NotAnId));
        assert_eq!("usr_01H455VB4PEX5VSKNK084SN02Q".parse::<Id<User>>(), Err(NotAnId));
        assert_eq!("usr_".parse::<Id<User>>(), Err(NotAnId));
    }

    #[test]
    fn sorts_within_a_millisecond() {
        let ids = Ids::new();
        let now = "2026-11-21T09:00:00Z".parse().unwrap();
        let made: Vec<_> = (0..1000).map(|_| ids.next(now)).collect();
        assert!(made.is_sorted() && made.windows(2).all(|pair| pair[0] != pair[1]));
    }

    proptest! {
        #[test]
        fn text_and_bits_agree(bits: u128) {
            let id: Id<Webhook> = Id::from_uuid(Uuid::from_u128(bits));
            prop_assert_eq!(id.to_string().parse::<Id<Webhook>>(), Ok(id));
        }

        #[test]
        fn any_text_is_read_without_panic(text in "\\PC*") {
            let _ = text.parse::<Id<Webhook>>();
        }
    }
}
