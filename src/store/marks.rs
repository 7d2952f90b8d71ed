//! Marks: what an event that changes a row leaves in the trail of all its columns in clear, so that a
//! column changed behind the relay's back is found (DESIGN section 6).
//!
//! A mark is SHA-256 over the row's values, each behind its length. The unit of work adds it to each
//! event that changes a row of one of these kinds, after the head of the trail is locked: nobody can
//! be in between. `verify` works the marks out again from the rows as they are. Values that move
//! without an event (leases, attempts) are not in a mark.

use sha2::{Digest, Sha256};
use sqlx::{ColumnIndex, Decode, FromRow, Row, Type};

use super::{Sees, StoreError};
use crate::audit::{Act, Code, EventDraft};

/// The name of a mark among an event's extras.
pub(super) const MARK: &str = "row";

/// A kind of row that events speak of.
pub(super) struct Kind {
    /// How events name it.
    pub object: &'static str,
    /// One row: its id is $1. All columns as text, the id first.
    one: &'static str,
    /// A page of rows: id above $1, at most $2.
    page: &'static str,
    /// Whether an event with this act changes such a row.
    changes: fn(&EventDraft) -> bool,
}

macro_rules! kind {
    ($object:literal, $columns:literal, $table:literal, $id:literal, $changes:expr) => {
        Kind {
            object: $object,
            one: concat!("SELECT ", $id, ", ", $columns, " FROM ", $table, " WHERE ", $id, " = $1"),
            page: concat!(
                "SELECT ",
                $id,
                ", ",
                $columns,
                " FROM ",
                $table,
                " WHERE ",
                $id,
                " > $1 ORDER BY ",
                $id,
                " LIMIT $2"
            ),
            changes: $changes,
        }
    };
}

/// Every kind that is marked.
pub(super) const KINDS: &[Kind] = &[
    kind!(
        "referral",
        "reference, case_id, organisation_id, person_id, door, state, locality, CAST(urgency AS TEXT),
         CAST(content_version AS TEXT), CAST(submitted_at AS TEXT), CAST(delivered_at AS TEXT),
         CAST(opened_at AS TEXT), CAST(acknowledged_at AS TEXT), acknowledged_by,
         CAST(restricted_read_at AS TEXT), print_approved_by, CAST(withdrawn_at AS TEXT), withdrawn,
         CAST(without_agreement AS TEXT)",
        "referral",
        "id",
        |event| event.says_state()
    ),
    kind!(
        "mail",
        "case_id, state, tls, CAST(size AS TEXT), organisation_id, referral_id, code, CAST(received_at AS TEXT)",
        "mail_in",
        "id",
        |event| matches!(event.act(), Act::MailReceived | Act::MailJudged | Act::MailClosed)
    ),
    kind!(
        "case",
        "CAST(created_at AS TEXT), CAST(erased_at AS TEXT)",
        "case_file",
        "case_id",
        |event| matches!(event.act(), Act::CaseMade | Act::Erased)
    ),
    kind!(
        "person",
        "organisation_id, name, role, lines, email, CAST(created_at AS TEXT), CAST(disabled_at AS TEXT),
         CAST(address_changed_at AS TEXT)",
        "person",
        "id",
        |event| {
            use Act::{PersonChanged, PersonDisabled, PersonInvited, RightsChanged};
            matches!(event.act(), PersonInvited | PersonDisabled | PersonChanged | RightsChanged)
        }
    ),
    kind!(
        "organisation",
        "kind, name, urn, postcode, phone, CAST(verified_at AS TEXT), verified_by, CAST(declined_at AS TEXT)",
        "organisation",
        "id",
        |event| {
            use Act::{OrganisationAdded, OrganisationChanged, OrganisationDeclined, OrganisationVerified};
            let changes =
                [OrganisationAdded, OrganisationChanged, OrganisationVerified, OrganisationDeclined];
            changes.contains(&event.act())
        }
    ),
    kind!(
        "right-request",
        "person_id, organisation_id, name, email, role, line, asked_by, CAST(asked_at AS TEXT), decided_by,
         CAST(decided_at AS TEXT), outcome, reason",
        "right_request",
        "id",
        |event| matches!(event.act(), Act::RightsAsked | Act::RightsDecided)
    ),
    kind!(
        "locality",
        "locality, CAST(version AS TEXT), valid_from, name, phones, mailbox, address, lad_codes,
         CAST(confirmed_at AS TEXT), decided_by, CAST(decided_at AS TEXT)",
        "locality_change",
        "id",
        |event| matches!(event.act(), Act::LocalityChanged | Act::MailboxConfirmed)
    ),
    kind!(
        "organisation-change",
        "organisation_id, CAST(version AS TEXT), name, urn, postcode, phone, decided_by, CAST(decided_at AS TEXT)",
        "organisation_change",
        "id",
        |event| event.act() == Act::OrganisationChanged
    ),
    kind!(
        "lawful-route",
        "organisation_id, state, changed_by, CAST(changed_at AS TEXT)",
        "lawful_route",
        "draft_id",
        |event| {
            use Act::{LawfulRouteAsked, LawfulRouteChecked, LawfulRouteDecided, LawfulRouteDeclined};
            let changes = [LawfulRouteAsked, LawfulRouteDecided, LawfulRouteChecked, LawfulRouteDeclined];
            changes.contains(&event.act())
        }
    ),
    kind!(
        "rules",
        "CAST(version AS TEXT), valid_from, CAST(signature_days AS TEXT), methods, CAST(oldest_months AS TEXT),
         opens, closes, CAST(notice_days AS TEXT), CAST(horizon_months AS TEXT), busy,
         CAST(busy_is_wall AS TEXT), decided_by, CAST(decided_at AS TEXT)",
        "rules_change",
        "id",
        |event| event.act() == Act::RulesChanged
    ),
    kind!(
        "closing-day",
        "locality, day, CAST(version AS TEXT), CAST(closed AS TEXT), decided_by, CAST(decided_at AS TEXT)",
        "closing_day",
        "id",
        |event| event.act() == Act::CalendarChanged
    ),
    kind!(
        "letter",
        "kind, recipient, locality, reference, params, state, CAST(created_at AS TEXT), CAST(sent_at AS TEXT)",
        "letter",
        "id",
        |event| matches!(event.act(), Act::NoticeQueued | Act::NoticeSent | Act::NoticeFailed)
    ),
    // A passkey that somebody planted would sign them in. The key itself is compared with its hash
    // whenever it is used (`people::passkeys`).
    kind!(
        "passkey",
        "person_id, name, key_hash, CAST(created_at AS TEXT), CAST(removed_at AS TEXT)",
        "passkey",
        "id",
        |event| matches!(event.act(), Act::FactorAdded | Act::FactorRemoved)
    ),
    // See what is theirs
    kind!(
        "cover",
        "person_id, locality, granted_by, CAST(from_at AS TEXT), CAST(ends_at AS TEXT)",
        "cover",
        "id",
        |event| matches!(event.act(), Act::CoverGranted | Act::CoverEnded)
    ),
    kind!(
        "opening",
        "person_id, referral_id, locality, purpose, part, CAST(note AS TEXT), CAST(at AS TEXT),
         CAST(ends_at AS TEXT)",
        "opening",
        "id",
        |event| matches!(event.act(), Act::BreakGlass | Act::GovernanceOpened)
    ),
    // Single sign-on
    kind!(
        "identity",
        "person_id, issuer, subject, CAST(created_at AS TEXT)",
        "identity",
        "id",
        |event| event.act() == Act::IdentityLinked
    ),
    // The family
    kind!(
        "family-link",
        "case_id, purpose, made_by, CAST(created_at AS TEXT), CAST(ends_at AS TEXT), CAST(ended_at AS TEXT)",
        "family_link",
        "id",
        |event| matches!(event.act(), Act::FamilyLinkMade | Act::FamilyLinkEnded)
    ),
    kind!(
        "family-ask",
        "referral_id, link_id, kind, CAST(note AS TEXT), CAST(asked_at AS TEXT), CAST(due_at AS TEXT),
         CAST(settled_at AS TEXT), settled_by",
        "family_ask",
        "id",
        |event| matches!(event.act(), Act::FamilyAsked | Act::FamilyAskSettled)
    ),
];

