DROP TABLE attempts;
DROP TABLE deliveries;
DROP TABLE payloads;
DROP TABLE webhooks;
