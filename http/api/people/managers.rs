//! Who leads which group.

use stoa_core::{
    Ability, Result,
    db::{PageRequest, Paged},
    groups, members,
};

use super::{
    group_views::{ManagerView, OneGroup, OneOfGroup},
    groups::TAG,
};
use crate::doors::{Call, Done, Door, Listed};

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    vec![
        Door::get("/api/groups/{group}/managers", list).needs(Ability::MembersRead).named(
            "listManagersOfGroup",
            TAG,
            "Lists who leads a group",
        ),
        Door::put("/api/groups/{group}/managers/{user}", appoint).needs(Ability::MembersWrite).named(
            "putManagerOfGroup",
            TAG,
            "Lets somebody lead a group; with the role of a manager he sees the people of the groups that he leads alone",
        ),
        Door::delete("/api/groups/{group}/managers/{user}", dismiss).needs(Ability::MembersWrite).named(
            "removeManagerOfGroup",
            TAG,
            "Lets somebody lead a group no more",
        ),
    ]
}

async fn list(call: Call<OneGroup>) -> Result<Listed<ManagerView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let group = groups::get(&mut tx, &call.path.group).await?;
    let rows = groups::list_managers(&mut tx, &group).await?;
    let total = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let request = PageRequest { page: 1, per_page: total.max(1) };
    Ok(Listed(Paged { rows, total, request }.map(ManagerView::of)))
}

async fn appoint(call: Call<OneOfGroup>) -> Result<Done> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let group = groups::get(&mut tx, &call.path.group).await?;
    let member = members::get(&mut tx, &call.path.user).await?;
    groups::appoint(&mut tx, &call.scope, &group, &member).await?;
    tx.commit().await?;
    Ok(Done)
}

async fn dismiss(call: Call<OneOfGroup>) -> Result<Done> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let group = groups::get(&mut tx, &call.path.group).await?;
    let member = members::get(&mut tx, &call.path.user).await?;
    groups::dismiss(&mut tx, &call.scope, &group, &member).await?;
    tx.commit().await?;
    Ok(Done)
}
