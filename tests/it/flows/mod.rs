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
//! - `health` – receivers that fail for days, who is told, and the way back
//! - `honesty` – what the log says of each way that a delivery can go, and what it does not
//! - `resealing` – a new key for everything sealed, while the servers run
//! - `replays` – sending once more, many at a time
//! - `retention` – partitions made ahead and dropped with age, and what is still owed of them
//! - `nodes` – several processes, and processes that die
//! - `requests` – subscriptions that support was asked for, from filing to the first delivery
//! - `demo_school` – what a new house is filled with
//! - `wire` – the real way out and a real server
//! - `bad_input` – what is refused, and that it changes nothing

mod bad_input;
mod coalescing;
mod counting;
mod demo_school;
mod dialects;
mod health;
mod honesty;
mod limits;
mod matching;
mod nodes;
mod ordering;
mod receivers;
mod replays;
mod requests;
mod resealing;
mod retention;
mod retries;
mod road;
mod steps;
mod wire;
