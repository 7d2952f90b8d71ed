//! Everything about the signatures of a referral on one sheet (DOMAIN section 3): what was signed, by whom,
//! how, when and where, with the check that the content kept is still the content that was signed. For
//! somebody who was not there and has to be convinced.
//!
//! A sheet is for those who hold the referral, never for a family. It has no answer of the form.

use super::content::{Block, Document, Field, Footer, Level, Notice, Page, Signature, Strokes};
use super::evidence::{ASPECT, fingerprint};
use crate::domain::agreement::{Agreement, Method, ReferrerSignature, Signatory, Statement, Way};
use crate::domain::lawful::Decision;
use crate::domain::reference::Reference;
use crate::domain::time::{Instant, day_for_people};

/// What a fresh look at the sealed content found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// It opens, and this is its SHA-256, lower-case hex.
    Hash(String),
    /// It cannot be opened as what was sealed.
    Unreadable,
}

/// All that the sheet is made from.
#[derive(Clone, Debug)]
pub struct EvidencePrint<'a> {
    /// The referral's reference.
    pub reference: Reference,
    /// Which version of the content.
    pub version: u64,
    /// The setting that sent it.
    pub setting: String,
    /// Who agreed, if somebody did.
    pub agreement: Option<&'a Agreement>,
    /// The referrer's signature.
    pub referrer: Option<&'a ReferrerSignature>,
    /// The decision to send without agreement.
    pub lawful: Option<&'a Decision>,
    /// Whether the reader may know the reasons of that decision.
    pub with_reasons: bool,
    /// What the check found just now.
    pub content: Content,
    /// When the check was made.
    pub checked_at: Instant,
}

impl EvidencePrint<'_> {
    /// The hashes that signatures and decision were given for, each with whose it is.
    fn bound(&self) -> Vec<(&'static str, &str)> {
        let agreement = self.agreement.map(|one| ("Signature of the parent or carer", &*one.content_sha256));
        let lawful = self.lawful.map(|one| ("Decision to send without agreement", &*one.content_sha256));
        let referrer = self.referrer.map(|one| ("Signature of the referrer", &*one.content_sha256));
        [agreement, lawful, referrer].into_iter().flatten().collect()
    }

    fn fits(&self, hash: &str) -> bool {
        self.content == Content::Hash(hash.to_owned())
    }

    /// Whether everything that was signed or decided was for the content as it is kept.
    pub fn passes(&self) -> bool {
        let bound = self.bound();
        !bound.is_empty() && bound.iter().all(|(_, hash)| self.fits(hash))
    }
}

/// The sheet.
pub fn evidence_sheet(print: &EvidencePrint) -> Document {
    let mut blocks = vec![
        Block::Heading(Level::One, "Evidence of the signatures".to_owned()),
        fields([
            ("Reference", print.reference.to_string()),
            ("Version of the content", print.version.to_string()),
            ("Setting", print.setting.clone()),
        ]),
    ];
    blocks.extend(check(print));
    match (print.agreement, print.lawful) {
        (Some(agreement), _) => blocks.extend(agreed(agreement)),
        (None, Some(decision)) => blocks.extend(decided(decision, print.with_reasons)),
        (None, None) => blocks.push(Block::Paragraph("No agreement is recorded.".to_owned())),
    }
    blocks.extend(referrer(print.referrer));
    Document {
        title: format!("Evidence {}", print.reference),
        subject: "Evidence of the signatures of a referral".to_owned(),
        lang: "en-GB".to_owned(),
        made_at: print.checked_at,
        page: Page::A4,
        header_line: String::new(),
        footer: Footer {
            reference: print.reference.to_string(),
            version: format!("version {}", print.version),
        },
        mark: None,
        blocks,
    }
}

fn check(print: &EvidencePrint) -> [Block; 3] {
    let (heading, text) = match print.passes() {
        true => ("Pass", "The content that is kept is the content that was signed, to the letter."),
        false => (
            "Fail",
            "The content that is kept is not the content that was signed. Change nothing. Keep this sheet and \
             tell your information governance lead.",
        ),
    };
    let found = match &print.content {
        Content::Hash(hash) => fingerprint(hash),
        Content::Unreadable => "It cannot be opened as what was sealed".to_owned(),
    };
    let mut rows = vec![("Checked", moment(print.checked_at)), ("Content that is kept", found)];
    let verdict = |hash: &str| if print.fits(hash) { "Pass" } else { "Fail" }.to_owned();
    rows.extend(print.bound().into_iter().map(|(whose, hash)| (whose, verdict(hash))));
    [
        Block::section("Is the content still what was signed?"),
        Block::Notice(Notice { heading: Some(heading.to_owned()), text: text.to_owned() }),
        fields(rows),
    ]
}

