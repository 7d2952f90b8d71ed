//! The pages: struct, template path and handler of each together.

pub mod approve;
pub mod demo;
pub mod desk;
pub mod home;
pub mod invitation;
pub mod join;
pub mod line;
pub mod mailbox;
pub mod people;
pub mod print;
pub mod referral;
pub mod setting;
pub mod sign_in;
pub mod still;
pub mod trail;
