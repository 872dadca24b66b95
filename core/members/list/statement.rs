//! The statements of lists: one for each shape that a filter has, so that each is planned for what it asks.
//!
//! Not here: the values, which are bound (`super`).
//!
//! # Rule
//! A statement that left every filter open would be planned for none of them, and walk through a million people for three
//! owners. So the parts that a filter does not use are left out, and the words of closed lists, roles and statuses, stand
//! in the text, where the planner sees how rare they are.
//!
//! # Search
//! Words stand in a table of their own, `user_words`: those of a name, the address and the external id, each found by how
//! it begins, in every script and whatever the database's locale. A trigram index would find parts of words too, but not
//! behind the wall: where a policy guards a table, PostgreSQL lets an index be asked only by operators that leak nothing
//! of what they refuse, and LIKE is none of them.

use super::{Direction, MemberFilter, MemberOrder};
use crate::{
    members::{MemberStatus, member_columns},
    scope::Role,
};

/// The words of a person, as `user_words` has them.
macro_rules! words_of {
    () => {
        "unnest(stoa_words(u.name, u.first_name, u.last_name, u.email_key, u.external_id))"
    };
}

const PEOPLE: &str = "users u JOIN memberships m ON m.tenant_id = u.tenant_id AND m.user_id = u.id";
const IN_GROUP: &str = " JOIN group_members x ON x.tenant_id = u.tenant_id AND x.user_id = u.id AND x.group_id = $7";
/// Said once more than the wall says it, so that the few people of a manager's groups are where the look-up begins.
const LED: &str = " AND u.id = ANY (ARRAY(SELECT x.user_id FROM group_members x WHERE x.tenant_id = $1
  AND x.group_id = ANY ((SELECT current_setting('stoa.led_groups')::uuid[])::uuid[])))";
/// Of few people the words are looked at as they are; there are fewer of them than of words that begin so.
const OWN_WORD: &str = concat!(
    " CROSS JOIN LATERAL (SELECT min(o.word COLLATE \"C\") AS word, u.id AS user_id FROM ",
    words_of!(),
    " AS o(word) WHERE starts_with(o.word, lower($9))) w"
);
const HAS_WORD: &str =
    concat!(" AND EXISTS (SELECT FROM ", words_of!(), " AS o(word) WHERE starts_with(o.word, lower($9)))");
const WITH_WORD: &str = "user_words w JOIN users u ON u.tenant_id = w.tenant_id AND u.id = w.user_id
  JOIN memberships m ON m.tenant_id = u.tenant_id AND m.user_id = u.id";
/// The words that begin so: `U+10FFFF` is behind every other character.
const BEGINS: &str = "w.tenant_id = $1 AND w.word >= lower($9) AND w.word < lower($9) || U&'\\+10FFFF'";
/// Whoever has two words that begin so is found by the first of them.
const ONCE: &str = concat!(
    " AND NOT EXISTS (SELECT FROM ",
    words_of!(),
    " AS o(word) WHERE o.word COLLATE \"C\" >= lower($9) AND o.word COLLATE \"C\" < w.word)"
);
/// The other words of the search are there too.
const AND_THE_OTHERS: &str = concat!(
    " AND NOT EXISTS (SELECT FROM unnest($10) AS q(word) WHERE NOT EXISTS (SELECT FROM ",
    words_of!(),
    " AS o(word) WHERE starts_with(o.word, lower(q.word))))"
);

const BESIDE: &str =
    "coalesce(gs.ids, '{}') AS group_ids, coalesce(gs.names, '{}') AS group_names, a.at AS last_active_at,
     sa.at AS email_suspended_at";
/// Read for the people of the page alone. What is done in a course is done on it, so courses are enough.
const LATERAL: &str = "LEFT JOIN LATERAL (
    SELECT array_agg(g.id ORDER BY g.id) AS ids, array_agg(g.name ORDER BY g.id) AS names
    FROM group_members gm JOIN groups g ON g.tenant_id = gm.tenant_id AND g.id = gm.group_id
    WHERE gm.tenant_id = $1 AND gm.user_id = p.id) gs ON true
  LEFT JOIN LATERAL (
    SELECT max(s.last_occurred_at) AS at
    FROM enrolments e JOIN standings s ON s.tenant_id = e.tenant_id AND s.user_id = e.user_id AND s.object_id = e.course_id
    WHERE e.tenant_id = $1 AND e.user_id = p.id AND s.started_at IS NOT NULL) a ON true
  LEFT JOIN LATERAL (
    SELECT s.suspended_at AS at
    FROM users u JOIN suspended_addresses s
      ON s.tenant_id = u.tenant_id AND s.address_hash = sha256(convert_to(u.email_key, 'UTF8'))
    WHERE u.tenant_id = $1 AND u.id = p.id) sa ON true";

