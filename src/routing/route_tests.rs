use super::*;

const LIVE: &str = include_str!("../../data/kent_postcodes.csv");
const SETTINGS: &str = include_str!("../../data/settings_sample.csv");

fn ask(text: &str) -> Decision {
    route(Table::kent(), Localities::kent(), &PostcodeInput::read(text))
}

fn id(decision: &Decision) -> Option<&str> {
    decision.locality.as_ref().map(LocalityId::as_str)
}

#[test]
fn a_live_postcode_goes_to_its_districts_line() {
    let decision = ask("ct1\u{a0}2eh");
    assert_eq!(
        (decision.outcome, id(&decision), decision.rule),
        (Outcome::Routed, Some("canterbury"), Rule::UnitInArea)
    );
    assert_eq!(
        decision.reason,
        "The postcode is in the district of Canterbury: duty line Canterbury and Coastal."
    );
    assert_eq!(
        (decision.input.as_str(), decision.edition.as_str()),
        ("ct1\u{a0}2eh", "Code-Point Open 2025.4")
    );
    assert_eq!(id(&ask("DA11 0AA")), Some("gravesend"));
}

#[test]
fn a_neighbours_postcode_is_named_to_its_council() {
    let decision = ask("ME4 4AA");
    assert_eq!((decision.outcome, id(&decision)), (Outcome::OutOfArea, None));
    assert!(decision.reason.contains("Medway"), "{}", decision.reason);
}

#[test]
fn a_postcode_from_far_away_is_named_by_its_outward_code() {
    for (typed, name, rule) in [
        ("LS1 1AA", "Leeds", Rule::OutcodeOutOfArea),
        ("EH1 1AA", "City of Edinburgh", Rule::OutcodeOutOfArea),
        ("ME4 9CC", "Medway", Rule::OutcodeOutOfArea),
        ("BT1 1AA", "Northern Ireland", Rule::OutsideGreatBritain),
        ("JE2 3AB", "Jersey", Rule::OutsideGreatBritain),
    ] {
        let decision = ask(typed);
        assert_eq!((decision.outcome, decision.rule), (Outcome::OutOfArea, rule), "{typed}");
        assert!(decision.reason.contains(name) && !decision.needs_desk(), "{}", decision.reason);
    }
}

#[test]
fn a_retired_postcode_goes_by_its_last_district_and_says_so() {
    let mut outcomes = [0usize; 2];
    for line in include_str!("../../data/kent_postcodes_retired.csv").lines().skip(1) {
        let row: Vec<&str> = line.split(',').collect();
        let decision = ask(row[0]);
        assert_eq!(decision.district.as_ref().map(|d| d.code.as_str()), Some(row[1]), "{line}");
        match decision.outcome {
            Outcome::Retired => {
                assert_eq!(decision.rule, Rule::EndedInArea);
                assert!(decision.locality.is_some() && decision.reason.contains("no longer in use"));
                assert!(!decision.reason.contains('~'), "{}", decision.reason);
                outcomes[0] += 1;
            }
            other => {
                assert_eq!(
                    (other, decision.rule, id(&decision)),
                    (Outcome::OutOfArea, Rule::EndedOutOfArea, None)
                );
                outcomes[1] += 1;
            }
        }
    }
    assert_eq!(outcomes, [2376, 1863]);
}

#[test]
fn a_new_building_waits_at_the_desk_with_a_suggestion_where_one_is_safe() {
    let decision = ask("CT5 9DB");
    assert_eq!(
        (decision.outcome, id(&decision), decision.rule),
        (Outcome::Unknown, None, Rule::UnitNotInTable)
    );
    assert!(decision.needs_desk());
    let suggestion = decision.suggestion.expect("CT5 9 lies wholly in Canterbury");
    assert_eq!(suggestion.why, "The one known postcode of its sector is in the district of Canterbury.");
    let suggestion = ask("CT1 2ZZ").suggestion.expect("CT1 2 lies wholly in Canterbury");
    assert_eq!(suggestion.locality.as_str(), "canterbury");
    assert!(suggestion.why.ends_with("are in the district of Canterbury."), "{}", suggestion.why);
}

#[test]
fn a_sector_shared_by_two_districts_suggests_nothing() {
    let shared = include_str!("../../data/kent_sectors.csv").lines().skip(1).find(|line| {
        let row: Vec<&str> = line.split(',').collect();
        row[1] == "E07000106" && row[4] != "1.0000"
    });
    let sector = shared.and_then(|line| line.split(',').next()).expect("some sector is shared");
    let free = ('A'..='Z')
        .map(|c| format!("{sector}C{c}"))
        .find(|text| Table::kent().find(&Postcode::parse(text).expect("a postcode")).is_none());
    let decision = ask(&free.expect("no postcode ends in C and a letter"));
    assert_eq!((decision.outcome, decision.suggestion), (Outcome::Unknown, None));
}

