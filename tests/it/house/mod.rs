//! What must hold of the house as a whole: its walls, its doors, its schema, its files.
//!
//! Not here, but beside their code, because one room knows all about them: settings are documented (`stoa::config`),
//! every error code has its problem (`stoa_http::problem`), templates render (`stoa_protocols::render`), samples are
//! said in every dialect (`stoa_protocols::webhook`), job payloads are stable (`stoa_jobs::registry`).

mod audited;
mod bad_input;
mod closing;
mod corridor;
mod doors;
mod files;
mod migrations;
mod openapi;
mod privacy;
mod schema_rules;
mod sealed;
mod sources;
mod staff_doors;
mod suspended;
mod wall;
mod words;
mod world;
mod world_of_games;
mod world_of_record;
