//! The folder of a cluster: where it is, whose it is, and that nobody else uses it.
//!
//! # Shape
//! `<data dir>/postgres` is the cluster's home, or a link to it: PostgreSQL refuses to run as root, and the user it
//! runs as instead may not be able to reach the data folder. In the home lie `data` (PostgreSQL's own), `run` (its
//! socket) and `lock`. PostgreSQL's log is `<data dir>/postgres.log`.

use std::{
    fs::{self, DirBuilder, File, Metadata, Permissions, TryLockError},
    io,
    os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown, symlink},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, bail};

use super::process;

/// Where clusters live whose data folder PostgreSQL cannot reach.
pub(super) const STATE_DIR: &str = "/var/lib/stoa";
/// Longest path of a socket, bytes.
const SOCKET_PATH_MAX: usize = 107;
/// From this size on a log is put aside at start, bytes.
const LOG_ASIDE_BYTES: u64 = 16 * 1024 * 1024;

/// The user that PostgreSQL runs as where we are root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Owner {
    pub(super) uid: u32,
    pub(super) gid: u32,
}

/// A folder that is ours as long as this lives.
#[derive(Debug)]
pub(super) struct Place {
    home: PathBuf,
    socket_dir: PathBuf,
    log: PathBuf,
    /// None when PostgreSQL runs as whoever we are.
    pub(super) owner: Option<Owner>,
    _lock: Lock,
}

impl Drop for Place {
    fn drop(&mut self) {
        // A short socket folder of its own is of use to nobody after this.
        if !self.socket_dir.starts_with(&self.home) {
            let _ = fs::remove_dir_all(&self.socket_dir);
        }
    }
}

/// The lock on a home. The kernel gives it up when we end, however we end.
#[derive(Debug)]
struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing alone is not enough: a child that another thread is just starting holds the file too.
        let _ = self.0.unlock();
    }
}

impl Place {
    /// Finds or makes the home of a data folder's cluster and locks it.
    pub(super) fn settle(dir: &Path, state_dir: &Path) -> anyhow::Result<Self> {
        fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
        let dir = dir.canonicalize()?;
        let (home, owner) = home_of(&dir, state_dir)?;
        if let Some(owner) = owner {
            chown(&home, Some(owner.uid), Some(owner.gid))?;
        }
        fs::set_permissions(&home, Permissions::from_mode(0o700))
            .with_context(|| format!("{} belongs to another user", home.display()))?;
        let lock = lock(&home)?;
        let socket_dir = socket_dir(&home, owner)?;
        Ok(Self { log: dir.join("postgres.log"), home, socket_dir, owner, _lock: lock })
    }

    pub(super) fn home(&self) -> &Path {
        &self.home
    }

    pub(super) fn data(&self) -> PathBuf {
        self.home.join("data")
    }

    pub(super) fn socket_dir(&self) -> &Path {
        &self.socket_dir
    }

    pub(super) fn log(&self) -> &Path {
        &self.log
    }

    /// Opens the log to append to; a long one is put aside first.
    pub(super) fn open_log(&self) -> io::Result<File> {
        if fs::metadata(&self.log).is_ok_and(|log| log.len() > LOG_ASIDE_BYTES) {
            fs::rename(&self.log, self.log.with_extension("log.1"))?;
        }
        fs::OpenOptions::new().create(true).append(true).open(&self.log)
    }

    /// Major version that made the cluster; none if there is no cluster yet.
    pub(super) fn major(&self) -> anyhow::Result<Option<u32>> {
        let path = self.data().join("PG_VERSION");
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Some(text.trim().parse().with_context(|| format!("{} is damaged", path.display()))?)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
        }
    }
}

/// The home that a data folder's cluster already has.
pub(super) fn existing_home(dir: &Path) -> Option<PathBuf> {
    dir.join("postgres").canonicalize().ok()
}

fn home_of(dir: &Path, state_dir: &Path) -> anyhow::Result<(PathBuf, Option<Owner>)> {
    let near = dir.join("postgres");
    if let Ok(home) = near.canonicalize() {
        let owner = owner_of(Some(&fs::metadata(&home)?))?;
        if let Some(owner) = owner.filter(|owner| !reaches(*owner, &home)) {
            bail!(
                "{} cannot be reached by user {}, whose it is: give that user the way to it",
                home.display(),
                owner.uid
            );
        }
        return Ok((home, owner));
    }
    if let Ok(gone) = fs::read_link(&near) {
        bail!("{} leads to {}, which is gone; remove the link to begin anew", near.display(), gone.display());
    }
    let owner = owner_of(None)?;
    let Some(other) = owner.filter(|owner| !reaches(*owner, dir)) else {
        DirBuilder::new().mode(0o700).create(&near).with_context(|| format!("cannot make {}", near.display()))?;
        return Ok((near, owner));
    };
    let home = far_home(dir, state_dir)?;
    symlink(&home, &near)?;
    tracing::info!(
        "PostgreSQL runs as user {} and cannot reach {}, so its data lies in {}",
        other.uid,
        dir.display(),
        home.display()
    );
    Ok((home, owner))
}

