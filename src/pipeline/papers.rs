//! A form that was signed on paper comes back: scanned pages are read in a child process, compared with
//! the draft as it is now, and sealed.
//!
//! ```text
//!  file ─> decoder (child) ─> pages ─> each page's code: this form, these words? ─> sealed pictures, one unit
//!                                            └─> refused: a sentence, and its code in the trail
//! ```
//!
//! The file itself is never stored: what is kept are the pictures that were drawn afresh from it. Pages of
//! older words are taken away when the first page of newer ones comes. A crash keeps the pages that were
//! acknowledged and loses the one on its way.

use std::collections::BTreeMap;

use super::PipelineError;
use super::drafts::{self, Open, on, sealed};
use crate::audit::{Act, Code, EventDraft, Outcome};
use crate::domain::agreement::{PaperPage, Scans, Statement, Way};
use crate::domain::ids::{DraftId, ObjectId};
use crate::domain::paper::{Match, PaperMark};
use crate::domain::people::Person;
use crate::intake::sha256_hex;
use crate::relay::{Relay, actor};
use crate::scan::{ScanError, ScannedPage};
use crate::seal::{open_object, seal_object};
use crate::store::cases::NewObject;
use crate::store::{View, cases, drafts as rows};

/// What a picture of a signed page is called in the store.
pub const KIND: &str = "signed-paper";
/// Sets paper references apart from every other use of the index key.
const REFERENCE: &str = "paper";

/// Why a scan is not taken: a sentence, and a code for the trail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The file itself.
    #[error(transparent)]
    Scan(#[from] ScanError),
    /// The code of another form.
    #[error(
        "This is another form. Look at the paper reference at the bottom of the page, and scan the form of this referral."
    )]
    OtherForm,
    /// The code of this form with other words.
    #[error(
        "This is an older version of this form. The words were changed after it was printed. Print it again and ask for a new signature."
    )]
    OlderWords,
    /// No page with a code that can be read.
    #[error(
        "We could not find the square code on this page. Take the photo again: the whole page, flat, in good light, not blurred."
    )]
    NoCode,
}

impl Refusal {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Scan(error) => error.code(),
            Self::OtherForm => "paper-other-form",
            Self::OlderWords => "paper-older-words",
            Self::NoCode => "paper-no-code",
        }
    }
}

/// The form that would be printed now.
pub struct Form<'a> {
    /// Its mark.
    pub mark: PaperMark,
    /// Hash of the family part.
    pub content_sha256: String,
    /// The statement on it.
    pub statement: &'a Statement,
}

impl<'a> Form<'a> {
    /// The form of an open draft with this statement.
    pub fn of(relay: &Relay, open: &Open, statement: &'a Statement) -> Self {
        let content_sha256 = open.content.family(relay.context()).sha256();
        let keyed = relay.keys.index_mac(REFERENCE, open.row.id.to_string().as_bytes());
        let [a, b, c, d, e, f, g, h, ..] = keyed;
        let mark = PaperMark::new([a, b, c, d, e, f, g, h], &content_sha256, statement);
        Self { mark: mark.expect("a SHA-256 has 64 hexadecimal digits"), content_sha256, statement }
    }

    /// The scans of this very form, if there are any.
    pub fn scans<'o>(&self, open: &'o Open) -> Option<&'o Scans> {
        let same = |scans: &&Scans| {
            scans.content_sha256 == self.content_sha256 && scans.statement == *self.statement
        };
        open.content.paper.as_ref().filter(same)
    }
}

/// What a person sends.
pub struct Sent<'a> {
    /// The file.
    pub bytes: &'a [u8],
    /// They compared the printed reference of a page whose code cannot be read.
    pub compared: bool,
    /// Pages of the form, as it is printed now.
    pub pages: u8,
}

/// Takes a scanned file, or says why not; a refusal is recorded.
///
/// # Errors
/// As for every change of a draft; a refusal is none of them.
pub async fn add(
    relay: &Relay,
    person: &Person,
    id: DraftId,
    statement: &Statement,
    sent: Sent<'_>,
) -> Result<Result<Scans, Refusal>, PipelineError> {
    let open = drafts::open_unsent(relay, person, id).await?;
    let read = relay.decoder.read(sent.bytes).await.map_err(Refusal::Scan);
    let form = Form::of(relay, &open, statement);
    let before = form.scans(&open).cloned();
    let placed = read.and_then(|pages| place(pages, &form.mark, &sent, before.as_ref()));
    match placed {
        Err(refusal) => {
            let event = EventDraft::new(Act::PaperRefused, actor(person)).on(on(id, 0));
            let event = event.outcome(Outcome::Refused).purpose(Code::fixed(refusal.code()));
            relay.store.record(event).await?;
            Ok(Err(refusal))
        }
        Ok((pages, placed)) => {
            let before =
                before.filter(|before| before.pages == pages).map_or(Vec::new(), |scans| scans.found);
            let scans = Scans {
                content_sha256: form.content_sha256,
                statement: statement.clone(),
                pages,
                found: before,
            };
            Ok(Ok(keep(relay, person, open, scans, placed).await?))
        }
    }
}

/// Pages of the form by their number, and how many it has.
type Placed = (u8, BTreeMap<u8, ScannedPage>);

