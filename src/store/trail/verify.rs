//! The whole trail checked, and every row that it speaks of compared with what it says.
//!
//! ```text
//!  events ──TrailCheck──> fits itself, head, signed checkpoints
//!     └──> Said ──┬─ case files, sealed objects   bytes, digest, kind, case, version
//!                 ├─ referrals                    state, setting, case, line, urgency, version, by whom
//!                 └─ marks                        every column in clear of referrals, mails, cases,
//!                                                 people, organisations, localities, letters,
//!                                                 covers and openings
//! ```
//!
//! A row without an event and an event without its row are both misfits, so that neither putting in
//! nor taking away goes unseen (DESIGN section 6). Rows are read in pages by id; what is kept in
//! memory is one short entry for each thing, never the sealed bytes of more than a page.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::rows::{Marked, compare_marks, compare_register};
use super::untrue::Untrue;
use super::{block, head, signed, unsigned};
use crate::audit::{Act, Checked, Checkpoint, Code, Event, TrailCheck};
use crate::domain::referral::Urgency;
use crate::store::cases::chunks_of;
use crate::store::seen::{self, SEEN};
use crate::store::{Sees, marks, places};

/// Rows read at once; a case file has a few thousand bytes.
const ROWS: i64 = 500;

/// What the trail says about rows: the last word about each.
#[derive(Default)]
struct Said {
    cases: HashMap<String, Sealed>,
    objects: HashMap<String, Sealed>,
    referrals: HashMap<String, Referral>,
    marks: Vec<HashMap<String, Marked>>,
    editions: HashMap<String, Sealed>,
    /// The register's number and digest, when it was loaded.
    register: Option<(u64, [u8; 32])>,
}

/// The last sealing of a thing.
struct Sealed {
    seq: u64,
    digest: [u8; 32],
    version: u64,
    kind: Option<Code>,
    case: Option<Code>,
}

/// A referral as its events left it. What no event says is `None` and not compared.
struct Referral {
    seq: u64,
    state: String,
    reference: Option<Code>,
    organisation: Code,
    version: u64,
    case: Option<Code>,
    urgency: Option<Code>,
    locality: Option<Code>,
    acknowledged_by: Code,
    approved_by: Code,
}

impl Said {
    fn take(&mut self, event: &Event) {
        match (event.object.kind.as_str(), event.act) {
            ("referral", _) => self.take_referral(event),
            ("case", Act::CaseMade | Act::Erased) => take_sealed(&mut self.cases, event),
            ("register", Act::RegisterLoaded) => {
                self.register = event.digest.map(|digest| (event.seq, digest))
            }
            ("edition", Act::PostcodesLoaded) => take_sealed(&mut self.editions, event),
            ("object", Act::ContentSealed | Act::Erased) => take_sealed(&mut self.objects, event),
            _ => {}
        }
        self.take_mark(event);
    }

    fn take_mark(&mut self, event: &Event) {
        self.marks.resize_with(marks::KINDS.len(), HashMap::new);
        let of = marks::KINDS.iter().position(|kind| kind.object == event.object.kind.as_str());
        if let (Some(of), Some(mark)) = (of, extra(event, marks::MARK)) {
            self.marks[of].insert(event.object.id.as_str().to_owned(), Marked { seq: event.seq, mark });
        }
    }

    /// A referral begins when it is submitted; what else is said of it counts from then on.
    fn take_referral(&mut self, event: &Event) {
        let id = event.object.id.as_str();
        if event.act == Act::ReferralSubmitted {
            self.referrals.insert(id.to_owned(), Referral::begun(event));
        }
        if let Some(referral) = self.referrals.get_mut(id) {
            referral.take(event);
        }
    }
}

fn take_sealed(of: &mut HashMap<String, Sealed>, event: &Event) {
    let id = event.object.id.as_str();
    let Some(digest) = event.digest else {
        of.remove(id);
        return;
    };
    let (kind, case) = (extra(event, "kind"), extra(event, "case"));
    let sealed = Sealed { seq: event.seq, digest, version: event.object.version, kind, case };
    of.insert(id.to_owned(), sealed);
}

fn extra(event: &Event, name: &'static str) -> Option<Code> {
    event.extra.get(&Code::fixed(name)).cloned()
}

impl Referral {
    fn begun(event: &Event) -> Self {
        Self {
            seq: event.seq,
            state: String::new(),
            reference: event.reference.clone(),
            organisation: event.actor.organisation.clone(),
            version: event.object.version,
            case: None,
            urgency: None,
            locality: None,
            acknowledged_by: Code::EMPTY,
            approved_by: Code::EMPTY,
        }
    }

