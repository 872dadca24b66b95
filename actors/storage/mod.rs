//! Files that are made for somebody to fetch, and where they lie: a folder, or a bucket that speaks S3.
//!
//! # Cast
//! - [`Storage`] puts, gets, lists and forgets them. It is cheap to clone and remembers nothing.
//! - [`Key`] says where a file lies. It begins with the institution and holds ids alone: nothing that one institution can
//!   name leads to another's file, and nobody's name stands in it.
//! - [`Upload`] is a file on its way in, part by part. It is there for readers once it is whole, and never before.
//! - [`Download`] is a file, or a part of one, on its way out.
//! - `table` writes a table there, from a copy of the database to the last byte, in constant memory.
//! - `s3` is the bucket and `wire` the HTTP that it is reached by; `local` is the folder.
//!
//! Not here: which files there are, whose they are and how long they are kept (`stoa_record::exports`).

mod download;
mod key;
mod local;
mod s3;
mod table;
mod upload;
mod wire;

use std::{ops::Range, path::PathBuf, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use futures::{StreamExt, TryStreamExt, stream::BoxStream};
use object_store::{GetOptions, GetRange, ObjectMeta, ObjectStore, ObjectStoreExt, aws::AmazonS3, path::Path};
use stoa_core::{
    Error, Result,
    error::Code,
    id::{Ids, TenantId},
};
use url::Url;

pub use self::{
    download::Download,
    key::{Key, Shelf},
    s3::S3Options,
    upload::Upload,
};

/// Bytes of a part: the least that S3 takes, of which it takes ten thousand.
const PART_BYTES: usize = 5 * 1024 * 1024;

/// Where files lie.
#[derive(Debug, Clone)]
pub enum StorageOptions {
    /// In a folder, which every node that serves them must see.
    Local(PathBuf),
    /// In a bucket.
    S3(S3Options),
}

/// The files. Cheap to clone.
#[derive(Clone)]
pub struct Storage(Arc<Inner>);

struct Inner {
    store: Arc<dyn ObjectStore>,
    place: Place,
}

/// What a place can do beyond what every place can.
enum Place {
    Local(PathBuf),
    S3 { bucket: Arc<AmazonS3>, prefix: Path },
}

/// A file, without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Where it lies.
    pub key: Key,
    /// Bytes.
    pub bytes: u64,
    /// When it became whole.
    pub since: DateTime<Utc>,
}

impl Storage {
    /// Opens the place; makes the folder if there is none. Asks nobody yet: [`Storage::prove`] does.
    ///
    /// # Errors
    /// `internal` when a setting is not right or the folder cannot be made.
    pub fn open(options: &StorageOptions) -> Result<Self> {
        let inner = match options {
            StorageOptions::Local(folder) => {
                Inner { store: Arc::new(local::open(folder)?), place: Place::Local(folder.clone()) }
            }
            StorageOptions::S3(options) => {
                let (bucket, prefix) = s3::open(options)?;
                let bucket = Arc::new(bucket);
                let store: Arc<dyn ObjectStore> = bucket.clone();
                Inner { store, place: Place::S3 { bucket, prefix } }
            }
        };
        Ok(Self(Arc::new(inner)))
    }

    /// Begins a file. One that lies there already is replaced once the new one is whole.
    pub fn put(&self, key: &Key) -> Upload {
        Upload::new(Arc::clone(&self.0.store), self.path(key))
    }

    /// Puts a small file.
    ///
    /// # Errors
    /// `upstream_unavailable` when the place cannot be reached or does not take it.
    pub async fn put_whole(&self, key: &Key, bytes: impl Into<bytes::Bytes>) -> Result<()> {
        self.0.store.put(&self.path(key), bytes.into().into()).await.map_err(failed)?;
        Ok(())
    }

    /// Fetches a file, or these bytes of it; none if there is no such file.
    ///
    /// # Errors
    /// `upstream_unavailable` when the place cannot be reached, or the file ends before these bytes begin.
    pub async fn get(&self, key: &Key, range: Option<Range<u64>>) -> Result<Option<Download>> {
        let options = GetOptions { range: range.map(GetRange::Bounded), ..GetOptions::default() };
        found(self.0.store.get_opts(&self.path(key), options).await).map(|found| found.map(Download::of))
    }

    /// Looks at a file; none if there is no such file.
    ///
    /// # Errors
    /// `upstream_unavailable` when the place cannot be reached.
    pub async fn head(&self, key: &Key) -> Result<Option<Stored>> {
        let found = found(self.0.store.head(&self.path(key)).await)?;
        Ok(found.map(|meta| Stored { key: key.clone(), bytes: meta.size, since: meta.last_modified }))
    }

    /// Deletes a file, and in a folder also what a process that died had begun of it. One that is not there is deleted
    /// already.
    ///
    /// # Errors
    /// `upstream_unavailable` when the place cannot be reached.
    pub async fn delete(&self, key: &Key) -> Result<()> {
        found(self.0.store.delete(&self.path(key)).await)?;
        match &self.0.place {
            Place::Local(folder) => local::delete_torsos(folder, key).await,
            Place::S3 { .. } => Ok(()),
        }
    }

