//! One identity provider: OpenID Connect Core 1.0, the authorisation code flow (section 3.1) with PKCE
//! (RFC 7636). The only user of the openidconnect crate.
//!
//! The provider's description and keys are kept for an hour. An ID token that was signed with a key that
//! is not among them makes them be read once more, so that a change of keys locks nobody out. A token
//! counts when its signature, issuer, audience, authorised party, expiry and nonce are right (section
//! 3.1.3.7); then its claims are what the rules judge. No token is logged or kept.

use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openidconnect::core::{
    CoreAuthPrompt, CoreAuthenticationFlow, CoreClient, CoreIdToken, CoreIdTokenVerifier,
    CoreJwsSigningAlgorithm, CoreProviderMetadata, CoreTokenResponse,
};
use openidconnect::{
    AuthType, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken, DiscoveryError,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, IssuerUrl, Nonce, OAuth2TokenResponse as _,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope, SignatureVerificationError,
    TokenResponse as _,
};
use serde_json::Value;
use zeroize::Zeroizing;

use super::SsoError;
use super::http::{Http, HttpError, is_here};
use super::rules::{Claims, Rules};
use crate::domain::time::{HOUR, Instant};

/// How long a provider's description and keys are kept, microseconds.
const KEPT: i64 = HOUR;

/// What is configured of a provider.
#[derive(Clone)]
pub struct Settings {
    /// Its short name in addresses, small letters, digits and hyphens.
    pub id: String,
    /// Its name on the button.
    pub name: String,
    /// Its issuer, exactly as it writes it.
    pub issuer: String,
    /// Our name there.
    pub client_id: String,
    /// Our secret there.
    pub client_secret: Zeroizing<String>,
    /// The secret goes into the form (`client_secret_post`), not into a header (`client_secret_basic`).
    pub secret_in_form: bool,
    /// What is asked for beside `openid`.
    pub scopes: Vec<String>,
    /// Claims are asked of the userinfo endpoint too.
    pub userinfo: bool,
    /// Certificates to trust in place of the system's, PEM.
    pub ca_pem: Option<Vec<u8>>,
    /// Somebody whom the rules describe and nobody knows yet is made a person.
    pub create: bool,
    /// Who they are and what they may do.
    pub rules: Rules,
    /// Where it sends people back to: one address for each provider, from the configuration only.
    pub redirect: String,
}

/// A provider that can be asked.
pub struct Provider {
    /// What is configured of it.
    pub settings: Settings,
    http: Http,
    known: Mutex<Option<Arc<Known>>>,
}

/// What the provider said of itself, and when (microseconds).
struct Known {
    metadata: CoreProviderMetadata,
    read_at: Instant,
}

/// The secrets of one ceremony: they are worked out again from what the browser and the address carry.
pub(super) struct Secrets {
    /// What the ID token has to repeat.
    pub nonce: String,
    /// What the challenge was made of.
    pub verifier: String,
}

/// What a provider has shown of somebody.
pub(super) struct Proven {
    /// Who, at this provider, for ever.
    pub subject: String,
    /// When they last showed it who they are, seconds since 1970, if it says so.
    pub auth_time: Option<i64>,
    /// All that it says of them.
    pub claims: Claims,
}

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

impl Provider {
    /// A provider with these settings; nothing is asked yet.
    ///
    /// # Errors
    /// When no HTTP client can be made of the certificates.
    pub fn new(settings: Settings) -> Result<Self, HttpError> {
        let url = openidconnect::url::Url::parse(&settings.issuer).ok();
        let here = url.is_some_and(|url| url.scheme() == "http" && url.host_str().is_some_and(is_here));
        let http = Http::new(settings.ca_pem.as_deref(), here)?;
        Ok(Self { settings, http, known: Mutex::new(None) })
    }

