//! `stoa institutions`: what operators do with institutions, for scripts and for whoever has no token at hand.
//!
//! Not here: the rules, which are those of the API (`stoa_core::institutions`). What is done here stands in the
//! institution's audit log as done on the command line.

use std::{sync::Arc, time::Duration};

use chrono::{SecondsFormat, TimeDelta};
use stoa_core::{
    Error, Id, Key, Role, Scope, TenantId,
    clock::SystemClock,
    db::{Db, DbOptions, PageRequest, TenantTx},
    events::Handoff,
    id,
    institutions::{
        self, Institution, NewInstitution,
        lifecycle::{self, Leave, Reason},
        search::{Health, InstitutionFilter, search},
    },
    members::invitations::{self, Inviting, NewInvitation},
    sealed::Sealer,
};
use stoa_jobs::{
    institutions::{ExportInstitution, wake_up},
    mail::promise_invitations,
    queue,
};
use tokio::task::spawn_blocking;

use super::{
    args::{Found, InstitutionsVerb, NewInstitutionArgs, Step},
    jobs::migrated,
    say,
};
use crate::{
    config::{Config, Loaded, key_source},
    house,
};

/// Institutions that are listed at once.
const LISTED: i64 = 1_000;

pub(super) async fn run(loaded: &Loaded, verb: InstitutionsVerb) -> anyhow::Result<()> {
    let config = loaded.config.clone();
    // Kept to the end: a private cluster runs as long as this lives.
    let database = spawn_blocking(move || migrated(&config)).await??;
    let options = DbOptions { app_connections: 1, relay_connections: 1, wait: Duration::from_secs(10) };
    let db = Db::new(database.endpoint(), &options, Arc::new(SystemClock), Handoff::none())?;
    let said = perform(&db, loaded, verb).await;
    db.close();
    spawn_blocking(move || drop(database)).await?;
    said?.iter().for_each(say::line);
    Ok(())
}

/// Does it, and answers the lines to be printed.
async fn perform(db: &Db, loaded: &Loaded, verb: InstitutionsVerb) -> anyhow::Result<Vec<String>> {
    let done = match verb {
        InstitutionsVerb::List(found) => list(db, found).await,
        InstitutionsVerb::Create(new) => {
            let sealer = Sealer::from_source(key_source(loaded))?;
            create(db, (&loaded.config, &sealer), new).await
        }
        InstitutionsVerb::Suspend(step) => suspend(db, step).await,
        InstitutionsVerb::Resume(step) => resume(db, step).await,
        InstitutionsVerb::Close(step) => close(db, &loaded.config, step).await,
        InstitutionsVerb::Reopen(step) => reopen(db, step).await,
    };
    done.map_err(|error| super::staff::in_words(&error))
}

async fn list(db: &Db, found: Found) -> Result<Vec<String>, Error> {
    let filter = InstitutionFilter { q: found.q, status: found.status, ..InstitutionFilter::default() };
    let mut house = db.house().await?;
    let all = search(&mut house, &filter, PageRequest { page: 1, per_page: LISTED }).await?;
    house.commit().await?;
    let head = format!("{:<32}{:<11}{:>9}  {:<24}NAME", "INSTITUTION", "STATUS", "MEMBERS", "EXTERNAL ID");
    let rest = all.next.map(|_| "there are more; narrow them down".to_owned());
    Ok(std::iter::once(head).chain(all.page.rows.iter().map(line)).chain(rest).collect())
}

fn line((it, health): &(Institution, Health)) -> String {
    let external_id = it.external_id.as_deref().unwrap_or_default();
    let (id, status) = (it.tenant_id.to_string(), it.status.as_str());
    format!("{id:<32}{status:<11}{:>9}  {external_id:<24}{}", health.members_active, it.name)
}

async fn create(db: &Db, (config, sealer): (&Config, &Sealer), args: NewInstitutionArgs) -> Result<Vec<String>, Error> {
    let scope = by_hand(Id::from_uuid(db.ids().next(db.clock().now())));
    let mut tx = db.tenant(&scope).await?;
    let new = NewInstitution {
        name: args.name,
        external_id: args.external_id,
        locale: args.locale,
        time_zone: args.time_zone,
        plan: args.plan,
        trial_days: args.trial_days,
        ..NewInstitution::default()
    };
    let made = institutions::create(&mut tx, new, &house::institution_rules(config)).await?;
    let inviting = Inviting { sealer, rules: house::account_rules(config).invitations, by: None };
    let owner = NewInvitation { email: args.admin_email, role: Some(Role::Owner), ..NewInvitation::default() };
    let (_, sent) = invitations::invite(&mut tx, &scope, inviting, owner).await?;
    promise_invitations(&mut tx, scope.tenant, &[sent]).await?;
    tx.commit().await?;
    // Beside the id and not before it, so that a script can take the id alone.
    say::complain(format_args!("{} is in {}; its owner is invited:", made.name, made.status));
    Ok(vec![made.tenant_id.to_string()])
}

async fn suspend(db: &Db, step: Step) -> Result<Vec<String>, Error> {
    let (mut tx, reason) = begin(db, step).await?;
    let after = lifecycle::suspend(&mut tx, reason).await?;
    tx.commit().await?;
    Ok(said(&after))
}

async fn resume(db: &Db, step: Step) -> Result<Vec<String>, Error> {
    let (mut tx, reason) = begin(db, step).await?;
    let after = lifecycle::resume(&mut tx, reason).await?;
    wake_up(&mut tx).await?;
    tx.commit().await?;
    Ok(said(&after))
}

async fn close(db: &Db, config: &Config, step: Step) -> Result<Vec<String>, Error> {
    let rules = house::institution_rules(config);
    let (mut tx, reason) = begin(db, step).await?;
    let erase_after = tx.now() + TimeDelta::days(rules.erase_after_days.into());
    let after = lifecycle::close(&mut tx, reason, Leave { erase_after, export_days: rules.export_days }).await?;
    tx.commit().await?;
    let mut house = db.house().await?;
    queue::enqueue(&mut house, ExportInstitution::of(after.tenant_id)?).await?;
    house.commit().await?;
    Ok(said(&after))
}

async fn reopen(db: &Db, step: Step) -> Result<Vec<String>, Error> {
    let (mut tx, reason) = begin(db, step).await?;
    let after = lifecycle::reopen(&mut tx, reason).await?;
    tx.commit().await?;
    Ok(said(&after))
}

async fn begin(db: &Db, step: Step) -> Result<(TenantTx, Reason), Error> {
    let key: Key<id::Institution> = Key::read(&step.institution);
    let mut house = db.house().await?;
    let found = institutions::find(&mut house, &key).await?.ok_or_else(|| Error::not_found("institution"))?;
    house.commit().await?;
    Ok((db.tenant(&by_hand(found.tenant_id)).await?, Reason::new(step.reason)?))
}

fn by_hand(tenant: TenantId) -> Scope {
    Scope { name: Some("command line".into()), ..Scope::house(tenant) }
}

fn said(after: &Institution) -> Vec<String> {
    let erased = after.erase_after.map(|at| at.to_rfc3339_opts(SecondsFormat::Secs, true));
    let erased = erased.map(|at| format!("; everything is erased after {at}")).unwrap_or_default();
    vec![format!("{} {} is {}{erased}", after.tenant_id, after.name, after.status)]
}
