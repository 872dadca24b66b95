//! Everything that is held of a person, for himself: one JSON document, as all of it was at one moment.
//!
//! # Shape
//! `held` has a part for each table that holds something of him, with what that is, and a row for each of his rows. `log`
//! has what he did and what was done to him, by others without their names. `not_shown` says what else there is, and why it
//! is not shown. Ids are those of the API, times are UTC.
//!
//! A handful of rows is read when the one before has been taken, so a document of any length needs the memory of one.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, Text},
};
use diesel_async::RunQueryDsl;
use serde_json::{Map, Value, json};
use stoa_core::{
    Ability, Code, Error, Id, Key, Result, Scope,
    audit::Entry,
    db::{Db, TenantTx, failed, sql},
    events::object_text,
    id,
    members::{self, Member},
};
use stoa_protocols::event::ObjectKind;
use uuid::Uuid;

use super::PORTRAIT_FORMAT;
use crate::privacy::held::{HELD, Held, Shown};

/// Rows that are read at once.
const ROWS: &str = "FETCH 500 FROM shown";
/// Longest time for the whole document: until then it holds a connection, and what is deleted meanwhile stays on the disk.
const LONGEST: TimeDelta = TimeDelta::minutes(5);
const ONE_MOMENT: &str = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY";
/// Whoever takes nothing for so long gives the connection back.
const PATIENCE: &str = "SET LOCAL idle_in_transaction_session_timeout = '20s'";
const COLUMNS: &str = "SELECT coalesce(array_agg(quote_ident(a.attname) ORDER BY a.attnum), '{}') AS names FROM pg_attribute a
  WHERE a.attrelid = to_regclass(quote_ident($1)) AND a.attnum > 0 AND NOT a.attisdropped AND a.atttypid <> 'bytea'::regtype
    AND a.attname <> 'tenant_id' AND a.attname <> ALL ($2)";
const LOG: &str = "audit_log";

/// A piece of the document.
pub type Line = Vec<u8>;

/// A document that is being written.
pub struct Portrait {
    tx: TenantTx,
    db: Db,
    user: Id<id::User>,
    began: DateTime<Utc>,
    next: Next,
}

/// What is written next.
enum Next {
    Beginning,
    /// The first rows of a table.
    Open(usize),
    /// More rows of it; none was written yet.
    Rows(usize, bool),
    End,
    Nothing,
}

/// Begins the document of a person, and notes that it was fetched.
///
/// # Errors
/// `ability_missing` for somebody else's without `privacy:manage`; `not_found`.
pub async fn portrait(db: &Db, scope: &Scope, key: &Key<id::User>) -> Result<Portrait> {
    let mut tx = db.tenant(scope).await?;
    let member = subject(&mut tx, scope, key).await?;
    tx.audit(Entry::of("user.data_exported", member.id));
    tx.commit().await?;
    // Whoever may have it sees all of it, also what he would not be shown elsewhere.
    let mut tx = db.tenant(&Scope::house(scope.tenant)).await?;
    for word in [ONE_MOMENT, PATIENCE] {
        sql(word).execute(tx.connection()).await.map_err(failed)?;
    }
    let began = tx.now();
    Ok(Portrait { tx, db: db.clone(), user: member.id, began, next: Next::Beginning })
}

async fn subject(tx: &mut TenantTx, scope: &Scope, key: &Key<id::User>) -> Result<Member> {
    let found = members::find(tx, key).await?;
    let is_own = found.as_ref().is_some_and(|member| scope.person() == Some(member.id));
    if !is_own && !scope.may(Ability::PrivacyManage) {
        return Err(Error::new(
            Code::AbilityMissing,
            format!("the data of somebody else needs {}", Ability::PrivacyManage),
        ));
    }
    found.ok_or_else(|| Error::not_found("member"))
}

impl Portrait {
    /// Whose it is.
    pub fn user(&self) -> Id<id::User> {
        self.user
    }

