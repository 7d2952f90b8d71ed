//! The mail door as a client meets it: scripts without a socket, and conversations over loopback.

mod endings;
mod mails;
mod scripts;
mod secure;
mod support;
