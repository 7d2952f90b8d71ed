//! The family on its own phone: signing beside the setting's screen, in Arabic, with a finger; signing later
//! by a link and a code; its own page, on which it takes its agreement back and asks for something.

use dutyline_browser_tests::{Browser, Demo, Scripts};

use crate::answers::TYPED_FOR_STAFF;
use crate::byways::{SEND, written};

/// How often something is looked for that comes by itself.
const LOOKS: u32 = 200;

#[tokio::test]
async fn family_signs_on_its_phone_in_arabic() {
    let demo = Demo::start();
    let staff = Browser::open(&demo, "family-here", Scripts::On).await;
    staff.sign_in("Jo Sample").await;
    let draft = written(&staff).await;
    chosen(&staff, &draft, "phone").await;
    staff.fill("present", "Her key person").await;
    staff.fill("checked_how", "She brings the child every day").await;
    staff.press_at(SEND).await;
    staff.look_as_family("before-the-square", TYPED_FOR_STAFF).await;
    staff.press("Show the square and the code").await;
    staff.see("Waiting for them to open it").await;
    staff.look_as_family("square", TYPED_FOR_STAFF).await;
    let code = staff.cells(".dl-short-code").await.join(" ");

    let phone = Browser::open(&demo, "family-phone", Scripts::On).await;
    phone.becomes_a_phone();
    phone.visit("/sign").await;
    phone.fill("code", "ABCD EFGH").await;
    phone.press("Continue").await;
    phone.look("wrong-short-code").await;
    phone.fill("code", &code.to_lowercase()).await;
    phone.press("Continue").await;
    phone.look("start").await;
    phone.press("العربية").await;
    phone.look("start-arabic").await;
    phone.press("ابدأ").await;
    waits_for(&staff, "They have it open on their phone").await;
    phone.look_as_family("sign-arabic", TYPED_FOR_STAFF).await;
    phone.press("أوافق").await;
    phone.look_as_family("sign-arabic-slips", TYPED_FOR_STAFF).await;
    phone.fill("printed_name", "Ana Sample").await;
    phone.fill("relationship", "أم").await;
    phone.choose("parental_responsibility", "yes").await;
    phone.draw_with_a_finger().await;
    phone.press_at("main button[name=decision][value=agree]").await;
    assert_eq!(phone.path().await, "/sign/done?signed=yes");
    phone.look_as_family("thanks-arabic", TYPED_FOR_STAFF).await;
    waits_for(&staff, "Your signature").await;
    assert_eq!(staff.path().await, format!("{draft}/sign?staff=yes"), "the page goes on by itself");
    staff.see("Ana Sample").await;
}

#[tokio::test]
async fn family_signs_later_without_scripts_and_has_its_page() {
    let demo = Demo::start();
    let staff = Browser::open(&demo, "family-later", Scripts::On).await;
    staff.sign_in("Jo Sample").await;
    let draft = written(&staff).await;
    chosen(&staff, &draft, "link").await;
    staff.look_as_family("link", TYPED_FOR_STAFF).await;
    staff.press_at(SEND).await;
    staff.see("There is a problem").await;
    staff.look_as_family("link-slips", TYPED_FOR_STAFF).await;
    for (name, value) in [("by", "mail"), ("code_by", "text"), ("read", "yes")] {
        staff.choose(name, value).await;
    }
    staff.fill("email", "ana@home.example").await;
    staff.fill("phone", "07700 900123").await;
    staff.press_at(SEND).await;
    staff.look_as_family("sign-before-them", TYPED_FOR_STAFF).await;
    staff.fill("signature", "Jo Sample").await;
    staff.press_at(SEND).await;
    staff.visit(&format!("{draft}/staff-only?alone=yes")).await;
    for (name, value) in
        [("safeguarding.concerns", "no"), ("abuse.concerns", "no"), ("request.urgency", "soon")]
    {
        staff.choose(name, value).await;
    }
    staff.press("Send the referral").await;
    staff.see("Not sent yet").await;
    staff.look("waits").await;
    staff.visit(&format!("{draft}/link")).await;
    staff.look("link-waits").await;

    let phone = Browser::open(&demo, "family-own", Scripts::Off).await;
    let link = link_in(&staff, "A form for you to read").await;
    phone.visit(&link).await;
    phone.look("code").await;
    phone.press("Send me a code").await;
    phone.look("code-sent").await;
    phone.fill("code", "12").await;
    phone.press("Continue").await;
    phone.look("code-slip").await;
    phone.fill("code", &code_by_text(&staff).await).await;
    phone.press("Continue").await;
    phone.look_as_family("sign", TYPED_FOR_STAFF).await;
    phone.fill("printed_name", "Ana Sample").await;
    phone.fill("relationship", "Mother").await;
    phone.choose("parental_responsibility", "yes").await;
    phone.fill("signature-typed", "Ana Sample").await;
    phone.press("I agree and sign").await;
    phone.see("Thank you").await;
    phone.visit(&link).await;
    phone.look_at_failure("ended", 410).await;
    its_own_page(&phone, &staff).await;
    the_line_is_told(&demo).await;
}

