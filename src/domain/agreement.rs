//! The parent's agreement and the two signatures, as evidence (DOMAIN section 3).
//!
//! Two commitments are made. The parent signs the *family part*: everything but the restricted
//! answers. The referrer signs that part and, alone, the *restricted part*. A signature carries the
//! SHA-256 of the exact bytes it was given for, so a later change is seen.

use serde::{Deserialize, Serialize};

use super::people::coded;
use super::time::Instant;

coded! {
    /// How the parent or carer signed.
    Method {
        /// Drawn on the setting's screen.
        Drawn = "drawn", "Drawn on screen";
        /// Name typed on the setting's screen.
        Typed = "typed", "Typed on screen";
        /// By a link on their own device.
        RemoteLink = "remote-link", "Signed by link";
        /// On paper, scanned.
        PaperScan = "paper-scan", "Signed on paper";
        /// Told to a member of staff; held unless the deployment allows it.
        ToldToStaff = "told-to-staff", "Told to staff";
    }
}

coded! {
    /// Whether the signer has parental responsibility. Recorded and shown, never a wall.
    ParentalResponsibility {
        /// Yes.
        Yes = "yes", "Yes";
        /// No: a carer may sign.
        No = "no", "No";
        /// Not sure.
        NotSure = "not-sure", "Not sure";
    }
}

coded! {
    /// Who agrees. Which ways of signing each may use is configuration.
    #[derive(Default)]
    Signatory {
        /// Somebody with parental responsibility, or who may have it.
        #[default]
        Parent = "parent", "Parent";
        /// A carer without it.
        Carer = "carer", "Carer";
        /// A young person, for herself or himself.
        YoungPerson = "young-person", "Young person";
    }
}

coded! {
    /// By which way the code came that opened a link.
    CodeBy {
        /// No code: the link stood on the setting's screen, in the same room.
        SameRoom = "same-room", "None: signed in the same room as staff";
        /// By mail to the address that the setting recorded.
        Mail = "mail", "By email";
        /// By text to the number that the setting recorded.
        Text = "text", "By text message";
        /// Read out by staff on the telephone.
        ReadOut = "read-out", "Read out by staff on the phone";
    }
}

impl Signatory {
    /// Who signed, from what they say about parental responsibility: whoever says that they have none
    /// signs as a carer.
    pub fn who_says(self, responsibility: ParentalResponsibility) -> Self {
        match (self, responsibility) {
            (Self::Parent, ParentalResponsibility::No) => Self::Carer,
            (who, _) => who,
        }
    }
}

/// What was told to staff: who heard it, and who else was there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The member of staff who was told.
    pub taken_by: String,
    /// Who else heard it.
    pub witness: String,
    /// The interpreter's name or service, or empty.
    pub interpreter: String,
    /// How it was said, in words: on the telephone, face to face.
    pub spoken: String,
}

/// A signature on paper: which scan shows it, and who looked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paper {
    /// Lower-case hex SHA-256 of the picture that is kept.
    pub picture_sha256: String,
    /// Its number among the case's signed papers.
    pub number: u64,
    /// Whether its square code was read, or a person compared the printed code.
    pub code_read: bool,
    /// Who confirmed that name, signature and date are on it.
    pub confirmed_by: String,
    /// Every page of it, in order; the last is the one that is signed.
    #[serde(default)]
    pub pages: Vec<PaperPage>,
}

/// One scanned page of a signed form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaperPage {
    /// Which page of the form, from 1.
    pub page: u8,
    /// The picture's number among the case's signed papers.
    pub number: u64,
    /// Lower-case hex SHA-256 of the picture.
    pub picture_sha256: String,
    /// Whether its square code was read, or a person compared the printed one.
    pub code_read: bool,
}

/// The scanned pages of one printed form, as they come in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scans {
    /// Lower-case hex SHA-256 of the family part that is on the paper.
    pub content_sha256: String,
    /// The statement that is on the paper.
    pub statement: Statement,
    /// Pages that the form has.
    pub pages: u8,
    /// Those that are here, in order.
    pub found: Vec<PaperPage>,
}

impl Scans {
    /// The pages that are not here yet.
    pub fn missing(&self) -> Vec<u8> {
        let here = |page: &u8| self.found.iter().any(|one| one.page == *page);
        (1..=self.pages).filter(|page| !here(page)).collect()
    }
}

/// A signature by link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The link's id.
    pub link: String,
    /// How its code was given.
    pub code_by: CodeBy,
    /// Where the code went, with all but its ends hidden; empty when nowhere.
    pub sent_to: String,
}

/// What the way of signing adds to the record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// On the setting's screen.
    #[default]
    Screen,
    /// By link on the signer's own device.
    Link(Link),
    /// On paper.
    Paper(Paper),
    /// Told to staff.
    Told(Told),
}

