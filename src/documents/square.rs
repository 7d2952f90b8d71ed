//! The square code of a form, as rows of black, and what stands beside it for eyes.
//!
//! Level Q mends a quarter of it: a thumb, a fold, a coffee stain (ISO/IEC 18004). A text too long for a
//! code gives an empty square, which no reader takes for one; ours has 60 characters at most.

use std::fmt::Write as _;

use qrcode::{Color, EcLevel, QrCode};

use crate::domain::paper::PaperMark;

/// A square code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Squares {
    /// Squares on a side.
    pub across: u8,
    /// Black: row, first square, how many.
    pub runs: Vec<(u8, u8, u8)>,
}

/// The code that holds a text.
pub fn squares(text: &str) -> Squares {
    let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::Q) else { return Squares::default() };
    let across = code.width();
    let byte = |n: usize| u8::try_from(n).unwrap_or(u8::MAX);
    let mut runs = Vec::new();
    for (row, colours) in code.to_colors().chunks(across).enumerate() {
        let mut at = 0;
        for run in colours.chunk_by(|a, b| a == b) {
            if run[0] == Color::Dark {
                runs.push((byte(row), byte(at), byte(run.len())));
            }
            at += run.len();
        }
    }
    Squares { across: byte(across), runs }
}

/// The same as a picture for a page, with its white margin of four squares.
pub fn svg(text: &str) -> String {
    let squares = squares(text);
    let side = u32::from(squares.across) + 8;
    let mut path = String::new();
    for (row, from, count) in &squares.runs {
        // Writing into a text cannot fail.
        let _ = write!(path, "M{} {}h{count}v1h-{count}z", from + 4, row + 4);
    }
    format!(
        "<svg class=\"paper__square\" role=\"img\" viewBox=\"0 0 {side} {side}\" width=\"155\" height=\"155\" \
         shape-rendering=\"crispEdges\"><title>Square code of this form</title><path d=\"{path}\"/></svg>\n"
    )
}

/// What stands beside a code.
pub fn beside(mark: &PaperMark) -> [String; 3] {
    [
        format!("Paper reference: {}", mark.reference()),
        format!("Version of the words: {}", mark.version()),
        "Keep the square code clear. It tells us which form this is, and nothing about the child.".to_owned(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_of_sixty_characters_has_33_squares_on_a_side() {
        let code = squares(&"A1".repeat(30));
        assert_eq!(code.across, 33);
        assert_eq!(code.runs.first(), Some(&(0, 0, 7)), "the corner");
        assert_eq!(squares(&"x".repeat(9_000)), Squares::default());
        assert!(svg("A1").contains("M4 4h7v1h-7z"));
    }
}
