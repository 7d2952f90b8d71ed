//! The letters: each is a folder under `templates/letters/`, filled in here.
//!
//! | kind | goes to | when |
//! |---|---|---|
//! | `line-notice` | the line's mailbox | a referral is in its inbox |
//! | `line-held` | the line's mailbox | a referral for it is held |
//! | `setting-held` | who wrote it on the web | it is held, flagged or not: no reason is given |
//! | `sender-accepted` | who sent a mail | it passed |
//! | `sender-held` | who sent a mail | something is missing: each reason and what to do |
//! | `sender-refused` | who sent a mail | it cannot go on |
//! | `sender-repeated` | who sent a mail | it was here before |
//! | `mail-held` | who sent a mail | no referral could be made of it |
//! | `line-opened-elsewhere` | the line's mailbox and its leads | a lead of another line opened a referral of it |
//! | `mailbox-test` | the line's mailbox | an administrator wants it confirmed |
//! | `mailed-code` | a person | they ask for a code to sign in with |
//! | `reset` | a person | they cannot sign in, and may set it up anew |
//! | `invitation` | a person | somebody invites them |
//! | `sign-up` | whoever gave the address | a setting signs itself up: is the address theirs? |
//! | `address-changed` | who had the address | somebody else changed the address of their account |
//! | `people-changed` | a setting's managers | an administrator changed who may use dutyline there |
//! | `setting-answered` | who wrote it on the web | a family answered by link |
//! | `setting-withdrawn`, `line-withdrawn` | its author; the line's mailbox | a family took its agreement back |
//! | `family-sign`, `family-reminder` | a family's contact | they are asked to read and sign |
//! | `family-see` | a family's contact | their own page |
//! | `family-code` | a family's contact | they asked for a code |
//! | `sign-up-known` | who is known already | somebody signed up with their address or setting |
//!
//! [`LetterContext`] is all that a template sees, and no field of it can hold what somebody typed
//! about a family. Two notices of one kind to one line differ in the reference alone and so have one
//! length: that a case is in any way particular cannot be read off its mail.

use askama::Template;

use super::advice::Advice;
use super::message::{Automatic, Message};
use crate::domain::email::EmailAddress;
use crate::domain::ids::LetterId;
use crate::domain::reference::Reference;
use crate::domain::time::Instant;

/// Where a referral's page is found by its reference, behind the base address.
pub const REFERRAL_PATH: &str = "/referrals/by-reference/";
/// Where a line's leads see who opened what of it, behind the base address.
pub const ELSEWHERE_PATH: &str = "/line/opened-elsewhere";
/// Where the click in a test notice leads, behind the base address; the token follows. The page has to
/// ask again and take the answer by POST: mail filters open links.
pub const CONFIRM_PATH: &str = "/confirm-mailbox/";

/// Where a reset link leads, behind the base address; the token follows. It asks again, as above.
pub const RESET_PATH: &str = "/sign-in/reset/";
/// Where an invitation leads, behind the base address; the token follows. The page asks again.
pub const INVITATION_PATH: &str = "/invitation/";
/// Where a sign-up's link leads, behind the base address; the token follows. The page asks again.
pub const JOIN_PATH: &str = "/join/confirm/";

/// Where a family's link leads, behind the base address; the token follows. It asks for a code.
pub const FAMILY_PATH: &str = "/family/";

/// A duty line, as far as a letter names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The locality's name.
    pub name: String,
    /// The line's numbers, in the order to try them.
    pub phones: Vec<String>,
}

/// Everything that may stand in a letter.
pub struct LetterContext {
    /// This relay's address on the web, such as `https://relay.example`.
    pub base_url: String,
    /// The referral, where there is one.
    pub reference: Option<Reference>,
    /// The line, where there is one.
    pub line: Option<Line>,
    /// Reasons, in fixed words.
    pub advice: Vec<Advice>,
    /// The token of a test notice, an invitation, a sign-up or a reset link, the digits of a mailed code, or
    /// empty.
    pub token: String,
    /// Who invites, or empty: the name of somebody who has an account.
    pub by: String,
    /// To which organisation an invitation is, or empty.
    pub organisation: String,
}

