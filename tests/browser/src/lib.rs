//! Journeys through the demo in a real browser: what a practitioner, a nurse, the intake desk and an
//! auditor do, pressed and typed as they do it, with every page looked at ([`Browser::look`]). Signing in
//! as real people do is tried at a real service ([`Served`]), whose letters are read and whose people may
//! come from an identity provider.
//!
//! ```text
//!  journey ─> Browser ─> chromedriver ─> Chromium ─> dutyline demo, on a folder of its own
//!     │                                          └─> dutyline serve <─> Provider
//!     └──────────────── Letters <──────────────────────────┘
//! ```
//!
//! Nothing here reads the store or calls the library: a journey knows what stands on the screen. Each
//! starts its own demo or service, driver and browser, and ends them by their process numbers when it is dropped.

mod browser;
mod demo;
mod driver;
mod form;
mod look;

mod account;
mod letters;
mod phone;
mod provider;
mod served;

pub use browser::{Browser, Scripts};
pub use demo::Demo;

pub use account::{Account, App};
pub use letters::Letters;
pub use provider::Provider;
pub use served::Served;
