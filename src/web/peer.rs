//! The network address that a request came from.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::Site;

/// Whoever is at the other end; this machine when nobody said.
#[derive(Clone)]
pub struct Peer(pub IpAddr);

impl FromRequestParts<Arc<Site>> for Peer {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &Arc<Site>) -> Result<Self, Infallible> {
        let told = parts.extensions.get::<Peer>().cloned();
        Ok(told.unwrap_or(Peer(IpAddr::V4(Ipv4Addr::LOCALHOST))))
    }
}
