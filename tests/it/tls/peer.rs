//! Whose request it is, over real sockets: 127.0.0.5 plays the proxy that was named, 127.0.0.6 one that
//! was not.

use axum::Router;
use axum::http::HeaderMap;
use axum::routing::get;
use dutyline::app::doors::{self, Front};
use dutyline::web::peer::Peer;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::watch;

use super::support::ask;

/// A door whose one page says whom it takes the asker for and which headers came through.
async fn door() -> (std::net::SocketAddr, watch::Sender<bool>) {
    let page = |Peer(peer): Peer, headers: HeaderMap| async move {
        let names: Vec<&str> = headers.keys().map(|name| name.as_str()).collect();
        format!("{peer} {}", names.join(" "))
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("bound");
    let front = Front { tls: None, proxies: vec!["127.0.0.5".parse().expect("an address")] };
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(doors::web(listener, front, Router::new().route("/who", get(page)), stopped));
    (address, stop)
}

async fn who(door: std::net::SocketAddr, from: &str, headers: &str) -> String {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind(format!("{from}:0").parse().expect("an address")).expect("binds");
    let mut stream = socket.connect(door).await.expect("connects");
    let request = format!("GET /who HTTP/1.1\r\nHost: a\r\n{headers}\r\n");
    ask(&mut stream, &request).await.1
}

#[tokio::test]
async fn forwarding_headers_are_read_from_a_named_proxy_alone_and_go_no_further() {
    let (door, _stop) = door().await;
    let all = "X-Forwarded-For: 198.51.100.7\r\nX-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: http\r\n\
               Forwarded: for=198.51.100.8;host=evil.example\r\nX-Real-IP: 198.51.100.9\r\n";
    assert_eq!(who(door, "127.0.0.1", all).await, "127.0.0.1 host");
    assert_eq!(who(door, "127.0.0.6", all).await, "127.0.0.6 host");
    assert_eq!(who(door, "127.0.0.5", all).await, "198.51.100.7 host");
    let spoofed = "X-Forwarded-For: 10.0.0.1\r\nX-Forwarded-For: 198.51.100.7, 127.0.0.5\r\n";
    assert_eq!(who(door, "127.0.0.5", spoofed).await, "198.51.100.7 host");
    assert_eq!(who(door, "127.0.0.5", "X-Forwarded-For: nobody\r\n").await, "127.0.0.5 host");
    let only_others = "Forwarded: for=198.51.100.8\r\nX-Real-IP: 198.51.100.9\r\n";
    assert_eq!(who(door, "127.0.0.5", only_others).await, "127.0.0.5 host");
}

#[tokio::test]
async fn each_request_on_one_connection_of_a_proxy_is_somebody_elses() {
    let (door, _stop) = door().await;
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind("127.0.0.5:0".parse().expect("an address")).expect("binds");
    let mut stream = socket.connect(door).await.expect("connects");
    for client in ["198.51.100.7", "2001:db8::7"] {
        let request = format!("GET /who HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: {client}\r\n\r\n");
        assert_eq!(ask(&mut stream, &request).await.1, format!("{client} host"));
    }
}

/// Reading such a header anywhere else would undo all of this.
#[test]
fn one_file_reads_forwarding_headers_and_one_reads_the_host() {
    let src = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![src.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("reads") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(&src).expect("below").to_string_lossy().into_owned();
            let text = std::fs::read_to_string(&path).expect("reads").to_ascii_lowercase();
            let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
            let code = code.collect::<Vec<_>>().join("\n");
            let says = |words: &[&str]| words.iter().any(|word| code.contains(word));
            let forwarded = says(&["\"x-forwarded", "\"forwarded\"", "\"x-real-ip"]);
            assert!(!forwarded || name == "web/peer.rs", "{name} reads a forwarding header");
            let host = says(&["header::host", "\"host\"", "uri().authority", "uri().host", "extract::host"]);
            // The client of single sign-on writes the host of its own requests.
            let may = ["web/host.rs", "people/sso/http.rs"].contains(&name.as_str())
                || name.contains("test")
                || name.starts_with("config");
            assert!(!host || may || own_tests_only(&code), "{name} reads the host of a request");
        }
    }
}

/// Whether the host is only written, by the tests at the end of a file.
fn own_tests_only(code: &str) -> bool {
    let live = code.split("#[cfg(test)]\nmod tests {").next().expect("a first piece");
    !["header::host", "\"host\"", "uri().authority", "uri().host"].iter().any(|word| live.contains(word))
}
