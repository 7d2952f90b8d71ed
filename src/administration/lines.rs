//! Duty lines: what they are called, how they are reached, which districts they serve, from which day on.
//!
//! ```text
//!  typed ─> read, every fault at once ─> alone on every day from then on? ─> a district without a line? ─> row, events ─> in force
//!                                        two lines, one district: refused     said first, then saved
//! ```

mod fits;
mod opening;

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::{AdministrationError, Faults, from_day, kept, refused, words};
use crate::audit::Actor;
use crate::domain::email::EmailAddress;
use crate::domain::form::Raw;
use crate::domain::locality::DistrictCode;
use crate::domain::people::Person;
use crate::domain::phone::Phone;
use crate::relay::decided::{Decided, line_of};
use crate::relay::{Relay, actor};
use crate::store::lines::{self, LineChange, LineDetails};
use crate::store::{StoreError, Unit};
pub use fits::district_names;
use fits::fits;
pub use opening::{blank, open};

/// Most characters of a line's name.
const NAME: usize = 80;
/// Most lines of telephone numbers.
const PHONES: usize = 5;
/// Most lines, and most characters of each line, of a postal address.
const ADDRESS: (usize, usize) = (8, 80);
/// Most districts of one line.
const DISTRICTS: usize = 60;

/// A line as administrators look after it.
pub struct Line {
    /// Its id.
    pub id: String,
    /// The number of the last decision; 0 while the line is as shipped.
    pub version: i64,
    /// Whether it is there today; else it opens on the planned day.
    pub open: bool,
    /// What holds today; what is planned, while it is not open.
    pub now: LineDetails,
    /// Since when its mailbox is live, microseconds; 0 for not yet.
    pub confirmed_at: i64,
    /// What holds from a later day on.
    pub planned: Option<LineChange>,
    /// Every decision, the oldest first.
    pub history: Vec<LineChange>,
}

/// A change as it was typed and read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The number of the last decision that the administrator saw.
    pub seen: i64,
    /// The day from which it holds.
    pub from: Date,
    /// What then holds.
    pub details: LineDetails,
    /// What follows from it was said and is wanted.
    pub sure: bool,
}

/// All lines, by name.
///
/// # Errors
/// The store's.
pub async fn all(relay: &Relay) -> Result<Vec<Line>, AdministrationError> {
    let decided = lines::all(&mut relay.store.read().await?).await?;
    let today = relay.clock.now().day();
    let mut all: Vec<Line> = decided
        .chunk_by(|a, b| a.locality == b.locality)
        .filter_map(|of_one| line_from(of_one.to_vec(), today))
        .collect();
    if all.is_empty() {
        all = relay.places.localities().iter().map(shipped).collect();
    }
    all.sort_by(|a, b| (&a.now.name, &a.id).cmp(&(&b.now.name, &b.id)));
    Ok(all)
}

/// One line.
///
/// # Errors
/// [`AdministrationError::Missing`], or the store's.
pub async fn line(relay: &Relay, id: &str) -> Result<Line, AdministrationError> {
    all(relay).await?.into_iter().find(|line| line.id == id).ok_or(AdministrationError::Missing)
}

fn shipped(locality: &crate::domain::locality::Locality) -> Line {
    Line {
        id: locality.id.as_str().to_owned(),
        version: 0,
        open: true,
        now: line_of(locality),
        confirmed_at: 0,
        planned: None,
        history: Vec::new(),
    }
}

fn line_from(history: Vec<LineChange>, today: Date) -> Option<Line> {
    let today_holds = lines::in_force(&history, today);
    let last = history.last()?;
    let open = today_holds.is_some();
    let now = today_holds.unwrap_or(last).clone();
    Some(Line {
        id: now.locality.clone(),
        version: last.version,
        planned: Some(last.clone()).filter(|last| last.valid_from > today.to_string()),
        open,
        now: now.details,
        confirmed_at: if open { now.confirmed_at } else { 0 },
        history,
    })
}

