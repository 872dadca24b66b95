//! The folder. A file is written under another name beside its place and put there when it is whole and on the disk.

use std::{
    fs::{self, DirBuilder},
    io,
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};
use object_store::local::LocalFileSystem;
use stoa_core::{Error, Result};

use super::Told;

/// Opens the folder; makes it, for nobody but us, if there is none.
pub(super) fn open(folder: &Path) -> Result<LocalFileSystem> {
    make(folder).map_err(|error| {
        Error::internal(Told(format!("the folder of files, {}, cannot be made: {error}", folder.display())))
    })?;
    let store = LocalFileSystem::new_with_prefix(folder).map_err(Error::internal)?;
    Ok(store.with_fsync(true))
}

fn make(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Removes the files under other names that were not written to since then, and says how many they were.
pub(super) async fn sweep(folder: PathBuf, before: DateTime<Utc>) -> Result<u64> {
    let swept = tokio::task::spawn_blocking(move || sweep_folder(&folder, before)).await;
    swept.map_err(Error::internal)?.map_err(Error::internal)
}

fn sweep_folder(folder: &Path, before: DateTime<Utc>) -> io::Result<u64> {
    let mut swept = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            swept += sweep_folder(&entry.path(), before)?;
        } else if is_torso(&entry.path()) && DateTime::<Utc>::from(entry.metadata()?.modified()?) < before {
            fs::remove_file(entry.path())?;
            swept += 1;
        }
    }
    Ok(swept)
}

/// Is named `<file>#<number>`, as the store names what is not whole.
fn is_torso(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.rsplit_once('#')
        .is_some_and(|(_, number)| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}
