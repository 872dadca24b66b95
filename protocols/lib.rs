#![doc = include_str!("README.md")]

pub mod bounce;
pub mod chart;
pub mod document;
pub mod event;
pub mod render;
pub mod roster;
pub mod table;
pub mod webhook;
pub mod xapi;
