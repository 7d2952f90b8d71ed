//! See what is theirs, over HTTP: cover, other lines' referrals, governance, look-ups, counts, and the
//! restricted part after sending.

mod counts;
mod cover;
mod elsewhere;
mod governance;
mod look_ups;
mod restricted;

use std::sync::Arc;

use dutyline::domain::ids::ReferralId;
use dutyline::domain::people::{Person, Role};
use dutyline::store::{referrals, trail};
use dutyline::web::Site;

use crate::support::{Engine, World, organisation, person};

/// A world with its door, and two leads: one of Canterbury's line, one of Swale's.
pub struct Area {
    pub world: World,
    pub site: Arc<Site>,
    pub lead: Person,
    pub other_lead: Person,
}

impl Area {
    pub async fn on(engine: Engine) -> Self {
        let world = World::on(engine).await;
        let site = crate::access::site(&world);
        let office = organisation(&world.relay, "Health visiting east", "service").await;
        let lead = |name: &'static str, line: &'static str, address: &'static str| {
            let (relay, office) = (world.relay.clone(), office.clone());
            async move { person(&relay, &office, name, Role::DutyLead, line, address).await }
        };
        let canterbury = lead("Lee Leading", "canterbury", "lee@health.example").await;
        let swale = lead("Sal Leading", "swale", "sal@health.example").await;
        Self { world, site, lead: canterbury, other_lead: swale }
    }

    pub async fn row(&self, id: ReferralId) -> referrals::Referral {
        let mut read = self.world.relay.store.read().await.expect("reads");
        referrals::find(&mut read, id).await.expect("reads").expect("there")
    }

    /// How many events of an act there are, and whether the trail is sound.
    pub async fn acts(&self, act: &str) -> usize {
        let mut read = self.world.relay.store.read().await.expect("reads");
        let filter = trail::Filter { act: act.to_owned(), ..trail::Filter::default() };
        trail::page(&mut read, &filter).await.expect("reads").len()
    }

    pub async fn trail_is_sound(&self) {
        let mut snapshot = self.world.relay.store.snapshot().await.expect("a snapshot");
        trail::verify(&mut snapshot, &[]).await.expect("the trail fits every row");
    }

    /// Whether any event's bytes have one of these words in them.
    pub async fn nothing_typed_is_in_the_trail(&self, words: &[&str]) {
        let mut read = self.world.relay.store.read().await.expect("reads");
        for event in trail::block(&mut read, 0).await.expect("reads") {
            let text = String::from_utf8_lossy(&event.bytes).to_lowercase();
            for word in words {
                assert!(!text.contains(&word.to_lowercase()), "{word} is in an event: {text}");
            }
        }
    }
}
