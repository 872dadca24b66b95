//! The wall: a transaction inside one institution, or inside several at once, and the house's own.
//!
//! A transaction names its institutions to PostgreSQL with its first word (`BEGIN; SET LOCAL …` in one round
//! trip), and the policies of every tenant table let it see and write those alone. A transaction that names
//! none fails; nothing is silently empty.
//!
//! Within the institution there is a second wall: the transaction of a manager, who sees the people of his groups alone,
//! names him too, and the `led` policies of every table of people let it see and write those alone.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use diesel_async::{
    AnsiTransactionManager, AsyncPgConnection, RunQueryDsl, TransactionManager, pooled_connection::deadpool::Object,
};

use super::{failed, pool::Db, sql};
use crate::{
    audit,
    error::Result,
    events::{NewEvent, RecordedEvent, place_in_background, record, uuid_array},
    id::{Id, TenantId, User},
    scope::Scope,
};

/// A transaction inside the wall. Dropped without [`TenantTx::commit`], it is rolled back.
pub struct TenantTx {
    open: Open,
    db: Db,
    tenant: TenantId,
    now: DateTime<Utc>,
    by: Option<Scope>,
    recorded: Vec<RecordedEvent>,
    audited: Vec<audit::Entry>,
}

/// A transaction across institutions, as the relay's role: fan-out, claims, sign-in, operators. Nothing else.
pub struct HouseTx {
    open: Open,
    db: Db,
    now: DateTime<Utc>,
}

/// An open transaction that goes back to the pool rolled back, whatever happens to its owner.
struct Open(Option<Object<AsyncPgConnection>>);

impl Open {
    async fn begin(mut connection: Object<AsyncPgConnection>, words: &str) -> Result<Self> {
        AnsiTransactionManager::begin_transaction_sql(&mut *connection, words).await.map_err(failed)?;
        Ok(Self(Some(connection)))
    }

    fn connection(&mut self) -> &mut AsyncPgConnection {
        match &mut self.0 {
            Some(connection) => connection,
            None => unreachable!("the connection leaves only in commit and drop, which end the transaction"),
        }
    }

    async fn commit(mut self) -> Result<()> {
        if let Some(mut connection) = self.0.take() {
            AnsiTransactionManager::commit_transaction(&mut *connection).await.map_err(failed)?;
        }
        Ok(())
    }
}

impl Drop for Open {
    #[expect(clippy::disallowed_methods, reason = "a rollback must outlive the task that gave up; it ends by itself")]
    fn drop(&mut self) {
        if let (Some(mut connection), Ok(runtime)) = (self.0.take(), tokio::runtime::Handle::try_current()) {
            runtime.spawn(async move {
                // On failure the pool sees an open transaction and closes the connection.
                let _ = AnsiTransactionManager::rollback_transaction(&mut *connection).await;
            });
        }
    }
}

impl Db {
    /// Begins a transaction inside the institution of a scope.
    ///
    /// # Errors
    /// `upstream_unavailable` when there is no connection to be had.
    pub async fn tenant(&self, scope: &Scope) -> Result<TenantTx> {
        let mut tx = self.within(&[scope.tenant], scope.courses.as_deref(), scope.led_by).await?;
        tx.by = Some(scope.clone());
        Ok(tx)
    }

    /// Begins a transaction inside several institutions at once, for work that shares commits between them.
    /// Every row still carries its own institution, and every key leads with it.
    ///
    /// # Errors
    /// `upstream_unavailable` when there is no connection to be had.
    pub async fn tenants(&self, tenants: &[TenantId]) -> Result<TenantTx> {
        self.within(tenants, None, None).await
    }

    /// Begins a transaction inside institutions, and inside some of their courses and the groups of a manager, where the
    /// actor has no others.
    async fn within(
        &self,
        tenants: &[TenantId],
        courses: Option<&[uuid::Uuid]>,
        led_by: Option<Id<User>>,
    ) -> Result<TenantTx> {
        let connection = self.app_connection().await?;
        let open = Open::begin(connection, &format!("BEGIN; {}", wall(tenants, courses, led_by))).await?;
        Ok(TenantTx {
            open,
            db: self.clone(),
            tenant: tenants.first().copied().unwrap_or(Id::from_uuid(uuid::Uuid::nil())),
            now: self.clock().now(),
            by: None,
            recorded: Vec::new(),
            audited: Vec::new(),
        })
    }

    /// Begins a transaction across institutions.
    ///
    /// # Errors
    /// `upstream_unavailable` when there is no connection to be had.
    pub async fn house(&self) -> Result<HouseTx> {
        let open = Open::begin(self.relay_connection().await?, "BEGIN").await?;
        Ok(HouseTx { open, db: self.clone(), now: self.clock().now() })
    }
}

