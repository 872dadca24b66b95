//! Reads what is asked for, word by word.

use stoa_core::{
    Id, Key, Result, Role, Scope,
    content::courses,
    db::{TenantTx, failed, sql},
    error::{Code, Error},
    fields::Fields,
    id, institutions,
    members::{self, MemberStatus},
    progress::Verb,
};

use chrono_tz::Tz;
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Bool, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_protocols::{
    event::EventType,
    table::{CsvLocale, Delimiter, Format},
};
use uuid::Uuid;

use super::{
    ExportType, FilterName, NewExport, Place,
    wanted::{Filters, FiltersWanted, Wanted},
};
use crate::{cefr::Skill, lesson_progress::LessonStatus};

/// Most values of a filter.
const VALUES_MAX: usize = 1_000;
/// Longest word of a filter, in bytes.
const WORD_MAX: usize = 100;
/// What may become of a delivery.
const DELIVERY_STATUSES: [&str; 6] = ["pending", "retrying", "succeeded", "exhausted", "cancelled", "skipped"];

/// May whoever asks have an export of this type.
///
/// # Errors
/// `ability_missing`.
pub(super) fn may_have(scope: &Scope, export_type: ExportType) -> Result<()> {
    let needs = export_type.needs();
    if !scope.may(needs) {
        let why = format!("exports of {export_type} need {needs} too");
        return Err(Error::new(Code::AbilityMissing, why));
    }
    if scope.courses.is_some() && !export_type.is_of_courses() {
        let why = "the token is limited to some courses, and this reaches beyond them";
        return Err(Error::new(Code::AbilityMissing, why));
    }
    Ok(())
}

/// Reads what is asked for.
///
/// # Errors
/// `validation_failed` with the pointer of each fault.
pub(super) async fn read(tx: &mut TenantTx, new: NewExport) -> Result<Wanted> {
    let mut faults = Fields::new();
    let export_type = new.export_type;
    let columns = new.columns.as_ref();
    if let Some(columns) = columns {
        check_columns(&mut faults, export_type, columns);
    }
    check_filters(&mut faults, export_type, &new.filters);
    check_manner(&mut faults, &new);
    let since = match &new.since {
        Some(text) => since(tx, &mut faults, (export_type, text)).await?,
        None => None,
    };
    faults.finish()?;
    let institution = institutions::own(tx, &Key::Id(tx.tenant())).await?;
    let zone = new.tz.unwrap_or(institution.time_zone);
    let locale = new.locale.filter(|_| new.format.is_none_or(|format| format == Format::Csv));
    Ok(Wanted {
        format: new.format.unwrap_or(Format::Csv),
        gzip: new.gzip,
        columns: new.columns,
        filters: resolve(tx, new.filters).await?,
        zone: zone.parse::<Tz>().map_or(Tz::UTC.name(), Tz::name).to_owned(),
        delimiter: new.delimiter.unwrap_or_else(|| expected(locale.as_deref())),
        locale,
        since,
    })
}

/// What spreadsheets of a country expect between two cells.
fn expected(locale: Option<&str>) -> Delimiter {
    locale.and_then(CsvLocale::of).map_or(Delimiter::Comma, |locale| locale.delimiter())
}

fn check_columns(faults: &mut Fields, export_type: ExportType, columns: &[String]) {
    let known: Vec<&str> = export_type.source().columns.iter().map(|column| column.name).collect();
    if columns.is_empty() {
        faults.fault("/columns", "length", format!("wanted at least one of {}", known.join(", ")));
    }
    for (at, name) in columns.iter().enumerate() {
        if !known.contains(&name.as_str()) {
            faults.fault(format!("/columns/{at}"), "value", format!("wanted one of {}", known.join(", ")));
        } else if columns.iter().take(at).any(|before| before == name) {
            faults.fault(format!("/columns/{at}"), "duplicate", "wanted each column once");
        }
    }
}

/// Zone, language and separator.
fn check_manner(faults: &mut Fields, new: &NewExport) {
    if new.tz.as_deref().is_some_and(|zone| zone.parse::<Tz>().is_err()) {
        faults.fault("/tz", "value", "wanted an IANA time zone such as Asia/Seoul");
    }
    if new.locale.as_deref().is_some_and(|locale| CsvLocale::of(locale).is_none()) {
        faults.fault("/locale", "value", "wanted a language tag that is known, such as ko-KR");
    }
    if new.format.is_some_and(|format| format != Format::Csv) {
        for (pointer, is_there) in [("/locale", new.locale.is_some()), ("/delimiter", new.delimiter.is_some())] {
            if is_there {
                faults.fault(pointer, "value", "wanted only of a CSV");
            }
        }
    }
    if new.gzip && new.format == Some(Format::Parquet) {
        faults.fault("/gzip", "value", "Parquet packs itself; leave it out");
    }
}