    /// The next piece; none at the end.
    ///
    /// # Errors
    /// As the database says; `upstream_unavailable` when it takes too long.
    pub async fn piece(&mut self) -> Result<Option<Line>> {
        if self.db.clock().now() - self.began > LONGEST {
            return Err(Error::new(Code::UpstreamUnavailable, "the document was not taken in time"));
        }
        match self.next {
            Next::Beginning => {
                self.next = Next::Open(0);
                Ok(Some(self.beginning()))
            }
            Next::Open(at) => self.open(at).await.map(Some),
            Next::Rows(at, is_first) => self.rows(at, is_first).await.map(Some),
            Next::End => {
                self.next = Next::Nothing;
                Ok(Some(end()))
            }
            Next::Nothing => Ok(None),
        }
    }

    fn beginning(&self) -> Line {
        let head = json!({
            "format": PORTRAIT_FORMAT,
            "exported_at": self.began,
            "institution_id": self.tx.tenant(),
            "user_id": self.user,
        });
        let mut text = head.to_string();
        text.truncate(text.len() - 1);
        text.push_str(",\"held\":[");
        text.into_bytes()
    }

    /// Begins the next table; the log comes after all of them.
    async fn open(&mut self, at: usize) -> Result<Line> {
        let comma = if at == 0 { "" } else { "," };
        let Some(held) = shown().nth(at) else {
            self.declare(&log_of(self.user)).await?;
            self.next = Next::Rows(at, true);
            return Ok(b"],\"log\":[".to_vec());
        };
        let query = self.query(held).await?;
        self.declare(&query).await?;
        self.next = Next::Rows(at, true);
        Ok(format!("{comma}{{\"table\":\"{}\",\"holds\":{},\"rows\":[", held.table, Value::from(held.holds))
            .into_bytes())
    }

    async fn rows(&mut self, at: usize, is_first: bool) -> Result<Line> {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = Text)]
            line: String,
        }
        let held = shown().nth(at);
        let rows: Vec<Row> = sql(ROWS).load(self.tx.connection()).await.map_err(failed)?;
        if rows.is_empty() {
            sql("CLOSE shown").execute(self.tx.connection()).await.map_err(failed)?;
            self.next = if held.is_some() { Next::Open(at + 1) } else { Next::End };
            return Ok(if held.is_some() { b"]}".to_vec() } else { b"]".to_vec() });
        }
        self.next = Next::Rows(at, false);
        let mut text = Vec::new();
        for (nth, row) in rows.iter().enumerate() {
            if nth > 0 || !is_first {
                text.push(b',');
            }
            let mut row: Map<String, Value> = serde_json::from_str(&row.line).map_err(Error::internal)?;
            spell(held.map_or(LOG, |held| held.table), &mut row);
            serde_json::to_writer(&mut text, &row).map_err(Error::internal)?;
        }
        Ok(text)
    }

    /// The rows of a table that are the person's. Names come from the catalogue and the declaration.
    async fn query(&mut self, held: &Held) -> Result<String> {
        #[derive(QueryableByName)]
        struct Columns {
            #[diesel(sql_type = Array<Text>)]
            names: Vec<String>,
        }
        let Shown::But(hidden) = held.shown else { return Ok(String::new()) };
        let columns = sql(COLUMNS).bind::<Text, _>(held.table).bind::<Array<Text>, _>(hidden);
        let columns: Columns = columns.get_result(self.tx.connection()).await.map_err(failed)?;
        let (tenant, user) = (self.tx.tenant().uuid(), self.user.uuid());
        let his: Vec<String> = held.of.iter().map(|column| format!("{column} = '{user}'")).collect();
        Ok(format!(
            "SELECT {} FROM {} WHERE tenant_id = '{tenant}' AND ({})",
            columns.names.join(", "),
            held.table,
            his.join(" OR ")
        ))
    }

    async fn declare(&mut self, query: &str) -> Result<()> {
        let text = format!("DECLARE shown NO SCROLL CURSOR FOR SELECT row_to_json(x)::text AS line FROM ({query}) x");
        diesel::sql_query(text).execute(self.tx.connection()).await.map_err(failed)?;
        Ok(())
    }
}

/// The tables of which a person is shown his rows.
fn shown() -> impl Iterator<Item = &'static Held> {
    HELD.iter().filter(|held| matches!(held.shown, Shown::But(_)))
}

