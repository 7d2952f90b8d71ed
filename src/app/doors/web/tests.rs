use axum::Router;
use axum::routing::get;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::task::JoinHandle;

use super::*;

/// Longer than anything here takes, in case something never happens.
const PATIENCE: Duration = Duration::from_secs(20);

fn limits() -> Limits {
    Limits { connections: 5, header_time: Duration::from_millis(400), ..Limits::default() }
}

struct Door {
    address: std::net::SocketAddr,
    stop: signal::Sender<bool>,
    task: JoinHandle<()>,
}

impl Door {
    async fn open(limits: Limits, tls: Option<TlsAcceptor>) -> Self {
        let slowly = || async {
            sleep(Duration::from_millis(600)).await;
            "slowly"
        };
        let router = Router::new().route("/healthz", get(|| async { "well" })).route("/slowly", get(slowly));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = signal::channel(false);
        let service = TowerToHyperService::new(router);
        let front = Arc::new(Front { tls, ..Front::default() });
        let task = tokio::spawn(serve(listener, front, service, stopped, limits));
        Self { address, stop, task }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// What comes back until the door closes the connection.
    async fn ask(&self, text: &str) -> String {
        let mut stream = self.connect().await;
        stream.write_all(text.as_bytes()).await.unwrap();
        rest(&mut stream).await
    }

    async fn health(&self) -> String {
        self.ask("GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await
    }
}

async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    // A reset is an end as well: the door closed with something of ours unread.
    let _ = timeout(PATIENCE, stream.read_to_end(&mut bytes)).await.expect("the door closes it");
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn silent_connections_past_the_places_are_closed_and_the_door_answers_again() {
    let door = Door::open(limits(), None).await;
    let mut silent = Vec::new();
    for _ in 0..5 {
        silent.push(door.connect().await);
    }
    sleep(Duration::from_millis(100)).await;
    assert_eq!(door.health().await, "", "no place: closed at once");
    for stream in &mut silent {
        assert!(!rest(stream).await.contains("200"), "a silent connection is closed in time");
    }
    let well = door.health().await;
    assert!(well.starts_with("HTTP/1.1 200") && well.ends_with("well"), "{well}");
}

#[tokio::test]
async fn half_a_header_is_cut_off() {
    let door = Door::open(limits(), None).await;
    let mut dripping = door.connect().await;
    let began = tokio::time::Instant::now();
    dripping.write_all(b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-Slow: ").await.unwrap();
    for _ in 0..100 {
        sleep(Duration::from_millis(50)).await;
        if dripping.write_all(b"x").await.is_err() {
            break;
        }
    }
    assert!(began.elapsed() < Duration::from_secs(4), "cut although it never stopped sending");
}

#[tokio::test]
async fn a_slow_handler_is_waited_for_and_idle_connections_are_not() {
    let door = Door::open(limits(), None).await;
    let answer = door.ask("GET /slowly HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert!(answer.ends_with("slowly"), "the header's time is over, the answer's is not: {answer}");
}

#[tokio::test]
async fn silent_handshakes_are_closed_and_hold_up_nobody_for_long() {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = builder.unwrap().with_no_client_auth().with_single_cert(vec![made.cert.der().clone()], key);
    let acceptor = TlsAcceptor::from(Arc::new(config.unwrap()));
    let limits = Limits { handshake_time: Duration::from_millis(300), ..limits() };
    let door = Door::open(limits, Some(acceptor)).await;
    for _ in 0..2 {
        let mut silent = Vec::new();
        for _ in 0..5 {
            silent.push(door.connect().await);
        }
        for stream in &mut silent {
            assert_eq!(rest(stream).await, "");
        }
    }
    let told = door.health().await;
    assert!(!told.contains("200"), "clear text is no handshake: {told}");
}

#[tokio::test]
async fn a_stop_lets_what_was_begun_finish_and_takes_nothing_new() {
    let door = Door::open(limits(), None).await;
    let mut idle = door.connect().await;
    let mut busy = door.connect().await;
    busy.write_all(b"GET /slowly HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    sleep(Duration::from_millis(150)).await;
    door.stop.send(true).unwrap();
    let answer = rest(&mut busy).await;
    assert!(answer.ends_with("slowly"), "{answer}");
    assert_eq!(rest(&mut idle).await, "");
    timeout(PATIENCE, door.task).await.expect("it ends").unwrap();
    assert!(TcpStream::connect(door.address).await.is_err());
}

/// Whether each peer in turn gets a place where each but a proxy may have one.
fn taken(front: &Front, peers: &[&str]) -> Vec<bool> {
    let slots = Slots::new(9, 1);
    let taken: Vec<Option<Slot>> =
        peers.iter().map(|peer| place(&slots, front, peer.parse().unwrap())).collect();
    taken.iter().map(Option::is_some).collect()
}

#[test]
fn a_proxy_has_no_share_of_its_own() {
    let peers = ["127.0.0.1", "127.0.0.1", "::1", "192.0.2.1", "192.0.2.1", "2001:db8::1", "2001:db8::2"];
    assert_eq!(taken(&Front::default(), &peers), [true, true, true, true, false, true, false]);
    let front = Front { proxies: vec!["192.0.2.1".parse().unwrap()], ..Front::default() };
    assert_eq!(taken(&front, &["192.0.2.1", "192.0.2.1", "192.0.2.1"]), [true, true, true]);
}

#[test]
fn past_the_proxy_that_ends_tls_nobody_is_heard_in_clear() {
    let front = Front { proxies: vec!["192.0.2.1".parse().unwrap()], ..Front::default() };
    assert_eq!(
        taken(&front, &["192.0.2.1", "192.0.2.2", "2001:db8::1", "127.0.0.1"]),
        [true, false, false, true]
    );
}
