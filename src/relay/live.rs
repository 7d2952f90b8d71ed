//! What administrators decide, as it holds at this moment: localities, the gate's numbers, meeting times,
//! closing days.
//!
//! Decisions are dated rows. What is held here is a short schedule: what holds now, and what will hold
//! from each later day on. Whoever asks gets what holds on the day that the clock says, so that a change
//! planned for 1 December takes effect at midnight by itself. After a change by this process the schedule
//! is read again at once; a change by another copy is seen within [`LOOK_EVERY`] by the number of
//! decisions, which only grows.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use jiff::civil::Date;

use crate::clock::Clock;
use crate::domain::calendar::Calendar;
use crate::domain::locality::Locality;
use crate::domain::postcode::PostcodeInput;
use crate::domain::slots::SlotRules;
use crate::gate::GateRules;
use crate::routing::{Decision, Localities, Places, SecondOpinion};

/// How often a running copy looks whether another one changed something.
pub const LOOK_EVERY: Duration = Duration::from_secs(3);

/// What holds, by the day from which it does; the first from ever.
pub struct Schedule<T> {
    clock: Clock,
    days: RwLock<Arc<[(Date, T)]>>,
}

impl<T: Clone> Schedule<T> {
    /// The same on every day.
    pub fn always(clock: Clock, value: T) -> Self {
        Self { clock, days: RwLock::new(Arc::new([(Date::MIN, value)])) }
    }

    /// What holds on a day.
    pub fn on(&self, day: Date) -> T {
        let days = self.days.read().unwrap_or_else(PoisonError::into_inner).clone();
        let at = days.partition_point(|(from, _)| *from <= day);
        days[at.saturating_sub(1)].1.clone()
    }

    /// What holds today.
    pub fn today(&self) -> T {
        self.on(self.clock.now().day())
    }

    /// Puts another schedule in its place; an empty one changes nothing.
    pub fn put(&self, days: Vec<(Date, T)>) {
        if !days.is_empty() {
            *self.days.write().unwrap_or_else(PoisonError::into_inner) = days.into();
        }
    }
}

/// The places that are served, as they are today.
pub struct LivePlaces(pub Schedule<Arc<Places>>);

impl LivePlaces {
    /// All of it, as it is now: for whoever asks several questions that have to fit together.
    pub fn current(&self) -> Arc<Places> {
        self.0.today()
    }

    /// The locality with this id, as rows carry it.
    pub fn locality(&self, id: &str) -> Option<Locality> {
        self.current().locality(id).cloned()
    }

    /// The mailbox of a locality's line.
    pub fn mailbox(&self, id: &str) -> Option<String> {
        self.current().mailbox(id).map(str::to_owned)
    }

    /// The localities.
    pub fn localities(&self) -> Localities {
        self.current().localities().clone()
    }

    /// Which duty line serves a postcode.
    pub fn route(&self, input: &PostcodeInput) -> Decision {
        self.current().route(input)
    }

    /// What the setting's own postcode says beside it.
    pub fn second_opinion(&self, child: &Decision, setting: &PostcodeInput) -> SecondOpinion {
        self.current().second_opinion(child, setting)
    }
}

/// The numbers that administrators decide.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// The gate's.
    pub gate: GateRules,
    /// What lines allow for meetings.
    pub slots: SlotRules,
}

impl Rules {
    /// The same rules for as long as the process lives, so that who reads a form can borrow them. Each
    /// different set is kept once: some hundred bytes for each decision of an administrator.
    pub fn kept(self) -> &'static Rules {
        static KEPT: Mutex<Vec<&'static Rules>> = Mutex::new(Vec::new());
        let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = kept.iter().find(|known| ***known == self) {
            return known;
        }
        let new: &'static Rules = Box::leak(Box::new(self));
        kept.push(new);
        new
    }
}

/// Each line's calendar: England's, and the line's own closing days.
#[derive(Default)]
pub struct Calendars(RwLock<HashMap<String, Arc<Calendar>>>);

impl Calendars {
    /// The calendar of a line; England's for a line without closing days, or for no line.
    pub fn of(&self, locality: &str) -> Arc<Calendar> {
        let held = self.0.read().unwrap_or_else(PoisonError::into_inner);
        held.get(locality).cloned().unwrap_or_else(|| Arc::new(Calendar::england().clone()))
    }

    /// Puts the lines' closing days in place of those before.
    pub fn put(&self, days: HashMap<String, Vec<Date>>) {
        let with = |days: Vec<Date>| Arc::new(Calendar::england().closed_on(days));
        let all = days.into_iter().map(|(locality, days)| (locality, with(days))).collect();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = all;
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::domain::time::{DAY, Instant};

    /// Noon on 7 September 2026.
    const NOON: i64 = 1_788_778_800_000_000;

    #[test]
    fn what_is_planned_holds_from_its_day_on() {
        let clock = Clock::fixed(Instant::from_micros(NOON));
        let held = Schedule::always(clock.clone(), "before");
        assert_eq!(held.today(), "before");
        held.put(vec![(Date::MIN, "now"), (date(2026, 9, 8), "next"), (date(2026, 9, 10), "last")]);
        assert_eq!((held.today(), held.on(date(2026, 9, 9))), ("now", "next"));
        clock.advance(DAY);
        assert_eq!(held.today(), "next");
        clock.advance(30 * DAY);
        assert_eq!(held.today(), "last");
        held.put(Vec::new());
        assert_eq!(held.today(), "last", "nothing read is nothing changed");
    }

    #[test]
    fn a_set_of_rules_is_kept_once() {
        let other =
            Rules { gate: GateRules { signature_days: 27, ..GateRules::default() }, ..Rules::default() };
        assert!(std::ptr::eq(Rules::default().kept(), Rules::default().kept()));
        assert!(!std::ptr::eq(Rules::default().kept(), other.kept()));
    }

    #[test]
    fn a_line_is_closed_on_its_own_days_and_no_other_line_is() {
        let calendars = Calendars::default();
        let day = date(2026, 9, 9);
        calendars.put(HashMap::from([("swale".to_owned(), vec![day])]));
        assert!(!calendars.of("swale").is_working_day(day));
        assert!(calendars.of("thanet").is_working_day(day) && calendars.of("").is_working_day(day));
    }
}
