//! How people show who they are: ways of signing in, and what each role's sessions allow.
//!
//! The defaults follow issue and field: many settings ban personal phones in rooms, so their staff may
//! use a code by mail; whoever sees many families' records, or runs the relay, needs something that
//! cannot be read in a mailbox. All of it is configuration (`[sign_in]`).

use std::collections::BTreeMap;

use super::people::{Role, coded};
use super::time::{HOUR, Instant, MINUTE};

coded! {
    /// A way to show who one is, beyond a password or in its place.
    Factor {
        /// Single sign-on by the organisation's own identity provider (OpenID Connect).
        Sso = "sso", "Single sign-on";
        /// A passkey (WebAuthn); it also works alone.
        Passkey = "passkey", "Passkey";
        /// A code from an authenticator app (TOTP, RFC 6238), after the password.
        Totp = "totp", "Authenticator app";
        /// A code by mail, after the password.
        MailedCode = "mailed-code", "Code by email";
        /// One of the recovery codes that were printed, after the password.
        RecoveryCode = "recovery-code", "Recovery code";
    }
}

coded! {
    /// How a session was begun.
    Method {
        /// One click, in the demo only.
        Demo = "demo", "Demonstration";
        /// A single-use link, from the command line or an invitation.
        Link = "link", "Single-use link";
        /// Single sign-on.
        Sso = "sso", "Single sign-on";
        /// A passkey alone.
        Passkey = "passkey", "Passkey";
        /// A password, and a second factor after it.
        Password = "password", "Password";
    }
}

coded! {
    /// How far somebody has come in signing in.
    Stage {
        /// The password was right; the second factor is still to come.
        Second = "second", "Second step";
        /// A link was used; a password or passkey and a second factor are to be set up.
        SetUp = "set-up", "Setting up";
        /// Signed in.
        Full = "full", "Signed in";
    }
}

/// What a role's sessions allow. Times in microseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleRules {
    /// The factors of which one is needed.
    pub factors: Vec<Factor>,
    /// A session ends after so long without a request.
    pub idle: i64,
    /// A session ends after so long in any case.
    pub absolute: i64,
}

/// The rules of signing in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInRules {
    /// Roles whose rules differ from [`SignInRules::default_of`].
    pub roles: BTreeMap<Role, RoleRules>,
    /// Exports, bulk printing, other lines' cases and key operations want a check at most so old.
    pub fresh: i64,
    /// Everything wants a check at most so old.
    pub recheck: i64,
}

impl Default for SignInRules {
    fn default() -> Self {
        Self { roles: BTreeMap::new(), fresh: 10 * MINUTE, recheck: 10 * HOUR }
    }
}

impl SignInRules {
    /// What holds for a role.
    pub fn of(&self, role: Role) -> RoleRules {
        self.roles.get(&role).cloned().unwrap_or_else(|| Self::default_of(role))
    }

    /// What holds for a role when the configuration is silent.
    pub fn default_of(role: Role) -> RoleRules {
        let strong = vec![Factor::Sso, Factor::Passkey, Factor::Totp];
        match role.in_setting() {
            true => RoleRules {
                factors: vec![Factor::Sso, Factor::Passkey, Factor::Totp, Factor::MailedCode],
                idle: 30 * MINUTE,
                absolute: 10 * HOUR,
            },
            false => RoleRules { factors: strong, idle: 20 * MINUTE, absolute: 10 * HOUR },
        }
    }
}

/// A session as its holder's requests see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its name in lists, which signs nobody in.
    pub id: String,
    /// How far its holder has come.
    pub stage: Stage,
    /// How it was begun.
    pub method: Method,
    /// The browser and system it was begun in, from a small fixed list, such as `firefox-windows`.
    pub browser: String,
    /// When it was begun.
    pub created_at: Instant,
    /// When its holder last asked for anything, to the minute.
    pub seen_at: Instant,
    /// When it ends in any case.
    pub ends_at: Instant,
    /// When a second factor, passkey or single sign-on was last checked; the epoch if never.
    pub checked_at: Instant,
}

impl Session {
    /// When it ends if its holder asks for nothing more.
    pub fn idle_end(&self, rules: &RoleRules) -> Instant {
        self.seen_at.plus(rules.idle).min(self.ends_at)
    }

    /// Whether its holder showed who they are at most `age` ago (microseconds), by any way of signing in. At an
    /// identity provider that was when it says, which may be before the session began.
    pub fn proven_within(&self, now: Instant, age: i64) -> bool {
        let said = self.method == Method::Sso && self.checked_at.micros() != 0;
        let shown = if said { self.checked_at } else { self.checked_at.max(self.created_at) };
        now.micros() - shown.micros() <= age
    }

    /// Whether the last check is at most `age` old (microseconds). A link and the demo's click are no
    /// check, but the demo asks for none.
    pub fn checked_within(&self, now: Instant, age: i64) -> bool {
        self.method == Method::Demo || now.micros() - self.checked_at.micros() <= age
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_settings_may_use_a_code_by_mail() {
        let rules = SignInRules::default();
        for role in Role::ALL {
            assert_eq!(rules.of(*role).factors.contains(&Factor::MailedCode), role.in_setting(), "{role:?}");
        }
    }

    #[test]
    fn a_session_ends_by_rest_or_by_age_and_a_check_grows_old() {
        let at = Instant::from_micros;
        let mut session = Session {
            id: "1".into(),
            stage: Stage::Full,
            method: Method::Password,
            browser: String::new(),
            created_at: at(0),
            seen_at: at(5 * HOUR),
            ends_at: at(10 * HOUR),
            checked_at: at(0),
        };
        let rules = SignInRules::default_of(Role::Duty);
        assert_eq!(session.idle_end(&rules), at(5 * HOUR + 20 * MINUTE));
        session.seen_at = at(10 * HOUR - MINUTE);
        assert_eq!(session.idle_end(&rules), at(10 * HOUR));
        assert!(
            session.checked_within(at(MINUTE), MINUTE) && !session.checked_within(at(MINUTE + 1), MINUTE)
        );
        session.method = Method::Demo;
        assert!(session.checked_within(at(HOUR), MINUTE));
    }
}
