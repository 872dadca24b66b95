//! `stoa record`: the sums of the learning record, made anew or proved right, for operators.
//!
//! Not here: how (`stoa_jobs::record::operate`).

use std::{sync::Arc, time::Duration};

use anyhow::bail;
use stoa_core::{
    Error, Id, Key, TenantId,
    clock::SystemClock,
    db::{Db, DbOptions},
    events::Handoff,
    id, institutions,
};
use stoa_jobs::record::operate::{self, Difference};
use tokio::task::spawn_blocking;

use super::{
    args::{OfWhich, RecordVerb},
    jobs::migrated,
    say,
};
use crate::config::Config;

pub(super) async fn run(config: &Config, verb: RecordVerb) -> anyhow::Result<()> {
    let config = config.clone();
    // Kept to the end: a private cluster runs as long as this lives.
    let database = spawn_blocking(move || migrated(&config)).await??;
    let options = DbOptions { app_connections: 2, relay_connections: 1, wait: Duration::from_secs(10) };
    let db = Db::new(database.endpoint(), &options, Arc::new(SystemClock), Handoff::none())?;
    let done = perform(&db, verb).await;
    db.close();
    spawn_blocking(move || drop(database)).await?;
    done
}

async fn perform(db: &Db, verb: RecordVerb) -> anyhow::Result<()> {
    let in_words = |error: Error| super::staff::in_words(&error);
    match verb {
        RecordVerb::Rebuild(which) => {
            for tenant in of_which(db, which).await.map_err(in_words)? {
                let learners = operate::rebuild(db, tenant).await.map_err(in_words)?;
                say::line(format!("{tenant} is rebuilt: {learners} learners"));
            }
            Ok(())
        }
        RecordVerb::Verify(which) => {
            let (mut differing, mut mendable) = (0, 0);
            for tenant in of_which(db, which).await.map_err(in_words)? {
                let verified = operate::verify(db, tenant).await.map_err(in_words)?;
                differing += verified.differences.len();
                mendable += verified.mendable();
                tell(tenant, verified.learners, &verified.differences);
            }
            if differing > 0 {
                bail!(
                    "{differing} rows are kept otherwise than they are made anew; `stoa record rebuild` mends {mendable} of them"
                );
            }
            Ok(())
        }
    }
}

async fn of_which(db: &Db, which: OfWhich) -> Result<Vec<TenantId>, Error> {
    let mut house = db.house().await?;
    let found = match which.institution {
        None => operate::institutions(&mut house).await?,
        Some(key) => {
            let key: Key<id::Institution> = Key::read(&key);
            let found = institutions::find(&mut house, &key).await?.ok_or_else(|| Error::not_found("institution"))?;
            vec![Id::from_uuid(found.tenant_id.uuid())]
        }
    };
    house.commit().await?;
    Ok(found)
}

fn tell(tenant: TenantId, learners: usize, differences: &[Difference]) {
    if differences.is_empty() {
        say::line(format!("{tenant} is right: {learners} learners"));
        return;
    }
    say::line(format!("{tenant} differs: {} rows", differences.len()));
    for difference in differences {
        let row = |row: &Option<serde_json::Value>| row.as_ref().map_or("none".to_owned(), ToString::to_string);
        say::line(format!("  {:<20}kept    {}", difference.table, row(&difference.kept)));
        say::line(format!("  {:<20}rebuilt {}", "", row(&difference.rebuilt)));
    }
}
