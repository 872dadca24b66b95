//! The effective settings as rows, for `stoa config check`.

use figment::{Figment, value::Value};

use super::{DEFAULTS, secret};

/// A setting as it is in effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its name, `section.key`.
    pub key: String,
    /// Its value as TOML writes it; a secret shows only whether it is set.
    pub value: String,
    /// The layer it came from.
    pub layer: String,
}

pub(super) fn rows(layers: &Figment) -> Vec<Row> {
    keys().into_iter().filter_map(|key| row(layers, key)).collect()
}

fn row(layers: &Figment, key: String) -> Option<Row> {
    let value = layers.find_value(&key).ok()?;
    let layer = layers.get_metadata(value.tag()).map(|metadata| metadata.name.to_string()).unwrap_or_default();
    let value = match secret::KEYS.contains(&key.as_str()) {
        true if value.as_str() == Some("") => "(not set)".to_owned(),
        true => "(set)".to_owned(),
        false => written(&value),
    };
    Some(Row { key, value, layer })
}

fn written(value: &Value) -> String {
    match value {
        Value::String(_, text) => format!("{text:?}"),
        Value::Bool(_, flag) => flag.to_string(),
        Value::Array(_, parts) => format!("[{}]", parts.iter().map(written).collect::<Vec<_>>().join(", ")),
        other => other.to_i128().map(|number| number.to_string()).unwrap_or_default(),
    }
}

/// Names of all settings in the order of `default.toml`.
fn keys() -> Vec<String> {
    let mut section = "";
    let mut keys = Vec::new();
    for line in DEFAULTS.lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            section = name;
        } else if let Some((key, _)) = line.split_once(" = ").filter(|_| !line.starts_with('#')) {
            keys.push(format!("{section}.{key}"));
        }
    }
    keys
}