/// Which filters there are, and whether their words are words.
fn check_filters(faults: &mut Fields, export_type: ExportType, wanted: &FiltersWanted) {
    let known: Vec<FilterName> = export_type.source().filters.iter().map(|(name, _)| *name).collect();
    for name in FilterName::ALL.iter().filter(|name| wanted.count(**name).is_some() && !known.contains(name)) {
        let known: Vec<&str> = known.iter().map(|name| name.as_str()).collect();
        let detail = format!("exports of {export_type} have the filters {}", known.join(", "));
        faults.fault(format!("/filters/{name}"), "unknown", detail);
    }
    for name in known {
        if wanted.count(name).is_some_and(|count| !(1..=VALUES_MAX).contains(&count)) {
            faults.fault(format!("/filters/{name}"), "length", format!("wanted 1 to {VALUES_MAX} values"));
        }
        if let Some(words) = wanted.words(name) {
            check_words(faults, name, (words, &vocabulary(export_type, name)));
        }
    }
    if let (Some(from), Some(to)) = (wanted.from, wanted.to)
        && from >= to
    {
        faults.fault("/filters/to", "range", "wanted a time after `from`");
    }
}

/// An empty vocabulary lets any word pass.
fn check_words(faults: &mut Fields, name: FilterName, (words, vocabulary): (&[String], &[&str])) {
    for (at, word) in words.iter().enumerate() {
        let pointer = format!("/filters/{name}/{at}");
        if !vocabulary.is_empty() && !vocabulary.contains(&word.as_str()) {
            faults.fault(pointer, "value", format!("wanted one of {}", vocabulary.join(", ")));
        } else if word.is_empty() || word.len() > WORD_MAX || word.contains(char::is_control) {
            faults.fault(pointer, "length", format!("wanted 1 to {WORD_MAX} bytes on one line"));
        }
    }
}

/// The words that a filter of a type takes.
fn vocabulary(export_type: ExportType, name: FilterName) -> Vec<&'static str> {
    match (name, export_type) {
        (FilterName::Status, ExportType::Members) => MemberStatus::ALL.iter().map(|status| status.as_str()).collect(),
        (FilterName::Status, ExportType::Deliveries) => DELIVERY_STATUSES.to_vec(),
        (FilterName::Status, _) => LessonStatus::ALL.iter().map(|status| status.as_str()).collect(),
        (FilterName::Roles, _) => Role::ALL.iter().map(|role| role.as_str()).collect(),
        (FilterName::Verbs, _) => Verb::ALL.iter().map(|verb| verb.as_str()).collect(),
        (FilterName::EventTypes, _) => EventType::ALL.iter().map(|event| event.as_str()).collect(),
        (FilterName::Skills, _) => Skill::ALL.iter().map(|skill| skill.as_str()).collect(),
        (_, _) => Vec::new(),
    }
}

impl FiltersWanted {
    /// How many values a filter was given; none where it was left out. A time is one value.
    fn count(&self, name: FilterName) -> Option<usize> {
        match name {
            FilterName::CourseIds => self.course_ids.as_ref().map(Vec::len),
            FilterName::UserIds => self.user_ids.as_ref().map(Vec::len),
            FilterName::GroupIds => self.group_ids.as_ref().map(Vec::len),
            FilterName::WebhookIds => self.webhook_ids.as_ref().map(Vec::len),
            FilterName::From => self.from.map(|_| 1),
            FilterName::To => self.to.map(|_| 1),
            name => self.words(name).map(<[String]>::len),
        }
    }

    /// The words of a filter that takes words.
    fn words(&self, name: FilterName) -> Option<&[String]> {
        match name {
            FilterName::Status => self.status.as_deref(),
            FilterName::Roles => self.roles.as_deref(),
            FilterName::Verbs => self.verbs.as_deref(),
            FilterName::EventTypes => self.event_types.as_deref(),
            FilterName::Actions => self.actions.as_deref(),
            FilterName::Languages => self.languages.as_deref(),
            FilterName::Skills => self.skills.as_deref(),
            FilterName::CourseIds
            | FilterName::UserIds
            | FilterName::GroupIds
            | FilterName::WebhookIds
            | FilterName::From
            | FilterName::To => None,
        }
    }
}

