//! Two institutions that every test finds in its database: one to work in, and one whose people are strangers.
//!
//! They are made once, in the template, with the commands of the house. Their sessions outlive any test's clock.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use stoa_core::{
    Id, Role, Scope, TenantId,
    auth::{Hasher, set_password},
    clock::MockClock,
    db::{Db, DbOptions, Endpoint},
    events::Handoff,
    id,
    institutions::{self, NewInstitution, Rules},
    members::{self, Member, NewMember},
    retention, tokens,
};

/// When every test begins.
pub(crate) const START: &str = "2026-11-21T09:00:00Z";
/// The password of everybody.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// The time at which every test begins.
pub(crate) fn start() -> DateTime<Utc> {
    START.parse().expect("a time")
}

/// What the template holds.
pub(crate) struct Schools {
    /// Where tests work.
    pub(crate) home: School,
    /// Where strangers come from.
    pub(crate) abroad: School,
}

/// An institution and its people, one for each role that tests ask for.
#[derive(Clone)]
pub(crate) struct School {
    pub(crate) tenant: TenantId,
    pub(crate) number: i64,
    pub(crate) owner: Person,
    pub(crate) admin: Person,
    pub(crate) manager: Person,
    pub(crate) learner: Person,
}

/// Somebody with a session.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) id: Id<id::User>,
    pub(crate) token: String,
}

/// Makes both schools in a migrated database, and leaves nothing to relay.
pub(super) fn found(endpoint: &Endpoint) -> Schools {
    let endpoint = endpoint.clone();
    let work = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let db = db(endpoint, MockClock::at(start()));
            let schools =
                Schools { home: school(&db, "Lyceum", "home").await, abroad: school(&db, "Academy", "abroad").await };
            forget_events(&db).await;
            retention::make_partitions(&db).await.expect("partitions");
            db.close();
            schools
        })
    };
    std::thread::spawn(work).join().expect("two schools")
}

/// The pools of a test.
pub(crate) fn db(endpoint: Endpoint, clock: MockClock) -> Db {
    let options = DbOptions { app_connections: 6, relay_connections: 6, wait: Duration::from_secs(20) };
    Db::new(endpoint, &options, Arc::new(clock), Handoff::none()).expect("the pools")
}

async fn school(db: &Db, name: &str, domain: &str) -> School {
    let tenant = Id::from_uuid(db.ids().next(db.clock().now()));
    let scope = Scope::house(tenant);
    let mut tx = db.tenant(&scope).await.unwrap();
    let new = NewInstitution {
        name: name.to_owned(),
        external_id: Some(domain.to_owned()),
        trial_days: Some(0),
        ..NewInstitution::default()
    };
    let institution = institutions::create(&mut tx, new, &Rules::default()).await.unwrap();
    let owner = members::add(&mut tx, &scope, somebody("owner", Role::Owner, domain)).await.unwrap();
    tx.commit().await.unwrap();
    School {
        tenant,
        number: institution.number,
        owner: session(db, tenant, owner).await,
        admin: person(db, tenant, somebody("admin", Role::Admin, domain)).await,
        manager: person(db, tenant, somebody("manager", Role::Manager, domain)).await,
        learner: person(db, tenant, somebody("learner", Role::Learner, domain)).await,
    }
}

fn somebody(name: &str, role: Role, domain: &str) -> NewMember {
    NewMember {
        email: format!("{name}@{domain}.example"),
        name: Some(format!("{}{} Example", name[..1].to_uppercase(), &name[1..])),
        role: Some(role),
        external_id: Some(format!("{domain}-{name}")),
        ..NewMember::default()
    }
}

async fn person(db: &Db, tenant: TenantId, new: NewMember) -> Person {
    let scope = Scope::house(tenant);
    let mut tx = db.tenant(&scope).await.unwrap();
    let member = members::add(&mut tx, &scope, new).await.unwrap();
    tx.commit().await.unwrap();
    session(db, tenant, member).await
}

async fn session(db: &Db, tenant: TenantId, member: Member) -> Person {
    let hasher = Hasher::new(8, 1).unwrap();
    let mut tx = db.tenant(&Scope::house(tenant)).await.unwrap();
    set_password(&mut tx, &hasher, member.id, PASSWORD).await.unwrap();
    let who = (member.id, member.role);
    let issued = tokens::open_session(&mut tx, who, "a test".to_owned(), TimeDelta::days(3650)).await.unwrap();
    tx.commit().await.unwrap();
    Person { id: member.id, token: issued.text.expose().to_owned() }
}

/// Nobody subscribed yet, so nobody is owed the news of who was added.
async fn forget_events(db: &Db) {
    use diesel_async::RunQueryDsl;
    let mut house = db.house().await.unwrap();
    stoa_core::db::sql("DELETE FROM outbox").execute(house.connection()).await.unwrap();
    house.commit().await.unwrap();
}