/// Makes a folder of a free name, after the data folder, in the state folder.
fn far_home(dir: &Path, state_dir: &Path) -> anyhow::Result<PathBuf> {
    DirBuilder::new().mode(0o755).recursive(true).create(state_dir)?;
    let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '-' };
    let path = dir.to_string_lossy();
    let tail: Vec<char> = path.trim_start_matches('/').chars().rev().take(40).map(plain).collect();
    let name: String = tail.into_iter().rev().collect();
    for number in 1..10_000 {
        let home = state_dir.join(if number == 1 { name.clone() } else { format!("{name}-{number}") });
        match DirBuilder::new().mode(0o700).create(&home) {
            Ok(()) => return Ok(home),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error).with_context(|| format!("cannot make {}", home.display())),
        }
    }
    bail!("{} is full of clusters named {name}", state_dir.display())
}

/// As whom PostgreSQL runs: as us, or, where we are root, as the owner of the home, or as the package's user.
fn owner_of(home: Option<&Metadata>) -> anyhow::Result<Option<Owner>> {
    if !process::we_are_root() {
        return Ok(None);
    }
    if let Some(home) = home.filter(|home| home.uid() != 0) {
        return Ok(Some(Owner { uid: home.uid(), gid: home.gid() }));
    }
    let ask = |what: &str| -> anyhow::Result<u32> {
        let output = Command::new("id").args([what, "postgres"]).output().context("cannot run `id`")?;
        String::from_utf8_lossy(&output.stdout).trim().parse().context(
            "PostgreSQL refuses to run as root, and there is no user `postgres` to run it as: \
             install PostgreSQL from its package, or make one by `useradd --system postgres`",
        )
    };
    Ok(Some(Owner { uid: ask("-u")?, gid: ask("-g")? }))
}

/// May pass every folder on the way to a path, by the mode bits.
fn reaches(owner: Owner, path: &Path) -> bool {
    path.ancestors().all(|folder| {
        fs::metadata(folder).is_ok_and(|folder| {
            let shift = match (folder.uid() == owner.uid, folder.gid() == owner.gid) {
                (true, _) => 6,
                (false, true) => 3,
                (false, false) => 0,
            };
            folder.mode() >> shift & 1 == 1
        })
    })
}

fn lock(home: &Path) -> anyhow::Result<Lock> {
    let path = home.join("lock");
    // Opened for reading where it exists: a lock needs no more, and root may have made it.
    let file = File::open(&path)
        .or_else(|_| File::create(&path))
        .with_context(|| format!("cannot open {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(Lock(file)),
        Err(TryLockError::WouldBlock) => bail!(
            "another server is using the private PostgreSQL in {}; stop it first. Several servers share one database \
             that STOA__DATABASE__URL names",
            home.display()
        ),
        Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("cannot lock {}", path.display())),
    }
}

/// The socket's folder: in the home, or a fresh one of a short name where that path is too long for a socket.
fn socket_dir(home: &Path, owner: Option<Owner>) -> anyhow::Result<PathBuf> {
    let near = home.join("run");
    let dir =
        if fits(&near) { near } else { std::env::temp_dir().join(format!("stoa-{:016x}", rand::random::<u64>())) };
    match DirBuilder::new().mode(0o700).create(&dir) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && dir.starts_with(home) => {}
        made => made.with_context(|| format!("cannot make {}", dir.display()))?,
    }
    if let Some(owner) = owner {
        chown(&dir, Some(owner.uid), Some(owner.gid))?;
    }
    Ok(dir)
}

/// PostgreSQL reads a list of folders here, separated by commas.
fn fits(dir: &Path) -> bool {
    let socket = dir.join(format!(".s.PGSQL.{}.lock", process::PORT));
    socket.as_os_str().len() <= SOCKET_PATH_MAX
        && dir.to_str().is_some_and(|text| !text.contains([',', '"', '\\', '\n']))
}

/// Removes what throw-away clusters left whose process was killed.
pub(super) fn sweep(parent: &Path) -> io::Result<()> {
    fs::create_dir_all(parent)?;
    for entry in fs::read_dir(parent)?.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with("pg-"))
    {
        let free = existing_home(&entry.path())
            .and_then(|home| File::open(home.join("lock")).ok())
            .is_some_and(|lock| lock.try_lock().is_ok());
        if free {
            remove(&entry.path());
        }
    }
    Ok(())
}

/// Removes a throw-away cluster. What cannot be removed is left for the next sweep.
pub(super) fn remove(dir: &Path) {
    if let Some(home) = existing_home(dir) {
        let _ = fs::remove_dir_all(home);
    }
    let _ = fs::remove_dir_all(dir);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_and_odd_paths_do_not_fit_a_socket() {
        assert!(fits(Path::new("/srv/stoa/var/postgres/run")));
        assert!(!fits(Path::new(&format!("/srv/{}/run", "x".repeat(80)))));
        assert!(!fits(Path::new("/srv/a,b/run")));
    }

    #[test]
    fn root_reaches_its_home_and_nobody_else_does() {
        let nobody = Owner { uid: 65_534, gid: 65_534 };
        assert!(reaches(nobody, Path::new("/usr")));
        assert!(!reaches(nobody, Path::new("/nowhere")));
    }
}
