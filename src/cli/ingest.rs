//! `dutyline ingest`: one mail (RFC 5322) from a file or stdin, by the same path as SMTP.
//!
//! It is kept before it is judged; whatever the verdict, the exit code is 0 once it is kept, so that a
//! mail server that pipes into this command never sends it again or back. A crash before that leaves
//! nothing, and the mail server still has the mail. A crash after it leaves a received mail, which a
//! running relay judges.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::Args;
use serde_json::{Value, json};

use super::place::Place;
use super::{Ended, Terminal};
use crate::domain::ids::MailId;
use crate::pipeline::receive::Receiving;
use crate::pipeline::{Finding, judge};
use crate::relay::Relay;
use crate::store::mails::Mail;
use crate::store::{mails, referrals};

/// Largest mail taken in, bytes (36 MB: 35 MB and what its headers need).
const LARGEST: u64 = 36 * 1000 * 1000;
/// Bytes read at once.
const PIECE: usize = 64 * 1024;
/// How often, and how long apart, another judge's finding is waited for.
const WAITS: (u32, Duration) = (50, Duration::from_millis(200));

/// Which mail.
#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    place: Place,
    /// The mail; - for stdin.
    #[arg(default_value = "-")]
    file: PathBuf,
    /// The envelope's sender; empty means that no answer is sent [default: Return-Path, else From].
    #[arg(long, value_name = "ADDRESS")]
    from: Option<String>,
}

/// Receives and judges; prints what became of it as one JSON line.
pub(super) async fn run(options: &Options, terminal: &mut Terminal<'_>) -> anyhow::Result<Ended> {
    let relay = options.place.find()?.relay().await?;
    let mail = if options.file == Path::new("-") {
        receive(&relay, &mut *terminal.input, options.from.as_deref()).await?
    } else {
        let file = File::open(&options.file).with_context(|| options.file.display().to_string())?;
        receive(&relay, &mut BufReader::new(file), options.from.as_deref()).await?
    };
    let verdict = match judge(&relay, mail).await? {
        Finding::NotMine => by_another(&relay, mail).await?,
        Finding::Repeated(reference) => again(&relay, mail, &reference).await?,
        finding => told(mail, finding),
    };
    relay.store.close().await;
    writeln!(terminal.out, "{verdict}")?;
    Ok(Ended::Done)
}

/// Stores it as it is read, so that memory does not grow with it.
async fn receive(relay: &Arc<Relay>, input: &mut dyn BufRead, from: Option<&str>) -> anyhow::Result<MailId> {
    let mut head = Vec::new();
    input.take(PIECE as u64).read_to_end(&mut head)?;
    let from = from.map_or_else(|| envelope_sender(&head), str::to_owned);
    let mut receiving = Receiving::begin(relay.clone(), &from, "");
    let (mut piece, mut size) = (head, 0_u64);
    while !piece.is_empty() {
        size += piece.len() as u64;
        if size > LARGEST {
            bail!(
                "the mail is larger than {} MB: send it with fewer or smaller attachments",
                LARGEST / 1_000_000
            );
        }
        receiving.write(&piece).await?;
        piece.clear();
        input.take(PIECE as u64).read_to_end(&mut piece)?;
    }
    if size == 0 {
        bail!("there is no mail: nothing was read");
    }
    Ok(receiving.commit().await?)
}

/// `Return-Path` as a mail server wrote it on delivery (RFC 5321 section 4.4), else `From`.
fn envelope_sender(head: &[u8]) -> String {
    let text = String::from_utf8_lossy(head);
    let headers = || text.lines().take_while(|line| !line.is_empty());
    let value = |name: &str| {
        let mut lines = headers().filter_map(|line| line.split_once(':'));
        lines
            .find(|(found, _)| found.trim().eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim().to_owned())
    };
    let path = value("Return-Path").or_else(|| value("From")).unwrap_or_default();
    match path.rsplit_once('<') {
        Some((_, rest)) => rest.split('>').next().unwrap_or_default().trim().to_owned(),
        None => path,
    }
}

