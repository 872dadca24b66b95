//! What an institution may set for itself, and what the platform gives one that says nothing.

use diesel::{
    deserialize::{self, FromSql},
    pg::{Pg, PgValue},
    sql_types::Jsonb,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    error::{Error, Result},
    fields::Fields,
    retention::Retention,
    tokens::RequestLimits,
};

/// How an institution wants to look.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Branding {
    /// Address of its mark.
    pub logo_url: Option<String>,
    /// Colour, such as `#0a5c36`.
    pub primary_color: Option<String>,
    /// Where its people ask for help.
    pub support_email: Option<String>,
}

impl Branding {
    pub(super) fn check(&mut self, fields: &mut Fields) {
        fields.web_address("/branding/logo_url", self.logo_url.as_deref());
        if let Some(color) = &mut self.primary_color {
            color.make_ascii_lowercase();
            let digits = color.strip_prefix('#').unwrap_or_default();
            if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                fields.fault("/branding/primary_color", "format", "wanted a colour such as #0a5c36");
            }
        }
        if let Some(email) = &mut self.support_email {
            fields.email("/branding/support_email", email);
        }
    }

    /// What is missing taken from another.
    #[must_use]
    pub fn or(self, other: &Self) -> Self {
        Self {
            logo_url: self.logo_url.or_else(|| other.logo_url.clone()),
            primary_color: self.primary_color.or_else(|| other.primary_color.clone()),
            support_email: self.support_email.or_else(|| other.support_email.clone()),
        }
    }
}

/// How many days an institution's rows are kept; null for as long as the platform keeps them. Never longer than that.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Kept {
    /// Events: how far back the feed reaches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events_days: Option<u32>,
    /// Deliveries that have ended, with their attempts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deliveries_days: Option<u32>,
    /// Bodies of deliveries as they were sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery_bodies_days: Option<u32>,
}

impl Kept {
    /// Says nothing of its own.
    pub fn is_platforms(&self) -> bool {
        *self == Self::default()
    }

    /// What holds for the institution.
    #[must_use]
    pub fn within(self, platform: &Retention) -> Retention {
        let least = |own: Option<u32>, most: u32| own.map_or(most, |own| own.min(most));
        Retention {
            events_days: least(self.events_days, platform.events_days),
            deliveries_days: least(self.deliveries_days, platform.deliveries_days),
            delivery_bodies_days: least(self.delivery_bodies_days, platform.delivery_bodies_days),
            ..*platform
        }
    }

    pub(super) fn check(self, fields: &mut Fields, platform: &Retention) {
        let wanted = [
            ("/retention/events_days", self.events_days, platform.events_days),
            ("/retention/deliveries_days", self.deliveries_days, platform.deliveries_days),
            ("/retention/delivery_bodies_days", self.delivery_bodies_days, platform.delivery_bodies_days),
        ];
        for (pointer, days, most) in wanted {
            if let Some(days) = days {
                fields.within(pointer, &days, &(1..=most));
            }
        }
        let own = self.within(platform);
        if own.delivery_bodies_days > own.deliveries_days || own.deliveries_days > own.events_days {
            fields.fault(
                "/retention",
                "value",
                "wanted bodies no longer than deliveries, and those no longer than events",
            );
        }
    }
}

macro_rules! jsonb {
    ($($name:ty),*) => { $(
        impl FromSql<Jsonb, Pg> for $name {
            fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
                Ok(serde_json::from_value(<Value as FromSql<Jsonb, Pg>>::from_sql(value)?)?)
            }
        }
    )* };
}
jsonb!(Branding, Kept, RequestLimits);

/// The form in which a setting stands in its row.
pub(super) fn as_json<T: Serialize>(setting: &T) -> Result<Value> {
    serde_json::to_value(setting).map_err(Error::internal)
}

/// What the platform gives an institution that says nothing, and how one leaves.
#[derive(Debug, Clone)]
pub struct Rules {
    /// Length of a trial, in days; 0 means that there is none.
    pub trial_days: u32,
    /// Language tag.
    pub locale: String,
    /// IANA zone.
    pub time_zone: String,
    /// How it looks.
    pub branding: Branding,
    /// Days from the closing of an institution until it is erased.
    pub erase_after_days: u32,
    /// Days that its export stays there after that.
    pub export_days: u32,
    /// How long rows are kept of an institution that wants nothing else.
    pub platform: Retention,
}

impl Rules {
    /// What is wrong with them, in words: a language, or a look, that no institution could have.
    pub fn faults(&self) -> Vec<String> {
        let mut fields = Fields::new();
        fields.language("/locale", &mut self.locale.clone());
        self.branding.clone().check(&mut fields);
        let error = fields.finish().err();
        let faults = error.iter().flat_map(Error::fields);
        faults
            .map(|fault| format!("{}: {}", fault.pointer.rsplit('/').next().unwrap_or_default(), fault.detail))
            .collect()
    }
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            trial_days: 14,
            locale: "en".to_owned(),
            time_zone: "UTC".to_owned(),
            branding: Branding::default(),
            erase_after_days: 30,
            export_days: 30,
            platform: Retention::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(check: impl FnOnce(&mut Fields)) -> Vec<String> {
        let mut fields = Fields::new();
        check(&mut fields);
        let error = fields.finish().err();
        error.map_or_else(Vec::new, |error| error.fields().iter().map(|fault| fault.pointer.clone()).collect())
    }

    #[test]
    fn a_look_is_checked() {
        let mut good = Branding {
            logo_url: Some("https://school.example/mark.svg".into()),
            primary_color: Some("#0A5C36".into()),
            support_email: Some(" help@school.example ".into()),
        };
        assert_eq!(faults(|fields| good.check(fields)), [""; 0]);
        assert_eq!(good.primary_color.as_deref(), Some("#0a5c36"));
        let mut bad = Branding {
            logo_url: Some("javascript:alert(1)".into()),
            primary_color: Some("green".into()),
            support_email: Some("nobody".into()),
        };
        let wanted = ["/branding/logo_url", "/branding/primary_color", "/branding/support_email"];
        assert_eq!(faults(|fields| bad.check(fields)), wanted);
    }

    #[test]
    fn nothing_is_kept_longer_than_the_platform_keeps_it() {
        let platform = Retention::default();
        let kept = |events, deliveries, bodies| Kept {
            events_days: events,
            deliveries_days: deliveries,
            delivery_bodies_days: bodies,
        };
        let check = |kept: Kept| faults(|fields| kept.check(fields, &platform));
        assert_eq!(check(kept(Some(365), Some(90), Some(7))), [""; 0]);
        assert_eq!(check(kept(Some(10_000), None, None)), ["/retention/events_days"]);
        assert_eq!(check(kept(None, None, Some(0))), ["/retention/delivery_bodies_days"]);
        assert_eq!(check(kept(Some(90), None, None)), ["/retention"], "deliveries stay 180 days");
        assert_eq!(kept(Some(10_000), None, None).within(&platform).events_days, platform.events_days);
    }
}
