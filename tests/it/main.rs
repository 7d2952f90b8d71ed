//! One integration binary: the house's own rules, the stories, the store on both engines, the faults.

mod access;
mod architecture;
mod child;
mod faults;
mod markers;
mod peers;
mod store;
mod stories;
mod support;
