//! The twin of a document on screen: the same content as HTML (DOMAIN section 6).
//!
//! A fragment to stand inside a page: everything typed is escaped and cleaned as it is for paper,
//! every text takes its direction from its own first letter, and there is no inline style or
//! script, so that it passes the strict content security policy. Classes are those of the NHS.UK
//! front end, and three of our own: `paper`, `paper__mark`, `paper__ink`.

use std::fmt::Write;

use super::clean;
use super::content::{Block, Document, Field, Level, Notice, Page, Signature, Strokes, Table, WriteIn};
use super::square;
use crate::domain::paper::{PaperCode, PaperMark};

/// Height of a drawing in the units of its own picture.
const INK_HEIGHT: f32 = 100.0;

/// The document as an HTML fragment; page numbers are left out, for there are no pages.
pub fn html(document: &Document) -> String {
    html_below(document, 0)
}

/// The same as part of a page: its title is a heading of the level after `above`, and the others
/// follow it, so that the page's headings stay in order.
pub fn html_below(document: &Document, above: u8) -> String {
    let mut out = Html { text: String::with_capacity(8_192), above };
    out.raw(&format!("<article class=\"paper\" lang=\"{}\">\n", lines(&document.lang).join(" ")));
    if let Some(mark) = &document.mark {
        out.text_in("p", "paper__mark", mark);
    }
    if !document.header_line.is_empty() {
        out.text_in("p", "nhsuk-body-s", &document.header_line);
    }
    document.blocks.iter().for_each(|block| out.block(block));
    let footer = document.footer.text();
    if !footer.is_empty() {
        out.text_in("p", "nhsuk-body-s", &footer);
    }
    if let Page::ToSign(mark) = document.page {
        out.code(mark);
    }
    out.raw("</article>\n");
    out.text
}

struct Html {
    text: String,
    above: u8,
}

