//! The folder. A file is written under another name beside its place and put there when it is whole and on the disk.

use std::{
    fs::{self, DirBuilder},
    io,
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};
use object_store::local::LocalFileSystem;
use stoa_core::{Error, Result};

use super::{Key, Told};

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

/// Removes the files under other names, in the folder or below it, that were not written to since then, and says how many
/// they were.
pub(super) async fn sweep(folder: PathBuf, before: DateTime<Utc>) -> Result<u64> {
    let swept = tokio::task::spawn_blocking(move || sweep_folder(&folder, before)).await;
    swept.map_err(Error::internal)?.map_err(Error::internal)
}

fn sweep_folder(folder: &Path, before: DateTime<Utc>) -> io::Result<u64> {
    let mut swept = 0;
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            swept += sweep_folder(&entry.path(), before)?;
        } else if torso_of(&entry.path()).is_some() && DateTime::<Utc>::from(entry.metadata()?.modified()?) < before {
            gone(fs::remove_file(entry.path()))?;
            swept += 1;
        }
    }
    Ok(swept)
}

/// Removes what was begun in the place of a file and never became it.
pub(super) async fn delete_torsos(folder: &Path, key: &Key) -> Result<()> {
    let whole = folder.join(key.as_str());
    let deleted = tokio::task::spawn_blocking(move || match whole.parent().map(fs::read_dir) {
        Some(Ok(entries)) => entries
            .map(|entry| entry.map(|entry| entry.path()))
            .filter(|path| path.as_ref().map_or(true, |path| torso_of(path).is_some_and(|of| of == whole)))
            .try_for_each(|path| gone(fs::remove_file(path?))),
        Some(Err(error)) => gone(Err(error)),
        None => Ok(()),
    });
    deleted.await.map_err(Error::internal)?.map_err(Error::internal)
}

/// What is not there is removed already, by whoever else removes.
fn gone(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// The file that something was to become: the store calls it `<file>#<number>` until it is whole.
fn torso_of(path: &Path) -> Option<PathBuf> {
    let (whole, number) = path.file_name()?.to_str()?.rsplit_once('#')?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| path.with_file_name(whole))
}
