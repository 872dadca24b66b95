//! Stories across rooms: from a request to the receivers, and what happens on the way.
//!
//! - `road` – a learner's way through a course, told to receivers of each kind
//! - `dialects` – the bytes and signatures of each kind
//! - `counting` – each event counts once, whatever is sent how often and in which order
//! - `retries` – schedules, `Retry-After`, exhaustion, redelivery
//! - `receivers` – receivers that hang, fail, leave, pause; order and scope
//! - `matching` – whom an event concerns, however many subscriptions match, and what is not sent
//! - `coalescing` – many changes of a standing told as the last of them
//! - `ordering` – one object's events strictly one after the other
//! - `limits` – receivers with a rate and a number of their own, and breakers with a backlog behind them
//! - `request_limits` – limits of requests, by class, token, institution and address
//! - `shared_limits` – the same where nodes count together in Redis, and when that dies
//! - `expiring_tokens` – tokens that stop working soon, and who is told
//! - `health` – receivers that fail for days, who is told, and the way back
//! - `honesty` – what the log says of each way that a delivery can go, and what it does not
//! - `imports` – files of people, planned, applied, taken over and stopped
//! - `resealing` – a new key for everything sealed, while the servers run
//! - `record` – what is worked out of the learning record behind those who write it
//! - `replays` – sending once more, many at a time
//! - `retention` – partitions made ahead and dropped with age, and what is still owed of them
//! - `own_days` – an institution that wants less kept than the platform keeps
//! - `nodes` – several processes, and processes that die
//! - `suspension` – an institution that may do nothing for a while, and loses nothing
//! - `tenants` – what each node remembers of an institution, and how soon it hears of a change
//! - `requests` – subscriptions that support was asked for, from filing to the first delivery
//! - `demo_school` – what a new house is filled with
//! - `wire` – the real way out and a real server
//! - `bad_input` – what is refused, and that it changes nothing

mod bad_input;
mod coalescing;
mod counting;
mod demo_school;
mod dialects;
mod expiring_tokens;
mod health;
mod honesty;
mod imports;
mod limits;
mod matching;
mod nodes;
mod ordering;
mod own_days;
mod receivers;
mod record;
mod replays;
mod request_limits;
mod requests;
mod resealing;
mod retention;
mod retries;
mod road;
mod shared_limits;
mod steps;
mod suspension;
mod tenants;
mod unreadable_files;
mod wire;
