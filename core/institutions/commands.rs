//! What may be done with institutions. Making one is an operator's act.

use diesel::{
    QueryableByName,
    sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use super::{Institution, InstitutionStatus, NewInstitution};
use crate::{
    db::{Guard, HouseTx, sql, taken},
    error::Result,
    fields::Fields,
    id::TenantId,
    members::{self, Member, NewMember},
    scope::Role,
};

const INSERT: &str = "INSERT INTO institutions
  (tenant_id, name, external_id, locale, time_zone, status, created_at, updated_at)
  VALUES ($1, $2, $3, $4, $5, 'active', $6, $6) RETURNING number";

const GUARDS: [Guard; 1] =
    [("institutions_external_id_key", "/external_id", "another institution has the same external id")];

/// Makes an institution and its owner. Nobody could yet have subscribed to hear of it, so no event tells.
///
/// # Errors
/// `validation_failed`; `conflict` when the external id is taken.
pub async fn create(house: &mut HouseTx, new: NewInstitution) -> Result<(Institution, Member)> {
    let NewInstitution { mut name, external_id, mut locale, time_zone, owner } = new;
    let mut fields = Fields::new();
    fields.name("/name", &mut name);
    fields.external_id("/external_id", external_id.as_deref());
    fields.language("/locale", &mut locale);
    fields.finish()?;
    members::check_time_zone(house.connection(), Some(&time_zone)).await?;
    let owner = NewMember { role: Some(Role::Owner), ..owner }.checked()?;
    let now = house.now();
    let institution = Institution {
        tenant_id: house.new_id(),
        number: 0,
        name,
        external_id,
        locale,
        time_zone,
        status: InstitutionStatus::Active,
        created_at: now,
        updated_at: now,
    };
    let institution = insert(house, institution).await?;
    let (tenant, id): (TenantId, _) = (institution.tenant_id, house.new_id());
    let owner = members::insert(house.connection(), tenant, id, (owner, now)).await?;
    Ok((institution, owner))
}

async fn insert(house: &mut HouseTx, institution: Institution) -> Result<Institution> {
    #[derive(QueryableByName)]
    struct Numbered {
        #[diesel(sql_type = BigInt)]
        number: i64,
    }
    let row: Numbered = sql(INSERT)
        .bind::<SqlUuid, _>(institution.tenant_id)
        .bind::<Text, _>(&institution.name)
        .bind::<Nullable<Text>, _>(&institution.external_id)
        .bind::<Text, _>(&institution.locale)
        .bind::<Text, _>(&institution.time_zone)
        .bind::<Timestamptz, _>(institution.created_at)
        .get_result(house.connection())
        .await
        .map_err(|error| taken(error, &GUARDS))?;
    Ok(Institution { number: row.number, ..institution })
}
