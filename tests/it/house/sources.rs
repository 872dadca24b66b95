//! The files of the project, as somebody who reads them finds them.

use std::path::{Path, PathBuf};

/// Folders that are not ours or are made by building.
const NOT_READ: [&str; 4] = ["target", ".git", "var", "node_modules"];

/// Where the project lies.
pub(super) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A text of the project.
pub(super) fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A file, by its path from the root.
pub(super) struct Source {
    pub(super) path: String,
    pub(super) text: String,
}

impl Source {
    /// Is somewhere under a folder.
    pub(super) fn is_under(&self, folder: &str) -> bool {
        self.path.starts_with(&format!("{folder}/"))
    }

    pub(super) fn lines(&self) -> usize {
        self.text.lines().count()
    }
}

/// Every readable file, in order.
pub(super) fn files() -> Vec<Source> {
    let mut found = Vec::new();
    gather(root(), &mut found);
    found.sort();
    let readable = found.into_iter().filter_map(|path| {
        let text = std::fs::read_to_string(&path).ok()?;
        let path = path.strip_prefix(root()).ok()?.to_string_lossy().into_owned();
        Some(Source { path, text })
    });
    readable.collect()
}

/// Every file whose name ends so.
pub(super) fn files_named(ending: &str) -> Vec<Source> {
    files().into_iter().filter(|source| source.path.ends_with(ending)).collect()
}

/// Every folder, with how many entries it has.
pub(super) fn folders() -> Vec<(String, usize)> {
    let mut folders = std::collections::BTreeMap::<String, std::collections::BTreeSet<String>>::new();
    for source in files() {
        let mut parts: Vec<&str> = source.path.split('/').collect();
        while let Some(entry) = parts.pop() {
            folders.entry(parts.join("/")).or_default().insert(entry.to_owned());
        }
    }
    folders.into_iter().map(|(folder, entries)| (folder, entries.len())).collect()
}

fn gather(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        if NOT_READ.iter().any(|skipped| name == *skipped) {
            continue;
        }
        if path.is_dir() {
            gather(&path, found);
        } else {
            found.push(path);
        }
    }
}