/// What goes around the words.
pub struct Heading {
    /// The letter.
    pub id: LetterId,
    /// This relay's name in mail.
    pub host: String,
    /// The address in `From`.
    pub from: EmailAddress,
    /// The name beside it.
    pub from_name: String,
    /// To whom.
    pub to: EmailAddress,
    /// When this attempt is made.
    pub date: Instant,
}

/// Why a letter cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum LetterError {
    /// Something that this kind of letter needs is not there.
    #[error("a {kind} letter needs a {what}")]
    Missing {
        /// Which kind.
        kind: &'static str,
        /// What it needs.
        what: &'static str,
    },
    /// A template failed.
    #[error("a letter's template cannot be filled in: {0}")]
    Template(#[from] askama::Error),
}

/// What the templates see.
struct Words<'a> {
    reference: &'a str,
    line: &'a str,
    phones: &'a [String],
    advice: &'a [Advice],
    link: &'a str,
    code: &'a str,
    by: &'a str,
    organisation: &'a str,
}

macro_rules! letters {
    ($($(#[$doc:meta])* $kind:ident = $code:literal, $subject:tt, $body:tt;)+) => {
        /// Which letter.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Kind { $($(#[$doc])* $kind,)+ }

        impl Kind {
            /// Every kind.
            pub const ALL: &[Kind] = &[$(Kind::$kind),+];

            /// The code in the letter's row; also the folder under `templates/letters/`.
            pub const fn code(self) -> &'static str {
                match self { $(Kind::$kind => $code),+ }
            }

            /// The kind with this code, if there is one.
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some(Kind::$kind),)+ _ => None }
            }
        }

        mod subject {
            use super::*;
            $(#[allow(dead_code, reason = "a subject may need none of the words")]
            #[derive(Template)] #[template(path = $subject, escape = "none")]
            pub(super) struct $kind<'a> { pub(super) c: &'a Words<'a> })+
        }

        mod body {
            use super::*;
            $(#[derive(Template)] #[template(path = $body, escape = "none")]
            pub(super) struct $kind<'a> { pub(super) c: &'a Words<'a> })+
        }

        fn fill(kind: Kind, c: &Words<'_>) -> Result<(String, String), askama::Error> {
            Ok(match kind {
                $(Kind::$kind => (subject::$kind { c }.render()?, body::$kind { c }.render()?)),+
            })
        }
    };
}

