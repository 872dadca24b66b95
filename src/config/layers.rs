//! The layers of settings, each a dictionary with a name that `config check` shows.

use std::path::Path;

use figment::{
    Figment, Metadata, Profile, Provider,
    providers::{Format, Toml},
    value::{Dict, Map, Value},
};

use super::{DEFAULTS, Environment, Faults, Sources, secret};

const PREFIX: &str = "STOA__";
const ENVIRONMENT: &str = "STOA__ENVIRONMENT";

struct Layer {
    name: String,
    values: Dict,
}

impl Layer {
    fn toml(name: impl Into<String>, text: &str) -> Result<Self, Faults> {
        let name = name.into();
        match Toml::from_str(text) {
            Ok(values) => Ok(Self { name, values }),
            Err(error) => {
                // Without the line itself, on which a secret may stand.
                let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
                let line = before.matches('\n').count() + 1;
                Err(Faults::one(format!("{name}, line {line}: {}", error.message())))
            }
        }
    }

    /// One value under its path; a layer for each variable, so that each is named.
    fn one(name: &str, path: &[String], value: Value) -> Self {
        let mut nested = value;
        for key in path.iter().skip(1).rev() {
            nested = Value::from(Dict::from([(key.clone(), nested)]));
        }
        let values = path.first().map(|section| Dict::from([(section.clone(), nested)])).unwrap_or_default();
        Self { name: name.to_owned(), values }
    }
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.name.clone())
    }

    fn data(&self) -> figment::Result<Map<Profile, Dict>> {
        Ok(Map::from([(Profile::Default, self.values.clone())]))
    }
}

/// The environment that `STOA__ENVIRONMENT` names.
pub(super) fn environment(variables: &[(String, String)]) -> Result<Option<Environment>, Faults> {
    variables
        .iter()
        .find(|(name, _)| name == ENVIRONMENT)
        .map(|(name, value)| value.parse().map_err(|fault| Faults::one(format!("{name}: {fault}"))))
        .transpose()
}

pub(super) fn stack(environment: Environment, sources: &Sources) -> Result<Figment, Faults> {
    let defaults = Layer::toml("default.toml", DEFAULTS)?;
    let known = Value::from(defaults.values.clone());
    let mut stack = Figment::from(defaults);
    stack = stack.merge(Layer::toml(format!("{}.toml", environment.as_str()), environment.layer())?);
    if let Some(path) = &sources.file {
        stack = stack.merge(file(path)?);
    }
    let mut faults = Vec::new();
    for (name, value) in sources.variables.iter().filter(|(name, _)| name.starts_with(PREFIX) && name != ENVIRONMENT) {
        match variable(name, value, &known, &sources.variables) {
            Ok(layer) => stack = stack.merge(layer),
            Err(fault) => faults.push(format!("{name}: {fault}")),
        }
    }
    if faults.is_empty() { Ok(stack) } else { Err(Faults(faults)) }
}

fn file(path: &Path) -> Result<Layer, Faults> {
    let text = std::fs::read_to_string(path).map_err(|error| Faults::one(format!("{}: {error}", path.display())))?;
    Layer::toml(path.display().to_string(), &text)
}

fn variable(name: &str, text: &str, known: &Value, all: &[(String, String)]) -> Result<Layer, String> {
    let path = |name: &str| -> Vec<String> {
        name.trim_start_matches(PREFIX).split("__").map(str::to_ascii_lowercase).collect()
    };
    if let Some(plain) = name.strip_suffix("_FILE")
        && secret::KEYS.contains(&path(plain).join(".").as_str())
    {
        if all.iter().any(|(other, _)| other == plain) {
            return Err(format!("{plain} is set too; keep one of them"));
        }
        let content = std::fs::read_to_string(text).map_err(|error| format!("{text}: {error}"))?;
        return Ok(Layer::one(name, &path(plain), Value::from(content.trim_end().to_owned())));
    }
    let path = path(name);
    let default = known.find_ref(&path.join("."));
    let value = default.map_or_else(|| Err("there is no such setting".to_owned()), |default| like(default, text))?;
    Ok(Layer::one(name, &path, value))
}

/// Reads a variable's text as what the default is, so that a password of digits stays a text.
fn like(default: &Value, text: &str) -> Result<Value, String> {
    match default {
        Value::String(..) => Ok(Value::from(text)),
        Value::Bool(..) => text.parse::<bool>().map(Value::from).map_err(|_| "wants true or false".to_owned()),
        Value::Num(..) => text.parse::<u64>().map(Value::from).map_err(|_| "wants a whole number".to_owned()),
        Value::Array(..) => Ok(Value::from(
            text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(Value::from).collect::<Vec<_>>(),
        )),
        _ => Err("is a section, not a setting".to_owned()),
    }
}
