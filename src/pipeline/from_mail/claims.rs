//! What a document claims, as a draft: so that its sender can see it and complete it on the web.

use jiff::civil::Date;

use crate::domain::agreement::{Agreement, Method, ReferrerSignature, Statement, Strokes, Told, Way};
use crate::intake::document::{AgreementClaim, Document, ReferrerClaim};
use crate::intake::draft::Draft;
use crate::intake::{Attachment, sha256_hex};
use crate::relay::Relay;

/// The draft that a document is: so that its sender can see it and complete it on the web.
pub(super) fn draft_of(relay: &Relay, document: Document) -> (Draft, Vec<(u64, Vec<u8>)>) {
    let mut content = Draft { raw: document.raw, ..Draft::default() };
    let mut files = Vec::new();
    for (number, (name, kind, bytes)) in (1..).zip(document.attachments) {
        content.attachments.push(Attachment {
            number,
            name,
            kind: kind.to_owned(),
            size: bytes.len(),
            sha256: sha256_hex(&bytes),
        });
        files.push((number, bytes));
    }
    content.last_attachment = content.attachments.last().map_or(0, |attachment| attachment.number);
    let family = content.family(relay.context());
    let shown = family.sha256();
    let refused = document.agreement.as_ref().filter(|claim| !claim.given);
    content.refused = refused.is_some();
    content.refused_on = refused.map(|claim| claim.signed_on.unwrap_or_else(|| relay.clock.now().day()));
    content.agreement = document.agreement.as_ref().and_then(|claim| agreement(relay, claim, &shown));
    // Only what was agreed to in these very words can be compared with later.
    let agreed = content.agreement.as_ref().is_some_and(|agreement| agreement.content_sha256 == shown);
    content.agreed = agreed.then_some(family);
    content.referrer = document.referrer.as_ref().map(|claim| signature(relay, claim, &shown));
    (content, files)
}

fn agreement(relay: &Relay, claim: &AgreementClaim, shown: &str) -> Option<Agreement> {
    let signed_on: Date = claim.signed_on.filter(|_| claim.given)?;
    let unknown = || Statement {
        version: claim.statement_version.clone(),
        language: claim.statement_language.clone(),
        text: String::new(),
    };
    let known = relay.statements().find(&claim.statement_version, &claim.statement_language);
    let statement = known.unwrap_or_else(unknown);
    Some(Agreement {
        printed_name: claim.printed_name.clone(),
        relationship: claim.relationship.clone(),
        signatory: claim.signatory.unwrap_or_default().who_says(claim.parental_responsibility),
        parental_responsibility: claim.parental_responsibility,
        method: claim.method?,
        strokes: claim.strokes.clone().and_then(Strokes::sane),
        // A version is shown in another language beside its English words: who names it claims both.
        beside: relay.statements().beside(&statement),
        statement,
        content_sha256: if claim.content_sha256.is_empty() {
            shown.to_owned()
        } else {
            claim.content_sha256.clone()
        },
        signed_on,
        recorded_at: relay.clock.now(),
        present: claim.present.clone(),
        checked_how: claim.checked_how.clone(),
        browser: String::new(),
        address: String::new(),
        way: way(claim),
        notice: String::new(),
    })
}

fn signature(relay: &Relay, claim: &ReferrerClaim, shown: &str) -> ReferrerSignature {
    ReferrerSignature {
        printed_name: claim.printed_name.clone(),
        content_sha256: shown.to_owned(),
        signed_on: claim.signed_on,
        recorded_at: relay.clock.now(),
    }
}

/// What the method adds: of what was told to staff, who heard it.
fn way(claim: &AgreementClaim) -> Way {
    match claim.method {
        Some(Method::ToldToStaff) => Way::Told(Told {
            taken_by: claim.taken_by.clone(),
            witness: claim.witness.clone(),
            interpreter: claim.interpreter.clone(),
            spoken: claim.spoken.clone(),
        }),
        _ => Way::Screen,
    }
}
