//! Codes of the trail as words for people.

use crate::audit::{Act, ActorKind, Code, Door, Event, Object, Outcome};
use crate::domain::referral::State;

/// What was done, as a list and a filter say it.
pub fn act(act: Act) -> &'static str {
    match act {
        Act::Started => "The relay started",
        Act::Stopped => "The relay stopped",
        Act::ConfigurationLoaded => "Loaded the configuration",
        Act::KeysCreated => "Made a key set",
        Act::KeysRotated => "Changed the key set",
        Act::KeysRecovered => "Recovered with the recovery key",
        Act::BackupMade => "Made a backup",
        Act::Restored => "Brought back a backup",
        Act::PostcodesLoaded => "Loaded a postcode table",
        Act::LocalityChanged => "Changed a locality",
        Act::MailboxConfirmed => "Confirmed a mailbox",
        Act::SignedIn => "Signed in",
        Act::SignedOut => "Signed out",
        Act::SignInRefused => "Was refused at sign-in",
        Act::RefusalsCounted => "Refusals of strangers, counted",
        Act::PersonInvited => "Added a person",
        Act::PersonDisabled => "Ended a person’s access",
        Act::RightsChanged => "Changed a person’s rights",
        Act::TypingKept => "Typed on after their session had ended; kept for them to check",
        Act::CoverGranted => "Let a person cover another line",
        Act::IdentityLinked => "Linked a person to their single sign-on",
        Act::FactorChecked => "Showed a second factor again",
        Act::CaseMade => "Made a case file",
        Act::ContentSealed => "Sealed content",
        Act::SignInLinkMade => "Made a sign-in link",
        Act::SenderKeyMade => "Made a sender key",
        Act::OrganisationAdded => "Added an organisation",
        Act::OrganisationChanged => "Changed an organisation",
        Act::RulesChanged => "Changed the numbers",
        Act::CalendarChanged => "Changed a line’s closing days",
        signing_in => act_of_signing_in(signing_in),
    }
}

/// The acts about passwords, second factors and resets.
fn act_of_signing_in(act: Act) -> &'static str {
    match act {
        Act::PasswordChanged => "Changed a password",
        Act::FactorAdded => "Added a way of signing in",
        Act::FactorRemoved => "Removed a way of signing in",
        Act::FactorUsed => "Showed a second factor",
        Act::RecoveryCodesMade => "Made recovery codes",
        Act::ResetAsked => "Asked for a reset of signing in",
        Act::ResetApproved => "Approved a reset of signing in",
        Act::ResetDeclined => "Declined a reset of signing in",
        Act::ResetUsed => "Used a reset link",
        at_work => act_at_work(at_work),
    }
}

/// The acts about referrals, mail and the trail itself.
fn act_at_work(act: Act) -> &'static str {
    match act {
        Act::DraftSaved => "Saved a draft",
        Act::DraftOpened => "Opened a draft",
        Act::AttachmentAdded => "Attached a file",
        Act::AttachmentOpened => "Opened an attached file",
        Act::PaperAdded => "Added a scan of a signed form",
        Act::PaperRefused => "Sent a scan that was not taken",
        Act::PaperOpened => "Opened a picture of a signed form",
        Act::ParentSigned => "Recorded the parent’s or carer’s signature",
        Act::AgreementRefused => "Recorded that the parent or carer does not agree",
        Act::LawfulRouteAsked => "Asked for a decision to send without agreement",
        Act::LawfulRouteDecided => "Decided to send without agreement",
        Act::LawfulRouteChecked => "Confirmed the decision to send without agreement",
        Act::LawfulRouteDeclined => "Declined the decision to send without agreement",
        Act::EvidenceOpened => "Opened the evidence of the signatures",
        Act::ReferrerSigned => "Signed as referrer",
        Act::ReferralSubmitted => "Sent a referral",
        Act::MailReceived => "Received a mail",
        Act::MailJudged => "Judged a mail",
        Act::MailOpened => "Opened a mail",
        Act::MailClosed => "Dealt with a held mail",
        Act::Judged => "Judged a referral",
        Act::ReferralHeld => "Held a referral",
        Act::ReferralRefused => "Did not accept a referral",
        Act::HeldCompleted => "Completed a held referral",
        Act::Routed => "Looked for the duty line",
        Act::LineChosen => "Chose the duty line",
        Act::DeliveryMade => "Delivered to the duty line",
        Act::NoticeQueued => "Made a notice",
        Act::NoticeSent => "Sent a notice",
        Act::NoticeFailed => "Could not send a notice",
        Act::ListViewed => "Looked at a list",
        Act::ReferralOpened => "Opened a referral",
        Act::RestrictedOpened => "Opened the restricted part",
        Act::ReferralAcknowledged => "Acknowledged a referral",
        Act::TextApproved => "Approved the words for print",
        Act::Printed => "Made a document to print",
        Act::CopyDownloaded => "Made a copy",
        Act::Erased => "Erased content",
        Act::TrailRead => "Read the trail",
        Act::TrailExported => "Exported the trail",
        Act::TrailVerified => "Verified the trail",
        Act::ReceiptMade => "Made a receipt",
        // See what is theirs
        Act::CoverEnded => "Ended a cover",
        Act::BreakGlass => "Opened another line’s referral with a reason",
        Act::GovernanceOpened => "Opened a referral with a purpose and a reason",
        Act::ReasonOpened => "Read a reason that was kept with a referral",
        Act::ChildLookedUp => "Looked a child up",
        Act::CountsViewed => "Looked at the counts",
        joining => act_of_joining(joining),
    }
}

