//! Signing in over HTTP, as browsers do it: passwords, second factors, setting up, resets.

mod account;
mod disabled;
mod door;
mod first_step;
mod resets;
mod same;
mod same_browser;
mod second_step;
mod set_up;
