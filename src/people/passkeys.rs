//! Passkeys: a key on somebody's own device that signs for this site's name and no other, after the
//! device has checked a finger, a face or a PIN. It works alone (WebAuthn level 3, sections 7.1, 7.2).
//!
//! ```text
//!  begin ─> challenge ─> browser ─> device signs ─> finish
//!    └─ ceremony: its state under the hash of a single-use handle, five minutes ─┘ taken, once
//! ```
//!
//! The handle travels in a cookie of its own, so an answer counts only in the browser that was asked.
//! It is used up before the answer is read: a wrong answer, a replay and a crash all need a new
//! challenge. The site's name comes from the configured address, never from a request.

mod add;
mod check;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use webauthn_rs::prelude::{Passkey, Url, Webauthn, WebauthnBuilder, WebauthnError};

use super::token::Token;
use crate::domain::ids::PersonId;
use crate::domain::people::Person;
use crate::domain::sign_in::{Factor, Session};
use crate::domain::time::MINUTE;
use crate::relay::{Relay, actor};
use crate::store::passkeys::{self as rows, Ceremony};
use crate::store::{StoreError, sessions};

pub use add::{begin_add, finish_add};
pub use check::{begin_check, begin_sign_in, finish_check, finish_sign_in};

/// How long an answer may take, microseconds.
pub const CEREMONY: i64 = 5 * MINUTE;
/// Most passkeys of one person.
pub const MOST: usize = 20;

/// The site that passkeys are made for.
pub struct Passkeys {
    webauthn: Webauthn,
    host: String,
    origin: String,
}

/// What a ceremony is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    Add,
    SignIn,
    Check,
}

impl Purpose {
    fn code(self) -> &'static str {
        match self {
            Purpose::Add => "add",
            Purpose::SignIn => "sign-in",
            Purpose::Check => "check",
        }
    }
}

/// A question for the browser, and the handle that its answer must come with.
pub struct Question {
    /// `{"publicKey": …}` with bytes as base64url, for `navigator.credentials`.
    pub options: Value,
    /// For a cookie of this browser.
    pub handle: Token,
}

/// What a browser answered.
#[derive(Clone, Copy)]
pub struct Answer<'a> {
    /// From its cookie.
    pub handle: &'a Token,
    /// The credential as JSON with bytes as base64url.
    pub said: &'a str,
}

