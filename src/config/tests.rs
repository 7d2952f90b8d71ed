use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use tempfile::TempDir;

use super::*;

mod consent;
mod rights;
mod sign_in;
mod text;

const EXAMPLE: &str = include_str!("../../docs/dutyline.example.toml");

/// A folder in which the example works: its paths lead into it.
fn working() -> (TempDir, String) {
    let dir = TempDir::new().unwrap();
    let at = dir.path().display().to_string();
    for folder in ["keys", "tls", "data", "acme", "statements"] {
        fs::create_dir(dir.path().join(folder)).unwrap();
    }
    let private = |name: &str, text: &str| {
        fs::write(dir.path().join(name), text).unwrap();
        fs::set_permissions(dir.path().join(name), Permissions::from_mode(0o600)).unwrap();
    };
    for name in ["tls/web.pem", "tls/mail.pem", "tls/ca.pem"] {
        private(name, "-----BEGIN CERTIFICATE-----\n");
    }
    for name in ["tls/web.key", "tls/mail.key"] {
        private(name, "-----BEGIN PRIVATE KEY-----\n");
    }
    private("mail-password", "made-up\n");
    private("sso-nhsmail", "made-up\n");
    private("keys/relay.key", "made-up\n");
    private(
        "text-key",
        "dutyline-11111111-2222-4333-8444-555555555555-aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee\n",
    );
    private("statements/trust-2027-01-01.en.txt", "I agree.\n");
    private("statements/trust-2027-01-01.en.plain.txt", "You say yes.\n");
    for folder in ["keys", "acme"] {
        fs::set_permissions(dir.path().join(folder), Permissions::from_mode(0o700)).unwrap();
    }
    let text = EXAMPLE.replace("/etc/dutyline", &at).replace("/var/lib/dutyline", &format!("{at}/data"));
    (dir, text)
}

/// The example with automatic certificates in place of files.
fn automatic(text: &str) -> String {
    let files = text.find("[web.tls]").unwrap()..text.find("# In place of").unwrap();
    let mut text = text.to_owned();
    text.replace_range(files, "");
    for setting in ["[web.acme]", "directory = ", "contact = ", "folder = ", "ca_file = "] {
        text = text.replacen(&format!("# {setting}"), setting, 1);
    }
    text
}

fn faults(text: &str) -> Vec<String> {
    let faults = Config::from_text(text).map_or_else(|faults| faults, |config| config.check());
    faults.iter().map(Fault::to_string).collect()
}

#[test]
fn the_example_has_every_setting_and_works() {
    let (_dir, text) = working();
    assert_eq!(faults(&text), Vec::<String>::new());
    assert_eq!(faults(&automatic(&text)), Vec::<String>::new());
    let files: toml::Table = EXAMPLE.parse().unwrap();
    let acme: toml::Table = automatic(EXAMPLE).parse().unwrap();
    for (place, names) in settings::SETTINGS {
        let keys = place.split('.').filter(|key| !key.is_empty());
        let table = if *place == "web.acme" { &acme } else { &files };
        let inner = keys.fold(table, |table, key| table[key].as_table().unwrap());
        let mut written: Vec<&str> = inner.keys().map(String::as_str).collect();
        let mut known = names.to_vec();
        // One way to a certificate at a time.
        known.retain(|name| (*place, *name) != ("web", "acme"));
        written.sort_unstable();
        known.sort_unstable();
        assert_eq!(written, known, "[{place}]");
    }
}

#[test]
fn every_unknown_setting_gets_its_sentence_at_once() {
    let said = faults("keysdir = 'x'\n[web]\nlisen = 'y'\n[web.tls]\nchain = 'z'\n[mial]\nhost = 'a'\n");
    assert_eq!(said.len(), 4, "{said:?}");
    assert!(
        said[0].starts_with("keysdir: there is no such setting: take it out, or use one that the file has")
    );
    let web = said.iter().find(|s| s.starts_with("web.lisen")).unwrap();
    assert!(web.ends_with("[web] has (listen, base_url, hosts, proxies, redirect_http, tls, acme)"), "{web}");
    assert!(
        said.iter().any(|s| s.starts_with("web.tls.chain: ")) && said.iter().any(|s| s.starts_with("mial: "))
    );
}

