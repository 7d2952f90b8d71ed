//! One integration binary: the house's own rules, the stories, the store on both engines, the faults.

#![allow(clippy::disallowed_methods, reason = "tests ask the machine what they run on")]

mod access;
mod architecture;
mod child;
mod disk;
mod faults;
mod markers;
mod peers;
mod serve;
mod sign_in;
mod store;
mod stories;
mod support;
mod synced;
mod tampered;
