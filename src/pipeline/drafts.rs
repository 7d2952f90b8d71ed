//! A setting writes a referral: each save is a new sealed version, each opening is recorded.

use jiff::civil::Date;

use super::PipelineError;
use crate::audit::{Act, Actor, Code, EventDraft, Object};
use crate::domain::agreement::{Agreement, ReferrerSignature};
use crate::domain::before::Before;
use crate::domain::family::{Contact, Purpose};
use crate::domain::form::{Fault, Part, Raw, read_part};
use crate::domain::ids::{CaseId, DraftId, ObjectId};
use crate::domain::people::Person;
use crate::intake::draft::{Draft, Kept, Later};
use crate::intake::{Attachment, AttachmentError, attachment, sha256_hex};
use crate::relay::{Relay, actor};
use crate::seal::{Case, CaseFile, RESTRICTED_CLASSES, open_padded, seal_object, seal_padded};
use crate::store::cases::NewObject;
use crate::store::{Read, View, cases, drafts, family, lawful, people};

/// How often a draft is looked at again that changes while it is opened.
const TRIES: usize = 5;

/// A draft that its writer has open: the row, the words, the case.
pub struct Open {
    /// The row as it was read.
    pub row: drafts::Draft,
    /// The words.
    pub content: Draft,
    /// The case.
    pub case: Case,
    pub(super) object: ObjectId,
}

/// Begins a referral, with the sender's own details filled in.
pub async fn begin(relay: &Relay, person: &Person) -> Result<DraftId, PipelineError> {
    let mut read = relay.store.read().await?;
    let setting =
        people::organisation(&mut read, person.organisation).await?.ok_or(PipelineError::Missing)?;
    drop(read);
    let today = relay.clock.now().day();
    let content =
        Draft::begun_by(&person.name, &setting.name, &setting.urn, &setting.phone, &person.email, today);
    let case = Case::new();
    let row = drafts::Draft {
        id: relay.fresh(DraftId::new),
        case: relay.fresh(CaseId::new),
        person: person.id,
        organisation: person.organisation,
        version: 1,
        sent_as: None,
        updated_at: 0,
    };
    let file = CaseFile::seal(&case, row.case, &serde_json::Value::Null, &relay.keys);
    let object = sealed(relay.fresh(ObjectId::new), row.case, 1, &content, &case)?;
    let (who, id) = (actor(person), row.id);
    relay
        .store
        .write(move |unit| {
            Box::pin(async move {
                cases::insert_case(unit, &who, row.case, &file).await?;
                cases::put(unit, &who, object).await?;
                drafts::insert(unit, &row).await?;
                unit.record(EventDraft::new(Act::DraftSaved, who).on(on(row.id, 1)));
                Ok(())
            })
        })
        .await?;
    Ok(id)
}

/// Opens a draft: recorded, then opened. Anybody of the setting may complete a held one.
///
/// # Errors
/// [`PipelineError::Sent`] when it was sent: then nothing of it is left here.
pub async fn open(relay: &Relay, person: &Person, id: DraftId) -> Result<Open, PipelineError> {
    for _ in 1..TRIES {
        match open_once(relay, person, id).await {
            Err(PipelineError::Conflict) => {}
            answer => return answer,
        }
    }
    open_once(relay, person, id).await
}

/// Opens what was there at one moment; a save or the sending between the two reads is a conflict.
async fn open_once(relay: &Relay, person: &Person, id: DraftId) -> Result<Open, PipelineError> {
    let mut read = relay.store.read().await?;
    let row = drafts::find(&mut read, id).await?.filter(|row| theirs(row, person));
    let row = row.ok_or(PipelineError::Missing)?;
    if let Some(referral) = row.sent_as {
        return Err(PipelineError::Sent(referral));
    }
    opened(relay, &mut read, row, actor(person)).await
}

/// Opens the words of a draft's row, recorded under `who`.
pub(super) async fn opened(
    relay: &Relay,
    read: &mut Read,
    row: drafts::Draft,
    who: Actor,
) -> Result<Open, PipelineError> {
    let event = EventDraft::new(Act::DraftOpened, who).on(on(row.id, row.version));
    let recorded = relay.store.view(View { event, cases: vec![row.case] }).await?;
    let file = cases::case_file(read, &recorded, row.case).await?.ok_or(PipelineError::Erased)?;
    let case = CaseFile::open(&file, row.case, &relay.keys)?.case;
    // Gone between the two reads: it was sent at this moment.
    let stored = cases::newest(read, &recorded, row.case, "draft").await?.ok_or(PipelineError::Conflict)?;
    if stored.version != row.version {
        return Err(PipelineError::Conflict);
    }
    let plain = open_padded(case.identity(), &stored.bytes)?;
    let content = serde_json::from_slice(&plain).map_err(|_| PipelineError::Tampered("draft".to_owned()))?;
    Ok(Open { row, content, case, object: stored.id })
}

/// A draft is its writer's; the rest of the setting may open it to complete a referral that is held.
pub(super) fn theirs(row: &drafts::Draft, person: &Person) -> bool {
    person.role.in_setting() && row.organisation == person.organisation
}

