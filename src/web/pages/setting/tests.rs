//! The setting's journey, walked through the real router over a real store in a folder that goes away.

mod changes;
mod edges;
mod evidence;
mod hand_over;
mod held;
mod journey;
mod languages;
mod lawful;
mod refused;
mod support;
