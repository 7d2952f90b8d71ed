//! Passwords: argon2id, at most two at once, beside the others' work.
//!
//! No rules about capitals and digits: they make passwords worse. What is asked is length, and that a
//! guesser who knows the person's name, address and organisation would not come upon it soon (zxcvbn, which
//! knows the common ones). Letters are brought to one spelling (Unicode NFC, as RFC 8265 section 4.2.2 asks),
//! because keyboards write é in two ways.
//!
//! The string that is kept says its own parameters; one with others than today's is made anew at the next
//! sign-in. A crash while hashing changes nothing.

use std::sync::LazyLock;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;
use zxcvbn::feedback::Warning;
use zxcvbn::{Score, zxcvbn};

use super::factors::Checked;
use super::{SignedIn, throttle};
use crate::audit::{Act, Code, EventDraft, Object, Outcome};
use crate::domain::people::Person;
use crate::relay::{Relay, actor};
use crate::store::{StoreError, credentials, sessions};

/// Fewest characters of a password.
pub const SHORTEST: usize = 10;
/// Most characters of a password.
pub const LONGEST: usize = 200;
/// argon2's memory, KiB (19 MiB).
const MEMORY: u32 = 19 * 1024;
/// argon2's passes over the memory.
const PASSES: u32 = 2;
/// argon2's lanes.
const LANES: u32 = 1;
/// Hashes that are worked out at one moment: a thousand sign-ins at once take two processors and 38 MiB,
/// and wait for each other.
const AT_ONCE: usize = 2;
/// Guessed within 10^8 tries: refused.
const WEAKEST: Score = Score::Three;
/// Fewest letters and digits beside words about the person: zxcvbn counts two such words and a digit as
/// three things to guess, and they are not.
const FEWEST_BESIDE: usize = 6;
/// Hashed in the place of a password that is not there, so that both take the same time. No password has it.
const NOBODYS: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$ZHV0eWxpbmUtbm9ib2R5cw$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

static PLACES: Semaphore = Semaphore::const_new(AT_ONCE);
/// Threads for hashing alone. On those that do everybody's slow work each of many would come to a hash once, and
/// the allocator keeps a hash's memory for each of them: half a gigabyte after 64 sign-ins at once.
static THREADS: LazyLock<Runtime> = LazyLock::new(|| {
    let threads = Builder::new_current_thread().max_blocking_threads(AT_ONCE).thread_name("hashing").build();
    threads.expect("a runtime without a driver needs nothing")
});
static HASHER: LazyLock<Argon2<'static>> = LazyLock::new(|| {
    let params = Params::new(MEMORY, PASSES, LANES, None).expect("the parameters are within argon2's limits");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
});

/// Why a password is not taken. The sentence stands beside the field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// Too few characters.
    #[error("Your password must have at least {SHORTEST} characters")]
    Short,
    /// Too many characters.
    #[error("Your password must have at most {LONGEST} characters")]
    Long,
    /// A guesser would soon come upon it.
    #[error(
        "This password is too easy to guess: {0}. Three or four words that do not belong together are better"
    )]
    Guessable(&'static str),
}

/// A password in its one spelling.
fn spelt(typed: &str) -> Zeroizing<String> {
    Zeroizing::new(typed.nfc().collect())
}

/// A password that a person may choose, ready to be hashed.
pub struct Fit(Zeroizing<String>);

/// Looks whether a person may choose this password. Takes the processor for some milliseconds.
///
/// # Errors
/// [`Unfit`], with a sentence for the person.
pub async fn fit(relay: &Relay, person: &Person, typed: &str) -> Result<Fit, Unfit> {
    let password = spelt(typed);
    match password.chars().count() {
        n if n < SHORTEST => return Err(Unfit::Short),
        n if n > LONGEST => return Err(Unfit::Long),
        _ => {}
    }
    let known = words_about(person);
    relay
        .aside(move || {
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            match guessable(&password, &known) {
                Some(why) => Err(Unfit::Guessable(why)),
                None => Ok(Fit(password)),
            }
        })
        .await
}

