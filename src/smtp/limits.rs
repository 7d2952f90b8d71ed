//! Every number the mail door obeys, in one table, each with its unit.
//!
//! A door that anybody may knock at must cost a bounded amount per knock. The constants are what `serve`
//! and the demo use; [`Limits`] carries them so that a test can be impatient.

use std::time::Duration;

/// Largest message, in bytes of content with CR LF line ends (RFC 1870): 35 MiB.
pub const MESSAGE_BYTES: u64 = 35 * 1024 * 1024;

/// Bytes read and thrown away after a message became too large, so that its sender sees the 552 and not a
/// broken connection. Past these the connection is closed.
pub const DRAIN_BYTES: u64 = 64 * 1024 * 1024;

/// Longest command line in bytes, CR LF included. RFC 5321 section 4.5.3.1.4 asks for 512 and extensions add
/// to it.
pub const LINE_BYTES: usize = 2048;

/// Recipients of one message (RFC 5321 section 4.5.3.1.8 asks for at least 100).
pub const RECIPIENTS: usize = 100;

/// Connections at one moment, from everywhere.
pub const CONNECTIONS: usize = 200;

/// Connections at one moment from one peer: an IPv4 address or an IPv6 /64. Twice the 20 conversations of
/// DESIGN section 9, because a client may open its next connection before we have seen it close the last.
pub const CONNECTIONS_PER_PEER: usize = 40;

/// Mails from one peer in an hour, but from this machine itself. A whole county's settings send fewer.
pub const MAILS_AN_HOUR: u32 = 300;

/// Bytes of mails from one peer in an hour, but from this machine itself: 1 GiB, 29 of the largest.
pub const BYTES_AN_HOUR: u64 = 1024 * 1024 * 1024;

/// Peers whose hours are known at one moment; each takes less than 100 bytes.
pub const PEERS_COUNTED: usize = 10_000;

/// Commands in one session since the last mail that was kept: a client that sends mail may go on sending, one
/// that only chats may not.
pub const COMMANDS: u32 = 1_000;

/// Commands in one session that we could not make sense of (codes 500 to 504 and 555).
pub const BAD_COMMANDS: u32 = 10;

/// Refusals of every kind in one session, bad commands included: no guessing of addresses.
pub const ERRORS: u32 = 30;

/// Bytes received in one session before the next command is answered with 421: 1 GiB.
pub const SESSION_BYTES: u64 = 1024 * 1024 * 1024;

/// Age of a session after which the next command is answered with 421.
pub const SESSION_TIME: Duration = Duration::from_secs(60 * 60);

/// From one reply to the end of the next command line, dripping included (RFC 5321 section 4.5.3.2.7). Also
/// the longest a client may leave our replies unread.
pub const COMMAND_TIME: Duration = Duration::from_secs(5 * 60);

/// Waiting for the next bytes of a message.
pub const DATA_TIME: Duration = Duration::from_secs(10 * 60);

/// Waiting for bytes that one message may add up to, before [`DATA_FLOOR`] counts.
pub const DATA_GRACE: Duration = Duration::from_secs(10 * 60);

/// Slowest sender we put up with, in bytes a second averaged over the message, after [`DATA_GRACE`].
pub const DATA_FLOOR: u64 = 4 * 1024;

/// For the TLS handshake.
pub const HANDSHAKE_TIME: Duration = Duration::from_secs(60);

/// How long we wait for the client to hang up after our last word, so that it can read it.
pub const LINGER_TIME: Duration = Duration::from_secs(2);

/// On a stop, for mails in flight to finish (DESIGN section 10).
pub const STOP_TIME: Duration = Duration::from_secs(30);

/// Pause after the operating system could not give us a connection (out of file handles).
pub const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// The limits that one listener runs with. [`Limits::default`] is the table above.
#[derive(Clone, Debug)]
pub struct Limits {
    /// See [`MESSAGE_BYTES`]; also what EHLO announces.
    pub message_bytes: u64,
    /// See [`DRAIN_BYTES`].
    pub drain_bytes: u64,
    /// See [`RECIPIENTS`].
    pub recipients: usize,
    /// See [`CONNECTIONS`].
    pub connections: usize,
    /// See [`CONNECTIONS_PER_PEER`].
    pub connections_per_peer: usize,
    /// See [`MAILS_AN_HOUR`].
    pub mails_an_hour: u32,
    /// See [`BYTES_AN_HOUR`].
    pub bytes_an_hour: u64,
    /// See [`PEERS_COUNTED`].
    pub peers_counted: usize,
    /// Whether this machine's own addresses are counted by the hour too; a mail server or a proxy on it
    /// speaks for everybody.
    pub local_counted: bool,
    /// Mail servers on other machines that speak for everybody: they are not counted by the hour.
    pub gateways: Vec<std::net::IpAddr>,
    /// See [`COMMANDS`].
    pub commands: u32,
    /// See [`BAD_COMMANDS`].
    pub bad_commands: u32,
    /// See [`ERRORS`].
    pub errors: u32,
    /// See [`SESSION_BYTES`].
    pub session_bytes: u64,
    /// See [`SESSION_TIME`].
    pub session_time: Duration,
    /// See [`COMMAND_TIME`].
    pub command_time: Duration,
    /// See [`DATA_TIME`].
    pub data_time: Duration,
    /// See [`DATA_GRACE`].
    pub data_grace: Duration,
    /// See [`HANDSHAKE_TIME`].
    pub handshake_time: Duration,
    /// See [`STOP_TIME`].
    pub stop_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            message_bytes: MESSAGE_BYTES,
            drain_bytes: DRAIN_BYTES,
            recipients: RECIPIENTS,
            connections: CONNECTIONS,
            connections_per_peer: CONNECTIONS_PER_PEER,
            mails_an_hour: MAILS_AN_HOUR,
            bytes_an_hour: BYTES_AN_HOUR,
            peers_counted: PEERS_COUNTED,
            local_counted: false,
            gateways: Vec::new(),
            commands: COMMANDS,
            bad_commands: BAD_COMMANDS,
            errors: ERRORS,
            session_bytes: SESSION_BYTES,
            session_time: SESSION_TIME,
            command_time: COMMAND_TIME,
            data_time: DATA_TIME,
            data_grace: DATA_GRACE,
            handshake_time: HANDSHAKE_TIME,
            stop_time: STOP_TIME,
        }
    }
}

impl Limits {
    /// The longest that waiting for the bytes of one message may add up to, after `received` bytes of it.
    pub fn data_allowance(&self, received: u64) -> Duration {
        self.data_grace + Duration::from_secs(received / DATA_FLOOR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_may_have_35_mebibytes() {
        assert_eq!(Limits::default().message_bytes, 36_700_160);
    }

    #[test]
    fn a_slow_sender_earns_time_by_sending() {
        let limits = Limits::default();
        assert_eq!(limits.data_allowance(0), Duration::from_secs(600));
        assert_eq!(limits.data_allowance(4096 * 60), Duration::from_secs(660));
    }
}
