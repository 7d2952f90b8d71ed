use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::*;
use crate::seal::seal_to_published;

/// Enough to overflow any thread's stack when it is built and dropped.
const LEVELS: usize = 100_000;
/// Enough to take gigabytes when it is built, were the mail ten times as long.
const MANY: usize = 1_000_000;

fn looked(raw: &[u8]) -> (Headers, Option<MailFault>) {
    let (keys, _) = KeySet::generate();
    let looked = look(raw, &keys);
    (looked.headers, looked.document.err())
}

fn is_held(what: &str, raw: &[u8]) {
    assert_eq!(looked(raw).1, Some(MailFault::Broken), "{what}");
    let start: String = String::from_utf8_lossy(raw).chars().take(SHOWN).collect();
    assert_eq!(preview(raw).text, start, "{what}");
}

fn from(headers: &str) -> String {
    looked(format!("{headers}\r\nSubject: x\r\n\r\nhello").as_bytes()).0.from
}

/// Header blocks that cost forty times their length when they are read: nobody reads them.
#[test]
fn a_long_header_block_is_held_and_not_parsed() {
    for costly in [
        "a:\n".repeat(MANY),
        "a: \r\n".repeat(HEADER_LINES + 1),
        format!("To: {}\r\n", "a,".repeat(MANY)),
        format!("Content-Type: text/plain{}\r\n", ";a=b".repeat(MANY)),
        format!("Content-Type: text/plain{}\r\n", ";\r\n a=b".repeat(MANY)),
        format!("References: {}\r\n", "<a@b>".repeat(MANY)),
        format!("Subject: {}\r\n", "=?utf-8?q?a?= ".repeat(MANY)),
    ] {
        let outer = format!("From: jo@setting1.example\r\n{costly}\r\nhello");
        is_held("outer", outer.as_bytes());
        assert_eq!(looked(outer.as_bytes()).0, Headers::default(), "no header was read");

        let head = "From: jo@setting1.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n";
        let part = format!("{head}--b\r\n{costly}\r\nhello\r\n--b--\r\n");
        is_held("of a part", part.as_bytes());
        assert_eq!(looked(part.as_bytes()).0.from, "jo@setting1.example", "its sender is told");
    }
}

#[test]
fn an_ordinary_mail_with_long_texts_is_not_held() {
    let (keys, _) = KeySet::generate();
    let age = seal_to_published(&keys.published().0, &[7; 100_000], false).unwrap();
    let html = "<!-- mso -->\r\n<p style=\"a:b\">c: d</p>\r\n".repeat(10_000);
    let raw = format!(
        "Received: by a\r\nFrom: Jo <jo@setting1.example>\r\nContent-Type: multipart/mixed;\r\n\
         \tboundary=\"=_outer\"\r\n\r\n--=_outer\r\nContent-Type: multipart/alternative; boundary=inner\r\n\r\n\
         --inner\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
         See the =E9nclosed file.\r\n--inner\r\nContent-Type: text/html\r\n\r\n{html}--inner--\r\n\r\n--=_outer\r\n\
         Content-Type: application/octet-stream; name=\"referral.age\"\r\nContent-Transfer-Encoding: base64\r\n\
         Content-Disposition: attachment; filename=\"referral.age\"\r\n\r\n{}\r\n--=_outer--\r\n",
        STANDARD.encode(&age)
    );
    let looked = look(raw.as_bytes(), &keys);
    assert_eq!(looked.document.expect("it opens").as_slice(), [7; 100_000]);
    let shown = preview(raw.as_bytes());
    assert_eq!((shown.from.as_str(), shown.text.as_str()), ("jo@setting1.example", "See the énclosed file."));
    assert_eq!(shown.attachments, [("referral.age".to_owned(), age.len())]);
}

#[test]
fn the_text_of_a_mail_in_mark_up_only_is_shown_without_it() {
    let raw = b"From: jo@setting1.example\r\nContent-Type: text/html\r\n\r\n<style>a:b</style><p>Hello &amp; bye</p>";
    assert_eq!(preview(raw).text.trim(), "Hello & bye");
}

#[test]
fn two_sealed_files_are_told_apart_from_one() {
    let (keys, _) = KeySet::generate();
    let armour = String::from_utf8(seal_to_published(&keys.published().0, b"x", true).unwrap()).unwrap();
    let part = format!("--b\r\n\r\n{armour}\r\n");
    let mail = |parts: String| format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n{parts}--b--\r\n");
    assert_eq!(look(mail(part.repeat(2)).as_bytes(), &keys).document.err(), Some(MailFault::Several));
    assert!(look(mail(part).as_bytes(), &keys).document.is_ok());
}

