//! The gateway of texts.

use super::*;

#[test]
fn what_the_gateway_lacks_is_said_and_a_key_is_never_repeated() {
    let (dir, text) = working();
    for (from, to, said) in [
        ("https://api.notifications", "http://api.notifications", "text.base_url: write the gateway"),
        ("text-code = ", "text-cod = ", "text.templates: text-code is missing"),
        ("0b8d8f6e-1111", "0b8d8f6e_1111", "text.templates: text-code is not the id"),
        ("/text-key", "/no-key", "text.key_file: "),
    ] {
        let faults = faults(&text.replacen(from, to, 1));
        assert!(faults[0].starts_with(said), "{from}: {faults:?}");
    }
    let unknown = faults(&text.replacen("text-code = ", "text-other = \"x\"\ntext-code = ", 1));
    assert!(unknown.len() == 1 && unknown[0].contains("there is no text text-other"), "{unknown:?}");
    let file = dir.path().join("text-key");
    fs::write(&file, "secretword\n").unwrap();
    fs::set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
    let both = faults(&text);
    assert_eq!(both.len(), 2, "{both:?}");
    assert!(both[0].contains("an API key ends in") && both[1].contains("chmod 600"), "{both:?}");
    assert!(both.iter().all(|sentence| !sentence.contains("secretword")));
}

#[test]
fn the_templates_come_by_kind_and_none_is_needed_without_a_gateway() {
    let (_dir, text) = working();
    let config = Config::from_text(&text).unwrap();
    let templates = config.text.unwrap().by_kind();
    let kinds: Vec<_> =
        crate::text::Kind::ALL.iter().map(|kind| templates.iter().any(|(one, _)| one == kind)).collect();
    assert!(kinds.iter().all(|there| *there), "{templates:?}");
    assert!(
        templates.contains(&(crate::text::Kind::TextCode, "0b8d8f6e-1111-4222-8333-444444444444".to_owned()))
    );
    assert_eq!(Config::from_text("").unwrap().text, None);
}
