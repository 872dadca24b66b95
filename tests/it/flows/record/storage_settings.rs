//! Settings of the storage that are wrong: the server does not start, and says which one it is and no secret. Tried with the
//! binary, as an operator sees it; `src/config` tries more of them.

use std::{fs, path::PathBuf, process::Command};

use crate::support::TestHouse;

const SECRET: &str = "the-secret-of-the-bucket";

/// Runs the binary, which must not succeed, and answers all that it says.
pub(super) fn refused(verb: &[&str], settings: &[(&str, &str)]) -> String {
    let told = Command::new(env!("CARGO_BIN_EXE_stoa"))
        .args(verb)
        .env_clear()
        .env("STOA__ENVIRONMENT", "test")
        .envs(settings.iter().copied())
        .output()
        .expect("the binary runs");
    let said = [told.stdout, told.stderr].concat();
    let said = String::from_utf8(said).expect("UTF-8");
    assert!(!told.status.success(), "{verb:?} {settings:?}: {said}");
    assert!(!said.contains(SECRET), "{verb:?} {settings:?}: {said}");
    said
}

#[test]
fn a_wrong_setting_is_named_by_the_check_and_by_the_start() {
    let bucket = [
        ("STOA__STORAGE__KIND", "s3"),
        ("STOA__STORAGE__BUCKET", "files"),
        ("STOA__STORAGE__ACCESS_KEY", "somebody"),
        ("STOA__STORAGE__SECRET_KEY", SECRET),
    ];
    for (wrong, named) in [
        (("STOA__STORAGE__KIND", "ftp"), "storage.kind: `ftp` is none of local, s3, in STOA__STORAGE__KIND"),
        (("STOA__STORAGE__BUCKET", ""), "storage.bucket must be the name of a bucket"),
        (("STOA__STORAGE__ENDPOINT", "http://minio:9000"), "storage.allow_http must say so"),
        (("STOA__STORAGE__ACCESS_KEY", ""), "storage.access_key and storage.secret_key belong together"),
    ] {
        let settings = [&bucket[..], &[wrong]].concat();
        for verb in [&["config", "check"][..], &["serve"]] {
            let said = refused(verb, &settings);
            assert!(said.contains(named), "{verb:?}: {said}");
        }
    }
}

#[actix_web::test]
async fn a_folder_that_cannot_be_made_is_named_by_the_check_and_by_the_start() {
    let house = TestHouse::new().await;
    let name = format!("no-folder-{}", hex::encode(rand::random::<[u8; 16]>()));
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&file, "no folder").expect("a file");
    let below = file.join("files").display().to_string();
    let url = house.database.endpoint().url;
    let settings = [("STOA__DATABASE__URL", url.as_str()), ("STOA__STORAGE__DIR", &below)];
    for verb in [&["config", "check"][..], &["serve"]] {
        let said = refused(verb, &settings);
        assert!(said.contains("storage.dir: ") && said.contains("cannot be made"), "{verb:?}: {said}");
        assert!(said.contains(&below), "{verb:?}: {said}");
    }
    fs::remove_file(&file).expect("it was there");
}