/// The acts about people and settings that come, change and go.
fn act_of_joining(act: Act) -> &'static str {
    match act {
        Act::InvitationSent => "Sent an invitation",
        Act::InvitationWithdrawn => "Withdrew an invitation",
        Act::PersonChanged => "Changed a person’s name or address",
        Act::RightsAsked => "Asked for a clinical right",
        Act::RightsDecided => "Decided about a clinical right",
        Act::OrganisationVerified => "Checked a setting that signed itself up",
        Act::OrganisationDeclined => "Declined a setting that signed itself up",
        Act::RegisterLoaded => "Loaded settings of Ofsted’s register",
        family => act_of_a_family(family),
    }
}

/// The acts of families, and of the relay and staff towards them.
fn act_of_a_family(act: Act) -> &'static str {
    match act {
        Act::FamilyLinkMade => "Made a link for a family",
        Act::FamilyLinkEnded => "A family’s link ended",
        Act::FamilyLinkOpened => "Opened the family’s link",
        Act::FamilyLinkClosed => "Closed the family’s page",
        Act::FamilyCodeMade => "Made a code for a family’s link",
        Act::FamilyCodeRefused => "Tried a wrong code at a family’s link",
        Act::ContactUsed => "Used the contact recorded for a family",
        Act::FamilyRead => "Looked at what was shared",
        Act::AgreementWithdrawn => "Took the agreement back",
        Act::FamilyAsked => "Asked for a correction or a copy, or complained",
        Act::FamilyAskSettled => "Settled what a family asked for",
        Act::RestrictedChanged => "Wrote the staff-only part anew",
        other => other.code(),
    }
}

/// Who, when it is no person with a name.
pub fn actor(kind: ActorKind) -> &'static str {
    match kind {
        ActorKind::Person => "Somebody signed in",
        ActorKind::Sender => "Mail sender",
        ActorKind::Family => "Parent or carer",
        ActorKind::Stranger => "Nobody known",
        ActorKind::Operator => "Command line",
        ActorKind::System => "The relay",
    }
}

/// By which way.
pub fn door(door: Door) -> &'static str {
    match door {
        Door::Web => "Web",
        Door::Mail => "Mail",
        Door::Command => "Command",
        Door::System => "Relay",
    }
}

/// What an administrator changed, such as `: signature-days from 28 to 30, from 2026-12-01 on`; empty for
/// every other event. Names, numbers to ring and addresses are in the line's history, not here.
pub fn changed(event: &Event) -> String {
    let extra = |key: &str| event.extra.iter().find(|(name, _)| name.as_str() == key).map(|(_, code)| code);
    let Some(what) = extra("changed") else { return String::new() };
    let or_nothing = |code: &Code| if code.is_empty() { "nothing".to_owned() } else { code.to_string() };
    let values = match (extra("from"), extra("to")) {
        (Some(from), Some(to)) => format!(" from {} to {}", or_nothing(from), or_nothing(to)),
        _ => String::new(),
    };
    let since = extra("since").map_or_else(String::new, |day| format!(", from {day} on"));
    format!(": {what}{values}{since}")
}

/// How it ended.
pub fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Done => "Done",
        Outcome::Refused => "Refused",
        Outcome::Held => "Held",
        Outcome::Failed => "Failed",
    }
}

/// The state that resulted, or nothing.
pub fn state(code: &Option<Code>) -> String {
    let code = code.as_ref().map_or("", Code::as_str);
    State::from_code(code).map_or_else(|| code.to_owned(), |state| state.label().to_owned())
}

/// What was acted on: its kind, the end of its id, its version.
pub fn object(object: &Object) -> String {
    let (kind, id) = (object.kind.as_str(), object.id.as_str());
    // Long ids are random: their end tells them apart. Short ones are words, such as a line's.
    let long = id.chars().count() >= 36;
    let end = id.char_indices().rev().nth(11).filter(|_| long).map_or(id, |(at, _)| &id[at..]);
    let version = if object.version > 0 { format!(", version {}", object.version) } else { String::new() };
    match (kind.is_empty(), end.is_empty()) {
        (true, _) => String::new(),
        (false, true) => format!("{kind}{version}"),
        (false, false) => format!("{kind} {end}{version}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_act_has_words_of_its_own() {
        let mut words: Vec<&str> = Act::ALL.iter().map(|one| act(*one)).collect();
        assert!(words.iter().zip(Act::ALL).all(|(words, act)| *words != act.code()), "a code got through");
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), Act::ALL.len());
    }

    #[test]
    fn an_object_is_named_by_the_end_of_its_id() {
        let id = "01900000-0000-7000-8000-0000000000ab";
        assert_eq!(
            object(&Object::new("referral", Code::of(id)).version(2)),
            "referral 0000000000ab, version 2"
        );
        assert_eq!(object(&Object::new("list", Code::fixed("inbox"))), "list inbox");
        assert_eq!(object(&Object::default()), "");
    }
}
