//! People in an institution: who they are, and what their role lets them do.
//!
//! Not here: passwords and sessions (`auth`, `tokens`), and whose activity is whose (`progress`).
//!
//! A person is a row of one institution; the same address may stand in several. Nobody is ever erased here:
//! a removed member keeps the record of what was learned, and neither signs in nor learns on.

mod commands;
mod queries;
mod rows;

use std::str::FromStr;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use commands::{add, change, remove};
pub(crate) use commands::{check_time_zone, insert};
pub use queries::{find, find_all, get, get_numbered, list, list_after, resolve};
pub use rows::Member;
pub(crate) use rows::member_columns;

use crate::{
    db::word_column,
    error::{Code, Error, FieldFault, Result},
    fields::{Fields, given},
    scope::{Role, Scope},
};

word_column!(Role);
word_column!(MemberStatus);

/// Names where a membership is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MemberStatus {
    /// Asked to join.
    Invited,
    /// May sign in and learn.
    Active,
    /// May not, for now.
    Deactivated,
    /// Has left; only the record remains.
    Removed,
}

impl MemberStatus {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Invited, Self::Active, Self::Deactivated, Self::Removed];

    /// The word on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Active => "active",
            Self::Deactivated => "deactivated",
            Self::Removed => "removed",
        }
    }
}

impl FromStr for MemberStatus {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|status| status.as_str() == text).ok_or(())
    }
}

/// Somebody to be added.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMember {
    /// Address, unique in the institution whatever its case.
    pub email: String,
    /// Whole name, as the institution writes it; the given and family names together if left out.
    #[serde(default)]
    pub name: Option<String>,
    /// Given name; the first word of the whole name if left out.
    #[serde(default)]
    pub first_name: Option<String>,
    /// Family name; the rest of the whole name if left out.
    #[serde(default)]
    pub last_name: Option<String>,
    /// Role; `learner` if left out. Never more than the caller may do.
    #[serde(default)]
    pub role: Option<Role>,
    /// The institution's own key.
    #[serde(default)]
    pub external_id: Option<String>,
    /// Language tag; the institution's if left out.
    #[serde(default)]
    pub locale: Option<String>,
    /// IANA zone; the institution's if left out.
    #[serde(default)]
    pub time_zone: Option<String>,
}

/// What may be changed of a member. What is absent stays as it is; null empties a field that may be empty.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MemberChange {
    /// Whole name. The given and family names follow it unless given too.
    #[serde(deserialize_with = "given")]
    pub name: Option<String>,
    /// Given name.
    #[serde(deserialize_with = "given")]
    pub first_name: Option<String>,
    /// Family name, possibly empty.
    #[serde(deserialize_with = "given")]
    pub last_name: Option<String>,
    /// Role. A session never does more than the role now lets it.
    #[serde(deserialize_with = "given")]
    pub role: Option<Role>,
    /// `active` or `deactivated`; `active` also brings a removed member back.
    #[serde(deserialize_with = "given")]
    pub status: Option<MemberStatus>,
    /// The institution's own key.
    #[serde(deserialize_with = "given")]
    pub external_id: Option<Option<String>>,
    /// Language tag.
    #[serde(deserialize_with = "given")]
    pub locale: Option<Option<String>>,
    /// IANA zone.
    #[serde(deserialize_with = "given")]
    pub time_zone: Option<Option<String>>,
}

/// Which members are wanted.
#[derive(Debug, Clone, Default)]
pub struct MemberFilter {
    /// Part of a name, an address or an external id.
    pub q: Option<String>,
    /// Of this role.
    pub role: Option<Role>,
    /// Of this status; all but the removed if left out.
    pub status: Option<MemberStatus>,
    /// Changed then or later, the removed among them.
    pub updated_since: Option<DateTime<Utc>>,
}

/// The form by which addresses are compared.
pub fn email_key(email: &str) -> String {
    email.trim().to_lowercase()
}

/// Checks that a caller may make or unmake somebody of a role: nobody hands out more than he has.
///
/// # Errors
/// `ability_missing` with the role's pointer.
pub fn may_grant(scope: &Scope, role: Role) -> Result<()> {
    let Some(missing) = role.abilities().into_iter().find(|ability| !scope.may(*ability)) else { return Ok(()) };
    let detail = format!("the role {} has {missing}, which the caller has not", role.as_str());
    Err(Error::new(Code::AbilityMissing, "a role may not do more than its giver").with_fields(vec![FieldFault::new(
        "/role",
        "ability_missing",
        detail,
    )]))
}

impl NewMember {
    /// Checks the fields, and fills in what was left out.
    pub(crate) fn checked(mut self) -> Result<Self> {
        let mut fields = Fields::new();
        fields.email("/email", &mut self.email);
        fields.optional_name("/name", &mut self.name);
        fields.optional_name("/first_name", &mut self.first_name);
        if let Some(last_name) = &mut self.last_name {
            fields.text("/last_name", last_name, crate::fields::NAME_MAX);
        }
        if self.name.is_none() && self.first_name.is_none() {
            fields.fault("/name", "required", "wanted name, or first_name and last_name");
        }
        fields.external_id("/external_id", self.external_id.as_deref());
        check_places(&mut fields, &mut self.locale, self.time_zone.as_deref());
        fields.finish()?;
        self.fill_names();
        Ok(self)
    }

    fn fill_names(&mut self) {
        let name =
            self.name.take().unwrap_or_else(|| whole_name(self.first_name.as_deref(), self.last_name.as_deref()));
        let (first, last) = split_name(&name);
        self.last_name.get_or_insert_with(|| if self.first_name.is_none() { last.to_owned() } else { String::new() });
        self.first_name.get_or_insert_with(|| first.to_owned());
        self.name = Some(name);
    }
}

/// Checks a language and the form of a time zone's name; whether there is such a zone the database knows.
fn check_places(fields: &mut Fields, locale: &mut Option<String>, time_zone: Option<&str>) {
    if let Some(locale) = locale {
        fields.language("/locale", locale);
    }
    let letters = |zone: &str| zone.bytes().all(|b| b.is_ascii_alphanumeric() || b"/_+-".contains(&b));
    if time_zone.is_some_and(|zone| zone.is_empty() || zone.len() > 64 || !letters(zone)) {
        fields.fault("/time_zone", "format", "wanted an IANA time zone such as Asia/Seoul");
    }
}

fn whole_name(first: Option<&str>, last: Option<&str>) -> String {
    [first, last].into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The first word, and the rest. A guess, for receivers that want two fields of whoever gave one.
fn split_name(name: &str) -> (&str, &str) {
    name.split_once(char::is_whitespace).map_or((name, ""), |(first, rest)| (first, rest.trim_start()))
}

#[cfg(test)]
mod tests;
