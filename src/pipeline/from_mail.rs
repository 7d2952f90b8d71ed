//! A received mail is judged: it becomes a submission, or it is held with a stable code where the
//! intake desk sees it, and a known sender is told what to do.

use jiff::civil::Date;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::place::{Origin, Placed, place};
use super::{PipelineError, drafts};
use crate::audit::{Act, Actor, Code, EventDraft, Object, Outcome};
use crate::domain::agreement::{Agreement, ReferrerSignature, Statement, Strokes, Way};
use crate::domain::ids::{DraftId, LetterId, MailId, ObjectId};
use crate::domain::people::Person;
use crate::domain::referral::Door;
use crate::domain::verdict::Reason;
use crate::intake::document::{self, AgreementClaim, Document, ReferrerClaim};
use crate::intake::draft::Draft;
use crate::intake::mail::{Headers, look};
use crate::intake::{Attachment, sha256_hex};
use crate::relay::Relay;
use crate::seal::{Case, CaseFile, open_streamed, seal_object};
use crate::store::cases::{self, NewObject};
use crate::store::letters::NewLetter;
use crate::store::mails::{self, Found, Mail};
use crate::store::{View, drafts as draft_rows, letters, people, referrals};

/// What became of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// A referral came of it.
    Placed(Placed),
    /// The same submission was here before: this is its reference.
    Repeated(String),
    /// It waits in *mail to look at*, with this code.
    Held(String),
    /// Somebody else judges it now, or has.
    NotMine,
}

/// Why a mail is held.
struct Hold {
    code: String,
    reasons: Vec<Reason>,
}

/// A mail that this judge alone may settle.
struct Claimed {
    mail: Mail,
    lease: String,
    null_sender: bool,
}

/// Judges one mail, by lease. May run twice: what it settles, it settles once. A mail that broke its
/// judge too often, or whose bytes are not what was sealed, is held unread: somebody must see it.
pub async fn judge(relay: &Relay, id: MailId) -> Result<Finding, PipelineError> {
    let Some(mut claimed) = claim(relay, id).await? else { return Ok(Finding::NotMine) };
    if claimed.mail.attempts > mails::MOST_ATTEMPTS {
        return held(relay, &claimed, None, &Headers::default(), bare("judging-failed")).await;
    }
    let (case, raw) = match open(relay, &mut claimed).await {
        Err(PipelineError::Tampered(_) | PipelineError::Erased | PipelineError::Missing) => {
            return held(relay, &claimed, None, &Headers::default(), bare("cannot-be-opened")).await;
        }
        opened => opened?,
    };
    let keys = relay.keys.clone();
    let looked = relay.aside(move || look(&raw, &keys)).await;
    let sender = sender_by_address(relay, &looked.headers.from).await?;
    let document = match looked.document {
        Err(fault) => {
            let reason = Reason::whole(fault.code(), &format!("{fault}."), fault.way_forward());
            return held(relay, &claimed, sender, &looked.headers, one(reason)).await;
        }
        Ok(bytes) => document::read(&bytes),
    };
    let document = match document {
        Err(error) => {
            let way = "Write the document as the referral format says, and send again.";
            let reason = Reason::whole("format-not-read", &format!("{error}."), way);
            return held(relay, &claimed, sender, &looked.headers, one(reason)).await;
        }
        Ok(document) => document,
    };
    let by_key = sender_by_key(relay, &document.sender_key).await?;
    match sender.or(by_key) {
        Some(sender) => submit(relay, (claimed, case), sender, &looked.headers, document).await,
        None => held(relay, &claimed, None, &looked.headers, bare("sender-not-known")).await,
    }
}

fn bare(code: &str) -> Hold {
    Hold { code: code.to_owned(), reasons: Vec::new() }
}

fn one(reason: Reason) -> Hold {
    Hold { code: reason.code.clone(), reasons: vec![reason] }
}

async fn claim(relay: &Relay, id: MailId) -> Result<Option<Claimed>, PipelineError> {
    let lease = sha256_hex(&relay.rng.bytes::<16>())[..32].to_owned();
    let mine = lease.clone();
    let claimed = relay
        .store
        .write(move |unit| {
            Box::pin(async move {
                unit.unaudited("a lease is taken; what is judged under it is recorded");
                mails::claim(unit, id, &mine).await
            })
        })
        .await?;
    Ok(claimed.map(|mail| Claimed { mail, lease, null_sender: true }))
}

