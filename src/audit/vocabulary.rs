//! The closed lists an event speaks in: acts, doors, kinds of actor, outcomes. Each word has a
//! stable kebab-case code that stands in the canonical bytes for ever: add, never rename or remove,
//! or old trails stop verifying.

use std::fmt;

/// An enum whose variants each have one stable code.
macro_rules! codes {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $code:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$doc])* $variant,)+ }

        impl $name {
            /// Every one, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The stable code.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// The one with this code, if there is one.
            pub fn parse(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)+ _ => None }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.code())
            }
        }
    };
}

codes! {
    /// By which way it came in.
    Door {
        /// A page in a browser.
        Web = "web",
        /// The mail listener, or `dutyline ingest`.
        Mail = "mail",
        /// The command line of the machine.
        Command = "command",
        /// The relay's own work: workers, watches, start and stop.
        System = "system",
    }
}

codes! {
    /// What sort of someone acted.
    ActorKind {
        /// An account, signed in.
        Person = "person",
        /// A registered mail sender: known by address or sender key, not by session.
        Sender = "sender",
        /// A parent or carer on a page meant for them.
        Family = "family",
        /// Nobody we know.
        Stranger = "stranger",
        /// Whoever works at the machine's command line.
        Operator = "operator",
        /// The relay itself.
        System = "system",
    }
}

codes! {
    /// How it ended.
    Outcome {
        /// It happened.
        Done = "done",
        /// It was not allowed.
        Refused = "refused",
        /// It waits for a person.
        Held = "held",
        /// It was tried and did not work.
        Failed = "failed",
    }
}