fn agreed(agreement: &Agreement) -> Vec<Block> {
    let young = agreement.signatory == Signatory::YoungPerson;
    let responsibility = if young { "" } else { agreement.parental_responsibility.label() };
    let mut rows = vec![
        ("Who agreed", agreement.signatory.label().to_owned()),
        ("Relationship to the child", agreement.relationship.clone()),
        ("Parental responsibility", responsibility.to_owned()),
        ("Method", agreement.method.label().to_owned()),
    ];
    rows.extend(way(&agreement.way));
    rows.extend([
        ("Date beside the signature", day_for_people(agreement.signed_on)),
        ("Recorded", moment(agreement.recorded_at)),
        ("Who was present", agreement.present.clone()),
        ("How the signer was checked", agreement.checked_how.clone()),
        ("Network address", agreement.address.clone()),
        ("Browser", agreement.browser.clone()),
        ("Content that was signed", fingerprint(&agreement.content_sha256)),
    ]);
    let mut blocks = vec![Block::section("The agreement"), signature(agreement), fields(rows)];
    blocks.extend(statement("The statement that was agreed to", &agreement.statement));
    if let Some(beside) = &agreement.beside {
        blocks.extend(statement("The English statement that stood beside it", beside));
    }
    blocks
}

fn signature(agreement: &Agreement) -> Block {
    let strokes = agreement.strokes.as_ref().filter(|_| agreement.method != Method::ToldToStaff);
    let told = agreement.method == Method::ToldToStaff;
    Block::Signature(Signature {
        label: if told { "Agreement told by" } else { "Signed by" }.to_owned(),
        printed_name: agreement.printed_name.clone(),
        when: day_for_people(agreement.signed_on),
        method: agreement.method.label().to_owned(),
        strokes: strokes.map(|strokes| Strokes { paths: strokes.0.clone(), aspect: ASPECT }),
    })
}

/// What the way of signing adds.
fn way(way: &Way) -> Vec<(&'static str, String)> {
    match way {
        Way::Screen => Vec::new(),
        Way::Told(told) => vec![
            ("Told to", told.taken_by.clone()),
            ("Witness", told.witness.clone()),
            ("How it was said", told.spoken.clone()),
            ("Interpreter", told.interpreter.clone()),
        ],
        Way::Paper(paper) => vec![
            ("Signed paper", format!("number {}", paper.number)),
            ("Picture that is kept", fingerprint(&paper.picture_sha256)),
            ("How the form was recognised", recognised(paper.code_read).to_owned()),
            ("Name, signature and date confirmed by", paper.confirmed_by.clone()),
        ],
        Way::Link(link) => vec![
            ("Link", link.link.clone()),
            ("How the code was given", link.code_by.label().to_owned()),
            ("Where the code went", link.sent_to.clone()),
        ],
    }
}

const fn recognised(code_read: bool) -> &'static str {
    match code_read {
        true => "Its square code was read",
        false => "A person compared the printed code",
    }
}

fn statement(heading: &str, statement: &Statement) -> Vec<Block> {
    let lines = statement.text.lines().map(str::trim).filter(|line| !line.is_empty());
    let text = lines.collect::<Vec<_>>().join("\n");
    vec![
        Block::Heading(Level::Three, heading.to_owned()),
        fields([("Version", statement.version.clone()), ("Language", statement.language.clone())]),
        Block::Paragraph(text),
    ]
}

/// The decision that it went on although nobody agreed; why it was made, only for who may know.
fn decided(decision: &Decision, with_reasons: bool) -> Vec<Block> {
    let told = if decision.parent_told { "Yes" } else { "No" };
    let mut rows = vec![
        ("Decided by", decision.by.title()),
        ("Decided on", moment(decision.at)),
        ("The parent was told", told.to_owned()),
    ];
    if with_reasons {
        rows.extend([
            ("Legal basis", decision.basis.words.clone()),
            ("Why", decision.reason.clone()),
            ("Why the parent was not told", decision.not_told_because.clone()),
        ]);
    }
    match &decision.check {
        None => rows.push(("Checked by", "Nobody".to_owned())),
        Some(check) => {
            let said = if check.confirmed { "Confirmed by" } else { "Not confirmed by" };
            rows.extend([(said, check.by.title()), ("Checked on", moment(check.at))]);
            rows.extend(with_reasons.then(|| ("What they wrote", check.words.clone())));
        }
    }
    rows.push(("Content that was decided on", fingerprint(&decision.content_sha256)));
    vec![Block::section(super::WITHOUT_AGREEMENT), fields(rows)]
}

fn referrer(signature: Option<&ReferrerSignature>) -> Vec<Block> {
    let heading = Block::section("The referrer");
    let Some(signature) = signature else {
        return vec![heading, Block::Paragraph("The referrer has not signed.".to_owned())];
    };
    let rows = fields([
        ("Name, typed as signature", signature.printed_name.clone()),
        ("Date beside the signature", day_for_people(signature.signed_on)),
        ("Recorded", moment(signature.recorded_at)),
        ("Content that was signed", fingerprint(&signature.content_sha256)),
    ]);
    vec![heading, rows]
}