impl Line {
    /// What holds after the last decision: what a form starts from.
    pub fn last(&self) -> &LineDetails {
        self.planned.as_ref().map_or(&self.now, |planned| &planned.details)
    }

    /// The day from which something is planned.
    pub fn planned_from(&self) -> Option<Date> {
        self.planned.as_ref().and_then(|planned| planned.valid_from.parse().ok())
    }
}

/// Reads what was typed about a line; every fault at once.
///
/// # Errors
/// The faults by field: `name`, `phones`, `mailbox`, `address`, `districts`, `from`.
pub fn read(relay: &Relay, line: &Line, form: &Raw) -> Result<Change, Faults> {
    let mut faults = Faults::new();
    let name = kept(&mut faults, "name", words(form.get("name"), "the line’s name", NAME));
    let phones = kept(&mut faults, "phones", phones(form.get("phones")));
    let mailbox = EmailAddress::parse(form.get("mailbox").trim()).map_err(|fault| fault.to_string());
    let mailbox = kept(&mut faults, "mailbox", mailbox);
    let address = kept(&mut faults, "address", address(form.get("address")));
    let lad_codes = kept(&mut faults, "districts", districts(form.get("districts")));
    let from = kept(&mut faults, "from", from_day(relay, form, line.planned_from()));
    let (Some(name), Some(phones), Some(mailbox), Some(address), Some(lad_codes), Some(from)) =
        (name, phones, mailbox, address, lad_codes, from)
    else {
        return Err(faults);
    };
    let mailbox = mailbox.as_str().to_owned();
    Ok(Change {
        seen: form.get("version").parse().unwrap_or(-1),
        from,
        details: LineDetails { name, phones, mailbox, address, lad_codes },
        sure: form.get("sure") == "yes",
    })
}

fn phones(text: &str) -> Result<String, String> {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    match lines.len() {
        0 => return Err("Write at least one telephone number".to_owned()),
        many if many > PHONES => return Err(format!("Write up to {PHONES} telephone numbers")),
        _ => {}
    }
    let read = lines.iter().map(|line| Phone::parse(line).map(|phone| phone.as_typed().to_owned()));
    Ok(read.collect::<Result<Vec<_>, _>>().map_err(|fault| fault.to_string())?.join("\n"))
}

fn address(text: &str) -> Result<String, String> {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let long =
        lines.iter().any(|line| line.chars().count() > ADDRESS.1 || line.chars().any(char::is_control));
    if lines.len() > ADDRESS.0 || long {
        return Err(format!("Write the address in up to {} lines of {} characters", ADDRESS.0, ADDRESS.1));
    }
    Ok(lines.join("\n"))
}

fn districts(text: &str) -> Result<String, String> {
    let separates = |c: char| c.is_whitespace() || c == ',' || c == ';';
    let pieces = text.split(separates).filter(|piece| !piece.is_empty());
    let codes: Result<BTreeSet<_>, _> =
        pieces.map(|piece| DistrictCode::parse(&piece.to_uppercase())).collect();
    let codes =
        codes.map_err(|_| "Write each district’s code as one letter and eight digits, such as E07000106")?;
    match codes.len() {
        many if many > DISTRICTS => Err(format!("Write up to {DISTRICTS} districts")),
        _ => Ok(codes.iter().map(DistrictCode::as_str).collect::<Vec<_>>().join(" ")),
    }
}

/// Decides about a line, and puts it in force. The same decision twice (a double click) is one.
///
/// # Errors
/// [`AdministrationError::Changed`] when somebody decided since; `Refused` when another line serves one of
/// the districts on one of the days; `Warned` when a district would have no line and `sure` is not set.
pub async fn change(
    relay: &Relay,
    person: &Person,
    id: &str,
    change: &Change,
) -> Result<(), AdministrationError> {
    let who = actor(person);
    let line = line(relay, id).await?;
    if is_done(&line, &who, change) {
        return Ok(());
    }
    if line.version != change.seen {
        return Err(AdministrationError::Changed);
    }
    if line.last() == &change.details {
        return Err(refused("name", "Nothing here differs from what was decided already"));
    }
    let known = fitting(relay, &who, id, change).await?;
    decide(relay, who, id, change.seen.max(1), change.clone(), known).await
}

