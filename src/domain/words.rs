//! The words that a family reads, in every language there is: `templates/family/words`, a file each.
//!
//! The build makes [`Words`] of them, a field for each key, and stops at a sentence that is missing
//! (`build/words.rs`). Adding a language is adding a file; nothing else lists the languages. While a
//! sentence waits for its translation, the English one may stand in its place: the build goes on, and a
//! test here names it.

include!(concat!(env!("OUT_DIR"), "/words.rs"));

impl Words {
    /// English: what is shown where no language was chosen, and beside every other.
    pub fn english() -> &'static Words {
        &ALL[0]
    }

    /// The words of a language by its code (BCP 47, case ignored), if there are any.
    pub fn of(code: &str) -> Option<&'static Words> {
        ALL.iter().find(|words| words.code.eq_ignore_ascii_case(code))
    }

    /// The words of a language, English where there are none: for a code that came with a request.
    pub fn or_english(code: &str) -> &'static Words {
        Self::of(code).unwrap_or_else(Self::english)
    }

    /// The words that a browser asks for (RFC 9110, section 12.5.4): the first language of the list that
    /// there are words for. Weights are left out: browsers list by weight.
    pub fn preferred(accept_language: &str) -> &'static Words {
        let codes = accept_language.split(',').map(|one| one.split(';').next().unwrap_or_default().trim());
        let known = |code: &str| Self::of(code).or_else(|| Self::of(code.split('-').next()?));
        codes.into_iter().find_map(known).unwrap_or_else(Self::english)
    }

    /// A day as the language writes it: 9 May 2027.
    pub fn day(&self, day: jiff::civil::Date) -> String {
        let months = [
            self.month_1,
            self.month_2,
            self.month_3,
            self.month_4,
            self.month_5,
            self.month_6,
            self.month_7,
            self.month_8,
            self.month_9,
            self.month_10,
            self.month_11,
            self.month_12,
        ];
        let month = usize::try_from(day.month() - 1).ok().and_then(|at| months.get(at)).unwrap_or(&"");
        let (number, year) = (day.day().to_string(), day.year().to_string());
        fill(self.date_day, &[("day", &number), ("month", month), ("year", &year)])
    }

    /// Whether these are the English words.
    pub fn is_english(&self) -> bool {
        self.code == Self::english().code
    }
}

/// A sentence with its placeholders filled in: `fill(words.code_sent, &[("place", "…")])`. What is filled
/// in is taken as it is, braces and all; a placeholder that nothing was given for stays as it stands.
/// The page escapes the result as any other text.
pub fn fill(sentence: &str, given: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(sentence.len());
    let mut rest = sentence;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let found = after.split_once('}').and_then(|(name, tail)| {
            let value = given.iter().find(|(known, _)| *known == name)?;
            Some((value.1, tail))
        });
        match found {
            Some((value, tail)) => {
                out.push_str(value);
                rest = tail;
            }
            None => {
                out.push('{');
                rest = after;
            }
        }
    }
    out + rest
}

#[cfg(test)]
#[path = "../../build/words.rs"]
mod generator;

#[cfg(test)]
mod tests;

#[cfg(test)]
mod reading;
