//! Mails over loopback: what is kept, what is answered, and that the two agree.

use std::time::Duration;

use super::support::{Faults, MAIL, Memory, RCPT, Served, config};
use crate::smtp::Refusal;

const BODY: &str = "Subject: sealed\r\n\r\nage-encryption\r\n";

#[tokio::test]
async fn a_mail_is_kept_as_it_was_sent_behind_our_header() {
    let served = Served::start(config()).await;
    let mut client = served.greeted().await;
    client.begin_mail().await;
    client.ask("A: b\r\n\r\n..dot\r\nbare\nlf\r\n.\r\n", "250 2.0.0 Kept as Q1").await;
    client.ask("QUIT\r\n", "221 2.0.0").await;
    client.expect_end().await;
    assert_eq!(served.bodies(), ["A: b\r\n\r\n.dot\r\nbare\nlf\r\n"]);
    let kept = served.memory.kept.lock().unwrap();
    let header = String::from_utf8_lossy(&kept[0].1);
    let expected = "Received: from mail.setting.example ([127.0.0.1])\r\n\tby relay.example with ESMTP;\r\n\
                    \tSat, 21 Nov 2026 09:05:00 +0000\r\nA: b\r\n";
    assert!(header.starts_with(expected), "{header}");
    assert_eq!(kept[0].0.recipients, ["referrals@relay.example"]);
}

#[tokio::test]
async fn an_empty_message_is_a_message() {
    let served = Served::start(config()).await;
    let mut client = served.greeted().await;
    client.begin_mail().await;
    client.ask(".\r\n", "250 2.0.0").await;
    assert_eq!(served.bodies(), [""]);
}

#[tokio::test]
async fn a_pipelining_client_gets_every_answer_in_order() {
    let served = Served::start(config()).await;
    let mut client = served.greeted().await;
    client.send(format!("{MAIL}RCPT TO:<x@relay.example>\r\n{RCPT}DATA\r\n")).await;
    for answer in ["250 2.1.0", "550 5.1.1", "250 2.1.5", "354"] {
        client.expect(answer).await;
    }
    client.send(format!("{BODY}.\r\n{MAIL}{RCPT}DATA\r\n")).await;
    for answer in ["250 2.0.0", "250 2.1.0", "250 2.1.5", "354"] {
        client.expect(answer).await;
    }
    client.send("second\r\n.\r\nQUIT\r\n").await;
    client.expect("250 2.0.0 Kept as Q2").await;
    client.expect("221").await;
    assert_eq!(served.bodies(), [BODY, "second\r\n"]);
}

#[tokio::test]
async fn a_mail_sent_byte_by_byte_is_the_same_mail() {
    let served = Served::start(config()).await;
    let mut client = served.greeted().await;
    for byte in format!("{MAIL}{RCPT}DATA\r\n{BODY}.\r\n").as_bytes() {
        client.send([*byte]).await;
    }
    for answer in ["250", "250", "354", "250 2.0.0 Kept"] {
        client.expect(answer).await;
    }
    assert_eq!(served.bodies(), [BODY]);
}

#[tokio::test]
async fn no_false_end_smuggles_a_second_mail() {
    let served = Served::start(config()).await;
    for (n, end) in ["\n.\n", "\n.\r\n", "\r.\r", "\r.\r\n", "\r\n.\n", "\r\n.\r\r\n", "\n\r.\r\n"]
        .into_iter()
        .enumerate()
    {
        let mut client = served.greeted().await;
        client.begin_mail().await;
        client.send(format!("first{end}{MAIL}{RCPT}DATA\r\nsecond\r\n.\r\nQUIT\r\n")).await;
        client.expect("250 2.0.0").await;
        client.expect("221").await;
        let bodies = served.bodies();
        assert_eq!(bodies.len(), n + 1, "{end:?}");
        assert!(bodies[n].contains("second"), "{end:?}");
    }
}

#[tokio::test]
async fn a_connection_cut_in_mid_message_leaves_nothing() {
    let served = Served::start(config()).await;
    let mut client = served.greeted().await;
    client.begin_mail().await;
    client.send("half a referral\r\n.\r").await;
    served.receiving(1).await;
    drop(client);
    served.quiet().await;
    assert!(served.bodies().is_empty());
}

#[tokio::test]
async fn every_refusal_of_the_intake_reaches_the_client() {
    let served = Served::start(config()).await;
    let mut client = served.greeted().await;
    for (refusal, answer) in [
        (Refusal::Busy, "451 4.3.0"),
        (Refusal::DiskFull, "452 4.3.1"),
        (Refusal::PeerLimit, "452 4.7.0"),
        (Refusal::TooLarge, "552 5.3.4"),
        (Refusal::Unknown, "451 4.3.0"),
    ] {
        served.set(Faults { begin: Some(refusal), ..Faults::default() });
        client.send(format!("{MAIL}{RCPT}")).await;
        client.expect("250").await;
        client.expect("250").await;
        client.ask("DATA\r\n", answer).await;

        served.set(Faults { write_after: Some((300, refusal)), ..Faults::default() });
        client.begin_mail().await;
        client.ask(&format!("{}\r\n.\r\n", "x".repeat(100_000)), answer).await;

        served.set(Faults { commit: Some(refusal), ..Faults::default() });
        client.begin_mail().await;
        client.ask(&format!("{BODY}.\r\n"), answer).await;
    }
    assert!(served.bodies().is_empty());
    served.set(Faults::default());
    client.begin_mail().await;
    client.ask(&format!("{BODY}.\r\n"), "250 2.0.0").await;
    served.quiet().await;
}

