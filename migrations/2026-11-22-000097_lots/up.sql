-- Members in an order that is as good as drawn by lot, and the same for whoever asks: the first of them are a sample of all.
CREATE INDEX CONCURRENTLY memberships_by_lot ON memberships (tenant_id, uuid_hash(user_id), user_id);
