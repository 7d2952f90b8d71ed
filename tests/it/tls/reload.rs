//! Certificate files that are replaced while `dutyline serve` runs.

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use super::support::{Machine, Made, ask, free_port, handshake, handshake_on, shown, wait_for};

const HEALTH: &str = "GET /healthz HTTP/1.1\r\nHost: relay.example\r\n\r\n";

/// A machine with a pair in files, and the port that only redirects.
fn machine() -> (Machine, u16) {
    let clear = free_port();
    let tables = "[web.tls]\ncertificate = 'web.pem'\nkey = 'web.key'";
    (Machine::new(&format!("redirect_http = '127.0.0.1:{clear}'\n{tables}")), clear)
}

/// The certificate that a new connection is shown.
async fn new_connection(machine: &Machine, roots: &[&str]) -> Vec<u8> {
    shown(&handshake(machine.web, "relay.example", roots, &[]).await.expect("a handshake"))
}

#[tokio::test(flavor = "multi_thread")]
async fn new_files_are_taken_up_by_a_signal_and_broken_ones_are_not() {
    let (machine, _) = machine();
    let (first, second) = (Made::new("relay.example"), Made::new("relay.example"));
    let roots = [first.certificate.as_str(), second.certificate.as_str()];
    machine.put(&first);
    let served = machine.serve().await;
    let mut open = handshake(machine.web, "relay.example", &roots, &["h2", "http/1.1"]).await.expect("TLS");
    assert_eq!(open.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
    assert_eq!(shown(&open), first.der());
    assert!(ask(&mut open, HEALTH).await.0.starts_with("http/1.1 200"), "{}", machine.log());

    machine.put(&second);
    served.signal("HUP");
    wait_for("the second certificate", async || {
        (new_connection(&machine, &roots).await == second.der()).then_some(())
    })
    .await;
    assert!(ask(&mut open, HEALTH).await.0.starts_with("http/1.1 200"), "an open connection goes on");

    for (name, text, words) in [
        ("web.pem", first.certificate.as_str(), "does not belong to the certificate"),
        ("web.pem", "-----BEGIN CERTIFICATE-----\nnonsense", "holds no certificate"),
        ("web.key", "", "holds no"),
    ] {
        machine.write(name, text);
        served.signal("HUP");
        wait_for(words, async || machine.log().contains(words).then_some(())).await;
        assert_eq!(new_connection(&machine, &roots).await, second.der(), "{words}");
    }
    assert!(ask(&mut open, HEALTH).await.0.starts_with("http/1.1 200"), "still the first connection");
    let log = machine.log();
    assert!(log.contains("the one before stays in use") && !log.contains(&second.key[30..60]), "{log}");
    machine.put(&first);
    served.signal("HUP");
    wait_for("the mended pair", async || {
        (new_connection(&machine, &roots).await == first.der()).then_some(())
    })
    .await;
    drop(open);
    served.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn over_tls_the_answers_are_strict_and_the_door_in_clear_only_leads_there() {
    let (machine, clear) = machine();
    let made = Made::new("relay.example");
    machine.put(&made);
    let served = machine.serve().await;
    let mut stream = handshake(machine.web, "relay.example", &[&made.certificate], &[]).await.expect("TLS");
    let (head, _) = ask(&mut stream, HEALTH).await;
    assert!(
        head.contains("\r\nstrict-transport-security: max-age=63072000; includesubdomains\r\n"),
        "{head}"
    );
    assert!(!head.contains("\r\nserver:"), "{head}");

    let mut plain = TcpStream::connect(("127.0.0.1", clear)).await.expect("listens");
    let asked = "GET /inbox?page=2 HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\n\r\n";
    let (head, body) = ask(&mut plain, asked).await;
    assert!(head.starts_with("http/1.1 308") && body.is_empty(), "{head}");
    assert!(head.contains("\r\nlocation: https://relay.example/inbox?page=2\r\n"), "{head}");
    assert!(!head.contains("strict-transport-security") && !head.contains("evil"), "{head}");
    for needed in ["content-security-policy: default-src 'none'", "nosniff", "cache-control: no-store"] {
        assert!(head.contains(needed), "{needed}: {head}");
    }
    let form = "POST /sign-in HTTP/1.1\r\nHost: relay.example\r\nContent-Length: 0\r\n\r\n";
    let (head, _) = ask(&mut plain, form).await;
    assert!(head.starts_with("http/1.1 405") && !head.contains("\r\nlocation"), "{head}");
    let mut wrong = TcpStream::connect(("127.0.0.1", machine.web)).await.expect("listens");
    assert!(!ask(&mut wrong, HEALTH).await.0.contains("200"), "clear text is no handshake");
    served.stop();
}

/// STARTTLS, and the certificate that it shows.
async fn by_mail(port: u16, roots: &[&str]) -> Vec<u8> {
    let mut stream = BufReader::new(TcpStream::connect(("127.0.0.1", port)).await.expect("connects"));
    for said in ["", "EHLO client.example\r\n", "STARTTLS\r\n"] {
        stream.write_all(said.as_bytes()).await.expect("is sent");
        let mut line = String::new();
        while line.as_bytes().get(3) != Some(&b' ') {
            line.clear();
            assert_ne!(stream.read_line(&mut line).await.expect("is answered"), 0);
        }
        assert!(line.starts_with('2'), "{line}");
    }
    shown(&handshake_on(stream.into_inner(), "relay.example", roots, &[]).await.expect("a handshake"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mail_doors_certificate_is_taken_up_as_well() {
    let port = free_port();
    let machine = Machine::new(&format!(
        "proxies = ['127.0.0.5']\n[smtp]\nlisten = '127.0.0.1:{port}'\nhostname = 'relay.example'\n\
         addresses = ['referrals@dutyline.example']\n[smtp.tls]\ncertificate = 'web.pem'\nkey = 'web.key'"
    ));
    let (first, second) = (Made::new("relay.example"), Made::new("relay.example"));
    let roots = [first.certificate.as_str(), second.certificate.as_str()];
    machine.put(&first);
    let served = machine.serve().await;
    assert_eq!(by_mail(port, &roots).await, first.der());
    machine.put(&second);
    served.signal("HUP");
    wait_for("the second certificate", async || (by_mail(port, &roots).await == second.der()).then_some(()))
        .await;
    served.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_proxy_there_is_nothing_to_reload_and_a_hangup_ends_nothing() {
    let machine = Machine::new("proxies = ['127.0.0.1']");
    let served = machine.serve().await;
    served.signal("HUP");
    wait_for("the hangup", async || machine.log().contains("asked to look").then_some(())).await;
    let mut stream = TcpStream::connect(("127.0.0.1", machine.web)).await.expect("listens");
    let (head, _) = ask(&mut stream, HEALTH).await;
    assert!(head.starts_with("http/1.1 200") && head.contains("\r\nstrict-transport-security: "), "{head}");
    served.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_reads_the_certificate_and_a_pair_that_is_none_does_not_start() {
    let (machine, _) = machine();
    machine.put(&Made::new("other.example"));
    let said = machine.doctor();
    assert!(said.contains("- web.tls.certificate: it is not for relay.example"), "{said}");
    machine.write("web.key", &Made::new("relay.example").key);
    let said = machine.doctor();
    assert!(said.contains("- web.tls: the key in ") && said.contains("does not belong"), "{said}");
    machine.put(&Made::new("relay.example"));
    assert!(!machine.doctor().contains("web.tls"));
}
