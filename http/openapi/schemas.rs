//! The schemas of the document, of what is taken and of what is given.
//!
//! One type may look different on its two ways: a field that may be left out of a body is never left out of an
//! answer. Where it does, the body's schema has `Input` behind its name.

use std::collections::BTreeSet;

use schemars::{SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value};

use crate::problem::Problem;

/// Where the schemas of bodies are kept until the document is whole.
const TAKEN: &str = "/components/taken";
const GIVEN: &str = "/components/schemas";

/// Both kinds.
pub(super) struct Schemas {
    /// Of bodies and parameters.
    pub(super) taken: SchemaGenerator,
    /// Of answers.
    pub(super) given: SchemaGenerator,
}

impl Schemas {
    /// Starts with the schema of a problem, which every door may answer.
    pub(super) fn new() -> Self {
        let settings = |path: &str| {
            SchemaSettings::draft2020_12().with(|settings| {
                settings.definitions_path = path.to_owned().into();
                settings.meta_schema = None;
            })
        };
        let mut given = settings(GIVEN).for_serialize().into_generator();
        given.subschema_for::<Problem>();
        Self { taken: settings(TAKEN).for_deserialize().into_generator(), given }
    }

    /// Puts every schema into the document and turns every reference to where it leads.
    pub(super) fn settle(mut self, document: &mut Value) {
        let mut schemas = self.given.take_definitions(true);
        let taken = self.taken.take_definitions(true);
        let others = others(&taken, &schemas);
        for (name, schema) in taken {
            let name = named(&name, &others);
            schemas.entry(name).or_insert(schema);
        }
        if let Some(place) = document.pointer_mut(GIVEN) {
            *place = Value::Object(schemas);
        }
        turn(document, &|name| named(name, &others));
    }
}

/// The names that mean something else on the way in: themselves, or by what they refer to.
fn others(taken: &Map<String, Value>, given: &Map<String, Value>) -> BTreeSet<String> {
    let mut others = BTreeSet::new();
    loop {
        let before = others.len();
        for (name, schema) in taken {
            let mut as_given = schema.clone();
            turn(&mut as_given, &|name| named(name, &others));
            if given.get(name).is_some_and(|known| *known != as_given) {
                others.insert(name.clone());
            }
        }
        if others.len() == before {
            return others;
        }
    }
}

fn named(name: &str, others: &BTreeSet<String>) -> String {
    if others.contains(name) { format!("{name}Input") } else { name.to_owned() }
}

/// Turns each reference to a taken schema to where that schema is.
fn turn(tree: &mut Value, named: &impl Fn(&str) -> String) {
    match tree {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get_mut("$ref")
                && let Some(name) =
                    reference.strip_prefix('#').and_then(|path| path.strip_prefix(TAKEN)?.strip_prefix('/'))
            {
                *reference = format!("#{GIVEN}/{}", named(name));
            }
            members.values_mut().for_each(|member| turn(member, named));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| turn(item, named)),
        _ => {}
    }
}
