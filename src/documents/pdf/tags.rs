//! The structure tree, the title and the language, added to the finished pages.
//!
//! ISO 32000-1, 14.7 and 14.8 (logical structure, tagged PDF) and ISO 14289-1 (PDF/UA-1). No
//! validator is at hand for these; tests read the objects back, and `pdfinfo -struct-text` and
//! `qpdf --check` were looked at.

use std::collections::BTreeMap;

use lopdf::{Dictionary, Document as File, Object, ObjectId, Stream, StringFormat, dictionary};
use sha2::{Digest, Sha256};

use super::PdfError;
use super::draw::{Marked, utf16};
use crate::documents::content::Document;
use crate::documents::layout::tree::{Node, NodeId, Tag, Tree};
use crate::domain::time::Instant;

/// What the file's properties name as its maker.
const PRODUCER: &str = "dutyline";

/// Adds structure and properties, and writes the file.
pub fn finish(
    mut file: File,
    document: &Document,
    tree: &Tree,
    marks: &[Marked],
) -> Result<Vec<u8>, PdfError> {
    let failed = |error: lopdf::Error| PdfError::Assemble(error.to_string());
    file.version = "1.7".to_owned();
    let sheets: Vec<ObjectId> = file.get_pages().into_values().collect();
    let root = structure(&mut file, tree, marks, &sheets);
    let metadata = xmp(document);
    let metadata = file.add_object(metadata);
    for (number, id) in sheets.iter().enumerate() {
        for contents in file.get_page_contents(*id) {
            if let Ok(stream) = file.get_object_mut(contents).and_then(Object::as_stream_mut) {
                stream.set_content(join_strings(&stream.content));
            }
        }
        let page = file.get_dictionary_mut(*id).map_err(failed)?;
        page.set("StructParents", number as i64);
        page.set("Tabs", "S");
        page.remove(b"Annots");
    }
    let catalog = file.catalog_mut().map_err(failed)?;
    catalog.set("StructTreeRoot", root);
    catalog.set("Metadata", metadata);
    catalog.set("MarkInfo", dictionary! { "Marked" => true });
    catalog.set("Lang", Object::string_literal(document.lang.as_str()));
    catalog.set("ViewerPreferences", dictionary! { "DisplayDocTitle" => true });
    let info = file.add_object(info(document));
    file.trailer.set("Info", info);
    write(file)
}

/// printpdf writes each glyph as a string of its own; neighbours in one array are joined, which
/// makes the file smaller and quicker to compress. Arrays in a page's content hold only hexadecimal
/// strings and numbers.
fn join_strings(content: &[u8]) -> Vec<u8> {
    let mut joined = Vec::with_capacity(content.len());
    let mut within = false;
    for byte in content {
        match byte {
            b'[' => within = true,
            b']' => within = false,
            b'<' if within && joined.last() == Some(&b'>') => {
                joined.pop();
                continue;
            }
            _ => {}
        }
        joined.push(*byte);
    }
    joined
}

