//! The family's links: what one may be used for, how long it lives, where a message to a family may go.
//!
//! Pure rules (DOMAIN sections 3 and 9). A link alone opens nothing: the first use of one that stands on
//! the setting's screen is bound to that browser, every other one asks for a code that was sent to the
//! contact that the setting recorded. A link that has ended, by whatever cause, is one thing only: ended.

use serde::{Deserialize, Serialize};

use super::agreement::CodeBy;
use super::form::Answers;
use super::people::coded;
use super::time::{DAY, HOUR, Instant, MINUTE};

coded! {
    /// What a link is for.
    Purpose {
        /// To read and sign now, on the signer's own phone, beside the setting's screen.
        SignHere = "sign-here", "Sign now, on their own phone";
        /// To read and sign later.
        SignLater = "sign-later", "Sign later";
        /// To see what was shared, and to withdraw.
        See = "see", "See what was shared";
    }
}

coded! {
    /// How a link goes out.
    Channel {
        /// By mail.
        Mail = "mail", "Email";
        /// By text.
        Text = "text", "Text message";
    }
}

coded! {
    /// What a withdrawal covers.
    Scope {
        /// Everything: who has not read it yet never will.
        Everything = "everything", "Everything";
        /// Nothing more is passed on; who has it keeps it.
        Sharing = "sharing", "Any more sharing";
    }
}

coded! {
    /// What a family asks for beside reading.
    Ask {
        /// Something that is wrong is to be put right.
        Correction = "correction", "A correction";
        /// All that is held about them (a subject access request).
        Access = "access", "A copy of all that is held";
        /// A complaint.
        Complaint = "complaint", "A complaint";
    }
}

/// How long things live, microseconds. \[ours\], so configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FamilyRules {
    /// A link on the setting's screen.
    pub here: i64,
    /// A link to sign later.
    pub later: i64,
    /// A link to see what was shared.
    pub see: i64,
    /// After how long without a signature a reminder goes out, each once.
    pub reminders: [i64; 2],
}

impl Default for FamilyRules {
    fn default() -> Self {
        Self { here: 30 * MINUTE, later: 14 * DAY, see: 90 * DAY, reminders: [3 * DAY, 8 * DAY] }
    }
}

impl FamilyRules {
    /// How long a link lives, microseconds.
    pub const fn lasts(&self, purpose: Purpose) -> i64 {
        match purpose {
            Purpose::SignHere => self.here,
            Purpose::SignLater => self.later,
            Purpose::See => self.see,
        }
    }
}

/// How long one opening of a link lasts, microseconds: then a new code is asked for.
pub const OPEN: i64 = HOUR;
/// How long a code works, microseconds.
pub const CODE: i64 = 15 * MINUTE;
/// How often codes of one link may be tried in all; then the link ends.
pub const TRIES: i64 = 5;
/// How many codes one link may send in all.
pub const CODES: i64 = 10;

/// The contact that a setting recorded for a family's links, sealed to the case.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// How the link goes out.
    pub by: Channel,
    /// The address, or empty.
    pub email: String,
    /// The telephone number as typed, or empty.
    pub phone: String,
    /// How codes are given.
    pub code_by: CodeBy,
    /// BCP 47 language of the letters and pages.
    pub language: String,
    /// It is another parent's, who did not sign: nothing of the signer's is shown there.
    #[serde(default)]
    pub other: bool,
}

impl Contact {
    /// Where something goes that is sent by this channel.
    pub fn address(&self, channel: Channel) -> &str {
        match channel {
            Channel::Mail => &self.email,
            Channel::Text => &self.phone,
        }
    }

    /// The channel of a code, when it is sent by one.
    pub const fn code_channel(&self) -> Option<Channel> {
        match self.code_by {
            CodeBy::Mail => Some(Channel::Mail),
            CodeBy::Text => Some(Channel::Text),
            CodeBy::ReadOut | CodeBy::SameRoom => None,
        }
    }
}

/// The kind of the letter or text that carries a link.
pub const fn letter_kind(purpose: Purpose, by: Channel) -> &'static str {
    match (purpose, by) {
        (Purpose::See, Channel::Mail) => "family-see",
        (Purpose::See, Channel::Text) => "text-see",
        (Purpose::SignHere | Purpose::SignLater, Channel::Mail) => "family-sign",
        (Purpose::SignHere | Purpose::SignLater, Channel::Text) => "text-sign",
    }
}

/// Whether the staff-only answers tell of a danger to the parent: yes, and not safe to ask. A safe
/// contact that was recorded says the same.
pub fn flagged(restricted: &Answers) -> bool {
    matches!(restricted.get("abuse.concerns"), "yes" | "not-safe") || !safe(restricted).is_empty()
}

fn safe(restricted: &Answers) -> &str {
    restricted.get("abuse.safe_contact").trim()
}

/// Where messages to a family go, given what the setting chose and the staff-only answers: the safe
/// contact and nothing else where one is recorded; nowhere where there is a danger and none (DOMAIN
/// section 3: "nothing automatic").
pub fn reach(chosen: &Contact, restricted: &Answers) -> Option<Contact> {
    match (flagged(restricted), safe(restricted)) {
        (false, _) => Some(chosen.clone()),
        (true, "") => None,
        (true, phone) => Some(Contact {
            by: Channel::Text,
            email: String::new(),
            phone: phone.to_owned(),
            code_by: if chosen.code_by == CodeBy::ReadOut { CodeBy::ReadOut } else { CodeBy::Text },
            language: chosen.language.clone(),
            other: chosen.other,
        }),
    }
}

