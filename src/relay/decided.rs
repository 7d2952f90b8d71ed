//! From dated rows to what holds: reads what administrators decided and puts it in force.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use jiff::civil::{Date, Time};

use super::Relay;
use super::live::Rules;
use crate::domain::allowed::Allowed;
use crate::domain::email::EmailAddress;
use crate::domain::locality::{DistrictCode, Locality, LocalityId};
use crate::domain::phone::Phone;
use crate::domain::slots::SlotRules;
use crate::gate::GateRules;
use crate::routing::{Localities, Places};
use crate::store::closing::{self, ClosingDay};
use crate::store::lines::{self, LineChange, LineDetails};
use crate::store::rules::{self, RulesChange, RulesRow};
use crate::store::{Sees, StoreError};

/// Why what was decided cannot be put in force: what held before goes on.
#[derive(Debug, thiserror::Error)]
pub enum DecidedError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Rows that do not read, or lines that contradict each other.
    #[error("{0}")]
    Unusable(String),
}

/// Everything that administrators decided.
pub struct Decided {
    /// About lines.
    pub lines: Vec<LineChange>,
    /// About numbers.
    pub rules: Vec<RulesChange>,
    /// About closing days.
    pub closing: Vec<ClosingDay>,
}

impl Decided {
    /// Reads all of it.
    pub async fn read(door: &mut impl Sees) -> Result<Self, StoreError> {
        Ok(Self {
            lines: lines::all(door).await?,
            rules: rules::history(door).await?,
            closing: closing::all(door).await?,
        })
    }

    /// How many decisions there are; only grows.
    pub fn count(&self) -> i64 {
        i64::try_from(self.lines.len() + self.rules.len() + self.closing.len()).unwrap_or(i64::MAX)
    }

    /// The localities by the day from which they hold: those of `today`, and those of each later day on
    /// which something changes. Empty when nothing was decided.
    pub fn localities(&self, today: Date) -> Result<Vec<(Date, Localities)>, DecidedError> {
        if self.lines.is_empty() {
            return Ok(Vec::new());
        }
        let later: BTreeSet<Date> = self
            .lines
            .iter()
            .filter_map(|one| one.valid_from.parse().ok())
            .filter(|day| *day > today)
            .collect();
        let mut days = vec![(Date::MIN, localities_on(&self.lines, today)?)];
        for day in later {
            days.push((day, localities_on(&self.lines, day)?));
        }
        Ok(days)
    }

    fn rules(&self, today: Date, defaults: &'static Rules) -> Vec<(Date, &'static Rules)> {
        let mut days = vec![(Date::MIN, defaults)];
        for one in &self.rules {
            let day: Date = one.valid_from.parse().unwrap_or(Date::MAX);
            let day = if day <= today { Date::MIN } else { day };
            days.retain(|(from, _)| *from < day);
            days.push((day, rules_of(&one.rules).kept()));
        }
        days
    }
}

/// The localities on a day, by name.
///
/// # Errors
/// When rows do not read or lines contradict each other on that day.
pub fn localities_on(decisions: &[LineChange], day: Date) -> Result<Localities, DecidedError> {
    let mut list = Vec::new();
    for of_one in decisions.chunk_by(|a, b| a.locality == b.locality) {
        if let Some(one) = lines::in_force(of_one, day) {
            list.push(locality_of(&one.locality, &one.details)?);
        }
    }
    list.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    Localities::new(list).map_err(|error| DecidedError::Unusable(error.to_string()))
}

/// A line's words as the locality that they mean.
///
/// # Errors
/// When one of them does not read.
pub fn locality_of(id: &str, line: &LineDetails) -> Result<Locality, DecidedError> {
    let bad = |error: &dyn std::fmt::Display| DecidedError::Unusable(format!("locality {id}: {error}"));
    let codes = line.lad_codes.split_whitespace();
    Ok(Locality {
        id: LocalityId::parse(id).map_err(|e| bad(&e))?,
        name: line.name.clone(),
        phones: line.phones.lines().map(Phone::parse).collect::<Result<_, _>>().map_err(|e| bad(&e))?,
        email: EmailAddress::parse(&line.mailbox).map_err(|e| bad(&e))?,
        districts: codes.map(DistrictCode::parse).collect::<Result<_, _>>().map_err(|e| bad(&e))?,
    })
}

