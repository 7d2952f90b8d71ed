//! The heart: one submission, judged and routed, becomes one unit of work.
//!
//! Sealing happens before the unit (it needs no database), the unit writes everything together:
//! sealed parts, verdict, route, referral row, index, letters to make, every event.

pub(super) mod links;
mod package;
mod sealing;

use super::{PipelineError, drafts};
use crate::audit::{Act, Actor, Code, EventDraft, Object, Outcome as Ended};
use crate::domain::form::Answers;
use crate::domain::ids::{
    CaseId, DraftId, LetterId, LinkId, MailId, ObjectId, OrganisationId, PersonId, ReferralId,
};
use crate::domain::postcode::PostcodeInput;
use crate::domain::reference::Reference;
use crate::domain::referral::{Door, State, Urgency};
use crate::domain::verdict::Verdict;
use crate::gate::{Facts, Judged, judge};
use crate::intake::{Later, Submission};
use crate::relay::Relay;
use crate::routing::{Decision, Outcome};
use crate::seal::Case;
use crate::store::cases::NewObject;
use crate::store::letters::NewLetter;
use crate::store::referrals::{self, Referral};

/// How a submission came here.
pub struct Origin<'a> {
    /// The case that everything is sealed to.
    pub case: &'a Case,
    /// Its id.
    pub case_id: CaseId,
    /// Under whom it is recorded.
    pub actor: Actor,
    /// By which door.
    pub door: Door,
    /// The sending setting.
    pub organisation: OrganisationId,
    /// Who sent it.
    pub person: PersonId,
    /// The draft that is sent, the version that was read, and its sealed words.
    pub draft: Option<(DraftId, u64, ObjectId)>,
    /// The draft to be made, so that its sender can complete a held mail on the web.
    pub new_draft: Option<(crate::store::drafts::Draft, NewObject)>,
    /// Attachments that came with a mail.
    pub attachments: Vec<NewObject>,
    /// The mail that is settled in the same unit, with its lease.
    pub mail: Option<(MailId, String)>,
    /// Where its sender is told: by mail every answer, by web that it is held. Empty for nowhere.
    pub reply_to: String,
    /// Submission key and content tag of a mail.
    pub key: Option<([u8; 32], [u8; 32])>,
    /// The family signed (or said no) by link: the link that is used up, and the draft with what they
    /// answered, for the case that the referral stays held.
    pub by_link: Option<ByLink>,
    /// The referral that this completes, when it was held before.
    pub before: Option<Referral>,
}

/// What a link brings with it.
pub struct ByLink {
    /// The link.
    pub link: LinkId,
    /// The draft's next version.
    pub draft: NewObject,
    /// What they did, for the trail.
    pub event: EventDraft,
    /// The contact that the link went to, for the link to their own page.
    pub contact: Option<Later>,
    /// Who approved the words to be read by link, while they are still known here.
    pub approved: Option<Actor>,
}

impl<'a> Origin<'a> {
    /// From a draft that somebody of its setting sends; `told` is where they hear that it is held.
    pub(super) fn of_draft(open: &'a drafts::Open, actor: Actor, told: String) -> Self {
        Self {
            case: &open.case,
            case_id: open.row.case,
            actor,
            door: Door::Web,
            organisation: open.row.organisation,
            person: open.row.person,
            draft: Some((open.row.id, open.row.version, open.object)),
            new_draft: None,
            attachments: Vec::new(),
            mail: None,
            reply_to: told,
            key: None,
            by_link: None,
            before: None,
        }
    }
}

/// What became of a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The referral.
    pub referral: ReferralId,
    /// Its public reference.
    pub reference: String,
    /// Where it stands.
    pub state: State,
    /// The locality whose line holds it, or empty.
    pub locality: String,
    /// The verdict.
    pub verdict: Verdict,
}

