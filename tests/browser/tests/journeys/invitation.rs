//! The link of an invitation: a mail filter uses nothing up, one person does, and whoever comes later is
//! told what to do.

use dutyline_browser_tests::{Browser, Scripts, Served};

/// The ones who are invited.
const JO: &str = "jo@meadow.example";
const MAX: &str = "max@meadow.example";
/// Nobody's guess.
const PASSWORD: &str = "kettle marble owl eighty";

#[tokio::test]
async fn an_invitation() {
    let served = Served::start();
    let manager = Browser::at(&served.web, "invitation-manager", Scripts::On).await;
    manager.visit(&served.link(Served::MANAGER)).await;
    manager.press("Sign in").await;
    invites(&manager, "Jo Sample", JO).await;
    let link = served.mailed_path(JO, "/invitation/");
    let browser = Browser::at(&served.web, "invitation", Scripts::On).await;
    is_used_by_a_person_only(&served, &browser, &link).await;
    is_used_once(&served, &link).await;
    is_sent_again(&served, &manager, &browser, &link).await;
    ends_after_a_week(&served, &manager).await;
    a_link_of_the_command_line_ends_too(&served).await;
}

async fn invites(manager: &Browser, name: &str, email: &str) {
    manager.visit("/setting/people/new").await;
    manager.fill("name", name).await;
    manager.fill("email", email).await;
    manager.choose("role", "practitioner").await;
    manager.press("Invite").await;
    manager.see(name).await;
}

async fn is_used_by_a_person_only(served: &Served, browser: &Browser, link: &str) {
    for _ in 0..5 {
        assert_eq!(served.scanned(link), "200", "a filter that opens links");
    }
    browser.visit(link).await;
    browser.visit(link).await;
    browser.see("Jo Sample, you are invited to dutyline for Meadow Nursery").await;
    browser.look("invitation").await;
    browser.press("Accept").await;
    assert_eq!(browser.path().await, "/account/set-up");
    browser.visit("/referrals").await;
    assert_eq!(browser.path().await, "/account/set-up", "nothing else before that");
}

async fn is_used_once(served: &Served, link: &str) {
    let stranger = Browser::at(&served.web, "invitation-used", Scripts::On).await;
    stranger.visit(link).await;
    stranger.see("This link has ended").await;
    stranger.look_at_failure("used", 410).await;
    stranger.press("Go to sign in").await;
    assert_eq!(stranger.path().await, "/sign-in");
}

/// Jo was called away before anything was set up: the manager sends the invitation again.
async fn is_sent_again(served: &Served, manager: &Browser, browser: &Browser, link: &str) {
    browser.forget_everything().await;
    browser.visit("/account/set-up").await;
    assert!(browser.path().await.starts_with("/sign-in"));
    manager.visit("/setting/people").await;
    manager.press("Jo Sample").await;
    manager.press("Send an invitation").await;
    let again = served.mailed_path(JO, "/invitation/");
    assert_ne!(again, link);
    browser.visit(&again).await;
    browser.press("Accept").await;
    browser.fill("password", PASSWORD).await;
    browser.press("Continue").await;
    browser.visit("/account/set-up").await;
    browser.see("Choose a second way").await;
    browser.press("Use a code by email").await;
    browser.press("I have kept them").await;
    browser.press("Start").await;
    assert_eq!(browser.path().await, "/referrals");
}

async fn ends_after_a_week(served: &Served, manager: &Browser) {
    invites(manager, "Max Sample", MAX).await;
    let link = served.mailed_path(MAX, "/invitation/");
    let max = Browser::at(&served.web, "invitation-old", Scripts::On).await;
    max.visit(&link).await;
    served.later(7 * 24 * 60);
    max.press("Accept").await;
    max.see("This link has ended").await;
    max.look_at_failure("too-old", 410).await;
    max.visit("/account/set-up").await;
    assert!(max.path().await.starts_with("/sign-in"), "nobody is signed in");
}

async fn a_link_of_the_command_line_ends_too(served: &Served) {
    let link = served.link(Served::NURSE);
    let nurse = Browser::at(&served.web, "invitation-command-line", Scripts::On).await;
    assert_eq!(served.scanned(&link), "200");
    nurse.visit(&link).await;
    nurse.press("Sign in").await;
    assert_eq!(nurse.path().await, "/inbox");
    nurse.press("Sign out").await;
    nurse.visit(&link).await;
    nurse.press("Sign in").await;
    nurse.see("This link has ended").await;
    nurse.look_at_failure("used", 410).await;
}