/// What a guesser would try first.
fn words_about(person: &Person) -> Vec<String> {
    let whole = [person.name.as_str(), &person.email, &person.organisation_name, "dutyline"];
    let pieces = whole.iter().flat_map(|text| text.split(|c: char| !c.is_alphanumeric()));
    let mut words: Vec<String> = whole.iter().copied().chain(pieces).map(str::to_lowercase).collect();
    words.retain(|word| word.chars().count() > 2);
    words
}

fn guessable(password: &str, known: &[&str]) -> Option<&'static str> {
    if without(password, known).chars().filter(|c| c.is_alphanumeric()).count() < FEWEST_BESIDE {
        return Some("it is little more than your name, address or organisation");
    }
    let judged = zxcvbn(password, known);
    (judged.score() < WEAKEST).then(|| why(judged.feedback().and_then(|feedback| feedback.warning())))
}

/// A password without the words that a guesser of this person tries first.
fn without(password: &str, known: &[&str]) -> String {
    let mut known = known.to_vec();
    known.sort_by_key(|word| std::cmp::Reverse(word.len()));
    known.iter().fold(password.to_lowercase(), |left, word| left.replace(word, " "))
}

fn why(warning: Option<Warning>) -> &'static str {
    use Warning::*;
    match warning {
        Some(StraightRowsOfKeysAreEasyToGuess | ShortKeyboardPatternsAreEasyToGuess) => {
            "its letters lie beside each other on the keyboard"
        }
        Some(RepeatsLikeAaaAreEasyToGuess | RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess) => {
            "it repeats itself"
        }
        Some(
            ThisIsATop10Password
            | ThisIsATop100Password
            | ThisIsACommonPassword
            | ThisIsSimilarToACommonlyUsedPassword,
        ) => "many people use it or one like it",
        Some(SequencesLikeAbcAreEasyToGuess) => "it has a sequence such as abc or 123 in it",
        Some(RecentYearsAreEasyToGuess | DatesAreOftenEasyToGuess) => "it has a date or year in it",
        Some(NamesAndSurnamesByThemselvesAreEasyToGuess | CommonNamesAndSurnamesAreEasyToGuess) => {
            "it is made of names"
        }
        Some(AWordByItselfIsEasyToGuess) | None => "it is made of words that are tried first",
    }
}

/// The string to keep for a password.
async fn hash(relay: &Relay, password: Zeroizing<String>) -> String {
    let salt: [u8; 16] = relay.rng.bytes();
    hashing(move || {
        let hashed = HASHER.hash_password_with_salt(password.as_bytes(), &salt);
        hashed.expect("a salt of 16 bytes and our own parameters are accepted").to_string()
    })
    .await
}

/// Waits for one of the two places, and hashes there.
async fn hashing<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let place = PLACES.acquire().await.expect("the places are never closed");
    let done = THREADS.spawn_blocking(move || {
        let _place = place;
        work()
    });
    match done.await {
        Ok(done) => done,
        Err(broken) => std::panic::resume_unwind(broken.into_panic()),
    }
}

/// Whether a password is that of a kept string. Without one the work is the same, and the answer no.
pub(super) async fn verify(kept: Option<String>, typed: &str) -> bool {
    let password = spelt(typed);
    hashing(move || {
        let parsed = PasswordHash::new(kept.as_deref().unwrap_or(NOBODYS));
        let right = parsed.is_ok_and(|kept| HASHER.verify_password(password.as_bytes(), &kept).is_ok());
        tracing::debug!("a password was looked at");
        right && kept.is_some()
    })
    .await
}

