REVOKE UPDATE (body) ON idempotency_keys FROM stoa_relay;
