//! The pages: struct, template path and handler of each together.

pub mod account;
pub mod admin;
pub mod approve;
pub mod counts;
pub mod cover;
pub mod demo;
pub mod desk;
pub mod elsewhere;
pub mod evidence;
pub mod governance;
pub mod home;
pub mod invitation;
pub mod join;
pub mod line;
pub mod mailbox;
pub mod passkeys;
pub mod people;
pub mod print;
pub mod referral;
pub mod resets;
pub mod sessions;
pub mod setting;
pub mod sign_in;
pub mod sso;
pub mod still;
pub mod trail;
