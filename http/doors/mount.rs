//! Hanging the doors: routes for the server, and what stands where no door is.

use std::{collections::BTreeMap, sync::Arc};

use actix_web::{
    HttpRequest, HttpResponse, Resource,
    guard::{self, Guard},
    http::{
        Method,
        header::{self, HeaderValue},
    },
    web,
};
use stoa_core::{Code, Error};

use super::{Arrival, Door, Doors};
use crate::{
    edge::{self, Way},
    state::App,
    surface,
};

impl Doors {
    /// Hangs every door, and answers 405 beside them and 404 everywhere else.
    #[expect(clippy::disallowed_methods, reason = "this is the home of routes")]
    pub fn mount(&self, config: &mut web::ServiceConfig, app: &Arc<App>) {
        let mut paths: BTreeMap<Order, Vec<&Door>> = BTreeMap::new();
        for door in self.list() {
            paths.entry(Order::of(door.path)).or_default().push(door);
        }
        for (order, doors) in paths {
            config.service(resource(order.path, &doors, app));
        }
        let app = Arc::clone(app);
        config.default_service(web::to(move |request: HttpRequest| {
            edge::run(Arc::clone(&app), request, Way::NOWHERE, |_| async { Err(Error::not_found("resource")) })
        }));
    }
}

/// A fixed name before a part that takes any: `/courses/import` before `/courses/{course}`.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Order {
    parts: Vec<(bool, &'static str)>,
    path: &'static str,
}

impl Order {
    fn of(path: &'static str) -> Self {
        Self { parts: path.split('/').map(|part| (part.starts_with('{'), part)).collect(), path }
    }
}

fn resource(path: &'static str, doors: &[&Door], app: &Arc<App>) -> Resource {
    let mut resource = web::resource(path);
    for door in doors {
        let (door, app) = ((*door).clone(), Arc::clone(app));
        let way = Way { template: door.path, operation: door.operation };
        let guard = method(&door);
        resource = resource.route(web::route().guard(guard).to(move |request: HttpRequest, payload: web::Payload| {
            let door = door.clone();
            edge::run(Arc::clone(&app), request, way, move |arrival| door.serve(arrival, payload))
        }));
    }
    let (app, allow) = (Arc::clone(app), allowed(doors));
    let way = Way { template: path, operation: "none" };
    resource.default_service(web::to(move |request: HttpRequest| {
        let allow = allow.clone();
        edge::run(Arc::clone(&app), request, way, |arrival| async move { Ok(other_method(&arrival, allow)) })
    }))
}

/// HEAD is a GET whose body is left out; the server leaves it out.
fn method(door: &Door) -> impl Guard + use<> {
    let wanted = door.method.clone();
    guard::fn_guard(move |context| {
        let method = &context.head().method;
        *method == wanted || (wanted == Method::GET && *method == Method::HEAD)
    })
}

fn allowed(doors: &[&Door]) -> HeaderValue {
    let mut methods: Vec<&str> = doors.iter().map(|door| door.method.as_str()).collect();
    if methods.contains(&"GET") {
        methods.push("HEAD");
    }
    methods.push("OPTIONS");
    HeaderValue::from_str(&methods.join(", ")).unwrap_or(HeaderValue::from_static("OPTIONS"))
}

fn other_method(arrival: &Arrival, allow: HeaderValue) -> HttpResponse {
    let mut response = if arrival.request.method() == Method::OPTIONS {
        HttpResponse::NoContent().finish()
    } else {
        let error = Error::new(Code::MethodNotAllowed, "not this method; the header Allow names those that are");
        surface::respond(surface::at(arrival.request.path()), &error, &arrival.request_id)
    };
    response.headers_mut().insert(header::ALLOW, allow);
    response
}
