//! What `dutyline route --csv` answers: one postcode a line in, one row out (DESIGN section 8).
//!
//! Rows are RFC 4180 with plain line feeds. A field that a spreadsheet would run as a formula gets
//! an apostrophe in front. Every line has its row, empty ones too, so that the two files stand side
//! by side.

use std::borrow::Cow;
use std::io::{self, BufRead, Write};

use super::decision::Decision;
use super::localities::Localities;
use super::route::route;
use super::table::Table;
use crate::domain::postcode::PostcodeInput;

/// The heading of the answer.
pub const HEADING: &str = "postcode,outcome,locality,reason";

/// Reads postcodes, one a line, and writes the heading and a row for each; returns how many.
pub fn answer(
    table: &Table,
    localities: &Localities,
    mut lines: impl BufRead,
    mut out: impl Write,
) -> io::Result<usize> {
    writeln!(out, "{HEADING}")?;
    let (mut bytes, mut count) = (Vec::new(), 0);
    loop {
        bytes.clear();
        if lines.read_until(b'\n', &mut bytes)? == 0 {
            out.flush()?;
            return Ok(count);
        }
        let line = String::from_utf8_lossy(&bytes);
        let line = line.trim_end_matches(['\n', '\r']).trim_start_matches('\u{feff}');
        let decision = route(table, localities, &PostcodeInput::read(line));
        writeln!(out, "{}", row(&decision))?;
        count += 1;
    }
}

/// One row, without its line feed.
pub fn row(decision: &Decision) -> String {
    let locality = decision.locality.as_ref().map_or("", |id| id.as_str());
    let fields = [&decision.input, decision.outcome.word(), locality, &decision.reason];
    fields.map(|text| field(text)).join(",")
}

/// Quoted where RFC 4180 section 2 asks for it, and never a formula.
fn field(text: &str) -> Cow<'_, str> {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let quoted = text.contains(['"', ',', '\n', '\r']);
    match (formula, quoted) {
        (false, false) => Cow::Borrowed(text),
        (true, false) => Cow::Owned(format!("'{text}")),
        (formula, true) => {
            let mark = if formula { "'" } else { "" };
            Cow::Owned(format!("\"{mark}{}\"", text.replace('"', "\"\"")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routing::columns;

    fn answered(input: &str) -> Vec<String> {
        let mut out = Vec::new();
        let count = answer(Table::kent(), Localities::kent(), input.as_bytes(), &mut out)
            .expect("memory does not fail");
        let lines: Vec<String> = String::from_utf8(out).expect("text").lines().map(str::to_owned).collect();
        assert_eq!(lines.len(), count + 1);
        lines
    }

    #[test]
    fn each_outcome_has_its_word_and_its_locality() {
        let lines = answered("CT1 2EH\r\nME4 4AA\nCT1 2ZZ\n\nnope\nCT1 2E1");
        assert_eq!(lines[0], "postcode,outcome,locality,reason");
        let starts = [
            "CT1 2EH,routed,canterbury,The postcode is in the district of Canterbury",
            "ME4 4AA,out-of-area,,\"The postcode is in Medway, outside",
            "CT1 2ZZ,unknown,,",
            ",malformed,,\"Enter a postcode, or say that it is not known.\"",
            "nope,malformed,,\"Enter a full postcode, such as CT1 2EH.\"",
            "CT1 2E1,malformed,,Check the postcode: did you mean CT1 2EI?",
        ];
        for (line, start) in lines[1..].iter().zip(starts) {
            assert!(line.starts_with(start), "{line}");
        }
    }

    #[test]
    fn fields_are_quoted_and_formulas_do_not_run() {
        assert_eq!(field("a,b"), "\"a,b\"");
        assert_eq!(field("say \"yes\""), "\"say \"\"yes\"\"\"");
        assert_eq!(field("=1+1"), "'=1+1");
        assert_eq!(field("@x,y"), "\"'@x,y\"");
        for line in answered("=cmd|'/c calc'!A1\n\"CT1, 2EH\"\n\u{feff}CT1 2EH\n") {
            assert!(columns::field(&line, 3).is_some() && columns::field(&line, 4).is_none(), "{line}");
        }
    }
}
