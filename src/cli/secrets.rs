//! `stoa secrets`: the keys that seal secrets at rest.
//!
//! Not here: how it is done (`stoa_core::sealed`), and where the keys lie (`config`).

use std::{sync::Arc, time::Duration};

use stoa_core::{
    clock::SystemClock,
    db::{Db, DbOptions},
    events::Handoff,
    sealed::{Census, Sealer, Standing, census, reseal},
};
use tokio::task::spawn_blocking;

use super::{args::SecretsVerb, jobs::migrated, say};
use crate::config::{Config, Loaded, add_sealing_key, key_source};

pub(super) async fn run(loaded: &Loaded, verb: SecretsVerb) -> anyhow::Result<()> {
    let config = loaded.config.clone();
    // Kept to the end: a private cluster runs as long as this lives.
    let database = spawn_blocking(move || migrated(&config)).await??;
    let options = DbOptions { app_connections: 1, relay_connections: 1, wait: Duration::from_secs(10) };
    let db = Db::new(database.endpoint(), &options, Arc::new(SystemClock), Handoff::none())?;
    let done = match verb {
        SecretsVerb::Check => check(&db, &Sealer::from_source(key_source(loaded))?).await,
        SecretsVerb::Rotate => rotate(&db, loaded).await,
    };
    db.close();
    spawn_blocking(move || drop(database)).await?;
    done
}

async fn rotate(db: &Db, loaded: &Loaded) -> anyhow::Result<()> {
    let sealer = newest(db, loaded).await?;
    let mut sum = 0;
    let done = reseal(db, &sealer, |column, put| {
        sum += put;
        say::line(format_args!("{}.{}: {put} sealed anew, {sum} in all", column.table, column.column));
    })
    .await?;
    let after = census(db, &sealer).await?;
    show(&after);
    anyhow::ensure!(
        done.unreadable == 0,
        "{} cannot be opened by any key that is known, and stay as they are",
        done.unreadable
    );
    anyhow::ensure!(
        after.remaining() == 0,
        "{} were sealed meanwhile by servers that seal under an earlier key; run this again",
        after.remaining()
    );
    say::line("everything is sealed under the newest key; earlier keys are needed for earlier backups alone");
    Ok(())
}

/// The keys, with a new one before them where we keep them ourselves. A rotation that was broken off goes on under the
/// key that it began with.
async fn newest(db: &Db, loaded: &Loaded) -> anyhow::Result<Sealer> {
    let sealer = Sealer::from_source(key_source(loaded))?;
    if loaded.config.secrets.sealing_key.is_some() {
        say::line(format_args!("taking the configured key {}", sealer.current()));
        return Ok(sealer);
    }
    let unfinished = sealer.known().len() > 1 && census(db, &sealer).await?.remaining() > 0;
    if unfinished {
        say::line(format_args!("going on with a rotation that was not finished, under the key {}", sealer.current()));
        return Ok(sealer);
    }
    let path = added(&loaded.config).await?;
    let sealer = Sealer::from_source(key_source(loaded))?;
    say::line(format_args!("made the key {}, the first line of {path}", sealer.current()));
    Ok(sealer)
}

async fn added(config: &Config) -> anyhow::Result<String> {
    let config = config.clone();
    let path = spawn_blocking(move || add_sealing_key(&config)).await??;
    Ok(path.display().to_string())
}

async fn check(db: &Db, sealer: &Sealer) -> anyhow::Result<()> {
    let found = census(db, sealer).await?;
    show(&found);
    let lost = found.unknown();
    anyhow::ensure!(lost == 0, "{lost} are sealed under a key that is not known here");
    say::line(match found.remaining() {
        0 => "everything is sealed under the newest key".to_owned(),
        left => format!("{left} lie under an earlier key; `stoa secrets rotate` puts them under the newest"),
    });
    Ok(())
}

fn show(found: &Census) {
    for (column, standing, count) in &found.lines {
        let key = match standing {
            Standing::Current(name) => format!("{name} (newest)"),
            Standing::Previous(name) => format!("{name} (earlier)"),
            Standing::Nameless => "of the time before keys had names".to_owned(),
            Standing::Unknown(name) => format!("{name} (unknown)"),
        };
        say::line(format_args!("{count:>8}  {}.{}  {key}", column.table, column.column));
    }
}
