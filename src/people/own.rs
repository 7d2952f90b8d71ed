//! One's own sessions: listed, ended one by one or all but this one.

use super::sessions::SignedIn;
use crate::audit::{Act, Code, EventDraft};
use crate::domain::sign_in::Session;
use crate::relay::{Relay, actor};
use crate::store::{StoreError, sessions};

/// Which of one's own sessions are to end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ends {
    /// The one with this name.
    One(String),
    /// Every one but that which asks.
    Others,
}

/// The sessions of whoever asks that have not ended, the newest first.
pub async fn own_sessions(relay: &Relay, me: &SignedIn) -> Result<Vec<Session>, StoreError> {
    let mut read = relay.store.read().await?;
    let (now, rules) = (relay.clock.now(), relay.sign_in.of(me.person.role));
    let all = sessions::of(&mut read, me.person.id).await?;
    Ok(all.into_iter().filter(|session| now < session.idle_end(&rules)).collect())
}

/// Ends some of one's own sessions, with an event for all of them; how many ended.
pub async fn end_own(relay: &Relay, me: &SignedIn, which: Ends) -> Result<u64, StoreError> {
    let me = me.clone();
    let ended = relay.store.write(move |unit| {
        Box::pin(async move {
            let ended = match which {
                Ends::One(id) => sessions::end_named(unit, me.person.id, &id).await?,
                Ends::Others => sessions::end_others(unit, me.person.id, &me.session.id).await?,
            };
            match ended {
                0 => unit.unaudited("nothing was there to be ended"),
                many => unit.record(
                    EventDraft::new(Act::SignedOut, actor(&me.person)).extra("sessions", Code::number(many)),
                ),
            }
            Ok(ended)
        })
    });
    ended.await
}