/// Opens a claimed mail, recorded.
async fn open(relay: &Relay, claimed: &mut Claimed) -> Result<(Case, Zeroizing<Vec<u8>>), PipelineError> {
    let mail = &claimed.mail;
    let event = EventDraft::new(Act::MailOpened, Actor::system())
        .on(Object::new("mail", Code::of(&mail.id.to_string())))
        .purpose(Code::fixed("judging"));
    let recorded = relay.store.view(View { event, cases: vec![mail.case] }).await?;
    let mut read = relay.store.read().await?;
    let file = cases::case_file(&mut read, &recorded, mail.case).await?.ok_or(PipelineError::Erased)?;
    let open = CaseFile::open(&file, mail.case, &relay.keys)?;
    let sealed =
        cases::newest(&mut read, &recorded, mail.case, "mail").await?.ok_or(PipelineError::Missing)?;
    let raw = open_streamed(open.case.identity(), &sealed.bytes)?;
    claimed.null_sender = open.label["envelope_from"].as_str().unwrap_or_default().is_empty();
    Ok((open.case, raw))
}

async fn sender_by_address(relay: &Relay, from: &str) -> Result<Option<Person>, PipelineError> {
    if from.is_empty() {
        return Ok(None);
    }
    let mut read = relay.store.read().await?;
    Ok(people::by_email(&mut read, from).await?.filter(|person| person.role.in_setting()))
}

async fn sender_by_key(relay: &Relay, key: &str) -> Result<Option<Person>, PipelineError> {
    if key.is_empty() {
        return Ok(None);
    }
    let mut read = relay.store.read().await?;
    let hash = Sha256::digest(key.as_bytes()).into();
    let Some(organisation) = people::by_sender_key(&mut read, hash).await? else { return Ok(None) };
    Ok(people::first_of(&mut read, organisation).await?)
}

/// A sealed document of a known setting goes through the gate.
async fn submit(
    relay: &Relay,
    (claimed, case): (Claimed, Case),
    sender: Person,
    headers: &Headers,
    document: Document,
) -> Result<Finding, PipelineError> {
    let (key, tag) = submission_key(relay, &sender, &document);
    let mut read = relay.store.read().await?;
    let seen = referrals::seen(&mut read, key).await?;
    drop(read);
    if let Some(seen) = seen {
        return repeated(relay, &claimed, sender, headers, seen, tag).await;
    }
    let (content, files) = draft_of(relay, document);
    let attachments = files
        .into_iter()
        .map(|(number, bytes)| {
            let sealed = seal_object(case.recipient(), &bytes);
            NewObject::whole(relay.fresh(ObjectId::new), claimed.mail.case, "attachment", number, &sealed)
        })
        .collect();
    let row = draft_rows::Draft {
        id: relay.fresh(DraftId::new),
        case: claimed.mail.case,
        person: sender.id,
        organisation: sender.organisation,
        version: 1,
        sent_as: None,
        updated_at: 0,
    };
    let object = drafts::sealed(relay.fresh(ObjectId::new), row.case, 1, &content, &case)?;
    let origin = Origin {
        case: &case,
        case_id: claimed.mail.case,
        actor: by_mail(&sender),
        door: Door::Mail,
        organisation: sender.organisation,
        person: sender.id,
        draft: None,
        new_draft: Some((row, object)),
        attachments,
        mail: Some((claimed.mail.id, claimed.lease.clone())),
        reply_to: reply_address(&claimed, headers, Some(&sender)),
        key: Some((key, tag)),
        by_link: None,
        before: None,
    };
    match place(relay, origin, content.submission(relay.context())).await {
        Ok(placed) => Ok(Finding::Placed(placed)),
        // Another copy of the same submission was committed meanwhile, or the lease ran out: the
        // mail stays `received` and is judged again.
        Err(PipelineError::Conflict) => Ok(Finding::NotMine),
        Err(error) => Err(error),
    }
}

fn by_mail(sender: &Person) -> Actor {
    Actor::sender(Code::of(&sender.id.to_string()), Code::of(&sender.organisation.to_string()))
}