#[test]
fn a_wrong_type_names_its_setting_and_not_its_value_and_hides_no_other() {
    let said = faults("web = 3\n[mail]\nport = 'hunter2'\ntls = 'hunter2'\n[log]\nlevel = 7\n");
    assert_eq!(said.len(), 4, "{said:?}");
    for start in ["web: it", "mail.port: it", "mail.tls: it", "log.level: it"] {
        let one = said.iter().find(|s| s.starts_with(start)).unwrap_or_else(|| panic!("{start}: {said:?}"));
        assert!(one.contains("cannot be read (expected") && !one.contains("hunter2"), "{one}");
    }
    assert!(faults("web = [")[0].starts_with("line 1 cannot be read: "));
}

#[test]
fn what_is_wrong_with_one_setting_hides_nothing_about_the_others() {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("dutyline.toml");
    let text = "keysdir = 'x'\n[mail]\nport = 'hunter2'\n[trail]\norigin = 3\n[web]\nbase_url = 'no'\n";
    fs::write(&file, text).unwrap();
    let (config, said) = Config::examine(&file, &Environment::default());
    assert_eq!(config.unwrap().web.base_url, "no");
    let settings: Vec<&str> = said.iter().map(|fault| fault.setting.as_str()).collect();
    let form = ["keysdir", "mail.port", "trail.origin"];
    let check = ["keys_dir", "web.base_url", "database.url", "mail.host", "mail.from"];
    let rest = ["trail.checkpoint_file", "service.social_care"];
    assert_eq!(settings, [&form[..], &check, &rest].concat());
    assert_eq!(Config::load(&file, &Environment::default()).unwrap_err().len(), form.len());
    let (config, said) = Config::examine(&dir.path().join("none.toml"), &Environment::default());
    assert!(config.is_none() && said.len() == 1);
}

#[test]
fn an_empty_file_is_told_all_that_is_missing() {
    let said = faults("");
    let starts = [
        "keys_dir: it is missing",
        "web.base_url: write the address that people type",
        "database.url: write sqlite:",
        "mail.host: it is missing",
        "mail.from: write the address",
        "trail.origin: name this relay's log",
        "trail.checkpoint_file: it is missing",
        "service.social_care: write the telephone number",
    ];
    assert_eq!(said.len(), starts.len(), "{said:?}");
    for (said, start) in said.iter().zip(starts) {
        assert!(said.starts_with(start), "{said}");
    }
}

