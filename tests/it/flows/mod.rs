//! Stories across rooms: from a request to the receivers, and what happens on the way.
//!
//! - `road` – a learner's way through a course, told to receivers of each kind
//! - `dialects` – the bytes and signatures of each kind
//! - `counting` – each event counts once, whatever is sent how often and in which order
//! - `retries` – schedules, `Retry-After`, exhaustion, redelivery
//! - `receivers` – receivers that hang, fail, leave, pause; order and scope
//! - `nodes` – several processes, and processes that die
//! - `demo_school` – what a new house is filled with
//! - `wire` – the real way out and a real server
//! - `bad_input` – what is refused, and that it changes nothing

mod bad_input;
mod counting;
mod demo_school;
mod dialects;
mod nodes;
mod receivers;
mod retries;
mod road;
mod steps;
mod wire;
