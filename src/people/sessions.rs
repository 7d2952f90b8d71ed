//! Sessions: begun by any way of signing in, looked up at every request, ended by rest, by age, by
//! hand, or with the person's access.

use super::token::Token;
use crate::audit::{Act, Code, EventDraft};
use crate::domain::ids::PersonId;
use crate::domain::people::Person;
use crate::domain::sign_in::{Method, Session, Stage};
use crate::domain::time::{Instant, MINUTE};
use crate::relay::{Relay, actor};
use crate::store::{StoreError, credentials, identities, people, sessions, sign_ups, throttle};

/// How exactly "last seen" is kept, microseconds: a write a minute, not one a request.
const SEEN_EVERY: i64 = MINUTE;
/// How long somebody may take over the second step or setting up, microseconds.
const HALF_WAY: i64 = 30 * MINUTE;

/// How a session begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Begin {
    /// How far its holder has come.
    pub stage: Stage,
    /// By which way.
    pub method: Method,
    /// When a second factor, a passkey or single sign-on was checked, if it was.
    pub checked: Option<Instant>,
    /// The browser, from a small fixed list (`web::browser`).
    pub browser: String,
}

/// Somebody with a session that has not ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// Who.
    pub person: Person,
    /// The session.
    pub session: Session,
}

/// The demo's one click: a whole session, with the same rights as any other.
pub async fn sign_in_to_demo(
    relay: &Relay,
    person: PersonId,
    browser: &str,
) -> Result<Option<Token>, StoreError> {
    let demo = Begin { stage: Stage::Full, method: Method::Demo, checked: None, browser: browser.to_owned() };
    begin(relay, person, demo).await
}

/// The same without a browser, for tests and samples.
pub async fn sign_in(relay: &Relay, person: PersonId) -> Result<Option<Token>, StoreError> {
    sign_in_to_demo(relay, person, "").await
}

/// Begins a session for a person who has shown who they are, as far as `how` says. `None` when the
/// person is disabled.
pub async fn begin(relay: &Relay, person: PersonId, how: Begin) -> Result<Option<Token>, StoreError> {
    let mut read = relay.store.read().await?;
    let Some(person) = people::find(&mut read, person).await? else { return Ok(None) };
    drop(read);
    let token = Token::new(relay);
    let (hash, session) = (token.hash(), session(relay, &person, &how));
    relay
        .store
        .write(move |unit| {
            Box::pin(async move {
                sessions::insert(unit, hash, person.id, &session).await?;
                unit.record(event(Act::SignedIn, &person, &session));
                Ok(())
            })
        })
        .await?;
    Ok(Some(token))
}

fn session(relay: &Relay, person: &Person, how: &Begin) -> Session {
    let now = relay.clock.now();
    let lasts = match how.stage {
        Stage::Full => relay.sign_in.of(person.role).absolute,
        Stage::Second | Stage::SetUp => HALF_WAY,
    };
    let id = relay.chance::<8>();
    Session {
        id,
        stage: how.stage,
        method: how.method,
        browser: how.browser.clone(),
        created_at: now,
        seen_at: now,
        ends_at: now.plus(lasts),
        checked_at: how.checked.unwrap_or(Instant::from_micros(0)),
    }
}

/// The event of a session's beginning, coming further or end.
fn event(act: Act, person: &Person, session: &Session) -> EventDraft {
    EventDraft::new(act, actor(person))
        .extra("session", Code::of(&session.id))
        .extra("method", Code::of(session.method.code()))
        .extra("stage", Code::of(session.stage.code()))
        .extra("browser", Code::of(&session.browser))
}