/// Writes the file with an id made from its own bytes, so that the same content is the same file.
fn write(mut file: File) -> Result<Vec<u8>, PdfError> {
    let failed = |error: std::io::Error| PdfError::Assemble(error.to_string());
    file.trailer.remove(b"ID");
    file.prune_objects();
    file.compress();
    let mut bytes = Vec::new();
    file.clone().save_to(&mut bytes).map_err(failed)?;
    let id = Object::String(Sha256::digest(&bytes)[..16].to_vec(), StringFormat::Hexadecimal);
    file.trailer.set("ID", vec![id.clone(), id]);
    bytes.clear();
    file.save_to(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

/// Builds the structure tree and gives its root.
fn structure(file: &mut File, tree: &Tree, marks: &[Marked], sheets: &[ObjectId]) -> Object {
    let root = file.new_object_id();
    let ids: Vec<ObjectId> = tree.nodes().iter().map(|_| file.new_object_id()).collect();
    let mut kids: BTreeMap<NodeId, Vec<Object>> = BTreeMap::new();
    for mark in marks {
        let kid = dictionary! { "Type" => "MCR", "Pg" => sheets[mark.sheet], "MCID" => mark.mcid as i64 };
        kids.entry(mark.node).or_default().push(kid.into());
    }
    for (at, node) in tree.nodes().iter().enumerate() {
        if let Some(parent) = node.parent {
            kids.entry(parent).or_default().push(ids[at].into());
        }
    }
    for (at, node) in tree.nodes().iter().enumerate() {
        let parent = node.parent.map_or(root, |parent| ids[parent.0]);
        let kids = kids.remove(&NodeId(at)).unwrap_or_default();
        file.set_object(ids[at], element(node, parent, kids));
    }
    let parents = file.add_object(parent_tree(marks, &ids, sheets.len()));
    let next = sheets.len() as i64;
    let dictionary = dictionary! {
        "Type" => "StructTreeRoot", "K" => vec![ids[0].into()], "ParentTree" => parents, "ParentTreeNextKey" => next,
    };
    file.set_object(root, dictionary);
    root.into()
}

fn element(node: &Node, parent: ObjectId, kids: Vec<Object>) -> Dictionary {
    let mut element = dictionary! { "Type" => "StructElem", "S" => node.tag.name(), "P" => parent };
    if !kids.is_empty() {
        element.set("K", kids);
    }
    if let Some(alt) = &node.alt {
        element.set("Alt", text(alt));
    }
    let scope = match node.tag {
        Tag::ThColumn => "Column",
        Tag::ThRow => "Row",
        _ => return element,
    };
    element.set("A", dictionary! { "O" => "Table", "Scope" => scope });
    element
}

/// For each sheet, the element that each of its marks belongs to.
fn parent_tree(marks: &[Marked], ids: &[ObjectId], sheets: usize) -> Dictionary {
    let mut rows: Vec<Vec<Object>> = vec![Vec::new(); sheets];
    for mark in marks {
        rows[mark.sheet].push(ids[mark.node.0].into());
    }
    let numbers = rows.into_iter().enumerate().flat_map(|(at, row)| [Object::from(at as i64), row.into()]);
    dictionary! { "Nums" => numbers.collect::<Vec<Object>>() }
}

fn info(document: &Document) -> Dictionary {
    let date = Object::string_literal(moment(document.made_at, "D:%Y%m%d%H%M%SZ"));
    dictionary! {
        "Title" => text(&document.title),
        "Subject" => text(&document.subject),
        "Producer" => text(PRODUCER),
        "CreationDate" => date.clone(),
        "ModDate" => date,
    }
}

fn text(text: &str) -> Object {
    Object::String(utf16(text), StringFormat::Hexadecimal)
}

fn moment(at: Instant, format: &str) -> String {
    let at = jiff::Timestamp::from_microsecond(at.micros()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    at.strftime(format).to_string()
}

fn xmp(document: &Document) -> Stream {
    let (title, subject) = (escape(&document.title), escape(&document.subject));
    let (lang, date) = (escape(&document.lang), moment(document.made_at, "%Y-%m-%dT%H:%M:%SZ"));
    let packet = format!(
        "<?xpacket begin=\"\u{FEFF}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n\
         <x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n\
         <rdf:Description rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" \
         xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\" xmlns:pdf=\"http://ns.adobe.com/pdf/1.3/\" \
         xmlns:pdfuaid=\"http://www.aiim.org/pdfua/ns/id/\">\n\
         <dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">{title}</rdf:li></rdf:Alt></dc:title>\n\
         <dc:description><rdf:Alt><rdf:li xml:lang=\"x-default\">{subject}</rdf:li></rdf:Alt></dc:description>\n\
         <dc:language><rdf:Bag><rdf:li>{lang}</rdf:li></rdf:Bag></dc:language>\n\
         <xmp:CreateDate>{date}</xmp:CreateDate><xmp:ModifyDate>{date}</xmp:ModifyDate>\n\
         <pdf:Producer>{PRODUCER}</pdf:Producer><pdfuaid:part>1</pdfuaid:part>\n\
         </rdf:Description></rdf:RDF></x:xmpmeta>\n<?xpacket end=\"r\"?>"
    );
    Stream::new(dictionary! { "Type" => "Metadata", "Subtype" => "XML" }, packet.into_bytes())
        .with_compression(false)
}

/// For XML: its own signs escaped, control characters left out.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for ch in text.chars() {
        match ch {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            ch if ch.is_control() => {}
            ch => safe.push(ch),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_neighbouring_strings_of_an_array_are_joined() {
        let content = b"/P <</MCID 0>> BDC [<0001><0002> 20<0003>] TJ <</A<FEFF>>><<>>";
        assert_eq!(join_strings(content), b"/P <</MCID 0>> BDC [<00010002> 20<0003>] TJ <</A<FEFF>>><<>>");
    }

    #[test]
    fn titles_cannot_break_out_of_the_xml() {
        assert_eq!(escape("a<b>&\"\u{0}c"), "a&lt;b&gt;&amp;&quot;c");
    }

    #[test]
    fn dates_are_the_contents() {
        let at = Instant::from_micros(1_795_253_400_000_000);
        assert_eq!(moment(at, "D:%Y%m%d%H%M%SZ"), "D:20261121093000Z");
    }
}
