//! Tests of files in a folder and in a bucket: what holds for one holds for the other.

mod bucket;
mod folder;
mod keys;
#[path = "../../../tests/peers/s3/server.rs"]
mod server;

use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use futures::TryStreamExt;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::*;

fn tenant(number: u128) -> TenantId {
    TenantId::from_uuid(Uuid::from_u128(number))
}

fn key(institution: u128, file: u128) -> Key {
    Key::new(tenant(institution), Shelf::Exports, Uuid::from_u128(file), "csv")
}

/// Bytes that no two parts have alike.
fn bytes(length: usize) -> Bytes {
    let mut seed = 7_u32;
    let next = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        seed.to_be_bytes()[0]
    };
    std::iter::repeat_with(next).take(length).collect::<Vec<u8>>().into()
}

async fn upload(storage: &Storage, key: &Key, bytes: &Bytes) {
    let mut upload = storage.put(key);
    for piece in bytes.chunks(300_000) {
        upload.write(bytes.slice_ref(piece)).await.unwrap();
    }
    upload.finish().await.unwrap();
}

async fn read(storage: &Storage, key: &Key, range: Option<Range<u64>>) -> Option<Vec<u8>> {
    let download = storage.get(key, range).await.unwrap()?;
    let length = download.range.end - download.range.start;
    let bytes = download.try_fold(Vec::new(), |mut all, piece| async move {
        all.extend_from_slice(&piece);
        Ok(all)
    });
    let bytes = bytes.await.unwrap();
    assert_eq!(u64::try_from(bytes.len()).unwrap(), length);
    Some(bytes)
}

/// What every place must do.
async fn a_place_for_files(storage: &Storage) {
    let (small, large) = (bytes(1000), bytes(20 * 1024 * 1024 + 17));
    assert_eq!(storage.head(&key(1, 1)).await.unwrap(), None);
    assert_eq!(read(storage, &key(1, 1), None).await, None);
    storage.delete(&key(1, 1)).await.unwrap();

    upload(storage, &key(1, 1), &small).await;
    upload(storage, &key(1, 2), &large).await;
    upload(storage, &key(1, 3), &Bytes::new()).await;
    upload(storage, &key(2, 4), &bytes(PART_BYTES)).await;
    assert_eq!(read(storage, &key(1, 1), None).await.unwrap(), small);
    assert_eq!(Sha256::digest(read(storage, &key(1, 2), None).await.unwrap()), Sha256::digest(&large));
    assert_eq!(read(storage, &key(1, 3), None).await.unwrap(), b"");
    assert_eq!(storage.head(&key(2, 4)).await.unwrap().unwrap().bytes, u64::try_from(PART_BYTES).unwrap());
    assert_eq!(storage.head(&key(2, 1)).await.unwrap(), None);

    let middle = 6_000_000..6_000_123;
    assert_eq!(read(storage, &key(1, 2), Some(middle)).await.unwrap(), large[6_000_000..6_000_123]);
    assert_eq!(read(storage, &key(1, 1), Some(999..1000)).await.unwrap(), small[999..]);
    assert!(storage.get(&key(1, 1), Some(1000..1001)).await.is_err());

    // The same place once more: the new file takes the place of the old one.
    upload(storage, &key(1, 1), &bytes(500)).await;
    assert_eq!(read(storage, &key(1, 1), None).await.unwrap().len(), 500);

    let names = |stored: Vec<Stored>| {
        let mut names: Vec<(Key, u64)> = stored.into_iter().map(|stored| (stored.key, stored.bytes)).collect();
        names.sort();
        names
    };
    let of_one: Vec<Stored> = storage.list(tenant(1)).try_collect().await.unwrap();
    let sizes = [(key(1, 1), 500), (key(1, 2), u64::try_from(large.len()).unwrap()), (key(1, 3), 0)];
    assert_eq!(names(of_one), sizes);
    assert_eq!(storage.list_all().try_collect::<Vec<_>>().await.unwrap().len(), 4);

    storage.delete(&key(1, 2)).await.unwrap();
    assert_eq!(storage.delete_all(tenant(1)).await.unwrap(), 2);
    assert_eq!(storage.list_all().try_collect::<Vec<_>>().await.unwrap().len(), 1);
    storage.prove(&Ids::new(), DateTime::UNIX_EPOCH).await.unwrap();
    assert_eq!(storage.list_all().try_collect::<Vec<_>>().await.unwrap().len(), 1);
}

/// An upload that nobody finishes is never there, and leaves nothing: what was dropped is taken back by a task of its own.
async fn a_torso_is_never_seen(storage: &Storage, nothing_is_left: impl Fn() -> bool) {
    let mut begun = storage.put(&key(3, 1));
    begun.write(bytes(2 * PART_BYTES + 1)).await.unwrap();
    assert_eq!(storage.head(&key(3, 1)).await.unwrap(), None);
    begun.abort().await.unwrap();
    let mut dropped = storage.put(&key(3, 2));
    dropped.write(bytes(2 * PART_BYTES + 1)).await.unwrap();
    drop(dropped);
    assert_eq!(storage.list(tenant(3)).try_collect::<Vec<_>>().await.unwrap(), []);
    let taken_back = async {
        while !nothing_is_left() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), taken_back).await.expect("no part is left");
}
