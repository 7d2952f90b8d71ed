//! The structure that a screen reader follows: headings, paragraphs, lists, tables.

/// A node's place in its [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub usize);

/// Standard structure types of ISO 32000-1, 14.8.4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag {
    /// The whole.
    Document,
    /// The title.
    H1,
    /// A section's heading.
    H2,
    /// A part's heading.
    H3,
    /// A paragraph.
    P,
    /// A boxed text.
    Div,
    /// A table.
    Table,
    /// Its row.
    Tr,
    /// Header of a column.
    ThColumn,
    /// Header of a row.
    ThRow,
    /// A cell.
    Td,
    /// A list.
    L,
    /// Its item.
    Li,
    /// The item's bullet.
    Lbl,
    /// The item's text.
    LBody,
    /// A drawing, with a text instead.
    Figure,
}

impl Tag {
    /// The name in the PDF.
    pub fn name(self) -> &'static str {
        match self {
            Tag::Document => "Document",
            Tag::H1 => "H1",
            Tag::H2 => "H2",
            Tag::H3 => "H3",
            Tag::P => "P",
            Tag::Div => "Div",
            Tag::Table => "Table",
            Tag::Tr => "TR",
            Tag::ThColumn | Tag::ThRow => "TH",
            Tag::Td => "TD",
            Tag::L => "L",
            Tag::Li => "LI",
            Tag::Lbl => "Lbl",
            Tag::LBody => "LBody",
            Tag::Figure => "Figure",
        }
    }
}

/// A node.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it is.
    pub tag: Tag,
    /// What it is part of; none for the whole.
    pub parent: Option<NodeId>,
    /// What is read instead of a drawing.
    pub alt: Option<String>,
}

/// All nodes; the first is the whole document, children stand after their parents in order.
#[derive(Clone, Debug)]
pub struct Tree {
    nodes: Vec<Node>,
}

impl Default for Tree {
    fn default() -> Self {
        Self { nodes: vec![Node { tag: Tag::Document, parent: None, alt: None }] }
    }
}

impl Tree {
    /// The whole document.
    pub const ROOT: NodeId = NodeId(0);

    /// Adds a part.
    pub fn add(&mut self, parent: NodeId, tag: Tag) -> NodeId {
        self.nodes.push(Node { tag, parent: Some(parent), alt: None });
        NodeId(self.nodes.len() - 1)
    }

    /// Adds a drawing with the text that is read instead.
    pub fn add_figure(&mut self, parent: NodeId, alt: String) -> NodeId {
        let id = self.add(parent, Tag::Figure);
        self.nodes[id.0].alt = Some(alt);
        id
    }

    /// All nodes, each at its number.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }
}
