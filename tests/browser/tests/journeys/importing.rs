//! An administrator loads a list of settings: a file that is none, one with rows that cannot be taken, and
//! one that can: first what would become of each row, then all of it.

use dutyline_browser_tests::{Browser, Demo, Scripts};

const BAD: &str = "urn,name,postcode,phone,manager,email,role\n\
    EY999101,Madeup Corner Pre-School,CT1 2EH,01632 960401,Robin Invented,robin@corner.example,manager\n\
    EY999102,Invented Steps Nursery,NOT ONE,01632 960402,,,\n\
    EY999101,Madeup Corner again,CT1 2EH,,,,\n\
    EY999103,Sample Lane Childminder,ME4 4AA,01632 960403,Lane Sample,lane@sample.example,emperor\n";
const GOOD: &str = "\u{feff}URN,Name,Postcode,Phone,Manager,Email,Role\n\
    EY999101,Madeup Corner Pre-School,CT1 2EH,01632 960401,Robin Invented,robin@corner.example,manager\n\
    EY999102,\"Invented Steps, Nursery\",CT2 7NY,01632 960402,,,\n";

#[tokio::test]
async fn a_list_is_loaded_with_javascript() {
    journey("import-with-javascript", Scripts::On).await;
}

#[tokio::test]
async fn a_list_is_loaded_without_javascript() {
    journey("import-without-javascript", Scripts::Off).await;
}

async fn journey(name: &'static str, scripts: Scripts) {
    let demo = Demo::start();
    let browser = Browser::open(&demo, name, scripts).await;
    browser.sign_in("Ada Administrator").await;
    browser.visit("/people").await;
    browser.press("Load settings from a list").await;
    browser.look("choose").await;
    browser.press("Check the list").await;
    browser.see("There is a problem").await;
    browser.look("no-file").await;
    browser.put_file("file", &demo.file("letter.csv", b"Dear all,\nplease find the list elsewhere.\n")).await;
    browser.press("Check the list").await;
    browser.see("There is a problem").await;
    browser.look("not-a-list").await;
    browser.put_file("file", &demo.file("bad.csv", BAD.as_bytes())).await;
    browser.press("Check the list").await;
    browser.see("The list cannot be loaded yet").await;
    browser.look("rows-that-cannot-be-taken").await;
    browser.press("Choose a list").await;
    browser.put_file("file", &demo.file("good.csv", GOOD.as_bytes())).await;
    browser.press("Check the list").await;
    browser.see("What the list would do").await;
    browser.look("dry-run").await;
    browser.press("Load the list").await;
    browser.see("The list is loaded").await;
    browser.look("loaded").await;
    browser.visit("/admin/organisations?search=madeup+corner").await;
    browser.see("EY999101").await;
    browser.visit("/people/import").await;
    browser.put_file("file", &demo.file("good.csv", GOOD.as_bytes())).await;
    browser.press("Check the list").await;
    browser.see("2 settings that are the same already").await;
    browser.look("same-again").await;
}