/// Judges, routes, seals, and commits it all at once.
pub async fn place(
    relay: &Relay,
    mut origin: Origin<'_>,
    submission: Submission,
) -> Result<Placed, PipelineError> {
    let mut read = relay.store.read().await?;
    origin.before = referrals::by_case(&mut read, origin.case_id).await?;
    drop(read);
    if origin.before.as_ref().is_some_and(|before| before.state != State::Held) {
        return Err(PipelineError::Conflict);
    }
    let route = relay.places.route(&postcode(&submission.family.answers));
    let judged = decide(relay, &origin, &submission, &route);
    let referral = row(relay, &origin, &submission, &judged.verdict, &route);
    let mut sealed = sealing::seal(relay, &origin, &submission, &judged, &route, &referral)?;
    let placed = Placed {
        referral: referral.id,
        reference: referral.reference.clone(),
        state: referral.state,
        locality: referral.locality.clone(),
        verdict: judged.verdict.clone(),
    };
    let link = links::made(relay, &origin, &submission, &placed)?;
    let mut letters = letters_for(relay, &origin, &placed);
    let events = events_for(&origin, &submission, &placed, &route, &referral);
    let link = link.map(|made| {
        sealed.objects.push(made.contact);
        letters.push(made.letter);
        made.link
    });
    let index = index_of(relay, &submission.family.answers);
    let package =
        package::Package::of(origin, referral, sealed, package::Follows { letters, events, index, link });
    relay.store.write(move |unit| Box::pin(package.write(unit))).await?;
    relay.bell.notify_waiters();
    Ok(placed)
}

/// The child's postcode as the form has it.
pub(super) fn postcode(answers: &Answers) -> PostcodeInput {
    match answers.get("carer.postcode") {
        "" => PostcodeInput::NotKnown,
        text => PostcodeInput::read(text),
    }
}

fn decide(relay: &Relay, origin: &Origin<'_>, submission: &Submission, route: &Decision) -> Judged {
    let council = route.district.as_ref().map_or("another area", |district| district.name.as_str());
    let content = submission.family.sha256();
    let evidence = &submission.evidence;
    let facts = Facts {
        faults: &submission.faults,
        refused: submission.refused,
        waiting: links::to_sign(submission).is_some(),
        agreement: evidence.agreement.as_ref(),
        content_sha256: &content,
        referrer: evidence.referrer.as_ref(),
        perpetrator: submission.restricted.for_sealing().get("abuse.perpetrator_name"),
        out_of_area: (route.outcome == Outcome::OutOfArea).then_some(council),
        lawful: (evidence.lawful.as_ref(), &relay.lawful),
        withdrawn: origin.before.as_ref().is_some_and(|before| before.withdrawn_at > 0),
        statements: relay.statements(),
        today: relay.clock.now().day(),
    };
    judge(&facts, relay.gate())
}

fn row(
    relay: &Relay,
    origin: &Origin<'_>,
    submission: &Submission,
    verdict: &Verdict,
    route: &Decision,
) -> Referral {
    let now = relay.clock.now().micros();
    let locality = route.locality.as_ref().map_or("", |id| id.as_str()).to_owned();
    let state = match verdict {
        Verdict::Refuse { .. } => State::Refused,
        Verdict::Hold { .. } => State::Held,
        Verdict::Pass | Verdict::LawfulRoute(_) if locality.is_empty() => State::IntakeDesk,
        Verdict::Pass | Verdict::LawfulRoute(_) => State::Delivered,
    };
    let urgency = submission.restricted.for_sealing().get("request.urgency").to_owned();
    let before = origin.before.as_ref();
    Referral {
        id: before.map_or_else(|| relay.fresh(ReferralId::new), |before| before.id),
        reference: before.map_or_else(
            || Reference::from_random(relay.rng.bytes()).as_str().to_owned(),
            |before| before.reference.clone(),
        ),
        case: origin.case_id,
        organisation: origin.organisation,
        person: origin.person,
        door: origin.door,
        locality: if state == State::Refused { String::new() } else { locality },
        state,
        urgency: Urgency::from_code(&urgency).unwrap_or(Urgency::Routine),
        content_version: before.map_or(1, |before| before.content_version + 1),
        version: before.map_or(1, |before| before.version),
        submitted_at: before.map_or(now, |before| before.submitted_at),
        delivered_at: if state == State::Delivered { now } else { 0 },
        opened_at: 0,
        acknowledged_at: 0,
        acknowledged_by: String::new(),
        restricted_read_at: 0,
        print_approved_by: links::approved_by(origin, state),
        withdrawn_at: 0,
        withdrawn: String::new(),
        without_agreement: matches!(verdict, Verdict::LawfulRoute(_)),
    }
}

