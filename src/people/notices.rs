//! Letters that say what was done to somebody's account, to those whom it would otherwise pass by: the holder
//! of an address that was changed, and the managers of a setting whose people an administrator changed. They
//! name nobody and hold no link that does anything.

use crate::audit::Actor;
use crate::domain::ids::{LetterId, OrganisationId};
use crate::domain::people::Person;
use crate::mail::Kind;
use crate::relay::Relay;
use crate::store::letters::{self, NewLetter};
use crate::store::{StoreError, Unit, joiners};

/// Letters before they are queued.
#[derive(Clone, Default)]
pub(super) struct Notices(Vec<NewLetter>);

impl Notices {
    /// To a setting's managers who have signed in, when it is not one of its own people who changes something.
    pub(super) async fn to_managers(
        relay: &Relay,
        who: Option<&Person>,
        organisation: OrganisationId,
    ) -> Result<Self, StoreError> {
        if who.is_some_and(|who| who.role.in_setting()) {
            return Ok(Self::default());
        }
        let to = joiners::managers(&mut relay.store.read().await?, organisation).await?;
        Ok(Self(to.into_iter().map(|address| letter(relay, Kind::PeopleChanged, address)).collect()))
    }

    /// To the old address of somebody who has signed in before.
    pub(super) fn and_to_old_address(mut self, relay: &Relay, before: &Person) -> Self {
        self.0.push(letter(relay, Kind::AddressChanged, before.email.clone()));
        self
    }

    /// Queues them with their events. The caller rings the bell after the commit.
    pub(super) async fn queue(&self, unit: &mut Unit, who: &Actor) -> Result<(), StoreError> {
        for letter in &self.0 {
            letters::queue(unit, who, letter).await?;
        }
        Ok(())
    }
}

fn letter(relay: &Relay, kind: Kind, recipient: String) -> NewLetter {
    NewLetter {
        id: relay.fresh(LetterId::new),
        kind: kind.code(),
        recipient,
        locality: String::new(),
        reference: String::new(),
        params: "{}".to_owned(),
    }
}
