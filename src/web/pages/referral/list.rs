//! What lists have in common: pages of fifty, names of settings.

use std::collections::HashMap;

use crate::domain::form::Raw;
use crate::domain::ids::OrganisationId;
use crate::store::people::Organisation;
use crate::store::referrals::{PAGE, Referral};
use crate::store::settings::{Standing, standing};
use crate::store::{Read, StoreError, people};
use crate::web::parts::Pages;

/// Most rows that may be skipped: a list that long is no list to page through.
const FARTHEST: i64 = 100_000;

/// What stands behind the question mark, as pairs; a name may come twice.
pub type Asked = axum::extract::Query<Vec<(String, String)>>;

/// The same, by name.
pub fn asked(pairs: &Asked) -> Raw {
    let mut raw = Raw::default();
    pairs.iter().for_each(|(name, value)| raw.push(name, value.clone()));
    raw
}

/// How many rows to skip.
pub fn skip(asked: &Raw) -> i64 {
    asked.get("skip").parse().unwrap_or(0).clamp(0, FARTHEST)
}

/// Links to the pages before and after; a full page may have another after it.
pub fn pages(path: &str, skip: i64, shown: usize) -> Pages {
    let and = if path.contains('?') { '&' } else { '?' };
    let at = |skip: i64| if skip > 0 { format!("{path}{and}skip={skip}") } else { path.to_owned() };
    let full = i64::try_from(shown).is_ok_and(|shown| shown >= PAGE);
    Pages {
        previous: (skip > 0).then(|| at((skip - PAGE).max(0))),
        next: full.then(|| at(skip + PAGE)),
        previous_label: "The page before".to_owned(),
        next_label: "The page after".to_owned(),
    }
}

/// Where the number of a setting is found that Ofsted's register, as it was loaded, has no number of.
pub const FIND_NUMBER: &str = "Find the number on Ofsted’s register, not in this referral";

/// The names of the settings that sent these, with a mark where nobody has checked who they are.
pub async fn settings(
    read: &mut Read,
    rows: &[Referral],
) -> Result<HashMap<OrganisationId, String>, StoreError> {
    let settings = senders(read, rows).await?;
    Ok(settings.into_iter().map(|(id, setting)| (id, setting.name)).collect())
}

/// The settings that sent these. One that is not verified has a mark behind its name, and in the place of
/// its telephone the register's: never the number that it gave itself.
pub async fn senders(
    read: &mut Read,
    rows: &[Referral],
) -> Result<HashMap<OrganisationId, Organisation>, StoreError> {
    let mut settings = HashMap::new();
    for row in rows {
        if settings.contains_key(&row.organisation) {
            continue;
        }
        if let Some(mut setting) = people::organisation(read, row.organisation).await? {
            if let Standing::Unverified { register_phone } = standing(read, row.organisation).await? {
                setting.name.push_str(" (sender not verified)");
                setting.phone = register_phone.unwrap_or_else(|| FIND_NUMBER.to_owned());
            }
            settings.insert(row.organisation, setting);
        }
    }
    Ok(settings)
}

/// On which number a sender who is not verified is rung; `None` for one who is.
pub async fn unverified(read: &mut Read, id: OrganisationId) -> Result<Option<String>, StoreError> {
    Ok(match standing(read, id).await? {
        Standing::Verified => None,
        Standing::Unverified { register_phone } => Some(register_phone.unwrap_or_default()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_page_leads_on_and_the_first_leads_nowhere_back() {
        let full = usize::try_from(PAGE).expect("small");
        assert_eq!(pages("/inbox", 0, full).next.as_deref(), Some("/inbox?skip=50"));
        assert_eq!(pages("/inbox?line=swale", 0, full).next.as_deref(), Some("/inbox?line=swale&skip=50"));
        assert_eq!(pages("/inbox", 0, full).previous, None);
        assert_eq!(pages("/inbox", 50, 3).previous.as_deref(), Some("/inbox"));
        assert_eq!(pages("/inbox", 50, 3).next, None);
    }

    #[test]
    fn nonsense_skips_nothing() {
        let mut raw = Raw::default();
        assert_eq!(skip(&raw), 0);
        for (typed, means) in [("-3", 0), ("x", 0), ("100", 100), ("99999999999", FARTHEST)] {
            raw.set("skip", typed);
            assert_eq!(skip(&raw), means);
        }
    }
}
