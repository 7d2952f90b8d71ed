//! Types and rules of the field; no IO, no clock, no chance (those are arguments).

pub mod access;
pub mod agreement;
pub mod form;
pub mod ids;
pub mod people;
pub mod referral;
pub mod restricted;
pub mod time;
pub mod verdict;