/// Makes the kept string of a right password anew when its parameters are not today's.
pub(super) async fn renew(relay: &Relay, person: &Person, kept: &str, typed: &str) -> Result<(), StoreError> {
    let todays = format!("$argon2id$v=19$m={MEMORY},t={PASSES},p={LANES}$");
    if kept.starts_with(&todays) {
        return Ok(());
    }
    let (id, phc) = (person.id, hash(relay, spelt(typed)).await);
    let renewed = relay.store.write(move |unit| {
        Box::pin(async move {
            unit.unaudited("the same password, kept with today's parameters");
            credentials::set_password(unit, id, &phc).await
        })
    });
    renewed.await
}

/// Looks whether this is the password of a session's person: before they change it. A wrong one is counted
/// with wrong second factors, and is in the trail.
pub async fn current(relay: &Relay, now: &SignedIn, typed: &str) -> Result<Checked, StoreError> {
    let guards = throttle::for_factor(relay, now.person.id, None);
    if let Some(seconds) = throttle::take(relay, &guards).await? {
        return Ok(Checked::Wait(seconds));
    }
    let mut read = relay.store.read().await?;
    let kept = credentials::password(&mut read, Some(now.person.id)).await?;
    drop(read);
    let right = verify(kept, typed).await;
    let refused = EventDraft::new(Act::SignInRefused, actor(&now.person)).outcome(Outcome::Refused);
    let refused =
        refused.extra("session", Code::of(&now.session.id)).extra("factor", Code::fixed("password"));
    let settled = relay.store.write(move |unit| {
        Box::pin(async move {
            if right {
                unit.unaudited("tries are forgotten; the change that follows is recorded");
                return throttle::right(unit, &guards).await;
            }
            unit.record(refused);
            Ok(())
        })
    });
    settled.await?;
    Ok(if right { Checked::Right } else { Checked::Wrong })
}

/// Sets a person's password, with the event; every other session of theirs ends.
pub async fn set(relay: &Relay, now: &SignedIn, password: Fit) -> Result<(), StoreError> {
    let phc = hash(relay, password.0).await;
    let (id, session) = (now.person.id, now.session.id.clone());
    let event = EventDraft::new(Act::PasswordChanged, actor(&now.person));
    let event = event.on(Object::new("person", Code::of(&id.to_string())));
    let set = relay.store.write(move |unit| {
        Box::pin(async move {
            credentials::set_password(unit, id, &phc).await?;
            let ended = sessions::end_others(unit, id, &session).await?;
            unit.record(event.extra("ended", Code::number(ended)));
            Ok(())
        })
    });
    set.await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobodys_password_costs_what_anybodys_costs() {
        let nobodys = PasswordHash::new(NOBODYS).expect("a PHC string");
        let made = HASHER.hash_password_with_salt(b"any", &[1; 16]).expect("hashed");
        assert_eq!((nobodys.algorithm, nobodys.version), (made.algorithm, made.version));
        assert_eq!(nobodys.params.to_string(), made.params.to_string());
        assert_eq!(nobodys.hash.map(|hash| hash.len()), made.hash.map(|hash| hash.len()));
        assert!(made.to_string().starts_with(&format!("$argon2id$v=19$m={MEMORY},t={PASSES},p={LANES}$")));
    }

    #[test]
    fn what_is_guessed_soon_is_refused_and_phrases_are_not() {
        let known = ["robin", "example", "robin example", "acorn nursery", "acorn", "nursery"];
        for bad in [
            "password123",
            "1234567890",
            "qwertyuiop",
            "aaaaaaaaaaaa",
            "robinexample",
            "acornnursery1",
            "Nursery2026",
        ] {
            assert!(guessable(bad, &known).is_some(), "{bad}");
        }
        for good in ["copper kettle walks north", "vT9#mmPq2-xL0", "ein grüner Elefant schläft"] {
            assert_eq!(guessable(good, &known), None, "{good}");
        }
    }

    #[test]
    fn a_letter_has_one_spelling() {
        assert_eq!(*spelt("cafe\u{301} au lait"), *spelt("caf\u{e9} au lait"));
        assert_ne!(*spelt("Cafe"), *spelt("cafe"));
    }
}
