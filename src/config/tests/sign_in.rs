//! The settings of signing in: what cannot work, and what is read.

use super::*;
use crate::domain::people::Role;
use crate::domain::sign_in::{Factor, RoleRules, SignInRules};
use crate::domain::time::{HOUR, MINUTE};

#[test]
fn each_way_of_signing_in_that_cannot_work_has_its_sentence() {
    let (_dir, text) = working();
    let rule = "role = \"duty\"  ";
    let cases = [
        ("fresh_minutes = 10", "fresh_minutes = 0", "sign_in.fresh_minutes: write 1 to 1440 minutes"),
        ("recheck_hours = 10", "recheck_hours = 25", "sign_in.recheck_hours: write 1 to 24 hours"),
        ("idle_minutes = 20", "idle_minutes = -1", "sign_in.roles.duty.idle_minutes: write 1 to"),
        ("absolute_hours = 10", "absolute_hours = 90", "sign_in.roles.duty.absolute_hours: write 1 to"),
        (
            "roles.duty]",
            "roles.nurse]",
            "sign_in.roles.nurse: there is no role ‘nurse’: write one of practitioner,",
        ),
        ("[\"sso\", \"passkey\", \"totp\"]", "[]", "sign_in.roles.duty.factors: list at least one factor"),
        (
            "\"totp\"]",
            "\"sms\"]",
            "sign_in.roles.duty.factors: there is no factor ‘sms’: write one of sso, passkey",
        ),
        ("\"totp\"]", "\"recovery-code\"]", "sign_in.roles.duty.factors: there is no factor"),
        (
            "\"totp\"]",
            "\"mailed-code\"]",
            "sign_in.roles.duty.factors: ‘mailed-code’ is for the roles of settings",
        ),
        ("id = \"nhsmail\"", "id = \"NHS mail\"", "sign_in.providers[1].id: write a short name"),
        ("name = \"NHSmail\"", "name = \"\"", "sign_in.providers[1].name: write its name"),
        (
            "https://login.example.org/tenant",
            "http://login.example.org",
            "sign_in.providers[1].issuer: it must begin",
        ),
        ("https://login.example.org/tenant", "login", "sign_in.providers[1].issuer: write its issuer"),
        ("client_id = \"dutyline\"", "client_id = \"\"", "sign_in.providers[1].client_id: write the name"),
        ("/sso-nhsmail", "/none", "sign_in.providers[1].client_secret_file: "),
        (
            "/tls/ca.pem\"    # only for a server that the system's certificates do not vouch for\ntrust",
            "/none\"\ntrust",
            "sign_in.providers[1].ca_file: ",
        ),
        (rule, "role = \"nurse\" ", "sign_in.providers[1].people[1].role: there is no role ‘nurse’"),
        ("lines = [\"canterbury\"]", "lines = []", "sign_in.providers[1].people[1].lines: name the lines"),
        (
            "organisation = [\"RYY\", \"RYZ\"]",
            "organisation = []",
            "sign_in.providers[1].people[1].when: write the value",
        ),
        ("when = {", "when = {} # {", "sign_in.providers[1].people[1].when: say which claims they have"),
    ];
    for (from, to, start) in cases {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "{from}");
        let said: Vec<String> = faults(&changed)
            .into_iter()
            .filter(|fault| !fault.starts_with("sign_in.providers[1].people[1].lines: only"))
            .collect();
        assert!(said.len() == 1 && said[0].starts_with(start), "{start}: {said:?}");
    }
}

#[test]
fn the_rules_of_signing_in_are_read_and_say_which_part_is_wrong() {
    let (_dir, text) = working();
    let rules = Config::from_text(&text).unwrap().sign_in.rules();
    assert_eq!((rules.fresh, rules.recheck), (10 * MINUTE, 10 * HOUR));
    let duty = rules.of(Role::Duty);
    assert_eq!(duty.factors, [Factor::Sso, Factor::Passkey, Factor::Totp]);
    assert_eq!((duty.idle, duty.absolute), (20 * MINUTE, 10 * HOUR));
    let short = Config::from_text("[sign_in.roles.manager]\nidle_minutes = 5\n").unwrap().sign_in.rules();
    let usual = SignInRules::default_of(Role::Manager);
    assert_eq!(short.of(Role::Manager), RoleRules { idle: 5 * MINUTE, ..usual });
    assert_eq!(short.of(Role::Duty), SignInRules::default_of(Role::Duty));
    let setting = text.replace("role = \"duty\"  ", "role = \"manager\" ");
    let said = faults(&setting).join("; ");
    assert!(said.contains("people[1].organisation: a setting is named by its Ofsted URN"), "{said}");
    assert!(said.contains("people[1].lines: only duty and duty-lead have lines"), "{said}");
    for (text, start) in [
        (
            "[[sign_in.providers]]\nissuers = 'x'\n",
            "sign_in.providers: it cannot be read (expected one of `id`",
        ),
        ("[sign_in.roles.duty]\nidle = 3\n", "sign_in.roles: it cannot be read (expected one of `factors`"),
        ("[sign_in]\nfresh = 3\n", "sign_in.fresh: there is no such setting"),
    ] {
        assert!(faults(text)[0].starts_with(start), "{:?}", faults(text));
    }
    let nobody =
        faults("[[sign_in.providers]]\nid = 'a'\ncreate = true\n[[sign_in.providers.people]]\n").join("; ");
    for wanted in [
        "people[1].organisation: name the organisation",
        "people[1].role: write the role",
        "client_secret_file: it is missing",
    ] {
        assert!(nobody.contains(wanted), "{nobody}");
    }
    let auditor =
        "[[sign_in.providers]]\nid = 'a'\n[[sign_in.providers.people]]\nrole = 'auditor'\napproved = true\n";
    let said = faults(auditor).join("; ");
    assert!(said.contains("people[1].approved: only clinical rights need an approval"), "{said}");
    let twice = faults("[[sign_in.providers]]\nid = 'a'\n[[sign_in.providers]]\nid = 'a'\n").join("; ");
    assert!(twice.contains("sign_in.providers[2].id: two providers have this id"), "{twice}");
}
