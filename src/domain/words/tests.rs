use std::fs;
use std::path::{Path, PathBuf};

use super::*;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The files as they are: name and text.
fn files() -> Vec<(String, String)> {
    let folder = fs::read_dir(root().join("templates/family/words")).expect("a folder");
    let read = folder.map(|entry| {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        (name, fs::read_to_string(path).expect("reads"))
    });
    let mut files: Vec<_> = read.collect();
    files.sort();
    files
}

const ENGLISH: &str = "code = \"en\"\nname = \"English\"\ndir = \"ltr\"\nsign_who = \"Who are you?\"\n\
                       sign_until = \"Until {day}\"\n";
const POLISH: &str = "code = \"pl\"\nname = \"Polski\"\ndir = \"ltr\"\nsign_who = \"Kim jesteś?\"\n\
                      sign_until = \"Do {day}\"\n";

fn made(english: &str, polish: &str) -> Result<String, String> {
    generator::generate(&[("pl.toml".into(), polish.into()), ("en.toml".into(), english.into())])
}

#[test]
fn english_comes_first_whatever_the_folders_order() {
    let source = made(ENGLISH, POLISH).expect("whole files");
    let at = |what: &str| source.find(what).expect("stands there");
    assert!(at("code: \"en\"") < at("code: \"pl\""), "{source}");
    assert!(source.contains("pub sign_until: &'static str"), "{source}");
    assert_eq!((ALL[0].code, Words::english().name), (generator::FIRST, "English"));
}

#[test]
fn every_fault_of_a_file_names_file_and_key() {
    let cases = [
        (
            POLISH.replace("sign_who = \"Kim jesteś?\"\n", ""),
            "pl.toml: the key sign_who is missing: translate ‘Who are you?’",
        ),
        (format!("{POLISH}sign_more = \"Więcej\"\n"), "pl.toml: there is no key sign_more in en.toml"),
        (POLISH.replace("Kim jesteś?", " "), "pl.toml: the sentence of sign_who is empty"),
        (
            POLISH.replace("Do {day}", "Do jutra"),
            "pl.toml: the sentence of sign_until needs the placeholders of en.toml: {day}",
        ),
        (
            POLISH.replace("Kim jesteś?", "{kto}?"),
            "pl.toml: the sentence of sign_who needs the placeholders of en.toml: none",
        ),
        (POLISH.replace("{day}", "{Day}"), "pl.toml: the sentence of sign_until has a brace"),
        (POLISH.replace("{day}", "day}"), "pl.toml: the sentence of sign_until has a brace"),
        (POLISH.replace("\"pl\"", "\"de\""), "pl.toml: code has to be \"pl\""),
        (POLISH.replace("ltr", "left"), "pl.toml: dir has to be"),
        (POLISH.replace("name = \"Polski\"\n", ""), "pl.toml: the key name is missing"),
        (format!("{POLISH}sign_who = \"Kto?\"\n"), "pl.toml: the key sign_who stands there twice"),
        (format!("{POLISH}who = \"Kto?\"\n"), "pl.toml: the key who has to be small letters"),
        (format!("{POLISH}sign_x = 'Kto?'\n"), "pl.toml line 6: write key = "),
        (format!("{POLISH}sign_x = \"a\" b\"\n"), "pl.toml line 6: write key = "),
    ];
    for (polish, begins) in cases {
        let said = made(ENGLISH, &polish).expect_err(begins);
        assert!(said.starts_with(begins), "{said}\n{begins}");
    }
    let alone = generator::generate(&[("pl.toml".into(), POLISH.into())]).expect_err("no English");
    assert!(alone.starts_with("en.toml is missing"), "{alone}");
}

#[test]
fn the_files_are_true_toml_and_are_what_was_built() {
    assert!(files().len() >= 3, "three languages at least");
    assert_eq!(files().len(), ALL.len(), "a file is a language");
    for (name, text) in files() {
        let table: toml::Table = text.parse().unwrap_or_else(|why| panic!("{name}: {why}"));
        let words = Words::of(name.trim_end_matches(".toml")).expect("built");
        let built = format!("{words:?}");
        for (key, value) in &table {
            let value = value.as_str().expect("text");
            assert!(built.contains(&format!("{key}: {value:?}")), "{name}: {key}");
        }
    }
}

