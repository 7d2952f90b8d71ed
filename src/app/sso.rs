//! The identity providers as configured; nothing is asked of them yet.

use std::path::Path;

use zeroize::Zeroizing;

use super::AppError;
use crate::config::{ClientAuth, Config, ProviderPeople, SsoProvider};
use crate::domain::people::Role;
use crate::people::sso::{ClaimNames, Given, Named, Provider, Rights, Rule, Rules, Settings};

/// Every provider of the configuration, which has been checked before.
pub(super) fn providers(config: &Config) -> Result<Vec<Provider>, AppError> {
    config.sign_in.providers.iter().map(|one| provider(config, one)).collect()
}

fn provider(config: &Config, one: &SsoProvider) -> Result<Provider, AppError> {
    let read =
        |file: &Path| std::fs::read(file).map_err(AppError::io(format!("cannot read {}", file.display())));
    let secret = Zeroizing::new(read(&one.client_secret_file)?);
    let first = String::from_utf8_lossy(&secret).lines().next().unwrap_or_default().trim().to_owned();
    let settings = Settings {
        id: one.id.clone(),
        name: one.name.clone(),
        issuer: one.issuer.clone(),
        client_id: one.client_id.clone(),
        client_secret: Zeroizing::new(first),
        secret_in_form: one.client_auth == ClientAuth::Post,
        scopes: one.scopes.clone(),
        userinfo: one.userinfo,
        ca_pem: one.ca_file.as_deref().map(read).transpose()?,
        create: one.create,
        rules: rules(one),
        redirect: format!("{}/sign-in/sso/{}/callback", config.web.base_url, one.id),
    };
    let failed = |error| AppError::Configuration(format!("sign_in.providers: {}: {error}", one.id));
    Provider::new(settings).map_err(failed)
}

fn rules(one: &SsoProvider) -> Rules {
    let names = one.claims.clone();
    let claims = ClaimNames {
        address: names.address,
        address_verified: names.address_verified,
        name: names.name,
        organisation: names.organisation,
        role: names.role,
    };
    let people = one.people.iter().map(|rule| rule_of(rule, !claims.role.is_empty())).collect();
    Rules { claims, trust_email: one.trust_email, people }
}

fn rule_of(rule: &ProviderPeople, claim_says_role: bool) -> Rule {
    let rights = match Role::from_code(&rule.role) {
        Some(role) => Rights::Given(Given { role, lines: rule.lines.clone(), approved: rule.approved }),
        None if claim_says_role => Rights::ByClaim,
        None => Rights::AsTheyAre,
    };
    Rule {
        when: rule.when.iter().map(|(claim, values)| (claim.clone(), values.list())).collect(),
        organisation: (!rule.organisation.is_empty()).then(|| Named::of(&rule.organisation)),
        rights,
    }
}
