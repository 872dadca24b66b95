//! Making institutions, for operators and resellers.
//!
//! # Rule
//! `external_id` names the customer: the same request again gets what the first one made, at the same moment too, and
//! makes nothing. Another request with the same `external_id` is a conflict. So whoever provisions may repeat himself.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use stoa_core::{
    Code, Error, FieldFault, Id, Key, Result, Role, Scope, TenantId,
    db::TenantTx,
    institutions::{self, Branding, Institution, Kept, NewInstitution, slug},
    members::invitations::{self, Inviting, NewInvitation},
    staff::StaffRole,
};

use stoa_jobs::{Queue, mail::promise_invitations};

use super::{TAG, view, views::InstitutionView};
use crate::{
    App,
    body::Body,
    caller::{Keeper, Staff},
    doors::{Call, Door, NoPath, NoQuery, Put},
};

/// A name may be taken between a look and the write, and once more.
const TRIES: usize = 4;

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    vec![
        Door::post("/api/institutions", create)
            .staffed_by(StaffRole::Reseller)
            .named(
                "createInstitution",
                TAG,
                "Makes an institution and invites its first owner; the same again makes nothing",
            )
            .errors(&[Code::Conflict]),
    ]
}

/// An institution to be made. What is left out is as the platform's settings have it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct New {
    /// Shown to people.
    name: String,
    /// The operator's own key, by which the same request is known again.
    #[serde(default)]
    external_id: Option<String>,
    /// Address of the first owner, who is invited.
    admin_email: String,
    /// Whole name of the first owner.
    #[serde(default)]
    admin_name: Option<String>,
    /// Readable name in addresses; made of the name if left out.
    #[serde(default)]
    slug: Option<String>,
    /// Language tag, default of its letters.
    #[serde(default)]
    locale: Option<String>,
    /// IANA zone, default of its civil dates.
    #[serde(default)]
    time_zone: Option<String>,
    /// Where its data should lie, a word of the operator's.
    #[serde(default)]
    region: Option<String>,
    /// What it has bought, a word of the operator's.
    #[serde(default)]
    plan: Option<String>,
    /// Seats that it may fill; no limit if left out.
    #[serde(default)]
    seats_total: Option<i32>,
    /// How it wants to look.
    #[serde(default)]
    branding: Branding,
    /// How long its rows are kept.
    #[serde(default)]
    retention: Option<Kept>,
    /// Length of the trial in days, 0 to 365; 0 begins with the contract.
    #[serde(default)]
    trial_days: Option<u32>,
}

impl Body for New {
    fn example() -> Value {
        json!({
            "name": "Academy of Seoul", "external_id": "crm-1042", "admin_email": "head@academy.example",
            "admin_name": "Kim Minjun", "locale": "ko", "time_zone": "Asia/Seoul", "region": "apac", "plan": "team",
            "seats_total": 250,
        })
    }
}

impl New {
    /// Names the request, so that it is known again whatever the order of its fields was.
    fn fingerprint(&self) -> Result<[u8; 32]> {
        Ok(Sha256::digest(serde_json::to_vec(self).map_err(Error::internal)?).into())
    }

    fn institution(&self, staff: &Staff) -> Result<NewInstitution> {
        let new = self.clone();
        Ok(NewInstitution {
            made_of: Some(self.fingerprint()?),
            name: new.name,
            slug: new.slug,
            external_id: new.external_id,
            locale: new.locale,
            time_zone: new.time_zone,
            region: new.region,
            plan: new.plan,
            seats_total: new.seats_total,
            branding: new.branding,
            retention: new.retention,
            trial_days: new.trial_days,
            reseller: (staff.member.role == StaffRole::Reseller).then_some(staff.member.id),
        })
    }

    fn owner(&self) -> NewInvitation {
        NewInvitation {
            email: self.admin_email.clone(),
            name: self.admin_name.clone(),
            role: Some(Role::Owner),
            ..NewInvitation::default()
        }
    }
}

