//! The rules: what is done with one row, given who is known. Nothing here asks the database.
//!
//! # Rule
//! A row finds its person by the institution's own key, then by the address. It changes the fields that it names, but for
//! those that were edited by hand; whom the institution's directory looks after it leaves alone; and nobody is given, or
//! loses, a role by somebody who has less.

use chrono::{DateTime, Utc};
use stoa_protocols::roster::{Entry, Row, RowStatus, Value};
use uuid::Uuid;

use super::{hand::Hand, people::People, places::Places};
use crate::{
    id::{self, Id},
    imports::{ImportOptions, ImportStrategy, MatchOn, RowAction, RowFault},
    members::{Member, MemberStatus, ProvisionedBy, StickyField, email_key, split_name, whole_name},
    scope::Role,
};

/// What rows are judged by.
#[derive(Debug, Clone, Copy)]
pub struct Bench<'a> {
    /// Roles that the sender may give and take.
    pub grants: &'a [Role],
    /// What was asked for.
    pub options: &'a ImportOptions,
    /// Who is known.
    pub people: &'a People,
    /// What names mean.
    pub places: &'a Places,
}

/// A row of the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// Line of the file.
    pub line: i32,
    /// What is done with it.
    pub action: RowAction,
    /// Who is known by it.
    pub person: Option<Id<id::User>>,
    /// When that person had last changed.
    pub seen: Option<DateTime<Utc>>,
    /// The file's own keys, by which twins are found.
    pub keys: Keys,
    /// What is written; none where nothing is.
    pub written: Option<Written>,
    /// What is wrong with it, or worth saying.
    pub faults: Vec<RowFault>,
}

/// The keys of a row as the file has them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keys {
    /// The institution's own key.
    pub external_id: Option<String>,
    /// Case-folded address.
    pub email_key: Option<String>,
}

/// A person as he will be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The institution's own key.
    pub external_id: Option<String>,
    /// Address.
    pub email: String,
    /// Whole name.
    pub name: String,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Language tag.
    pub locale: Option<String>,
    /// IANA zone.
    pub time_zone: Option<String>,
    /// Role.
    pub role: Role,
    /// Membership.
    pub status: MemberStatus,
    /// Groups to join.
    pub groups: Vec<Uuid>,
    /// Groups to make first.
    pub new_groups: Vec<String>,
    /// Courses to be put on.
    pub courses: Vec<Uuid>,
    /// Membership before, of somebody who was known.
    pub was: Option<MemberStatus>,
    /// Fields that are not as they were, of somebody who was known.
    pub changed: Vec<&'static str>,
}

/// Decides what is done with a row.
pub fn judge(bench: &Bench<'_>, entry: &Entry) -> Planned {
    let row = &entry.row;
    let keys = Keys {
        external_id: row.external_id.given().cloned(),
        email_key: row.email.given().map(|email| email_key(email)),
    };
    let mut faults: Vec<RowFault> = entry.faults.iter().map(RowFault::from).collect();
    let person = find(bench, &keys, &mut faults);
    name_places(bench, row, &mut faults);
    let mut planned = Planned {
        line: i32::try_from(entry.line).unwrap_or(i32::MAX),
        action: RowAction::Invalid,
        person: person.map(|person| person.id),
        seen: person.map(|person| person.updated_at),
        keys,
        written: None,
        faults,
    };
    if planned.faults.is_empty() {
        decide(bench, row, person, &mut planned);
    }
    planned
}

fn decide(bench: &Bench<'_>, row: &Row, person: Option<&Member>, planned: &mut Planned) {
    if let Some(left_out) = left_out(bench.options.strategy, row, person) {
        planned.action = RowAction::Skipped;
        planned.faults.push(left_out);
        return;
    }
    let mut says = Vec::new();
    let written = match person {
        Some(person) => Some(changed(bench, row, person, &mut says)),
        None => made(bench, row, &mut planned.faults),
    };
    if !planned.faults.is_empty() {
        return;
    }
    let Some(written) = written else { return };
    planned.faults = may(bench, person, &written);
    if !planned.faults.is_empty() {
        return;
    }
    planned.action = action(person, &written);
    planned.written = (planned.action != RowAction::Unchanged).then_some(written);
    planned.faults = says;
}

