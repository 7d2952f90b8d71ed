//! The agreement and both signatures, as blocks: for the duty line with all evidence (DOMAIN
//! section 3), for a family without what only machines compare.

use super::content::{Block, Field, Signature, Strokes};
use super::facts::ReferralPrint;
use crate::domain::agreement::{Agreement, Method, ReferrerSignature, Statement};
use crate::domain::time::{Instant, day_for_people};

/// The drawing area of the web form is three times as wide as high (`docs/front-end.md`).
pub(super) const ASPECT: f32 = 3.0;

/// For whom the evidence is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// The duty line: digests, UTC and browser too.
    Line,
    /// Whoever holds a copy: who signed, when and how.
    Family,
}

/// The section of agreement and signatures.
pub fn section(print: &ReferralPrint, reader: Reader) -> Vec<Block> {
    let mut blocks = vec![Block::section("Agreement and signatures")];
    match print.agreement {
        Some(agreement) => {
            let shown = [Some(&agreement.statement), agreement.beside.as_ref()];
            blocks.extend(shown.into_iter().flatten().map(|one| Block::Paragraph(paragraphs(one))));
            blocks.extend([parent(agreement), Block::Fields(evidence(agreement, reader))]);
        }
        None => blocks.push(Block::Paragraph("No agreement of a parent or carer is recorded.".to_owned())),
    }
    blocks.push(match print.referrer {
        Some(signature) => referrer(signature, print.agreement, reader),
        None => Block::Paragraph("The referrer has not signed.".to_owned()),
    });
    blocks
}

/// The words that were agreed to, without the empty lines between their paragraphs.
fn paragraphs(statement: &Statement) -> String {
    let lines = statement.text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

/// Whose signature, with the relationship where it was told.
pub fn parent(agreement: &Agreement) -> Block {
    let strokes = agreement.strokes.as_ref().filter(|_| agreement.method == Method::Drawn);
    Block::Signature(Signature {
        label: "Parent, carer or young person".to_owned(),
        printed_name: agreement.printed_name.clone(),
        when: format!("Signed on {}", day_for_people(agreement.signed_on)),
        method: agreement.method.label().to_owned(),
        strokes: strokes.map(|strokes| Strokes { paths: strokes.0.clone(), aspect: ASPECT }),
    })
}

fn evidence(agreement: &Agreement, reader: Reader) -> Vec<Field> {
    let statement = &agreement.statement;
    let responsible = agreement.parental_responsibility.label().to_lowercase();
    let signer = [agreement.relationship.trim(), &format!("parental responsibility: {responsible}")]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("; ");
    let beside = if agreement.beside.is_some() { ", beside the English one" } else { "" };
    let mut rows = vec![
        ("Signer", signer),
        ("Present at signing", agreement.present.clone()),
        ("How it was checked", agreement.checked_how.clone()),
        ("Recorded", moment(agreement.recorded_at, reader)),
        ("Statement", format!("{}, language {}{}", statement.version, statement.language, beside)),
    ];
    if reader == Reader::Line {
        rows.push(("Signed content", fingerprint(&agreement.content_sha256)));
        rows.push(("Browser", agreement.browser.clone()));
        rows.push(("Network address", agreement.address.clone()));
        rows.push(("Privacy notice", agreement.notice.clone()));
    }
    let answered = rows.into_iter().filter(|(_, value)| !value.trim().is_empty());
    answered.map(|(label, value)| Field { label: label.to_owned(), value }).collect()
}

fn referrer(signature: &ReferrerSignature, agreement: Option<&Agreement>, reader: Reader) -> Block {
    let same = agreement.is_some_and(|agreement| agreement.content_sha256 == signature.content_sha256);
    let content = match (reader, same) {
        (Reader::Family, _) => String::new(),
        (Reader::Line, true) => " for the same content".to_owned(),
        (Reader::Line, false) => format!(" for {}", fingerprint(&signature.content_sha256)),
    };
    let recorded = moment(signature.recorded_at, reader);
    Block::Signature(Signature {
        label: "Referrer".to_owned(),
        printed_name: signature.printed_name.clone(),
        when: format!("Signed on {}", day_for_people(signature.signed_on)),
        method: format!("Name typed{content}; recorded {recorded}"),
        strokes: None,
    })
}

/// London's time for people; for the line UTC too, for comparing.
fn moment(at: Instant, reader: Reader) -> String {
    match reader {
        Reader::Line => format!("{} ({})", at.for_people(), at.rfc3339()),
        Reader::Family => at.for_people(),
    }
}

/// A digest in groups of eight, to be compared by eye and broken between groups.
pub(super) fn fingerprint(hex: &str) -> String {
    let letters: Vec<char> = hex.chars().collect();
    let groups: Vec<String> = letters.chunks(8).map(|group| group.iter().collect()).collect();
    if groups.is_empty() { String::new() } else { format!("SHA-256 {}", groups.join(" ")) }
}

#[cfg(test)]
mod tests {
    use super::super::sample::Sample;
    use super::*;

    #[test]
    fn missing_signatures_are_said() {
        let sample = Sample::new();
        let print = ReferralPrint { agreement: None, referrer: None, ..sample.print() };
        let blocks = format!("{:?}", section(&print, Reader::Line));
        assert!(blocks.contains("No agreement of a parent or carer is recorded."));
        assert!(blocks.contains("The referrer has not signed."));
    }

    #[test]
    fn a_typed_signature_shows_no_drawing() {
        let sample = Sample::new();
        let typed = Agreement { method: Method::Typed, ..sample.agreement.clone() };
        let has_ink = |block| matches!(block, Block::Signature(Signature { strokes: Some(_), .. }));
        assert!(has_ink(parent(&sample.agreement)) && !has_ink(parent(&typed)));
    }

    #[test]
    fn two_signatures_under_different_content_are_seen() {
        let sample = Sample::new();
        assert!(format!("{:?}", section(&sample.print(), Reader::Line)).contains("the same content"));
        let other = ReferrerSignature { content_sha256: "ab".repeat(32), ..sample.referrer.clone() };
        let print = ReferralPrint { referrer: Some(&other), ..sample.print() };
        assert!(format!("{:?}", section(&print, Reader::Line)).contains("abababab abababab"));
    }

    #[test]
    fn a_family_is_told_who_signed_and_nothing_that_only_machines_compare() {
        let sample = Sample::new();
        let (line, family) = [Reader::Line, Reader::Family]
            .map(|reader| format!("{:?}", section(&sample.print(), reader)))
            .into();
        for machine in ["SHA-256", "T09:", "Z)", "Firefox 140", "same content"] {
            assert!(line.contains(machine) && !family.contains(machine), "{machine}: {family}");
        }
        for told in
            ["Present at signing", "grandmother", "Recorded", "9:12am", "Mother", "Name typed; recorded"]
        {
            assert!(family.contains(told), "{told}: {family}");
        }
    }

    #[test]
    fn digests_stand_in_groups() {
        assert_eq!(fingerprint("0123456789abcdef01"), "SHA-256 01234567 89abcdef 01");
        assert_eq!(fingerprint(""), "");
    }
}
