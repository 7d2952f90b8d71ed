//! Recovery codes: ten, printed, each works once, in the place of a second factor that is lost.
//!
//! A code is 50 bits of chance in letters and digits that cannot be taken for one another. The database
//! keeps an HMAC of it with the person's id, so that a stolen backup without the keys holds nothing to try
//! codes against.

use super::SignedIn;
use crate::audit::{Act, Code, EventDraft, Object};
use crate::domain::ids::PersonId;
use crate::domain::people::Person;
use crate::relay::{Relay, actor};
use crate::store::{StoreError, credentials};

/// How many codes are made.
pub const CODES: usize = 10;
/// Characters of a code.
const LENGTH: usize = 10;
/// No 0, O, 1, I: 32 characters, five bits each.
const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// Sets recovery codes apart from every other use of the index key.
const LABEL: &str = "recovery-code";

fn mac(relay: &Relay, person: PersonId, code: &str) -> [u8; 32] {
    relay.keys.index_mac(LABEL, format!("{person} {code}").as_bytes())
}

fn code(relay: &Relay) -> String {
    let chance: [u8; LENGTH] = relay.rng.bytes();
    chance.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect()
}

/// As it is printed: two groups of five.
fn printed(code: &str) -> String {
    let (first, second) = code.split_at(LENGTH / 2);
    format!("{first}-{second}")
}

/// Makes ten new codes, with the event; earlier ones are worth nothing from then on. They are given once,
/// as they are printed.
pub async fn make(relay: &Relay, now: &SignedIn) -> Result<Vec<String>, StoreError> {
    let codes: Vec<String> = (0..CODES).map(|_| code(relay)).collect();
    let id = now.person.id;
    let macs: Vec<[u8; 32]> = codes.iter().map(|code| mac(relay, id, code)).collect();
    let event = EventDraft::new(Act::RecoveryCodesMade, actor(&now.person));
    let event = event.on(Object::new("person", Code::of(&id.to_string())));
    let kept = relay.store.write(move |unit| {
        Box::pin(async move {
            unit.record(event.extra("count", Code::number(macs.len() as u64)));
            credentials::put_recovery_codes(unit, id, &macs).await
        })
    });
    kept.await?;
    Ok(codes.iter().map(|code| printed(code)).collect())
}

/// Whether this is a code of the person that was not used before; it is used up, with `event`.
pub(super) async fn check(
    relay: &Relay,
    person: &Person,
    typed: &str,
    event: EventDraft,
) -> Result<bool, StoreError> {
    let code: String = typed.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_uppercase();
    let (id, mac) = (person.id, mac(relay, person.id, &code));
    let used = relay.store.write(move |unit| {
        Box::pin(async move {
            let used = credentials::use_recovery_code(unit, id, mac).await?;
            match used {
                true => unit.record(event),
                false => unit.unaudited("no code, or used before; the refusal is recorded"),
            }
            Ok(used)
        })
    });
    used.await
}
