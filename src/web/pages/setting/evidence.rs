//! Both signatures, as a summary of the evidence (DOMAIN section 3).

use super::super::super::parts::SummaryRow;
use crate::domain::agreement::{Method, Signatory, Way};
use crate::domain::time::day_for_people;
use crate::intake::Evidence;

/// Who signed, how and when.
pub fn rows(evidence: &Evidence) -> Vec<SummaryRow> {
    let mut rows = Vec::new();
    if let Some(agreement) = &evidence.agreement {
        let who = format!("{} ({})", agreement.printed_name, agreement.relationship);
        let told = agreement.method == Method::ToldToStaff;
        rows.push(SummaryRow::new(if told { "Agreement told by" } else { "Agreement signed by" }, who));
        if agreement.signatory != Signatory::YoungPerson {
            let responsibility = agreement.parental_responsibility.label();
            rows.push(SummaryRow::new("Parental responsibility", responsibility));
        }
        if let Way::Told(told) = &agreement.way {
            let heard = format!("{}; {} heard it too", told.taken_by, told.witness);
            rows.push(SummaryRow::new("Who was told", heard));
            rows.push(SummaryRow::new("How it was said", told.spoken.clone()));
            rows.push(SummaryRow::new("Interpreter", told.interpreter.clone()));
        }
        let day = day_for_people(agreement.signed_on);
        rows.push(SummaryRow::new("How and when", format!("{}, {day}", agreement.method.label())));
        rows.push(SummaryRow::new("Statement", agreement.statement.version.clone()));
        rows.push(SummaryRow::new("Who was present", agreement.present.clone()));
        rows.push(SummaryRow::new("How the signer was checked", agreement.checked_how.clone()));
    }
    if let Some(day) = evidence.refused_on {
        rows.push(SummaryRow::new("The parent or carer did not agree", day_for_people(day)));
    }
    if let Some(referrer) = &evidence.referrer {
        let words = format!("{}, {}", referrer.printed_name, day_for_people(referrer.signed_on));
        rows.push(SummaryRow::new("Signed by the referrer", words));
    }
    rows.retain(|row| !row.value.is_empty());
    rows
}
