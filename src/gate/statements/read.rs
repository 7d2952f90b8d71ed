//! From files to statements: names, words, days. Pure: whoever calls has read the files.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{Statements, Version, Wording};
use crate::domain::words::Words;

// The files of `templates/statements` as `SHIPPED`, made by build.rs.
include!(concat!(env!("OUT_DIR"), "/statements.rs"));

/// A file: its name and its bytes.
pub type Named = (String, Vec<u8>);

/// What is wrong with a file, or with all of them together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem(pub String);

/// Longest statement, bytes (64 KiB): a page that nobody could read is a mistake.
const LONGEST: usize = 64 * 1024;
/// Longest name of a version, characters.
const LONGEST_NAME: usize = 60;

impl Statements {
    /// What came with the program.
    pub fn shipped() -> Self {
        let files = SHIPPED.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()));
        let versions = versions(&files.collect::<Vec<_>>(), true);
        Self { versions: versions.expect("the shipped statements are read by a test") }
    }

    /// What came with the program, and a trust's own files.
    ///
    /// # Errors
    /// A sentence for each thing that is wrong.
    pub fn with(files: &[Named]) -> Result<Self, Vec<Problem>> {
        let mut versions = versions(files, false)?;
        let Self { versions: mut all } = Self::shipped();
        let taken = versions.iter().filter(|one| all.iter().any(|known| known.name == one.name));
        let mut problems: Vec<Problem> = taken
            .map(|one| {
                Problem(format!("{}: the program has a version of this name: choose another", one.name))
            })
            .collect();
        problems.extend(versions.windows(2).filter(|pair| pair[0].from == pair[1].from).map(|pair| {
            let (one, other) = (&pair[0].name, &pair[1].name);
            Problem(format!("{one} and {other} hold from the same day: end their names in different days"))
        }));
        all.append(&mut versions);
        if problems.is_empty() { Ok(Self { versions: all }) } else { Err(problems) }
    }
}

/// What a file is, by its name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Statement,
    Plain,
    Name,
}

/// The texts of a folder by version, language and kind; a language's name has no version.
type Texts = BTreeMap<(String, String, u8), String>;

fn versions(files: &[Named], shipped: bool) -> Result<Vec<Version>, Vec<Problem>> {
    let (mut texts, mut problems) = (Texts::new(), Vec::new());
    for (file, bytes) in files {
        let read =
            place(file).and_then(|(version, language, kind)| Ok((version, language, kind, text(bytes)?)));
        let (version, language, kind, text) = match read {
            Ok(read) => read,
            Err(why) => {
                problems.push(Problem(format!("{file}: {why}")));
                continue;
            }
        };
        if texts.insert((version, language, kind as u8), text).is_some() {
            problems.push(Problem(format!(
                "{file}: this version stands there twice in this language: take one out"
            )));
        }
    }
    let names: Vec<String> =
        texts.keys().map(|(version, ..)| version.clone()).filter(|one| !one.is_empty()).collect();
    let mut versions = Vec::new();
    for name in names.into_iter().collect::<std::collections::BTreeSet<_>>() {
        match version(&name, &texts, shipped) {
            Ok(version) => versions.push(version),
            Err(more) => problems.extend(more),
        }
    }
    if versions.is_empty() && problems.is_empty() {
        let sentence = "there is no statement in it: put files such as trust-2027-01-01.en.txt there";
        problems.push(Problem(sentence.to_owned()));
    }
    versions.sort_by(|one, other| (one.from, &one.name).cmp(&(other.from, &other.name)));
    if problems.is_empty() { Ok(versions) } else { Err(problems) }
}

/// Version, language and kind by a file's name; all in small letters.
fn place(file: &str) -> Result<(String, String, Kind), String> {
    let lower = file.to_lowercase();
    let pieces: Vec<&str> = lower.split('.').collect();
    let (version, language, kind) = match pieces[..] {
        [language, "name", "txt"] => ("", language, Kind::Name),
        [version, language, "txt"] => (version, language, Kind::Statement),
        [version, language, "plain", "txt"] => (version, language, Kind::Plain),
        _ => {
            return Err("name it version.language.txt, such as trust-2027-01-01.en.txt, with \
                        version.language.plain.txt beside it; or take it out"
                .to_owned());
        }
    };
    let plain = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if kind != Kind::Name && (!plain(version) || version.len() > LONGEST_NAME) {
        return Err(format!("a version’s name has letters, digits and hyphens, at most {LONGEST_NAME}"));
    }
    if !plain(language) {
        return Err("the language is a code such as en".to_owned());
    }
    Ok((version.to_owned(), language.to_owned(), kind))
}