codes! {
    /// What was done.
    Act {
        /// The relay started.
        Started = "started",
        /// The relay stopped in good order.
        Stopped = "stopped",
        /// The configuration file was loaded; the digest is the file's.
        ConfigurationLoaded = "configuration-loaded",
        /// A key set was made.
        KeysCreated = "keys-created",
        /// A key set took over from another.
        KeysRotated = "keys-rotated",
        /// Content was sealed again from the recovery identity.
        KeysRecovered = "keys-recovered",
        /// A backup was written.
        BackupMade = "backup-made",
        /// A backup was brought back.
        Restored = "restored",
        /// A postcode edition was loaded.
        PostcodesLoaded = "postcodes-loaded",
        /// A locality's details or dates were changed.
        LocalityChanged = "locality-changed",
        /// A mailbox was confirmed by the click in its test notice.
        MailboxConfirmed = "mailbox-confirmed",

        /// Someone signed in.
        SignedIn = "signed-in",
        /// Someone signed out, or was signed out.
        SignedOut = "signed-out",
        /// A second factor was checked in a session.
        FactorChecked = "factor-checked",
        /// A sign-in was refused.
        SignInRefused = "sign-in-refused",
        /// Strangers' refusals, counted: at most one event a minute and kind.
        RefusalsCounted = "refusals-counted",
        /// An account was invited.
        PersonInvited = "person-invited",
        /// An account was disabled.
        PersonDisabled = "person-disabled",
        /// An account's rights were changed.
        RightsChanged = "rights-changed",
        /// Somebody was let work another line for a time.
        CoverGranted = "cover-granted",

        // Password and second factors
        /// A password was chosen or changed.
        PasswordChanged = "password-changed",
        /// A way of signing in was added or replaced.
        FactorAdded = "factor-added",
        /// A way of signing in was taken away.
        FactorRemoved = "factor-removed",
        /// A second factor was shown.
        FactorUsed = "factor-used",
        /// Recovery codes were made; earlier ones are worth nothing.
        RecoveryCodesMade = "recovery-codes-made",
        /// Somebody who cannot sign in asked for a reset.
        ResetAsked = "reset-asked",
        /// Another person approved a reset.
        ResetApproved = "reset-approved",
        /// Another person declined a reset.
        ResetDeclined = "reset-declined",
        /// A reset link was used: the old ways of signing in are gone.
        ResetUsed = "reset-used",

        /// A case file was made.
        CaseMade = "case-made",
        /// Content was sealed and stored; the digest is that of the sealed bytes.
        ContentSealed = "content-sealed",
        /// A single-use sign-in link was made.
        SignInLinkMade = "sign-in-link-made",
        /// A sender key was made.
        SenderKeyMade = "sender-key-made",
        /// An organisation was registered.
        OrganisationAdded = "organisation-added",

        /// A draft was saved.
        DraftSaved = "draft-saved",
        /// A page that was sent after its writer's session had ended was kept beside the draft.
        TypingKept = "typing-kept",
        /// A draft was opened again.
        DraftOpened = "draft-opened",
        /// An attachment was added.
        AttachmentAdded = "attachment-added",
        /// An attachment was opened.
        AttachmentOpened = "attachment-opened",
        /// The parent or carer signed; the commitment is to what was shown.
        ParentSigned = "parent-signed",
        /// The referrer signed; the commitment is to the restricted part.
        ReferrerSigned = "referrer-signed",
        /// A referral was submitted.
        ReferralSubmitted = "referral-submitted",

        // On paper
        /// Scanned pages of a signed form were added.
        PaperAdded = "paper-added",
        /// A scanned file was not taken; the purpose is the reason's code.
        PaperRefused = "paper-refused",
        /// A picture of a signed form was opened.
        PaperOpened = "paper-opened",

        /// A mail was received and kept.
        MailReceived = "mail-received",
        /// A mail was judged.
        MailJudged = "mail-judged",
        /// A mail in "mail to look at" was opened.
        MailOpened = "mail-opened",
        /// A mail in "mail to look at" was dealt with.
        MailClosed = "mail-closed",

        /// The gate judged a submission.
        Judged = "judged",
        /// The gate held a referral: something is missing.
        ReferralHeld = "referral-held",
        /// The gate refused a referral.
        ReferralRefused = "referral-refused",
        /// A held referral was completed by its sender.
        HeldCompleted = "held-completed",
        /// A referral was routed; extra says rule and table edition.
        Routed = "routed",
        /// The intake desk chose the line.
        LineChosen = "line-chosen",
        /// A referral reached its line's inbox.
        DeliveryMade = "delivery-made",
        /// A notice was queued.
        NoticeQueued = "notice-queued",
        /// A notice was taken by the next mail server.
        NoticeSent = "notice-sent",
        /// A notice could not be sent.
        NoticeFailed = "notice-failed",

        /// A list of referrals was shown.
        ListViewed = "list-viewed",
        /// A referral was opened.
        ReferralOpened = "referral-opened",
        /// The restricted part was opened.
        RestrictedOpened = "restricted-opened",
        /// A referral was acknowledged by a person.
        ReferralAcknowledged = "referral-acknowledged",
        /// A free-text field was approved for print.
        TextApproved = "text-approved",
        /// A document was rendered for print.
        Printed = "printed",
        /// A copy was downloaded.
        CopyDownloaded = "copy-downloaded",
        /// Content was erased for good.
        Erased = "erased",

        /// The trail was read.
        TrailRead = "trail-read",
        /// The trail was exported.
        TrailExported = "trail-exported",
        /// The trail was verified from beginning to end.
        TrailVerified = "trail-verified",
        /// A receipt for one event was made.
        ReceiptMade = "receipt-made",

        // See what is theirs
        /// A cover was ended before its time.
        CoverEnded = "cover-ended",
        /// A lead opened a referral of another line, with a reason.
        BreakGlass = "break-glass",
        /// The governance lead opened a referral, with a purpose and a reason.
        GovernanceOpened = "governance-opened",
        /// A reason that was sealed to a case was read.
        ReasonOpened = "reason-opened",
        /// An auditor looked a child up by name and birth date.
        ChildLookedUp = "child-looked-up",
        /// Whole-area counts were looked at.
        CountsViewed = "counts-viewed",
        // Agreement: refused, or none (lawful route), and its evidence
        /// The parent or carer did not agree.
        AgreementRefused = "agreement-refused",
        /// A decision on the lawful route was asked for.
        LawfulRouteAsked = "lawful-route-asked",
        /// It was decided that a referral goes on without agreement; the commitment is to the decision.
        LawfulRouteDecided = "lawful-route-decided",
        /// A second person confirmed such a decision.
        LawfulRouteChecked = "lawful-route-checked",
        /// A second person declined such a decision.
        LawfulRouteDeclined = "lawful-route-declined",
        /// The evidence of a referral's signatures was opened.
        EvidenceOpened = "evidence-opened",
        // Single sign-on
        /// A person was linked to who they are at an identity provider.
        IdentityLinked = "identity-linked",
        // Administering
        /// An organisation's details were changed.
        OrganisationChanged = "organisation-changed",
        /// The gate's numbers or the meeting times were changed.
        RulesChanged = "rules-changed",
        /// A closing day of a duty line was added or taken back.
        CalendarChanged = "calendar-changed",
        // Joining
        /// An invitation was sent, or sent again.
        InvitationSent = "invitation-sent",
        /// An invitation was withdrawn.
        InvitationWithdrawn = "invitation-withdrawn",
        /// A person's name or address was changed.
        PersonChanged = "person-changed",
        /// A clinical right was asked for.
        RightsAsked = "rights-asked",
        /// A clinical right that was asked for was approved or declined.
        RightsDecided = "rights-decided",
        /// A setting that signed itself up was checked.
        OrganisationVerified = "organisation-verified",
        /// A setting that signed itself up was declined.
        OrganisationDeclined = "organisation-declined",
        /// Settings of Ofsted's register were loaded; the digest is that of the whole register.
        RegisterLoaded = "register-loaded",
        // The family
        /// A link for a family was made.
        FamilyLinkMade = "family-link-made",
        /// A family's link ended: used, cancelled, replaced, or by a rule. Which, nothing says.
        FamilyLinkEnded = "family-link-ended",
        /// A family opened its link, with its code or beside the setting's screen.
        FamilyLinkOpened = "family-link-opened",
        /// A family closed its link in its browser.
        FamilyLinkClosed = "family-link-closed",
        /// A code for a family's link was made.
        FamilyCodeMade = "family-code-made",
        /// A wrong code was tried at a family's link.
        FamilyCodeRefused = "family-code-refused",
        /// The relay opened the recorded contact, to send something there.
        ContactUsed = "contact-used",
        /// The family saw what was shared.
        FamilyRead = "family-read",
        /// The family took its agreement back.
        AgreementWithdrawn = "agreement-withdrawn",
        /// The family asked for a correction, a copy of all that is held, or complained.
        FamilyAsked = "family-asked",
        /// What a family asked for was settled.
        FamilyAskSettled = "family-ask-settled",
        /// The staff-only part was written anew after sending.
        RestrictedChanged = "restricted-changed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::Code;
    use std::collections::BTreeSet;

    #[test]
    fn every_act_has_its_own_kebab_case_code() {
        let codes: BTreeSet<_> = Act::ALL.iter().map(|act| act.code()).collect();
        assert_eq!(codes.len(), Act::ALL.len());
        for act in Act::ALL {
            assert_eq!(Act::parse(act.code()), Some(*act));
            assert!(Code::new(act.code()).is_ok());
            assert!(act.code().bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{act}");
        }
        assert_eq!(Act::parse("Signed-in"), None);
    }

    #[test]
    fn the_short_lists_read_back_too() {
        assert!(Door::ALL.iter().all(|x| Door::parse(x.code()) == Some(*x)));
        assert!(ActorKind::ALL.iter().all(|x| ActorKind::parse(x.code()) == Some(*x)));
        assert!(Outcome::ALL.iter().all(|x| Outcome::parse(x.code()) == Some(*x)));
        assert_eq!(Door::ALL.len(), 4);
        assert_eq!(Outcome::ALL.len(), 4);
    }
}
