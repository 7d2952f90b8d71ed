//! Every letter, as it reads.

use super::*;
use crate::domain::verdict::Reason;

fn heading() -> Heading {
    Heading {
        id: "01900000-0000-7000-8000-0000000000aa".parse().unwrap(),
        host: "relay.example".to_owned(),
        from: EmailAddress::parse("relay@relay.example").unwrap(),
        from_name: "dutyline".to_owned(),
        to: EmailAddress::parse("duty@line.example").unwrap(),
        date: Instant::from_micros(1_795_251_900_000_000),
    }
}

fn context(reference: Reference) -> LetterContext {
    let reason = |code: &str, field: &str| Reason {
        code: code.to_owned(),
        field: field.to_owned(),
        sentence: "MARKER lives in MARKER".to_owned(),
        way_forward: "Ring MARKER".to_owned(),
    };
    LetterContext {
        base_url: "https://relay.example/".to_owned(),
        reference: Some(reference),
        line: Some(Line {
            name: "Canterbury and Coastal".to_owned(),
            phones: vec!["01632 960001".to_owned(), "01632 960002".to_owned()],
        }),
        advice: Advice::all(&[
            reason("signature-too-old", ""),
            reason("MARKER", ""),
            reason("MARKER", "abuse.perpetrator_name"),
            reason("field-missing", "child.surname"),
        ]),
        token: "ab".repeat(32),
        by: "Ada Administrator".to_owned(),
        organisation: "Meadow Nursery".to_owned(),
    }
}

fn letter(kind: Kind) -> Message {
    render(kind, heading(), &context(Reference::sample())).unwrap()
}

#[test]
fn every_letter_reads_whole_and_holds_nothing_from_a_reasons_own_words() {
    for kind in Kind::ALL {
        let message = letter(*kind);
        let text = format!("{}\n{}", message.subject, message.text);
        assert_eq!(Kind::from_code(kind.code()), Some(*kind));
        assert!(!text.contains("MARKER") && !text.contains("perpetrator"), "{text}");
        assert!(!text.contains("{{") && !text.contains("{%"), "{text}");
        assert!(!text.contains("\n\n\n"), "{} has a hole in it:\n{text}", kind.code());
        assert!(message.text.starts_with(char::is_uppercase) && message.text.ends_with(".\n"), "{text}");
        assert!(!message.subject.contains('\n'));
        assert!(text.contains("https://relay.example/") && !text.contains("example//"), "{text}");
        assert!(text.lines().all(|line| line.len() <= 120), "{text}");
        let reference = text.contains(Reference::sample().as_str());
        assert_eq!(reference, kind.needs_reference(), "{}", kind.code());
        assert!(message.eml().unwrap().is_ascii());
    }
}

#[test]
fn letters_of_one_kind_about_two_referrals_have_one_length() {
    for kind in Kind::ALL {
        let lengths: Vec<(usize, usize)> = [[0; 8], [0xff; 8], [7; 8]]
            .map(|chance| {
                let context = context(Reference::from_random(chance));
                let message = render(*kind, heading(), &context).unwrap();
                (message.text.len(), message.eml().unwrap().len())
            })
            .to_vec();
        assert!(lengths.iter().all(|length| *length == lengths[0]), "{}: {lengths:?}", kind.code());
    }
}

#[test]
fn a_held_letter_gives_each_reason_and_what_to_do() {
    let expected = "\
Why, and what to do:

- The signature is too old.
  Ask the parent or carer to sign again.

- Something in it has to be looked at.
  Sign in to see what, or ring the duty line.

- Something in this referral has to be checked or completed.
  Sign in and open it to see what. Do not ask anyone to sign again before that.
  If you cannot sign in, ring the duty line and say the reference.

- An answer is missing: \"Last name\"
  Correct this answer and send again.

";
    for kind in [Kind::SenderHeld, Kind::SenderRefused] {
        assert!(letter(kind).text.contains(expected), "{}", letter(kind).text);
    }
    let danger = "If a child is in immediate danger, ring 999. If you are worried about a child's\n\
                  safety, ring children's social care.\n\n";
    for kind in [Kind::SettingHeld, Kind::SenderHeld, Kind::SenderRefused] {
        assert!(letter(kind).text.contains(danger), "{}", letter(kind).text);
    }
    assert!(letter(Kind::SenderHeld).text.contains("duty line:\n  01632 960001\n  01632 960002\n\n"));
}

