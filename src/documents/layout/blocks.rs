//! Each block of content as slabs.

use super::flow::{Flow, Setting, Slab, rule, tie};
use super::rows::{Cell, Row};
use super::tree::{NodeId, Tag, Tree};
use super::{Item, LayoutError, Mark, rows};
use crate::documents::content::{Block, Field, Level, Notice, Signature, Strokes, Table, WriteIn};
use crate::documents::fonts::Weight;
use crate::documents::wrap::Letters;

/// Side of a notice's box, in points.
const BOX_LINE: f32 = 1.2;
/// From a notice's box to its text, in points.
const BOX_PAD: f32 = 9.0;
/// From the margin to a list's text, in points.
const BULLET_INDENT: f32 = 16.0;
/// Height of a drawn signature, in points.
const INK_HEIGHT: f32 = 54.0;
/// Widest drawn signature, in points.
const INK_WIDTH: f32 = 220.0;
/// Signatures up to so many slabs stay on one page.
const SHORT: usize = 10;

/// Adds blocks from top to bottom.
pub fn add_all(flow: &mut Flow, blocks: &[Block]) -> Result<(), LayoutError> {
    blocks.iter().try_for_each(|block| add(flow, block))
}

fn add(flow: &mut Flow, block: &Block) -> Result<(), LayoutError> {
    let gap = flow.style.gap;
    match block {
        Block::Heading(level, text) => heading(flow, *level, text),
        Block::Paragraph(text) => flow.text_as(Tree::ROOT, Tag::P, text, flow.plain(Weight::Regular, gap)),
        Block::Large(text) => {
            let letters = Letters { size: flow.style.headings[0], weight: Weight::Bold };
            flow.text_as(Tree::ROOT, Tag::P, text, Setting { letters, indent: (0.0, 0.0), gap: gap * 0.6 });
        }
        Block::Fields(fields) => self::fields(flow, fields),
        Block::Bullets(items) => bullets(flow, items),
        Block::Notice(notice) => self::notice(flow, notice),
        Block::Signature(signature) => self::signature(flow, signature),
        Block::Table(table) => self::table(flow, table)?,
        Block::WriteIn(boxes) => write_in(flow, boxes),
        Block::Space(points) => {
            let height = if points.is_finite() { points.clamp(0.0, 200.0) } else { 0.0 };
            flow.push(Slab { height, ..Slab::default() });
        }
        Block::KeepTogether(blocks) => {
            let start = flow.len();
            add_all(flow, blocks)?;
            tie(flow.since(start));
        }
    }
    Ok(())
}

fn heading(flow: &mut Flow, level: Level, text: &str) {
    let (tag, size, lead) = match level {
        Level::One => (Tag::H1, flow.style.headings[0], 1.0),
        Level::Two => (Tag::H2, flow.style.headings[1], 1.8),
        Level::Three => (Tag::H3, flow.style.headings[2], 1.5),
    };
    let letters = Letters { size, weight: Weight::Bold };
    let start = flow.len();
    let gap = flow.style.gap * lead;
    flow.text_as(Tree::ROOT, tag, text, Setting { letters, indent: (0.0, 0.0), gap });
    flow.since(start).iter_mut().for_each(|slab| slab.keep = true);
}

fn fields(flow: &mut Flow, fields: &[Field]) {
    if fields.is_empty() {
        return;
    }
    let table = flow.tree.add(Tree::ROOT, Tag::Table);
    let label = flow.width * flow.style.label_share;
    let last = fields.len() - 1;
    for (index, field) in fields.iter().enumerate() {
        let cells = vec![
            Cell {
                text: &field.label,
                tag: Tag::ThRow,
                weight: Weight::Bold,
                column: (0.0, label - rows::GUTTER),
            },
            Cell {
                text: &field.value,
                tag: Tag::Td,
                weight: Weight::Regular,
                column: (label, flow.width - label),
            },
        ];
        let gap = if index == 0 { flow.style.gap } else { 0.0 };
        rows::add(flow, Row { table, cells, gap, header: None, ruled: index < last });
    }
}

