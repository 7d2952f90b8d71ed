//! The other end: connections to the service, and how long an answer takes.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::http::Request;
use http_body_util::BodyExt as _;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::Instant;

/// One connection.
pub struct Connection(SendRequest<String>);

/// What is asked.
pub struct Asked<'a> {
    /// `GET` without a form, `POST` with one.
    pub path: &'a str,
    /// The session cookie's secret; empty for a stranger.
    pub session: &'a str,
    /// The network that it comes from.
    pub from: Ipv4Addr,
    /// The form, encoded.
    pub form: String,
}

impl Asked<'_> {
    fn request(self) -> Request<String> {
        let method = if self.form.is_empty() { "GET" } else { "POST" };
        Request::builder()
            .method(method)
            .uri(self.path)
            .header("host", "127.0.0.1")
            .header("sec-fetch-site", "same-origin")
            .header("x-forwarded-for", self.from.to_string())
            .header("cookie", format!("dutyline-demo={}", self.session))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(self.form)
            .expect("a request")
    }
}

impl Connection {
    pub async fn open(at: SocketAddr) -> Self {
        let stream = TcpStream::connect(at).await.expect("the service is there");
        stream.set_nodelay(true).expect("a socket");
        let (sender, connection) = handshake(TokioIo::new(stream)).await.expect("HTTP");
        tokio::spawn(connection);
        Self(sender)
    }

    /// Asks and reads the answer to its end. Gives its status, and how long that took.
    pub async fn ask(&mut self, asked: Asked<'_>) -> (u16, Duration) {
        let request = asked.request();
        self.0.ready().await.expect("the connection lives");
        let began = Instant::now();
        let answer = self.0.send_request(request).await.expect("an answer");
        let status = answer.status().as_u16();
        answer.into_body().collect().await.expect("a whole answer");
        (status, began.elapsed())
    }
}

/// The address form of a sign-in or of a forgotten password; both read what they need.
pub fn form(address: &str, password: &str) -> String {
    format!("address={}&password={}&next=", address.replace('@', "%40"), password.replace(' ', "+"))
}

/// A network that nobody else comes from: `part` keeps one measurement's apart from another's.
pub fn network(part: u8, number: usize) -> Ipv4Addr {
    let [.., high, low] = u32::try_from(number).expect("few").to_be_bytes();
    Ipv4Addr::new(10, part, high, low)
}