/// One drawn signature: strokes of points, both axes 0.0–1.0 of the drawing area.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Strokes(pub Vec<Vec<(f32, f32)>>);

/// The most points a drawn signature may have; what is more is refused, not cut.
pub const MOST_POINTS: usize = 5_000;

/// The fewest points that can be a signature: a single dot is none.
pub const FEWEST_POINTS: usize = 8;

/// What the page's script writes (`docs/front-end.md`): a drawing area and flat lists of `x, y`.
#[derive(Deserialize)]
struct Pad {
    v: u32,
    w: u32,
    h: u32,
    s: Vec<Vec<u32>>,
}

impl Strokes {
    /// Reads the drawing that the page's script wrote.
    ///
    /// Returns `None` for anything that is not a drawing of a sane size inside its area; a single
    /// dot is none.
    pub fn from_pad(text: &str) -> Option<Self> {
        let pad: Pad = serde_json::from_str(text).ok()?;
        let even = pad.s.iter().all(|stroke| stroke.len() % 2 == 0);
        if pad.v != 1 || pad.w == 0 || pad.h == 0 || !even {
            return None;
        }
        let scale = |n: u32, of: u32| (f64::from(n) / f64::from(of)) as f32;
        let point = |xy: &[u32]| (scale(xy[0], pad.w), scale(xy[1], pad.h));
        Self(pad.s.iter().map(|stroke| stroke.chunks_exact(2).map(point).collect()).collect()).sane()
    }

    /// The drawing, if it has a sane number of points, all inside their area.
    pub fn sane(self) -> Option<Self> {
        let points = self.0.iter().map(Vec::len).sum::<usize>();
        let inside = self.0.iter().flatten().all(|(x, y)| (0.0..=1.0).contains(x) && (0.0..=1.0).contains(y));
        ((FEWEST_POINTS..=MOST_POINTS).contains(&points) && inside).then_some(self)
    }
}

/// Which agreement statement was shown: the words are kept with the signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// The file's version, such as `default-2026-11`.
    pub version: String,
    /// BCP 47 language, such as `en`.
    pub language: String,
    /// The exact words.
    pub text: String,
}

/// The record of the parent's (or carer's, or young person's) signature.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Agreement {
    /// The signer's printed name.
    pub printed_name: String,
    /// Relationship to the child, in the signer's words.
    pub relationship: String,
    /// Who signs: parent, carer or young person.
    #[serde(default)]
    pub signatory: Signatory,
    /// Parental responsibility, as told.
    pub parental_responsibility: ParentalResponsibility,
    /// How it was signed.
    pub method: Method,
    /// The drawing, when it was drawn.
    pub strokes: Option<Strokes>,
    /// What was agreed to.
    pub statement: Statement,
    /// The English statement that stood beside it, when the one signed is in another language.
    #[serde(default)]
    pub beside: Option<Statement>,
    /// Lower-case hex SHA-256 of the family part as it was shown.
    pub content_sha256: String,
    /// The day of signing as written beside the signature (London), ISO form.
    pub signed_on: jiff::civil::Date,
    /// The moment the relay learnt of it.
    pub recorded_at: Instant,
    /// Who was present, in words.
    pub present: String,
    /// How the signer was checked, in words.
    pub checked_how: String,
    /// The browser's own name, when online.
    pub browser: String,
    /// The network address, when online.
    #[serde(default)]
    pub address: String,
    /// What the way of signing adds.
    #[serde(default)]
    pub way: Way,
    /// The privacy notice that was linked beside it: its version and a digest; empty when none was shown.
    #[serde(default)]
    pub notice: String,
}

/// The record of the referrer's signature: a typed name over both parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReferrerSignature {
    /// The referrer's printed name.
    pub printed_name: String,
    /// Lower-case hex SHA-256 of the family part.
    pub content_sha256: String,
    /// The day of signing (London).
    pub signed_on: jiff::civil::Date,
    /// The moment the relay learnt of it.
    pub recorded_at: Instant,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_dot_is_no_signature_and_a_drawing_outside_its_area_is_none() {
        assert_eq!(Strokes::from_pad(r#"{"v":1,"w":1000,"h":333,"s":[[500,100]]}"#), None);
        assert_eq!(Strokes::from_pad("not json"), None);
        let line = |x: u32| {
            let points = vec![format!("{x},100"); FEWEST_POINTS].join(",");
            Strokes::from_pad(&format!(r#"{{"v":1,"w":1000,"h":333,"s":[[{points}]]}}"#))
        };
        assert!(line(500).is_some());
        assert_eq!(line(1500), None);
    }
}
