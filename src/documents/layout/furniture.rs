//! What stands on every page: the header line, the banner, the footer with the page's number.
//!
//! All of it is artefact, so that a screen reader does not repeat it on each page; only the first
//! page's banner is read.

use super::flow::{place, rule};
use super::sheet::{Frame, Sheet, Style};
use super::tree::{NodeId, Tag, Tree};
use super::{Item, LayoutError, Mark, blocks};
use crate::documents::content::{Document, Page};
use crate::documents::fonts::Weight;
use crate::documents::shape::Shaper;
use crate::documents::square;
use crate::documents::wrap::{Letters, Line, wrap};
use crate::domain::paper::{CODE_LEFT, CODE_SIDE, CODE_TOP, PaperCode, PaperMark};

/// From header to body and from body to footer, in points.
const CLEAR: f32 = 12.0;
/// From a text to its rule, in points.
const PAD: f32 = 4.0;
/// Line of the banner's box, in points.
const BANNER_LINE: f32 = 2.0;
/// The least room for content, in points.
const LEAST_ROOM: f32 = 150.0;
/// Points in a millimetre.
const MM: f32 = 72.0 / 25.4;
/// White above the square code, in points: four of its squares, and a little.
const QUIET: f32 = 4.5 * MM;
/// From the square code to the words beside it, in points.
const BESIDE: f32 = 7.0 * MM;

/// What stands on every page, measured.
pub struct Furniture {
    header: Vec<Line>,
    banner: Vec<Line>,
    banner_node: Option<NodeId>,
    footer: Vec<Line>,
    number_height: f32,
    mark: Option<(PaperMark, Vec<Line>)>,
    /// From the top of the sheet to the lower margin, in points.
    bottom: f32,
}

/// What is left for the body.
pub struct Room {
    /// Points below the top margin.
    pub top: f32,
    /// Points.
    pub height: f32,
}

/// "Page 1 of 2" for each page.
pub fn page_numbers(shaper: &mut Shaper, style: Style, count: usize) -> Vec<Line> {
    let letters = Letters { size: style.small, weight: Weight::Regular };
    let line = |page| wrap(shaper, &format!("Page {page} of {count}"), letters, f32::MAX).remove(0);
    (1..=count).map(line).collect()
}

impl Furniture {
    /// Wraps what stands on every page of a document.
    pub fn new(shaper: &mut Shaper, tree: &mut Tree, document: &Document, sheet: &Sheet) -> Self {
        let (style, width) = (sheet.style, sheet.width());
        let small = Letters { size: style.small, weight: Weight::Regular };
        let strong = Letters { size: style.body + 1.0, weight: Weight::Bold };
        let sample = wrap(shaper, "Page 000 of 000", small, width).remove(0);
        let mut lines = |text: &str, letters, width| match text {
            "" => vec![],
            text => wrap(shaper, text, letters, width),
        };
        let banner = lines(document.mark.as_deref().unwrap_or(""), strong, width - 24.0);
        let banner_node = (!banner.is_empty()).then(|| tree.add(Tree::ROOT, Tag::P));
        let mark = match document.page {
            Page::ToSign(mark) => {
                let room = width - (CODE_SIDE + CODE_LEFT) * MM;
                let beside = square::beside(&mark).iter().flat_map(|line| lines(line, small, room)).collect();
                Some((mark, beside))
            }
            _ => None,
        };
        let frame = sheet.frame(0);
        Self {
            mark,
            bottom: frame.top + frame.height,
            header: lines(&document.header_line, small, width),
            banner,
            banner_node,
            footer: lines(&document.footer.text(), small, width - sample.width - 16.0),
            number_height: sample.height,
        }
    }

    /// The room between header and footer.
    pub fn room(&self, sheet: &Sheet) -> Result<Room, LayoutError> {
        let top = self.header_height() + self.banner_height();
        let height = sheet.frame(0).height - top - self.foot_height() - CLEAR;
        if height < LEAST_ROOM { Err(LayoutError::NoRoom) } else { Ok(Room { top, height }) }
    }

    fn header_height(&self) -> f32 {
        if self.header.is_empty() { 0.0 } else { heights(&self.header) + PAD + CLEAR }
    }

