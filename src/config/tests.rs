//! Settings, tried without a server.

use super::*;

fn sources(environment: Environment, variables: &[(&str, &str)]) -> Sources {
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Sources { environment: Some(environment), file: None, variables }
}

fn faults(environment: Environment, variables: &[(&str, &str)]) -> String {
    Loaded::from(&sources(environment, variables)).unwrap_err().to_string()
}

const KEY: (&str, &str) = ("STOA__SECRETS__SEALING_KEY", "0123456789abcdef0123456789abcdef");

#[test]
fn every_environment_loads() {
    for environment in [Environment::Development, Environment::Test, Environment::Production] {
        Loaded::from(&sources(environment, &[KEY])).unwrap();
    }
}

#[test]
fn config_is_documented() {
    let mut section = "";
    let mut comment = false;
    for line in DEFAULTS.lines() {
        if line.starts_with('[') {
            section = line;
        } else if let Some((key, _)) = line.split_once(" = ").filter(|_| !line.starts_with('#')) {
            assert!(comment, "{section} {key} has no comment above it");
        }
        comment = line.starts_with("# ");
    }
    // Every typed setting is read from the file, and the file holds nothing else: fields have no default of their
    // own and unknown ones are denied, so the file alone must load.
    let rows = Loaded::from(&sources(Environment::Development, &[])).unwrap().rows();
    assert!(rows.iter().all(|row| !row.value.is_empty() && !row.layer.is_empty()), "{rows:?}");
    assert_eq!(rows.len(), DEFAULTS.lines().filter(|line| !line.starts_with('#') && line.contains(" = ")).count());
}

#[test]
fn a_variable_is_read_as_its_default_is() {
    let loaded = Loaded::from(&sources(
        Environment::Development,
        &[
            ("STOA__DATA__DIR", "0123"),
            ("STOA__SERVER__WORKERS", "3"),
            ("STOA__WEBHOOKS__ALLOW_HTTP", "false"),
            ("STOA__WEBHOOKS__ALLOW_PRIVATE", "10.0.0.0/8, fd00::/8"),
            ("STOA__JOBS__CONCURRENCY__WEBHOOKS", "7"),
            ("HOME", "/root"),
        ],
    ))
    .unwrap();
    assert_eq!(loaded.config.data.dir.to_str(), Some("0123"));
    assert_eq!(loaded.config.server.workers, 3);
    assert_eq!(loaded.config.jobs.concurrency.webhooks, 7);
    assert!(!loaded.config.webhooks.allow_http);
    assert_eq!(loaded.config.webhooks.allow_private.len(), 2);
}

#[test]
fn unknown_and_wrong_settings_are_named() {
    let said = faults(Environment::Development, &[("STOA__SERVER__PORT", "1"), ("STOA__SERVER__WORKERS", "many")]);
    assert!(said.contains("STOA__SERVER__PORT: there is no such setting"), "{said}");
    assert!(said.contains("STOA__SERVER__WORKERS: wants a whole number"), "{said}");
    let said = faults(Environment::Development, &[("STOA__SERVER__ADDRESS", "here")]);
    assert!(said.contains("server.address") && said.contains("STOA__SERVER__ADDRESS"), "{said}");
}

