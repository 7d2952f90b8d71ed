//! One order at a directory, from "we want a certificate for these names" to the certificate.
//!
//! ```text
//!  new order ─> each name: a question ─> we show the answer in handshakes ─> "ready" ─> it asks our door
//!            ─> all proven ─> request with a fresh key ─> certificate
//! ```
//!
//! The key is made here for each certificate and never leaves this machine.

use std::sync::Arc;
use std::time::Duration;

use instant_acme::{
    Account, AuthorizationStatus, ChallengeType, Identifier, NewOrder, Order, OrderStatus, RetryPolicy,
};
use rcgen::{CertificateParams, CustomExtension, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::CertifiedKey;
use zeroize::Zeroizing;

use super::super::provider;
use super::super::resolver::Resolver;
use super::AcmeError;

/// How the directory is asked whether it has finished.
const ASK_AGAIN: RetryPolicy =
    RetryPolicy::new().initial_delay(Duration::from_millis(250)).timeout(Duration::from_secs(60));

/// Takes the answers away when the order ends, however it ends.
struct Answers<'a>(&'a Resolver);

impl Drop for Answers<'_> {
    fn drop(&mut self) {
        self.0.forget_answers();
    }
}

/// Key and chain, PEM, the key first.
pub(super) async fn order(
    account: &Account,
    names: &[String],
    resolver: &Resolver,
) -> Result<Zeroizing<String>, AcmeError> {
    let identifiers: Vec<Identifier> = names.iter().cloned().map(Identifier::Dns).collect();
    let mut order = account.new_order(&NewOrder::new(&identifiers)).await?;
    let answers = Answers(resolver);
    prove(&mut order, &answers).await?;
    match order.poll_ready(&ASK_AGAIN).await {
        Ok(OrderStatus::Ready) => {}
        Ok(_) => return Err(why_not(&mut order).await),
        Err(instant_acme::Error::Api(_)) => return Err(why_not(&mut order).await),
        Err(error) => return Err(error.into()),
    }
    let key = Zeroizing::new(order.finalize().await?);
    let chain = order.poll_certificate(&ASK_AGAIN).await?;
    Ok(Zeroizing::new(format!("{}\n{chain}", key.as_str())))
}

/// Puts the answer for each name that is not proven yet where the directory will look, and says so.
async fn prove(order: &mut Order, answers: &Answers<'_>) -> Result<(), AcmeError> {
    let mut names = order.authorizations();
    while let Some(name) = names.next().await {
        let mut name = name?;
        if name.status == AuthorizationStatus::Valid {
            continue;
        }
        let shown = name.identifier().to_string();
        let mut question =
            name.challenge(ChallengeType::TlsAlpn01).ok_or_else(|| AcmeError::NoChallenge(shown.clone()))?;
        let answer = answer(&shown, question.key_authorization().digest().as_ref())?;
        answers.0.answer(&shown, Arc::new(answer));
        question.set_ready().await?;
    }
    Ok(())
}

/// The certificate to show: for this one name, with the digest that the directory expects (RFC 8737,
/// section 3).
fn answer(name: &str, digest: &[u8]) -> Result<CertifiedKey, AcmeError> {
    let bad = |error: &dyn std::fmt::Display| AcmeError::Answer(error.to_string());
    let mut params = CertificateParams::new(vec![name.to_owned()]).map_err(|error| bad(&error))?;
    params.custom_extensions = vec![CustomExtension::new_acme_identifier(digest)];
    let key = KeyPair::generate().map_err(|error| bad(&error))?;
    let certificate = params.self_signed(&key).map_err(|error| bad(&error))?;
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let key = provider().key_provider.load_private_key(key).map_err(|error| bad(&error))?;
    Ok(CertifiedKey::new(vec![certificate.der().clone()], key))
}

/// What the directory says about the names that it did not believe.
async fn why_not(order: &mut Order) -> AcmeError {
    let mut reasons = Vec::new();
    let mut names = order.authorizations();
    while let Some(Ok(mut name)) = names.next().await {
        if name.refresh().await.is_err() {
            continue;
        }
        let shown = name.identifier().to_string();
        for problem in name.challenges.iter().filter_map(|challenge| challenge.error.as_ref()) {
            let detail = problem.detail.as_deref().unwrap_or("it does not say why");
            reasons.push(format!("{shown} could not be proven: {detail}"));
        }
    }
    if reasons.is_empty() {
        reasons.push("the directory refused the order and does not say why".to_owned());
    }
    AcmeError::NotProven(reasons.join("; "))
}
