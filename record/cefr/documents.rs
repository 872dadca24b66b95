//! Reports that were given to somebody as documents: frozen when they are issued, verified by whoever holds one.
//!
//! # Rule
//! - A document says what the report said when it was issued, and the name as it was then. It is not changed; it may be
//!   revoked, with a reason.
//! - Its code has 80 random bits and opens nothing but what stands on the document itself, so it is kept as it is: it has
//!   to be printed again.
//!
//! Not here: how it looks (`stoa_protocols::document`).

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{BigInt, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_core::{
    Code, Error, Id, Result, Scope,
    audit::Entry,
    db::{HouseTx, PageRequest, Paged, TenantTx, Total, failed, sql},
    fields::Fields,
    id, words,
};
use stoa_protocols::document::{CefrDocument, CefrSkillFacts, CefrTargetFacts};

use super::{RULES_VERSION, Report};
use crate::history::Zone;

/// Letters of a code: Crockford's base 32, which has no I, L, O and U to be misread.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CODE_LETTERS: usize = 16;
/// How many of them stand together.
const GROUP: usize = 4;

words! {
    /// What a document is worth.
    DocumentStatus {
        /// It says what it says.
        Valid = "valid",
        /// Its time is over; the levels may be others by now.
        Expired = "expired",
        /// It was taken back.
        Revoked = "revoked",
    }
}

/// A report to be issued.
#[derive(Debug)]
pub struct Issue<'a> {
    /// What is known now.
    pub report: &'a Report,
    /// Name of the institution.
    pub institution: &'a str,
    /// Language of the document, one of ours.
    pub locale: &'a str,
    /// Whose civil dates it shows.
    pub zone: Zone,
    /// Days for which it is said to be valid.
    pub valid_days: u32,
}

/// A document that was issued.
#[derive(Debug, Clone)]
pub struct Document {
    /// `cfd_…`
    pub id: Id<id::CefrDocument>,
    /// The learner.
    pub user_id: Id<id::User>,
    /// Language of the document.
    pub locale: String,
    /// The code, without its hyphens.
    code: String,
    /// What it says.
    pub facts: CefrDocument,
    /// When it was issued.
    pub issued_at: DateTime<Utc>,
    /// Until when it is said to be valid.
    pub expires_at: DateTime<Utc>,
    /// When it was taken back.
    pub revoked_at: Option<DateTime<Utc>>,
    /// Why.
    pub revoked_why: Option<String>,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: Id<id::CefrDocument>,
    #[diesel(sql_type = SqlUuid)]
    user_id: Id<id::User>,
    #[diesel(sql_type = Text)]
    locale: String,
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = Jsonb)]
    facts: serde_json::Value,
    #[diesel(sql_type = Timestamptz)]
    issued_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    expires_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    revoked_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Text>)]
    revoked_why: Option<String>,
}

macro_rules! select {
    ($($where:literal),*) => {
        concat!(
            "SELECT d.id, d.user_id, d.locale, d.code, d.facts, d.issued_at, d.expires_at, d.revoked_at, d.revoked_why
             FROM cefr_documents d ",
            $($where),*
        )
    };
}

impl Row {
    fn document(self) -> Result<Document> {
        Ok(Document {
            id: self.id,
            user_id: self.user_id,
            locale: self.locale,
            code: self.code,
            facts: serde_json::from_value(self.facts).map_err(Error::internal)?,
            issued_at: self.issued_at,
            expires_at: self.expires_at,
            revoked_at: self.revoked_at,
            revoked_why: self.revoked_why,
        })
    }
}

impl Document {
    /// What it is worth at a time.
    pub fn status(&self, now: DateTime<Utc>) -> DocumentStatus {
        match self.revoked_at {
            Some(_) => DocumentStatus::Revoked,
            None if self.expires_at <= now => DocumentStatus::Expired,
            None => DocumentStatus::Valid,
        }
    }

    /// The code in groups, as people read it: `7XK2-9QPM-4TNB-W3HD`.
    pub fn code(&self) -> String {
        let letters: Vec<char> = self.code.chars().collect();
        letters.chunks(GROUP).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
    }
}

