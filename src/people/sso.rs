//! Single sign-on by the organisation's own identity provider (OpenID Connect): NHS CIS2, NHSmail's
//! Entra ID, DfE Sign-in and others like them.
//!
//! ```text
//!  begin ─> the provider's own page ─> callback: this browser? ─> code for tokens ─> rules ─> who ─> session
//!           (state, nonce, PKCE)       (cookie, single use)       (provider)      (pure)  (who)
//! ```
//!
//! A ceremony lasts ten minutes and works once. Its row holds hashes only: the nonce and the PKCE
//! verifier are worked out from the secret in the browser's cookie and the state in the address, so a
//! stolen database finishes no sign-in, somebody else's link signs nobody in (login CSRF), and a
//! scanner that opens the callback does nothing. One provider's ceremony is not finished at another's
//! address (mix-up, RFC 9207). A crash leaves a ceremony that is begun again.

mod given;
mod http;
mod provider;
mod rules;
mod who;

use sha2::{Digest, Sha256};

pub use http::HttpError;
pub use provider::{Provider, Settings};
pub use rules::{ClaimNames, Claims, Described, Given, Named, NoFit, Rights, Rule, Rules};

use provider::{Proven, Secrets};

use super::sessions::{Begin, SignedIn, begin as begin_session, checked};
use super::token::Token;
use crate::domain::sign_in::{Factor, Method, Stage};
use crate::domain::time::{Instant, MINUTE};
use crate::relay::Relay;
use crate::store::StoreError;
use crate::store::identities::{self, Ceremony};

/// How long somebody may take over signing in at the provider, microseconds.
pub const CEREMONY: i64 = 10 * MINUTE;
/// How much the provider's clock may differ from ours, microseconds.
const CLOCKS: i64 = MINUTE;

/// Why a single sign-on did not work. The words are for the log: nothing personal, no part of a token.
#[derive(Debug, thiserror::Error)]
pub enum SsoError {
    /// Not begun in this browser, begun too long ago, or used before.
    #[error("the ceremony is not this browser's, has ended or was used before")]
    Ceremony,
    /// The provider ended it; its code, if it is a known one.
    #[error("the provider ended it ({0})")]
    Declined(&'static str),
    /// The provider cannot be asked.
    #[error("the provider cannot be asked: {0}")]
    Provider(String),
    /// What came back is not to be trusted.
    #[error("what came back is not to be trusted: {0}")]
    Token(String),
    /// No rule lets them in.
    #[error("no rule lets them in ({0:?})")]
    NoFit(NoFit),
    /// Their organisation is not registered here, or their role does not fit it.
    #[error(
        "their organisation is not registered here, or is another than the person's, or the role does not fit it"
    )]
    Organisation,
    /// The provider names no address that it has verified.
    #[error("no verified address")]
    Address,
    /// Nobody here is known by the address, or more than one, or somebody who signs in otherwise.
    #[error(
        "nobody here is known by the address, or more than one is, or somebody who is another at this provider"
    )]
    Unknown,
    /// Their access was ended.
    #[error("their access was ended")]
    Disabled,
    /// A rule gives clinical rights, and the line's lead has not approved them yet.
    #[error("the line's lead has to approve first")]
    Waits,
    /// Their role may not sign in this way.
    #[error("their role may not use single sign-on")]
    OtherWay,
    /// The check was asked of one person and shown by another, or not shown anew.
    #[error("the check was shown by another person, or not anew")]
    NotChecked,
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A ceremony that has begun.
pub struct Begun {
    /// Where the browser goes.
    pub address: String,
    /// What the browser keeps meanwhile, in a cookie for this site alone.
    pub browser: Token,
}

/// What came back in the address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// Which ceremony.
    pub state: String,
    /// The code, unless it failed.
    pub code: String,
    /// The provider's error, if it failed.
    pub error: String,
    /// Who the provider says that it is (RFC 9207), if it does.
    pub issuer: String,
}

