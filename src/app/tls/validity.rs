//! From when and until when a certificate holds (RFC 5280, 4.1.2.5). The TLS library checks that of other
//! people's certificates and does not say it of ours, so it is read here, out of the DER.
//!
//! ```text
//!  Certificate  SEQUENCE { tbsCertificate SEQUENCE { [0] version?, serialNumber, signature, issuer,
//!                          validity SEQUENCE { notBefore Time, notAfter Time }, … }, … }
//! ```

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::domain::time::Instant;

const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// The two moments of a certificate in DER; `None` for what is no certificate.
pub(super) fn validity(certificate: &[u8]) -> Option<(Instant, Instant)> {
    let mut fields = Elements(Elements(Elements(certificate).of(SEQUENCE)?).of(SEQUENCE)?);
    if fields.0.first() == Some(&VERSION) {
        fields.next()?;
    }
    for _serial_signature_issuer in 0..3 {
        fields.next()?;
    }
    let mut times = Elements(fields.of(SEQUENCE)?);
    let (from, until) = (times.next()?, times.next()?);
    Some((moment(from)?, moment(until)?))
}

/// Elements in DER, one after the other.
struct Elements<'a>(&'a [u8]);

impl<'a> Elements<'a> {
    /// The content of the next element, if it has this tag.
    fn of(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.next().filter(|(found, _)| *found == tag).map(|(_, content)| content)
    }

    /// How long the content is, and how many bytes say so. A certificate of 16 MiB is none.
    fn length(&self) -> Option<(usize, usize)> {
        let first = *self.0.get(1)?;
        let more = usize::from(first & 0x7f);
        match first {
            0..=0x7f => Some((more, 1)),
            0x81..=0x83 => {
                let digits = self.0.get(2..2 + more)?;
                Some((digits.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), 1 + more))
            }
            _ => None,
        }
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let tag = *self.0.first()?;
        let (length, said_in) = self.length()?;
        let content = self.0.get(1 + said_in..1 + said_in + length)?;
        self.0 = &self.0[1 + said_in + length..];
        Some((tag, content))
    }
}

/// `YYMMDDHHMMSSZ` (from 1950) or `YYYYMMDDHHMMSSZ`.
fn moment((tag, content): (u8, &[u8])) -> Option<Instant> {
    let text = std::str::from_utf8(content).ok()?.strip_suffix('Z')?;
    let long = match (tag, text.len()) {
        (UTC_TIME, 12) if text < "50" => format!("20{text}"),
        (UTC_TIME, 12) => format!("19{text}"),
        (GENERALIZED_TIME, 14) => text.to_owned(),
        _ => return None,
    };
    if !long.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let two = |at: usize| long[at..at + 2].parse::<i8>().ok();
    let year = long[..4].parse().ok()?;
    let civil = DateTime::new(year, two(4)?, two(6)?, two(8)?, two(10)?, two(12)?, 0).ok()?;
    let at = TimeZone::UTC.to_timestamp(civil).ok()?;
    Some(Instant::from_micros(at.as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(from: (i32, u8, u8), until: (i32, u8, u8)) -> Vec<u8> {
        let mut params = rcgen::CertificateParams::new(vec!["relay.example".to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(from.0, from.1, from.2);
        params.not_after = rcgen::date_time_ymd(until.0, until.1, until.2);
        let key = rcgen::KeyPair::generate().unwrap();
        params.self_signed(&key).unwrap().der().to_vec()
    }

    #[test]
    fn both_ways_of_writing_a_time_are_read() {
        let shown = |der: &[u8]| {
            let (from, until) = validity(der).unwrap();
            [from, until].map(|at| jiff::Timestamp::from_microsecond(at.micros()).unwrap().to_string())
        };
        let der = made((2026, 11, 21), (2027, 2, 19));
        assert_eq!(shown(&der), ["2026-11-21T00:00:00Z", "2027-02-19T00:00:00Z"]);
        let der = made((1975, 1, 1), (4096, 12, 31));
        assert_eq!(shown(&der), ["1975-01-01T00:00:00Z", "4096-12-31T00:00:00Z"]);
    }

    #[test]
    fn what_is_no_certificate_is_none_wherever_it_is_cut() {
        let der = made((2026, 11, 21), (2027, 2, 19));
        for end in 0..der.len() {
            assert_eq!(validity(&der[..end]), None, "{end}");
        }
        for odd in [&b"no certificate"[..], &[0x30, 0x80], &[0x30, 0x84, 1, 1, 1, 1], &[0x30, 0x00]] {
            assert_eq!(validity(odd), None);
        }
        for (tag, text) in [(UTC_TIME, "261321000000Z"), (UTC_TIME, "2611210000Z"), (0x13, "261121000000Z")] {
            assert_eq!(moment((tag, text.as_bytes())), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(bytes: Vec<u8>) {
            let _ = validity(&bytes);
        }
    }
}