fn told(mail: MailId, finding: Finding) -> Value {
    match finding {
        Finding::Placed(placed) => {
            let clear = placed.verdict.in_clear();
            let reasons: Vec<&str> = clear.iter().map(|reason| &*reason.code).collect();
            let (state, code) = (placed.state.code(), placed.verdict.code());
            line(mail, "placed", &placed.reference, state, code, &reasons)
        }
        Finding::Repeated(reference) => line(mail, "repeated", &reference, "", "repeated", &[]),
        Finding::Held(code) => line(mail, "held", "", "", &code, &[&code]),
        Finding::NotMine => line(mail, "received", "", "", "", &[]),
    }
}

/// The one line: its members are stable.
fn line(mail: MailId, outcome: &str, reference: &str, state: &str, code: &str, reasons: &[&str]) -> Value {
    let mail = mail.to_string();
    json!({
        "mail": mail, "outcome": outcome, "reference": reference, "state": state, "code": code, "reasons": reasons
    })
}

/// Sent before: where its referral stands now.
async fn again(relay: &Relay, mail: MailId, reference: &str) -> anyhow::Result<Value> {
    let first = referrals::by_reference(&mut relay.store.read().await?, reference).await?;
    let state = first.map_or("", |referral| referral.state.code());
    Ok(line(mail, "repeated", reference, state, "repeated", &[]))
}

/// A relay that is running was faster: what it found is in the mail's row.
async fn by_another(relay: &Relay, id: MailId) -> anyhow::Result<Value> {
    for _ in 0..WAITS.0 {
        let row = mails::find(&mut relay.store.read().await?, id).await?.context("the mail is not there")?;
        if row.state != "received" {
            return from_row(relay, row).await;
        }
        tokio::time::sleep(WAITS.1).await;
    }
    Ok(told(id, Finding::NotMine))
}

async fn from_row(relay: &Relay, row: Mail) -> anyhow::Result<Value> {
    let mut read = relay.store.read().await?;
    let referral = match row.referral.parse() {
        Ok(id) => referrals::find(&mut read, id).await?,
        Err(_) => None,
    };
    let Some(referral) = referral else { return Ok(told(row.id, Finding::Held(row.code))) };
    let outcome = if row.code == "repeated" { "repeated" } else { "placed" };
    Ok(line(row.id, outcome, &referral.reference, referral.state.code(), &row.code, &[]))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::envelope_sender;
    use crate::cli::testing::Small;

    #[test]
    fn the_envelope_is_read_off_what_the_mail_server_wrote() {
        let cases = [
            ("Return-Path: <a@meadow.example>\r\nFrom: b@x.example\r\n\r\nbody", "a@meadow.example"),
            ("return-path: <>\r\nFrom: b@x.example\r\n\r\n", ""),
            ("From: Mo Example <mo@meadow.example>\n\nReturn-Path: <z@x.example>\n", "mo@meadow.example"),
            ("From: mo@meadow.example\n\n", "mo@meadow.example"),
            ("\n", ""),
        ];
        for (mail, sender) in cases {
            assert_eq!(envelope_sender(mail.as_bytes()), sender, "{mail}");
        }
    }

    #[test]
    fn a_mail_without_a_referral_is_kept_held_and_told_in_one_line() {
        let small = Small::new();
        let (well, out, err) = small.said(&["ingest"], "From: mo@meadow.example\r\n\r\nHello\r\n");
        assert!(well, "{err}");
        let told: Value = serde_json::from_str(&out).unwrap();
        assert_eq!((told["outcome"].as_str(), told["code"].as_str()), (Some("held"), Some("not-sealed")));
        assert_eq!(told["reasons"], serde_json::json!(["not-sealed"]));
        assert_eq!(out.lines().count(), 1);
        let (well, _, err) = small.said(&["ingest"], "");
        assert!(!well && err.contains("nothing was read"), "{err}");
        small.trail_fits();
    }
}
