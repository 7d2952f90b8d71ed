//! The gate's numbers: our own, to be confirmed by a trust, so configuration (DOMAIN section 3).

use crate::domain::allowed::Allowed;

/// What a deployment decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GateRules {
    /// Days that a signature holds.
    pub signature_days: i32,
    /// Ways of signing that pass, by signatory; any other is held.
    pub methods: Allowed,
    /// Oldest age the service sees, completed months; older is a warning.
    pub oldest_months: i32,
}

impl Default for GateRules {
    fn default() -> Self {
        Self { signature_days: 28, methods: Allowed::default(), oldest_months: 60 }
    }
}