/// A locality as the words that a row keeps; without a postal address.
pub fn line_of(locality: &Locality) -> LineDetails {
    let phones: Vec<&str> = locality.phones.iter().map(Phone::as_typed).collect();
    let codes: Vec<&str> = locality.districts.iter().map(DistrictCode::as_str).collect();
    LineDetails {
        name: locality.name.clone(),
        phones: phones.join("\n"),
        mailbox: locality.email.as_str().to_owned(),
        address: String::new(),
        lad_codes: codes.join(" "),
    }
}

/// Rules as a row keeps them.
pub fn row_of(rules: &Rules) -> RulesRow {
    let Rules { gate, slots } = rules;
    let busy = slots.busy.iter().map(|(from, to, what)| format!("{}-{}:{what}", hm(*from), hm(*to)));
    RulesRow {
        signature_days: gate.signature_days.into(),
        methods: gate.methods.text(),
        oldest_months: gate.oldest_months.into(),
        opens: hm(slots.opens),
        closes: hm(slots.closes),
        notice_days: slots.notice_days.into(),
        horizon_months: slots.horizon_months.into(),
        busy: busy.collect::<Vec<_>>().join(" "),
        busy_is_wall: slots.busy_is_wall.into(),
    }
}

fn hm(time: Time) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

/// A row as the rules that it means; what does not read (only a damaged row could not) is as by default.
pub fn rules_of(row: &RulesRow) -> Rules {
    let default = Rules::default();
    let number = |value: i64, default: i32| i32::try_from(value).unwrap_or(default);
    let time = |text: &str, default: Time| text.parse().unwrap_or(default);
    let busy = row.busy.split(' ').filter_map(|piece| {
        let (from, rest) = piece.split_once('-')?;
        let (to, what) = rest.rsplit_once(':')?;
        Some((from.parse().ok()?, to.parse().ok()?, what.to_owned()))
    });
    Rules {
        gate: GateRules {
            signature_days: number(row.signature_days, default.gate.signature_days),
            methods: Allowed::from_text(&row.methods),
            oldest_months: number(row.oldest_months, default.gate.oldest_months),
        },
        slots: SlotRules {
            opens: time(&row.opens, default.slots.opens),
            closes: time(&row.closes, default.slots.closes),
            notice_days: number(row.notice_days, default.slots.notice_days),
            horizon_months: number(row.horizon_months, default.slots.horizon_months),
            busy: busy.collect(),
            busy_is_wall: row.busy_is_wall == 1,
        },
    }
}

impl Relay {
    /// Reads what administrators decided and puts it in force.
    ///
    /// # Errors
    /// The store's; rows that contradict each other. What held before goes on then.
    pub async fn refresh(&self) -> Result<(), DecidedError> {
        let decided = Decided::read(&mut self.store.read().await?).await?;
        self.put_in_force(&decided)
    }

    /// As [`Relay::refresh`], when another copy decided something since.
    ///
    /// # Errors
    /// As there.
    pub async fn refresh_if_changed(&self) -> Result<(), DecidedError> {
        let count = lines::count(&mut self.store.read().await?).await?;
        let known = self.decisions.load(std::sync::atomic::Ordering::Relaxed);
        if count == known { Ok(()) } else { self.refresh().await }
    }

    fn put_in_force(&self, decided: &Decided) -> Result<(), DecidedError> {
        let (today, now) = (self.clock.now().day(), self.places.current());
        let days = decided.localities(today)?;
        let with = |(day, localities)| (day, Arc::new(now.with(localities)));
        self.places.0.put(days.into_iter().map(with).collect::<Vec<(Date, Arc<Places>)>>());
        self.rules.put(decided.rules(today, self.defaults));
        let mut closed: HashMap<String, Vec<Date>> = HashMap::new();
        for one in closing::closed(&decided.closing) {
            closed.entry(one.locality.clone()).or_default().extend(one.day.parse::<Date>().ok());
        }
        self.calendars.put(closed);
        self.decisions.store(decided.count(), std::sync::atomic::Ordering::Relaxed);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::agreement::{Method, Signatory};

    #[test]
    fn rules_come_back_from_their_row() {
        let mut rules = Rules::default();
        assert_eq!(rules_of(&row_of(&rules)), rules);
        assert_eq!(row_of(&rules).busy, "08:30-09:30:arrival 12:00-13:00:lunch");
        rules.slots.busy.clear();
        rules.gate.methods = Allowed::default().with(Signatory::Carer, |method| method == Method::PaperScan);
        assert_eq!(rules_of(&row_of(&rules)), rules);
    }

    #[test]
    fn a_locality_comes_back_from_its_row() {
        for locality in Localities::kent().iter() {
            assert_eq!(locality_of(locality.id.as_str(), &line_of(locality)).expect("reads"), *locality);
        }
    }
}