    fn banner_height(&self) -> f32 {
        if self.banner.is_empty() { 0.0 } else { self.box_height() + CLEAR }
    }

    fn box_height(&self) -> f32 {
        heights(&self.banner) + 2.0 * (PAD + BANNER_LINE)
    }

    fn foot_height(&self) -> f32 {
        match self.mark {
            Some(_) => self.bottom - CODE_TOP * MM + QUIET,
            None => heights(&self.footer).max(self.number_height) + PAD,
        }
    }

    /// Header and banner of a page, counted from 0.
    pub fn top(&self, index: usize, frame: Frame) -> Vec<Item> {
        let mut items = stack(&self.header, frame.width, None);
        if !self.header.is_empty() {
            items.push(rule(heights(&self.header) + PAD, frame.width));
        }
        let node = self.banner_node.filter(|_| index == 0);
        items.extend(
            self.boxed(frame.width, node).into_iter().map(|item| item.moved(0.0, self.header_height())),
        );
        items.into_iter().map(|item| item.moved(frame.left, frame.top)).collect()
    }

    fn boxed(&self, width: f32, node: Option<NodeId>) -> Vec<Item> {
        if self.banner.is_empty() {
            return vec![];
        }
        let (line, height) = (BANNER_LINE, self.box_height());
        let mut items = vec![
            blocks::bar(0.0, 0.0, width, line),
            blocks::bar(0.0, height - line, width, line),
            blocks::bar(0.0, 0.0, line, height),
            blocks::bar(width - line, 0.0, line, height),
        ];
        let mut top = PAD + line;
        for text in &self.banner {
            let item = Item {
                x: (width - text.width) / 2.0,
                y: top + text.baseline,
                mark: Mark::Text(text.clone()),
                node,
            };
            items.push(item);
            top += text.height;
        }
        items
    }

    /// The square code of a page, counted from 0, of so many; beside it what is compared by eye.
    fn coded(&self, number: Line, (index, count): (usize, usize), frame: Frame) -> Vec<Item> {
        let Some((mark, beside)) = &self.mark else { return Vec::new() };
        let page = |n: usize| u8::try_from(n).unwrap_or(u8::MAX);
        let code = PaperCode { mark: *mark, page: page(index + 1), pages: page(count) };
        let (left, top, side) = (CODE_LEFT * MM, CODE_TOP * MM, CODE_SIDE * MM);
        let mut items = vec![rule(0.0, frame.width).moved(frame.left, top - QUIET)];
        let squares = square::squares(&code.text());
        items.push(Item { x: left, y: top, mark: Mark::Squares { side, squares }, node: None });
        let lines: Vec<Line> = beside.iter().cloned().chain([number]).collect();
        let words = stack(&lines, frame.width, None).into_iter();
        items.extend(words.map(|item| item.moved(left + side + BESIDE, top)));
        items
    }

    /// The footer of a page, counted from 0, of so many, with its number.
    pub fn foot(&self, number: Line, at: (usize, usize), frame: Frame) -> Vec<Item> {
        if self.mark.is_some() {
            return self.coded(number, at, frame);
        }
        let y = frame.top + frame.height - self.foot_height();
        let mut items = vec![rule(0.0, frame.width)];
        let reserve = frame.width - number.width - 16.0;
        items.extend(stack(&self.footer, reserve, None).into_iter().map(|item| item.moved(0.0, PAD)));
        let x = frame.width - number.width;
        items.push(Item { x, y: PAD + number.baseline, mark: Mark::Text(number), node: None });
        items.into_iter().map(|item| item.moved(frame.left, y)).collect()
    }
}

fn heights(lines: &[Line]) -> f32 {
    lines.iter().map(|line| line.height).sum()
}

/// Lines under each other from the top.
fn stack(lines: &[Line], width: f32, node: Option<NodeId>) -> Vec<Item> {
    let mut top = 0.0;
    let mut items = Vec::new();
    for line in lines {
        let placed = place(line.clone(), (0.0, width), top, Tree::ROOT);
        items.extend(placed.map(|item| Item { node, ..item }));
        top += line.height;
    }
    items
}
