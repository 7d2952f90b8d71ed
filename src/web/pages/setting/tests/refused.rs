//! A refusal: recorded with its day, and nothing that tells of the child or the family leaves the setting.

use axum::http::StatusCode;

use super::support::*;
use crate::domain::people::Role;
use crate::domain::referral::State;

/// What stands in the form and may stand nowhere outside the setting.
const WORDS: [&str; 8] =
    ["Zofia", "Sample", "Ana", "07700 900123", "Dr Made-Up", "Few words", "9990000018", "CT1 2EH"];

fn nothing(page: &str, place: &str) {
    for words in WORDS {
        assert!(!page.contains(words), "{place} says {words}");
    }
}

async fn refused(robin: &Visitor) -> String {
    let draft = robin.written().await;
    let to = robin.before_signing(&draft, "parent", "no").await;
    assert!(to.ends_with("not-agreed?staff=yes"));
    let day = [("refused_on-day", "21"), ("refused_on-month", "11"), ("refused_on-year", "2026")];
    robin.send(&format!("{draft}/not-agreed"), &day).await
}

#[tokio::test]
async fn a_refusal_has_a_day_that_is_not_to_come_and_is_kept_with_it() {
    let town = Town::new().await;
    let robin = town.somebody("Robin Teacher", "Little Oaks").await;
    let draft = robin.written().await;
    let path = format!("{draft}/not-agreed");
    let page = robin.page(&format!("{path}?staff=yes")).await;
    assert!(
        page.contains("name=\"refused_on-day\" type=\"text\" inputmode=\"numeric\" value=\"23\""),
        "{page}"
    );
    assert!(page.contains(SOCIAL_CARE) && page.contains("999") && page.contains("your own support"));
    for (day, month) in [("31", "6"), ("24", "11"), ("", "")] {
        let fields = [("refused_on-day", day), ("refused_on-month", month), ("refused_on-year", "2026")];
        let answer = robin.post(&path, &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{day} {month}");
        assert!(answer.body.contains("There is a problem"));
    }
    assert!(town.sent_by(&robin).await.is_empty());
    let sent = refused(&robin).await;
    let row = town.sent_by(&robin).await.remove(0);
    assert_eq!((row.state, row.locality.as_str()), (State::Refused, ""));
    assert!(robin.page(&sent).await.contains("stays with your setting"));
    let view = robin.page(&format!("/referrals/{}", row.id)).await;
    assert!(
        view.contains("did not agree") && view.contains("21 November 2026") && view.contains(SOCIAL_CARE)
    );
}

#[tokio::test]
async fn nothing_that_identifies_leaves_the_setting_after_a_refusal() {
    let town = Town::new().await;
    let robin = town.somebody("Robin Teacher", "Little Oaks").await;
    refused(&robin).await;
    let row = town.sent_by(&robin).await.remove(0);
    let relay = &town.site.relay;
    let mut read = relay.store.read().await.expect("a read");
    let letters = crate::store::letters::about(&mut read, &row.reference).await.expect("reads");
    drop(read);
    assert!(letters.is_empty(), "no letter goes anywhere");
    let places: [(&str, Role, &[&str]); 6] = [
        ("Dee Duty", Role::Duty, &["/inbox", "/inbox/held", "/inbox/acknowledged"]),
        ("Lee Lead", Role::DutyLead, &["/inbox", "/inbox/held", "/break-glass"]),
        ("Rae Desk", Role::IntakeDesk, &["/desk", "/desk/mails"]),
        ("Gil Governance", Role::IgLead, &["/governance"]),
        ("Cam Commissioner", Role::Commissioner, &["/counts"]),
        ("Ada Auditor", Role::Auditor, &["/trail"]),
    ];
    for (name, role, paths) in places {
        let visitor = town.on_line(name, "canterbury", role).await;
        for path in paths {
            let answer = visitor.get(path).await;
            assert_eq!(answer.status, StatusCode::OK, "{name} {path}");
            nothing(&answer.body, path);
            assert!(path.starts_with("/trail") || !answer.body.contains(&row.reference), "{path}");
        }
        for path in ["", "/print", "/copy", "/red-book"] {
            let answer = visitor.get(&format!("/referrals/{}{path}", row.id)).await;
            assert!(answer.status != StatusCode::OK, "{name} opens {path}");
            nothing(&answer.body, path);
        }
    }
    let auditor = town.on_line("Uma Auditor", "canterbury", Role::Auditor).await;
    assert!(auditor.get("/trail").await.body.contains("Recorded that the parent or carer does not agree"));
}