#[test]
fn stand_ins_and_the_unknown_go_to_the_desk() {
    for (typed, rule) in [
        ("ZZ99 3VZ", Rule::NoFixedAbode),
        ("zz993wz", Rule::NotKnown),
        ("ZZ99 1AA", Rule::NotKnown),
        ("XX1 1AA", Rule::NoSuchOutcode),
    ] {
        let decision = ask(typed);
        assert_eq!(
            (decision.outcome, decision.rule, id(&decision)),
            (Outcome::Unknown, rule, None),
            "{typed}"
        );
        assert!(decision.needs_desk() && decision.suggestion.is_none());
    }
    let unsaid = route(Table::kent(), Localities::kent(), &PostcodeInput::NotKnown);
    assert_eq!((unsaid.outcome, unsaid.rule, unsaid.input.as_str()), (Outcome::Unknown, Rule::NotKnown, ""));
}

#[test]
fn what_is_no_postcode_is_malformed_with_its_fault() {
    let decision = ask("Canterbury");
    assert_eq!((decision.outcome, decision.rule), (Outcome::Malformed, Rule::NotAPostcode));
    assert_eq!(decision.reason, "Enter a full postcode, such as CT1 2EH.");
    assert_eq!((decision.input.as_str(), ask("").outcome), ("Canterbury", Outcome::Malformed));
}

#[test]
fn every_kent_postcode_goes_to_the_locality_of_its_district() {
    let mut routed = 0;
    for line in LIVE.lines().skip(1) {
        let row: Vec<&str> = line.split(',').collect();
        let decision = ask(row[0]);
        let served = Localities::kent()
            .iter()
            .find(|locality| locality.districts.iter().any(|d| d.as_str() == row[1]));
        assert_eq!(decision.locality.as_ref(), served.map(|locality| &locality.id), "{line}");
        let expected = if served.is_some() { Outcome::Routed } else { Outcome::OutOfArea };
        assert_eq!(decision.outcome, expected, "{line}");
        routed += usize::from(served.is_some());
    }
    assert_eq!(routed, 45_958);
}

#[test]
fn every_sample_setting_lies_where_the_register_says() {
    let mut heading = SETTINGS.lines().next().expect("a heading").split(',');
    let at = heading.position(|name| name == "lad_code").expect("a district column");
    for line in SETTINGS.lines().skip(1) {
        let row: Vec<&str> = line.split(',').collect();
        let (code, postcode, status) = (row[at], row[at - 2], row[at - 1]);
        let decision = ask(postcode);
        assert_eq!(decision.district.as_ref().map(|d| d.code.as_str()), Some(code), "{line}");
        let served = Localities::kent().iter().find(|l| l.districts.iter().any(|d| d.as_str() == code));
        assert_eq!(decision.locality.as_ref(), served.map(|l| &l.id), "{line}");
        assert_eq!(decision.reason.contains("no longer in use"), status == "retired", "{line}");
    }
}

#[test]
fn the_setting_gives_a_second_opinion() {
    let (table, kent) = (Table::kent(), Localities::kent());
    let opinion =
        |child: &str, setting: &str| second_opinion(table, kent, &ask(child), &PostcodeInput::read(setting));
    assert_eq!(opinion("CT1 2EH", "CT1 2EH").agrees, Some(true));
    let other = opinion("CT1 2EH", "DA11 0AA");
    assert_eq!(
        (other.agrees, other.sentence.as_str()),
        (Some(false), "The setting lies in another locality, Gravesend.")
    );
    let unsettled = opinion("ZZ99 3VZ", "CT1 2EH");
    assert_eq!(
        (unsettled.agrees, unsettled.locality.as_ref().map(LocalityId::as_str)),
        (None, Some("canterbury"))
    );
    assert_eq!(opinion("CT1 2EH", "ME4 4AA").locality, None);
}

#[test]
fn a_decision_comes_back_from_its_stored_form() {
    for typed in ["CT1 2EH", "ME4 4AA", "CT1 2ZZ", "nonsense"] {
        let kept = serde_json::to_string(&ask(typed)).expect("text");
        assert_eq!(serde_json::from_str::<Decision>(&kept).expect("it comes back"), ask(typed));
    }
}
