//! One integration binary: the house's own rules, the stories, the store on both engines, the faults.

mod access;
mod architecture;
mod child;
mod faults;
mod markers;
mod store;
mod peers;
mod stories;
mod support;
