//! Adding a passkey (WebAuthn level 3, section 7.1): the person is signed in, or setting up.

use serde_json::Value;
use webauthn_rs::prelude::{PasskeyRegistration, RegisterPublicKeyCredential, Uuid};

use super::{Answer, MOST, PasskeyError, Passkeys, Purpose, Question, allowed, ask, key_hash, refused, take};
use crate::domain::people::Person;
use crate::domain::time::Instant;
use crate::relay::{Relay, actor};
use crate::store::StoreError;
use crate::store::passkeys::{self as rows, Passkey};

/// Asks an authenticator for a new key. It has to check who holds it and to keep the key itself, so
/// that it signs in without an address being typed.
pub async fn begin_add(
    relay: &Relay,
    passkeys: &Passkeys,
    person: &Person,
) -> Result<Question, PasskeyError> {
    if !allowed(relay, person) {
        return Err(PasskeyError::Refused("role"));
    }
    let known = super::of(relay, person.id).await?;
    if known.len() >= MOST {
        return Err(PasskeyError::TooMany);
    }
    let known = known.into_iter().map(|row| row.credential_id).collect();
    let handle = Uuid::from_bytes(*person.id.bytes());
    let name = if person.email.is_empty() { &person.name } else { &person.email };
    let begun = passkeys.webauthn.start_passkey_registration(handle, name, &person.name, Some(known));
    let (options, state) = begun.map_err(refused)?;
    let mut options = serde_json::to_value(options).map_err(|_| PasskeyError::Refused("options"))?;
    discoverable(&mut options);
    ask(relay, Purpose::Add, Some(person.id), &options, &state).await
}

/// The crate asks for a key that works only after an address was typed.
fn discoverable(options: &mut Value) {
    let wanted = &mut options["publicKey"]["authenticatorSelection"];
    wanted["residentKey"] = "required".into();
    wanted["requireResidentKey"] = true.into();
}

/// Keeps the new key under a name, with the event.
///
/// # Errors
/// [`PasskeyError::Known`] when it is registered already, whoever did it.
pub async fn finish_add(
    relay: &Relay,
    passkeys: &Passkeys,
    person: &Person,
    answer: Answer<'_>,
    name: &str,
) -> Result<(), PasskeyError> {
    let state: PasskeyRegistration = take(relay, Purpose::Add, Some(person.id), answer.handle).await?;
    let said: RegisterPublicKeyCredential =
        serde_json::from_str(answer.said).map_err(|_| PasskeyError::Refused("unreadable"))?;
    let made = passkeys.webauthn.finish_passkey_registration(&said, &state).map_err(refused)?;
    let row = Passkey {
        id: relay.chance::<8>(),
        person: person.id,
        name: name.to_owned(),
        credential_id: made.cred_id().to_vec(),
        key_hash: key_hash(&made)?,
        credential: serde_json::to_string(&made).map_err(|_| PasskeyError::Refused("key"))?,
        created_at: relay.clock.now(),
        used_at: Instant::from_micros(0),
    };
    let who = actor(person);
    let kept = relay.store.write(move |unit| Box::pin(async move { rows::insert(unit, &who, &row).await }));
    match kept.await {
        Err(StoreError::Constraint(_)) => Err(PasskeyError::Known),
        other => Ok(other?),
    }
}
