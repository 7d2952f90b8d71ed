//! From the family's words, one file a language, to the Rust source of `domain::words`.
//!
//! A sentence that is missing in one language would show a parent an empty place, so every fault ends the
//! build with a sentence that names the file and the key. Used by `build.rs` and, for its tests, by
//! `src/domain/words.rs`; pure, standard library only.
//!
//! A file is TOML of the plainest kind: comments, empty lines and `key = "sentence"` on one line each.

use std::collections::{BTreeMap, BTreeSet};

/// The language that the others are compared with.
pub const FIRST: &str = "en";

/// Keys that say what the language is, in every file.
const ABOUT: [&str; 3] = ["code", "dir", "name"];

/// A file's keys in their order, with their sentences.
type Sentences = Vec<(String, String)>;

/// The Rust source for these files, each its name with its text: `struct Words` with a
/// field for each key, and `ALL`, English first and the others by their codes.
///
/// # Errors
/// A sentence that names the file, the key and what to do.
pub fn generate(files: &[(String, String)]) -> Result<String, String> {
    let mut read = Vec::new();
    for (file, text) in files {
        let sentences = sentences(file, text)?;
        about(file, &sentences)?;
        read.push((file.as_str(), sentences));
    }
    read.sort_by_key(|(file, _)| (*file != format!("{FIRST}.toml"), file.to_string()));
    let Some((_, first)) = read.first().filter(|(file, _)| *file == format!("{FIRST}.toml")) else {
        return Err(format!("{FIRST}.toml is missing: it holds the sentences that all others translate"));
    };
    for (file, sentences) in &read[1..] {
        same_keys(file, sentences, first)?;
    }
    Ok(source(&read))
}

fn source(read: &[(&str, Sentences)]) -> String {
    let first = &read[0].1;
    let mut out = String::from(
        "/// The sentences of one language.\n#[derive(Debug, PartialEq, Eq)]\npub struct Words {\n",
    );
    for (key, sentence) in first {
        out += &format!("    #[doc = {sentence:?}]\n    pub {key}: &'static str,\n");
    }
    out += "}\n\n/// Every language there is, English first.\npub static ALL: &[Words] = &[\n";
    for (_, sentences) in read {
        out += "    Words {\n";
        for (key, sentence) in sentences {
            out += &format!("        {key}: {sentence:?},\n");
        }
        out += "    },\n";
    }
    out + "];\n"
}

/// Reads the lines of a file; each fault names the line or the key.
fn sentences(file: &str, text: &str) -> Result<Sentences, String> {
    let mut read: Sentences = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let Some((key, sentence)) = line.split_once(" = ").and_then(|(key, rest)| Some((key, quoted(rest)?)))
        else {
            return Err(format!("{file} line {}: write key = \"sentence\" on one line", number + 1));
        };
        if !is_key(key) {
            return Err(format!(
                "{file}: the key {key} has to be small letters, digits and underscores, and begin with its page, such as sign_name"
            ));
        }
        if sentence.trim().is_empty() {
            return Err(format!("{file}: the sentence of {key} is empty"));
        }
        if read.iter().any(|(known, _)| known == key) {
            return Err(format!("{file}: the key {key} stands there twice"));
        }
        placeholders(&sentence).map_err(|why| format!("{file}: the sentence of {key} has {why}"))?;
        read.push((key.to_owned(), sentence));
    }
    Ok(read)
}

/// The text between the quotation marks; `\"` and `\\` are the only escapes.
fn quoted(text: &str) -> Option<String> {
    let inner = text.strip_prefix('"')?.strip_suffix('"')?;
    let mut out = String::new();
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => return None,
            '\\' => out.push(chars.next().filter(|escaped| matches!(escaped, '"' | '\\'))?),
            c if c.is_control() => return None,
            c => out.push(c),
        }
    }
    Some(out)
}

/// A key becomes a field's name. With an underscore in it, it cannot be a word of the language Rust.
fn is_key(key: &str) -> bool {
    let letters = key.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    let begins = key.starts_with(|c: char| c.is_ascii_lowercase()) && !key.ends_with('_');
    letters && begins && (ABOUT.contains(&key) || key.contains('_'))
}

/// What is filled in later: the names between braces.
fn placeholders(sentence: &str) -> Result<BTreeSet<&str>, &'static str> {
    let wrong = "a brace that belongs to no placeholder: write {name} with small letters";
    let mut found = BTreeSet::new();
    let mut rest = sentence;
    while let Some(at) = rest.find(['{', '}']) {
        let inner = rest[at..].strip_prefix('{').and_then(|rest| rest.split_once('}')).ok_or(wrong)?;
        if inner.0.is_empty() || !inner.0.chars().all(|c| c.is_ascii_lowercase() || c == '_') {
            return Err(wrong);
        }
        found.insert(inner.0);
        rest = inner.1;
    }
    Ok(found)
}

/// `code`, `name` and `dir` are there, and the code is the file's name.
fn about(file: &str, sentences: &Sentences) -> Result<(), String> {
    let of = |key: &str| sentences.iter().find(|(known, _)| known == key).map(|(_, text)| text.as_str());
    for key in ABOUT {
        of(key).ok_or_else(|| format!("{file}: the key {key} is missing"))?;
    }
    let stem = file.strip_suffix(".toml").unwrap_or(file);
    if of("code") != Some(stem) {
        return Err(format!("{file}: code has to be \"{stem}\", as the file is named"));
    }
    if !matches!(of("dir"), Some("ltr" | "rtl")) {
        return Err(format!("{file}: dir has to be \"ltr\" or \"rtl\""));
    }
    Ok(())
}

/// The same keys as English, each with the same placeholders.
fn same_keys(file: &str, sentences: &Sentences, first: &Sentences) -> Result<(), String> {
    let of: BTreeMap<&str, &str> =
        sentences.iter().map(|(key, text)| (key.as_str(), text.as_str())).collect();
    for (key, english) in first {
        let Some(sentence) = of.get(key.as_str()) else {
            return Err(format!("{file}: the key {key} is missing: translate ‘{english}’"));
        };
        let (here, there) = (placeholders(sentence), placeholders(english));
        if here != there {
            let wanted: Vec<String> = there.into_iter().flatten().map(|name| format!("{{{name}}}")).collect();
            let wanted = if wanted.is_empty() { "none".to_owned() } else { wanted.join(" ") };
            return Err(format!(
                "{file}: the sentence of {key} needs the placeholders of {FIRST}.toml: {wanted}"
            ));
        }
    }
    match sentences.iter().find(|(key, _)| !first.iter().any(|(known, _)| known == key)) {
        Some((key, _)) => {
            Err(format!("{file}: there is no key {key} in {FIRST}.toml: take it out, or add it there"))
        }
        None => Ok(()),
    }
}
