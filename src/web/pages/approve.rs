//! A named person reads what the family may hold, as it will be printed, and approves it. It is asked
//! for every referral, so that the asking tells nothing; only somebody who may know the restricted part
//! is asked, for nobody else can tell which words may harm (DOMAIN section 3, docs/decisions.md).
//!
//! The form carries the version that was shown: words that were completed since are not approved with
//! it. Whoever came for a paper is brought back to it.

use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect};

use super::super::access::Who;
use super::super::error::PageError;
use super::super::field::{Answer, Choice, error_list};
use super::super::form::Protected;
use super::super::page::{Page, page, shell};
use super::super::shell::Shell;
use super::super::{Site, State};
use super::print::{facts, print_of};
use super::referral::list::{self, Asked};
use super::referral::{facts as words, id_of};
use crate::casework::{self, CaseworkError, Opened};
use crate::documents;
use crate::domain::ids::ReferralId;
use crate::domain::people::Person;

/// The papers that wait for an approval, by the end of their address, and the page that shows each.
const PAPERS: [(&str, &str); 5] = [
    ("red-book", "red-book"),
    ("red-book.pdf", "red-book"),
    ("red-book-2up.pdf", "red-book"),
    ("copy", "copy"),
    ("copy.pdf", "copy"),
];

#[derive(Template)]
#[template(path = "pages/print/approve.html")]
struct Approve {
    shell: Shell,
    errors: Vec<(String, String)>,
    heading: &'static str,
    id: String,
    reference: String,
    version: u64,
    asked_for: &'static str,
    stands: Stands,
    kept_off: bool,
    question: Choice,
}

/// How far the approval is.
enum Stands {
    /// This person has to wait for somebody else, or do something else first: the sentence.
    NotYours { sentence: &'static str, on_line: bool },
    /// Somebody, named here, has approved the words.
    Done(String),
    /// To be read and answered: both papers, escaped by `documents::html_below`.
    Open { insert: String, copy: String },
}

/// `GET /referrals/{id}/approve?for=…`
pub async fn ask(site: State, Who(person): Who, Path(id): Path<String>, asked: Asked) -> Page {
    let opened = casework::open(&site.relay, &person, id_of(&id)?).await?;
    if opened.reach.elsewhere() {
        return Err(PageError::NotFound);
    }
    let asked_for = paper(list::asked(&asked).get("for"));
    approval_page(&site, &person, &opened, asked_for, Said::Nothing).await
}

/// `POST /referrals/{id}/approve`
pub async fn approve(
    site: State,
    Who(person): Who,
    Path(id): Path<String>,
    Protected(form): Protected,
) -> Page {
    let id: ReferralId = id_of(&id)?;
    let asked_for = paper(form.get("for"));
    if form.get("safe") == "yes" {
        // A form without a version was shown none: versions begin at 1.
        let version = form.get("version").parse().unwrap_or(0);
        match casework::approve_for_print(&site.relay, &person, id, version).await {
            Ok(()) => return Ok(Redirect::to(&back_to(id, &person, asked_for)).into_response()),
            Err(CaseworkError::Refused(_)) => {}
            Err(other) => return Err(other.into()),
        }
    }
    let opened = casework::open(&site.relay, &person, id).await?;
    if opened.reach.elsewhere() {
        return Err(PageError::NotFound);
    }
    let said = match form.get("safe") {
        "no" => Said::No,
        "yes" => Said::Nothing,
        _ => Said::Empty,
    };
    approval_page(&site, &person, &opened, asked_for, said).await
}

/// The paper that was asked for, if it is one of ours: nothing that was typed gets into an address.
fn paper(asked: &str) -> &'static str {
    PAPERS.iter().find(|(file, _)| *file == asked).map_or("", |(file, _)| *file)
}

