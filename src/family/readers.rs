//! Who has read a referral, as the family may know it: role and organisation, first and last time. Names
//! are left out, and so is every reading of the restricted part and everything that a family did.

use crate::domain::people::Role;
use crate::domain::time::Instant;
use crate::store::{Read, StoreError, people, trail};

/// Readers of one role at one organisation.
pub struct Reader {
    /// The role.
    pub role: Role,
    /// The organisation's name.
    pub organisation: String,
    /// When somebody of them first opened it.
    pub first: Instant,
    /// When somebody of them last opened it.
    pub last: Instant,
}

/// The readers of the referral with this reference, the first reader first.
pub(super) async fn of(read: &mut Read, reference: &str) -> Result<Vec<Reader>, StoreError> {
    let mut readers = Vec::new();
    for row in trail::readers(read, reference).await? {
        let Some(role) = Role::from_code(&row.role) else { continue };
        let name = match row.organisation.parse() {
            Ok(id) => people::organisation(read, id).await?.map(|organisation| organisation.name),
            Err(_) => None,
        };
        let organisation = name.unwrap_or_default();
        readers.push(Reader { role, organisation, first: row.first, last: row.last });
    }
    Ok(readers)
}