/// Saves one part as it was typed and says what there is to say about it. A change of the family
/// part takes away signatures that were given for other words.
pub async fn save_part(
    relay: &Relay,
    person: &Person,
    id: DraftId,
    part: Part,
    sent: &Raw,
) -> Result<Vec<Fault>, PipelineError> {
    let mut open = open_unsent(relay, person, id).await?;
    let context = relay.context();
    open.content.raw.replace_part(part, sent);
    open.content.kept.remove(part.slug());
    let said = read_part(&open.content.raw, part, context).1;
    let slug = part.slug().to_owned();
    open.content.done.retain(|done| *done != slug);
    if !said.iter().any(|fault| !fault.warning) {
        open.content.done.push(slug);
    }
    let waited = open.content.later.is_some();
    open.content.drop_stale_signatures(context);
    // Whatever is written there: so that the ending of a link tells nothing.
    let ends_links = part == Part::Restricted || (waited && open.content.later.is_none());
    save_with(relay, person, open, Vec::new(), Change { ends_links, ..Change::default() }).await?;
    Ok(said)
}

/// Keeps what the writer of a draft typed on a page that was sent after their session had ended. It is
/// part of nothing until they are signed in again, see it and save it: whoever sits at a forgotten
/// screen can neither read nor change the referral.
pub async fn keep_typing(
    relay: &Relay,
    person: &Person,
    id: DraftId,
    part: Part,
    sent: Raw,
) -> Result<(), PipelineError> {
    let mut open = open_unsent(relay, person, id).await?;
    if open.row.person != person.id {
        return Err(PipelineError::Missing);
    }
    open.content.kept.insert(part.slug().to_owned(), Kept { at: relay.clock.now(), raw: sent });
    let event = EventDraft::new(Act::TypingKept, actor(person)).on(on(id, open.row.version + 1));
    save(relay, person, open, vec![event]).await
}

/// Staff have answered who agrees, in what way and who is present: kept beside the answers, sealed, for
/// whichever page comes next. No signature that is there already is touched.
pub async fn before_signing(
    relay: &Relay,
    person: &Person,
    id: DraftId,
    before: Before,
) -> Result<(), PipelineError> {
    let mut open = open_unsent(relay, person, id).await?;
    open.content.before = Some(before);
    save(relay, person, open, Vec::new()).await
}

/// The parent, carer or young person has signed what the page showed.
pub async fn sign_agreement(
    relay: &Relay,
    person: &Person,
    id: DraftId,
    agreement: Agreement,
) -> Result<(), PipelineError> {
    let mut open = open_unsent(relay, person, id).await?;
    let family = open.content.family(relay.context());
    if family.sha256() != agreement.content_sha256 {
        return Err(PipelineError::Refused(
            "The referral was changed in another window after this page was shown. Read it again, then sign."
                .to_owned(),
        ));
    }
    let commitment = open.case.commit("family", &family.canonical());
    let event = EventDraft::new(Act::ParentSigned, actor(person))
        .on(on(id, open.row.version + 1))
        .commitment(commitment)
        .extra("method", Code::of(agreement.method.code()));
    open.content.agree(agreement, family);
    open.content.refused = false;
    open.content.later = None;
    open.content.refused_on = None;
    open.content.lawful = None;
    save(relay, person, open, vec![event]).await
}

/// The parent said no, on this day: recorded with the day and nothing else.
pub async fn refuse_agreement(
    relay: &Relay,
    person: &Person,
    id: DraftId,
    on_day: Date,
) -> Result<(), PipelineError> {
    let mut open = open_unsent(relay, person, id).await?;
    open.content.agreement = None;
    open.content.lawful = None;
    open.content.refused = true;
    open.content.refused_on = Some(on_day);
    let event = EventDraft::new(Act::AgreementRefused, actor(person))
        .on(on(id, open.row.version + 1))
        .extra("day", Code::of(&on_day.to_string()));
    save(relay, person, open, vec![event]).await
}

/// The parent or carer is to sign by link once the referral is sent. Whoever asks for it has read every
/// answer and approves it to be read there.
pub async fn ask_later(
    relay: &Relay,
    person: &Person,
    id: DraftId,
    contact: Contact,
) -> Result<(), PipelineError> {
    let mut open = open_unsent(relay, person, id).await?;
    let content_sha256 = open.content.family(relay.context()).sha256();
    open.content.later = Some(Later { contact, approved_by: person.id.to_string(), content_sha256 });
    open.content.agreement = None;
    open.content.refused = false;
    save(relay, person, open, Vec::new()).await
}

/// The referrer has signed the family part.
pub async fn sign_as_referrer(
    relay: &Relay,
    person: &Person,
    id: DraftId,
    signature: ReferrerSignature,
) -> Result<(), PipelineError> {
    let mut open = open_unsent(relay, person, id).await?;
    if open.content.family(relay.context()).sha256() != signature.content_sha256 {
        return Err(PipelineError::Conflict);
    }
    open.content.referrer = Some(signature);
    save(relay, person, open, Vec::new()).await
}

