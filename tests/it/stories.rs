//! Stories: sentences told by public doors only, on both engines where the store matters.

pub mod by_mail;
mod by_web;
mod held_mail;
mod mail_tells;
mod recovery;
