//! The pages: struct, template path and handler of each together.

pub mod home;
pub mod setting;
pub mod sign_in;
pub mod still;
