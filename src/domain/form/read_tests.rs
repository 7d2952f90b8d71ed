use jiff::civil::date;

use super::*;

fn said(part: Part, typed: &[(&str, &str)]) -> Vec<Fault> {
    let mut raw = Raw::default();
    typed.iter().for_each(|(name, value)| raw.push(name, *value));
    let context = Context {
        today: date(2026, 11, 23),
        rules: &SlotRules::default(),
        calendar: Calendar::england(),
        oldest_months: 60,
    };
    read_part(&raw, part, context).1
}

fn slots(first: &str, second: &str) -> Vec<Fault> {
    said(
        Part::Meeting,
        &[
            ("request.kind", "referral-and-meeting"),
            ("meeting.slot_1", first),
            ("meeting.slot_2", second),
            ("meeting.slot_3", "2026-12-10T10:30:00"),
        ],
    )
}

#[test]
fn what_is_missing_is_asked_for_in_a_natural_sentence() {
    let sentences: Vec<String> = said(Part::Child, &[]).into_iter().map(|fault| fault.sentence).collect();
    assert_eq!(
        sentences,
        ["Enter the child's first name", "Enter the child's last name", "Enter the child's date of birth"]
    );
    let staff = said(Part::Restricted, &[]);
    assert_eq!(staff[0].sentence, "Say if there are safeguarding concerns");
    let meeting = said(Part::Meeting, &[("request.kind", "referral-and-meeting")]);
    assert_eq!(meeting[1].sentence, "Enter a date and a time for the second choice");
}

#[test]
fn the_nearest_time_of_a_choice_is_said_once() {
    // A Saturday, too soon: two walls, one nearest time.
    let faults = slots("2026-11-28T10:00:00", "2026-12-09T14:00:00");
    assert_eq!(faults.len(), 2);
    let all = faults.iter().map(|fault| fault.sentence.as_str()).collect::<Vec<_>>().join(". ");
    assert_eq!(all.matches("nearest good time").count(), 1, "{all}");
    assert!(all.contains("too soon") && all.contains("Saturday"), "{all}");
}

#[test]
fn a_warning_about_a_time_names_the_choice() {
    let faults = slots("2026-12-08T10:00:00", "2026-12-09T12:15:00");
    assert_eq!(faults.len(), 1);
    let sentence = &faults[0].sentence;
    assert!(faults[0].warning && sentence.starts_with("Second choice: this overlaps lunch, midday to 1pm"));
    assert!(sentence.ends_with("The nearest good time is 9 December 2026 at 1pm"), "{sentence}");
}

#[test]
fn a_slip_in_an_address_is_asked_about_in_a_sentence() {
    let faults = said(Part::Carer, &[("carer.name", "Ana Sample"), ("carer.email", "ana@gmial.com")]);
    assert_eq!(faults[0].sentence, "Did you mean ana@gmail.com? You typed something slightly different.");
    assert!(faults[0].warning);
}

#[test]
fn an_answer_that_is_too_long_is_counted_in_thousands() {
    let faults = said(Part::Reason, &[("reason.concerns", &"x".repeat(4_321))]);
    assert_eq!(faults[0].sentence, "Use 4,000 characters or fewer: this has 4,321");
    assert_eq!([7, 1_000, 1_234_567].map(grouped), ["7", "1,000", "1,234,567"]);
}

#[test]
fn an_age_limit_is_said_in_years() {
    let faults = said(
        Part::Child,
        &[("child.forename", "A"), ("child.surname", "B"), ("child.date_of_birth", "2019-03-01")],
    );
    assert!(faults[0].sentence.contains("7 years 8 months old"), "{}", faults[0].sentence);
    assert!(faults[0].sentence.contains("children up to 5 years:"), "{}", faults[0].sentence);
}