/// Why a passkey was not added or did not sign anybody in.
#[derive(Debug, thiserror::Error)]
pub enum PasskeyError {
    /// Nobody waits for this answer: too late, answered before, or asked for somebody or something else.
    #[error("nobody waits for this answer")]
    Ended,
    /// The answer is not accepted; the code says why, for the log and for tests, not for the asker.
    #[error("refused: {0}")]
    Refused(&'static str),
    /// This credential is registered already.
    #[error("registered already")]
    Known,
    /// The person has as many passkeys as one may have.
    #[error("too many passkeys")]
    TooMany,
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Passkeys {
    /// For the site at this address, such as `https://relay.example`. `None` when its host is a number:
    /// passkeys belong to a name.
    pub fn of(base_url: &str) -> Option<Self> {
        let origin = Url::parse(base_url).ok()?;
        let host = origin.domain()?.to_owned();
        let lasts = std::time::Duration::from_micros(CEREMONY.unsigned_abs());
        let site = WebauthnBuilder::new(&host, &origin).ok()?.rp_name("dutyline").timeout(lasts);
        let webauthn = site.build().ok()?;
        Some(Self { webauthn, origin: origin.origin().ascii_serialization(), host })
    }

    /// The site's name, to which its passkeys belong (the relying party's id).
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The address at which they work.
    pub fn origin(&self) -> &str {
        &self.origin
    }
}

/// Whether the person's role may sign in with a passkey.
pub fn allowed(relay: &Relay, person: &Person) -> bool {
    relay.sign_in.of(person.role).factors.contains(&Factor::Passkey)
}

/// The passkeys of a person, the oldest first.
pub async fn of(relay: &Relay, person: PersonId) -> Result<Vec<rows::Passkey>, StoreError> {
    rows::of(&mut relay.store.read().await?, person).await
}

/// Takes one's own passkey away, and ends one's other sessions: whoever has the device may be in one.
///
/// # Errors
/// [`StoreError::Missing`] when the person has no such passkey.
pub async fn remove(relay: &Relay, person: &Person, now: &Session, id: &str) -> Result<(), StoreError> {
    let (who, owner, id, here) = (actor(person), person.id, id.to_owned(), now.id.clone());
    relay
        .store
        .write(move |unit| {
            Box::pin(async move {
                rows::remove(unit, &who, owner, &id).await?;
                sessions::end_others(unit, owner, &here).await?;
                Ok(())
            })
        })
        .await
}

/// Keeps what the answer will be checked against.
async fn ask(
    relay: &Relay,
    purpose: Purpose,
    person: Option<PersonId>,
    options: &Value,
    state: &impl Serialize,
) -> Result<Question, PasskeyError> {
    let handle = Token::new(relay);
    let ceremony = Ceremony {
        kind: purpose.code().to_owned(),
        person_id: named(person),
        state: serde_json::to_string(state).map_err(|_| PasskeyError::Refused("state"))?,
        ends_at: relay.clock.now().plus(CEREMONY).micros(),
    };
    let hash = handle.hash();
    let kept = relay.store.write(move |unit| {
        Box::pin(async move {
            unit.unaudited("a question to an authenticator changes nothing");
            rows::begin_ceremony(unit, hash, &ceremony).await
        })
    });
    kept.await?;
    Ok(Question { options: json!({ "publicKey": options["publicKey"] }), handle })
}

/// What an answer is checked against, once.
async fn take<T: DeserializeOwned>(
    relay: &Relay,
    purpose: Purpose,
    person: Option<PersonId>,
    handle: &Token,
) -> Result<T, PasskeyError> {
    let hash = handle.hash();
    let taken = relay.store.write(move |unit| {
        Box::pin(async move {
            unit.unaudited("what follows from the answer is recorded");
            rows::take_ceremony(unit, hash).await
        })
    });
    let ceremony = taken.await?.ok_or(PasskeyError::Ended)?;
    if ceremony.kind != purpose.code() || ceremony.person_id != named(person) {
        return Err(PasskeyError::Ended);
    }
    serde_json::from_str(&ceremony.state).map_err(|_| PasskeyError::Refused("state"))
}

fn named(person: Option<PersonId>) -> String {
    person.map(|id| id.to_string()).unwrap_or_default()
}

/// What the trail vouches for: a credential's id and public key.
fn key_hash(passkey: &Passkey) -> Result<String, PasskeyError> {
    let key = serde_json::to_vec(passkey.get_public_key()).map_err(|_| PasskeyError::Refused("key"))?;
    let hash = Sha256::new().chain_update(Sha256::digest(passkey.cred_id())).chain_update(key).finalize();
    Ok(hash.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The crate's reason as a code: its own words may quote what was sent.
fn refused(error: WebauthnError) -> PasskeyError {
    PasskeyError::Refused(match error {
        WebauthnError::MismatchedChallenge => "challenge",
        WebauthnError::InvalidRPOrigin => "origin",
        WebauthnError::InvalidRPIDHash => "site",
        WebauthnError::InvalidClientDataType => "type",
        WebauthnError::UserNotPresent => "nobody-present",
        WebauthnError::UserNotVerified => "not-verified",
        WebauthnError::CredentialCrossOrigin => "frame",
        WebauthnError::AuthenticationFailure => "signature",
        WebauthnError::CredentialPossibleCompromise => "counter",
        _ => "answer",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passkeys_belong_to_the_configured_name_and_never_to_a_number() {
        let site = Passkeys::of("https://relay.example:8443").expect("a name");
        assert_eq!((site.host(), site.origin()), ("relay.example", "https://relay.example:8443"));
        for number in ["http://127.0.0.1:8080", "https://[::1]", "https://192.0.2.7", "relay.example", ""] {
            assert!(Passkeys::of(number).is_none(), "{number}");
        }
    }
}
