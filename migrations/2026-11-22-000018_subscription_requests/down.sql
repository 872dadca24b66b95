ALTER TABLE subscriptions DROP COLUMN made_by, DROP COLUMN reason;
DROP TABLE subscription_request_items;
DROP TABLE subscription_requests;
