//! The gateway's API key, and the token that each request carries: a JSON Web Token (RFC 7519) signed with
//! HMAC-SHA256 (RFC 7515), which says which service asks and when.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::domain::time::Instant;

/// Characters of a UUID.
const ID: usize = 36;

/// A key as the gateway gives it: a name, the service's id and the secret, joined by hyphens. No `Debug` of
/// its secret.
#[derive(Clone)]
pub struct ApiKey {
    service: String,
    secret: Zeroizing<String>,
}

/// What is wrong with a key. Nothing of it is repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Too short, or its end is not two ids.
    #[error(
        "an API key ends in the service’s id and the secret, each like 26785a09-ab16-4eb0-8407-a37497a57506"
    )]
    Form,
}

impl ApiKey {
    /// Reads a key; only its last 73 characters count, the name before them is for people.
    ///
    /// # Errors
    /// [`KeyError::Form`].
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        let from = |back: usize| text.len().checked_sub(back).and_then(|at| text.get(at..));
        let (secret, both) = (from(ID), from(2 * ID + 1));
        let service = both.and_then(|both| both.get(..ID));
        match (service, secret, both.and_then(|both| both.get(ID..=ID))) {
            (Some(service), Some(secret), Some("-")) if is_id(service) && is_id(secret) => {
                Ok(Self { service: service.to_owned(), secret: Zeroizing::new(secret.to_owned()) })
            }
            _ => Err(KeyError::Form),
        }
    }

    /// The token for a request that is made now. The gateway takes it within 30 seconds of its own clock.
    pub fn token(&self, now: Instant) -> String {
        let part = |json: serde_json::Value| URL_SAFE_NO_PAD.encode(json.to_string());
        let head = part(serde_json::json!({ "typ": "JWT", "alg": "HS256" }));
        let claims = serde_json::json!({ "iss": self.service, "iat": now.micros().div_euclid(1_000_000) });
        let signed = format!("{head}.{}", part(claims));
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.as_bytes()).expect("any length is a key");
        mac.update(signed.as_bytes());
        let signature = URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
        format!("{signed}.{signature}")
    }
}

fn is_id(text: &str) -> bool {
    text.len() == ID && Uuid::try_parse(text).is_ok()
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("ApiKey").field("service", &self.service).finish_non_exhaustive()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A made-up key.
    pub const KEY: &str =
        "our-name-11111111-2222-4333-8444-555555555555-aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";

    #[test]
    fn only_the_end_of_a_key_counts_and_anything_else_is_refused() {
        let key = ApiKey::parse(&format!("  {KEY}\n")).expect("a key");
        assert_eq!(key.service, "11111111-2222-4333-8444-555555555555");
        assert_eq!(key.secret.as_str(), "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee");
        assert!(!format!("{key:?}").contains("aaaaaaaa"), "the secret is not shown");
        for wrong in ["", "short", &KEY[..KEY.len() - 1], &KEY.replace("-aaaa", "_aaaa"), &"ł".repeat(80)] {
            assert_eq!(ApiKey::parse(wrong).err(), Some(KeyError::Form), "{wrong}");
        }
    }

    #[test]
    fn a_token_is_what_the_standard_says() {
        // RFC 7515 A.1's way of working, with our key: checked against an independent implementation.
        let token = ApiKey::parse(KEY).expect("a key").token(Instant::from_micros(1_568_818_578_900_000));
        let parts: Vec<&str> = token.split('.').collect();
        let json = |part: &str| -> serde_json::Value {
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64url")).expect("JSON")
        };
        assert_eq!(json(parts[0]), serde_json::json!({ "typ": "JWT", "alg": "HS256" }));
        let claims =
            serde_json::json!({ "iss": "11111111-2222-4333-8444-555555555555", "iat": 1_568_818_578 });
        assert_eq!(json(parts[1]), claims);
        assert_eq!(token, EXPECTED);
    }

    /// Made with Python's hmac module from the same header, claims and secret.
    const EXPECTED: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpYXQiOjE1Njg4MTg1NzgsImlzcyI6IjExMTExMTExLTIyMjItNDMzMy04NDQ0LTU1NTU1NTU1NTU1NSJ9.qj5sJVB-9RgY8_VIr9s2XtIbdHzWNO7yUdYnnsgdXes";
}