/// Where somebody goes on after approving: to the paper they came for, as a page that says so; a
/// setting without a wish to its copy, a line to the referral.
fn back_to(id: ReferralId, person: &Person, asked_for: &str) -> String {
    let shown = PAPERS.iter().find(|(file, _)| *file == asked_for).map(|(_, shown)| format!("/{shown}"));
    let otherwise = || if person.role.in_setting() { "/copy".to_owned() } else { String::new() };
    format!("/referrals/{id}{}?approved=yes", shown.unwrap_or_else(otherwise))
}

/// How the question was answered.
#[derive(Clone, Copy, PartialEq)]
enum Said {
    Nothing,
    Empty,
    No,
}

async fn approval_page(
    site: &Site,
    person: &Person,
    opened: &Opened,
    asked_for: &'static str,
    said: Said,
) -> Page {
    let referral = &opened.referral;
    let answers = vec![
        Answer::new("yes", "Yes: approve them for print"),
        Answer::new("no", "No: keep the Red Book insert and the copies off"),
    ];
    let wrong = (said == Said::Empty).then_some("Choose an answer");
    let question =
        Choice::new("safe", "Is each of these safe to be read by anyone at home?", answers).error(wrong);
    let heading = match person.role.in_setting() {
        true => "Before you can print a copy",
        false => "Approve words for print",
    };
    let stands = stands(site, person, opened).await?;
    page(Approve {
        shell: shell(site, heading, Some(person), "")
            .back(format!("/referrals/{}", referral.id), "Referral")
            .error(wrong.is_some()),
        errors: error_list(&[&question]),
        heading,
        id: referral.id.to_string(),
        reference: referral.reference.clone(),
        version: referral.content_version,
        asked_for,
        stands,
        kept_off: said == Said::No,
        question,
    })
}

