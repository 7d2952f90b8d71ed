//! TLS of the web door, whose request it is, and what every answer carries: over real sockets wherever a
//! socket can tell something that a call cannot.

mod acme;
mod headers;
mod hosts;
mod peer;
mod reload;
mod support;
