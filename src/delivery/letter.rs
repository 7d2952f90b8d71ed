//! From a letter's row to the message that goes out. The row holds codes and a reference; its params
//! are read for their codes only, so even a damaged row cannot bring a word into a letter.

use super::family::Family;
use super::{Settings, mailbox};
use crate::domain::email::EmailAddress;
use crate::domain::reference::Reference;
use crate::domain::verdict::Reason;
use crate::mail::{Advice, Heading, Kind, LetterContext, LetterError, Line, Message, render};
use crate::relay::{RESET, Relay};
use crate::store::letters::Letter;
use crate::store::places::LocalityRow;
use crate::store::{Read, StoreError, people};

/// Why a row makes no letter. The values are not repeated.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotWritten {
    /// A column that should have been written by us and does not read.
    #[error("letter.{0} cannot be read")]
    Column(&'static str),
    /// The words do not come together.
    #[error(transparent)]
    Letter(#[from] LetterError),
}

/// Names of those of our people and organisations that a letter is about.
#[derive(Default)]
pub(super) struct Named {
    by: String,
    organisation: String,
}

/// Whom an invitation names, by the ids in its params.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Ids {
    by: String,
    organisation: String,
}

/// Whom a letter names, and the family that it goes to.
pub(super) struct About {
    pub(super) named: Named,
    pub(super) family: Option<Family>,
}

/// Looks up whom a letter names; a letter that names nobody needs nothing.
pub(super) async fn named(read: &mut Read, row: &Letter) -> Result<Named, StoreError> {
    if Kind::from_code(&row.kind) != Some(Kind::Invitation) {
        return Ok(Named::default());
    }
    let ids: Ids = serde_json::from_str(&row.params).unwrap_or_default();
    let mut named = Named::default();
    if let Ok(id) = ids.by.parse() {
        named.by = people::whoever(read, id).await?.map_or_else(String::new, |person| person.name);
    }
    if let Ok(id) = ids.organisation.parse() {
        let found = people::organisation(read, id).await?;
        named.organisation = found.map_or_else(String::new, |organisation| organisation.name);
    }
    Ok(named)
}

/// Writes the message of a row.
pub(super) fn write(
    relay: &Relay,
    settings: &Settings,
    row: &Letter,
    locality: Option<&LocalityRow>,
    about: About,
) -> Result<Message, NotWritten> {
    let About { named, family } = about;
    let kind = Kind::from_code(&row.kind).ok_or(NotWritten::Column("kind"))?;
    let id = row.id.parse().map_err(|_| NotWritten::Column("id"))?;
    let to = family.as_ref().map_or(row.recipient.as_str(), |family| family.contact.email.as_str());
    let heading = Heading {
        id,
        host: settings.host.clone(),
        from: settings.from.clone(),
        from_name: settings.from_name.clone(),
        to: EmailAddress::parse(to).map_err(|_| NotWritten::Column("recipient"))?,
        date: relay.clock.now(),
    };
    let token = match kind {
        Kind::MailboxTest => mailbox::token(relay, id),
        Kind::MailedCode => relay.letter_code(id),
        Kind::FamilyCode => relay.family_code(id),
        Kind::FamilySign | Kind::FamilyReminder | Kind::FamilySee => {
            family.map_or_else(String::new, |family| relay.family_token(family.link))
        }
        Kind::Reset => relay.letter_token(RESET, id),
        // Joining: the purpose of the link is the kind of the letter.
        Kind::Invitation | Kind::SignUp => relay.letter_token(kind.code(), id),
        _ => String::new(),
    };
    let context = LetterContext {
        base_url: settings.base_url.clone(),
        reference: reference(&row.reference)?,
        line: line(relay, row, locality),
        advice: Advice::all(&reasons(kind, &row.params)?),
        token,
        by: named.by,
        organisation: named.organisation,
    };
    Ok(render(kind, heading, &context)?)
}

fn reference(text: &str) -> Result<Option<Reference>, NotWritten> {
    match text {
        "" => Ok(None),
        text => Reference::parse(text).map(Some).map_err(|_| NotWritten::Column("reference")),
    }
}

fn reasons(kind: Kind, params: &str) -> Result<Vec<Reason>, NotWritten> {
    match kind {
        Kind::SenderHeld | Kind::SenderRefused | Kind::MailHeld => {
            serde_json::from_str(params).map_err(|_| NotWritten::Column("params"))
        }
        _ => Ok(Vec::new()),
    }
}

/// The line as administrators have it, or else as it is configured.
fn line(relay: &Relay, row: &Letter, locality: Option<&LocalityRow>) -> Option<Line> {
    let stored = locality.map(|locality| Line {
        name: locality.name.clone(),
        phones: locality.phones.lines().map(str::to_owned).collect(),
    });
    stored.or_else(|| {
        let place = relay.places.locality(&row.locality)?;
        let phones = place.phones.iter().map(|phone| phone.as_typed().to_owned()).collect();
        Some(Line { name: place.name.clone(), phones })
    })
}
