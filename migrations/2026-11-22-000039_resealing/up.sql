-- A kept answer is sealed, so it is put under a new key as everything sealed is.
GRANT UPDATE (body) ON idempotency_keys TO stoa_relay;