/// The person of a row, and what is wrong where its two keys do not agree.
fn find<'a>(bench: &Bench<'a>, keys: &Keys, faults: &mut Vec<RowFault>) -> Option<&'a Member> {
    let with_key = keys.external_id.as_deref().and_then(|key| bench.people.with_key(key));
    let with_email = keys.email_key.as_deref().and_then(|email| bench.people.with_email(email));
    let (person, other) = match bench.options.match_on {
        MatchOn::ExternalIdThenEmail => (with_key.or(with_email), with_email),
        MatchOn::ExternalId => {
            require("external_id", keys.external_id.is_none(), faults);
            (with_key, with_email)
        }
        MatchOn::Email => {
            require("email", keys.email_key.is_none(), faults);
            (with_email, with_key)
        }
    };
    if let Some(other) = other
        && person.is_none_or(|person| person.id != other.id)
    {
        let column = if bench.options.match_on == MatchOn::Email { "external_id" } else { "email" };
        faults.push(RowFault::of(column, "taken", "belongs to another member of this institution"));
    }
    let differs = |person: &Member| {
        person.external_id.is_some() && keys.external_id.is_some() && person.external_id != keys.external_id
    };
    if bench.options.match_on == MatchOn::ExternalIdThenEmail && with_key.is_none() && person.is_some_and(differs) {
        let why = "the member with this address has another external id; match on email to change it";
        faults.push(RowFault::of("external_id", "mismatch", why));
    }
    person
}

fn require(column: &'static str, is_missing: bool, faults: &mut Vec<RowFault>) {
    let is_known = faults.iter().any(|fault| fault.code == "key_missing" || fault.column.as_deref() == Some(column));
    if is_missing && !is_known {
        faults.push(RowFault::of(column, "required", "rows of this import are matched by it"));
    }
}

/// Groups, courses and zones that nobody knows.
fn name_places(bench: &Bench<'_>, row: &Row, faults: &mut Vec<RowFault>) {
    let groups = row.groups.given().into_iter().flatten();
    for name in groups.filter(|name| bench.places.group(name).is_none() && !bench.options.create_groups) {
        let why = "no such group; make it first, or ask for create_groups";
        faults.push(RowFault::of("groups", "group_not_found", why).showing(name));
    }
    for name in row.courses.given().into_iter().flatten().filter(|name| bench.places.course(name).is_none()) {
        faults.push(RowFault::of("courses", "course_not_found", "no such course").showing(name));
    }
    if row.time_zone.given().is_some_and(|zone| !bench.places.has_zone(zone)) {
        faults.push(RowFault::of("time_zone", "not_found", "no such IANA time zone"));
    }
}

fn left_out(strategy: ImportStrategy, row: &Row, person: Option<&Member>) -> Option<RowFault> {
    match (strategy, person) {
        (_, None) if row.status.given() == Some(&RowStatus::Removed) => {
            Some(RowFault::whole("unknown", "is no member, so there is nobody to remove"))
        }
        (_, Some(person)) if person.provisioned_by == ProvisionedBy::Scim => {
            Some(RowFault::whole("provisioned_by_scim", "the institution's directory looks after this person"))
        }
        (ImportStrategy::CreateOnly, Some(_)) => {
            Some(RowFault::whole("known", "is a member already, and only new people were asked for"))
        }
        (ImportStrategy::UpdateOnly, None) => {
            Some(RowFault::whole("unknown", "is no member, and only members were asked for"))
        }
        (_, _) => None,
    }
}

fn made(bench: &Bench<'_>, row: &Row, faults: &mut Vec<RowFault>) -> Option<Written> {
    let Some(email) = row.email.given() else {
        faults.push(RowFault::of("email", "required", "nobody has this external id yet, and a new member needs one"));
        return None;
    };
    let (first, last) = (row.first_name.given(), row.last_name.given());
    let name =
        row.name.given().cloned().unwrap_or_else(|| whole_name(first.map(String::as_str), last.map(String::as_str)));
    if name.is_empty() {
        faults.push(RowFault::of("name", "required", "a new member needs one"));
        return None;
    }
    let (guessed_first, guessed_last) = split_name(&name);
    let guessed_last = if first.is_none() { guessed_last } else { "" };
    let away = row.status.given() == Some(&RowStatus::Deactivated);
    let joins = if bench.options.send_invites { MemberStatus::Invited } else { MemberStatus::Active };
    let (groups, new_groups) = groups(bench, row, None);
    Some(Written {
        external_id: row.external_id.given().cloned(),
        email: email.clone(),
        first_name: first.cloned().unwrap_or_else(|| guessed_first.to_owned()),
        last_name: last.cloned().unwrap_or_else(|| guessed_last.to_owned()),
        name,
        locale: row.locale.given().cloned(),
        time_zone: row.time_zone.given().cloned(),
        role: row.role.given().and_then(|role| role.as_str().parse().ok()).unwrap_or(Role::Learner),
        status: if away { MemberStatus::Deactivated } else { joins },
        groups,
        new_groups,
        courses: courses(bench, row, None),
        was: None,
        changed: Vec::new(),
    })
}

