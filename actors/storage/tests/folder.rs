//! Files in a folder.

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf};

use super::*;

/// A folder that is gone with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        Self(std::env::temp_dir().join(format!("stoa-files-{}-{name}", std::process::id())))
    }

    fn open(&self) -> Storage {
        Storage::open(&StorageOptions::Local(self.0.join("files"))).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[tokio::test]
async fn a_folder_keeps_files() {
    let folder = Folder::new("keeps");
    a_place_for_files(&folder.open()).await;
}

#[tokio::test]
async fn a_folder_shows_no_torso_and_the_sweep_takes_what_a_dead_process_left() {
    let folder = Folder::new("torso");
    let storage = folder.open();
    let torsos = folder.0.join("files").join(key(3, 2).as_str()).parent().unwrap().to_owned();
    a_torso_is_never_seen(&storage, || fs::read_dir(&torsos).unwrap().next().is_none()).await;
    storage.put_whole(&key(1, 1), bytes(10)).await.unwrap();
    let left = folder.0.join("files").join(format!("{}#7", key(1, 2)));
    fs::write(&left, "half of it").unwrap();
    let now = DateTime::<Utc>::from(fs::metadata(&left).unwrap().modified().unwrap());
    assert_eq!(storage.sweep(now - TimeDelta::hours(1)).await.unwrap(), 0);
    assert_eq!(storage.sweep(now + TimeDelta::hours(1)).await.unwrap(), 1);
    assert!(!left.exists());
    assert!(storage.head(&key(1, 1)).await.unwrap().is_some());
}

#[tokio::test]
async fn whoever_deletes_a_file_deletes_what_was_begun_of_it() {
    let folder = Folder::new("begun");
    let storage = folder.open();
    let begin = |key: Key, ending: &str| {
        let begun = folder.0.join("files").join(format!("{key}{ending}"));
        fs::write(&begun, "half of it").unwrap();
        begun
    };
    for (institution, file) in [(1, 1), (1, 2), (2, 1)] {
        storage.put_whole(&key(institution, file), bytes(10)).await.unwrap();
    }
    let (own, next) = (begin(key(1, 1), "#1"), begin(key(1, 2), "#12"));
    let (odd, others) = (begin(key(1, 1), "#x"), begin(key(2, 1), "#1"));
    storage.delete(&key(1, 1)).await.unwrap();
    assert_eq!([&own, &next, &odd, &others].map(|path| path.exists()), [false, true, true, true]);
    assert_eq!(storage.delete_all(tenant(1)).await.unwrap(), 1);
    assert_eq!([&next, &odd, &others].map(|path| path.exists()), [false, true, true]);
    storage.delete(&key(9, 9)).await.unwrap();
    assert_eq!(storage.delete_all(tenant(9)).await.unwrap(), 0);
}

#[tokio::test]
async fn a_folder_is_for_nobody_else_and_has_no_addresses() {
    let folder = Folder::new("mode");
    let storage = folder.open();
    let mode = fs::metadata(folder.0.join("files")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    assert_eq!(storage.signed_url(&key(1, 1), "x.csv", Duration::from_mins(1)).await.unwrap(), None);
}

#[tokio::test]
async fn a_folder_that_cannot_be_one_is_told() {
    let folder = Folder::new("file");
    fs::write(&folder.0, "no folder").unwrap();
    let error = Storage::open(&StorageOptions::Local(folder.0.join("files"))).unwrap_err();
    assert!(error.to_string().contains("cannot be made"), "{error}");
    fs::remove_file(&folder.0).unwrap();
}