/// Issues a document of a report.
///
/// # Errors
/// `validation_failed` when the report names no level at all.
pub async fn issue(tx: &mut TenantTx, scope: &Scope, wanted: Issue<'_>) -> Result<Document> {
    if wanted.report.skills.values().all(|skill| skill.assessment.level.is_none()) {
        return Err(Error::invalid_field("/language", "value", "nothing shows a level in this language yet"));
    }
    let (tenant, now, id) = (tx.tenant(), tx.now(), tx.new_id::<id::CefrDocument>());
    let last = wanted.zone.date(now) + Days::new(u64::from(wanted.valid_days));
    let expires_at = wanted.zone.starts(last + Days::new(1));
    let facts = facts(&wanted, (wanted.zone.date(now), last));
    let kept = serde_json::to_value(&facts).map_err(Error::internal)?;
    let said = serde_json::json!({ "user_id": wanted.report.learner.id, "language": wanted.report.language, "level": facts.level });
    sql("INSERT INTO cefr_documents (tenant_id, id, user_id, language, locale, code, facts, issued_by, issued_at, expires_at)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)")
    .bind::<SqlUuid, _>(tenant)
    .bind::<SqlUuid, _>(id)
    .bind::<SqlUuid, _>(wanted.report.learner.id)
    .bind::<Text, _>(&wanted.report.language)
    .bind::<Text, _>(wanted.locale)
    .bind::<Text, _>(new_code())
    .bind::<Jsonb, _>(kept)
    .bind::<Nullable<SqlUuid>, _>(scope.person())
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(expires_at)
    .execute(tx.connection())
    .await
    .map_err(failed)?;
    tx.audit(Entry::of("cefr_document.issued", id).is(said));
    find_document(tx, id).await
}

fn facts(wanted: &Issue<'_>, (issued_on, valid_until): (NaiveDate, NaiveDate)) -> CefrDocument {
    let report = wanted.report;
    let skill = |skill: &super::SkillReport| CefrSkillFacts {
        level: skill.assessment.level.map(|level| level.as_str().to_owned()),
        status: skill.assessment.status.as_str().to_owned(),
        evidence: i64::try_from(skill.pieces.len()).unwrap_or(i64::MAX),
    };
    CefrDocument {
        institution: wanted.institution.to_owned(),
        name: report.learner.name.clone(),
        language: report.language.clone(),
        level: report.overall.level.map(|level| level.as_str().to_owned()),
        status: report.overall.status.as_str().to_owned(),
        confidence: percent(report.overall.confidence),
        skills: report
            .skills
            .iter()
            .map(|(name, found)| (name.as_str().to_owned(), skill(found)))
            .collect::<BTreeMap<_, _>>(),
        target: report
            .target
            .map(|target| CefrTargetFacts { level: target.level.as_str().to_owned(), due_on: target.due_on }),
        as_of: wanted.zone.date(report.as_of),
        issued_on,
        valid_until,
        rules_version: RULES_VERSION,
    }
}

#[expect(clippy::cast_possible_truncation, clippy::as_conversions, reason = "0 to 1")]
fn percent(share: f64) -> i64 {
    (share * 100.0).round() as i64
}

fn new_code() -> String {
    let letter = |byte: u8| char::from(ALPHABET.get(usize::from(byte & 31)).copied().unwrap_or(b'0'));
    rand::random::<[u8; CODE_LETTERS]>().into_iter().map(letter).collect()
}

/// The letters of a code as somebody typed it: in any case, with any gaps, and with the letters that look like others.
fn read_code(text: &str) -> Option<String> {
    let letters: String = text
        .chars()
        .filter(|letter| !letter.is_whitespace() && *letter != '-')
        .take(CODE_LETTERS + 1)
        .map(|letter| match letter.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            letter => letter,
        })
        .collect();
    (letters.len() == CODE_LETTERS && letters.bytes().all(|letter| ALPHABET.contains(&letter))).then_some(letters)
}

