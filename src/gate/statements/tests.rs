use jiff::civil::date;

use super::*;

/// A trust's files: names and texts.
fn trust(files: &[(&str, &str)]) -> Result<Statements, Vec<String>> {
    let files: Vec<Named> =
        files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect();
    Statements::with(&files).map_err(|problems| problems.into_iter().map(|one| one.0).collect())
}

/// One version of a trust, in English.
const OWN: [(&str, &str); 2] = [
    ("trust-2027-01-01.en.txt", "I agree.\n\nTo all of it."),
    ("trust-2027-01-01.en.plain.txt", "Yes.\n\nAll."),
];

#[test]
fn what_came_with_the_program_is_there_in_every_language_there_are_words_in() {
    let shipped = Statements::shipped();
    let version = shipped.current(date(2026, 11, 22));
    assert_eq!((version.name(), version.is_shipped()), ("default-2026-11", true));
    assert_eq!(version.from(), date(2026, 11, 1));
    let languages: Vec<&str> = version.wordings().iter().map(|one| one.language.as_str()).collect();
    let words: Vec<&str> = crate::domain::words::ALL.iter().map(|words| words.code).collect();
    assert_eq!(languages, words);
    for wording in version.wordings() {
        assert_eq!((wording.paragraphs().len(), wording.plain.len()), (5, 5), "{}", wording.language);
    }
    assert_eq!(shipped.current(date(2020, 1, 1)).name(), "default-2026-11", "there is always one");
}

#[test]
fn a_trusts_own_is_shown_from_its_day_and_what_was_shown_stays_known() {
    let mut files = OWN.to_vec();
    files.extend([("trust-2028-06.en.txt", "I agree anew."), ("trust-2028-06.en.plain.txt", "Yes.")]);
    let known = trust(&files).expect("whole");
    let on = |year, month, day| known.current(date(year, month, day)).name().to_owned();
    assert_eq!(on(2026, 12, 31), "default-2026-11");
    assert_eq!(on(2027, 1, 1), "trust-2027-01-01");
    assert_eq!(
        (on(2028, 5, 31), on(2028, 6, 1)),
        ("trust-2027-01-01".to_owned(), "trust-2028-06".to_owned())
    );
    let (old, beside) = known.version("trust-2027-01-01").expect("known").signed("en");
    assert_eq!((old.text.as_str(), beside), ("I agree.\n\nTo all of it.", None));
    assert!(known.known(&old) && known.known(&sample()), "old ones and the shipped one");
    assert!(!known.known(&Statement { text: format!("{} ", old.text), ..old }), "word for word");
    let always = trust(&[("house.en.txt", "I agree."), ("house.en.plain.txt", "Yes.")]).expect("whole");
    assert_eq!(always.current(date(2020, 1, 1)).name(), "house", "without a day it holds from ever");
}

#[test]
fn a_language_that_is_not_there_is_english_and_another_stands_beside_it() {
    let shipped = Statements::shipped();
    let version = shipped.current(date(2026, 11, 22));
    assert_eq!(version.signed("tlh").0, sample());
    let (polish, beside) = version.signed("PL");
    assert_eq!((polish.language.as_str(), beside.as_ref()), ("pl", Some(&sample())));
    assert_eq!(shipped.beside(&polish), beside);
    assert_eq!(shipped.beside(&sample()), None);
}

#[test]
fn a_trust_may_bring_a_language_that_the_program_has_no_words_in() {
    let mut files = OWN.to_vec();
    files.extend([("trust-2027-01-01.cy.txt", "Rwy’n cytuno."), ("trust-2027-01-01.cy.plain.txt", "Ie.")]);
    let said = trust(&files).expect_err("no name");
    assert!(said.len() == 1 && said[0].contains("cy.name.txt"), "{said:?}");
    files.push(("cy.name.txt", "\u{feff}Cymraeg\r\n"));
    let known = trust(&files).expect("whole");
    let version = known.version("trust-2027-01-01").expect("known");
    assert_eq!(version.wording("cy").name, "Cymraeg");
}

#[test]
fn windows_line_ends_and_marks_are_no_words() {
    let known = trust(&[
        ("House.EN.txt", "\u{feff}I agree.\r\n\r\nTo all.\r\n"),
        ("house.en.plain.txt", "Yes.\r\nAll.\r\n"),
    ]);
    let known = known.expect("whole");
    let wording = &known.version("house").expect("known").wordings()[0];
    assert_eq!((wording.paragraphs().len(), wording.plain.len()), (2, 2));
    assert!(!wording.text.contains(['\r', '\u{feff}']));
}

#[test]
fn each_thing_that_is_wrong_has_its_sentence_and_all_come_at_once() {
    let one = |files: &[(&str, &str)], words: &str| {
        let said = trust(files).expect_err(words);
        assert!(said.iter().any(|sentence| sentence.contains(words)), "{words}: {said:?}");
    };
    one(&[], "there is no statement in it");
    one(&[("statement.docx", "PK")], "statement.docx: name it version.language.txt");
    one(&[OWN[0], OWN[1], ("trust_b.en.txt", "x")], "letters, digits and hyphens");
    one(&[OWN[0]], "trust-2027-01-01.en.plain.txt is missing");
    one(&[OWN[1]], "trust-2027-01-01.en.txt is missing: the statement itself");
    one(&[("t.pl.txt", "Tak."), ("t.pl.plain.txt", "Tak.")], "t.en.txt is missing: the English statement");
    one(&[OWN[0], OWN[1], ("TRUST-2027-01-01.EN.txt", "Other.")], "stands there twice");
    one(&[("t.en.txt", "  \n"), ("t.en.plain.txt", "Yes.")], "t.en.txt: it is empty");
    one(&[("t-2027-02-30.en.txt", "a"), ("t-2027-02-30.en.plain.txt", "b")], "a day that does not exist");
    one(&[("default-2026-11.en.txt", "a"), ("default-2026-11.en.plain.txt", "b")], "of this name");
    let same_day = [("a-2027-01.en.txt", "a"), ("a-2027-01.en.plain.txt", "b")];
    one(&[OWN[0], OWN[1], same_day[0], same_day[1]], "hold from the same day");
    one(&[("t.en.txt", &"x".repeat(70_000)), ("t.en.plain.txt", "b")], "longer than 64 KiB");
    let bytes: Vec<Named> = vec![("t.en.txt".into(), vec![0xff, 0xfe]), ("u.en.txt".into(), Vec::new())];
    let said = Statements::with(&bytes).expect_err("two files");
    assert_eq!(said.len(), 2, "{said:?}");
    assert_eq!(said[0].0, "t.en.txt: it is not UTF-8: save it as UTF-8 text");
}
