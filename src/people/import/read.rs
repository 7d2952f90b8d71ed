//! A list of settings as a file: comma-separated values as Ofsted's register has them (RFC 4180, with or
//! without a byte-order mark). Columns are known by name. Each row is read by itself: what is wrong with
//! one is said beside it.

use std::collections::HashMap;

use crate::domain::email::EmailAddress;
use crate::domain::joining::OrganisationName;
use crate::domain::name::PersonName;
use crate::domain::people::Role;
use crate::domain::phone::Phone;
use crate::domain::postcode::Postcode;
use crate::domain::urn::Urn;

/// Largest file, bytes (4 MiB).
pub const MOST_BYTES: usize = 4 * 1024 * 1024;
/// Most rows of one file.
pub const MOST_ROWS: usize = 20_000;
/// Longest cell, characters.
const LONGEST: usize = 300;

/// What keeps a file from being read at all; the sentence is for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileFault {
    /// There is nothing in it.
    #[error("Choose a file with a heading row and at least one setting")]
    Empty,
    /// Over a limit.
    #[error("The file is too large: a list can have up to 20,000 settings and 4 MB. Split it")]
    TooLarge,
    /// UTF-16, or a workbook.
    #[error("Save the list as CSV (UTF-8) and choose that file")]
    NotText,
    /// A column is not there.
    #[error("The heading row has no column ‘{0}’: it needs urn, name and postcode")]
    NoColumn(&'static str),
    /// A column is there twice.
    #[error("The heading row has the column ‘{0}’ twice")]
    Twice(&'static str),
}

/// A setting of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Its number.
    pub urn: String,
    /// Its name.
    pub name: String,
    /// Its postcode.
    pub postcode: String,
    /// Its telephone, or empty.
    pub phone: String,
    /// Who is to be invited, when somebody is named.
    pub manager: Option<Manager>,
}

/// Somebody to be invited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manager {
    /// Their name.
    pub name: String,
    /// Their work address, in small letters.
    pub email: String,
    /// A role of a setting.
    pub role: Role,
}

/// One row of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The line of the file on which it begins; the heading is on line 1.
    pub line: u64,
    /// The setting, or what is wrong.
    pub setting: Result<Setting, String>,
}

/// A column's name and what it may be called, in small letters and digits.
const COLUMNS: [(&str, &[&str]); 7] = [
    ("urn", &["urn", "providerurn", "settingurn", "ofstedurn"]),
    ("name", &["name", "providername", "settingname"]),
    ("postcode", &["postcode", "providerpostcode", "settingpostcode"]),
    ("phone", &["phone", "telephone", "telephonenumber"]),
    ("manager", &["manager", "managername"]),
    ("email", &["email", "manageremail", "emailaddress"]),
    ("role", &["role", "managerrole"]),
];

/// Reads a file.
///
/// # Errors
/// [`FileFault`] when nothing of it can be used; what is wrong with a row is in the row.
pub fn read(bytes: &[u8]) -> Result<Vec<Row>, FileFault> {
    if bytes.len() > MOST_BYTES {
        return Err(FileFault::TooLarge);
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) || bytes.contains(&0) {
        return Err(FileFault::NotText);
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
    let mut records = reader.byte_records();
    let heading = records.next().and_then(Result::ok).ok_or(FileFault::Empty)?;
    let columns = columns(&heading)?;
    let mut rows = Vec::new();
    let mut lines = Lines { bytes, at: 0, line: 1 };
    for record in records {
        let record = record.map_err(|_| FileFault::NotText)?;
        if record.iter().all(|cell| cell.trim_ascii().is_empty()) {
            continue;
        }
        if rows.len() == MOST_ROWS {
            return Err(FileFault::TooLarge);
        }
        let line = lines.of(record.position().map_or(0, csv::Position::byte));
        rows.push(Row { line, setting: Cells { record: &record, columns: &columns }.setting() });
    }
    if rows.is_empty() { Err(FileFault::Empty) } else { Ok(rows) }
}

/// Counts lines as editors do; the reader's own count is one behind after a carriage return.
struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line of the record that begins at or after `byte`: line ends before it are not its own.
    fn of(&mut self, byte: u64) -> u64 {
        let from = usize::try_from(byte).unwrap_or(usize::MAX).max(self.at);
        while let Some(now) =
            self.bytes.get(self.at).filter(|now| self.at < from || matches!(now, b'\r' | b'\n'))
        {
            let alone = *now == b'\r' && self.bytes.get(self.at + 1) != Some(&b'\n');
            self.line += u64::from(*now == b'\n' || alone);
            self.at += 1;
        }
        self.line
    }
}

