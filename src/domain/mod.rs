//! Types and rules of the field; no IO, no clock, no chance (those are arguments).

pub mod time;