/// Goes on to a whole session under another token, after the second step or when everything is set
/// up; the old token is worth nothing from then on. `None` when the session is gone.
pub async fn advance(relay: &Relay, from: &Token, checked: bool) -> Result<Option<Token>, StoreError> {
    let Some(SignedIn { person, session: before }) = whose(relay, from).await? else { return Ok(None) };
    let token = Token::new(relay);
    let checked = checked.then(|| relay.clock.now());
    let how = Begin { stage: Stage::Full, method: before.method, checked, browser: before.browser };
    let (old, new, session) = (from.hash(), token.hash(), session(relay, &person, &how));
    let went_on = relay
        .store
        .write(move |unit| {
            Box::pin(async move {
                if sessions::end(unit, old).await? == 0 {
                    unit.unaudited("another tab was first: nothing is changed");
                    return Ok(false);
                }
                sessions::insert(unit, new, person.id, &session).await?;
                unit.record(event(Act::SignedIn, &person, &session));
                Ok(true)
            })
        })
        .await?;
    Ok(went_on.then_some(token))
}

/// Who has this session, if it has not ended by rest or age.
pub async fn whose(relay: &Relay, token: &Token) -> Result<Option<SignedIn>, StoreError> {
    let mut read = relay.store.read().await?;
    let now = relay.clock.now();
    let found = sessions::find(&mut read, token.hash(), now).await?;
    let rules = &relay.sign_in;
    let lives = |person: &Person, session: &Session| now < session.idle_end(&rules.of(person.role));
    Ok(found
        .filter(|(person, session)| lives(person, session))
        .map(|(person, session)| SignedIn { person, session }))
}

/// Whose session this was, when it has ended by rest alone: the browser is still known, but whoever sits
/// there may be somebody else. `None` after signing out, by age, or when it has not ended.
pub async fn rested(relay: &Relay, token: &Token) -> Result<Option<Person>, StoreError> {
    let mut read = relay.store.read().await?;
    let now = relay.clock.now();
    let found = sessions::find(&mut read, token.hash(), now).await?;
    let rests = |person: &Person, session: &Session| {
        session.stage == Stage::Full
            && now >= session.idle_end(&relay.sign_in.of(person.role))
            && now < session.ends_at
    };
    Ok(found.filter(|(person, session)| rests(person, session)).map(|(person, _)| person))
}

/// Notes that the session's holder is there; at most one write a minute.
pub async fn stay(relay: &Relay, token: &Token, session: &Session) -> Result<(), StoreError> {
    if relay.clock.now().micros() - session.seen_at.micros() < SEEN_EVERY {
        return Ok(());
    }
    let hash = token.hash();
    let noted = relay.store.write(move |unit| {
        Box::pin(async move {
            unit.unaudited("when a session was last used is housekeeping");
            sessions::seen(unit, hash).await
        })
    });
    noted.await
}

/// Notes that the holder showed a second factor again.
pub async fn checked(relay: &Relay, token: &Token, now: &SignedIn) -> Result<(), StoreError> {
    let (hash, event) = (token.hash(), event(Act::FactorChecked, &now.person, &now.session));
    let noted = relay.store.write(move |unit| {
        Box::pin(async move {
            sessions::checked(unit, hash).await?;
            unit.record(event);
            Ok(())
        })
    });
    noted.await
}

/// Ends a session at once, unless it has ended.
pub async fn sign_out(relay: &Relay, token: &Token, now: &SignedIn) -> Result<(), StoreError> {
    let (hash, event) = (token.hash(), event(Act::SignedOut, &now.person, &now.session));
    let ended = relay.store.write(move |unit| {
        Box::pin(async move {
            match sessions::end(unit, hash).await? {
                0 => unit.unaudited("it had ended: nothing is changed"),
                _ => unit.record(event),
            }
            Ok(())
        })
    });
    ended.await
}

/// Takes away what has ended. Called from time to time.
pub async fn sweep(relay: &Relay) -> Result<u64, StoreError> {
    relay
        .store
        .write(|unit| {
            Box::pin(async move {
                unit.unaudited(
                    "sessions, links, codes, tries and single sign-ons that have ended are housekeeping",
                );
                let ended = sessions::sweep(unit).await? + identities::sweep_ceremonies(unit).await?;
                let ended = ended + sign_ups::sweep(unit).await?;
                Ok(ended + credentials::sweep(unit).await? + throttle::sweep(unit).await?)
            })
        })
        .await
}
