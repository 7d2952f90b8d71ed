//! Paper: sizes, margins, and the sizes of letters on each kind of page.

use crate::documents::content::Page;

const A4: (f32, f32) = (595.28, 841.89);
const A5: (f32, f32) = (419.53, 595.28);
const MM: f32 = 72.0 / 25.4;

/// Sizes of letters and gaps, in points. Nothing is smaller than 10 (DOMAIN section 6).
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Running text.
    pub body: f32,
    /// Headings by level.
    pub headings: [f32; 3],
    /// Header and footer.
    pub small: f32,
    /// Between blocks.
    pub gap: f32,
    /// The part of the width that questions take beside their answers.
    pub label_share: f32,
}

/// What lies between a page's margins, in points from its top left corner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    /// From the left edge of the page.
    pub left: f32,
    /// From the top edge of the page.
    pub top: f32,
    /// Points.
    pub width: f32,
    /// Points.
    pub height: f32,
}

/// The paper.
#[derive(Clone, Copy, Debug)]
pub struct Sheet {
    /// Width and height of a numbered page.
    pub page: (f32, f32),
    /// Width and height of the paper.
    pub paper: (f32, f32),
    /// Numbered pages on one side of the paper.
    pub pages_across: usize,
    /// Sizes of letters.
    pub style: Style,
    inner: f32,
    outer: f32,
    across: f32,
}

impl Sheet {
    /// The paper for a kind of page.
    pub fn of(page: Page) -> Self {
        let a4 = Style { body: 11.0, headings: [20.0, 14.0, 11.5], small: 10.0, gap: 9.0, label_share: 0.33 };
        let a5 = Style { body: 10.5, headings: [16.0, 12.5, 10.5], small: 10.0, gap: 7.0, label_share: 0.36 };
        let insert = Self {
            page: A5,
            paper: A5,
            pages_across: 1,
            style: a5,
            inner: 22.0 * MM,
            outer: 12.0 * MM,
            across: 12.0 * MM,
        };
        match page {
            Page::A4 | Page::ToSign(_) => {
                let margin = 20.0 * MM;
                Self {
                    page: A4,
                    paper: A4,
                    style: a4,
                    inner: margin,
                    outer: margin,
                    across: 16.0 * MM,
                    ..insert
                }
            }
            Page::A5Insert => insert,
            Page::A5TwoUpOnA4 => Self { paper: (A4.1, A4.0), pages_across: 2, ..insert },
        }
    }

    /// Width between the margins; the same on every page.
    pub fn width(&self) -> f32 {
        self.page.0 - self.inner - self.outer
    }

    /// What lies between the margins of a page, counted from 0. The inner margin is where the page
    /// is punched: left on the first page, right on the second, and so on.
    pub fn frame(&self, index: usize) -> Frame {
        let left = if index.is_multiple_of(2) { self.inner } else { self.outer };
        let height = self.page.1 - 2.0 * self.across;
        Frame { left, top: self.across, width: self.width(), height }
    }

    /// How far right on the paper a page lies, in points.
    pub fn shift(&self, index: usize) -> f32 {
        let slot = index % self.pages_across;
        let free = self.paper.0 - self.page.0 * self.pages_across as f32;
        slot as f32 * (self.page.0 + free)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_insert_keeps_20_mm_on_the_punched_side() {
        let sheet = Sheet::of(Page::A5Insert);
        let (odd, even) = (sheet.frame(0), sheet.frame(1));
        assert!(odd.left >= 20.0 * MM);
        assert!(sheet.page.0 - even.left - even.width >= 20.0 * MM);
    }

    #[test]
    fn two_pages_lie_on_a4_without_touching() {
        let sheet = Sheet::of(Page::A5TwoUpOnA4);
        assert!(sheet.shift(0) == 0.0 && sheet.shift(1) >= sheet.page.0);
        assert!(sheet.shift(1) + sheet.page.0 <= sheet.paper.0 + 0.01);
        assert_eq!(sheet.shift(2), 0.0);
    }

    #[test]
    fn no_letters_are_smaller_than_10_points() {
        for page in [Page::A4, Page::A5Insert, Page::A5TwoUpOnA4] {
            let style = Sheet::of(page).style;
            assert!(style.headings.into_iter().chain([style.body, style.small]).all(|size| size >= 10.0));
        }
    }
}