    /// Where the browser goes to sign in. A sign-in there may be at most `age` old (microseconds), so that the answer
    /// says how old it is (OpenID Connect Core 3.1.2.1, max_age); none is fresh enough for `again`.
    pub(super) async fn address(
        &self,
        state: &str,
        secrets: &Secrets,
        (again, age): (bool, i64),
        now: Instant,
    ) -> Result<String, SsoError> {
        let known = self.known(now).await?;
        let client = self.client(&known.metadata)?;
        let (state, nonce) = (CsrfToken::new(state.to_owned()), Nonce::new(secrets.nonce.clone()));
        let verifier = PkceCodeVerifier::new(secrets.verifier.clone());
        let request = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, move || state, move || nonce)
            .add_scopes(
                self.settings.scopes.iter().filter(|scope| *scope != "openid").cloned().map(Scope::new),
            )
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        let request = match again {
            true => request.add_prompt(CoreAuthPrompt::Login).set_max_age(std::time::Duration::ZERO),
            false => request.set_max_age(std::time::Duration::from_micros(age.unsigned_abs())),
        };
        Ok(request.url().0.into())
    }

    /// Exchanges a code and checks all that comes for it.
    pub(super) async fn prove(
        &self,
        code: &str,
        secrets: &Secrets,
        now: Instant,
    ) -> Result<Proven, SsoError> {
        let known = self.known(now).await?;
        let client = self.client(&known.metadata)?;
        let answer = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|_| SsoError::Provider("it names no token endpoint".to_owned()))?
            .set_pkce_verifier(PkceCodeVerifier::new(secrets.verifier.clone()))
            .request_async(&self.http)
            .await
            .map_err(exchange_failed)?;
        let token = answer.id_token().ok_or_else(|| bad("it sent no ID token"))?;
        let mut claims = self.verified(&known, token, &secrets.nonce, now).await?;
        let subject = claims.get("sub").and_then(Value::as_str).filter(|subject| !subject.is_empty());
        let subject = subject.ok_or_else(|| bad("the ID token has no subject"))?.to_owned();
        if self.settings.userinfo {
            let more = self.userinfo(&known.metadata, &answer, &subject).await?;
            for (name, value) in more {
                claims.entry(name).or_insert(value);
            }
        }
        let auth_time = claims.get("auth_time").and_then(Value::as_i64);
        Ok(Proven { subject, auth_time, claims })
    }

    /// What the provider says of itself, not older than an hour.
    async fn known(&self, now: Instant) -> Result<Arc<Known>, SsoError> {
        let kept = self.known.lock().ok().and_then(|kept| kept.clone());
        match kept.filter(|known| now.micros() - known.read_at.micros() < KEPT) {
            Some(known) => Ok(known),
            None => self.look(now).await,
        }
    }

    async fn look(&self, now: Instant) -> Result<Arc<Known>, SsoError> {
        let issuer = IssuerUrl::new(self.settings.issuer.clone())
            .map_err(|_| SsoError::Provider("its issuer is no address".to_owned()))?;
        let metadata =
            CoreProviderMetadata::discover_async(issuer, &self.http).await.map_err(discovery_failed)?;
        let known = Arc::new(Known { metadata, read_at: now });
        if let Ok(mut kept) = self.known.lock() {
            *kept = Some(known.clone());
        }
        Ok(known)
    }

    fn client(&self, metadata: &CoreProviderMetadata) -> Result<Client, SsoError> {
        let settings = &self.settings;
        let redirect = RedirectUrl::new(settings.redirect.clone())
            .map_err(|_| SsoError::Provider("our own address is none".to_owned()))?;
        let secret = ClientSecret::new(settings.client_secret.to_string());
        let how = if settings.secret_in_form { AuthType::RequestBody } else { AuthType::BasicAuth };
        let id = ClientId::new(settings.client_id.clone());
        let client = CoreClient::from_provider_metadata(metadata.clone(), id, Some(secret));
        Ok(client.set_redirect_uri(redirect).set_auth_type(how))
    }

    /// The claims of an ID token that is right; the keys are read once more when its key is not known.
    async fn verified(
        &self,
        known: &Known,
        token: &CoreIdToken,
        nonce: &str,
        now: Instant,
    ) -> Result<Claims, SsoError> {
        let claims = match self.checked(&known.metadata, token, nonce, now) {
            Err(ClaimsVerificationError::SignatureVerification(
                SignatureVerificationError::NoMatchingKey,
            )) => {
                let newer = self.look(now).await?;
                self.checked(&newer.metadata, token, nonce, now)
            }
            other => other,
        };
        let claims = claims.map_err(|error| bad(why_not(&error)))?;
        let party = claims.get("azp").is_none_or(|azp| azp.as_str() == Some(&self.settings.client_id));
        if party { Ok(claims) } else { Err(bad("the ID token was made for another party")) }
    }

    fn checked(
        &self,
        metadata: &CoreProviderMetadata,
        token: &CoreIdToken,
        nonce: &str,
        now: Instant,
    ) -> Result<Claims, ClaimsVerificationError> {
        let id = ClientId::new(self.settings.client_id.clone());
        let verifier =
            CoreIdTokenVerifier::new_public_client(id, metadata.issuer().clone(), metadata.jwks().clone())
                .set_allowed_algs([
                    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
                    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
                    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
                ])
                .set_time_fn(move || at(now).into());
        token.claims(&verifier, &Nonce::new(nonce.to_owned()))?;
        payload(token).ok_or_else(|| ClaimsVerificationError::Other("its claims do not read".to_owned()))
    }

    /// What the userinfo endpoint says of the same subject (section 5.3).
    async fn userinfo(
        &self,
        metadata: &CoreProviderMetadata,
        answer: &CoreTokenResponse,
        subject: &str,
    ) -> Result<Claims, SsoError> {
        let failed = |why: &str| SsoError::Provider(format!("its userinfo endpoint {why}"));
        let endpoint = metadata.userinfo_endpoint().ok_or_else(|| failed("is not named"))?;
        let request = openidconnect::http::Request::builder()
            .uri(endpoint.as_str())
            .header("accept", "application/json")
            .header("authorization", format!("Bearer {}", answer.access_token().secret()))
            .body(Vec::new())
            .map_err(|_| failed("is no address"))?;
        let said = self.http.ask(request).await.map_err(|error| failed(&format!("failed: {error}")))?;
        if !said.status().is_success() {
            return Err(failed(&format!("answered {}", said.status().as_u16())));
        }
        let claims: Claims =
            serde_json::from_slice(said.body()).map_err(|_| failed("answered with something else"))?;
        match claims.get("sub").and_then(Value::as_str) == Some(subject) {
            true => Ok(claims),
            false => Err(bad("the userinfo endpoint spoke of somebody else")),
        }
    }
}