#[test]
fn each_setting_that_cannot_work_has_its_sentence() {
    let (_dir, text) = working();
    let cases = [
        ("/keys\"", "/nokeys\"", "keys_dir: there is no folder"),
        ("\"127.0.0.1:8080\"", "\"8080\"", "web.listen: write an address and a port"),
        ("https://relay", "http://relay", "web.base_url: it must begin with https://"),
        ("relay.example\"      #", "relay.example/x\"  #", "web.base_url: write it without a path"),
        (
            "[\"relay.example\"]",
            "[\"https://relay.example\"]",
            "web.hosts: ‘https://relay.example’ is not a host",
        ),
        (
            "[\"relay.example\"]",
            "[\"duty.example\"]",
            "web.hosts: relay.example, the host of base_url, is not",
        ),
        ("\"192.0.2.5\"", "\"proxy.example\"", "web.proxies: ‘proxy.example’ is not an IP address"),
        ("0.0.0.0:80\"", "80\"", "web.redirect_http: write an address and a port"),
        ("0.0.0.0:80\"", "127.0.0.1:8080\"", "web.redirect_http: it is web.listen as well"),
        ("tls/web.pem", "tls/none.pem", "web.tls.certificate: "),
        ("tls/web.key", "tls/web.pem", "web.tls.key: "),
        ("[\"referrals@relay.example\"]", "[]", "smtp.addresses: list the recipient addresses"),
        ("[\"referrals@relay.example\"]", "[\"no\"]", "smtp.addresses: ‘no’ is not an email address"),
        ("hostname = \"relay.example\"", "hostname = \"\"", "smtp.hostname: write this machine's own name"),
        ("sqlite:", "mysql:", "database.url: write sqlite:"),
        ("/data/dutyline.db", "/gone/dutyline.db", "database.url: there is no folder"),
        ("/data/dutyline.db", "/keys/dutyline.db", "database.url: it lies in the key folder"),
        ("username = ", "#", "mail.username: username and password_file belong together"),
        ("/mail-password", "/none", "mail.password_file: "),
        ("relay.example/log", "two words", "trail.origin: name this relay's log"),
        ("/data/last-", "/gone/last-", "trail.checkpoint_file: there is no folder"),
        ("01632 960000", "ring us", "service.social_care: write the telephone number"),
        ("signature_days = 28", "signature_days = 0", "gate.signature_days: write 1 to 366 days"),
        ("oldest_months = 60", "oldest_months = 6", "gate.oldest_months: write 24 to"),
    ];
    for (from, to, start) in cases {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "{from}");
        let said = faults(&changed);
        assert!(said.len() == 1 && said[0].starts_with(start), "{start}: {said:?}");
    }
}

#[test]
fn each_setting_of_automatic_certificates_that_cannot_work_has_its_sentence() {
    let (_dir, text) = working();
    let acme = automatic(&text);
    let cases = [
        ("https://acme.example", "http://acme.example", "web.acme.directory: write the directory's address"),
        ("machines@relay.example", "the machine room", "web.acme.contact: write the mail address"),
        ("/acme\"", "/none\"", "web.acme.folder: there is no folder"),
        ("/acme\"", "/tls\"", "web.acme.folder: "),
        ("/acme\"", "/keys\"", "web.acme.folder: it is the key folder"),
        ("tls/ca.pem\"  # only for a dir", "tls/no.pem\"  # only for a dir", "web.acme.ca_file: "),
    ];
    for (from, to, start) in cases {
        let changed = acme.replacen(from, to, 1);
        assert_ne!(changed, acme, "{from}");
        let said = faults(&changed);
        assert!(said.len() == 1 && said[0].starts_with(start), "{start}: {said:?}");
    }
    let both = text.replace("# [web.acme]", "[web.acme]\ndirectory = 'https://acme.example'\n#");
    assert!(faults(&both)[0].starts_with("web.acme: there are certificate files as well"), "{both}");
    let at = |url: &str, host: &str| {
        acme.replace("https://relay.example", url).replace("[\"relay.example\"]", &format!("[\"{host}\"]"))
    };
    let address = faults(&at("https://192.0.2.1", "192.0.2.1"));
    assert!(
        address.len() == 1 && address[0].starts_with("web.acme: a certificate is for a name"),
        "{address:?}"
    );
    let local = at("http://127.0.0.1:8080", "127.0.0.1");
    let said = faults(&local);
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].starts_with("web.redirect_http: there is nothing to send people on to"), "{said:?}");
    assert!(said[1].starts_with("web.acme: a certificate is for a name"), "{said:?}");
}

