//! Tests of the look: one page that shows every macro, checked for what every page must keep.

use askama::Template;

use super::field::{Answer, Asked, Choice, DateField, Field, SignatureField, error_list};
use super::parts::{Pages, SummaryRow, Tag, Task};
use super::shell::{Back, EXIT_HREF, NavItem, Shell, SignedIn};

const HOSTILE: &str = "<script>alert(\"x\")</script>'&";

#[derive(Template)]
#[template(path = "gallery.html")]
struct Gallery {
    shell: Shell,
    errors: Vec<(String, String)>,
    label: &'static str,
    summary: &'static str,
    name: Field,
    nhs: Field,
    concerns: Field,
    born: DateField,
    sen: Choice,
    plain: Choice,
    areas: Choice,
    paper: Field,
    sign: SignatureField,
    rows: Vec<SummaryRow>,
    tasks: Vec<Task>,
    table: Vec<(String, String, String)>,
    pages: Pages,
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    shell: Shell,
    heading: String,
    sentences: Vec<String>,
    way_forward: Option<Back>,
    request_number: String,
}

fn shell() -> Shell {
    let who = SignedIn {
        name: "Ama Okoro".into(),
        role: "Practitioner".into(),
        organisation: "Little Acorns".into(),
    };
    Shell::new("The child")
        .signed_in(who)
        .nav(vec![
            NavItem::new("Referrals", "/referrals").current(true),
            NavItem::new("Messages", "/messages"),
        ])
        .demo(true)
        .back("/referrals", "Back to referrals")
        .exit_this_page()
        .error(true)
}

fn fields() -> (Field, Field, Field, Field) {
    let name =
        Field::new("forename", "First name").value(HOSTILE).error(Some("Enter the child’s first name"));
    let nhs = Field::new("nhs-number", "NHS number (optional)")
        .hint("10 digits, for example 999 000 0018")
        .numeric();
    let concerns =
        Field::new("concerns", "What are you concerned about?").hint("In your own words").value(HOSTILE);
    let concerns =
        concerns.error(Some("Say what you are concerned about")).limit(2000).rows(4).label_size("m");
    let paper = Field::new("paper", "The signed paper form")
        .hint("PDF, JPEG or PNG, up to 10 MB")
        .error(Some(HOSTILE));
    (name, nhs, concerns, paper)
}

fn choices() -> (Choice, Choice, Choice) {
    let yes_no = || vec![Answer::new("yes", "Yes"), Answer::new("no", "No")];
    let four = vec![
        Answer::new("yes", "Yes"),
        Answer::new("no", "No"),
        Answer::new("not-asked", "Not asked"),
        Answer::new("not-safe", "Not safe to ask").hint("For instance because someone else was listening"),
    ];
    let sen = Choice::new("sen", "SEN need", four)
        .hint("Choose one")
        .chosen(["not-safe"])
        .error(Some("Choose an answer"));
    let areas = vec![Answer::new("sleep", "Sleep"), Answer::new("dental", "Dental or oral health")];
    let areas = Choice::new("areas", "What is it about?", areas)
        .chosen(["sleep", "dental"])
        .hint("Choose all that apply");
    (sen, Choice::new("plain", "Is an interpreter needed?", yes_no()).inline(), areas)
}

fn gallery() -> Gallery {
    let (name, nhs, concerns, paper) = fields();
    let (sen, plain, areas) = choices();
    let born = DateField::new("born", "Date of birth").hint("For example, 14 3 2024").typed("31", "2", "");
    let born = born.error(Some("Enter a year"));
    let strokes = r#"{"v":1,"w":1000,"h":333,"s":[[100,200,300,80,420,240,640,90,800,200]]}"#;
    let sign = SignatureField::new("parent", "Parent or carer’s signature").signed(strokes, HOSTILE);
    let sign = sign.hint("Draw it or type it").error(Some("Sign here"));
    let asked: [&dyn Asked; 9] = [&name, &nhs, &concerns, &born, &sen, &plain, &areas, &paper, &sign];
    Gallery {
        errors: error_list(&asked),
        shell: shell(),
        label: "KENT-2026-0042",
        summary: "The page’s own word.",
        rows: vec![
            SummaryRow::new("Name", HOSTILE).change("/draft/child", "the child’s name"),
            SummaryRow::new("Address", "1 Example Street\nExampleton\nZZ99 3VZ"),
        ],
        tasks: vec![
            Task::new("Where the child lives", "/draft/where", Tag::plain("Completed")),
            Task::new("The child", "/draft/child", Tag::new("Incomplete", "blue"))
                .hint("Name and date of birth"),
            Task::waiting("Signatures", Tag::plain("Cannot start yet")),
        ],
        table: vec![
            ("K-7Q4M-2HXD".into(), "/referrals/1".into(), "2".into()),
            ("K-9RTW-5PLC".into(), String::new(), "11".into()),
        ],
        pages: Pages {
            previous: Some("/inbox".into()),
            next: Some("/inbox?after=2".into()),
            previous_label: "Newer referrals".into(),
            next_label: "Older referrals".into(),
        },
        name,
        nhs,
        concerns,
        born,
        sen,
        plain,
        areas,
        paper,
        sign,
    }
}

fn page() -> String {
    gallery().render().expect("the gallery renders")
}

/// Every value of an attribute in a page.
fn values<'a>(page: &'a str, attribute: &str) -> Vec<&'a str> {
    let begin = format!(" {attribute}=\"");
    let after = page.match_indices(&begin).map(|(at, found)| &page[at + found.len()..]);
    after.filter_map(|rest| rest.split_once('"').map(|(value, _)| value)).collect()
}

