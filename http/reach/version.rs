//! Who calls this surface, and by which of its dated versions.
//!
//! # Source
//! access.articulate.com, "Reach 360: Introduction to Reach 360 API": the header `API-Version`; none sent means the
//! initial version, an unknown one is refused.

use actix_web::{HttpRequest, http::header::HeaderName};
use stoa_core::{Ability, Code, Error, Result, Scope};
use stoa_protocols::webhook::dialects::reach360::Version;

use crate::doors::{Access, Admits, Arrival};

/// The header that names a version, in and out.
pub(super) const HEADER: HeaderName = HeaderName::from_static("api-version");

/// Who calls, and in which version he is answered.
#[derive(Debug, Clone)]
pub(super) struct Client {
    /// Who acts, and where.
    pub(super) scope: Scope,
    /// The version.
    pub(super) version: Version,
}

impl Admits for Client {
    const ACCESS: Access = Access::SignedIn;

    async fn admit(arrival: &Arrival) -> Result<Self> {
        let scope = Scope::admit(arrival).await?;
        Ok(Self { scope, version: of(&arrival.request)? })
    }

    fn may(&self, ability: Ability) -> bool {
        self.scope.may(ability)
    }
}

/// Reads the version that a request asks for.
///
/// # Errors
/// `invalid_api_version`, also for two headers.
pub(super) fn of(request: &HttpRequest) -> Result<Version> {
    let mut given = request.headers().get_all(HEADER);
    match (given.next(), given.next()) {
        (None, _) => Ok(Version::default()),
        (Some(one), None) => one.to_str().ok().and_then(|text| Version::parse(Some(text)).ok()).ok_or_else(unknown),
        (Some(_), Some(_)) => Err(unknown()),
    }
}

/// There is no such version.
pub(super) fn unknown() -> Error {
    Error::new(Code::InvalidApiVersion, format!("wanted one of {}", Version::NAMES.join(", ")))
}