fn bullets(flow: &mut Flow, items: &[String]) {
    if items.is_empty() {
        return;
    }
    let list = flow.tree.add(Tree::ROOT, Tag::L);
    for (index, text) in items.iter().enumerate() {
        let item = flow.tree.add(list, Tag::Li);
        let (label, body) = (flow.tree.add(item, Tag::Lbl), flow.tree.add(item, Tag::LBody));
        let gap = if index == 0 { flow.style.gap * 0.8 } else { flow.style.gap * 0.3 };
        let indent = (BULLET_INDENT, BULLET_INDENT);
        let start = flow.len();
        flow.text(text, Setting { letters: flow.body(Weight::Regular), indent, gap }, body);
        put_bullet(flow, start, label);
    }
}

/// The bullet stands on the side from which the item's first line is read.
fn put_bullet(flow: &mut Flow, start: usize, label: NodeId) {
    let letters = flow.body(Weight::Regular);
    let mut bullets = crate::documents::wrap::wrap(flow.shaper, "•", letters, BULLET_INDENT);
    let width = flow.width;
    let slab = &mut flow.since(start)[0];
    let rtl = slab.items.iter().any(|item| matches!(&item.mark, Mark::Text(line) if line.rtl));
    let baseline = slab.items.first().map(|item| item.y);
    let bullet = bullets.remove(0);
    let x = if rtl { width - BULLET_INDENT * 0.35 - bullet.width } else { BULLET_INDENT * 0.35 };
    let y = baseline.unwrap_or(bullet.baseline);
    slab.items.insert(0, Item { x, y, mark: Mark::Text(bullet), node: Some(label) });
}

fn notice(flow: &mut Flow, notice: &Notice) {
    let part = flow.tree.add(Tree::ROOT, Tag::Div);
    let indent = (BOX_PAD + BOX_LINE, BOX_PAD + BOX_LINE);
    let start = flow.len();
    let mut inside = |text: &str, weight| {
        let setting = Setting { letters: flow.body(weight), indent, gap: 0.0 };
        flow.text_as(part, Tag::P, text, setting);
        let end = flow.len() - 1;
        flow.since(end)[0].keep = weight == Weight::Bold;
    };
    notice.heading.iter().for_each(|heading| inside(heading, Weight::Bold));
    inside(&notice.text, Weight::Regular);
    let (width, gap) = (flow.width, flow.style.gap * 1.2);
    draw_box(flow.since(start), width, gap);
}

/// A label, and an empty box below it that never leaves it.
fn write_in(flow: &mut Flow, boxes: &[WriteIn]) {
    for one in boxes {
        let start = flow.len();
        flow.text_as(Tree::ROOT, Tag::P, &one.label, flow.plain(Weight::Bold, flow.style.gap));
        let (width, height) =
            (flow.width, if one.height.is_finite() { one.height.clamp(20.0, 200.0) } else { 20.0 });
        let items = vec![
            bar(0.0, 0.0, width, BOX_LINE),
            bar(0.0, height - BOX_LINE, width, BOX_LINE),
            bar(0.0, 0.0, BOX_LINE, height),
            bar(width - BOX_LINE, 0.0, BOX_LINE, height),
        ];
        flow.push(Slab { height, gap: 2.0, items, ..Slab::default() });
        tie(flow.since(start));
    }
}

/// Draws a box around slabs, open where a page break falls.
fn draw_box(slabs: &mut [Slab], width: f32, gap: f32) {
    let pad = BOX_PAD * 0.7;
    let Some(first) = slabs.first_mut() else { return };
    first.gap = gap;
    first.height += pad;
    first.items.iter_mut().for_each(|item| item.y += pad);
    first.items.insert(0, bar(0.0, 0.0, width, BOX_LINE));
    if let Some(last) = slabs.last_mut() {
        last.height += pad + BOX_LINE;
        let y = last.height - BOX_LINE;
        last.items.push(bar(0.0, y, width, BOX_LINE));
    }
    for slab in slabs {
        let height = slab.height;
        slab.items.extend([bar(0.0, 0.0, BOX_LINE, height), bar(width - BOX_LINE, 0.0, BOX_LINE, height)]);
    }
}

/// A black bar.
pub fn bar(x: f32, y: f32, width: f32, height: f32) -> Item {
    Item { x, y, mark: Mark::Bar { width, height, grey: 0.0 }, node: None }
}

