//! Rows of cells, which a page break may cut between lines but never through one.

use super::flow::{Flow, HAIR, Slab, guard_ends, place, rule, tie};
use super::tree::{NodeId, Tag};
use crate::documents::fonts::Weight;
use crate::documents::wrap::{Letters, Line, wrap};

/// Between a cell's text and the next column, in points.
pub const GUTTER: f32 = 10.0;
/// Above and below the text of a row, in points.
const PAD: f32 = 2.8;
/// Rows up to so many lines stay on one page.
const SHORT: usize = 6;
/// The narrowest column, in points; a letter always fits in it.
const NARROWEST: f32 = 24.0;

/// A cell to be set.
pub struct Cell<'t> {
    /// Its text.
    pub text: &'t str,
    /// Header or not.
    pub tag: Tag,
    /// Weight of its letters.
    pub weight: Weight,
    /// Left edge and width in points.
    pub column: (f32, f32),
}

/// A row to be set.
pub struct Row<'t> {
    /// The table it belongs to.
    pub table: NodeId,
    /// From left to right.
    pub cells: Vec<Cell<'t>>,
    /// Space above, in points.
    pub gap: f32,
    /// The header row that is repeated above it on a new page.
    pub header: Option<usize>,
    /// Whether a thin rule closes it.
    pub ruled: bool,
}

/// Adds a row: its k-th slab holds the k-th line of each cell.
pub fn add(flow: &mut Flow, row: Row) {
    let node = flow.tree.add(row.table, Tag::Tr);
    let start = flow.len();
    let mut columns: Vec<_> = Vec::with_capacity(row.cells.len());
    for cell in &row.cells {
        let letters = Letters { size: flow.style.body, weight: cell.weight };
        let node = flow.tree.add(node, cell.tag);
        let lines = wrap(flow.shaper, cell.text, letters, cell.column.1.max(NARROWEST));
        columns.push((cell.column, node, lines.into_iter()));
    }
    let count = columns.iter().map(|(_, _, lines)| lines.len()).max().unwrap_or(0);
    for _ in 0..count {
        let lines: Vec<_> =
            columns.iter_mut().filter_map(|(at, node, lines)| Some((*at, *node, lines.next()?))).collect();
        flow.push(slab(lines, row.header));
    }
    let width = flow.width;
    finish(flow.since(start), &row, width);
}

/// One line of each cell, on a common baseline.
fn slab(lines: Vec<((f32, f32), NodeId, Line)>, header: Option<usize>) -> Slab {
    let baseline = lines.iter().fold(0.0_f32, |most, (_, _, line)| most.max(line.baseline));
    let below = lines.iter().fold(0.0_f32, |most, (_, _, line)| most.max(line.height - line.baseline));
    let place = |(column, node, line): ((f32, f32), NodeId, Line)| {
        let top = baseline - line.baseline;
        place(line, column, top, node)
    };
    let items = lines.into_iter().filter_map(place).collect();
    Slab { height: baseline + below, items, header, ..Slab::default() }
}

fn finish(slabs: &mut [Slab], row: &Row, width: f32) {
    let Some(first) = slabs.first_mut() else { return };
    first.gap = row.gap;
    first.height += PAD;
    first.items.iter_mut().for_each(|item| item.y += PAD);
    if let Some(last) = slabs.last_mut() {
        last.height += PAD;
        if row.ruled {
            last.items.push(rule(last.height, width));
            last.height += HAIR;
        }
    }
    if slabs.len() <= SHORT { tie(slabs) } else { guard_ends(slabs) }
}