    fn take(&mut self, event: &Event) {
        if let Some(state) = &event.state {
            self.state = state.as_str().to_owned();
            self.seq = event.seq;
        }
        match event.act {
            Act::ReferralSubmitted | Act::HeldCompleted => {
                self.version = event.object.version;
                self.case = extra(event, "case");
                self.urgency = extra(event, "urgency");
                // Completed words are other words: nobody has acknowledged or approved them.
                (self.acknowledged_by, self.approved_by) = (Code::EMPTY, Code::EMPTY);
            }
            Act::Routed | Act::LineChosen => {
                self.locality = extra(event, "locality").or_else(|| self.locality.take());
            }
            Act::ReferralAcknowledged => self.acknowledged_by = event.actor.id.clone(),
            Act::TextApproved => self.approved_by = event.actor.id.clone(),
            Act::RestrictedChanged => self.approved_by = Code::EMPTY,
            _ => {}
        }
    }

    /// The first column that differs from what was said.
    fn differs(&self, row: &ReferralRow) -> Option<&'static str> {
        let urgency = Urgency::from_band(row.urgency);
        let in_band = urgency.band() == row.urgency;
        let columns = [
            ("reference", may_be(self.reference.as_ref(), &row.reference)),
            ("organisation_id", self.organisation.as_str() == row.organisation_id),
            ("case_id", may_be(self.case.as_ref(), &row.case_id)),
            ("locality", may_be(self.locality.as_ref(), &row.locality)),
            ("urgency", in_band && may_be(self.urgency.as_ref(), urgency.code())),
            ("content_version", self.version == unsigned(row.content_version)),
            ("acknowledged_by", self.acknowledged_by.as_str() == row.acknowledged_by),
            ("print_approved_by", self.approved_by.as_str() == row.print_approved_by),
        ];
        columns.into_iter().find(|(_, same)| !same).map(|(column, _)| column)
    }
}

/// Does the row say what was said? What was never said (by an older relay) may be anything.
fn may_be(said: Option<&Code>, found: &str) -> bool {
    said.is_none_or(|said| *said == Code::of(found))
}

#[derive(sqlx::FromRow)]
struct ObjectRow {
    id: String,
    case_id: String,
    kind: String,
    version: i64,
    digest: Vec<u8>,
}

#[derive(sqlx::FromRow)]
struct ReferralRow {
    id: String,
    reference: String,
    case_id: String,
    organisation_id: String,
    state: String,
    locality: String,
    urgency: i64,
    content_version: i64,
    acknowledged_by: String,
    print_approved_by: String,
}

/// The whole check; see [`super::check`].
pub(super) async fn check(door: &mut impl Sees, checkpoints: &[Checkpoint]) -> Result<Checked, Untrue> {
    let mut trail = TrailCheck::new(checkpoints);
    let mut said = Said::default();
    let mut next = 0;
    loop {
        let events = block(door, next).await?;
        if events.is_empty() {
            break;
        }
        let mut lists = HashMap::new();
        for stored in &events {
            let event = trail.push(stored)?;
            lists.extend(extra(&event, SEEN).map(|digest| (event.seq, digest)));
            said.take(&event);
        }
        compare_lists(door, next, next + events.len() as u64, lists).await?;
        next += events.len() as u64;
    }
    let checked = trail.finish(&head(door).await?)?;
    if let Some(seq) = seen::beyond(door, signed(next)).await? {
        return Err(Untrue::Unknown { what: "list", id: seq.to_string() });
    }
    compare_cases(door, said.cases).await?;
    compare_objects(door, said.objects).await?;
    compare_referrals(door, said.referrals).await?;
    compare_editions(door, said.editions).await?;
    compare_register(door, said.register).await?;
    for (kind, marked) in marks::KINDS.iter().zip(said.marks) {
        compare_marks(door, kind, marked).await?;
    }
    Ok(checked)
}

/// What lists showed is what their events say, for the events from `from` to before `until`.
async fn compare_lists(
    door: &mut impl Sees,
    from: u64,
    until: u64,
    said: HashMap<u64, Code>,
) -> Result<(), Untrue> {
    let mut shown: HashMap<u64, Vec<String>> = said.keys().map(|seq| (*seq, Vec::new())).collect();
    for (seq, case) in seen::between(door, signed(from), signed(until)).await? {
        shown.entry(unsigned(seq)).or_default().push(case);
    }
    let differs =
        |(seq, cases): (u64, Vec<String>)| (said.get(&seq) != Some(&seen::digest(cases))).then_some(seq);
    match shown.into_iter().filter_map(differs).min() {
        Some(seq) => Err(Untrue::Row { seq, what: "list", id: "of cases".to_owned() }),
        None => Ok(()),
    }
}

