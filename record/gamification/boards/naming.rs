//! How people are named on a board.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Bool, Text, Timestamptz, Uuid as SqlUuid},
};
use stoa_core::{Id, id};

use super::ranks::Rank;
use crate::{gamification::settings::Names, privacy::held::FORMER};

#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub(super) struct Row {
    #[diesel(sql_type = SqlUuid)]
    pub(super) user_id: Id<id::User>,
    #[diesel(sql_type = BigInt)]
    pub(super) value: i64,
    #[diesel(sql_type = Timestamptz)]
    pub(super) reached_at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    pub(super) name: String,
    #[diesel(sql_type = Text)]
    pub(super) first_name: String,
    #[diesel(sql_type = Text)]
    pub(super) last_name: String,
    #[diesel(sql_type = Bool)]
    pub(super) hidden: bool,
}

/// Somebody's place on a board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The learner.
    pub user_id: Id<id::User>,
    /// From 1; equal scores have equal ranks.
    pub rank: i64,
    /// Somebody else has the same.
    pub tied: bool,
    /// What is shown of the name.
    pub name: Option<String>,
    /// The score.
    pub value: i64,
    /// When it was reached.
    pub reached_at: DateTime<Utc>,
}

impl Row {
    pub(super) fn standing(self, rank: Rank, names: Names) -> Standing {
        let name = self.shown(names);
        let Self { user_id, value, reached_at, .. } = self;
        Standing { user_id, rank: rank.rank, tied: rank.tied, name, value, reached_at }
    }

    /// Who was erased is a former learner, whatever the others are called. Who opted out since is not named any more.
    fn shown(&self, names: Names) -> Option<String> {
        if self.name == FORMER {
            return Some(FORMER.to_owned());
        }
        match names {
            _ if self.hidden => None,
            Names::Full => Some(self.name.clone()),
            Names::Initials => Some(self.initials()),
            Names::Alias => Some(alias(self.user_id)),
            Names::Hidden => None,
        }
    }

    fn initials(&self) -> String {
        let first = |name: &str| name.chars().find(|letter| letter.is_alphanumeric());
        let letters = [first(&self.first_name), first(&self.last_name)].into_iter().flatten();
        let initials: Vec<String> = letters.map(|letter| format!("{}.", letter.to_uppercase())).collect();
        initials.join(" ")
    }
}

const QUALITIES: [&str; 16] = [
    "Amber", "Brave", "Calm", "Clever", "Coral", "Curious", "Gentle", "Golden", "Kind", "Lucky", "Merry", "Quiet",
    "Silver", "Swift", "Violet", "Witty",
];
const ANIMALS: [&str; 16] = [
    "Badger", "Crane", "Dolphin", "Falcon", "Finch", "Fox", "Heron", "Koala", "Lynx", "Magpie", "Otter", "Panda",
    "Raven", "Robin", "Tiger", "Wren",
];

/// A name that tells nothing and is the same each time: two words and a number, of the random bits of the id.
fn alias(user: Id<id::User>) -> String {
    let bits = user.uuid().as_u128();
    let pick = |words: &[&'static str; 16], shift: u32| {
        let at = usize::try_from((bits >> shift) & 15).unwrap_or_default();
        words.get(at).copied().unwrap_or_default()
    };
    format!("{} {} {}", pick(&QUALITIES, 0), pick(&ANIMALS, 4), 100 + (bits >> 8) % 900)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn row(name: (&str, &str, &str), hidden: bool) -> Row {
        Row {
            user_id: Id::from_uuid(Uuid::from_u128(0x1234)),
            value: 1,
            reached_at: DateTime::UNIX_EPOCH,
            name: name.0.to_owned(),
            first_name: name.1.to_owned(),
            last_name: name.2.to_owned(),
            hidden,
        }
    }

    #[test]
    fn names_are_shown_by_the_institutions_policy() {
        let ana = row(("Ana María ñúñez", "Ana María", "ñúñez"), false);
        assert_eq!(ana.shown(Names::Full).as_deref(), Some("Ana María ñúñez"));
        assert_eq!(ana.shown(Names::Initials).as_deref(), Some("A. Ñ."));
        assert_eq!(ana.shown(Names::Alias).as_deref(), Some("Coral Falcon 118"));
        assert_eq!(ana.shown(Names::Alias), ana.shown(Names::Alias));
        assert_eq!(ana.shown(Names::Hidden), None);
        assert_eq!(row(("김민준", "민준", ""), false).shown(Names::Initials).as_deref(), Some("민."));
    }

    #[test]
    fn who_opted_out_has_no_name_and_who_was_erased_is_a_former_learner() {
        for names in Names::ALL {
            assert_eq!(row(("Ana", "Ana", ""), true).shown(*names), None);
            assert_eq!(row((FORMER, "Former", "learner"), false).shown(*names).as_deref(), Some(FORMER));
        }
    }
}
