//! The doors: the only place where a route is mounted.
//!
//! One door is one line of contract: method, path, who may pass, what it is called, and the handler, whose
//! signature says the rest. From the doors come the routes, the OpenAPI document and the sweeps of the
//! structural tests, so none of them can drift from another.
//!
//! Not here: what a door does (`http::api` and the other surfaces), how an error looks on the wire (`http::surface`).

mod call;
mod courses;
mod fresh;
mod idempotency;
mod mount;
mod part;
mod reply;
pub mod sample;
mod stretch;
mod upload;

use std::sync::Arc;

use actix_web::{HttpResponse, http::Method, web};
use futures::future::LocalBoxFuture;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde_json::Value;
use stoa_core::{Ability, Code, Result, staff::StaffRole, tokens::RateClass};

pub use call::{Admits, Arrival, Call, NoPath, NoQuery, Visit, Visitor};
pub use fresh::{Changed, Fresh, IfMatch, Public};
pub use part::{Part, PartAsked};
pub use reply::{Accepted, Created, Data, Done, Listed, Put, Reply, Windowed, Wire};
pub use sample::Sample;
pub use stretch::Stretch;
pub use upload::{FileForm, Intake};

use super::{
    body::{Body, NoBody, Presence, read},
    limits::class_of,
    surface::{self, Surface},
};

/// Names who may pass a door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody.
    Public,
    /// Whoever shows a valid token.
    SignedIn,
    /// Whoever shows a token with this ability.
    Needs(Ability),
    /// Whoever of the platform's staff has this role, or is an operator. No institution's token passes.
    Staff(StaffRole),
    /// Whoever is of the platform's staff, whatever the role: the doors to one's own account.
    AnyStaff,
    /// Both: whoever shows an institution's token with this ability, and whoever of the staff has this role.
    Either(Ability, StaffRole),
}

impl Access {
    /// The ability that an institution's token must have here, if it must have one.
    pub const fn ability(self) -> Option<Ability> {
        match self {
            Self::Needs(ability) | Self::Either(ability, _) => Some(ability),
            Self::Public | Self::SignedIn | Self::Staff(_) | Self::AnyStaff => None,
        }
    }

    /// The role that somebody of the staff must have here; none where the staff has no business.
    pub const fn role(self) -> Option<StaffRole> {
        match self {
            Self::Staff(role) | Self::Either(_, role) => Some(role),
            Self::Public | Self::SignedIn | Self::Needs(_) | Self::AnyStaff => None,
        }
    }

    /// Does an institution's token open it.
    pub const fn admits_institutions(self) -> bool {
        matches!(self, Self::SignedIn | Self::Needs(_) | Self::Either(..))
    }
}

type Serve = Arc<dyn Fn(Arrival, web::Payload, Access) -> LocalBoxFuture<'static, Result<HttpResponse>> + Send + Sync>;
type Shape = fn(&mut SchemaGenerator) -> Schema;

/// A door. Made by [`Door::get`], [`Door::post`] and their kin.
#[derive(Clone)]
pub struct Door {
    /// HTTP method.
    pub method: Method,
    /// Path with `{names}` of its parts.
    pub path: &'static str,
    /// Who may pass.
    pub access: Access,
    /// Name of the operation, in camel case; unique.
    pub operation: &'static str,
    /// Chapter of the documentation.
    pub tag: &'static str,
    /// What it does, in one sentence.
    pub summary: &'static str,
    /// Which limit its requests count against.
    pub class: RateClass,
    /// It leads to courses and what hangs below them, and nowhere else.
    pub within_courses: bool,
    /// Codes that this door alone answers, beside those that every door of its kind may.
    pub errors: &'static [Code],
    /// What goes in.
    pub takes: Takes,
    /// What comes out.
    pub gives: Gives,
    serve: Serve,
}

/// What a door takes, for the documentation and for the sweeps.
#[derive(Clone, Copy)]
pub struct Takes {
    /// Schema of an object with one property for each part of the path.
    pub path: Shape,
    /// Schema of an object with one property for each query parameter.
    pub query: Shape,
    /// Schema of the body.
    pub body: Shape,
    /// Is there a body.
    pub presence: Presence,
    /// The ways in which a file may be sent; none where the body is no file.
    pub files: fn(&mut SchemaGenerator) -> Vec<FileForm>,
    /// A body that is accepted.
    pub example: fn() -> Value,
    /// Is a body accepted.
    pub accepts: fn(&Value) -> Result<()>,
}

/// What a door gives when all went well.
#[derive(Clone, Copy)]
pub struct Gives {
    /// HTTP status.
    pub status: u16,
    /// Media type of the body.
    pub media: &'static str,
    /// Schema of the body, if there is one.
    pub body: fn(&mut SchemaGenerator) -> Option<Schema>,
    /// A body as it is answered.
    pub example: fn(path: &str) -> Option<Value>,
}

macro_rules! with_body {
    ($($name:ident = $method:ident, $words:literal;)*) => { $(
        #[doc = $words]
        pub fn $name<P, Q, B, S, R, Fut>(
            path: &'static str,
            handler: impl Fn(Call<P, Q, B, S>) -> Fut + Send + Sync + 'static,
        ) -> Self
        where
            P: DeserializeOwned + JsonSchema + 'static,
            Q: DeserializeOwned + JsonSchema + 'static,
            B: Body,
            S: Admits,
            R: Reply,
            Fut: Future<Output = Result<R>> + 'static,
        {
            Self::new(Method::$method, path, handler)
        }
    )* };
}