/// Which page of the form each scanned page is. What is not one of its pages, such as an empty back, is
/// left out; one page of another form is enough to take nothing.
fn place(
    scanned: Vec<ScannedPage>,
    mark: &PaperMark,
    sent: &Sent<'_>,
    before: Option<&Scans>,
) -> Result<Placed, Refusal> {
    let codes = || scanned.iter().filter_map(|page| page.code);
    let stands = |wanted: Match| codes().any(|code| mark.compare(&code.mark) == wanted);
    if stands(Match::OtherForm) {
        return Err(Refusal::OtherForm);
    }
    if stands(Match::OtherWords) {
        return Err(Refusal::OlderWords);
    }
    let pages =
        codes().next().map_or_else(|| before.map_or(sent.pages, |scans| scans.pages), |code| code.pages);
    let here: Vec<u8> = codes().map(|code| code.page).collect();
    let known = |page: &u8| {
        here.contains(page) || before.is_some_and(|scans| scans.found.iter().any(|one| one.page == *page))
    };
    let mut free = (1..=pages).filter(|page| !known(page)).collect::<Vec<u8>>().into_iter();
    let mut placed = BTreeMap::new();
    for page in scanned {
        let number = match page.code {
            Some(code) => Some(code.page),
            None if sent.compared => free.next(),
            None => None,
        };
        if let Some(number) = number {
            placed.insert(number, page);
        }
    }
    if placed.is_empty() { Err(Refusal::NoCode) } else { Ok((pages, placed)) }
}

/// Seals the pictures and saves the draft, in one unit; pictures that these replace are taken away.
async fn keep(
    relay: &Relay,
    person: &Person,
    mut open: Open,
    mut scans: Scans,
    placed: BTreeMap<u8, ScannedPage>,
) -> Result<Scans, PipelineError> {
    let case = open.row.case;
    let mut added = Vec::new();
    scans.found.retain(|one| !placed.contains_key(&one.page));
    for (page, scanned) in placed {
        open.content.last_paper += 1;
        let number = open.content.last_paper;
        let bytes = seal_object(open.case.recipient(), &scanned.jpeg);
        added.push(NewObject::whole(relay.fresh(ObjectId::new), case, KIND, number, &bytes));
        let picture_sha256 = sha256_hex(&scanned.jpeg);
        scans.found.push(PaperPage { page, number, picture_sha256, code_read: scanned.code.is_some() });
    }
    scans.found.sort_by_key(|one| one.page);
    let gone = replaced(relay, &open, &scans).await?;
    open.content.paper = Some(scans.clone());
    let (row, who) = (open.row, actor(person));
    let draft = sealed(open.object, case, row.version + 1, &open.content, &open.case)?;
    let said = EventDraft::new(Act::PaperAdded, who.clone())
        .on(on(row.id, row.version + 1))
        .extra("pages", Code::number(added.len() as u64));
    let write = relay.store.write(move |unit| {
        Box::pin(async move {
            rows::saved(unit, row.id, row.version).await?;
            cases::replace(unit, &who, draft).await?;
            for picture in added {
                cases::put(unit, &who, picture).await?;
            }
            for picture in gone {
                cases::remove(unit, &who, picture).await?;
            }
            unit.record(said);
            unit.record(EventDraft::new(Act::DraftSaved, who).on(on(row.id, row.version + 1)));
            Ok(())
        })
    });
    write.await?;
    Ok(scans)
}

/// The stored pictures that the draft knows and the new scans do not. What an agreement holds stays.
async fn replaced(relay: &Relay, open: &Open, scans: &Scans) -> Result<Vec<ObjectId>, PipelineError> {
    let mut kept: Vec<u64> = scans.found.iter().map(|one| one.number).collect();
    if let Some(Way::Paper(paper)) = open.content.agreement.as_ref().map(|agreement| &agreement.way) {
        kept.extend(paper.pages.iter().map(|one| one.number));
    }
    let mut read = relay.store.read().await?;
    let stored = cases::objects(&mut read, open.row.case).await?;
    let old = stored.iter().filter(|row| {
        let number = u64::try_from(row.version).unwrap_or(u64::MAX);
        row.kind == KIND && !kept.contains(&number)
    });
    Ok(old.filter_map(|row| row.id.parse().ok()).collect())
}

/// The form of a draft was made to be printed: recorded before it is handed out.
pub async fn printed(relay: &Relay, person: &Person, open: &Open) -> Result<(), PipelineError> {
    let event = EventDraft::new(Act::Printed, actor(person)).on(on(open.row.id, open.row.version));
    relay.store.record(event.extra("document", Code::fixed("form-to-sign"))).await?;
    Ok(())
}

/// Opens one picture of a draft's form, recorded.
///
/// # Errors
/// [`PipelineError::Missing`] when the draft is not theirs or has no such picture.
pub async fn picture(
    relay: &Relay,
    person: &Person,
    id: DraftId,
    number: u64,
) -> Result<zeroize::Zeroizing<Vec<u8>>, PipelineError> {
    let open = drafts::open_unsent(relay, person, id).await?;
    let found = open.content.paper.iter().flat_map(|scans| &scans.found).find(|one| one.number == number);
    let page = found.ok_or(PipelineError::Missing)?;
    let event = EventDraft::new(Act::PaperOpened, actor(person)).on(on(id, open.row.version));
    let event = event.extra("number", Code::number(number));
    let recorded = relay.store.view(View { event, cases: vec![open.row.case] }).await?;
    let mut read = relay.store.read().await?;
    let sealed = cases::numbered(&mut read, &recorded, open.row.case, KIND, number).await?;
    let bytes = open_object(open.case.identity(), &sealed.ok_or(PipelineError::Conflict)?.bytes)?;
    match sha256_hex(&bytes) == page.picture_sha256 {
        true => Ok(bytes),
        false => Err(PipelineError::Tampered(KIND.to_owned())),
    }
}
