//! One door as an operation.

use schemars::Schema;
use serde_json::{Map, Value, json};

use super::{errors, schemas::Schemas};
use crate::{
    body::Presence,
    doors::{Access, Door},
};

pub(super) fn of(door: &Door, schemas: &mut Schemas) -> Value {
    let mut operation = Map::new();
    operation.insert("operationId".into(), door.operation.into());
    operation.insert("tags".into(), json!([door.tag]));
    operation.insert("summary".into(), door.summary.into());
    operation.insert("security".into(), security(door.access));
    let parameters = parameters(door, schemas);
    if !parameters.is_empty() {
        operation.insert("parameters".into(), parameters.into());
    }
    if door.takes.presence != Presence::None {
        operation.insert("requestBody".into(), body(door, schemas));
    }
    let mut responses = Map::new();
    responses.insert(door.gives.status.to_string(), success(door, schemas));
    responses.extend(errors::responses(door));
    operation.insert("responses".into(), responses.into());
    operation.into()
}

fn body(door: &Door, schemas: &mut Schemas) -> Value {
    let content = match door.takes.presence {
        Presence::File => {
            let forms = (door.takes.files)(&mut schemas.taken).into_iter();
            forms
                .map(|form| (form.media.to_owned(), json!({ "schema": form.shape, "example": form.example })))
                .collect()
        }
        Presence::None | Presence::Optional | Presence::Required => {
            let (schema, example) = ((door.takes.body)(&mut schemas.taken), (door.takes.example)());
            Map::from_iter([("application/json".to_owned(), json!({ "schema": schema, "example": example }))])
        }
    };
    json!({ "required": door.takes.presence != Presence::Optional, "content": Value::Object(content) })
}

fn security(access: Access) -> Value {
    match access {
        Access::Public => json!([]),
        Access::SignedIn => json!([{ "bearer": [] }]),
        Access::Needs(ability) => json!([{ "bearer": [ability.as_str()] }]),
        Access::AnyStaff => json!([{ "staff": [] }]),
        Access::Staff(role) => json!([{ "staff": [role.as_str()] }]),
        Access::Either(ability, role) => json!([{ "bearer": [ability.as_str()] }, { "staff": [role.as_str()] }]),
    }
}

fn parameters(door: &Door, schemas: &mut Schemas) -> Vec<Value> {
    let path = (door.takes.path)(&mut schemas.taken);
    let query = (door.takes.query)(&mut schemas.taken);
    let mut parameters = one_by_one(&path, "path");
    parameters.extend(one_by_one(&query, "query"));
    if door.takes_idempotency_key() {
        parameters.push(json!({ "$ref": "#/components/parameters/IdempotencyKey" }));
    }
    parameters
}

/// The properties of an object, each as a parameter.
fn one_by_one(object: &Schema, place: &str) -> Vec<Value> {
    let required: Vec<&str> =
        object.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let properties = object.get("properties").and_then(Value::as_object);
    let parameter = |(name, schema): (&String, &Value)| {
        let mut schema = schema.clone();
        let description = schema.as_object_mut().and_then(|schema| schema.remove("description"));
        let mut parameter = json!({
            "name": name,
            "in": place,
            "required": place == "path" || required.contains(&name.as_str()),
        });
        if let Value::Object(parameter) = &mut parameter {
            parameter.extend(description.map(|description| ("description".to_owned(), description)));
            if schema.get("type").is_some_and(|kind| *kind == "array") {
                // Written `ids=a,b`.
                parameter.insert("style".into(), "form".into());
                parameter.insert("explode".into(), false.into());
            }
            parameter.insert("schema".into(), schema);
        }
        parameter
    };
    properties.into_iter().flatten().map(parameter).collect()
}

fn success(door: &Door, schemas: &mut Schemas) -> Value {
    let mut response = json!({
        "description": match door.gives.status {
            201 => "Made",
            204 => "Done",
            _ => "What was asked for",
        },
        "headers": { "X-Request-Id": { "$ref": "#/components/headers/RequestId" } },
    });
    if let Some(schema) = (door.gives.body)(&mut schemas.given)
        && let Value::Object(response) = &mut response
    {
        let mut content = json!({ "schema": schema });
        if let (Some(example), Value::Object(content)) = ((door.gives.example)(door.path), &mut content) {
            content.insert("example".into(), example);
        }
        response.insert("content".into(), json!({ door.gives.media: content }));
    }
    response
}