/// Staff say that a parent agrees, in this way.
async fn chosen(staff: &Browser, draft: &str, how: &str) {
    staff.visit(&format!("{draft}/agreement")).await;
    staff.choose("signatory", "parent").await;
    staff.press_at(SEND).await;
    staff.choose("how", how).await;
    staff.press_at(SEND).await;
}

async fn its_own_page(phone: &Browser, staff: &Browser) {
    let link = link_in(staff, "Your page: what was shared").await;
    phone.visit(&link).await;
    phone.press("Send me a code").await;
    phone.fill("code", &code_by_text(staff).await).await;
    phone.press("Continue").await;
    phone.see("Who has read it").await;
    phone.look_as_family("what-was-shared", TYPED_FOR_STAFF).await;
    for (paper, name) in [("Your copy of the form", "copy"), ("The page for the Red Book", "red-book")] {
        phone.press(paper).await;
        phone.look_as_family(name, TYPED_FOR_STAFF).await;
        phone.visit(&link).await;
    }
    phone.press("Ask for a correction").await;
    phone.press("Send").await;
    phone.look("ask-slips").await;
    phone.choose("kind", "access").await;
    phone.press("Send").await;
    phone.see("We have passed it on").await;
    phone.press("Take back your agreement").await;
    phone.look("take-back").await;
    phone.choose("scope", "everything").await;
    phone.press("Take it back now").await;
    phone.see("You took back your agreement").await;
    phone.look_as_family("taken-back", TYPED_FOR_STAFF).await;
    phone.press("Close my page").await;
    phone.see("Your page is closed").await;
    staff.visit("/referrals").await;
    staff.look("your-referrals-taken-back").await;
}

async fn the_line_is_told(demo: &Demo) {
    let line = Browser::open(demo, "family-line", Scripts::On).await;
    line.sign_in("Lee Leading").await;
    line.visit("/inbox/taken-back").await;
    line.look("taken-back").await;
    line.sign_in("Ira Guardian").await;
    line.visit("/governance/asks").await;
    line.see("A copy of all that is held").await;
    line.look("requests").await;
    line.press("A copy of all that is held").await;
    line.look("request").await;
    line.press("It was answered").await;
    line.see("Nothing is open").await;
}

/// Waits until a page that goes on by itself says this.
async fn waits_for(browser: &Browser, words: &str) {
    for _ in 0..LOOKS {
        // The source comes at one moment; an element may be gone while its words are read.
        if browser.source().await.contains(words) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("{} never said {words}", browser.path().await);
}

/// The path in the newest captured mail with this subject.
async fn link_in(staff: &Browser, subject: &str) -> String {
    for _ in 0..LOOKS {
        staff.visit("/demo/mail").await;
        if staff.says(subject).await {
            staff.press(subject).await;
            let words = staff.words().await;
            let from = words.find("/family/").expect("a link");
            return words[from..].split_whitespace().next().unwrap_or_default().to_owned();
        }
    }
    panic!("no mail {subject}");
}

/// The code in the newest captured text.
async fn code_by_text(staff: &Browser) -> String {
    for _ in 0..LOOKS {
        staff.visit("/demo/mail").await;
        let words = staff.words().await;
        if let Some((_, rest)) = words.split_once("Your code is ") {
            return rest.chars().take(6).collect();
        }
    }
    panic!("no code");
}
