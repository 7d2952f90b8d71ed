//! The column that blocks are poured into, as slabs: pieces that a page break never cuts.

use super::sheet::Style;
use super::tree::{NodeId, Tag, Tree};
use super::{Item, Mark};
use crate::documents::fonts::Weight;
use crate::documents::shape::Shaper;
use crate::documents::wrap::{Letters, Line, wrap};

/// Width of thin rules, in points.
pub const HAIR: f32 = 0.6;
/// Grey of thin rules: 3:1 against white, and seen on a photocopy.
pub const RULE_GREY: f32 = 0.55;

/// A piece of the column that stays whole.
#[derive(Clone, Debug, Default)]
pub struct Slab {
    /// Points.
    pub height: f32,
    /// Space above, in points; left out at the top of a page.
    pub gap: f32,
    /// Stays on the page of the next slab.
    pub keep: bool,
    /// Relative to the slab's top left corner.
    pub items: Vec<Item>,
    /// Which header row is repeated above it on a new page.
    pub header: Option<usize>,
}

/// A column being filled.
pub struct Flow<'a> {
    /// Letters.
    pub shaper: &'a mut Shaper,
    /// Structure.
    pub tree: &'a mut Tree,
    /// Sizes.
    pub style: Style,
    /// Of the column, in points.
    pub width: f32,
    slabs: Vec<Slab>,
    headers: Vec<Vec<Slab>>,
}

/// How a text stands in the column.
#[derive(Clone, Copy)]
pub struct Setting {
    /// Size and weight.
    pub letters: Letters,
    /// Points from the column's left and right edges.
    pub indent: (f32, f32),
    /// Space above, in points.
    pub gap: f32,
}

impl<'a> Flow<'a> {
    /// An empty column.
    pub fn new(shaper: &'a mut Shaper, tree: &'a mut Tree, style: Style, width: f32) -> Self {
        Self { shaper, tree, style, width, slabs: vec![], headers: vec![] }
    }

    /// The slabs, and the header rows that some of them repeat.
    pub fn finish(self) -> (Vec<Slab>, Vec<Vec<Slab>>) {
        (self.slabs, self.headers)
    }

    /// Slabs so far.
    pub fn len(&self) -> usize {
        self.slabs.len()
    }

    /// Adds a slab.
    pub fn push(&mut self, slab: Slab) {
        self.slabs.push(slab);
    }

    /// The slabs from one on, to finish them.
    pub fn since(&mut self, start: usize) -> &mut [Slab] {
        &mut self.slabs[start..]
    }

    /// Remembers header slabs, as artefacts, to be repeated on later pages.
    pub fn remember_header(&mut self, slabs: &[Slab]) -> usize {
        let plain = |slab: &Slab| {
            let items = slab.items.iter().map(|item| Item { node: None, ..item.clone() }).collect();
            Slab { keep: true, gap: 0.0, header: None, items, ..slab.clone() }
        };
        self.headers.push(slabs.iter().map(plain).collect());
        self.headers.len() - 1
    }

    /// Body text in a weight.
    pub fn body(&self, weight: Weight) -> Letters {
        Letters { size: self.style.body, weight }
    }

    /// A text across the column.
    pub fn plain(&self, weight: Weight, gap: f32) -> Setting {
        Setting { letters: self.body(weight), indent: (0.0, 0.0), gap }
    }

    /// Adds a text as one slab a line. One line never stands alone at the end or start of a page.
    pub fn text(&mut self, text: &str, setting: Setting, node: NodeId) {
        let (left, right) = setting.indent;
        let width = self.width - left - right;
        let lines = wrap(self.shaper, text, setting.letters, width);
        let start = self.len();
        for (index, line) in lines.into_iter().enumerate() {
            let gap = if index == 0 { setting.gap } else { 0.0 };
            let (height, item) = (line.height, place(line, (left, width), 0.0, node));
            self.push(Slab { height, gap, items: item.into_iter().collect(), ..Slab::default() });
        }
        guard_ends(self.since(start));
    }

    /// Adds a text with a node of its own under `parent`.
    pub fn text_as(&mut self, parent: NodeId, tag: Tag, text: &str, setting: Setting) {
        let node = self.tree.add(parent, tag);
        self.text(text, setting, node);
    }
}

/// A line in a column from `x` of `width`: at the right edge if it reads from there. An empty line
/// draws nothing.
pub fn place(line: Line, (x, width): (f32, f32), top: f32, node: NodeId) -> Option<Item> {
    if line.runs.is_empty() {
        return None;
    }
    let x = if line.rtl { x + width - line.width } else { x };
    Some(Item { x, y: top + line.baseline, mark: Mark::Text(line), node: Some(node) })
}

/// A thin rule across `width` at a slab's `y`.
pub fn rule(y: f32, width: f32) -> Item {
    Item { x: 0.0, y, mark: Mark::Bar { width, height: HAIR, grey: RULE_GREY }, node: None }
}

/// Ties the first two and the last two slabs together.
pub fn guard_ends(slabs: &mut [Slab]) {
    let count = slabs.len();
    if count > 1 {
        slabs[0].keep = true;
        slabs[count - 2].keep = true;
    }
}

/// Ties all slabs together, leaving the last as it is.
pub fn tie(slabs: &mut [Slab]) {
    if let Some((_, slabs)) = slabs.split_last_mut() {
        slabs.iter_mut().for_each(|slab| slab.keep = true);
    }
}