letters! {
    /// To the line: a referral waits.
    LineNotice = "line-notice", "letters/line-notice/subject.txt", "letters/line-notice/body.txt";
    /// To the line: a referral is held.
    LineHeld = "line-held", "letters/line-held/subject.txt", "letters/line-held/body.txt";
    /// To who wrote it on the web: it is held.
    SettingHeld = "setting-held", "letters/setting-held/subject.txt", "letters/setting-held/body.txt";
    /// To the sender: it passed.
    SenderAccepted = "sender-accepted", "letters/sender-accepted/subject.txt", "letters/sender-accepted/body.txt";
    /// To the sender: it is held, and why.
    SenderHeld = "sender-held", "letters/sender-held/subject.txt", "letters/sender-held/body.txt";
    /// To the sender: it cannot go on, and why.
    SenderRefused = "sender-refused", "letters/sender-refused/subject.txt", "letters/sender-refused/body.txt";
    /// To the sender: it was here before.
    SenderRepeated = "sender-repeated", "letters/sender-repeated/subject.txt", "letters/sender-repeated/body.txt";
    /// To the sender: no referral could be made of the mail, and why.
    MailHeld = "mail-held", "letters/mail-held/subject.txt", "letters/mail-held/body.txt";
    /// To the line: is this your mailbox?
    MailboxTest = "mailbox-test", "letters/mailbox-test/subject.txt", "letters/mailbox-test/body.txt";
    /// To a person: the code that they asked for.
    MailedCode = "mailed-code", "letters/mailed-code/subject.txt", "letters/mailed-code/body.txt";
    /// To a person: set up your signing in anew.
    Reset = "reset", "letters/reset/subject.txt", "letters/reset/body.txt";
    /// To the line and its leads: a lead of another line opened a referral of it.
    LineOpenedElsewhere = "line-opened-elsewhere", "letters/line-opened-elsewhere/subject.txt", "letters/line-opened-elsewhere/body.txt";
    // Joining
    /// To a person: you are invited.
    Invitation = "invitation", "letters/invitation/subject.txt", "letters/invitation/body.txt";
    /// To whoever gave the address: is it yours? It holds no word that a stranger typed.
    SignUp = "sign-up", "letters/sign-up/subject.txt", "letters/sign-up/body.txt";
    /// To who is known already: somebody signed up with your address or setting.
    SignUpKnown = "sign-up-known", "letters/sign-up-known/subject.txt", "letters/sign-up-known/body.txt";
    /// To the old address of a person: it is theirs here no more.
    AddressChanged = "address-changed", "letters/address-changed/subject.txt", "letters/address-changed/body.txt";
    /// To a setting's managers: an administrator changed its people.
    PeopleChanged = "people-changed", "letters/people-changed/subject.txt", "letters/people-changed/body.txt";
    // The family
    /// To a family's contact: a form waits to be read and signed.
    FamilySign = "family-sign", "letters/family-sign/subject.txt", "letters/family-sign/body.txt";
    /// To a family's contact: it still waits.
    FamilyReminder = "family-reminder", "letters/family-reminder/subject.txt", "letters/family-reminder/body.txt";
    /// To a family's contact: their own page.
    FamilySee = "family-see", "letters/family-see/subject.txt", "letters/family-see/body.txt";
    /// To a family's contact: the code that they asked for.
    FamilyCode = "family-code", "letters/family-code/subject.txt", "letters/family-code/body.txt";
    /// To who wrote it on the web: the family answered by link.
    SettingAnswered = "setting-answered", "letters/setting-answered/subject.txt", "letters/setting-answered/body.txt";
    /// To the line: the family took its agreement back.
    LineWithdrawn = "line-withdrawn", "letters/line-withdrawn/subject.txt", "letters/line-withdrawn/body.txt";
    /// To who wrote it: the family took its agreement back.
    SettingWithdrawn = "setting-withdrawn", "letters/setting-withdrawn/subject.txt", "letters/setting-withdrawn/body.txt";
}

impl Kind {
    /// A notice to a line, which goes to a confirmed mailbox only (or to a lead's own address).
    pub const fn is_notice(self) -> bool {
        matches!(self, Kind::LineNotice | Kind::LineHeld | Kind::LineOpenedElsewhere | Kind::LineWithdrawn)
    }

    /// Whether it goes to a family, whose address is sealed until it is sent.
    pub const fn to_family(self) -> bool {
        matches!(self, Kind::FamilySign | Kind::FamilyReminder | Kind::FamilySee | Kind::FamilyCode)
    }

    const fn automatic(self) -> Automatic {
        match self {
            Kind::LineNotice | Kind::LineHeld | Kind::SettingHeld | Kind::MailboxTest => Automatic::Generated,
            Kind::MailedCode | Kind::Reset => Automatic::Generated,
            Kind::LineOpenedElsewhere => Automatic::Generated,
            Kind::Invitation | Kind::SignUp | Kind::SignUpKnown => Automatic::Generated,
            Kind::AddressChanged | Kind::PeopleChanged => Automatic::Generated,
            Kind::SettingAnswered | Kind::LineWithdrawn | Kind::SettingWithdrawn => Automatic::Generated,
            Kind::FamilySign | Kind::FamilyReminder | Kind::FamilySee | Kind::FamilyCode => {
                Automatic::Generated
            }
            _ => Automatic::Replied,
        }
    }

