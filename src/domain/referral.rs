//! A referral's states, and what moves it from one to the next.
//!
//! | state          | it is                                   | goes on by                    | to             |
//! |----------------|-----------------------------------------|-------------------------------|----------------|
//! | `held`         | kept, sealed, not shared with a line    | its sender completes it       | any but `held` too |
//! | `refused`      | stays with its setting                  | its sender sends another      | -              |
//! | `intake-desk`  | waits for a person to pick the line     | line chosen, with a reason    | `delivered`    |
//! | `delivered`    | in its duty line's inbox                | first opening                 | `opened`       |
//! | `opened`       | somebody of the line has read it        | acknowledgement               | `acknowledged` |
//! | `acknowledged` | a person of the line has taken it on    | casework                      | `erased`       |
//! | `withdrawn`    | taken back by the family before anybody of a line read it | nothing | `erased` |
//! | `erased`       | its content was destroyed               | nothing                       | -              |
//!
//! `held` and `refused` may be erased too. What a duty line or the intake desk still waits for may not:
//! somebody would wait for ever.
//!
//! Delivered is not opened, opened is not acknowledged (DOMAIN section 8).

use super::people::coded;

coded! {
    /// Where a referral stands.
    State {
        /// Kept, not shared: something is missing.
        Held = "held", "Held";
        /// Not sent on.
        Refused = "refused", "Not sent";
        /// No duty line could be found by rule.
        IntakeDesk = "intake-desk", "With the intake desk";
        /// In the line's inbox.
        Delivered = "delivered", "Delivered";
        /// Read by the line.
        Opened = "opened", "Opened";
        /// Taken on by a person.
        Acknowledged = "acknowledged", "Acknowledged";
        /// Taken back by the family before a line had read it: closed to readers.
        Withdrawn = "withdrawn", "Taken back";
        /// Content destroyed for good.
        Erased = "erased", "Erased";
    }
}

coded! {
    /// On what ground content was destroyed. DOMAIN section 9 asks for one; the list is \[ours\].
    Ground {
        /// The time for which it had to be kept is over.
        Retention = "retention", "Kept for as long as it had to be";
        /// The family asked, and the controller agreed.
        Request = "request", "Asked for by the family";
        /// It should never have been sent here.
        SentInError = "sent-in-error", "Sent in error";
    }
}

coded! {
    /// How soon the sender asks the line to look. It is the sender's own answer, never worked
    /// out from the restricted part, so that it tells nothing about it (docs/decisions.md).
    Urgency {
        /// In the ordinary run of things.
        Routine = "routine", "Routine";
        /// Before the ordinary run.
        Soon = "soon", "Soon";
        /// Within this week.
        ThisWeek = "this-week", "This week";
        /// Today.
        Today = "today", "Today";
    }
}

impl Urgency {
    /// The band in clear: 0 (routine) to 3 (today).
    pub const fn band(self) -> i64 {
        self as i64
    }

    /// The urgency of a stored band; anything out of range reads as the most urgent.
    pub fn from_band(band: i64) -> Self {
        match band {
            0 => Urgency::Routine,
            1 => Urgency::Soon,
            2 => Urgency::ThisWeek,
            _ => Urgency::Today,
        }
    }
}

impl State {
    /// Whether an act may move a referral from here to `next`.
    pub const fn may_become(self, next: State) -> bool {
        use State::{Acknowledged, Delivered, Erased, Held, IntakeDesk, Opened, Refused, Withdrawn};
        matches!(
            (self, next),
            (Held, Refused | IntakeDesk | Delivered)
                | (IntakeDesk, Delivered)
                | (Delivered, Opened)
                | (Opened, Acknowledged)
                | (Held | IntakeDesk | Delivered, Withdrawn)
                | (Held | Refused | Withdrawn | Acknowledged, Erased)
        )
    }

    /// Whether the duty line may read its content.
    pub const fn shared_with_line(self) -> bool {
        matches!(self, State::Delivered | State::Opened | State::Acknowledged)
    }
}

coded! {
    /// The door a submission came by.
    Door {
        /// The web form.
        Web = "web", "Web form";
        /// Sealed mail.
        Mail = "mail", "Encrypted mail";
        /// A command on the server.
        Command = "command", "Command";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_acknowledged_before_it_was_opened() {
        for state in State::ALL {
            assert_eq!(state.may_become(State::Acknowledged), *state == State::Opened);
        }
    }

    #[test]
    fn a_refusal_and_an_acknowledgement_end_the_story() {
        for next in State::ALL {
            assert_eq!(State::Refused.may_become(*next), *next == State::Erased);
            assert_eq!(State::Acknowledged.may_become(*next), *next == State::Erased);
            assert!(!State::Erased.may_become(*next));
        }
    }

    #[test]
    fn what_somebody_waits_for_is_not_erased() {
        for waits in [State::IntakeDesk, State::Delivered, State::Opened] {
            assert!(!waits.may_become(State::Erased));
        }
    }

    #[test]
    fn bands_and_codes_come_back() {
        for urgency in Urgency::ALL {
            assert_eq!(Urgency::from_band(urgency.band()), *urgency);
            assert_eq!(Urgency::from_code(urgency.code()), Some(*urgency));
        }
    }
}
