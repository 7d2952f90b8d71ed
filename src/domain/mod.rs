//! Types and rules of the field; no IO, no clock, no chance (those are arguments).

mod kept;

pub mod birth;
pub mod calendar;
pub mod day;
pub mod email;
pub mod locality;
pub mod name;
pub mod nhs_number;
pub mod phone;
pub mod postcode;
pub mod reference;
pub mod slot_time;
pub mod slots;
pub mod time;
pub mod urn;
