//! Which column is which: postcode tables come in several published forms, recognised by the names
//! of their columns and never by position (data/README.md). The one form without a heading,
//! Code-Point Open, is recognised by its ten columns of which the first is a postcode.

use std::borrow::Cow;

use crate::domain::postcode::Postcode;

/// Where a row's parts stand, counted from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Columns {
    pub(super) postcode: usize,
    pub(super) district: usize,
    pub(super) name: Option<usize>,
    /// When the postcode ended, or was last seen; a row with text here is no longer live.
    pub(super) ended: Option<usize>,
    /// Quality of the location, and the value that means "none".
    quality: Option<(usize, &'static str)>,
}

/// The names a postcode's column goes by, the best spaced first.
const POSTCODE: [&str; 6] = ["pcds", "pcd8", "pcd7", "pcd2", "pcd", "postcode"];
/// The names a district's column goes by; beside them `lad25cd` and its like.
const DISTRICT: [&str; 4] = ["oslaua", "laua", "ladcd", "lad_code"];

impl Columns {
    /// From a heading; `None` when it names no postcode or no district.
    pub(super) fn from_heading(line: &str) -> Option<Self> {
        let line = line.trim_start_matches('\u{feff}').to_ascii_lowercase();
        let names: Vec<String> = fields(&line).iter().map(|name| name.trim().to_owned()).collect();
        let at = |wanted: &str| names.iter().position(|name| name == wanted);
        let dated = || names.iter().position(|name| is_dated_district(name));
        let quality = at("osgrdind").or_else(|| at("gridind"));
        Some(Self {
            postcode: POSTCODE.iter().find_map(|name| at(name))?,
            district: DISTRICT.iter().find_map(|name| at(name)).or_else(dated)?,
            name: at("lad_name"),
            ended: at("doterm").or_else(|| at("last_seen")),
            quality: quality.map(|column| (column, "9")),
        })
    }

    /// For a first line that is already a row of Code-Point Open.
    pub(super) fn without_heading(line: &str) -> Option<Self> {
        let row = fields(line.trim_start_matches('\u{feff}'));
        let known = row.len() == 10 && Postcode::parse(&row[0]).is_ok();
        known.then_some(Self { postcode: 0, district: 8, name: None, ended: None, quality: Some((1, "90")) })
    }

    /// Whether the row says that nobody knows where the postcode lies.
    pub(super) fn is_unlocated(&self, line: &str) -> bool {
        self.quality.is_some_and(|(at, none)| field(line, at).is_some_and(|value| value.trim() == none))
    }
}

/// `lad` and two figures of a year and `cd`.
fn is_dated_district(name: &str) -> bool {
    let year = name.strip_prefix("lad").and_then(|rest| rest.strip_suffix("cd"));
    year.is_some_and(|year| year.len() == 2 && year.bytes().all(|b| b.is_ascii_digit()))
}

/// One field of a line (RFC 4180 section 2; a field never spans lines in these files).
///
/// A plain loop over bytes: a table has millions of lines, and this is where loading spends its time.
pub(super) fn field(line: &str, at: usize) -> Option<Cow<'_, str>> {
    let bytes = line.as_bytes();
    if bytes.contains(&b'"') {
        return fields(line).into_iter().nth(at);
    }
    let (mut start, mut end, mut commas) = (0, 0, 0);
    while end < bytes.len() {
        if bytes[end] == b',' {
            if commas == at {
                break;
            }
            commas += 1;
            start = end + 1;
        }
        end += 1;
    }
    (commas == at).then(|| Cow::Borrowed(&line[start..end]))
}

fn fields(line: &str) -> Vec<Cow<'_, str>> {
    let mut out = Vec::new();
    let mut rest = line;
    loop {
        let (value, after) = first_field(rest);
        out.push(value);
        match after {
            Some(after) => rest = after,
            None => return out,
        }
    }
}

/// The first field, and what stands behind its comma.
fn first_field(line: &str) -> (Cow<'_, str>, Option<&str>) {
    let Some(quoted) = line.strip_prefix('"') else {
        return match line.split_once(',') {
            Some((value, after)) => (Cow::Borrowed(value), Some(after)),
            None => (Cow::Borrowed(line), None),
        };
    };
    let mut value = String::new();
    let mut rest = quoted;
    while let Some((piece, after)) = rest.split_once('"') {
        value.push_str(piece);
        match after.strip_prefix('"') {
            Some(more) => {
                value.push('"');
                rest = more;
            }
            None => return (Cow::Owned(value), after.split_once(',').map(|(_, after)| after)),
        }
    }
    value.push_str(rest);
    (Cow::Owned(value), None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_published_heading_is_recognised() {
        for (heading, postcode, district, ended) in [
            ("postcode,lad_code,lad_name", 0, 1, None),
            ("postcode,lad_code,lad_name,last_seen", 0, 1, Some(3)),
            ("\u{feff}pcd,pcd2,pcds,dointr,doterm,oscty,ced,oslaua,osgrdind", 2, 7, Some(4)),
            ("\"pcd\",\"pcd2\",\"doterm\",\"laua\"", 1, 3, Some(2)),
            ("pcd7,pcd8,pcds,dointr,doterm,usrtypind,gridind,cty25cd,lad25cd,wd25cd", 2, 8, Some(4)),
        ] {
            let columns = Columns::from_heading(heading).expect(heading);
            assert_eq!(
                (columns.postcode, columns.district, columns.ended),
                (postcode, district, ended),
                "{heading}"
            );
        }
        assert_eq!(Columns::from_heading("postcode,ward"), None);
        assert_eq!(Columns::from_heading("name,lad25cd"), None);
    }

    #[test]
    fn the_form_without_a_heading_is_recognised_by_its_first_row() {
        let row =
            r#""CT1 2EH",10,614900,157800,"E92000001","E19000001","","E10000016","E07000106","E05000001""#;
        let columns = Columns::without_heading(row).expect("ten columns");
        assert_eq!(field(row, columns.district).as_deref(), Some("E07000106"));
        assert!(!columns.is_unlocated(row));
        assert!(columns.is_unlocated(&row.replace(",10,", ",90,")));
        assert_eq!(Columns::without_heading("a,b,c"), None);
    }

    #[test]
    fn quoted_fields_are_read() {
        let line = r#"1,"Bournemouth, Christchurch and Poole","say ""yes""",,x"#;
        assert_eq!(fields(line), ["1", "Bournemouth, Christchurch and Poole", "say \"yes\"", "", "x"]);
        assert_eq!(field(line, 4).as_deref(), Some("x"));
        assert_eq!(field(line, 5), None);
        assert_eq!(
            [0, 1, 2, 3].map(|at| field("a,,é", at)),
            [Some("a"), Some(""), Some("é"), None].map(|f| f.map(Cow::from))
        );
        assert_eq!(fields("\"never closed"), ["never closed"]);
    }
}