/// A file's words: nothing of them is changed but how lines end.
fn text(bytes: &[u8]) -> Result<String, String> {
    if bytes.len() > LONGEST {
        return Err(format!("it is longer than {} KiB: is it the right file?", LONGEST / 1024));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8: save it as UTF-8 text".to_owned())?;
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    match text.trim() {
        "" => Err("it is empty: write the words into it, or take it out".to_owned()),
        text => Ok(text.to_owned()),
    }
}

fn version(name: &str, texts: &Texts, shipped: bool) -> Result<Version, Vec<Problem>> {
    let problem = |why: String| Problem(format!("{name}: {why}"));
    let mut problems = Vec::new();
    let from = day(name).unwrap_or_else(|why| {
        problems.push(problem(why));
        Date::MIN
    });
    let of = |language: &str, kind: Kind| texts.get(&(name.to_owned(), language.to_owned(), kind as u8));
    let languages =
        texts.keys().filter(|(version, ..)| version == name).map(|(_, language, _)| language.as_str());
    let languages: std::collections::BTreeSet<&str> = languages.collect();
    let mut wordings = Vec::new();
    for language in languages {
        match (of(language, Kind::Statement), of(language, Kind::Plain), own_name(language, texts)) {
            (Some(text), Some(plain), Some(own)) => wordings.push(Wording {
                language: language.to_owned(),
                name: own,
                text: text.clone(),
                plain: plain.lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect(),
            }),
            (None, ..) => problems.push(problem(format!("{name}.{language}.txt is missing: the statement itself"))),
            (_, None, _) => problems.push(problem(format!(
                "{name}.{language}.plain.txt is missing: the same in plain words, a point a line"
            ))),
            (.., None) => problems.push(problem(format!(
                "the program has no words in {language}: write the language’s own name into {language}.name.txt"
            ))),
        }
    }
    let english = Words::english().code;
    if of(english, Kind::Statement).is_none() && of(english, Kind::Plain).is_none() {
        problems.push(problem(format!(
            "{name}.{english}.txt is missing: the English statement stands beside every other"
        )));
    }
    wordings.sort_by_key(|one| (one.language != english, one.language.clone()));
    if problems.is_empty() {
        Ok(Version { name: name.to_owned(), from, shipped, wordings })
    } else {
        Err(problems)
    }
}

/// The language's own name: the program's, or the folder's.
fn own_name(language: &str, texts: &Texts) -> Option<String> {
    let ours = Words::of(language).map(|words| words.name.to_owned());
    ours.or_else(|| texts.get(&(String::new(), language.to_owned(), Kind::Name as u8)).cloned())
}

/// The day that a version's name ends in: `…-2027-01-01`, `…-2027-01`, or none.
fn day(name: &str) -> Result<Date, String> {
    let pieces: Vec<&str> = name.rsplit('-').take(3).collect();
    let number = |text: &str, length| (text.len() == length).then(|| text.parse::<i16>().ok()).flatten();
    let parts = match pieces[..] {
        [day, month, year] if number(year, 4).is_some() && number(month, 2).is_some() => {
            number(day, 2).map(|day| (number(year, 4), number(month, 2), day))
        }
        [month, year, ..] if number(year, 4).is_some() => {
            number(month, 2).map(|month| (number(year, 4), Some(month), 1))
        }
        _ => None,
    };
    let Some((Some(year), Some(month), day)) = parts else { return Ok(Date::MIN) };
    let wrong = || "its name ends in a day that does not exist: correct it".to_owned();
    let small = |number: i16| i8::try_from(number).map_err(|_| wrong());
    Date::new(year, small(month)?, small(day)?).map_err(|_| wrong())
}
