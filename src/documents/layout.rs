//! Where everything goes: content in, pages of placed lines, rules and drawings out. Pure.
//!
//! ```text
//!   blocks ──> slabs (pieces that are never cut: a line, a row of lines) ──> pages ──> + header, banner, footer
//! ```
//!
//! All measures are points; `y` runs down from the top of the page. Nothing is clipped: what does
//! not fit a line is wrapped, what does not fit a page goes to the next. A drawn item either
//! belongs to a node of the structure [`Tree`], which is what a screen reader reads, or is an
//! artefact (rules, header, footer).

mod blocks;
mod flow;
mod furniture;
mod paginate;
mod rows;
pub mod sheet;
pub mod tree;

use super::content::Document;
use super::shape::Shaper;
use super::square::Squares;
use super::wrap::Line;
use flow::Flow;
use sheet::Sheet;
use tree::{NodeId, Tree};

/// Why a document cannot be laid out.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum LayoutError {
    /// The header, banner and footer leave no room for content.
    #[error("header, banner and footer are too long for the page")]
    NoRoom,
    /// A table's row has more cells than the table has columns.
    #[error("row {row} of a table has {cells} cells in {columns} columns")]
    TableShape {
        /// Counted from 1.
        row: usize,
        /// Cells in that row.
        cells: usize,
        /// Columns of the table.
        columns: usize,
    },
}

/// A document with everything in its place.
#[derive(Debug)]
pub struct Layout {
    /// The paper, and how many pages lie on one side of it.
    pub sheet: Sheet,
    /// Numbered pages.
    pub pages: Vec<PageLayout>,
    /// What a screen reader reads.
    pub tree: Tree,
    /// Letters that could not be shown.
    pub missing: Vec<char>,
}

/// A numbered page.
#[derive(Debug)]
pub struct PageLayout {
    /// Items in reading order.
    pub items: Vec<Item>,
}

/// Something drawn.
#[derive(Clone, Debug)]
pub struct Item {
    /// Points from the left.
    pub x: f32,
    /// Points from the top; for a text its baseline.
    pub y: f32,
    /// What is drawn.
    pub mark: Mark,
    /// What it belongs to; none for an artefact.
    pub node: Option<NodeId>,
}

/// Kinds of drawing. Sizes in points.
#[derive(Clone, Debug)]
pub enum Mark {
    /// A line of text.
    Text(Line),
    /// A filled bar to the right of and below its place: rules and the sides of boxes.
    Bar {
        /// Width.
        width: f32,
        /// Height.
        height: f32,
        /// 0 is black, 1 is white.
        grey: f32,
    },
    /// A drawn signature: points relative to the item's place.
    Ink(Vec<Vec<(f32, f32)>>),
    /// A square code, its top left corner in the item's place, without its white margin.
    Squares {
        /// A side, in points.
        side: f32,
        /// What is black in it.
        squares: Squares,
    },
}

impl Item {
    /// The same, elsewhere.
    pub fn moved(mut self, dx: f32, dy: f32) -> Self {
        self.x += dx;
        self.y += dy;
        self
    }
}

/// Lays a document out.
pub fn lay_out(document: &Document) -> Result<Layout, LayoutError> {
    let sheet = Sheet::of(document.page);
    let mut shaper = Shaper::new();
    let mut tree = Tree::default();
    let furniture = furniture::Furniture::new(&mut shaper, &mut tree, document, &sheet);
    let room = furniture.room(&sheet)?;
    let mut flow = Flow::new(&mut shaper, &mut tree, sheet.style, sheet.width());
    blocks::add_all(&mut flow, &document.blocks)?;
    let (slabs, headers) = flow.finish();
    let bodies = paginate::paginate(slabs, &headers, room.height);
    let count = bodies.len();
    let numbers = furniture::page_numbers(&mut shaper, sheet.style, count);
    let mut pages = Vec::with_capacity(count);
    for (index, (body, number)) in bodies.into_iter().zip(numbers).enumerate() {
        let frame = sheet.frame(index);
        let mut items = furniture.top(index, frame);
        items.extend(body.into_iter().map(|item| item.moved(frame.left, frame.top + room.top)));
        items.extend(furniture.foot(number, (index, count), frame));
        pages.push(PageLayout { items });
    }
    Ok(Layout { sheet, pages, tree, missing: shaper.missing.into_iter().collect() })
}

#[cfg(test)]
mod tests;
