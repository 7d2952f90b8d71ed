use std::sync::LazyLock;

use jiff::civil::date;
use proptest::prelude::*;

use super::*;

const TODAY: Date = date(2026, 8, 21);
static RULES: LazyLock<SlotRules> = LazyLock::new(SlotRules::default);

fn context() -> SlotContext<'static> {
    SlotContext { today: TODAY, rules: &RULES, calendar: Calendar::england() }
}

fn slot(day: Date, hour: i8, minute: i8) -> Slot {
    Slot::new(day, time(hour, minute, 0, 0))
}

/// What is said about `odd` when it stands beside two good slots.
fn said(odd: Slot) -> Vec<Finding> {
    check_slots(&[odd, slot(date(2026, 9, 15), 10, 0), slot(date(2026, 9, 16), 14, 0)], context())
}

#[test]
fn three_good_slots_pass_without_a_word() {
    assert_eq!(said(slot(date(2026, 9, 4), 10, 0)), []);
    assert_eq!(said(slot(date(2027, 2, 19), 17, 0)), []);
    assert_eq!(said(slot(date(2026, 9, 14), 9, 30)), []);
    assert_eq!(said(slot(date(2026, 9, 14), 13, 0)), []);
}

#[test]
fn each_wall_has_its_code_and_the_nearest_good_time() {
    for (odd, code, nearest) in [
        (slot(date(2026, 9, 3), 10, 0), "slot.too-soon", slot(date(2026, 9, 4), 10, 0)),
        (slot(date(2026, 8, 20), 10, 0), "slot.too-soon", slot(date(2026, 9, 4), 10, 0)),
        (slot(date(2027, 2, 22), 10, 0), "slot.too-far", slot(date(2027, 2, 19), 10, 0)),
        (slot(date(2026, 9, 5), 10, 0), "slot.weekend", slot(date(2026, 9, 4), 10, 0)),
        (slot(date(2026, 12, 25), 10, 0), "slot.bank-holiday", slot(date(2026, 12, 24), 10, 0)),
        (slot(date(2026, 9, 14), 17, 30), "slot.hours", slot(date(2026, 9, 14), 17, 0)),
        (slot(date(2026, 9, 14), 7, 0), "slot.hours", slot(date(2026, 9, 14), 9, 30)),
        (slot(date(2026, 9, 15), 10, 0), "slot.repeated", slot(date(2026, 9, 15), 11, 0)),
    ] {
        let findings =
            check_slots(&[slot(date(2026, 9, 15), 10, 0), odd, slot(date(2026, 9, 16), 14, 0)], context());
        let found: Vec<_> = findings.iter().map(|f| (f.slot, f.code, f.weight, f.nearest)).collect();
        assert_eq!(found, [(Some(1), code, Weight::Wall, Some(nearest))], "{odd:?}");
    }
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    let codes: Vec<_> = said(slot(date(2026, 8, 22), 12, 30)).iter().map(|f| f.code).collect();
    assert_eq!(codes, ["slot.too-soon", "slot.weekend", "slot.busy-time"]);
    let few = check_slots(&[Slot::sample()], context());
    assert_eq!(
        (few[0].code, few[0].sentence.as_str()),
        ("slots.three", "Offer 3 dates and times; there are 1")
    );
}

#[test]
fn arrival_and_lunch_are_a_warning_unless_the_line_makes_them_a_wall() {
    let lunch = slot(date(2026, 9, 14), 11, 30);
    let findings = said(lunch);
    assert_eq!((findings[0].code, findings[0].weight), ("slot.busy-time", Weight::Warning));
    assert_eq!(findings[0].sentence, "This overlaps lunch, midday to 1pm");
    assert_eq!(findings[0].nearest, Some(slot(date(2026, 9, 14), 11, 0)));
    let rules = SlotRules { busy_is_wall: true, ..SlotRules::default() };
    let strict = check_slots(&[lunch], SlotContext { rules: &rules, ..context() });
    assert!(strict.iter().any(|f| f.code == "slot.busy-time" && f.weight == Weight::Wall));
}

#[test]
fn overlapping_slots_are_a_warning() {
    let findings = check_slots(
        &[slot(date(2026, 9, 15), 10, 0), slot(date(2026, 9, 15), 10, 30), slot(date(2026, 9, 15), 11, 30)],
        context(),
    );
    let found: Vec<_> =
        findings.iter().filter(|f| f.code == "slot.overlaps").map(|f| (f.slot, f.weight)).collect();
    assert_eq!(found, [(Some(1), Weight::Warning)]);
}

#[test]
fn london_time_is_right_across_clock_changes() {
    let summer = slot(date(2026, 10, 23), 10, 0).starts().expect("a time");
    let winter = slot(date(2026, 10, 26), 10, 0).starts().expect("a time");
    assert_eq!(summer.rfc3339(), "2026-10-23T09:00:00Z");
    assert_eq!(winter.rfc3339(), "2026-10-26T10:00:00Z");
    let skipped = slot(date(2027, 3, 28), 1, 30);
    assert_eq!(skipped.starts(), None);
    let spring = SlotContext { today: date(2027, 3, 1), ..context() };
    assert!(check_slots(&[skipped], spring).iter().any(|f| f.code == "slot.clock-change"));
}

#[test]
fn a_slot_comes_back_from_text() {
    let kept = serde_json::to_string(&Slot::sample()).expect("text");
    assert_eq!(kept, "\"2026-11-24T10:00:00\"");
    assert_eq!(serde_json::from_str::<Slot>(&kept).expect("it comes back"), Slot::sample());
    assert_eq!(Slot::sample().for_people(), "24 November 2026 at 10am");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn the_nearest_good_time_is_good(days in -40i32..300, half_hour in 0i8..48) {
        let odd = slot(TODAY + days.days(), half_hour / 2, half_hour % 2 * 30);
        for finding in said(odd) {
            let better = finding.nearest.expect("there is always a good time within six months");
            prop_assert_eq!(said(better), []);
        }
    }
}