impl Html {
    fn raw(&mut self, markup: &str) {
        self.text.push_str(markup);
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Heading(level, text) => self.heading(*level, text),
            Block::Paragraph(text) => self.text_in("p", "nhsuk-body", text),
            Block::Large(text) => self.text_in("p", "nhsuk-heading-l", text),
            Block::Fields(fields) => self.fields(fields),
            Block::Bullets(items) => self.bullets(items),
            Block::Notice(notice) => self.notice(notice),
            Block::Signature(signature) => self.signature(signature),
            Block::Table(table) => self.table(table),
            Block::WriteIn(boxes) => self.write_in(boxes),
            Block::Space(_) => {}
            Block::KeepTogether(blocks) => blocks.iter().for_each(|block| self.block(block)),
        }
    }

    /// Each label with room below it.
    fn write_in(&mut self, boxes: &[WriteIn]) {
        for one in boxes {
            self.raw("<div class=\"paper__write-in\">\n");
            self.text_in("p", "nhsuk-body", &one.label);
            self.raw("</div>\n");
        }
    }

    /// The square code of a form that is one page, for it has no pages here, and what is compared by eye.
    fn code(&mut self, mark: PaperMark) {
        let code = PaperCode { mark, page: 1, pages: 1 };
        self.raw("<div class=\"paper__code\">\n");
        self.raw(&square::svg(&code.text()));
        square::beside(&mark).iter().for_each(|line| self.text_in("p", "nhsuk-body-s", line));
        self.raw("</div>\n");
    }

    fn heading(&mut self, level: Level, text: &str) {
        let (depth, class) = match level {
            Level::One => (1, if self.above == 0 { "nhsuk-heading-l" } else { "nhsuk-heading-m" }),
            Level::Two => (2, if self.above == 0 { "nhsuk-heading-m" } else { "nhsuk-heading-s" }),
            Level::Three => (3, "nhsuk-heading-s"),
        };
        let tag = format!("h{}", (depth + self.above).min(6));
        self.text_in(&tag, class, text);
    }

    /// One element for each line of a text, for each line has its own direction.
    fn text_in(&mut self, tag: &str, class: &str, text: &str) {
        for line in lines(text) {
            self.raw(&format!("<{tag} class=\"{class}\" dir=\"auto\">{line}</{tag}>\n"));
        }
    }

    /// A cell: its text alone, or a paragraph for each line.
    fn cell(&mut self, open: &str, close: &str, text: &str) {
        let lines = lines(text);
        match lines.as_slice() {
            [] => self.raw(&format!("<{open}></{close}>")),
            [line] => self.raw(&format!("<{open} dir=\"auto\">{line}</{close}>")),
            lines => {
                self.raw(&format!("<{open}>"));
                lines.iter().for_each(|line| self.raw(&format!("<p dir=\"auto\">{line}</p>")));
                self.raw(&format!("</{close}>"));
            }
        }
        self.raw("\n");
    }

    fn fields(&mut self, fields: &[Field]) {
        if fields.is_empty() {
            return;
        }
        self.raw("<dl class=\"nhsuk-summary-list\">\n");
        for field in fields {
            self.raw("<div class=\"nhsuk-summary-list__row\">\n");
            self.cell("dt class=\"nhsuk-summary-list__key\"", "dt", &field.label);
            self.cell("dd class=\"nhsuk-summary-list__value\"", "dd", &field.value);
            self.raw("</div>\n");
        }
        self.raw("</dl>\n");
    }

    fn bullets(&mut self, items: &[String]) {
        if items.is_empty() {
            return;
        }
        self.raw("<ul class=\"nhsuk-list nhsuk-list--bullet\">\n");
        items.iter().for_each(|item| self.cell("li", "li", item));
        self.raw("</ul>\n");
    }

    fn notice(&mut self, notice: &Notice) {
        self.raw("<div class=\"nhsuk-inset-text\">\n");
        if let Some(heading) = &notice.heading {
            lines(heading)
                .iter()
                .for_each(|line| self.raw(&format!("<p dir=\"auto\"><strong>{line}</strong></p>\n")));
        }
        self.text_in("p", "nhsuk-body", &notice.text);
        self.raw("</div>\n");
    }

    fn signature(&mut self, signature: &Signature) {
        self.raw("<div class=\"paper__signature\">\n");
        lines(&signature.label)
            .iter()
            .for_each(|line| self.raw(&format!("<p dir=\"auto\"><strong>{line}</strong></p>\n")));
        if let Some(strokes) = &signature.strokes {
            self.raw(&svg(strokes, &signature.printed_name));
        }
        for text in [&signature.printed_name, &signature.when, &signature.method] {
            self.text_in("p", "nhsuk-body", text);
        }
        self.raw("</div>\n");
    }

    fn table(&mut self, table: &Table) {
        if table.columns.is_empty() {
            return;
        }
        self.raw("<table class=\"nhsuk-table\">\n<thead class=\"nhsuk-table__head\"><tr>\n");
        for column in &table.columns {
            self.cell("th scope=\"col\" class=\"nhsuk-table__header\"", "th", &column.title);
        }
        self.raw("</tr></thead>\n<tbody class=\"nhsuk-table__body\">\n");
        for row in &table.rows {
            self.raw("<tr class=\"nhsuk-table__row\">\n");
            let cells = row.iter().map(String::as_str).chain(std::iter::repeat(""));
            cells
                .take(table.columns.len())
                .for_each(|cell| self.cell("td class=\"nhsuk-table__cell\"", "td", cell));
            self.raw("</tr>\n");
        }
        self.raw("</tbody>\n</table>\n");
    }
}

/// The lines of a text, cleaned and escaped; empty ones left out.
fn lines(text: &str) -> Vec<String> {
    let cleaned = clean::paragraphs(text, &mut Default::default());
    cleaned.iter().filter(|line| !line.trim().is_empty()).map(|line| escape(line)).collect()
}

fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for ch in text.chars() {
        match ch {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            ch => safe.push(ch),
        }
    }
    safe
}