    const fn needs_reference(self) -> bool {
        let joining = matches!(self, Kind::Invitation | Kind::SignUp | Kind::SignUpKnown);
        let told = matches!(self, Kind::AddressChanged | Kind::PeopleChanged);
        !joining
            && !told
            && !self.to_family()
            && !matches!(self, Kind::MailHeld | Kind::MailboxTest | Kind::MailedCode | Kind::Reset)
    }

    /// Whether its link works once.
    pub const fn has_token(self) -> bool {
        matches!(self, Kind::MailboxTest | Kind::Invitation | Kind::SignUp | Kind::Reset)
            || matches!(self, Kind::FamilySign | Kind::FamilyReminder | Kind::FamilySee)
    }

    fn link(self, context: &LetterContext) -> String {
        let base = context.base_url.trim_end_matches('/');
        match (self, &context.reference) {
            (Kind::LineHeld, _) => format!("{base}/inbox/held"),
            (Kind::LineOpenedElsewhere, _) => format!("{base}{ELSEWHERE_PATH}"),
            (Kind::MailboxTest, _) => format!("{base}{CONFIRM_PATH}{}", context.token),
            (Kind::Reset, _) => format!("{base}{RESET_PATH}{}", context.token),
            (Kind::Invitation, _) => format!("{base}{INVITATION_PATH}{}", context.token),
            (Kind::FamilySign | Kind::FamilyReminder | Kind::FamilySee, _) => {
                format!("{base}{FAMILY_PATH}{}", context.token)
            }
            (Kind::FamilyCode, _) => format!("{base}/privacy"),
            (Kind::SignUp, _) => format!("{base}{JOIN_PATH}{}", context.token),
            (Kind::SignUpKnown | Kind::AddressChanged, _) => format!("{base}/sign-in"),
            (Kind::PeopleChanged, _) => format!("{base}/setting/people"),
            (kind, Some(reference)) if kind.needs_reference() => format!("{base}{REFERRAL_PATH}{reference}"),
            _ => format!("{base}/"),
        }
    }

    /// What this kind cannot do without and the context does not have.
    fn missing(self, context: &LetterContext) -> Option<&'static str> {
        let to_line = self.is_notice() || self == Kind::MailboxTest;
        [
            (self.needs_reference() && context.reference.is_none(), "reference"),
            (to_line && context.line.is_none(), "duty line"),
            (matches!(self, Kind::MailedCode | Kind::FamilyCode) && context.token.is_empty(), "code"),
            (self.has_token() && context.token.is_empty(), "token"),
            (self == Kind::Invitation && context.organisation.is_empty(), "organisation"),
        ]
        .into_iter()
        .find_map(|(missing, what)| missing.then_some(what))
    }
}

/// Writes a letter.
///
/// # Errors
/// [`LetterError::Missing`] when the kind needs more than the context has: never sent half empty.
pub fn render(kind: Kind, heading: Heading, context: &LetterContext) -> Result<Message, LetterError> {
    if let Some(what) = kind.missing(context) {
        return Err(LetterError::Missing { kind: kind.code(), what });
    }
    let link = kind.link(context);
    let words = Words {
        reference: context.reference.as_ref().map_or("", Reference::as_str),
        line: context.line.as_ref().map_or("", |line| line.name.as_str()),
        phones: context.line.as_ref().map_or(&[], |line| line.phones.as_slice()),
        advice: &context.advice,
        link: &link,
        code: &context.token,
        by: &context.by,
        organisation: &context.organisation,
    };
    let (subject, text) = fill(kind, &words)?;
    Ok(Message {
        id: heading.id,
        host: heading.host,
        from: heading.from,
        from_name: heading.from_name,
        to: heading.to,
        subject: subject.trim().to_owned(),
        text: format!("{}\n", text.trim()),
        in_reply_to: None,
        automatic: kind.automatic(),
        date: heading.date,
    })
}

#[cfg(test)]
#[path = "letters_tests.rs"]
mod tests;
