//! What a person has to sign in with, what their role allows, and whether what they show is right.
//!
//! | factor | when it is offered |
//! |---|---|
//! | authenticator app | they have one, and the role's rules name it |
//! | code by mail | they have an address, and the role's rules name it |
//! | recovery code | they have one left: it stands in for a factor that is lost |
//!
//! A passkey works alone; after a password it is the second step too, on a page of its own
//! (`people::passkeys`). Single sign-on has its own.

use super::token::Token;
use super::{SignedIn, devices, mailed_code, recovery, throttle, totp};
use crate::audit::{Act, Code, EventDraft, Object, Outcome};
use crate::domain::people::Person;
use crate::domain::sign_in::{Factor, RoleRules};
use crate::relay::{Relay, actor};
use crate::store::credentials::{self, TotpState};
use crate::store::{StoreError, Unit, passkeys as store_passkeys};

/// What a person has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Have {
    /// A password.
    pub password: bool,
    /// An authenticator app.
    pub totp: bool,
    /// Passkeys.
    pub passkeys: usize,
    /// Recovery codes that were not used.
    pub recovery_codes: i64,
    /// An address to which a code can be mailed.
    pub mailbox: bool,
}

/// How showing a factor ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checked {
    /// It was right, and is used up.
    Right,
    /// It was wrong, used before, or of a way that this person may not use.
    Wrong,
    /// Too many tries: again in so many seconds.
    Wait(i64),
}

/// What a person has to sign in with.
pub async fn of(relay: &Relay, person: &Person) -> Result<Have, StoreError> {
    let mut read = relay.store.read().await?;
    Ok(Have {
        password: credentials::password(&mut read, Some(person.id)).await?.is_some(),
        totp: credentials::totp(&mut read, person.id, TotpState::Live).await?.is_some(),
        passkeys: store_passkeys::of(&mut read, person.id).await?.len(),
        recovery_codes: credentials::recovery_codes_left(&mut read, person.id).await?,
        mailbox: !person.email.is_empty(),
    })
}

impl Have {
    /// The second factors that may be typed after the password, the best first.
    pub fn offered(&self, rules: &RoleRules) -> Vec<Factor> {
        let mut offered = self.lasting(rules);
        if self.recovery_codes > 0 {
            offered.push(Factor::RecoveryCode);
        }
        offered
    }

    /// Whether there is a second factor that lasts: recovery codes alone are used up.
    pub fn enough(&self, rules: &RoleRules) -> bool {
        self.passkey(rules) || !self.lasting(rules).is_empty()
    }

    /// Whether there is a passkey that the role may use.
    pub fn passkey(&self, rules: &RoleRules) -> bool {
        self.passkeys > 0 && rules.factors.contains(&Factor::Passkey)
    }

    /// Whether somebody can sign in with what they have: by a passkey alone, or by a password and a second
    /// factor that lasts.
    pub fn ready(&self, rules: &RoleRules) -> bool {
        self.passkey(rules) || self.password && self.enough(rules)
    }

    fn lasting(&self, rules: &RoleRules) -> Vec<Factor> {
        let had = [(Factor::Totp, self.totp), (Factor::MailedCode, self.mailbox)];
        let allowed = |factor: &Factor| rules.factors.contains(factor);
        had.into_iter().filter(|(factor, has)| *has && allowed(factor)).map(|(factor, _)| factor).collect()
    }
}

/// Looks whether what somebody typed is right for one factor, at the second step or when they are asked
/// again. Right and wrong are both in the trail; a wrong one after a right password is no stranger's.
pub async fn check(
    relay: &Relay,
    now: &SignedIn,
    factor: Factor,
    typed: &str,
    device: Option<&Token>,
) -> Result<Checked, StoreError> {
    let person = &now.person;
    let offered = of(relay, person).await?.offered(&relay.sign_in.of(person.role));
    if !offered.contains(&factor) {
        return Ok(Checked::Wrong);
    }
    let known = devices::is_known(relay, person.id, device).await?;
    let guards = throttle::for_factor(relay, person.id, known);
    if let Some(seconds) = throttle::take(relay, &guards).await? {
        return Ok(Checked::Wait(seconds));
    }
    let used = event(Act::FactorUsed, now, factor);
    let right = match factor {
        Factor::Totp => totp::check(relay, person, typed, used).await?,
        Factor::MailedCode => mailed_code::check(relay, now, typed, used).await?,
        Factor::RecoveryCode => recovery::check(relay, person, typed, used).await?,
        Factor::Sso | Factor::Passkey => false,
    };
    let refused = event(Act::SignInRefused, now, factor).outcome(Outcome::Refused);
    let settled = relay.store.write(move |unit: &mut Unit| {
        Box::pin(async move {
            if right {
                unit.unaudited("tries are forgotten; the factor that was shown is recorded");
                return throttle::right(unit, &guards).await;
            }
            unit.record(refused);
            Ok(())
        })
    });
    settled.await?;
    Ok(if right { Checked::Right } else { Checked::Wrong })
}

fn event(act: Act, now: &SignedIn, factor: Factor) -> EventDraft {
    EventDraft::new(act, actor(&now.person))
        .on(Object::new("person", Code::of(&now.person.id.to_string())))
        .extra("session", Code::of(&now.session.id))
        .extra("factor", Code::fixed(factor.code()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::people::Role;
    use crate::domain::sign_in::SignInRules;

    #[test]
    fn a_strong_role_is_offered_no_code_by_mail() {
        let all = Have { password: true, totp: true, passkeys: 0, recovery_codes: 1, mailbox: true };
        for role in Role::ALL {
            let offered = all.offered(&SignInRules::default_of(*role));
            assert_eq!(offered.contains(&Factor::MailedCode), role.in_setting(), "{role:?}");
            assert!(offered.contains(&Factor::Totp) && offered.contains(&Factor::RecoveryCode));
        }
        let mail = Have { totp: false, recovery_codes: 0, ..all.clone() };
        assert!(mail.enough(&SignInRules::default_of(Role::Manager)));
        let duty = SignInRules::default_of(Role::Duty);
        assert!(!mail.enough(&duty) && mail.offered(&duty).is_empty());
        let key = Have { password: false, passkeys: 1, ..mail.clone() };
        assert!(
            key.ready(&duty) && key.enough(&duty) && key.offered(&duty).is_empty(),
            "a passkey works alone"
        );
        assert!(!mail.ready(&duty) && mail.ready(&SignInRules::default_of(Role::Manager)));
        let codes = Have { totp: false, ..all };
        assert_eq!((codes.enough(&duty), codes.offered(&duty)), (false, vec![Factor::RecoveryCode]));
    }
}
