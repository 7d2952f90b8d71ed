//! The family takes its agreement back: at once, in one commit with everything that follows.
//!
//! | what | for everything | for any more sharing |
//! |---|---|---|
//! | not yet with a duty line (held, with the desk) | closed to readers | closed to readers |
//! | in a line's inbox, unread | closed to readers | the line may read it |
//! | read | stays, marked | stays, marked |
//! | notices not sent yet | stopped | stopped |
//! | links to sign | end | end |
//! | its line and its author | told, without child data | told, without child data |
//!
//! The record and its trail stay, and the family still sees who had read it. Nothing is sent to anybody else:
//! another parent's page says nothing of it. Twice is once; for everything after for sharing widens it.

use super::shared::row;
use super::{FamilyError, kept};
use crate::audit::{Act, Actor, Code, EventDraft, Object};
use crate::domain::family::{Purpose, Scope};
use crate::domain::ids::LetterId;
use crate::domain::referral::State;
use crate::relay::Relay;
use crate::store::family::{self, Link};
use crate::store::letters::{self, NewLetter};
use crate::store::referrals::{self, Referral};
use crate::store::{Read, StoreError, people};

/// Notices that stop when they have not gone out yet.
const STOPPED: &[&str] = &["line-notice", "line-held"];

/// Takes the agreement back.
///
/// # Errors
/// [`FamilyError::Missing`] when the link shows nothing, or is not the signer's; [`FamilyError::Conflict`]
/// when somebody read it at this moment: asked again, it is taken back as it then stands.
pub async fn withdraw(relay: &Relay, link: &Link, scope: Scope) -> Result<(), FamilyError> {
    let mut read = relay.store.read().await?;
    let before = row(relay, &mut read, link).await?;
    if kept::contact(relay, link, Actor::family()).await?.other {
        return Err(FamilyError::Missing);
    }
    if before.withdrawn == Scope::Everything.code() || before.withdrawn == scope.code() {
        return Ok(());
    }
    let mut after = before.clone();
    after.withdrawn_at = relay.clock.now().micros();
    after.withdrawn = scope.code().to_owned();
    if closes(before.state, scope) {
        after.state = State::Withdrawn;
    }
    let letters = letters(relay, &mut read, &before).await?;
    drop(read);
    let case = link.case;
    let written = relay.store.write(move |unit| {
        Box::pin(async move {
            referrals::update(unit, &after).await?;
            unit.record(event(&after, scope));
            letters::stop(unit, &after.reference, STOPPED, "withdrawn").await?;
            let signing = [Purpose::SignHere, Purpose::SignLater];
            family::end_all(unit, &Actor::system(), case, &signing).await?;
            for letter in &letters {
                letters::queue(unit, &Actor::system(), letter).await?;
            }
            Ok::<(), StoreError>(())
        })
    });
    written.await?;
    relay.bell.notify_waiters();
    Ok(())
}

/// Whether what stands here is closed to readers.
fn closes(state: State, scope: Scope) -> bool {
    match state {
        State::Held | State::IntakeDesk => true,
        State::Delivered => scope == Scope::Everything,
        _ => false,
    }
}

fn event(after: &Referral, scope: Scope) -> EventDraft {
    EventDraft::new(Act::AgreementWithdrawn, Actor::family())
        .on(Object::new("referral", Code::of(&after.id.to_string())).version(after.content_version))
        .reference(Code::of(&after.reference))
        .state(Code::of(after.state.code()))
        .extra("scope", Code::fixed(scope.code()))
}

/// To the line that has it, and to who wrote it.
async fn letters(relay: &Relay, read: &mut Read, before: &Referral) -> Result<Vec<NewLetter>, StoreError> {
    let letter = |kind: &'static str, recipient: String| NewLetter {
        id: relay.fresh(LetterId::new),
        kind,
        recipient,
        locality: before.locality.clone(),
        reference: before.reference.clone(),
        params: "{}".to_owned(),
    };
    let mut all = Vec::new();
    let mailbox = relay.places.mailbox(&before.locality).filter(|_| before.state.shared_with_line());
    all.extend(mailbox.map(|mailbox| letter("line-withdrawn", mailbox)));
    let author = people::find(read, before.person).await?.filter(|author| !author.email.is_empty());
    all.extend(author.map(|author| letter("setting-withdrawn", author.email)));
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_line_has_closes_in_any_case_and_what_was_read_never() {
        for scope in Scope::ALL {
            assert!(closes(State::Held, *scope) && closes(State::IntakeDesk, *scope));
            assert!(!closes(State::Opened, *scope) && !closes(State::Acknowledged, *scope));
        }
        assert!(closes(State::Delivered, Scope::Everything));
        assert!(!closes(State::Delivered, Scope::Sharing));
    }

    #[test]
    fn every_state_that_closes_may_become_withdrawn() {
        for state in State::ALL.iter().filter(|state| closes(**state, Scope::Everything)) {
            assert!(state.may_become(State::Withdrawn), "{state:?}");
        }
    }
}