#[test]
fn nobody_is_served_in_clear_on_a_network_but_a_proxy_that_was_named() {
    let (_dir, text) = working();
    let tls = text.find("[web.tls]").unwrap()..text.find("# In place of").unwrap();
    let open = text.replace("\"127.0.0.1:8080\"", "\"0.0.0.0:8080\"");
    assert_eq!(faults(&open), Vec::<String>::new(), "with a certificate");
    let mut clear = text.clone();
    clear.replace_range(tls, "");
    let clear = clear.replace("\"127.0.0.1:8080\"", "\"0.0.0.0:8080\"");
    assert_eq!(faults(&clear), Vec::<String>::new(), "to the proxy");
    let said = faults(&clear.replace("[\"192.0.2.5\"]", "[]"));
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].starts_with("web.tls: the web door would be in clear on the network"), "{said:?}");
    let here = clear.replace("[\"192.0.2.5\"]", "[]").replace("0.0.0.0:8080", "127.0.0.1:8080");
    let said = faults(&here);
    assert!(
        said.len() == 1 && said[0].starts_with("web.proxies: base_url is https and there is no"),
        "{said:?}"
    );
}

#[test]
fn a_certificate_is_for_every_name_and_for_no_address() {
    let web = Web {
        base_url: "https://Relay.example:8443".to_owned(),
        hosts: [
            "relay.example",
            "duty.example:8443",
            "127.0.0.1",
            "[::1]:80",
            "localhost",
            "bad_name.example",
        ]
        .map(str::to_owned)
        .to_vec(),
        proxies: vec!["::ffff:192.0.2.5".to_owned()],
        ..Web::default()
    };
    assert_eq!(web.names(), ["relay.example", "duty.example"]);
    assert_eq!(web.proxies(), ["192.0.2.5".parse::<std::net::IpAddr>().unwrap()]);
}

#[test]
fn what_other_users_may_read_is_named_with_the_command_to_run() {
    let (dir, text) = working();
    for (name, setting) in [
        ("keys/relay.key", "keys_dir"),
        ("tls/web.key", "web.tls.key"),
        ("mail-password", "mail.password_file"),
        ("sso-nhsmail", "sign_in.providers[1].client_secret_file"),
    ] {
        let path = dir.path().join(name);
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        let path_shown = path.display();
        let sentence = format!(
            "{setting}: {path_shown} is open to other users (mode 644): run `chmod 600 {path_shown}`"
        );
        assert_eq!(faults(&text), [sentence]);
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    }
}

#[test]
fn mail_is_not_taken_in_clear_from_the_network() {
    let (_dir, text) = working();
    let start = text.find("[smtp.tls]").unwrap();
    let end = text.find("[database]").unwrap();
    let clear = format!("{}{}", &text[..start], &text[end..]);
    assert!(faults(&clear)[0].starts_with("smtp.tls: there is no certificate for STARTTLS"));
    assert_eq!(faults(&clear.replace("0.0.0.0:25", "127.0.0.1:2525")), Vec::<String>::new());
}

#[test]
fn the_environment_overrides_and_paths_are_the_files_own() {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("dutyline.toml");
    fs::write(&file, "keys_dir = 'keys'\n[database]\nurl = 'sqlite:a.db'\n[mail]\nca_file = '/etc/ca.pem'\n")
        .unwrap();
    let environment = Environment {
        database_url: Some("postgres://db.example/x".to_owned()),
        log: Some("debug".to_owned()),
    };
    let config = Config::load(&file, &environment).unwrap();
    assert_eq!(config.database.url, "postgres://db.example/x");
    assert_eq!(config.log.level, "debug");
    assert_eq!(config.keys_dir, dir.path().join("keys"));
    assert_eq!(config.mail.ca_file, Some(PathBuf::from("/etc/ca.pem")));
    assert_eq!(config.trail.checkpoint_file, PathBuf::new());
    let missing = Config::load(&dir.path().join("none.toml"), &environment).unwrap_err();
    assert!(missing[0].to_string().contains("name the file with --config"));
}

#[test]
fn the_host_is_read_out_of_the_address() {
    for (url, host) in [
        ("https://relay.example", Some("relay.example")),
        ("http://127.0.0.1:8080", Some("127.0.0.1")),
        ("http://[::1]:8080", Some("[::1]")),
        ("relay.example", None),
        ("https://", None),
        ("https://a@b", None),
    ] {
        assert_eq!(check::host_of(url), host, "{url}");
    }
}
