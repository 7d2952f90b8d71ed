//! What may reach the page: typed text without the characters that steer rather than say.
//!
//! Direction overrides can make a name read backwards (`U+202E`), control characters confuse
//! readers, and towers of accents run into the line above. Visible letters are never removed here;
//! accents beyond [`MOST_MARKS`] on one letter are, and the caller names them to the reader.

use std::collections::BTreeSet;

use unicode_bidi::BidiClass;

/// Accents or vowel signs printed on one letter; more only appear in text made to harm.
pub const MOST_MARKS: usize = 4;

/// The paragraphs of a text, at least one, ready for layout.
pub fn paragraphs(text: &str, lost: &mut BTreeSet<char>) -> Vec<String> {
    let mut done = vec![String::new()];
    let mut marks = 0;
    let mut chars = text.chars().peekable();
    while let Some(ch) = chars.next() {
        if starts_paragraph(ch) {
            if ch == '\r' && chars.peek() == Some(&'\n') {
                chars.next();
            }
            done.push(String::new());
            continue;
        }
        let Some(ch) = printable(ch) else { continue };
        marks = if unicode_bidi::bidi_class(ch) == BidiClass::NSM { marks + 1 } else { 0 };
        if marks > MOST_MARKS {
            lost.insert(ch);
        } else {
            push(done.last_mut().expect("never empty"), ch);
        }
    }
    done
}

fn starts_paragraph(ch: char) -> bool {
    matches!(ch, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// The character to print in place of `ch`, or none if it only steers.
fn printable(ch: char) -> Option<char> {
    match ch {
        '\t' => Some(' '),
        ch if ch.is_control() => None,
        // Embeddings, overrides and isolates; soft hyphen; byte order mark; language tags.
        '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => None,
        '\u{AD}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}' => None,
        ch => Some(ch),
    }
}

/// One ligature is wider than a column; it is written out.
fn push(line: &mut String, ch: char) {
    match ch {
        '\u{FDFD}' => line.push_str("بسم الله الرحمن الرحيم"),
        ch => line.push(ch),
    }
}

/// Whether a character shows nothing of its own by design, so that no font needs to have it.
pub fn is_invisible(ch: char) -> bool {
    matches!(
        ch,
        '\u{34F}'
            | '\u{61C}'
            | '\u{115F}'..='\u{1160}'
            | '\u{17B4}'..='\u{17B5}'
            | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}'
            | '\u{2060}'..='\u{2065}'
            | '\u{206A}'..='\u{206F}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{E0100}'..='\u{E01EF}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clean(text: &str) -> Vec<String> {
        paragraphs(text, &mut BTreeSet::new())
    }

    #[test]
    fn overrides_and_controls_go_and_letters_stay() {
        assert_eq!(clean("Ann\u{202E}a\u{0}\u{7} \u{2067}Kowalska\u{2069}"), ["Anna Kowalska"]);
        assert_eq!(clean("a\tb\u{AD}c"), ["a bc"]);
        assert_eq!(clean("क\u{94D}\u{200D}ष"), ["क\u{94D}\u{200D}ष"]);
    }

    #[test]
    fn every_kind_of_line_break_starts_a_paragraph() {
        assert_eq!(clean("a\r\nb\nc\rd\u{2028}e\u{2029}f\u{85}g"), ["a", "b", "c", "d", "e", "f", "g"]);
        assert_eq!(clean(""), [""]);
    }

    #[test]
    fn towers_of_accents_are_cut_and_named() {
        let mut lost = BTreeSet::new();
        let tower = format!("a{}b", "\u{301}".repeat(50));
        assert_eq!(paragraphs(&tower, &mut lost), [format!("a{}b", "\u{301}".repeat(4))]);
        assert_eq!(lost.into_iter().collect::<Vec<_>>(), ['\u{301}']);
    }
}