fn changed(bench: &Bench<'_>, row: &Row, person: &Member, says: &mut Vec<RowFault>) -> Written {
    let mut hand = Hand::of(person, bench.options.override_sticky, says);
    let mut name = hand.text(StickyField::Name, &row.name, &person.name);
    let mut first_name = hand.text(StickyField::FirstName, &row.first_name, &person.first_name);
    let mut last_name = hand.text(StickyField::LastName, &row.last_name, &person.last_name);
    // Of a whole name and its parts, what the file does not name follows what it names.
    if name != person.name && row.first_name == Value::Untouched && row.last_name == Value::Untouched {
        let (first, last) = split_name(&name);
        first_name = hand.follows(StickyField::FirstName, first, first_name);
        last_name = hand.follows(StickyField::LastName, last, last_name);
    } else if row.name == Value::Untouched && (&first_name, &last_name) != (&person.first_name, &person.last_name) {
        let whole = whole_name(Some(&first_name), Some(&last_name));
        name = hand.follows(StickyField::Name, &whole, name);
    }
    let role = row.role.given().and_then(|role| role.as_str().parse::<Role>().ok());
    let (groups, new_groups) = groups(bench, row, Some(person));
    let mut written = Written {
        external_id: hand.cell(StickyField::ExternalId, &row.external_id, person.external_id.as_ref()),
        email: hand.email(&row.email),
        locale: hand.cell(StickyField::Locale, &row.locale, person.locale.as_ref()),
        time_zone: hand.cell(StickyField::TimeZone, &row.time_zone, person.time_zone.as_ref()),
        role: hand.word(StickyField::Role, role, person.role),
        name,
        first_name,
        last_name,
        status: status(bench, row, person),
        groups,
        new_groups,
        courses: courses(bench, row, Some(person)),
        was: Some(person.status),
        changed: Vec::new(),
    };
    written.changed = differences(person, &written);
    written
}

/// Whoever left, or lost access because a file did not name him, comes back when one does. Whoever was deactivated by hand
/// stays so, unless the file says otherwise.
fn status(bench: &Bench<'_>, row: &Row, person: &Member) -> MemberStatus {
    use MemberStatus as S;
    match (row.status.given(), person.status) {
        (Some(RowStatus::Deactivated), S::Active | S::Invited | S::Removed) => S::Deactivated,
        (Some(RowStatus::Removed), _) => S::Removed,
        (Some(RowStatus::Active), S::Deactivated | S::Removed) | (None, S::Removed) => S::Active,
        (None, S::Deactivated) if bench.people.is_gone(person.id) => S::Active,
        (_, status) => status,
    }
}

fn groups(bench: &Bench<'_>, row: &Row, person: Option<&Member>) -> (Vec<Uuid>, Vec<String>) {
    let (mut known, mut new) = (Vec::new(), Vec::new());
    for name in row.groups.given().into_iter().flatten() {
        match bench.places.group(name) {
            Some(group) if person.is_some_and(|person| bench.people.is_at(person.id, group)) => {}
            Some(group) if !known.contains(&group) => known.push(group),
            None if !new.contains(name) => new.push(name.clone()),
            Some(_) | None => {}
        }
    }
    (known, new)
}

fn courses(bench: &Bench<'_>, row: &Row, person: Option<&Member>) -> Vec<Uuid> {
    let mut wanted = Vec::new();
    for course in row.courses.given().into_iter().flatten().filter_map(|name| bench.places.course(name)) {
        if !wanted.contains(&course) && person.is_none_or(|person| !bench.people.is_at(person.id, course)) {
            wanted.push(course);
        }
    }
    wanted
}

/// What the sender may not do. To be named by a file is no change.
fn may(bench: &Bench<'_>, person: Option<&Member>, written: &Written) -> Vec<RowFault> {
    if person.is_some_and(|person| action(Some(person), written) == RowAction::Unchanged) {
        return Vec::new();
    }
    if person.is_some_and(|person| !bench.grants.contains(&person.role)) {
        return vec![RowFault::whole("ability_missing", "the member has a role above that of the import's sender")];
    }
    if bench.grants.contains(&written.role) {
        return Vec::new();
    }
    let why = format!("the role {} is above that of the import's sender", written.role.as_str());
    vec![RowFault::of("role", "ability_missing", why)]
}

fn action(person: Option<&Member>, written: &Written) -> RowAction {
    let Some(person) = person else { return RowAction::Create };
    let has_access = |status: MemberStatus| matches!(status, MemberStatus::Active | MemberStatus::Invited);
    let leaves = has_access(person.status) && !has_access(written.status);
    let same = written.changed.is_empty()
        && written.groups.is_empty()
        && written.new_groups.is_empty()
        && written.courses.is_empty();
    match (leaves, same) {
        (true, _) => RowAction::Deactivate,
        (_, true) => RowAction::Unchanged,
        (_, false) => RowAction::Update,
    }
}

/// Fields that are not as they were.
fn differences(person: &Member, written: &Written) -> Vec<&'static str> {
    let fields = [
        ("name", person.name != written.name),
        ("first_name", person.first_name != written.first_name),
        ("last_name", person.last_name != written.last_name),
        ("email", person.email != written.email),
        ("external_id", person.external_id != written.external_id),
        ("locale", person.locale != written.locale),
        ("time_zone", person.time_zone != written.time_zone),
        ("role", person.role != written.role),
        ("status", person.status != written.status),
    ];
    fields.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
}