/// The payload of a token whose signature was checked before.
fn payload(token: &CoreIdToken) -> Option<Claims> {
    let text = token.to_string();
    let bytes = URL_SAFE_NO_PAD.decode(text.split('.').nth(1)?).ok()?;
    serde_json::from_slice(&bytes).ok()
}

fn at(now: Instant) -> std::time::SystemTime {
    let micros = u64::try_from(now.micros()).unwrap_or(0);
    std::time::UNIX_EPOCH + std::time::Duration::from_micros(micros)
}

fn bad(why: &str) -> SsoError {
    SsoError::Token(why.to_owned())
}

/// What is wrong with a token, without a word of it.
fn why_not(error: &ClaimsVerificationError) -> &'static str {
    use SignatureVerificationError as Signature;
    match error {
        ClaimsVerificationError::Expired(_) => "the ID token has expired",
        ClaimsVerificationError::InvalidAudience(_) => "the ID token was made for another audience",
        ClaimsVerificationError::InvalidIssuer(_) => "the ID token names another issuer",
        ClaimsVerificationError::InvalidNonce(_) => "the ID token has another nonce",
        ClaimsVerificationError::SignatureVerification(Signature::NoMatchingKey) => {
            "the ID token was signed with a key that the provider does not publish"
        }
        ClaimsVerificationError::SignatureVerification(Signature::CryptoError(_)) => {
            "the signature of the ID token is wrong"
        }
        ClaimsVerificationError::SignatureVerification(_) => "the ID token is not signed as it should be",
        _ => "the ID token is not as it should be",
    }
}

fn discovery_failed(error: DiscoveryError<HttpError>) -> SsoError {
    SsoError::Provider(match error {
        DiscoveryError::Request(error) => error.to_string(),
        DiscoveryError::Response(status, ..) => {
            format!("its description was answered with {}", status.as_u16())
        }
        DiscoveryError::Parse(_) => "its description or its keys do not read".to_owned(),
        DiscoveryError::Validation(_) => "its description names another issuer".to_owned(),
        _ => "its description cannot be had".to_owned(),
    })
}

/// The provider's error code, when it is one of the protocol's (RFC 6749 section 5.2), never its words.
fn exchange_failed<T>(error: RequestTokenError<HttpError, T>) -> SsoError
where
    T: openidconnect::ErrorResponse + serde::Serialize,
{
    match error {
        RequestTokenError::ServerResponse(said) => {
            let said = serde_json::to_value(&said).ok();
            let code = said.as_ref().and_then(|said| said.get("error")).and_then(Value::as_str);
            SsoError::Token(format!("the code was refused ({})", super::code_of(code.unwrap_or_default())))
        }
        RequestTokenError::Request(error) => SsoError::Provider(error.to_string()),
        RequestTokenError::Parse(..) => bad("the answer to the code does not read"),
        RequestTokenError::Other(_) => bad("the answer to the code is not as it should be"),
    }
}