async fn create(call: Call<NoPath, NoQuery, New, Staff>) -> Result<Put<InstitutionView>> {
    let (app, staff, wanted) = (&call.app, call.scope, call.body);
    let (tenant, is_new) = made(app, &staff, &wanted).await?;
    let scope = staff.on_behalf_of(tenant);
    let data = view(app, &Keeper::Staff(staff), &scope, &Key::Id(tenant)).await?;
    Ok(Put { data, is_new })
}

/// Makes it, or finds what the same request made before, or is making now.
async fn made(app: &App, staff: &Staff, wanted: &New) -> Result<(TenantId, bool)> {
    let mut new = wanted.institution(staff)?;
    let mut refused = None;
    for _ in 0..TRIES {
        if let Some(known) = known(app, staff, &new).await? {
            return Ok((known, false));
        }
        let tenant = Id::from_uuid(app.db.ids().next(app.db.clock().now()));
        match make(app, staff.founding(tenant), (wanted, new.clone())).await {
            Ok(institution) => return Ok((institution.tenant_id, true)),
            // The name is another's, who has the same: this one is told apart by its id.
            Err(error) if is_taken(&error, "/slug") && wanted.slug.is_none() => {
                new.slug = Some(slug::with_id(slug::of(&new.name).as_deref(), tenant));
                refused = Some(error);
            }
            // Somebody was quicker: perhaps with the same request.
            Err(error) if is_taken(&error, "/external_id") => refused = Some(error),
            Err(error) => return Err(error),
        }
    }
    Err(refused.unwrap_or_else(|| Error::new(Code::Conflict, "the institution could not be made; try again")))
}

/// What the same request made before.
async fn known(app: &App, staff: &Staff, new: &NewInstitution) -> Result<Option<TenantId>> {
    let (Some(external_id), Some(request)) = (&new.external_id, new.made_of) else { return Ok(None) };
    let mut house = app.db.house().await?;
    let Some(found) = institutions::find(&mut house, &Key::ExternalId(external_id.clone())).await? else {
        return Ok(None);
    };
    let same = institutions::made_of(&mut house, found.tenant_id, &request).await?;
    house.commit().await?;
    let own = staff.member.role != StaffRole::Reseller || found.reseller_id == Some(staff.member.id);
    if same && own {
        return Ok(Some(found.tenant_id));
    }
    Err(stoa_core::db::conflict("/external_id", "another institution has the same external id"))
}

/// The institution, its first owner and the letter to him, in one transaction.
async fn make(app: &App, scope: Scope, (wanted, new): (&New, NewInstitution)) -> Result<Institution> {
    let mut tx = app.db.tenant(&scope).await?;
    let institution = institutions::create(&mut tx, new, &app.settings.institutions).await?;
    invite(app, &mut tx, &scope, wanted.owner()).await?;
    tx.commit().await?;
    app.road.wakes.wake(Queue::Mail);
    Ok(institution)
}

/// Invites the first owner. Faults of his fields are named as the request has them.
async fn invite(app: &App, tx: &mut TenantTx, scope: &Scope, owner: NewInvitation) -> Result<()> {
    let inviting = Inviting { sealer: &app.sealer, rules: app.settings.accounts.invitations, by: None };
    let (_, sent) = invitations::invite(tx, scope, inviting, owner).await.map_err(as_admin)?;
    promise_invitations(tx, scope.tenant, &[sent]).await
}

fn as_admin(error: Error) -> Error {
    let renamed = error.fields().iter().map(|fault| {
        let pointer = match fault.pointer.as_str() {
            "/email" => "/admin_email",
            "/name" => "/admin_name",
            other => other,
        };
        FieldFault::new(pointer, fault.code, fault.detail.clone())
    });
    let renamed: Vec<FieldFault> = renamed.collect();
    error.with_fields(renamed)
}

fn is_taken(error: &Error, pointer: &str) -> bool {
    error.code() == Code::Conflict && error.fields().iter().any(|fault| fault.pointer == pointer)
}
