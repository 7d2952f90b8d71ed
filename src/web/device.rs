//! The cookie of a browser in which somebody signed in before. It signs nobody in: it only keeps others'
//! guesses from making this browser wait (`people::devices`).

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;

use super::Site;
use super::access::cookie_value;
use crate::people::Token;
use crate::people::devices::DEVICE_DAYS;

/// The device cookie that a request carries, if it is one in form.
pub struct Device(pub Option<Token>);

impl FromRequestParts<Arc<Site>> for Device {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Infallible> {
        Ok(Self(cookie_value(&parts.headers, name(site)).and_then(Token::parse)))
    }
}

fn name(site: &Site) -> &'static str {
    if site.secure { "__Host-dutyline-device" } else { "dutyline-demo-device" }
}

/// The header that sets it.
pub fn cookie(site: &Site, token: &Token) -> (header::HeaderName, String) {
    let secure = if site.secure { "; Secure" } else { "" };
    let (name, value, age) = (name(site), token.secret(), DEVICE_DAYS * 24 * 60 * 60);
    (header::SET_COOKIE, format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age}{secure}"))
}