/// The drawing as lines in a picture with the drawing area's own proportions.
fn svg(strokes: &Strokes, name: &str) -> String {
    let aspect = if strokes.aspect.is_finite() && strokes.aspect > 0.0 {
        strokes.aspect.clamp(0.2, 20.0)
    } else {
        3.0
    };
    let width = INK_HEIGHT * aspect;
    let title = lines(&format!("Drawn signature of {name}")).join(" ");
    let mut data = String::new();
    for path in &strokes.paths {
        let readable = path.iter().filter(|(x, y)| x.is_finite() && y.is_finite());
        for (at, (x, y)) in readable.enumerate() {
            let (x, y) = (x.clamp(0.0, 1.0) * width, y.clamp(0.0, 1.0) * INK_HEIGHT);
            let _ = write!(data, "{}{x:.1} {y:.1}", if at == 0 { "M" } else { "L" });
            if path.len() == 1 {
                data.push_str("h0");
            }
        }
    }
    format!(
        "<svg class=\"paper__ink\" role=\"img\" viewBox=\"0 0 {width:.0} {INK_HEIGHT:.0}\" width=\"{width:.0}\" height=\"{INK_HEIGHT:.0}\">\
         <title>{title}</title><path d=\"{data}\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"2\" \
         stroke-linecap=\"round\" stroke-linejoin=\"round\"/></svg>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::super::content::{Footer, Page};
    use super::*;
    use crate::domain::time::Instant;

    fn document(blocks: Vec<Block>) -> Document {
        Document {
            title: "t".into(),
            subject: "s".into(),
            lang: "en-GB".into(),
            made_at: Instant::from_micros(0),
            page: Page::A4,
            header_line: String::new(),
            footer: Footer::default(),
            mark: None,
            blocks,
        }
    }

    #[test]
    fn hostile_words_stay_words() {
        let bad = "<script>alert('x')</script>\"><img src=x onerror=y>&amp;\u{202E}";
        let column = |title: &str| super::super::content::Column { title: title.into(), share: 1 };
        let signature = Signature {
            label: bad.into(),
            printed_name: bad.into(),
            when: bad.into(),
            method: bad.into(),
            strokes: Some(Strokes { paths: vec![vec![(f32::NAN, 0.0), (9.0, -9.0)]], aspect: f32::NAN }),
        };
        let fragment = html(&Document {
            lang: bad.into(),
            header_line: bad.into(),
            mark: Some(bad.into()),
            footer: Footer { reference: bad.into(), version: bad.into() },
            ..document(vec![
                Block::Heading(Level::One, bad.into()),
                Block::Paragraph(bad.into()),
                Block::Large(bad.into()),
                Block::fields([(bad, bad)]),
                Block::Bullets(vec![bad.into()]),
                Block::Notice(Notice { heading: Some(bad.into()), text: bad.into() }),
                Block::Signature(signature),
                Block::Table(Table { columns: vec![column(bad)], rows: vec![vec![bad.into()]] }),
            ])
        });
        assert!(
            !fragment.contains("<script") && !fragment.contains("<img") && !fragment.contains('\u{202E}')
        );
        assert!(
            fragment.contains("&lt;script&gt;") && !fragment.contains("NaN") && !fragment.contains("style=")
        );
    }

    #[test]
    fn each_line_has_its_own_direction() {
        let fragment = html(&document(vec![
            Block::Paragraph("one\nمُحَمَّد".into()),
            Block::fields([("Q", "a\nb"), ("R", "")]),
        ]));
        assert_eq!(fragment.matches("<p class=\"nhsuk-body\" dir=\"auto\">").count(), 2);
        assert!(fragment.contains("<p dir=\"auto\">a</p><p dir=\"auto\">b</p></dd>"));
    }

    #[test]
    fn as_part_of_a_page_its_headings_stand_below_the_pages_own() {
        let heading = |level| Block::Heading(level, "x".into());
        let document = document(vec![heading(Level::One), heading(Level::Two), heading(Level::Three)]);
        let tags = |fragment: &str| {
            let tag = |part: &str| part.strip_prefix('h').and_then(|rest| rest.chars().next());
            fragment.split('<').filter_map(tag).collect::<String>()
        };
        assert_eq!((tags(&html(&document)), tags(&html_below(&document, 2))), ("123".into(), "345".into()));
    }

    #[test]
    fn a_drawing_is_a_picture_with_a_title() {
        let strokes = Strokes { paths: vec![vec![(0.0, 0.0), (0.5, 1.0)], vec![(1.0, 0.5)]], aspect: 2.0 };
        let picture = svg(&strokes, "Ann & Bo");
        assert!(picture.contains("<title>Drawn signature of Ann &amp; Bo</title>"));
        assert!(picture.contains("d=\"M0.0 0.0L100.0 100.0M200.0 50.0h0\""), "{picture}");
    }
}