/// Looks whether a change fits the other lines, and makes rows of the shipped ones before the first decision. Gives
/// how many decisions it was looked at with.
async fn fitting(relay: &Relay, who: &Actor, id: &str, change: &Change) -> Result<i64, AdministrationError> {
    let mut decided = Decided::read(&mut relay.store.read().await?).await?;
    let first = decided.lines.is_empty();
    if first {
        decided.lines = as_shipped(relay);
    }
    fits(relay, &decided.lines, id, change)?;
    if first {
        adopt(relay, who).await?;
    }
    let known = lines::count(&mut relay.store.read().await?).await?;
    if known == decided.count() { Ok(known) } else { Err(AdministrationError::Changed) }
}

/// The rows that [`adopt`] makes.
fn as_shipped(relay: &Relay) -> Vec<LineChange> {
    let today = relay.clock.now().day();
    let row = |locality: &crate::domain::locality::Locality| LineChange {
        locality: locality.id.as_str().to_owned(),
        version: 1,
        valid_from: today.to_string(),
        details: line_of(locality),
        confirmed_at: 0,
        decided_by: String::new(),
        decided_at: 0,
    };
    relay.places.localities().iter().map(row).collect()
}

/// Whether this very decision was made already, by this person.
fn is_done(line: &Line, who: &Actor, change: &Change) -> bool {
    line.history.last().is_some_and(|last| {
        last.version == change.seen.max(1) + 1
            && last.details == change.details
            && last.valid_from == change.from.to_string()
            && last.decided_by == who.id.as_str()
    })
}

async fn decide(
    relay: &Relay,
    who: Actor,
    id: &str,
    last: i64,
    change: Change,
    known: i64,
) -> Result<(), AdministrationError> {
    let id = id.to_owned();
    relay
        .store
        .write(move |unit: &mut Unit| {
            Box::pin(async move {
                lines::alone(unit, known).await?;
                lines::insert(unit, &who, &id, last, (change.from, &change.details)).await
            })
        })
        .await?;
    Ok(relay.refresh().await?)
}

/// Before the first decision the lines are as shipped and in no row: then all of them become rows, as they
/// are, so that the others do not vanish.
///
/// # Errors
/// The store's.
pub async fn adopt(relay: &Relay, who: &Actor) -> Result<(), AdministrationError> {
    if !lines::all(&mut relay.store.read().await?).await?.is_empty() {
        return Ok(());
    }
    let (who, today) = (who.clone(), relay.clock.now().day());
    let all = as_shipped(relay);
    relay
        .store
        .write(move |unit: &mut Unit| {
            Box::pin(async move {
                for one in &all {
                    lines::insert(unit, &who, &one.locality, 0, (today, &one.details)).await?;
                }
                Ok::<(), StoreError>(())
            })
        })
        .await?;
    Ok(relay.refresh().await?)
}

/// Takes back what is planned: what holds today goes on, and a line that is not open yet gets no district. Doing it
/// twice is doing it once.
///
/// # Errors
/// [`AdministrationError::Changed`] when somebody decided since.
pub async fn take_back(
    relay: &Relay,
    person: &Person,
    id: &str,
    seen: i64,
) -> Result<(), AdministrationError> {
    let line = line(relay, id).await?;
    let Some(_) = &line.planned else { return Ok(()) };
    if line.version != seen {
        return Err(AdministrationError::Changed);
    }
    let change = match (line.open, line.planned_from()) {
        (false, Some(from)) => {
            let details = LineDetails { lad_codes: String::new(), ..line.now.clone() };
            Change { seen, from, details, sure: true }
        }
        _ => Change { seen, from: relay.clock.now().day(), details: line.now.clone(), sure: true },
    };
    let decided = Decided::read(&mut relay.store.read().await?).await?;
    fits(relay, &decided.lines, id, &change)?;
    let known = lines::count(&mut relay.store.read().await?).await?;
    decide(relay, actor(person), id, seen.max(1), change, known).await
}