/// The opening tags of one element.
fn tags<'a>(page: &'a str, element: &str) -> Vec<&'a str> {
    let begin = format!("<{element} ");
    let after = page.match_indices(&begin).map(|(at, _)| &page[at..]);
    after.filter_map(|rest| rest.split_once('>').map(|(tag, _)| tag)).collect()
}

#[test]
fn no_page_names_another_host_but_the_one_that_exit_leads_to() {
    let page = page();
    assert_eq!(page.matches("http").count(), 1);
    assert_eq!(page.matches(&format!("href=\"{EXIT_HREF}\"")).count(), 1);
    assert!(!page.contains("\"//"));
    let calm = Gallery { shell: Shell::new("Inbox"), ..gallery() }.render().expect("renders");
    assert!(!calm.contains("http"));
}

#[test]
fn nothing_in_a_page_is_script_or_style_of_its_own() {
    let page = page();
    assert_eq!(tags(&page, "script").len(), 1, "the one deferred file");
    assert!(tags(&page, "script")[0].contains(" src=\"/assets/"));
    assert!(!page.contains("<style"));
    assert!(values(&page, "style").is_empty());
    for event in ["onclick", "onload", "onsubmit", "onerror"] {
        assert!(values(&page, event).is_empty());
    }
}

#[test]
fn what_people_type_is_text_wherever_it_stands() {
    let page = page();
    assert!(!page.contains("<script>"));
    assert!(!page.contains("alert(\""));
    assert_eq!(page.matches("&#60;script&#62;alert(&#34;x&#34;)&#60;/script&#62;&#39;&#38;").count(), 6);
}

#[test]
fn every_id_is_unique_and_every_reference_to_one_is_met() {
    let page = page();
    let ids = values(&page, "id");
    let mut once = ids.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), ids.len(), "an id stands twice");
    let mut pointed: Vec<&str> = values(&page, "for");
    pointed.extend(values(&page, "aria-describedby").iter().flat_map(|list| list.split(' ')));
    pointed.extend(values(&page, "aria-labelledby"));
    pointed.extend(values(&page, "href").iter().filter_map(|href| href.strip_prefix('#')));
    assert!(pointed.len() > 30);
    for id in pointed {
        assert!(ids.contains(&id), "nothing has the id {id}");
    }
}

#[test]
fn every_control_has_a_label_bound_to_its_id() {
    let page = page();
    let labels = values(&page, "for");
    let controls = [tags(&page, "input"), tags(&page, "textarea")].concat();
    for control in controls.iter().filter(|tag| !tag.contains("type=\"hidden\"")) {
        let id = values(control, "id");
        assert_eq!(id.len(), 1, "{control}");
        assert_eq!(labels.iter().filter(|label| **label == id[0]).count(), 1, "{control}");
    }
}

#[test]
fn every_error_is_said_in_the_summary_beside_the_field_and_to_screen_readers() {
    let page = page();
    let described: Vec<&str> =
        values(&page, "aria-describedby").iter().flat_map(|list| list.split(' ')).collect();
    for id in ["forename", "concerns", "born", "sen", "paper", "parent"] {
        assert!(page.contains(&format!("id=\"{id}-error\"")), "{id}");
        assert!(described.contains(&format!("{id}-error").as_str()), "{id}");
    }
    for link in ["#forename", "#concerns", "#born-year", "#sen", "#paper", "#parent-typed"] {
        assert!(page.contains(&format!("<li><a href=\"{link}\">")), "{link}");
    }
    assert!(page.contains("<title>Error: The child – dutyline</title>"));
}

#[test]
fn what_was_answered_before_is_still_there_and_nothing_is_chosen_for_anyone() {
    let page = page();
    let chosen: Vec<&str> = tags(&page, "input").into_iter().filter(|tag| tag.contains(" checked")).collect();
    assert_eq!(chosen.len(), 3);
    assert!(chosen[0].contains("value=\"not-safe\""));
    assert!(page.contains("name=\"born-month\" type=\"text\" inputmode=\"numeric\" value=\"2\""));
}

#[test]
fn inside_a_macros_body_the_pages_own_variables_are_meant() {
    assert!(page().contains("<p>The page’s own word. The duty line"));
}

#[test]
fn a_page_after_the_first_is_light() {
    assert!(page().len() < 20_000, "every macro together weighs {} bytes", page().len());
}

#[test]
fn a_page_without_the_script_can_be_signed_by_typing() {
    let page = page();
    let pad = page.find("data-pad hidden").expect("the pad is hidden until the script shows it");
    let typed = page.find("name=\"parent-typed\"").expect("the typed signature");
    let close = page[pad..].find("</div>").expect("the pad ends") + pad;
    assert!(close < typed, "the typed signature stands outside the hidden pad");
}

#[test]
fn an_error_page_says_what_to_do_next() {
    let page = ErrorPage {
        shell: Shell::new("Page not found"),
        heading: "Page not found".into(),
        sentences: vec!["Nothing is kept at this address, or it is not yours to see.".into()],
        way_forward: Some(Back { href: "/".into(), label: "Go to the start page".into() }),
        request_number: "R-42".into(),
    };
    let page = page.render().expect("renders");
    assert!(page.contains("<a href=\"/\">Go to the start page</a>"));
    assert!(page.contains("R-42"));
    assert!(page.contains("call 999"));
}
