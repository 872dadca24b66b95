//! A test of an address that need not be anybody's yet.
//!
//! Not here: the test of a webhook (`outgoing`), which this is where one has the address.

use std::sync::Arc;

use diesel::{
    QueryableByName,
    sql_types::{BigInt, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_protocols::{
    event::{self, InstitutionFacts},
    webhook::DialectName,
};

use super::{
    Outgoing, Receiver, TestDelivery, endpoint_at,
    outgoing::{render, sample_type, test_delivery},
};
use stoa_core::{
    db::{TenantTx, failed, sql},
    error::Result,
    id::{self, Id},
    sealed::Sealer,
};

/// A test about to be made.
#[derive(Debug)]
pub struct Trial {
    /// What is sent.
    pub test: TestDelivery,
    /// A webhook has the address: what comes of it is to be settled in its log.
    pub is_logged: bool,
}

/// Makes a realistic sample for an address. Where the institution has a webhook there, in the same dialect, it is that
/// webhook's test; elsewhere the sample is unsigned and nothing is written.
///
/// # Errors
/// `validation_failed` when the dialect does not speak the type.
pub async fn trial_delivery(
    tx: &mut TenantTx,
    (sealer, base_url): (&Sealer, &str),
    (url, dialect): (&str, DialectName),
    event_name: Option<&str>,
) -> Result<Trial> {
    if let Some(webhook) = endpoint_at(tx, url).await?.filter(|webhook| webhook.dialect == dialect) {
        let test = test_delivery(tx, (sealer, base_url), &webhook, event_name).await?;
        return Ok(Trial { test, is_logged: true });
    }
    let event_type = sample_type(dialect, event_name)?;
    let (event, webhook): (Id<id::Event>, Id<id::Webhook>) = (tx.new_id(), tx.new_id());
    let envelope = event::Envelope {
        id: event.to_string(),
        occurred_at: tx.now(),
        institution: InstitutionFacts { id: tx.tenant().to_string(), number: number(tx).await? },
        test: true,
        ..event::sample(event_type)
    };
    let body = render(dialect.dialect(), &envelope, (webhook, None, base_url))?;
    let receiver = Arc::new(Receiver::unregistered(tx.tenant(), webhook, dialect));
    let outgoing = Outgoing::test(receiver, (tx.new_id(), event, event_type), url, body);
    Ok(Trial { test: TestDelivery { outgoing, event_name: dialect.dialect().name_of(event_type) }, is_logged: false })
}

async fn number(tx: &mut TenantTx) -> Result<i64> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        number: i64,
    }
    let tenant = tx.tenant();
    let statement = sql("SELECT number FROM institutions WHERE tenant_id = $1").bind::<SqlUuid, _>(tenant);
    let row: Row = statement.get_result(tx.connection()).await.map_err(failed)?;
    Ok(row.number)
}
