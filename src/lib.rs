//! dutyline: a secure messaging and referral relay between early years settings
//! and health visiting duty lines.
//!
//! ```text
//!  web form ───┐                                                    ┌─> duty line's inbox ─> casework
//!  mail ───────┴─> 1 intake ─> 2 gate ─> 3 routing ─> 4 delivery ───┤
//!                                │          │                       └─> notice by mail (no child data)
//!                                v          v
//!                          held, visible  unrouted, visible           5 documents: A4 form · restricted sheet · A5 insert
//!  every arrow commits together with its 6 audit event; the sender is answered after the commit
//! ```
//!
//! The modules stand in the order of the story. Who may import whom is written in
//! `tests/it/architecture.rs`, which fails on anything else.

pub mod clock;
pub mod config;
pub mod domain;

pub mod intake;

pub mod gate;

pub mod routing;

pub mod delivery;

pub mod documents;

pub mod scan;

pub mod audit;

pub mod casework;

pub mod family;

pub mod people;

pub mod administration;

pub mod seal;

pub mod mail;

pub mod text;

pub mod store;

pub mod relay;

pub mod pipeline;

pub mod web;

pub mod smtp;

pub mod app;

pub mod cli;
