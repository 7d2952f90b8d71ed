//! Whether the English that a family reads can be read at 9 to 11 years: the grade of Flesch and Kincaid,
//! 0.39 × words a sentence + 11.8 × syllables a word − 15.59 (grade 6 is 11 to 12 years). Labels of a word
//! or two would flatter the result, so only whole sentences count.

use std::fs;
use std::path::Path;

/// The grade that all of it together may have.
const MOST: f64 = 6.0;
/// The longest sentence, words.
const LONGEST: usize = 22;
/// Fewer words are a label.
const FEWEST: usize = 5;

/// Syllables by groups of vowels; a silent e at the end counts for nothing.
fn syllables(word: &str) -> usize {
    let letters: String =
        word.chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_lowercase()).collect();
    let vowel = |c: char| "aeiouy".contains(c);
    let begins = |(at, c): (usize, char)| vowel(c) && (at == 0 || !letters[..at].ends_with(vowel));
    let groups = letters.char_indices().filter(|one| begins(*one)).count();
    let silent = letters.ends_with('e') && !letters.ends_with("le");
    let ending = letters.ends_with("ed") && !letters.ends_with("ted") && !letters.ends_with("ded");
    groups.saturating_sub(usize::from(silent || ending)).max(1)
}

fn words(sentence: &str) -> Vec<&str> {
    sentence.split_whitespace().filter(|word| word.chars().any(|c| c.is_ascii_alphabetic())).collect()
}

fn sentences(text: &str) -> Vec<&str> {
    text.split_inclusive(['.', '!', '?', ':', ';'])
        .map(str::trim)
        .filter(|one| words(one).len() >= FEWEST)
        .collect()
}

#[expect(clippy::cast_precision_loss, reason = "counts of words are small")]
fn grade(texts: &[String]) -> f64 {
    let all: Vec<&str> = texts.iter().flat_map(|text| sentences(text)).collect();
    let every: Vec<&str> = all.iter().flat_map(|sentence| words(sentence)).collect();
    let spoken: usize = every.iter().map(|word| syllables(word)).sum();
    let (sentences, words) = (all.len() as f64, every.len() as f64);
    0.39 * words / sentences + 11.8 * spoken as f64 / words - 15.59
}

/// The sentences of the English words, placeholders as one short word.
fn english() -> Vec<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/family/words/en.toml");
    let table: toml::Table = fs::read_to_string(file).expect("reads").parse().expect("TOML");
    let sentences = table.values().filter_map(toml::Value::as_str);
    sentences.map(|text| text.replace(['{', '}'], "")).collect()
}

/// The shipped statements in plain words.
fn plain() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/statements");
    let paths = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let english = paths.filter(|path| path.to_string_lossy().ends_with(".en.plain.txt"));
    english
        .flat_map(|path| {
            fs::read_to_string(path).expect("reads").lines().map(str::to_owned).collect::<Vec<_>>()
        })
        .collect()
}

#[test]
fn a_child_of_eleven_could_read_it() {
    for (what, texts) in [("the words", english()), ("the explanation", plain())] {
        assert!(texts.len() >= 5, "{what}");
        let found = grade(&texts);
        assert!(found <= MOST, "{what}: grade {found:.1}");
        let all: Vec<&str> = texts.iter().flat_map(|text| sentences(text)).collect();
        let long: Vec<&&str> = all.iter().filter(|one| words(one).len() > LONGEST).collect();
        assert!(long.is_empty(), "{what}, too long: {long:#?}");
    }
}

#[test]
fn the_measure_tells_plain_from_hard() {
    for (word, count) in [
        ("cat", 1),
        ("table", 2),
        ("someone", 2),
        ("agreement", 3),
        ("changed", 1),
        ("wanted", 2),
        ("the", 1),
    ] {
        // A heuristic: one off is near enough for a whole page.
        assert!(syllables(word).abs_diff(count) <= 1, "{word}: {}", syllables(word));
    }
    let plain = ["The cat sat on the mat. The dog ran to the shop.".to_owned()];
    let hard = ["Information disclosed hereunder constitutes confidential material pursuant to applicable legislation."
        .to_owned()];
    assert!(grade(&plain) < 2.0 && grade(&hard) > 15.0, "{} {}", grade(&plain), grade(&hard));
}
