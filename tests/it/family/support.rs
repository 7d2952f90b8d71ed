//! The steps of a family's story.

use std::sync::Arc;

use dutyline::casework;
use dutyline::delivery::{self, Post};
use dutyline::domain::agreement::{Agreement, CodeBy, Link as LinkUsed, Method, ReferrerSignature, Way};
use dutyline::domain::before::{Before, How};
use dutyline::domain::email::EmailAddress;
use dutyline::domain::family::{Channel, Contact, Purpose};
use dutyline::domain::form::Raw;
use dutyline::domain::ids::{CaseId, DraftId, ReferralId};
use dutyline::domain::referral::State;
use dutyline::mail::{Mailer, Memory, Message};
use dutyline::pipeline::by_link::{self, Answer};
use dutyline::pipeline::{drafts, submit};
use dutyline::store::family::{self as rows, Link};
use dutyline::store::referrals::{self, Referral};
use dutyline::text::{Captured, Memory as Texts, Texter};

use crate::support::{World, agreement, given_a_draft};

/// Where outgoing mail and texts are captured.
pub struct Out {
    pub mails: Memory,
    pub texts: Texts,
    post: Post,
}

impl Out {
    pub fn new() -> Self {
        let (mails, texts) = (Memory::default(), Texts::default());
        let post = Post {
            mailer: Arc::new(Mailer::Memory(mails.clone())),
            texter: Some(Arc::new(Texter::Memory(texts.clone()))),
        };
        Self { mails, texts, post }
    }

    /// Sends everything that is due.
    pub async fn run(&self, world: &World) {
        let settings = delivery::Settings {
            base_url: "https://relay.example".to_owned(),
            host: "relay.example".to_owned(),
            from: EmailAddress::parse("relay@relay.example").expect("an address"),
            from_name: "dutyline".to_owned(),
        };
        for _ in 0..100 {
            if delivery::run_one(&world.relay, &self.post, &settings).await.expect("runs")
                == delivery::Ran::Nothing
            {
                return;
            }
        }
        panic!("letters without end");
    }

    /// What went to this address.
    pub fn to(&self, address: &str) -> Vec<Message> {
        self.mails.kept().into_iter().filter(|mail| mail.to.to_string() == address).collect()
    }

    /// The words of every text, with the number.
    pub fn texted(&self) -> Vec<(String, String)> {
        let one = |text: &Captured| (text.text.to.as_typed().to_owned(), text.words.clone());
        self.texts.kept().iter().map(one).collect()
    }
}

pub const EMAIL: &str = "ana.parent@home.example";
pub const MOBILE: &str = "07700 900123";
pub const SAFE: &str = "07700 900456";

/// A contact: the link by mail, its code by text.
pub fn contact() -> Contact {
    Contact {
        by: Channel::Mail,
        email: EMAIL.to_owned(),
        phone: MOBILE.to_owned(),
        code_by: CodeBy::Text,
        language: "en".to_owned(),
        other: false,
    }
}

/// A draft whose referrer has signed, and whose parent is to sign by link.
pub async fn given_a_draft_for_later(world: &World, raw: &Raw, contact: Contact) -> DraftId {
    let draft = given_a_draft(world, raw).await;
    asked_for_later(world, draft, contact).await;
    draft
}

/// A draft is to be signed by link: its referrer has signed it.
pub async fn asked_for_later(world: &World, draft: DraftId, contact: Contact) {
    let (relay, sender) = (&world.relay, &world.sender);
    let before = Before { how: Some(How::Link), ..Before::default() };
    drafts::before_signing(relay, sender, draft, before).await.expect("is kept");
    drafts::ask_later(relay, sender, draft, contact).await.expect("is kept");
    let shown =
        drafts::open(relay, sender, draft).await.expect("opens").content.family(relay.context()).sha256();
    let signature = ReferrerSignature {
        printed_name: sender.name.clone(),
        content_sha256: shown,
        signed_on: relay.clock.now().day(),
        recorded_at: relay.clock.now(),
    };
    drafts::sign_as_referrer(relay, sender, draft, signature).await.expect("referrer signs");
}

/// The same, sent: the referral that waits, if it does.
pub async fn given_one_that_waits(world: &World, raw: &Raw, contact: Contact) -> ReferralId {
    let draft = given_a_draft_for_later(world, raw, contact).await;
    submit(&world.relay, &world.sender, draft).await.expect("is kept")
}

pub async fn row(world: &World, id: ReferralId) -> Referral {
    let mut read = world.relay.store.read().await.expect("reads");
    referrals::find(&mut read, id).await.expect("reads").expect("there")
}

/// The newest link of a case with a purpose.
pub async fn link_of(world: &World, case: CaseId, purpose: Purpose) -> Option<Link> {
    let mut read = world.relay.store.read().await.expect("reads");
    let links = rows::of_case(&mut read, case).await.expect("reads");
    links.into_iter().find(|link| link.purpose == purpose)
}

/// What a link is signed with.
pub async fn signature(world: &World, link: &Link, name: &str) -> Agreement {
    let open = by_link::open(&world.relay, link).await.expect("opens");
    let shown = open.content.family(world.relay.context()).sha256();
    Agreement {
        method: Method::RemoteLink,
        way: Way::Link(LinkUsed {
            link: link.id.to_string(),
            code_by: CodeBy::Text,
            sent_to: "•••123".to_owned(),
        }),
        ..agreement(world, &shown, name)
    }
}

/// The family signs by a link.
pub async fn when_they_sign(world: &World, link: &Link, name: &str) {
    let signed = signature(world, link, name).await;
    let answer = by_link::answer(&world.relay, link, Answer::Agrees(Box::new(signed))).await;
    answer.expect("is taken");
}

/// A referral that was signed by link and has the family's page, with its link.
pub async fn given_a_page_by_link(world: &World, raw: &Raw) -> (ReferralId, Link) {
    let id = given_one_that_waits(world, raw, contact()).await;
    let case = row(world, id).await.case;
    let link = link_of(world, case, Purpose::SignLater).await.expect("a link");
    when_they_sign(world, &link, "Niamh Sample").await;
    assert_eq!(row(world, id).await.state, State::Delivered);
    (id, link_of(world, case, Purpose::See).await.expect("a page"))
}

/// The family's page of a referral, given by its sender.
pub async fn given_a_page(world: &World, id: ReferralId) -> Link {
    let (relay, sender) = (&world.relay, &world.sender);
    let referral = row(world, id).await;
    casework::approve_for_print(relay, sender, id, referral.content_version).await.expect("approves");
    casework::give_page(relay, sender, id, contact()).await.expect("gives");
    link_of(world, referral.case, Purpose::See).await.expect("a link")
}

/// The token in the only link that a text of a mail or a text holds.
pub fn token_in(words: &str) -> String {
    let (_, rest) = words.split_once("https://relay.example/family/").expect("a link");
    rest.chars().take_while(char::is_ascii_hexdigit).collect()
}

/// The six digits in a text.
pub fn code_in(words: &str) -> String {
    let digits: Vec<char> = words.chars().collect();
    let at = digits.windows(6).position(|six| six.iter().all(char::is_ascii_digit)).expect("a code");
    digits[at..at + 6].iter().collect()
}
