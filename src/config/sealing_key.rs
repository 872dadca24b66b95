//! The keys that seal secrets at rest: those in the settings, and the ones kept beside the data, made there where none
//! is configured.
//!
//! Not here: sealing, and putting what is sealed under another key (`stoa_core::sealed`).

use std::{
    fmt, fs,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context;
use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
use stoa_core::sealed::KeySource;

use super::{Config, Loaded, SecretText};

const FILE: &str = "sealing.key";

/// Gives every key, the newest first: the configured one and those before it, then those in the data folder. Where
/// none is configured, one is made there at the first call (mode 0600).
///
/// # Errors
/// When the folder cannot be written or the file not be read.
pub fn sealing_keys(config: &Config) -> anyhow::Result<Vec<SecretText>> {
    let path = config.data.dir.join(FILE);
    let configured = config.secrets.sealing_key.is_some();
    if !configured && !path.exists() {
        write(&path, &[], &Writing::First)
            .with_context(|| format!("cannot keep a sealing key in {}", path.display()))?;
    }
    // A key moved from the folder into the settings leaves its sealed bytes behind.
    let kept = if path.exists() { kept(&path)? } else { Vec::new() };
    let (newest, previous) = (config.secrets.sealing_key.iter(), config.secrets.previous_sealing_keys.iter());
    let all = if configured {
        newest.chain(previous).chain(&kept).cloned().collect()
    } else {
        kept.iter().chain(previous).cloned().collect()
    };
    Ok(unique(all))
}

/// Makes a key and puts it before those in the data folder, in one step: a crash leaves the file as it was, or whole.
///
/// # Errors
/// When the file cannot be written.
pub fn add_sealing_key(config: &Config) -> anyhow::Result<PathBuf> {
    let path = config.data.dir.join(FILE);
    let kept = if path.exists() { kept(&path)? } else { Vec::new() };
    write(&path, &kept, &Writing::Over).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(path)
}

/// The keys of a server, read anew from the same sources each time.
pub fn key_source(loaded: &Loaded) -> Arc<dyn KeySource> {
    Arc::new(Keys(loaded.clone()))
}

struct Keys(Loaded);

impl KeySource for Keys {
    fn keys(&self) -> anyhow::Result<Vec<String>> {
        // A file that a variable names may have changed; the settings around it may not be valid any more.
        let fresh = Loaded::from(&self.0.sources).map(|loaded| loaded.config);
        let keys = sealing_keys(fresh.as_ref().unwrap_or(&self.0.config))?;
        Ok(keys.iter().map(|key| key.expose().to_owned()).collect())
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(…)")
    }
}

fn kept(path: &Path) -> anyhow::Result<Vec<SecretText>> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let keys: Vec<SecretText> =
        text.lines().map(str::trim).filter(|line| !line.is_empty()).map(SecretText::new).collect();
    let whole = !keys.is_empty() && keys.iter().all(|key| key.expose().len() >= super::check::SEALING_KEY_MIN);
    anyhow::ensure!(whole, "{} holds no key, or half of one", path.display());
    Ok(keys)
}

fn unique(keys: Vec<SecretText>) -> Vec<SecretText> {
    let mut seen = Vec::with_capacity(keys.len());
    for key in keys {
        if !seen.contains(&key) {
            seen.push(key);
        }
    }
    seen
}

#[derive(PartialEq, Eq)]
enum Writing {
    First,
    Over,
}

/// Writes a new key and those before it under another name first: a crash never leaves half a key, and of two servers
/// that make the first key at the same moment both read the one that was linked first.
fn write(path: &Path, before: &[SecretText], writing: &Writing) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let draft = folder.join(format!("{FILE}.{}", std::process::id()));
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    writeln!(file, "{}", BASE64_STANDARD_NO_PAD.encode(rand::random::<[u8; 32]>()))?;
    before.iter().try_for_each(|key| writeln!(file, "{}", key.expose()))?;
    file.sync_all()?;
    let placed = match writing {
        Writing::Over => fs::rename(&draft, path),
        Writing::First => {
            let linked = fs::hard_link(&draft, path);
            fs::remove_file(&draft)?;
            linked.or_else(|error| if error.kind() == io::ErrorKind::AlreadyExists { Ok(()) } else { Err(error) })
        }
    };
    placed?;
    fs::File::open(folder)?.sync_all()
}
