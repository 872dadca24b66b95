//! Every sample is what its schema says, in every dialect and every version of it.
//!
//! The reader below knows the words that our schemas use and stops at any other, so that none is passed over.
//!
//! # Source
//! JSON Schema 2020-12, core sections 8.2.3 (`$ref`) and 10, validation section 6.

use serde_json::{Map, Value, json};

use crate::{
    event::{EventType, sample},
    webhook::{Audience, DialectName},
};

/// Words that explain and do not bind.
const WORDS: [&str; 9] =
    ["$schema", "$defs", "title", "description", "format", "default", "examples", "$comment", "minimum"];

struct Reader<'a>(&'a Value);

impl Reader<'_> {
    fn faults(&self, schema: &Value, value: &Value, at: &str) -> Vec<String> {
        let Value::Object(schema) = schema else {
            return if *schema == json!(true) { Vec::new() } else { vec![format!("{at}: nothing is allowed")] };
        };
        schema.iter().flat_map(|(word, wanted)| self.word((word, wanted), schema, value, at)).collect()
    }

    fn word(
        &self,
        (word, wanted): (&str, &Value),
        schema: &Map<String, Value>,
        value: &Value,
        at: &str,
    ) -> Vec<String> {
        let fault = |holds: bool| if holds { Vec::new() } else { vec![format!("{at}: {word} {wanted}, not {value}")] };
        match word {
            "$ref" => {
                let path = wanted.as_str().unwrap().strip_prefix('#').expect("a reference inside");
                self.faults(self.0.pointer(path).expect("what is referred to"), value, at)
            }
            "type" => fault(match wanted {
                Value::Array(any) => any.iter().any(|one| is(one, value)),
                one => is(one, value),
            }),
            "const" => fault(wanted == value),
            "enum" => fault(wanted.as_array().unwrap().contains(value)),
            "required" => {
                let names = wanted.as_array().unwrap().iter().map(|name| name.as_str().unwrap());
                fault(value.as_object().is_none_or(|object| names.clone().all(|name| object.contains_key(name))))
            }
            "properties" => {
                let Some(object) = value.as_object() else { return Vec::new() };
                let known = wanted.as_object().unwrap();
                let each = object.iter().map(|(name, value)| (known.get(name), format!("{at}/{name}"), value));
                each.flat_map(|(known, at, value)| match known {
                    Some(known) => self.faults(known, value, &at),
                    // Ours is a closed shape: what a body has, its schema names.
                    None => vec![format!("{at} is not in the schema")],
                })
                .collect()
            }
            "additionalProperties" => {
                let known = schema.get("properties").and_then(Value::as_object);
                let others = value.as_object().into_iter().flatten();
                let others = others.filter(|(name, _)| known.is_none_or(|known| !known.contains_key(*name)));
                others.flat_map(|(name, value)| self.faults(wanted, value, &format!("{at}/{name}"))).collect()
            }
            "items" => {
                let rows = value.as_array().map_or(&[][..], Vec::as_slice).iter().enumerate();
                rows.flat_map(|(nth, row)| self.faults(wanted, row, &format!("{at}/{nth}"))).collect()
            }
            "anyOf" | "oneOf" => {
                let fits =
                    wanted.as_array().unwrap().iter().filter(|one| self.faults(one, value, at).is_empty()).count();
                fault(if word == "anyOf" { fits > 0 } else { fits == 1 })
            }
            word if WORDS.contains(&word) => Vec::new(),
            word => panic!("{at}: the reader does not know {word} in {}", Value::Object(schema.clone())),
        }
    }
}

fn is(word: &Value, value: &Value) -> bool {
    match word.as_str().unwrap() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("no such type: {other}"),
    }
}

#[test]
fn every_sample_is_what_its_schema_says() {
    let mut read = 0;
    for name in DialectName::ALL {
        let dialect = name.dialect();
        let versions: Vec<Option<&str>> = match dialect.versions() {
            [] => vec![None],
            versions => versions.iter().map(|version| Some(*version)).collect(),
        };
        for event_type in EventType::ALL.iter().copied() {
            for api_version in versions.iter().copied() {
                let schema = dialect.schema(event_type, api_version);
                assert_eq!(schema.is_some(), dialect.speaks(event_type), "{name} {event_type}");
                let Some(schema) = schema else { continue };
                let audience = Audience { webhook_id: "whk_1", api_version, base_url: "https://stoa.example.com" };
                let body = dialect.render(&sample(event_type), &audience).unwrap();
                let (schema, body) = (schema.to_value(), serde_json::from_slice(&body).unwrap());
                let faults = Reader(&schema).faults(&schema, &body, "");
                assert!(faults.is_empty(), "{name} {event_type}: {faults:#?}\n{schema:#}");
                read += 1;
            }
        }
    }
    assert!(read > 40, "{read}");
}

#[test]
fn a_schema_of_one_type_refuses_the_body_of_another() {
    let schema = DialectName::Talktiko.dialect().schema(EventType::UserCreated, None).unwrap().to_value();
    let audience = Audience { webhook_id: "whk_1", api_version: None, base_url: "" };
    let body = DialectName::Talktiko.dialect().render(&sample(EventType::WebhookPing), &audience).unwrap();
    let faults = Reader(&schema).faults(&schema, &serde_json::from_slice(&body).unwrap(), "");
    assert!(faults.iter().any(|fault| fault.starts_with("/type: const")), "{faults:?}");
}