#[test]
fn a_setting_is_told_that_a_referral_is_held_and_no_reason() {
    let text = letter(Kind::SettingHeld).text;
    assert!(text.contains("Sign in to see why"), "{text}");
    assert!(text.contains(&format!("/referrals/by-reference/{}\n", Reference::sample())), "{text}");
    for word in ["signature", "answer is missing", "checked", "Canterbury", "01632"] {
        assert!(!text.contains(word), "{word}: {text}");
    }
    assert_eq!(letter(Kind::SettingHeld).automatic, Automatic::Generated);
    assert!(!Kind::SettingHeld.is_notice(), "it goes to a registered address, not to a line's mailbox");
}

#[test]
fn a_sender_without_a_line_or_reasons_still_gets_a_whole_letter() {
    let mut bare = context(Reference::sample());
    (bare.line, bare.advice) = (None, Vec::new());
    for kind in [Kind::SenderAccepted, Kind::SenderHeld, Kind::SenderRefused, Kind::MailHeld] {
        let text = render(kind, heading(), &bare).unwrap().text;
        assert!(!text.contains("\n\n\n") && !text.contains("the  duty line"), "{text}");
        assert!(text.contains("A person"), "{text}");
    }
}

#[test]
fn a_letter_that_lacks_what_it_needs_is_not_written() {
    let missing = |kind: Kind, change: fn(&mut LetterContext)| {
        let mut context = context(Reference::sample());
        change(&mut context);
        match render(kind, heading(), &context) {
            Err(LetterError::Missing { what, .. }) => what,
            _ => panic!("it was written"),
        }
    };
    assert_eq!(missing(Kind::LineNotice, |c| c.reference = None), "reference");
    assert_eq!(missing(Kind::LineHeld, |c| c.line = None), "duty line");
    assert_eq!(missing(Kind::MailboxTest, |c| c.token = String::new()), "token");
    assert_eq!(missing(Kind::Invitation, |c| c.token = String::new()), "token");
    assert_eq!(missing(Kind::Invitation, |c| c.organisation = String::new()), "organisation");
    assert_eq!(missing(Kind::SignUp, |c| c.token = String::new()), "token");
}

#[test]
fn the_links_lead_where_they_should() {
    let reference = Reference::sample();
    let page = format!("https://relay.example/referrals/by-reference/{reference}\n");
    assert!(letter(Kind::LineNotice).text.contains(&page));
    let confirm = format!("https://relay.example/confirm-mailbox/{}\n", "ab".repeat(32));
    assert!(letter(Kind::MailboxTest).text.contains(&confirm));
    assert_eq!(letter(Kind::MailHeld).automatic, Automatic::Replied);
    assert_eq!(letter(Kind::LineHeld).automatic, Automatic::Generated);
}

#[test]
fn an_invitation_says_who_invites_and_a_letter_to_a_stranger_holds_nothing_that_was_typed() {
    let text = letter(Kind::Invitation).text;
    assert!(text.starts_with("Ada Administrator has invited you to dutyline for Meadow Nursery."), "{text}");
    assert!(text.contains(&format!("https://relay.example/invitation/{}\n", "ab".repeat(32))), "{text}");
    assert!(text.contains("within seven days"), "{text}");
    let mut unnamed = context(Reference::sample());
    unnamed.by = String::new();
    let text = render(Kind::Invitation, heading(), &unnamed).unwrap().text;
    assert!(text.starts_with("You are invited to dutyline for Meadow Nursery."), "{text}");
    for kind in [Kind::SignUp, Kind::SignUpKnown] {
        let text = letter(kind).text;
        assert!(!text.contains("Ada") && !text.contains("Meadow"), "{text}");
    }
    let confirm = format!("https://relay.example/join/confirm/{}\n", "ab".repeat(32));
    assert!(letter(Kind::SignUp).text.contains(&confirm));
}