#[test]
fn a_file_overrides_and_is_read_strictly() {
    let folder = tempfile();
    let path = folder.join("site.toml");
    std::fs::write(&path, "[server]\nworkers = 9\n").unwrap();
    let mut from = sources(Environment::Development, &[]);
    from.file = Some(path.clone());
    assert_eq!(Loaded::from(&from).unwrap().config.server.workers, 9);
    std::fs::write(&path, "[server]\nwokers = 9\n").unwrap();
    let said = Loaded::from(&from).unwrap_err().to_string();
    assert!(said.contains("wokers") && said.contains("site.toml"), "{said}");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_secret_comes_from_a_file_and_is_masked() {
    let folder = tempfile();
    let path = folder.join("key");
    std::fs::write(&path, format!("{}\n", KEY.1)).unwrap();
    let file = ("STOA__SECRETS__SEALING_KEY_FILE", path.to_str().unwrap());
    let loaded = Loaded::from(&sources(Environment::Production, &[file])).unwrap();
    assert_eq!(loaded.config.secrets.sealing_key.as_ref().unwrap().expose(), KEY.1);
    let row = loaded.rows().into_iter().find(|row| row.key == "secrets.sealing_key").unwrap();
    assert_eq!((row.value.as_str(), row.layer.as_str()), ("(set)", file.0));
    assert!(!format!("{loaded:?}").contains(KEY.1));
    assert!(faults(Environment::Production, &[file, KEY]).contains("keep one of them"));
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn production_refuses_what_everybody_knows() {
    assert!(faults(Environment::Production, &[]).contains("must be set in production"));
    let known = ("STOA__SECRETS__SEALING_KEY", "the tests' key, known to everybody");
    assert!(faults(Environment::Production, &[known]).contains("known to everybody"));
    assert!(faults(Environment::Production, &[("STOA__SECRETS__SEALING_KEY", "short")]).contains("32 characters"));
}

#[test]
fn what_lies_between_settings_is_checked() {
    let said = faults(
        Environment::Development,
        &[("STOA__JOBS__LEASE_SECS", "10"), ("STOA__SERVER__OPS_ADDRESS", "127.0.0.1:8080")],
    );
    assert!(said.contains("jobs.lease_secs") && said.contains("server.ops_address"), "{said}");
}

#[test]
fn the_key_is_made_once_and_kept_closed() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile();
    let data = ("STOA__DATA__DIR", folder.to_str().unwrap());
    let config = Loaded::from(&sources(Environment::Development, &[data])).unwrap().config;
    let key = sealing_keys(&config).unwrap();
    assert_eq!((sealing_keys(&config).unwrap(), key.len()), (key.clone(), 1));
    let mode = std::fs::metadata(folder.join("sealing.key")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_key_is_put_before_those_that_are_kept() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile();
    let data = ("STOA__DATA__DIR", folder.to_str().unwrap());
    let config = Loaded::from(&sources(Environment::Development, &[data])).unwrap().config;
    let first = sealing_keys(&config).unwrap();
    let path = add_sealing_key(&config).unwrap();
    let both = sealing_keys(&config).unwrap();
    assert_eq!((both.len(), &both[1..]), (2, &first[..]));
    assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    // One in the settings goes before them, and they still open.
    let moved = Loaded::from(&sources(Environment::Production, &[data, KEY])).unwrap();
    let keys = sealing_keys(&moved.config).unwrap();
    assert_eq!((keys[0].expose(), &keys[1..]), (KEY.1, &both[..]));
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn previous_keys_are_lines_and_a_file_of_them_is_read_again() {
    let folder = tempfile();
    let path = folder.join("previous");
    let (one, two) = ("an earlier key of enough letters, one", "an earlier key of enough letters, two");
    std::fs::write(&path, format!("{one}\n")).unwrap();
    let data = ("STOA__DATA__DIR", folder.to_str().unwrap());
    let file = ("STOA__SECRETS__PREVIOUS_SEALING_KEYS_FILE", path.to_str().unwrap());
    let loaded = Loaded::from(&sources(Environment::Production, &[data, KEY, file])).unwrap();
    let source = key_source(&loaded);
    assert_eq!(source.keys().unwrap(), [KEY.1, one]);
    std::fs::write(&path, format!("{two}\n\n{one}\n")).unwrap();
    assert_eq!(source.keys().unwrap(), [KEY.1, two, one]);
    assert!(!format!("{source:?} {loaded:?}").contains("earlier"));
    let row = loaded.rows().into_iter().find(|row| row.key == "secrets.previous_sealing_keys").unwrap();
    assert_eq!(row.value, "(set)");
    let short = ("STOA__SECRETS__PREVIOUS_SEALING_KEYS", "short");
    assert!(faults(Environment::Production, &[KEY, short]).contains("previous_sealing_keys must have 32"));
    std::fs::remove_dir_all(folder).unwrap();
}

fn tempfile() -> PathBuf {
    let folder = std::env::temp_dir().join(format!("stoa-config-{:016x}", rand::random::<u64>()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn what_is_wrong_with_the_storage_is_told_by_the_name_of_the_setting() {
    let bucket = [("STOA__STORAGE__KIND", "s3"), ("STOA__STORAGE__BUCKET", "files")];
    let keys = [("STOA__STORAGE__ACCESS_KEY", "an-access-key"), ("STOA__STORAGE__SECRET_KEY", "a-secret-key")];
    let endpoint = |url| ("STOA__STORAGE__ENDPOINT", url);
    let cases: [(&[(&str, &str)], &str); 8] = [
        (&[("STOA__STORAGE__KIND", "ftp")], "storage.kind: `ftp` is none of local, s3, in STOA__STORAGE__KIND"),
        (&bucket[..1], "storage.bucket must be the name of a bucket"),
        (&[bucket[0], ("STOA__STORAGE__BUCKET", "a/b")], "storage.bucket must be the name of a bucket"),
        (&[bucket[0], bucket[1], endpoint("http://minio:9000")], "storage.allow_http must say so"),
        (&[bucket[0], bucket[1], endpoint("https://user:a-secret-key@minio")], "storage.endpoint must be"),
        (&[bucket[0], bucket[1], ("STOA__STORAGE__REGION", "")], "storage.region must name a region"),
        (&bucket, "storage.access_key and storage.secret_key belong together"),
        (
            &[bucket[0], bucket[1], ("STOA__STORAGE__ALLOW_HTTP", "yes")],
            "STOA__STORAGE__ALLOW_HTTP: wants true or false",
        ),
    ];
    for (variables, fault) in cases {
        let said = faults(Environment::Development, &[variables, &keys[1..]].concat());
        assert!(said.contains(fault), "{variables:?}: {said}");
        assert!(!said.contains("-key"), "{variables:?}: {said}");
    }
    let all = [&bucket[..], &keys, &[endpoint("http://minio:9000"), ("STOA__STORAGE__ALLOW_HTTP", "true")]].concat();
    let loaded = Loaded::from(&sources(Environment::Development, &all)).unwrap();
    crate::house::storage(&loaded.config).unwrap();
    assert!(!format!("{loaded:?} {:?}", loaded.rows()).contains("-key"));
    assert!(loaded.notices().iter().any(|notice| notice.contains("storage.allow_http")));
}

#[test]
fn a_folder_that_cannot_be_made_is_told_by_the_name_of_the_setting() {
    let folder = tempfile();
    let file = folder.join("file");
    std::fs::write(&file, "no folder").unwrap();
    let (below, data) = (file.join("files"), file.to_str().unwrap());
    for (setting, fault) in
        [(("STOA__STORAGE__DIR", below.to_str().unwrap()), "storage.dir: "), (("STOA__DATA__DIR", data), "data.dir: ")]
    {
        let loaded = Loaded::from(&sources(Environment::Development, &[setting])).unwrap();
        let said = format!("{:#}", crate::house::storage(&loaded.config).unwrap_err());
        assert!(said.starts_with(fault) && said.contains(below.to_str().unwrap()), "{said}");
        assert!(said.contains("cannot be made"), "{said}");
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_secret_that_is_written_wrongly_is_not_shown() {
    let folder = tempfile();
    let path = folder.join("site.toml");
    let mut from = sources(Environment::Development, &[]);
    from.file = Some(path.clone());
    for (written, told) in [("40414243", "storage.secret_key: wants a text"), ("s40414243", "site.toml, line 3: ")] {
        std::fs::write(&path, format!("[storage]\nkind = \"s3\"\nsecret_key = {written}\n")).unwrap();
        let said = Loaded::from(&from).unwrap_err().to_string();
        assert!(said.contains(told) && said.contains("site.toml") && !said.contains("40414243"), "{said}");
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn what_is_kept_fits_together() {
    let said = faults(
        Environment::Development,
        &[
            ("STOA__RETENTION__EVENTS_DAYS", "90"),
            ("STOA__RETENTION__DELIVERY_BODIES_DAYS", "200"),
            ("STOA__RETENTION__DISCARDED_JOBS_DAYS", "0"),
            ("STOA__RETENTION__FAILED_SIGN_INS_DAYS", "0"),
            ("STOA__RETENTION__AUDIT_DAYS", "90"),
        ],
    );
    let settings = ["events_days", "delivery_bodies_days", "discarded_jobs_days", "failed_sign_ins_days", "audit_days"];
    for setting in settings {
        assert!(said.contains(&format!("retention.{setting} must be")), "{said}");
    }
    let said = faults(Environment::Development, &[("STOA__RETENTION__DELIVERY_BODIES_DAYS", "1")]);
    assert!(said.contains("retention.delivery_bodies_days must be 7 or more"), "{said}");
}
