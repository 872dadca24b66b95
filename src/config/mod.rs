//! Settings: typed, in layers, checked before anything starts.
//!
//! Layers, the later wins: the embedded `default.toml` → the embedded file of the environment → the file named by
//! `--config` → `STOA__SECTION__KEY` → `STOA__SECTION__KEY_FILE` for secrets.
//!
//! Not here: what a setting does. Each room takes its own options; `house` fills them in from these sections.

mod check;
mod layers;
mod sealing_key;
mod secret;
mod sections;
mod show;

use std::{fmt, path::PathBuf, str::FromStr};

use figment::{Figment, error::Kind};

pub use sealing_key::{add_sealing_key, key_source, sealing_keys};
pub use secret::SecretText;
pub use sections::{
    Accounts, Auth, Concurrency, Config, Data, Database, Imports, Ingest, Institutions, Jobs, Limits, Log, LogFormat,
    Mail, Privacy, Relay, RequestQuota, Retention, Secrets, Server, Storage, StorageKind, Support, Tenants, Webhooks,
};
pub use show::Row;

/// The text of `config/default.toml`.
pub const DEFAULTS: &str = include_str!("../../config/default.toml");

/// Where the server runs, which decides one layer of settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Environment {
    /// A developer's machine.
    Development,
    /// The test suite.
    Test,
    /// Everywhere else.
    Production,
}

impl Environment {
    /// The name, as in `--environment` and the name of its file.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Development => "development",
            Self::Test => "test",
            Self::Production => "production",
        }
    }

    /// What holds when nobody says: a debug build is for developing, a release build for production.
    const fn of_this_build() -> Self {
        if cfg!(debug_assertions) { Self::Development } else { Self::Production }
    }

    const fn layer(self) -> &'static str {
        match self {
            Self::Development => include_str!("../../config/development.toml"),
            Self::Test => include_str!("../../config/test.toml"),
            Self::Production => include_str!("../../config/production.toml"),
        }
    }
}

impl FromStr for Environment {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        [Self::Development, Self::Test, Self::Production]
            .into_iter()
            .find(|environment| environment.as_str() == name)
            .ok_or_else(|| format!("`{name}` is no environment: development, test or production"))
    }
}

/// Where settings come from.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// Environment by `--environment`; it wins over `STOA__ENVIRONMENT`.
    pub environment: Option<Environment>,
    /// File by `--config`.
    pub file: Option<PathBuf>,
    /// Environment variables; those that do not start with `STOA__` are left alone.
    pub variables: Vec<(String, String)>,
}

impl Sources {
    /// Takes the variables of this process.
    pub fn of_process(environment: Option<Environment>, file: Option<PathBuf>) -> Self {
        let variables = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        Self { environment, file, variables }
    }
}

/// What is wrong with the settings, a line for each fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faults(Vec<String>);

impl Faults {
    fn one(fault: impl Into<String>) -> Self {
        Self(vec![fault.into()])
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the configuration is not valid")?;
        self.0.iter().try_for_each(|fault| write!(f, "\n  {fault}"))
    }
}

impl std::error::Error for Faults {}

/// The settings and where each came from.
#[derive(Clone)]
pub struct Loaded {
    /// The settings, checked.
    pub config: Config,
    /// Where the server runs.
    pub environment: Environment,
    layers: Figment,
    /// For what may be read again: keys in files.
    sources: Sources,
}

impl Loaded {
    /// Puts the layers on each other, reads them into their types and checks what lies between them.
    ///
    /// # Errors
    /// Every fault that could be found, with the setting and the layer it came from.
    pub fn from(sources: &Sources) -> Result<Self, Faults> {
        let environment = match sources.environment {
            Some(environment) => environment,
            None => layers::environment(&sources.variables)?.unwrap_or(Environment::of_this_build()),
        };
        let layers = layers::stack(environment, sources)?;
        let config: Config =
            layers.extract().map_err(|errors| Faults(errors.into_iter().map(|error| told(&error)).collect()))?;
        let faults = check::faults(&config, environment);
        if faults.is_empty() {
            Ok(Self { config, environment, layers, sources: sources.clone() })
        } else {
            Err(Faults(faults))
        }
    }

    /// Every setting with its value and its layer, secrets masked, in the order of `default.toml`.
    pub fn rows(&self) -> Vec<Row> {
        show::rows(&self.layers)
    }

    /// What an operator should know at start: settings that open a door which is shut by default.
    pub fn notices(&self) -> Vec<String> {
        check::notices(&self.config, self.environment)
    }
}

/// What is wrong with a setting, and where it is set; of a secret without what it was set to.
fn told(error: &figment::Error) -> String {
    let key = error.path.join(".");
    let layer = error.metadata.as_ref().map(|metadata| metadata.name.as_ref()).unwrap_or_default();
    let fault = match &error.kind {
        _ if secret::KEYS.contains(&key.as_str()) => "wants a text between quotes".to_owned(),
        Kind::UnknownVariant(found, known) => format!("`{found}` is none of {}", known.join(", ")),
        other => other.to_string(),
    };
    format!("{key}: {fault}, in {layer}")
}

/// Without the layers, which hold secrets in the clear.
impl fmt::Debug for Loaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loaded")
            .field("environment", &self.environment)
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