/// The letters that follow: a notice to the line, and what its sender is told. Every held referral
/// tells the line and its sender that it is held, whatever is in it, so that nothing can be read off
/// a letter's being there (DOMAIN section 3: "a held form does not just wait").
fn letters_for(relay: &Relay, origin: &Origin<'_>, placed: &Placed) -> Vec<NewLetter> {
    let letter = |kind: &'static str, recipient: &str, params: String| NewLetter {
        id: relay.fresh(LetterId::new),
        kind,
        recipient: recipient.to_owned(),
        locality: placed.locality.clone(),
        reference: placed.reference.clone(),
        params,
    };
    let mut letters = Vec::new();
    if let Some(mailbox) = relay.places.mailbox(&placed.locality) {
        match placed.state {
            State::Delivered => letters.push(letter("line-notice", &mailbox, "{}".to_owned())),
            State::Held => letters.push(letter("line-held", &mailbox, "{}".to_owned())),
            _ => {}
        }
    }
    if !origin.reply_to.is_empty() {
        letters.extend(
            to_sender(origin, &placed.verdict).map(|(kind, params)| letter(kind, &origin.reply_to, params)),
        );
    }
    letters
}

/// The letter to the sender and what its row holds. Who sent by web has read the answer on the page;
/// that it is held is written to them too, without a reason: the page behind the sign-in has those.
fn to_sender(origin: &Origin<'_>, verdict: &Verdict) -> Option<(&'static str, String)> {
    let kind = match (origin.door, verdict) {
        (Door::Web, Verdict::Hold { .. }) => return Some(("setting-held", "{}".to_owned())),
        (Door::Web, _) if origin.by_link.is_some() => return Some(("setting-answered", "{}".to_owned())),
        (Door::Web, _) => return None,
        (_, Verdict::Pass | Verdict::LawfulRoute(_)) => "sender-accepted",
        (_, Verdict::Hold { .. }) => "sender-held",
        (_, Verdict::Refuse { .. }) => "sender-refused",
    };
    Some((kind, serde_json::to_string(&verdict.in_clear()).expect("reasons are JSON")))
}

fn events_for(
    origin: &Origin<'_>,
    submission: &Submission,
    placed: &Placed,
    route: &Decision,
    referral: &Referral,
) -> Vec<EventDraft> {
    let on =
        Object::new("referral", Code::of(&placed.referral.to_string())).version(referral.content_version);
    let reference = Code::of(&placed.reference);
    let state = Code::of(placed.state.code());
    let by = |act: Act, actor: &Actor| {
        EventDraft::new(act, actor.clone()).on(on.clone()).reference(reference.clone()).state(state.clone())
    };
    let system = Actor::system();
    let submitted = if origin.before.is_some() { Act::HeldCompleted } else { Act::ReferralSubmitted };
    let family = origin.case.commit("family", &submission.family.canonical());
    let restricted = origin.case.commit("restricted", &submission.restricted.for_sealing().canonical());
    let (end, outcome) = match placed.state {
        State::Refused => (Act::ReferralRefused, Ended::Refused),
        State::Held => (Act::ReferralHeld, Ended::Held),
        State::IntakeDesk => (Act::Routed, Ended::Held),
        _ => (Act::DeliveryMade, Ended::Done),
    };
    let no = (submission.refused && origin.door == Door::Mail).then(|| {
        let day = submission.evidence.refused_on.map_or_else(String::new, |day| day.to_string());
        by(Act::AgreementRefused, &origin.actor).extra("day", Code::of(&day))
    });
    let first = by(submitted, &origin.actor)
        .commitment(family)
        .extra("door", Code::of(origin.door.code()))
        .extra("case", Code::of(&referral.case.to_string()))
        .extra("urgency", Code::fixed(referral.urgency.code()));
    // By link the family completes what its referrer signed before: that signature is in the trail.
    let referrer =
        origin.by_link.is_none().then(|| by(Act::ReferrerSigned, &origin.actor).commitment(restricted));
    let approver = origin.by_link.as_ref().and_then(|link| link.approved.as_ref());
    let approved =
        approver.filter(|_| !referral.print_approved_by.is_empty()).map(|who| by(Act::TextApproved, who));
    let then = [
        by(Act::Judged, &system).extra("verdict", Code::of(placed.verdict.code())),
        by(Act::Routed, &system)
            .extra("rule", Code::fixed(route.rule.code()))
            .extra("edition", Code::of(&route.edition))
            .extra("locality", Code::of(&placed.locality)),
        by(end, &system).outcome(outcome),
    ];
    [first].into_iter().chain(referrer).chain(then).chain(no).chain(approved).collect()
}

/// The keyed index entries under which this child can be found again.
fn index_of(relay: &Relay, answers: &Answers) -> Vec<(&'static str, [u8; 32])> {
    [("birth", "child.date_of_birth"), ("nhs", "child.nhs_number")]
        .into_iter()
        .filter(|(_, path)| !answers.get(path).is_empty())
        .map(|(kind, path)| (kind, relay.keys.index_mac(kind, answers.get(path).as_bytes())))
        .collect()
}
