//! Everything of one placement that is sealed before the unit begins.

use serde_json::json;

use super::super::PipelineError;
use super::Origin;
use crate::domain::ids::ObjectId;
use crate::gate::Judged;
use crate::intake::Submission;
use crate::relay::Relay;
use crate::routing::Decision;
use crate::seal::{CaseFile, RESTRICTED_CLASSES, SMALL_CLASSES, seal_object, seal_padded};
use crate::store::cases::NewObject;
use crate::store::referrals::Referral;

/// Everything sealed that the unit will store: the case file anew (its label now has a name), the
/// family part, the restricted part and the notes about it (always there, always of one size
/// class), the evidence, the verdict, the route.
pub(super) struct Sealed {
    pub(super) case_file: Vec<u8>,
    pub(super) objects: Vec<NewObject>,
}

/// Seals it all to the case.
pub(super) fn seal(
    relay: &Relay,
    origin: &Origin<'_>,
    submission: &Submission,
    judged: &Judged,
    route: &Decision,
    referral: &Referral,
) -> Result<Sealed, PipelineError> {
    let family = &submission.family;
    let restricted = submission.restricted.for_sealing();
    let label = json!({
        "referral": referral.id.to_string(),
        "organisation": referral.organisation.to_string(),
        "person": referral.person.to_string(),
        "name": family.answers.child_name(),
        "born": family.answers.get("child.date_of_birth"),
    });
    let to = origin.case.recipient();
    let json = |value: &dyn erased::Json| zeroize::Zeroizing::new(value.bytes());
    let padded = |bytes: &[u8]| seal_padded(to, bytes, SMALL_CLASSES);
    let note = json!({ "signer_is_perpetrator": judged.signer_is_perpetrator });
    let parts = [
        ("family", seal_object(to, &zeroize::Zeroizing::new(family.canonical()))),
        ("evidence", seal_object(to, &json(&submission.evidence))),
        (
            "restricted",
            seal_padded(to, &zeroize::Zeroizing::new(restricted.canonical()), RESTRICTED_CLASSES)?,
        ),
        ("restricted-note", padded(&json(&note))?),
        ("verdict", padded(&json(&judged.verdict))?),
        ("route", padded(&json(route))?),
    ];
    let version = referral.content_version;
    let objects = parts
        .into_iter()
        .map(|(kind, bytes)| {
            NewObject::whole(relay.fresh(ObjectId::new), origin.case_id, kind, version, &bytes)
        })
        .collect();
    Ok(Sealed { case_file: CaseFile::seal(origin.case, origin.case_id, &label, &relay.keys), objects })
}

mod erased {
    /// Anything that becomes JSON, so that one closure can seal different types.
    pub trait Json {
        fn bytes(&self) -> Vec<u8>;
    }

    impl<T: serde::Serialize> Json for T {
        fn bytes(&self) -> Vec<u8> {
            serde_json::to_vec(self).expect("these are JSON")
        }
    }
}
