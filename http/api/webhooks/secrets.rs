//! A webhook's secret, replaced without a break.

use serde_json::{Value, json};
use stoa_core::{Ability, Code, Result};
use stoa_webhooks as webhooks;
use stoa_webhooks::Rotation;

use super::{OneWebhook, TAG, views::IssuedView};
use crate::{
    body::Body,
    doors::{Call, Data, Done, Door, NoQuery},
};

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    vec![
        Door::post("/api/integrations/webhooks/{webhook}/secret/rotate", rotate)
            .needs(Ability::WebhooksWrite)
            .named("rotateWebhookSecret", TAG, "Makes a new secret; for a while both sign")
            .errors(&[Code::WebhookNotFound, Code::Conflict]),
        Door::delete("/api/integrations/webhooks/{webhook}/secret/previous", forget)
            .needs(Ability::WebhooksWrite)
            .named("forgetPreviousWebhookSecret", TAG, "Ends the overlap of a rotation: only the new secret signs")
            .errors(&[Code::WebhookNotFound]),
    ]
}

impl Body for Rotation {
    fn example() -> Value {
        json!({ "overlap_seconds": 86_400 })
    }
}

async fn rotate(call: Call<OneWebhook, NoQuery, Option<Rotation>>) -> Result<Data<IssuedView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let rotation = call.body.unwrap_or_default();
    let (webhook, secret) = webhooks::rotate_secret(&mut tx, &call.app.sealer, call.path.webhook, rotation).await?;
    tx.commit().await?;
    Ok(Data(IssuedView { kept: webhook.into(), secret }))
}

async fn forget(call: Call<OneWebhook>) -> Result<Done> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    webhooks::forget_previous_secret(&mut tx, call.path.webhook).await?;
    tx.commit().await?;
    Ok(Done)
}