/// The browser that brought the answer.
pub struct Bearer {
    /// What it kept.
    pub browser: Option<Token>,
    /// The session that it has, if any.
    pub session: Option<(Token, SignedIn)>,
    /// Its name, from a small fixed list.
    pub name: String,
}

/// How a ceremony ended well.
pub enum Finished {
    /// A session was begun; the page to go to.
    SignedIn(Token, String),
    /// The holder of the session showed again who they are; the page to go to.
    Checked(String),
}

/// Begins a ceremony. `next` is a page of this site; with `again`, the session's holder shows once more
/// who they are.
///
/// # Errors
/// The provider cannot be asked, or the store does not answer.
pub async fn begin(
    relay: &Relay,
    provider: &Provider,
    next: &str,
    again: Option<&Token>,
) -> Result<Begun, SsoError> {
    let (browser, state) = (Token::new(relay), Token::new(relay));
    let now = relay.clock.now();
    let secrets = secrets(&browser, &state);
    let address =
        provider.address(state.secret(), &secrets, (again.is_some(), relay.sign_in.recheck), now).await?;
    let ceremony = Ceremony {
        state: state.hash(),
        browser: browser.hash(),
        provider: provider.settings.id.clone(),
        session: again.map(|session| session.hash().to_vec()).unwrap_or_default(),
        next: next.to_owned(),
        begun_at: now,
        ends_at: now.plus(CEREMONY),
    };
    let kept = relay.store.write(move |unit| {
        Box::pin(async move {
            unit.unaudited("a sign-in that has begun changes nothing; its end is recorded");
            identities::sweep_ceremonies(unit).await?;
            identities::insert_ceremony(unit, &ceremony).await
        })
    });
    kept.await?;
    Ok(Begun { address, browser })
}

/// Finishes a ceremony in the browser that began it.
///
/// # Errors
/// Every way in which it can fail; whatever failed, this ceremony works no more.
pub async fn finish(
    relay: &Relay,
    provider: &Provider,
    answer: &Answer,
    bearer: Bearer,
) -> Result<Finished, SsoError> {
    let state = Token::parse(&answer.state).ok_or(SsoError::Ceremony)?;
    let browser = bearer.browser.as_ref().ok_or(SsoError::Ceremony)?;
    let ceremony = take(relay, provider, &state, browser).await?.ok_or(SsoError::Ceremony)?;
    if !answer.issuer.is_empty() && answer.issuer != provider.settings.issuer {
        return Err(SsoError::Token("the answer came from another provider".to_owned()));
    }
    if !answer.error.is_empty() || answer.code.is_empty() {
        return Err(SsoError::Declined(code_of(&answer.error)));
    }
    let secrets = secrets(browser, &state);
    let proven = provider.prove(&answer.code, &secrets, relay.clock.now()).await?;
    match ceremony.session.is_empty() {
        true => signed_in(relay, provider, &proven, bearer, ceremony.next).await,
        false => shown_again(relay, provider, &proven, bearer, ceremony).await,
    }
}

async fn take(
    relay: &Relay,
    provider: &Provider,
    state: &Token,
    browser: &Token,
) -> Result<Option<Ceremony>, StoreError> {
    let (state, browser, id) = (state.hash(), browser.hash(), provider.settings.id.clone());
    let taken = relay.store.write(move |unit| {
        Box::pin(async move {
            unit.unaudited("what follows is recorded: a session, a check or a refusal");
            identities::take_ceremony(unit, state, browser, &id).await
        })
    });
    taken.await
}

