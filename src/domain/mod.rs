//! Types and rules of the field; no IO, no clock, no chance (those are arguments).

mod kept;

pub mod access;
pub mod agreement;
pub mod allowed;
pub mod before;
pub mod birth;
pub mod calendar;
pub mod counts;
pub mod day;
pub mod email;
pub mod family;
pub mod form;
pub mod ids;
pub mod joining;
pub mod lawful;
pub mod locality;
pub mod name;
pub mod nhs_number;
pub mod notice;
pub mod opening;
pub mod paper;
pub mod people;
pub mod phone;
pub mod postcode;
pub mod reference;
pub mod referral;
pub mod restricted;
pub mod rights;
pub mod sign_in;
pub mod slot_time;
pub mod slots;
pub mod time;
pub mod urn;
pub mod verdict;
pub mod words;
