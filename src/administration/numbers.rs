//! The gate's numbers and the meeting times: each decision is a row that holds from a day on. The
//! configuration's numbers hold until the first.

use jiff::civil::{Date, Time};

use super::{AdministrationError, Faults, from_day, kept, number, refused};
use crate::audit::Actor;
use crate::domain::agreement::Signatory;
use crate::domain::allowed::Allowed;
use crate::domain::form::Raw;
use crate::domain::people::Person;
use crate::domain::slot_time::parse_time;
use crate::domain::slots::SlotRules;
use crate::gate::GateRules;
use crate::relay::decided::{row_of, rules_of};
use crate::relay::live::Rules;
use crate::relay::{Relay, actor};
use crate::store::Unit;
use crate::store::rules::{self, RulesChange, RulesRow};

/// Bounds of the numbers, least and most.
const SIGNATURE_DAYS: (i32, i32) = (1, 366);
const OLDEST_MONTHS: (i32, i32) = (24, 228);
const NOTICE_DAYS: (i32, i32) = (0, 90);
const HORIZON_MONTHS: (i32, i32) = (1, 24);
/// The busy times that can be set: the name in rows and in fields.
pub const BUSY: [&str; 2] = ["arrival", "lunch"];

/// The field of the ways of signing of each signatory.
pub const METHODS: [(Signatory, &str); 3] = [
    (Signatory::Parent, "methods-parent"),
    (Signatory::Carer, "methods-carer"),
    (Signatory::YoungPerson, "methods-young-person"),
];

/// The numbers as administrators look after them.
pub struct Numbers {
    /// The number of the last decision; 0 before the first.
    pub version: i64,
    /// What holds today.
    pub now: Rules,
    /// What holds from a later day on.
    pub planned: Option<RulesChange>,
    /// Every decision, the oldest first.
    pub history: Vec<RulesChange>,
    /// What the configuration says.
    pub defaults: RulesRow,
}

impl Numbers {
    /// What holds after the last decision: what a form starts from.
    pub fn last(&self) -> Rules {
        self.planned.as_ref().map_or_else(|| self.now.clone(), |planned| rules_of(&planned.rules))
    }

    /// The day from which something is planned.
    pub fn planned_from(&self) -> Option<Date> {
        self.planned.as_ref().and_then(|planned| planned.valid_from.parse().ok())
    }
}

/// The numbers as they are.
///
/// # Errors
/// The store's.
pub async fn all(relay: &Relay) -> Result<Numbers, AdministrationError> {
    let history = rules::history(&mut relay.store.read().await?).await?;
    let today = relay.clock.now().day().to_string();
    let now = history.iter().rfind(|one| one.valid_from <= today);
    Ok(Numbers {
        version: history.last().map_or(0, |last| last.version),
        now: now.map_or_else(|| relay.defaults.clone(), |one| rules_of(&one.rules)),
        planned: history.last().filter(|last| last.valid_from > today).cloned(),
        defaults: row_of(relay.defaults),
        history,
    })
}

/// A change as it was typed and read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The number of the last decision that the administrator saw.
    pub seen: i64,
    /// The day from which it holds.
    pub from: Date,
    /// What then holds.
    pub rules: Rules,
}

/// Reads the gate's numbers; the meeting times stay.
///
/// # Errors
/// The faults by field: `signature_days`, [`METHODS`], `oldest_months`, `from`.
pub fn read_gate(relay: &Relay, numbers: &Numbers, form: &Raw) -> Result<Change, Faults> {
    let mut faults = Faults::new();
    let (least, most) = SIGNATURE_DAYS;
    let days = kept(&mut faults, "signature_days", number(form.get("signature_days"), least, most, "days"));
    let methods = methods(form, &mut faults);
    let (least, most) = OLDEST_MONTHS;
    let months = kept(&mut faults, "oldest_months", number(form.get("oldest_months"), least, most, "months"));
    let from = kept(&mut faults, "from", from_day(relay, form, numbers.planned_from()));
    match (days, faults.is_empty(), months, from) {
        (Some(signature_days), true, Some(oldest_months), Some(from)) => {
            let gate = GateRules { signature_days, methods, oldest_months };
            Ok(Change { seen: seen(form), from, rules: Rules { gate, slots: numbers.last().slots } })
        }
        _ => Err(faults),
    }
}

/// The ways of signing of each signatory, from the fields [`METHODS`].
fn methods(form: &Raw, faults: &mut Faults) -> Allowed {
    let mut all = Allowed::none();
    for (who, field) in METHODS {
        let chosen = form.all(field);
        all = all.with(who, |one| chosen.iter().any(|code| code == one.code()));
        // Whether young people sign at all is the deployment's; somebody has to be able to.
        let some = !all.of(who).is_empty() || who == Signatory::YoungPerson;
        let some = some.then_some(()).ok_or_else(|| "Choose at least one way of signing".to_owned());
        kept(faults, field, some);
    }
    all
}

