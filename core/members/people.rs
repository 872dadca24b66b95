//! Somebody to be added and what may be changed of somebody: the fields of a request, and their checks.
//!
//! Not here: what is done with them (`commands`, `change`).

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Member, MemberStatus, StickyField};
use crate::{
    error::Result,
    fields::{Fields, NAME_MAX, given},
    id,
    key::Key,
    scope::Role,
};

/// Groups that somebody may be added to at once.
const GROUPS_MAX: usize = 32;

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
    /// Groups to be in, at most 32, each by id or `external_id:` and the institution's own key. Somebody who sees his own
    /// groups alone must name one of them.
    #[serde(default)]
    pub groups: Vec<Key<id::Group>>,
}

/// What may be changed of a member. What is absent stays as it is; null empties a field that may be empty.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MemberChange {
    /// Whole name. The given and family names follow it unless given too.
    #[serde(deserialize_with = "given")]
    pub name: Option<String>,
    /// Address, unique in the institution whatever its case.
    #[serde(deserialize_with = "given")]
    pub email: Option<String>,
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
    /// Fields that files of people leave as they are. What a person changes is added by itself; an empty list lets the
    /// files have their say again.
    #[serde(deserialize_with = "given")]
    pub sticky: Option<Vec<StickyField>>,
}

impl NewMember {
    /// Checks the fields, and fills in what was left out.
    pub(crate) fn checked(mut self) -> Result<Self> {
        let mut fields = Fields::new();
        fields.email("/email", &mut self.email);
        fields.optional_name("/name", &mut self.name);
        fields.optional_name("/first_name", &mut self.first_name);
        if let Some(last_name) = &mut self.last_name {
            fields.text("/last_name", last_name, NAME_MAX);
        }
        if self.name.is_none() && self.first_name.is_none() {
            fields.fault("/name", "required", "wanted name, or first_name and last_name");
        }
        fields.external_id("/external_id", self.external_id.as_deref());
        if self.groups.len() > GROUPS_MAX {
            fields.fault("/groups", "length", format!("wanted at most {GROUPS_MAX} groups"));
        }
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
pub(crate) fn check_places(fields: &mut Fields, locale: &mut Option<String>, time_zone: Option<&str>) {
    if let Some(locale) = locale {
        fields.language("/locale", locale);
    }
    let letters = |zone: &str| zone.bytes().all(|b| b.is_ascii_alphanumeric() || b"/_+-".contains(&b));
    if time_zone.is_some_and(|zone| zone.is_empty() || zone.len() > 64 || !letters(zone)) {
        fields.fault("/time_zone", "format", "wanted an IANA time zone such as Asia/Seoul");
    }
}

pub(crate) fn whole_name(first: Option<&str>, last: Option<&str>) -> String {
    [first, last].into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The first word, and the rest. A guess, for receivers that want two fields of whoever gave one.
pub(crate) fn split_name(name: &str) -> (&str, &str) {
    name.split_once(char::is_whitespace).map_or((name, ""), |(first, rest)| (first, rest.trim_start()))
}

impl MemberChange {
    /// The member after the change, or every fault of it. Whoever's hand it is, what it touches sticks.
    pub(super) fn applied(self, before: &Member) -> Result<Member> {
        let mut fields = Fields::new();
        let mut after = before.clone();
        self.name_into(&mut after, &mut fields);
        if let Some(mut email) = self.email {
            fields.email("/email", &mut email);
            after.email = email;
        }
        if let Some(external_id) = self.external_id {
            fields.external_id("/external_id", external_id.as_deref());
            after.external_id = external_id;
        }
        after.locale = self.locale.unwrap_or(after.locale);
        after.time_zone = self.time_zone.unwrap_or(after.time_zone);
        check_places(&mut fields, &mut after.locale, after.time_zone.as_deref());
        match self.status {
            Some(MemberStatus::Invited | MemberStatus::Removed) => {
                fields.fault("/status", "value", "wanted active or deactivated; DELETE removes a member");
            }
            Some(MemberStatus::Active | MemberStatus::Deactivated) | None => {}
        }
        fields.finish()?;
        after.role = self.role.unwrap_or(after.role);
        after.status = self.status.unwrap_or(after.status);
        after.sticky = self.sticky.unwrap_or(after.sticky);
        Ok(after)
    }

    fn name_into(&self, after: &mut Member, fields: &mut Fields) {
        if let Some(mut name) = self.name.clone() {
            fields.name("/name", &mut name);
            let (first, last) = split_name(&name);
            (after.first_name, after.last_name) = (first.to_owned(), last.to_owned());
            after.name = name;
        }
        if let Some(mut first_name) = self.first_name.clone() {
            fields.name("/first_name", &mut first_name);
            after.first_name = first_name;
        }
        if let Some(mut last_name) = self.last_name.clone() {
            fields.text("/last_name", &mut last_name, NAME_MAX);
            after.last_name = last_name;
        }
    }
}