/// Names the institutions, and the courses and the manager where the actor has no others; follows a BEGIN.
pub(super) fn wall(tenants: &[TenantId], courses: Option<&[uuid::Uuid]>, led_by: Option<Id<User>>) -> String {
    let names = tenants.iter().map(|tenant| tenant.uuid().to_string()).collect::<Vec<_>>().join(",");
    let mut words = format!("SET LOCAL stoa.tenants = '{{{names}}}'");
    if let Some(courses) = courses {
        words.extend(["; SET LOCAL stoa.courses = '", &uuid_array(courses), "'"]);
    }
    if let Some(manager) = led_by {
        words.push_str(&led(tenants, manager));
    }
    words
}

/// Names a manager and the groups that he leads, in the round trip of the beginning.
fn led(tenants: &[TenantId], manager: Id<User>) -> String {
    let (manager, tenants) =
        (manager.uuid(), uuid_array(&tenants.iter().map(|tenant| tenant.uuid()).collect::<Vec<_>>()));
    format!(
        "; SET LOCAL stoa.led_by = '{manager}'; SELECT set_config('stoa.led_groups', coalesce((
           SELECT array_agg(group_id) FROM group_managers WHERE tenant_id = ANY ('{tenants}') AND user_id = '{manager}'
         ), '{{}}')::text, true)"
    )
}

impl TenantTx {
    /// The connection, for a statement of a slice.
    pub fn connection(&mut self) -> &mut AsyncPgConnection {
        self.open.connection()
    }

    /// The institution; the first one where there are several.
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// The time of the transaction, read once.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// Makes an id.
    pub fn new_id<K>(&self) -> Id<K> {
        Id::from_uuid(self.db.ids().next(self.now))
    }

    /// Who acts; none where several institutions share the transaction.
    pub fn by(&self) -> Option<&Scope> {
        self.by.as_ref()
    }

    /// Lifts the wall around a manager's groups for the rest of the transaction, for a command that has checked by itself
    /// that what follows is his to do, such as adding somebody whom nobody leads yet.
    ///
    /// # Errors
    /// As the database says.
    pub(crate) async fn see_all(&mut self) -> Result<()> {
        if self.by.as_ref().is_some_and(|by| by.led_by.is_some()) {
            sql("SET LOCAL stoa.led_by = ''").execute(self.connection()).await.map_err(failed)?;
        }
        Ok(())
    }

    /// Notes what was done, for the audit log: written by the commit, with who acts and from where.
    pub fn audit(&mut self, entry: audit::Entry) {
        self.audited.push(entry);
    }

    /// Records an event of the transaction's institution: committed with the change, relayed after it.
    pub fn record(&mut self, event: NewEvent) -> Id<crate::id::Event> {
        let (tenant, request_id) = (self.tenant, self.by.as_ref().and_then(|by| by.request_id.clone()));
        self.record_for(tenant, request_id, event)
    }

    /// Records an event of one of the transaction's institutions, for one of the requests that share it.
    pub(crate) fn record_for(
        &mut self,
        tenant: TenantId,
        request_id: Option<Arc<str>>,
        event: NewEvent,
    ) -> Id<crate::id::Event> {
        let id = self.new_id();
        self.recorded.push(RecordedEvent::new(tenant, id, event, self.now, request_id));
        id
    }

    /// Writes the audit log and the recorded events, commits, and hands the events to this node's relay.
    ///
    /// # Errors
    /// As the database says. After an error of the commit itself the outcome is unknown; whoever repeats the
    /// request with the same key learns it.
    pub async fn commit(mut self) -> Result<()> {
        self.write_audited().await?;
        let recorded = std::mem::take(&mut self.recorded);
        let handoff = &self.db.inner().handoff;
        if !recorded.is_empty() {
            record::write(self.open.connection(), &recorded, handoff.relay_after(self.now)).await?;
            if handoff.is_elsewhere() {
                record::ring(self.open.connection()).await?;
            }
        }
        self.open.commit().await?;
        self.db.news().recorded(recorded.iter().map(|event| event.tenant));
        handoff.give(recorded);
        Ok(())
    }

    /// Commits work that very many events tell of. They are not handed over but wait in the outbox behind all others, so
    /// that what anybody records meanwhile does not wait behind them.
    ///
    /// # Errors
    /// As [`TenantTx::commit`].
    pub async fn commit_in_background(mut self) -> Result<()> {
        self.write_audited().await?;
        let recorded = std::mem::take(&mut self.recorded);
        record::write(self.open.connection(), &recorded, place_in_background(self.now)).await?;
        self.open.commit().await
    }

    async fn write_audited(&mut self) -> Result<()> {
        let audited = std::mem::take(&mut self.audited);
        audit::write(self, &audited).await
    }
}

impl HouseTx {
    /// The connection, for a statement of a slice.
    pub fn connection(&mut self) -> &mut AsyncPgConnection {
        self.open.connection()
    }

    /// The time of the transaction, read once.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// Makes an id.
    pub fn new_id<K>(&self) -> Id<K> {
        Id::from_uuid(self.db.ids().next(self.now))
    }

    /// Commits.
    ///
    /// # Errors
    /// As the database says.
    pub async fn commit(self) -> Result<()> {
        self.open.commit().await
    }
}