/// Finds a document of the institution.
///
/// # Errors
/// `not_found`.
pub async fn find_document(tx: &mut TenantTx, id: Id<id::CefrDocument>) -> Result<Document> {
    let tenant = tx.tenant();
    let row: Option<Row> = sql(select!("WHERE d.tenant_id = $1 AND d.id = $2"))
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(id)
        .get_result(tx.connection())
        .await
        .optional()
        .map_err(failed)?;
    row.ok_or_else(|| Error::not_found("document"))?.document()
}

/// Lists the documents of a learner, the newest first.
///
/// # Errors
/// As the database says.
pub async fn list_documents(tx: &mut TenantTx, learner: Id<id::User>, request: PageRequest) -> Result<Paged<Document>> {
    let tenant = tx.tenant();
    let of_learner = |text: &'static str| sql(text).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(learner);
    let total: Total =
        of_learner("SELECT count(*) AS total FROM cefr_documents d WHERE d.tenant_id = $1 AND d.user_id = $2")
            .get_result(tx.connection())
            .await
            .map_err(failed)?;
    let rows: Vec<Row> = of_learner(select!(
        "WHERE d.tenant_id = $1 AND d.user_id = $2 ORDER BY d.issued_at DESC, d.id DESC LIMIT $3 OFFSET $4"
    ))
    .bind::<BigInt, _>(request.per_page)
    .bind::<BigInt, _>(request.offset())
    .load(tx.connection())
    .await
    .map_err(failed)?;
    let rows = rows.into_iter().map(Row::document).collect::<Result<_>>()?;
    Ok(Paged { rows, total: total.total, request })
}

/// Takes a document back: whoever verifies it is told so.
///
/// # Errors
/// `not_found`; `conflict` when it was taken back before.
pub async fn revoke_document(tx: &mut TenantTx, id: Id<id::CefrDocument>, why: &str) -> Result<Document> {
    let mut why = why.to_owned();
    let mut fields = Fields::new();
    fields.name("/reason", &mut why);
    fields.finish()?;
    let before = find_document(tx, id).await?;
    let (tenant, now) = (tx.tenant(), tx.now());
    let done = sql("UPDATE cefr_documents SET revoked_at = $3, revoked_why = $4
      WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL")
    .bind::<SqlUuid, _>(tenant)
    .bind::<SqlUuid, _>(before.id)
    .bind::<Timestamptz, _>(now)
    .bind::<Text, _>(&why)
    .execute(tx.connection())
    .await
    .map_err(failed)?;
    if done == 0 {
        return Err(Error::new(Code::Conflict, "this document was revoked before"));
    }
    tx.audit(Entry::of("cefr_document.revoked", id).is(serde_json::json!({ "reason": why })));
    find_document(tx, id).await
}

/// Finds the document of a code, whichever institution issued it: whoever holds it belongs to none.
///
/// # Errors
/// `not_found` for what is no code of a document, however it fails to be one.
pub async fn verify(house: &mut HouseTx, code: &str) -> Result<Document> {
    let none = || Error::not_found("document");
    let code = read_code(code).ok_or_else(none)?;
    let row: Option<Row> =
        sql(select!("JOIN institutions i ON i.tenant_id = d.tenant_id WHERE d.code = $1 AND i.status <> 'closed'"))
            .bind::<Text, _>(code)
            .get_result(house.connection())
            .await
            .optional()
            .map_err(failed)?;
    row.ok_or_else(none)?.document()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        let code = new_code();
        assert_eq!(code.len(), CODE_LETTERS);
        assert_ne!(code, new_code());
        assert_eq!(read_code(&format!(" {}-{} ", &code[..4].to_lowercase(), &code[4..])), Some(code));
        assert_eq!(read_code("0oO1-iIlL-0000-0000").as_deref(), Some("0001111100000000"));
        for none in ["", "0000", "0000-0000-0000-000U", "0000-0000-0000-00000", "0000-0000-0000-000é"] {
            assert_eq!(read_code(none), None, "{none}");
        }
    }
}
