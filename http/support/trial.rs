//! Trying the addresses of a request before anything is decided: a realistic sample each, by the one way out.

use futures::future::join_all;
use stoa_core::{Result, Scope};
use stoa_webhooks as webhooks;
use stoa_webhooks::{
    Next,
    subscription_requests::{ItemTest, RequestItem, SubscriptionRequest},
};

use crate::App;

/// Tests every item at once, and answers what came of each, by its number.
///
/// # Errors
/// As the database says. What a receiver does is no error.
pub(super) async fn of_all(app: &App, scope: &Scope, request: &SubscriptionRequest) -> Result<Vec<(i32, ItemTest)>> {
    let tests = request.items.iter().map(|item| of_one(app, scope, (request, item)));
    join_all(tests).await.into_iter().collect()
}

async fn of_one(
    app: &App,
    scope: &Scope,
    (request, item): (&SubscriptionRequest, &RequestItem),
) -> Result<(i32, ItemTest)> {
    let room = &app.road.post_room;
    let mut tx = app.db.tenant(scope).await?;
    let at = tx.now();
    // The first of the types that are wanted; the dialect's own choice where all are.
    let wanted = item.events.first().map(String::as_str).filter(|name| *name != "*");
    let with = (room.sealer(), room.base_url());
    let trial = webhooks::trial_delivery(&mut tx, with, (&item.url, request.dialect), wanted).await?;
    tx.commit().await?;
    let event_type = trial.test.event_name.to_owned();
    let settled = room.try_once(trial.test).await;
    if trial.is_logged {
        let mut tx = app.db.house().await?;
        webhooks::settle(&mut tx, std::slice::from_ref(&settled)).await?;
        if settled.next == Next::Succeeded {
            webhooks::note_pinged(&mut tx, scope.tenant, settled.webhook, &item.url).await?;
        }
        tx.commit().await?;
    }
    let by = scope.name.as_deref().unwrap_or_default().to_owned();
    let test = ItemTest {
        at,
        by,
        event_type,
        received: settled.next == Next::Succeeded,
        http_status: settled.http_status,
        duration_ms: settled.duration_ms,
        error: settled.error,
        error_detail: settled.error_detail,
        response_excerpt: settled.response,
        address: settled.address,
    };
    Ok((item.number, test))
}
