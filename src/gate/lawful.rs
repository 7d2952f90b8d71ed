//! The lawful route before the gate: is there a decision that stands, and did a second person confirm it?

use super::Facts;
use crate::domain::lawful::Decision;
use crate::domain::verdict::{LawfulRoute, Reason};

/// The decision, where the deployment has this route at all.
pub(super) fn decision<'a>(facts: &Facts<'a>) -> Option<&'a Decision> {
    facts.lawful.0.filter(|_| facts.lawful.1.on)
}

/// What the decision lacks; empty when it stands.
pub(super) fn reasons(decision: &Decision, facts: &Facts<'_>) -> Vec<Reason> {
    let stale = decision.content_sha256 != facts.content_sha256;
    let declined = decision.check.as_ref().is_some_and(|check| !check.confirmed);
    let again =
        "Ask for the parent\u{2019}s agreement, or let your safeguarding lead or manager decide again.";
    let checks = [
        (
            stale,
            "lawful-route-stale",
            "The referral was changed after it was decided to send it without agreement.",
            again,
        ),
        (
            facts.lawful.1.basis(&decision.basis.code).is_none(),
            "lawful-route-basis-unknown",
            "The legal basis of the decision is not one of this service\u{2019}s.",
            again,
        ),
        (
            declined && !stale,
            "lawful-route-declined",
            "A second person did not confirm that this may be sent without agreement.",
            again,
        ),
        (
            !declined && !stale && !decision.is_confirmed(),
            "lawful-route-unchecked",
            "A second person has not confirmed yet that this may be sent without agreement.",
            "Another manager or safeguarding lead of your setting signs in, opens Decisions and checks it.",
        ),
    ];
    let wrong = checks.into_iter().filter(|(wrong, ..)| *wrong);
    wrong.map(|(_, code, words, way)| Reason::whole(code, words, way)).collect()
}

/// What the verdict says of a decision that stands.
pub(super) fn route(decision: &Decision) -> LawfulRoute {
    LawfulRoute {
        decided_by: decision.by.title(),
        basis: decision.basis.code.clone(),
        parent_told: decision.parent_told,
        checked_by: decision.check.as_ref().map_or_else(String::new, |check| check.by.title()),
    }
}
