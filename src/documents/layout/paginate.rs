//! Slabs onto pages.

use super::Item;
use super::flow::Slab;

/// A header row is repeated only if it leaves most of the page.
const MOST_HEADER: f32 = 0.33;

/// A page being filled.
struct Pages<'h> {
    done: Vec<Vec<Item>>,
    items: Vec<Item>,
    y: f32,
    empty: bool,
    height: f32,
    headers: &'h [Vec<Slab>],
}

/// The items of each page, at least one page, relative to the top left of the body.
pub fn paginate(slabs: Vec<Slab>, headers: &[Vec<Slab>], height: f32) -> Vec<Vec<Item>> {
    let mut pages = Pages { done: vec![], items: vec![], y: 0.0, empty: true, height, headers };
    let mut rest = slabs.into_iter().peekable();
    while rest.peek().is_some() {
        let mut group = Vec::new();
        for slab in rest.by_ref() {
            let more = slab.keep;
            group.push(slab);
            if !more {
                break;
            }
        }
        pages.add_group(group);
    }
    pages.done.push(pages.items);
    pages.done
}

impl Pages<'_> {
    /// Slabs that belong together: on this page if they fit, else on a fresh one; a group longer
    /// than a page is cut between slabs.
    fn add_group(&mut self, group: Vec<Slab>) {
        let total: f32 = group.iter().map(|slab| slab.gap + slab.height).sum();
        if !self.empty && self.y + total > self.height {
            self.turn(group.first().and_then(|slab| slab.header));
        }
        for slab in group {
            let gap = if self.empty { 0.0 } else { slab.gap };
            if !self.empty && self.y + gap + slab.height > self.height {
                self.turn(slab.header);
            }
            self.add(slab);
        }
    }

    fn add(&mut self, slab: Slab) {
        self.y += if self.empty { 0.0 } else { slab.gap };
        let y = self.y;
        self.items.extend(slab.items.into_iter().map(|item| item.moved(0.0, y)));
        self.y += slab.height;
        self.empty = false;
    }

    /// Begins a new page, with the header row of the table that goes on there.
    fn turn(&mut self, header: Option<usize>) {
        self.done.push(std::mem::take(&mut self.items));
        (self.y, self.empty) = (0.0, true);
        let Some(slabs) = header.and_then(|header| self.headers.get(header)) else { return };
        if slabs.iter().map(|slab| slab.height).sum::<f32>() > self.height * MOST_HEADER {
            return;
        }
        slabs.iter().cloned().for_each(|slab| self.add(slab));
    }
}

#[cfg(test)]
mod tests {
    use super::super::blocks::bar;
    use super::*;

    fn slab(height: f32, keep: bool, header: Option<usize>) -> Slab {
        Slab { height, gap: 5.0, keep, items: vec![bar(0.0, 0.0, 1.0, height)], header }
    }

    fn tops(pages: &[Vec<Item>]) -> Vec<Vec<f32>> {
        pages.iter().map(|page| page.iter().map(|item| item.y).collect()).collect()
    }

    #[test]
    fn gaps_fall_away_at_the_top_of_a_page() {
        let slabs = vec![slab(40.0, false, None), slab(40.0, false, None), slab(40.0, false, None)];
        assert_eq!(tops(&paginate(slabs, &[], 90.0)), [vec![0.0, 45.0], vec![0.0]]);
    }

    #[test]
    fn what_belongs_together_moves_together() {
        let slabs = vec![slab(40.0, false, None), slab(20.0, true, None), slab(40.0, false, None)];
        assert_eq!(tops(&paginate(slabs, &[], 90.0)), [vec![0.0], vec![0.0, 25.0]]);
    }

    #[test]
    fn a_group_longer_than_a_page_is_cut_between_slabs() {
        let slabs = (0..5).map(|_| slab(40.0, true, None)).collect();
        assert_eq!(paginate(slabs, &[], 90.0).iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 1]);
    }

    #[test]
    fn the_header_row_is_repeated() {
        let header = vec![vec![slab(10.0, true, None)]];
        let slabs = (0..3).map(|_| slab(40.0, false, Some(0))).collect();
        assert_eq!(tops(&paginate(slabs, &header, 95.0)), [vec![0.0, 45.0], vec![0.0, 15.0]]);
    }

    #[test]
    fn nothing_gives_one_empty_page() {
        assert_eq!(paginate(vec![], &[], 90.0).len(), 1);
    }
}
