//! The web door.

pub mod assets;
pub mod field;
#[cfg(test)]
mod gallery;
pub mod parts;
pub mod shell;
