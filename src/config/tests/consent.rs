//! The trust's own statements and its privacy notice.

use super::*;

#[test]
fn a_statement_that_cannot_be_used_is_said_by_its_file() {
    let (dir, text) = working();
    let config = Config::from_text(&text).unwrap();
    let known = config.all_statements().unwrap();
    assert_eq!(known.versions().len(), 2, "the shipped one and the trust's");
    let at = dir.path().join("statements");
    fs::write(at.join("trust-2028-01-01.en.txt"), [0xff, 0xfe, 0x00]).unwrap();
    fs::write(at.join("letter.docx"), "PK").unwrap();
    fs::write(at.join(".trust.swp"), "an editor's").unwrap();
    let said = faults(&text);
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].starts_with("statements.folder: letter.docx: name it"), "{said:?}");
    assert!(said[1].contains("trust-2028-01-01.en.txt: it is not UTF-8"), "{said:?}");
    let nowhere = text.replace("/statements\"", "/nowhere\"");
    assert!(faults(&nowhere)[0].starts_with("statements.folder: "), "{:?}", faults(&nowhere));
    let empty = faults(&text.replace(&format!("{}\"", at.display()), "\""));
    assert_eq!(empty, ["statements.folder: it is missing: name the folder that holds your statements"]);
}

#[test]
fn without_either_the_shipped_statement_and_the_general_notice_hold() {
    let config = Config::from_text("").unwrap();
    assert_eq!(config.all_statements(), Ok(Statements::shipped()));
    assert_eq!(config.privacy, None);
}

#[test]
fn a_notice_says_who_is_responsible_and_whom_to_ask() {
    let (_dir, text) = working();
    for (from, to, said) in [
        ("version = \"2027-01-01\"", "version = \"\"", "privacy.version: write this notice"),
        ("email = \"data.protection@trust.example\"", "email = \"nobody\"", "privacy.officer.email: "),
        ("phone = \"01632 960111\"", "phone = \"12\"", "privacy.officer.phone: "),
        (
            "kind = \"health\"",
            "kind = \"other\"",
            "privacy.controllers: there is no block with kind = \"health\"",
        ),
        ("purpose = \"to support", "purpose = \"\" #", "privacy.controllers: each needs name"),
    ] {
        let faults = faults(&text.replacen(from, to, 1));
        assert!(faults.len() == 1 && faults[0].starts_with(said), "{from}: {faults:?}");
    }
}