fn columns(heading: &csv::ByteRecord) -> Result<HashMap<&'static str, usize>, FileFault> {
    let mut columns = HashMap::new();
    for (at, cell) in heading.iter().enumerate() {
        let small: String =
            String::from_utf8_lossy(cell).to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
        let known = COLUMNS.iter().find(|(_, names)| names.contains(&small.as_str()));
        if let Some((name, _)) = known
            && columns.insert(*name, at).is_some()
        {
            return Err(FileFault::Twice(name));
        }
    }
    let missing = ["urn", "name", "postcode"].into_iter().find(|name| !columns.contains_key(name));
    missing.map_or(Ok(columns), |name| Err(FileFault::NoColumn(name)))
}

/// A row's cells by the name of their column.
struct Cells<'a> {
    record: &'a csv::ByteRecord,
    columns: &'a HashMap<&'static str, usize>,
}

impl Cells<'_> {
    fn setting(&self) -> Result<Setting, String> {
        let said = |column: &'static str| move |error: &dyn std::fmt::Display| format!("{column}: {error}");
        let urn = Urn::parse(self.cell("urn")?).map_err(|e| said("urn")(&e))?;
        let name = OrganisationName::parse(self.cell("name")?).map_err(|e| said("name")(&e))?;
        let postcode = Postcode::parse(self.cell("postcode")?).map_err(|e| said("postcode")(&e))?;
        let phone = match self.cell("phone")? {
            "" => String::new(),
            typed => Phone::parse(typed).map_err(|e| said("phone")(&e))?.as_typed().to_owned(),
        };
        Ok(Setting {
            urn: urn.as_str().to_owned(),
            name: name.as_str().to_owned(),
            postcode: postcode.shown().to_owned(),
            phone,
            manager: self.manager()?,
        })
    }

    fn manager(&self) -> Result<Option<Manager>, String> {
        let (name, email, role) = (self.cell("manager")?, self.cell("email")?, self.cell("role")?);
        if name.is_empty() && email.is_empty() && role.is_empty() {
            return Ok(None);
        }
        let name = PersonName::parse(name).map_err(|error| format!("manager: {error}"))?;
        let email = EmailAddress::parse(email).map_err(|error| format!("email: {error}"))?;
        Ok(Some(Manager { name: name.as_str().to_owned(), email: email.folded(), role: role_of(role)? }))
    }

    /// A cell without blanks at its ends; empty when the row or the file does not have it.
    fn cell(&self, column: &'static str) -> Result<&str, String> {
        let cell = self.columns.get(column).and_then(|at| self.record.get(*at)).unwrap_or_default();
        let text = std::str::from_utf8(cell)
            .map_err(|_| format!("{column}: some letters are damaged. Save the list as CSV (UTF-8) again"))?;
        let text = text.trim();
        if text.chars().count() > LONGEST {
            return Err(format!("{column}: this is too long. A quotation mark may be missing"));
        }
        // A spreadsheet would run it when somebody opens a list that we made of it.
        let number = column == "phone" && text.starts_with('+');
        match text.chars().next() {
            Some(first @ ('=' | '+' | '-' | '@')) if !number => {
                Err(format!("{column}: it begins with ‘{first}’, which a spreadsheet runs as a formula"))
            }
            _ => Ok(text),
        }
    }
}