/// Sentences of more than so many letters are never the same in two languages.
const LONG: usize = 14;

#[test]
fn no_sentence_waits_for_its_translation() {
    let tables: Vec<(String, toml::Table)> =
        files().into_iter().map(|(name, text)| (name, text.parse().expect("TOML"))).collect();
    let english = &tables.iter().find(|(name, _)| name == "en.toml").expect("English").1;
    let mut waiting = Vec::new();
    for (name, table) in tables.iter().filter(|(name, _)| name != "en.toml") {
        let same = table.iter().filter(|(key, text)| english.get(*key) == Some(text));
        // What is filled in is no letter of the sentence.
        let letters = |text: &str| fill(text, &[("day", ""), ("month", ""), ("year", "")]).chars().count();
        let long = same.filter(|(_, text)| text.as_str().is_some_and(|text| letters(text) > LONG));
        waiting.extend(long.map(|(key, _)| format!("{name}: {key}")));
    }
    assert!(waiting.is_empty(), "{waiting:#?}");
}

#[test]
fn placeholders_are_filled_in_and_what_is_filled_in_is_not_read_again() {
    assert_eq!(
        fill("Hello {name}, until {day}.", &[("day", "9 May"), ("name", "{day}")]),
        "Hello {day}, until 9 May."
    );
    assert_eq!(fill("{name}", &[]), "{name}");
    assert_eq!(fill("no braces", &[("name", "x")]), "no braces");
    assert_eq!(fill("{a}{a}", &[("a", "1")]), "11");
}

#[test]
fn a_language_is_found_by_its_code_and_by_what_a_browser_asks() {
    let arabic = Words::of("AR").expect("Arabic");
    assert_eq!((arabic.code, arabic.dir), ("ar", "rtl"));
    assert_eq!(Words::of("tlh"), None);
    assert!(Words::or_english("tlh").is_english() && Words::or_english("").is_english());
    for (asked, code) in [
        ("pl-PL,pl;q=0.9,en;q=0.8", "pl"),
        ("tlh, ar-EG;q=0.7", "ar"),
        ("", "en"),
        ("*", "en"),
        ("en-GB,pl", "en"),
    ] {
        assert_eq!(Words::preferred(asked).code, code, "{asked}");
    }
}

#[test]
fn a_day_is_written_as_the_language_does() {
    let day = jiff::civil::date(2027, 5, 9);
    assert_eq!(Words::english().day(day), "9 May 2027");
    assert_eq!(Words::of("pl").expect("Polish").day(day), "9 maja 2027");
    assert_eq!(Words::of("ar").expect("Arabic").day(day), "9 مايو 2027");
}

/// Source files that know a language by its code, its own name or its file.
fn that_list_languages(folder: &Path, found: &mut Vec<String>) {
    for path in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if path.is_dir() {
            that_list_languages(&path, found);
            continue;
        }
        let shown = path.display().to_string();
        if shown.contains("test") || !(shown.ends_with(".rs") || shown.ends_with(".html")) {
            continue;
        }
        let text = fs::read_to_string(&path).expect("reads");
        let live = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        for words in ALL.iter().filter(|words| !words.is_english()) {
            let signs = [
                format!("\"{}\"", words.code),
                format!("\"{}\"", words.name),
                format!("{}.toml", words.code),
            ];
            found.extend(
                signs.iter().filter(|sign| live.contains(*sign)).map(|sign| format!("{shown}: {sign}")),
            );
        }
    }
}

#[test]
fn nothing_but_the_folder_lists_the_languages() {
    let mut found = Vec::new();
    for folder in ["src", "templates", "build"] {
        that_list_languages(&root().join(folder), &mut found);
    }
    assert!(found.is_empty(), "{found:#?}");
}
