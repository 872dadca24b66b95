//! A row for each member. What the columns are called is what a file of people calls them, so that one can be made of it.

use super::{Changes, IN_GROUPS, Source, Spec, boolean, id, integer, text, time};
use crate::exports::FilterName;

const COLUMNS: [Spec; 19] = [
    id("user_id", "usr", "u.id"),
    integer("number", "u.number"),
    text("external_id", "u.external_id"),
    text("email", "u.email"),
    text("name", "u.name"),
    text("first_name", "u.first_name"),
    text("last_name", "u.last_name"),
    text("locale", "u.locale"),
    text("time_zone", "u.time_zone"),
    text("role", "m.role"),
    text("status", "m.status"),
    text(
        "groups",
        "(SELECT string_agg(g.name, ';' ORDER BY g.name, g.id) FROM group_members gm
        JOIN groups g ON g.tenant_id = gm.tenant_id AND g.id = gm.group_id
        WHERE gm.tenant_id = u.tenant_id AND gm.user_id = u.id AND NOT g.everyone)",
    ),
    text("provisioned_by", "m.provisioned_by"),
    time("invited_at", "m.invited_at"),
    time("joined_at", "coalesce(m.joined_at, CASE WHEN m.status <> 'invited' THEN m.created_at END)"),
    time("removed_at", "m.removed_at"),
    time("created_at", "m.created_at"),
    time("updated_at", "u.updated_at"),
    boolean("removed", "m.status = 'removed'"),
];

pub(super) const SOURCE: Source = Source {
    columns: &COLUMNS,
    from: "FROM users u
      JOIN memberships m ON m.tenant_id = u.tenant_id AND m.user_id = u.id
      WHERE u.tenant_id = {tenant}",
    present: "m.status <> 'removed'",
    present_unless: Some(FilterName::Status),
    changes: Changes::Written(&["u", "m"], ""),
    filters: &[
        (FilterName::UserIds, "u.id = ANY ({})"),
        (FilterName::GroupIds, IN_GROUPS),
        (FilterName::Status, "m.status = ANY ({})"),
        (FilterName::Roles, "m.role = ANY ({})"),
    ],
};
