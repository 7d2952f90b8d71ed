//! Using a passkey (WebAuthn level 3, section 7.2): to sign in with it alone, as the second step, or to
//! show again who one is.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use webauthn_rs::prelude::{DiscoverableAuthentication, Passkey, PublicKeyCredential, WebauthnError};

use super::{Answer, PasskeyError, Passkeys, Purpose, Question, allowed, ask, key_hash, refused, take};
use crate::audit::{Act, Actor, Code, EventDraft, Object, Outcome};
use crate::domain::ids::PersonId;
use crate::domain::people::Person;
use crate::domain::sign_in::{Method, Stage};
use crate::people::{Begin, Token, begin};
use crate::relay::Relay;
use crate::store::passkeys::{self as rows, Passkey as Row};
use crate::store::{StoreError, people};

/// Asks for any passkey of this site: who it is, the answer says.
pub async fn begin_sign_in(relay: &Relay, passkeys: &Passkeys) -> Result<Question, PasskeyError> {
    let (options, state) = question(passkeys)?;
    ask(relay, Purpose::SignIn, None, &options, &state).await
}

/// Begins a whole session for whoever's passkey answered. A stranger, a removed passkey, a disabled
/// person and a role without passkeys are all [`PasskeyError::Refused`].
pub async fn finish_sign_in(
    relay: &Relay,
    passkeys: &Passkeys,
    answer: Answer<'_>,
    browser: &str,
) -> Result<Token, PasskeyError> {
    let state = take(relay, Purpose::SignIn, None, answer.handle).await?;
    let person = verified(relay, passkeys, state, answer.said, None).await?;
    let checked = Some(relay.clock.now());
    let how = Begin { stage: Stage::Full, method: Method::Passkey, checked, browser: browser.to_owned() };
    begin(relay, person, how).await?.ok_or(PasskeyError::Refused("disabled"))
}

/// Asks for one of this person's passkeys: the second step, or the check again.
pub async fn begin_check(
    relay: &Relay,
    passkeys: &Passkeys,
    person: &Person,
) -> Result<Question, PasskeyError> {
    let own = super::of(relay, person.id).await?;
    if own.is_empty() {
        return Err(PasskeyError::Refused("none"));
    }
    let (mut options, state) = question(passkeys)?;
    let id = |row: &Row| json!({ "type": "public-key", "id": URL_SAFE_NO_PAD.encode(&row.credential_id) });
    options["publicKey"]["allowCredentials"] = own.iter().map(id).collect();
    ask(relay, Purpose::Check, Some(person.id), &options, &state).await
}

/// Checks that this person's passkey answered. The caller goes on with the session
/// ([`crate::people::advance`] or [`crate::people::checked`]).
pub async fn finish_check(
    relay: &Relay,
    passkeys: &Passkeys,
    person: &Person,
    answer: Answer<'_>,
) -> Result<(), PasskeyError> {
    let state = take(relay, Purpose::Check, Some(person.id), answer.handle).await?;
    verified(relay, passkeys, state, answer.said, Some(person.id)).await?;
    Ok(())
}

fn question(passkeys: &Passkeys) -> Result<(Value, DiscoverableAuthentication), PasskeyError> {
    let (options, state) = passkeys.webauthn.start_discoverable_authentication().map_err(refused)?;
    let options = serde_json::to_value(options).map_err(|_| PasskeyError::Refused("options"))?;
    Ok((options, state))
}

/// Whose passkey answered, when the answer holds; notes that it was used, and its counter.
async fn verified(
    relay: &Relay,
    passkeys: &Passkeys,
    state: DiscoverableAuthentication,
    said: &str,
    known: Option<PersonId>,
) -> Result<PersonId, PasskeyError> {
    let said: PublicKeyCredential =
        serde_json::from_str(said).map_err(|_| PasskeyError::Refused("unreadable"))?;
    let row = owned(relay, &said, known).await?;
    let mut passkey = stored(&row)?;
    let answer = match passkeys.webauthn.finish_discoverable_authentication_v2(&said, state, &passkey) {
        Ok(answer) => answer,
        Err(error) => {
            if matches!(error, WebauthnError::CredentialPossibleCompromise) {
                relay.store.record(copied(&row)).await?;
            }
            return Err(refused(error));
        }
    };
    if !answer.user_verified() {
        return Err(PasskeyError::Refused("not-verified"));
    }
    passkey.update_credential(&answer);
    let person = row.person;
    note_use(relay, row, &passkey).await?;
    Ok(person)
}

/// The passkey that answered, if its owner may use it: the person that was asked, or the one that the
/// authenticator names.
async fn owned(
    relay: &Relay,
    said: &PublicKeyCredential,
    known: Option<PersonId>,
) -> Result<Row, PasskeyError> {
    let mut read = relay.store.read().await?;
    let row = rows::by_credential(&mut read, said.get_credential_id()).await?;
    let row = row.ok_or(PasskeyError::Refused("unknown"))?;
    let person = people::find(&mut read, row.person).await?.ok_or(PasskeyError::Refused("disabled"))?;
    if !allowed(relay, &person) {
        return Err(PasskeyError::Refused("role"));
    }
    let names = said.get_user_unique_id().map(|id| id == person.id.bytes());
    let same = known.is_none_or(|id| id == person.id);
    match (known, names) {
        (_, Some(true)) | (Some(_), None) if same => Ok(row),
        _ => Err(PasskeyError::Refused("owner")),
    }
}

/// The key of a row, if it is the one that the trail vouches for.
fn stored(row: &Row) -> Result<Passkey, PasskeyError> {
    let tampered = || PasskeyError::Store(StoreError::Tampered(format!("passkey {}", row.id)));
    let passkey: Passkey = serde_json::from_str(&row.credential).map_err(|_| tampered())?;
    let same = key_hash(&passkey)? == row.key_hash && *passkey.cred_id() == row.credential_id;
    if same { Ok(passkey) } else { Err(tampered()) }
}

/// A counter that went back: two devices may hold one key.
fn copied(row: &Row) -> EventDraft {
    EventDraft::new(Act::SignInRefused, Actor::stranger())
        .on(Object::new("passkey", Code::of(&row.id)))
        .outcome(Outcome::Refused)
        .extra("kind", Code::fixed("passkey"))
        .extra("why", Code::fixed("counter"))
}

async fn note_use(relay: &Relay, row: Row, passkey: &Passkey) -> Result<(), PasskeyError> {
    let credential = serde_json::to_string(passkey).map_err(|_| PasskeyError::Refused("key"))?;
    let noted = relay.store.write(move |unit| {
        Box::pin(async move {
            unit.unaudited("when a passkey was last used is housekeeping; what follows is recorded");
            rows::used(unit, &row, credential).await
        })
    });
    match noted.await {
        Err(StoreError::Conflict(_)) => Err(PasskeyError::Refused("at-once")),
        other => Ok(other?),
    }
}