fn signature(flow: &mut Flow, signature: &Signature) {
    let part = flow.tree.add(Tree::ROOT, Tag::Div);
    let (gap, start) = (flow.style.gap, flow.len());
    let line = |flow: &mut Flow, text: &str, weight, gap| {
        if !text.is_empty() {
            flow.text_as(part, Tag::P, text, flow.plain(weight, gap));
        }
    };
    line(flow, &signature.label, Weight::Bold, gap);
    if let Some(strokes) = &signature.strokes {
        let alt = format!("Drawn signature of {}", signature.printed_name);
        ink(flow, strokes, part, alt);
    }
    line(flow, &signature.printed_name, Weight::Regular, 3.0);
    line(flow, &signature.when, Weight::Regular, 0.0);
    line(flow, &signature.method, Weight::Regular, 0.0);
    if flow.len() - start <= SHORT {
        tie(flow.since(start));
    }
}

fn ink(flow: &mut Flow, strokes: &Strokes, part: NodeId, alt: String) {
    let node = flow.tree.add_figure(part, alt);
    let (width, height) = ink_size(strokes.aspect, flow.width);
    let place = |(x, y): &(f32, f32)| (x.clamp(0.0, 1.0) * width, y.clamp(0.0, 1.0) * height);
    let readable = |(x, y): &&(f32, f32)| x.is_finite() && y.is_finite();
    let path = |path: &Vec<(f32, f32)>| path.iter().filter(readable).map(place).collect::<Vec<_>>();
    let paths = strokes.paths.iter().map(path).filter(|path| !path.is_empty()).collect();
    let drawing = Item { x: 2.0, y: 2.0, mark: Mark::Ink(paths), node: Some(node) };
    let under = rule(INK_HEIGHT + 4.0, INK_WIDTH.min(flow.width));
    flow.push(Slab {
        height: INK_HEIGHT + 5.0,
        gap: 3.0,
        keep: true,
        items: vec![drawing, under],
        header: None,
    });
}

/// The drawing in its own proportions within the space for it.
fn ink_size(aspect: f32, column: f32) -> (f32, f32) {
    let aspect = if aspect.is_finite() && aspect > 0.0 { aspect.clamp(0.2, 20.0) } else { 3.0 };
    let most = INK_WIDTH.min(column) - 4.0;
    let width = (INK_HEIGHT * aspect).min(most);
    (width, width / aspect)
}

fn table(flow: &mut Flow, table: &Table) -> Result<(), LayoutError> {
    let columns = table.columns.len();
    if let Some(row) = table.rows.iter().position(|row| row.len() > columns) {
        return Err(LayoutError::TableShape { row: row + 1, cells: table.rows[row].len(), columns });
    }
    if columns == 0 {
        return Ok(());
    }
    let places = column_places(table, flow.width);
    let node = flow.tree.add(Tree::ROOT, Tag::Table);
    let titles = table.columns.iter().map(|column| column.title.as_str());
    let start = flow.len();
    let gap = flow.style.gap;
    let cells = cells(titles, &places, Tag::ThColumn, Weight::Bold);
    rows::add(flow, Row { table: node, cells, gap, header: None, ruled: true });
    flow.since(start).iter_mut().for_each(|slab| slab.keep = true);
    let titles = flow.since(start).to_vec();
    let header = Some(flow.remember_header(&titles));
    for row in &table.rows {
        let texts = row.iter().map(String::as_str).chain(std::iter::repeat(""));
        let cells = self::cells(texts, &places, Tag::Td, Weight::Regular);
        rows::add(flow, Row { table: node, cells, gap: 0.0, header, ruled: true });
    }
    Ok(())
}

fn cells<'t>(
    texts: impl Iterator<Item = &'t str>,
    places: &[(f32, f32)],
    tag: Tag,
    weight: Weight,
) -> Vec<Cell<'t>> {
    texts.zip(places).map(|(text, column)| Cell { text, tag, weight, column: *column }).collect()
}

/// Left edge and width of each column.
fn column_places(table: &Table, width: f32) -> Vec<(f32, f32)> {
    let shares = table.columns.iter().map(|column| f32::from(column.share.max(1)));
    let total: f32 = shares.clone().sum();
    let mut x = 0.0;
    let mut place = |share: f32| {
        let wide = width * share / total;
        x += wide;
        (x - wide, wide - rows::GUTTER)
    };
    shares.map(&mut place).collect()
}