/// What the person did, and what was done to him: others stand there by kind and id, and what he changed of them is theirs.
/// The network address is his own alone.
fn log_of(user: Id<id::User>) -> String {
    let bits = user.uuid();
    let entries = |condition: &str| {
        format!(
            "SELECT id, at, actor_kind, actor_id, action, object_kind, object_id,
               CASE WHEN object_id = '{user}' THEN before END AS before, CASE WHEN object_id = '{user}' THEN after END AS after,
               CASE WHEN actor_id = '{bits}' THEN address END AS address
             FROM audit_log WHERE tenant_id IN (SELECT unnest(current_setting('stoa.tenants')::uuid[])) AND {condition}"
        )
    };
    let about = format!("object_id = '{user}' AND actor_id IS DISTINCT FROM '{bits}'");
    format!("{} UNION ALL {} ORDER BY id", entries(&format!("actor_id = '{bits}'")), entries(&about))
}

fn end() -> Line {
    let hidden = HELD.iter().filter_map(|held| match held.shown {
        Shown::Not(why) => Some(json!({ "table": held.table, "holds": held.holds, "why": why })),
        Shown::But(_) => None,
    });
    format!(",\"not_shown\":{}}}", Value::Array(hidden.collect())).into_bytes()
}

/// Writes ids as the API does.
fn spell(table: &str, row: &mut Map<String, Value>) {
    let of_object = row.get("object_kind").and_then(Value::as_str).and_then(kind_of);
    for (key, value) in row.iter_mut() {
        let Some(bits) = value.as_str().and_then(|text| text.parse::<Uuid>().ok()) else { continue };
        let spelt = match key.as_str() {
            "id" => own_id(table, bits),
            "object_id" => of_object.map(|kind| object_text(kind, bits)),
            "user_id" => Some(object_text(ObjectKind::User, bits)),
            "actor_id" if table == LOG => Some(object_text(ObjectKind::User, bits)),
            "course_id" => Some(object_text(ObjectKind::Course, bits)),
            "lesson_id" => Some(object_text(ObjectKind::Lesson, bits)),
            "import_id" => Some(object_text(ObjectKind::MemberImport, bits)),
            "group_id" => Some(Id::<id::Group>::from_uuid(bits).to_string()),
            "path_id" => Some(Id::<id::LearningPath>::from_uuid(bits).to_string()),
            _ if key.ends_with("_by") => Some(object_text(ObjectKind::User, bits)),
            _ => None,
        };
        if let Some(spelt) = spelt {
            *value = spelt.into();
        }
    }
}

fn own_id(table: &str, bits: Uuid) -> Option<String> {
    Some(match table {
        "users" => object_text(ObjectKind::User, bits),
        "tokens" => object_text(ObjectKind::Token, bits),
        "enrolments" => object_text(ObjectKind::Enrollment, bits),
        "standings" => object_text(ObjectKind::Standing, bits),
        "cefr_profiles" => object_text(ObjectKind::CefrProfile, bits),
        "erasures" => object_text(ObjectKind::Erasure, bits),
        "subscription_requests" => object_text(ObjectKind::SubscriptionRequest, bits),
        "cefr_evidence" => Id::<id::Evidence>::from_uuid(bits).to_string(),
        "invitations" => Id::<id::Invitation>::from_uuid(bits).to_string(),
        "letters" => Id::<id::Letter>::from_uuid(bits).to_string(),
        LOG => Id::<id::AuditEntry>::from_uuid(bits).to_string(),
        _ => return None,
    })
}

fn kind_of(word: &str) -> Option<ObjectKind> {
    let kinds = [ObjectKind::Course, ObjectKind::Lesson, ObjectKind::Training, ObjectKind::Item];
    kinds.into_iter().find(|kind| kind.as_str() == word)
}

impl fmt::Debug for Portrait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Portrait").field("user", &self.user).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_those_of_the_api() {
        let bits = "0197a1d4-5b6c-7d8e-9f00-112233445566";
        let mut row = json!({ "id": bits, "user_id": bits, "object_kind": "lesson", "object_id": bits, "enrolled_by": bits, "verb": bits });
        let row = row.as_object_mut().unwrap();
        spell("enrolments", row);
        let prefixes: Vec<&str> =
            row.values().filter_map(Value::as_str).filter_map(|text| Some(text.split_once('_')?.0)).collect();
        assert_eq!(prefixes, ["enr", "usr", "lsn", "usr"]);
        assert_eq!(row["verb"], bits, "nothing else is turned");
    }
}
