//! The family: signing by link in the same room and later, its own page, taking an agreement back, and
//! what none of it may tell.

mod danger;
mod pages;
mod signing;
mod support;
mod withdrawing;

pub use support::given_a_page;