    /// Every file of an institution, page by page.
    pub fn list(&self, tenant: TenantId) -> BoxStream<'static, Result<Stored>> {
        let prefix = self.below(&Key::folder(tenant));
        self.listed(&prefix)
    }

    /// Every file there is, page by page, for whoever looks for those that nobody owns any more.
    pub fn list_all(&self) -> BoxStream<'static, Result<Stored>> {
        let prefix = self.below(Key::ROOT);
        self.listed(&prefix)
    }

    /// Deletes every file of an institution, whole or begun, and says how many whole ones they were.
    ///
    /// # Errors
    /// `upstream_unavailable` when the place cannot be reached; then some may be left.
    pub async fn delete_all(&self, tenant: TenantId) -> Result<u64> {
        let stored: Vec<Key> = self.list(tenant).map_ok(|stored| stored.key).try_collect().await?;
        let mut deleted = 0;
        for key in &stored {
            found(self.0.store.delete(&self.path(key)).await)?;
            deleted += 1;
        }
        if let Place::Local(folder) = &self.0.place {
            local::sweep(folder.join(Key::folder(tenant)), DateTime::<Utc>::MAX_UTC).await?;
        }
        Ok(deleted)
    }

    /// Removes what uploads left that ended with their process, and that nobody has written to since then. A bucket does
    /// that itself, by a rule of its own for uploads that were never completed.
    ///
    /// # Errors
    /// `internal` when the folder cannot be read.
    pub async fn sweep(&self, before: DateTime<Utc>) -> Result<u64> {
        match &self.0.place {
            Place::Local(folder) => local::sweep(folder.clone(), before).await,
            Place::S3 { .. } => Ok(0),
        }
    }

    /// An address by which whoever has it can fetch a file for a while, with this `Content-Disposition`; none where only we
    /// can serve it.
    ///
    /// # Errors
    /// `upstream_unavailable` when there are no credentials to sign it with.
    pub async fn signed_url(&self, key: &Key, disposition: &str, within: Duration) -> Result<Option<Url>> {
        match &self.0.place {
            Place::Local(_) => Ok(None),
            Place::S3 { bucket, .. } => s3::signed_url(bucket, &self.path(key), disposition, within).await.map(Some),
        }
    }

    /// Proves that files can be written, read and deleted, with one of a few bytes.
    ///
    /// # Errors
    /// As the place says: why stands inside the error, for the operator.
    pub async fn prove(&self, ids: &Ids, now: DateTime<Utc>) -> Result<()> {
        let key = Key::trial(ids.next(now));
        self.put_whole(&key, &b"stoa"[..]).await?;
        let mut read = self.get(&key, None).await?.ok_or_else(|| unavailable("a file that was put is not there"))?;
        let bytes = read.next().await.transpose()?;
        self.delete(&key).await?;
        if bytes.as_deref() == Some(&b"stoa"[..]) { Ok(()) } else { Err(unavailable("a file came back as another")) }
    }

    fn listed(&self, prefix: &Path) -> BoxStream<'static, Result<Stored>> {
        let above = self.below("").parts().count();
        let found = self.0.store.list(Some(prefix));
        found.filter_map(move |found| std::future::ready(stored(found, above))).boxed()
    }

    fn path(&self, key: &Key) -> Path {
        self.below(key.as_str())
    }

    fn below(&self, key: &str) -> Path {
        match &self.0.place {
            Place::Local(_) => Path::from(key),
            Place::S3 { prefix, .. } => prefix.parts().chain(Path::from(key).parts()).collect(),
        }
    }
}

impl std::fmt::Display for Storage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0.place {
            Place::Local(folder) => write!(f, "the folder {}", folder.display()),
            Place::S3 { bucket, prefix } => write!(f, "{bucket}, prefix {:?}", prefix.as_ref()),
        }
    }
}

impl std::fmt::Debug for Storage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Storage").field(&self.0.store.to_string()).finish()
    }
}

/// What was found; none where there is nothing.
fn found<T>(found: object_store::Result<T>) -> Result<Option<T>> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(object_store::Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(failed(error)),
    }
}

/// A file that was listed, below so many parts of a prefix. What lies there without being ours is left alone.
fn stored(found: object_store::Result<ObjectMeta>, above: usize) -> Option<Result<Stored>> {
    match found {
        Ok(meta) => {
            let own: Path = meta.location.parts().skip(above).collect();
            let key = Key::parse(own.as_ref())?;
            Some(Ok(Stored { key, bytes: meta.size, since: meta.last_modified }))
        }
        // Deleted while it was listed.
        Err(object_store::Error::NotFound { .. }) => None,
        Err(error) => Some(Err(failed(error))),
    }
}

/// Translates an error of the place: an outage or a fault of the operator, which look the same from outside. Inside stands
/// what the place said.
fn failed(error: object_store::Error) -> Error {
    unavailable(error)
}

fn unavailable(cause: impl std::fmt::Display) -> Error {
    Error::new(Code::UpstreamUnavailable, "the storage of files is not available; try again shortly")
        .because(Told(cause.to_string()))
        .retry_after_secs(5)
}

/// What the place said.
#[derive(Debug, thiserror::Error)]
#[error("storage: {0}")]
struct Told(String);

#[cfg(test)]
mod tests;
