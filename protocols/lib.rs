#![doc = include_str!("README.md")]

pub mod bounce;
pub mod event;
pub mod render;
pub mod roster;
pub mod webhook;
