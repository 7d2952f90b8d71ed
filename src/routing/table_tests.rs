use super::*;

const SECTORS: &str = include_str!("../../data/kent_sectors.csv");

fn postcode(text: &str) -> Postcode {
    Postcode::parse(text).expect(text)
}

fn small(text: &str) -> Result<Table, TableError> {
    Table::from_csv(text.as_bytes(), "test")
}

#[test]
fn the_shipped_table_has_every_row_in_half_a_megabyte() {
    let kent = Table::kent();
    assert_eq!((kent.len(), kent.ended.keys.len()), (73_922, 4_239));
    assert_eq!(kent.edition(), "Code-Point Open 2025.4");
    assert!(kent.bytes() < 500_000, "{} bytes", kent.bytes());
    kent.check(Localities::kent()).expect("every locality has postcodes");
}

#[test]
fn every_shipped_row_is_found_where_it_says() {
    for (file, live) in [(KENT, true), (KENT_RETIRED, false)] {
        for line in file.lines().skip(1) {
            let row: Vec<&str> = line.split(',').collect();
            let place = Table::kent().find(&postcode(row[0])).expect(line);
            assert_eq!(
                (place.district.code.as_str(), place.district.name.as_str()),
                (row[1], row[2]),
                "{line}"
            );
            assert_eq!(place.ended, (!live).then(|| row[3]), "{line}");
        }
    }
}

#[test]
fn sectors_counted_from_the_table_are_those_of_the_source() {
    let mut lines = SECTORS.lines().skip(1).peekable();
    let mut sectors = 0;
    while let Some(line) = lines.peek() {
        let sector = line.split(',').next().expect("a sector").to_owned();
        let mut rows = Vec::new();
        while let Some(line) = lines.next_if(|line| line.split(',').next() == Some(&sector)) {
            let row: Vec<&str> = line.split(',').collect();
            rows.push((row[1].to_owned(), row[3].parse::<usize>().expect("a number")));
        }
        let found = Table::kent().within(postcode(&format!("{sector}AA")).sector_keys());
        let mut found: Vec<_> = found.into_iter().map(|(d, count)| (d.code.to_string(), count)).collect();
        found.sort();
        rows.sort();
        assert_eq!(found, rows, "{sector}");
        sectors += 1;
    }
    assert!(sectors > 300, "{sectors}");
}

#[test]
fn other_published_forms_give_the_same_answers() {
    let directory = "pcd,pcd2,pcds,dointr,doterm,oscty,oslaua,osgrdind\n\
        \"CT1 2EH\",\"CT1  2EH\",\"CT1 2EH\",198001,,E10000016,E07000106,1\n\
        CT1 2ZZ,CT1  2ZZ,CT1 2ZZ,198001,200912,E10000016,E07000106,1\n\
        CT1 2ZY,CT1  2ZY,CT1 2ZY,202501,,,,9\n";
    let table = small(directory).expect("a directory");
    assert_eq!(table.len(), 1);
    let place = table.find(&postcode("CT1 2EH")).expect("live");
    assert_eq!((place.district.name.as_str(), place.ended), ("Canterbury", None));
    assert_eq!(table.find(&postcode("CT1 2ZZ")).and_then(|place| place.ended), Some("200912"));
    assert_eq!(table.find(&postcode("CT1 2ZY")), None);
    let headless = "\"CT1 2EH\",10,614900,157800,\"E92000001\",\"\",\"\",\"E10000016\",\"E07000106\",\"\"\r\n\
        \"CT5 9DB\",90,0,0,\"E92000001\",\"\",\"\",\"\",\"\",\"\"\r\n";
    let table = small(headless).expect("Code-Point Open");
    assert_eq!(table.len(), 1);
    assert!(table.find(&postcode("ct12eh")).is_some());
}

#[test]
fn a_load_that_leaves_a_locality_without_postcodes_is_refused() {
    let fault = Table::load("postcode,lad_code\nCT1 2EH,E07000106\n".as_bytes(), "new", Localities::kent());
    let sentence = fault.expect_err("eleven localities are left out").to_string();
    assert!(sentence.contains("Ashford") && sentence.contains("Tunbridge Wells"), "{sentence}");
    assert!(!sentence.contains("Canterbury"), "{sentence}");
    let renamed = KENT.replace("E07000114", "E06999999");
    let fault = Table::load(renamed.as_bytes(), "new", Localities::kent()).expect_err("Thanet is gone");
    assert!(matches!(fault, TableError::LeavesOut(names) if names == "Thanet"));
    Table::load(KENT.as_bytes(), "again", Localities::kent()).expect("the shipped file loads");
}

#[test]
fn a_file_that_is_no_table_is_named() {
    assert!(matches!(small("").unwrap_err(), TableError::Empty));
    assert!(matches!(small("name,age\n").unwrap_err(), TableError::Heading));
    assert!(matches!(small("postcode,lad_code\n").unwrap_err(), TableError::Empty));
    let unreadable =
        small("postcode,lad_code\nCT1 2EH,E07000106\nnonsense\nCT1 2EJ,x\nCT1 2EJ,x\n").unwrap_err();
    assert!(matches!(unreadable, TableError::Unreadable { bad: 3, rows: 4, first: 3 }), "{unreadable}");
    let twice = small("postcode,lad_code\nCT1 2EH,E07000106\nCT12EH,E07000107\n").unwrap_err();
    assert!(matches!(twice, TableError::Contradiction(1)), "{twice}");
    assert_eq!(
        small("postcode,lad_code\nCT1 2EH,E07000106\nCT12EH,E07000106\n").expect("one twice").len(),
        1
    );
}