/// What a list is sorted by, and from which end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// A search: by the word that was found.
    Found,
    /// Anything else.
    By(MemberOrder, Direction),
}

impl Order {
    /// Tells a cursor's order from others.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::By(order, Direction::Up) => order.as_str(),
            Self::By(MemberOrder::Joined, Direction::Down) => "-joined_at",
            Self::By(MemberOrder::Updated, Direction::Down) => "-updated_at",
            Self::By(MemberOrder::Name, Direction::Down) => "-name",
            Self::By(MemberOrder::Email, Direction::Down) => "-email",
        }
    }

    pub(super) const fn is_of_time(self) -> bool {
        matches!(self, Self::By(MemberOrder::Updated, _))
    }

    /// The columns that it sorts by, and where a cursor's stand among the values. The last tells everybody apart.
    const fn columns(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Found => &[("w.word", "$3"), ("w.user_id", "$4")],
            Self::By(MemberOrder::Joined, _) => &[("u.id", "$4")],
            Self::By(MemberOrder::Updated, _) => &[("u.updated_at", "$2"), ("u.id", "$4")],
            Self::By(MemberOrder::Name, _) => &[("u.name", "$3"), ("u.id", "$4")],
            Self::By(MemberOrder::Email, _) => &[("u.email_key", "$3")],
        }
    }

    /// What a cursor says of a row, beside its id.
    const fn shown(self) -> &'static str {
        match self {
            Self::Found => "w.word",
            Self::By(MemberOrder::Joined, _) => "''",
            Self::By(MemberOrder::Updated, _) => "(extract(epoch FROM u.updated_at) * 1000000)::bigint::text",
            Self::By(MemberOrder::Name, _) => "u.name",
            Self::By(MemberOrder::Email, _) => "u.email_key",
        }
    }

    const fn is_down(self) -> bool {
        matches!(self, Self::By(_, Direction::Down))
    }
}

/// The shape of a statement.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    pub(super) order: Order,
    role: Option<Role>,
    status: Option<MemberStatus>,
    of_group: bool,
    /// Of a manager's groups alone.
    led: bool,
    since: bool,
    /// How many words are searched: none, one or several.
    words: usize,
}

impl Shape {
    pub(super) fn of(filter: &MemberFilter, words: usize, led: bool) -> Self {
        let since = filter.updated_since.is_some();
        let order = match filter.sort {
            Some((order, direction)) => Order::By(order, direction),
            None if words > 0 => Order::Found,
            None if since => Order::By(MemberOrder::Updated, Direction::Up),
            None => Order::By(MemberOrder::Joined, Direction::Up),
        };
        Self { order, role: filter.role, status: filter.status, of_group: filter.group.is_some(), led, since, words }
    }

