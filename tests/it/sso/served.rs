//! `dutyline serve` with a provider in its configuration: the whole way over real sockets, and what the
//! log holds of it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::json;

use super::provider::{CLIENT, Provider, SECRET};
use crate::child::Visitor;
use crate::serve::Machine;
use crate::support::Engine;

/// Writes the provider into the configuration, with a rule for the machine's nurse.
fn configure(machine: &Machine, provider: &Provider) {
    fs::write(machine.path("secret.txt"), format!("{SECRET}\n")).expect("writes");
    fs::set_permissions(machine.path("secret.txt"), fs::Permissions::from_mode(0o600)).expect("is ours");
    let file = machine.path("dutyline.toml");
    let text = fs::read_to_string(&file).expect("reads");
    let more = format!(
        "[[sign_in.providers]]\nid = 'test'\nname = 'Test sign-in'\nissuer = '{}'\nclient_id = '{CLIENT}'\n\
         client_secret_file = 'secret.txt'\nscopes = ['profile', 'email']\n\
         [[sign_in.providers.people]]\nwhen = {{ 'posts.role' = 'R8000' }}\norganisation = 'Health visiting'\n\
         role = 'duty'\nlines = ['canterbury']\n",
        provider.issuer
    );
    fs::write(file, text + &more).expect("writes");
}

/// The value of the cookie that an answer sets, with its name.
fn cookie(answer: &crate::child::Answer) -> String {
    answer.headers.get("set-cookie").and_then(|set| set.split(';').next()).expect("a cookie").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_signs_in_by_its_configured_provider_and_logs_nothing_personal() {
    let machine = Machine::on(Engine::Sqlite).await;
    machine.people();
    let redirect = format!("http://127.0.0.1:{}/sign-in/sso/test/callback", machine.web);
    let provider = Provider::start(&redirect, "client_secret_basic");
    configure(&machine, &provider);
    let served = machine.serve();
    let claims =
        json!({"email": "sam@health.example", "email_verified": true, "posts": ["x", {"role": "R8000"}]});
    provider.person("sam-1", &claims);

    let visitor = Visitor::new(machine.web);
    let page = visitor.get("/sign-in").expect("answers").body;
    assert!(page.contains("Sign in with Test sign-in"), "{page}");
    let go = visitor.post("/sign-in/sso/test", &[("next", "/inbox")]).expect("answers");
    let address =
        go.body.split("content=\"0; url=").nth(1).and_then(|rest| rest.split('"').next()).expect("leads on");
    let answer = provider.visit(&address.replace("&#38;", "&").replace("&amp;", "&"));
    let path = answer.strip_prefix(&format!("http://127.0.0.1:{}", machine.web)).expect("ours");
    let stranger = Visitor::new(machine.web).get(path).expect("answers");
    assert_eq!(stranger.status, 400, "{}", stranger.body);
    let back = Visitor::with_cookie(machine.web, &cookie(&go)).get(path).expect("answers");
    assert_eq!((back.status, back.location().as_str()), (303, "/inbox"), "{}", back.body);

    provider
        .switch(&json!({"person": super::provider::with("sam-1", &claims), "claims": {"nonce": "another"}}));
    let go = visitor.post("/sign-in/sso/test", &[]).expect("answers");
    let address =
        go.body.split("content=\"0; url=").nth(1).and_then(|rest| rest.split('"').next()).expect("leads on");
    let answer = provider.visit(&address.replace("&#38;", "&").replace("&amp;", "&"));
    let path = answer.strip_prefix(&format!("http://127.0.0.1:{}", machine.web)).expect("ours");
    let failed = Visitor::with_cookie(machine.web, &cookie(&go)).get(path).expect("answers");
    let number =
        failed.body.split("dl-nowrap\">").nth(1).and_then(|rest| rest.split('<').next()).expect("a number");
    served.stop();
    let log = fs::read_to_string(machine.path("log.txt")).expect("reads");
    let line = log
        .lines()
        .find(|line| line.contains("the ID token has another nonce"))
        .expect("the cause is logged");
    assert!(line.contains(number), "{number} in {line}");
    for secret in ["sam@health.example", "sam-1", "code=", SECRET, "eyJ"] {
        assert!(!log.contains(secret), "{secret} in the log");
    }
    assert!(machine.done(&["audit", "verify"]).starts_with("ok "));
}
