//! Where `initdb` and `postgres` are on this machine.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, bail};

/// Least major version.
const OLDEST: u32 = 15;
/// Where the packages of Debian and of PostgreSQL's own repositories put a version each.
const VERSIONED: &[(&str, &str)] = &[("/usr/lib/postgresql", ""), ("/usr", "pgsql-")];

/// The binaries of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Binaries {
    dir: PathBuf,
    /// Major version.
    pub(super) major: u32,
}

impl Binaries {
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    fn in_dir(dir: PathBuf) -> anyhow::Result<Self> {
        let output = Command::new(dir.join("postgres"))
            .arg("--version")
            .output()
            .with_context(|| format!("cannot run {}", dir.join("postgres").display()))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let major = major_of(&text).with_context(|| format!("{} says `{}`", dir.display(), text.trim()))?;
        anyhow::ensure!(dir.join("initdb").is_file(), "{} has no initdb", dir.display());
        Ok(Self { dir, major })
    }
}

/// Finds the configured binaries, else those of the major version that the cluster was made by, else the newest.
pub(super) fn find(configured: Option<&Path>, made_by: Option<u32>) -> anyhow::Result<Binaries> {
    let found: Vec<Binaries> = match configured {
        Some(dir) => vec![Binaries::in_dir(dir.to_owned()).context("database.binaries_dir")?],
        None => installed().into_iter().filter_map(|dir| Binaries::in_dir(dir).ok()).collect(),
    };
    choose(found, made_by)
}

fn choose(found: Vec<Binaries>, made_by: Option<u32>) -> anyhow::Result<Binaries> {
    let majors = found.iter().map(|binaries| binaries.major.to_string()).collect::<Vec<_>>().join(", ");
    if let Some(major) = made_by {
        return found.into_iter().find(|binaries| binaries.major == major).with_context(|| {
            format!(
                "the private cluster was made by PostgreSQL {major}, but there is {}: install postgresql-{major} \
                 beside it, or move the data with pg_upgrade",
                if majors.is_empty() { "none".to_owned() } else { format!("only {majors}") }
            )
        });
    }
    // Of equals the last wins: backwards, that is the package's own folder and not a link on the path.
    match found.into_iter().rev().max_by_key(|binaries| binaries.major) {
        Some(newest) if newest.major >= OLDEST => Ok(newest),
        Some(_) => bail!("PostgreSQL {OLDEST} or newer is needed, but there is only {majors}"),
        None => bail!(
            "no PostgreSQL server is installed: run `scripts/setup`, or name a database by STOA__DATABASE__URL, \
             or the folder of its binaries by STOA__DATABASE__BINARIES_DIR"
        ),
    }
}

/// Folders that hold a `postgres`.
fn installed() -> Vec<PathBuf> {
    let versioned = VERSIONED.iter().flat_map(|(parent, prefix)| {
        let entries = std::fs::read_dir(parent).into_iter().flatten().flatten();
        entries
            .filter(move |entry| entry.file_name().to_string_lossy().starts_with(prefix))
            .map(|entry| entry.path().join("bin"))
    });
    let path = std::env::var_os("PATH").unwrap_or_default();
    versioned.chain(std::env::split_paths(&path)).filter(|dir| dir.join("postgres").is_file()).collect()
}

/// Reads `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
fn major_of(version: &str) -> Option<u32> {
    let number = version.split_whitespace().nth(2)?;
    number.split(|letter: char| !letter.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some(major: u32) -> Binaries {
        Binaries { dir: PathBuf::from(format!("/opt/{major}")), major }
    }

    #[test]
    fn reads_versions() {
        assert_eq!(major_of("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"), Some(15));
        assert_eq!(major_of("postgres (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(major_of("something else"), None);
    }

    #[test]
    fn a_cluster_keeps_its_version() {
        assert_eq!(choose(vec![some(15), some(17)], None).unwrap().major, 17);
        assert_eq!(choose(vec![some(15), some(17)], Some(15)).unwrap().major, 15);
        let said = choose(vec![some(17)], Some(15)).unwrap_err().to_string();
        assert!(said.contains("made by PostgreSQL 15") && said.contains("only 17"), "{said}");
        assert!(choose(vec![some(13)], None).unwrap_err().to_string().contains("15 or newer"));
        assert!(choose(vec![], None).unwrap_err().to_string().contains("scripts/setup"));
    }
}
