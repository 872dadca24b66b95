//! What a handler answers. The type says status and shape; the door's documentation is read off it.

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::{StatusCode, header},
};
use schemars::{Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde_json::Value;
use stoa_core::{Error, Result, db::Paged};

use super::{Arrival, Sample};
use crate::{caller::address, page};

/// What an answer must know of the request: where links begin.
#[derive(Debug, Clone)]
pub struct Wire {
    /// Public address of the server without a path, such as `https://learn.example`.
    pub base: String,
    /// Path of the request.
    pub path: String,
    /// Query of the request, as it came.
    pub query: String,
    /// Tags of answers that the client has, as they came.
    pub if_none_match: Option<String>,
}

impl Wire {
    pub(super) fn of(arrival: &Arrival) -> Self {
        let request = &arrival.request;
        Self {
            base: address::public_base(&arrival.app.settings, request),
            path: request.path().to_owned(),
            query: request.query_string().to_owned(),
            if_none_match: request
                .headers()
                .get(header::IF_NONE_MATCH)
                .and_then(|tags| tags.to_str().ok())
                .map(str::to_owned),
        }
    }
}

/// An answer.
pub trait Reply: 'static {
    /// HTTP status.
    const STATUS: u16;
    /// Media type of the body.
    const MEDIA: &'static str = "application/json";

    /// Schema of the body.
    fn shape(schemas: &mut SchemaGenerator) -> Option<Schema>;

    /// Example of the body, at a path.
    fn example(path: &str) -> Option<Value>;

    /// Writes it down.
    ///
    /// # Errors
    /// `internal` when it cannot be written as JSON.
    fn write(self, wire: &Wire) -> Result<HttpResponse>;
}

/// 200 with `{"data": …}`.
#[derive(Debug)]
pub struct Data<T>(pub T);

/// 201 with `{"data": …}`, and where to find it.
#[derive(Debug)]
pub struct Created<T> {
    /// What was made.
    pub data: T,
    /// Path of it, for `Location`.
    pub location: Option<String>,
}

/// 202 with `{"data": …}`: promised, not done yet.
#[derive(Debug)]
pub struct Accepted<T>(pub T);

/// 201 with `{"data": …}` where something was made, 200 where all was there before.
#[derive(Debug)]
pub struct Put<T> {
    /// What is there now.
    pub data: T,
    /// Something was made.
    pub is_new: bool,
}

/// 200 with `{"data": […], "links": …, "meta": …}`.
#[derive(Debug)]
pub struct Listed<T>(pub Paged<T>);

/// 200 with a page of the rows that were counted of a list without end.
#[derive(Debug)]
pub struct Windowed<T> {
    /// The page.
    pub paged: Paged<T>,
    /// `cursor` of the rows behind those that were counted.
    pub next: Option<String>,
}

/// 204.
#[derive(Debug, Clone, Copy)]
pub struct Done;

impl<T> Created<T> {
    /// Says what was made and at which path it is found.
    pub fn at(location: impl Into<String>, data: T) -> Self {
        Self { data, location: Some(location.into()) }
    }
}

impl<T> From<T> for Created<T> {
    /// For what has no path of its own.
    fn from(data: T) -> Self {
        Self { data, location: None }
    }
}

#[derive(Serialize)]
pub(super) struct Wrapped<T> {
    pub(super) data: T,
}

impl<T: Sample> Reply for Data<T> {
    const STATUS: u16 = 200;

    fn shape(schemas: &mut SchemaGenerator) -> Option<Schema> {
        Some(wrapped(&schemas.subschema_for::<T>()))
    }

    fn example(_: &str) -> Option<Value> {
        serde_json::to_value(Wrapped { data: T::sample() }).ok()
    }

    fn write(self, _: &Wire) -> Result<HttpResponse> {
        json(StatusCode::OK, &Wrapped { data: self.0 })
    }
}

impl<T: Sample> Reply for Accepted<T> {
    const STATUS: u16 = 202;

    fn shape(schemas: &mut SchemaGenerator) -> Option<Schema> {
        Data::<T>::shape(schemas)
    }

    fn example(path: &str) -> Option<Value> {
        Data::<T>::example(path)
    }

    fn write(self, _: &Wire) -> Result<HttpResponse> {
        json(StatusCode::ACCEPTED, &Wrapped { data: self.0 })
    }
}

impl<T: Sample> Reply for Created<T> {
    const STATUS: u16 = 201;

    fn shape(schemas: &mut SchemaGenerator) -> Option<Schema> {
        Data::<T>::shape(schemas)
    }

    fn example(path: &str) -> Option<Value> {
        Data::<T>::example(path)
    }

    fn write(self, wire: &Wire) -> Result<HttpResponse> {
        let mut response = json(StatusCode::CREATED, &Wrapped { data: self.data })?;
        if let Some(path) = self.location
            && let Ok(location) = header::HeaderValue::from_str(&format!("{}{path}", wire.base))
        {
            response.headers_mut().insert(header::LOCATION, location);
        }
        Ok(response)
    }
}

impl<T: Sample> Reply for Put<T> {
    const STATUS: u16 = 201;

    fn shape(schemas: &mut SchemaGenerator) -> Option<Schema> {
        Data::<T>::shape(schemas)
    }

    fn example(path: &str) -> Option<Value> {
        Data::<T>::example(path)
    }

    fn write(self, _: &Wire) -> Result<HttpResponse> {
        let status = if self.is_new { StatusCode::CREATED } else { StatusCode::OK };
        json(status, &Wrapped { data: self.data })
    }
}

impl<T: Sample> Reply for Listed<T> {
    const STATUS: u16 = 200;

    fn shape(schemas: &mut SchemaGenerator) -> Option<Schema> {
        Some(page::shape(&schemas.subschema_for::<T>(), schemas))
    }

    fn example(path: &str) -> Option<Value> {
        serde_json::to_value(page::example(vec![T::sample()], path)).ok()
    }

    fn write(self, wire: &Wire) -> Result<HttpResponse> {
        json(StatusCode::OK, &page::Page::of(self.0, wire))
    }
}

impl<T: Sample> Reply for Windowed<T> {
    const STATUS: u16 = 200;

    fn shape(schemas: &mut SchemaGenerator) -> Option<Schema> {
        Listed::<T>::shape(schemas)
    }

    fn example(path: &str) -> Option<Value> {
        Listed::<T>::example(path)
    }

    fn write(self, wire: &Wire) -> Result<HttpResponse> {
        json(StatusCode::OK, &page::Page::of_window(self.paged, self.next, wire))
    }
}

impl Reply for Done {
    const STATUS: u16 = 204;

    fn shape(_: &mut SchemaGenerator) -> Option<Schema> {
        None
    }

    fn example(_: &str) -> Option<Value> {
        None
    }

    fn write(self, _: &Wire) -> Result<HttpResponse> {
        Ok(HttpResponse::NoContent().finish())
    }
}

fn wrapped(data: &Schema) -> Schema {
    json_schema!({ "type": "object", "required": ["data"], "properties": { "data": data } })
}

pub(super) fn json<T: Serialize>(status: StatusCode, body: &T) -> Result<HttpResponse> {
    let bytes = serde_json::to_vec(body).map_err(Error::internal)?;
    Ok(HttpResponseBuilder::new(status).content_type("application/json").body(bytes))
}
