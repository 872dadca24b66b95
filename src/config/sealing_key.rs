//! The key that seals secrets at rest, where none is configured: made once and kept beside the data.

use std::{
    fs,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use anyhow::Context;
use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};

use super::{Config, SecretText};

const FILE: &str = "sealing.key";

/// Gives the configured key, or the one kept in the data folder, made at the first call (mode 0600).
///
/// # Errors
/// When the folder cannot be written or the file not be read.
pub fn sealing_key(config: &Config) -> anyhow::Result<SecretText> {
    if let Some(key) = &config.secrets.sealing_key {
        return Ok(key.clone());
    }
    let path = config.data.dir.join(FILE);
    if !path.exists() {
        make(&path).with_context(|| format!("cannot keep a sealing key in {}", path.display()))?;
    }
    let key = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let key = key.trim();
    anyhow::ensure!(key.len() >= super::check::SEALING_KEY_MIN, "{} holds no key", path.display());
    Ok(SecretText::new(key))
}

/// Writes the whole key under another name first: a crash never leaves half a key, and of two servers that start
/// at the same moment both read the one that was linked first.
fn make(path: &Path) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let draft = folder.join(format!("{FILE}.{}", std::process::id()));
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    writeln!(file, "{}", BASE64_STANDARD_NO_PAD.encode(rand::random::<[u8; 32]>()))?;
    file.sync_all()?;
    let linked = fs::hard_link(&draft, path);
    fs::remove_file(&draft)?;
    fs::File::open(folder)?.sync_all()?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}