async fn compare_cases(door: &mut impl Sees, mut said: HashMap<String, Sealed>) -> Result<(), Untrue> {
    let mut after = String::new();
    loop {
        let rows: Vec<(String, Vec<u8>, Vec<u8>)> = all!(
            door,
            (String, Vec<u8>, Vec<u8>),
            "SELECT case_id, bytes, digest FROM case_file WHERE case_id > $1 ORDER BY case_id LIMIT $2",
            after,
            ROWS
        )?;
        let Some((last, ..)) = rows.last() else { break };
        after = last.clone();
        for (id, bytes, digest) in rows {
            same_bytes(said.remove(&id), "case file", id, &bytes, &digest)?;
        }
    }
    all_found("case file", said)
}

async fn compare_objects(door: &mut impl Sees, mut said: HashMap<String, Sealed>) -> Result<(), Untrue> {
    const WHAT: &str = "sealed object";
    let mut after = String::new();
    loop {
        let rows: Vec<ObjectRow> = all!(
            door,
            ObjectRow,
            "SELECT id, case_id, kind, version, digest FROM sealed_object WHERE id > $1 ORDER BY id LIMIT $2",
            after,
            ROWS
        )?;
        let Some(last) = rows.last() else { break };
        after = last.id.clone();
        for row in rows {
            let sealed = said.remove(&row.id);
            if let Some((seq, column)) = sealed.as_ref().and_then(|said| said.differs(&row)) {
                return Err(Untrue::Column { seq, what: WHAT, id: row.id, column });
            }
            let bytes = chunks_of(door, &row.id).await?;
            same_bytes(sealed, WHAT, row.id, &bytes, &row.digest)?;
        }
    }
    all_found(WHAT, said)
}

/// The postcode tables decide whose line a family's words reach.
async fn compare_editions(door: &mut impl Sees, mut said: HashMap<String, Sealed>) -> Result<(), Untrue> {
    const WHAT: &str = "postcode edition";
    for id in places::editions(door).await? {
        let Some(Sealed { seq, digest, .. }) = said.remove(&id) else {
            return Err(Untrue::Unknown { what: WHAT, id });
        };
        let edition = places::edition(door, &id).await?;
        if edition.is_none_or(|edition| edition.digest() != digest) {
            return Err(Untrue::Content { seq, what: WHAT, id });
        }
    }
    all_found(WHAT, said)
}

impl Sealed {
    /// The first column that differs from what was said, with the event's number.
    fn differs(&self, row: &ObjectRow) -> Option<(u64, &'static str)> {
        let columns = [
            ("kind", may_be(self.kind.as_ref(), &row.kind)),
            ("case_id", may_be(self.case.as_ref(), &row.case_id)),
            ("version", self.version == unsigned(row.version)),
        ];
        columns.into_iter().find(|(_, same)| !same).map(|(column, _)| (self.seq, column))
    }
}

fn same_bytes(
    said: Option<Sealed>,
    what: &'static str,
    id: String,
    bytes: &[u8],
    stored: &[u8],
) -> Result<(), Untrue> {
    let Some(Sealed { seq, digest, .. }) = said else { return Err(Untrue::Unknown { what, id }) };
    let fits = Sha256::digest(bytes).as_slice() == digest && stored == digest;
    if fits { Ok(()) } else { Err(Untrue::Content { seq, what, id }) }
}

/// Everything that was said has been found; else the first that is gone.
fn all_found(what: &'static str, left: HashMap<String, Sealed>) -> Result<(), Untrue> {
    match left.into_iter().min_by_key(|(_, sealed)| sealed.seq) {
        Some((id, Sealed { seq, .. })) => Err(Untrue::Content { seq, what, id }),
        None => Ok(()),
    }
}

async fn compare_referrals(door: &mut impl Sees, mut said: HashMap<String, Referral>) -> Result<(), Untrue> {
    const WHAT: &str = "referral";
    let mut after = String::new();
    loop {
        let rows: Vec<ReferralRow> = all!(
            door,
            ReferralRow,
            "SELECT id, reference, case_id, organisation_id, state, locality, urgency, content_version,
             acknowledged_by, print_approved_by FROM referral WHERE id > $1 ORDER BY id LIMIT $2",
            after,
            ROWS
        )?;
        let Some(last) = rows.last() else { break };
        after = last.id.clone();
        for row in rows {
            let Some(said) = said.remove(&row.id) else {
                return Err(Untrue::Unknown { what: WHAT, id: row.id });
            };
            let seq = said.seq;
            if said.state != row.state {
                return Err(Untrue::State { seq, id: row.id, said: said.state, found: row.state });
            }
            if let Some(column) = said.differs(&row) {
                return Err(Untrue::Column { seq, what: WHAT, id: row.id, column });
            }
        }
    }
    let gone = said.into_iter().map(|(id, referral)| (referral.seq, id)).min();
    gone.map_or(Ok(()), |(seq, id)| Err(Untrue::Gone { seq, what: WHAT, id }))
}
