//! (room being built)

/// Placeholder until the mail room lands.
pub struct Mailer;