/// Key = who sent it and the sender's own id; tag = what was sent.
fn submission_key(relay: &Relay, sender: &Person, document: &Document) -> ([u8; 32], [u8; 32]) {
    let key = format!("{}\n{}", sender.organisation, document.submission_id);
    (relay.keys.index_mac("submission", key.as_bytes()), relay.keys.index_mac("content", &document.digest))
}

/// The same submission again is the same referral; the same id with other content is held.
async fn repeated(
    relay: &Relay,
    claimed: &Claimed,
    sender: Person,
    headers: &Headers,
    seen: referrals::Seen,
    tag: [u8; 32],
) -> Result<Finding, PipelineError> {
    if seen.tag != tag {
        let reason = Reason::whole(
            "same-id-other-content",
            "A referral with this submission id was sent before, with other content.",
            "Give it a submission id of its own and send it again. A held referral can also be completed on the web.",
        );
        return held(relay, claimed, Some(sender), headers, one(reason)).await;
    }
    let mut read = relay.store.read().await?;
    let first = referrals::find(&mut read, seen.referral).await?.ok_or(PipelineError::Missing)?;
    drop(read);
    let found = Found {
        state: "judged",
        code: "repeated".to_owned(),
        organisation: sender.organisation.to_string(),
        referral: first.id.to_string(),
    };
    let reply = reply_address(claimed, headers, Some(&sender));
    let letter = letter(relay, "sender-repeated", &reply, &first.reference, &[]);
    settle(relay, claimed, found, letter, Outcome::Done).await?;
    Ok(Finding::Repeated(first.reference))
}

/// The mail is kept where the intake desk sees it; a known sender is told what to do.
async fn held(
    relay: &Relay,
    claimed: &Claimed,
    sender: Option<Person>,
    headers: &Headers,
    hold: Hold,
) -> Result<Finding, PipelineError> {
    let found = Found {
        state: "held",
        code: hold.code.clone(),
        organisation: sender.as_ref().map_or_else(String::new, |person| person.organisation.to_string()),
        referral: String::new(),
    };
    let reply = reply_address(claimed, headers, sender.as_ref());
    let letter = letter(relay, "mail-held", &reply, "", &hold.reasons);
    settle(relay, claimed, found, letter, Outcome::Held).await?;
    Ok(Finding::Held(hold.code))
}

async fn settle(
    relay: &Relay,
    claimed: &Claimed,
    found: Found,
    letter: Option<NewLetter>,
    outcome: Outcome,
) -> Result<(), PipelineError> {
    let (id, lease) = (claimed.mail.id, claimed.lease.clone());
    relay
        .store
        .write(move |unit| {
            Box::pin(async move {
                let on = Object::new("mail", Code::of(&id.to_string()));
                let event = EventDraft::new(Act::MailJudged, Actor::system()).on(on).outcome(outcome);
                unit.record(event.extra("code", Code::of(&found.code)));
                mails::settle(unit, id, &lease, &found).await?;
                if let Some(letter) = letter {
                    letters::queue(unit, &Actor::system(), &letter).await?;
                }
                Ok(())
            })
        })
        .await?;
    relay.bell.notify_waiters();
    Ok(())
}

/// Where an answer goes: to the registered address of a known sender, never to strangers, to
/// automatic or list mail, or to a null return path (RFC 3834 section 2, RFC 5321 section 4.5.5).
fn reply_address(claimed: &Claimed, headers: &Headers, sender: Option<&Person>) -> String {
    match sender {
        Some(person) if !headers.automatic && !claimed.null_sender => person.email.clone(),
        _ => String::new(),
    }
}

fn letter(
    relay: &Relay,
    kind: &'static str,
    to: &str,
    reference: &str,
    reasons: &[Reason],
) -> Option<NewLetter> {
    let clear: Vec<Reason> = reasons.iter().map(Reason::in_clear).collect();
    (!to.is_empty()).then(|| NewLetter {
        id: relay.fresh(LetterId::new),
        kind,
        recipient: to.to_owned(),
        locality: String::new(),
        reference: reference.to_owned(),
        params: serde_json::to_string(&clear).expect("reasons are JSON"),
    })
}

/// The draft that a document is: so that its sender can see it and complete it on the web.
fn draft_of(relay: &Relay, document: Document) -> (Draft, Vec<(u64, Vec<u8>)>) {
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
    content.refused = document.agreement.as_ref().is_some_and(|claim| !claim.given);
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
        way: Way::Screen,
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