/// Reads from where an export of changes goes on.
async fn since(tx: &mut TenantTx, faults: &mut Fields, (export_type, text): (ExportType, &str)) -> Result<Option<i64>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Bool)]
        is_known: bool,
    }
    let Some(place) = text.parse::<Place>().ok().filter(|place| place.export_type == export_type) else {
        let detail = format!("wanted `next_since` of an export of {export_type}");
        faults.fault("/since", "format", detail);
        return Ok(None);
    };
    let known = sql("SELECT stoa_place_is_known($1) AS is_known").bind::<BigInt, _>(place.horizon);
    let known: Row = known.get_result(tx.connection()).await.map_err(failed)?;
    if !known.is_known {
        faults.fault("/since", "range", "too long ago to tell what was written since; ask for all of it");
    }
    Ok(Some(place.horizon))
}

/// Finds what the filters name.
async fn resolve(tx: &mut TenantTx, wanted: FiltersWanted) -> Result<Filters> {
    let mut faults = Fields::new();
    let course_ids = match &wanted.course_ids {
        Some(keys) => Some(courses_named(tx, &mut faults, keys).await?),
        None => None,
    };
    let group_ids = match wanted.group_ids {
        Some(ids) => Some(groups_named(tx, &mut faults, ids).await?),
        None => None,
    };
    let webhook_ids = match wanted.webhook_ids {
        Some(ids) => Some(there(tx, &mut faults, ("webhook_ids", WEBHOOKS), ids).await?),
        None => None,
    };
    faults.finish()?;
    let user_ids = match wanted.user_ids {
        Some(keys) => Some(people_named(tx, keys).await?),
        None => None,
    };
    Ok(Filters {
        course_ids,
        user_ids,
        group_ids,
        webhook_ids,
        status: wanted.status,
        roles: wanted.roles,
        verbs: wanted.verbs,
        event_types: wanted.event_types,
        actions: wanted.actions,
        languages: wanted.languages.map(|tags| tags.iter().map(|tag| tag.to_lowercase()).collect()),
        skills: wanted.skills,
        from: wanted.from,
        to: wanted.to,
    })
}

const GROUPS: &str = "SELECT id FROM groups WHERE tenant_id = $1 AND id = ANY ($2)";
const WEBHOOKS: &str = "SELECT id FROM webhooks WHERE tenant_id = $1 AND id = ANY ($2)";

async fn courses_named(
    tx: &mut TenantTx,
    faults: &mut Fields,
    keys: &[Key<id::Course>],
) -> Result<Vec<Id<id::Course>>> {
    let found = courses::find_all(tx, keys).await?;
    for (at, _) in found.iter().enumerate().filter(|(_, course)| course.is_none()) {
        faults.fault(format!("/filters/course_ids/{at}"), "not_found", "no such course");
    }
    Ok(found.into_iter().flatten().map(|course| course.id).collect())
}

async fn people_named(tx: &mut TenantTx, keys: Vec<Key<id::User>>) -> Result<Vec<Id<id::User>>> {
    let pointed = keys.into_iter().enumerate().map(|(at, key)| (format!("/filters/user_ids/{at}"), key));
    let found = members::resolve(tx, &pointed.collect::<Vec<_>>()).await?;
    Ok(found.into_iter().map(|member| member.id).collect())
}

async fn groups_named(tx: &mut TenantTx, faults: &mut Fields, ids: Vec<Id<id::Group>>) -> Result<Vec<Id<id::Group>>> {
    there(tx, faults, ("group_ids", GROUPS), ids).await
}

/// Keeps ids whose rows are there, and names the others.
async fn there<K: id::Kind>(
    tx: &mut TenantTx,
    faults: &mut Fields,
    (name, statement): (&str, &'static str),
    ids: Vec<Id<K>>,
) -> Result<Vec<Id<K>>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
    }
    let tenant = tx.tenant();
    let uuids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let found = sql(statement).bind::<SqlUuid, _>(tenant).bind::<Array<SqlUuid>, _>(uuids);
    let found: Vec<Row> = found.load(tx.connection()).await.map_err(failed)?;
    for (at, id) in ids.iter().enumerate() {
        if !found.iter().any(|row| row.id == id.uuid()) {
            faults.fault(format!("/filters/{name}/{at}"), "not_found", format!("no such {}", K::NOUN));
        }
    }
    Ok(ids)
}
