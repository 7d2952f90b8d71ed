//! The journeys: each on a demo or a service of its own, in a browser of its own.

mod answers;
mod auditor;
mod byways;
mod desk;
mod duty_line;
mod front;
mod links;
mod passkey;
mod session;
mod setting;
mod tampered;

// Signing in
mod forgotten;
mod invitation;
mod sign_in_app;
mod sign_in_mail;
mod single_sign_on;

// People and administration
mod administration;
mod cover;
mod governance;
mod importing;
mod joining;
mod letters;
mod own_setting;
mod people;
mod starts;

// The family
mod family;
