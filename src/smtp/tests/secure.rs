//! STARTTLS over loopback, with a certificate made for the test.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};

use super::support::{Client, MAIL, RCPT, Served, config};

/// A server's TLS, and the certificate to trust for it.
pub fn server_tls() -> (Arc<ServerConfig>, CertificateDer<'static>) {
    let made = rcgen::generate_simple_self_signed(vec!["relay.example".into()]).unwrap();
    let certificate = made.cert.der().clone();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let server = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .unwrap();
    (Arc::new(server), certificate)
}

async fn secure_door() -> (Served, CertificateDer<'static>) {
    let (tls, certificate) = server_tls();
    let mut config = config();
    config.tls = Some(tls);
    config.limits.handshake_time = Duration::from_millis(300);
    (Served::start(config).await, certificate)
}

async fn handshake(
    client: Client<TcpStream>,
    trusted: CertificateDer<'static>,
) -> Client<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted).unwrap();
    let tls = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("relay.example").unwrap();
    let stream = TlsConnector::from(Arc::new(tls)).connect(name, client.stream).await.unwrap();
    Client::over(stream)
}

#[tokio::test]
async fn a_mail_through_starttls() {
    let (served, certificate) = secure_door().await;
    let mut client = served.greeted().await;
    client.ask("STARTTLS\r\n", "220 2.0.0").await;
    let mut client = handshake(client, certificate).await;
    client.ask(MAIL, "503 5.5.1").await;
    let offered = client.ask("EHLO mail.setting.example\r\n", "250").await;
    assert!(!offered.contains("STARTTLS"), "{offered}");
    client.begin_mail().await;
    client.ask(&format!("{}\r\n.\r\n", "x".repeat(200_000)), "250 2.0.0").await;
    client.ask("QUIT\r\n", "221").await;
    client.expect_end().await;
    let kept = served.memory.kept.lock().unwrap();
    assert_eq!(kept[0].0.tls.as_ref().unwrap().version, "TLSv1.3");
    let header = String::from_utf8_lossy(&kept[0].1[..200]).into_owned();
    assert!(header.contains(" with ESMTPS (TLSv1.3) tls TLS_"), "{header}");
}

#[tokio::test]
async fn plaintext_slipped_in_behind_starttls_is_dropped() {
    let (served, certificate) = secure_door().await;
    let mut client = served.greeted().await;
    client.send(format!("STARTTLS\r\nEHLO evil.example\r\nMAIL FROM:<evil@evil.example>\r\n{RCPT}")).await;
    client.expect("220 2.0.0").await;
    let mut client = handshake(client, certificate).await;
    // Had the slipped-in lines been kept, their answers would come first, and MAIL would be in place.
    client.ask("NOOP\r\n", "250 2.0.0 Ok").await;
    client.ask(RCPT, "503 5.5.1").await;
    client.ask(MAIL, "503 5.5.1 Say HELO or EHLO first").await;
}

#[tokio::test]
async fn a_client_that_never_shakes_hands_is_not_waited_for() {
    let (served, _) = secure_door().await;
    let mut client = served.greeted().await;
    client.ask("STARTTLS\r\n", "220").await;
    let mut left = Vec::new();
    let end = tokio::time::timeout(Duration::from_secs(10), client.stream.read_to_end(&mut left)).await;
    end.expect("the server hangs up").ok();
    assert!(left.is_empty());
}

#[tokio::test]
async fn there_is_no_way_back_to_clear_text() {
    let (served, _) = secure_door().await;
    let mut client = served.greeted().await;
    client.ask("STARTTLS\r\n", "220").await;
    client.send(format!("EHLO a\r\n{MAIL}{RCPT}DATA\r\nin clear\r\n.\r\n")).await;
    let mut left = Vec::new();
    client.stream.read_to_end(&mut left).await.ok();
    assert!(!left.starts_with(b"250"), "{left:?}");
    served.quiet().await;
    assert!(served.bodies().is_empty());
}

#[tokio::test]
async fn a_stop_ends_an_idle_session_through_tls_too() {
    let (served, certificate) = secure_door().await;
    let mut client = served.greeted().await;
    client.ask("STARTTLS\r\n", "220").await;
    let mut client = handshake(client, certificate).await;
    client.ask("EHLO a\r\n", "250").await;
    served.stop.send(true).unwrap();
    client.expect("421 4.3.2").await;
}