#[tokio::test]
async fn content_behind_a_refused_data_is_not_obeyed() {
    let served = Served::start(config()).await;
    served.set(Faults { begin: Some(Refusal::Busy), ..Faults::default() });
    let mut client = served.greeted().await;
    client.send(format!("{MAIL}{RCPT}DATA\r\nNOOP\r\nRSET\r\n.\r\n")).await;
    for answer in ["250", "250", "451 4.3.0"] {
        client.expect(answer).await;
    }
    client.expect_end().await;
}

#[tokio::test]
async fn nothing_is_acknowledged_before_the_commit() {
    let memory = Memory { gate: Some(tokio::sync::Semaphore::new(0)), ..Memory::default() };
    let served = Served::with(config(), memory).await;
    let mut client = served.greeted().await;
    client.begin_mail().await;
    client.send(format!("{BODY}.\r\n")).await;
    let early = tokio::time::timeout(Duration::from_millis(150), client.reply()).await;
    assert!(early.is_err(), "answered before the commit: {early:?}");
    served.memory.gate.as_ref().unwrap().add_permits(1);
    client.expect("250 2.0.0").await;
}

#[tokio::test]
async fn a_panic_costs_one_connection() {
    let served = Served::start(config()).await;
    served.set(Faults { panic: true, ..Faults::default() });
    let mut client = served.greeted().await;
    client.begin_mail().await;
    client.send(format!("{BODY}.\r\n")).await;
    client.expect_end().await;
    served.set(Faults::default());
    let mut client = served.greeted().await;
    client.begin_mail().await;
    client.ask(&format!("{BODY}.\r\n"), "250 2.0.0").await;
    assert_eq!(served.bodies(), [BODY]);
}

#[tokio::test]
async fn a_message_too_large_is_read_out_and_refused() {
    let mut config = config();
    (config.limits.message_bytes, config.limits.drain_bytes) = (100_000, 500_000);
    let served = Served::start(config).await;
    let mut client = served.greeted().await;
    client.begin_mail().await;
    client.ask(&format!("{}\r\n.\r\n", "x".repeat(99_998)), "250 2.0.0").await;
    client.begin_mail().await;
    client.ask(&format!("{}\r\n.\r\n", "x".repeat(99_999)), "552 5.3.4").await;
    client.ask("MAIL FROM:<a@b.example> SIZE=100001\r\n", "552 5.3.4").await;
    client.begin_mail().await;
    client.send("x".repeat(620_000)).await;
    client.expect("552 5.3.4").await;
    client.expect_end().await;
    assert_eq!(served.bodies().len(), 1);
    served.quiet().await;
}

#[tokio::test]
async fn thirty_five_mebibytes_in_one_line_pass_and_one_byte_more_does_not() {
    let served = Served::start(config()).await;
    let mut client = served.greeted().await;
    let line = "x".repeat(35 * 1024 * 1024 - 2);
    client.begin_mail().await;
    client.ask(&format!("{line}\r\n.\r\n"), "250 2.0.0").await;
    client.begin_mail().await;
    client.ask(&format!("{line}x\r\n.\r\n"), "552 5.3.4").await;
    assert_eq!(served.bodies()[0].len(), 36_700_160);
}

/// One peer does not fill the disk alone: refused for now, before the 354 where it can be known.
#[tokio::test]
async fn a_peer_that_brought_enough_this_hour_is_told_to_come_again() {
    let mut config = config();
    let clock = config.clock.clone();
    let limits = &mut config.limits;
    (limits.local_counted, limits.mails_an_hour, limits.bytes_an_hour) = (true, 3, 150_000);
    let served = Served::start(config).await;
    let mut client = served.greeted().await;
    for _ in 0..2 {
        client.begin_mail().await;
        client.ask(&format!("{BODY}.\r\n"), "250 2.0.0").await;
    }
    client.begin_mail().await;
    client.ask(&format!("{}\r\n.\r\n", "x".repeat(200_000)), "452 4.7.0").await;
    served.quiet().await;
    assert_eq!(served.bodies(), [BODY, BODY], "what is over is not kept");

    let mut other = served.greeted().await;
    for text in [MAIL, RCPT] {
        other.ask(text, "250").await;
    }
    other.ask("DATA\r\n", "452 4.7.0").await;
    clock.advance(crate::domain::time::HOUR);
    other.ask(MAIL, "250").await;
    other.ask(RCPT, "250").await;
    other.ask("DATA\r\n", "354").await;
    other.ask(&format!("{BODY}.\r\n"), "250 2.0.0").await;
}

/// Where a test's log goes.
#[derive(Clone, Default)]
struct Log(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_log_knows_verbs_codes_and_sizes_and_no_one() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let served = Served::start(config()).await;
    let mut client = served.connect().await;
    client.expect("220").await;
    client.ask("EHLO marker-name.example\r\n", "250").await;
    client.ask("MAIL FROM:<marker-sender@marker-domain.example>\r\n", "250").await;
    client.ask("RCPT TO:<marker-guess@relay.example>\r\n", "550").await;
    client.ask(RCPT, "250").await;
    client.ask("MARKER-VERB marker\r\n", "500").await;
    client.ask("DATA\r\n", "354").await;
    client.ask("marker-content\r\n.\r\n", "250 2.0.0").await;
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap().to_lowercase();
    assert!(text.contains("verb=\"rcpt\" code=550") && text.contains("bytes=16 code=250"), "{text}");
    for secret in ["marker", "referrals", "127.0.0.1"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}