    /// A page from a place on.
    pub(super) fn onward(&self) -> String {
        let names = |which: fn(&(&'static str, &'static str)) -> &'static str| {
            self.order.columns().iter().map(which).collect::<Vec<_>>().join(", ")
        };
        let beyond = if self.order.is_down() { "<" } else { ">" };
        let place = format!(" AND ({}) {beyond} ({})", names(|column| column.0), names(|column| column.1));
        self.page(&place, "")
    }

    /// A page from the beginning.
    pub(super) fn outset(&self) -> String {
        self.page("", "")
    }

    /// A page by its number.
    pub(super) fn numbered(&self) -> String {
        self.page("", " OFFSET $6")
    }

    /// How many there are, as far as is counted.
    pub(super) fn count(&self) -> String {
        format!("SELECT count(*) AS total FROM (SELECT FROM {} LIMIT $5) c", self.wanted())
    }

    /// One limit is for the planner, which must know that a page is small, and one for the page that is asked for.
    fn page(&self, place: &str, offset: &str) -> String {
        let down = if self.order.is_down() { " DESC" } else { "" };
        let columns = self.order.columns();
        let by: Vec<String> = columns.iter().map(|(column, _)| format!("{column}{down}")).collect();
        let keys: Vec<String> =
            columns.iter().enumerate().map(|(at, (column, _))| format!("{column} AS key_{at}")).collect();
        let by_keys: Vec<String> = (0..columns.len()).map(|at| format!("p.key_{at}{down}")).collect();
        format!(
            "SELECT p.*, {BESIDE} FROM (SELECT * FROM (
               SELECT {member}, {shown} AS sorted_by, {keys} FROM {wanted}{place}
               ORDER BY {by}{offset} LIMIT 101) l LIMIT $5) p {LATERAL} ORDER BY {by_keys}",
            member = member_columns!(),
            shown = self.order.shown(),
            keys = keys.join(", "),
            wanted = self.wanted(),
            by = by.join(", "),
            by_keys = by_keys.join(", "),
        )
    }

    /// Is of people who are few beside the institution.
    const fn is_of_few(&self) -> bool {
        self.of_group || self.led
    }

    /// Whom the filter lets through.
    fn wanted(&self) -> String {
        let from = if self.order == Order::Found && !self.is_of_few() { WITH_WORD } else { PEOPLE };
        let mut parts = vec![from.to_owned()];
        parts.extend(self.of_group.then(|| IN_GROUP.to_owned()));
        parts.extend((self.order == Order::Found && self.is_of_few()).then(|| OWN_WORD.to_owned()));
        parts.push(" WHERE u.tenant_id = $1".to_owned());
        parts.extend((self.led && !self.of_group).then(|| LED.to_owned()));
        parts.extend(self.searched());
        parts.extend(self.role.map(|role| match role {
            // Few are anything else than learners, and an index has those alone.
            Role::Learner => " AND m.role = 'learner'".to_owned(),
            role => format!(" AND m.role = '{}' AND m.role <> 'learner'", role.as_str()),
        }));
        parts.extend(match self.status {
            Some(status) => Some(format!(" AND m.status = '{}'", status.as_str())),
            None => (!self.since).then(|| " AND m.status <> 'removed'".to_owned()),
        });
        parts.extend(self.since.then(|| " AND u.updated_at >= $8".to_owned()));
        parts.concat()
    }

    /// Whom the search finds, once each.
    fn searched(&self) -> Vec<String> {
        let first = match (self.words, self.order, self.is_of_few()) {
            (0, ..) => return Vec::new(),
            (_, Order::Found, true) => " AND w.word IS NOT NULL".to_owned(),
            (_, Order::Found, false) => format!(" AND {BEGINS}{ONCE}"),
            (_, Order::By(..), true) => HAS_WORD.to_owned(),
            (_, Order::By(..), false) => format!(" AND u.id IN (SELECT w.user_id FROM user_words w WHERE {BEGINS})"),
        };
        let others = (self.words > 1).then(|| AND_THE_OTHERS.to_owned());
        std::iter::once(first).chain(others).collect()
    }
}

/// One person with what a list shows.
pub(super) fn one() -> String {
    format!(
        "SELECT p.*, {BESIDE} FROM (SELECT {member}, '' AS sorted_by FROM {PEOPLE} WHERE u.tenant_id = $1 AND u.id = $2) p
         {LATERAL}",
        member = member_columns!(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::members::MemberFilter;

    fn shape(filter: &MemberFilter, words: usize) -> Shape {
        Shape::of(filter, words, false)
    }

    #[test]
    fn a_statement_asks_for_no_more_than_its_filter() {
        let plain = shape(&MemberFilter::default(), 0).outset();
        assert!(!plain.contains("user_words") && !plain.contains("$7") && !plain.contains("OFFSET"), "{plain}");
        assert!(plain.contains("m.status <> 'removed'"));
        let owners = shape(&MemberFilter { role: Some(Role::Owner), ..MemberFilter::default() }, 0).wanted();
        assert!(owners.contains("m.role = 'owner' AND m.role <> 'learner'"), "{owners}");
        let changes = MemberFilter { updated_since: Some(chrono::DateTime::UNIX_EPOCH), ..MemberFilter::default() };
        assert!(!shape(&changes, 0).wanted().contains("m.status"), "those who have left are changes too");
    }

    #[test]
    fn a_place_is_compared_by_all_that_the_list_is_sorted_by() {
        let by = |order, direction| {
            shape(&MemberFilter { sort: Some((order, direction)), ..MemberFilter::default() }, 0).onward()
        };
        assert!(by(MemberOrder::Name, Direction::Down).contains("(u.name, u.id) < ($3, $4)"));
        assert!(by(MemberOrder::Updated, Direction::Up).contains("(u.updated_at, u.id) > ($2, $4)"));
        assert!(by(MemberOrder::Email, Direction::Up).contains("(u.email_key) > ($3)"));
        assert!(shape(&MemberFilter::default(), 1).onward().contains("(w.word, w.user_id) > ($3, $4)"));
    }
}
