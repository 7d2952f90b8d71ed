use super::*;

fn whole() -> Value {
    serde_json::json!({
        "format": FORMAT, "version": VERSION, "submission_id": "one",
        "answers": {"child": {"forename": "Aoife"}, "reason": {"areas": ["physical"]}},
        "restricted": {"abuse": {"concerns": "no"}},
    })
}

fn with(change: impl Fn(&mut Value)) -> Result<Document, DocumentError> {
    let mut value = whole();
    change(&mut value);
    read(value.to_string().as_bytes())
}

#[test]
fn nested_answers_come_out_under_their_paths() {
    let document = with(|_| {}).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(document.raw.get("child.forename"), "Aoife");
    assert_eq!(document.raw.all("reason.areas"), ["physical"]);
    assert_eq!(document.raw.get("abuse.concerns"), "no");
}

#[test]
fn a_restricted_answer_in_the_family_part_is_not_known_there() {
    let error = with(|v| v["answers"]["abuse"] = serde_json::json!({"concerns": "yes"})).err();
    assert_eq!(error, Some(DocumentError::UnknownAnswers(1)));
}

/// Only the first would be read: an answer must not be dropped in silence.
#[test]
fn a_list_where_one_answer_belongs_is_a_fault() {
    for (part, group, member, value) in [
        ("answers", "reason", "concerns", serde_json::json!(["FIRST", "SECOND"])),
        ("answers", "reason", "concerns", serde_json::json!(["FIRST"])),
        ("answers", "child", "forename", serde_json::json!([])),
        ("restricted", "safeguarding", "detail", serde_json::json!(["FIRST", "SECOND"])),
        ("restricted", "abuse", "concerns", serde_json::json!(["no", "yes"])),
    ] {
        let error = with(|v| v[part][group] = serde_json::json!({ member: value })).err();
        let words = format!("{group}.{member} takes one answer, not a list");
        assert_eq!(error, Some(DocumentError::Shape(words)), "{value}");
    }
    let several = with(|v| v["answers"]["reason"]["areas"] = serde_json::json!(["physical", "x"]));
    assert_eq!(several.unwrap_or_else(|error| panic!("{error}")).raw.all("reason.areas"), ["physical", "x"]);
}

#[test]
fn an_answer_given_twice_is_a_fault_however_it_is_written() {
    let text = |answers: &str| {
        format!(
            "{{\"format\": \"{FORMAT}\", \"version\": 1, \"submission_id\": \"one\", \"answers\": {answers}}}"
        )
    };
    for twice in [
        r#"{"reason": {"concerns": "FIRST", "concerns": "SECOND"}}"#,
        r#"{"reason": {"concerns": "FIRST"}, "reason": {"concerns": "SECOND"}}"#,
        r#"{"reason": {"concerns": "FIRST", "conc\u0065rns": "SECOND"}}"#,
    ] {
        let error = read(text(twice).as_bytes()).err();
        assert_eq!(error, Some(DocumentError::Shape("duplicate field".to_owned())), "{twice}");
    }
    for hidden in [
        r#"{"reason.concerns": "FIRST", "reason": {"concerns": "SECOND"}}"#,
        r#"{"": {"reason": {"concerns": "FIRST"}}, "reason": {"concerns": "SECOND"}}"#,
    ] {
        let error = read(text(hidden).as_bytes()).err();
        assert_eq!(error, Some(DocumentError::UnknownAnswers(1)), "{hidden}");
    }
}

#[test]
fn blanks_at_the_end_are_no_content() {
    let text = whole().to_string();
    let digest = |text: &str| read(text.as_bytes()).unwrap_or_else(|error| panic!("{error}")).digest;
    assert_eq!(digest(&text), digest(&format!("{text}{}\n", " ".repeat(5_000))));
    assert_ne!(digest(&text), digest(&text.replace("Aoife", "Aoifa")));
}

#[test]
fn faults_are_told_apart_and_repeat_nothing_that_was_written() {
    assert_eq!(read(b"\xff").err(), Some(DocumentError::NotJson));
    assert_eq!(with(|v| v["format"] = "other".into()).err(), Some(DocumentError::Format));
    assert_eq!(with(|v| v["version"] = 9.into()).err(), Some(DocumentError::Version(9)));
    let error = with(|v| v["Marker Name"] = 1.into()).err().expect("unknown member").to_string();
    assert!(!error.contains("Marker"), "{error}");
    let spaced = with(|v| v["submission_id"] = "two words".into()).err();
    assert!(matches!(spaced, Some(DocumentError::Shape(_))));
}

#[test]
fn a_document_of_many_members_is_not_built() {
    let zeros = "0,".repeat(1_000_000);
    for text in [
        format!("{{\"format\": \"dutyline-referral\", \"version\": 1, \"answers\": [{zeros}0]}}"),
        format!("{{\"a\": \"\\\"\", \"b\": [{zeros}0]}}"),
        format!("{{\"a\": {}", "[".repeat(1_000_000)),
    ] {
        assert!(matches!(read(text.as_bytes()).err(), Some(DocumentError::Shape(_))));
    }
    assert_eq!(read(format!("[{zeros}0]").as_bytes()).err(), Some(DocumentError::NotJson));
    let commas = with(|v| v["answers"]["reason"]["concerns"] = ",[{\\\"".repeat(10_000).into());
    assert!(commas.is_ok(), "what stands in a string is not counted");
}

#[test]
fn a_missing_member_is_named_without_a_place() {
    let error = with(|v| drop(v.as_object_mut().expect("object").remove("submission_id"))).err();
    assert_eq!(error, Some(DocumentError::Shape("missing field `submission_id`".to_owned())));
}

#[test]
fn claims_are_bounded_and_a_fault_names_the_member_only() {
    let long = "Marker ".repeat(40);
    for (path, value) in [
        ("agreement.printed_name", "Marker\nSample"),
        ("agreement.printed_name", long.as_str()),
        ("agreement.relationship", long.as_str()),
        ("agreement.present", "Marker\u{7}"),
        ("agreement.checked_how", long.as_str()),
        ("agreement.statement_version", long.as_str()),
        ("agreement.statement_language", "Marker\r"),
        ("agreement.content_sha256", long.as_str()),
        ("referrer_signature.printed_name", "Marker\u{202E}"),
        ("referrer_signature.printed_name", ""),
    ] {
        let (object, member) = path.split_once('.').expect("a dot");
        let error = with(|v| {
            v["agreement"] = serde_json::json!({"given": true, "printed_name": "Niamh Sample"});
            v["referrer_signature"] =
                serde_json::json!({"printed_name": "Jo Sample", "signed_on": "2026-11-21"});
            v[object][member] = value.into();
        });
        let error = error.err().expect(path).to_string();
        assert!(error.contains(path) && !error.contains("Marker"), "{error}");
    }
}