/// An address or number with all but its ends hidden: enough to know one's own.
pub fn masked(address: &str) -> String {
    match address.split_once('@') {
        Some((local, domain)) => {
            let first = local.chars().next().map_or_else(String::new, String::from);
            format!("{first}•••@{domain}")
        }
        None => {
            let digits: Vec<char> = address.chars().filter(char::is_ascii_digit).collect();
            let end: String = digits.iter().skip(digits.len().saturating_sub(3)).collect();
            format!("•••{end}")
        }
    }
}

/// Letters and digits of a short code: none that look alike.
const ALPHABET: &[u8; 31] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";
/// How long a short code is.
pub const SHORT: usize = 8;

/// A short code from a secret, for typing: about 40 bits, live for minutes.
pub fn short_code(secret: &[u8; 32]) -> String {
    let letter = |byte: &u8| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()]);
    secret.iter().take(SHORT).map(letter).collect()
}

/// A short code as it was typed: blanks and dashes taken out, in capitals; `None` when it cannot be one.
pub fn read_short_code(typed: &str) -> Option<String> {
    let plain: String =
        typed.chars().filter(|c| !super::kept::is_blank(*c) && !super::kept::is_dash(*c)).collect();
    let plain = plain.to_ascii_uppercase();
    let ours = plain.len() == SHORT && plain.bytes().all(|byte| ALPHABET.contains(&byte));
    ours.then_some(plain)
}

/// The reminder that is due, counted from 1, when so many have gone out.
pub fn reminder_due(rules: &FamilyRules, made: Instant, sent: i64, now: Instant) -> Option<i64> {
    let next = usize::try_from(sent).ok()?;
    let after = rules.reminders.get(next)?;
    (now >= made.plus(*after)).then_some(sent + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::calendar::Calendar;
    use crate::domain::form::{Context, Part, Raw, read_part};
    use crate::domain::slots::SlotRules;

    fn restricted(pairs: &[(&str, &str)]) -> Answers {
        let mut raw = Raw::default();
        pairs.iter().for_each(|(path, value)| raw.set(path, *value));
        let context = Context {
            today: jiff::civil::date(2026, 11, 23),
            rules: &SlotRules::default(),
            calendar: Calendar::england(),
            oldest_months: 60,
        };
        read_part(&raw, Part::Restricted, context).0
    }

    fn chosen(code_by: CodeBy) -> Contact {
        Contact {
            by: Channel::Mail,
            email: "ana@home.example".to_owned(),
            phone: "07700 900111".to_owned(),
            code_by,
            language: "en".to_owned(),
            other: false,
        }
    }

    #[test]
    fn without_a_danger_the_chosen_contact_holds() {
        for said in ["no", "not-asked", ""] {
            let contact = chosen(CodeBy::Text);
            assert!(
                reach(&contact, &restricted(&[("abuse.concerns", said)])) == Some(contact.clone()),
                "{said}"
            );
        }
    }

    #[test]
    fn with_a_danger_only_the_safe_contact_is_used_and_without_one_none() {
        for said in ["yes", "not-safe"] {
            assert!(
                reach(&chosen(CodeBy::Mail), &restricted(&[("abuse.concerns", said)])).is_none(),
                "{said}"
            );
        }
        for said in ["yes", "not-safe", "no", "not-asked"] {
            let answers = restricted(&[("abuse.concerns", said), ("abuse.safe_contact", "07700 900456")]);
            for code_by in [CodeBy::Mail, CodeBy::Text, CodeBy::ReadOut] {
                let there = reach(&chosen(code_by), &answers).expect("a safe contact");
                assert_eq!((there.by, there.email.as_str()), (Channel::Text, ""));
                assert_eq!(there.phone, "07700 900456", "{said}");
                assert_ne!(there.code_by, CodeBy::Mail);
            }
        }
    }

    #[test]
    fn an_address_is_shown_by_its_ends() {
        assert_eq!(masked("ana.sample@home.example"), "a•••@home.example");
        assert_eq!(masked("07700 900123"), "•••123");
        assert_eq!(masked(""), "•••");
    }

    #[test]
    fn a_short_code_is_read_as_people_type_it() {
        let code = short_code(&[7; 32]);
        assert_eq!(code.len(), SHORT);
        let spaced = format!(" {}-{} ", &code[..4].to_lowercase(), &code[4..]);
        assert_eq!(read_short_code(&spaced), Some(code));
        for wrong in ["", "ABC", "ABCDEFG0", "ABCDEFGHJ", "ÄBCDEFGH"] {
            assert_eq!(read_short_code(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn each_reminder_goes_out_once() {
        let (rules, made) = (FamilyRules::default(), Instant::from_micros(0));
        assert_eq!(reminder_due(&rules, made, 0, made.plus(3 * DAY - 1)), None);
        assert_eq!(reminder_due(&rules, made, 0, made.plus(3 * DAY)), Some(1));
        assert_eq!(reminder_due(&rules, made, 1, made.plus(4 * DAY)), None);
        assert_eq!(reminder_due(&rules, made, 1, made.plus(8 * DAY)), Some(2));
        assert_eq!(reminder_due(&rules, made, 2, made.plus(80 * DAY)), None);
    }
}
