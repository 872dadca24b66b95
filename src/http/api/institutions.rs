//! The caller's institution.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stoa_core::{
    Ability, Key, Result, TenantId,
    db::{PageRequest, Paged},
    id,
    institutions::{self, Institution, InstitutionStatus},
};

use crate::http::doors::{Call, Data, Door, Listed, NoPath, Sample, sample};

const TAG: &str = "Institutions";

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    vec![
        Door::get("/api/institutions", list).needs(Ability::InstitutionsRead).named(
            "listInstitutions",
            TAG,
            "Lists the institutions that the caller may see: its own",
        ),
        Door::get("/api/institutions/{id}", show).needs(Ability::InstitutionsRead).named(
            "getInstitution",
            TAG,
            "Shows the caller's institution",
        ),
    ]
}

#[derive(Debug, Deserialize, JsonSchema)]
struct OneInstitution {
    /// Id, number, or `external_id:` and the operator's key of it.
    id: Key<id::Institution>,
}

/// An institution.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Institution")]
struct InstitutionView {
    /// Id.
    id: TenantId,
    /// Integer id.
    number: i64,
    /// The operator's own key.
    external_id: Option<String>,
    /// Shown to people.
    name: String,
    /// Language tag, default of the institution's letters.
    locale: String,
    /// IANA zone, default of civil dates.
    time_zone: String,
    /// Life of the contract.
    status: InstitutionStatus,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it last changed.
    updated_at: DateTime<Utc>,
}

impl InstitutionView {
    fn of(institution: Institution) -> Self {
        Self {
            id: institution.tenant_id,
            number: institution.number,
            external_id: institution.external_id,
            name: institution.name,
            locale: institution.locale,
            time_zone: institution.time_zone,
            status: institution.status,
            created_at: institution.created_at,
            updated_at: institution.updated_at,
        }
    }
}

async fn list(call: Call<NoPath>) -> Result<Listed<InstitutionView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let own = institutions::own(&mut tx, &Key::Id(call.scope.tenant)).await?;
    Ok(Listed(Paged { rows: vec![InstitutionView::of(own)], total: 1, request: PageRequest::default() }))
}

async fn show(call: Call<OneInstitution>) -> Result<Data<InstitutionView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    Ok(Data(InstitutionView::of(institutions::own(&mut tx, &call.path.id).await?)))
}

impl Sample for InstitutionView {
    fn sample() -> Self {
        Self {
            id: sample::id(),
            number: 7,
            external_id: None,
            name: "School of Examples".into(),
            locale: "en".into(),
            time_zone: "Europe/London".into(),
            status: InstitutionStatus::Active,
            created_at: sample::time(),
            updated_at: sample::time(),
        }
    }
}