/// A row's values as text, the id first.
pub(super) struct Values(pub Vec<String>);

impl<'r, R: Row> FromRow<'r, R> for Values
where
    usize: ColumnIndex<R>,
    String: Decode<'r, R::Database> + Type<R::Database>,
{
    fn from_row(row: &'r R) -> Result<Self, sqlx::Error> {
        (0..row.len()).map(|at| row.try_get(at)).collect::<Result<_, _>>().map(Values)
    }
}

impl Values {
    /// The row's id.
    pub(super) fn id(&self) -> &str {
        self.0.first().map_or("", String::as_str)
    }

    /// The mark of the row.
    pub(super) fn mark(&self) -> Code {
        let mut hash = Sha256::new();
        for value in &self.0 {
            hash.update((value.len() as u64).to_be_bytes());
            hash.update(value);
        }
        Code::of(&hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect::<String>())
    }
}

/// The event with the mark of the row that it changed, when it is of a kind that is marked and there is
/// such a row.
pub(super) async fn marked(door: &mut impl Sees, event: EventDraft) -> Result<EventDraft, StoreError> {
    let kind = KINDS.iter().find(|kind| event.object().kind.as_str() == kind.object);
    let Some(kind) = kind.filter(|kind| (kind.changes)(&event)) else { return Ok(event) };
    let id = event.object().id.as_str().to_owned();
    let row: Option<Values> = one!(door, Values, kind.one, id)?;
    Ok(match row {
        Some(row) => event.extra(MARK, row.mark()),
        None => event,
    })
}

/// A page of rows of a kind, by id; the rows after `after`.
pub(super) async fn page(
    door: &mut impl Sees,
    kind: &Kind,
    after: &str,
    most: i64,
) -> Result<Vec<Values>, StoreError> {
    all!(door, Values, kind.page, after.to_owned(), most)
}
