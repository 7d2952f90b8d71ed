//! Families' links: token, short code and the sealed contact of each. A token is HMAC(index key, link id), so
//! neither a row nor a backup holds it, and every letter about a link works it out again.

use sha2::{Digest as _, Sha256};

use super::Relay;
use crate::domain::family::{Contact, Purpose, short_code};
use crate::domain::ids::{CaseId, LetterId, LinkId, ObjectId};
use crate::seal::{Case, SMALL_CLASSES, SealError, open_padded, seal_padded};
use crate::store::cases::{self, NewObject};
use crate::store::family::{Link, NewLink};
use crate::store::{Read, Recorded, StoreError};

/// Sets the tokens of families' links apart from every other use of the index key.
const TOKEN: &str = "family-link";
/// The same for the codes that open them.
const CODE: &str = "family-code";
/// The same for short codes.
const SHORT: &str = "family-short";
/// And for the short codes' own keys in the table.
const SHORT_MAC: &str = "family-short-mac";

/// How a letter's row names a family's link in place of an address.
pub const RECIPIENT: &str = "family:";

/// Why a contact cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ContactError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What is stored is not what was sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// It is not there, or does not read.
    #[error("no contact of a family's link")]
    Missing,
}

impl Relay {
    /// The token of a link: 64 hexadecimal digits.
    pub fn family_token(&self, link: LinkId) -> String {
        let secret = self.keys.index_mac(TOKEN, link.to_string().as_bytes());
        secret.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The six digits of a code that opens a link, from the id that the link's row names.
    pub fn family_code(&self, code: LetterId) -> String {
        self.code(CODE, code)
    }

    /// The short code of a link on a screen.
    pub fn family_short(&self, link: LinkId) -> String {
        short_code(&self.keys.index_mac(SHORT, link.to_string().as_bytes()))
    }

    /// The key under which a short code is looked up.
    pub fn family_short_mac(&self, short: &str) -> [u8; 32] {
        self.keys.index_mac(SHORT_MAC, short.as_bytes())
    }

    /// A new link about to be stored; it lives as long as its purpose says.
    pub fn new_link(&self, case: CaseId, purpose: Purpose, made_by: &str) -> NewLink {
        let id = self.fresh(LinkId::new);
        NewLink {
            id,
            case,
            purpose,
            token_hash: hash(&self.family_token(id)),
            short_mac: self.family_short_mac(&self.family_short(id)),
            made_by: made_by.to_owned(),
            ends: self.clock.now().plus(self.family.lasts(purpose)),
        }
    }

    /// The contact of a link, sealed: its length tells nothing.
    ///
    /// # Errors
    /// When it is longer than any address can be.
    pub fn sealed_contact(
        &self,
        case: &Case,
        link: &NewLink,
        contact: &Contact,
    ) -> Result<NewObject, SealError> {
        let plain = zeroize::Zeroizing::new(serde_json::to_vec(contact).expect("a contact is JSON"));
        let bytes = seal_padded(case.recipient(), &plain, SMALL_CLASSES)?;
        Ok(NewObject::whole(self.fresh(ObjectId::new), link.case, &kind(link.id), 1, &bytes))
    }

    /// The contact of a link whose case is open in a recorded read.
    pub async fn contact_of(
        &self,
        read: &mut Read,
        recorded: &Recorded,
        case: &Case,
        link: &Link,
    ) -> Result<Contact, ContactError> {
        let sealed = cases::newest(read, recorded, link.case, &kind(link.id)).await?;
        let plain = open_padded(case.identity(), &sealed.ok_or(ContactError::Missing)?.bytes)?;
        serde_json::from_slice(&plain).map_err(|_| ContactError::Missing)
    }
}

/// What the store keeps of a token.
pub fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

fn kind(link: LinkId) -> String {
    format!("contact-{link}")
}