/// A role of a setting by its code or its words; a manager when none is named.
fn role_of(text: &str) -> Result<Role, String> {
    let known =
        |role: &&Role| role.in_setting() && (role.code() == text || role.label().eq_ignore_ascii_case(text));
    match text {
        "" => Ok(Role::Manager),
        _ => Role::ALL.iter().find(known).copied().ok_or_else(|| {
            "role: the roles in a setting are practitioner, manager and safeguarding-lead".to_owned()
        }),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn one(text: &str) -> Result<Setting, String> {
        let rows = read(format!("urn,name,postcode,phone,manager,email,role\n{text}\n").as_bytes());
        rows.expect("a file").remove(0).setting
    }

    #[test]
    fn the_registers_columns_are_read_with_mark_line_ends_quotes_and_breaks() {
        let file = "\u{feff}URN,Provider name,Subtype,Post code\r\n127503,\"Acorns, \"\"The\"\" Hall\",Day,tn17 4nd\r\n\r\n,,,\r\nEY 123456,Meadow,\"two\r\nlines\",CT1 2EH\r\n";
        let rows = read(file.as_bytes()).expect("a file");
        let of = |n: usize| rows[n].setting.clone().expect("a setting");
        assert_eq!((of(0).urn.as_str(), of(0).name.as_str()), ("127503", "Acorns, \"The\" Hall"));
        assert_eq!((of(0).postcode.as_str(), of(0).manager), ("TN17 4ND", None));
        assert_eq!((of(1).urn.as_str(), rows.len()), ("EY123456", 2));
        assert_eq!((rows[0].line, rows[1].line), (2, 5));
    }

    #[test]
    fn what_is_wrong_with_a_row_is_said_with_its_column() {
        for (row, words) in [
            ("1/2,N,CT1 2EH", "urn: An Ofsted number has only"),
            ("127503,,CT1 2EH", "name: Enter"),
            ("127503,N,CT1", "postcode: Enter a full"),
            ("127503,=cmd|' /c calc'!A1,CT1 2EH", "name: it begins with ‘=’"),
            ("@127503,N,CT1 2EH", "urn: it begins with ‘@’"),
            ("127503,-N,CT1 2EH", "name: it begins with ‘-’"),
            ("127503,N,CT1 2EH,12", "phone: "),
            ("127503,N,CT1 2EH,,Al Madeup", "email: Enter an email"),
            ("127503,N,CT1 2EH,,,al@meadow.example", "manager: Enter the name"),
            ("127503,N,CT1 2EH,,Al Madeup,al@meadow.example,duty", "role: the roles in a setting"),
            ("127503,N,CT1 2EH,,Al Madeup,al@meadow.example,king", "role: the roles in a setting"),
        ] {
            let said = one(row).expect_err(row);
            assert!(said.starts_with(words), "{row}: {said}");
        }
        assert!(one(&format!("127503,{},CT1 2EH", "n".repeat(301))).expect_err("long").contains("too long"));
        let whole = one("127503,N,CT1 2EH,+44 1632 960123,Al Madeup,AL@Meadow.example,Setting manager");
        let manager = whole.expect("a setting").manager.expect("a manager");
        assert_eq!((manager.email.as_str(), manager.role), ("al@meadow.example", Role::Manager));
        let lead = one("127503,N,CT1 2EH,,Al Madeup,al@meadow.example,safeguarding-lead").expect("a setting");
        assert_eq!(lead.manager.expect("a lead").role, Role::SafeguardingLead);
    }

    #[test]
    fn a_broken_letter_is_the_rows_fault_and_a_wrong_file_is_the_files() {
        let rows = read(b"urn,name,postcode\n1,Caf\xe9,CT1 2EH\n127503,Good,CT1 2EH\n").expect("a file");
        assert!(rows[0].setting.as_ref().expect_err("damaged").starts_with("name: some letters are damaged"));
        assert!(rows[1].setting.is_ok());
        for (file, fault) in [
            (&b""[..], FileFault::Empty),
            (b"urn,name,postcode\n", FileFault::Empty),
            (b"\xff\xfeu\0r\0n\0", FileFault::NotText),
            (b"PK\x03\x04\0\0", FileFault::NotText),
            (b"name,postcode\nN,CT1 2EH", FileFault::NoColumn("urn")),
            (b"urn,URN,name,postcode\n", FileFault::Twice("urn")),
        ] {
            assert_eq!(read(file).unwrap_err(), fault);
        }
        assert_eq!(read(&vec![b'a'; MOST_BYTES + 1]).unwrap_err(), FileFault::TooLarge);
        let many = format!("urn,name,postcode\n{}", "1,N,CT1 2EH\n".repeat(MOST_ROWS + 1));
        assert_eq!(read(many.as_bytes()).unwrap_err(), FileFault::TooLarge);
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = read(&bytes);
            let _ = read(&[b"urn,name,postcode\n".as_slice(), &bytes].concat());
        }
    }
}
