//! What families asked for, in the governance lead's list: opened one by one, recorded, and settled.

use super::open::any_case;
use super::{CaseworkError, seen};
use crate::audit::{Act, Code};
use crate::domain::ids::AskId;
use crate::domain::people::{Person, Role};
use crate::relay::{Relay, actor};
use crate::seal::open_object;
use crate::store::family_asks::{self as rows, Asked};
use crate::store::{View, cases, referrals};

/// What the sealed words are called in the store.
const KIND: &str = "family-ask";

/// A request with its words, open before the governance lead.
pub struct OpenAsk {
    /// The row.
    pub asked: Asked,
    /// The referral's reference.
    pub reference: String,
    /// What was typed.
    pub words: String,
}

/// What is open, the soonest due first, with each referral's reference.
pub async fn open_asks(relay: &Relay) -> Result<Vec<(Asked, String)>, CaseworkError> {
    let mut read = relay.store.read().await?;
    let mut open = Vec::new();
    for asked in rows::open(&mut read).await? {
        let row = referrals::find(&mut read, asked.referral).await?;
        open.push((asked, row.map_or_else(String::new, |row| row.reference)));
    }
    Ok(open)
}

/// Opens what a family asked for, recorded.
///
/// # Errors
/// [`CaseworkError::Missing`] for anybody but the governance lead.
pub async fn open_ask(relay: &Relay, person: &Person, id: AskId) -> Result<OpenAsk, CaseworkError> {
    let mut read = relay.store.read().await?;
    let asked = rows::find(&mut read, id).await?.filter(|_| person.role == Role::IgLead);
    let asked = asked.ok_or(CaseworkError::Missing)?;
    let row = referrals::find(&mut read, asked.referral).await?.ok_or(CaseworkError::Missing)?;
    let event = seen(Act::ReasonOpened, person, &row).extra("ask", Code::of(&id.to_string()));
    let recorded = relay.store.view(View { event, cases: vec![row.case] }).await?;
    let case = any_case(relay, &mut read, &recorded, row.case).await?.case;
    let sealed = cases::numbered(&mut read, &recorded, row.case, KIND, asked.note).await?;
    let sealed = sealed.ok_or_else(|| CaseworkError::Tampered(KIND.to_owned()))?;
    let words = String::from_utf8_lossy(&open_object(case.identity(), &sealed.bytes)?).into_owned();
    Ok(OpenAsk { asked, reference: row.reference, words })
}

/// Notes that a request was answered.
///
/// # Errors
/// [`CaseworkError::Conflict`] when it was settled before.
pub async fn settle_ask(relay: &Relay, person: &Person, id: AskId) -> Result<(), CaseworkError> {
    let mut read = relay.store.read().await?;
    let asked = rows::find(&mut read, id).await?.filter(|_| person.role == Role::IgLead);
    let asked = asked.ok_or(CaseworkError::Missing)?;
    let row = referrals::find(&mut read, asked.referral).await?.ok_or(CaseworkError::Missing)?;
    let who = actor(person);
    let settled = relay
        .store
        .write(move |unit| Box::pin(async move { rows::settle(unit, &who, &row.reference, &asked).await }));
    Ok(settled.await?)
}