/// RFC 5322 section 3.6: one `From`. Anything else could be read in two ways.
#[test]
fn a_sender_is_known_by_one_plain_mailbox_in_one_header() {
    for plain in [
        "From: jo@setting1.example",
        "From: JO@Setting1.example ",
        "from: <jo@setting1.example>",
        "From: \"Sample, Jo\" <jo@setting1.example>",
        "From: Jo\r\n Sample\r\n <jo@setting1.example>",
        "From: =?utf-8?q?J=C3=B3?= <jo@setting1.example>",
        "From: \"x@elsewhere.example\" <jo@setting1.example>",
    ] {
        assert_eq!(from(plain), "jo@setting1.example", "{plain}");
    }
    for other in [
        "From: x@elsewhere.example\r\nFrom: jo@setting1.example",
        "From: jo@setting1.example\r\nFrom: jo@setting1.example",
        "From: jo@setting1.example\r\nTo: a\r\nFROM : x@elsewhere.example",
        "From: undisclosed:jo@setting1.example;",
        "From: Team: Jo <jo@setting1.example>;",
        "From: jo@setting1.example, x@elsewhere.example",
        "From: x@elsewhere.example (<jo@setting1.example>",
        "From: jo@setting1.example (x@elsewhere.example)",
        "From: \"jo@setting1.example\" (Jo)",
        "From:",
        "Sender: jo@setting1.example",
    ] {
        assert_eq!(from(other), "", "{other}");
    }
}

#[test]
fn mails_within_mails_are_held_and_break_nothing() {
    for level in [
        "Content-Type: message/rfc822\r\n\r\n",
        "cOnTeNt-tYpE: MeSsAgE/rFc822\r\n\r\n",
        "Content-Type: message\r\n /rfc822\r\n\r\n",
        "Content-Type: message/global\n\n",
        "Con tent-Type: message/rfc822\r\n\r\n",
        "Content-Type:\r\n\tmessage/rfc822\r\n\r\n",
        "Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\n",
    ] {
        is_held(level, level.repeat(LEVELS).as_bytes());
        is_held(level, format!("From: jo@setting1.example\r\n{}", level.repeat(10)).as_bytes());
        let part =
            format!("Content-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n{}", level.repeat(LEVELS));
        is_held(level, part.as_bytes());
    }
}

/// However a type is written: what is not taken for a mail is not looked into either.
#[test]
fn no_way_of_writing_it_builds_an_inner_mail() {
    for level in [
        "Content-Type: message\r\n \r\n (a) /rfc822\r\n\r\n",
        "Content-Type: \"message\" / \"rfc822\"\r\n\r\n",
        "Content-Type: (a/b)message(c)/(d)rfc822\r\n\r\n",
        "Content-Type: message/plain(c)rfc822\r\n\r\n",
        "Content-Type: message/delivery-status\r\n\r\n",
    ] {
        let fault = looked(level.repeat(LEVELS).as_bytes()).1;
        assert!(matches!(fault, Some(MailFault::Broken | MailFault::NotSealed)), "{level}: {fault:?}");
        assert!(preview(level.repeat(LEVELS).as_bytes()).text.len() <= SHOWN);
    }
}

#[test]
fn an_encoded_mail_hides_nothing() {
    let inner = "Content-Type: message/rfc822\r\n\r\n".repeat(LEVELS);
    let inner = STANDARD.encode(inner);
    for encoding in ["base64", "=?utf-8?q?=62ase64?="] {
        let raw = format!(
            "From: jo@setting1.example\r\nContent-Transfer-Encoding: {encoding}\r\n\
             Content-Type: message/rfc822\r\n\r\n{inner}"
        );
        is_held(encoding, raw.as_bytes());
        assert_eq!(looked(raw.as_bytes()).0.from, "jo@setting1.example");
    }
}

#[test]
fn too_many_parts_are_held() {
    let head = "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n";
    for part in ["--b\n\n", "--b\r\n\r\n"] {
        is_held(part, format!("{head}{}", part.repeat(MOST_PARTS)).as_bytes());
        let fewer = format!("{head}{}", part.repeat(MOST_PARTS - 1));
        assert_eq!(looked(fewer.as_bytes()).1, Some(MailFault::NotSealed));
    }
}

#[test]
fn words_in_an_ordinary_mail_hold_nothing() {
    for text in [
        "This message is from Global Nurseries (North)/South.",
        "  <a href=\"https://global.example/digest\">Our weekly digest</a>",
        "Content-Type: message/rfc822",
        "-- \r\nJo Sample",
    ] {
        let raw = format!("From: jo@setting1.example\r\n\r\n{text}");
        assert_eq!(looked(raw.as_bytes()).1, Some(MailFault::NotSealed), "{text}");
        assert_eq!(preview(raw.as_bytes()).text, text);
    }
}
