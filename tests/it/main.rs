//! One integration binary: the house's own rules, the stories, the store on both engines, the faults.

#![allow(clippy::disallowed_methods, reason = "tests ask the machine what they run on")]

mod access;
mod architecture;
mod authenticator;
mod child;
mod disk;
mod door;
mod family;
mod faults;
mod markers;
mod paper;
mod passkeys;
mod peers;
mod rights;
mod serve;
mod shared_computer;
mod sign_in;
mod sso;
mod store;
mod stories;
mod support;
mod synced;
mod tampered;
mod tls;