/// Attaches a file: its type is read from its bytes, the bytes are sealed before anything is stored.
pub async fn attach(
    relay: &Relay,
    person: &Person,
    id: DraftId,
    name: &str,
    bytes: &[u8],
) -> Result<(), PipelineError> {
    let refused = |error: AttachmentError| PipelineError::Refused(error.to_string());
    let kind = attachment::kind_of(bytes).map_err(refused)?;
    let mut open = open_unsent(relay, person, id).await?;
    if open.content.attachments.len() >= attachment::MOST {
        return Err(refused(AttachmentError::TooMany));
    }
    let number = open.content.last_attachment + 1;
    open.content.last_attachment = number;
    open.content.attachments.push(Attachment {
        number,
        name: attachment::clean_name(name),
        kind: kind.to_owned(),
        size: bytes.len(),
        sha256: sha256_hex(bytes),
    });
    let sealed = seal_object(open.case.recipient(), bytes);
    let object = NewObject::whole(relay.fresh(ObjectId::new), open.row.case, "attachment", number, &sealed);
    open.content.drop_stale_signatures(relay.context());
    let who = actor(person);
    save_with(
        relay,
        person,
        open,
        vec![EventDraft::new(Act::AttachmentAdded, who).on(on(id, 0))],
        Change { added: Some(object), ends_links: true, ..Change::default() },
    )
    .await
}

/// Takes an attachment off again: its sealed bytes go with it.
pub async fn detach(relay: &Relay, person: &Person, id: DraftId, number: u64) -> Result<(), PipelineError> {
    let mut open = open_unsent(relay, person, id).await?;
    let before = open.content.attachments.len();
    open.content.attachments.retain(|attachment| attachment.number != number);
    if open.content.attachments.len() == before {
        return Err(PipelineError::Missing);
    }
    open.content.drop_stale_signatures(relay.context());
    let mut read = relay.store.read().await?;
    let stored = cases::objects(&mut read, open.row.case).await?;
    drop(read);
    let same = |row: &&cases::ObjectRow| row.kind == "attachment" && u64::try_from(row.version) == Ok(number);
    let gone = stored.iter().find(same).and_then(|row| row.id.parse().ok());
    save_with(
        relay,
        person,
        open,
        Vec::new(),
        Change { removed: gone, ends_links: true, ..Change::default() },
    )
    .await
}

pub(super) async fn open_unsent(relay: &Relay, person: &Person, id: DraftId) -> Result<Open, PipelineError> {
    match open(relay, person, id).await {
        Err(PipelineError::Sent(_)) => Err(PipelineError::Conflict),
        open => open,
    }
}

async fn save(
    relay: &Relay,
    person: &Person,
    open: Open,
    events: Vec<EventDraft>,
) -> Result<(), PipelineError> {
    save_with(relay, person, open, events, Change::default()).await
}

/// What a save does besides the words.
#[derive(Default)]
pub(super) struct Change {
    pub(super) added: Option<NewObject>,
    pub(super) removed: Option<ObjectId>,
    /// How far the draft now is on the lawful route.
    pub(super) lawful: Option<&'static str>,
    /// A link to sign later was for other words.
    pub(super) ends_links: bool,
}

pub(super) async fn save_with(
    relay: &Relay,
    person: &Person,
    open: Open,
    events: Vec<EventDraft>,
    change: Change,
) -> Result<(), PipelineError> {
    let (row, who, by) = (open.row, actor(person), person.id);
    let object = sealed(open.object, row.case, row.version + 1, &open.content, &open.case)?;
    relay
        .store
        .write(move |unit| {
            Box::pin(async move {
                drafts::saved(unit, row.id, row.version).await?;
                if change.ends_links {
                    family::end_all(unit, &Actor::system(), row.case, &[Purpose::SignLater]).await?;
                }
                cases::replace(unit, &who, object).await?;
                if let Some(added) = change.added {
                    cases::put(unit, &who, added).await?;
                }
                if let Some(state) = change.lawful {
                    lawful::put(unit, row.id, row.organisation, state, by).await?;
                }
                if let Some(removed) = change.removed {
                    cases::remove(unit, &who, removed).await?;
                }
                events.into_iter().for_each(|event| unit.record(event));
                unit.record(EventDraft::new(Act::DraftSaved, who).on(on(row.id, row.version + 1)));
                Ok(())
            })
        })
        .await?;
    Ok(())
}

/// The sealed form of a draft: its length tells a size class only.
pub(super) fn sealed(
    id: ObjectId,
    case_id: CaseId,
    version: u64,
    content: &Draft,
    case: &Case,
) -> Result<NewObject, PipelineError> {
    let plain = zeroize::Zeroizing::new(serde_json::to_vec(content).expect("a draft is JSON"));
    let bytes = seal_padded(case.recipient(), &plain, RESTRICTED_CLASSES)?;
    Ok(NewObject::whole(id, case_id, "draft", version, &bytes))
}

pub(super) fn on(id: DraftId, version: u64) -> Object {
    Object::new("draft", Code::of(&id.to_string())).version(version)
}