/// London's time for people, and UTC for comparing.
fn moment(at: Instant) -> String {
    format!("{} in London ({})", at.for_people(), at.rfc3339())
}

/// Rows without the empty ones.
fn fields(rows: impl IntoIterator<Item = (&'static str, String)>) -> Block {
    let answered = rows.into_iter().filter(|(_, value)| !value.trim().is_empty());
    Block::Fields(answered.map(|(label, value)| Field { label: label.to_owned(), value }).collect())
}

#[cfg(test)]
mod tests {
    use super::super::sample::Sample;
    use super::*;
    use crate::domain::agreement::Told;
    use crate::domain::lawful::{Actor, Basis, Check};

    fn print<'a>(sample: &'a Sample, content: Content) -> EvidencePrint<'a> {
        EvidencePrint {
            reference: sample.facts.reference.clone(),
            version: 1,
            setting: "Little Oaks".to_owned(),
            agreement: Some(&sample.agreement),
            referrer: Some(&sample.referrer),
            lawful: None,
            with_reasons: true,
            content,
            checked_at: sample.facts.received,
        }
    }

    fn texts(print: &EvidencePrint) -> String {
        evidence_sheet(print).texts().join("\n")
    }

    #[test]
    fn it_passes_only_when_all_was_signed_for_the_content_that_is_kept() {
        let mut sample = Sample::new();
        let hash = sample.agreement.content_sha256.clone();
        assert!(print(&sample, Content::Hash(hash.clone())).passes());
        for other in [Content::Hash("ab".repeat(32)), Content::Unreadable] {
            let print = print(&sample, other);
            assert!(!print.passes() && texts(&print).contains("Fail\nThe content that is kept is not"));
        }
        sample.referrer.content_sha256 = "cd".repeat(32);
        let print = print(&sample, Content::Hash(hash));
        assert!(!print.passes(), "the referrer signed something else");
        let none = EvidencePrint { agreement: None, referrer: None, ..print };
        assert!(!none.passes(), "nothing was signed");
    }

    #[test]
    fn it_says_everything_about_a_signature_and_nothing_of_the_form() {
        let sample = Sample::new();
        let said = texts(&print(&sample, Content::Unreadable));
        let agreement = &sample.agreement;
        for words in [
            agreement.printed_name.as_str(),
            &agreement.relationship,
            &agreement.present,
            &agreement.checked_how,
            &agreement.browser,
            &agreement.statement.version,
            &fingerprint(&agreement.content_sha256),
            &agreement.recorded_at.rfc3339(),
            &agreement.recorded_at.for_people(),
            sample.referrer.printed_name.as_str(),
        ] {
            assert!(said.contains(words), "{words}");
        }
        let first = agreement.statement.text.lines().next().expect("a statement");
        assert!(said.contains(first));
        assert!(!said.contains("Zofia"), "no answer of the form");
    }

    #[test]
    fn what_was_told_and_the_language_beside_are_on_it() {
        let mut sample = Sample::new();
        sample.agreement.way = Way::Told(Told {
            taken_by: "Robin Teacher".to_owned(),
            witness: "Sam Colleague".to_owned(),
            interpreter: "Made-up Interpreting".to_owned(),
            spoken: "On the telephone".to_owned(),
        });
        sample.agreement.beside = Some(Statement {
            version: "v9".to_owned(),
            language: "en".to_owned(),
            text: "Beside".to_owned(),
        });
        let said = texts(&print(&sample, Content::Unreadable));
        for words in ["Robin Teacher", "Sam Colleague", "Made-up Interpreting", "On the telephone", "Beside"]
        {
            assert!(said.contains(words), "{words}");
        }
    }

    #[test]
    fn reasons_of_a_decision_are_only_for_who_may_know() {
        let sample = Sample::new();
        let (at, hash) = (sample.facts.received, sample.referrer.content_sha256.clone());
        let by = |name: &str| Actor { id: name.into(), name: name.into(), role: "Setting manager".into() };
        let decision = Decision {
            by: by("Jo Lead"),
            at,
            basis: Basis { code: "court-order".into(), words: "A court has ordered it".into() },
            reason: "Written down".into(),
            parent_told: false,
            not_told_because: "Not safe".into(),
            content_sha256: hash.clone(),
            check: Some(Check {
                by: by("Sam Manager"),
                at,
                confirmed: true,
                words: "I agree with it".into(),
            }),
        };
        let all =
            EvidencePrint { agreement: None, lawful: Some(&decision), ..print(&sample, Content::Hash(hash)) };
        assert!(all.passes());
        let less = EvidencePrint { with_reasons: false, ..all.clone() };
        for words in ["Written down", "Not safe", "A court has ordered it", "I agree with it"] {
            assert!(texts(&all).contains(words) && !texts(&less).contains(words), "{words}");
        }
        for words in ["Jo Lead, setting manager", "Sam Manager, setting manager", "The parent was told\nNo"] {
            assert!(texts(&less).contains(words), "{words}");
        }
    }
}