fn seen(form: &Raw) -> i64 {
    form.get("version").parse().unwrap_or(-1)
}

/// Reads the meeting times; the gate's numbers stay.
///
/// # Errors
/// The faults by field: `opens`, `closes`, `notice_days`, `horizon_months`, `arrival`, `lunch`, `wall`, `from`.
pub fn read_slots(relay: &Relay, numbers: &Numbers, form: &Raw) -> Result<Change, Faults> {
    let mut faults = Faults::new();
    let opens = kept(&mut faults, "opens", time(form.get("opens")));
    let closes = time(form.get("closes")).and_then(|closes| match opens {
        Some(opens) if closes <= opens => {
            Err("Write a time after the one from which meetings start".to_owned())
        }
        _ => Ok(closes),
    });
    let closes = kept(&mut faults, "closes", closes);
    let (least, most) = NOTICE_DAYS;
    let notice = kept(&mut faults, "notice_days", number(form.get("notice_days"), least, most, "days"));
    let (least, most) = HORIZON_MONTHS;
    let horizon =
        kept(&mut faults, "horizon_months", number(form.get("horizon_months"), least, most, "months"));
    let busy = BUSY.map(|what| kept(&mut faults, what, busy(form, what)).flatten());
    let wall = match form.get("wall") {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err("Choose what happens at these times".to_owned()),
    };
    let wall = kept(&mut faults, "wall", wall);
    let from = kept(&mut faults, "from", from_day(relay, form, numbers.planned_from()));
    let (
        Some(opens),
        Some(closes),
        Some(notice_days),
        Some(horizon_months),
        Some(busy_is_wall),
        Some(from),
        true,
    ) = (opens, closes, notice, horizon, wall, from, faults.is_empty())
    else {
        return Err(faults);
    };
    let busy = busy.into_iter().flatten().collect();
    let slots = SlotRules { opens, closes, notice_days, horizon_months, busy, busy_is_wall };
    Ok(Change { seen: seen(form), from, rules: Rules { gate: numbers.last().gate, slots } })
}

fn time(text: &str) -> Result<Time, String> {
    parse_time(text).map_err(|fault| fault.to_string())
}

/// A busy time from `<what>` and `<what>_to`; both empty for none.
fn busy(form: &Raw, what: &'static str) -> Result<Option<(Time, Time, String)>, String> {
    let (from, to) = (form.get(what).trim(), form.get(&format!("{what}_to")).trim());
    if from.is_empty() && to.is_empty() {
        return Ok(None);
    }
    match (time(from)?, time(to)?) {
        (from, to) if from < to => Ok(Some((from, to, what.to_owned()))),
        _ => Err("Write an end that is later than the beginning".to_owned()),
    }
}

/// Decides, and puts it in force. The same decision twice (a double click) is one.
///
/// # Errors
/// [`AdministrationError::Changed`] when somebody decided since; `Refused` when nothing differs.
pub async fn change(relay: &Relay, person: &Person, change: &Change) -> Result<(), AdministrationError> {
    let (who, numbers) = (actor(person), all(relay).await?);
    if is_done(&numbers, &who, change) {
        return Ok(());
    }
    if numbers.version != change.seen {
        return Err(AdministrationError::Changed);
    }
    if numbers.last() == change.rules {
        return Err(refused("from", "Nothing here differs from what was decided already"));
    }
    decide(relay, who, (row_of(&numbers.last()), row_of(&change.rules)), change).await
}

fn is_done(numbers: &Numbers, who: &Actor, change: &Change) -> bool {
    numbers.history.last().is_some_and(|last| {
        last.version == change.seen + 1
            && last.rules == row_of(&change.rules)
            && last.valid_from == change.from.to_string()
            && last.decided_by == who.id.as_str()
    })
}

/// Takes back what is planned: what holds today goes on. Doing it twice is doing it once.
///
/// # Errors
/// [`AdministrationError::Changed`] when somebody decided since.
pub async fn take_back(relay: &Relay, person: &Person, seen: i64) -> Result<(), AdministrationError> {
    let numbers = all(relay).await?;
    let Some(planned) = &numbers.planned else { return Ok(()) };
    if numbers.version != seen {
        return Err(AdministrationError::Changed);
    }
    let back = Change { seen, from: relay.clock.now().day(), rules: numbers.now.clone() };
    decide(relay, actor(person), (planned.rules.clone(), row_of(&back.rules)), &back).await
}

async fn decide(
    relay: &Relay,
    who: Actor,
    (before, after): (RulesRow, RulesRow),
    change: &Change,
) -> Result<(), AdministrationError> {
    let (seen, from) = (change.seen, change.from);
    relay
        .store
        .write(move |unit: &mut Unit| {
            Box::pin(async move { rules::insert(unit, &who, seen, from, (&before, &after)).await })
        })
        .await?;
    Ok(relay.refresh().await?)
}