impl Door {
    with_body! {
        post = POST, "A door for POST.";
        put = PUT, "A door for PUT.";
        patch = PATCH, "A door for PATCH.";
    }

    /// A door for GET, and HEAD with it.
    pub fn get<P, Q, S, R, Fut>(
        path: &'static str,
        handler: impl Fn(Call<P, Q, NoBody, S>) -> Fut + Send + Sync + 'static,
    ) -> Self
    where
        P: DeserializeOwned + JsonSchema + 'static,
        Q: DeserializeOwned + JsonSchema + 'static,
        S: Admits,
        R: Reply,
        Fut: Future<Output = Result<R>> + 'static,
    {
        Self::new(Method::GET, path, handler)
    }

    /// A door for DELETE.
    pub fn delete<P, Q, S, R, Fut>(
        path: &'static str,
        handler: impl Fn(Call<P, Q, NoBody, S>) -> Fut + Send + Sync + 'static,
    ) -> Self
    where
        P: DeserializeOwned + JsonSchema + 'static,
        Q: DeserializeOwned + JsonSchema + 'static,
        S: Admits,
        R: Reply,
        Fut: Future<Output = Result<R>> + 'static,
    {
        Self::new(Method::DELETE, path, handler)
    }

    fn new<P, Q, B, S, R, Fut>(
        method: Method,
        path: &'static str,
        handler: impl Fn(Call<P, Q, B, S>) -> Fut + Send + Sync + 'static,
    ) -> Self
    where
        P: DeserializeOwned + JsonSchema + 'static,
        Q: DeserializeOwned + JsonSchema + 'static,
        B: Body,
        S: Admits,
        R: Reply,
        Fut: Future<Output = Result<R>> + 'static,
    {
        Self {
            class: class_of(&method, path, S::ACCESS),
            method,
            path,
            access: S::ACCESS,
            within_courses: courses::is_within(path),
            operation: "",
            tag: "",
            summary: "",
            errors: &[],
            takes: Takes {
                path: P::json_schema,
                query: Q::json_schema,
                body: SchemaGenerator::subschema_for::<B>,
                presence: B::PRESENCE,
                files: |_| Vec::new(),
                example: B::example,
                accepts: |body| read::<B>(body.to_string().as_bytes()).map(drop),
            },
            gives: Gives { status: R::STATUS, media: R::MEDIA, body: R::shape, example: R::example },
            serve: call::serving(handler),
        }
    }

    /// Lets pass only who has this ability, and beside him staff where the door admits it. Means nothing at a door for
    /// visitors, who have none.
    #[must_use]
    pub fn needs(mut self, ability: Ability) -> Self {
        self.access = match self.access {
            Access::SignedIn => Access::Needs(ability),
            Access::Either(_, role) => Access::Either(ability, role),
            other @ (Access::Public | Access::Needs(_) | Access::Staff(_) | Access::AnyStaff) => other,
        };
        self
    }

    /// Lets pass only staff of this role, and beside it institutions where the door admits them. Means nothing at any
    /// other door.
    #[must_use]
    pub fn staffed_by(mut self, role: StaffRole) -> Self {
        self.access = match self.access {
            Access::Staff(_) => Access::Staff(role),
            Access::Either(ability, _) => Access::Either(ability, role),
            other @ (Access::Public | Access::SignedIn | Access::Needs(_) | Access::AnyStaff) => other,
        };
        self
    }

    /// Names the operation, its chapter and what it does.
    #[must_use]
    pub fn named(mut self, operation: &'static str, tag: &'static str, summary: &'static str) -> Self {
        (self.operation, self.tag, self.summary) = (operation, tag, summary);
        self
    }

    /// Counts its requests against another limit than the one that its method and path say.
    #[must_use]
    pub fn class(mut self, class: RateClass) -> Self {
        self.class = class;
        self
    }

    /// Adds the codes that this door alone may answer: `conflict`, `not_enrolled` and such.
    #[must_use]
    pub fn errors(mut self, errors: &'static [Code]) -> Self {
        self.errors = errors;
        self
    }

    /// Names of the parts of the path, in order.
    pub fn parts(&self) -> impl Iterator<Item = &'static str> {
        self.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
    }

    /// A path with every part filled in, for a sweep.
    pub fn path_with(&self, fill: impl Fn(&'static str) -> String) -> String {
        self.parts().fold(self.path.to_owned(), |path, part| path.replace(&format!("{{{part}}}"), &fill(part)))
    }

    /// Can a request be named, so that it may be sent again: where something is changed by a holder of a token.
    pub fn takes_idempotency_key(&self) -> bool {
        idempotency::takes_key(&self.method) && self.access.admits_institutions()
    }

    /// Whose language it speaks.
    pub fn surface(&self) -> Surface {
        surface::at(self.path)
    }

    pub(crate) fn serve(
        &self,
        arrival: Arrival,
        payload: web::Payload,
    ) -> LocalBoxFuture<'static, Result<HttpResponse>> {
        let arrival = arrival.at(self);
        (self.serve)(arrival, payload, self.access)
    }
}

/// All doors of a listener.
#[derive(Clone)]
pub struct Doors(Arc<[Door]>);

impl Doors {
    /// Takes the doors of the features together.
    pub fn new(doors: impl IntoIterator<Item = Door>) -> Self {
        Self(doors.into_iter().collect())
    }

    /// Every door, as it was hung.
    pub fn list(&self) -> &[Door] {
        &self.0
    }
}