async fn stands(site: &Site, person: &Person, opened: &Opened) -> Result<Stands, PageError> {
    let referral = &opened.referral;
    let mut read = site.relay.store.read().await?;
    if let Some(name) = words::name_of(&mut read, &referral.print_approved_by).await? {
        return Ok(Stands::Done(name));
    }
    drop(read);
    if let Err(sentence) = casework::may_approve(person, referral) {
        return Ok(Stands::NotYours { sentence, on_line: person.role.on_line() });
    }
    let facts = facts(site, opened).await?;
    let print = print_of(opened, &facts);
    let insert = documents::red_book_insert(&print, documents::Page::A5Insert);
    Ok(Stands::Open {
        insert: documents::html_below(&insert, 2),
        copy: documents::html_below(&documents::senders_copy(&print), 2),
    })
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;

    use super::super::referral::testing::{Case, World};
    use crate::casework::{self, CaseworkError, Paper};
    use crate::domain::people::Role;

    const COLLEAGUE: &str = "The person who sent this, or your safeguarding lead, approves the words.";
    const LINE: &str = "Open the restricted part first.";

    #[tokio::test]
    async fn each_paper_is_shown_as_it_prints_before_it_is_approved() {
        let world = World::new().await;
        let author = world.person(Role::Practitioner, "").await;
        let sent = world.send(&author, Case::default()).await;
        let page = world.get(Some(&author), &format!("/referrals/{}/approve", sent.id)).await.body;
        assert!(page.contains("<h1 class=\"nhsuk-heading-l\">Before you can print a copy</h1>"), "{page}");
        let (insert, copy) = page.split_once("On the family’s copy").expect("two headings");
        let insert = insert.split_once("On the Red Book insert").expect("the other heading").1;
        assert!(insert.contains("Sings") && insert.contains("Present at signing"), "{insert}");
        for elsewhere in ["07700 900123", "CT1 2EH", "Markeragency", "Markerconcern"] {
            assert!(!insert.contains(elsewhere) && copy.contains(elsewhere), "{elsewhere}");
        }
        // The very words that are printed, whatever they are.
        let there = format!("/referrals/{}", sent.id);
        world.post(Some(&author), &format!("{there}/approve"), "safe=yes&version=1").await;
        for (paper, shown) in [("red-book", insert), ("copy", copy)] {
            let printed = world.get(Some(&author), &format!("{there}/{paper}")).await.body;
            let article = |page: &str| {
                let from = page.split_once("<article").expect("an article").1;
                without_tags(from.split_once("</article>").expect("its end").0)
            };
            assert_eq!(article(&printed), article(shown), "{paper}");
        }
    }

    fn without_tags(markup: &str) -> String {
        let words = markup.split('<').filter_map(|part| part.split_once('>'));
        words.map(|(_, words)| words.trim()).filter(|words| !words.is_empty()).collect::<Vec<_>>().join("\n")
    }

    #[tokio::test]
    async fn a_yes_to_an_older_version_approves_nothing() {
        let world = World::new().await;
        let author = world.person(Role::Practitioner, "").await;
        let case = Case { signed: false, ..Case::default() };
        let draft = world.draft(&author, &case).await;
        let held = world.sign_and_submit(&author, draft, false).await;
        let there = format!("/referrals/{}/approve", held.id);
        let shown = world.get(Some(&author), &there).await.body;
        assert!(shown.contains("has not been sent") && !shown.contains("name=\"version\""), "{shown}");
        for paper in ["copy", "red-book", "copy.pdf"] {
            let asked = world.get(Some(&author), &format!("/referrals/{}/{paper}", held.id)).await;
            assert_eq!(asked.status, StatusCode::SEE_OTHER, "no paper of what was not sent");
        }
        let whole = world.get(Some(&author), &format!("/referrals/{}/print", held.id)).await;
        assert_eq!(whole.status, StatusCode::NOT_FOUND);

        world.change(&author, draft, ("reason.concerns", "Markerlater")).await;
        let sent = world.sign_and_submit(&author, draft, true).await;
        assert_eq!((sent.id, sent.content_version), (held.id, 2));
        let late = world.post(Some(&author), &there, "safe=yes&version=1").await;
        assert_eq!(late.status, StatusCode::CONFLICT);
        assert!(late.body.contains("This was changed meanwhile"), "{}", late.body);
        assert_eq!(world.post(Some(&author), &there, "safe=yes").await.status, StatusCode::CONFLICT);
        assert_eq!(world.row(sent.id).await.print_approved_by, "");

        let again = world.get(Some(&author), &there).await.body;
        assert!(again.contains("name=\"version\" value=\"2\"") && again.contains("Markerlater"), "{again}");
        world.post(Some(&author), &there, "safe=yes&version=2").await;
        assert_eq!(world.row(sent.id).await.print_approved_by, author.id.to_string());
    }

    #[tokio::test]
    async fn what_was_approved_and_completed_since_is_not_printed() {
        let world = World::new().await;
        let author = world.person(Role::Practitioner, "").await;
        let relay = &world.site.relay;
        let draft = world.draft(&author, &Case { signed: false, ..Case::default() }).await;
        let held = world.sign_and_submit(&author, draft, false).await;
        let early = casework::approve_for_print(relay, &author, held.id, 1).await;
        assert!(matches!(early, Err(CaseworkError::Refused(_))), "{early:?}");
        world.change(&author, draft, ("reason.concerns", "Markerlater")).await;
        world.sign_and_submit(&author, draft, true).await;
        let opened = casework::open(relay, &author, held.id).await.expect("opens").referral;
        let unread = casework::printed(relay, &author, &opened, Paper::Copy).await;
        assert!(matches!(unread, Err(CaseworkError::Refused(_))), "{unread:?}");
        casework::approve_for_print(relay, &author, held.id, 2).await.expect("approves");
        casework::printed(relay, &author, &opened, Paper::Copy).await.expect("prints");
        let mut older = opened;
        older.content_version = 1;
        let stale = casework::printed(relay, &author, &older, Paper::Copy).await;
        assert!(matches!(stale, Err(CaseworkError::Conflict)), "{stale:?}");
    }

    #[tokio::test]
    async fn only_somebody_who_may_know_the_restricted_part_approves() {
        let world = World::new().await;
        let author = world.person(Role::Practitioner, "").await;
        let colleague = world.person(Role::Manager, "").await;
        let lead = world.person(Role::SafeguardingLead, "").await;
        let governance = world.person(Role::IgLead, "").await;
        let duty = world.person(Role::Duty, "canterbury").await;
        let flagged: &[(&str, &str)] = &[("abuse.concerns", "yes"), ("abuse.safe_contact", "07700 900456")];
        for restricted in [&[][..], flagged] {
            let sent = world.send(&author, Case { restricted, ..Case::default() }).await;
            let there = format!("/referrals/{}/approve", sent.id);
            let purpose = format!("reference={}&purpose=complaint&reason=They+rang.", sent.reference);
            world.post(Some(&governance), "/governance", &purpose).await;
            for (person, sentence) in
                [(&colleague, COLLEAGUE), (&duty, LINE), (&governance, "The setting that sent this")]
            {
                for page in [
                    world.get(Some(person), &there).await.body,
                    world.post(Some(person), &there, "safe=yes&version=1").await.body,
                ] {
                    assert!(page.contains(sentence) && !page.contains("name=\"safe\""), "{page}");
                }
                assert_eq!(world.row(sent.id).await.print_approved_by, "", "{}", person.name);
            }
            world.post(Some(&duty), &format!("/referrals/{}/restricted", sent.id), "").await;
            let page = world.get(Some(&duty), &there).await.body;
            assert!(page.contains("<h1 class=\"nhsuk-heading-l\">Approve words for print</h1>"), "{page}");
            world.post(Some(&duty), &there, "safe=yes&version=1").await;
            assert_eq!(world.row(sent.id).await.print_approved_by, duty.id.to_string());
        }
        for person in [&lead, &author] {
            let sent = world.send(&author, Case::default()).await;
            world.post(Some(person), &format!("/referrals/{}/approve", sent.id), "safe=yes&version=1").await;
            assert_eq!(world.row(sent.id).await.print_approved_by, person.id.to_string());
        }
    }

    #[tokio::test]
    async fn whoever_came_for_a_paper_is_brought_back_to_it() {
        let world = World::new().await;
        let author = world.person(Role::Practitioner, "").await;
        let duty = world.person(Role::Duty, "canterbury").await;
        for (person, wanted, end) in [
            (&author, "copy.pdf", "/copy?approved=yes"),
            (&author, "", "/copy?approved=yes"),
            (&author, "//elsewhere.example", "/copy?approved=yes"),
            (&duty, "red-book-2up.pdf", "/red-book?approved=yes"),
            (&duty, "", "?approved=yes"),
        ] {
            let sent = world.send(&author, Case::default()).await;
            let there = format!("/referrals/{}", sent.id);
            world.post(Some(&duty), &format!("{there}/restricted"), "").await;
            let form = format!("safe=yes&version=1&for={wanted}");
            let done = world.post(Some(person), &format!("{there}/approve"), &form).await;
            assert_eq!((done.status, done.location), (StatusCode::SEE_OTHER, format!("{there}{end}")));
            let page = world.get(Some(person), &format!("{there}{end}")).await.body;
            assert!(page.contains("The words are approved"), "{page}");
            assert!(!world.get(Some(person), &there).await.body.contains("The words are approved"));
        }
        let sent = world.send(&author, Case::default()).await;
        let there = format!("/referrals/{}", sent.id);
        let asked = world.get(Some(&author), &format!("{there}/copy.pdf")).await;
        assert_eq!(asked.location, format!("{there}/approve?for=copy.pdf"));
        let page = world.get(Some(&author), &asked.location).await.body;
        assert!(page.contains("name=\"for\" value=\"copy.pdf\""), "{page}");
        world.post(Some(&duty), &format!("{there}/restricted"), "").await;
        let early = world.get(Some(&duty), &format!("{there}?approved=yes&acknowledged=yes")).await.body;
        assert!(!early.contains("The words are approved") && !early.contains("The setting can see it."));
    }
}
