//! Authenticator apps (TOTP, RFC 6238): SHA-1, six digits, thirty seconds, which every app knows.
//!
//! The secret is sealed to the relay with the person's id inside: a row that was moved to another person
//! does not open there. A code is taken from the step before, this one or the next (section 5.2), and its
//! step is used up in the same statement that asks whether it was free, so no code works twice.

use totp_rs::{Algorithm, Builder, Secret, Totp};
use zeroize::Zeroizing;

use super::SignedIn;
use crate::audit::{Act, Code, EventDraft, Object};
use crate::domain::ids::PersonId;
use crate::domain::people::Person;
use crate::domain::sign_in::Factor;
use crate::domain::time::{HOUR, SECOND};
use crate::relay::{Relay, actor};
use crate::seal::{open_object, seal_object};
use crate::store::credentials::{self, TotpState};
use crate::store::{StoreError, sessions};

/// Bytes of a secret (RFC 4226 section 4 asks for 20).
const SECRET: usize = 20;
/// Seconds of a step.
const STEP: u64 = 30;
/// How long the secret of an app that is being added may be shown again, microseconds.
const SHOWN: i64 = HOUR;
/// The service's name in the app.
const ISSUER: &str = "dutyline";

/// What an app needs to know. No `Debug`: it is the secret.
pub struct NewApp {
    /// The secret in groups of four, for typing.
    pub groups: String,
    /// The `otpauth:` address, for the square.
    pub url: Zeroizing<String>,
}

fn totp(person: &Person, secret: &[u8]) -> Totp {
    let name = if person.email.is_empty() { &person.name } else { &person.email };
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_skew(1)
        .with_step_duration(STEP)
        .with_secret(Secret::new(secret.into()))
        .with_account_name(name.replace(':', " "))
        .with_issuer(Some(ISSUER))
        .build_noncompliant()
}

fn seal(relay: &Relay, person: PersonId, secret: &[u8]) -> Vec<u8> {
    let plain = Zeroizing::new([person.to_string().as_bytes(), b" ", secret].concat());
    seal_object(relay.keys.relay().recipient(), &plain)
}

fn open(relay: &Relay, person: PersonId, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, StoreError> {
    let tampered = || StoreError::Tampered(format!("authenticator of {person}"));
    let plain = open_object(relay.keys.relay(), sealed).map_err(|_| tampered())?;
    let secret = plain.strip_prefix(format!("{person} ").as_bytes()).ok_or_else(tampered)?;
    Ok(Zeroizing::new(secret.to_vec()))
}

/// The app that somebody is adding: the same secret again when they come back to the page in the same
/// session, and a new one otherwise.
pub async fn begin(relay: &Relay, now: &SignedIn) -> Result<NewApp, StoreError> {
    let (person, session) = (&now.person, now.session.id.clone());
    let secret = match pending(relay, now).await? {
        Some(secret) => secret,
        None => {
            let secret = Zeroizing::new(relay.rng.bytes::<SECRET>().to_vec());
            let (id, sealed) = (person.id, seal(relay, person.id, &secret));
            let kept = relay.store.write(move |unit| {
                Box::pin(async move {
                    unit.unaudited("an app that was not confirmed signs nobody in");
                    credentials::put_pending_totp(unit, id, &session, &sealed).await
                })
            });
            kept.await?;
            secret
        }
    };
    let totp = totp(person, &secret);
    let letters = totp.secret().to_base32();
    let groups: Vec<&str> =
        letters.as_bytes().chunks(4).filter_map(|four| str::from_utf8(four).ok()).collect();
    let url = totp.to_url().map_err(|_| StoreError::Missing("name for the authenticator app"))?;
    Ok(NewApp { groups: groups.join(" "), url: Zeroizing::new(url) })
}

async fn pending(relay: &Relay, now: &SignedIn) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
    let mut read = relay.store.read().await?;
    let row = credentials::totp(&mut read, now.person.id, TotpState::Pending).await?;
    let oldest = relay.clock.now().plus(-SHOWN).micros();
    let row = row.filter(|row| row.session == now.session.id && row.made_at > oldest);
    row.map(|row| open(relay, now.person.id, &row.sealed)).transpose()
}

