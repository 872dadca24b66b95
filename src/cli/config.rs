//! `stoa config check`: the settings in effect, and whether files can be written where they say. That they are valid was
//! decided when they were loaded.

use stoa_core::{
    clock::{Clock, SystemClock},
    id::Ids,
};

use super::say;
use crate::{
    config::{Config, Loaded, StorageKind},
    house,
};

/// Prints the settings, and proves the storage.
///
/// # Errors
/// When files cannot be written, read or deleted where they are to lie.
pub(super) async fn check(loaded: &Loaded) -> anyhow::Result<()> {
    let rows = loaded.rows();
    let width = rows.iter().map(|row| row.key.len() + row.value.len() + 3).max().unwrap_or_default();
    say::line(format_args!("# environment: {}", loaded.environment.as_str()));
    for row in rows {
        let setting = format!("{} = {}", row.key, row.value);
        say::line(format_args!("{setting:width$}  # {}", row.layer));
    }
    for notice in loaded.notices() {
        say::line(format_args!("# note: {notice}"));
    }
    prove_storage(&loaded.config).await
}

async fn prove_storage(config: &Config) -> anyhow::Result<()> {
    let folder = house::storage_dir(config);
    // Whoever checks need not be whom the server runs as, and must not make its folder.
    if config.storage.kind == StorageKind::Local && !folder.exists() {
        let above = folder.ancestors().find(|above| above.exists());
        if let Some(above) = above.filter(|above| !above.is_dir()) {
            let setting = house::storage_dir_setting(config);
            anyhow::bail!("{setting}: {} cannot be made: {} is no folder", folder.display(), above.display());
        }
        say::line(format_args!("# note: files will lie in {}, which is made at the first start", folder.display()));
        return Ok(());
    }
    let storage = house::storage(config)?;
    let proven = storage.prove(&Ids::new(), SystemClock.now()).await;
    proven.map_err(|error| anyhow::anyhow!("storage: files cannot be kept in {storage}: {error}"))?;
    say::line(format_args!("# storage: files were written, read and deleted in {storage}"));
    Ok(())
}
