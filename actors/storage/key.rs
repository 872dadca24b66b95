//! Where a file lies.

use std::fmt;

use stoa_core::id::TenantId;
use uuid::Uuid;

/// What a file is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shelf {
    /// Exports of the learning record.
    Exports,
    /// What is known of one person, for that person.
    People,
    /// What letters link to.
    Reports,
    /// Files of a few bytes that prove that files can be written.
    Trials,
}

impl Shelf {
    const ALL: [Self; 4] = [Self::Exports, Self::People, Self::Reports, Self::Trials];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Exports => "exports",
            Self::People => "people",
            Self::Reports => "reports",
            Self::Trials => "trials",
        }
    }
}

/// Where a file lies: `institutions/<institution>/<shelf>/<id>.<ending>`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(String);

impl Key {
    /// Above all institutions.
    pub(super) const ROOT: &'static str = "institutions";

    /// The place of a file. Its ending is one of ours, such as `csv.gz`; letters that end nothing are left out of it.
    pub fn new(tenant: TenantId, shelf: Shelf, id: Uuid, ending: &str) -> Self {
        let ending: String = ending.chars().filter(|letter| letter.is_ascii_alphanumeric() || *letter == '.').collect();
        Self(format!("{}/{}/{}.{}", Self::folder(tenant), shelf.as_str(), id.simple(), ending.trim_matches('.')))
    }

    /// A key as it was written down; none for what is none of ours.
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix(Self::ROOT)?.strip_prefix('/')?;
        let [tenant, shelf, file] = rest.split('/').collect::<Vec<_>>().try_into().ok()?;
        let shelf = Shelf::ALL.into_iter().find(|known| known.as_str() == shelf)?;
        let (id, ending) = file.split_once('.')?;
        let key = Self::new(TenantId::from_uuid(simple(tenant)?), shelf, simple(id)?, ending);
        // Whatever was left out on the way was none of ours.
        (key.0 == text).then_some(key)
    }

    /// Where all files of an institution lie.
    pub(super) fn folder(tenant: TenantId) -> String {
        format!("{}/{}", Self::ROOT, tenant.uuid().simple())
    }

    /// A file of nobody.
    pub(super) fn trial(id: Uuid) -> Self {
        Self::new(TenantId::from_uuid(Uuid::nil()), Shelf::Trials, id, "txt")
    }

    /// As it is written down.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The institution whose file it is.
    pub fn tenant(&self) -> Option<TenantId> {
        self.0.split('/').nth(1).and_then(simple).map(TenantId::from_uuid)
    }

    /// The id of what the file is.
    pub fn id(&self) -> Option<Uuid> {
        self.0.rsplit('/').next()?.split('.').next().and_then(simple)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An id without hyphens, in small letters: one spelling for each.
fn simple(text: &str) -> Option<Uuid> {
    let id = Uuid::try_parse(text).ok()?;
    (id.simple().to_string() == text).then_some(id)
}
