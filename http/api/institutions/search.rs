//! Looking for institutions. Somebody of an institution finds his own; operators find all, resellers those they brought.

use schemars::JsonSchema;
use serde::Deserialize;
use stoa_core::{
    Ability, Key, Result, TenantId,
    db::{PageRequest, Paged},
    institutions::{
        self, InstitutionStatus,
        search::{InstitutionFilter, search},
    },
    staff::StaffRole,
};

use super::{TAG, views::InstitutionView};
use crate::{
    body::NoBody,
    caller::{Keeper, Staff},
    doors::{Call, Door, NoPath, Windowed},
    page::{PageNumber, PerPage, asked},
};

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    vec![Door::get("/api/institutions", list).needs(Ability::InstitutionsRead).staffed_by(StaffRole::Reseller).named(
        "listInstitutions",
        TAG,
        "Lists the institutions that the caller may see: its own; to staff all that they look after",
    )]
}

/// Which institutions. Somebody of an institution finds his own by it, or nothing.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Looking {
    /// Words, or beginnings of words, of the name, the slug or the external id.
    q: Option<String>,
    /// Of this status.
    status: Option<InstitutionStatus>,
    /// With this key of the operator's.
    external_id: Option<String>,
    /// Of this plan.
    plan: Option<String>,
    /// Of this region.
    region: Option<String>,
    /// Behind this institution, as `meta.next_cursor` said.
    cursor: Option<TenantId>,
    page: PageNumber,
    per_page: PerPage,
}

async fn list(call: Call<NoPath, Looking, NoBody, Keeper>) -> Result<Windowed<InstitutionView>> {
    let Looking { q, status, external_id, plan, region, cursor, page, per_page } = call.query;
    let mut filter = InstitutionFilter { q, status, external_id, plan, region, reseller: None, after: cursor };
    let (rules, request) = (&call.app.settings.institutions, asked(page, per_page));
    match &call.scope {
        Keeper::Staff(staff) => {
            filter.reseller = of_reseller(staff);
            let mut house = call.app.db.house().await?;
            let now = house.now();
            let found = search(&mut house, &filter, request).await?;
            house.commit().await?;
            let paged = found.page.map(|(it, health)| InstitutionView::with(it, &health, (rules, now)));
            Ok(Windowed { paged, next: found.next.map(|id| id.to_string()) })
        }
        Keeper::Institution(scope) => {
            let mut tx = call.app.db.tenant(scope).await?;
            let own = institutions::own(&mut tx, &Key::Id(scope.tenant)).await?;
            let own: Vec<_> = std::iter::once(own).filter(|it| filter.wants(it)).collect();
            let paged = page_of(own, request).map(|it| InstitutionView::of(it, (rules, tx.now())));
            Ok(Windowed { paged, next: None })
        }
    }
}

/// A reseller sees those that he brought.
fn of_reseller(staff: &Staff) -> Option<stoa_core::Id<stoa_core::id::Staff>> {
    (staff.member.role == StaffRole::Reseller).then_some(staff.member.id)
}

fn page_of<T>(all: Vec<T>, request: PageRequest) -> Paged<T> {
    let total = i64::try_from(all.len()).unwrap_or(i64::MAX);
    let skipped = usize::try_from(request.offset()).unwrap_or(usize::MAX);
    Paged { rows: all.into_iter().skip(skipped).collect(), total, request }
}
