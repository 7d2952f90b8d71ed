//! After sending, a setting's restricted answers open to their author and the safeguarding lead, as they
//! are now: not to who once was either.

use dutyline::domain::ids::ReferralId;
use dutyline::domain::people::{Person, Role};
use sqlx::Connection as _;

use super::Area;
use crate::door::Browser;
use crate::support::{Engine, form, given_a_referral, organisation, person};

const SAFE: &str = "07700 900456";

async fn flagged(area: &Area) -> ReferralId {
    let raw = form(|raw| {
        raw.set("abuse.concerns", "yes");
        raw.set("abuse.safe_contact", SAFE);
    });
    given_a_referral(&area.world, &raw).await
}

async fn colleague(area: &Area, role: Role) -> Person {
    let office = dutyline::store::people::Organisation {
        id: area.world.sender.organisation,
        kind: "setting".to_owned(),
        name: "Sample Nursery".to_owned(),
        urn: String::new(),
        postcode: String::new(),
        phone: String::new(),
    };
    let address = format!("{}@setting1.example", role.code());
    person(&area.world.relay, &office, "A Colleague", role, "", &address).await
}

/// As a change of somebody's rights leaves the row.
async fn now_is(area: &Area, who: &Person, change: &str) {
    let mut conn = sqlx::SqliteConnection::connect(&area.world.database.url).await.expect("connects");
    let done = match change.split_once('=') {
        Some(("role", role)) => {
            sqlx::query("UPDATE person SET role = $1 WHERE id = $2").bind(role).bind(who.id.to_string())
        }
        Some(("organisation", id)) => sqlx::query("UPDATE person SET organisation_id = $1 WHERE id = $2")
            .bind(id)
            .bind(who.id.to_string()),
        _ => panic!("{change}"),
    };
    assert_eq!(done.execute(&mut conn).await.expect("runs").rows_affected(), 1);
    conn.close().await.expect("closes");
}

/// Every way to the words: the act itself, the sheet, the pages around it, the draft that was sent.
async fn reads(browser: &Browser, id: ReferralId) -> bool {
    let there = format!("/referrals/{id}");
    let act = browser.post(&format!("{there}/restricted"), "reason=Because").await;
    for answer in [
        browser.post(&format!("{there}/restricted-sheet"), "as=page").await,
        browser.post(&format!("/break-glass/{id}/restricted"), "reason=Because").await,
        browser.get(&there).await,
        browser.get(&format!("{there}/print")).await,
        browser.get(&format!("{there}/approve")).await,
        browser.get(&format!("{there}/copy")).await,
        browser.get(&format!("{there}/sent")).await,
        browser.get("/referrals").await,
    ] {
        assert!(!answer.body.contains(SAFE), "the words stand on another page");
    }
    let shown = act.body.contains(SAFE);
    assert_eq!(shown, act.status == 200, "{}", act.status);
    shown
}

#[tokio::test]
async fn the_author_and_the_safeguarding_lead_read_it_and_nobody_else_of_the_setting() {
    let area = Area::on(Engine::Sqlite).await;
    let id = flagged(&area).await;
    let author = Browser::of(&area.site, &area.world.sender).await;
    assert!(reads(&author, id).await, "the author");
    for (role, may) in [(Role::SafeguardingLead, true), (Role::Manager, false), (Role::Practitioner, false)] {
        let who = colleague(&area, role).await;
        assert_eq!(reads(&Browser::of(&area.site, &who).await, id).await, may, "{role:?}");
    }
    let elsewhere = organisation(&area.world.relay, "Third Nursery", "setting").await;
    let lead =
        person(&area.world.relay, &elsewhere, "L", Role::SafeguardingLead, "", "l@setting3.example").await;
    assert!(!reads(&Browser::of(&area.site, &lead).await, id).await, "another setting's lead");
    assert!(!reads(&Browser::of(&area.site, &area.world.other_sender).await, id).await);
    for who in [&area.world.swale, &area.other_lead, &area.world.desk, &area.world.auditor] {
        assert!(!reads(&Browser::of(&area.site, who).await, id).await, "{}", who.name);
    }
}

#[tokio::test]
async fn movers_leavers_and_former_leads_read_it_no_longer_in_an_open_session_either() {
    let area = Area::on(Engine::Sqlite).await;
    let id = flagged(&area).await;
    let author = Browser::of(&area.site, &area.world.sender).await;
    let other = area.world.other_sender.organisation.to_string();
    let home = area.world.sender.organisation.to_string();
    now_is(&area, &area.world.sender, &format!("organisation={other}")).await;
    assert!(!reads(&author, id).await, "moved to another setting");
    now_is(&area, &area.world.sender, "role=safeguarding-lead").await;
    assert!(!reads(&author, id).await, "and lead there");
    now_is(&area, &area.world.sender, &format!("organisation={home}")).await;
    now_is(&area, &area.world.sender, "role=manager").await;
    assert!(reads(&author, id).await, "back, and manager now: still its author");
    for role in ["auditor", "administrator", "commissioner", "intake-desk", "duty", "ig-lead"] {
        now_is(&area, &area.world.sender, &format!("role={role}")).await;
        assert!(!reads(&author, id).await, "{role}");
    }

    let reference = area.row(id).await.reference;
    let glass = Browser::of(&area.site, &area.other_lead).await;
    glass.post("/break-glass", &format!("reference={reference}&reason=x")).await;
    assert_eq!(glass.get(&format!("/referrals/{id}")).await.status, 200);
    for role in ["ig-lead", "duty", "administrator"] {
        now_is(&area, &area.other_lead, &format!("role={role}")).await;
        assert_eq!(glass.get(&format!("/referrals/{id}")).await.status, 404, "no lead any more: {role}");
    }

    let lead = colleague(&area, Role::SafeguardingLead).await;
    let browser = Browser::of(&area.site, &lead).await;
    assert!(reads(&browser, id).await);
    now_is(&area, &lead, "role=practitioner").await;
    assert!(!reads(&browser, id).await, "the former lead");
    now_is(&area, &lead, "role=safeguarding-lead").await;
    assert!(reads(&browser, id).await);
    let gone = lead.id;
    let disabled = area.world.relay.store.write(move |unit| {
        Box::pin(async move {
            dutyline::store::people::disable(unit, &dutyline::audit::Actor::operator(), gone).await
        })
    });
    disabled.await.expect("disabled");
    let answer = browser.post(&format!("/referrals/{id}/restricted"), "").await;
    assert!(answer.status == 303 && answer.location.starts_with("/sign-in"), "a disabled one has no session");
}