/// The step whose code this is, if it is one of the three that count now.
fn step_of(relay: &Relay, person: &Person, secret: &[u8], typed: &str) -> Option<i64> {
    let digits: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    let now = u64::try_from(relay.clock.now().micros() / SECOND).unwrap_or(0);
    let sound = digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_digit());
    sound
        .then(|| totp(person, secret).check(&digits, now))
        .flatten()
        .and_then(|step| i64::try_from(step).ok())
}

/// Takes the app that is being added into use when this is a code of it, with the event; every other
/// session of the person ends. An app that was there before is replaced.
pub async fn confirm(relay: &Relay, now: &SignedIn, typed: &str) -> Result<bool, StoreError> {
    let Some(secret) = pending(relay, now).await? else { return Ok(false) };
    let Some(step) = step_of(relay, &now.person, &secret, typed) else { return Ok(false) };
    let (id, session) = (now.person.id, now.session.id.clone());
    let event = changed(Act::FactorAdded, &now.person);
    let confirmed = relay.store.write(move |unit| {
        Box::pin(async move {
            let done = credentials::confirm_totp(unit, id, &session, step).await?;
            match done {
                true => {
                    let ended = sessions::end_others(unit, id, &session).await?;
                    unit.record(event.extra("ended", Code::number(ended)));
                }
                false => unit.unaudited("another tab was first"),
            }
            Ok(done)
        })
    });
    confirmed.await
}

/// Takes a person's app away, with the event. The caller has looked that enough is left.
pub async fn remove(relay: &Relay, person: &Person) -> Result<(), StoreError> {
    let (id, event) = (person.id, changed(Act::FactorRemoved, person));
    let removed = relay.store.write(move |unit| {
        Box::pin(async move {
            if credentials::remove_totp(unit, id).await? == 0 {
                return Err(StoreError::Missing("authenticator"));
            }
            unit.record(event);
            Ok(())
        })
    });
    removed.await
}

fn changed(act: Act, person: &Person) -> EventDraft {
    EventDraft::new(act, actor(person))
        .on(Object::new("person", Code::of(&person.id.to_string())))
        .extra("factor", Code::fixed(Factor::Totp.code()))
}

/// Whether this is a code of the person's app that was not used before; it is used up, with `event`.
pub(super) async fn check(
    relay: &Relay,
    person: &Person,
    typed: &str,
    event: EventDraft,
) -> Result<bool, StoreError> {
    let mut read = relay.store.read().await?;
    let row = credentials::totp(&mut read, person.id, TotpState::Live).await?;
    drop(read);
    let Some(row) = row else { return Ok(false) };
    let secret = open(relay, person.id, &row.sealed)?;
    let Some(step) = step_of(relay, person, &secret, typed) else { return Ok(false) };
    let id = person.id;
    let used = relay.store.write(move |unit| {
        Box::pin(async move {
            let used = credentials::use_totp_step(unit, id, step).await?;
            match used {
                true => unit.record(event),
                false => unit.unaudited("a code that was used before; the refusal is recorded"),
            }
            Ok(used)
        })
    });
    used.await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::OrganisationId;
    use crate::domain::people::Role;
    use crate::domain::time::Instant;

    #[test]
    fn codes_are_those_of_rfc_6238_and_an_odd_name_makes_an_address() {
        let at = Instant::from_micros(0);
        let mut person = Person {
            id: PersonId::new(at, [0; 10]),
            organisation: OrganisationId::new(at, [0; 10]),
            organisation_name: String::new(),
            name: "Jo: Sample".to_owned(),
            role: Role::Duty,
            lines: Vec::new(),
            covers: Vec::new(),
            email: String::new(),
        };
        // Appendix B, the last six of eight digits.
        let app = totp(&person, b"12345678901234567890");
        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
            assert_eq!(app.generate(seconds).to_string(), code);
        }
        let url = app.to_url().expect("an address");
        assert!(url.starts_with("otpauth://totp/dutyline:Jo%20%20Sample?secret="), "{url}");
        person.email = "jo@setting1.example".to_owned();
        assert!(totp(&person, &[7; 20]).to_url().expect("an address").contains("issuer=dutyline"));
    }
}