async fn signed_in(
    relay: &Relay,
    provider: &Provider,
    proven: &Proven,
    bearer: Bearer,
    next: String,
) -> Result<Finished, SsoError> {
    let person = who::who(relay, provider, proven).await?;
    if !relay.sign_in.of(person.role).factors.contains(&Factor::Sso) {
        who::refused(relay, &person, "other-way").await?;
        return Err(SsoError::OtherWay);
    }
    // Somebody who signed in there this morning was not checked just now; without a time, never.
    let now = relay.clock.now();
    let checked = proven.auth_time.map(|seconds| in_micros(seconds).min(now));
    if checked.is_some_and(|at| at < now.plus(-relay.sign_in.recheck - CLOCKS)) {
        who::refused(relay, &person, "too-long-ago").await?;
        return Err(SsoError::NotChecked);
    }
    let how = Begin { stage: Stage::Full, method: Method::Sso, checked, browser: bearer.name };
    let token = begin_session(relay, person.id, how).await?.ok_or(SsoError::Disabled)?;
    Ok(Finished::SignedIn(token, next))
}

/// The same person, in the same session, who has just signed in at the provider anew.
async fn shown_again(
    relay: &Relay,
    provider: &Provider,
    proven: &Proven,
    bearer: Bearer,
    ceremony: Ceremony,
) -> Result<Finished, SsoError> {
    let session = bearer.session.filter(|(token, _)| token.hash().to_vec() == ceremony.session);
    let (token, now) = session.ok_or(SsoError::Ceremony)?;
    let earliest = ceremony.begun_at.plus(-CLOCKS);
    let anew = proven.auth_time.is_some_and(|seconds| in_micros(seconds) >= earliest);
    let known = who::known(relay, provider, proven).await?;
    if known != Some(now.person.id) || !anew {
        who::refused(relay, &now.person, "not-checked").await?;
        return Err(SsoError::NotChecked);
    }
    let person = who::who(relay, provider, proven).await?;
    if !relay.sign_in.of(person.role).factors.contains(&Factor::Sso) {
        return Err(SsoError::OtherWay);
    }
    checked(relay, &token, &now).await?;
    Ok(Finished::Checked(ceremony.next))
}

fn in_micros(seconds: i64) -> Instant {
    Instant::from_micros(seconds.saturating_mul(1_000_000))
}

/// The nonce and the verifier of a ceremony (RFC 7636 section 4.1: 43 to 128 letters and digits).
fn secrets(browser: &Token, state: &Token) -> Secrets {
    let one = |label: &str| {
        let mut hash = Sha256::new();
        [label, browser.secret(), state.secret()].iter().for_each(|part| hash.update(part));
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    };
    Secrets { nonce: one("dutyline single sign-on, nonce:"), verifier: one("dutyline single sign-on, code:") }
}

/// An error code of the protocol (RFC 6749 sections 4.1.2.1 and 5.2, OpenID Connect Core 3.1.2.6);
/// anything else is not repeated.
fn code_of(said: &str) -> &'static str {
    const CODES: &[&str] = &[
        "access_denied",
        "account_selection_required",
        "consent_required",
        "interaction_required",
        "invalid_client",
        "invalid_grant",
        "invalid_request",
        "invalid_scope",
        "login_required",
        "server_error",
        "temporarily_unavailable",
        "unauthorized_client",
        "unsupported_grant_type",
        "unsupported_response_type",
    ];
    CODES.iter().find(|code| **code == said).copied().unwrap_or("another code")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_ceremony_shows_differs_with_browser_and_state_and_is_long_enough() {
        let token = |digit: &str| Token::parse(&digit.repeat(64)).expect("a token");
        let one = secrets(&token("a"), &token("b"));
        assert_eq!((one.nonce.len(), one.verifier.len()), (64, 64));
        assert_ne!(one.nonce, one.verifier);
        for other in [secrets(&token("b"), &token("a")), secrets(&token("a"), &token("c"))] {
            assert!(other.nonce != one.nonce && other.verifier != one.verifier);
        }
    }

    #[test]
    fn what_a_stranger_writes_into_the_address_is_not_logged() {
        assert_eq!(code_of("access_denied"), "access_denied");
        assert_eq!(code_of("Jo Sample, 01632 960000"), "another code");
    }
}
